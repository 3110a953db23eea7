/* See lock.h: the mutex of lib/mach, which sleeps in gsync_wait when it has to wait. */
#include "lock.h"
#include "mach/cthread.h"

_Static_assert(sizeof(struct libc_lock) == sizeof(struct mutex), "a lock is a mutex");

void
__lock_take(struct libc_lock *lock)
{
	mutex_lock((struct mutex *)lock);
}

bool
__lock_try(struct libc_lock *lock)
{
	return mutex_try_lock((struct mutex *)lock);
}

void
__lock_release(struct libc_lock *lock)
{
	mutex_unlock((struct mutex *)lock);
}
