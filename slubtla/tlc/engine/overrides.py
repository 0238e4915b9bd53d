"""Java beside a specification that would take part if TLC were started there by hand."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from slubtla.errors import SpecError

_INDEX: Final = "tlc2/overrides/TLCOverrides.class"
"""The class that lists the annotated operators (``@TLAPlusOperator``) of a class path."""


def require_no_overrides(files: Iterable[Path], classpath: Sequence[Path] = ()) -> None:
    """Refuse a specification whose operators Java would replace where nobody loads that Java here.

    TLC evaluates an operator of the module M by a static method of a class M, or of one that
    ``TLCOverrides`` names, if the class path has it. Otherwise it evaluates the definition: another
    specification.

    Args:
        files: the modules that the specification reaches.
        classpath: the jars that are on the class path of the run.

    Raises:
        SpecError: such a class, or a jar with one, lies beside the modules.
    """
    files = tuple(files)
    loaded = {jar.resolve() for jar in classpath}
    known = {name for jar in classpath for name in _classes(jar)}
    modules = sorted({file.stem for file in files})
    for folder in sorted({file.absolute().parent for file in files}):
        for name in (*(f"{module}.class" for module in modules), "TLCOverrides.class", _INDEX):
            if (folder / name).is_file() and name not in known:
                _refuse(folder / name, "is a Java class", "put it into a jar and name that")
        for jar in sorted(folder.glob("*.jar")):
            if jar.resolve() not in loaded and _overrides(jar, modules):
                _refuse(jar, "holds Java classes", "name it")


def _refuse(file: Path, what: str, how: str) -> None:
    raise SpecError(
        f"{file} {what} that may replace operators of the specification, and would not be loaded: "
        "TLC would check the definitions instead",
        next_step=f"{how}: --classpath JAR; or move it away",
    )


def _overrides(jar: Path, modules: Sequence[str]) -> bool:
    """Whether a jar, which is not TLC's own, may replace operators of the modules."""
    classes = _classes(jar)
    if "tlc2/TLC.class" in classes:
        return False
    wanted = {_INDEX, *(f"{module}.class" for module in modules)}
    return bool(wanted & classes)


def _classes(jar: Path) -> frozenset[str]:
    try:
        with zipfile.ZipFile(jar) as archive:
            return frozenset(name for name in archive.namelist() if name.endswith(".class"))
    except (OSError, zipfile.BadZipFile):
        return frozenset()
