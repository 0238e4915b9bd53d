"""State graphs: what TLC dumped, what each state is, how it is drawn, and what other tools read."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pydot
import pytest
from views.tools import Verified, run

from slubtla.barriers.model import Model, make_model
from slubtla.barriers.show.plots import state_graph
from slubtla.barriers.show.plots.style import new_axes
from slubtla.barriers.stategraph import (
    make_graph,
    open_part,
    shortest_way,
    small_model,
    to_dot,
    to_graphml,
)
from slubtla.barriers.stategraph.dump import read_dump
from slubtla.barriers.stategraph.graphs import kind_of
from slubtla.barriers.stategraph.layers import layered
from slubtla.barriers.trace.values import function_of
from slubtla.barriers.views import StateKind, views_of
from slubtla.errors import TlcOutputError, UsageError
from slubtla.tlc.output import ModelValue, RecordValue
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.tools import Toolchain

Made = Callable[..., nx.DiGraph]

SMALL = views_of("slub").small
KINDS = {kind.name: kind for kind in views_of("slub").states}

FULL = {"strategy": "smp_mb", "cmpxchg": "full"}
SC = {"strategy": "smp_mb", "memory": "sc"}
NONE = {"strategy": "none", "kernel": "v3.19"}

DUMP = r"""strict digraph DiskGraph {
nodesep=0.35;
subgraph cluster_graph {
color="white";
-12 [label="/\\ x = \"a\\\\b\"\n/\\ y = 1",style = filled]
-12 -> 7 [label="Step",color="black",fontcolor="black"];
7 [label="/\\ x = \"b\"\n/\\ y = 2"];
-12 -> -12 [label="Watch",color="black",fontcolor="black"];
7 -> 7 [label="Rest",color="black",fontcolor="black"];
-12 -> 7 [label="Other",color="black",fontcolor="black"];
{rank = same; -12;}
}
}"""


@pytest.fixture(scope="module")
def made(engine_at_hand: Toolchain) -> Made:
    """Make the graph of a small model with the real TLC, each one once."""
    known: dict[str, nx.DiGraph] = {}

    def make(**parameters: Any) -> nx.DiGraph:
        model = small_model(**parameters)
        if model.command not in known:
            known[model.command] = make_graph(model, settings=Settings(toolchain=engine_at_hand))
        return known[model.command]

    return make


def kinds(graph: nx.DiGraph) -> set[StateKind]:
    return {kind for _, kind in graph.nodes(data="kind")}


def test_a_dump_is_read() -> None:
    graph = read_dump(DUMP.splitlines(), ["Watch"])
    assert dict(graph.nodes(data="depth")) == {1: 0, 2: 1}
    assert dict(graph.nodes(data="initial")) == {1: True, 2: False}
    assert dict(graph.nodes(data="marks")) == {1: frozenset({"Watch"}), 2: frozenset()}
    assert dict(graph.nodes[1]["state"]) == {"x": "a\\b", "y": 1}
    actions = {(a, b): action for a, b, action in graph.edges(data="action")}
    assert actions == {(1, 2): "Step, Other", (2, 2): "Rest"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (DUMP.removesuffix("\n}\n}"), "breaks off"),
        (DUMP.replace("\n7 [label", "\n8 [label"), "breaks off"),
        (DUMP.replace("-12 -> 7 [label", "-12 => 7 [label"), "expected a line of the dump"),
    ],
)
def test_half_a_dump_is_no_graph(text: str, reason: str) -> None:
    with pytest.raises(TlcOutputError, match=reason):
        read_dump(text.splitlines())


@pytest.mark.parametrize(
    ("marks", "kind"),
    [
        ((), KINDS["neither case"]),
        (("Is_Case_2",), KINDS["Case 2"]),
        (("Is_Case_1", "Is_Case_2"), KINDS["Case 1"]),
        (("Is_Case_1", "Is_third_case", "Falls_CasesExhaustive"), KINDS["third case"]),
        (("Is_third_case", "Falls_NoLeak"), KINDS["leak"]),
        (("Is_Case_1", "Falls_ListIntegrity"), KINDS["another invariant falls"]),
    ],
)
def test_a_state_is_the_worst_that_holds_of_it(marks: tuple[str, ...], kind: StateKind) -> None:
    assert (
        kind_of(frozenset(marks), views_of("slub"), ("Case1", "Case2", "CasesExhaustive")) == kind
    )


@pytest.mark.parametrize("parameters", [{"strategy": "smp_mb"}, FULL, SC, NONE])
def test_a_leak_is_in_the_graph_where_tlc_says_so(
    parameters: dict[str, Any], made: Made, verified: Verified
) -> None:
    graph = made(**parameters)
    asked = {**SMALL, **parameters, "properties": ("NoLeak",), "workers": 1}
    verdict = verified(**asked).verdict
    leaks = KINDS["leak"] in kinds(graph)
    assert leaks == (verdict.kind is VerdictKind.VIOLATED)
    assert leaks == bool(shortest_way(graph))
    assert leaks == any("NoLeak" in falls for _, falls in graph.nodes(data="falls"))


def test_every_sentence_of_the_mail_falls_where_the_argument_says(made: Made) -> None:
    def fallen(graph: nx.DiGraph) -> set[str]:
        return {name for _, falls in graph.nodes(data="falls") for name in falls}

    assert fallen(made(strategy="smp_mb")) == {"CasesExhaustive", "NoLeak"}
    assert fallen(made(**SC)) == fallen(made(**FULL)) == set()
    assert KINDS["third case"] not in kinds(made(**SC)) | kinds(made(**FULL))
    assert {KINDS["Case 1"], KINDS["Case 2"]} <= kinds(made(**SC))


def test_what_can_still_leak_is_the_third_case(made: Made) -> None:
    graph = made(strategy="smp_mb")
    still = {kind for _, data in graph.nodes(data=True) if data["open"] for kind in [data["kind"]]}
    assert still == {KINDS["neither case"], KINDS["third case"], KINDS["leak"]}
    part = open_part(graph)
    assert len(part) < len(graph) / 10
    for number, data in graph.nodes(data=True):
        if number not in part:
            assert not data["open"]
    assert len(open_part(made(**SC))) == len(made(**SC))


def test_unpinned_it_is_the_graph_that_is_proven(
    engine_at_hand: Toolchain, verified: Verified
) -> None:
    model = make_model(strategy="synchronize_sched", **SMALL)
    settings = Settings(toolchain=engine_at_hand)
    graph = make_graph(model, settings=settings, pinned=False)
    proven = verified(strategy="synchronize_sched", workers=1, **SMALL)
    assert proven.verdict.kind is VerdictKind.PROVEN
    assert len(graph) == proven.stats.distinct
    begins = [number for number, first in graph.nodes(data="initial") if first]
    assert len(begins) == proven.stats.initial
    assert max(depth for _, depth in graph.nodes(data="depth")) + 1 == proven.stats.depth


def test_pinned_tasks_stay_where_they_are(made: Made) -> None:
    graph = made(strategy="smp_mb")
    assert sum(first for _, first in graph.nodes(data="initial")) == 1
    placements = {data["state"].texts["current"] for _, data in graph.nodes(data=True)}
    (placement,) = placements
    assert "IDLE" not in placement
    assert all(action != "context_switch" for _, _, action in graph.edges(data="action"))


def test_an_edge_says_who_moves_and_where(made: Made) -> None:
    graph = made(strategy="smp_mb")
    home: dict[str, set[str]] = {}
    for source, target, data in graph.edges(data=True):
        if source != target:
            home.setdefault(data["context"], set()).add(data["cpu"])
    assert home["task1"].isdisjoint(home["shrinker"])
    assert {"store buffer", "interrupt"} <= home.keys()
    way = shortest_way(graph)
    steps = [graph.edges[pair] for pair in pairwise(way)]
    assert steps[0]["action"] == "free_cmpxchg_slab"
    assert "put_cmpxchg_partial" in [step["action"] for step in steps]
    assert [graph.nodes[n]["depth"] for n in way] == list(range(len(way)))
    mem = graph.nodes[way[-1]]["state"]["mem"]
    assert isinstance(mem, RecordValue)
    memory = function_of(mem["memory"])
    assert ModelValue("slab1") in memory.values()


def test_layers_are_depths_and_nothing_stands_on_another(made: Made) -> None:
    part = open_part(made(strategy="smp_mb"))
    places = layered(part)
    assert {n: y for n, (_, y) in places.items()} == dict(part.nodes(data="depth"))
    assert len(set(places.values())) == len(part)
    assert places == layered(part)


def test_the_barycentres_untangle() -> None:
    graph = nx.DiGraph([(1, 2), (1, 3), (2, 5), (3, 4), (4, 6), (5, 7)])
    nx.set_node_attributes(graph, {1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 3}, "depth")
    places = layered(graph)
    assert (places[2][0] < places[3][0]) == (places[5][0] < places[4][0])
    assert (places[5][0] < places[4][0]) == (places[7][0] < places[6][0])


def test_the_picture(made: Made) -> None:
    part = open_part(made(strategy="smp_mb"))
    ax: Any = state_graph(part)
    drawn = {c.get_gid(): c for c in ax.collections}
    counted = {
        gid: len(c.get_offsets()) for gid, c in drawn.items() if gid.startswith(("open", "settled"))
    }
    assert sum(counted.values()) == len(part)
    assert counted["open leak"] == 1
    assert len(drawn["edges"].get_segments()) == sum(a != b for a, b in part.edges)
    shapes = {gid: str(drawn[gid].get_paths()[0].vertices.tolist()) for gid in counted}
    assert len({shapes[gid] for gid in shapes if gid.startswith("open")}) == 3
    (way,) = [line for line in ax.lines if line.get_gid() == "way"]
    assert list(way.get_ydata()) == list(range(len(shortest_way(part))))
    words = [text.get_text() for text in ax.texts]
    assert len(words) == len(shortest_way(part)) - 1
    assert any(word.endswith("put_cmpxchg_partial") for word in words)
    legend = " ".join(text.get_text() for text in ax.get_legend().get_texts())
    assert "third case" in legend
    assert "Case 1:" not in legend
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    own = new_axes(5, 3)
    assert state_graph(part, own, theme="dark") is own


def test_without_smp_mb_the_legend_names_no_case(made: Made) -> None:
    ax: Any = state_graph(open_part(made(**NONE)))
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert any(word.startswith("a state;") for word in legend)


def test_graphml_is_read_back(made: Made) -> None:
    graph = made(**NONE)
    back = nx.read_graphml(io.BytesIO(to_graphml(graph)), node_type=int)
    assert set(back.edges) == set(graph.edges)
    assert back.graph["model"] == graph.graph["model"].command
    for number, data in back.nodes(data=True):
        own = graph.nodes[number]
        assert data["state"] == own["state"].text
        assert (data["depth"], data["initial"]) == (own["depth"], own["initial"])
        assert (data["kind"], data["open"]) == (own["kind"].name, own["open"])
    assert {edge["action"] for _, _, edge in back.edges(data=True)} >= {"put_cmpxchg_partial"}


@pytest.mark.filterwarnings("ignore:.*deprecated - use:DeprecationWarning")  # pydot, of pyparsing
def test_dot_is_read_back(made: Made) -> None:
    graph = made(**NONE)
    read = (pydot.graph_from_dot_data(to_dot(graph).decode()) or [])[0]
    back = nx.DiGraph(nx.nx_pydot.from_pydot(read))
    assert {(int(a), int(b)) for a, b in back.edges()} == set(graph.edges)
    leaks = {int(n) for n, data in back.nodes(data=True) if data.get("shape") == '"octagon"'}
    assert leaks == {n for n, kind in graph.nodes(data="kind") if kind == KINDS["leak"]}
    first = back.nodes["1"]
    assert first["depth"] == '"0"'
    assert "pc = " in first["state"]


def test_a_model_that_is_too_large_is_refused_by_tlc_itself(engine_at_hand: Toolchain) -> None:
    settings = Settings(toolchain=engine_at_hand)
    large = small_model(make_model(strategy="smp_mb", memory="pso", interrupts=1))
    with pytest.raises(UsageError, match=r"more than 300 states: TLC was stopped .* depth") as told:
        make_graph(large, settings=settings, most=300, pinned=False)
    for way in ("--slabs 1", "--tasks 1", "--memory tso", "--interrupts 0", "--pinned", "--most"):
        assert way in told.value.next_step
    with pytest.raises(UsageError, match="3 tasks in all on 2 CPUs"):
        make_graph(large, settings=settings)
    with pytest.raises(UsageError, match="at most 0"):
        make_graph(large, settings=settings, most=0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"strategy": "smp_mb"}, {"NoLeak", "Case1", "Case2", "CasesExhaustive"}),
        ({"strategy": "smp_mb", "without": ("post_check",)}, {"NoLeak"}),
        ({"strategy": "synchronize_sched"}, {"NoLeak"}),
    ],
)
def test_the_history_is_there_where_the_mail_speaks(
    given: dict[str, Any], expected: set[str]
) -> None:
    model = small_model(**given)
    asked = set(model.properties) & {"NoLeak", "Case1", "Case2", "CasesExhaustive"}
    assert asked == expected
    assert not model.symmetry


def test_the_command(tmp_path: Path, verified: Verified) -> None:
    small = ["--model", "--kernel v3.19 --strategy none"]
    for suffix, start in (
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("graphml", b"<"),
        ("dot", b"digraph"),
    ):
        out = tmp_path / f"graph.{suffix}"
        ran = run("plot", "graph", *small, "-o", out)
        assert ran.exit_code == 0, ran.output
        assert out.read_bytes().startswith(start)
    source = verified(kernel="v3.19", workers=1, **SMALL).run_dir
    ran = run("plot", "graph", source, "--whole", "-o", tmp_path / "run.graphml")
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "run.graphml").read_bytes() == (tmp_path / "graph.graphml").read_bytes()
    for words, message in (
        (["graph", *small, "--most", "20"], "more than 20 states"),
        (["graph", "--model", "--slab 2"], "--model '--slab 2': No such option: --slab"),
        (["graph", "--model", "--tasks 2"], "3 tasks in all on 2 CPUs"),
        (["graph", "-o", "x.gif"], "none of gif"),
        (["coverage", source, "--whole"], "mean nothing to plot coverage"),
        (["coverage"], "plot coverage has no source"),
        (["coverage", source, "-o", "x.dot"], "none of dot"),
    ):
        ran = run("plot", *words)
        assert ran.exit_code == 2, words
        assert message in " ".join(ran.output.split())
        assert "next:" in ran.output


def test_a_model_is_its_own(made: Made) -> None:
    graph = made(**NONE)
    assert isinstance(graph.graph["model"], Model)
    assert graph.graph["pinned"] is True
