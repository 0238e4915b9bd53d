"""Render a model to the text of its TLA+ module and cfg; pure and deterministic.

The templates are in ``specs/``. Jinja2's delimiters are changed, since ``{{ }}`` and ``{# #}`` are
PlusCal and TLA+: blocks are ``<% %>``, values ``${ }``, comments ``<# #>``. A strategy and a memory
model are templates of *pieces* (macros); a strategy defines only the pieces that it changes.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from slubtla.barriers.data import data_dir
from slubtla.barriers.model import Model
from slubtla.barriers.protocol import Protocol
from slubtla.errors import UsageError
from slubtla.tlc.engine.store import cache_dir, prune, read_checked, write_checked
from slubtla.tlc.text.digest import digest

MEMORY_PIECES = ("variables", "definitions", "macros", "processes")
"""What every memory model must define."""

_MOST_TEMPLATES = 1000
"""Compiled ones that are kept, of each kind; one has about 5 KB."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The two files of a model, before translation.

    Attributes:
        module: the module's name.
        spec: text of the ``.tla`` file, with an empty translation.
        cfg: text of the ``.cfg`` file.
    """

    module: str
    spec: str
    cfg: str

    @property
    def spec_digest(self) -> str:
        """SHA-256 of the spec, hexadecimal."""
        return digest(self.spec)

    @property
    def cfg_digest(self) -> str:
        """SHA-256 of the cfg, hexadecimal."""
        return digest(self.cfg)

    def write_to(self, directory: Path) -> tuple[Path, Path]:
        """Write both files into an existing directory and return their paths."""
        spec, cfg = directory / f"{self.module}.tla", directory / f"{self.module}.cfg"
        spec.write_text(self.spec, encoding="utf-8", newline="\n")
        cfg.write_text(self.cfg, encoding="utf-8", newline="\n")
        return spec, cfg

    def write_new(self, directory: Path) -> tuple[Path, Path]:
        """Write both files into a directory, made if missing, but never over existing files.

        Raises:
            UsageError: one of them exists, or nothing can be written there.
        """
        for suffix in ("tla", "cfg"):
            if (directory / f"{self.module}.{suffix}").exists():
                raise UsageError(
                    f"{directory / self.module}.{suffix} exists",
                    next_step="name another directory, or remove the file",
                )
        try:
            directory.mkdir(parents=True, exist_ok=True)
            return self.write_to(directory)
        except OSError as error:
            raise UsageError(
                f"{directory} cannot be written: {error.strerror}",
                next_step="name a directory that can",
            ) from error


class _Facts(Extension):
    """Render the facts of a template, which are Jinja comments, as comments of TLA+."""

    def preprocess(self, source: str, *_: str | None) -> str:
        """Turn ``<# @fact #>`` into a line comment."""
        return re.sub(r"<#\s*(@.*?)\s*#>", _one_line, source, flags=re.DOTALL)


class _Compiled(jinja2.BytecodeCache):
    """Keep compiled templates in the user's cache: to compile them takes longer than to render."""

    def __init__(self, kind: str) -> None:
        self._folder = cache_dir() / "templates" / kind

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket, unless its template changed."""
        if data := read_checked(self._folder / bucket.key):
            bucket.bytecode_from_string(data)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a bucket holds."""
        if write_checked(self._folder / bucket.key, bucket.bytecode_to_string()):
            prune(self._folder, _MOST_TEMPLATES)


def _one_line(match: re.Match[str]) -> str:
    return "\\* " + " ".join(match[1].split())


@cache
def environment(specs: Path, *more: Path, facts: bool = False) -> jinja2.Environment:
    """Return the Jinja2 environment for directories of templates, the first of which wins.

    Sandboxed: templates, and the edits of mutants, may come from somebody else's file of models,
    and can only make text.

    Args:
        specs: a directory.
        more: further ones.
        facts: whether the facts beside labels are rendered; see :mod:`slubtla.barriers.labels`.
    """
    return ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader([specs, *more]),
        extensions=[_Facts] if facts else [],
        bytecode_cache=_Compiled("facts" if facts else "plain"),
        undefined=jinja2.StrictUndefined,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="${",
        variable_end_string="}",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the output is TLA+, and no value in it is free text
    )


def render(model: Model, *, specs: Path | None = None, facts: bool = False) -> Rendered:
    """Render a model.

    Args:
        model: what to render.
        specs: the directory of templates; by default the one that ships with slubtla.
        facts: whether the facts beside labels are rendered, for our own reading.

    Raises:
        jinja2.TemplateError: a template is broken.
    """
    shipped, own = data_dir("specs"), model.protocol.folder.parent
    more = () if own == shipped else (own,)
    templates = environment(specs or shipped, *more, facts=facts)
    folder, module = model.protocol.name, model.protocol.module
    context = {
        "model": model,
        "strategy_entry": model.strategy,
        "memory_entry": model.memory,
        "cmpxchg_entry": model.cmpxchg,
        "shape": model.kernel,
        "guards": model.guards,
        "guards_entry": model.protocol.guards,
        "argument": bool(model.argument),
        "property": partial(_sentence, model.protocol),
        "members": _members,
        **model.protocol.rules.context(model),
    }
    pieces = {
        "strategy": templates.get_template(f"{folder}/barriers/{model.strategy}.pcal.j2"),
        "memory": templates.get_template(f"memory/{model.memory}.pcal.j2"),
    }
    context |= {name: template.make_module(context) for name, template in pieces.items()}
    return Rendered(
        module=module,
        spec=templates.get_template(f"{folder}/{module}.tla.j2").render(context),
        cfg=templates.get_template(f"{folder}/{module}.cfg.j2").render(context),
    )


def template_digest(specs: Path | None = None) -> str:
    """Return one SHA-256 over all templates and tables: names and contents, by name."""
    root = specs or data_dir("specs")
    whole = hashlib.sha256()
    for path in sorted([*root.rglob("*.j2"), *root.rglob("*.toml")]):
        whole.update(path.relative_to(root).as_posix().encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _sentence(protocol: Protocol, name: str) -> str:
    """A property's sentence, wrapped to continue a TLA+ line comment."""
    summary = protocol.properties[name].summary
    sentence = summary[0].upper() + summary[1:] + "."
    return textwrap.fill(sentence, width=97, subsequent_indent="\\* ", break_on_hyphens=False)


def _members(prefix: str, count: int, first: int = 1) -> str:
    """A set of model values: ``{name1, name2}``."""
    return "{" + ", ".join(f"{prefix}{number}" for number in range(first, first + count)) + "}"


def require_effect(model: Model, rendered: Rendered, specs: Path | None = None) -> None:
    """Refuse a model in which a guard is taken away, and that is the same with it.

    Args:
        model: the model.
        rendered: its specification.
        specs: the templates; those that ship with slubtla when None.

    Raises:
        UsageError: such a guard.
    """
    for guard in model.without:
        others = tuple(name for name in model.without if name != guard)
        whole = render(model.model_copy(update={"without": others}), specs=specs)
        if _algorithm_of(whole.spec) == _algorithm_of(rendered.spec):
            raise UsageError(
                f"--without {guard} changes nothing in this model: nothing in it depends on that "
                f"{guard.summary}",
                next_step=f"leave out --without {guard}; what it proves holds with the guard",
            )


def _algorithm_of(spec: str) -> str:
    """A rendered specification without its header, which describes the model."""
    return spec[max(0, spec.find("--algorithm")) :]
