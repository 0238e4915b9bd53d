"""What stands in a report, read without a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from views.tools import Verified, good, leak

from report.conftest import NAME
from report.tools import Read
from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.show.html import in_script
from slubtla.barriers.show.report import html_report, write_report
from slubtla.barriers.show.report.answer import answer_of
from slubtla.barriers.suite.compare import Difference, Kind
from slubtla.barriers.suite.proof import Checked, CheckedFile, Proof
from slubtla.barriers.trace.counterexample import counterexample_of
from slubtla.errors import UsageError
from slubtla.protocols.slub import SLUB
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.verdict import Verdict, VerdictKind

LIMIT = 2_000_000
RUNS = 45
"""Runs of the default matrix: nine strategies, five kinds of machine."""


@pytest.fixture(scope="module")
def paper(pages: dict[str, Path]) -> dict[str, str]:
    return {name: file.read_text(encoding="utf-8") for name, file in pages.items()}


def judged(result: Result, kind: VerdictKind, detail: str) -> Result:
    return result.model_copy(update={"verdict": Verdict(kind, detail, "because")})


def proof(*models: Checked) -> Proof:
    file = CheckedFile(file="mutants.toml", title="Mutants", about="", models=models)
    return Proof(ran=True, jar_sha256=None, wall_seconds=1.0, runs=len(models), files=(file,))


def mutant(name: str, found: str | None, *differences: Difference) -> Checked:
    return Checked(
        name=name,
        line=1,
        about=f"Without {name}.",
        mutant=True,
        equivalent="",
        expected="VIOLATED(NoLeak)",
        found=found,
        differences=differences,
    )


def test_a_leak_answers_the_mail_with_no(verified: Verified) -> None:
    answer = answer_of([leak(verified)])
    assert answer.question.startswith("Can a plain smp_mb()")
    assert (answer.word, answer.good) == ("No.", False)
    assert answer.sentences == (
        (
            "smp_mb leaks on x86: its this_cpu_cmpxchg() is not the full barrier that the mail "
            "assumes."
        ),
    )


def test_a_yes_is_one_within_its_bounds_and_on_its_machines(verified: Verified) -> None:
    holds = verified(strategy="smp_mb", arch="s390", slabs=1, workers=1)
    answer = answer_of([holds])
    assert answer.word == "Yes, on s390, within the bounds that were searched."
    assert (
        answer.sentences[0] == "smp_mb is PROVEN on s390: its this_cpu_cmpxchg() is a full barrier."
    )
    assert "says nothing about larger ones" in answer.sentences[-1]
    both = answer_of([holds, leak(verified)])
    assert (both.word, both.good) == ("No.", False)


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (VerdictKind.INCONCLUSIVE, "timeout"),
        (VerdictKind.BOUNDED, "depth"),
        (VerdictKind.VACUOUS, "ShrinkReturns"),
        (VerdictKind.ERROR, "tlc"),
    ],
)
def test_what_is_not_decided_is_never_told_as_proof(
    verified: Verified, kind: VerdictKind, detail: str
) -> None:
    open_ = judged(verified(strategy="smp_mb", arch="s390", slabs=1, workers=1), kind, detail)
    answer = answer_of([open_])
    assert (answer.word, answer.good) == ("Not decided.", None)
    assert answer.sentences == (
        f"smp_mb on s390 is not decided: {kind}({detail}), which is no proof.",
    )
    page = Read(html_report(open_)).text
    assert "PROVEN" not in page
    assert "Yes" not in page
    assert "✓" not in page


def test_a_barrier_is_not_blamed_for_a_deadlock(verified: Verified) -> None:
    proven = verified(strategy="smp_mb", arch="s390", slabs=1, workers=1)
    answer = answer_of([judged(proven, VerdictKind.VIOLATED, "NoSelfDeadlock")])
    assert (answer.word, answer.good) == ("Not decided.", None)
    assert answer.sentences == ("smp_mb violates NoSelfDeadlock on s390.",)


def test_without_the_mails_strategy_the_answer_speaks_of_what_is_there(
    small_matrix: Matrix,
) -> None:
    answer = answer_of([small_matrix["synchronize_sched", column] for column in ("sc", "x86")])
    assert answer.question.startswith("Is synchronize_sched enough")
    assert answer.word.startswith("Yes, on x86, within")
    assert not any("smp_mb" in sentence for sentence in answer.sentences)
    assert any("that is the control" in sentence for sentence in answer.sentences)


def test_a_machine_that_is_repaired_is_not_the_machine(verified: Verified) -> None:
    answer = answer_of([good(verified), leak(verified)])
    assert answer.word == "No."
    subject = "smp_mb on x86: tso memory, full cmpxchg (not x86's own), slabs 1"
    assert f"{subject}: PROVEN." in answer.sentences


def test_a_spec_of_the_users_own_is_asked_about_itself(hostile: Result) -> None:
    answer = answer_of([hostile])
    assert (answer.question, answer.word) == ("Does Hostile hold?", "No.")
    assert answer.background == ()
    assert SLUB.background[0] not in html_report(hostile)


@pytest.mark.parametrize("name", ["leak", "holds", "matrix", "hostile"])
def test_ids_are_unique_and_references_lead_somewhere(paper: dict[str, str], name: str) -> None:
    page = Read(paper[name])
    assert len(page.ids) == len(set(page.ids))
    assert {unquote(each) for each in page.refers} <= set(page.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", paper[name])) <= set(page.ids)


def test_every_colour_of_a_picture_follows_the_theme(paper: dict[str, str]) -> None:
    for picture in re.findall(r"<svg.*?</svg>", paper["leak"], re.DOTALL):
        assert re.findall(r"#[0-9a-f]{6}\b", picture) == []
        assert "var(--" in picture


@pytest.mark.parametrize("name", ["leak", "holds", "matrix", "hostile"])
def test_the_page_names_nothing_on_a_network(paper: dict[str, str], name: str) -> None:
    assert Read(paper[name]).sources == []
    hosts = set(re.findall(r"https?://[^\s\"'<>]+", paper[name]))
    assert hosts <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "@import" not in paper[name]


def test_every_step_is_in_the_table(paper: dict[str, str], verified: Verified) -> None:
    page, story = Read(paper["leak"]), counterexample_of(leak(verified))
    for row in story.rows:
        assert f"smp_mb-x86-step-{row.number}" in page.ids
        assert row.words in page.text or row.number == 1
        assert all(note in page.text for note in row.notes)


def test_provenance_has_the_whole_hashes_and_the_command(
    paper: dict[str, str], verified: Verified
) -> None:
    made, page = leak(verified).provenance, Read(paper["leak"]).text
    for value in (made.spec_sha256, made.cfg_sha256, made.jar_sha256, made.java):
        assert value in page
    assert leak(verified).command in page
    assert "slubtla doctor" in page


def test_cells_that_share_a_run_share_its_section(
    paper: dict[str, str], small_matrix: Matrix
) -> None:
    page = Read(paper["matrix"])
    assert sum(dict(attrs).get("class") == "body" for _, attrs in page.tags) == 6
    assert "The same model, and the same run: smp_mb on riscv" in page.text
    cells = [attrs["href"] for tag, attrs in page.tags if tag == "a" and "href" in attrs]
    assert cells.count("#smp_mb-powerpc") == 2
    assert small_matrix["smp_mb", "riscv"].run_dir == small_matrix["smp_mb", "powerpc"].run_dir


def test_a_matrix_of_the_default_size_stays_below_two_megabytes(
    paper: dict[str, str], small_matrix: Matrix
) -> None:
    fell = small_matrix["smp_mb", "powerpc"].run_dir
    others = tuple(cell for cell in small_matrix.cells if cell.result.run_dir != fell)
    whole = len(paper["matrix"].encode())
    one = whole - len(html_report(Matrix(cells=others)).encode())
    assert one > 10_000
    assert whole + (RUNS - 6) * one < LIMIT  # as if every one of them fell


def test_a_trace_that_is_gone_is_told_and_the_verdict_stands(verified: Verified) -> None:
    gone = leak(verified).model_copy(update={"run_dir": Path("/nowhere")})
    page = Read(html_report(gone)).text
    assert "Its counterexample is not at hand: " in page
    assert "slubtla.load_run(path)" in page
    assert "VIOLATED(NoLeak)" in page


def test_mutants_are_shown_where_a_proof_is_given_and_only_there(verified: Verified) -> None:
    wrong = Difference(
        kind=Kind.VERDICT, message="expected VIOLATED(NoLeak), got PROVEN", next_step="look"
    )
    found = proof(mutant("irq_save", "VIOLATED(NoLeak)"), mutant("post_check", "PROVEN", wrong))
    with_, without = (html_report(leak(verified), proof=each) for each in (found, None))
    page = Read(with_)
    assert "1 of 2 mutants showed what they must." in page.text
    assert "✓ VIOLATED(NoLeak)" in page.text
    assert "✗ not as expected: PROVEN expected VIOLATED(NoLeak), got PROVEN" in page.text
    assert "mutants" in page.ids
    assert "mutants" not in Read(without).ids


def test_a_mutant_that_was_not_run_has_shown_nothing(verified: Verified) -> None:
    page = Read(html_report(leak(verified), proof=proof(mutant("irq_save", None)))).text
    assert "0 of 1 mutants showed what they must." in page
    assert "not run" in page


def test_a_hostile_value_is_escaped_wherever_it_stands(paper: dict[str, str]) -> None:
    page = Read(paper["hostile"])
    scripts = [attrs.get("type") for tag, attrs in page.tags if tag == "script"]
    assert scripts == ["application/json", "module"]
    assert "<script>alert" not in paper["hostile"]
    assert NAME in page.text


@pytest.mark.parametrize("text", ["</script>", "<!--", "a&b", "\u2028\u2029", 'é"\\'])
def test_json_in_a_script_cannot_end_it_and_reads_the_same(text: str) -> None:
    written = str(in_script({"x": text}))
    assert json.loads(written) == {"x": text}
    assert not set("<>&\u2028\u2029") & set(written)


def test_a_title_stands_above_the_question_and_is_text(verified: Verified) -> None:
    written = html_report(good(verified), title="For <b>you</b>")
    assert '<p class="title">For &lt;b&gt;you&lt;/b&gt;</p>' in written
    assert "<title>For &lt;b&gt;you&lt;/b&gt;</title>" in written


def test_no_run_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run to report"):
        write_report([], tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_whole_or_not_at_all(verified: Verified, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("before", encoding="utf-8")
    with pytest.raises(UsageError):
        write_report([], file)
    assert file.read_text(encoding="utf-8") == "before"
    assert write_report(good(verified), file) == file
    assert file.read_text(encoding="utf-8").endswith("</html>\n")
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_cannot_be_written_is_named(verified: Verified, tmp_path: Path) -> None:
    taken = tmp_path / "taken.html"
    taken.mkdir()
    for file in (tmp_path / "nowhere" / "report.html", taken):
        with pytest.raises(UsageError, match=re.escape(str(file))):
            write_report(good(verified), file)
    assert list(tmp_path.iterdir()) == [taken]


def test_the_same_results_give_the_same_bytes(verified: Verified) -> None:
    assert html_report(leak(verified)) == html_report([leak(verified)])
