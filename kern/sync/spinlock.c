/*
 * Spinlocks. The word holds the owner's CPU, so taking a lock twice is caught at once. Debug builds also check owner and lock order.
 */
#include "sync/spinlock.h"

#include "init/panic.h"
#include "sched/cpu.h"
#include "sync/jitter.h"

void
spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, rank);
}

bool
spin_held(const struct spinlock *lock)
{
	return lock->owner == cpu_self();
}

/* Debug builds: the lock order. */
static inline void
note_taken(struct spinlock *lock, struct cpu *cpu, bool second)
{
#ifdef DEBUG
	if (cpu->lock_depth > 0 && (second ? lock->rank < cpu->lock_rank : lock->rank <= cpu->lock_rank) && !panic_active)
		panic("lock order: %s (rank %u) taken under rank %u", lock->name, lock->rank, cpu->lock_rank);
	lock->outer_rank = cpu->lock_depth > 0 ? cpu->lock_rank : 0;
	cpu->lock_rank = lock->rank;
	cpu->lock_depth++;
#else
	(void)lock, (void)cpu, (void)second;
#endif
}

/* --- who was waited for: for the monitor --- */

#define NAMES 32

static struct {
	const char *name;
	uint64_t waits;
} contention[NAMES];

static void
note_waited(const char *name)
{
	for (unsigned i = 0; i < NAMES; i++) {
		const char *there = NULL;

		if (__atomic_compare_exchange_n(&contention[i].name, &there, name, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED) ||
		    there == name) {
			__atomic_add_fetch(&contention[i].waits, 1, __ATOMIC_RELAXED);
			return;
		}
	}
}

bool
spin_contention(unsigned index, const char **name, uint64_t *waits)
{
	if (index >= NAMES || contention[index].name == NULL)
		return false;
	*name = contention[index].name;
	*waits = contention[index].waits;
	return true;
}

static inline bool
take(struct spinlock *lock, struct cpu *cpu)
{
	struct cpu *nobody = NULL;

	return __atomic_compare_exchange_n(&lock->owner, &nobody, cpu, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* In a panic the holder is stopped, or is this CPU: the monitor's walkers go on without. */
static void
wait_free(struct spinlock *lock, struct cpu *cpu)
{
	if (panic_active)
		return;
	if (lock->owner == cpu)
		panic("spinlock %s taken twice by one CPU", lock->name);
	do {
		while (lock->owner != NULL)
			cpu_spin_poll();
	} while (!take(lock, cpu));
	lock->contended++;
	note_waited(lock->name);
}

void
spin_lock(struct spinlock *lock)
{
	struct cpu *cpu = cpu_self();

	jitter_delay();
	if (!take(lock, cpu))
		wait_free(lock, cpu);
	note_taken(lock, cpu, false);
}

void
spin_lock_second(struct spinlock *lock)
{
	struct cpu *cpu = cpu_self();

	jitter_delay();
	if (!take(lock, cpu))
		wait_free(lock, cpu);
	note_taken(lock, cpu, true);
}

bool
spin_trylock(struct spinlock *lock)
{
	struct cpu *cpu = cpu_self();

	if (!take(lock, cpu))
		return false;
	note_taken(lock, cpu, true);
	return true;
}

void
spin_unlock(struct spinlock *lock)
{
	debug_assert(lock->owner == cpu_self() || panic_active);
#ifdef DEBUG
	struct cpu *cpu = cpu_self();

	cpu->lock_depth--;
	/* Locks may be released out of order; only releasing the innermost moves the rank back. */
	if (cpu->lock_rank == lock->rank)
		cpu->lock_rank = lock->outer_rank;
#endif
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELEASE);
	jitter_delay();
}
