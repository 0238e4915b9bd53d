"""The conformance table of ``docs/memory.md``: generated, not typed.

It says of each test of our own set what the kernel's model and our models say. Its content is the
expectations of the set, which the tests prove on the real TLC. Write it anew with::

    python docs/make_conformance.py docs/memory.md
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from slubtla.barriers.litmus.reader import read_litmus
from slubtla.barriers.litmus.suite import shipped_files
from slubtla.barriers.litmus.syntax import Litmus
from slubtla.barriers.machines import MEMORY_MODELS

BEGIN: Final = "<!-- conformance: written by `python docs/make_conformance.py`, not by hand -->"
END: Final = "<!-- end of conformance -->"


def conformance_table(tests: Sequence[Litmus]) -> str:
    """Return the table in Markdown, with the reasons beneath it."""
    reasons = tuple(dict.fromkeys(test.because for test in tests if test.because))
    head = ["test", "LKMM", *MEMORY_MODELS]
    rows = [_row(head), _row(["---"] * len(head))]
    for test in tests:
        expected = dict(test.expected)
        cells = [str(expected[memory]) for memory in MEMORY_MODELS]
        if test.because:
            cells[-1] += f" [{reasons.index(test.because) + 1}]"
        link = f"[`{test.name}`](../specs/litmus/{Path(test.file).name})"
        rows.append(_row([link, str(test.lkmm), *cells]))
    notes = [
        f"{number}. Stronger because {reason}." for number, reason in enumerate(reasons, start=1)
    ]
    return "\n".join([_summary(tests), "", *rows, "", *notes])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _summary(tests: Sequence[Litmus]) -> str:
    agree = Counter(
        memory for test in tests for memory, verdict in test.expected if verdict is test.lkmm
    )
    counts = ", ".join(f"`{memory}` on {agree[memory]}" for memory in MEMORY_MODELS)
    return (
        f"{len(tests)} tests. The verdict is that of the kernel's model for {counts}; everywhere "
        "else the model is stronger, and nowhere weaker."
    )


def updated(page: str, table: str) -> str:
    """Return a page with the table between the two markers.

    Raises:
        ValueError: a marker is missing.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the table into a page."""
    parser = argparse.ArgumentParser(
        prog="python docs/make_conformance.py", description=main.__doc__
    )
    parser.add_argument("page", type=Path, help="the page, which has the two markers")
    page: Path = parser.parse_args(arguments).page
    table = conformance_table([read_litmus(file) for file in shipped_files()])
    text = updated(page.read_text(encoding="utf-8"), table)
    page.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
