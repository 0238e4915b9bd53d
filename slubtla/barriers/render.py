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
from typing import Final

import jinja2
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from slubtla.barriers.data import data_dir
from slubtla.barriers.machines import MEMORY_MODELS
from slubtla.barriers.model import Model
from slubtla.barriers.protocol import Protocol
from slubtla.errors import UsageError
from slubtla.tlc.engine.store import cache_dir, prune, read_checked, write_checked
from slubtla.tlc.text.digest import digest

MEMORY_FILE: Final = "WeakMemory.tla"
"""The module of the memory model, the same name for all of them."""

_MACROS: Final = "memory_macros"
_MACRO: Final = re.compile(r"^macro (\w+)\([^{]*{(?:[^\n]*}\n|.*?\n}\n)", re.DOTALL | re.MULTILINE)
_PARAMETERS: Final = re.compile(r"^procedure \w+\(([^)]*)\)", re.MULTILINE)
_SECTION: Final = re.compile(r"^variables$(.*?)^(?:define )?\{", re.DOTALL | re.MULTILINE)
_VARIABLE: Final = re.compile(r"^    (\w+)(?= =| \\in)", re.MULTILINE)

_MOST_TEMPLATES = 1000
"""Compiled ones that are kept, of each kind; one has about 5 KB."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of a model, before translation.

    Attributes:
        module: the root module's name.
        spec: text of its ``.tla`` file, with an empty translation.
        cfg: text of the ``.cfg`` file.
        memory: text of the memory model, the module ``WeakMemory``.
    """

    module: str
    spec: str
    cfg: str
    memory: str

    @property
    def files(self) -> dict[str, str]:
        """The text of each file: the root module, its cfg, the memory model."""
        return {
            f"{self.module}.tla": self.spec,
            f"{self.module}.cfg": self.cfg,
            MEMORY_FILE: self.memory,
        }

    @property
    def spec_digest(self) -> str:
        """SHA-256 of the two modules, hexadecimal."""
        return digest(self.spec + self.memory)

    @property
    def cfg_digest(self) -> str:
        """SHA-256 of the cfg, hexadecimal."""
        return digest(self.cfg)

    def write_to(self, directory: Path) -> tuple[Path, ...]:
        """Write the files into an existing directory and return their paths."""
        for name, text in self.files.items():
            (directory / name).write_text(text, encoding="utf-8", newline="\n")
        return tuple(directory / name for name in self.files)

    def write_new(self, directory: Path) -> tuple[Path, ...]:
        """Write the files into a directory, made if missing, but never over existing files.

        Raises:
            UsageError: one of them exists, or nothing can be written there.
        """
        for name in self.files:
            if (directory / name).exists():
                raise UsageError(
                    f"{directory / name} exists",
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
        **memory_context(templates),
        **model.protocol.rules.context(model),
    }
    if machine := context.get("machine"):
        context["unchanged"] = partial(_unchanged, machine)
    strategy = templates.get_template(f"{folder}/barriers/{model.strategy}.pcal.j2")
    context["strategy"] = strategy.make_module(context)
    return Rendered(
        module=module,
        spec=templates.get_template(f"{folder}/{module}.tla.j2").render(context),
        cfg=templates.get_template(f"{folder}/{module}.cfg.j2").render(context),
        memory=memory_file(model.memory, specs).read_text(encoding="utf-8"),
    )


def memory_file(memory: str, specs: Path | None = None) -> Path:
    """Return the file of a memory model: a module that any specification can extend.

    Raises:
        UnknownNameError: there is no such memory model.
    """
    return (specs or data_dir("specs")) / "memory" / MEMORY_MODELS[memory].name / MEMORY_FILE


def memory_context(templates: jinja2.Environment) -> dict[str, object]:
    """Return what a template asks of memory.

    ``memory_macros`` stands where the macros go, and ``with_macros(algorithm)`` puts those there
    that the algorithm calls. ``variables_but(algorithm, some)`` are the variables of its
    translation but some.
    """
    macros = templates.get_template("memory/macros.pcal").render()
    return {
        _MACROS: f"({_MACROS})",
        "with_macros": partial(_with_macros, macros),
        "variables_but": _variables_but,
    }


def _with_macros(macros: str, algorithm: str) -> str:
    used = ""
    for macro in reversed([*_MACRO.finditer(macros)]):  # each calls only those above it
        if re.search(rf"\b{macro[1]}\(", algorithm + used):
            used = macro[0] + used
    heading = macros[: macros.index("macro ")]
    return algorithm.replace(f"({_MACROS})", heading + used.rstrip("\n"))


def _variables_but(algorithm: str, some: list[str]) -> str:
    sections = "".join(_SECTION.findall(algorithm))
    names = ["pc", *_VARIABLE.findall(sections)]
    if parameters := _PARAMETERS.findall(algorithm):
        names += ["stack", *re.findall(r"\w+", " ".join(parameters))]
    listed = ", ".join(name for name in names if name not in some)
    return textwrap.fill(f"<<{listed}>>", width=95, subsequent_indent="      ")


def _unchanged(machine: list[str], *changed: str) -> str:
    """What a step of the machine leaves alone: the program, and the machine but for some."""
    return f"<<{', '.join(['program', *(name for name in machine if name not in changed)])}>>"


def templates_in(specs: Path) -> tuple[Path, ...]:
    """Return the templates below a directory, and the modules and macros of the memory models."""
    kinds = ("*.j2", "*.pcal", "*.tla")
    return tuple(sorted(path for kind in kinds for path in specs.rglob(kind)))


def template_digest(specs: Path | None = None) -> str:
    """Return one SHA-256 over all templates and tables: names and contents, by name."""
    root = specs or data_dir("specs")
    whole = hashlib.sha256()
    for path in sorted([*templates_in(root), *root.rglob("*.toml")]):
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


def with_guards(model: Model, without: tuple[str, ...] = ()) -> Model:
    """Return a model with the guards that it lacks, but for some; its steps are merged no more."""
    fine = {"fine": True} if "fine" in model.protocol.parameters else {}
    return model.model_copy(update={"without": without} | fine)


def require_effect(model: Model, specs: Path | None = None) -> None:
    """Refuse a model in which a guard is taken away, and that is the same with it.

    Args:
        model: the model.
        specs: the templates; those that ship with slubtla when None.

    Raises:
        UsageError: such a guard.
    """
    rendered = render(with_guards(model, model.without), specs=specs)
    for guard in model.without:
        others = tuple(name for name in model.without if name != guard)
        whole = render(with_guards(model, others), specs=specs)
        if _algorithm_of(whole.spec) == _algorithm_of(rendered.spec):
            raise UsageError(
                f"--without {guard} changes nothing in this model: nothing in it depends on that "
                f"{guard.summary}",
                next_step=f"leave out --without {guard}; what it proves holds with the guard",
            )


def _algorithm_of(spec: str) -> str:
    """A rendered specification without its header, which describes the model."""
    return spec[max(0, spec.find("--algorithm")) :]
