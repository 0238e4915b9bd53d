"""``slubtla argue``: what is claimed, how it is decided, and the answer, read from the verdicts."""

from __future__ import annotations

import importlib.util
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from rich.console import Console
from typer.testing import CliRunner

from slubtla.barriers.machines import ARCHES
from slubtla.barriers.model import make_model
from slubtla.barriers.protocol import PropertyKind
from slubtla.cli.app import app
from slubtla.cli.campaigns import as_told
from slubtla.cli.exits import print_view
from slubtla.errors import ExitCode, UnknownNameError
from slubtla.protocols.slub import SLUB
from slubtla.protocols.slub.argument import (
    STATEMENTS,
    Argument,
    Judged,
    Machine,
    Role,
    argue,
    machines_for,
    read_answer,
)
from slubtla.protocols.slub.argument.statements import NAMES, formal
from slubtla.protocols.slub.argument.view import argument_view
from slubtla.protocols.slub.explanation import decisive_steps
from slubtla.tlc.run.result import Provenance, Result, Stats
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.spec import RunSpec
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.tools import Toolchain

DOCS = Path(__file__).parents[1] / "docs"
WIDTHS = (80, 100, 200)
PROVEN = Verdict(VerdictKind.PROVEN)
TIMEOUT = Verdict(VerdictKind.INCONCLUSIVE, "timeout")
VACUOUS = Verdict(VerdictKind.VACUOUS, "ShrinkReturns")
DEADLOCK = Verdict(VerdictKind.VIOLATED, "Deadlock")
TLC_FAILED = Verdict(VerdictKind.ERROR, "tlc")


def falls(name: str) -> Verdict:
    return Verdict(VerdictKind.VIOLATED, name)


def ran(machine: Machine, verdict: Verdict, properties: Sequence[str] = NAMES) -> Result:
    """A result that no TLC made."""
    model = machine.model(properties)
    return Result(
        verdict=verdict,
        name=model.name,
        command=model.command,
        protocol="slub",
        parameters=model.model_dump(mode="json"),
        module="Slub",
        properties=tuple(properties),
        stats=Stats(distinct=100),
        actions=(),
        warnings=(),
        errors=(),
        trace_length=None,
        provenance=Provenance(
            slubtla="0",
            engine="none",
            templates_sha256=None,
            spec_sha256="",
            cfg_sha256="",
            jar_sha256="",
            jar_origin="",
            tlc_version=None,
            tlc_revision=None,
            java="",
            java_origin="",
            argv=(),
            workers=1,
            heap_mb=1,
            fp_index=0,
            seed=0,
            translate_seconds=0,
            wall_seconds=0,
            peak_memory_bytes=None,
            started_at="",
        ),
    )


def judged(machine: Machine, fallen: Iterable[str], last: Verdict = PROVEN) -> Judged:
    """A machine on which these statements fall; the last run has the given verdict."""
    verdicts = [*(falls(name) for name in NAMES if name in fallen), last]
    if set(fallen) == set(NAMES):
        verdicts.pop()
    return Judged(machine=machine, runs=tuple(ran(machine, verdict) for verdict in verdicts))


def argued(
    arches: Iterable[str] | None = None, /, **changed: tuple[Iterable[str], Verdict]
) -> Argument:
    """The argument as it is expected to come out, but for the machines that are named."""
    return Argument(
        machines=tuple(
            judged(m, *changed.get(m.name.replace("-", "_"), (m.falls, PROVEN)))
            for m in machines_for(arches)
        )
    )


def shown(argument: Argument, width: int = 100) -> str:
    out = io.StringIO()
    view = argument_view(argument)
    print_view(view, Console(file=out, width=width, highlight=False))
    return out.getvalue()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


# What is claimed


def test_the_statements_are_the_sentences_of_the_mail_and_its_conclusion() -> None:
    of_the_mail = [p.name for p in SLUB.properties.values() if p.kind is PropertyKind.ARGUMENT]
    assert [*of_the_mail, "NoLeak"] == list(NAMES)


