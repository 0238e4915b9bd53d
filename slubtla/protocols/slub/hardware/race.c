/*
 * The put/shrink race of slubtla, on the machine at hand: store buffering, as litmus7 runs it.
 *
 * Two threads, each pinned to a CPU of its own, race once in every slot of a batch: they meet at a
 * spin barrier, each waits a random moment, and then the sides of variants.h run. The lines of a
 * slot are far apart and in random places (own cache, the other's, flushed) before the race. After
 * the batch the four outcomes are counted and all slots set back.
 *
 *   race list                                                    what can run here
 *   race run CPU CPU RUNS SECONDS BUSY PUT,PUT,... SHRINK,SHRINK,...
 *
 * Prints a JSON object on each line: "list", or "cost", "progress", "cell" and "end".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "variants.h"
#include "threads.h"

#ifndef __linux__
#error "slubtla hardware needs Linux: it pins threads to CPUs and calls membarrier(2)"
#endif

enum {
    SLOTS = 512,
    WARM_UP_BATCHES = 2,
    SPINS = 128,           /* longest wait before a side of a fast variant, in spins */
    COLD_BYTES = 64 << 20, /* more than most caches hold */
    SAMPLES = 1 << 16,
    CALLS_PER_SAMPLE = 64,
};

static const double COST_SECONDS = 0.3, PROGRESS_SECONDS = 0.2;

static struct slot slots[SLOTS];
static _Alignas(256) unsigned char put_read[SLOTS];
static _Alignas(256) unsigned char shrink_saw[SLOTS];
static unsigned char *cold; /* NULL without --busy */
static unsigned busy;
static _Alignas(256) atomic_ulong heartbeat; /* rises while the put side waits for its timing */
static _Alignas(256) size_t batch_size; /* 0 ends the cell; written by the put side */

/* ---- one batch ------------------------------------------------------------------------------ */

static void set_back(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        atomic_store_explicit(&slots[i].cpu_partial, 1, memory_order_relaxed);
        atomic_store_explicit(&slots[i].partial, 0, memory_order_relaxed);
    }
}

/* Leaves the line where it is, fetches a copy, or flushes it: by chance, as litmus7 preloads. */
static inline void place(word *line, uint32_t chance)
{
    if ((chance & 3) == 1)
        (void)atomic_load_explicit(line, memory_order_relaxed);
    else if ((chance & 3) == 2)
        flush_line(line);
}

static inline void fill_store_buffer(uint32_t *where)
{
    for (unsigned i = 0; i < busy; i++) {
        *where += 0x9e3779b1u; /* golden ratio: a walk over all lines that no prefetcher follows */
        ((volatile unsigned char *)cold)[(*where >> 6 << 6) % COLD_BYTES] = (unsigned char)i;
    }
}

static void put_batch(put_side *run, size_t count, unsigned group, uint32_t limit, uint32_t *random)
{
    for (size_t first = 0; first < count; first += group) {
        for (size_t i = first; i < first + group && i < count; i++) {
            place(&slots[i].cpu_partial, next_random(random));
            place(&slots[i].partial, next_random(random));
        }
        put_meets();
        for (size_t i = first; i < first + group && i < count; i++) {
            spin(next_random(random) % limit);
            fill_store_buffer(random + 1);
            put_read[i] = (unsigned char)run(&slots[i].partial, &slots[i].cpu_partial);
        }
    }
}

static void shrink_batch(shrink_side *run, size_t count, unsigned group, uint32_t limit,
                         uint32_t *random)
{
    for (size_t first = 0; first < count; first += group) {
        size_t size = count - first < group ? count - first : group;
        for (size_t i = first; i < first + size; i++) {
            place(&slots[i].cpu_partial, next_random(random));
            place(&slots[i].partial, next_random(random));
        }
        uint32_t wait = next_random(random) % limit; /* the first puts of a group come before */
        shrink_meets();
        spin(wait);
        run(slots + first, size, shrink_saw + first);
    }
}

/* ---- one cell ------------------------------------------------------------------------------- */

struct job {
    const struct put_variant *put[PUTS];
    const struct shrink_variant *shrink[SHRINKS];
    size_t puts, shrinks;
    int put_cpu, shrink_cpu;
    uint64_t runs;
    double seconds;
    uint32_t limit[SHRINKS]; /* longest wait before a put, in spins, for each barrier */
};

