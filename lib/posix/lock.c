/* See lock.h: the mutex of lib/mach, which sleeps in gsync_wait when it has to wait. */
#include "lock.h"
#include "mach/cthread.h"
#include "pthread/cancel.h"
#include "signal/signals.h"

_Static_assert(sizeof(struct libc_lock) == sizeof(struct mutex), "a lock is a mutex");

void
__lock_take(struct libc_lock *lock)
{
	cancel_hold();
	mutex_lock((struct mutex *)lock);
}

bool
__lock_try(struct libc_lock *lock)
{
	cancel_hold();
	if (mutex_try_lock((struct mutex *)lock))
		return true;
	cancel_release();
	return false;
}

void
__lock_release(struct libc_lock *lock)
{
	mutex_unlock((struct mutex *)lock);
	cancel_release();
}

void
__lock_forget_waiters(struct libc_lock *lock)
{
	mutex_forget_waiters((struct mutex *)lock);
}

void
__lock_take_critical(struct libc_lock *lock)
{
	signal_critical_enter();
	__lock_take(lock);
}

void
__lock_release_critical(struct libc_lock *lock)
{
	__lock_release(lock);
	signal_critical_leave();
}
