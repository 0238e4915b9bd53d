"""The rendered module: golden files, and the same macros as the SLUB model has.

Write the golden files anew after a change of the templates, and read the diff::

    pytest tests/litmus/test_rendering.py --update-golden
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from slubtla.barriers.litmus import parse_litmus, read_litmus, shipped_files
from slubtla.barriers.litmus.program import Branch, instructions_of
from slubtla.barriers.litmus.rendering import PROPERTIES, make_programs, render_litmus
from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.barriers.model import make_model
from slubtla.barriers.render import environment, render
from slubtla.errors import UnknownNameError
from slubtla.tlc.text.cfg import read_cfg

GOLDEN = Path(__file__).parent / "golden"
FILES = {file.stem: file for file in shipped_files()}
GOLDEN_MODULES = {
    "two-tests-tso": ("tso", ["SB+cmpxchg_relaxed+mb", "MP+wmb+ctrl-rmb"]),
    "rcu-sc": ("sc", ["SB+rcu-nested+sync"]),
}
ALL = make_programs(read_litmus(file) for file in FILES.values())
every_model = pytest.mark.parametrize("memory", MEMORY_MODELS)


@pytest.mark.parametrize("name", GOLDEN_MODULES)
def test_the_spec_is_the_golden_file(name: str, request: pytest.FixtureRequest) -> None:
    memory, tests = GOLDEN_MODULES[name]
    spec = render_litmus(make_programs(read_litmus(FILES[test]) for test in tests), memory).spec
    file = GOLDEN / f"{name}.tla"
    if request.config.getoption("--update-golden"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(spec, encoding="utf-8")
    assert spec == file.read_text(encoding="utf-8")


@every_model
def test_rendering_twice_gives_the_same_bytes(memory: str) -> None:
    first = render_litmus(ALL, memory)
    environment.cache_clear()
    assert render_litmus(ALL, memory) == first


@every_model
def test_module_and_macros_are_those_of_the_slub_model(memory: str) -> None:
    def macros(spec: str) -> dict[str, str]:
        return {
            match[1]: _balanced(spec, match.end())
            for match in re.finditer(r"^macro (\w+)\([\w, ]*\)\s*", spec, re.MULTILINE)
        }

    model = render(make_model(strategy="smp_wmb", memory=memory, cmpxchg="full"))
    tests = render_litmus(ALL, memory)
    assert tests.memory == model.memory
    slub, litmus = macros(model.spec), macros(tests.spec)
    for name in ("load", "store", "smp_mb", "smp_wmb", "xchg", "cmpxchg", "spin_lock"):
        assert litmus[name] == slub[name]


def _balanced(text: str, start: int) -> str:
    """Return the text from an opening brace to its closing one, on one line."""
    depth = 0
    for offset in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[offset], 0)
        if depth == 0:
            return " ".join(text[start : offset + 1].split())
    raise AssertionError(text[start : start + 40])


@every_model
def test_labels_are_unique_and_lines_short(memory: str) -> None:
    spec = render_litmus(ALL, memory).spec
    labels = re.findall(r"^(\w+):$", spec, re.MULTILINE)
    assert len(labels) == len(set(labels)) > 500
    too_long = [line for line in spec.splitlines() if len(line) > 120]
    assert too_long == []


def test_one_label_makes_one_memory_access() -> None:
    for program in ALL:
        for thread in program.threads:
            for step in instructions_of(thread):
                assert step.statement.count(";") == 1
                assert step.label.startswith(f"{program.prefix}_P")


def test_the_cfg_asks_for_the_answer() -> None:
    assert read_cfg(render_litmus(ALL, "sc").cfg).checked == PROPERTIES


def test_an_unknown_memory_model_is_named() -> None:
    with pytest.raises(UnknownNameError, match="memory model 'x86'"):
        render_litmus(ALL, "x86")


def test_tests_of_one_name_get_labels_of_their_own() -> None:
    one = parse_litmus("C 2+2W\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=1)")
    other = parse_litmus("C 2-2w\n{}\nP0(int *x) { }\nexists (x=1)")
    assert [program.prefix for program in make_programs([one, other])] == ["T2_2W", "T2_2w_2"]


def test_an_if_without_accesses_takes_no_step() -> None:
    program = make_programs(
        [parse_litmus("C a\n{}\nP0(int *x) { int r0 = 1; if (r0) r0 = 2; }\nexists (0:r0=2)")]
    )[0]
    assert [step.statement for step in program.threads[0]] == ["skip;"]  # type: ignore[union-attr]


def test_an_if_is_decided_in_the_step_before_it_or_has_its_own() -> None:
    text = """C a
{}
P0(int *x, int *y)
{
	int r0;

	if (r0)
		WRITE_ONCE(*x, 1);
	r0 = READ_ONCE(*y);
	if (r0)
		WRITE_ONCE(*x, READ_ONCE(*y) + 1);
	if (!r0)
		smp_mb();
}
exists (x=1)
"""
    (thread,) = make_programs([parse_litmus(text)])[0].threads
    kinds = [node.label is not None for node in thread if isinstance(node, Branch)]
    assert kinds == [True, False, True]
    assert [node.label.rpartition("_")[2] for node in thread if not isinstance(node, Branch)] == [
        "y"
    ]


def test_each_read_has_a_name_of_its_own() -> None:
    text = """C a
{}
P0(int *x)
{
	int r0 = READ_ONCE(*x);

	r0 = READ_ONCE(*x) + READ_ONCE(*x);
	xchg(x, cmpxchg(x, 0, r0));
}
exists (0:r0=1)
"""
    program = make_programs([parse_litmus(text)])[0]
    assert program.seen == ("P0_r0", "P0_value", "P0_value__2", "P0_value__3", "P0_value__4")
    assert program.forms == {""}
    assert program.loaded == ("x",)
