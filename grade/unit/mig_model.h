/*
 * A model of the kernel for mig_test.c: rights are counted per name, memory is known by address,
 * and mach_msg to the server's port runs the server at once. One task plays both sides, so every
 * right that moves keeps its name.
 *
 * model_leaks() is the number of rights and memory blocks that exist now and did not when the
 * test started.
 */
#ifndef MIG_MODEL_H
#define MIG_MODEL_H

#include "mach/mig.h"
#include <stdlib.h>
#include <string.h>

#define NAMES	4096
#define BLOCKS	512

static struct {
	int send, receive, once;
} rights[NAMES];
static mach_port_t next_name;
static struct {
	void *at;
	size_t size;
} blocks[BLOCKS];

static mach_port_t server_port;
static void (*server)(mach_msg_header_t *request);
static mach_msg_header_t *(*forge_reply)(mach_msg_id_t id);
static uint32_t reply_ports_made;
static uint32_t rights_made;		/* with MAKE_SEND, by themselves or as a message was sent */

static mach_msg_return_t fail_send, fail_reply, fail_receive;
static int interrupt_sends, interrupt_receives;
static bool quiet;			/* replies are dropped, only looked at */
static kern_return_t last_error;	/* result in the last reply */
static uint8_t last_request[MIG_BUFFER_SIZE];
static uint32_t last_request_size;
static mach_msg_header_t *waiting;	/* the reply, or a send-once notification */

static inline void
model_fail(const char *what)
{
	fprintf(stderr, "model: %s\n", what);
	abort();
}

static inline mach_port_t
model_name(void)
{
	if (++next_name == NAMES)
		model_fail("out of names");
	memset(&rights[next_name], 0, sizeof(rights[0]));
	return next_name;
}

static inline mach_port_t
model_right(uint8_t disposition)
{
	mach_port_t name = model_name();

	rights[name].send = disposition == MACH_MSG_TYPE_MOVE_SEND;
	rights[name].receive = disposition == MACH_MSG_TYPE_MOVE_RECEIVE;
	rights[name].once = disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE;
	return name;
}

static inline mach_port_t
model_send_right(void)
{
	return model_right(MACH_MSG_TYPE_MOVE_SEND);
}

static inline mach_port_t
model_receive_right(void)
{
	return model_right(MACH_MSG_TYPE_MOVE_RECEIVE);
}

static inline void *
memory_new(size_t size)
{
	for (int i = 0; size != 0 && i < BLOCKS; i++)
		if (blocks[i].at == NULL) {
			blocks[i].size = size;
			return blocks[i].at = calloc(1, size);
		}
	return NULL;
}

/* The server claims more than it has: the model must not mind. */
static inline void
model_resize(void *at, size_t size)
{
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i].at == at)
			blocks[i].size = size;
}

static inline mach_msg_header_t *
model_message(uint32_t size)
{
	mach_msg_header_t *head = calloc(1, mig_pad(size) + MACH_MSG_TRAILER_SIZE);
	mach_msg_trailer_t *trailer = (mach_msg_trailer_t *)((uint8_t *)head + mig_pad(size));

	head->msgh_size = size;
	trailer->msgh_trailer_size = MACH_MSG_TRAILER_SIZE;
	trailer->msgh_sender = (security_token_t){ 5, 1000, 100 };
	return head;
}

static inline void
model_free(mach_msg_header_t *head)
{
	free(head);
}

static inline void
model_start(void (*serve)(mach_msg_header_t *))
{
	next_name = 0;
	memset(blocks, 0, sizeof(blocks));
	server_port = model_name();
	server = serve;
	forge_reply = NULL;
	fail_send = fail_reply = fail_receive = 0;
	interrupt_sends = interrupt_receives = 0;
	quiet = false;
	reply_ports_made = rights_made = 0;
}

static inline int
model_leaks(void)
{
	int n = 0;

	for (mach_port_t i = 1; i <= next_name; i++) {
		n += rights[i].send + rights[i].receive + rights[i].once;
		if (rights[i].send < 0 || rights[i].receive < 0 || rights[i].once < 0)
			model_fail("a right was released twice");
	}
	for (int i = 0; i < BLOCKS; i++)
		n += blocks[i].at != NULL;
	return n;
}

/* --- traps --- */

mach_port_t
mach_reply_port(void)
{
	reply_ports_made++;
	return model_receive_right();
}

kern_return_t
vm_deallocate(task_t task, vm_address_t address, vm_size_t size)
{
	(void)task;
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i].at == (void *)address && address != 0) {
			if (blocks[i].size != size)
				model_fail("memory freed with another size");
			free(blocks[i].at);
			blocks[i].at = NULL;
			return KERN_SUCCESS;
		}
	model_fail("memory freed that nobody has");
	return KERN_FAILURE;
}

