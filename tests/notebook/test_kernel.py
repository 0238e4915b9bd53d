"""slubtla in a real kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from notebook.tools import Kernel, failure, kernel, no_error, texts

SMALL = 'slubtla.verify(strategy="smp_mb", slabs=1, workers=1{more})'
LONG = (
    'slubtla.verify(strategy="synchronize_sched", arch="arm64", cpus=3, tasks=2, slabs=4, '
    'workers=1, heap_mb=512, engine="{engine}")'
)


def test_a_result_shows_itself_and_how_far_it_is(jupyter: Kernel) -> None:
    heard = no_error(jupyter.run(SMALL.format(more="")))
    shown = [m for m in heard if m["msg_type"] == "execute_result"]
    (page,), (plain,) = texts(shown), texts(shown, "text/plain")
    assert "VIOLATED(NoLeak)" in page
    assert "<svg" in page
    assert "VIOLATED(NoLeak)" in plain
    bars = [m for m in heard if "progress" in "".join(texts([m]))]
    assert bars[0]["msg_type"] == "display_data"
    ids = {m["content"]["transient"]["display_id"] for m in heard if "transient" in m["content"]}
    last = [m for m in heard if m["msg_type"] == "update_display_data"][-1]
    assert "smp_mb on x86: VIOLATED(NoLeak)" in texts([last])[0]
    assert last["content"]["transient"]["display_id"] in ids


def test_the_engine_is_warm_unless_another_is_named(jupyter: Kernel) -> None:
    code = "print(slubtla.Settings({0}).find_engine(slubtla.Settings().find_toolchain()))"
    for named, engine in (
        ("", "JvmEngine"),
        ("engine='process'", "ProcessEngine"),
        ("checkpoint=5", "ProcessEngine"),
    ):
        heard = no_error(jupyter.run(code.format(named)))
        said = "".join(m["content"]["text"] for m in heard if m["msg_type"] == "stream")
        assert said.startswith(engine)


def test_who_listens_alone_sees_no_bar(jupyter: Kernel) -> None:
    heard = jupyter.run(f"_ = {SMALL.format(more=', on_progress=lambda progress: None')}")
    assert texts(no_error(heard)) == []


def test_many_runs_share_a_bar(jupyter: Kernel) -> None:
    heard = jupyter.run("m = slubtla.run_matrix(['smp_mb'], ['x86'], slabs=1)")
    last = texts(no_error(heard))[-1]
    assert "run_matrix: 2 of 2 runs done" in last
    assert "<progress" not in last


def test_an_error_stops_the_bar(jupyter: Kernel) -> None:
    heard = jupyter.run("slubtla.verify(strategy='smp_mb', timeout=1, specs='nowhere')")
    assert failure(heard) is not None
    assert "stopped after" in texts(heard)[-1]


@pytest.mark.parametrize("engine", ["process", "jvm"])
@pytest.mark.usefixtures("engine_at_hand")
def test_an_interrupt_kills_the_jvm_and_leaves_the_kernel_well(engine: str, tmp_path: Path) -> None:
    with kernel(tmp_path) as own:
        own.run("import slubtla")
        cell = own.begin(LONG.format(engine=engine))
        own.follow(cell, lambda message: "distinct states" in "".join(texts([message])))
        assert own.java() != []
        own.manager.interrupt_kernel()
        ended = own.end_of(cell)
        raised = failure(ended)
        assert raised is not None
        assert raised["ename"] == "RunInterrupted"
        assert "stopped after" in texts(ended)[-1]
        # What is warm and has nothing to do may stay; what ran must not.
        no_error(
            own.run("from slubtla.tlc.engine.jvm_pool import shared_pool; shared_pool().close()")
        )
        assert own.java() == []
        again = no_error(own.run(SMALL.format(more=f", engine='{engine}'")))
        assert "VIOLATED(NoLeak)" in texts(again, "text/plain")[-1]
