/*
 * Instruction counts of the kernel's basic operations, for `make bench`: one line `bench NAME COUNT` each, COUNT being what the machine's counter
 * advanced per operation. Under -icount the counter advances by one per instruction (conf/bench.py), so the numbers are exact.
 *
 * The child task is a copy of this one (memory and send rights): it is the client of the RPC rows, this task is the server.
 */
#include <mach/thread_status.h>

#include "mach/cthread.h"
#include "mach/mach.h"
#include "mach/print.h"

#define ROUNDS		500
#define PAGES		256
#define BODY_MAX	8192

struct message {
	mach_msg_header_t header;
	uint8_t body[BODY_MAX];
	mach_msg_trailer_t trailer;
};

static struct message request, answer;
static mach_port_t service;
static uint64_t overhead;			/* of reading the counter twice */

static void
report(const char *name, uint64_t start, uint64_t end, unsigned rounds)
{
	print("bench %s %lu\n", name, (unsigned long)((end - start - overhead) / rounds));
}

/* Measures the statement, after a warm-up of a tenth. */
#define MEASURE(name, rounds, statement) \
	do { \
		uint64_t start; \
		for (unsigned i = 0; i < (rounds) / 10 + 1; i++) \
			statement; \
		start = clock_counter(); \
		for (unsigned i = 0; i < (rounds); i++) \
			statement; \
		report(name, start, clock_counter(), rounds); \
	} while (0)

/* --- kernel calls --- */

static void
port_create_destroy(void)
{
	mach_port_t port;

	mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port);
	mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
}

static void
task_create_terminate(void)
{
	task_t task;

	task_create(mach_task_self(), 0, &task);
	task_terminate(task);
	mach_port_deallocate(mach_task_self(), task);
}

static void *
nothing(void *argument)
{
	return argument;
}

static void
thread_create_join(void)
{
	cthread_join(cthread_create(nothing, NULL, 0));
}

static void
measure_calls(void)
{
	mach_port_type_t type;

	MEASURE("trap_null", ROUNDS, (void)mach_host_self());
	MEASURE("trap_port_type", ROUNDS, mach_port_type(mach_task_self(), service, &type));
	MEASURE("port_create_destroy", ROUNDS, port_create_destroy());
	MEASURE("task_create_terminate", 50, task_create_terminate());
	MEASURE("thread_create_join", 50, thread_create_join());
	MEASURE("switch_yield", ROUNDS, thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0));
}

/* --- memory --- */

static void
touch(vm_address_t address)
{
	for (unsigned i = 0; i < PAGES; i++)
		*(volatile char *)(address + i * VM_PAGE_SIZE) = 1;
}

static void
measure_faults(void)
{
	vm_address_t address = 0;
	struct vm_remap_args copy;
	uint64_t start;

	for (int round = 0; round < 2; round++) {		/* the first warms up */
		address = 0;
		vm_allocate(mach_task_self(), &address, PAGES * VM_PAGE_SIZE, VM_FLAGS_ANYWHERE);
		start = clock_counter();
		touch(address);
		if (round == 1)
			report("fault_zero", start, clock_counter(), PAGES);
		copy = (struct vm_remap_args){ .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE,
			.size = PAGES * VM_PAGE_SIZE, .source = mach_task_self(), .copy = 1, .source_address = address,
			.inheritance = VM_INHERIT_COPY };
		if (vm_remap(&copy) != KERN_SUCCESS)
			print("bench: vm_remap failed\n");
		start = clock_counter();
		touch(copy.address);
		if (round == 1)
			report("fault_copy", start, clock_counter(), PAGES);
		vm_deallocate(mach_task_self(), copy.address, PAGES * VM_PAGE_SIZE);
		vm_deallocate(mach_task_self(), address, PAGES * VM_PAGE_SIZE);
	}
}

/* --- messages --- */

static mach_port_t reply;

static void
call(uint32_t size, uint32_t descriptors)
{
	request.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) |
	    (descriptors != 0 ? MACH_MSGH_BITS_COMPLEX : 0);
	request.header.msgh_remote_port = service;
	request.header.msgh_local_port = reply;
	request.header.msgh_id = 1;
	request.header.msgh_descriptor_count = descriptors;
	if (mach_msg(&request.header, MACH_SEND_MSG | MACH_RCV_MSG, size, sizeof(request), reply, 0, MACH_PORT_NULL) != 0)
		print("bench: call failed\n");
}

