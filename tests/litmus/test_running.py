"""Reading back what TLC printed, and refusing what is no answer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from litmus import lkmm
from litmus.kernel_style import STYLED
from slubtla.barriers.litmus import (
    Litmus,
    LitmusError,
    LitmusRunError,
    LitmusUndecidedError,
    Observation,
    parse_litmus,
    run_litmus,
)
from slubtla.barriers.litmus.rendering import make_programs
from slubtla.barriers.litmus.running import read_final_states, run_programs
from slubtla.barriers.litmus.syntax import Variable
from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.errors import ExitCode, TlcOutputError, UnknownNameError, UsageError
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.tools import Toolchain

ONE = parse_litmus(
    "C one\n{ y=7; }\nP0(int *x) { int r0 = READ_ONCE(*x); r0 = r0 + 1; }\nexists (x=0)"
)
LONG = """
<< "final",
   1,
   [P0_r0 |-> 0],
   ( <<"x">> :> 0 @@
     <<"y">> :> 7 ) >>
<<"final", 1, [P0_r0 |-> 1], (<<"x">> :> 0 @@ <<"y">> :> 7)>>
"""


def test_a_final_state_may_go_over_several_lines() -> None:
    (states,) = read_final_states(LONG.splitlines(), make_programs([ONE]))
    memory = (Variable(-1, "x"), 0), (Variable(-1, "y"), 7)
    assert states == {(*memory, (Variable(0, "r0"), 1)), (*memory, (Variable(0, "r0"), 2))}


@pytest.mark.parametrize(
    "output",
    [
        '<<"final", 2, [P0_r0 |-> 0], (<<"x">> :> 0)>>',
        '<<"final", 1, 5, (<<"x">> :> 0)>>',
        '<<"final", 1, [P0_r0 |-> TRUE], (<<"x">> :> 0)>>',
        '<<"final", 1, [P0_r0 |-> 0], (1 :> 0)>>',
        '"something else"',
        "5",
    ],
)
def test_what_is_no_final_state_is_an_error(output: str) -> None:
    with pytest.raises(LitmusRunError):
        read_final_states([output], make_programs([ONE]))


def test_a_value_without_its_end_is_an_error() -> None:
    with pytest.raises(TlcOutputError):
        read_final_states(LONG.splitlines()[:4], make_programs([ONE]))


def test_a_test_without_a_final_state_has_none() -> None:
    assert read_final_states([], make_programs([ONE])) == (frozenset(),)


STUCK = {
    "a lock that is never given back": "spin_lock(l); spin_lock(l);",
    "a grace period within a reader": "rcu_read_lock(); synchronize_rcu(); rcu_read_unlock();",
}


@pytest.mark.parametrize("what", STUCK)
def test_a_thread_that_waits_for_ever_is_an_error(engine_at_hand: Toolchain, what: str) -> None:
    text = f"C stuck\n{{}}\nP0(int *x, spinlock_t *l) {{ {STUCK[what]} }}\nexists (x=1)"
    with pytest.raises(LitmusError, match="stuck never ends"):
        run_litmus([parse_litmus(text)], ["tso"], settings=Settings(toolchain=engine_at_hand))


def test_a_search_that_is_cut_short_decides_nothing(engine_at_hand: Toolchain) -> None:
    with pytest.raises(LitmusUndecidedError) as caught:
        run_litmus([ONE], ["sc"], settings=Settings(toolchain=engine_at_hand, timeout=0.05))
    assert caught.value.exit_code is ExitCode.INCONCLUSIVE


def test_a_search_that_a_constraint_bounds_decides_nothing(
    engine_at_hand: Toolchain, specs_copy: Path
) -> None:
    file = specs_copy / "litmus" / "Litmus.cfg.j2"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\nCONSTRAINT TypeOK\n", encoding="utf-8")
    with pytest.raises(LitmusUndecidedError, match=r"BOUNDED\(constraint\)"):
        run_litmus([ONE], ["sc"], settings=Settings(toolchain=engine_at_hand, specs=specs_copy))


def test_a_broken_model_is_no_answer(engine_at_hand: Toolchain, specs_copy: Path) -> None:
    file = specs_copy / "memory" / "sc" / "WeakMemory.tla"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("!.memory[location] = value]", "!.memory[location] = {}]"))
    test = parse_litmus("C a\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=1)")
    with pytest.raises(LitmusRunError):
        run_litmus([test], ["sc"], settings=Settings(toolchain=engine_at_hand, specs=specs_copy))


def test_nothing_to_run_and_no_such_model() -> None:
    with pytest.raises(UsageError, match="no litmus test"):
        run_litmus([])
    with pytest.raises(UnknownNameError, match="memory model"):
        run_litmus([ONE], ["x86"])


def test_the_run_is_kept_where_it_is_asked_for(engine_at_hand: Toolchain, tmp_path: Path) -> None:
    settings = Settings(toolchain=engine_at_hand, out_dir=tmp_path / "runs")
    run_litmus([ONE], ["sc", "tso"], settings=settings)
    for memory in ("sc", "tso"):
        assert {"Litmus.tla", "Litmus.cfg", "tlc.out"} <= {
            path.name for path in (tmp_path / "runs" / memory).iterdir()
        }


def test_the_dress_of_the_kernels_library_runs_unchanged(engine_at_hand: Toolchain) -> None:
    tests = [parse_litmus(text) for text in STYLED.values()]
    result = run_litmus(tests, settings=Settings(toolchain=engine_at_hand))
    assert [(o.litmus.name, o.memory, o.verdict) for o in result.surprises] == []
    for test in tests:
        assert lkmm.verdict(test) == test.lkmm


def test_a_filter_that_leaves_nothing_is_told(engine_at_hand: Toolchain) -> None:
    text = "C none\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nfilter (x=5)\nexists (x=1)"
    result = run_litmus([parse_litmus(text)], ["sc"], settings=Settings(toolchain=engine_at_hand))
    ((outcome,),) = result.outcomes
    assert outcome.vacuous
    assert (outcome.verdict, outcome.ok) == (Observation.NEVER, False)


# --- Random programs against the axioms.


def random_test(number: int, rnd: random.Random) -> Litmus:
    """Make two threads of up to three accesses each, of every kind."""
    threads = ""
    rcu = rnd.random() < 0.3
    for thread in range(2):
        lines: list[str] = []
        registers = 0
        for _ in range(rnd.randint(2, 3)):
            where, value, form = rnd.choice("xy"), rnd.randint(1, 2), rnd.choice(FORMS)
            lines += rnd.choice([[], [], [f"smp_{rnd.choice(['mb', 'rmb', 'wmb'])}();"]])
            read = rnd.choice(
                [
                    f"READ_ONCE(*{where})",
                    f"READ_ONCE(*{where})",
                    f"smp_load_acquire({where})",
                    f"xchg{form}({where}, {value})",
                    f"cmpxchg{form}({where}, {rnd.randint(0, 1)}, {value})",
                    "",
                    "",
                    "",
                ]
            )
            if read:
                lines.append(f"int r{registers} = {read};")
                registers += 1
            elif registers and rnd.random() < 0.3:
                lines.append(f"if (r{registers - 1} == 1) WRITE_ONCE(*{where}, 2);")
            else:
                store = f"WRITE_ONCE(*{where}, {value});"
                lines.append(rnd.choice([store, f"smp_store_release({where}, {value});"]))
        first, last = sorted(rnd.sample(range(len(lines) + 1), 2))
        if rcu and thread == 0:
            lines[last:last], lines[first:first] = ["rcu_read_unlock();"], ["rcu_read_lock();"]
        elif rcu:
            lines[first:first] = ["synchronize_rcu();"]
        elif rnd.random() < 0.2:
            lines[last:last], lines[first:first] = ["spin_unlock(l);"], ["spin_lock(l);"]
        threads += f"P{thread}(int *x, int *y, spinlock_t *l)\n{{\n{' '.join(lines)}\n}}\n"
    return parse_litmus(f"C random{number}\n{{}}\n{threads}exists (x=1)", file=threads)


FORMS = ["", "_relaxed", "_acquire", "_release"]


def test_random_programs_are_never_weaker_than_the_axioms(engine_at_hand: Toolchain) -> None:
    rnd = random.Random(2016)  # noqa: S311  # the same programs each time
    tests = [random_test(number, rnd) for number in range(60)]
    programs = make_programs(tests)
    settings = Settings(toolchain=engine_at_hand)
    found = {memory: run_programs(programs, memory, settings).states for memory in MEMORY_MODELS}
    for number, test in enumerate(tests):
        sc, tso, pso, relaxed = (found[memory][number] for memory in MEMORY_MODELS)
        assert sc <= tso <= pso <= relaxed <= lkmm.final_states(test), test.file
