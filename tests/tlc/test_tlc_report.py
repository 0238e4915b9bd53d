"""What is read from each captured output, and that no part of one passes for the whole."""

import dataclasses
import pickle

import pytest
from captured import FILES, NEW, OLD, lines_of, read

from slubtla.tlc.output import (
    HARMLESS_WARNINGS,
    PROOF_SPOILERS,
    CollisionProbability,
    Mode,
    ReportReader,
    Statistics,
    TlcReport,
    TraceKind,
    ViolationKind,
    kept_violations,
    problems,
    read_report,
)

NOTHING = Statistics()
STALE = "The PlusCal algorithm in module Slub has changed since its last translation."


def stats(generated: int, distinct: int, queue: int, depth: int | None) -> Statistics:
    return Statistics(generated, distinct, queue, depth)


EXPECTED: dict[str, tuple[Statistics, int | None, bool]] = {
    # final numbers, initial states, "No error has been found"
    f"{OLD}/action_property": (stats(3, 3, 0, 3), 1, False),
    f"{OLD}/assertion": (stats(3, 3, 0, None), 1, False),
    f"{OLD}/assumption": (NOTHING, None, False),
    f"{OLD}/assumption_error": (NOTHING, None, False),
    f"{OLD}/command_line": (NOTHING, None, False),
    f"{OLD}/config_keyword": (NOTHING, None, False),
    f"{OLD}/config_missing": (NOTHING, None, False),
    f"{OLD}/config_undefined": (NOTHING, None, False),
    f"{OLD}/constraint_liveness": (stats(3, 2, 0, 2), 1, True),
    f"{OLD}/continue": (stats(5, 4, 0, 4), 1, True),
    f"{OLD}/continue_two": (stats(54, 35, 0, 9), 1, True),
    f"{OLD}/coverage": (stats(54, 35, 0, 9), 1, True),
    f"{OLD}/deadlock": (stats(4, 4, 0, 4), 1, False),
    f"{OLD}/depth_first": (Statistics(4, 3), 1, False),
    f"{OLD}/disjuncts": (stats(3, 3, 0, 2), 1, True),
    f"{OLD}/evaluation_error": (stats(3, 3, 0, None), 1, False),
    f"{OLD}/holds": (stats(54, 35, 0, 9), 1, True),
    f"{OLD}/incomplete_state": (stats(5, 4, 2, 3), 1, False),
    f"{OLD}/initial_property": (NOTHING, None, False),
    f"{OLD}/invariant": (stats(2, 2, 0, 2), 1, False),
    f"{OLD}/invariant_actions": (stats(4, 4, 1, 3), 1, False),
    f"{OLD}/invariant_depth_first": (Statistics(7, 4), 1, False),
    f"{OLD}/invariant_error": (stats(3, 3, 0, 3), 1, False),
    f"{OLD}/invariant_initial": (NOTHING, None, False),
    f"{OLD}/lasso": (stats(5, 4, 0, None), 1, False),
    f"{OLD}/lexical_error": (NOTHING, None, False),
    f"{OLD}/missing_module": (NOTHING, None, False),
    f"{OLD}/no_initial_states": (stats(0, 0, 0, 1), 0, True),
    f"{OLD}/parse_error": (NOTHING, None, False),
    f"{OLD}/printing": (stats(4, 4, 0, 4), 1, False),
    f"{OLD}/semantic_error": (NOTHING, None, False),
    f"{OLD}/simulation": (NOTHING, None, False),
    f"{OLD}/stuttering": (stats(4, 4, 0, None), 1, False),
    f"{OLD}/symmetry_liveness": (stats(30, 19, 0, 9), 1, True),
    f"{OLD}/terminated": (NOTHING, 1, False),
    f"{NEW}/assertion": (stats(8, 7, 2, 4), 1, False),
    f"{NEW}/deadlock": (stats(4, 4, 0, 4), 1, False),
    f"{NEW}/holds": (stats(1064, 572, 0, 34), 1, True),
    f"{NEW}/invariant": (stats(458, 237, 46, 14), 1, False),
    f"{NEW}/lasso": (stats(7, 5, 0, 5), 1, False),
    f"{NEW}/parse_error": (NOTHING, None, False),
    f"{NEW}/semantic_error": (NOTHING, None, False),
    f"{NEW}/stuttering": (stats(5, 4, 0, 4), 1, False),
}
NUMBERS_VARY = {f"{OLD}/stop_after", f"{OLD}/invariant_simulation"}
NEVER_ENDED = {f"{OLD}/terminated.txt", f"{OLD}/command_line.txt"}

