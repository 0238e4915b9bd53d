"""Litmus tests written for this project, in the dress of the kernel's own library.

The shapes and the way of naming them (base + what stands in each thread) are common property; what
a reader meets there is here: tabs, block comments, empty init blocks, `~exists`, registers declared
on top, locks of several threads. The verdict is that of the Linux-kernel memory model.
"""

from __future__ import annotations

STYLED = {
    "MP+pooncerelease+poacquireonce": """C MP+pooncerelease+poacquireonce

(*
 * Result: Never
 *
 * A flag published with release and picked up with acquire.
 *)

{}

P0(int *buf, int *flag) // producer
{
	WRITE_ONCE(*buf, 1);
	smp_store_release(flag, 1);
}

P1(int *buf, int *flag) // consumer
{
	int r0;
	int r1;

	r0 = smp_load_acquire(flag);
	r1 = READ_ONCE(*buf);
}

exists (1:r0=1 /\\ 1:r1=0) (* Stale data. *)
""",
    "SB+fencembonceonces": """C SB+fencembonceonces
(* Result: Never *)
{ x=0; y=0; }

P0(int *x, int *y)
{
	int r0;

	WRITE_ONCE(*x, 1);
	smp_mb();
	r0 = READ_ONCE(*y);
}

P1(int *x, int *y)
{
	int r0;

	WRITE_ONCE(*y, 1);
	smp_mb();
	r0 = READ_ONCE(*x);
}

exists (0:r0=0 /\\ 1:r0=0)
""",
    "LB+ctrlonceonce+mbonceonce": """C LB+ctrlonceonce+mbonceonce

(*
 * Result: Never
 *)

{}

P0(int *x, int *y)
{
	int r0;

	r0 = READ_ONCE(*x);
	if (r0)
		WRITE_ONCE(*y, 1);
}

P1(int *x, int *y)
{
	int r0;

	r0 = READ_ONCE(*y);
	smp_mb();
	WRITE_ONCE(*x, 1);
}

exists (0:r0=1 /\\ 1:r0=1)
""",
    "MP+polocks": """C MP+polocks

(* Result: Never *)

{
	int data;
	int ready;
	spinlock_t guard;
}

P0(int *data, int *ready, spinlock_t *guard)
{
	WRITE_ONCE(*data, 1);
	spin_lock(guard);
	WRITE_ONCE(*ready, 1);
	spin_unlock(guard);
}

P1(int *data, int *ready, spinlock_t *guard)
{
	int r0;
	int r1;

	spin_lock(guard);
	r0 = READ_ONCE(*ready);
	spin_unlock(guard);
	r1 = READ_ONCE(*data);
}

exists (1:r0=1 /\\ 1:r1=0)
""",
    "RCU+deferred-free": """C RCU+deferred-free

(*
 * Result: Never
 *
 * What a reader still uses is not taken away.
 *)

{
	int gone=0;
	int live=1;
}

P0(int *live, int *gone)
{
	int r0;
	int r1;

	rcu_read_lock();
	r0 = READ_ONCE(*live);
	r1 = READ_ONCE(*gone);
	rcu_read_unlock();
}

P1(int *live, int *gone)
{
	WRITE_ONCE(*live, 0);
	synchronize_rcu();
	WRITE_ONCE(*gone, 1);
}

~exists (0:r0=1 /\\ 0:r1=1)
""",
    "CoRR+poonceonce+Once": """C CoRR+poonceonce+Once

(* Result: Never *)

{}

P0(int *x)
{
	WRITE_ONCE(*x, 1);
}

P1(int *x)
{
	int r0;
	int r1;

	r0 = READ_ONCE(*x);
	r1 = READ_ONCE(*x);
}

exists (1:r0=1 /\\ 1:r1=0)
""",
    "Z6.0+poreleaseonce+poacqrelease+fencemb": """C Z6.0+poreleaseonce+poacqrelease+fencemb

(* Result: Sometimes *)

{}

P0(int *x, int *y)
{
	WRITE_ONCE(*x, 1);
	smp_store_release(y, 1);
}

P1(int *y, int *z)
{
	int r0;

	r0 = smp_load_acquire(y);
	smp_store_release(z, 1);
}

P2(int *x, int *z)
{
	int r1;

	WRITE_ONCE(*z, 2);
	smp_mb();
	r1 = READ_ONCE(*x);
}

exists (1:r0=1 /\\ z=2 /\\ 2:r1=0)
""",
    "atomic-counter": """C atomic-counter

(* Result: Always *)

{
	0:r9=1;
	int counter = 5;
}

P0(int *counter)
{
	int r9;
	int r0 = READ_ONCE(*counter);
	int r1 = cmpxchg(counter, r0, r0 + r9);
	int done = r1 == r0 && !(r0 < 5);

	if (!done)
		xchg(counter, r1 + 1);
}

locations [counter; 0:done]
forall (counter=6)
""",
}