@pytest.mark.parametrize("statement", STATEMENTS, ids=NAMES)
def test_every_statement_is_shown_as_the_specification_has_it(statement: Any) -> None:
    said = formal(statement)
    assert said.definition.startswith(f"{statement.name} ==")
    assert "\n\n" not in said.definition
    noted = [v for v in ("deaf", "missed", "straddling") if v in said.definition]
    assert set(noted) <= set(said.history)
    assert all(len(words.split()) > 3 for words in said.history.values())


def test_a_statement_that_the_specification_lacks_is_refused() -> None:
    unknown = STATEMENTS[0].__class__("Case3", "", "", (), "", "")
    with pytest.raises(LookupError, match="does not define Case3"):
        formal(unknown)
    unnoted = STATEMENTS[0].__class__("Case1", "", "", ("blind",), "", "")
    with pytest.raises(LookupError, match="does not declare blind"):
        formal(unnoted)


FALLS = {
    ("smp_mb", "full"): set(),
    ("smp_mb", "unlocked"): {"CasesExhaustive", "NoLeak"},
    ("smp_mb", "relaxed"): {"Case1", "CasesExhaustive", "NoLeak"},
    ("smp_mb", "irq_off"): {"Case1", "CasesExhaustive", "NoLeak"},
    ("smp_mb_paired", "full"): set(),
    ("smp_mb_paired", "unlocked"): {"CasesExhaustive"},
    ("smp_mb_paired", "relaxed"): {"CasesExhaustive"},
    ("smp_mb_paired", "irq_off"): {"CasesExhaustive"},
}


def test_something_is_expected_of_every_architecture_with_and_without_the_repair() -> None:
    kinds = {arch.cmpxchg for arch in ARCHES.values()}
    assert FALLS.keys() == {(s, kind) for s in ("smp_mb", "smp_mb_paired") for kind in kinds}
    for machine in machines_for(ARCHES):
        fallen = FALLS[machine.strategy, machine.cmpxchg] if machine.memory != "sc" else set()
        assert machine.falls == fallen


@pytest.mark.parametrize(
    ("arches", "names"),
    [
        (None, ["x86", "s390", "arm64", "generic", "x86-paired", "arm64-paired"]),
        (["s390"], ["s390"]),
        (["powerpc", "powerpc"], ["powerpc", "powerpc-paired"]),
        (["s390", "x86"], ["s390", "x86", "x86-paired"]),
    ],
)
def test_the_control_and_the_assumption_stand_before_the_machines_that_are_asked_for(
    arches: list[str] | None, names: list[str]
) -> None:
    machines = machines_for(arches)
    assert [m.name for m in machines] == ["no-buffers", "as-assumed", *names]
    assert [(m.memory, m.cmpxchg) for m in machines[:2]] == [("sc", "unlocked"), ("tso", "full")]
    for machine in machines[2:]:
        own = ARCHES[machine.arch]
        assert (machine.memory, machine.cmpxchg) == (own.memory, own.cmpxchg)


def test_an_architecture_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="x68"):
        machines_for(["x68"])


# How it is decided


class Tlc:
    """What stands for TLC: on each machine the statements fall that are said to, in turn."""

    def __init__(self, falling: Mapping[tuple[str, str], list[Verdict]]) -> None:
        self.falling = falling
        self.asked: list[tuple[str, tuple[str, ...], Path | None]] = []

    def run_spec(self, spec: RunSpec, settings: Settings) -> Result:
        model = make_model(**spec.parameters or {})
        self.asked.append((f"{model.memory} {model.cmpxchg}", model.properties, settings.out_dir))
        mine = self.falling.get((model.strategy, model.memory), [])
        left = [
            v for v in mine if v.kind is not VerdictKind.VIOLATED or v.detail in model.properties
        ]
        machine = next(m for m in machines_for() if m.strategy == model.strategy)
        return ran(machine, left[0] if left else PROVEN, model.properties)


