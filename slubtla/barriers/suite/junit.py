"""A report for CI servers, in JUnit's XML: a suite for each file, a case for each model."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from slubtla.barriers.suite.differences import Difference
from slubtla.barriers.suite.report import Checked, CheckedFile, Proof
from slubtla.errors import ExitCode, UsageError

THE_FILE: Final = "the file"
"""The case that stands for what differs of a file as a whole."""

_FAILURES: Final = frozenset({ExitCode.NOT_AS_EXPECTED, ExitCode.INCONCLUSIVE})


def write_junit(proof: Proof, path: Path) -> None:
    """Write the report.

    A model that differs is a failure; one that was refused or could not be run is an error.

    Args:
        proof: what was found.
        path: the file to write; its directory is made if missing.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(junit_xml(proof) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", next_step="name a place that can"
        ) from error


def junit_xml(proof: Proof) -> str:
    """Return the report; valid against the schemas of Ant (JUnit.xsd) and Jenkins (junit-10)."""
    root = ET.Element("testsuites")
    root.extend(_suite(number, file) for number, file in enumerate(proof.files))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(number: int, file: CheckedFile) -> ET.Element:
    suite = ET.Element("testsuite")
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", {"name": "title", "value": _plain(file.title)})
    if file.differences:
        suite.append(_case(file.file, THE_FILE, 0.0, file.differences))
    for model in file.models:
        suite.append(_case(file.file, model.name, model.seconds or 0.0, model.differences))
    ET.SubElement(suite, "system-out").text = _plain("\n".join(map(_said, file.models)))
    ET.SubElement(suite, "system-err")
    cases = suite.findall("testcase")
    suite.attrib |= {
        "name": file.file,
        "package": "slubtla",
        "id": str(number),
        "timestamp": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "hostname": platform.node() or "localhost",
        "tests": str(len(cases)),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": str(len(suite.findall("testcase/error"))),
        "time": f"{sum(float(case.attrib['time']) for case in cases):.3f}",
    }
    return suite


def _case(file: str, name: str, seconds: float, differences: Sequence[Difference]) -> ET.Element:
    case = ET.Element(
        "testcase",
        {"name": name, "classname": file.removesuffix(".toml"), "time": f"{seconds:.3f}"},
    )
    if differences:
        worst = min(differences, key=lambda difference: difference.kind.exit_code)
        outcome = ET.SubElement(
            case,
            "failure" if worst.kind.exit_code in _FAILURES else "error",
            {"type": worst.kind.value, "message": _plain(worst.message)},
        )
        outcome.text = _plain(
            "\n".join(
                f"{each.kind}: {each.message}\n  next: {each.next_step}" for each in differences
            )
        )
    return case


def _said(model: Checked) -> str:
    found = model.found or "nothing: it was not run"
    parts = [f"expected {model.expected or 'nothing'}", f"found {found}"]
    parts += [f"{model.distinct:,} distinct states"] if model.distinct is not None else []
    parts += [f"the run of {model.shares}"] if model.shares else []
    warnings = "".join(f"\n  warning: {text}" for text in model.warnings)
    return f"{model.name}: {', '.join(parts)}{warnings}"


def _plain(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(c if c >= " " or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