VIOLATIONS: dict[str, tuple[ViolationKind, tuple[str, ...], TraceKind | None, int]] = {
    # kind, properties, how the counterexample ends, its length
    f"{OLD}/action_property": (ViolationKind.ACTION_PROPERTY, ("Jumps",), TraceKind.FINITE, 3),
    f"{OLD}/assertion": (ViolationKind.ASSERTION, (), None, 0),
    f"{OLD}/assumption": (ViolationKind.ASSUMPTION, (), None, 0),
    f"{OLD}/continue": (ViolationKind.INVARIANT, ("BelowTwo",), TraceKind.FINITE, 3),
    f"{OLD}/continue_two": (ViolationKind.INVARIANT, ("Small",), TraceKind.FINITE, 3),
    f"{OLD}/deadlock": (ViolationKind.DEADLOCK, (), TraceKind.FINITE, 4),
    f"{OLD}/initial_property": (ViolationKind.INITIAL_PROPERTY, (), TraceKind.FINITE, 1),
    f"{OLD}/invariant": (ViolationKind.INVARIANT, ("Shown",), TraceKind.FINITE, 2),
    f"{OLD}/invariant_actions": (ViolationKind.INVARIANT, ("Alone",), TraceKind.FINITE, 3),
    f"{OLD}/invariant_depth_first": (ViolationKind.INVARIANT, ("BelowThree",), TraceKind.FINITE, 4),
    f"{OLD}/invariant_initial": (ViolationKind.INVARIANT, ("Positive",), TraceKind.FINITE, 1),
    f"{OLD}/invariant_simulation": (ViolationKind.INVARIANT, ("BelowThree",), TraceKind.FINITE, 4),
    f"{OLD}/lasso": (ViolationKind.TEMPORAL_PROPERTY, (), TraceKind.LASSO, 5),
    f"{OLD}/printing": (ViolationKind.DEADLOCK, (), TraceKind.FINITE, 4),
    f"{OLD}/stuttering": (ViolationKind.TEMPORAL_PROPERTY, (), TraceKind.STUTTERING, 5),
    f"{NEW}/assertion": (ViolationKind.ASSERTION, (), TraceKind.FINITE, 3),
    f"{NEW}/deadlock": (ViolationKind.DEADLOCK, (), TraceKind.FINITE, 4),
    f"{NEW}/invariant": (ViolationKind.INVARIANT, ("DeadCacheDrained",), TraceKind.FINITE, 14),
    f"{NEW}/lasso": (ViolationKind.TEMPORAL_PROPERTY, ("Reaches",), TraceKind.LASSO, 5),
    f"{NEW}/stuttering": (ViolationKind.TEMPORAL_PROPERTY, ("Reaches",), TraceKind.STUTTERING, 4),
}

