"""What Python tells the trace explorer."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

import pytest
from views.tools import Verified, good, graced, kicked, leak, stuck

from slubtla.barriers.show.html.explorer import ExplorerData
from slubtla.barriers.show.report import explorer_data
from slubtla.barriers.trace.counterexample import counterexample_of
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result

RUNS = [leak, kicked, graced, stuck]


def folded(data: ExplorerData) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Places and CPUs after each step."""
    places: dict[str, str] = {}
    cpus: dict[str, Any] = {}
    states = []
    for step in data["steps"]:
        places, cpus = places | step["set"], cpus | step["cpus"]
        states.append((places, cpus))
    return states


@pytest.mark.parametrize("run", RUNS)
def test_the_steps_add_up_to_the_machine(verified: Verified, run: Any) -> None:
    story = counterexample_of(run(verified))
    assert story.timeline is not None
    for row, (places, cpus) in zip(story.rows, folded(explorer_data(story.result)), strict=True):
        moment = story.timeline.states[row.number]
        assert {place: places[place] for place in moment.memory} == moment.memory
        assert places["node list"] == (", ".join(moment.sets["node_list"]) or "none")
        told = {cpu: asdict(state) for cpu, state in moment.cpus.items()}
        lists = {cpu: state | state.pop("chains") for cpu, state in told.items()}
        assert cpus == json.loads(json.dumps(lists))


@pytest.mark.parametrize("run", RUNS)
def test_it_is_json_and_every_step_has_its_lines(verified: Verified, run: Any) -> None:
    result = run(verified)
    data = explorer_data(result)
    assert json.loads(json.dumps(data)) == data
    spec = result.spec_path.read_text(encoding="utf-8").splitlines()
    for step in data["steps"][1:]:
        code = data["code"][step["action"]]
        lines = spec[code["first"] - 1 :][: len(code["lines"])]
        assert [line.strip() for line in code["lines"]] == [line.strip() for line in lines]
        name = rf"{step['action']}(:|(\(cpu\))? ==)"
        labels = [line for line in code["lines"] if re.match(name, line)]
        assert len(labels) == 1


def test_the_fatal_step_and_the_stores_that_wait_are_the_scenes(verified: Verified) -> None:
    scene = counterexample_of(leak(verified)).timeline
    data = explorer_data(leak(verified))
    assert scene is not None
    assert data["fatal"] == scene.fatal is not None
    assert [(w["made"], w["drained"]) for w in data["waits"]] == [
        (store.made, store.drained) for store in scene.stores
    ]


def test_places_that_never_matter_are_not_shown(verified: Verified) -> None:
    places = explorer_data(leak(verified))["places"]
    assert places[:2] == ["cpu_partial", "min_partial"]
    assert not any(place.startswith("csd") for place in places)
    assert any(place.startswith("csd") for place in explorer_data(kicked(verified))["places"])


def test_of_a_spec_of_the_users_own_it_has_the_variables(hostile: Result) -> None:
    data = explorer_data(hostile)
    assert (data["cpus"], data["waits"]) == ([], [])
    assert data["places"] == ["said", "count"]
    assert [places["count"] for places, _ in folded(data)] == ["0", "1", "2"]
    assert data["code"]["Say"]["lines"] == [
        "Say == count < 3 /\\ said' = Append(said, [who |-> Name]) /\\ count' = count + 1"
    ]


def test_a_behaviour_without_an_end_says_how_it_goes_on(verified: Verified) -> None:
    assert "for ever" in explorer_data(stuck(verified))["ends"]


def test_what_holds_has_nothing_to_explore(verified: Verified) -> None:
    with pytest.raises(UsageError, match="no counterexample"):
        explorer_data(good(verified))
