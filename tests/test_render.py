"""Rendered specs are golden files; they also translate, in test_verify.py, with the real tools.

Write them anew after a change of the templates, and read the diff::

    pytest tests/test_render.py --update-golden
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import jinja2
import pytest

from slubtla.barriers.data import data_dir
from slubtla.barriers.labels import label_names, read_labels
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.render import environment, render, template_digest
from slubtla.errors import UsageError
from slubtla.protocols.slub import SLUB
from slubtla.tlc.text.cfg import read_cfg, undeclared_constants

GOLDEN = Path(__file__).parent / "golden"
ALL = [
    make_model(strategy=strategy, memory=memory, cmpxchg=cmpxchg)
    for strategy, memory, cmpxchg in itertools.product(SLUB.strategies, MEMORY_MODELS, CMPXCHGS)
]
GOLDEN_MODELS = [make_model(strategy=strategy) for strategy in SLUB.strategies] + [
    make_model(strategy="smp_mb", memory="sc", cmpxchg="full"),
    make_model(strategy="smp_mb", cmpxchg="irq_off"),
    make_model(strategy="smp_mb", arch="arm64"),
    make_model(strategy="smp_mb_paired", memory="pso"),
    make_model(kernel="v3.19"),
    make_model(kernel="v4.0", allocations=1),
    make_model(kernel="v5.15"),
    make_model(kernel="v5.15", allocations=1, interrupts=1),
]
MORE = [
    make_model(kernel="v4.0", objects=2, interrupts=1),
    make_model(kernel="v4.11", properties=["ShrinkTerminates"]),
    make_model(strategy="smp_mb", properties=["Case1", "Case2", "CasesExhaustive"]),
    make_model(kernel="v4.8", caches=2, counters=True),
    make_model(kernel="v5.15", interrupts=1, without=["irq_save"]),
]
name_of = pytest.mark.parametrize("model", GOLDEN_MODELS, ids=lambda model: model.name)
every = pytest.mark.parametrize(
    "model", ALL + GOLDEN_MODELS + MORE, ids=lambda m: m.command.removeprefix("slubtla verify ")
)


@name_of
def test_the_spec_is_the_golden_file(model: Model, request: pytest.FixtureRequest) -> None:
    file = GOLDEN / f"{model.name}.tla"
    spec = render(model).spec
    if request.config.getoption("--update-golden"):
        file.write_text(spec, encoding="utf-8")
    assert spec == file.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in GOLDEN.glob("*.tla")} == {model.name for model in GOLDEN_MODELS}


@every
def test_rendering_twice_gives_the_same_bytes(model: Model) -> None:
    first = render(model)
    environment.cache_clear()
    assert render(model) == first


@every
def test_every_label_says_who_does_what(model: Model) -> None:
    spec = render(model).spec
    labels = read_labels(spec)
    assert set(labels) == set(label_names(spec))
    assert len(label_names(spec)) == len(set(label_names(spec)))
    for label in labels.values():
        assert re.fullmatch(
            r"\w+\(\)( v[\d.]+|, the (mail|repair)|, a variant| without \w+\(\))|store buffer",
            label.who,
        ), label
        assert label.words
        line = spec.splitlines()[label.line - 1].strip()
        assert line == f"{label.name}:" or re.fullmatch(rf"{label.name}(\(cpu\))? ==", line)


@every
def test_every_label_of_a_task_moves_only_while_its_cpu_runs_it(model: Model) -> None:
    spec = render(model).spec
    hardware = {"ipi_enter", "ipi_unfreeze", "ipi_ack", "device_enter", "device_return"}
    algorithm = spec[: spec.index("} *)")]
    for name in re.findall(r"^ *(\w+):$", algorithm, re.MULTILINE):
        if name in hardware:
            continue
        loop = r"(?:[ \t]*while \(.*\) {\n)?"
        body = re.search(rf"^[ \t]*{name}:\n{loop}[ \t]*(.*)$", spec, re.MULTILINE)
        assert body is not None
        assert body[1] == "executing();", name


@every
def test_a_label_makes_one_memory_access(model: Model) -> None:
    spec = render(model).spec
    algorithm = spec[spec.index("procedure put_cpu_partial") : spec.index("} *)")]
    steps = re.split(r"^[ \t]*\w+:(?!=)", re.sub(r"\\\*.*", "", algorithm), flags=re.MULTILINE)[1:]
    access = re.compile(
        r"\b(load|store|smp_mb_store|smp_store_release|smp_load_acquire|smp_cond_load_acquire|"
        r"xchg\w*|cmpxchg\w*|lock_list|unlock_list|send_ipi|queue_work|wait_ack)\("
    )
    for name, step in zip(label_names(spec), steps, strict=False):
        assert len(access.findall(step)) <= 1, name
        assert not re.search(r"\bmem\b", step.replace("Drained(mem, Cpu(self))", "")), name


@every
def test_the_lines_are_short_enough_to_read(model: Model) -> None:
    assert max(len(line) for line in render(model).spec.splitlines()) <= 100


@pytest.mark.parametrize("strategy", SLUB.strategies)
def test_strategies_differ_only_inside_their_pieces(strategy: str) -> None:
    base = set(label_names(render(make_model(strategy="none")).spec))
    labels = set(label_names(render(make_model(strategy=strategy)).spec))
    own = {
        "none": set(),
        "smp_mb": {"shrink_fence"},
        "smp_wmb": {"shrink_write_barrier"},
        "smp_store_release": set(),
        "smp_mb_paired": {"shrink_fence", "put_fence"},
        "kick_all_cpus_sync": {
            "kick_fence",
            "kick_preempt_disable",
            "kick_send_ipi",
            "kick_wait_ack",
            "kick_preempt_enable",
        },
        "synchronize_sched": {"gp_start", "gp_wait", "rcu_report"},
        "call_rcu_sched": {"call_rcu", "work_start", "gp_start", "gp_end", "rcu_report"},
        "unconditional_flush": set(),
    }
    assert labels - base == own[strategy]
    assert base - labels == set()


def test_templates_define_known_pieces_only() -> None:
    templates = environment(data_dir("specs"))

    def pieces(name: str) -> set[str]:
        source = (data_dir("specs") / name).read_text()
        return set(re.findall(r"<% macro (\w+)\(\w*\) %>", source))

    for strategy in SLUB.strategies:
        name = f"slub/barriers/{strategy}.pcal.j2"
        assert templates.get_template(name)
        assert {"shrink_barrier"} <= pieces(name) <= set(SLUB.pieces)


def test_the_spec_is_one_text_for_all_memory_models() -> None:
    for model in GOLDEN_MODELS + MORE:
        command = re.compile(r"slubtla verify .*")
        others = {name: model.model_copy(update={"memory": name}) for name in MEMORY_MODELS}
        texts = {command.sub("", render(other).spec) for other in others.values()}
        assert len(texts) == 1
        assert len({render(other).memory for other in others.values()}) == len(MEMORY_MODELS)


def test_only_macros_that_the_algorithm_calls_are_rendered() -> None:
    for model in GOLDEN_MODELS + MORE:
        spec = render(model).spec
        heading, _, behind = spec.partition("\\* --- Memory accesses")
        assert heading
        block = behind.partition("\n\n")[0]
        for name in re.findall(r"^macro (\w+)", block, re.MULTILINE):
            assert len(re.findall(rf"\b{name}\(", spec)) > 1, name


@every
def test_steps_of_the_machine_leave_alone_all_other_variables(model: Model) -> None:
    spec = render(model).spec
    sections = re.findall(r"^variables\n(.*?)^(?:define )?\{", spec, re.DOTALL | re.MULTILINE)
    declared = re.findall(r"^    (\w+) (?:=|\\in)", "".join(sections), re.MULTILINE)
    called = " ".join(re.findall(r"^procedure \w+\((.*)\)", spec, re.MULTILINE))
    everything = {*declared, *re.findall(r"\w+", called), "pc", "stack"}
    body = re.search(r"^program ==\n(.*?)\n\n", spec, re.DOTALL | re.MULTILINE)
    assert body is not None
    program = set(re.findall(r"\w+", body[1]))
    behind = spec[body.end() : spec.index("\nMachine ==")]
    actions = re.split(r"^(\w+)(?:\(cpu\))? ==\n", behind, flags=re.MULTILINE)[1:]
    for name, text in zip(actions[::2], actions[1::2], strict=True):
        kept = re.search(r"UNCHANGED (?:<<(.*)>>|(\w+))", text)
        assert kept is not None
        unchanged = set(re.findall(r"\w+", kept[0])) - {"UNCHANGED", "program"} | program
        changed = set(re.findall(r"(\w+)'", text))
        assert unchanged | changed == everything, name
        assert not unchanged & changed, name


def test_the_cfg_names_what_was_asked_for_and_nothing_undeclared() -> None:
    model = make_model(strategy="smp_mb", cpus=3, slabs=1, properties=["NoLeak"], symmetry=False)
    rendered = render(model)
    cfg = read_cfg(rendered.cfg)
    assert cfg.invariants == ("NoLeak",)
    assert cfg.symmetry == ()
    assert cfg.behaviour == ("System",)
    assert cfg.constants["CPUS"] == "{ cpu0 , cpu1 , cpu2 }"
    assert cfg.constants["SLABS"] == "{ slab1 }"
    declared = "\nCONSTANT defaultInitValue\n"  # by the translation
    assert undeclared_constants(cfg, [rendered.spec + declared]) == ()
    assert rendered.cfg.startswith(f"\\* {model.command}\n")


def test_every_invariant_is_defined_with_its_sentence() -> None:
    spec = render(make_model(strategy="none")).spec
    for entry in SLUB.properties.values():
        if entry.kind == "invariant":
            above, _, _ = spec.partition(f"\n{entry.name} ==")
            comment = " ".join(above.rpartition("\n\n")[2].replace("\\*", "").split())
            assert comment == f"{entry.summary[0].upper()}{entry.summary[1:]}."


def test_every_constant_has_an_assumption() -> None:
    spec = render(make_model(strategy="none")).spec
    block = spec.partition("CONSTANTS\n")[2].partition("\n\n")[0]
    constants = re.findall(r"^ +(\w+)", block, re.MULTILINE)
    assert constants[0] == "CPUS"
    for constant in constants:
        assert re.search(rf"^ASSUME {constant}\w+ +==", spec, re.MULTILINE), constant


def test_the_header_names_what_is_modelled() -> None:
    for model in ALL:
        head = render(model).spec.partition("EXTENDS")[0]
        assert SLUB.strategies[model.strategy].source in head
        assert f"Memory model {model.memory}: " in render(model).memory
        assert CMPXCHGS[model.cmpxchg].summary in head


def test_written_files_never_replace_others(tmp_path: Path) -> None:
    rendered = render(make_model(strategy="none"))
    written = rendered.write_new(tmp_path / "new" / "place")
    assert {path.name: path.read_text() for path in written} == rendered.files
    with pytest.raises(UsageError, match=r"Slub\.tla exists"):
        rendered.write_new(tmp_path / "new" / "place")


def test_the_digest_of_the_templates_sees_every_byte(tmp_path: Path) -> None:
    file = tmp_path / "a.j2"
    file.write_text("x")
    before = template_digest(tmp_path)
    file.write_text("y")
    assert template_digest(tmp_path) != before
    assert template_digest() == template_digest()


def test_arches_use_memory_models_and_cmpxchgs_that_exist() -> None:
    for arch in ARCHES.values():
        assert arch.memory in MEMORY_MODELS
        assert arch.cmpxchg in CMPXCHGS


def test_a_name_that_a_template_misspells_is_an_error(tmp_path: Path) -> None:
    for number, text in enumerate(("${ modle }", "${ model.modle }", "<% if modle %>x<% endif %>")):
        (tmp_path / f"{number}.j2").write_text(text, encoding="utf-8")
        template = environment(tmp_path).get_template(f"{number}.j2")
        with pytest.raises(jinja2.UndefinedError, match="modle"):
            template.render(model={})