kern_return_t
mach_port_deallocate(task_t task, mach_port_t name)
{
	(void)task;
	if (rights[name].send > 0)
		rights[name].send--;
	else if (rights[name].once > 0)
		rights[name].once--;
	else
		model_fail("a send right was released that nobody has");
	return KERN_SUCCESS;
}

kern_return_t
mach_port_mod_refs(task_t task, mach_port_t name, mach_port_right_t right, mach_port_delta_t delta)
{
	(void)task;
	if (right != MACH_PORT_RIGHT_RECEIVE || delta != -1 || rights[name].receive != 1)
		model_fail("a receive right was released that nobody has");
	rights[name].receive = 0;
	return KERN_SUCCESS;
}

/* what port.c has besides */
kern_return_t
mach_port_allocate(task_t task, mach_port_right_t right, mach_port_t *name)
{
	(void)task, (void)right, (void)name;
	return KERN_FAILURE;
}

kern_return_t
mach_port_insert_right(task_t task, mach_port_t name, mach_port_t right, uint32_t disposition)
{
	(void)task, (void)right;
	if (disposition != MACH_MSG_TYPE_MAKE_SEND)
		return KERN_FAILURE;
	rights[name].send++;
	rights_made++;
	return KERN_SUCCESS;
}

kern_return_t
mach_port_request_notification(task_t task, mach_port_t name, mach_msg_id_t id,
	mach_port_mscount_t sync, mach_port_t notify, uint32_t disposition, mach_port_t *previous)
{
	(void)task, (void)name, (void)id, (void)sync, (void)notify, (void)disposition,
		(void)previous;
	return KERN_FAILURE;
}

kern_return_t
clock_get_time(int clock, uint64_t *ns)
{
	(void)clock;
	*ns = 0;
	return KERN_SUCCESS;
}

kern_return_t
thread_switch(thread_t thread, int option, mach_msg_timeout_t ms)
{
	(void)thread, (void)option, (void)ms;
	return KERN_SUCCESS;
}

/* --- mach_msg --- */

/* Takes a right from the sender as the disposition says; returns what arrives. */
static inline uint8_t
model_move(mach_port_t name, uint8_t disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
		if (MACH_PORT_VALID(name))
			rights[name].send++;
		return MACH_MSG_TYPE_MOVE_SEND;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		if (MACH_PORT_VALID(name))
			rights[name].once++;
		return MACH_MSG_TYPE_MOVE_SEND_ONCE;
	case MACH_MSG_TYPE_MAKE_SEND:
		rights[name].send++;
		rights_made++;
		return MACH_MSG_TYPE_MOVE_SEND;
	default:
		return disposition;
	}
}

static inline void
model_memory(uint64_t *address, size_t size, bool moved)
{
	void *fresh = memory_new(size);

	if (size != 0)
		memcpy(fresh, (void *)*address, size);
	if (moved && size != 0)
		vm_deallocate(0, *address, size);
	*address = (uintptr_t)fresh;
}

static inline void
model_descriptor(mach_msg_descriptor_t *d)
{
	mach_port_t *names;

	switch (d->port.type) {
	case MACH_MSG_PORT_DESCRIPTOR:
		d->port.disposition = model_move(d->port.name, d->port.disposition);
		break;
	case MACH_MSG_OOL_DESCRIPTOR:
		model_memory(
			&d->out_of_line.address, d->out_of_line.size, d->out_of_line.deallocate);
		break;
	default:
		model_memory(&d->ool_ports.address, d->ool_ports.count * sizeof(mach_port_t),
			d->ool_ports.deallocate);
		names = (mach_port_t *)d->ool_ports.address;
		uint8_t arrives = d->ool_ports.disposition;
		for (uint32_t i = 0; i < d->ool_ports.count; i++)
			arrives = model_move(names[i], d->ool_ports.disposition);
		d->ool_ports.disposition =
			d->ool_ports.count != 0 ? arrives : model_move(0, d->ool_ports.disposition);
	}
}

/* What the receiver gets: a block of just its size, so that ASan sees every byte read beyond. */
static inline mach_msg_header_t *
model_copyin(const mach_msg_header_t *msg, uint32_t size)
{
	mach_msg_header_t *copy = model_message(size);
	uint32_t remote = MACH_MSGH_BITS_REMOTE(msg->msgh_bits),
		 local = MACH_MSGH_BITS_LOCAL(msg->msgh_bits);

	memcpy(copy, msg, size);
	copy->msgh_size = size;
	for (uint32_t i = 0; i < copy->msgh_descriptor_count; i++)
		model_descriptor((mach_msg_descriptor_t *)(copy + 1) + i);
	if (local != 0)
		local = model_move(msg->msgh_local_port, (uint8_t)local);
	if (remote == MACH_MSG_TYPE_MOVE_SEND_ONCE)
		rights[msg->msgh_remote_port].once--;
	copy->msgh_bits = local | (msg->msgh_bits & MACH_MSGH_BITS_COMPLEX);
	copy->msgh_remote_port = local != 0 ? msg->msgh_local_port : MACH_PORT_NULL;
	copy->msgh_local_port = msg->msgh_remote_port;
	return copy;
}