ERRORS: dict[str, list[tuple[int, int]]] = {
    # the codes of each error: its own, and that of the message nested deepest in it
    f"{OLD}/assumption_error": [(2105, 2158)],
    f"{OLD}/command_line": [(1102, 1102)],
    f"{OLD}/config_keyword": [(1000, 5006)],
    f"{OLD}/config_missing": [(1000, 5001)],
    f"{OLD}/config_undefined": [(2229, 2229)],
    f"{OLD}/evaluation_error": [(1000, 2154), (2103, 2103)],
    f"{OLD}/incomplete_state": [(2109, 2109)],
    f"{OLD}/invariant_error": [(2111, 2111)],
    f"{OLD}/lexical_error": [(3002, 3002)],
    f"{OLD}/missing_module": [(3002, 3002)],
    f"{OLD}/parse_error": [(3002, 3002)],
    f"{OLD}/semantic_error": [(3002, 3002)],
    f"{NEW}/parse_error": [(3002, 3002)],
    f"{NEW}/semantic_error": [(3002, 3002)],
}

WARNINGS = {
    f"{OLD}/constraint_liveness": [2284],
    f"{OLD}/symmetry_liveness": [2279],
    f"{NEW}/holds": [2300],
    f"{NEW}/invariant": [2300],
}


def test_every_captured_output_is_expected_here() -> None:
    assert {file.removesuffix(".txt") for file in FILES} == EXPECTED.keys() | NUMBERS_VARY


@pytest.mark.parametrize("name", EXPECTED)
def test_the_numbers_of_each_output(name: str) -> None:
    report = read_report(lines_of(f"{name}.txt"))
    assert (report.stats, report.initial_states, report.success) == EXPECTED[name]
    assert report.cut == (f"{name}.txt" in NEVER_ENDED)
    assert report.unknown == ()


@pytest.mark.parametrize("file", FILES)
def test_the_violation_of_each_output(file: str) -> None:
    report = read_report(lines_of(file))
    found = report.violation
    expected = VIOLATIONS.get(file.removesuffix(".txt"))
    if expected is None:
        assert report.violations == ()
        return
    assert found is not None
    trace = found.trace
    kind, length = (trace.kind, len(trace.steps)) if trace else (None, 0)
    assert (found.kind, found.properties, kind, length) == expected
    assert report.trace == trace


@pytest.mark.parametrize("file", FILES)
def test_the_errors_and_warnings_of_each_output(file: str) -> None:
    name = file.removesuffix(".txt")
    report = read_report(lines_of(file))
    errors = [(error.code, error.innermost.code) for error in report.errors]
    assert errors == ERRORS.get(name, [])
    assert [warning.code for warning in report.warnings] == WARNINGS.get(name, [])
    assert [spoiler[-6:-1] for spoiler in report.spoilers] == [
        f" {code}" for code in WARNINGS.get(name, []) if code in PROOF_SPOILERS
    ]


@pytest.mark.parametrize("file", FILES)
def test_no_part_of_an_output_passes_for_the_whole(file: str) -> None:
    """Cut it after each message, and within the line that follows: neither looks finished."""
    lines = lines_of(file)
    ends = [n for n, line in enumerate(lines, 1) if line.startswith("@!@!@ENDMSG")]
    *middle, last = [0, *ends]
    for end in middle:
        assert read_report(lines[:end]).cut
        assert read_report([*lines[:end], lines[end][:9]]).cut
    for short in range(1, len("@!@!@ENDMSG 2186 @!@!@")):
        assert read_report([*lines[: last - 1], lines[last - 1][:short]]).cut
    assert read_report(lines[:last]).cut == (file in NEVER_ENDED)


@pytest.mark.parametrize("file", FILES)
def test_reports_survive_pickling_and_are_hashable(file: str) -> None:
    report = read_report(lines_of(file))
    copy = pickle.loads(pickle.dumps(report))  # noqa: S301  # our own bytes
    assert copy == report
    assert hash(copy) == hash(report)


