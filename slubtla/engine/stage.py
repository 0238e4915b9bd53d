"""Copy what a run needs into the run's directory, so that nothing is written anywhere else."""

from __future__ import annotations

import contextlib
import zipfile
from typing import TYPE_CHECKING

from slubtla.engine.tla_text import modules_named
from slubtla.errors import SpecError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_STANDARD = "tla2sany/StandardModules"


def stage_spec(spec: Path, workdir: Path) -> tuple[Path, ...]:
    """Copy ``spec``, and the modules beside it that it reaches, into ``workdir``.

    Args:
        spec: the root module; one that already lies in ``workdir`` stays as it is.
        workdir: the run's directory; made if missing.

    Returns:
        The files in ``workdir``, the root first, then by name.

    Raises:
        SpecError: the spec cannot be read.
        UsageError: ``workdir`` holds another file of the same name.
    """
    return tuple(stage_file(path, workdir) for path in spec_files(spec))


def spec_files(spec: Path) -> tuple[Path, ...]:
    """Return ``spec``, and the modules beside it that it reaches.

    A module is reached if one that is reached names it after ``EXTENDS`` or ``INSTANCE``.

    Args:
        spec: the root module.

    Returns:
        The files, the root first, then by name.

    Raises:
        SpecError: one of them cannot be read.
    """
    beside = {path.stem: path for path in spec.absolute().parent.glob("*.tla")}
    reached = {spec.stem: spec}
    unread = [spec]
    while unread:
        text = _read(unread.pop()).decode("utf-8", errors="replace")
        new = (set(modules_named(text)) & beside.keys()) - reached.keys()
        reached |= {name: beside[name] for name in new}
        unread += [beside[name] for name in sorted(new)]
    others = sorted(reached.keys() - {spec.stem})
    return tuple(reached[name] for name in [spec.stem, *others])


def standard_modules(jar: Path, modules: Iterable[str]) -> list[str]:
    """Return the texts of TLA+'s standard modules that some modules reach.

    Args:
        jar: ``tla2tools.jar``, which holds them.
        modules: the texts of the modules.
    """
    texts: dict[str, str] = {}
    unread = [name for text in modules for name in modules_named(text)]
    with zipfile.ZipFile(jar) as archive:
        while unread:
            name = unread.pop()
            with contextlib.suppress(KeyError):
                if name not in texts:
                    data = archive.read(f"{_STANDARD}/{name}.tla")
                    texts[name] = data.decode("utf-8", "replace")
                    unread += modules_named(texts[name])
    return list(texts.values())


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
