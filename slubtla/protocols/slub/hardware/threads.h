/* What the two threads need: a clock, a CPU of their own, chance, and a place to meet. */
#ifndef SLUBTLA_THREADS_H
#define SLUBTLA_THREADS_H

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void die(const char *what, int error)
{
    fprintf(stderr, "race: %s: %s\n", what, strerror(error));
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set)) /* 0: the calling thread */
        die("cannot pin a thread to its CPU", errno);
}

static inline uint32_t next_random(uint32_t *state) /* xorshift32: G. Marsaglia, 2003 */
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static inline void spin(uint32_t times)
{
    while (times--)
        __asm__ volatile("" : : : "memory");
}

static struct {
    _Alignas(256) atomic_ulong put;
    _Alignas(256) atomic_ulong shrink;
} met;

/* Each thread raises its own number and waits for the other's. */
static inline void meet(atomic_ulong *mine, atomic_ulong *other)
{
    unsigned long turn = atomic_load_explicit(mine, memory_order_relaxed) + 1;
    atomic_store_explicit(mine, turn, memory_order_release);
    while (atomic_load_explicit(other, memory_order_acquire) < turn)
        relax();
}

static void put_meets(void) { meet(&met.put, &met.shrink); }
static void shrink_meets(void) { meet(&met.shrink, &met.put); }

#endif
