"""What people see: the verdict first, every line within the width, nothing lost on the way."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from slubtla.barriers.campaigns.cost import Cost, Costs, Span
from slubtla.barriers.campaigns.matrix import Cell, Matrix
from slubtla.barriers.show.cost import cost_view
from slubtla.barriers.show.matrix import matrix_view
from slubtla.barriers.show.proof import proof_view
from slubtla.barriers.show.text import result_view, trace_view
from slubtla.barriers.suite import prove
from slubtla.barriers.table import STYLES
from slubtla.barriers.trace.changes import changes
from slubtla.barriers.trace.counterexample import counterexample_of, subject_of
from slubtla.cli.exits import print_view
from slubtla.protocols.slub import SLUB
from slubtla.tlc.output import Function, ModelValue, RecordValue, Value, parse_value, same_value
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Result, Stats
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import Verdict, VerdictKind
from slubtla.tlc.tools import Toolchain

Verified = Callable[..., Result]

WIDTHS = (80, 100, 200)
COUNTER = Path(__file__).parent / "tlc" / "outputs" / "specs" / "Counter.tla"
ENDS = {
    "deadlock": "INIT Init NEXT Step",
    "lasso": "SPECIFICATION Lasso PROPERTY Swings",
    "stuttering": "SPECIFICATION Stutter PROPERTY Reaches",
}


def shown(view: RenderableType, width: int = 100, *, terminal: bool = False) -> str:
    """A view as it stands on a screen; on a terminal with its colours, unless NO_COLOR is set."""
    out = io.StringIO()
    print_view(view, Console(file=out, width=width, force_terminal=terminal, highlight=False))
    return out.getvalue()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture(scope="session")
def checked(
    engine_at_hand: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Result]:
    """A counterexample of each kind, of a spec that slubtla knows nothing of."""
    place = tmp_path_factory.mktemp("counter")
    results = {}
    for name, behaviour in ENDS.items():
        cfg = place / f"{name}.cfg"
        cfg.write_text(f"CONSTANT Last = 3\n{behaviour}\n", encoding="utf-8")
        settings = Settings(toolchain=engine_at_hand, out_dir=place / name)
        results[name] = check_spec(
            COUNTER, cfg, settings=settings, check_deadlock=name == "deadlock"
        )
    return results


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("strategy", "first"), [("none", "VIOLATED(NoLeak)"), ("smp_mb_paired", "PROVEN")]
)
def test_the_verdict_is_the_first_word_and_no_line_is_too_long(
    verified: Verified, strategy: str, first: str, width: int
) -> None:
    result = verified(strategy=strategy, slabs=1)
    for view in (result_view(result), trace_view(result)):
        text = shown(view, width)
        assert text.split()[0] == first
        assert max(map(len, text.splitlines())) <= min(width, 120)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_step_of_the_interleaving_is_on_the_screen(verified: Verified, width: int) -> None:
    result = verified(strategy="none", slabs=1)
    text = shown(trace_view(result), width)
    numbers = [int(n) for n in re.findall(r"^ +(\d+) {2}", text, re.MULTILINE)]
    assert result.trace_length is not None
    assert numbers == list(range(1, result.trace_length + 1))
    for words in ("cpu0", "cpu1", "memory", " runs ", "has_cpu_slab()", "sent no IPI"):
        assert words in squeezed(text)


def test_the_numbers_and_where_they_come_from(verified: Verified) -> None:
    result = verified(strategy="smp_mb_paired", slabs=1)
    text = squeezed(shown(result_view(result)))
    for words in (
        f"states {result.stats.distinct:,} distinct, {result.stats.generated:,} generated",
        "bounds 2 CPUs, 2 putting tasks and the shrinker, 1 slab",
        "checked TypeOK, NoLeak, ListIntegrity, NoSelfDeadlock, ShrinkReturns",
        f"rev {result.provenance.tlc_revision}",
        result.provenance.jar_sha256[:12],
        "again slubtla verify --strategy smp_mb_paired --slabs 1",
    ):
        assert words in text
    assert "so far" not in text
    assert "left on queue" not in text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("strategy", ["none", "smp_mb_paired"])
def test_the_verdict_is_the_last_thing_too(verified: Verified, strategy: str, width: int) -> None:
    result = verified(strategy=strategy, slabs=1)
    lines = shown(result_view(result), width).rstrip().splitlines()
    rules = [at for at, line in enumerate(lines) if set(line) == {"━"}]
    head, end = lines[: rules[0]], lines[rules[-1] + 1 :]
    assert head == end
    assert head[0].startswith(f"{result.verdict}  {subject_of(result)}")
    assert len(lines[rules[0]]) == min(width, 120)


def test_at_80_columns_no_name_breaks(verified: Verified) -> None:
    result = verified(strategy="none", slabs=1)
    text = shown(result_view(result), 80)
    for row in counterexample_of(result).rows[1:]:
        assert row.function in text
    assert "what happens" in text
    assert "what happens" not in shown(result_view(result), 100)


def test_every_model_that_ships_has_its_row_at_80_columns() -> None:
    proof = prove(run=False)
    text = shown(proof_view(proof), 80)
    for model in proof.models:
        assert re.search(rf" - +{re.escape(model.name)} +{re.escape(model.expected or '')}", text)


def test_each_difference_of_a_model_stands_below_what_it_must_show() -> None:
    proof = prove([Path("argument")], only=["as-it-is-x86"], run=False)
    (file,) = proof.files
    wrong = file.models[0].model_copy(update={"found": "PROVEN"})
    told = proof.model_copy(update={"files": (file.model_copy(update={"models": (wrong,)}),)})
    text = squeezed(shown(proof_view(told), 80))
    assert "as-it-is-x86 VIOLATED(NoLeak) found PROVEN" in text


def test_costs_fit_80_columns(verified: Verified) -> None:
    result = verified(strategy="none", slabs=1)
    span = Span(least=0, most=1)
    costs = Costs(
        costs=tuple(
            Cost(
                strategy=strategy,
                kernel="v4.11",
                cpus=2,
                caches=1,
                barrier_ipis=span,
                flush_ipis=span,
                grace_periods=span,
                result=result,
            )
            for strategy in SLUB.strategies
        )
    )
    text = shown(cost_view(costs), 80)
    for strategy in SLUB.strategies:
        assert f" {strategy} " in text
    assert "…" not in text


def test_a_result_without_a_counterexample_has_no_trace(verified: Verified) -> None:
    text = shown(trace_view(verified(strategy="smp_mb_paired", slabs=1)))
    assert "No counterexample: nothing was violated." in text


def test_of_a_search_that_was_cut_short_the_progress_is_shown(verified: Verified) -> None:
    proven = verified(strategy="smp_mb_paired", slabs=1)
    cut = proven.model_copy(
        update={
            "verdict": Verdict(VerdictKind.INCONCLUSIVE, "timeout", "the time limit"),
            "stats": Stats(distinct=1234567, generated=2345678, queue=89, final=False),
        }
    )
    text = squeezed(shown(result_view(cut)))
    assert text.startswith("INCONCLUSIVE(timeout)")
    assert "states so far, at TLC's last report: 1,234,567 distinct, 2,345,678 generated" in text
    unheard = cut.model_copy(update={"stats": Stats(final=False)})
    assert "so far" not in shown(result_view(unheard))


def test_what_looks_like_markup_is_shown_as_it_is(verified: Verified) -> None:
    proven = verified(strategy="smp_mb_paired", slabs=1)
    odd = proven.model_copy(
        update={
            "run_dir": Path("[bold]", "run[1]"),
            "command": "slubtla check '[red].tla'",
            "warnings": ("[dim]so[/dim]",),
            "verdict": Verdict(VerdictKind.ERROR, "tlc", "[link=x]"),
            "errors": ("[/]",),
        }
    )
    text = shown(result_view(odd))
    for part in ("[bold]/run[1]", "'[red].tla'", "[dim]so[/dim]", "[link=x]", "TLC says: [/]"):
        assert part in text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("name", "verdict", "steps"),
    [
        (
            "deadlock",
            "VIOLATED(Deadlock)",
            ["1 initial state x = 0", "2 Step x = 1", "3 Step x = 2", "4 Step x = 3"],
        ),
        (
            "lasso",
            "VIOLATED(Swings)",
            ["1 initial state x = 0", "4 Step x = 3", "5 back to 2"],
        ),
        (
            "stuttering",
            "VIOLATED(Reaches)",
            ["1 initial state x = 0", "4 Step x = 3", "5 stutters for ever"],
        ),
    ],
)
def test_the_trace_of_any_spec(
    checked: Mapping[str, Result], name: str, verdict: str, steps: list[str], width: int
) -> None:
    text = shown(result_view(checked[name]), width)
    assert text.split()[0] == verdict
    assert max(map(len, text.splitlines())) <= min(width, 120)
    lines = [squeezed(line).strip() for line in text.splitlines()]
    assert [line for line in lines if line in steps] == steps
    assert len([line for line in lines if re.match(r"\d+ \w", line)]) == len(
        checked[name].trace.steps  # type: ignore[union-attr]  # it is violated
    )


def test_colours_only_where_they_are_wanted(
    verified: Verified, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = result_view(verified(strategy="none", slabs=1))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = shown(view, terminal=True)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", plain)
    assert "\x1b" not in shown(view)
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[1;31mVIOLATED(NoLeak)" in shown(view, terminal=True)
    assert "\x1b" not in shown(view)


def test_each_verdict_has_its_colour() -> None:
    assert STYLES.keys() == set(VerdictKind)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_matrix_is_a_table_with_every_verdict_in_it(verified: Verified, width: int) -> None:
    proven = verified(strategy="smp_mb_paired", slabs=1)
    violated = verified(strategy="none", slabs=1)
    matrix = Matrix(
        cells=tuple(
            Cell(strategy=strategy, column=column, result=result)
            for strategy in SLUB.strategies
            for column, result in (("sc", proven), ("x86", violated), ("s390", proven))
        )
    )
    text = shown(matrix_view(matrix), width)
    assert max(map(len, text.splitlines())) <= min(width, 120)
    lines = [line.split() for line in text.splitlines()]
    for strategy in SLUB.strategies:
        at = lines.index([strategy, "PROVEN", "VIOLATED", "PROVEN"])
        below = [f"{proven.stats.distinct:,}", "NoLeak", f"{violated.stats.distinct:,}"]
        assert lines[at + 1] == [*below, below[0]]
    assert "says nothing about barriers." in squeezed(text)
    assert (matrix["none", "x86"], matrix.rows) == (violated, tuple(SLUB.strategies))
    with pytest.raises(KeyError):
        _ = matrix["none", "riscv"]


def test_a_matrix_exits_with_0_only_when_every_cell_is_decided(verified: Verified) -> None:
    proven = verified(strategy="smp_mb_paired", slabs=1)

    def code(*verdicts: Verdict) -> int:
        cells = [
            Cell(strategy=str(n), column="x86", result=proven.model_copy(update={"verdict": v}))
            for n, v in enumerate(verdicts)
        ]
        return Matrix(cells=tuple(cells)).exit_code

    good = (Verdict(VerdictKind.PROVEN), Verdict(VerdictKind.VIOLATED, "NoLeak"))
    assert code(*good) == 0
    assert code(*good, Verdict(VerdictKind.VACUOUS, "Init")) == 1
    assert code(*good, Verdict(VerdictKind.BOUNDED, "queue")) == 4
    assert code(*good, Verdict(VerdictKind.INCONCLUSIVE, "memory")) == 4
    assert code(*good, Verdict(VerdictKind.INCONCLUSIVE), Verdict(VerdictKind.ERROR, "tlc")) == 3


def changed(before: str, after: str) -> list[str]:
    return [str(c) for c in changes({"v": parse_value(before)}, {"v": parse_value(after)})]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1", "1", []),
        ("1", "TRUE", ["v = TRUE"]),
        ("1", '"1"', ['v = "1"']),
        ("{1, 2}", "{2, 10, 9}", ["v: + 9, + 10, - 1"]),
        ("{}", "{a}", ["v: + a"]),
        ("{a, b}", "{b}", ["v: - a"]),
        ("{1}", "{TRUE}", ["v: + TRUE, - 1"]),
        ("(c1 :> 1 @@ c2 :> 2)", "(c1 :> 1 @@ c2 :> 3)", ["v[c2] = 3"]),
        ("(c1 :> 1 @@ c2 :> 2)", "(c1 :> TRUE @@ c2 :> 2)", ["v[c1] = TRUE"]),
        ("(c1 :> {} @@ c2 :> {a})", "(c1 :> {a} @@ c2 :> {})", ["v[c1]: + a", "v[c2]: - a"]),
        ("(c1 :> 1 @@ c2 :> 2)", "(c1 :> 1)", ["v = (c1 :> 1)"]),
        ('(<<"t", c1>> :> 1 @@ c2 :> 2)', '(<<"t", c1>> :> 0 @@ c2 :> 2)', ['v[<<"t", c1>>] = 0']),
        ("[head |-> 1, tail |-> 2]", "[head |-> 1, tail |-> 3]", ['v["tail"] = 3']),
        ("[head |-> 1]", "[tail |-> 1]", ["v = [tail |-> 1]"]),
        ("<<1, 2>>", "<<1, 3>>", ["v = <<1, 3>>"]),
        ("<<>>", "(c1 :> 1)", ["v = (c1 :> 1)"]),
        ("[head |-> 1]", "(c1 :> 1)", ["v = (c1 :> 1)"]),
    ],
)
def test_what_a_step_changed(before: str, after: str, expected: list[str]) -> None:
    assert changed(before, after) == expected


SCALARS = st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "b"])
ATOMS: st.SearchStrategy[Value] = SCALARS | st.sampled_from([ModelValue("c1"), ModelValue("c2")])
VALUES: st.SearchStrategy[Value] = st.recursive(
    ATOMS,
    lambda inner: (
        st.frozensets(inner, max_size=3)
        | st.lists(inner, max_size=2).map(tuple)
        | st.dictionaries(st.sampled_from(["f", "g"]), inner, min_size=1).map(RecordValue)
        | st.dictionaries(st.sampled_from(["x", ModelValue("c1")]), inner, min_size=1).map(Function)
    ),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_nothing_changed_is_not_told_and_nothing_is_missed(before: Value, after: Value) -> None:
    found = changes({"v": before}, {"v": after})
    assert (found == ()) == same_value(before, after)
    for change in found:
        assert not same_value(change.before, change.after)
        assert re.search(r"= .|: [+-] .", str(change))
    if found and found[0].key is not None:
        assert isinstance(before, Function | RecordValue)
        assert isinstance(after, Function | RecordValue)
        patched = {key: before[key] for key in before} | {c.key: c.after for c in found}  # type: ignore[index]  # its own keys
        assert same_value(type(after)(patched), after)  # type: ignore[arg-type]  # likewise
