"""Check that an output belongs to this run, by the files that TLC reports as parsed.

SANY prints a line for each module, with its absolute path, links followed::

    Parsing file /runs/.slubtla-x2kq/Slub.tla
    Parsing file /runs/.slubtla-x2kq/.tlc/temp/Naturals.tla
    Parsing file /tmp/Naturals.tla (jar:file:/opt/tla2tools.jar!/tla2sany/StandardModules/…)

Where Java cannot decode the path of its working directory, the paths are relative to it.

An output in which the modules of the run lie in another directory was recorded in another run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from slubtla.tlc.output.codes import Code

_PARSING: Final = re.compile(r"Parsing file (.+?)(?: \(jar:.*\))?$")
_SUCCESS: Final = f"@!@!@STARTMSG {Code.SUCCESS:d}:"
_FINISHED: Final = f"@!@!@STARTMSG {Code.FINISHED:d}:"
_NOT_ASCII: Final = re.compile(r"[^!-~ ]+|\?+")


class ParsedFiles:
    """Follows the lines of a run: were its modules parsed in its own directory?"""

    def __init__(self, workdir: Path, modules: Iterable[str]) -> None:
        self._workdir = workdir
        self._root, *_ = self._modules = tuple(modules)
        self._elsewhere = ""
        self._root_seen = False
        self._success = False
        self._finished = False

    def feed(self, line: str) -> None:
        """Take the next line of standard output, without its end."""
        if _SUCCESS in line:
            self._success = True
        elif _FINISHED in line:
            self._finished = True
        elif parsed := _PARSING.match(line):
            folder, name = os.path.split(parsed[1])
            if name in self._modules:
                if not _same(self._workdir / folder, self._workdir):
                    self._elsewhere = self._elsewhere or parsed[1]
                elif name == self._root:
                    self._root_seen = True

    @property
    def complaint(self) -> str:
        """Why the output is not that of this run, one sentence; ``""`` where it is."""
        if "\n" in str(self._workdir):  # such a path is no single line
            return ""
        if self._elsewhere:
            return (
                f"the output is that of another run: it says that {self._elsewhere} was parsed, "
                "which does not lie in this run's directory"
            )
        if self._success and self._finished and not self._root_seen:
            return f"the output nowhere says that {self._root} was parsed, and yet claims success"
        return ""


def _same(folder: Path, workdir: Path) -> bool:
    """Whether a folder that Java printed is ``workdir``; it prints what it cannot encode as ?."""
    try:
        if folder.samefile(workdir):
            return True
    except (OSError, ValueError):
        pass
    return _printed(folder) in {_printed(workdir.absolute()), _printed(workdir.resolve())}


def _printed(path: Path) -> str:
    return _NOT_ASCII.sub("?", str(path))
