"""Names: one or several into a tuple, and several into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slubtla.errors import UsageError


def names_of(given: str | Iterable[str]) -> tuple[str, ...]:
    """Return a tuple of names; one name on its own is a tuple of one, not of its letters.

    Args:
        given: a name, or several in a tuple, a list, a set (sorted) or whatever else gives them.

    Raises:
        UsageError: something else than names.
    """
    if isinstance(given, str):
        return (given,)
    names = tuple(given) if isinstance(given, Iterable) else (given,)
    for name in names:
        if not isinstance(name, str):
            raise UsageError(
                f"{name!r} is no name", next_step="give a name, or several in a list or a tuple"
            )
    return tuple(sorted(names)) if isinstance(given, set | frozenset) else names


def listed(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
