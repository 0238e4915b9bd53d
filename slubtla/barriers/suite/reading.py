"""Parse a suite file (TOML) into a Config; unknown keys are errors. No Java."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.model import Model, make_model, model_fields
from slubtla.barriers.protocol import protocol
from slubtla.barriers.suite.config import (
    COUNTS,
    Claim,
    Config,
    Edit,
    Pin,
    Pins,
    UserSpec,
    read_expectation,
)
from slubtla.errors import UnknownNameError, UsageError
from slubtla.tlc.run.verdict import Verdict, VerdictKind

_NAME: Final = re.compile(r"[\w+-]+", re.ASCII)
_FILE_KEYS: Final = ("title", "about", "complete", "defaults", "model", "pins")
_SPEC_KEYS: Final = ("spec", "cfg", "deadlock")
_CLAIM_KEYS: Final = ("about", "expect", "at_least", "equivalent", "timeout", "edit")
_EDIT_KEYS: Final = ("template", "right", "wrong")
_SAID_OF_ARCHES: Final = ("expect", "equivalent")
"""Keys whose value may be a table from architecture to text, where ``arch`` is a list."""
_PIN_KEYS: Final = ("spec_sha256", "cfg_sha256", "invariants", "properties", *COUNTS)


def shipped_configs() -> tuple[Path, ...]:
    """Return the protocol's files of models, relative to here where they are below.

    Raises:
        UsageError: it has none.
    """
    here, of = Path.cwd(), protocol()
    files = sorted(of.configs.glob("*.toml"))
    if not files:
        raise of.missing("models", "configs/*.toml")
    return tuple(file.relative_to(here) if file.is_relative_to(here) else file for file in files)


def read_config(path: Path) -> Config:
    """Read a file of models.

    Args:
        path: the file; the specs that it names are found relative to it.

    Raises:
        UsageError: there is no such file, it is no TOML, a key or name in it is unknown, or a value
            is of the wrong kind. A missing expectation is no error here: it is a difference.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}", next_step="name a file of models, such as configs/*.toml"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}", next_step="mend that line") from error
    lines = lines_of(text)
    top = TomlTable(values, path)
    top.only(_FILE_KEYS)
    models = top.table("model")
    if models is None or not models.values:
        raise top.error("it names no model, so nothing would be checked", "write a [model.NAME]")
    defaults = top.table("defaults", "[defaults]") or TomlTable({}, path)
    return Config(
        path=path,
        title=top.required("title", "a few words for what the file is about"),
        about=top.prose("about"),
        complete=_complete(top),
        claims=tuple(
            _claim(on_arch, own_name, defaults)
            for name in models.values
            for own_name, on_arch in _on_each_arch(
                _table(models, name, lines.get(("model", name), 1)), name, defaults
            )
        ),
        pins=_pins(top, lines),
    )


def _table(models: TomlTable, name: str, line: int) -> TomlTable:
    heading = f"[model.{name}]"
    table = models.table(name, heading, line)
    if table is None or not _NAME.fullmatch(name):
        raise models.error(
            f"{heading} has a name that cannot be a file's", "use letters, digits, '-', '_' and '+'"
        )
    return table


def _on_each_arch(
    table: TomlTable, name: str, defaults: TomlTable
) -> Iterator[tuple[str, TomlTable]]:
    """Yield a model once for each of its architectures, with what is said of that one.

    The first keeps the name; the name of each other one ends with the architecture's.
    """
    arches = table.values.get("arch", defaults.values.get("arch"))
    if "spec" in table.values or not isinstance(arches, list):
        yield name, table
        return
    if not arches or not all(isinstance(arch, str) for arch in arches):
        raise table.error(f"arch = {arches!r}", 'arch is a name, or a list: ["x86", "arm64"]')
    for key in _SAID_OF_ARCHES:
        said = table.values.get(key)
        if isinstance(said, dict) and (strange := sorted(said.keys() - set(arches))):
            raise table.error(
                f"{key} speaks of {', '.join(strange)}, where the model is not checked",
                f"its architectures are: {', '.join(arches)}",
            )
    for index, arch in enumerate(dict.fromkeys(arches)):
        own = dict(table.values) | {"arch": arch}
        for key in _SAID_OF_ARCHES:
            if isinstance(own.get(key), dict):
                own[key] = own[key].get(arch, "")
        yield (f"{name}-{arch}" if index else name), replace(table, values=own)


def _claim(table: TomlTable, name: str, defaults: TomlTable) -> Claim:
    subject = _user_spec(table) if "spec" in table.values else _model(table, defaults)
    floor = table.table("at_least", f"{table.heading} at_least")
    if floor is not None:
        floor.only(COUNTS)
    text = table.text("expect")
    try:
        expect = read_expectation(text) if text else None
    except UsageError as error:
        raise table.located(error) from None
    claim = Claim(
        name=name,
        line=table.line,
        subject=subject,
        expect=expect,
        about=table.prose("about"),
        edits=tuple(_edit(edit) for edit in table.tables("edit")),
        at_least={} if floor is None else floor.counts(COUNTS),
        equivalent=table.prose("equivalent"),
        timeout=table.seconds("timeout") or defaults.seconds("timeout"),
    )
    survives = claim.mutant and claim.expect == Verdict(VerdictKind.PROVEN)
    if survives and not claim.equivalent:
        raise table.error(
            "a mutant is expected to survive, and no reason is given",
            'write equivalent = "why it is no different from the correct model", or expect what '
            "falls",
        )
    if claim.equivalent and not survives:
        raise table.error(
            "`equivalent` is for a mutant that is expected to be PROVEN",
            'remove it, or write expect = "PROVEN" for a model with edits or without a guard',
        )
    return claim


def _user_spec(table: TomlTable) -> UserSpec:
    table.only((*_SPEC_KEYS, *_CLAIM_KEYS))
    if "edit" in table.values:
        raise table.error(
            "edits are for the templates that ship with slubtla, not for a spec of your own",
            "keep the broken spec as a file of its own, and name that",
        )
    folder = table.file.parent.absolute()  # a later step may stand in another directory
    spec = folder / table.text("spec")
    cfg = folder / table.text("cfg") if "cfg" in table.values else spec.with_suffix(".cfg")
    for file in (spec, cfg):
        if not file.is_file():
            raise table.error(
                f"there is no file {file}",
                "paths are relative to this file; a cfg lies beside its spec, or is named: cfg = …",
            )
    if spec.suffix != ".tla":
        raise table.error(f"{spec} is no .tla file", "name the root module of the spec")
    deadlock = table.get("deadlock", bool, "true or false: is a deadlock an error")
    return UserSpec(spec, cfg, deadlock is not False)


def _model(table: TomlTable, defaults: TomlTable) -> Model:
    own = {key: value for key, value in table.values.items() if key not in _CLAIM_KEYS}
    given = {key: value for key, value in defaults.values.items() if key != "timeout"} | own
    try:
        return make_model(**given)
    except UsageError as error:
        stray = [key for key in given if key not in model_fields()]
        place = table if not stray or stray[0] in own else defaults
        if stray and repr(stray[0]) in error.message:
            known = (*_CLAIM_KEYS, *_SPEC_KEYS, *model_fields())
            raise place.located(UnknownNameError("key", stray[0], known)) from None
        raise place.located(error) from None


def _edit(table: TomlTable) -> Edit:
    table.only(_EDIT_KEYS)
    edit = Edit(
        template=table.required("template", "a path below specs/, such as memory/tso.pcal.j2"),
        right=table.required("right", "what stands in the template, exactly once"),
        wrong=table.text("wrong"),
    )
    if edit.right == edit.wrong:
        raise table.error("`right` and `wrong` are the same", "write what is broken")
    return edit


def _complete(top: TomlTable) -> tuple[tuple[str, ...], ...]:
    what = 'a list of parameters, or of lists of them: ["strategy", ["strategy", "arch"]]'
    groups = []
    for item in top.get("complete", list, what) or []:
        group = tuple(item) if isinstance(item, list) else (item,)
        if not group or not all(isinstance(name, str) for name in group):
            raise top.error(f"complete = [{item!r}]", f"complete is {what}")
        groups.append(group)
    return tuple(groups)


def _pins(top: TomlTable, lines: Mapping[tuple[str, str], int]) -> Pins | None:
    table = top.table("pins", "[pins]")
    if table is None:
        return None
    table.only(("jar_sha256", "model"))
    models = table.table("model")
    names: Mapping[str, Any] = models.values if models else {}
    where = {name: lines.get(("pins", name), 1) for name in names}
    return Pins(
        jar_sha256=table.text("jar_sha256") or None,
        models={
            name: _pin(pin)
            for name in names
            if models and (pin := models.table(name, f"[pins.model.{name}]", where[name]))
        },
        lines=where,
    )


def _pin(table: TomlTable) -> Pin:
    table.only(_PIN_KEYS)
    what = "as `slubtla prove --record` writes it"
    return Pin(
        spec_sha256=table.required("spec_sha256", what),
        cfg_sha256=table.required("cfg_sha256", what),
        invariants=table.texts("invariants"),
        properties=table.texts("properties"),
        counts=table.counts(COUNTS),
    )


_HEADING: Final = re.compile(
    r"""^[ \t]*\[[ \t]*(model|pins[ \t]*\.[ \t]*model)[ \t]*\.[ \t]*["']?([\w.+-]+?)["']?[ \t]*\]"""
)


@dataclass(frozen=True, slots=True)
class TomlTable:
    """A table of a TOML file.

    Attributes:
        line: where the table begins, from 1.
        heading: what it is called in messages, e.g. ``[model.NAME]``; ``""`` for the top level.
    """

    values: Mapping[str, Any]
    file: Path
    line: int = 1
    heading: str = ""

    def error(self, problem: str, next_step: str) -> UsageError:
        """Return an error that names the place."""
        where = f"{self.heading}: " if self.heading else ""
        return UsageError(f"{self.file}:{self.line}: {where}{problem}", next_step=next_step)

    def located(self, error: UsageError) -> UsageError:
        """Return an error of another module, with the place in front."""
        return self.error(error.message, error.next_step)

    def only(self, known: Iterable[str]) -> None:
        """Raise UsageError where a key is not known."""
        names = tuple(known)
        for key in self.values:
            if key not in names:
                raise self.located(UnknownNameError("key", key, names))

    def get(self, key: str, kind: type | tuple[type, ...], what: str) -> Any:  # noqa: ANN401
        """Return the value of a key; None where it is missing.

        Raises:
            UsageError: it has another type.
        """
        value = self.values.get(key)
        wrong = isinstance(value, bool) and kind is not bool
        if value is not None and (wrong or not isinstance(value, kind)):
            raise self.error(f"{key} = {value!r}", f"{key} is {what}")
        return value

    def text(self, key: str) -> str:
        """Return a string, ``""`` where it is missing; this and the others raise as :meth:`get`."""
        return self.get(key, str, 'a string, in quotes: "…"') or ""

    def prose(self, key: str) -> str:
        """Return a string whose line breaks mean nothing."""
        return " ".join(self.text(key).split())

    def required(self, key: str, what: str) -> str:
        """Return a string that must be there, and not be empty."""
        value = self.text(key)
        if not value:
            raise self.error(f"{key} is missing", f'write {key} = "…": {what}')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, empty where it is missing."""
        what = 'a list of strings: ["…", "…"]'
        values = self.get(key, list, what) or []
        if not all(isinstance(value, str) for value in values):
            raise self.error(f"{key} = {values!r}", f"{key} is {what}")
        return tuple(values)

    def counts(self, keys: Iterable[str]) -> dict[str, int]:
        """Return those of the keys that are there, each a whole number."""
        found = {key: self.get(key, int, "a whole number") for key in keys if key in self.values}
        for key, value in found.items():
            if value < 0:
                raise self.error(f"{key} = {value}", f"{key} is a number of states")
        return found

    def seconds(self, key: str) -> float | None:
        """Return a number above 0, None where it is missing."""
        value = self.get(key, (int, float), "a number of seconds")
        if value is not None and not value > 0:
            raise self.error(f"{key} = {value} leaves no time", f"{key} is a number above 0")
        return None if value is None else float(value)

    def table(self, key: str, heading: str = "", line: int = 0) -> TomlTable | None:
        """Return a table within this one, None where it is missing."""
        values = self.get(key, dict, "a table")
        if values is None:
            return None
        return TomlTable(values, self.file, line or self.line, heading or f"{self.heading} {key}")

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """Return an array of tables, empty where it is missing."""
        values = self.get(key, list, "an array of tables") or []
        if not all(isinstance(value, dict) for value in values):
            raise self.error(f"{key} = {values!r}", f"{key} is an array of tables")
        return tuple(
            TomlTable(value, self.file, self.line, f"{self.heading} {key} {number}")
            for number, value in enumerate(values, 1)
        )


def lines_of(text: str) -> dict[tuple[str, str], int]:
    """Return where the tables of models and pins begin.

    Keys are ``("model", name)`` and ``("pins", name)``, lines 1-based; a table that is written
    otherwise, inline for example, is not in it.
    """
    lines: dict[tuple[str, str], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if found := _HEADING.match(line):
            kind = "model" if found[1] == "model" else "pins"
            lines.setdefault((kind, found[2]), number)
    return lines
