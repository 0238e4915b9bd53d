"""The reader: each construct, and each refusal with its line, column and reason."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litmus.kernel_style import STYLED
from slubtla.barriers.litmus import (
    LitmusError,
    Observation,
    parse_litmus,
    read_litmus,
    shipped_files,
)
from slubtla.barriers.litmus.scan import scan
from slubtla.barriers.litmus.syntax import (
    Assign,
    CmpxchgStatement,
    Condition,
    Equal,
    Fence,
    Form,
    If,
    Junction,
    LoadStatement,
    Locking,
    Not,
    Number,
    Operation,
    Proposition,
    Quantifier,
    Rcu,
    Register,
    Statement,
    StoreStatement,
    Variable,
    Xchg,
    holds,
)
from slubtla.errors import ExitCode

HEAD = "C test\n{ int x; int y = 2; spinlock_t l; }\n"


def body(*lines: str) -> tuple[Statement, ...]:
    """Read the statements of a thread; its first line is line 5 of the file."""
    text = HEAD + "P0(int *x, int *y, spinlock_t *l)\n{\n" + "\n".join(lines) + "\n}\nexists (x=1)"
    return parse_litmus(text).threads[0].body


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("WRITE_ONCE(*x, 1);", StoreStatement("x", Number(1), release=False, line=5)),
        ("smp_store_release(x, 1);", StoreStatement("x", Number(1), release=True, line=5)),
        ("READ_ONCE(*x);", Assign(None, LoadStatement("x", acquire=False, line=5), 5)),
        ("smp_load_acquire(x);", Assign(None, LoadStatement("x", acquire=True, line=5), 5)),
        ("smp_mb();", Fence("smp_mb", 5)),
        ("smp_rmb();", Fence("smp_rmb", 5)),
        ("smp_wmb();", Fence("smp_wmb", 5)),
        ("spin_lock(l);", Locking("spin_lock", "l", 5)),
        ("spin_unlock(l);", Locking("spin_unlock", "l", 5)),
        ("rcu_read_lock();", Rcu("rcu_read_lock", 5)),
        ("rcu_read_unlock();", Rcu("rcu_read_unlock", 5)),
        ("synchronize_rcu();", Rcu("synchronize_rcu", 5)),
        ("synchronize_rcu_expedited();", Rcu("synchronize_rcu", 5)),
        ("xchg(x, 1);", Assign(None, Xchg("x", Number(1), Form.FULL, 5), 5)),
        ("xchg_relaxed(x, 1);", Assign(None, Xchg("x", Number(1), Form.RELAXED, 5), 5)),
        ("xchg_acquire(x, 1);", Assign(None, Xchg("x", Number(1), Form.ACQUIRE, 5), 5)),
        ("xchg_release(x, 1);", Assign(None, Xchg("x", Number(1), Form.RELEASE, 5), 5)),
        (
            "cmpxchg_acquire(x, 0, 1);",
            Assign(None, CmpxchgStatement("x", Number(0), Number(1), Form.ACQUIRE, 5), 5),
        ),
    ],
)
def test_statements(line: str, read: Statement) -> None:
    assert body(line) == (read,)


def test_registers_arithmetic_and_ifs() -> None:
    assert body(
        "int r0 = READ_ONCE(*x), r1;",
        "r1 = (r0 + 2) * -3;",
        "if (r0 == 1 && !(r1 >= 2)) {",
        "	WRITE_ONCE(*y, r1 - 1);;",
        "} else if (r1)",
        "	smp_mb();",
        "else",
        "	;",
    ) == (
        Assign("r0", LoadStatement("x", acquire=False, line=5), 5),
        Assign(
            "r1",
            Operation(
                "*", (Operation("+", (Register("r0"), Number(2))), Operation("-", (Number(3),)))
            ),
            6,
        ),
        If(
            Operation(
                "&&",
                (
                    Operation("==", (Register("r0"), Number(1))),
                    Operation("!", (Operation(">=", (Register("r1"), Number(2))),)),
                ),
            ),
            (
                StoreStatement(
                    "y", Operation("-", (Register("r1"), Number(1))), release=False, line=8
                ),
            ),
            (If(Register("r1"), (Fence("smp_mb", 10),), (), 9),),
            7,
        ),
    )


def test_smp_store_mb_is_a_store_and_a_fence() -> None:
    both = (StoreStatement("x", Number(1), release=False, line=5), Fence("smp_mb", 5))
    assert body("smp_store_mb(*x, 1);") == both
    assert body("smp_store_mb(x, 1);") == both


def test_the_whole_of_a_test() -> None:
    text = """(* before *) C SB+x-1.2 (* (* nested *) *)
