/* select: the sets of descriptors as a list for poll. */
#include <sys/select.h>

#include "interrupt.h"
#include "poll_wait.h"
#include "posix.h"
#include "select.h"

static bool
in_set(int fd, const fd_set *set)
{
	return set != NULL && FD_ISSET(fd, set);
}

/* Lists what is in any of the sets. Returns how many. */
static nfds_t
list(struct select_sets *sets, struct pollfd fds[FD_SETSIZE])
{
	nfds_t n = 0;

	for (int fd = 0; fd < sets->count; fd++) {
		short events = (short)((in_set(fd, sets->readable) ? POLLIN : 0) | (in_set(fd, sets->writable) ? POLLOUT : 0) |
		    (in_set(fd, sets->urgent) ? POLLPRI : 0));

		if (events != 0)
			fds[n++] = (struct pollfd){ fd, events, 0 };
	}
	return n;
}

/* Keeps a descriptor in a set if it has one of the events. Returns whether it is in. */
static int
keep(const struct pollfd *fd, int event, int events, fd_set *set)
{
	if ((fd->events & event) == 0)
		return 0;
	if ((fd->revents & events) != 0)
		return 1;
	FD_CLR(fd->fd, set);
	return 0;
}

int
select_wait(struct select_sets *sets, uint64_t timeout, uint32_t handlers)
{
	struct pollfd fds[FD_SETSIZE];
	nfds_t n;
	int bits = 0;

	if (sets->count < 0 || sets->count > FD_SETSIZE)
		return posix_error(EINVAL);
	n = list(sets, fds);
	for (nfds_t i = 0; i < n; i++)
		if (fd_port(fds[i].fd) == MACH_PORT_NULL)
			return -1;
	if (poll_wait(fds, n, timeout, handlers) < 0)
		return -1;
	for (nfds_t i = 0; i < n; i++) {
		bits += keep(&fds[i], POLLIN, POLLIN | POLLHUP | POLLERR | POLLNVAL, sets->readable);
		bits += keep(&fds[i], POLLOUT, POLLOUT | POLLERR | POLLNVAL, sets->writable);
		bits += keep(&fds[i], POLLPRI, POLLPRI, sets->urgent);
	}
	return bits;
}

int
select(int count, fd_set *restrict readable, fd_set *restrict writable, fd_set *restrict urgent, struct timeval *restrict timeout)
{
	struct select_sets sets = { count, readable, writable, urgent };
	uint64_t ns = POLL_FOR_EVER;

	if (timeout != NULL) {
		if (timeout->tv_sec < 0 || timeout->tv_usec < 0 || timeout->tv_usec >= 1000000)
			return posix_error(EINVAL);
		if (timeout->tv_sec < 1000000000)
			ns = (uint64_t)timeout->tv_sec * 1000000000u + (uint64_t)timeout->tv_usec * 1000u;
	}
	return select_wait(&sets, ns, *signal_handled());
}
