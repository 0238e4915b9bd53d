"""What CI reads: JUnit's XML, annotations, the summary of the job."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import junitparser
import pytest

from slubtla.barriers.suite.ci import (
    headline,
    summary,
    workflow_commands,
    write_junit,
    write_summary,
)
from slubtla.barriers.suite.compare import Difference, Kind
from slubtla.barriers.suite.proof import Checked, CheckedFile, Proof
from slubtla.errors import ExitCode


def difference(kind: Kind, message: str = "a < b\nand c", line: int | None = None) -> Difference:
    return Difference(kind=kind, message=message, next_step="100% sure: look, please", line=line)


def model(name: str, *differences: Difference) -> Checked:
    return Checked(
        name=name,
        line=12,
        about="What it is | about",
        mutant=False,
        equivalent="",
        expected="PROVEN",
        found="PROVEN",
        distinct=14856,
        generated=41058,
        seconds=3.25,
        differences=differences,
    )


def proof(*models: Checked, differences: tuple[Difference, ...] = ()) -> Proof:
    file = CheckedFile(
        file="configs/x.toml", title="The title", about="", models=models, differences=differences
    )
    return Proof(ran=True, jar_sha256="f" * 64, wall_seconds=9.5, runs=len(models), files=(file,))


GOOD = proof(model("fine"))
BAD = proof(
    model("fine"),
    model("wrong", difference(Kind.VERDICT), difference(Kind.SPEC)),
    model("crashed", difference(Kind.CANNOT_RUN, "the JVM died: \x1b[31m")),
    differences=(difference(Kind.DELETED, "[model.gone] is gone", line=40),),
)


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ((), ExitCode.AS_EXPECTED),
        ((Kind.INCONCLUSIVE,), ExitCode.INCONCLUSIVE),
        ((Kind.INCONCLUSIVE, Kind.COUNT), ExitCode.NOT_AS_EXPECTED),
        ((Kind.CANNOT_RUN, Kind.INCONCLUSIVE), ExitCode.CANNOT_RUN),
        ((Kind.REFUSED,), ExitCode.USAGE),
        ((Kind.REFUSED, Kind.JAR), ExitCode.NOT_AS_EXPECTED),
        *(((kind,), ExitCode.NOT_AS_EXPECTED) for kind in Kind if kind.recordable),
    ],
)
def test_what_weighs_most_is_the_exit_code(kinds: tuple[Kind, ...], code: ExitCode) -> None:
    assert proof(*(model(kind.name, difference(kind)) for kind in kinds)).exit_code is code


def test_junit_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "reports" / "junit.xml"
    write_junit(BAD, file)
    (suite,) = junitparser.JUnitXml.fromfile(str(file))
    assert (suite.name, suite.tests, suite.failures, suite.errors) == ("configs/x.toml", 4, 2, 1)
    whole, fine, wrong, crashed = suite
    assert [case.name for case in suite] == ["the file", "fine", "wrong", "crashed"]
    assert fine.classname == "configs/x"
    assert (fine.is_passed, fine.time) == (True, 3.25)
    (failure,) = wrong.result
    assert isinstance(failure, junitparser.Failure)
    assert (failure.type, failure.message) == ("verdict", "a < b\nand c")
    assert "spec: a < b\nand c\n  next: 100% sure: look, please" in failure.text
    assert isinstance(crashed.result[0], junitparser.Error)
    assert isinstance(whole.result[0], junitparser.Failure)


def test_junit_has_what_the_schemas_ask_for(tmp_path: Path) -> None:
    """Ant's JUnit.xsd is the strictest: its attributes and order of elements."""
    write_junit(BAD, tmp_path / "junit.xml")
    root = ET.fromstring((tmp_path / "junit.xml").read_text(encoding="utf-8"))  # noqa: S314 - ours
    assert (root.tag, root.attrib) == ("testsuites", {})
    for number, suite in enumerate(root):
        needed = {"name", "package", "id", "timestamp", "hostname"}
        assert set(suite.attrib) == needed | {"tests", "failures", "errors", "time"}
        assert suite.attrib["id"] == str(number)
        assert all(suite.attrib.values())
        tags = [child.tag for child in suite]
        assert (tags[0], tags[-2:]) == ("properties", ["system-out", "system-err"])
        assert set(tags[1:-2]) == {"testcase"}
        for case in suite.iter("testcase"):
            assert set(case.attrib) == {"name", "classname", "time"}
            assert [child.tag for child in case] in ([], ["failure"], ["error"])
            assert all(set(child.attrib) == {"type", "message"} for child in case)


def test_annotations_only_where_github_listens() -> None:
    assert list(workflow_commands(BAD, {})) == []
    commands = list(workflow_commands(BAD, {"GITHUB_ACTIONS": "true"}))
    assert commands[2] == (  # what is about pins comes last: GitHub shows ten
        "::error file=configs/x.toml,line=40,title=slubtla%3A deleted::"
        "[model.gone] is gone%0Anext: 100%25 sure: look, please"
    )
    assert commands[0].startswith("::error file=configs/x.toml,line=12,title=slubtla%3A wrong%3A v")
    assert len(commands) == 4
    assert not any("\n" in command for command in commands)


def test_annotations_name_the_file_as_the_repository_does(tmp_path: Path) -> None:
    file = BAD.files[0].model_copy(update={"file": str(tmp_path / "sub" / "x.toml")})
    moved = BAD.model_copy(update={"files": (file,)})
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(tmp_path)}
    assert next(workflow_commands(moved, environ)).startswith("::error file=sub/x.toml,")


def test_the_summary_tells_differences_first() -> None:
    text = summary(BAD)
    assert text.startswith("## slubtla: 2 of 3 models not as expected, 1 file not as recorded\n")
    assert "- `configs/x.toml` **wrong**: *verdict*: a &lt; b and c" in text
    assert "| ✅ | `fine` | PROVEN | PROVEN | 14,856 | 3.2 |" in text
    assert "| ❌ | `wrong` |" in text
    assert headline(GOOD) == "1 model, all as expected"


def test_the_summary_is_written_and_appended(tmp_path: Path) -> None:
    job = tmp_path / "job.md"
    job.write_text("before\n")
    write_summary(GOOD, tmp_path / "deep" / "mine.md", {"GITHUB_STEP_SUMMARY": str(job)})
    mine = (tmp_path / "deep" / "mine.md").read_text(encoding="utf-8")
    assert job.read_text(encoding="utf-8") == "before\n" + mine
    write_summary(GOOD, None, {})


def test_a_proof_is_json() -> None:
    assert Proof.model_validate_json(BAD.model_dump_json()) == BAD
