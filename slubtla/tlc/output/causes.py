r"""The cause in what TLC says of an error: one sentence, without the words that stand around it.

::

    TLC threw an unexpected exception.
    This was probably caused by an error in the spec or model.
    See the User Output or TLC Console for clues to what happened.
    The exception was a java.lang.RuntimeException
    : Attempted to apply function:                                   <- the cause begins here
    <<1, 2>>
    to argument 4, which is not in the domain of the function.
"""

import re
from typing import Final

from slubtla.tlc.output.location import LOCATION

_EXCEPTION: Final = re.compile(
    r"The exception was an? (?P<class>[\w.$]+)\s*(?::\s*(?P<words>.*))?", re.DOTALL
)
_AT_HOME: Final = r"\S+\.tla line \d+, (?:label \w+|column \d+)"  # slubtla.tlc.text.origin.Place
_AROUND: Final = re.compile(
    r"TLC threw an unexpected exception\.|This was probably caused by an error in the spec or "
    r"model\.|See the User Output or TLC Console for clues to what happened\.|"
    r"The error occurred when TLC was evaluating the nested|"
    r"expressions at the following positions:|\d+\. [Ll]ine \d+, col.*|"
    r"\s*The error call stack is empty\.|\(?The error was:?\)?|"
    rf"{LOCATION}|{_AT_HOME}"
)
_ENDS_IN_PLACE: Final = re.compile(rf"[,:]?\s*(?:at )?(?:{LOCATION}|{_AT_HOME})\.?$")
_ADVICE: Final = {
    "Cannot find source file for module": "--library DIR names a folder of modules, --classpath "
    "JAR a jar",
}
"""What to do, by the beginning of a cause."""

_LONGEST: Final = 300
"""Characters: a value in the middle of a cause may be as long as a state."""


def cause_of(text: str) -> str:
    """Return the cause in TLC's words of an error, on one line; ``""`` where there is none.

    Args:
        text: the text of a message, of the innermost one where they nest.
    """
    exception = _EXCEPTION.search(text)
    words = text
    if exception is not None:
        words = exception["words"] or f"TLC failed with {exception['class']}"
    lines = [line.strip() for line in words.splitlines() if not _AROUND.fullmatch(line.strip())]
    cause = " ".join(" ".join(lines).split())
    cause = _ENDS_IN_PLACE.sub("", cause)
    if len(cause) > _LONGEST:
        half = _LONGEST // 2
        cause = f"{cause[:half].rstrip()} … {cause[-half:].lstrip()}"
    advice = next((words for head, words in _ADVICE.items() if cause.startswith(head)), "")
    return f"{cause.rstrip('.')}: {advice}" if advice else cause
