"""Turn a stream of bytes, cut anywhere, into lines of text."""

from __future__ import annotations

import codecs

from slubtla.errors import TlcOutputError

LONGEST_LINE = 16 << 20
"""Characters. TLC prints no such line; what does is something else, and memory has an end."""


class LineSplitter:
    r"""Collects bytes and gives back whole lines, decoded as UTF-8.

    Only ``\n`` and ``\r\n`` end a line: a value that TLC prints may hold other separators of
    Unicode. What is no UTF-8 becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest: list[str] = []
        self._length = 0

    def feed(self, data: bytes) -> list[str]:
        """The lines that ``data`` completes, without their ends.

        Raises:
            TlcOutputError: a line is longer than :data:`LONGEST_LINE`; its beginning is dropped.
        """
        first, *others = self._decoder.decode(data).split("\n")
        self._rest.append(first)
        self._length += len(first)
        if self._length > LONGEST_LINE:
            self._take_rest()
            raise TlcOutputError(f"a line of more than {LONGEST_LINE >> 20} million characters")
        if not others:
            return []
        lines = [self._take_rest(), *others]
        self._rest, self._length = [lines.pop()], len(others[-1])
        return [line.removesuffix("\r") for line in lines]

    def close(self) -> list[str]:
        """The last line, if it lacks its end."""
        rest = self._take_rest() + self._decoder.decode(b"", final=True)
        return [rest] if rest else []

    def _take_rest(self) -> str:
        rest = "".join(self._rest)
        self._rest, self._length = [], 0
        return rest
