"""Read TLC's ``-tool`` output and TLA+ values; no Java is run.

Read a finished output with :func:`read_report`, a running one with :class:`ReportReader`::

    >>> from slubtla.tlc.output import read_report
    >>> with open("tlc.out", encoding="utf-8") as output:   # doctest: +SKIP
    ...     report = read_report(output)
    >>> report.violation.property_name, len(report.trace.steps)   # doctest: +SKIP
    ('NoLeak', 14)

Every result is immutable and can be pickled. What TLC did not report is ``None``; what cannot be
read is listed in :attr:`TlcReport.unreadable`, and a value in an unknown form is an
:class:`Unparsed`.
"""

from slubtla.tlc.output.codes import HARMLESS_WARNINGS, PROOF_SPOILERS, Code, Severity
from slubtla.tlc.output.coverage import ActionCoverage, Coverage, add_coverage
from slubtla.tlc.output.itf import trace_to_itf, value_to_itf
from slubtla.tlc.output.messages import Line, Location, Message, MessageLexer
from slubtla.tlc.output.parser import parse_value, read_value
from slubtla.tlc.output.problems import Violation, ViolationKind
from slubtla.tlc.output.reader import ReportReader, read_report
from slubtla.tlc.output.report import TlcReport, kept_violations
from slubtla.tlc.output.stats import CollisionProbability, Mode, Progress, Statistics
from slubtla.tlc.output.trace import State, Trace, TraceKind, TraceStep
from slubtla.tlc.output.values import (
    Function,
    Interval,
    ModelValue,
    RecordValue,
    SetExpression,
    Unparsed,
    Value,
    format_value,
    same_value,
    sort_values,
)

__all__ = [
    "HARMLESS_WARNINGS",
    "PROOF_SPOILERS",
    "ActionCoverage",
    "Code",
    "CollisionProbability",
    "Coverage",
    "Function",
    "Interval",
    "Line",
    "Location",
    "Message",
    "MessageLexer",
    "Mode",
    "ModelValue",
    "Progress",
    "RecordValue",
    "ReportReader",
    "SetExpression",
    "Severity",
    "State",
    "Statistics",
    "TlcReport",
    "Trace",
    "TraceKind",
    "TraceStep",
    "Unparsed",
    "Value",
    "Violation",
    "ViolationKind",
    "add_coverage",
    "format_value",
    "kept_violations",
    "parse_value",
    "read_report",
    "read_value",
    "same_value",
    "sort_values",
    "trace_to_itf",
    "value_to_itf",
]