def decide(
    monkeypatch: pytest.MonkeyPatch, tlc: Tlc, heard: list[str], out_dir: Path | None = None
) -> Argument:
    monkeypatch.setattr("slubtla.tlc.jobs.job.run_spec", tlc.run_spec)
    settings = Settings(toolchain=cast("Toolchain", object()), workers=99, out_dir=out_dir)
    return argue(
        ["x86", "s390"],
        settings=settings,
        on_run=lambda machine, result: heard.append(f"{machine.name}: {result.verdict}"),
    )


def test_what_falls_is_taken_out_and_the_rest_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tlc = Tlc({("smp_mb", "tso"): [falls("CasesExhaustive"), falls("NoLeak")]})
    heard: list[str] = []
    argument = decide(monkeypatch, tlc, heard, tmp_path)
    x86 = next(j for j in argument.machines if j.machine.name == "x86")
    assert [set(run.properties) for run in x86.runs] == [
        set(NAMES),
        {"Case1", "Case2", "NoLeak"},
        {"Case1", "Case2"},
    ]
    assert (x86.holding, x86.fallen) == (("Case1", "Case2"), ("CasesExhaustive", "NoLeak"))
    assert {line for line in heard if line.startswith("x86:")} == {
        "x86: VIOLATED(CasesExhaustive)",
        "x86: VIOLATED(NoLeak)",
        "x86: PROVEN",
    }
    places = [place for _, _, place in tlc.asked if place is not None]
    own = [place for place in places if re.fullmatch(r"x86-\d", place.name)]
    assert own == [tmp_path / "x86-1", tmp_path / "x86-2", tmp_path / "x86-3"]


def test_what_is_one_model_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tlc = Tlc({})
    argument = decide(monkeypatch, tlc, [])
    assert [who for who, _, _ in tlc.asked].count("tso full") == 1
    assumed, s390 = (
        next(j for j in argument.machines if j.machine.name == name)
        for name in ("as-assumed", "s390")
    )
    assert assumed.runs == s390.runs


@pytest.mark.parametrize("end", [TIMEOUT, DEADLOCK, VACUOUS, TLC_FAILED])
def test_nothing_more_is_asked_after_what_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, end: Verdict
) -> None:
    class Ended(Tlc):
        def run_spec(self, spec: RunSpec, settings: Settings) -> Result:
            model = make_model(**spec.parameters or {})
            result = super().run_spec(spec, settings)
            second = set(model.properties) != set(NAMES)
            return result.model_copy(update={"verdict": end}) if second else result

    argument = decide(monkeypatch, Ended({("smp_mb", "tso"): [falls("Case2")]}), [])
    x86 = next(j for j in argument.machines if j.machine.name == "x86")
    assert len(x86.runs) == 2
    assert (x86.falls("Case2"), x86.holding, x86.fallen) == (True, (), ("Case2",))
    assert x86.verdict("Case1") == x86.verdict("NoLeak") == end


# The answer


def test_as_expected_the_answer_is_no() -> None:
    answer = read_answer(argued())
    assert (answer.headline, answer.exit_code) == ("No.", ExitCode.AS_EXPECTED)
    assert (answer.surprises, answer.undecided) == ((), ())
    reasons = " ".join(answer.reasons)
    for words in (
        "The reasoning is sound",
        "on x86, arm64 and generic this_cpu_cmpxchg() is no full barrier",
        "On x86 the cache leaks. Both cases hold",
        "On arm64 and generic the cache leaks. On the way there Case1 and CasesExhaustive fall",
        "On s390 smp_mb() is enough: its this_cpu_cmpxchg() is a full barrier",
        "Without store buffers all four statements hold",
        "repairs it on x86 and arm64",
    ):
        assert words in reasons


def test_a_yes_is_a_yes_for_what_was_asked_about() -> None:
    answer = read_answer(argued(["s390"]))
    assert (answer.headline, answer.exit_code) == ("Yes, on s390.", ExitCode.AS_EXPECTED)
    assert "leaks" not in " ".join(answer.reasons)


