/*
 * What the kernel's basic operations cost, for `make bench` (conf/bench.py): one line for each,
 *
 *	bench NAME ROUNDS COUNTER SWITCHES NS
 *
 * with what the machine's counter advanced in all rounds (one step an instruction under -icount, so exact there),
 * switches of address space, and time. Words of the kernel's command line: `seed=N` for the row of drawn messages
 * and its log, `bench=cross` for the row that needs two CPUs, `bench=traced` to record events before the first row.
 *
 * The child task is a copy of this one (memory and send rights): it is the client of the RPC rows and faults on
 * the pager's object; this task serves both.
 */
#include <mach/memory_object.h>
#include <mach/thread_status.h>
#include <string.h>

#include "mach/cthread.h"
#include "mach/mach.h"
#include "mach/print.h"
#include "mach/startup.h"

#define ROUNDS		500
#define PAGES		256
#define BODY_MAX	8192
#define ANSWER		64		/* bytes, unless the request says otherwise */
#define DRAWN		200
#define PIECES_MAX	4		/* descriptors of a drawn message */
#define OOL_MAX		(64u << 10)

/* Ids of requests: notifications and pager messages have lower ones. */
#define ID_CALL		5001		/* answered in the trap that receives the next */
#define ID_APART	5002		/* answered in a trap of its own */
#define ID_DRAWN	100000		/* and above: the word behind the descriptors says how long the answer is */

struct message {
	mach_msg_header_t header;
	uint8_t body[BODY_MAX];
	mach_msg_trailer_t trailer;
};

static struct message request, answer;
static mach_port_t service, reply, object;
static mach_port_t spare;			/* of which rights are sent: what becomes of them does not come to `reply` */
static uint64_t overhead;			/* of reading the counter twice */
static uint64_t seed = 1;
static struct host_info host;

/* --- measuring --- */

struct stamp {
	uint64_t counter, switches, ns;
};

static uint64_t
space_switches(void)
{
	host_info(&host);
	return host.space_switches;
}

static struct stamp
begin(void)
{
	struct stamp stamp = { .switches = space_switches(), .ns = clock_now() };

	stamp.counter = clock_counter();
	return stamp;
}

static void
end(const char *name, struct stamp start, unsigned rounds)
{
	uint64_t counter = clock_counter(), ns = clock_now();

	print("bench %s %u %lu %lu %lu\n", name, rounds, (unsigned long)(counter - start.counter - overhead),
	    (unsigned long)(space_switches() - start.switches), (unsigned long)(ns - start.ns));
}

/* Measures the statement, after a warm-up of a tenth. */
#define MEASURE(name, rounds, statement) \
	do { \
		struct stamp start; \
		for (unsigned i = 0; i < (rounds) / 10 + 1; i++) \
			statement; \
		start = begin(); \
		for (unsigned i = 0; i < (rounds); i++) \
			statement; \
		end(name, start, rounds); \
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
thread_create_exit(void)
{
	cthread_join(cthread_create(nothing, NULL, 0));
}

static volatile bool yielding;

static void *
yielder(void *argument)
{
	while (yielding)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
	return argument;
}

/* Two threads that give each other the CPU: a round is a switch and half the traps around it. */
static void
measure_switch(void)
{
	cthread_t other;

	yielding = true;
	other = cthread_create(yielder, NULL, 0);
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
	MEASURE("switch_threads_twice", ROUNDS, thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0));
	yielding = false;
	cthread_join(other);
}

static void
measure_calls(void)
{
	mach_port_type_t type;

	MEASURE("trap_null", ROUNDS, (void)mach_host_self());
	MEASURE("trap_port_type", ROUNDS, mach_port_type(mach_task_self(), service, &type));
	MEASURE("port_create_destroy", ROUNDS, port_create_destroy());
	MEASURE("task_create_terminate", 50, task_create_terminate());
	MEASURE("thread_create_exit", 50, thread_create_exit());
	MEASURE("switch_yield", ROUNDS, thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0));
	measure_switch();
}

/* --- memory --- */

static void
touch(vm_address_t address)
{
	for (unsigned i = 0; i < PAGES; i++)
		*(volatile char *)(address + i * VM_PAGE_SIZE) = 1;
}

