/*
 * For tests that send servers wild requests. A victim of user 1001 sends them and may destroy itself in any way; another one takes its place.
 */
#ifndef USER_TEST_WILD_H
#define USER_TEST_WILD_H

#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "mach/mach.h"
#include "mach/mig.h"

#define WILD_USER	1001
#define WILD_CALL_MS	20		/* some requests are never answered */

static uint64_t seed;

static inline uint64_t
draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 2685821657736338717u;
}

static inline unsigned
below(unsigned limit)
{
	return (unsigned)(draw() >> 33) % limit;
}

/* A number as arguments have them, or one at an edge. */
static inline int32_t
number(void)
{
	static const int32_t edges[] = { 0, 1, -1, 2, 9, 19, 55, 56, 64, 65, 255, 256, INT32_MAX, INT32_MIN };

	return below(4) == 0 ? (int32_t)draw() : edges[below(sizeof(edges) / sizeof(edges[0]))];
}

static inline void
fill(void *data, size_t size)
{
	uint8_t *at = data;

	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)draw();
}

/* --- messages of random bytes --- */

/* Sends a message of random bytes, perhaps with one of some kind of descriptors; `right` is a right it may carry. Answers are taken. */
static inline void
wild_message(mach_port_t to, int32_t id, mach_port_t right)
{
	static _Alignas(16) uint8_t room[8192];
	static mach_port_t reply = MACH_PORT_NULL;
	mach_msg_header_t *head = (mach_msg_header_t *)room;
	void *first = head + 1;
	uint32_t size = sizeof(*head) + below(512) * 8;

	if (reply == MACH_PORT_NULL)
		port_create(false, &reply);
	fill(room, sizeof(room));
	*head = (mach_msg_header_t){ .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, below(8) == 0 ? 0 : MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.msgh_remote_port = to, .msgh_local_port = reply, .msgh_id = id };
	if (MACH_MSGH_BITS_LOCAL(head->msgh_bits) == 0)
		head->msgh_local_port = MACH_PORT_NULL;
	if (below(3) == 0 && size >= sizeof(*head) + sizeof(mach_msg_ool_ports_descriptor_t)) {
		head->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
		head->msgh_descriptor_count = 1;
		switch (below(3)) {
		case 0: mig_put_port(first, right, MACH_MSG_TYPE_COPY_SEND); break;
		case 1: mig_put_ool(first, room, below(sizeof(room)), false); break;
		case 2: mig_put_ports(first, &right, 1, MACH_MSG_TYPE_COPY_SEND, false); break;
		}
	}
	mach_msg(head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, size, 0, MACH_PORT_NULL, WILD_CALL_MS, MACH_PORT_NULL);
	while (mach_msg(head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(room), reply, below(2), MACH_PORT_NULL) == MACH_MSG_SUCCESS)
		mig_destroy(head);
}

/* --- victims --- */

/* Everybody of that user: children of wild forks, too. */
static inline void
wild_end_victims(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (setuid(WILD_USER) != 0)
			_exit(1);
		while (kill(-1, SIGKILL) == 0)
			usleep(1000);
		_exit(errno == EPERM ? 0 : 1);	/* others are left, and not ours */
	}
	EQUAL(waitpid(pid, &status, 0), pid);
	EQUAL(status, 0);
}

/* Runs act(calls) in `count` victims, one after the other. */
static inline void
wild_victims(unsigned count, unsigned calls, void (*act)(unsigned calls))
{
	struct rlimit few = { 12, 12 };
	int status;
	pid_t pid;

	for (unsigned i = 0; i < count; i++) {
		seed = 88172645463325252u + i * 7919;
		pid = fork();
		if (pid == 0) {
			setsid();
			setrlimit(RLIMIT_NPROC, &few);
			if (setgid(WILD_USER) != 0 || setuid(WILD_USER) != 0)
				_exit(1);
			alarm(20);
			mig_set_timeout(WILD_CALL_MS);
			act(calls);
			_exit(0);
		}
		CHECK(pid > 0);
		EQUAL(waitpid(pid, &status, WUNTRACED), pid);
		if (WIFSTOPPED(status)) {
			EQUAL(kill(pid, SIGKILL), 0);
			EQUAL(waitpid(pid, &status, 0), pid);
		}
		wild_end_victims();
	}
}

#endif
