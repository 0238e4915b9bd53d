"""The captured outputs, for the tests in this folder."""

from pathlib import Path

from slubtla.tlc.output import TlcReport, read_report

OUTPUTS = Path(__file__).parent / "outputs"
OLD = "tlc-2.15"
NEW = "tlc-2026.04.29"
FILES = sorted(path.relative_to(OUTPUTS).as_posix() for path in OUTPUTS.glob("tlc-*/*.txt"))


def lines_of(file: str) -> list[str]:
    """The lines of ``tlc-2.15/holds.txt`` or the like, with their newlines."""
    with (OUTPUTS / file).open(encoding="utf-8") as output:
        return list(output)


def read(version: str, name: str) -> TlcReport:
    """The report of one captured output."""
    return read_report(lines_of(f"{version}/{name}.txt"))
