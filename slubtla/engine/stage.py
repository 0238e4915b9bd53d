"""Copy what a run needs into the run's directory, so that nothing is written anywhere else."""

from __future__ import annotations

import contextlib
import re
import zipfile
from typing import TYPE_CHECKING

from slubtla.engine.tla_text import split_comments
from slubtla.errors import SpecError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_WORD = re.compile(r"\w+", re.ASCII)


def stage_spec(spec: Path, workdir: Path, library: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Copy ``spec``, and the modules that it reaches, into ``workdir``.

    Args:
        spec: the root module; one that already lies in ``workdir`` stays as it is.
        workdir: the run's directory; made if missing.
        library: folders to look for modules in that do not lie beside ``spec``; the first wins.

    Returns:
        The files in ``workdir``, the root first, then by name.

    Raises:
        SpecError: the spec cannot be read.
        UsageError: ``workdir`` holds another file of the same name.
    """
    return tuple(stage_file(path, workdir) for path in spec_files(spec, library))


def spec_files(spec: Path, library: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return ``spec``, and the modules beside it, or in a library, that it reaches.

    A module is reached if its name occurs as a word in the code of one that is. That takes too much
    at times (an operator of that name), never too little, and needs no parser for ``EXTENDS`` and
    ``INSTANCE``.

    Args:
        spec: the root module.
        library: folders to look for modules in that do not lie beside ``spec``; the first wins.

    Returns:
        The files, the root first, then by name.

    Raises:
        SpecError: one of them cannot be read.
    """
    beside: dict[str, Path] = {}
    for folder in (spec.absolute().parent, *library):
        beside = {path.stem: path for path in folder.glob("*.tla")} | beside
    reached = {spec.stem: spec}
    unread = [spec]
    while unread:
        text = _read(unread.pop()).decode("utf-8", errors="replace")
        new = (set(_WORD.findall(split_comments(text).code)) & beside.keys()) - reached.keys()
        reached |= {name: beside[name] for name in new}
        unread += [beside[name] for name in sorted(new)]
    others = sorted(reached.keys() - {spec.stem})
    return tuple(reached[name] for name in [spec.stem, *others])


def modules_in_jars(jars: Iterable[Path]) -> list[str]:
    """Return the texts of the modules in jars, where TLC looks for them, too.

    Raises:
        UsageError: one of them is no jar.
    """
    texts: list[str] = []
    for jar in jars:
        with _opened(jar) as archive:
            names = [name for name in archive.namelist() if name.endswith(".tla")]
            texts += [archive.read(name).decode("utf-8", "replace") for name in names]
    return texts


def classes_in_jars(jars: Iterable[Path]) -> list[str]:
    """Return the names of the classes of modules in jars: those of no package.

    Raises:
        UsageError: one of them is no jar.
    """
    names: list[str] = []
    for jar in jars:
        with _opened(jar) as archive:
            own = (name for name in archive.namelist() if name.endswith(".class"))
            names += [name for name in own if "/" not in name and name != "module-info.class"]
    return names


@contextlib.contextmanager
def _opened(jar: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(jar) as archive:
            yield archive
    except (OSError, zipfile.BadZipFile) as error:
        raise UsageError(f"{jar} is no jar: {error}", next_step="name a whole jar") from error


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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SpecError(
            f"{path}: {error.strerror}", next_step="name a file that exists and can be read"
        ) from error
