"""A pytest plugin: ``pytest --slubtla models.toml`` runs each model of the file as a test.

It does nothing, and imports nothing, unless the option is given.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from slubtla.barriers.suite.compare import Difference
    from slubtla.barriers.suite.config import Config
    from slubtla.barriers.suite.plan import Planned
    from slubtla.tlc.jobs import Finding

THE_FILE: Final = "[file]"
"""The item for what holds of a file as a whole."""


@dataclass
class _Session:
    """What the items of a run share: the files, a scratch directory, and runs that were made."""

    files: tuple[Path, ...]
    scratch: tempfile.TemporaryDirectory[str]
    findings: dict[str, Finding] = field(default_factory=dict)


_SESSION: Final = pytest.StashKey[_Session]()


class NotAsExpected(Exception):  # noqa: N818 - it is a finding, not an error
    """A model, or a file, differs from what it must be."""

    def __init__(self, differences: Iterable[Difference]) -> None:
        lines = (f"{d.kind}: {d.message}\n  next: {d.next_step}" for d in differences)
        super().__init__("\n".join(lines))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--slubtla``."""
    parser.getgroup("slubtla").addoption(
        "--slubtla",
        action="append",
        type=Path,
        default=[],
        metavar="FILE.toml",
        help="run each TLA+ model of this file as a test, and compare it with what it must show "
        "(repeatable; without further arguments, only these are run)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the files to what pytest collects."""
    named: list[Path] = config.getoption("slubtla")
    if not named:
        return
    files = tuple((config.invocation_params.dir / file).resolve() for file in named)
    config.stash[_SESSION] = _Session(files, tempfile.TemporaryDirectory(prefix="slubtla-"))
    words = config.invocation_params.args
    on_command_line = any(str(word).startswith("--slubtla") for word in words)
    chosen = config.args_source is pytest.Config.ArgsSource.ARGS
    args = config.args if chosen or not on_command_line else []
    given = {(config.invocation_params.dir / arg.partition("::")[0]).resolve() for arg in args}
    config.args = [*args, *(str(file) for file in files if file not in given)]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the scratch directory."""
    if _SESSION in config.stash:
        config.stash[_SESSION].scratch.cleanup()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file that was named with ``--slubtla``, and no other."""
    session = parent.config.stash.get(_SESSION, None)
    if session is None or file_path.resolve() not in session.files:
        return None
    return ModelFile.from_parent(parent, path=file_path)


class ModelFile(pytest.File):
    """A file of models."""

    def collect(self) -> Iterator[pytest.Item]:
        """Read and plan the file: an item for itself, and one for each model."""
        from slubtla.barriers.suite.plan import plan  # noqa: PLC0415
        from slubtla.barriers.suite.reading import read_config  # noqa: PLC0415
        from slubtla.errors import SlubtlaError  # noqa: PLC0415 - only where it is used

        scratch = Path(self.config.stash[_SESSION].scratch.name)
        try:
            config = read_config(_shown(self.path, self.config.invocation_params.dir))
            planned = plan([config], scratch)
        except SlubtlaError as error:
            raise self.CollectError(f"{error.message}\n  next: {error.next_step}") from None
        yield FileItem.from_parent(self, name=THE_FILE, content=config)
        for each in planned:
            yield ModelItem.from_parent(self, name=each.claim.name, planned=each)


class _Item(pytest.Item):
    """An item that fails with words, not with a traceback."""

    line = 0

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401 - pytest's own
        """Return what differs, or the error with its next step."""
        from slubtla.errors import SlubtlaError  # noqa: PLC0415

        error = excinfo.value
        if isinstance(error, NotAsExpected):
            return str(error)
        if isinstance(error, SlubtlaError):
            return f"{error.message}\n  next: {error.next_step}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the model stands."""
        return self.path, self.line, self.name


class FileItem(_Item):
    """What holds of a file as a whole: its jar, its names, what it must cover."""

    def __init__(self, *, content: Config, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self.content = content

    def runtest(self) -> None:
        """Compare.

        Raises:
            NotAsExpected: something differs.
            SlubtlaError: there is no jar, or ``complete`` makes no sense.
        """
        from slubtla.barriers.suite.compare import compare_file  # noqa: PLC0415
        from slubtla.tlc.tools import find_toolchain  # noqa: PLC0415

        if found := compare_file(self.content, find_toolchain().jar.sha256):
            raise NotAsExpected(found)


class ModelItem(_Item):
    """One model."""

    def __init__(self, *, planned: Planned, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self.planned = planned
        self.line = planned.claim.line - 1

    def runtest(self) -> None:
        """Run the model, unless an equal one was, and compare.

        Raises:
            NotAsExpected: something differs.
            SlubtlaError: there is no Java or no jar.
        """
        from slubtla.barriers.suite.prove import check_one, forget, run_all  # noqa: PLC0415
        from slubtla.tlc.run.settings import Settings  # noqa: PLC0415

        findings = self.config.stash[_SESSION].findings
        key = self.planned.key
        if key not in findings:
            findings |= run_all([self.planned], Settings(), jobs=1)
        checked = check_one(self.planned, findings[key])
        if checked.differences:
            raise NotAsExpected(checked.differences)
        forget([findings[key]])


def _shown(path: Path, here: Path) -> Path:
    return path.relative_to(here) if path.is_relative_to(here) else path