def test_the_banner() -> None:
    run = read(NEW, "holds").run
    assert run == dataclasses.replace(
        run,
        version="2026.04.29.170100",
        revision="cc6b616",
        mode=Mode.BREADTH_FIRST,
        fingerprint=0,
        seed=324080387791722777,
        workers=1,
        heap_mb=5358,
        offheap_mb=64,
    )
    assert run.banner is not None
    assert "Debian 17.0.15 64bit" in run.banner
    assert read(NEW, "invariant").run.seed == -1468486244509403813
    old = read(OLD, "simulation").run
    assert (old.version, old.revision) == ("2.15 of Day Month 20??", "d5b5a7f")
    assert (old.mode, old.seed, old.fingerprint, old.workers) == (Mode.SIMULATION, 1, None, 1)
    assert read(OLD, "depth_first").run.mode is Mode.DEPTH_FIRST
    assert read(OLD, "command_line").run.mode is None


def test_collision_probabilities() -> None:
    assert read(NEW, "holds").collision == CollisionProbability(1.5e-14, None)
    stopped = read(OLD, "stop_after").collision
    assert stopped.calculated is not None
    assert stopped.actual is not None
    assert 0 < stopped.actual < 1
    assert read(NEW, "deadlock").collision == CollisionProbability(None, None)


def test_a_bounded_run_says_success_with_states_left_on_the_queue() -> None:
    report = read(OLD, "stop_after")
    assert report.success
    assert not report.cut
    assert report.stats.queue is not None
    assert report.stats.queue > 0


def test_of_a_terminated_run_the_last_progress_is_all_there_is() -> None:
    report = read(OLD, "terminated")
    assert report.stats == NOTHING
    assert report.started
    assert not report.finished
    assert report.last_progress is not None
    assert report.last_progress.generated > 0
    assert report.last_progress.distinct
    assert report.last_progress.queue
    assert report.last_progress.depth


def test_progress_is_reported_by_the_line_that_completes_it() -> None:
    reader = ReportReader()
    reported = [
        progress for line in lines_of(f"{NEW}/lasso.txt") if (progress := reader.feed(line))
    ]
    assert [(p.generated, p.distinct, p.queue, p.depth, p.at) for p in reported] == [
        (7, 5, 0, 5, "2026-11-22 23:30:52"),
        (7, 5, 0, 5, "2026-11-22 23:30:52"),
    ]
    assert reader.finish().progress == tuple(reported)


def test_an_output_that_goes_on_after_its_end_and_breaks_off_is_cut() -> None:
    lines = lines_of(f"{NEW}/holds.txt")
    assert not read_report(lines).cut
    report = read_report([*lines, "@!@!@STARTMSG 1000:1 @!@!@", "TLC threw"])
    assert report.finished
    assert report.cut
    assert report.incomplete is not None
    assert report.incomplete.code == 1000


def test_the_way_to_an_error_is_not_given_to_the_violation_before_it() -> None:
    violated = message(2104, "Assumption A is false.", severity=1)
    failed = message(1000, "TLC threw an exception.", severity=1)
    path = [*message(2121, "The behavior is:", severity=1), *message(2217, "1: <A>", "x = 0")]
    position = message(2103, "0. Line 1", severity=1)
    report = read_report([*violated, *failed, *path, *position])
    assert report.violation is not None
    assert (report.violation.property_name, report.violation.trace) == ("A", None)
    assert report.violation.positions == ""
    assert [error.code for error in report.errors] == [1000, 2103]
    assert report.trace is not None


def test_of_a_simulation_the_number_of_traces_is_no_depth() -> None:
    text = "Progress(17) at 2026-11-22 23:30:52: 16 states generated, -1 distinct states found."
    (progress,) = read_report(message(2209, text)).progress
    assert progress.depth is None


def test_the_warnings_that_spoil_a_proof() -> None:
    assert set(PROOF_SPOILERS) == {
        *(2139, 2140, 2149, 2156, 2253, 2255, 2257, 2258, 2259, 2279, 2284, 2301),
    }
    assert not HARMLESS_WARNINGS & set(PROOF_SPOILERS)


def test_a_probability_that_is_no_number_is_an_error() -> None:
    (place,) = read_report(message(2193, "calculated (optimistic):  val = small")).unreadable
    assert "expected a probability" in place


