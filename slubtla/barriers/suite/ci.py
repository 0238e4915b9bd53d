"""Report a suite to CI: GitHub annotations, job summary, JUnit XML."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from slubtla.barriers.suite.compare import Difference
from slubtla.barriers.suite.proof import Checked, CheckedFile, Proof
from slubtla.errors import ExitCode, UsageError


def workflow_commands(proof: Proof, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield a workflow command for each difference if ``GITHUB_ACTIONS`` is ``true``."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    root = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd())

    def command(level: str, file: CheckedFile, line: int, title: str, text: str) -> str:
        path = Path(file.file).resolve()
        inside = path.is_relative_to(root.resolve())
        shown = _escape(str(path.relative_to(root.resolve())) if inside else file.file)
        place = f"file={shown},line={line},title={_escape(f'slubtla: {title}')}"
        return f"::{level} {place}::{_escape(text, '')}"

    claims_first = sorted(proof.differences, key=lambda found: found[2].kind.recordable)
    for file, model, difference in claims_first:  # GitHub shows the first ten of a step
        line = difference.line or (model.line if model else 1)
        title = f"{model.name}: {difference.kind}" if model else str(difference.kind)
        text = f"{difference.message}\nnext: {difference.next_step}"
        yield command("error", file, line, title, text)
    for warned in proof.files:
        for each in warned.models:
            for said in each.warnings:
                yield command("warning", warned, each.line, f"{each.name}: warning", said)


def _escape(text: str, separators: str = ":,") -> str:
    for character in f"%\r\n{separators}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def write_summary(proof: Proof, path: Path | None, environ: Mapping[str, str] = os.environ) -> None:
    """Write the summary as Markdown, and append it to ``GITHUB_STEP_SUMMARY`` if set.

    Raises:
        UsageError: a file cannot be written.
    """
    text = summary(proof)
    if path is not None:
        _write(path, text)
    if job := environ.get("GITHUB_STEP_SUMMARY"):
        _write(Path(job), text, mode="a")


def _write(path: Path, text: str, mode: str = "w") -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"{error.filename or path} cannot be written: {error.strerror}",
            next_step="name a place that can",
        ) from error


def summary(proof: Proof) -> str:
    """Return the summary: what differs first, then a table for each file."""
    wrong = proof.differences
    lines = [f"## slubtla: {headline(proof)}", ""]
    for file, model, difference in wrong:
        name = f"`{file.file}`" + (f" **{model.name}**" if model else "")
        lines.append(f"- {name}: *{difference.kind}*: {_cell(difference.message)}")
        lines.append(f"  <br>next: {_cell(difference.next_step)}")
    for file in proof.files:
        for model in file.models:
            place = f"- `{file.file}` **{model.name}**: *warning*"
            lines += [f"{place}: {_cell(said)}" for said in model.warnings]
    lines += [""] if lines[-1] else []
    for file in proof.files:
        lines += [f"### {_cell(file.title)} (`{file.file}`)", ""]
        lines += ["| | model | expected | found | states | seconds |"]
        lines += ["|---|---|---|---|---:|---:|"]
        lines += [f"| {' | '.join(_row(model))} |" for model in file.models] + [""]
    return "\n".join(lines) + "\n"


def headline(proof: Proof) -> str:
    """Return one line: how many models, and how many of them differ."""
    models = proof.models
    wrong = sum(not model.as_expected for model in models)
    files = sum(bool(file.differences) for file in proof.files)
    whole = f"{len(models)} model{'' if len(models) == 1 else 's'}"
    if not (wrong or files):
        return f"{whole}, all as expected" if proof.ran else f"{whole}, all pins as recorded"
    parts = [f"{wrong} of {whole} not as expected"] if wrong else [whole]
    parts += [f"{files} file{'' if files == 1 else 's'} not as recorded"] if files else []
    return ", ".join(parts)


def _row(model: Checked) -> tuple[str, ...]:
    return (
        "✅" if model.as_expected else "❌",
        f"`{model.name}`",
        model.expected or "nothing",
        model.found or "",
        "" if model.distinct is None else f"{model.distinct:,}",
        "" if model.seconds is None else f"{model.seconds:.1f}",
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


_FAILURES: Final = frozenset({ExitCode.NOT_AS_EXPECTED, ExitCode.INCONCLUSIVE})


def write_junit(proof: Proof, path: Path) -> None:
    """Write the report; its directory is made if missing.

    A model that differs is a failure; one that was refused or could not be run is an error.

    Raises:
        UsageError: it cannot be written.
    """
    _write(path, junit_xml(proof) + "\n")


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
        suite.append(_case(file.file, "the file", 0.0, file.differences))
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
        lines = (f"{each.kind}: {each.message}\n  next: {each.next_step}" for each in differences)
        outcome.text = _plain("\n".join(lines))
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
