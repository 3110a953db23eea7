/*
 * A server and a client that speak in messages of their own making, with nothing between them and the kernel.
 *
 * The server (the parent) makes a port and keeps its receive right. The client (the child) needs a send right. A receive right does not
 * go through fork, and a send right under the same name does not either: so the server leaves a send right as its task's bootstrap port,
 * which children inherit, and the client takes it from there.
 *
 *	client						server
 *	request: numbers, reply port (send-once)  --->	receives, adds
 *	receives  <------------------------------------	reply: the sum, to the reply port
 *	request of another id  ----------------------->	reply: MIG_BAD_ID
 *	ends; its send right dies with it		no-senders notification: ends too
 *
 * Servers of the system do not write this by hand: conf/mig.py generates it from inc/proto/NAME.defs.
 */
#include <mach/mach.h>
#include <mach/notify.h>
#include <mach/task_info.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADD_ID		7000
#define REPLY_ID	(ADD_ID + 100)
#define BAD_REQUEST	(-304)
#define NUMBERS_MAX	15		/* so that the size is a multiple of 8, where the kernel puts the trailer */

struct request {
	mach_msg_header_t header;
	uint32_t count;
	int32_t numbers[NUMBERS_MAX];
};

_Static_assert(sizeof(struct request) % 8 == 0, "the trailer follows at once");

struct reply {
	mach_msg_header_t header;
	int32_t result;			/* 0, or what was wrong */
	int32_t sum;
};

/* What is received has a trailer: who sent it, as the kernel knows. */
union message {
	mach_msg_header_t header;
	struct {
		struct request body;
		mach_msg_trailer_t trailer;
	} request;
	struct {
		struct reply body;
		mach_msg_trailer_t trailer;
	} reply;
	mach_notification_t notification;
};

static void
must(kern_return_t kr, const char *what)
{
	if (kr != KERN_SUCCESS) {
		fprintf(stderr, "ipc: %s: %s\n", what, kern_return_name(kr));
		exit(1);
	}
}

/* --- client --- */

/* One trap sends the request and receives the reply. */
static void
ask(mach_port_t server, mach_port_t reply_port, int id, uint32_t count)
{
	union message m = { .header = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.msgh_remote_port = server,
		.msgh_local_port = reply_port,
		.msgh_id = id,
	} };

	m.request.body.count = count;
	for (uint32_t i = 0; i < count && i < NUMBERS_MAX; i++)
		m.request.body.numbers[i] = (int32_t)(i + 1);
	must(mach_msg(&m.header, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(struct request), sizeof(m), reply_port,
		MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL), "mach_msg");
	if (m.header.msgh_id != REPLY_ID || m.reply.body.result != 0)
		printf("client: request %d with %u numbers is refused\n", id, count);
	else
		printf("client: the sum of 1 to %u is %d\n", count, m.reply.body.sum);
	fflush(stdout);
}

static void
client(void)
{
	mach_port_t server, reply_port;

	must(task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &server), "task_get_special_port");
	must(port_create(false, &reply_port), "port_create");
	ask(server, reply_port, ADD_ID, 4);
	ask(server, reply_port, ADD_ID, 10);
	ask(server, reply_port, ADD_ID, 1000);
	ask(server, reply_port, ADD_ID + 1, 1);
}

/* --- server --- */

/* A server believes nothing: not the size, not the count, not that there is a port to answer to. */
static struct reply
add(const union message *m)
{
	const struct request *request = &m->request.body;
	struct reply reply = { .result = BAD_REQUEST };

	if (m->header.msgh_id != ADD_ID || m->header.msgh_size != sizeof(*request) || request->count > NUMBERS_MAX)
		return reply;
	reply.result = 0;
	for (uint32_t i = 0; i < request->count; i++)
		reply.sum += request->numbers[i];
	return reply;
}

/*
 * The reply port's right came in with the request as the message's remote port and is moved out with the reply. A reply that cannot be
 * sent is dropped with a time limit of 0: a client must not be able to stop its server.
 */
static void
answer(union message *m)
{
	struct reply reply = add(m);

	reply.header = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(m->header.msgh_bits), 0),
		.msgh_remote_port = m->header.msgh_remote_port,
		.msgh_id = REPLY_ID,
	};
	if (mach_msg(&reply.header, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(reply), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL) !=
		MACH_MSG_SUCCESS)
		port_drop(m->header.msgh_remote_port);
}

/* Anybody can send a message with the notification's number; only the kernel has the label 0. */
static bool
nobody_can_send(const union message *m)
{
	return m->header.msgh_id == MACH_NOTIFY_NO_SENDERS && m->notification.not_trailer.msgh_sender.label == 0 &&
		m->header.msgh_size == offsetof(mach_notification_t, not_trailer);
}

static void
serve(mach_port_t port)
{
	union message m;

	for (;;) {
		must(mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), port, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL), "mach_msg");
		if (nobody_can_send(&m))
			break;
		answer(&m);
	}
	printf("server: nobody can send any more\n");
}

int
main(void)
{
	mach_port_t port;
	int status = 0;
	pid_t child;

	must(port_create(true, &port), "port_create");
	must(task_set_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, port), "task_set_special_port");
	child = fork();
	if (child < 0) {
		perror("ipc: fork");
		return 1;
	}
	if (child == 0) {
		client();
		return 0;
	}
	/* The server itself gives up its send rights: the client's is the last. */
	must(task_set_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, MACH_PORT_NULL), "task_set_special_port");
	port_drop(port);
	must(port_notify(port, MACH_NOTIFY_NO_SENDERS, port), "port_notify");
	serve(port);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
