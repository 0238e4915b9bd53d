"""What GitHub Actions shows: annotations at the model's line, and a summary of the job."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from slubtla.barriers.suite.report import Checked, CheckedFile, Proof
from slubtla.errors import UsageError


def workflow_commands(proof: Proof, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Return a workflow command for each difference, if this is a workflow of GitHub's.

    Args:
        proof: what was found.
        environ: the environment; ``GITHUB_ACTIONS`` says whether anybody listens.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    root = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd())
    claims_first = sorted(proof.differences, key=lambda found: found[2].kind.recordable)
    for file, model, difference in claims_first:  # GitHub shows the first ten of a step
        line = difference.line or (model.line if model else 1)
        title = (
            f"slubtla: {model.name}: {difference.kind}" if model else f"slubtla: {difference.kind}"
        )
        place = f"file={_escape(_below(root, file.file))},line={line},title={_escape(title)}"
        text = f"{difference.message}\nnext: {difference.next_step}"
        yield f"::error {place}::{_escape(text, '')}"
    for warned in proof.files:
        for each in warned.models:
            title = _escape(f"slubtla: {each.name}: warning")
            place = f"file={_escape(_below(root, warned.file))},line={each.line},title={title}"
            yield from (f"::warning {place}::{_escape(said, '')}" for said in each.warnings)


def _below(root: Path, file: str) -> str:
    path = Path(file).resolve()
    return str(path.relative_to(root.resolve())) if path.is_relative_to(root.resolve()) else file


def _escape(text: str, separators: str = ":,") -> str:
    for character in f"%\r\n{separators}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def write_summary(proof: Proof, path: Path | None, environ: Mapping[str, str] = os.environ) -> None:
    """Write the summary as Markdown, and append it to that of the job, if there is one.

    Args:
        proof: what was found.
        path: the file to write, if any.
        environ: the environment; ``GITHUB_STEP_SUMMARY`` names the job's summary.

    Raises:
        UsageError: a file cannot be written.
    """
    text = summary(proof)
    job = environ.get("GITHUB_STEP_SUMMARY")
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if job:
            with Path(job).open("a", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise UsageError(
            f"{error.filename or path or job} cannot be written: {error.strerror}",
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
        lines += _table(file)
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


def _table(file: CheckedFile) -> Iterator[str]:
    yield f"### {_cell(file.title)} (`{file.file}`)"
    yield ""
    yield "| | model | expected | found | states | seconds |"
    yield "|---|---|---|---|---:|---:|"
    for model in file.models:
        yield f"| {' | '.join(_row(model))} |"
    yield ""


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
