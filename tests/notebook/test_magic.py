"""``%%pluscal`` in a real kernel."""

from __future__ import annotations

import pytest

from notebook.tools import Heard, Kernel, failure, no_error, texts

LOST = """%%pluscal --invariant Counted --result lost
--algorithm Increment
variables counter = 0, done = {};
define
  Counted == Cardinality(done) = 2 => counter = 2
end define;
process worker \\in {"a", "b"}
variable seen = 0;
begin
  Load: seen := counter;
  Store: counter := seen + 1; done := done \\union {self};
end process;
end algorithm
"""
MODULE = """%%pluscal {options}
---- MODULE Clock ----
EXTENDS Naturals
CONSTANT Last
VARIABLE hour
Init == hour = 0
Next == hour < Last /\\ hour' = hour + 1
Spec == Init /\\ [][Next]_hour
Early == hour < Last
Within == hour <= Last
====
"""
BARRIER = "slub/barriers/smp_mb.pcal.j2"
WEAK = """<% macro shrink_barrier() %>
\\* barrier()
shrink_fence:
    executing();
<% endmacro %>
"""
ALTER = f"%%pluscal --replace {BARRIER} strategy=smp_mb cmpxchg=full slabs=1"


@pytest.fixture(scope="module")
def notebook(jupyter: Kernel) -> Kernel:
    """The kernel, with the magic."""
    no_error(jupyter.run("%load_ext slubtla"))
    return jupyter


def verdict(heard: list[Heard]) -> str:
    """The verdict that a cell's result begins with."""
    return texts(no_error(heard), "text/plain")[-1].split()[0]


def refusal(heard: list[Heard]) -> str:
    """What a cell that was refused shows: never a traceback."""
    wrong = failure(heard)
    assert wrong is not None
    said = "\n".join(wrong["traceback"])
    assert "Traceback" not in said
    assert ".py" not in said
    return said


def test_an_algorithm_is_checked_and_its_result_kept(notebook: Kernel) -> None:
    heard = notebook.run(LOST)
    assert verdict(heard) == "VIOLATED(Counted)"
    assert "<progress" in texts(heard)[0]
    kept = notebook.run("assert lost.trace_length >= 5; lost.command")
    assert "slubtla check" in texts(no_error(kept), "text/plain")[-1]


def test_its_command_line_repeats_it(notebook: Kernel) -> None:
    again = "import pathlib\nslubtla.check_spec(pathlib.Path(lost.command.split()[-1]))"
    assert verdict(notebook.run(again)) == "VIOLATED(Counted)"


def test_a_module_takes_constants_and_options(notebook: Kernel) -> None:
    options = "Clock --constant 'Last = 3' --no-deadlock --invariant Within"
    assert verdict(notebook.run(MODULE.format(options=options))) == "PROVEN"
    options = "--constant 'Last = 3' --invariant Early"
    assert verdict(notebook.run(MODULE.format(options=options))) == "VIOLATED(Early)"


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("  Load: seen := counter;", "  Load: seen = counter;", "line 10 of the cell"),
        ("=> counter = 2", "=> count = 2", "line 5 of the cell"),
        ("seen + 1", "sean + 1", "line 11 of the cell, column 21: in label Store"),
        ("--invariant Counted", "--invariant Count", "Count"),
        ("--invariant Counted", "--invariants Counted", "unrecognized arguments"),
        ("--result lost", "'", "No closing quotation"),
        ("--result lost", "A B", "one name, not 2"),
        ("--result lost", "--cfg no.cfg", "no.cfg cannot be read"),
        ("--result lost", "--timeout 0", "a timeout of 0 s"),
        ("--result lost", "--help", "--replace TEMPLATE"),
    ],
)
def test_what_is_wrong_is_told_with_the_line_of_the_cell(
    notebook: Kernel, right: str, wrong: str, says: str
) -> None:
    assert says in refusal(notebook.run(LOST.replace(right, wrong, 1)))


def test_the_shipped_model_can_be_altered(notebook: Kernel) -> None:
    heard = notebook.run(f"{ALTER}\n{WEAK}")
    assert verdict(heard) == "VIOLATED(NoLeak)"
    assert f"{BARRIER} is not the shipped one" in texts(heard)[-1]
    assert f"%%pluscal --replace {BARRIER} strategy=smp_mb" in texts(heard)[-1]


@pytest.mark.parametrize(
    ("line", "cell", "says"),
    [
        (ALTER.replace("smp_mb.pcal", "smp_nb.pcal"), WEAK, "did you mean"),
        (f"{ALTER} --invariant NoLeak", WEAK, "checks what the model checks"),
        (f"{ALTER} cpus", WEAK, "no KEY=VALUE"),
        (f"{ALTER} slab=1", WEAK, "slab"),
        (ALTER, WEAK.replace("endmacro", "endmakro"), "line 6 of the cell"),
        (ALTER, WEAK.replace("executing();", "executing()"), "the rendered model"),
    ],
)
def test_what_does_not_fit_the_model_is_refused(
    notebook: Kernel, line: str, cell: str, says: str
) -> None:
    assert says in refusal(notebook.run(f"{line}\n{cell}"))
