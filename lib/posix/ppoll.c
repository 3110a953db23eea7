/*
 * poll and select with another signal mask meanwhile. A handler that runs once the mask has changed ends the wait, whenever that is: the
 * count of handlers is taken before.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>

#include "poll_wait.h"
#include "posix.h"
#include "select.h"
#include "signal/signals.h"

/* Nanoseconds of a time limit; NULL: for ever. Returns false: it is none. */
static bool
duration(const struct timespec *timeout, uint64_t *ns)
{
	*ns = POLL_FOR_EVER;
	if (timeout == NULL)
		return true;
	if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000)
		return false;
	if (timeout->tv_sec < 1000000000)
		*ns = (uint64_t)timeout->tv_sec * 1000000000u + (uint64_t)timeout->tv_nsec;
	return true;
}

static void
mask_set(const sigset_t *mask, sigset_t *old)
{
	if (mask != NULL)
		pthread_sigmask(SIG_SETMASK, mask, old);
}

static void
mask_restore(const sigset_t *mask, const sigset_t *old)
{
	int saved = errno;

	if (mask != NULL)
		pthread_sigmask(SIG_SETMASK, old, NULL);
	errno = saved;
}

int
ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	uint32_t handlers = *signal_handled();
	sigset_t old;
	uint64_t ns;
	int result;

	if (!duration(timeout, &ns))
		return posix_error(EINVAL);
	mask_set(mask, &old);
	result = poll_wait(fds, count, ns, handlers);
	mask_restore(mask, &old);
	return result;
}

int
pselect(int count, fd_set *restrict readable, fd_set *restrict writable, fd_set *restrict urgent,
    const struct timespec *restrict timeout, const sigset_t *restrict mask)
{
	struct select_sets sets = { count, readable, writable, urgent };
	uint32_t handlers = *signal_handled();
	sigset_t old;
	uint64_t ns;
	int result;

	if (!duration(timeout, &ns))
		return posix_error(EINVAL);
	mask_set(mask, &old);
	result = select_wait(&sets, ns, handlers);
	mask_restore(mask, &old);
	return result;
}