static void
measure_touch(const char *name, vm_address_t address)
{
	struct stamp start = begin();

	touch(address);
	if (name != NULL)
		end(name, start, PAGES);
}

/* One pass over fresh memory and over a copy of it; without a report the first time, which warms up. */
static void
fault_pass(bool report)
{
	struct vm_remap_args copy;
	vm_address_t address = 0;

	vm_allocate(mach_task_self(), &address, PAGES * VM_PAGE_SIZE, VM_FLAGS_ANYWHERE);
	measure_touch(report ? "fault_zero" : NULL, address);
	copy = (struct vm_remap_args){ .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE,
		.size = PAGES * VM_PAGE_SIZE, .source = mach_task_self(), .copy = 1, .source_address = address,
		.inheritance = VM_INHERIT_COPY };
	if (vm_remap(&copy) != KERN_SUCCESS)
		print("bench: vm_remap failed\n");
	measure_touch(report ? "fault_copy" : NULL, copy.address);
	vm_deallocate(mach_task_self(), copy.address, PAGES * VM_PAGE_SIZE);
	vm_deallocate(mach_task_self(), address, PAGES * VM_PAGE_SIZE);
}

/* Faults on an object whose pager is the parent: pages it has, mapped shared. */
static void
measure_pager(void)
{
	struct vm_map_args map = { .target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = PAGES * VM_PAGE_SIZE,
		.object = object, .cur_protection = VM_PROT_DEFAULT, .max_protection = VM_PROT_DEFAULT,
		.inheritance = VM_INHERIT_SHARE };

	if (vm_map(&map) != KERN_SUCCESS) {
		print("bench: vm_map failed\n");
		return;
	}
	*(volatile char *)map.address = 1;
	measure_touch("fault_pager", map.address);
	vm_deallocate(mach_task_self(), map.address, PAGES * VM_PAGE_SIZE);
}

/* --- messages --- */

static mach_msg_return_t
transfer(mach_msg_option_t option, uint32_t size, mach_msg_id_t id, uint32_t descriptors)
{
	request.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) |
	    (descriptors != 0 ? MACH_MSGH_BITS_COMPLEX : 0);
	request.header.msgh_remote_port = service;
	request.header.msgh_local_port = reply;
	request.header.msgh_id = id;
	request.header.msgh_descriptor_count = descriptors;
	return mach_msg(&request.header, option, size, sizeof(request), reply, 0, MACH_PORT_NULL);
}

/* In its place, always: what a row counts does not depend on who else calls it. */
static inline __attribute__((always_inline)) void
call(uint32_t size, uint32_t descriptors)
{
	if (transfer(MACH_SEND_MSG | MACH_RCV_MSG, size, ID_CALL, descriptors) != MACH_MSG_SUCCESS)
		print("bench: call failed\n");
}

