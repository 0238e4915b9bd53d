/*
 * The two sides of the race, each side's store, barrier and load in one piece that no compiler can
 * reorder. Written for slubtla from the architectures' manuals and membarrier(2).
 *
 *   put:     partial := 1, by a variant;  then read cpu_partial    (1: the old limit)
 *   shrink:  cpu_partial := 0;            a barrier;  then read partial   (0: still empty)
 *
 * The names are those of variants.py, which says what each may show, and why. With -DSLUBTLA_C11
 * any machine runs what machines without variants of their own run.
 */
#ifndef SLUBTLA_VARIANTS_H
#define SLUBTLA_VARIANTS_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef _Atomic unsigned word;

/* Returns what it read in cpu_partial. */
typedef unsigned put_side(word *partial, word *cpu_partial);

/* Both lines of one race, far enough apart for any machine's prefetcher. */
struct slot {
    _Alignas(256) word cpu_partial;
    _Alignas(256) word partial;
};

/* One race for each slot; one barrier for all of them. Fills saw[] with what it read in partial. */
typedef void shrink_side(struct slot *slots, size_t count, unsigned char *saw);

struct put_variant {
    const char *name;
    put_side *run;
    const char *missing; /* why it cannot run here; NULL if it can */
};

struct shrink_variant {
    const char *name;
    shrink_side *run;
    void (*alone)(word *cpu_partial); /* the store and the barrier, to be timed */
    unsigned group;                   /* races for each barrier: the slow ones must serve many */
    const char *missing;
};

/* ---- put ------------------------------------------------------------------------------------ */

#if defined(__x86_64__) && !defined(SLUBTLA_C11)

#define ARCH "x86-64"

static inline void flush_line(void *line)
{
    __asm__ volatile("clflush (%0)" : : "r"(line) : "memory");
}

static inline void relax(void) { __asm__ volatile("pause"); }

static unsigned put_store(word *partial, word *cpu_partial)
{
    unsigned limit;
    __asm__ volatile("movl $1, (%[partial])\n\t"
                     "movl (%[cpu_partial]), %[limit]"
                     : [limit] "=&r"(limit)
                     : [partial] "r"(partial), [cpu_partial] "r"(cpu_partial)
                     : "memory");
    return limit;
}

#define PUT_CMPXCHG(name, prefix, fence)                                                           \
    static unsigned name(word *partial, word *cpu_partial)                                         \
    {                                                                                              \
        unsigned limit;                                                                            \
        __asm__ volatile("xorl %%eax, %%eax\n\t" /* expects an empty list */                      \
                         prefix "cmpxchgl %[slab], (%[partial])\n\t"                               \
                         fence "movl (%[cpu_partial]), %[limit]"                                   \
                         : [limit] "=&r"(limit)                                                    \
                         : [partial] "r"(partial), [cpu_partial] "r"(cpu_partial), [slab] "r"(1u)  \
                         : "eax", "cc", "memory");                                                 \
        return limit;                                                                              \
    }

PUT_CMPXCHG(put_cmpxchg, "", "")
PUT_CMPXCHG(put_lock_cmpxchg, "lock ", "")
PUT_CMPXCHG(put_cmpxchg_mfence, "", "mfence\n\t")

static inline void full_fence(void) { __asm__ volatile("mfence" : : : "memory"); }

static struct put_variant put_variants[] = {
    {"store", put_store, NULL},
    {"cmpxchg", put_cmpxchg, NULL},
    {"lock_cmpxchg", put_lock_cmpxchg, NULL},
    {"cmpxchg_mfence", put_cmpxchg_mfence, NULL},
};

#elif defined(__aarch64__) && !defined(SLUBTLA_C11)

#include <sys/auxv.h>

#define ARCH "arm64"
#define HAS_LSE (1ul << 8) /* HWCAP_ATOMICS */

static inline void flush_line(void *line)
{
    __asm__ volatile("dc civac, %0" : : "r"(line) : "memory");
}

static inline void relax(void) { __asm__ volatile("yield"); }

