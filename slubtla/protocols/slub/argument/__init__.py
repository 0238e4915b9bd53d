"""The argument of the mail of 1 April 2016: its sentences as statements, and what becomes of them.

:mod:`~slubtla.protocols.slub.argument.statements` is what is claimed and what is expected, as data;
:mod:`running` has TLC decide it; :mod:`answer` reads the
answer from the verdicts; :mod:`telling` is what is told around them.
"""

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
