"""Read the inputs of a report: runs, folders of runs, JSON of matrices and proofs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from slubtla.barriers.campaigns.matrix import Matrix
from slubtla.barriers.data import read_input
from slubtla.barriers.suite.proof import Proof
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result, complaint_of
from slubtla.tlc.run.rundir import RESULT, load_run

_KINDS: Final[dict[str, type[Result | Matrix | Proof]]] = {
    "cells": Matrix,
    "files": Proof,
    "verdict": Result,
}
"""A key that only one of them has."""


def read_sources(paths: Iterable[Path]) -> tuple[tuple[Result | Matrix, ...], Proof | None]:
    """Read what a user named: runs and matrices in that order, and what ``prove`` found.

    Args:
        paths: of each kind: a run directory; a directory of run directories, as ``--out`` of
            a matrix leaves it; a file that ``verify``, ``check``, ``matrix``, ``prove`` or
            ``mutate`` printed with ``--json``; ``-`` for such a file on stdin.

    Raises:
        UsageError: one of them is none of these, or there is no result among them.
    """
    found: list[Result | Matrix] = []
    proof: Proof | None = None
    for path in paths:
        if path.is_dir():
            found += _directory(path)
            continue
        one = _file(path)
        if isinstance(one, Proof):
            if proof is not None:
                raise UsageError(
                    f"{path} is a second proof, and a report shows one",
                    next_step="check all mutants in one run: slubtla mutate --json",
                )
            proof = one
        else:
            found.append(one)
    if not found:
        raise UsageError(
            "there is no run to report, only a proof" if proof else "there is no run to report",
            next_step="name a run directory, or the file that `slubtla matrix --json` wrote",
        )
    return tuple(found), proof


def _directory(path: Path) -> list[Result | Matrix]:
    if (path / RESULT).exists():
        return [load_run(path)]
    runs = sorted(file.parent for file in path.glob(f"[!.]*/{RESULT}"))
    if not runs:
        raise UsageError(
            f"{path} is neither a run directory nor a directory of them: no {RESULT} in it",
            next_step="name the directory that `slubtla verify` printed, or used with --out",
        )
    return [load_run(run) for run in runs]


def _file(path: Path) -> Result | Matrix | Proof:
    if path.name == RESULT:
        return load_run(path)
    wrote = "name what `slubtla verify`, `check`, `matrix`, `prove` or `mutate` wrote with --json"
    text = read_input(path, "name a run directory, or the file that `slubtla matrix --json` wrote")
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: {error}", next_step=wrote) from error
    keys = data.keys() if isinstance(data, dict) else ()
    kind = next((kind for key, kind in _KINDS.items() if key in keys), None)
    if kind is None:
        raise UsageError(f"{path} is no result, matrix or proof", next_step=wrote)
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(
            f"{path} is not a {kind.__name__.lower()} that this slubtla reads: "
            f"{complaint_of(error)}",
            next_step="read it with the slubtla that wrote it, or make it again",
        ) from None
