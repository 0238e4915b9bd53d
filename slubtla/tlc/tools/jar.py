"""Look into a ``tla2tools.jar`` without starting Java."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slubtla.errors import ToolchainError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAGIC = b"\xca\xfe\xba\xbe"
TLC_CLASS = "tlc2/TLC.class"
PCAL_CLASS = "pcal/trans.class"
CONFIG_CLASS = "tlc2/tool/impl/ModelConfig.class"

_NO_YEAR = 1980
"""The year of an entry in a zip archive that has no date."""

_NEXT_STEP = (
    "name a tla2tools.jar from github.com/tlaplus/tlaplus/releases, "
    "or name none and use the one that comes with slubtla"
)


@dataclass(frozen=True, slots=True)
class Jar:
    """A file that holds TLC and the PlusCal translator.

    Attributes:
        path: absolute path of the file.
        sha256: hexadecimal digest of its bytes, 64 characters.
        origin: who named it, e.g. ``"SLUBTLA_TLA2TOOLS"``.
        java: the major version of the oldest Java that runs TLC's main class; 0 if not known.
    """

    path: Path
    sha256: str
    origin: str
    java: int = 0


def inspect_jar(path: Path, origin: str) -> Jar:
    """Check that ``path`` is a jar with TLC and the PlusCal translator in it.

    Raises:
        ToolchainError: not there, a directory, unreadable, no zip archive, damaged, a class is
            missing, or the path cannot stand in a Java class path.
    """
    path = path.expanduser().absolute()
    if ":" in str(path):
        raise ToolchainError(
            f"{path}: a Java class path cannot hold a ':'",
            next_step="move the jar, or link to it from a path without ':'",
        )
    needed = 0
    try:
        data = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            for name in (TLC_CLASS, PCAL_CLASS):  # to unpack compares the checksum, too
                needed = max(needed, _java_of(archive.read(name)))
    except FileNotFoundError:
        reason = "there is no such file"
    except IsADirectoryError:
        reason = "it is a directory, not a jar"
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
    except KeyError:
        reason = f"it is a zip archive without {name}"
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        reason = f"it is no intact jar: {error}"
    else:
        return Jar(path, hashlib.sha256(data).hexdigest(), origin, needed)
    raise ToolchainError(f"{path}: {reason}", next_step=_NEXT_STEP)


def _java_of(data: bytes) -> int:
    """The Java that a class file was compiled for; 0 if it is none.

    Source: The Java Virtual Machine Specification, table 4.1-A: major version 55 is Java 11.
    """
    return int.from_bytes(data[6:8]) - 44 if data[:4] == _MAGIC else 0


def class_strings(jar: Path, class_name: str) -> frozenset[str]:
    """Every string in the constant pool of one class of a jar.

    The options that a command-line class compares its arguments with are literals there, whether
    documented or not.

    Raises:
        ToolchainError: the class is missing or is not a class file.

    Source: The Java Virtual Machine Specification, section 4.4, "The Constant Pool".
    """
    try:
        with zipfile.ZipFile(jar) as archive:
            return frozenset(_utf8_constants(archive.read(class_name)))
    except (OSError, KeyError, IndexError, zipfile.BadZipFile, zlib.error) as error:
        raise ToolchainError(
            f"{jar}: {class_name} cannot be read: {error}", next_step=_NEXT_STEP
        ) from error


def cfg_keywords(jar: Path) -> frozenset[str]:
    """Every word that could be a keyword of a cfg, as the jar's own reader of it knows them.

    Raises:
        ToolchainError: the reader is missing.
    """
    words = class_strings(jar, CONFIG_CLASS)
    return frozenset(word for word in words if word.isupper() and len(word) > 1)


def year_of(jar: Path) -> int | None:
    """The year in which the TLC of a jar was compiled; None if the jar does not say."""
    with zipfile.ZipFile(jar) as archive:
        year = archive.getinfo(TLC_CLASS).date_time[0]
    return year if year > _NO_YEAR else None


# Bytes that follow the tag of a constant (JVMS table 4.4-A); tag 1, UTF-8, carries its own length.
_CONSTANT_SIZES = {
    **dict.fromkeys((3, 4, 9, 10, 11, 12, 17, 18), 4),
    **dict.fromkeys((5, 6), 8),
    **dict.fromkeys((7, 8, 16, 19, 20), 2),
    15: 3,
}
_UTF8 = 1
_TWO_SLOTS = frozenset({5, 6})  # long and double take two entries of the pool


def _utf8_constants(data: bytes) -> Iterator[str]:
    if data[:4] != _MAGIC:
        raise KeyError("no class file")
    entries, at, entry = int.from_bytes(data[8:10]), 10, 1
    while entry < entries:
        tag = data[at]
        if tag == _UTF8:
            size = 2 + int.from_bytes(data[at + 1 : at + 3])
            yield data[at + 3 : at + 1 + size].decode("utf-8", errors="replace")
        else:
            size = _CONSTANT_SIZES[tag]
        at += 1 + size
        entry += 2 if tag in _TWO_SLOTS else 1
