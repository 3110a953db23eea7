/*
 * Waiting for several descriptors. Each file's server is asked (io_poll); if none has an event, each keeps a send-once right to a port of
 * ours and destroys it when it may have one. Whatever comes to the port only says: ask again.
 */
#include "poll_wait.h"

#include "interrupt.h"
#include "io.h"
#include "mach/mach.h"
#include "mach/mig_internal.h"
#include "posix.h"
#include "pthread/cancel.h"

#define COUNT_MAX	4096u		/* descriptors of one call */
#define MILLISECOND	1000000u	/* ns */
#define TIMEOUT_MAX	1000000000u	/* ms, of one wait */

/* Of this thread: its number, and the port it waits at, which is given back here if a handler jumped out of the last wait. */
static _Thread_local uint32_t own_number;
static _Thread_local mach_port_t own_port;

/* What tells one wait of one thread from all others at the same file. */
static uint32_t
key_of(nfds_t index)
{
	static uint32_t last;

	if (own_number == 0)
		own_number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
	return own_number * COUNT_MAX + (uint32_t)index;
}

static void
port_give_back(void *unused)
{
	(void)unused;
	if (own_port != MACH_PORT_NULL)
		port_drop_receive(own_port);
	own_port = MACH_PORT_NULL;
}

/* A fresh port: nothing of earlier rounds comes to it. */
static int
port_make(void)
{
	port_give_back(NULL);
	return port_create(false, &own_port) == KERN_SUCCESS ? 0 : posix_error(EAGAIN);
}

static uint32_t
wanted(short events)
{
	uint32_t bits = 0;

	if (events & (POLLIN | POLLRDNORM))
		bits |= IO_POLL_IN;
	if (events & (POLLPRI | POLLRDBAND))
		bits |= IO_POLL_URGENT;
	if (events & (POLLOUT | POLLWRNORM))
		bits |= IO_POLL_OUT;
	return bits;
}

static short
found(uint32_t bits, short events)
{
	int result = 0;

	if (bits & IO_POLL_IN)
		result |= events & (POLLIN | POLLRDNORM);
	if (bits & IO_POLL_URGENT)
		result |= events & (POLLPRI | POLLRDBAND);
	if (bits & IO_POLL_OUT)
		result |= events & (POLLOUT | POLLWRNORM);
	if (bits & IO_POLL_ERROR)
		result |= POLLERR;
	if (bits & IO_POLL_HANGUP)
		result |= POLLHUP;
	return (short)result;
}

/* A server that is gone can be read without waiting: it gives an error. */
static short
failed(kern_return_t kr, short events)
{
	if (kr == MACH_SEND_INVALID_DEST || kr == EBADF)
		return POLLNVAL;
	if (kr == MIG_BAD_ID)
		return found(IO_POLL_IN | IO_POLL_OUT, events);
	return POLLERR | POLLHUP;
}

/* Asks about one. Returns 0; -1 and EAGAIN when no more can wait. */
static int
look_at(struct pollfd *fd, nfds_t index, bool waits)
{
	int saved = errno;
	mach_port_t file = fd->fd < 0 ? MACH_PORT_NULL : fd_port(fd->fd), waiter = MACH_PORT_NULL;
	uint32_t type;
	uint32_t happened;
	kern_return_t kr;

	errno = saved;
	fd->revents = fd->fd >= 0 && file == MACH_PORT_NULL ? POLLNVAL : 0;
	if (file == MACH_PORT_NULL)
		return 0;
	if (waits && mach_port_extract_right(mach_task_self(), own_port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &waiter, &type) != KERN_SUCCESS)
		return posix_error(EAGAIN);
	kr = io_poll(file, wanted(fd->events), key_of(index), waiter, &happened);
	if (kr == ENOMEM)
		return posix_error(EAGAIN);
	fd->revents = kr == KERN_SUCCESS ? found(happened, fd->events) : failed(kr, fd->events);
	return 0;
}

/* Asks about all; once one has an event, nobody has to keep a right. Returns how many have. */
static int
look(struct pollfd *fds, nfds_t count, bool waits)
{
	int ready = 0;

	for (nfds_t i = 0; i < count; i++) {
		if (look_at(&fds[i], i, waits && ready == 0) < 0)
			return -1;
		ready += fds[i].revents != 0;
	}
	return ready;
}

/* Waits for anything at the port. Returns what mach_msg_unless says. */
static mach_msg_return_t
receive(uint64_t end, uint32_t handlers)
{
	struct {
		mach_msg_header_t head;
		uint8_t rest[64];
	} message;
	mach_msg_option_t option = MACH_RCV_MSG;
	mach_msg_return_t mr;
	uint64_t now, left = 0;

	if (end != POLL_FOR_EVER) {
		now = clock_now();
		left = now < end ? (end - now + MILLISECOND - 1) / MILLISECOND : 0;
		option |= MACH_RCV_TIMEOUT;
	}
	cancel_begin();
	mr = mach_msg_unless(&message.head, option, 0, sizeof(message), own_port,
	    left < TIMEOUT_MAX ? (uint32_t)left : TIMEOUT_MAX, signal_handled(), handlers);
	cancel_end();
	return mr;
}

static int
wait_for(struct pollfd *fds, nfds_t count, uint64_t end, uint32_t handlers)
{
	for (;;) {
		int ready = port_make() < 0 ? -1 : look(fds, count, true);
		mach_msg_return_t mr;

		if (ready != 0)
			return ready;
		mr = receive(end, handlers);
		if (mr == MACH_SEND_NOT_BEGUN)
			return posix_error(EINTR);
		if (mr == MACH_RCV_TIMED_OUT && clock_now() >= end)
			return look(fds, count, false);
	}
}

int
poll_wait(struct pollfd *fds, nfds_t count, uint64_t timeout, uint32_t handlers)
{
	uint64_t now, end = POLL_FOR_EVER;
	int ready;

	if (count > COUNT_MAX)
		return posix_error(EINVAL);
	ready = look(fds, count, false);
	if (ready != 0 || timeout == 0)
		return ready;
	now = clock_now();
	if (timeout < POLL_FOR_EVER - now)
		end = now + timeout;
	pthread_cleanup_push(port_give_back, NULL);
	ready = wait_for(fds, count, end, handlers);
	pthread_cleanup_pop(1);
	return ready;
}

int
poll(struct pollfd *fds, nfds_t count, int timeout)
{
	return poll_wait(fds, count, timeout < 0 ? POLL_FOR_EVER : (uint64_t)timeout * MILLISECOND, *signal_handled());
}
