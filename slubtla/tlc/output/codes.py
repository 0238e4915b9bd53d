"""Name TLC's message codes, and list the warnings that spoil a proof.

The names are TLC's own (``tlc2.output.EC``), without the prefix ``TLC_``. The comment after a code
is what it says. Codes that are not listed are kept by the reader as they come
(:attr:`slubtla.tlc.output.TlcReport.unknown`).
"""

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


class Severity(enum.IntEnum):
    """The class of a message, the number after its code: ``STARTMSG 2110:1``."""

    INFO = 0
    ERROR = 1
    BUG = 2
    WARNING = 3
    STATE = 4


class Code(enum.IntEnum):
    """The messages that the reader acts on."""

    # the life of a run
    VERSION = 2262  # TLC2 Version 2.15 of … (rev: d5b5a7f)
    MODE_MC = 2187  # breadth-first search: fp, seed, workers, heap
    MODE_SIMULATION = 2188
    MODE_MC_DFS = 2271  # depth-first search with iterative deepening
    SANY_START = 2220
    SANY_END = 2219
    STARTING = 2185
    INIT_GENERATED = 2190  # N distinct states generated
    INIT_GENERATED_DUPLICATES = 2191  # N states generated, with M of them distinct
    INIT_GENERATED_DFS = 2208
    CHECKING_TEMPORAL = 2192  # for the complete, or the current, state space
    CHECKED_TEMPORAL = 2267
    CHECKPOINT_START = 2195
    CHECKPOINT_END = 2196
    RECOVERY_END = 2198
    SUCCESS = 2193  # no error found; the collision probabilities
    FINISHED = 2186

    # the distributed mode
    WORKER_REGISTERED = 7001  # one message for each of its threads
    WORKER_LOST = 7006

    # numbers
    PROGRESS = 2200
    PROGRESS_SIMULATION = 2209
    PROGRESS_DFS = 2206
    PROGRESS_DFS_LEVEL = 2205
    STATS = 2199
    STATS_DFS = 2204
    STATS_SIMULATION = 2210
    SEARCH_DEPTH = 2194

    # coverage
    COVERAGE_START = 2201
    COVERAGE_END = 2202
    COVERAGE_END_OVERHEAD = 2777
    COVERAGE_INIT = 2773  # <Init line …>: distinct:total
    COVERAGE_NEXT = 2772  # <Action line …>: distinct:total
    COVERAGE_MISMATCH = 2776

    # violations
    ASSUMPTION_FALSE = 2104
    INVARIANT_VIOLATED_INITIAL = 2107  # the state stands inside the message
    INVARIANT_VIOLATED = 2110
    PROPERTY_VIOLATED_INITIAL = 2108  # the state stands inside the message
    ACTION_PROPERTY_VIOLATED = 2112
    DEADLOCK = 2114
    TEMPORAL_VIOLATED = 2116  # named on new builds only
    ASSERT_FAILED = 2132  # on 2.15 nested in GENERAL; in others where a property is evaluated
    POSTCONDITION_FALSE = 2404  # new builds; of _POSSIBLE, too: it was never true

    # traces
    BEHAVIOR_UP_TO_THIS_POINT = 2121
    COUNTER_EXAMPLE = 2264
    STATE = 2217  # number, action and location, then the variables
    STATE_WITHOUT_ACTION = 2216
    STUTTERING = 2218
    BACK_TO_STATE = 2122
    NESTED_EXPRESSION = 2103  # where the evaluation stood when it failed

    # errors
    GENERAL = 1000  # anything else, often with the real message nested in it
    ASSUMPTION_FAILED = 2105  # could not be evaluated
    INITIAL_STATE_INCOMPLETE = 2106
    NEXT_STATE_INCOMPLETE = 2109
    POSTCONDITION_FAILED = 2405  # could not be evaluated
    INVARIANT_FAILED = 2111  # could not be evaluated
    ACTION_PROPERTY_FAILED = 2113
    PARSING_FAILED_WITH_TEXT = 2171
    PARSING_FAILED = 3002  # the text stands before, between 2220 and 2219

    # warnings
    SUBSCRIPT_UNKNOWN = 2139
    SUBSCRIPT_INCOMPLETE = 2140
    INVARIANT_CONSTANT = 2149
    FEATURE_UNSUPPORTED = 2156
    LIVE_TAUTOLOGY = 2253
    LIVE_STATE_LEVEL = 2255
    PROPERTY_WITHOUT_SPEC = 2257
    LIVE_FAIRNESS_TAUTOLOGY = 2258
    LIVE_WITHOUT_FAIRNESS = 2259
    DISK_FILE_LEFT = 2270
    LIVENESS_WITH_SYMMETRY = 2279
    LIVENESS_WITH_CONSTRAINT = 2284
    SYMMETRY_SET_TOO_SMALL = 2300
    TEMPORAL_QUANTIFIER = 2301
    GARBAGE_COLLECTOR = 2401
    TRACE_SPEC_FAILED = 2502


