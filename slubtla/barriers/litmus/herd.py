"""Run herd7, the simulator of the kernel's memory model, where it is installed.

herd7 is no part of slubtla and is looked for only when it is asked for. The model is that of the
kernel tree: ``tools/memory-model/linux-kernel.cfg`` names three more files (``.def``, ``.bell``,
``.cat``), which herd7 looks for in its working directory, then where ``-I`` says, then in
``$HERDLIB`` or its own library (``herd7 -libdir``). So a configuration file that is there brings
its own directory along as ``-I``; a mere name that is not is left for herd7 to find.

Source: ``herd/herd.ml`` and ``lib/myLib.ml`` of herdtools7; ``tools/memory-model/README`` of Linux.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.litmus.errors import HerdError
from slubtla.barriers.litmus.herd_output import HerdOutcome, read_herd
from slubtla.barriers.litmus.syntax import Litmus
from slubtla.errors import ToolchainError, UsageError
from slubtla.tlc.engine.process import ProgramRun, run_program

PROGRAM: Final = "herd7"
CONF: Final = "linux-kernel.cfg"
"""The kernel's memory model, by the name of its configuration file."""

SECONDS: Final = 60.0
"""For one test, unless told otherwise; the kernel's own scripts allow as much."""

_VERSION_SECONDS: Final = 30.0
_MOST_WORDS: Final = 12
_UNFINISHED: Final = "outcomes may be missing"
_GET_MODEL: Final = (
    "name the kernel's model: --herd-conf LINUX/tools/memory-model/linux-kernel.cfg, of any kernel "
    "tree from v4.17 on"
)


@dataclass(frozen=True, slots=True)
class Herd:
    """A herd7 that answers.

    Attributes:
        program: by absolute path.
        version: what it says of itself, e.g. ``"7.57, Rev: exported"``.
        conf: the configuration file; absolute if it is a file here.
        timeout: wall seconds for one test.
    """

    program: Path
    version: str
    conf: str = CONF
    timeout: float = SECONDS

    def argv(self, test: Path) -> list[str]:
        """Return the command line for a test."""
        folder = Path(self.conf).parent
        includes = ["-I", str(folder)] if folder.is_absolute() else []
        return [str(self.program), *includes, "-conf", self.conf, str(test.absolute())]

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints of it."""
        return {"program": str(self.program), "version": self.version, "conf": self.conf}


def find_herd(
    conf: str = CONF, *, timeout: float | None = None, environ: Mapping[str, str] = os.environ
) -> Herd:
    """Find herd7 on PATH, and ask for its version.

    Args:
        conf: the configuration file: one that is here, or a name that herd7 finds by itself.
        timeout: wall seconds for each test; :data:`SECONDS` when None.
        environ: where ``PATH`` is.

    Raises:
        ToolchainError: there is no herd7.
        HerdError: what is there does not answer.
        UsageError: ``conf`` is a path to no file.
    """
    if Path(conf).is_file():
        conf = str(Path(conf).absolute())
    elif Path(conf).name != conf:
        raise UsageError(f"--herd-conf {conf}: there is no such file", next_step=_GET_MODEL)
    found = shutil.which(PROGRAM, path=environ.get("PATH", os.defpath))
    if found is None:
        raise ToolchainError(
            "herd7 is not on PATH",
            next_step="install herdtools7 (with OCaml's opam: `opam install herdtools7`; source: "
            "https://github.com/herd/herdtools7), or leave out --herd: slubtla needs it for "
            "nothing else",
        )
    program = Path(found).absolute()
    with tempfile.TemporaryDirectory(prefix="slubtla-herd-") as folder:
        run = run_program(
            [str(program), "-version"],
            folder=Path(folder),
            name="version",
            timeout=_VERSION_SECONDS,
        )
    if run.timed_out or run.returncode != 0 or not run.stdout.strip():
        raise HerdError(
            _failed([str(program), "-version"], run, _VERSION_SECONDS),
            next_step="see that it is herd7 of herdtools7, and that it works",
        )
    return Herd(program, run.stdout.split("\n", 1)[0].strip(), conf, timeout or SECONDS)


def run_herd(herd: Herd, tests: Sequence[Litmus]) -> tuple[HerdOutcome, ...]:
    """Run herd7 on the file of each test, one after the other.

    Args:
        herd: with what.
        tests: tests that were read from files.

    Returns:
        An outcome for each test, in order.

    Raises:
        HerdError: herd7 fails, does not end in time, or prints what is no verdict.
    """
    with tempfile.TemporaryDirectory(prefix="slubtla-herd-") as folder:
        return tuple(
            _run(herd, test, Path(folder), f"test{number}") for number, test in enumerate(tests)
        )


def _run(herd: Herd, test: Litmus, folder: Path, name: str) -> HerdOutcome:
    argv = herd.argv(Path(test.file))
    run = run_program(argv, folder=folder, name=name, timeout=herd.timeout)
    # herd7 7.56 ends with 0 even when it has refused a test; then it prints nothing.
    refused = run.returncode != 0 or not run.stdout.strip() or _UNFINISHED in run.stderr
    if run.timed_out or refused:
        raise HerdError(
            _failed(argv, run, herd.timeout),
            next_step="give it more time with --timeout"
            if run.timed_out
            else f"if herd7 does not find the model, {_GET_MODEL}",
        )
    warnings = tuple(line for line in run.stderr.splitlines() if line.strip())
    return read_herd(run.stdout, test, warnings)


def _failed(argv: Sequence[str], run: ProgramRun, seconds: float) -> str:
    """How it ended, and its own words: the last of them, which say why."""
    end = f"did not end in {seconds:g} s" if run.timed_out else f"ended with {run.returncode}"
    said = (run.stderr.strip() or run.stdout.strip() or "and said nothing").splitlines()
    return "\n".join([f"{shlex.join(argv)} {end}:", *said[-_MOST_WORDS:]])
