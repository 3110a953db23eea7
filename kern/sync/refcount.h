/*
 * Atomic reference counts. In debug kernels overflow, and a drop of what nobody holds, panic (kernel bugs: user-visible counts saturate
 * before they get here).
 */
#ifndef SYNC_REFCOUNT_H
#define SYNC_REFCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "init/panic.h"

#define REFCOUNT_MAX 0x7fffffffu

typedef uint32_t refcount_t;

static inline void
refcount_set(refcount_t *count, uint32_t value)
{
	__atomic_store_n(count, value, __ATOMIC_RELAXED);
}

static inline void
refcount_take(refcount_t *count)
{
	uint32_t now = __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);

	debug_assert(now != 0 && now <= REFCOUNT_MAX);
}

/* Returns true when this was the last reference. */
static inline bool
refcount_drop(refcount_t *count)
{
	uint32_t now = __atomic_sub_fetch(count, 1, __ATOMIC_ACQ_REL);

	debug_assert(now < REFCOUNT_MAX);
	return now == 0;
}

/* Takes a reference unless the count is 0 already (an object on its way out). */
static inline bool
refcount_take_unless_zero(refcount_t *count)
{
	uint32_t value = __atomic_load_n(count, __ATOMIC_RELAXED);

	debug_assert(value < REFCOUNT_MAX);
	while (value != 0)
		if (__atomic_compare_exchange_n(count, &value, value + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	return false;
}

#endif
