"""``slubtla explain``: each word, with its source, from what is written elsewhere."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner
from typer.testing import Result as Ran

from slubtla.barriers.data import data_dir
from slubtla.barriers.glossary import Explanation, Meaning, all_words, explain
from slubtla.barriers.glossary.sources import claims, models, spec_of
from slubtla.barriers.glossary.words import label_models
from slubtla.barriers.labels import label_names, read_labels
from slubtla.barriers.machines import ARCHES, CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.render import render
from slubtla.barriers.suite.reading import read_config
from slubtla.cli.app import app
from slubtla.errors import UnknownNameError
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.verdict import VerdictKind

VOCABULARIES = (
    SLUB.strategies,
    SLUB.properties,
    SLUB.guards,
    ARCHES,
    MEMORY_MODELS,
    CMPXCHGS,
    SLUB.kernels,
)
ENTRIES = [(v.kind, entry) for v in VOCABULARIES for entry in v.values()]


def one(word: str, kind: str) -> Meaning:
    (meaning,) = [m for m in explain(word).meanings if m.kind == kind]
    return meaning


def run(*words: str, columns: int = 100) -> Ran:
    return CliRunner().invoke(app, ["explain", *words], env={"COLUMNS": str(columns)})


@pytest.mark.parametrize(("kind", "entry"), ENTRIES, ids=lambda v: getattr(v, "name", v))
def test_every_word_of_the_vocabulary_says_what_is_written_there(kind: str, entry: object) -> None:
    name, summary, source = (getattr(entry, field) for field in ("name", "summary", "source"))
    meaning = one(name, kind)
    assert (meaning.says, meaning.source) == (summary, source)
    assert meaning.commands


def test_every_label_of_every_shipped_model_is_told_as_its_comment_says() -> None:
    for model in models():
        spec = spec_of(model)
        assert set(label_names(spec)) <= label_models().keys()
    for name, model in label_models().items():
        meaning = one(name, "label")
        label = read_labels(spec_of(model))[name]
        assert re.sub(r"\{(\w+)[+-]?\}", r"\1", label.words) == meaning.says
        assert meaning.source.startswith(label.who)
        lines = spec_of(model).split("\n")
        own = meaning.excerpts[0]
        assert own.line is not None
        shown = own.text.split("\n")
        assert lines[own.line - 1 : own.line - 1 + len(shown)] == shown
        assert any(re.fullmatch(rf"{name}(:|(\(cpu\))? ==)", line) for line in shown)


def test_a_label_is_told_to_its_end_and_no_further() -> None:
    text = one("put_check_limit", "label").excerpts[0].text.split("\n")
    assert text[0].startswith("\\* put_cpu_partial() v4.0: reads cpu_partial again")
    assert text[2] == "put_check_limit:"
    assert text[-1] == "    if (limit # 0) { goto put_return; };"
    macro = one("put_check_limit", "label").excerpts[1].text
    assert macro.startswith("\\* --- Memory accesses, by the kernel's names")
    assert "Loads(mem, cpu, location)" in macro
    assert macro.count("macro ") == 1


def test_a_label_that_differs_between_models_says_so() -> None:
    facts = one("put_cmpxchg_partial", "label").facts
    elsewhere = [fact.text for fact in facts if fact.head == "elsewhere"]
    assert any("this_cpu_generic_cmpxchg()" in text for text in elsewhere)
    assert all(fact.head != "only in" for fact in facts)
    only = [fact.text for fact in one("gp_wait", "label").facts if fact.head == "only in"]
    assert only == ["models such as: slubtla verify --strategy synchronize_sched"]


@pytest.mark.parametrize(
    ("label", "mutants"),
    [
        ("put_check_limit", {"put-no-check"}),
        ("put_fence", {"paired-put-no-fence"}),
        ("gp_start", {"grace-without-fence", "call-rcu-without-fence"}),
        ("shrink_fence", {"paired-shrink-no-fence"}),
        ("rcu_report", {"grace-report-no-fence", "grace-no-report", "grace-report-in-reader"}),
    ],
)
def test_the_mutants_of_a_label_break_it(label: str, mutants: set[str]) -> None:
    assert mutants <= {shown.name for shown in one(label, "label").mutants}


def test_a_label_that_nothing_breaks_has_no_mutant() -> None:
    assert one("unfreeze_place", "label").mutants == ()


def test_where_a_strategy_is_enough_is_what_the_configs_expect() -> None:
    for name in SLUB.strategies:
        meaning = one(name, "strategy")
        told = {(s.file, s.name): s.expect for s in (*meaning.holds, *meaning.falls)}
        expected = {
            (f"configs/{path.name}", claim.name): str(claim.expect)
            for path in data_dir("configs").glob("*.toml")
            for claim in read_config(path).claims
            if isinstance(claim.subject, Model)
            and claim.subject.strategy == name
            and not claim.mutant
        }
        assert told == expected
        assert {s.expect for s in meaning.holds} <= {"PROVEN"}
        assert "PROVEN" not in {s.expect for s in meaning.falls}


def test_what_is_proven_of_less_than_the_usual_properties_says_so() -> None:
    holds = {shown.name: shown for shown in one("smp_mb", "strategy").holds}
    assert holds["case-1-x86"].asks == ("Case1",)
    assert holds["smp_mb-s390"].asks == ()
    late, *_ = [shown for shown in one("none", "strategy").holds if shown.name == "v5-15"]
    assert "NoLeak" not in late.asks
    assert "ListIntegrity" in late.asks
    assert "asked for Case1" in " ".join(run("smp_mb").stdout.split())


def test_a_strategy_shows_its_steps_and_its_lines() -> None:
    meaning = one("synchronize_sched", "strategy")
    assert {"gp_start", "gp_wait", "rcu_report"} <= {fact.head for fact in meaning.facts}
    assert "await holdouts = {};" in meaning.excerpts[0].text
    assert any("rcu_report(cpu) ==" in excerpt.text for excerpt in meaning.excerpts)
    texts = {n: "\n".join(e.text for e in one(n, "strategy").excerpts) for n in SLUB.strategies}
    assert "put_fence:" in texts["smp_mb_paired"]
    assert "smp_store_release(Cpu(self), CpuPartial, 0);" in texts["smp_store_release"]
    assert "targets := targets \\union {cpu};" in texts["unconditional_flush"]
    assert "gp_end ==" in texts["call_rcu_sched"]
    assert one("none", "strategy").facts == ()
    assert {s.name for s in meaning.mutants} >= {"grace-without-fence", "grace-not-awaited"}
    assert "v4.8" in meaning.related
    for name in SLUB.strategies:
        spec = render(make_model(strategy=name)).spec
        for excerpt in one(name, "strategy").excerpts:
            assert excerpt.text in spec


def test_a_property_falls_where_it_is_named() -> None:
    meaning = one("NoSelfDeadlock", "property")
    assert {shown.name for shown in meaning.falls} >= {"v4-0-self-deadlock"}
    assert {shown.expect for shown in meaning.falls} == {"VIOLATED(NoSelfDeadlock)"}
    assert "v5-15-no-self-deadlock" in {shown.name for shown in meaning.holds}
    assert meaning.excerpts[0].text.split("\n")[1] == "NoSelfDeadlock =="
    assert "--allocations 1" in meaning.commands[0]
    goal = one("ShrinkReturns", "property")
    assert "shrink_return:" in goal.excerpts[0].text
    assert {shown.name for shown in goal.mutants} >= {"store-never-drains"}


def test_a_guard_shows_what_goes_with_it() -> None:
    meaning = one("gp_fence", "guard")
    assert meaning.excerpts[0].text == "-    smp_mb(Cpu(self));"
    assert {shown.name for shown in meaning.mutants} == {
        "grace-without-fence",
        "grace-without-fence-arm64",
        "call-rcu-without-fence",
        "call-rcu-without-fence-arm64",
    }
    for name in SLUB.guards:
        assert one(name, "guard").mutants, name
        assert one(name, "guard").excerpts, name


def test_a_machine_shows_its_cmpxchg_and_its_memory() -> None:
    assert "cmpxchg_local(" in one("x86", "arch").excerpts[0].text
    assert "put_cmpxchg_store:" in one("irq_off", "cmpxchg").excerpts[-1].text
    assert "Loads(mem, cpu, location) ==" in one("tso", "memory model").excerpts[0].text
    assert {shown.expect for shown in one("sc", "memory model").holds} == {"PROVEN"}
    assert one("sc", "memory model").falls == ()


def test_verdicts_are_told_with_their_exit_codes() -> None:
    codes = {
        kind: next(f.text for f in one(kind, "verdict").facts if f.head == "exit code")
        for kind in VerdictKind
    }
    assert codes[VerdictKind.PROVEN].startswith("0")
    assert codes[VerdictKind.VIOLATED].startswith("1")
    assert codes[VerdictKind.INCONCLUSIVE].startswith("4")
    both = explain("VIOLATED(NoLeak)").meanings
    assert [(m.kind, m.name) for m in both] == [("verdict", "VIOLATED"), ("property", "NoLeak")]


def test_a_name_of_several_things_lists_them_all() -> None:
    assert [m.kind for m in explain("relaxed").meanings] == ["memory model", "cmpxchg"]
    assert [m.kind for m in explain("has_cpu_slab").meanings] == ["guard", "kernel function"]
    assert "relaxed: 2 meanings" in run("relaxed").stdout


def test_case_and_brackets_do_not_matter() -> None:
    assert explain("noleak").meanings == explain("NoLeak").meanings
    assert explain("put_cpu_partial()").meanings[0].kind == "kernel function"
    assert "put_check_limit" in explain("put_cpu_partial").meanings[0].related
    assert explain("Quiescent").meanings[0].kind == "definition"
    assert "every put has ended" in explain("Quiescent").meanings[0].says


def test_an_unknown_word_names_the_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'put_check_limit'") as told:
        explain("put_chek_limit")
    assert "put_check_limit" in told.value.known
    assert len(told.value.known) <= 6
    ran = run("xyzzy")
    assert ran.exit_code == 2
    assert "unknown word 'xyzzy'" in ran.output
    assert "next:" in ran.output


def test_every_related_word_can_be_explained() -> None:
    words = set(all_words())
    for word in all_words():
        for meaning in explain(word).meanings:
            assert set(meaning.related) <= words, word
            assert len(set(meaning.related)) == len(meaning.related), word


def test_json_is_the_whole_record() -> None:
    ran = run("relaxed", "--json")
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["schema_version"] == 2
    assert Explanation.model_validate_json(ran.stdout) == explain("relaxed")


@pytest.mark.parametrize("columns", [80, 100])
def test_the_text_is_as_wide_as_the_terminal_and_no_wider(columns: int) -> None:
    for word in ("smp_mb", "relaxed", "NoLeak", "post_check", "v4.0", "put_cmpxchg_partial"):
        ran = run(word, columns=columns)
        assert ran.exit_code == 0, ran.output
        lines = ran.stdout.splitlines()
        assert max(map(len, lines)) <= columns, word
        assert lines[0].startswith(word)


def test_code_is_not_reflowed_where_there_is_room() -> None:
    spec = render(make_model(strategy="kick_all_cpus_sync")).spec
    shown = run("kick_all_cpus_sync", columns=100).stdout
    start = shown.index("kick_send_ipi:\n")
    block = shown[start:].split("\\*")[0].rstrip()
    assert block in spec


def test_every_claim_is_counted_once() -> None:
    told = [(one.file, one.claim.name) for one in claims()]
    assert len(told) == len(set(told))
