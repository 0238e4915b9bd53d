"""The command line. Thin: every command is a few calls of the library."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys

from slubtla._version import __version__

_STDERR = 2
_INTERRUPTED = 130
"""What a shell says of Ctrl-C; the errors and their codes are not loaded yet."""


def main() -> None:
    """Run ``slubtla``; the entry point that the package installs.

    What the locale's encoding lacks is written as an escape, and a byte of a file's name as it is.
    """
    _hold_standard_descriptors()
    if sys.argv[1:] == ["--version"] and sys.stdout is not None:
        with contextlib.suppress(OSError):  # the command below says what failed
            sys.stdout.write(f"slubtla {__version__}\n")
            sys.stdout.flush()
            return
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some takes 30 ms
    try:
        _choose_protocol()
        from slubtla.cli.app import app  # noqa: PLC0415 - typer and rich load only for commands
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    codecs.register_error("slubtla", _escape)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="slubtla")
    from slubtla.cli.exits import errors_as_exits  # noqa: PLC0415 - likewise

    with errors_as_exits():  # what no command of ours prints: help
        app()


def _choose_protocol() -> None:
    """Take the protocol that the first words name: the options of all commands come from it."""
    flag, equals, named = sys.argv[1].partition("=") if sys.argv[1:] else ("", "", "")
    if flag != "--protocol" or not (equals or sys.argv[2:]):
        return
    from slubtla.barriers.protocol import choose_protocol  # noqa: PLC0415 - only where it is named
    from slubtla.cli.exits import complain  # noqa: PLC0415 - likewise
    from slubtla.errors import SlubtlaError  # noqa: PLC0415 - likewise

    try:
        choose_protocol(named if equals else sys.argv[2])
    except SlubtlaError as error:
        complain(error)
        sys.exit(int(error.exit_code))
    del sys.argv[1 : 2 if equals else 3]


def _hold_standard_descriptors() -> None:
    """Keep the numbers 0, 1 and 2 from files that are opened later, where they are closed.

    ``sys.stdout`` stays None where 1 was closed: writing there is an error.
    """
    while (fd := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(fd, True)
    os.close(fd)


def _escape(error: UnicodeError) -> tuple[str | bytes, int]:
    r"""Write the first character that cannot be encoded: ``\u``, as in JSON, or its byte."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character, after = error.object[error.start], error.start + 1
    if "\udc80" <= character <= "\udcff":  # see PEP 383
        return bytes([ord(character) - 0xDC00]), after
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(rf"\u{units[at : at + 4]}" for at in range(0, len(units), 4)), after
