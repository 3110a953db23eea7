/*
 * Whether two workers that have nothing to do with each other get twice as much done on two CPUs, for `make scaling`
 * (conf/scaling.py): one line for each kind of work,
 *
 *	scale NAME OPERATIONS NS
 *
 * Each worker is a task of its own, a copy of this one; for RPC it is two.
 */
#include <mach/thread_status.h>

#include "mach/cthread.h"
#include "mach/mach.h"
#include "mach/print.h"
#include "ipc_check.h"

#define WORKERS		2
#define PAGES		64

static mach_port_t control;		/* this task's: servers introduce themselves, workers say that they are done */
static mach_port_t server;		/* of the RPC worker that is started next */
static unsigned rounds;
static void (*work)(void);

/* --- the work --- */

static void
work_faults(void)
{
	for (unsigned i = 0; i < rounds; i += PAGES) {
		vm_address_t at = 0;

		vm_allocate(mach_task_self(), &at, PAGES * VM_PAGE_SIZE, VM_FLAGS_ANYWHERE);
		for (unsigned page = 0; page < PAGES; page++)
			*(volatile char *)(at + page * VM_PAGE_SIZE) = 1;
		vm_deallocate(mach_task_self(), at, PAGES * VM_PAGE_SIZE);
	}
}

static void
work_ports(void)
{
	for (unsigned i = 0; i < rounds; i++) {
		mach_port_t port;

		mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
		mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
	}
}

static void
work_rpc(void)
{
	mach_port_t reply = mach_reply_port();
	static struct message m;

	for (unsigned i = 0; i < rounds; i++) {
		m.head = (mach_msg_header_t){ .msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
			.msgh_remote_port = server, .msgh_local_port = reply };
		if (mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, 64, sizeof(m), reply, 0, 0) != MACH_MSG_SUCCESS)
			print("scale: a call failed\n");
	}
}

/* --- the tasks --- */

static void
worker_main(void *argument)
{
	(void)argument;
	work();
	send_word(control, 1, 0);
	task_terminate(mach_task_self());
}

static void
server_main(void *argument)
{
	static struct message m;
	mach_port_t port = new_send();
	mach_msg_option_t option = MACH_RCV_MSG;

	(void)argument;
	message_init(&m, control, MACH_MSG_TYPE_COPY_SEND, port, MACH_MSG_TYPE_COPY_SEND, 2);
	message_send(&m, sizeof(m.head), 1000);
	while (mach_msg(&m.head, option, 64, sizeof(m), port, 0, 0) == MACH_MSG_SUCCESS) {
		m.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		m.head.msgh_local_port = MACH_PORT_NULL;
		option = MACH_SEND_MSG | MACH_RCV_MSG;
	}
	task_terminate(mach_task_self());
}

/* A copy of this task that can send to `control`, whose name holds more than a send right here. */
static task_t
copy_of_this(void)
{
	task_t child = child_create(true);

	OK(mach_port_insert_right(child, control, control, MACH_MSG_TYPE_MAKE_SEND));
	return child;
}

static void
measure(const char *name, void (*function)(void), unsigned count, bool with_server)
{
	task_t workers[WORKERS], servers[WORKERS];
	static struct message m;
	uint64_t start;

	work = function;
	rounds = count;
	for (unsigned i = 0; i < WORKERS; i++) {
		if (with_server) {
			servers[i] = copy_of_this();
			child_run(servers[i], server_main, NULL);
			if (message_receive(&m, control, 10000) != MACH_MSG_SUCCESS)
				print("scale: no server\n");
			server = m.head.msgh_remote_port;
		}
		workers[i] = copy_of_this();
	}
	start = clock_now();
	for (unsigned i = 0; i < WORKERS; i++)
		child_run(workers[i], worker_main, NULL);
	for (unsigned i = 0; i < WORKERS; i++)
		message_receive(&m, control, 100000);
	print("scale %s %u %lu\n", name, WORKERS * count, (unsigned long)(clock_now() - start));
	for (unsigned i = 0; i < WORKERS; i++) {
		child_wait(workers[i]);
		if (with_server)
			child_end(servers[i]);
	}
}

int
main(void)
{
	check_begin();
	control = new_send();
	measure("rpc", work_rpc, 40000, true);
	measure("faults", work_faults, 128000, false);
	measure("ports", work_ports, 200000, false);
	print("1 passed, 0 failed\n");
	lab_exit(0);
	return 0;
}
