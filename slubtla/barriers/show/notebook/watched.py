"""slubtla's functions as a notebook has them: the same, with a bar below the cell."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from slubtla.barriers.model import Model, make_model
from slubtla.barriers.show.notebook.bar import Bar, watched
from slubtla.barriers.show.progress import found_words
from slubtla.errors import UsageError
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings

Run = Callable[..., Any]
Given = dict[str, Any]

_ONE: Final = ("verify", "check_spec")
_MANY: Final = ("argue", "measure_costs", "prove", "run_matrix", "run_sweep")

WATCHED: Final = frozenset((*_ONE, *_MANY))
"""The functions that take long."""


def with_bar(run: Run) -> Run:
    """Return a function that shows a bar in a notebook, unless somebody else listens.

    Args:
        run: one of those in :data:`WATCHED`.
    """
    watch = _one if run.__name__ in _ONE else _many

    @functools.wraps(run)
    def watched_run(*args: Any, **given: Any) -> Any:  # noqa: ANN401 - as the function has them
        what = None if _heard(given) else _what(run, args, given)
        if what is None:
            return run(*args, **given)
        with watched(what) as bar:
            return run(*args, **given) if bar is None else watch(bar, run, args, given)

    return watched_run


def _heard(given: Given) -> bool:
    settings = given.get("settings")
    own = (given.get("on_progress"), given.get("watch"))
    return any(own) or (settings is not None and bool(settings.on_progress or settings.watch))


def _what(run: Run, args: tuple[Any, ...], given: Given) -> str | None:
    """What to call it; None where it makes no sense, which the function itself will tell."""
    if run.__name__ in _MANY:
        return run.__name__
    if run.__name__ == "check_spec":
        spec = args[0] if args else given.get("spec")
        return None if spec is None else Path(spec).stem
    model = _model(args, given)
    return None if model is None else f"{model.strategy} on {model.arch}"


def _model(args: tuple[Any, ...], given: Given) -> Model | None:
    model: Model | None = args[0] if args else given.get("model")
    own = {*Settings.__dataclass_fields__, "settings", "model"}
    try:
        return model or make_model(**{name: it for name, it in given.items() if name not in own})
    except (UsageError, TypeError):
        return None


def _one(bar: Bar, run: Run, args: tuple[Any, ...], given: Given) -> Result:
    key = "run"
    bar.board.started(key, bar.what, expected=_expected(run, args, given))
    heard = partial(bar.board.heard, key)
    if given.get("settings") is None and run.__name__ == "verify":
        given["on_progress"] = heard
    else:
        given["settings"] = replace(given.get("settings") or Settings(), on_progress=heard)
    result: Result = run(*args, **given)
    bar.board.finished(key, result)
    bar.tell_at_the_end(found_words(bar.what, result))
    return result


def _expected(run: Run, args: tuple[Any, ...], given: Given) -> int | None:
    """The states that a finished search of the very same has found, for an estimate."""
    from slubtla.barriers.suite.known import known_states  # noqa: PLC0415 - only where it is shown

    model = _model(args, given) if run.__name__ == "verify" else None
    return None if model is None else known_states(model)


def _many(bar: Bar, run: Run, args: tuple[Any, ...], given: Given) -> Any:  # noqa: ANN401
    settings = given.get("settings") or Settings()
    return run(*args, **given | {"settings": replace(settings, watch=bar.board)})
