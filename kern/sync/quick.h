/*
 * Inline forms of spin_lock and spin_unlock, for the few paths where every instruction counts.
 * Debug builds take the checked ones.
 */
#ifndef SYNC_QUICK_H
#define SYNC_QUICK_H

#include "arch/cpu.h"
#include "sync/spinlock.h"

/* The rest of spin_lock when the ticket is not served at once. */
void spin_lock_wait(struct spinlock *lock, uint32_t ticket);

static inline void
quick_lock(struct spinlock *lock)
{
#ifdef DEBUG
	spin_lock(lock);
#else
	uint32_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	if (__builtin_expect(__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) == ticket, 1))
		lock->owner = cpu_self();
	else
		spin_lock_wait(lock, ticket);
#endif
}

static inline void
quick_unlock(struct spinlock *lock)
{
#ifdef DEBUG
	spin_unlock(lock);
#else
	lock->owner = NULL;
	__atomic_store_n(&lock->serving, lock->serving + 1, __ATOMIC_RELEASE);
#endif
}

#endif
