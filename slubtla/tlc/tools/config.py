"""Read the user's configuration file, which may name the jar and the Java to use.

::

    [toolchain]
    tla2tools = "~/tla/tla2tools.jar"
    java = "/usr/lib/jvm/java-21/bin/java"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from slubtla.errors import ToolchainError, UnknownNameError

_KEYS = ("tla2tools", "java")


@dataclass(frozen=True, slots=True)
class ToolchainConfig:
    """What a configuration file says about the toolchain.

    Attributes:
        path: the file, whether it exists or not.
        exists: whether it does.
        tla2tools: the jar it names, if any; relative to the file's folder.
        java: the Java it names, if any; likewise.
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

    _no_others(f"table in {path}", document, ("toolchain",))
    table = document.get("toolchain", {})
    if not isinstance(table, dict):
        raise ToolchainError(f"{path}: toolchain is no table", next_step="write [toolchain]")
    _no_others(f"key of [toolchain] in {path}", table, _KEYS)
    named = {key: _as_path(path, key, value) for key, value in table.items()}
    return ToolchainConfig(path, exists=True, **named)


def _no_others(kind: str, names: dict[str, object], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, known)


def _as_path(file: Path, key: str, value: object) -> Path:
    if not isinstance(value, str) or not value:
        raise ToolchainError(
            f"{file}: {key} = {value!r} is no path", next_step=f'write {key} = "/a/path"'
        )
    return file.parent / Path(value).expanduser()
