/*
 * Clients of the file server's sockets and pipes that do not keep to what the library does: others must not feel it. With a number: so many
 * requests of each kind, to see that they leave nothing behind.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "fs.h"
#include "io.h"
#include "mach/mach.h"
#include "mach/mig.h"
#include "mach/startup.h"
#include "posix/posix.h"
#include "sockets.h"

#define NAME		"/tmp/posix_socket_hostile"
#define PLACE		"/tmp/posix_socket_place"
#define USER		1001
#define PAIR_ID		4401		/* sock.defs */
#define CONNECT_ID	4403
#define ACCEPT_ID	4405
#define READ_ID		3400		/* io.defs */
#define DEATHS		100
#define PATIENCE_MS	20000		/* for what is sure to come */
#define PIPES		1024		/* of all clients together (fs) */

/* --- replies that nobody gets --- */

struct pair_request {
	mach_msg_header_t head;
	uint32_t family, kind, protocol, flags;
};

static void
ask_for_pair(mach_port_t reply, uint32_t right)
{
	struct pair_request request = {
		.head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, right), .msgh_remote_port = startup_info->root,
			.msgh_local_port = reply, .msgh_id = PAIR_ID },
		.family = AF_UNIX, .kind = SOCK_STREAM };

	EQUAL(mach_msg(&request.head, MACH_SEND_MSG, sizeof(request), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
}

/* The reply name says from the beginning that nobody is there. */
static void
ask_for_nobody(int count)
{
	for (int i = 0; i < count; i++)
		ask_for_pair(MACH_PORT_DEAD, MACH_MSG_TYPE_MOVE_SEND_ONCE);
}

/* Who asks is gone before the answer, or after it. */
static void
ask_and_go(int count)
{
	mach_port_t reply;

	for (int i = 0; i < count; i++) {
		EQUAL(port_create(false, &reply), KERN_SUCCESS);
		ask_for_pair(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
		port_drop_receive(reply);
	}
}

/* What nobody has any more is given back when the server hears of it: soon. */
static void
pair_is_had_soon(void)
{
	int fds[2] = { -1, -1 }, tries = 0;

	while (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 && ++tries < 10000)
		usleep(1000);
	CHECK(fds[0] >= 0);
	close_both(fds);
}

static void
replies_for_nobody(int count)
{
	ask_for_nobody(count);
	pair_is_had_soon();
	ask_and_go(count);
	pair_is_had_soon();
}

/* --- who waits to accept, and dies --- */

struct accept_request {
	mach_msg_header_t head;
	uint32_t flags, pad;
};

/* A request to accept that waits at the listener, with such a reply port. */
static void
wait_to_accept(int listener, mach_port_t reply)
{
	struct accept_request request = {
		.head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
			.msgh_remote_port = fd_port(listener), .msgh_local_port = reply, .msgh_id = ACCEPT_ID } };
	struct stat status;

	EQUAL(mach_msg(&request.head, MACH_SEND_MSG, sizeof(request), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
	EQUAL(fstat(listener, &status), 0);
}

struct connect_request {
	mach_msg_header_t head;
	mach_msg_port_descriptor_t dir;
	uint32_t length, pad;
	struct sockaddr_un address;
} __attribute__((aligned(8)));

/* Begins to connect; the answer goes to the port. */
static void
begin_to_connect(int client, mach_port_t reply)
{
	struct connect_request request = {
		.head = { .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) | MACH_MSGH_BITS_COMPLEX,
			.msgh_remote_port = fd_port(client), .msgh_local_port = reply, .msgh_id = CONNECT_ID, .msgh_descriptor_count = 1 },
		.length = sizeof(struct sockaddr_un), .address = address_of(NAME) };

	mig_put_port(&request.dir, startup_info->root, MACH_MSG_TYPE_COPY_SEND);
	EQUAL(mach_msg(&request.head, MACH_SEND_MSG, sizeof(request), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
}

/* The result that comes to the port, if one comes. */
static kern_return_t
result_at(mach_port_t reply)
{
	struct {
		mach_msg_header_t head;
		kern_return_t result;
		uint8_t trailer[256];
	} message = { .result = -1 };

	EQUAL(mach_msg(&message.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(message), reply, PATIENCE_MS, MACH_PORT_NULL), MACH_MSG_SUCCESS);
	return message.result;
}

/*
 * The connection that a dead client was to accept waits for the next one. When the server hears of the death is a matter of moments, so
 * this is done often: once in a while, with several CPUs, it has answered before, and the connection has gone with who had it.
 */
static void
dead_accepts(void)
{
	int listener = listen_at(NAME, SOMAXCONN), client, server, kept = 0;
	mach_port_t dead, answer;
	char text;

	EQUAL(port_create(false, &answer), KERN_SUCCESS);
	for (int i = 0; i < DEATHS; i++) {
		EQUAL(port_create(false, &dead), KERN_SUCCESS);
		wait_to_accept(listener, dead);
		client = socket(AF_UNIX, SOCK_STREAM, 0);
		begin_to_connect(client, answer);
		port_drop_receive(dead);
		EQUAL(result_at(answer), 0);
		if (events_of(listener, POLLIN) == POLLIN) {
			server = accept(listener, NULL, NULL);
			EQUAL(write(client, "x", 1), 1);
			EQUAL(read(server, &text, 1), 1);
			EQUAL(close(server), 0);
			kept++;
		}
		EQUAL(close(client), 0);
	}
	CHECK(kept > DEATHS * 3 / 4);
	port_drop_receive(answer);
	EQUAL(close(listener), 0);
	EQUAL(unlink(NAME), 0);
}

/* --- connections that nobody accepts --- */

#define LISTENERS	9		/* times SOMAXCONN connections: more than there are pipes */

static const char *
listener_name(int i)
{
	static char name[64];

	snprintf(name, sizeof(name), NAME "%d", i);
	return name;
}

/* Connects, perhaps writes something, and closes. */
static int
leave_connection(int i, bool data)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), result = connect_to(fd, listener_name(i)), error = errno;

	if (result == 0 && data)
		EQUAL(write(fd, "x", 1), 1);
	EQUAL(close(fd), 0);
	errno = error;
	return result;
}

/* A user's process leaves as many as it can. What has no bytes left takes no pipe; what has takes those of other users, not of user 0. */
static void
fill_listeners(int ready)
{
	int listeners[LISTENERS], fds[2], left = 0, error = 0;

	for (int i = 0; i < LISTENERS; i++)
		listeners[i] = listen_at(listener_name(i), SOMAXCONN);
	for (int i = 0; i < LISTENERS * SOMAXCONN; i++)
		EQUAL(leave_connection(i / SOMAXCONN, false), 0);
	EQUAL(pipe(fds), 0);
	close_both(fds);
	for (int i = 0; i < LISTENERS; i++) {
		EQUAL(close(listeners[i]), 0);
		listeners[i] = listen_at(listener_name(i), SOMAXCONN);
	}
	while (left < LISTENERS * SOMAXCONN && error == 0)
		if (leave_connection(left / SOMAXCONN, true) == 0)
			left++;
		else
			error = errno;
	EQUAL(error, ENOBUFS);
	while (pipe(fds) == 0)
		continue;
	EQUAL(errno, ENFILE);
	EQUAL(write(ready, "", 1), 1);
	pause();
}

static void
unaccepted(void)
{
	int ready[2], fds[2];
	char byte;
	pid_t child;

	EQUAL(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (setuid(USER) == 0)
			fill_listeners(ready[1]);
		_exit(1);
	}
	EQUAL(close(ready[1]), 0);
	EQUAL(read(ready[0], &byte, 1), 1);
	EQUAL(pipe(fds), 0);
	close_both(fds);
	EQUAL(kill(child, SIGKILL), 0);
	EQUAL(end_of(child), SIGKILL);
	EQUAL(close(ready[0]), 0);
	for (int i = 0; i < LISTENERS; i++)
		EQUAL(unlink(listener_name(i)), 0);
}

/* --- requests that wait --- */

#define PIPE_SIZE	65536		/* fs/pipe/pipe.h */
#define WAITS_SHARE	256		/* of one client (fs) */
#define WAITS		300
#define FILE_POLLS	64		/* waiters of one file, and of one client (lib/mach/poll_list.h) */
#define POLLS_SHARE	4096
#define POLL_PIPES	65		/* times FILE_POLLS: more than a share */

struct read_request {
	mach_msg_header_t head;
	int64_t offset;
	uint32_t size, pad;
};

/* One client has a share of the reads that wait; others wait all the same. */
static void
waiting_reads(void)
{
	struct read_request request = { .offset = -1, .size = 1 };
	mach_port_t reply;
	int fds[2], own[2];
	pid_t child;
	char byte;

	EQUAL(pipe(fds) | pipe(own), 0);
	EQUAL(port_create(false, &reply), KERN_SUCCESS);
	for (int i = 0; i < WAITS; i++) {
		request.head = (mach_msg_header_t){ .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
			.msgh_remote_port = fd_port(fds[0]), .msgh_local_port = reply, .msgh_id = READ_ID };
		EQUAL(mach_msg(&request.head, MACH_SEND_MSG, sizeof(request), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
	}
	for (int i = 0; i < WAITS - WAITS_SHARE; i++)
		EQUAL(result_at(reply), ENOMEM);
	child = fork();
	if (child == 0)
		_exit(read(own[0], &byte, 1) == 1 ? 7 : 1);
	EQUAL(write(own[1], "x", 1), 1);
	EQUAL(end_of(child), 7 << 8);
	port_drop_receive(reply);
	close_both(fds);
	close_both(own);
}

/*
 * Of what a client writes no more is kept while it waits than fills the pipe once again: its first request ends then, after what filled it, and
 * perhaps what a read took that waited before.
 */
static void
large_writes(void)
{
	static char data[1024 * 1024], room[PIPE_SIZE];
	ssize_t n, got = 0;
	uint32_t written;
	int fds[2];
	pid_t child;

	EQUAL(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		_exit(io_write_ool(fd_port(fds[1]), -1, data, sizeof(data), &written) == KERN_SUCCESS ? 7 : 1);
	}
	EQUAL(close(fds[1]), 0);
	while ((n = read(fds[0], room, sizeof(room))) > 0)
		got += n;
	CHECK(got >= 2 * PIPE_SIZE && got <= 3 * PIPE_SIZE);
	EQUAL(close(fds[0]), 0);
	EQUAL(end_of(child), 7 << 8);
}

static kern_return_t
wait_for_event(int fd, uint32_t key, mach_port_t port)
{
	mach_port_t waiter = MACH_PORT_NULL;
	uint32_t type, happened;

	EQUAL(mach_port_extract_right(mach_task_self(), port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &waiter, &type), KERN_SUCCESS);
	return io_poll(fd_port(fd), IO_POLL_IN, key, waiter, &happened);
}

/* So it is with waiters for events. */
static void
waiting_polls(void)
{
	int fds[POLL_PIPES][2], refused = 0;
	mach_port_t port;
	pid_t child;

	EQUAL(port_create(false, &port), KERN_SUCCESS);
	for (int i = 0; i < POLL_PIPES; i++) {
		EQUAL(pipe(fds[i]), 0);
		for (uint32_t key = 0; key < FILE_POLLS; key++)
			refused += wait_for_event(fds[i][0], key, port) == ENOMEM;
	}
	EQUAL(refused, POLL_PIPES * FILE_POLLS - POLLS_SHARE);
	child = fork();
	if (child == 0) {
		port_create(false, &port);
		_exit(wait_for_event(fds[POLL_PIPES - 1][0], 0, port) == KERN_SUCCESS ? 7 : 1);
	}
	EQUAL(end_of(child), 7 << 8);
	for (int i = 0; i < POLL_PIPES; i++)
		close_both(fds[i]);
	port_drop_receive(port);
}

/* --- a file system with sockets --- */

/* A file system is not busy for sockets that were closed a moment ago. */
static void
unmount_after_close(void)
{
	int fds[64];
	char name[64];

	EQUAL(mkdir(PLACE, 0777), 0);
	for (int round = 0; round < 20; round++) {
		EQUAL(fs_mount(startup_info->root, PLACE, "tmpfs", "none", 0), 0);
		for (int i = 0; i < 64; i++) {
			snprintf(name, sizeof(name), PLACE "/%d", i);
			fds[i] = listen_at(name, 1);
		}
		for (int i = 0; i < 64; i++)
			EQUAL(close(fds[i]), 0);
		EQUAL(fs_unmount(startup_info->root, PLACE), 0);
	}
	EQUAL(rmdir(PLACE), 0);
}

int
main(int argc, char **argv)
{
	if (argc > 1) {
		replies_for_nobody(atoi(argv[1]));
		return check_report("socket_hostile");
	}
	replies_for_nobody(PIPES);
	dead_accepts();
	unaccepted();
	waiting_reads();
	large_writes();
	waiting_polls();
	unmount_after_close();
	return check_report("socket_hostile");
}
