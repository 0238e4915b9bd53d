"""Read a litmus test: text → comments and header → tree → :class:`Litmus`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from slubtla.barriers.litmus.body import BodyReader
from slubtla.barriers.litmus.errors import LitmusError
from slubtla.barriers.litmus.grammar import (
    Child,
    Node,
    NumberTooBigError,
    integer,
    node,
    nodes,
    parser,
    reason_to_refuse,
    refusal,
    token,
)
from slubtla.barriers.litmus.scan import Scanned, position, read_expectation, scan
from slubtla.barriers.litmus.syntax import (
    Condition,
    Equal,
    Junction,
    Litmus,
    Not,
    Proposition,
    Quantifier,
    Thread,
    Variable,
)

_WORD = re.compile(r"[A-Za-z_]\w*")


def read_litmus(path: Path) -> Litmus:
    """Read a litmus file.

    Raises:
        LitmusError: it is missing, or not read; with line, column and reason.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise LitmusError(
            f"cannot be read: {reason}", file=str(path), next_step="name a litmus test"
        ) from error
    return parse_litmus(text, file=str(path))


def parse_litmus(text: str, *, file: str = "litmus test") -> Litmus:
    """Read the text of a litmus test; ``file`` is its name, for errors.

    Raises:
        LitmusError: it is not read; with line, column and reason.
    """
    scanned = scan(text, file)
    try:
        return _Reader(parser().parse(scanned.body), file).litmus(scanned)
    except UnexpectedInput as error:
        raise _explained(error, scanned.body, file) from error
    except NumberTooBigError as error:
        where = error.token
        raise LitmusError(
            f"{where} does not fit into an int of 32 bits",
            file=file,
            line=where.line or 0,
            column=where.column or 0,
            next_step="write a smaller number: a litmus test only compares them",
        ) from None


def _explained(error: UnexpectedInput, body: str, file: str) -> LitmusError:
    """Name what stands at the place of an error, or a word before it that is not read."""
    offset = -1 if error.pos_in_stream is None else error.pos_in_stream
    if offset < 0:
        offset = len(body.rstrip())
    for word in _WORD.finditer(body, 0, offset + 1):  # what is refused comes before what it breaks
        reason = reason_to_refuse(_WORD.match(body, word.start())[0])  # type: ignore[index]
        if reason:
            line, column = position(body, word.start())
            return LitmusError(f"{word[0]}: {reason}", file=file, line=line, column=column)
    line, column = position(body, offset)
    if isinstance(error, UnexpectedCharacters):
        reason = f"unexpected {body[offset]!r}"
    elif isinstance(error, UnexpectedToken) and error.token.type != "$END":
        reason = f"unexpected {str(error.token)!r}"
    else:
        reason = "the test ends here: `exists`, `~exists` or `forall` is missing"
    return LitmusError(reason, file=file, line=line, column=column)


