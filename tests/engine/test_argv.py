"""Command lines, without Java."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from slubtla.errors import UsageError
from slubtla.tlc.engine import JvmProfile, Simulation, TlcOptions, pcal_argv, tlc_argv

JAVA, JAR = PurePosixPath("/java home/bin/java"), PurePosixPath("/some jar's/tla2tools.jar")
UTF8 = ["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8"]


def argv(**options: Any) -> list[str]:
    return tlc_argv(
        java=JAVA,
        jar=JAR,
        spec="Spec.tla",
        cfg="Spec.cfg",
        options=TlcOptions(**options),
        default_heap_mb=512,
    )


def test_the_default_command_line() -> None:
    assert argv() == [
        "/java home/bin/java",
        *UTF8,
        "-Djava.io.tmpdir=.tlc/temp",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx512m",
        "-XX:+ExitOnOutOfMemoryError",
        "-cp",
        "/some jar's/tla2tools.jar",
        "tlc2.TLC",
        "-tool",
        *("-workers", "1", "-fp", "0", "-seed", "0"),
        *("-checkpoint", "0", "-metadir", ".tlc/meta", "-coverage", "60"),
        *("-config", "Spec.cfg", "Spec.tla"),
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"workers": 4}, ["-workers", "4"]),
        ({"fp_index": 130}, ["-fp", "130"]),
        ({"seed": -3}, ["-seed", "-3"]),
        ({"heap_mb": 2048}, ["-Xmx2048m"]),
        ({"profile": JvmProfile.LARGE}, ["-XX:+UseParallelGC"]),
        ({"check_deadlock": False}, ["-deadlock"]),
        ({"coverage_minutes": 5}, ["-coverage", "5"]),
        ({"checkpoint_minutes": 30}, ["-checkpoint", "30"]),
        ({"checkpoint_minutes": 0.5}, ["-Dtlc2.TLCGlobals.chkpt=30000"]),
        ({"recover": ".tlc/meta/then"}, ["-recover", ".tlc/meta/then"]),
        ({"fpmem": 0.5}, ["-fpmem", "0.5"]),
        ({"liveness_at_end": True}, ["-lncheck", "final"]),
        ({"stop_after_seconds": 9}, ["-Dtlc2.TLC.stopAfter=9"]),
        ({"depth_first": 12}, ["-dfid", "12"]),
        ({"simulate": Simulation()}, ["-simulate", "-depth", "100"]),
        (
            {"simulate": Simulation(depth=7, behaviours=3)},
            ["-simulate", "num=3", "-depth", "7"],
        ),
        ({"keep_going": True}, ["-continue"]),
        ({"graph": True}, ["-dump", "dot,actionlabels", "states.dot"]),
        ({"extra_tlc": ("-maxSetSize", "9")}, ["-maxSetSize", "9", "-config"]),
        ({"extra_jvm": ("-Xss16m",)}, ["-Xss16m", "-cp"]),
    ],
)
def test_each_option_changes_the_command_line(
    options: dict[str, object], expected: list[str]
) -> None:
    def holds(line: list[str]) -> bool:
        return any(line[at:][: len(expected)] == expected for at in range(len(line)))

    assert holds(argv(**options))
    assert not holds(argv())


def test_coverage_can_be_turned_off() -> None:
    assert "-coverage" not in argv(coverage_minutes=0)


def test_a_fraction_of_a_minute_is_no_option_of_tlc() -> None:
    """Where both are given, the option wins."""
    assert "-checkpoint" not in argv(checkpoint_minutes=0.5)


def test_differences_are_never_asked_for() -> None:
    assert "-difftrace" not in argv(keep_going=True, graph=True)


@pytest.mark.parametrize(
    "options",
    [
        {"workers": 0},
        {"fp_index": 131},
        {"fp_index": -1},
        {"heap_mb": 7},
        {"coverage_minutes": -1},
        {"checkpoint_minutes": -1},
        {"fpmem": 0},
        {"fpmem": 1},
        {"stop_after_seconds": 0},
        {"depth_first": 0},
        {"depth_first": 3, "simulate": Simulation()},
        {"extra_tlc": ("-difftrace",)},
        {"extra_tlc": ("-metadir", "elsewhere")},
        {"extra_tlc": ("-recover", "elsewhere")},
    ],
)
def test_nonsense_is_refused_with_a_next_step(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        TlcOptions(**options)
    assert caught.value.next_step


@pytest.mark.parametrize("bounds", [{"depth": 0}, {"behaviours": 0}])
def test_a_simulation_has_at_least_one_step(bounds: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        Simulation(**bounds)


def test_the_translator_writes_no_configuration() -> None:
    line = pcal_argv(java=JAVA, jar=JAR, spec="Spec.tla")
    assert line[0] == "/java home/bin/java"
    assert line[-5:] == ["-cp", "/some jar's/tla2tools.jar", "pcal.trans", "-nocfg", "Spec.tla"]