static void
call_with_right(void)
{
	mach_msg_port_descriptor_t *port = (mach_msg_port_descriptor_t *)request.body;

	*port = (mach_msg_port_descriptor_t){ .name = reply, .disposition = MACH_MSG_TYPE_MAKE_SEND,
		.type = MACH_MSG_PORT_DESCRIPTOR };
	call(64, 1);
}

static void
call_with_memory(vm_address_t address, uint32_t size)
{
	mach_msg_ool_descriptor_t *ool = (mach_msg_ool_descriptor_t *)request.body;

	*ool = (mach_msg_ool_descriptor_t){ .address = address, .size = size, .copy = MACH_MSG_VIRTUAL_COPY,
		.type = MACH_MSG_OOL_DESCRIPTOR };
	call(64, 1);
}

static void
child_main(void)
{
	vm_address_t memory = 0;

	reply = mach_reply_port();
	vm_allocate(mach_task_self(), &memory, 1 << 20, VM_FLAGS_ANYWHERE);
	touch(memory);
	MEASURE("rpc_null", ROUNDS, call(64, 0));
	MEASURE("rpc_1k", ROUNDS, call(1024, 0));
	MEASURE("rpc_8k", 100, call(24 + BODY_MAX, 0));
	MEASURE("rpc_port", ROUNDS, call_with_right());
	MEASURE("rpc_ool_64k", 100, call_with_memory(memory, 64 << 10));
	MEASURE("rpc_ool_1m", 20, call_with_memory(memory, 1 << 20));
	task_terminate(mach_task_self());
}

/* Starts the copy of this task in child_main, on a stack of its own in the copied memory. */
static task_t
start_child(void)
{
	task_t child;
	thread_t thread, self = mach_thread_self();
	struct thread_state state;
	uint32_t size = sizeof(state);
	vm_address_t stack = 0;

	vm_allocate(mach_task_self(), &stack, 64 << 10, VM_FLAGS_ANYWHERE);
	if (thread_get_state(self, THREAD_STATE_GENERAL, &state, &size) != KERN_SUCCESS ||
	    task_create(mach_task_self(), TASK_INHERIT_MEMORY | TASK_INHERIT_RIGHTS, &child) != KERN_SUCCESS ||
	    mach_port_insert_right(child, service, service, MACH_MSG_TYPE_MAKE_SEND) != KERN_SUCCESS ||
	    thread_create(child, &thread) != KERN_SUCCESS)
		return MACH_PORT_NULL;
	THREAD_STATE_PC(&state) = (uintptr_t)child_main;
	THREAD_STATE_SP(&state) = THREAD_STATE_ENTRY_SP(stack + (64 << 10));
	thread_set_state(thread, THREAD_STATE_GENERAL, &state, sizeof(state));
	thread_resume(thread);
	return child;
}

/* Gives back what a complex request brought. */
static void
release(const mach_msg_header_t *header)
{
	const mach_msg_descriptor_t *d = (const mach_msg_descriptor_t *)(header + 1);

	if (header->msgh_descriptor_count == 0)
		return;
	if (d->port.type == MACH_MSG_PORT_DESCRIPTOR)
		mach_port_deallocate(mach_task_self(), d->port.name);
	else
		vm_deallocate(mach_task_self(), d->out_of_line.address, d->out_of_line.size);
}

/* Answers until the client's death arrives (a dead-name notification comes to the same port). */
static void
serve(void)
{
	mach_msg_option_t option = MACH_RCV_MSG;

	for (;;) {
		if (mach_msg(&answer.header, option, 64, sizeof(answer), service, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS ||
		    answer.header.msgh_id != 1)
			return;
		release(&answer.header);
		answer.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
		answer.header.msgh_local_port = MACH_PORT_NULL;
		answer.header.msgh_descriptor_count = 0;
		option = MACH_SEND_MSG | MACH_RCV_MSG;
	}
}

int
main(void)
{
	task_t child;
	uint64_t start = clock_counter();

	overhead = clock_counter() - start;
	if (port_create(true, &service) != KERN_SUCCESS)
		return 1;
	measure_calls();
	measure_faults();
	child = start_child();
	if (child == MACH_PORT_NULL || port_notify(child, MACH_NOTIFY_DEAD_NAME, service) != KERN_SUCCESS) {
		print("bench: no child\n");
		lab_exit(1);
	}
	serve();
	print("bench done 0\n");
	lab_exit(0);
	return 0;
}
