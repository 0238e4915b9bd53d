"""Turn a stream of bytes, cut anywhere, into lines of text."""

from __future__ import annotations

import codecs


class LineSplitter:
    r"""Collects bytes and gives back whole lines, decoded as UTF-8.

    Only ``\n`` and ``\r\n`` end a line: a value that TLC prints may hold other separators of
    Unicode. What is no UTF-8 becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""

    def feed(self, data: bytes) -> list[str]:
        """The lines that ``data`` completes, without their ends."""
        *lines, self._rest = (self._rest + self._decoder.decode(data)).split("\n")
        return [line.removesuffix("\r") for line in lines]

    def close(self) -> list[str]:
        """The last line, if it lacks its end."""
        rest = self._rest + self._decoder.decode(b"", final=True)
        self._rest = ""
        return [rest] if rest else []