/* Two traps on either side, so that no CPU is handed over. */
static void
call_apart(void)
{
	if (transfer(MACH_SEND_MSG, ANSWER, ID_APART, 0) != MACH_MSG_SUCCESS ||
	    mach_msg(&request.header, MACH_RCV_MSG, 0, sizeof(request), reply, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
		print("bench: call failed\n");
}

static inline void
put_right(unsigned index, mach_port_t name, unsigned disposition)
{
	mach_msg_port_descriptor_t *port = (mach_msg_port_descriptor_t *)request.body + index;

	*port = (mach_msg_port_descriptor_t){ .name = name, .disposition = disposition, .type = MACH_MSG_PORT_DESCRIPTOR };
}

static inline void
put_memory(unsigned index, vm_address_t address, uint32_t size)
{
	mach_msg_ool_descriptor_t *ool = (mach_msg_ool_descriptor_t *)request.body + index;

	*ool = (mach_msg_ool_descriptor_t){ .address = address, .size = size, .copy = MACH_MSG_VIRTUAL_COPY,
		.type = MACH_MSG_OOL_DESCRIPTOR };
}

static void
call_with_right(void)
{
	put_right(0, reply, MACH_MSG_TYPE_MAKE_SEND);
	call(64, 1);
}

static void
call_with_memory(vm_address_t address, uint32_t size)
{
	put_memory(0, address, size);
	call(64, 1);
}

/* --- messages drawn from the seed --- */

static uint32_t
draw(uint32_t limit)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % limit;
}

/* What a descriptor, or a half of the header, says. */
struct piece {
	unsigned disposition;		/* 0: memory */
	mach_port_t name;
	uint32_t size;			/* of the memory */
};

/* One call with its result, for the log. */
struct drawn {
	uint32_t size, count;
	mach_msg_id_t id;
	struct piece remote, local, pieces[PIECES_MAX];
	mach_msg_return_t result;
	mach_msg_header_t header;		/* of the answer; names are left out */
	mach_msg_trailer_t trailer;
	uint32_t sum;				/* of its body */
};

static struct drawn drawn[DRAWN];

/* The client has send rights to the service, and the receive right of `reply`. */
static const unsigned remotes[] = { MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND };
static const unsigned locals[] = { MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MAKE_SEND_ONCE,
	MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE };
static const unsigned bodies[] = { 0, 0, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_COPY_SEND,
	MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_MOVE_RECEIVE };

#define DRAW_ONE_OF(values)	(values)[draw(sizeof(values) / sizeof((values)[0]))]

/* Gives the piece a right to send: to `port`, whose receive right is here unless only a send right is. A move takes one along. */
static void
prepare(struct piece *piece, mach_port_t port)
{
	mach_port_type_t type;

	piece->name = port;
	if (piece->disposition == MACH_MSG_TYPE_MOVE_SEND)
		mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_SEND, 1);
	else if (piece->disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE)
		mach_port_extract_right(mach_task_self(), port, MACH_MSG_TYPE_MAKE_SEND_ONCE, &piece->name, &type);
	else if (piece->disposition == MACH_MSG_TYPE_MOVE_RECEIVE)
		piece->name = mach_reply_port();
}

/* Most are plain and short, as between servers and programs; some carry rights and memory, some are long. */
static void
draw_call(struct drawn *d)
{
	bool carries = draw(8) == 0, is_long = draw(16) == 0;

	d->id = ID_DRAWN + (mach_msg_id_t)draw(1 << 24);
	d->remote.disposition = DRAW_ONE_OF(remotes);
	d->local.disposition = DRAW_ONE_OF(locals);
	d->count = carries ? 1 + draw(PIECES_MAX) : 0;
	for (unsigned i = 0; i < d->count; i++) {
		d->pieces[i].disposition = DRAW_ONE_OF(bodies);
		d->pieces[i].size = d->pieces[i].disposition == 0 ? 1 + draw(OOL_MAX) : 0;
		prepare(&d->pieces[i], spare);
	}
	prepare(&d->remote, service);
	prepare(&d->local, reply);
	d->size = sizeof(mach_msg_header_t) + d->count * sizeof(mach_msg_descriptor_t) + 8 + draw(is_long ? BODY_MAX - 100 : 512);
}

static uint32_t
sum_of(const uint8_t *from, uint32_t bytes)
{
	uint32_t sum = 0;

	while (bytes-- > 0)
		sum = sum * 31 + *from++;
	return sum;
}

static void
make_call(struct drawn *d, vm_address_t memory)
{
	mach_msg_header_t *header = &request.header;

	for (unsigned i = 0; i < d->count; i++)
		if (d->pieces[i].disposition != 0)
			put_right(i, d->pieces[i].name, d->pieces[i].disposition);
		else
			put_memory(i, memory, d->pieces[i].size);
	((uint32_t *)request.body)[4 * d->count] = sizeof(mach_msg_header_t) + (uint32_t)d->id % 1000;
	header->msgh_bits = MACH_MSGH_BITS(d->remote.disposition, d->local.disposition) | (d->count != 0 ? MACH_MSGH_BITS_COMPLEX : 0);
	header->msgh_remote_port = d->remote.name;
	header->msgh_local_port = d->local.name;
	header->msgh_id = d->id;
	header->msgh_descriptor_count = d->count;
	d->result = mach_msg(header, MACH_SEND_MSG | MACH_RCV_MSG, d->size, sizeof(request), reply, 0, MACH_PORT_NULL);
	d->header = *header;
	d->trailer = *(const mach_msg_trailer_t *)((const char *)header + ((header->msgh_size + 7) & ~7u));
	d->sum = sum_of(request.body, header->msgh_size - sizeof(*header));
}

