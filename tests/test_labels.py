"""Labels and what their comments say: the words that a trace is told in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from slubtla.barriers.labels import Access, Label, label_names, labels_of, read_labels
from slubtla.barriers.machines import CMPXCHGS, MEMORY_MODELS
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.render import render
from slubtla.protocols.slub import SLUB
from slubtla.tlc.engine import translate
from slubtla.tlc.tools import Toolchain

SPEC = r"""---- MODULE Spec ----
\* outside: not a label
outside: no
(* --fair algorithm spec {
variables x = 0; {
  \* put_cpu_partial() v4.0: reads cpu_partial
  \* again: {limit}. Further words are not for traces: at all.
  first: x := 1;
  \* store buffer: {buffer-} reaches memory
  drain: x := 2;
  \* No colon here. Really.
  plain: skip;

  bare: y := 3;
  \* A comment before an assignment is no label
  z := 4;
  \* {gained+} comes, {gained-} goes, {kept} stays
  signs: skip;
}
} *)
\* after: not a label either
after: no
====
"""


def test_labels_are_read_from_the_comments_above_them() -> None:
    assert dict(read_labels(SPEC)) == {
        "first": Label("first", "put_cpu_partial() v4.0", "reads cpu_partial again: {limit}", 8),
        "drain": Label("drain", "store buffer", "{buffer-} reaches memory", 10),
        "plain": Label("plain", "", "No colon here", 12),
        "signs": Label("signs", "", "{gained+} comes, {gained-} goes, {kept} stays", 18),
    }
    for label in read_labels(SPEC).values():
        assert SPEC.splitlines()[label.line - 1].lstrip().startswith(f"{label.name}:")


def test_the_function_stands_without_its_kernel_version() -> None:
    labels = read_labels(SPEC)
    assert labels["first"].function == "put_cpu_partial()"
    assert labels["drain"].function == "store buffer"
    assert labels["plain"].function == ""


def test_say_fills_the_placeholders_with_their_signs() -> None:
    asked = []

    def value(name: str, sign: str) -> str:
        asked.append((name, sign))
        return f"<{name}{sign}>"

    labels = read_labels(SPEC)
    assert labels["signs"].say(value) == "<gained+> comes, <gained-> goes, <kept> stays"
    assert asked == [("gained", "+"), ("gained", "-"), ("kept", "")]
    assert labels["plain"].say(value) == "No colon here"


def test_all_labels_in_their_order_described_or_not() -> None:
    assert label_names(SPEC) == ("first", "drain", "plain", "bare", "signs")


@pytest.mark.parametrize("text", ["", "---- MODULE M ----\nA == 1\n====", "--algorithm a { b: x"])
def test_a_module_without_an_algorithm_has_none(text: str) -> None:
    assert read_labels(text) == {}
    assert label_names(text) == ()


@pytest.mark.parametrize("memory", MEMORY_MODELS)
@pytest.mark.parametrize("cmpxchg", CMPXCHGS)
@pytest.mark.parametrize("strategy", SLUB.strategies)
def test_every_label_of_every_model_says_who_acts(strategy: str, cmpxchg: str, memory: str) -> None:
    spec = render(make_model(strategy=strategy, cmpxchg=cmpxchg, memory=memory)).spec
    labels = read_labels(spec)
    assert set(labels) == set(label_names(spec))
    assert len(set(label_names(spec))) == len(label_names(spec))
    for label in labels.values():
        assert label.who, label
        assert label.words, label


LOADING = r"""---- MODULE Spec ----
Limit == <<"limit">>            \* one for all
Head(cpu) == <<"head", cpu>>    \* one for each CPU
(* --algorithm spec {
  \* a() v1: takes what it wants of {x}: load(Cpu(self), Limit, x);
  one: load(Cpu(self), Limit, x);
  \* a() v1: looks.
  two: smp_load_acquire(self[2], Head(Cpu(self)), y); store(Cpu(self), Limit, 0);
  \* a() v1: reads nothing, and looks at nothing.
  three: x := 1;
  \* a() v1: each of {todo-}.
  four: with (cpu \in todo) { todo := todo \ {cpu}; load(Cpu(self), Head(cpu), x); };
  \* a() v1: one of {todo}.
  five: with (c \in todo) { load(Cpu(self), Head(c), x); };
  \* a() v1: of a variable.
  six: load(Cpu(self), Head(home), x);
} *)
====
"""


def test_what_a_label_loads_is_read_from_its_code_and_not_from_its_words() -> None:
    labels = read_labels(LOADING)
    assert {name: label.loads for name, label in labels.items()} == {
        "one": (Access("load", "limit", "", "x"),),
        "two": (Access("load", "head", "self", "y"),),
        "three": (),
        "four": (Access("load", "head", "todo-", "x"),),
        "five": (Access("load", "head", "todo", "x"),),
        "six": (Access("load", "head", "home", "x"),),
    }


@pytest.mark.parametrize("memory", MEMORY_MODELS)
@pytest.mark.parametrize("kernel", SLUB.kernels)
def test_every_plain_load_of_the_model_is_found(kernel: str, memory: str) -> None:
    spec = render(make_model(kernel=kernel, memory=memory, allocations=1)).spec
    algorithm = spec.split("BEGIN TRANSLATION", maxsplit=1)[0]
    code = [re.sub(r"\\\*.*", "", line) for line in algorithm.splitlines()]
    calls = [each for each in code if re.match(r"(?!macro).*\b(load|smp_load_acquire)\(", each)]
    found = [load for label in read_labels(spec).values() for load in label.loads]
    assert len(found) == len(calls) > 3
    assert {load.cpu for load in found} <= {"", "self", "todo-", "visited", "visited-"}


FACTUAL = {
    "all of v4.0": make_model(kernel="v4.0", arch="arm64", objects=2, allocations=1, interrupts=1),
    "v4.0, irqs off": make_model(strategy="smp_mb_paired", cmpxchg="irq_off"),
    "v4.0, two caches": make_model(strategy="kick_all_cpus_sync", caches=2),
    "v4.11": make_model(strategy="call_rcu_sched", memory="pso"),
    "v4.8": make_model(kernel="v4.8"),
    "v5.15": make_model(kernel="v5.15", objects=2, allocations=1),
}
ROLES = {"put", "check", "look", "limit", "fence", "put_fence", "scan", "end"}
OPERATORS = {
    r"\bLoad(s|Acquires)\(mem": "load",
    r"\bStore(Release)?\((FullFence\()?mem": "store",
    r"\b(Compare)?Exchanges\(mem": "rmw",
    r"\bLocks\(mem": "lock",
    r"\bAwait(s|Acquires)\(mem": "wait",
}


def actions_of(translation: str) -> dict[str, str]:
    """Each action of a translated specification, without what stays UNCHANGED."""
    found = re.findall(
        r"^(\w+)(?:\((?:self|cpu)\))? ==\s+(.*?)(?=\n\n)", translation, re.MULTILINE | re.DOTALL
    )
    return {
        name: re.sub(r"UNCHANGED\s*(<<.*?>>|\w+)", "", body, flags=re.DOTALL)
        for name, body in found
    }


@pytest.mark.parametrize("model", FACTUAL.values(), ids=FACTUAL)
def test_what_labels_say_of_memory_is_what_their_actions_do(
    engine_at_hand: Toolchain, tmp_path: Path, model: Model
) -> None:
    spec, *_ = render(model).write_to(tmp_path)
    actions = actions_of(translate(engine_at_hand, spec, tmp_path / "run").text)
    labels = labels_of(model)
    assert set(labels) == set(label_names(spec.read_text("utf-8"))) <= set(actions)
    for name, label in labels.items():
        called = {kind for words, kind in OPERATORS.items() if re.search(words, actions[name])}
        kinds = {access.kind for access in label.accesses}
        assert called == {"store" if kind == "unlock" else kind for kind in kinds}, name


@pytest.mark.parametrize("model", FACTUAL.values(), ids=FACTUAL)
def test_every_fact_stands_beside_a_label_and_can_be_read(model: Model) -> None:
    text = render(model, facts=True).spec
    assert re.sub(r"^\\\* @.*\n", "", text, flags=re.MULTILINE) == render(model).spec
    labels = labels_of(model).values()
    assert (
        sum(len(label.facts) for label in labels)
        == len(re.findall(r"^\\\* @", text, re.MULTILINE))
        > 4
    )
    for label in labels:
        assert set(label.facts) <= {"role", "old", "waits", "idle", "calls"}, label
        assert label.role in ROLES | {""}
        if "old" in label.facts:
            when = re.match(r"when (\w+) (?:=|#) \w+(?:: |$)", label.facts["old"])
            assert when is not None
            assert when[1] in {load.register for load in label.loads}
        if "waits" in label.facts:
            variable, words = label.waits
            assert f"{{{variable}}}" in words
            assert words.endswith(".")
        if "idle" in label.facts:
            assert re.match(r"\w+ = \w+: \w", label.facts["idle"])


def test_a_fact_without_its_template_is_no_part_of_the_specification() -> None:
    spec = "\\* @role check\n\\* f() v1: does it.\nhere:\n"
    label = read_labels(f"(* --algorithm a {{\n{spec} skip;\n}} *)")["here"]
    assert (label.who, label.words, label.role) == ("f() v1", "does it", "check")
