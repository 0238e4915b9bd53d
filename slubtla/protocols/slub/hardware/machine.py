"""Describe this machine, and choose two of its CPUs for the race."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from slubtla.errors import CannotRunError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceHost:
    """The machine of a race.

    Attributes:
        kernel: system and release.
        processor: the CPU's name, or the architecture where it has none.
        virtual: whether it is a virtual machine; None where that is not known.
        cpus: the CPUs that this process may use.
        load: the load average of the minute before the race; None where it is not known.
    """

    kernel: str
    processor: str
    virtual: bool | None
    cpus: tuple[int, ...]
    load: float | None = None

    @property
    def busy(self) -> bool:
        """Whether other programs may have taken time from the two CPUs of the race."""
        return self.load is not None and self.load > len(self.cpus) - 1.5


def read_machine() -> RaceHost:
    """Describe this machine.

    Raises:
        CannotRunError: it is not Linux.
    """
    if sys.platform != "linux":
        raise CannotRunError(
            f"the race needs Linux, and this is {platform.system()}: it pins threads to CPUs and "
            "calls membarrier(2)",
            next_step="run it on a Linux machine, or in a Linux virtual machine with 2 CPUs",
        )
    name, virtual = read_cpuinfo(_text(Path("/proc/cpuinfo")))
    return RaceHost(
        kernel=f"{platform.system()} {platform.release()}",
        processor=name or platform.machine(),
        virtual=virtual,
        cpus=tuple(sorted(os.sched_getaffinity(0))),
        load=os.getloadavg()[0],
    )


def read_cpuinfo(text: str) -> tuple[str, bool | None]:
    """Read ``/proc/cpuinfo``: the name of the first CPU, and x86's flag "hypervisor"."""
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    virtual = "hypervisor" in flags[1].split() if flags is not None else None
    return (" ".join(name[1].split()) if name is not None else "", virtual)


def thread_siblings(cpu: int) -> set[int]:
    """Return the CPUs of the same core, ``cpu`` included, from the kernel's topology files."""
    folder = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology")
    return read_cpu_list(_text(folder / "thread_siblings_list")) | {cpu}


def read_cpu_list(text: str) -> set[int]:
    """Read a set of CPUs as the kernel writes it: ``0,4-6``."""
    ranges = re.findall(r"(\d+)(?:-(\d+))?", text)
    return {cpu for low, high in ranges for cpu in range(int(low), int(high or low) + 1)}


def choose_cpus(
    allowed: Collection[int],
    wanted: tuple[int, int] | None = None,
    siblings: Callable[[int], Collection[int]] = thread_siblings,
) -> tuple[int, int]:
    """Choose the put's CPU and the shrink's: on two cores if there are two.

    Args:
        allowed: the CPUs that this process may use.
        wanted: what the user asked for.
        siblings: returns the CPUs of a CPU's core.

    Raises:
        CannotRunError: there is only one CPU.
        UsageError: ``wanted`` is not two different CPUs of ``allowed``.
    """
    if len(allowed) < 2:  # noqa: PLR2004  # a race takes two
        raise CannotRunError(
            "the race needs 2 CPUs, and this process may use only one: the two sides would take "
            "turns, and nothing could be seen",
            next_step="run it where 2 CPUs are, or widen the affinity (see `taskset -p`)",
        )
    if wanted is not None:
        first, second = wanted
        if first == second or not {first, second} <= set(allowed):
            raise UsageError(
                f"--cpus {first},{second}: not two different CPUs that this process may use",
                next_step=f"choose two of: {', '.join(map(str, sorted(allowed)))}",
            )
        return wanted
    first, *others = sorted(allowed)
    same_core = set(siblings(first))
    return first, next((cpu for cpu in others if cpu not in same_core), others[0])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