struct counts {
    uint64_t outcome[2][2]; /* [what put read][what shrink saw] */
    uint64_t runs;
};

static void tally(struct counts *counts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (atomic_load(&slots[i].cpu_partial) != 0 || atomic_load(&slots[i].partial) != 1)
            die("a store was lost: a variant does not do what it says", EINVAL);
        counts->outcome[put_read[i] != 0][shrink_saw[i] != 0]++;
    }
    counts->runs += count;
}

static void say(const char *event, const char *put, const char *shrink, const struct counts *c,
                double seconds)
{
    printf("{\"event\": \"%s\", \"put\": \"%s\", \"shrink\": \"%s\", \"runs\": %" PRIu64
           ", \"leak\": %" PRIu64 ", \"put_flushes\": %" PRIu64 ", \"shrink_flushes\": %" PRIu64
           ", \"both_flush\": %" PRIu64 ", \"seconds\": %.6f}\n",
           event, put, shrink, c->runs, c->outcome[1][0], c->outcome[0][0], c->outcome[1][1],
           c->outcome[0][1], seconds);
    fflush(stdout);
}

/* The put side leads: it chooses the size of each batch, counts, and looks at the clock. */
static void put_cell(const struct job *job, const struct put_variant *put, size_t column,
                     uint32_t *random)
{
    const struct shrink_variant *shrink = job->shrink[column];
    struct counts counts = {0};
    double began = now(), said = began;
    for (unsigned batch = 0;; batch++) {
        bool counted = batch >= WARM_UP_BATCHES;
        uint64_t left = job->runs - counts.runs;
        batch_size = left < SLOTS ? (size_t)left : SLOTS;
        if (counted && batch > WARM_UP_BATCHES && now() - began >= job->seconds)
            batch_size = 0;
        put_meets();
        if (!batch_size)
            break;
        if (batch % 2)
            set_back(batch_size);
        put_meets();
        put_batch(put->run, batch_size, shrink->group, job->limit[column], random);
        put_meets();
        if (!counted) {
            began = said = now();
            continue;
        }
        tally(&counts, batch_size);
        if (now() - said >= PROGRESS_SECONDS) {
            said = now();
            say("progress", put->name, shrink->name, &counts, said - began);
        }
    }
    put_meets(); /* the other side has seen the end */
    say("cell", put->name, shrink->name, &counts, now() - began);
}

static void shrink_cell(const struct shrink_variant *shrink, uint32_t limit, uint32_t *random)
{
    for (unsigned batch = 0;; batch++) {
        shrink_meets();
        size_t count = batch_size;
        if (!count)
            break;
        if (batch % 2 == 0)
            set_back(count);
        shrink_meets();
        shrink_batch(shrink->run, count, shrink->group, limit, random);
        shrink_meets();
    }
    shrink_meets();
}

/* ---- what a barrier costs ------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The put side's part: to be there, so that an IPI has somebody to interrupt, and to show it. */
static void keep_busy(void)
{
    unsigned long turn = atomic_load(&met.put) + 1;
    atomic_store(&met.put, turn);
    while (atomic_load_explicit(&met.shrink, memory_order_acquire) < turn)
        atomic_fetch_add_explicit(&heartbeat, 1, memory_order_relaxed);
}

/* Counts only the calls while the other thread ran: without it an IPI has nowhere to go. */
static void time_barrier(const struct shrink_variant *shrink, double spin_ns, uint32_t *limit)
{
    static double samples[SAMPLES];
    double began = now();
    unsigned calls = shrink->group == 1 ? CALLS_PER_SAMPLE : 1;
    size_t n = 0;
    while (n < SAMPLES && (n < 3 || now() - began < COST_SECONDS)) {
        unsigned long beat = atomic_load(&heartbeat);
        double start = now();
        for (unsigned i = 0; i < calls; i++)
            shrink->alone(&slots[0].cpu_partial);
        double end = now();
        if (atomic_load(&heartbeat) != beat)
            samples[n++] = (end - start) * 1e9 / calls;
    }
    qsort(samples, n, sizeof *samples, by_size);
    double median = n % 2 ? samples[n / 2] : (samples[n / 2 - 1] + samples[n / 2]) / 2;
    /* The puts of a group spread over the barrier's time, and a little beyond. */
    double spins = shrink->group == 1 ? SPINS : 2.5 * median / spin_ns / shrink->group;
    *limit = spins < SPINS ? SPINS : spins > 1e9 ? 1000000000u : (uint32_t)spins;
    printf("{\"event\": \"cost\", \"shrink\": \"%s\", \"nanoseconds\": %.1f, \"calls\": %zu}\n",
           shrink->name, median, n * calls);
    fflush(stdout);
}