def test_a_simulation_counts_only_what_it_generated() -> None:
    report = read(OLD, "invariant_simulation")
    assert report.stats.generated
    assert report.stats == Statistics(report.stats.generated)


def test_what_does_not_apply_is_none() -> None:
    (simulated,) = read(OLD, "simulation").progress
    assert (simulated.generated, simulated.distinct, simulated.queue) == (16, None, None)
    first, *_, last = read(OLD, "depth_first").progress
    assert (first.generated, first.distinct, first.depth, first.at) == (1, 1, 2, None)
    assert (last.distinct, last.queue, last.depth) == (3, None, None)


@pytest.mark.parametrize("number", ["1,234,567", "1.234.567", "1\u202f234\u202f567", "1'234'567"])
def test_numbers_are_grouped_as_the_locale_likes(number: str) -> None:
    reader = ReportReader()
    reader.feed("@!@!@STARTMSG 2200:0 @!@!@")
    reader.feed(
        f"Progress(5) at 2026-11-22 23:30:52: {number} states generated (9 s/min), "
        f"{number} distinct states found (9 ds/min), {number} states left on queue."
    )
    progress = reader.feed("@!@!@ENDMSG 2200 @!@!@")
    assert progress is not None
    assert (progress.generated, progress.distinct, progress.queue) == (1234567, 1234567, 1234567)


def test_temporal_properties_count_as_checked_on_the_complete_graph_only() -> None:
    checked = {name for name in EXPECTED if read_report(lines_of(f"{name}.txt")).temporal_checked}
    assert checked == {
        *(f"{OLD}/{name}" for name in ("constraint_liveness", "coverage", "symmetry_liveness")),
        *(f"{v}/{name}" for v in (OLD, NEW) for name in ("lasso", "stuttering")),
    }
    partial = [
        line.replace("complete state space", "current state space")
        for line in lines_of(f"{NEW}/lasso.txt")
    ]
    assert not read_report(partial).temporal_checked


def test_continue_keeps_all_violations_with_their_traces() -> None:
    report = read(OLD, "continue_two")
    assert len(report.violations) == 27
    assert all(violation.trace for violation in report.violations)
    assert kept_violations(report) == report.violations


def test_of_very_many_violations_the_first_trace_of_each_property_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(problems, "MOST_TRACES", 0)
    report = read_report(lines_of(f"{OLD}/continue_two.txt"))
    assert len(report.violations) == 27
    assert [v.property_name for v in kept_violations(report)] == ["Small", "Few"]
    traced = [v for v in report.violations if v.trace]
    assert [(v.property_name, len(v.trace.steps)) for v in traced if v.trace] == [
        ("Small", 3),
        ("Few", 4),
    ]
    assert report.trace == traced[0].trace


def test_an_assertion_names_its_text_and_where_it_stands() -> None:
    for version in (OLD, NEW):
        violation = read(version, "assertion").violation
        assert violation is not None
        assert violation.text.startswith("The first argument of Assert evaluated to FALSE")
        assert "0. Line" in violation.positions


def test_several_temporal_properties_are_all_named() -> None:
    for text, names in [
        ("Temporal properties A and B were violated.", ("A", "B")),
        ("Temporal properties A, B, and C were violated.", ("A", "B", "C")),
    ]:
        report = read_report(["@!@!@STARTMSG 2116:1 @!@!@", text, "", "@!@!@ENDMSG 2116 @!@!@"])
        assert report.violation is not None
        assert report.violation.properties == names
        assert report.violation.property_name is None


def test_the_way_to_an_error_is_a_trace_but_no_violation() -> None:
    report = read(OLD, "evaluation_error")
    assert report.violation is None
    assert report.trace is not None
    assert [dict(step.values) for step in report.trace.steps] == [{"x": 0}, {"x": 1}, {"x": 2}]
    assert "Cannot cast" in report.errors[0].text


