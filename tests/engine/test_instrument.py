"""Actions that tell when they first fire: all of them, nothing else, and the same search."""

from __future__ import annotations

from pathlib import Path

import pytest

from slubtla.tlc.engine import CheckJob, ProcessEngine, TlcOptions, translate
from slubtla.tlc.output import TlcReport, read_report
from slubtla.tlc.run.instrument import Overlay, instrument_actions
from slubtla.tlc.tools import Toolchain

CONSTANTS = "CONSTANT defaultInitValue = defaultInitValue\n"
CFG = f"SPECIFICATION Spec\n{CONSTANTS}"

RACE = """\
---- MODULE Race ----
EXTENDS Naturals, Sequences
(* --algorithm race
variables x = 0, turn = {"a"};
procedure bump(by) begin Bump: x := (x + by) % 3; Leave: return; end procedure;
process P \\in {1, 2}
begin
  Choose: either call bump(1); or skip; end either;
  Dead: await x > 5; x := 0;
end process;
end algorithm *)
Again == x = 2 /\\ pc[1] = "Dead" /\\ UNCHANGED vars
Both == Spec /\\ [][Next \\/ Again]_vars
System == Init /\\ [][Next \\/ Again]_vars
====
"""


def run(
    toolchain: Toolchain, spec: Path, cfg: Path, workdir: Path, *, coverage: int = 0
) -> TlcReport:
    options = TlcOptions(workers=2, coverage_minutes=coverage, check_deadlock=False)
    done = ProcessEngine(toolchain).check(CheckJob(spec, cfg, workdir, options))
    with done.stdout.open(encoding="utf-8") as lines:
        return read_report(lines)


def told(toolchain: Toolchain, folder: Path, cfg: str) -> tuple[Path, Overlay | None]:
    folder.mkdir()
    spec = folder / "Race.tla"
    spec.write_text(RACE, encoding="utf-8")
    text = translate(toolchain, spec, folder / "run").text
    (folder / "run" / "Race.cfg").write_text(cfg, encoding="utf-8")
    return folder / "run", instrument_actions("Race", text, cfg)


@pytest.mark.parametrize("operator", ["Spec", "System"])
def test_what_fires_is_what_coverage_counts_and_the_search_is_the_same(
    toolchain: Toolchain, tmp_path: Path, operator: str
) -> None:
    folder, telling = told(toolchain, tmp_path / "race", f"SPECIFICATION {operator}\n{CONSTANTS}")
    assert telling is not None
    (folder / f"{telling.module}.tla").write_text(telling.text, encoding="utf-8")
    (folder / f"{telling.module}.cfg").write_text(telling.cfg, encoding="utf-8")
    counted = run(
        toolchain, folder / "Race.tla", folder / "Race.cfg", tmp_path / "counted", coverage=1
    )
    quick = run(
        toolchain,
        folder / f"{telling.module}.tla",
        folder / f"{telling.module}.cfg",
        tmp_path / "quick",
    )
    assert quick.stats == counted.stats
    assert quick.success
    assert counted.coverage is not None
    totals: dict[str, int] = {}
    for action in counted.coverage.actions:
        if not action.initial:
            totals[action.name] = totals.get(action.name, 0) + action.total
    assert telling.actions is not None
    assert set(telling.actions) == set(totals)
    assert quick.fired == {name for name, total in totals.items() if total}
    assert "Dead" in telling.actions
    assert "Dead" not in quick.fired
    assert not quick.output


@pytest.mark.parametrize(
    ("cfg", "change"),
    [
        ("SPECIFICATION Both\n", ("", "")),  # not of the form Init /\ [][N]_vars
        ("INIT Init\nNEXT Next\n", ("", "")),
        ("SPECIFICATION Missing\n", ("", "")),
        (CFG, ("Init /\\ [][Next]_vars", "Init /\\ [][Next]_vars /\\ WF_vars(Next)")),
        (CFG, ("[][Next]_vars", "[][Next /\\ x < 2]_vars")),
        (CFG, ("[][Next]_vars", "[][Next \\/ Elsewhere!Next]_vars")),
        (CFG, ("[][Next]_vars", "[][(Next]_vars")),
    ],
)
def test_what_is_not_understood_is_left_to_coverage(
    toolchain: Toolchain, tmp_path: Path, cfg: str, change: tuple[str, str]
) -> None:
    folder, _ = told(toolchain, tmp_path / "race", CFG)
    text = (folder / "Race.tla").read_text(encoding="utf-8")
    assert change[0] in text
    assert instrument_actions("Race", text.replace(*change), cfg) is None


def test_a_string_and_a_comment_are_no_operators() -> None:
    text = (
        "---- MODULE M ----\nVARIABLE x\n\\* Step == FALSE\nStep(a) ==\n  /\\ x = a\n  /\\ x' = 1\n"
        'Next == \\/ (\\E a \\in {"Step", "(", ":"} \\X (1..2) : Step(a))  (* \\/ Step *)\n'
        "        \\/ Step(<<1, 2>>)\n"
        "Spec == x = 1 /\\ [][Next]_x\nInit == x = 1\nAll == Init /\\ [][Next]_x\n====\n"
    )
    telling = instrument_actions("M", text, "SPECIFICATION All\n")
    assert telling is not None
    assert telling.actions == ("Step",)
    assert (
        'Told_Next == ((\\E a \\in {"Step", "(", ":"} \\X (1..2) : Told_Step(a)) '
        "\\/ Told_Step(<<1, 2>>))\n"
    ) in telling.text
    assert instrument_actions("M", text, "SPECIFICATION Spec\n") is None


def test_the_arms_of_a_case_in_init_are_no_temporal_operators() -> None:
    text = (
        "---- MODULE M ----\nVARIABLE x\nInit == x = CASE TRUE -> 1 [] OTHER -> 2\n"
        "Step == x' = 1\nSpec == Init /\\ [][Step]_x\n====\n"
    )
    telling = instrument_actions("M", text, "SPECIFICATION Spec\n")
    assert telling is not None
    assert telling.actions == ("Step",)
    always = text.replace("[] OTHER", "/\\ []x > 0 [] OTHER")
    assert instrument_actions("M", always, "SPECIFICATION Spec\n") is None
