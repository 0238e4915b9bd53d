"""``slubtla doctor``: what was found on this machine, and what is missing."""

from __future__ import annotations

from pathlib import Path

from slubtla.barriers.show.listing import doctor_view
from slubtla.cli import options as opt
from slubtla.cli.app import command, show
from slubtla.errors import ExitCode


@command("doctor")
@opt.tool_options
def doctor_command(tools: dict[str, Path | None], as_json: opt.JsonOption = False) -> ExitCode:
    """Report what was found, what it can do, and what to do when something is missing."""
    from slubtla.tlc.run.doctor import Status, doctor  # noqa: PLC0415 - it starts Java

    checks = doctor(jar=tools["tla2tools"], java=tools["java"]).checks
    fields = ("name", "found", "detail", "next_step")
    rows = [
        {"status": check.status.value} | {name: getattr(check, name) for name in fields}
        for check in checks
    ]
    show({"checks": rows}, lambda: doctor_view(checks), as_json=as_json)
    failed = any(check.status is Status.FAIL for check in checks)
    return ExitCode.CANNOT_RUN if failed else ExitCode.AS_EXPECTED