static void
print_log(unsigned i, const struct drawn *d)
{
	print("log %u: %u bytes, by %u and %u, with", i, d->size, d->remote.disposition, d->local.disposition);
	for (unsigned j = 0; j < d->count; j++)
		print(" %u/%u", d->pieces[j].disposition, d->pieces[j].size);
	print(", id %d: %#x, bits %#x, %u bytes, id %d, sum %#x, seqno %u, from %u\n", d->id, d->result, d->header.msgh_bits,
	    d->header.msgh_size, d->header.msgh_id, d->sum, d->trailer.msgh_seqno, d->trailer.msgh_sender.label);
}

/* How many rights are left: what was moved is gone. */
static void
print_rights(const char *when)
{
	mach_port_urefs_t to_service = 0, to_reply = 0, to_spare = 0;

	mach_port_get_refs(mach_task_self(), service, MACH_PORT_RIGHT_SEND, &to_service);
	mach_port_get_refs(mach_task_self(), reply, MACH_PORT_RIGHT_SEND, &to_reply);
	mach_port_get_refs(mach_task_self(), spare, MACH_PORT_RIGHT_SEND, &to_spare);
	print("log rights %s: %u %u %u\n", when, to_service, to_reply, to_spare);
}

static void
measure_drawn(vm_address_t memory)
{
	struct stamp start;

	print("seed %lu\n", (unsigned long)seed);
	for (unsigned i = 0; i < BODY_MAX; i++)
		request.body[i] = (uint8_t)draw(256);
	mach_port_insert_right(mach_task_self(), reply, reply, MACH_MSG_TYPE_MAKE_SEND);
	mach_port_insert_right(mach_task_self(), spare, spare, MACH_MSG_TYPE_MAKE_SEND);
	print_rights("first");
	for (unsigned i = 0; i < DRAWN; i++)
		draw_call(&drawn[i]);
	start = begin();
	for (unsigned i = 0; i < DRAWN; i++)
		make_call(&drawn[i], memory);
	end("rpc_drawn", start, DRAWN);
	for (unsigned i = 0; i < DRAWN; i++)
		print_log(i, &drawn[i]);
	print_rights("last");
}

/* --- the two tasks --- */

static void
child_main(void)
{
	vm_address_t memory = 0;

	reply = mach_reply_port();
	spare = mach_reply_port();
	if (strstr(host.command_line, "bench=cross") != NULL) {
		MEASURE("rpc_cross", ROUNDS, call_apart());
		task_terminate(mach_task_self());
	}
	vm_allocate(mach_task_self(), &memory, 1 << 20, VM_FLAGS_ANYWHERE);
	touch(memory);
	MEASURE("rpc_null", ROUNDS, call(64, 0));
	MEASURE("rpc_1k", ROUNDS, call(1024, 0));
	MEASURE("rpc_8k", 100, call(24 + BODY_MAX, 0));
	MEASURE("rpc_port", ROUNDS, call_with_right());
	MEASURE("rpc_ool_64k", 100, call_with_memory(memory, 64 << 10));
	MEASURE("rpc_ool_1m", 20, call_with_memory(memory, 1 << 20));
	MEASURE("rpc_apart", ROUNDS, call_apart());
	measure_pager();
	measure_drawn(memory);
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
	    mach_port_insert_right(child, object, object, MACH_MSG_TYPE_MAKE_SEND) != KERN_SUCCESS ||
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

/* Makes the request the answer to it. Returns how long it is. */
static uint32_t
make_answer(mach_msg_header_t *header)
{
	release(header);
	if (header->msgh_descriptor_count != 0)		/* it held names, which depend on the past */
		memset(header + 1, 0, sizeof(mach_msg_descriptor_t));
	header->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
	header->msgh_local_port = MACH_PORT_NULL;
	header->msgh_descriptor_count = 0;
	return ANSWER;
}

static void
release_all(const mach_msg_header_t *header)
{
	const mach_msg_descriptor_t *d = (const mach_msg_descriptor_t *)(header + 1);

	for (unsigned i = 0; i < header->msgh_descriptor_count; i++)
		if (d[i].port.type != MACH_MSG_PORT_DESCRIPTOR)
			vm_deallocate(mach_task_self(), d[i].out_of_line.address, d[i].out_of_line.size);
		else if (d[i].port.disposition == MACH_MSG_TYPE_PORT_RECEIVE)
			mach_port_mod_refs(mach_task_self(), d[i].port.name, MACH_PORT_RIGHT_RECEIVE, -1);
		else
			mach_port_deallocate(mach_task_self(), d[i].port.name);
}

/* The same for a drawn request, which says how long the answer is and came with any right to reply. Apart, so that other rows do without. */
static __attribute__((noinline)) uint32_t
make_drawn_answer(mach_msg_header_t *header)
{
	uint32_t count = header->msgh_descriptor_count, received = header->msgh_size;
	uint32_t size = ((const uint32_t *)(header + 1))[4 * count];

	if (size > received)
		memset((uint8_t *)header + received, 0, size - received);
	release_all(header);
	memset(header + 1, 0, count * sizeof(mach_msg_descriptor_t));
	header->msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(header->msgh_bits), 0);
	header->msgh_local_port = MACH_PORT_NULL;
	header->msgh_descriptor_count = 0;
	return size;
}