"a documentation string"
(* Result: Sometimes *)
(* slubtla: sc=Never relaxed=Sometimes *)
(* stronger because it is
   made so. *)
{ int x = -1; y=3; [z]=1 }
""".replace("[z]=1 ", "0:r0=4;")
    text += """P0(volatile int *x, int *z) { int r0; /* a * b */ WRITE_ONCE(*x, 1); }
P1(spinlock_t *l) { } // nothing
locations [x; 0:r0;]
filter (0:r0=4)
~exists (x=1 \\/ y=3 /\\ ~(0:r0=-1 /\\ [z]=0))
"""
    test = parse_litmus(text)
    assert test.name == "SB+x-1.2"
    assert test.initial == (("x", -1), ("y", 3), ("z", 0))
    assert test.locks == ("l",)
    assert [thread.number for thread in test.threads] == [0, 1]
    assert test.threads[0].initial == (("r0", 4),)
    assert test.threads[1].body == ()
    assert test.lkmm is Observation.SOMETIMES
    assert test.expected == (("sc", Observation.NEVER), ("relaxed", Observation.SOMETIMES))
    assert test.because == "it is made so"
    assert test.only == Equal(Variable(0, "r0"), 4)
    assert str(test.condition) == "~exists (x=1 \\/ (y=3 /\\ ~(0:r0=-1 /\\ z=0)))"
    assert [str(place) for place in test.variables] == ["0:r0", "x", "y", "z"]
    assert pickle.loads(pickle.dumps(test)) == test  # noqa: S301  # our own bytes


REFUSED = {
    "while (r0 == 0) { }": (6, 1, "loop"),
    "for (;;) { }": (6, 1, "loop"),
    "r0 = rcu_dereference(*x);": (6, 6, "address dependencies"),
    "rcu_assign_pointer(*x, y);": (6, 1, "address dependencies"),
    "r0 = READ_ONCE(*r0);": (6, 17, "pointers in registers"),
    "r0 = spin_is_locked(l);": (6, 6, "only spin_lock and spin_unlock"),
    "atomic_inc(x);": (6, 1, "atomic_t is not read"),
    "smp_mb__after_spinlock();": (6, 1, "only the fences"),
    "barrier();": (6, 1, "binds the compiler"),
    "unknown(x);": (6, 1, "unknown() is not read"),
    "r0 = *x;": (6, 7, "without a mark"),
    "*x = 1;": (6, 2, "without a mark"),
    "x = 1;": (6, 1, "without a mark"),
    "r0 = x;": (6, 6, "without a mark"),
    "r1 = 1;": (6, 1, "r1 is not declared in P0"),
    "WRITE_ONCE(*z, 1);": (6, 13, "z is no parameter of P0"),
    "WRITE_ONCE(x, 1);": (6, 12, "WRITE_ONCE() wants *x"),
    "smp_store_release(*x, 1);": (6, 19, "without *"),
    "WRITE_ONCE(*l, 1);": (6, 13, "l is of type spinlock_t, not int"),
    "spin_lock(x);": (6, 11, "x is of type int, not spinlock_t"),
    "WRITE_ONCE(*x);": (6, 1, "takes 2 arguments, not 1"),
    "r0 = smp_mb();": (6, 6, "gives no value"),
    "int r0;": (6, 5, "r0 is declared twice"),
    "int x;": (6, 5, "x is declared twice"),
    "long r1;": (6, 1, "the only types"),
    "if (r0 && READ_ONCE(*x)) ;": (6, 8, "write an if instead"),
    "r0 = 1 ^ 2;": (6, 8, "unexpected '^'"),
    "r0 = 1": (7, 1, "unexpected '}'"),
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_a_thread_may_not_say(line: str) -> None:
    number, column, reason = REFUSED[line]
    with pytest.raises(LitmusError) as caught:
        body("int r0;", line)
    error = caught.value
    assert (error.line, error.column) == (number, column), error
    assert reason in error.reason
    assert error.message.startswith(f"litmus test:{number}:{column}: ")
    assert error.next_step
    assert error.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "begins with `C name`"),
        ("\nX86 SB\n{}", 2, "begins with `C name`"),
        ("C a b\n{}", 1, "'b' behind the name"),
        ("C a (* ever\n{}", 1, "does not end"),
        ("C a\n{}\nP0() { /* ever }", 3, "does not end"),
        ("C a\n{}\nP0() { }\n", 3, "`exists`"),
        ("C a\n{}\nP1() { }\nexists (x=1)", 3, "thread P0 is wanted here"),
        ("C a\n{}\nP0(atomic_t *x) { }\nexists (x=1)", 3, "atomic_t"),
        ("C a\n{}\nP0(int *x, int *x) { }\nexists (x=1)", 3, "twice"),
        ("C a\n{ int x; }\nP0(spinlock_t *x) { }\nexists (x=1)", 3, "both an int and a spinlock_t"),
        ("C a\n{ x=1; x=2; }\nP0() { }\nexists (x=1)", 2, "two initial values"),
        ("C a\n{ int *p = &x; }\nP0() { }\nexists (x=1)", 2, "unexpected '*'"),
        ("C a\n{ 1:r0=1; }\nP0() { }\nexists (x=1)", 2, "names P1"),
        ("C a\n{ 0:r0=1; }\nP0() { }\nexists (x=1)", 3, "sets r0"),
        ("C a\n{}\nP0() { }\nexists (x=1)", 4, "no thread has a location x"),
        ("C a\n{}\nP0(int *x) { }\nexists (0:r0=1)", 4, "P0 has no register r0"),
        ("C a\n{}\nP0(int *x) { }\nexists (1:r0=1)", 4, "there is no P1"),
        ("C a\n{}\nP0(spinlock_t *l) { }\nexists (l=1)", 4, "l is a lock"),
        ("C a\n{}\nP0(int *x) { }\nfilter (x=1)\nfilter (x=2)\nexists (x=1)", 5, "second filter"),
        ("C a\n{}\nP0(int *x) { }\nfilter (y=1)\nexists (x=1)", 4, "no thread has a location y"),
        ("C a\n{}\nP0(int *x) { }\nlocations [y]\nexists (x=1)", 4, "no thread has a location y"),
    ],
)
def test_what_a_file_may_not_say(text: str, line: int, reason: str) -> None:
    with pytest.raises(LitmusError) as caught:
        parse_litmus(text)
    assert reason in caught.value.reason
    assert caught.value.line == line
    assert caught.value.column > 0


@pytest.mark.parametrize("pair", ["sc=Perhaps", "mips=Never", "sc=Never sc=Never"])
def test_an_expectation_is_of_a_known_model_and_verdict(pair: str) -> None:
    with pytest.raises(LitmusError, match="slubtla: comment"):
        parse_litmus(f"C a\n(* slubtla: {pair} *)\n{{}}\nP0(int *x) {{ }}\nexists (x=0)")


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(LitmusError, match="No such file"):
        read_litmus(tmp_path / "none.litmus")
    (tmp_path / "bytes.litmus").write_bytes(b"C \xff")
    with pytest.raises(LitmusError, match="no UTF-8"):
        read_litmus(tmp_path / "bytes.litmus")


@pytest.mark.parametrize("name", STYLED)
def test_the_dress_of_the_kernels_library(name: str) -> None:
    test = parse_litmus(STYLED[name])
    assert test.name == name
    assert test.lkmm is not None


def test_every_shipped_file_is_named_for_its_test() -> None:
    for file in shipped_files():
        assert read_litmus(file).name == file.stem


# --- Properties.

SAFE = st.text(st.characters(codec="utf-8", exclude_characters="(*)/{}\n"), max_size=8)
LINES = st.lists(SAFE, max_size=4).map("\n".join)


@given(LINES, LINES)
def test_comments_leave_every_position_as_it_was(inside: str, before: str) -> None:
    text = f"C a\n(*{inside}*)\n{{ }} /*{before}*/ P0(int *x) {{ f(*x); }}"
    body = scan(text, "a").body
    assert len(body) == len(text)
    assert body.count("\n") == text.count("\n")
    assert body.index("f(*x)") == text.index("f(*x)")


PLACES = st.sampled_from([Variable(0, "r0"), Variable(1, "r1"), Variable(-1, "x")])
PROPOSITIONS: st.SearchStrategy[Proposition] = st.recursive(
    st.builds(Equal, PLACES, st.integers(-2, 2)),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(
            Junction,
            st.sampled_from(["/\\", "\\/"]),
            st.lists(inner, min_size=2, max_size=3).map(tuple),
        ),
    ),
    max_leaves=6,
)


@given(PROPOSITIONS, st.sampled_from(Quantifier), st.tuples(*[st.integers(-2, 2)] * 3))
def test_a_condition_that_is_written_is_read_with_the_same_meaning(
    proposition: Proposition, quantifier: Quantifier, values: tuple[int, int, int]
) -> None:
    written = str(Condition(quantifier, proposition))
    test = parse_litmus(
        f"C a\n{{}}\nP0(int *x) {{ int r0; }}\nP1(int *x) {{ int r1; }}\n{written}\n"
    )
    state = dict(
        zip([Variable(0, "r0"), Variable(1, "r1"), Variable(-1, "x")], values, strict=True)
    )
    assert test.condition.quantifier is quantifier
    assert holds(test.condition.proposition, state) == holds(proposition, state)
