"""List the models of a sweep: every valid combination of the given bounds."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from slubtla.barriers.model import Model, defaults_for, make_model
from slubtla.barriers.protocol import protocol
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Record

MOST: Final = 64
"""The most sizes of one sweep, if no more are asked for."""

_MOST_VALUES: Final = 10_000
_RANGE: Final = re.compile(r"(\d+)\.\.(\d+)", re.ASCII)

Values = int | str | Iterable[int]
"""The values of a bound: ``3``, ``range(1, 5)``, ``"1..4"``, ``"1,2,4"``."""


class LeftOut(Record):
    """A size that makes no sense.

    Attributes:
        bounds: the value of each bound that is swept.
        why: what is wrong with it.
    """

    bounds: dict[str, int]
    why: str


def values_of(bound: str, given: Values) -> tuple[int, ...]:
    """Return the values of a bound, rising, each once.

    Raises:
        UsageError: ``given`` is none of :data:`Values`.
    """
    next_step = "write one number, A..B, or A,B,C"
    if isinstance(given, int):
        return (given,)
    if not isinstance(given, str):
        numbers = tuple(sorted(set(given)))
    elif match := _RANGE.fullmatch(given.strip()):
        first, last = int(match[1]), int(match[2])
        if last - first >= _MOST_VALUES:
            raise UsageError(
                f"{bound} = {given!r} holds more than {_MOST_VALUES:,} values", next_step=next_step
            )
        numbers = tuple(range(first, last + 1))
    else:
        words = [word.strip() for word in given.split(",")]
        if not all(word.isascii() and word.isdigit() for word in words):
            raise UsageError(f"{bound} = {given!r} are no values", next_step=next_step)
        numbers = tuple(sorted({int(word) for word in words}))
    if not numbers:
        raise UsageError(f"{bound} = {given!r} holds no value", next_step=next_step)
    return numbers


def sizes_of(
    parameters: Mapping[str, Any], most: int = MOST
) -> tuple[tuple[str, ...], tuple[Model, ...], tuple[LeftOut, ...]]:
    """Return the bounds with several values, the models, and the sizes that make no sense.

    Only what is swept differs between them: a default that depends on another bound is the one that
    the largest values have.

    Raises:
        UsageError: values that are none, no bound with several of them, more than ``most`` sizes,
            or none that makes sense.
    """
    values = {
        name: values_of(name, parameters[name])
        for name in protocol().bounds
        if parameters.get(name) is not None
    }
    swept = {name: several for name, several in values.items() if len(several) > 1}
    if not swept:
        raise UsageError(
            "no bound has several values",
            next_step=f"give one, e.g. --{protocol().bounds[0]} 2..3; `slubtla verify` checks a "
            "single size",
        )
    fixed = dict(parameters) | {name: own[0] for name, own in values.items() if name not in swept}
    count = math.prod(len(several) for several in swept.values())
    if count > most:
        raise UsageError(
            f"these are {count:,} sizes, more than {most}",
            next_step=f"give fewer values, or allow them: --most {count}",
        )
    held = _held(fixed, {name: max(several) for name, several in swept.items()})
    models: list[Model] = []
    left_out: list[LeftOut] = []
    errors: list[UsageError] = []
    for combination in itertools.product(*swept.values()):
        bounds = dict(zip(swept, combination, strict=True))
        try:
            models.append(make_model(**held | fixed | bounds))
        except UsageError as error:
            errors.append(error)
            left_out.append(LeftOut(bounds=bounds, why=error.message))
    if not models:
        raise errors[0]
    return tuple(swept), tuple(models), tuple(left_out)


def _held(fixed: Mapping[str, Any], largest: Mapping[str, int]) -> dict[str, Any]:
    """The bounds' defaults where the bounds that decide them have their largest values."""
    given = {k: v for k, v in fixed.items() if v is not None}
    if asked := given.get("properties"):
        given["properties"] = tuple(protocol().properties[name] for name in asked)
    defaults = defaults_for(given | dict(largest))
    return {name: defaults[name] for name in protocol().bounds}