CASE_1 = ({"Case1", "CasesExhaustive", "NoLeak"}, PROVEN)


@pytest.mark.parametrize(
    ("changed", "headline", "code", "words"),
    [
        ({"x86": ((), PROVEN)}, "Yes, on x86.", 1, "On x86 smp_mb() is enough."),
        ({"x86": (("CasesExhaustive",), PROVEN)}, "Yes, on x86.", 1, "smp_mb() is enough"),
        ({"x86": (("NoLeak",), PROVEN)}, "No.", 1, "No statement before the conclusion"),
        ({"x86": CASE_1}, "No.", 1, "On the way there Case1 and CasesExhaustive fall"),
        ({"as_assumed": (("Case2",), PROVEN)}, "No.", 1, "has a hole: even with a this_cpu_"),
        ({"as_assumed": (NAMES, PROVEN)}, "No.", 1, "Case2, CasesExhaustive and NoLeak fall."),
        (
            {"no_buffers": (("NoLeak",), PROVEN)},
            "No.",
            1,
            "Even without store buffers NoLeak falls",
        ),
        ({"x86_paired": (("NoLeak",), PROVEN)}, "No.", 1, "does not repair it on x86"),
        ({"x86_paired": ((), PROVEN)}, "No.", 1, "repairs it on x86"),
        ({"x86": (("CasesExhaustive",), TIMEOUT)}, "Not decided.", 4, "The reasoning is sound"),
        ({"x86": (("NoLeak",), TIMEOUT)}, "No.", 4, "On x86 the cache leaks."),
        ({"as_assumed": ((), TIMEOUT)}, "No.", 4, "is not decided."),
        ({"no_buffers": ((), TIMEOUT)}, "No.", 4, "Without store buffers: not decided"),
        ({"x86": ((), VACUOUS)}, "Not decided.", 1, "The reasoning is sound"),
        ({"x86": ((), DEADLOCK)}, "Not decided.", 1, "The reasoning is sound"),
        ({"x86": ((), TLC_FAILED)}, "Not decided.", 3, "The reasoning is sound"),
        ({"x86": ((), TIMEOUT), "no_buffers": (("Case1",), PROVEN)}, "Not decided.", 1, "sound"),
    ],
)
def test_another_verdict_is_another_answer(
    changed: dict[str, Any], headline: str, code: int, words: str
) -> None:
    expected = read_answer(argued(["x86"]))
    answer = read_answer(argued(["x86"], **changed))
    assert (answer.headline, answer.exit_code) == (headline, code)
    assert words in " ".join(answer.reasons)
    assert answer != expected
    assert bool(answer.surprises) == (code in {1, 3})
    assert bool(answer.undecided) == any(last == TIMEOUT for _, last in changed.values())


def test_the_page_says_what_is_not_as_expected() -> None:
    told = squeezed(shown(argued(["s390"], s390=((), VACUOUS), no_buffers=((), TIMEOUT))))
    assert "(am I correct?) Not decided." in told
    assert "Not as expected: Case1 on s390 should be PROVEN, and is VACUOUS(ShrinkReturns)." in told
    assert "Not decided: no-buffers: Case1, no-buffers: Case2, no-buffers: Cases" in told
    as_expected = squeezed(shown(argued(["s390"])))
    assert "Not " not in as_expected.partition("The answer")[2]


# Real runs