static double spin_nanoseconds(void)
{
    const uint32_t times = 1000000;
    double began = now();
    spin(times);
    double each = (now() - began) * 1e9 / times;
    return each > 0.01 ? each : 0.01;
}

/* ---- the threads ---------------------------------------------------------------------------- */

static void *shrink_thread(void *argument)
{
    struct job *job = argument;
    uint32_t random[] = {0x2545f491u};
    pin(job->shrink_cpu);
    shrink_meets(); /* both are at their places */
    double spin_ns = spin_nanoseconds();
    for (size_t s = 0; s < job->shrinks; s++)
        time_barrier(job->shrink[s], spin_ns, &job->limit[s]);
    shrink_meets();
    for (size_t p = 0; p < job->puts; p++)
        for (size_t s = 0; s < job->shrinks; s++)
            shrink_cell(job->shrink[s], job->limit[s], random);
    return NULL;
}

static void run(struct job *job)
{
    pthread_t shrink;
    uint32_t random[] = {0x9e3779b9u, 1};
    int error = pthread_create(&shrink, NULL, shrink_thread, job);
    if (error)
        die("cannot start a second thread", error);
    pin(job->put_cpu);
    put_meets();
    keep_busy(); /* while the barriers are timed */
    for (size_t p = 0; p < job->puts; p++)
        for (size_t s = 0; s < job->shrinks; s++)
            put_cell(job, job->put[p], s, random);
    pthread_join(shrink, NULL);
    printf("{\"event\": \"end\"}\n");
}

/* ---- command line --------------------------------------------------------------------------- */

static void list_one(const char *name, const char *missing, bool more)
{
    if (missing)
        printf("{\"name\": \"%s\", \"missing\": \"%s\"}%s", name, missing, more ? ", " : "");
    else
        printf("{\"name\": \"%s\", \"missing\": null}%s", name, more ? ", " : "");
}

static void list(void)
{
    printf("{\"event\": \"list\", \"arch\": \"%s\", \"put\": [", ARCH);
    for (size_t i = 0; i < PUTS; i++)
        list_one(put_variants[i].name, put_variants[i].missing, i + 1 < PUTS);
    printf("], \"shrink\": [");
    for (size_t i = 0; i < SHRINKS; i++)
        list_one(shrink_variants[i].name, shrink_variants[i].missing, i + 1 < SHRINKS);
    printf("]}\n");
}

#define CHOOSE(names, all, total, chosen, count)                                                   \
    for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {                        \
        size_t i = 0;                                                                              \
        while (i < (total) && strcmp((all)[i].name, name))                                         \
            i++;                                                                                   \
        if (i == (total) || (all)[i].missing || (count) == (total))                                \
            die(name, EINVAL);                                                                     \
        (chosen)[(count)++] = &(all)[i];                                                           \
    }

int main(int argc, char **argv)
{
    find_what_is_missing();
    if (argc == 2 && !strcmp(argv[1], "list")) {
        list();
        return 0;
    }
    if (argc != 9 || strcmp(argv[1], "run")) {
        fputs("usage: race list | race run CPU CPU RUNS SECONDS BUSY PUTS SHRINKS\n", stderr);
        return 2;
    }
    struct job job = {
        .put_cpu = atoi(argv[2]),
        .shrink_cpu = atoi(argv[3]),
        .runs = strtoull(argv[4], NULL, 10),
        .seconds = strtod(argv[5], NULL),
    };
    busy = (unsigned)strtoul(argv[6], NULL, 10);
    CHOOSE(argv[7], put_variants, PUTS, job.put, job.puts)
    CHOOSE(argv[8], shrink_variants, SHRINKS, job.shrink, job.shrinks)
    if (busy) {
        cold = malloc(COLD_BYTES);
        if (!cold)
            die("no memory for --busy", errno);
        memset(cold, 1, COLD_BYTES); /* so that no store meets a page fault */
    }
    run(&job);
    return 0;
}
