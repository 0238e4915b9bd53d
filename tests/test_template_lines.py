"""Every line of the templates stands in some model that is recorded and checked.

A line that no named model renders is a part of the specification that nothing vouches for. The
templates are rendered with a mark at the beginning of each line, and the marks are collected.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from slubtla.barriers.data import data_dir
from slubtla.barriers.litmus.reader import read_litmus
from slubtla.barriers.litmus.rendering import make_programs, render_litmus
from slubtla.barriers.litmus.suite import shipped_files
from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.barriers.model import Model, make_model
from slubtla.barriers.render import render
from slubtla.barriers.suite import read_config, shipped_configs

_JINJA_COMMENT = re.compile(r"<#.*?#>", re.DOTALL)
_STATEMENT = re.compile(r"^\s*<%.*%>\s*$")
_MARK = re.compile("⟦([^⟧]+):(\\d+)⟧")


def _marked(template: str, name: str) -> str:
    """The template with ⟦name:line⟧ before each line that renders text."""
    blanked = _JINJA_COMMENT.sub(lambda m: "\n" * m[0].count("\n"), template)
    lines = enumerate(blanked.split("\n"), start=1)
    return "\n".join(
        line if not line.strip() or _STATEMENT.match(line) else f"⟦{name}:{number}⟧{line}"
        for number, line in lines
    )


def _mark_all(specs: Path) -> set[tuple[str, int]]:
    """Write the marked templates below ``specs``; return the places of the marks."""
    shutil.copytree(data_dir("specs") / "memory", specs / "memory")
    places: set[tuple[str, int]] = set()
    for template in sorted(data_dir("specs").rglob("*.j2")):
        name = template.relative_to(data_dir("specs")).as_posix()
        text = _marked(template.read_text(encoding="utf-8"), name)
        (specs / name).parent.mkdir(parents=True, exist_ok=True)
        (specs / name).write_text(text, encoding="utf-8")
        places |= {(m[1], int(m[2])) for m in _MARK.finditer(text)}
    return {place for place in places if not place[0].endswith("export.litmus.j2")}


def _named_models() -> set[Model]:
    """The models of ``configs/`` whose templates are not edited."""
    return {
        claim.subject
        for file in shipped_configs()
        for claim in read_config(file).claims
        if isinstance(claim.subject, Model) and not claim.edits
    }


def test_every_template_line_is_rendered_by_a_recorded_model(tmp_path: Path) -> None:
    places = _mark_all(tmp_path)
    texts = [render(model, specs=tmp_path) for model in _named_models()]
    programs = make_programs(read_litmus(file) for file in shipped_files())
    texts += [render_litmus(programs, memory, specs=tmp_path) for memory in MEMORY_MODELS]
    rendered = {(m[1], int(m[2])) for text in texts for m in _MARK.finditer(text.spec + text.cfg)}
    unused = sorted(places - rendered)
    shown = "\n".join(f"{name}:{line}" for name, line in unused)
    assert not unused, f"no model of configs/ and no litmus test renders\n{shown}"


def test_every_macro_of_memory_is_called_by_a_recorded_model() -> None:
    macros = (data_dir("specs") / "memory" / "macros.pcal").read_text(encoding="utf-8")
    texts = [render(model).spec for model in _named_models()]
    programs = make_programs(read_litmus(file) for file in shipped_files())
    texts.append(render_litmus(programs, "sc").spec)
    called = {name for text in texts for name in re.findall(r"^macro (\w+)\(", text, re.MULTILINE)}
    assert set(re.findall(r"^macro (\w+)\(", macros, re.MULTILINE)) <= called


def test_a_line_that_no_model_renders_is_found(tmp_path: Path) -> None:
    places = _mark_all(tmp_path)
    assert len(places) > 1000
    text = render(make_model(strategy="smp_mb"), specs=tmp_path)
    rendered = {(m[1], int(m[2])) for m in _MARK.finditer(text.spec + text.cfg)}
    assert any(name == "slub/allocate.pcal.j2" for name, _ in places - rendered)
