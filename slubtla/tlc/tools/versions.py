"""Ask TLC and the PlusCal translator for their versions."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from slubtla.errors import ToolchainError
from slubtla.tlc.tools.java import UTF8_FLAGS, output_of
from slubtla.tlc.tools.locate import Toolchain

_TLC_BANNER = re.compile(r"TLC2 Version (\S+).*?(?:\(rev: (\w+)\))?$", re.MULTILINE)
_PCAL_BANNER = re.compile(r"pcal\.trans Version (\S+)")


class ToolVersions(NamedTuple):
    """The versions of TLC, e.g. ``"2.15"``, and of the PlusCal translator, e.g. ``"1.9"``.

    ``tlc_revision`` is the commit that TLC was built from; ``""`` if it does not say.
    """

    tlc: str
    tlc_revision: str
    pcal: str


def tool_versions(toolchain: Toolchain) -> ToolVersions:
    """Read the versions that the tools print: two short JVMs, about half a second.

    Raises:
        ToolchainError: a tool does not start, or does not introduce itself.
    """
    # TLC names itself before it finds that there is no such spec.
    command = ["tlc2.TLC", "-tool", "-metadir", "meta", "NoSuchSpec"]
    with tempfile.TemporaryDirectory(prefix="slubtla-probe-") as folder:
        tlc = _introduced(toolchain, command, _TLC_BANNER, Path(folder))
        pcal = _introduced(toolchain, ["pcal.trans", "-help"], _PCAL_BANNER, Path(folder))
    return ToolVersions(tlc[1], tlc[2] or "", pcal[1])


def _introduced(
    toolchain: Toolchain, command: list[str], banner: re.Pattern[str], folder: Path
) -> re.Match[str]:
    java = [str(toolchain.java.path), *UTF8_FLAGS, f"-Djava.io.tmpdir={folder}"]
    output = output_of([*java, "-cp", str(toolchain.jar.path), *command], cwd=folder)
    found = banner.search(output.stdout)
    if found is None:
        said = (output.stderr or output.stdout).strip()[:400]
        raise ToolchainError(
            f"{command[0]} of {toolchain.jar.path} did not introduce itself under "
            f"{toolchain.java.path} (exit {output.returncode}): {said!r}",
            next_step="try the jar and the Java that come with slubtla, naming neither",
        )
    return found
