"""Read jars: the TLA+ modules in them, and the Java classes that replace operators."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from slubtla.errors import SpecError, UsageError
from slubtla.tlc.text.tla import (
    Token,
    all_definitions,
    definitions_of,
    modules_reached,
    texts_of,
    tokens_of,
    words_reached,
)

_STANDARD: Final = "tla2sany/StandardModules"
_OVERRIDES: Final = "tlc2/overrides/TLCOverrides.class"
"""The class that lists the annotated operators (``@TLAPlusOperator``) of a class path."""


def standard_modules(jar: Path, modules: Iterable[str]) -> list[str]:
    """Return the texts of TLA+'s standard modules that some modules reach."""
    with zipfile.ZipFile(jar) as archive:

        def read(name: str) -> str | None:
            try:
                return archive.read(f"{_STANDARD}/{name}.tla").decode("utf-8", "replace")
            except KeyError:
                return None

        return list(modules_reached(modules, read).values())


def modules_in_jars(jars: Iterable[Path]) -> dict[str, str]:
    """Return the texts of the modules in jars, by name, where TLC looks for them, too.

    The first jar that has a module wins.

    Raises:
        UsageError: one of them is no jar.
    """
    texts: dict[str, str] = {}
    for jar in jars:
        with _opened(jar) as archive:
            for name in archive.namelist():
                if name.endswith(".tla"):
                    text = archive.read(name).decode("utf-8", "replace")
                    texts.setdefault(PurePosixPath(name).stem, text)
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


def used_modules(jars: Iterable[Path], modules: Mapping[str, str]) -> dict[str, str]:
    """Return the modules in jars that some modules reach, without definitions that are not used.

    A library holds many operators, and one that chooses at random says nothing against a
    specification that does not call it.

    Args:
        jars: where to look for modules.
        modules: the texts of the specification, by name: what lies there hides what is in a jar.

    Raises:
        UsageError: one of the jars is none.
    """
    at_hand = modules_in_jars(jars)
    found = modules_reached(
        modules.values(), lambda name: None if name in modules else at_hand.get(name)
    )
    words = (word for text in modules.values() for word in texts_of(tokens_of(text)))
    reached = words_reached(words, all_definitions(found))
    return {name: _without_the_others(name, text, reached) for name, text in found.items()}


def _without_the_others(name: str, text: str, reached: set[str]) -> str:
    """The code of a module, in its lines, without the definitions that are not reached."""
    others: set[Token] = set()
    for word, definition in definitions_of(name, text).items():
        if word not in reached:
            others |= set(definition.body)
    lines: list[str] = []
    for token in tokens_of(text):
        shown = "" if token in others else token.text
        lines += [""] * (token.line - len(lines))
        lines[-1] = lines[-1].ljust(token.column - 1) + shown
    return "\n".join(lines)


def require_no_overrides(files: Iterable[Path], classpath: Sequence[Path] = ()) -> None:
    """Refuse a specification with Java beside it that may replace operators and is not loaded.

    TLC evaluates an operator of the module M by a static method of a class M, or of one that
    ``TLCOverrides`` names, if the class path has it. Otherwise it evaluates the definition: another
    specification.

    Raises:
        SpecError: such a class, or a jar with one, lies beside the modules.
    """
    files = tuple(files)
    loaded = {jar.resolve() for jar in classpath}
    known = {name for jar in classpath for name in _classes(jar)}
    modules = sorted({file.stem for file in files})
    for folder in sorted({file.absolute().parent for file in files}):
        for name in (*(f"{module}.class" for module in modules), "TLCOverrides.class", _OVERRIDES):
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
    wanted = {_OVERRIDES, *(f"{module}.class" for module in modules)}
    return bool(wanted & classes)


def _classes(jar: Path) -> frozenset[str]:
    try:
        with zipfile.ZipFile(jar) as archive:
            return frozenset(name for name in archive.namelist() if name.endswith(".class"))
    except (OSError, zipfile.BadZipFile):
        return frozenset()
