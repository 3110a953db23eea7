/*
 * Inline forms of spin_lock and spin_unlock, for the few paths where every instruction counts; `cpu` is the running one.
 * Debug builds take the checked ones.
 */
#ifndef SYNC_QUICK_H
#define SYNC_QUICK_H

#include "arch/cpu.h"
#include "sync/spinlock.h"

static inline void
quick_lock(struct cpu *cpu, struct spinlock *lock)
{
#ifdef DEBUG
	(void)cpu;
	spin_lock(lock);
#else
	if (!arch_lock_try(&lock->owner, cpu))
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
