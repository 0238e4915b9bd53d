"""A counterexample on a terminal: the verdict, what went wrong in words, and the steps."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from slubtla.barriers.show.text import headline, said_by_tlc, story_parts
from slubtla.barriers.trace.counterexample import Counterexample
from slubtla.tlc.run.verdict import VerdictKind


def story_view(story: Counterexample, width: int) -> RenderableType:
    """Return the verdict, what went wrong in words, and the steps.

    Args:
        story: the counterexample.
        width: columns of the terminal.
    """
    parts = [headline(story.result), *story_parts(story)]
    if story.result.verdict.kind is VerdictKind.ERROR:
        parts += said_by_tlc(story.result)
    if not story.complete:
        parts.append(Text(f"{len(story.rows)} of {story.length} steps.", style="dim"))
    return Constrain(Group(*parts), width)
