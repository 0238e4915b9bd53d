"""Read a litmus test: text → comments and header → tree → ``Litmus``."""

from __future__ import annotations

import re
from pathlib import Path

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from slubtla.barriers.litmus import syntax as c
from slubtla.barriers.litmus.body import BodyReader
from slubtla.barriers.litmus.errors import LitmusError, error_at
from slubtla.barriers.litmus.grammar import Node, TreeReader, parser, parts, reason_to_refuse
from slubtla.barriers.litmus.scan import Scanned, read_expectation, scan

_WORD = re.compile(r"[A-Za-z_]\w*")


def read_litmus(path: Path) -> c.Litmus:
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


def parse_litmus(text: str, *, file: str = "litmus test") -> c.Litmus:
    """Read the text of a litmus test; ``file`` is its name, for errors.

    Raises:
        LitmusError: it is not read; with line, column and reason.
    """
    scanned = scan(text, file)
    try:
        return _LitmusReader(file).litmus(parser().parse(scanned.body), scanned)
    except UnexpectedInput as error:
        raise _explained(error, scanned.body, file) from error


def _explained(error: UnexpectedInput, body: str, file: str) -> LitmusError:
    """Name what stands at the place of an error, or a word before it that is not read."""
    offset = -1 if error.pos_in_stream is None else error.pos_in_stream
    if offset < 0:
        offset = len(body.rstrip())
    for word in _WORD.finditer(body, 0, offset + 1):  # what is refused comes before what it breaks
        reason = reason_to_refuse(_WORD.match(body, word.start())[0])  # type: ignore[index]
        if reason:
            return error_at(word.start(), f"{word[0]}: {reason}", text=body, file=file)
    if isinstance(error, UnexpectedCharacters):
        reason = f"unexpected {body[offset]!r}"
    elif isinstance(error, UnexpectedToken) and error.token.type != "$END":
        reason = f"unexpected {str(error.token)!r}"
    else:
        reason = "the test ends here: `exists`, `~exists` or `forall` is missing"
    return error_at(offset, reason, text=body, file=file)


class _LitmusReader(TreeReader):
    """Reads the tree of one test."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._initial: dict[str, int] = {}
        self._locks: dict[str, None] = {}
        self._registers: dict[int, dict[str, int]] = {}

    def litmus(self, tree: Node, scanned: Scanned) -> c.Litmus:
        found: dict[str, list[Node]] = {}
        for child in parts(tree):
            found.setdefault(child.data, []).append(child)
        (init,) = found["init"]
        self._read_init(init)
        threads = tuple(self._thread(number, tree) for number, tree in enumerate(found["thread"]))
        for number in self._registers.keys() - set(range(len(threads))):
            self._refuse(init, f"the init block names P{number}, which is not there")
        filters = [self._proposition(parts(tree)[0]) for tree in found.get("filter", [])]
        if len(filters) > 1:
            self._refuse(found["filter"][1], "a second filter: join the two with /\\")
        quantifier, proposition = parts(found["condition"][0])
        lkmm, expected, because = read_expectation(scanned.comments, self._file)
        litmus = c.Litmus(
            name=scanned.name,
            file=self._file,
            initial=tuple(self._initial.items()),
            locks=tuple(self._locks),
            threads=threads,
            condition=c.Condition(
                c.Quantifier("".join(quantifier.split())), self._proposition(proposition)
            ),
            only=filters[0] if filters else None,
            shown=tuple(_variable(v) for t in found.get("locations", []) for v in parts(t)),
            lkmm=lkmm,
            expected=expected,
            because=because,
        )
        for part in ("filter", "locations", "condition"):
            for child in found.get(part, []):
                self._check_variables(litmus, child)
        return litmus

    def _read_init(self, tree: Node) -> None:
        for item in filter(None, parts(tree)):
            match item.data, parts(item):
                case "lock", [name]:
                    self._declare(name, lock=True)
                case "variable", [*_, name, value]:
                    if name in self._initial:
                        self._refuse(name, f"{name} has two initial values")
                    self._declare(
                        name, lock=False, value=0 if value is None else self._number(value)
                    )
                case "register", [thread, register, value]:
                    registers = self._registers.setdefault(int(thread), {})
                    registers[str(register)] = self._number(value)

    def _declare(self, name: Token, *, lock: bool, value: int = 0) -> None:
        if (lock and name in self._initial) or (not lock and name in self._locks):
            self._refuse(name, f"{name} is both an int and a spinlock_t")
        if lock:
            self._locks[str(name)] = None
        else:
            self._initial.setdefault(str(name), value)

    def _thread(self, number: int, tree: Node) -> c.Thread:
        name, *given, block = parts(tree)
        if name != f"P{number}":
            self._refuse(name, f"thread P{number} is wanted here, not {name}")
        parameters: dict[str, str] = {}
        for child in filter(None, given):
            (parameter,) = parts(child)
            if parameter in parameters:
                self._refuse(parameter, f"{parameter} is a parameter twice")
            lock = child.data == "lock_parameter"
            self._declare(parameter, lock=lock)
            parameters[str(parameter)] = "spinlock_t" if lock else "int"
        body = BodyReader(self._file, parameters, name)
        statements = body.block(block)
        initial = self._registers.get(number, {})
        for register in initial.keys() - body.registers.keys():
            self._refuse(name, f"the init block sets {register}, which {name} has not")
        return c.Thread(number, statements, tuple(body.registers), tuple(initial.items()))

    def _check_variables(self, litmus: c.Litmus, tree: Node) -> None:
        """Check that the variables of the conditions exist: else 0 would look like a result."""
        for variable in tree.find_pred(lambda t: t.data in {"register_place", "location_place"}):
            *thread, name = parts(variable)
            if not thread:
                if name in litmus.locks:
                    self._refuse(name, f"{name} is a lock: its value says nothing")
                if name not in dict(litmus.initial):
                    self._refuse(name, f"no thread has a location {name}")
                continue
            number = int(thread[0])
            if number >= len(litmus.threads):
                self._refuse(name, f"there is no P{number}")
            if name not in litmus.threads[number].registers:
                self._refuse(name, f"P{number} has no register {name}")

    def _number(self, tree: Node) -> int:
        return self._integer(parts(tree)[0])

    def _proposition(self, tree: Node) -> c.Proposition:
        r"""Read a proposition; ``p /\ q /\ r`` is one junction of three."""
        match tree.data, parts(tree):
            case "equal", [variable, number]:
                return c.Equal(_variable(variable), self._number(number))
            case "negation", [operand]:
                return c.Not(self._proposition(operand))
        left, operator, right = parts(tree)
        one, other = self._proposition(left), self._proposition(right)
        same = isinstance(one, c.Junction) and one.operator == operator
        operands = one.operands if isinstance(one, c.Junction) and same else (one,)
        return c.Junction(str(operator), (*operands, other))


def _variable(tree: Node) -> c.Variable:
    *thread, name = parts(tree)
    return c.Variable(int(thread[0]) if thread else -1, str(name))