class _Reader:
    """One tree."""

    def __init__(self, tree: Node, file: str) -> None:
        self._file = file
        self._tree = tree
        self._initial: dict[str, int] = {}
        self._locks: dict[str, None] = {}
        self._registers: dict[int, dict[str, int]] = {}

    def litmus(self, scanned: Scanned) -> Litmus:
        parts: dict[str, list[Node]] = {}
        for child in nodes(self._tree):
            parts.setdefault(str(child.data), []).append(child)
        self._read_init(parts["init"][0])
        threads = tuple(self._thread(number, tree) for number, tree in enumerate(parts["thread"]))
        for number in self._registers.keys() - set(range(len(threads))):
            self._refuse(parts["init"][0], f"the init block names P{number}, which is not there")
        filters = [read_proposition(tree.children[0]) for tree in parts.get("filter", [])]
        if len(filters) > 1:
            self._refuse(parts["filter"][1], "a second filter: join the two with /\\")
        shown = tuple(variable for t in parts.get("locations", []) for variable in read_shown(t))
        expectation = read_expectation(scanned.comments, self._file)
        litmus = Litmus(
            name=scanned.name,
            file=self._file,
            initial=tuple(self._initial.items()),
            locks=tuple(self._locks),
            threads=threads,
            condition=read_condition(parts["condition"][0]),
            only=filters[0] if filters else None,
            shown=shown,
            lkmm=expectation.lkmm,
            expected=expectation.models,
            because=expectation.because,
        )
        for part in ("filter", "locations", "condition"):
            for tree in parts.get(part, []):
                self._check_variables(litmus, tree)
        return litmus

    def _read_init(self, tree: Node) -> None:
        for item in nodes(tree):
            match item.data:
                case "lock":
                    self._declare(_name(item, 0), lock=True)
                case "variable":
                    value = item.children[-1]
                    name = _name(item, -2)
                    if name in self._initial:
                        self._refuse(name, f"{name} has two initial values")
                    self._declare(name, lock=False, value=0 if value is None else _number(value))
                case "register":
                    thread, register, value = item.children
                    registers = self._registers.setdefault(int(token(thread)), {})
                    registers[str(register)] = _number(value)

    def _declare(self, name: Token, *, lock: bool, value: int = 0) -> None:
        if (lock and name in self._initial) or (not lock and name in self._locks):
            self._refuse(name, f"{name} is both an int and a spinlock_t")
        if lock:
            self._locks[str(name)] = None
        else:
            self._initial.setdefault(str(name), value)

    def _thread(self, number: int, tree: Node) -> Thread:
        name = _name(tree, 0)
        if name != f"P{number}":
            self._refuse(name, f"thread P{number} is wanted here, not {name}")
        parameters: dict[str, str] = {}
        for child in nodes(tree)[1:-1]:
            parameter = _name(child, 0)
            if parameter in parameters:
                self._refuse(parameter, f"{parameter} is a parameter twice")
            lock = child.data == "lock_parameter"
            self._declare(parameter, lock=lock)
            parameters[str(parameter)] = "spinlock_t" if lock else "int"
        body = BodyReader(self._file, parameters, name)
        statements = body.block(node(tree.children[-1]))
        initial = self._registers.get(number, {})
        for register in initial.keys() - body.registers.keys():
            self._refuse(name, f"the init block sets {register}, which {name} has not")
        return Thread(number, statements, tuple(body.registers), tuple(initial.items()))

    def _check_variables(self, litmus: Litmus, tree: Node) -> None:
        """Check that the variables of the conditions exist: else 0 would look like a result."""
        locations = {name for name, _ in litmus.initial}
        for variable in tree.find_pred(lambda t: t.data in {"register_place", "location_place"}):
            name = _name(variable, -1)
            if variable.data == "location_place":
                if name in litmus.locks:
                    self._refuse(name, f"{name} is a lock: its value says nothing")
                if name not in locations:
                    self._refuse(name, f"no thread has a location {name}")
                continue
            number = int(_name(variable, 0))
            if number >= len(litmus.threads):
                self._refuse(name, f"there is no P{number}")
            if name not in litmus.threads[number].registers:
                self._refuse(name, f"P{number} has no register {name}")

    def _refuse(self, where: Token | Node, reason: str) -> NoReturn:
        raise refusal(reason, self._file, where)


def _name(tree: Node, index: int) -> Token:
    return token(tree.children[index])


def _number(child: Child) -> int:
    return integer(_name(node(child), 0))


def read_condition(tree: Node) -> Condition:
    """Read ``exists (p)``, ``~exists (p)`` or ``forall (p)``."""
    quantifier, proposition = tree.children
    words = str(quantifier).replace(" ", "")
    return Condition(Quantifier("".join(words.split())), read_proposition(proposition))


def read_proposition(child: Child) -> Proposition:
    r"""Read a proposition; ``p /\ q /\ r`` is one junction of three."""
    tree = node(child)
    match tree.data:
        case "equal":
            variable, number = tree.children
            return Equal(_variable(variable), integer(token(node(number).children[0])))
        case "negation":
            return Not(read_proposition(tree.children[0]))
        case _:
            left, operator, right = tree.children
            one, other = read_proposition(left), read_proposition(right)
            same = isinstance(one, Junction) and one.operator == operator
            operands = one.operands if isinstance(one, Junction) and same else (one,)
            return Junction(str(operator), (*operands, other))


def read_shown(tree: Node) -> Iterator[Variable]:
    """Read ``locations [x; 0:r0]``."""
    return map(_variable, tree.children)


def _variable(child: Child) -> Variable:
    tree = node(child)
    name = str(tree.children[-1])
    return Variable(int(token(tree.children[0])) if tree.data == "register_place" else -1, name)
