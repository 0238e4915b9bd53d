"""What a notebook shows of each kind of result: real runs, no kernel."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from views.tools import Verified, good, leak

from slubtla.barriers.campaigns.cost import Cost, Costs, Span
from slubtla.barriers.campaigns.matrix import Cell, Matrix
from slubtla.barriers.campaigns.sweep import Size, Sweep, growth_of
from slubtla.barriers.show.notebook.cards import html_of, text_of
from slubtla.barriers.suite.proof import Proof
from slubtla.tlc.run.result import Result, Stats

EMPTY = {"area", "br", "hr", "img", "input", "link", "meta", "col"}


class Read(HTMLParser):
    """The ids of a page, its text outside of ``<style>``, its folds, and that tags are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.pictures = 0
        self.folds: dict[str, bool] = {}
        self._unfolded = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.open += [] if tag in EMPTY else [tag]
        self.pictures += tag == "svg"
        if tag == "details":
            self._unfolded = "open" in dict(attrs)

    def handle_startendtag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += "" if "style" in self.open else data
        if self.open and self.open[-1] == "summary":
            self.folds[data] = self._unfolded


def read(shown: object) -> Read:
    html = html_of(shown)
    assert html is not None
    found = Read(html)
    assert found.open == []
    assert len(set(found.ids)) == len(found.ids)
    return found


def small_matrix(verified: Verified) -> Matrix:
    places = {("smp_mb", "x86"): leak(verified), ("smp_mb", "sc"): good(verified)}
    return Matrix(cells=tuple(Cell(strategy=s, column=c, result=r) for (s, c), r in places.items()))


def small_costs(verified: Verified) -> Costs:
    cost = Cost(
        kernel="v4.0",
        strategy="kick_all_cpus_sync",
        cpus=2,
        caches=1,
        barrier_ipis=Span(least=1, most=1),
        flush_ipis=Span(least=0, most=1),
        grace_periods=Span(least=0, most=0),
        result=good(verified),
    )
    return Costs(costs=(cost,))


def small_sweep(verified: Verified) -> Sweep:
    sizes = tuple(
        Size(bounds={"tasks": tasks}, result=verified(strategy="none", memory="sc", slabs=1,
                                                      tasks=tasks, workers=1))
        for tasks in (1, 2)
    )  # fmt: skip
    growth = growth_of(sizes, ("tasks",))
    return Sweep(name="none-x86-sc", swept=("tasks",), sizes=sizes, growth=growth)


def test_a_leak_is_told_and_drawn(verified: Verified) -> None:
    result = leak(verified)
    page = read(result)
    assert '<b class="badge bad">✗ VIOLATED(NoLeak)</b>' in (html_of(result) or "")
    assert page.pictures == 1
    folds = {title: shown for title, shown in page.folds.items() if "Coverage" not in title}
    assert folds == {
        f"All {result.trace_length} steps as a table": False,
        "Numbers": False,
        "Provenance": False,
    }
    assert "still in cpu0's store buffer" in page.text
    assert page.text.count(str(result.verdict)) == 1


def test_a_proof_shows_its_numbers_at_once(verified: Verified) -> None:
    result = good(verified)
    page = read(result)
    assert '<b class="badge good">✓ PROVEN</b>' in (html_of(result) or "")
    assert page.pictures == 0
    assert [title for title, shown in page.folds.items() if shown] == ["Numbers"]
    assert f"distinct states{result.stats.distinct:,}" in page.text
    assert "checkedTypeOK, NoLeak" in page.text


def test_a_run_whose_directory_is_gone_still_has_its_verdict(verified: Verified) -> None:
    lost = leak(verified).model_copy(update={"run_dir": None})
    assert "Its counterexample is not at hand" in read(lost).text
    assert text_of(lost).startswith("VIOLATED(NoLeak)")


def test_every_kind_has_a_page_and_a_text(verified: Verified) -> None:
    proof = Proof(ran=True, jar_sha256=None, wall_seconds=1, runs=0, files=())
    pictures: list[tuple[object, int]] = [
        (leak(verified).trace, 0),
        (small_matrix(verified), 1),
        (small_sweep(verified), 1),
        (small_costs(verified), 1),
        (proof, 0),
    ]
    for shown, count in pictures:
        page = read(shown)
        assert page.pictures == count
        assert page.text.strip()
        assert text_of(shown) != object.__repr__(shown)


def test_what_it_says_of_many_is_counted(verified: Verified) -> None:
    assert "1 PROVEN, 1 VIOLATED, 0 other" in read(small_matrix(verified)).text
    assert re.search(r"One more of tasks multiplies .* about \d", read(small_sweep(verified)).text)
    assert "kick_all_cpus_sync" in read(small_costs(verified)).text


def test_a_proof_that_ran_nothing_is_not_called_as_expected() -> None:
    proof = Proof(ran=False, jar_sha256=None, wall_seconds=1, runs=0, files=())
    assert "nothing was run" in read(proof).text
    assert "as expected" not in read(proof).text
    assert "✓ as expected" in read(proof.model_copy(update={"ran": True})).text


def test_parts_of_a_result_have_no_page() -> None:
    assert html_of(Stats()) is None
    assert text_of(Stats()) == repr(Stats())


def test_values_stay_text(verified: Verified) -> None:
    evil = "</style><script>alert(1)</script>"
    result: Result = good(verified).model_copy(update={"warnings": (evil,), "command": evil})
    page = read(result)
    assert page.text.count(evil) == 2
    assert "<script" not in (html_of(result) or "")


def test_two_outputs_share_no_id(verified: Verified) -> None:
    result = leak(verified)
    assert not {*read(result).ids} & {*read(result).ids}
