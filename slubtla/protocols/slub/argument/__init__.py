"""The argument of the mail of 1 April 2016: its sentences, checked by TLC, and the answer."""

from slubtla.protocols.slub.argument.answer import Answer, read_answer
from slubtla.protocols.slub.argument.running import Argument, Judged, argue
from slubtla.protocols.slub.argument.statements import (
    STATEMENTS,
    Machine,
    Role,
    Statement,
    machines_for,
)

__all__ = [
    "STATEMENTS",
    "Answer",
    "Argument",
    "Judged",
    "Machine",
    "Role",
    "Statement",
    "argue",
    "machines_for",
    "read_answer",
]
