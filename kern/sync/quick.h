/*
 * Inline forms of spin_lock and spin_unlock, for the few paths where every instruction counts.
 * Debug builds take the checked ones.
 */
#ifndef SYNC_QUICK_H
#define SYNC_QUICK_H

#include "arch/cpu.h"
#include "sync/spinlock.h"

static inline void
quick_lock(struct spinlock *lock)
{
#ifdef DEBUG
	spin_lock(lock);
#else
	struct cpu *nobody = NULL;

	if (__builtin_expect(!__atomic_compare_exchange_n(&lock->owner, &nobody, cpu_self(), false, __ATOMIC_ACQUIRE,
	    __ATOMIC_RELAXED), 0))
		spin_lock(lock);
#endif
}

static inline void
quick_unlock(struct spinlock *lock)
{
#ifdef DEBUG
	spin_unlock(lock);
#else
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELEASE);
#endif
}

#endif
