"""What one run checks: a specification, its configuration, the criteria, and TLC's options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from slubtla.errors import UsageError
from slubtla.tlc.engine import TlcOptions
from slubtla.tlc.run.judge import Criteria

_MODULE_NAME: Final = re.compile(r"\w*[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What one run checks. It pickles; the manifest of an unfinished run holds it as JSON.

    Attributes:
        spec: the root module; ``cfg`` its configuration.
        options: how TLC searches; what depends on the machine comes from
            :meth:`~slubtla.tlc.run.settings.Settings.tuned`.
        texts: the texts of modules and cfg by file name, where they are written into the run's
            directory; empty where they are files of the user's own.
        protocol: the protocol whose model is checked, ``parameters`` those of the model, and
            ``templates_sha256`` the digest of its templates; None for a spec of the user's own.
        warnings: what a careful reader should know, one sentence each.
        instrument: whether the spec may be instrumented, to see which actions fire and which
            antecedents hold; else it is checked as it stands.
        most_output: how many lines that the spec prints are kept in memory.
    """

    name: str
    command: str
    spec: Path
    cfg: Path
    criteria: Criteria = field(default_factory=Criteria)
    options: TlcOptions = field(default_factory=TlcOptions)
    texts: Mapping[str, str] = field(default_factory=dict)
    protocol: str | None = None
    parameters: Mapping[str, Any] | None = None
    templates_sha256: str | None = None
    warnings: tuple[str, ...] = ()
    instrument: bool = True
    most_output: int = 10_000

    def __post_init__(self) -> None:
        for name in ("name", "command"):
            object.__setattr__(self, name, writable(getattr(self, name)))

    def require_files(self) -> None:
        """Refuse a spec of the user's own whose files are missing, or named as no module is.

        Raises:
            UsageError: such a file.
        """
        if self.texts:
            return
        _require_file(self.spec, "specification")
        if self.spec.suffix != ".tla":
            raise UsageError(
                f"{self.spec} is no .tla file", next_step="name the root module of the spec"
            )
        if not _MODULE_NAME.fullmatch(self.spec.stem):
            raise UsageError(
                f"{self.spec}: {self.spec.stem!r} is no name of a module: these are letters, "
                "digits and _, at least one letter",
                next_step="name the file after the module in it, as TLA+ wants it",
            )
        _require_file(self.cfg, "configuration")

    def in_directory(self, folder: Path) -> RunSpec:
        """Return the spec with its texts as files of a folder."""
        if not self.texts:
            return self
        for name, text in self.texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        return replace(self, spec=folder / self.spec, cfg=folder / self.cfg)


def writable(text: str) -> str:
    """Return a text that UTF-8 can hold: other bytes of file names become escapes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _require_file(file: Path, what: str) -> None:
    if not file.is_file():
        raise UsageError(
            f"there is no {what} {file}",
            next_step="name an existing .tla file; its .cfg lies beside it, or is named with "
            "--config",
        )
