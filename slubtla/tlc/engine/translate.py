"""Translate the PlusCal of a spec, in a copy."""

from __future__ import annotations

import functools
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from slubtla.errors import CannotRunError, SpecError, ToolchainError, failed_file
from slubtla.tlc.engine.argv import TEMPORARY, pcal_argv
from slubtla.tlc.engine.process import run_supervised
from slubtla.tlc.engine.protocol import Ended, ProcessResult
from slubtla.tlc.engine.stage import spec_files, stage_file
from slubtla.tlc.text.origin import Origin
from slubtla.tlc.text.pcal import (
    RENAMED,
    algorithms_in,
    failure_in,
    fate_of,
    has_algorithm,
    is_handwritten,
    is_translation_of,
    renames_in,
    translation_of,
    warnings_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from slubtla.tlc.engine.protocol import Runner
    from slubtla.tlc.engine.translations import TranslationCache
    from slubtla.tlc.tools import Toolchain

TRANSLATION_SECONDS = 60.0
"""The default limit for one module; a large algorithm takes about one second."""


_COULD_NOT_WRITE = "Could not write file"
_PROBE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Translation:
    """A spec, ready to be checked.

    Attributes:
        spec: the root module in the run's directory.
        modules: all modules there that it reaches, the root first.
        translated: names of those that held an algorithm, and were translated.
        replaced: names of those that carried a *different* translation, which was replaced.
        renamed: symbols that the translator renamed, in its words; empty unless it was allowed.
        warnings: the translator's, e.g. ``"Spec: Labels added."``, and ours.
        edited: names of the modules whose translation was edited by hand, by its checksum: it is
            kept.
        doubts: why it is not known which translation is meant, one sentence each; it is kept, too.
        wall_seconds: of all translations.
        origins: by module name, the user's file that each was copied from; empty of a run that is
            resumed.
    """

    spec: Path
    modules: tuple[Path, ...]
    translated: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    wall_seconds: float = 0.0
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The translated root module."""
        return self.spec.read_text(encoding="utf-8", errors="replace")

    @property
    def texts(self) -> dict[str, str]:
        """The texts of all modules by name, the root first."""
        return {
            module.stem: module.read_text(encoding="utf-8", errors="replace")
            for module in self.modules
        }


def translate(  # noqa: PLR0913  # three of them keyword-only, with a default
    toolchain: Toolchain,
    spec: Path,
    workdir: Path,
    *,
    allow_renames: bool = False,
    timeout: float | None = TRANSLATION_SECONDS,
    cancel: Event | None = None,
    run: Runner = run_supervised,
    cache: TranslationCache | None = None,
    library: Sequence[Path] = (),
) -> Translation:
    """Copy ``spec`` and the modules it reaches into ``workdir``, and translate their PlusCal there.

    Every algorithm is translated again, so that a translation older than its algorithm cannot be
    checked by mistake (TLC only warns of it, and exits 0). One that was edited by hand is kept, and
    so is one that differs and has no checksum that says why; see :func:`fate_of`. A module without
    PlusCal is not changed.

    Args:
        toolchain: the Java and the jar.
        spec: the root module; may already lie in ``workdir``.
        workdir: the run's directory; made if missing.
        allow_renames: accept that the translator renames labels and variables whose names clash.
        timeout: wall seconds for one module; ``None`` for no limit.
        cancel: ends the translator when set.
        run: what runs the translator; a JVM for each module by default.
        cache: translations that were made before.
        library: folders to look for modules in that do not lie beside ``spec``.

    Raises:
        SpecError: the translator refuses the algorithm, or renamed a symbol; with file and line.
        UsageError: ``workdir`` holds another file of the same name.
        CannotRunError: the translator did not end in time, or was cancelled.
        ToolchainError: Java does not start, or is none.
        KeyboardInterrupt: Ctrl-C.
    """
    began = time.monotonic()
    bounded = functools.partial(run, timeout=timeout, cancel=cancel)
    sources = spec_files(spec, library)
    modules = tuple(stage_file(source, workdir) for source in sources)
    origins: dict[str, Origin] = {}
    translated: list[str] = []
    replaced: list[str] = []
    renamed: list[str] = []
    warnings: list[str] = []
    edited: list[str] = []
    doubts: list[str] = []
    for module, shown in zip(modules, sources, strict=True):
        source = module.read_bytes()
        before = source.decode("utf-8", errors="replace")
        origins[module.stem] = Origin(shown, before, before)
        if not has_algorithm(before) or is_handwritten(before):
            continue
        if (number := algorithms_in(before)) > 1:
            warnings.append(
                f"{module.stem}: of the {number} algorithms in the file only the first is checked"
            )
        output = _known(toolchain, module, cache)
        if output is None:
            output = _translate_module(toolchain, module, shown, bounded)
            if cache is not None:
                cache.put(source, toolchain.jar.sha256, module.read_bytes(), output)
        after = _read(module)
        origins[module.stem] = Origin(shown, before, after)
        old = translation_of(before)
        translated.append(module.stem)
        if old is not None and old.strip() and old != translation_of(after):
            fate = fate_of(before, after)
            warnings += [f"{module.stem}: {line}" for line in [fate.warning] if line]
            doubts += [f"{module.stem}: {line}" for line in [fate.doubt] if line]
            if fate.keep:
                edited += [module.stem] if not fate.doubt else []
                module.write_bytes(source)
                origins[module.stem] = Origin(shown, before, before)
                continue
            replaced.append(module.stem)
        names = renames_in(after)
        renamed += [f"{module.stem}: {name}" for name in names]
        said = warnings_in(output)
        warnings += [f"{module.stem}: {line}" for line in said if line != RENAMED]
        if (names or any("renamed" in line for line in said)) and not allow_renames:
            raise SpecError(
                f"{shown}: the translator renamed symbols: {'; '.join(names) or said[0]}",
                next_step="give every label and variable a name of its own, or allow renames",
            )
    return Translation(
        modules[0],
        modules,
        translated=tuple(translated),
        replaced=tuple(replaced),
        renamed=tuple(renamed),
        warnings=tuple(warnings),
        edited=tuple(edited),
        doubts=tuple(doubts),
        wall_seconds=time.monotonic() - began,
        origins=origins,
    )


def _known(toolchain: Toolchain, module: Path, cache: TranslationCache | None) -> str | None:
    """Put a cached translation in place; return the translator's output."""
    known = None if cache is None else cache.get(module.read_bytes(), toolchain.jar.sha256)
    if known is None:
        return None
    with tempfile.TemporaryDirectory(prefix=".pcal-", dir=module.parent) as folder:
        copy = Path(folder, module.name)
        copy.write_bytes(known.module)
        os.replace(copy, module)  # noqa: PTH105
    return known.output


def _translate_module(
    toolchain: Toolchain, module: Path, shown: Path, run: Callable[..., ProcessResult]
) -> str:
    """Translate one module in place, in one step; errors name the user's file, ``shown``."""
    with tempfile.TemporaryDirectory(prefix=".pcal-", dir=module.parent) as folder:
        room = Path(folder)
        copy = room / module.name
        copy.write_bytes(module.read_bytes())
        (room / TEMPORARY).mkdir(parents=True)
        argv = pcal_argv(java=toolchain.java.path, jar=toolchain.jar.path, spec=module.name)
        result = run(
            argv,
            cwd=room,
            stdout=room / "pcal.out",
            stderr=room / "pcal.err",
        )
        if result.ended is Ended.INTERRUPTED:
            raise KeyboardInterrupt
        if result.ended is not Ended.EXITED:
            raise CannotRunError(
                f"{shown}: the PlusCal translator was ended: {result.ended.value} after "
                f"{result.wall_seconds:.1f} s",
                next_step="give it more time",
            )
        output = _read(room / "pcal.out")
        if result.returncode != 0 and _COULD_NOT_WRITE in output:
            raise _no_room(shown, room)
        if result.returncode != 0:
            raise _refusal(shown, output + _read(room / "pcal.err"))
        if not (translation_of(_read(copy)) or "").strip():
            raise ToolchainError(
                f"{toolchain.java.path}: as the PlusCal translator it ended with 0, but translated "
                "nothing",
                next_step="see `slubtla doctor`",
            )
        if not is_translation_of(_read(copy), _read(module)):
            raise ToolchainError(
                f"{toolchain.java.path}: as the PlusCal translator it changed {shown.name} outside "
                "its translation: this is the translation of another module",
                next_step="see `slubtla doctor`",
            )
        os.replace(copy, module)  # noqa: PTH105  # Path.replace says no more
    return output


def _no_room(shown: Path, room: Path) -> CannotRunError:
    """Find out why the translator could not write: it gives no reason."""
    try:
        (room / "probe").write_bytes(bytes(_PROBE_BYTES))
    except OSError as error:
        error.filename = str(shown)
        return failed_file(error)
    return CannotRunError(
        f"{shown}: the PlusCal translator could not write its translation",
        next_step="see that the disk is not full",
    )


def _refusal(module: Path, output: str) -> SpecError:
    failure = failure_in(output)
    where = "" if failure.line is None else f":{failure.line}:{failure.column}"
    return SpecError(
        f"{module}{where}: {failure.words}",
        next_step="correct the PlusCal algorithm there; the message is the translator's",
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