/* A send that was given up: the message comes back with everything in it, header not swapped. */
static inline void
model_return(mach_msg_header_t *msg, uint32_t size)
{
	mach_msg_header_t *copy = model_copyin(msg, size);
	uint32_t remote = MACH_MSGH_BITS_REMOTE(msg->msgh_bits);

	memcpy(msg + 1, copy + 1, size - sizeof(*msg));
	msg->msgh_bits = MACH_MSGH_BITS(model_move(msg->msgh_remote_port, (uint8_t)remote),
				 MACH_MSGH_BITS_REMOTE(copy->msgh_bits)) |
			 (copy->msgh_bits & MACH_MSGH_BITS_COMPLEX);
	model_free(copy);
}

static inline void
model_destroy_body(mach_msg_header_t *msg, uint32_t size)
{
	mach_msg_header_t *copy = model_copyin(msg, size);

	mig_destroy(copy);
	model_free(copy);
}

static inline mach_msg_return_t
model_reply(mach_msg_header_t *msg, uint32_t size)
{
	last_error = ((kern_return_t *)(msg + 1))[msg->msgh_descriptor_count * 4];
	if (fail_reply != 0)
		return fail_reply;
	waiting = model_copyin(msg, size);
	if (quiet) {
		mig_destroy(waiting);
		model_free(waiting);
		waiting = NULL;
	}
	return MACH_MSG_SUCCESS;
}

static inline mach_msg_return_t
model_failing_send(mach_msg_header_t *msg, uint32_t size)
{
	if (fail_send == MACH_SEND_TIMED_OUT)
		model_return(msg, size);
	else if (fail_send == MACH_SEND_INVALID_MEMORY)
		model_destroy_body(msg, size);
	else if (fail_send == MACH_SEND_INVALID_REPLY)
		rights[msg->msgh_local_port].receive = 0;
	return fail_send;
}

static inline void
model_send_once_notification(void)
{
	waiting = model_message(24);
	waiting->msgh_id = MACH_NOTIFY_SEND_ONCE;
	memset(waiting + 1, 0, MACH_MSG_TRAILER_SIZE);
}

static inline mach_msg_return_t
model_request(mach_msg_header_t *msg, uint32_t size)
{
	mach_msg_header_t *request;

	if (fail_send != 0)
		return model_failing_send(msg, size);
	request = model_copyin(msg, size);
	memcpy(last_request, request, size);
	last_request_size = size;
	if (forge_reply != NULL) {
		waiting = forge_reply(msg->msgh_id + MIG_REPLY_ID);
		mig_destroy(request);
	} else {
		server(request);
		if (waiting == NULL && MACH_MSGH_BITS_LOCAL(msg->msgh_bits) != 0)
			model_send_once_notification();
	}
	model_free(request);
	return MACH_MSG_SUCCESS;
}

static inline mach_msg_return_t
model_receive(mach_msg_header_t *msg, uint32_t room)
{
	uint32_t size;

	if (waiting == NULL)
		model_fail("nothing to receive");
	size = (uint32_t)mig_pad(waiting->msgh_size) + MACH_MSG_TRAILER_SIZE;
	if (fail_receive != 0 || size > room) {
		mig_destroy(waiting);
		model_free(waiting);
		waiting = NULL;
		return fail_receive != 0 ? fail_receive : MACH_RCV_TOO_LARGE;
	}
	memcpy(msg, waiting, size);
	model_free(waiting);
	waiting = NULL;
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t
mach_msg_trap(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
	mach_msg_size_t rcv_size, mach_port_t rcv_name, mach_msg_timeout_t timeout,
	mach_port_t notify)
{
	mach_msg_return_t mr;

	(void)rcv_name, (void)timeout, (void)notify;
	if ((option & MACH_SEND_MSG) != 0) {
		if (interrupt_sends > 0) {
			interrupt_sends--;
			return MACH_SEND_INTERRUPTED;
		}
		mr = msg->msgh_remote_port == server_port ? model_request(msg, send_size)
							  : model_reply(msg, send_size);
		if (mr != MACH_MSG_SUCCESS)
			return mr;
	}
	if ((option & MACH_RCV_MSG) == 0)
		return MACH_MSG_SUCCESS;
	if (interrupt_receives > 0) {
		interrupt_receives--;
		return MACH_RCV_INTERRUPTED;
	}
	return model_receive(msg, rcv_size);
}

/* No handler runs in between here. */
mach_msg_return_t
mach_msg_unless(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
	mach_msg_size_t rcv_size, mach_port_t rcv_name, mach_msg_timeout_t timeout_ms,
	const uint32_t *word, uint32_t expected)
{
	if (*word != expected)
		return 0x10000001;
	return mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout_ms, MACH_PORT_NULL);
}

#endif
