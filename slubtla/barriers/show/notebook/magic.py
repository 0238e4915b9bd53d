"""``%%pluscal``: write a specification in a cell, or alter the shipped model, and check it."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

import jinja2
from IPython.core.interactiveshell import InteractiveShell

from slubtla.barriers.data import data_dir, read_input
from slubtla.barriers.model import Model, make_model, model_fields
from slubtla.barriers.protocol import protocol
from slubtla.barriers.show.notebook.cells import cfg_text, in_cell, keep, module_of
from slubtla.barriers.show.notebook.progress import with_bar
from slubtla.barriers.verify import verify
from slubtla.errors import SlubtlaError, SpecError, UnknownNameError, UsageError
from slubtla.tlc.run.check import check_spec
from slubtla.tlc.run.result import Result
from slubtla.tlc.run.settings import Settings
from slubtla.tlc.run.verdict import VerdictKind

_REFUSED: Final = frozenset({"parse", "config"})
_RENDERED: Final = re.compile(rf"\S*/{protocol().module}\.tla")
_TRUTH: Final = {"true": True, "false": False}


class CellError(Exception):
    """What ends a cell that is refused: IPython shows the message, and no traceback."""

    def __init__(self, error: SlubtlaError) -> None:
        super().__init__(error.message)
        self.error = error

    def _render_traceback_(self) -> list[str]:
        step = self.error.next_step
        return [self.error.message, *([f"Next: {step}"] if step else [])]


class _MagicParser(argparse.ArgumentParser):
    """Refuses in slubtla's way, and never exits."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%%pluscal: {message}", next_step="see %%pluscal --help")


class _Help(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        raise UsageError(parser.format_help())


def _parser() -> argparse.ArgumentParser:
    parser = _MagicParser(
        prog="%%pluscal",
        add_help=False,
        description="Check the TLA+ module or the PlusCal algorithm in this cell. With --replace "
        "the cell is the new text of a template of the shipped model, which is then checked.",
    )
    add = parser.add_argument
    add("words", nargs="*", metavar="NAME | KEY=VALUE", help="the module's name; with --replace: "
        "parameters of the model, such as cpus=3")  # fmt: skip
    add("--help", "-h", nargs=0, action=_Help, help="show this")
    add("--cfg", type=Path, help="a configuration; else one is made of the options below")
    add("--spec", default="Spec", help="the name of the behaviour (default: Spec)")
    add("--invariant", action="append", default=[], metavar="NAME", help="holds in each state")
    add("--property", action="append", default=[], metavar="NAME", help="holds of each behaviour")
    add("--constant", action="append", default=[], metavar="'NAME = VALUE'", help="a constant")
    add("--no-deadlock", action="store_true", help="a state without successors is no error")
    add("--timeout", type=float, help="seconds for TLC")
    add("--replace", metavar="TEMPLATE", help="its path below specs/")
    add("--result", metavar="VARIABLE", help="keep the result under this name, too")
    return parser


def load(shell: InteractiveShell) -> None:
    """Make ``%%pluscal`` known to a shell: what ``%load_ext slubtla`` does."""

    def pluscal(line: str, cell: str) -> Result:
        try:
            args = _parser().parse_args(_words(line))
            result = run_cell(args, cell)
        except SlubtlaError as error:
            raise CellError(error) from None
        if args.result:
            shell.user_ns[args.result] = result
        return result

    pluscal.__doc__ = _parser().format_help()
    shell.magics_manager.register_function(pluscal, magic_kind="cell")


def run_cell(args: argparse.Namespace, cell: str) -> Result:
    """Check a cell.

    Raises:
        SlubtlaError: as :func:`slubtla.check_spec` and :func:`slubtla.verify`; what the translator,
            SANY or TLC refuse names the cell's lines.
    """
    settings = Settings(timeout=args.timeout)
    if args.replace:
        return _verify_altered(args, cell, settings)
    return _check_own(args, cell, settings)


def _check_own(args: argparse.Namespace, cell: str, settings: Settings) -> Result:
    if len(args.words) > 1:
        raise UsageError(
            f"%%pluscal: one name, not {len(args.words)}", next_step="see %%pluscal --help"
        )
    module = module_of(cell, *args.words)
    made = cfg_text(args.spec, args.invariant, args.property, args.constant)
    cfg = read_input(args.cfg, "name a readable file of UTF-8 text") if args.cfg else made
    place = keep([(f"{module.name}.tla", module.text), (f"{module.name}.cfg", cfg)])
    file = place / f"{module.name}.tla"
    try:
        result: Result = with_bar(check_spec)(
            file, settings=settings, check_deadlock=not args.no_deadlock
        )
    except SpecError as error:
        raise SpecError(in_cell(error.message, module), next_step=error.next_step) from None
    verdict = result.verdict
    if verdict.kind is VerdictKind.ERROR and verdict.detail in _REFUSED:
        translated = result.spec_path.read_text(encoding="utf-8", errors="replace")
        errors = [in_cell(each, module, translated) for each in result.errors]
        words = "\n".join(errors) or verdict.because
        raise SpecError(words, next_step="mend the cell; the words are SANY's or TLC's")
    return result


def _verify_altered(args: argparse.Namespace, cell: str, settings: Settings) -> Result:
    """Check the shipped model with one template replaced; the result says which."""
    if args.cfg or args.invariant or args.property or args.constant or args.no_deadlock:
        raise UsageError(
            "%%pluscal --replace checks what the model checks",
            next_step="name properties of the model: properties=NAME,NAME",
        )
    model = make_model(**_parameters(args.words))
    shipped = data_dir("specs")
    texts = {
        file.relative_to(shipped).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(shipped.rglob("*.j2"))
    }
    if args.replace not in texts:
        raise UnknownNameError("template", args.replace, texts)
    altered = texts[args.replace] != cell
    place = keep((texts | {args.replace: cell}).items())
    result = _verify(model, replace(settings, specs=place), args.replace)
    warning = f"{args.replace} is not the shipped one, but a cell's: this is another model"
    command = shlex.join(["%%pluscal", "--replace", args.replace, *args.words])
    own = {"warnings": (*result.warnings, warning), "command": command}
    return result.model_copy(update=own) if altered else result


def _verify(model: Model, settings: Settings, template: str) -> Result:
    try:
        result: Result = with_bar(verify)(model, settings=settings)
    except SpecError as error:
        words = _RENDERED.sub("the rendered model", error.message)
        raise SpecError(words, next_step=f"mend {template}, which is the cell") from None
    except jinja2.TemplateError as error:
        line = getattr(error, "lineno", None)
        own = getattr(error, "name", None) in {None, template}
        where = f"line {line + 1} of the cell: " if line and own else ""
        raise SpecError(
            f"{where}{error}", next_step="mend the template: `<% %>` are statements, `${ }` values"
        ) from None
    return result


def _parameters(words: Sequence[str]) -> dict[str, Any]:
    """Fields of the model from ``key=value``; several values are separated by commas."""
    found: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(
                f"%%pluscal --replace: {word!r} is no KEY=VALUE", next_step="e.g. cpus=3"
            )
        default = model_fields()[key].default if key in model_fields() else None
        if isinstance(default, tuple):
            found[key] = tuple(filter(None, value.split(",")))
        elif isinstance(default, bool):
            found[key] = _TRUTH.get(value.lower(), value)
        else:
            found[key] = int(value) if value.isdecimal() else value
    return found


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"%%pluscal: {error}", next_step="see %%pluscal --help") from error
