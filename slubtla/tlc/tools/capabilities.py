"""Find out which options a toolchain understands, from the tools themselves."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slubtla.errors import ToolchainError
from slubtla.tlc.tools.jar import PCAL_CLASS, TLC_CLASS, class_strings
from slubtla.tlc.tools.java import UTF8_FLAGS, Output, output_of

if TYPE_CHECKING:
    from slubtla.tlc.tools.locate import Toolchain

_TLC_BANNER = re.compile(r"TLC2 Version (\S+).*?(?:\(rev: (\w+)\))?$", re.MULTILINE)
_PCAL_BANNER = re.compile(r"pcal\.trans Version (\S+)")
_OPTION = re.compile(r"-[A-Za-z]\w*")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What was measured on one toolchain.

    Attributes:
        tlc_version: as TLC says it, e.g. ``"2.15"`` or ``"2026.04.29.170100"``.
        tlc_revision: the commit it was built from, e.g. ``"d5b5a7f"``; ``""`` if it does not say.
        pcal_version: of the PlusCal translator, e.g. ``"1.9"``.
        tlc_options: every option that TLC compares its arguments with, e.g. ``"-workers"``.
    """

    tlc_version: str
    tlc_revision: str
    pcal_version: str
    tlc_options: frozenset[str]
    pcal_options: frozenset[str]
    workers_auto: bool

    def has(self, option: str) -> bool:
        """Whether TLC knows ``option``, e.g. ``"-dumpTrace"``."""
        return option in self.tlc_options


def probe(toolchain: Toolchain) -> Capabilities:
    """Read the versions of TLC and the translator, and the options that they understand.

    Versions come from what the tools print (two short JVMs, about half a second); options from the
    literals of their classes, because ``-help`` leaves some out (2.15: ``-lncheck``, ``-fpmem``).

    Raises:
        ToolchainError: a tool does not start, or does not introduce itself.
    """
    tlc_words = class_strings(toolchain.jar.path, TLC_CLASS)
    pcal_words = class_strings(toolchain.jar.path, PCAL_CLASS)
    with tempfile.TemporaryDirectory(prefix="slubtla-probe-") as folder:
        # TLC names itself before it finds that there is no such spec.
        command = ["tlc2.TLC", "-tool", "-metadir", "meta", "NoSuchSpec"]
        tlc = _version(toolchain, command, _TLC_BANNER, Path(folder))
        pcal = _version(toolchain, ["pcal.trans", "-help"], _PCAL_BANNER, Path(folder))
    return Capabilities(
        tlc_version=tlc[1],
        tlc_revision=tlc[2] or "",
        pcal_version=pcal[1],
        tlc_options=frozenset(filter(_OPTION.fullmatch, tlc_words)),
        pcal_options=frozenset(filter(_OPTION.fullmatch, pcal_words)),
        workers_auto="auto" in tlc_words,
    )


def _version(
    toolchain: Toolchain, command: list[str], banner: re.Pattern[str], folder: Path
) -> re.Match[str]:
    java = [str(toolchain.java.path), *UTF8_FLAGS, f"-Djava.io.tmpdir={folder}"]
    output: Output = output_of([*java, "-cp", str(toolchain.jar.path), *command], cwd=folder)
    found = banner.search(output.stdout)
    if found is None:
        said = (output.stderr or output.stdout).strip()[:400]
        raise ToolchainError(
            f"{command[0]} of {toolchain.jar.path} did not introduce itself under "
            f"{toolchain.java.path} (exit {output.returncode}): {said!r}",
            next_step="try the jar and the Java that come with slubtla, naming neither",
        )
    return found
