"""Copy a spec, its modules and its data into the run's directory."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from slubtla.errors import SpecError, UsageError
from slubtla.tlc.text.tla import modules_reached, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MOST_BYTES = 64 << 20
"""The largest file of data that is copied into a run's directory."""

KEPT_NAMES = frozenset(
    {
        "argv.json",
        "result.json",
        "server.err",
        "server.out",
        "states.dot",
        "tlc.err",
        "tlc.out",
        "trace.itf.json",
        "unfinished.json",
        "watched.err",
        "watched.out",
    }
)
"""What a run's directory may hold beside the specification."""


def stage_spec(spec: Path, workdir: Path, library: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Copy ``spec``, and the modules that it reaches, into ``workdir``.

    Returns:
        The files in ``workdir``, the root first, then by name.

    Raises:
        As :func:`spec_files` and :func:`stage_file`.
    """
    return tuple(stage_file(path, workdir) for path in spec_files(spec, library))


def spec_files(spec: Path, library: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return ``spec``, and the modules beside it, or in a library, that it reaches.

    A module is reached if one that is reached names it after ``EXTENDS`` or ``INSTANCE``.

    Args:
        spec: the root module.
        library: folders to look for modules in that do not lie beside ``spec``; the first wins. A
            file is the module of its name wherever else there is one.

    Returns:
        The files, the root first, then by name.

    Raises:
        SpecError: one of them cannot be read.
    """
    beside: dict[str, Path] = {}
    for folder in (spec.absolute().parent, *library):
        beside = {path.stem: path for path in folder.glob("*.tla")} | beside
    beside |= {path.stem: path for path in library if path.is_file()}
    beside.pop(spec.stem, None)
    reached = modules_reached(
        [_text(spec)], lambda name: _text(beside[name]) if name in beside else None
    )
    return (spec, *(beside[name] for name in sorted(reached)))


def stage_file(source: Path, workdir: Path) -> Path:
    """Copy one file into ``workdir``; a file that is there already must be the same.

    Raises:
        SpecError: it cannot be read.
        UsageError: ``workdir`` holds another file of the same name.
    """
    data = _read(source)
    workdir.mkdir(parents=True, exist_ok=True)
    target = workdir / source.name
    try:
        with target.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        if target.read_bytes() != data:
            raise UsageError(
                f"{target} exists and differs from {source}",
                next_step="give each run a directory of its own, or name the file that is there",
            ) from error
    return target


def data_files(modules: Iterable[Path]) -> dict[str, Path]:
    """Return the files that the strings of some modules name, by the names that stand there.

    A specification may read them while it is checked (``JsonDeserialize``, ``IODeserialize``, …).
    Only regular files in or below the folder of a module count, and no modules and cfgs.

    Raises:
        SpecError: a module cannot be read.
    """
    found: dict[str, Path] = {}
    for module in modules:
        for token in tokens_of(_text(module)):
            name = token.text[1:-1]
            relative = PurePosixPath(name)
            inside = name and not relative.is_absolute() and ".." not in relative.parts
            if not (token.text.startswith('"') and inside) or relative.suffix in {".tla", ".cfg"}:
                continue
            file = module.absolute().parent / name
            if _is_regular(file):
                found.setdefault(str(relative), file)
    return found


def stage_data(modules: Iterable[Path], workdir: Path) -> None:
    """Copy the files that the strings of some modules name into ``workdir``.

    Raises:
        SpecError: one is too large to be copied, or named as a file that a run keeps there.
        As :func:`stage_file`.
    """
    for name, file in data_files(modules).items():
        target = workdir / name
        if target.exists() and target.samefile(file):
            continue
        if name in KEPT_NAMES:
            raise SpecError(
                f"{file}: a run keeps a file of its own under this name",
                next_step="give the data another name",
            )
        if file.stat().st_size > MOST_BYTES:
            raise SpecError(
                f"{file}: the specification names it, and it has more than {MOST_BYTES:,} bytes, "
                "which are not copied into a run's directory",
                next_step="name it by an absolute path in the specification",
            )
        stage_file(file, target.parent)


def _is_regular(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):  # too long a name, or a NUL in it
        return False


def _text(path: Path) -> str:
    return _read(path).decode("utf-8", errors="replace")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SpecError(
            f"{path}: {error.strerror}", next_step="name a file that exists and can be read"
        ) from error
