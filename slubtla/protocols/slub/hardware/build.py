"""Find the system's C compiler, and compile ``race.c`` with it, anew for each call."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slubtla.errors import CannotRunError
from slubtla.tlc.engine.process import run_program

SOURCES: Final = tuple(
    Path(__file__).with_name(name) for name in ("race.c", "variants.h", "threads.h")
)
"""The program first, then what it includes."""

CANDIDATES: Final = ("cc", "gcc", "clang")
FLAGS: Final = ("-std=c11", "-O2", "-pthread")

_VERSION_SECONDS: Final = 30.0
_COMPILE_SECONDS: Final = 120.0
_ERROR_LINES: Final = 12


@dataclass(frozen=True, slots=True)
class Compiler:
    """A C compiler.

    Attributes:
        command: the program, by absolute path, and the options in ``$CC``.
        origin: where it was found, e.g. ``"$CC"`` or ``"gcc on PATH"``.
    """

    command: tuple[str, ...]
    origin: str

    def argv(self, program: Path) -> list[str]:
        """The command line that compiles the sources into ``program``."""
        return [*self.command, *FLAGS, "-o", str(program), str(SOURCES[0])]


def find_compiler(environ: Mapping[str, str] = os.environ) -> Compiler:
    """Find the compiler: ``$CC`` if it is set, else the first of cc, gcc and clang on PATH.

    Raises:
        CannotRunError: there is none.
    """
    path = environ.get("PATH", os.defpath)
    wanted = environ.get("CC", "").strip()
    if wanted:
        try:
            name, *options = shlex.split(wanted)
        except ValueError:
            name, options = wanted, []
        found = shutil.which(name, path=path)
        if found is None:
            raise CannotRunError(
                f"no C compiler: $CC says {wanted!r}, which is no program here",
                next_step="set CC to a C compiler, or unset it and have cc, gcc or clang on PATH",
            )
        return Compiler((str(Path(found).absolute()), *options), "$CC")
    for name in CANDIDATES:
        found = shutil.which(name, path=path)
        if found is not None:
            return Compiler((str(Path(found).absolute()),), f"{name} on PATH")
    raise CannotRunError(
        "no C compiler: $CC is not set, and none of cc, gcc, clang is on PATH",
        next_step="install one (Debian, Ubuntu: apt install gcc libc6-dev; "
        "Fedora: dnf install gcc), or name one in CC",
    )


def compiler_version(compiler: Compiler, folder: Path) -> str:
    """Return the first line of ``--version``, or the compiler's path."""
    run = run_program(
        [*compiler.command, "--version"], folder=folder, name="version", timeout=_VERSION_SECONDS
    )
    lines = run.stdout.strip().splitlines()
    return lines[0] if run.returncode == 0 and lines else compiler.command[0]


def compile_race(compiler: Compiler, folder: Path) -> Path:
    """Compile the race.

    Args:
        compiler: with what.
        folder: a new folder, for the program and the compiler's output.

    Returns:
        The program.

    Raises:
        CannotRunError: the compiler refuses, or takes too long; its messages are shown.
    """
    program = folder / "race"
    run = run_program(
        compiler.argv(program), folder=folder, name="compile", timeout=_COMPILE_SECONDS
    )
    if run.timed_out:
        raise CannotRunError(
            f"{compiler.command[0]} did not compile the race in {_COMPILE_SECONDS:g} s",
            next_step="see what the machine is busy with, or name another compiler in CC",
        )
    if run.returncode != 0 or not program.is_file():
        said = (run.stderr.strip() or run.stdout.strip()).splitlines()[:_ERROR_LINES]
        raise CannotRunError(
            "\n".join(
                [f"{shlex.join(compiler.argv(program))} ended with {run.returncode}:", *said]
            ),
            next_step="it needs C11 and the C library's headers (Debian: apt install libc6-dev); "
            "or name another compiler in CC",
        )
    return program


def sources_sha256() -> str:
    """Return the digest of all sources."""
    digest = hashlib.sha256()
    for source in SOURCES:
        digest.update(source.read_bytes())
    return digest.hexdigest()
