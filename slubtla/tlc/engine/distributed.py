"""Run the server of TLC's distributed mode, which workers join from this machine or others.

The server (``tlc2.tool.distributed.TLCServer``) keeps queue and fingerprints; each worker
(``tlc2.tool.distributed.TLCWorker``) fetches the specification from it, and computes successors.
Java RMI has no authentication and listens on every address of the machine. So both are started by
``java/BoundRmi``, which binds them to one address, and with a serialization filter that admits only
what TLC and RMI send.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from slubtla.errors import CannotRunError, UsageError
from slubtla.tlc.engine.argv import METADIR, TEMPORARY, TlcOptions
from slubtla.tlc.engine.process_engine import ProcessEngine
from slubtla.tlc.tools.java import UTF8_FLAGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePath
    from threading import Event

    from slubtla.tlc.engine.protocol import CheckJob, EngineRun, OnLine
    from slubtla.tlc.tools import Toolchain

LOOPBACK: Final = "127.0.0.1"
"""The address that no other machine reaches."""

DEFAULT_PORT: Final = 10997
"""TLC's own port for its registry (``tlc2.tool.distributed.TLCServer.port``)."""

REPORT_SECONDS: Final = 3
"""Between two progress reports of the server."""

BINDER: Final = Path(__file__).with_name("java")
"""The folder of ``BoundRmi.class``."""

_ALLOWED: Final = (
    "tlc2.**",
    "util.**",
    "java.rmi.**",
    "sun.rmi.**",
    "jdk.proxy*",  # the stubs of RMI
    "com.sun.proxy.*",  # likewise, before Java 16
    "java.lang.reflect.Proxy",
    "java.lang.*",
    "java.util.ArrayList",
    "java.util.BitSet",
    "java.util.Collections$*",
    "java.net.URI",
    "java.io.IOException",
    "java.io.FileNotFoundException",
)
SERIAL_FILTER: Final = ";".join([*_ALLOWED, "!*"])
"""What may come in by RMI: ``jdk.serialFilter``, JEP 290."""

UNAUTHENTICATED: Final = (
    "TLC's RMI has no authentication and no encryption: whoever reaches {address} can take part in "
    "the search, read the specification and falsify the result; use it in a trusted network only"
)

