"""Result records of ``slubtla prove`` and ``mutate``: frozen, JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import Field

from slubtla.barriers.suite.compare import Difference
from slubtla.barriers.suite.config import Claim, UserSpec
from slubtla.errors import ExitCode
from slubtla.tlc.run.result import Record

PROOF_SCHEMA_VERSION: Final = 1
"""Rises with every change of the JSON that a reader could notice."""


class Checked(Record):
    """One model: what it had to show, and what it showed.

    Attributes:
        name: its name in the file.
        line: where it stands there.
        about: a sentence about it.
        mutant: whether something was broken in it on purpose.
        equivalent: why such a mutant may survive.
        expected: the verdict that it must get; None where the file states none.
        found: the verdict that it got; None where it was refused or not run.
        because: what TLC said to it.
        distinct: states found, if TLC told.
        generated: states generated, with repetitions, if TLC told.
        seconds: wall time of its search; None where it was not run.
        shares: the model whose run this is too, as ``file::name``; None where it has its own.
        run_dir: where its run is kept; None where it is not.
        differences: what is not as expected.
        warnings: what a careful reader should know of its run, as `slubtla check` prints it; not
            what is known of a model without a run.
        spoiled: whether one of them is why nothing is proven.
    """

    name: str
    line: int
    about: str
    mutant: bool
    equivalent: str
    expected: str | None
    found: str | None
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
        file: the file, as the user named it.
        title: its title.
        about: a sentence or two about it.
        models: its models, in order.
        differences: what is not as expected of the file as a whole.
        recorded: the models whose pins were written anew, or removed.
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
        schema_version: see :data:`PROOF_SCHEMA_VERSION`.
        ran: False where only what needs no Java was compared.
        jar_sha256: digest of the jar that was used.
        wall_seconds: how long it all took.
        runs: how many runs there were; equal models share one.
        cached: how many results were taken from earlier runs of the very same instead.
        files: the files, in order.
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
        """All differences, with the file and, unless it is the file's, the model."""
        return tuple(self._differences())

    @property
    def exit_code(self) -> ExitCode:
        """0 where nothing differs; else what weighs most: 1, then 2, 3 and 4.

        So 4 says that some search was not finished, and that nothing else is wrong.
        """
        codes = [difference.kind.exit_code for _, _, difference in self.differences]
        return min(codes, default=ExitCode.AS_EXPECTED)

    def _differences(self) -> Iterator[tuple[CheckedFile, Checked | None, Difference]]:
        for file in self.files:
            for difference in file.differences:
                yield file, None, difference
            for model in file.models:
                for difference in model.differences:
                    yield file, model, difference


def describe(claim: Claim) -> Checked:
    """Return the record of a model that was not run."""
    about = claim.about
    if not about and isinstance(claim.subject, UserSpec):
        about = claim.subject.spec.name
    return Checked(
        name=claim.name,
        line=claim.line,
        about=about,
        mutant=claim.mutant,
        equivalent=claim.equivalent,
        expected=None if claim.expect is None else str(claim.expect),
        found=None,
    )