static unsigned put_store(word *partial, word *cpu_partial)
{
    unsigned limit;
    __asm__ volatile("str %w[slab], [%[partial]]\n\t"
                     "ldr %w[limit], [%[cpu_partial]]"
                     : [limit] "=&r"(limit)
                     : [partial] "r"(partial), [cpu_partial] "r"(cpu_partial), [slab] "r"(1u)
                     : "memory");
    return limit;
}

/* A failed compare would leave partial empty, which race.c notices. */
#define PUT_LLSC(name, store, fence)                                                               \
    static unsigned name(word *partial, word *cpu_partial)                                         \
    {                                                                                              \
        unsigned limit, scratch;                                                                   \
        __asm__ volatile("0: ldxr %w[scratch], [%[partial]]\n\t"                                   \
                         "cbnz %w[scratch], 1f\n\t"                                                \
                         store " %w[scratch], %w[slab], [%[partial]]\n\t"                          \
                         "cbnz %w[scratch], 0b\n\t"                                                \
                         "1: " fence "ldr %w[limit], [%[cpu_partial]]"                             \
                         : [limit] "=&r"(limit), [scratch] "=&r"(scratch)                          \
                         : [partial] "r"(partial), [cpu_partial] "r"(cpu_partial), [slab] "r"(1u)  \
                         : "cc", "memory");                                                        \
        return limit;                                                                              \
    }

PUT_LLSC(put_ldxr_stxr, "stxr", "")
PUT_LLSC(put_ldxr_stlxr_dmb, "stlxr", "dmb ish\n\t")
PUT_LLSC(put_ldxr_stxr_dmb, "stxr", "dmb ish\n\t")

#define PUT_LSE(name, cas)                                                                         \
    static unsigned name(word *partial, word *cpu_partial)                                         \
    {                                                                                              \
        unsigned limit, expected = 0;                                                              \
        __asm__ volatile(".arch_extension lse\n\t"                                                 \
                         cas " %w[expected], %w[slab], [%[partial]]\n\t"                           \
                         "ldr %w[limit], [%[cpu_partial]]"                                         \
                         : [limit] "=&r"(limit), [expected] "+&r"(expected)                        \
                         : [partial] "r"(partial), [cpu_partial] "r"(cpu_partial), [slab] "r"(1u)  \
                         : "memory");                                                              \
        return limit;                                                                              \
    }

PUT_LSE(put_cas, "cas")
PUT_LSE(put_casal, "casal")

static inline void full_fence(void) { __asm__ volatile("dmb ish" : : : "memory"); }

static struct put_variant put_variants[] = {
    {"store", put_store, NULL},
    {"ldxr_stxr", put_ldxr_stxr, NULL},
    {"cas", put_cas, NULL},
    {"ldxr_stlxr_dmb", put_ldxr_stlxr_dmb, NULL},
    {"casal", put_casal, NULL},
    {"ldxr_stxr_dmb", put_ldxr_stxr_dmb, NULL},
};

#else /* any other: what C11 promises, whatever the compiler makes of it */

#define ARCH "c11"

static inline void flush_line(void *line) { (void)line; }
static inline void relax(void) { __asm__ volatile("" : : : "memory"); }

static unsigned put_store(word *partial, word *cpu_partial)
{
    atomic_store_explicit(partial, 1, memory_order_relaxed);
    return atomic_load_explicit(cpu_partial, memory_order_relaxed);
}

#define PUT_C11(name, order, fence)                                                                \
    static unsigned name(word *partial, word *cpu_partial)                                         \
    {                                                                                              \
        unsigned expected = 0;                                                                     \
        atomic_compare_exchange_strong_explicit(partial, &expected, 1, order,                      \
                                                memory_order_relaxed);                             \
        fence;                                                                                     \
        return atomic_load_explicit(cpu_partial, memory_order_relaxed);                            \
    }

PUT_C11(put_cmpxchg_relaxed, memory_order_relaxed, (void)0)
PUT_C11(put_cmpxchg_seq_cst, memory_order_seq_cst, (void)0)
PUT_C11(put_cmpxchg_relaxed_fence, memory_order_relaxed,
        atomic_thread_fence(memory_order_seq_cst))

static inline void full_fence(void) { atomic_thread_fence(memory_order_seq_cst); }

