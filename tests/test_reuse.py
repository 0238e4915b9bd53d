"""Results that are kept: taken only where nothing has changed, and they say so."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from slubtla.barriers.data import data_dir
from slubtla.barriers.model import make_model
from slubtla.barriers.render import environment, render
from slubtla.barriers.show.text import result_view
from slubtla.barriers.suite import prove
from slubtla.barriers.verify import verify
from slubtla.errors import SpecError
from slubtla.tlc.engine import TlcOptions
from slubtla.tlc.engine.store import cache_dir
from slubtla.tlc.run import cache as reuse
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.check import user_spec as spec_of
from slubtla.tlc.run.judge import Criteria
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.rundir import load_run
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind
from slubtla.tlc.tools import Toolchain

SMALL: dict[str, Any] = {"strategy": "smp_mb", "memory": "sc", "slabs": 1, "tasks": 1}

Verify = Callable[..., Result]


@pytest.fixture
def kept(engine_at_hand: Toolchain) -> Verify:
    def run(specs: Path | None = None, **own: Any) -> Result:
        settings = {"keep_results": True, "workers": 1, "specs": specs} | own
        return verify(settings=Settings(toolchain=engine_at_hand, **settings), **SMALL)

    return run


def test_a_template_that_changed_is_compiled_anew(tmp_path: Path) -> None:
    specs = tmp_path / "specs"
    shutil.copytree(data_dir("specs"), specs)
    model = make_model(**SMALL)
    first = render(model, specs=specs).spec
    compiled = cache_dir() / "templates"
    assert any(compiled.iterdir())
    environment.cache_clear()
    assert render(model, specs=specs).spec == first
    template = specs / "slub" / "Slub.tla.j2"
    template.write_text(template.read_text().replace("MODULE", "MODULE ", 1))
    environment.cache_clear()
    assert render(model, specs=specs).spec == first.replace("MODULE", "MODULE ", 1)
    for path in compiled.rglob("*"):
        if path.is_file():
            path.write_bytes(b"broken")
    environment.cache_clear()
    assert render(model, specs=specs).spec == first.replace("MODULE", "MODULE ", 1)


def test_the_second_run_is_the_first_and_says_so(kept: Verify) -> None:
    first, second = kept(), kept()
    assert first.provenance.cached_at is None
    assert second.provenance.cached_at is not None
    assert second.provenance.cached_at >= first.provenance.started_at
    same = second.provenance.model_copy(update={"cached_at": None})
    assert second.model_copy(update={"provenance": same, "run_dir": first.run_dir}) == first
    assert second.run_dir not in {None, first.run_dir}
    assert load_run(second.run_dir or "") == second
    assert {path.name for path in (first.run_dir or Path()).iterdir()} == {
        path.name for path in (second.run_dir or Path()).iterdir()
    }
    console = Console(width=100, record=True)
    console.print(result_view(second))
    assert "the result of a run kept at" in console.export_text()


def test_a_trace_that_was_kept_is_read_as_any_other(engine_at_hand: Toolchain) -> None:
    run = functools.partial(
        verify,
        settings=Settings(toolchain=engine_at_hand, keep_results=True, workers=1),
        strategy="smp_mb",
        slabs=1,
        tasks=1,
    )
    first, second = run(), run()
    assert second.provenance.cached_at is not None
    assert second.verdict.kind is VerdictKind.VIOLATED
    assert second.trace == first.trace
    assert second.trace is not None


@pytest.mark.parametrize("own", [{"cache": False}, {"keep_results": False}, {"workers": 2}])
def test_what_is_not_asked_for_or_not_the_same_is_run(kept: Verify, own: dict[str, Any]) -> None:
    kept()
    assert kept(**own).provenance.cached_at is None


def test_another_slubtla_judges_anew(kept: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    monkeypatch.setattr(reuse, "code_digest", lambda: "another")
    assert kept().provenance.cached_at is None


def test_the_digest_of_the_code_is_that_of_every_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "judge.py").write_text("holds = True\n", encoding="utf-8")
    monkeypatch.setattr(reuse, "_PACKAGE", tmp_path)
    digest = reuse.code_digest.__wrapped__
    before = digest()
    (tmp_path / "room" / "judge.py").write_text("holds = 1 == 1\n", encoding="utf-8")
    assert digest() != before


ASKED_OTHERWISE: dict[str, Any] = {
    "properties": ("NoLeak",),
    "goals": {"Sends": "send"},
    "idle": {"send": "there is nothing to send"},
    "symmetric": True,
}


def test_all_that_is_asked_of_a_run_counts() -> None:
    """A result that was judged by other goals or excuses is not the result of this run."""
    plain = spec_of(Path("M.tla"))
    changed = [dataclasses.replace(plain, warnings=("beware",))]
    changed += [
        dataclasses.replace(plain, criteria=Criteria(**{name: value}))
        for name, value in [*ASKED_OTHERWISE.items(), ("idle", {})]
    ]
    asked = [reuse.asked_of(each) for each in (plain, *changed)]
    assert len(set(asked)) == len(asked)
    found = {"cfg", "options", "instrumented", "uncounted", "watched", "antecedents"}
    found |= {"doubt", "foreign", "caveats"}
    assert {field.name for field in dataclasses.fields(Criteria)} == found | set(ASKED_OTHERWISE)


def test_another_jar_under_the_same_name_is_another_run(
    engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    spec, cfg, jar = (tmp_path / name for name in ("M.tla", "M.cfg", "own.jar"))
    spec.write_text("---- MODULE M ----\n====\n", encoding="utf-8")
    cfg.write_text("INVARIANT One\n", encoding="utf-8")
    options = TlcOptions(classpath=(str(jar),))

    def key(content: bytes) -> str:
        jar.write_bytes(content)
        own = dataclasses.replace(spec_of(spec), options=options)
        return reuse.EarlierResult(own, engine_at_hand)._key  # noqa: SLF001

    assert key(b"one") == key(b"one") != key(b"other")


def test_a_search_that_was_cut_short_is_made_again(kept: Verify) -> None:
    assert kept(timeout=0.01).verdict.kind is VerdictKind.INCONCLUSIVE
    assert kept(timeout=0.01).provenance.cached_at is None


def test_a_module_beside_the_spec_counts(engine_at_hand: Toolchain, tmp_path: Path) -> None:
    settings = Settings(toolchain=engine_at_hand, keep_results=True, workers=1)
    spec, beside = tmp_path / "Root.tla", tmp_path / "Limit.tla"
    spec.write_text(
        "---- MODULE Root ----\nEXTENDS Naturals, Limit\nVARIABLE x\n"
        "Init == x = 0\nNext == x' = (x + 1) % 5\nSpec == Init /\\ [][Next]_x\n"
        "Low == x < Most\n====\n",
        encoding="utf-8",
    )
    spec.with_suffix(".cfg").write_text("SPECIFICATION Spec\nINVARIANT Low\n", encoding="utf-8")
    beside.write_text("---- MODULE Limit ----\nMost == 5\n====\n", encoding="utf-8")
    assert check_spec(spec, settings=settings).verdict.kind is VerdictKind.PROVEN
    assert check_spec(spec, settings=settings).provenance.cached_at is not None
    beside.write_text("---- MODULE Limit ----\nMost == 4\n====\n", encoding="utf-8")
    changed = check_spec(spec, settings=settings)
    assert (changed.verdict.kind, changed.provenance.cached_at) == (VerdictKind.VIOLATED, None)
    spec.with_suffix(".cfg").write_bytes(b"\xff")
    with pytest.raises(SpecError, match="cannot be read"):
        check_spec(spec, settings=settings)


def test_prove_takes_what_was_kept_and_no_cache_does_not(
    engine_at_hand: Toolchain, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'title = "mine"\nabout = "one"\n[model.one]\nabout = "one"\nexpect = "PROVEN"\n'
        + "".join(f"{name} = {json.dumps(value)}\n" for name, value in SMALL.items()),
        encoding="utf-8",
    )

    def runs(*, record: bool = False, **own: Any) -> tuple[int, int]:
        proof = prove(
            [file], settings=Settings(toolchain=engine_at_hand, **own), record=record, jobs=1
        )
        return proof.runs, proof.cached

    assert runs() == (1, 0)
    assert runs() == (0, 1)
    assert runs(cache=False) == (1, 0)
    assert runs(record=True) == (1, 0)