def test_printed_lines_are_kept_and_do_not_break_a_trace() -> None:
    report = read(OLD, "printing")
    assert report.output[:2] == ('"a line @!@!@ in between"', "[value |-> 0]")
    assert len(report.output) == 12
    reader = ReportReader(output_limit=5)
    for line in lines_of(f"{OLD}/printing.txt"):
        reader.feed(line)
    limited = reader.finish()
    assert limited.output == report.output[:5]
    assert limited.output_dropped == 7
    assert limited.trace == report.trace


@pytest.mark.parametrize(
    ("version", "name", "words"),
    [
        (OLD, "parse_error", ['Unparsable.tla:3:15: Was expecting "==== or more Module body"']),
        (NEW, "parse_error", ['Bad.tla:4:15: Was expecting "==== or more Module body"']),
        (OLD, "lexical_error", ["Unreadable.tla:3:14: Lexical error at line 3, column 14."]),
        (OLD, "missing_module", ["Cannot find source file for module Nowhere"]),
        (
            OLD,
            "semantic_error",
            [
                "Meaningless.tla:4:13: Unknown operator: `Missing'.",
                "Meaningless.tla:5:14: Unknown operator: `y'.",
            ],
        ),
        (
            NEW,
            "semantic_error",
            ["Sem.tla:4:13: Unknown operator: `Foo'.", "Sem.tla:5:14: Unknown operator: `y'."],
        ),
    ],
)
def test_a_spec_that_does_not_parse(version: str, name: str, words: list[str]) -> None:
    errors = [str(error) for error in read(version, name).parse_errors]
    assert len(errors) == len(words)
    assert all(error.startswith(start) for error, start in zip(errors, words, strict=True))


def sany(*lines: str) -> TlcReport:
    before = [*message(2220, "Starting SANY..."), "Parsing file /model/Slub.tla"]
    return read_report([*before, *lines, *message(2219, "SANY finished.")])


def message(code: int, *text: str, severity: int = 0) -> list[str]:
    return [f"@!@!@STARTMSG {code}:{severity} @!@!@", *text, f"@!@!@ENDMSG {code} @!@!@"]


@pytest.mark.parametrize(
    "lines",
    [
        (f"!! WARNING: {STALE}",),
        ("*** Warnings: 1", "", "In module Slub", "", STALE),
    ],
)
def test_a_translation_older_than_its_algorithm_spoils_a_proof(lines: tuple[str, ...]) -> None:
    report = sany(*lines)
    assert report.parse_errors == ()
    assert report.spoilers == (f"Slub.tla: {STALE}",)


def test_a_failure_in_unknown_words_shows_all_of_them() -> None:
    report = read_report(
        [
            *message(2220, "Starting SANY..."),
            *("Something new", "went wrong"),
            *message(2219, "SANY finished."),
            *message(3002, "Parsing or semantic analysis failed.", severity=1),
        ]
    )
    assert [str(error) for error in report.parse_errors] == ["Something new\nwent wrong"]


def test_an_unknown_warning_spoils_a_proof_and_a_harmless_one_does_not() -> None:
    report = read_report(
        [
            *message(9999, "Something new.", severity=3),
            *message(2401, "Use another garbage collector.", severity=3),
            *message(9998, "Some news."),
        ]
    )
    assert report.spoilers == ("Something new. (TLC message 9999)",)
    assert [warning.code for warning in report.warnings] == [9999, 2401]
    assert [unknown.code for unknown in report.unknown] == [9999, 9998]


@pytest.mark.parametrize("code", [2194, 2199, 2200, 2204, 2210, 2209, 2217, 2122, 2218, 2772])
def test_what_cannot_be_read_is_an_error_that_says_where(code: int) -> None:
    lines = [*message(2185, "Starting..."), *message(code, "new words")]
    (place,) = read_report(lines).unreadable
    assert place.startswith("line 4 of TLC's output: ")
    assert place.endswith(": 'new words'")
