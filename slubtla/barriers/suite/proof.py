"""Result records of ``slubtla prove`` and ``mutate``: frozen, JSON."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from slubtla.barriers.suite.compare import Difference
from slubtla.errors import ExitCode
from slubtla.tlc.run.result import Record

PROOF_SCHEMA_VERSION: Final = 1
"""Incremented with every change of the JSON format."""


class Checked(Record):
    """One model: expected and found verdict, and the differences.

    Attributes:
        mutant: whether something was broken in it on purpose.
        equivalent: why this mutant is equivalent to the correct model; ``""`` if it is not.
        expected: the verdict that it must get; None where the file states none.
        found: the verdict that it got; None where it was refused or not run.
        distinct: states found, ``generated`` with repetitions; None if TLC did not report it.
        seconds: wall time of its search; None where it was not run.
        shares: the model with the same text whose run was used, as ``file::name``; None if it
            had its own.
        run_dir: where its run is kept; None where it is not.
        warnings: warnings of the run, without the model's own cautions.
        spoiled: whether the verdict is INCONCLUSIVE(warning).
    """

    name: str
    line: int
    about: str
    mutant: bool
    equivalent: str
    expected: str | None
    found: str | None = None
    because: str = ""
    distinct: int | None = None
    generated: int | None = None
    seconds: float | None = None
    shares: str | None = None
    run_dir: str | None = None
    differences: tuple[Difference, ...] = ()
    warnings: tuple[str, ...] = ()
    spoiled: bool = False

    @property
    def as_expected(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


class CheckedFile(Record):
    """One file of models.

    Attributes:
        differences: what is not as expected of the file as a whole.
        recorded: the models whose pins were written anew, or removed; None if nothing was recorded.
    """

    file: str
    title: str
    about: str
    models: tuple[Checked, ...]
    differences: tuple[Difference, ...] = ()
    recorded: tuple[str, ...] | None = None


class Proof(Record):
    """What ``slubtla prove`` found.

    Attributes:
        ran: False if nothing was run, and only texts and pins were compared.
        runs: how many runs there were; equal models share one.
    """

    schema_version: int = Field(
        default=PROOF_SCHEMA_VERSION, ge=PROOF_SCHEMA_VERSION, le=PROOF_SCHEMA_VERSION
    )
    ran: bool
    jar_sha256: str | None
    wall_seconds: float
    runs: int
    cached: int = 0
    files: tuple[CheckedFile, ...]

    @property
    def models(self) -> tuple[Checked, ...]:
        """All models of all files."""
        return tuple(model for file in self.files for model in file.models)

    @property
    def differences(self) -> tuple[tuple[CheckedFile, Checked | None, Difference], ...]:
        """All differences, with the file, and the model or None for one of the file itself."""
        return tuple(
            (file, model, difference)
            for file in self.files
            for model in (None, *file.models)
            for difference in (model or file).differences
        )

    @property
    def exit_code(self) -> ExitCode:
        """0 if nothing differs, else the smallest exit code among the differences.

        So 4 (an unfinished search) means that nothing else is wrong.
        """
        codes = [difference.kind.exit_code for _, _, difference in self.differences]
        return min(codes, default=ExitCode.AS_EXPECTED)
