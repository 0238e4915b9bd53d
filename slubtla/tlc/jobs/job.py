"""One run among many: what is checked, where its directory will be, how long it may take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from slubtla.barriers.model import Model
from slubtla.barriers.verify import check_spec, profile_of, verify
from slubtla.errors import SlubtlaError
from slubtla.tlc.engine import JvmProfile, this_machine
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.sizing import default_heap

Finding = Result | SlubtlaError
"""What a run gave: its result, or the error that is one run's own."""


@dataclass(frozen=True, slots=True)
class AnySpec:
    """A specification of the user's own, as :func:`slubtla.barriers.verify.check_spec` takes it.

    Attributes:
        spec: the root module.
        cfg: its configuration.
        check_deadlock: whether a state without successors is an error.
    """

    spec: Path
    cfg: Path
    check_deadlock: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """One run.

    Attributes:
        name: what it is called in messages.
        subject: what is checked.
        weight: how long it may take, compared with the other jobs.
        out_dir: its run directory; in :func:`slubtla.tlc.run.rundir.runs_dir` when None.
        timeout: wall seconds, where the settings name none.
        specs: the templates to render from; those of the settings when None.
    """

    name: str
    subject: Model | AnySpec
    weight: float = 0
    out_dir: Path | None = None
    timeout: float | None = None
    specs: Path | None = None

    @property
    def short_name(self) -> str:
        """What a run directory is called whose name is left to us."""
        return self.subject.name if isinstance(self.subject, Model) else self.subject.spec.stem

    def run(self, settings: Settings, *, at_once: int | None = None) -> Result:
        """Run it, with a heap that leaves room for the others.

        Args:
            settings: how to run.
            at_once: how many run at a time; when None, as many as the cores can take.

        Raises:
            As :func:`slubtla.barriers.verify.verify`.
        """
        own = replace(
            settings,
            out_dir=self.out_dir,
            timeout=settings.timeout or self.timeout,
            heap_mb=settings.heap_mb or self._heap(at_once or side_by_side(settings)),
            specs=self.specs or settings.specs,
        )
        if isinstance(self.subject, Model):
            return verify(self.subject, settings=own)
        spec = self.subject
        return check_spec(spec.spec, spec.cfg, settings=own, check_deadlock=spec.check_deadlock)

    def attempt(self, settings: Settings, *, at_once: int | None = None) -> Finding:
        """Run it as :meth:`run` does; an error on purpose is an answer, too."""
        try:
            return self.run(settings, at_once=at_once)
        except SlubtlaError as error:
            return error

    def _heap(self, others: int) -> int:
        subject = self.subject
        profile = profile_of(subject) if isinstance(subject, Model) else JvmProfile.LARGE
        return default_heap(profile, side_by_side=others)


def side_by_side(settings: Settings) -> int:
    """Return how many runs of so many workers this machine's cores can take at a time."""
    return max(1, this_machine().cores // (settings.workers or 1))
