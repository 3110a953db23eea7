/* What poll, select and their relations share. */
#ifndef LIB_POSIX_POLL_WAIT_H
#define LIB_POSIX_POLL_WAIT_H

#include <poll.h>
#include <stdint.h>

#define POLL_FOR_EVER	UINT64_MAX

/*
 * Waits until a descriptor has an event, for at most `timeout` nanoseconds. Returns how many have; 0: the time is over; -1: EINTR (a signal
 * handler ran since `handlers`, a value of *signal_handled()), EAGAIN.
 */
int poll_wait(struct pollfd *fds, nfds_t count, uint64_t timeout, uint32_t handlers);

#endif
