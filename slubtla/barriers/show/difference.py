"""Two runs beside each other, on a terminal and as JSON."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from slubtla.barriers.explore.difference import Pair, PairKind, RunDifference
from slubtla.barriers.show.steps import step_text, with_memory
from slubtla.barriers.trace.steps import Step

SCHEMA_VERSION: Final = 1

_LOOKS: Final = {
    PairKind.SAME: ("=", "dim"),
    PairKind.DIFFERS: ("≠", "bold"),
    PairKind.LEFT: ("<", ""),
    PairKind.RIGHT: (">", ""),
}
_FEWEST_TO_FOLD: Final = 4


@dataclass(frozen=True, slots=True)
class Side:
    """What one of two runs is: ``"good run"``, its verdict and model, sentences about it."""

    name: str
    subject: str
    remarks: tuple[str, ...] = ()


def difference_view(
    difference: RunDifference, *, left: Side, right: Side, whole: bool = False
) -> RenderableType:
    """Return the two runs beside each other; ``whole``: long stretches of equal steps, too."""
    parts: list[RenderableType] = []
    for sign, side in zip("<>", (left, right), strict=True):
        parts.append(Text.assemble((f"{sign} {side.name}: ", "bold"), side.subject))
        parts += [Padding(Text(remark), (0, 0, 0, 4)) for remark in side.remarks]
    parts.append(Text())
    parts += [Padding(Text(line, style="bold"), (0, 0, 0, 2)) for line in sentences(difference)]
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), pad_edge=False)
    number: dict[str, Any] = {"justify": "right", "style": "dim", "no_wrap": True}
    table.add_column("#", **number)
    table.add_column(f"< {left.name}", ratio=1, overflow="fold")
    table.add_column("", no_wrap=True)
    table.add_column("#", **number)
    table.add_column(f"> {right.name}", ratio=1, overflow="fold")
    for pairs in _groups(difference, whole=whole):
        row = _folded(pairs) if len(pairs) > 1 else _cells(pairs[0], difference)
        table.add_row(*row)
    return Group(*parts, Text(), table)


def sentences(difference: RunDifference) -> tuple[str, ...]:
    """Return where the runs part, and where that decides, in sentences."""
    found = []
    if difference.renamed:
        names = ", ".join(f"{old} as {new}" for old, new in difference.renamed.items())
        found.append(f"Of the right run {names}.")
    parting, decisive = difference.parting, difference.decisive
    if parting is None:
        return (*found, "They never part: every step is the same in both.")
    step = parting.left or parting.right
    if step is not None:
        where = _where(parting)
        found.append(f"They part {where}: {_name(step)}.")
    if decisive is not None and decisive.left and decisive.right and decisive is not parting:
        found.append(
            f"The first load that gets another value is {_where(decisive)}: "
            f"{decisive.left.function} {decisive.left.words}, on the left; "
            f"{decisive.right.words}, on the right."
        )
    return tuple(found)


def difference_json(difference: RunDifference) -> dict[str, Any]:
    """Return the pairs for :func:`json.dumps`."""
    pairs = [
        {"kind": p.kind.value, "left": _step_json(p.left), "right": _step_json(p.right)}
        for p in difference.pairs
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "renamed": dict(difference.renamed),
        "sentences": list(sentences(difference)),
        "pairs": pairs,
    }


def _step_json(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    record = asdict(step)
    record |= {"label": record.pop("action"), "memory": record.pop("changed")}
    return record | {"function": step.function or step.context}


def _where(pair: Pair) -> str:
    left = f"step {pair.left.number} on the left" if pair.left else ""
    right = f"step {pair.right.number} on the right" if pair.right else ""
    if pair.left and pair.right and pair.left.number == pair.right.number:
        return f"in step {pair.left.number}"
    return f"in {' and '.join(each for each in (left, right) if each)}"


def _name(step: Step) -> str:
    return f"{step.function or step.context} on {step.cpu}, {step.words}"


def _groups(difference: RunDifference, *, whole: bool) -> Iterator[list[Pair]]:
    """Pairs; of four or more equal ones in a row all but the last stand in one row."""
    for same, run in itertools.groupby(difference.pairs, lambda pair: pair.kind is PairKind.SAME):
        pairs = list(run)
        if same and not whole and len(pairs) >= _FEWEST_TO_FOLD:
            yield pairs[:-1]
            pairs = pairs[-1:]
        yield from ([pair] for pair in pairs)


def _folded(pairs: list[Pair]) -> tuple[str, Text, Text, str, Text]:
    left = [pair.left for pair in pairs if pair.left]
    right = [pair.right for pair in pairs if pair.right]
    functions = tuple(dict.fromkeys(step.function or step.context for step in left))
    text = Text(f"{len(pairs)} steps: {', '.join(functions)}", style="dim")
    numbers = [f"{steps[0].number}-{steps[-1].number}" for steps in (left, right)]
    return numbers[0], text, Text("=", style="dim"), numbers[1], Text("the same", style="dim")


def _cells(pair: Pair, difference: RunDifference) -> tuple[str, Text, Text, str, Text]:
    marked = pair is difference.parting or pair is difference.decisive
    sign, style = _LOOKS[pair.kind]
    same = pair.kind is PairKind.SAME
    return (
        str(pair.left.number) if pair.left else "",
        _cell(pair.left, dim=same),
        Text(sign, style="bold yellow" if marked else style),
        str(pair.right.number) if pair.right else "",
        Text("the same", style="dim") if same else _cell(pair.right),
    )


def _cell(step: Step | None, *, dim: bool = False) -> Text:
    if step is None:
        return Text()
    who = Text(f"{step.cpu} {step.context}: ", style="dim")
    return with_memory(step, step_text(step, who, dim=dim))