@pytest.fixture(scope="module")
def real(engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Argument:
    """The argument on three architectures, with one slab and one putting task."""
    settings = Settings(toolchain=engine_at_hand, out_dir=tmp_path_factory.mktemp("argued"))
    return argue(["x86", "s390", "arm64"], settings=settings, slabs=1, tasks=1)


def test_on_real_runs_the_argument_comes_out_as_expected(real: Argument) -> None:
    answer = read_answer(real)
    assert (answer.headline, answer.exit_code, answer.surprises) == ("No.", 0, ())
    found = {j.machine.name: j.fallen for j in real.machines}
    assert found == {
        "no-buffers": (),
        "as-assumed": (),
        "x86": ("CasesExhaustive", "NoLeak"),
        "s390": (),
        "arm64": ("Case1", "CasesExhaustive", "NoLeak"),
        "x86-paired": ("CasesExhaustive",),
        "arm64-paired": ("CasesExhaustive",),
    }
    assert all(j.holding + j.fallen and len(j.holding + j.fallen) == 4 for j in real.machines)


@pytest.mark.parametrize(
    ("arch", "statement", "labels"),
    [
        (
            "arm64",
            "Case1",
            {
                "shrink_store_limit",
                "drain_store",
                "shrink_fence",
                "put_cmpxchg_partial",
                "put_check_limit",
            },
        ),
        (
            "x86",
            "CasesExhaustive",
            {"put_cmpxchg_partial", "shrink_store_limit", "drain_store", "shrink_fence"},
        ),
        (
            "x86",
            "NoLeak",
            {
                "put_cmpxchg_partial",
                "put_check_limit",
                "shrink_store_limit",
                "shrink_fence",
                "flush_load_partial",
                "drain_store",
                "shrink_return",
            },
        ),
    ],
)
def test_the_decisive_steps_are_few_and_tell_it_all(
    real: Argument, arch: str, statement: str, labels: set[str]
) -> None:
    (judged_,) = (j for j in real.machines if j.machine.name == arch)
    result = judged_.run_of(statement)
    steps = decisive_steps(result, statement).steps
    assert {step.action for step in steps} == labels
    assert len(steps) <= 8 < result.trace_length  # type: ignore[operator]  # it is violated
    numbers = [step.number for step in steps]
    assert numbers == sorted(set(numbers))
    notes = " ".join(note for step in steps for note in step.notes)
    (put,) = (step for step in steps if step.action == "put_cmpxchg_partial")
    if statement == "Case1":
        assert [s.action for s in steps[-3:]] == [
            "shrink_fence",
            "put_cmpxchg_partial",
            "put_check_limit",
        ]
        assert notes == "an old value: memory holds 0, but the load was satisfied early"
    elif statement == "CasesExhaustive":
        assert notes.startswith("neither before nor after")
        assert f"executed in step {put.number}," in notes
    else:
        assert re.search(r"still in cpu\d's store buffer", notes)
        (look,) = (step for step in steps if step.action == "flush_load_partial")
        assert f"looks at {put.cpu}:" in look.words
        assert steps[-1].changed == (f"partial[{put.cpu}] = slab1",)


def test_a_statement_that_holds_has_no_decisive_steps(real: Argument) -> None:
    (x86,) = (j for j in real.machines if j.machine.name == "x86")
    with pytest.raises(LookupError, match="does not violate Case1"):
        decisive_steps(x86.run_of("Case1"), "Case1")


@pytest.mark.parametrize("width", WIDTHS)
def test_it_reads_from_the_question_to_the_answer(real: Argument, width: int) -> None:
    text = shown(real, width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= min(width, 120)
    numbers = [int(n) for n in re.findall(r"^(\d+)\. \w", text, re.MULTILINE)]
    assert numbers == list(range(1, 12))
    told = squeezed(text)
    at = 0
    for words in (
        '"(am I correct?)"',
        "store partial[c] = slab",
        "this_cpu_cmpxchg() is a full barrier?",
        "Case1 == after_fence # {} => deaf = {}",
        "It falls on arm64. Nothing holds",
        "How it comes to that on arm64, 5 of",
        "! an old value: memory holds 0",
        "Case2 == before_fence # {} => missed = {}",
        "CasesExhaustive == fenced",
        "How it comes to that on x86, 4 of",
        "! neither before nor after",
        "NoLeak ==",
        "! an old value, so it is not",
        "The first row is the control",
        "but does no harm",
        "(am I correct?) No.",
        "implies no memory barrier",
        "slubtla verify --strategy synchronize_sched",
        "data race",
    ):
        assert words in told[at:], words
        at += told[at:].index(words)
    machines = {j.machine.name: j for j in real.of(Role.REAL)}
    for arch, name in (("arm64", "Case1"), ("x86", "CasesExhaustive"), ("x86", "NoLeak")):
        run_dir = str(machines[arch].run_of(name).run_dir)
        assert run_dir in re.sub(r"\s+", "", text)


def test_json_has_each_verdict_with_its_run(real: Argument) -> None:
    told = json.loads(json.dumps(as_told(real, read_answer(real))))
    assert (told["answer"]["word"], told["answer"]["exit_code"]) == ("No", 0)
    (x86,) = (m for m in told["machines"] if m["machine"]["name"] == "x86")
    verdicts = {s["name"]: (s["expected"], s["verdict"]) for s in x86["statements"]}
    assert verdicts == {
        "Case1": ("PROVEN", "PROVEN"),
        "Case2": ("PROVEN", "PROVEN"),
        "CasesExhaustive": ("VIOLATED", "VIOLATED(CasesExhaustive)"),
        "NoLeak": ("VIOLATED", "VIOLATED(NoLeak)"),
    }
    for statement in x86["statements"]:
        run = x86["runs"][statement["run"]]
        assert statement["name"] in run["properties"]
        assert run["verdict"]["kind"] == statement["verdict"].partition("(")[0]


# The command


@pytest.mark.usefixtures("engine_at_hand")
def test_the_command_on_one_architecture(tmp_path: Path) -> None:
    place = tmp_path / "runs"
    ran_ = CliRunner().invoke(app, ["argue", "--arch", "s390", "--json", "--out-dir", str(place)])
    assert (ran_.exit_code, ran_.stderr) == (0, "")
    told = json.loads(ran_.stdout)
    assert [m["machine"]["name"] for m in told["machines"]] == ["no-buffers", "as-assumed", "s390"]
    assert told["answer"]["word"] == "Yes"
    assert {path.name for path in place.iterdir()} == {"no-buffers-1", "as-assumed-1"}


def test_the_exit_code_is_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    for code, argument in (
        (0, argued(["s390"])),
        (1, argued(["s390"], no_buffers=((), VACUOUS))),
        (4, argued(["s390"], s390=((), TIMEOUT))),
    ):
        monkeypatch.setattr("slubtla.cli.campaigns.argue", lambda *_, a=argument, **__: a)
        for options in ([], ["--json"]):
            assert CliRunner().invoke(app, ["argue", *options]).exit_code == code


def test_a_wrong_architecture_is_told_of() -> None:
    refused = CliRunner().invoke(app, ["argue", "--arch", "x68"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "did you mean 'x86'?" in refused.stderr


# The page


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The script that makes the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        spec = importlib.util.spec_from_file_location("make_argument", DOCS / "make_argument.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        patch.setitem(__import__("sys").modules, "make_argument", module)
        spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(maker: ModuleType) -> None:
    page = (DOCS / "argument.md").read_text(encoding="utf-8")
    assert maker.updated(page) == page, "run: python docs/make_argument.py"


def test_the_page_shows_its_pictures_and_each_is_of_what_falls(maker: ModuleType) -> None:
    page = (DOCS / "argument.md").read_text(encoding="utf-8")
    pictures = re.findall(r"\]\((pictures/\S+)\)", page)
    assert len(pictures) == 5
    assert all((DOCS / picture).is_file() for picture in pictures)
    machines = {m.name: m for m in machines_for()}
    for statement, where in maker.TRACES.items():
        assert statement in machines[where].falls


def test_a_page_without_its_places_is_refused(maker: ModuleType) -> None:
    page = (DOCS / "argument.md").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="end of history"):
        maker.updated(page.replace("<!-- end of history -->", ""))
