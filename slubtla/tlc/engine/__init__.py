"""Run the PlusCal translator and TLC on any ``.tla`` and ``.cfg``.

Programs are started, bounded in time, and their output is kept; :mod:`slubtla.tlc.output` reads it.
One run has one directory::

    options → argv → process → files

:func:`translate` prepares a directory, an :class:`Engine` checks what is in it.
"""

from __future__ import annotations

from slubtla.tlc.engine.argv import (
    OUT_OF_MEMORY_EXIT,
    JvmProfile,
    Simulation,
    TlcOptions,
    pcal_argv,
    tlc_argv,
)
from slubtla.tlc.engine.checkpoint import find_checkpoint, has_checkpoint, note_checkpoint
from slubtla.tlc.engine.jvm_engine import JvmEngine
from slubtla.tlc.engine.machine import default_fpmem, default_heap_mb, this_machine
from slubtla.tlc.engine.process import run_supervised
from slubtla.tlc.engine.process_engine import ProcessEngine
from slubtla.tlc.engine.protocol import (
    CheckJob,
    Ended,
    Engine,
    EngineRun,
    ProcessResult,
    RunInterrupted,
)
from slubtla.tlc.engine.translate import Translation, translate

__all__ = [
    "OUT_OF_MEMORY_EXIT",
    "CheckJob",
    "Ended",
    "Engine",
    "EngineRun",
    "JvmEngine",
    "JvmProfile",
    "ProcessEngine",
    "ProcessResult",
    "RunInterrupted",
    "Simulation",
    "TlcOptions",
    "Translation",
    "default_fpmem",
    "default_heap_mb",
    "find_checkpoint",
    "has_checkpoint",
    "note_checkpoint",
    "pcal_argv",
    "run_supervised",
    "this_machine",
    "tlc_argv",
    "translate",
]
