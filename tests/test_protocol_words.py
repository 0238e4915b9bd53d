"""``slubtla/barriers`` knows no protocol: what is left of SLUB's words in it, file by file.

The table may only shrink. A file that is not in it has none of these words.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import slubtla
from slubtla.protocols.slub import SLUB

ROOM = Path(slubtla.__file__).parent / "barriers"

KERNELS_OWN = ("smp_mb", "smp_wmb", "smp_store_release")
"""Strategies that are named for a primitive of the kernel, which litmus tests have, too."""

WORDS = (
    *("slub", "slab", "cpu_partial", "kmem", "put_cpu", "shrink", "flush", "has_cpu_slab"),
    *("NoLeak", *(name for name in SLUB.strategies if name != "none")),
)
"""``none`` is a word of Python and of English, too."""

NOT_MEANT = re.compile(r"(?i:slubtla|weakmemory)|\.flush\(|flush=|shrink(?:[AB]|ing)")

LEFT = {"labels.py": 2}
"""``smp_store_release()`` and ``smp_mb_store()`` are primitives of the kernel first."""


def found(file: Path) -> int:
    """How often a file has a word of SLUB's."""
    text = NOT_MEANT.sub("", file.read_text(encoding="utf-8"))
    words = [word for word in WORDS if "litmus" not in file.parts or word not in KERNELS_OWN]
    return len(re.findall(rf"(?i:{'|'.join(sorted(words, key=len, reverse=True))})", text))


FILES = {path.relative_to(ROOM).as_posix(): path for path in sorted(ROOM.rglob("*.py"))}


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_no_more_words_of_slub_than_are_listed(name: str) -> None:
    assert found(FILES[name]) <= LEFT.get(name, 0)


def test_the_list_has_no_room_to_spare() -> None:
    now = {name: found(path) for name, path in FILES.items()}
    assert {name: now.get(name, 0) for name in LEFT} == LEFT
