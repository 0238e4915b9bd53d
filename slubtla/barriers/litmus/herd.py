r"""Run herd7, the simulator of the kernel's memory model, and read its verdicts.

herd7 is no part of slubtla and is looked for only when it is asked for. The model is that of the
kernel tree: ``tools/memory-model/linux-kernel.cfg`` names three more files, which herd7 looks for
in its working directory, where ``-I`` says, in ``$HERDLIB``, and in its own library. So a
configuration file that exists brings its own directory along as ``-I``.

It prints (``herd/top_herd.ml`` of herdtools7; ``tools/memory-model/README`` of Linux)::

    Test SB+mbs Allowed
    States 3
    0:r0=0; 1:r0=1;          one line for each state; a location is x=1 or, from 7.56 on, [x]=1
    …
    No                       Ok, No; "Undef" or "Loop …" when herd7 does not know
    Witnesses
    Positive: 0 Negative: 3  executions; for ~exists the two are the other way round
    Flag data-race           only for a test that means nothing in this model
    Condition exists (0:r0=0 /\ 1:r0=0)
    Observation SB+mbs Never 0 3
    Time SB+mbs 0.01         this and what follows is not read

What it says twice must be the same twice: the numbers, the verdict, and the value of the condition
in the states.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from slubtla.barriers.litmus.errors import HerdError
from slubtla.barriers.litmus.outcome import is_true, verdict_of
from slubtla.barriers.litmus.running import FinalState
from slubtla.barriers.litmus.syntax import Litmus, Observation, Quantifier, Variable, holds
from slubtla.errors import ToolchainError, UsageError
from slubtla.tlc.engine.process import ProgramRun, run_program

PROGRAM: Final = "herd7"
CONF: Final = "linux-kernel.cfg"
"""The kernel's memory model, by the name of its configuration file."""

SECONDS: Final = 60.0
"""The default for one test, as in the kernel's own scripts."""

_VERSION_SECONDS: Final = 30.0
_MOST_WORDS: Final = 12
_UNFINISHED: Final = "outcomes may be missing"
_GET_MODEL: Final = (
    "name the kernel's model: --herd-conf LINUX/tools/memory-model/linux-kernel.cfg, of any kernel "
    "tree from v4.17 on"
)

_ENTRY: Final = re.compile(r"(?:(\d+):)?(\[?)(\w+)(\]?)=(-?(?:0x[0-9a-fA-F]+|\d+))")
_OBSERVATION: Final = r"Observation (\S+) (Never|Sometimes|Always) (\d+) (\d+)"


@dataclass(frozen=True, slots=True)
class Herd:
    """A herd7 that was started once.

    Attributes:
        program: by absolute path.
        version: e.g. ``"7.57, Rev: exported"``.
        conf: the configuration file; absolute if it is a file here.
    """

    program: Path
    version: str
    conf: str = CONF
    timeout: float = SECONDS

    def argv(self, test: Path) -> list[str]:
        """The command line for a test."""
        folder = Path(self.conf).parent
        includes = ["-I", str(folder)] if folder.is_absolute() else []
        return [str(self.program), *includes, "-conf", self.conf, str(test.absolute())]

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints of it."""
        return {"program": str(self.program), "version": self.version, "conf": self.conf}


def find_herd(
    conf: str = CONF, *, timeout: float | None = None, environ: Mapping[str, str] = os.environ
) -> Herd:
    """Find herd7 on PATH, and its version.

    Args:
        conf: the configuration file: a path, or a name that herd7 finds by itself.
        timeout: wall seconds for each test; :data:`SECONDS` when None.
        environ: where ``PATH`` is.

    Raises:
        ToolchainError: there is no herd7.
        HerdError: it does not print its version.
        UsageError: ``conf`` is a path to no file.
    """
    if Path(conf).is_file():
        conf = str(Path(conf).absolute())
    elif Path(conf).name != conf:
        raise UsageError(f"--herd-conf {conf}: there is no such file", next_step=_GET_MODEL)
    found = shutil.which(PROGRAM, path=environ.get("PATH", os.defpath))
    if found is None:
        raise ToolchainError(
            "herd7 is not on PATH",
            next_step="install herdtools7 (with OCaml's opam: `opam install herdtools7`; source: "
            "https://github.com/herd/herdtools7), or leave out --herd: slubtla needs it for "
            "nothing else",
        )
    program = Path(found).absolute()
    argv = [str(program), "-version"]
    with tempfile.TemporaryDirectory(prefix="slubtla-herd-") as folder:
        run = run_program(argv, folder=Path(folder), name="version", timeout=_VERSION_SECONDS)
    if run.timed_out or run.returncode != 0 or not run.stdout.strip():
        raise HerdError(
            _failed(argv, run, _VERSION_SECONDS),
            next_step="see that it is herd7 of herdtools7, and that it works",
        )
    return Herd(program, run.stdout.split("\n", 1)[0].strip(), conf, timeout or SECONDS)


def run_herd(herd: Herd, tests: Sequence[Litmus]) -> tuple[HerdOutcome, ...]:
    """Run herd7 on the file of each test; return an outcome for each, in order.

    Raises:
        HerdError: herd7 fails, does not end in time, or prints what is no verdict.
    """
    with tempfile.TemporaryDirectory(prefix="slubtla-herd-") as folder:
        return tuple(
            _run(herd, test, Path(folder), f"test{number}") for number, test in enumerate(tests)
        )


def _run(herd: Herd, test: Litmus, folder: Path, name: str) -> HerdOutcome:
    argv = herd.argv(Path(test.file))
    run = run_program(argv, folder=folder, name=name, timeout=herd.timeout)
    # herd7 7.56 ends with 0 even when it has refused a test; then it prints nothing.
    refused = run.returncode != 0 or not run.stdout.strip() or _UNFINISHED in run.stderr
    if run.timed_out or refused:
        model = f"if herd7 does not find the model, {_GET_MODEL}"
        next_step = "give it more time with --timeout" if run.timed_out else model
        raise HerdError(_failed(argv, run, herd.timeout), next_step=next_step)
    warnings = tuple(line for line in run.stderr.splitlines() if line.strip())
    return read_herd(run.stdout, test, warnings)


def _failed(argv: Sequence[str], run: ProgramRun, seconds: float) -> str:
    """How it ended, and the last lines of its output."""
    end = f"did not end in {seconds:g} s" if run.timed_out else f"ended with {run.returncode}"
    said = (run.stderr.strip() or run.stdout.strip() or "and said nothing").splitlines()
    return "\n".join([f"{shlex.join(argv)} {end}:", *said[-_MOST_WORDS:]])


@dataclass(frozen=True, slots=True)
class HerdOutcome:
    """herd7's outcome of a test.

    Attributes:
        positive: executions in which the proposition holds; ``negative``: in which it does not.
        states: the distinct final states, as far as our own outcome shows them, in order.
    """

    name: str
    verdict: Observation
    positive: int
    negative: int
    states: tuple[FinalState, ...]
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints of it."""
        return {
            "verdict": self.verdict.value,
            "positive": self.positive,
            "negative": self.negative,
            "states": [
                {str(variable): value for variable, value in state} for state in self.states
            ],
            "warnings": list(self.warnings),
        }


