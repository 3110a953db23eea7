/*
 * Spinlocks: one word that names the owner, for sections that never block.
 *
 * The kernel runs with interrupts masked (arch/cpu.h), so taking a lock masks nothing. A CPU that waits polls for shootdowns and
 * panics. There are no tickets: under an emulator a waiting CPU may itself not be running, and a queue would then stand still behind it.
 * Debug builds check the order: each lock has a rank, and a CPU may only take locks of a higher rank than those it
 * holds (equal ranks only through spin_lock_second, for pairs taken in address order).
 */
#ifndef SYNC_SPINLOCK_H
#define SYNC_SPINLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu;

/* The lock order of the whole kernel, outermost first. Sleep locks (map locks) come before all of these. */
enum lock_rank {
	RANK_TASK_LIST = 8,	/* list of all tasks */
	RANK_TASK = 10,		/* struct task: threads, special ports, counts */
	RANK_SPACE = 20,	/* port name space */
	RANK_TRANSIT = 24,	/* which receive right travels in whose queue */
	RANK_DEFAULT_PAGER = 28,	/* which port it is */
	RANK_PORT = 30,		/* port, its queue */
	RANK_SET = 32,		/* port set: its receivers, its members with messages */
	RANK_EXCEPTION = 34,	/* thread's exception wait */
	RANK_OBJECT = 40,	/* memory object */
	RANK_CLOCK = 42,	/* all amaps, for pageout */
	RANK_AMAP = 44,		/* anonymous layer */
	RANK_ANON = 46,		/* a shared anon */
	RANK_STORE_TABLE = 48,	/* stores of the default pager */
	RANK_STORE = 50,	/* one of them: an object below the anons */
	RANK_PMAP = 54,
	RANK_GSYNC = 60,	/* gsync hash bucket */
	RANK_WAITQ = 64,	/* wait queues with a lock of their own */
	RANK_THREAD = 68,	/* struct thread: suspend state */
	RANK_PRIORITY = 70,	/* who lends whom a priority */
	RANK_TIMER = 72,	/* per-CPU timeout queue */
	RANK_RUNQ = 76,		/* per-CPU run queue */
	RANK_IRQ = 80,
	RANK_HEAP = 84,		/* slab caches */
	RANK_FRAMES = 88,	/* buddy allocator */
	RANK_TRACE = 92,
	RANK_CONSOLE = 96,	/* printk may be called with anything held */
};

struct spinlock {
	struct cpu *volatile owner;	/* the lock itself: NULL is free */
	uint16_t rank;
	uint16_t outer_rank;		/* debug: rank that was innermost before this lock was taken */
	const char *name;
	uint64_t contended;		/* times somebody had to wait */
};

#define SPINLOCK_INIT(lock_name, lock_rank) { NULL, (lock_rank), 0, (lock_name), 0 }

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank);
void spin_lock(struct spinlock *lock);
bool spin_trylock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);

/* Takes a lock of the same rank as one already held; the caller guarantees an order among them (address order). */
void spin_lock_second(struct spinlock *lock);

/* How often somebody had to wait for locks of a name; index counts from 0. Returns false: no more names. */
bool spin_contention(unsigned index, const char **name, uint64_t *waits);

/* Whether the running CPU holds it. */
bool spin_held(const struct spinlock *lock);

#endif