/* Answers until the client's death arrives (a dead-name notification comes to the same port). */
static void
serve(void)
{
	mach_msg_option_t option = MACH_RCV_MSG;
	mach_msg_header_t *header = &answer.header;
	uint32_t size = 0;

	for (;;) {
		if (mach_msg(header, option, size, sizeof(answer), service, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS ||
		    header->msgh_id < ID_CALL)
			return;
		size = header->msgh_id >= ID_DRAWN ? make_drawn_answer(header) : make_answer(header);
		option = MACH_SEND_MSG | MACH_RCV_MSG;
		if (header->msgh_id == ID_APART) {
			mach_msg(header, MACH_SEND_MSG, size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
			option = MACH_RCV_MSG;
		}
	}
}

/* A page the pager has at hand, moved to the object. */
static void
supply(mach_port_t control, vm_offset_t offset)
{
	vm_address_t page = 0;

	vm_allocate(mach_task_self(), &page, VM_PAGE_SIZE, VM_FLAGS_ANYWHERE);
	*(volatile char *)page = 1;
	memory_object_data_supply(control, offset, page, VM_PAGE_SIZE, 0);
}

static void *
pager(void *argument)
{
	static union {
		mach_msg_header_t header;
		struct memory_object_message object;
		struct message any;
	} m;
	mach_port_t control = MACH_PORT_NULL;

	while (mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), object, 0, MACH_PORT_NULL) == MACH_MSG_SUCCESS)
		if (m.header.msgh_id == MEMORY_OBJECT_INIT_ID) {
			control = m.object.control.name;
			memory_object_ready(control, false, MEMORY_OBJECT_COPY_NONE);
		} else if (m.header.msgh_id == MEMORY_OBJECT_DATA_REQUEST_ID) {
			supply(control, m.object.offset);
		}
	return argument;
}

/* The number behind `seed=` on the command line. */
static void
read_seed(void)
{
	const char *word = strstr(host.command_line, "seed=");

	if (word == NULL)
		return;
	seed = 0;
	for (word += 5; *word >= '0' && *word <= '9'; word++)
		seed = seed * 10 + (uint64_t)(*word - '0');
}

/* The record of events on, so that it has been, with a row that shows it; and off. */
static void
measure_traced(void)
{
	if (host_trace(startup_info->host, HOST_TRACE_ON) != KERN_SUCCESS)
		print("bench: no record\n");
	MEASURE("trap_traced", ROUNDS, (void)mach_host_self());
	host_trace(startup_info->host, HOST_TRACE_OFF);
}

int
main(void)
{
	task_t child;
	uint64_t start = clock_counter();

	overhead = clock_counter() - start;
	space_switches();
	read_seed();
	if (port_create(true, &service) != KERN_SUCCESS || port_create(true, &object) != KERN_SUCCESS)
		return 1;
	if (strstr(host.command_line, "bench=traced") != NULL)
		measure_traced();
	if (strstr(host.command_line, "bench=cross") == NULL) {
		measure_calls();
		fault_pass(false);
		fault_pass(true);
	}
	cthread_spawn(pager, NULL);
	child = start_child();
	if (child == MACH_PORT_NULL || port_notify(child, MACH_NOTIFY_DEAD_NAME, service) != KERN_SUCCESS) {
		print("bench: no child\n");
		lab_exit(1);
	}
	serve();
	print("bench done 0 0 0 0\n");
	lab_exit(0);
	return 0;
}