def read_herd(text: str, litmus: Litmus, warnings: tuple[str, ...] = ()) -> HerdOutcome:
    """Read herd7's output for one test.

    Raises:
        HerdError: the text is no verdict on this test.
    """
    return _HerdReader(text, litmus).read(warnings)


class _HerdReader:
    def __init__(self, text: str, litmus: Litmus) -> None:
        self._litmus = litmus
        self._lines: Iterator[tuple[int, str]] = (
            (number, line.strip())
            for number, line in enumerate(text.splitlines(), start=1)
            if line.strip()
        )
        self._at: tuple[int, str] = (0, "")

    def read(self, warnings: tuple[str, ...]) -> HerdOutcome:
        name = self._match(r"Test (\S+) (?:Allowed|Forbidden|Required)", "Test NAME Allowed")[1]
        if name != self._litmus.name:
            self._fail(f"the test is {self._litmus.name}")
        number = int(self._match(r"States (\d+)", "States N")[1])
        states = tuple(self._state(self._next()) for _ in range(number))
        ok = self._match("Ok|No", "Ok or No: herd7 itself is not certain")[0]
        self._match("Witnesses", "Witnesses")
        witnesses = self._match(r"Positive: (\d+) Negative: (\d+)", "Positive: P Negative: N")
        line = self._next()
        if line.startswith("Flag "):
            self._fail("the kernel's model flags the test: its verdict says nothing")
        if not line.startswith("Condition "):
            self._fail("expected Condition")
        said = self._match(_OBSERVATION, "Observation NAME Never|Sometimes|Always P N")
        verdict, positive, negative = Observation(said[2]), int(said[3]), int(said[4])
        condition, found = self._litmus.condition, sorted(set(states))
        shown = [witnesses[1], witnesses[2]]
        if condition.quantifier is Quantifier.NOT_EXISTS:
            shown.reverse()
        if [said[1], said[3], said[4]] != [name, *shown]:
            self._fail("it differs from the lines before")
        holding = sum(holds(condition.proposition, dict(state)) for state in found)
        if verdict is not verdict_of(holding, len(found) - holding):
            self._fail("the states say otherwise")
        if verdict is not verdict_of(positive, negative):
            self._fail("its numbers say otherwise")
        if (ok == "Ok") is not is_true(condition.quantifier, positive, negative):
            self._fail("it differs from the Ok or No before")
        return HerdOutcome(name, verdict, positive, negative, tuple(found), warnings)

    def _state(self, line: str) -> FinalState:
        values: dict[Variable, int] = {}
        for entry in filter(None, map(str.strip, line.split(";"))):
            found = _ENTRY.fullmatch(entry)
            if found is None or bool(found[2]) is not bool(found[4]):
                self._fail("expected a final state")
            thread = -1 if found[1] is None else int(found[1])
            values[Variable(thread, found[3])] = int(found[5], 0)
        variables = self._litmus.variables
        if missing := [str(variable) for variable in variables if variable not in values]:
            self._fail(f"the final state lacks {', '.join(missing)}")
        return tuple((variable, values[variable]) for variable in variables)

    def _match(self, pattern: str, wanted: str) -> re.Match[str]:
        found = re.fullmatch(pattern, self._next())
        if found is None:
            self._fail(f"expected {wanted}")
        return found

    def _next(self) -> str:
        self._at = next(self._lines, (0, ""))
        if not self._at[0]:
            self._fail("it ends too early")
        return self._at[1]

    def _fail(self, reason: str) -> NoReturn:
        number, line = self._at
        where = f"line {number} of its output, {line!r}: " if number else "its output: "
        raise HerdError(
            f"herd7 on {self._litmus.name}: {where}{reason}",
            next_step="run herd7 on the test by hand; if its words look right, report it: "
            "half-read output is never a verdict",
        )