static struct put_variant put_variants[] = {
    {"store", put_store, NULL},
    {"cmpxchg_relaxed", put_cmpxchg_relaxed, NULL},
    {"cmpxchg_seq_cst", put_cmpxchg_seq_cst, NULL},
    {"cmpxchg_relaxed_fence", put_cmpxchg_relaxed_fence, NULL},
};

#endif

/* ---- shrink --------------------------------------------------------------------------------- */

/* From membarrier(2); its header is not installed everywhere. */
enum {
    MEMBARRIER_QUERY = 0,
    MEMBARRIER_GLOBAL = 1 << 0,
    MEMBARRIER_PRIVATE_EXPEDITED = 1 << 3,
    MEMBARRIER_REGISTER_PRIVATE_EXPEDITED = 1 << 4,
};

static long membarrier(int command)
{
#ifdef SYS_membarrier
    return syscall(SYS_membarrier, command, 0, 0);
#else
    (void)command;
    errno = ENOSYS;
    return -1;
#endif
}

/* A barrier that was refused is none, and a leak behind it would be no leak. */
static inline void must_succeed(long refused)
{
    if (refused) {
        perror("race: membarrier");
        exit(1);
    }
}

static inline void barrier_none(void) { __asm__ volatile("" : : : "memory"); }
static inline void barrier_private(void) { must_succeed(membarrier(MEMBARRIER_PRIVATE_EXPEDITED)); }
static inline void barrier_global(void) { must_succeed(membarrier(MEMBARRIER_GLOBAL)); }

#define SHRINK(name, barrier)                                                                      \
    static void shrink_##name(struct slot *slots, size_t count, unsigned char *saw)                \
    {                                                                                              \
        for (size_t i = 0; i < count; i++)                                                         \
            atomic_store_explicit(&slots[i].cpu_partial, 0, memory_order_relaxed);                 \
        barrier();                                                                                 \
        for (size_t i = 0; i < count; i++)                                                         \
            saw[i] = (unsigned char)atomic_load_explicit(&slots[i].partial, memory_order_relaxed); \
    }                                                                                              \
    static void alone_##name(word *cpu_partial)                                                    \
    {                                                                                              \
        atomic_store_explicit(cpu_partial, 0, memory_order_relaxed);                               \
        barrier();                                                                                 \
    }

SHRINK(none, barrier_none)
SHRINK(fence, full_fence)
SHRINK(private, barrier_private)
SHRINK(global, barrier_global)

static struct shrink_variant shrink_variants[] = {
    {"none", shrink_none, alone_none, 1, NULL},
    {"fence", shrink_fence, alone_fence, 1, NULL},
    {"membarrier_private", shrink_private, alone_private, 8, NULL},
    {"membarrier_global", shrink_global, alone_global, 512, NULL},
};

enum {
    PUTS = sizeof put_variants / sizeof *put_variants,
    SHRINKS = sizeof shrink_variants / sizeof *shrink_variants,
};

/* ---- what this machine lacks ---------------------------------------------------------------- */

/* Fills in what is missing; registers this process where membarrier(2) asks for it. */
static void find_what_is_missing(void)
{
    long known = membarrier(MEMBARRIER_QUERY);
    const char *refusal = known < 0 ? strerror(errno) : NULL;
    long wanted = MEMBARRIER_PRIVATE_EXPEDITED | MEMBARRIER_REGISTER_PRIVATE_EXPEDITED;

    if (refusal)
        shrink_variants[2].missing = shrink_variants[3].missing = refusal;
    else {
        if ((known & wanted) != wanted)
            shrink_variants[2].missing = "the kernel lacks MEMBARRIER_CMD_PRIVATE_EXPEDITED";
        else if (membarrier(MEMBARRIER_REGISTER_PRIVATE_EXPEDITED))
            shrink_variants[2].missing = strerror(errno);
        if (!(known & MEMBARRIER_GLOBAL))
            shrink_variants[3].missing = "the kernel lacks MEMBARRIER_CMD_GLOBAL";
    }
#if defined(HAS_LSE)
    if (!(getauxval(AT_HWCAP) & HAS_LSE))
        put_variants[2].missing = put_variants[4].missing = "the CPU has no LSE atomics (ARMv8.1)";
#endif
}

#endif