_SERVER: Final = "tlc2.tool.distributed.TLCServer"
_WORKER: Final = "tlc2.tool.distributed.TLCWorker"
_READY: Final = "@!@!@STARTMSG 7000:"


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server listens.

    Attributes:
        address: of this machine; a name or a number.
        port: of the registry. Server and workers also open ports that the system chooses.
    """

    address: str = LOOPBACK
    port: int = DEFAULT_PORT

    @property
    def is_loopback(self) -> bool:
        """Whether no other machine can reach it."""
        return is_loopback(self.address)

    @property
    def joining(self) -> str:
        """The command that joins."""
        port = "" if self.port == DEFAULT_PORT else f" --port {self.port}"
        return f"slubtla worker {self.address}{port}"


def is_loopback(address: str) -> bool:
    """Whether an address, or all that a name stands for, is a loopback address.

    Raises:
        UsageError: the name is not known.
    """
    return all(ipaddress.ip_address(number).is_loopback for number in _numbers(address))


def require_free(place: ServerAddress) -> None:
    """Check that a server can listen there.

    Raises:
        UsageError: the address is not one of this machine, or is all of them at once.
        CannotRunError: the port is taken.
    """
    if any(ipaddress.ip_address(number).is_unspecified for number in _numbers(place.address)):
        raise UsageError(
            f"{place.address} stands for every address of this machine, and RMI gives the workers "
            "one to come back to",
            next_step="name the address that the workers reach",
        )
    require_own(place.address)
    try:
        socket.create_server((place.address, place.port), family=_family(place.address)).close()
    except OSError as error:
        raise CannotRunError(
            f"port {place.port} of {place.address} cannot be used: {error.strerror}",
            next_step="choose another with --port, for the server and its workers",
        ) from error


def require_own(address: str) -> None:
    """Check that an address is one of this machine.

    Raises:
        UsageError: it is not.
    """
    try:
        socket.create_server((address, 0), family=_family(address)).close()
    except OSError as error:
        raise UsageError(
            f"{address} is no address of this machine",
            next_step="name one that other machines reach it by, or leave --listen out",
        ) from error


def address_towards(host: str, port: int) -> str:
    """Return the address of this machine that another one sees; nothing is sent.

    Raises:
        UsageError: the host is not known.
        CannotRunError: there is no way to it.
    """
    family = _family(host)
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, port))
        except OSError as error:
            raise CannotRunError(
                f"there is no way to {host}: {error.strerror}", next_step="see the network"
            ) from error
        return str(probe.getsockname()[0])


def server_argv(  # noqa: PLR0913  # keyword-only: all that a command line is made of
    *,
    java: PurePath,
    jar: PurePath,
    spec: str,
    cfg: str,
    options: TlcOptions,
    default_heap_mb: int,
    place: ServerAddress,
) -> list[str]:
    """The command line of the server: without ``-coverage`` and checkpoints."""
    heap = options.heap_mb or default_heap_mb
    report = f"-D{_SERVER}.report={REPORT_SECONDS * 1000}"
    jvm = [*options.profile.flags, f"-Xmx{heap}m", "-XX:+ExitOnOutOfMemoryError", report]
    tlc = ["-tool", "-fp", str(options.fp_index), "-checkpoint", "0", "-metadir", METADIR]
    if options.fpmem is not None:
        tlc += ["-fpmem", str(options.fpmem)]
    if not options.check_deadlock:
        tlc.append("-deadlock")  # which, in spite of its name, turns the check off
    return [
        *_java(java, jar, place.address, place.port, TEMPORARY, jvm),
        _SERVER,
        *tlc,
        "-config",
        cfg,
        spec,
    ]


def worker_argv(  # noqa: PLR0913  # keyword-only
    *, java: PurePath, jar: PurePath, server: ServerAddress, own: str, threads: int, heap_mb: int
) -> list[str]:
    """The command line of a worker; ``own`` is the address that the server connects back to."""
    jvm = [f"-Xmx{heap_mb}m", "-XX:+ExitOnOutOfMemoryError", f"-D{_WORKER}.threadCount={threads}"]
    return [*_java(java, jar, own, server.port, ".", jvm), _WORKER, server.address]


def _java(  # noqa: PLR0913, PLR0917  # all that both command lines share
    java: PurePath, jar: PurePath, address: str, port: int, temporary: str, flags: list[str]
) -> list[str]:
    return [
        str(java),
        *UTF8_FLAGS,
        f"-Djava.io.tmpdir={temporary}",
        f"-Djava.rmi.server.hostname={address}",
        f"-Djdk.serialFilter={SERIAL_FILTER}",
        f"-D{_SERVER}.port={port}",
        *flags,
        "-cp",
        f"{BINDER}{os.pathsep}{jar}",
        "BoundRmi",
    ]


class DistributedEngine(ProcessEngine):
    """Checks a job on a server that workers join; see :class:`slubtla.tlc.engine.Engine`.

    Args:
        toolchain: the Java and the jar to run.
        place: where the server listens.
        on_ready: called with the command that joins, when the server waits for workers.
    """

    def __init__(
        self,
        toolchain: Toolchain,
        place: ServerAddress,
        on_ready: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(toolchain)
        self.place = place
        self._on_ready = on_ready

    def check(
        self, job: CheckJob, *, on_line: OnLine | None = None, cancel: Event | None = None
    ) -> EngineRun:
        """Run the server on ``job`` until its workers have done all; see :class:`Engine`.

        Raises:
            UsageError: the address is not one of this machine.
            CannotRunError: the port is taken.
        """
        require_free(self.place)

        def take(line: str) -> None:
            if self._on_ready is not None and line.startswith(_READY):
                self._on_ready(self.place.joining)
            if on_line is not None:
                on_line(line)

        return super().check(job, on_line=take, cancel=cancel)

    def compose(self, job: CheckJob, spec: str, cfg: str, heap_mb: int) -> list[str]:
        """The command line of the server."""
        java, jar = self.toolchain.java.path, self.toolchain.jar.path
        return server_argv(
            java=java,
            jar=jar,
            spec=spec,
            cfg=cfg,
            options=job.options,
            default_heap_mb=heap_mb,
            place=self.place,
        )


def _numbers(address: str) -> list[str]:
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(address))]
    try:
        found = socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UsageError(
            f"{address!r} is no host that this machine knows", next_step="give its address"
        ) from error
    return [str(entry[4][0]).partition("%")[0] for entry in found]


def _family(address: str) -> socket.AddressFamily:
    six = ipaddress.ip_address(_numbers(address)[0]).version == 6  # noqa: PLR2004  # IPv6
    return socket.AF_INET6 if six else socket.AF_INET