PROOF_SPOILERS: Final[Mapping[int, str]] = MappingProxyType(
    {
        Code.SUBSCRIPT_UNKNOWN: "the subscript of the next-state relation could not be read",
        Code.SUBSCRIPT_INCOMPLETE: "the subscript of the next-state relation lacks a variable",
        Code.INVARIANT_CONSTANT: "an invariant mentions no variable: it says nothing of the model",
        Code.FEATURE_UNSUPPORTED: "the spec uses what TLC does not support in this mode",
        Code.LIVE_TAUTOLOGY: "a temporal property is a tautology: nothing was checked",
        Code.LIVE_STATE_LEVEL: "a property without temporal operator: only initial states count",
        Code.PROPERTY_WITHOUT_SPEC: "properties checked on INIT and NEXT: there is no fairness",
        Code.LIVE_FAIRNESS_TAUTOLOGY: "a property that equals the fairness condition",
        Code.LIVE_WITHOUT_FAIRNESS: "a liveness property is checked on a spec without fairness",
        Code.LIVENESS_WITH_SYMMETRY: "liveness under symmetry: violations may be missed",
        Code.LIVENESS_WITH_CONSTRAINT: "liveness under a constraint: violations may be missed",
        Code.TEMPORAL_QUANTIFIER: "the spec uses a temporal quantifier, which TLC does not check",
    }
)
"""Warnings after which "no error has been found" is no proof, with the reason of each."""

HARMLESS_WARNINGS: Final[frozenset[int]] = frozenset(
    {
        Code.GARBAGE_COLLECTOR,  # advice on speed
        Code.DISK_FILE_LEFT,  # a temporary file could not be deleted
        Code.COVERAGE_MISMATCH,  # a cost went to a neighbouring expression
        Code.TRACE_SPEC_FAILED,  # the trace itself stands in the output
        Code.SYMMETRY_SET_TOO_SMALL,  # nothing is left out, for there is nothing to permute
    }
)
"""Warnings that say nothing about the result."""

WORTH_SAYING: Final[frozenset[int]] = frozenset({Code.SYMMETRY_SET_TOO_SMALL})
"""Harmless warnings that are shown nevertheless."""

HARMLESS_WORDS: Final = ("Failed to read remote worker cache statistic",)
"""How warnings without a code of their own (1000) begin that say nothing about the result.

This one comes when a worker was lost, whose states others compute again.
"""

_PASSED_OVER: Final = frozenset(
    [
        *(2189, 2269, 2207, 2212),  # initial states, branches of the liveness problem
        *(2197, 2203, 2168, 20000, 2501),  # recovery, Java overrides, a trace spec
        *(7000, 7002, 7003, 7004, 7005, 7007, 2211),  # server and workers
        *(2268, 2774, 2778, 2779, 2221, 2775),  # outdegree; coverage of other things than actions
        *(1001, 1002, 1003, 1005, 1102),  # out of memory, stack overflow, command line
        *(2115, 2118, 2128, 2154, 2158),  # errors of evaluation
        *(5001, 5002, 5003, 5004, 5005, 5006, 2229, 2230),  # errors in the cfg
    ]
)
"""Messages that are known, of which only severity and text count."""

_KNOWN: Final[frozenset[int]] = frozenset(Code) | _PASSED_OVER


def is_known(code: int) -> bool:
    """Whether the reader knows what this code means."""
    return code in _KNOWN
