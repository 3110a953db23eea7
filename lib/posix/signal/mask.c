/* Signal masks, and waiting for signals. */
#include <errno.h>
#include <mach/task_info.h>
#include <time.h>

#include "mach/mach.h"
#include "posix/posix.h"
#include "posix/pthread/cancel.h"
#include "proc.h"
#include "signals.h"

#define NS_PER_S	1000000000ull
#define NS_PER_MS	1000000ull
#define FOREVER_S	1000000000l		/* longer times are for ever */

int
pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	struct signal_slot *slot = signal_self();
	uint64_t before = slot->mask, mask = before;

	if (set != NULL) {
		switch (how) {
		case SIG_BLOCK: mask |= *set; break;
		case SIG_UNBLOCK: mask &= ~*set; break;
		case SIG_SETMASK: mask = *set; break;
		default: return EINVAL;
		}
		__atomic_store_n(&slot->mask, mask & ~SIGNALS_UNBLOCKABLE, __ATOMIC_SEQ_CST);
		signal_check();
	}
	if (old != NULL)
		*old = before;
	return 0;
}

int
sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	int error = pthread_sigmask(how, set, old);

	return error != 0 ? posix_error(error) : 0;
}

int
sigpending(sigset_t *set)
{
	struct signal_slot *slot = signal_self();

	*set = (__atomic_load_n(&signal_page->pending, __ATOMIC_SEQ_CST) | __atomic_load_n(&slot->pending, __ATOMIC_SEQ_CST)) &
	       slot->mask;
	return 0;
}

/* Handlers that run because of the new mask count: the sleep is over before it began. */
int
sigsuspend(const sigset_t *mask)
{
	struct signal_slot *slot = signal_self();
	uint64_t before = slot->mask;
	uint32_t seen = *signal_handled();

	__atomic_store_n(&slot->mask, *mask & ~SIGNALS_UNBLOCKABLE, __ATOMIC_SEQ_CST);
	signal_check();
	signal_sleep(seen, 0);
	__atomic_store_n(&slot->mask, before, __ATOMIC_SEQ_CST);
	signal_check();
	return posix_error(EINTR);
}

int
pause(void)
{
	signal_sleep(*signal_handled(), 0);
	return posix_error(EINTR);
}

/* --- accepting signals --- */

static uint64_t
hints(void)
{
	return __atomic_load_n(&signal_page->pending, __ATOMIC_SEQ_CST) | __atomic_load_n(&signal_self()->pending, __ATOMIC_SEQ_CST);
}

/* A signal of the set, 0: there is none now. */
static int
accept(uint64_t set, struct signal_info *info)
{
	info->signal = 0;
	if ((hints() & set) == 0)
		return 0;
	signal_critical_enter();
	if (proc_signal_take(proc_port(), signal_slot_number(), set, info) != KERN_SUCCESS)
		info->signal = 0;
	signal_critical_leave();
	return info->signal;
}

/* Until something changes in the page, a handler has run, or the time is over: false. */
static bool
await_change(uint32_t sequence, uint64_t until)
{
	uint64_t now = clock_now(), ms = 0;

	if (until != 0) {
		if (now >= until)
			return false;
		ms = (until - now + NS_PER_MS - 1) / NS_PER_MS;
	}
	cancel_begin();
	gsync_wait(&signal_page->sequence, sequence, (mach_msg_timeout_t)(ms < UINT32_MAX ? ms : UINT32_MAX),
		GSYNC_SHARED | (until != 0 ? GSYNC_TIMEOUT : 0));
	cancel_end();
	return true;
}

/* A handler that runs changes nothing in the page: it came because something had been published there. */
static int
wait_for(uint64_t set, struct signal_info *info, uint64_t until)
{
	uint32_t seen = *signal_handled();

	for (;;) {
		uint32_t sequence = __atomic_load_n(&signal_page->sequence, __ATOMIC_SEQ_CST);

		if (accept(set, info) != 0)
			return 0;
		if (*signal_handled() != seen)
			return EINTR;
		if (!await_change(sequence, until))
			return EAGAIN;
	}
}

int
sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict details, const struct timespec *restrict timeout)
{
	struct signal_info info;
	uint64_t until = 0;
	int error;

	if (timeout != NULL) {
		if (timeout->tv_nsec < 0 || timeout->tv_nsec >= (long)NS_PER_S)
			return posix_error(EINVAL);
		if (timeout->tv_sec < 0)
			until = 1;		/* long ago */
		else if (timeout->tv_sec < FOREVER_S)
			until = clock_now() + (uint64_t)timeout->tv_sec * NS_PER_S + (uint64_t)timeout->tv_nsec;
	}
	error = wait_for(*set & ~SIGNALS_UNBLOCKABLE, &info, until);
	if (error != 0)
		return posix_error(error);
	if (details != NULL)
		signal_info_fill(details, &info);
	return info.signal;
}

int
sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return sigtimedwait(set, info, NULL);
}

int
sigwait(const sigset_t *restrict set, int *restrict signal)
{
	struct signal_info info;

	while (wait_for(*set & ~SIGNALS_UNBLOCKABLE, &info, 0) != 0)
		continue;
	*signal = info.signal;
	return 0;
}
