"""Write traces in Apalache's Informal Trace Format (ITF, its ADR-015): JSON that other tools read.

``itf_py`` reads the result; its own writer orders sets by hash, so that
equal traces would give different JSON. Model values become strings and are listed in ``#meta``; an
interval becomes a set; a set that TLC left unexpanded, or a value in an unknown form, becomes
``#unserializable``. A function whose text was a sequence stays a ``#tup``.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from slubtla.tlc.output.trace import Trace, TraceStep
from slubtla.tlc.output.values import (
    Function,
    Interval,
    ModelValue,
    RecordValue,
    SetExpression,
    Unparsed,
    Value,
    sort_values,
)

Json: TypeAlias = bool | int | str | list["Json"] | dict[str, "Json"] | None

MODEL_VALUES: Final = "slubtla-model-values"
_SAFE_INTEGER = 2**53 - 1  # what a JSON number holds exactly everywhere


def trace_to_itf(trace: Trace) -> dict[str, Any]:
    """Encode a trace as ``{"#meta": …, "params": [], "vars": […], "states": […], "loop": …}``.

    A lasso or stuttering gives the ``loop``. Each state's ``#meta`` holds its ``index`` and the
    ``action`` that led to it, with its ``arguments`` and ``location`` where TLC names them.
    """
    states = trace.states
    model_values = {name for state in states for name in _model_values(state)}
    return {
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            MODEL_VALUES: sorted(model_values),
        },
        "params": [],
        "vars": list(trace.variables),
        "states": [_state(step) for step in trace.steps[: len(states)]],
    } | ({} if trace.loop_start is None else {"loop": trace.loop_start - 1})


def value_to_itf(value: Value) -> Json:  # noqa: PLR0911  # one return a kind of value
    """Encode one value: ``#tup``, ``#set``, ``#map``, ``#bigint``, an object for a record."""
    match value:
        case bool() | str():
            return value
        case int():
            return value if abs(value) <= _SAFE_INTEGER else {"#bigint": str(value)}
        case ModelValue(name=name):
            return name
        case SetExpression(text=text) | Unparsed(text=text):
            return {"#unserializable": text}
        case Interval():
            return {"#set": list(value)}
        case frozenset():
            return {"#set": [value_to_itf(item) for item in sort_values(value)]}
        case tuple():
            return {"#tup": [value_to_itf(item) for item in value]}
        case RecordValue():
            return {name: value_to_itf(value[name]) for name in sorted(value)}
        case Function():
            arguments = sort_values(value)
            return {"#map": [[value_to_itf(key), value_to_itf(value[key])] for key in arguments]}


def _state(step: TraceStep) -> dict[str, Any]:
    location = step.location and str(step.location)
    named = {"action": step.action, "arguments": step.arguments, "location": location}
    meta = {"index": step.number - 1} | {k: v for k, v in named.items() if v is not None}
    return {"#meta": meta} | {name: value_to_itf(value) for name, value in step.values.items()}


def _model_values(value: object) -> Iterator[str]:
    """The names of all model values in a value, or in a state."""
    if isinstance(value, ModelValue):
        yield value.name
    elif isinstance(value, frozenset | tuple | Mapping):
        for part in (*value, *(value.values() if isinstance(value, Mapping) else ())):
            yield from _model_values(part)
