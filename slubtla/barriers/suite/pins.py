"""Write pins into a file of models, and leave everything else in it as it is, byte for byte."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Table

from slubtla.barriers.suite.config import Pin, Pins
from slubtla.errors import UsageError


def write_pins(path: Path, pins: Pins) -> tuple[str, ...]:
    """Write the pins of a file: its jar, and a table for each model, in the order given.

    What is the same already stays as it is, comments included. A model that is not in ``pins``
    loses its table.

    Returns:
        The names whose pins were written anew or removed, and ``"jar"`` if the jar's was.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        before = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error
    after, changed = with_pins(before, pins)
    if after != before:
        _replace(path, after)
    return changed


def with_pins(text: str, pins: Pins) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file with its pins written, and the names of those that changed."""
    document = tomlkit.parse(text)
    changed: list[str] = []
    table = _pins_table(document)
    if pins.jar_sha256 is not None and table.get("jar_sha256") != pins.jar_sha256:
        table["jar_sha256"] = pins.jar_sha256
        changed.append("jar")
    old: Mapping[str, Any] = table.get("model", {})
    changed += [name for name in old if name not in pins.models]
    for name, pin in pins.models.items():
        if name not in old or _update(old[name], pin):
            changed.append(name)
    if list(old) != list(pins.models):
        models = tomlkit.table(is_super_table=True)
        for name, pin in pins.models.items():
            own = old[name] if name in old else tomlkit.table()
            _update(own, pin)
            models.add(name, own)
        table["model"] = models
    return tomlkit.dumps(document), tuple(changed)


def _pins_table(document: TOMLDocument) -> Table:
    if "pins" not in document:
        if not document.as_string().endswith("\n\n"):
            document.add(tomlkit.nl())
        table = tomlkit.table()
        table.add(tomlkit.comment("Written by `slubtla prove --record`: review the diff."))
        document.add("pins", table)
    found = document["pins"]
    if not isinstance(found, Table):
        raise UsageError(
            "[pins] is not a table of its own", next_step="remove it, and record the pins anew"
        )
    return found


def _values(pin: Pin) -> dict[str, Any]:
    properties = {"properties": list(pin.properties)} if pin.properties else {}
    return {
        "spec_sha256": pin.spec_sha256,
        "cfg_sha256": pin.cfg_sha256,
        "invariants": list(pin.invariants),
        **properties,
        **pin.counts,
    }


def _update(table: Table, pin: Pin) -> bool:
    """Change what differs in a pin that is there; say whether anything did."""
    values = _values(pin)
    gone = [key for key in table if key not in values]
    new = [key for key, value in values.items() if table.get(key) != value]
    for key in gone:
        table.remove(key)
    for key in new:
        table[key] = values[key]
    return bool(gone or new)


def _replace(path: Path, text: str) -> None:
    """Put a new text in a file's place, whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile(
            "wb", dir=path.parent, prefix=f".{path.name}-", delete=False
        ) as new:
            new.write(text.encode("utf-8"))
        Path(new.name).chmod(path.stat().st_mode)
        Path(new.name).replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be written: {error.strerror}",
        next_step="record on a copy of the file that can be written",
    )
