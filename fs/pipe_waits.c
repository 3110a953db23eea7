/*
 * Requests that wait at a pipe or FIFO. See pipes_local.h.
 *
 * A waiting request is its reply right. Should its client die, the dead name of that right tells; should a reply with bytes fail all the same,
 * they stay in the pipe.
 *
 * To ask for that notification, and to take it back, costs as much as the read itself, and most reads do not wait long. So the last RECENT reads go
 * without: one of them whose client has died stands in the line until bytes cannot be delivered to it, its end is closed, or it is no longer
 * one of the last.
 */
#include "pipes_local.h"
#include "interrupts.h"
#include "sockets.h"

#include "fs_server.h"
#include "io_server.h"
#include "sock_server.h"
#include "mach/heap.h"
#include "mach/mach.h"

#include <errno.h>
#include <string.h>

#define RECENT		8u

static struct wait *all;
static unsigned count;
static struct wait *recent[RECENT];
static unsigned next_recent;
static bool any_missed;			/* one of `all` is too late for its interrupt */
static mach_port_t notify_port;

void
waits_init(mach_port_t port)
{
	notify_port = port;
}

static bool
is_read(enum wait_kind kind)
{
	return kind == WAIT_READ || kind == WAIT_READ_OOL || kind == WAIT_RECEIVE || kind == WAIT_PEEK;
}

static bool
is_write(enum wait_kind kind)
{
	return kind == WAIT_WRITE || kind == WAIT_WRITE_OOL || kind == WAIT_SEND;
}

static void
watch(struct wait *wait)
{
	wait->recent = RECENT;
	port_notify(wait->reply_port, MACH_NOTIFY_DEAD_NAME, notify_port);
}

/* Sees to it that the death of the client is noticed, of a read only if others follow. */
static void
watch_in_time(struct wait *wait)
{
	if (!is_read(wait->kind)) {
		watch(wait);
		return;
	}
	if (recent[next_recent])
		watch(recent[next_recent]);
	recent[next_recent] = wait;
	wait->recent = next_recent;
	next_recent = (next_recent + 1) % RECENT;
}

/* Whether a client has as many as one may have. As long as there are few in all he has not. */
static bool
has_share(uint32_t label)
{
	unsigned n = 0;

	if (count < WAITS_SHARE)
		return false;
	for (const struct wait *wait = all; wait; wait = wait->next)
		n += wait->label == label;
	return n >= WAITS_SHARE;
}

struct wait *
wait_add(const struct mig_request *rq, enum wait_kind kind, struct pipe_end *end, size_t size)
{
	struct wait *wait = count < WAITS_MAX && !has_share(rq->sender.label) ? heap_zalloc(1, sizeof(*wait)) : NULL;

	if (!wait)
		return NULL;
	wait->pipe.size = size;
	wait->kind = kind;
	wait->reply_port = rq->reply_port;
	wait->label = rq->sender.label;
	wait->end = end;
	wait->missed = interrupts_missed(rq);
	any_missed |= wait->missed;
	wait->next = all;
	wait->link = &all;
	if (all)
		all->link = &wait->next;
	all = wait;
	count++;
	watch_in_time(wait);
	return wait;
}

/* Out of the list of all; the reply right is the caller's. */
static void
forget(struct wait *wait)
{
	*wait->link = wait->next;
	if (wait->next)
		wait->next->link = wait->link;
	count--;
	if (wait->recent < RECENT)
		recent[wait->recent] = NULL;
	else
		port_notify_cancel(wait->reply_port, MACH_NOTIFY_DEAD_NAME);
}

static void
discard(struct wait *wait)
{
	if (wait->kind == WAIT_WRITE_OOL && wait->memory)
		mig_free(wait->memory, wait->pipe.size);
	else
		heap_free(wait->memory);
	heap_free(wait);
}

void
wait_cancel(struct wait *wait)
{
	forget(wait);
	wait->memory = NULL;
	discard(wait);
}

static bool
reply_ool(mach_port_t reply_port, const struct pipe *pipe, size_t n)
{
	vm_address_t memory = 0;

	if (n == 0)
		return io_read_ool_reply(reply_port, KERN_SUCCESS, NULL, 0) == KERN_SUCCESS;
	if (vm_allocate(mach_task_self(), &memory, vm_page_round(n), VM_FLAGS_ANYWHERE) != KERN_SUCCESS) {
		io_read_ool_reply(reply_port, ENOMEM, NULL, 0);
		return false;
	}
	pipe_peek(pipe, (void *)memory, n);
	return io_read_ool_reply(reply_port, KERN_SUCCESS, (void *)memory, (uint32_t)n) == KERN_SUCCESS;
}

static bool
reply_inline(const struct wait *wait, const struct pipe *pipe, size_t n)
{
	static uint8_t bytes[IO_INLINE_MAX];
	kern_return_t kr;

	pipe_peek(pipe, bytes, n);
	if (wait->kind == WAIT_READ)
		kr = io_read_reply(wait->reply_port, KERN_SUCCESS, bytes, (uint32_t)n);
	else
		kr = sock_receive_reply(wait->reply_port, KERN_SUCCESS, NULL, 0, bytes, (uint32_t)n, 0);
	return kr == KERN_SUCCESS;
}

/* What is only looked at stays in the pipe, as what could not be delivered does. */
static bool
give(struct pipe *pipe, struct pipe_wait *read, size_t n)
{
	struct wait *wait = (struct wait *)read;
	bool taken;

	forget(wait);
	if (n > 0 && wait->kind != WAIT_PEEK)
		wait->end->in->was_read = true;
	taken = wait->kind == WAIT_READ_OOL ? reply_ool(wait->reply_port, pipe, n) : reply_inline(wait, pipe, n);
	taken = taken && wait->kind != WAIT_PEEK;
	discard(wait);
	return taken;
}

/* Bytes that went in count, whatever happened then. */
static void
answer_write(struct wait *wait, int error)
{
	uint32_t done = (uint32_t)wait->pipe.done;

	if (done > 0) {
		error = 0;
		wait->end->out->was_written = true;
	}
	if (wait->kind == WAIT_SEND)
		sock_send_reply(wait->reply_port, error, done);
	else if (wait->kind == WAIT_WRITE_OOL)
		io_write_ool_reply(wait->reply_port, error, done);
	else
		io_write_reply(wait->reply_port, error, done);
}

static void
finish(struct pipe_wait *write, int error)
{
	struct wait *wait = (struct wait *)write;

	forget(wait);
	answer_write(wait, error);
	discard(wait);
}

const struct pipe_user wait_pipe_user = { give, finish };

static void
answer_error(struct wait *wait, int error)
{
	switch (wait->kind) {
	case WAIT_READ:
		io_read_reply(wait->reply_port, error, NULL, 0);
		break;
	case WAIT_READ_OOL:
		io_read_ool_reply(wait->reply_port, error, NULL, 0);
		break;
	case WAIT_RECEIVE:
	case WAIT_PEEK:
		sock_receive_reply(wait->reply_port, error, NULL, 0, NULL, 0, 0);
		break;
	case WAIT_OPEN:
		fs_open_reply(wait->reply_port, error, MACH_PORT_NULL, 0, &wait->info);
		break;
	case WAIT_ACCEPT:
		sock_accept_reply(wait->reply_port, error, MACH_PORT_NULL, 0, NULL, 0);
		break;
	default:
		answer_write(wait, error);
	}
}

/* Takes a wait out of everything and answers it. An open that ends like this leaves no end behind. */
static void
end_wait(struct wait *wait, int error)
{
	struct pipe_end *end = wait->end;

	if (is_read(wait->kind))
		pipe_wait_remove(&end->in->pipe, &wait->pipe);
	else if (is_write(wait->kind))
		pipe_wait_remove(&end->out->pipe, &wait->pipe);
	forget(wait);
	answer_error(wait, error);
	if (wait->kind == WAIT_OPEN)
		end_abandon(end);
	discard(wait);
}

/* Serves those that can go on now that others do not stand in front of them any more. */
static void
run(struct pipe_end *end)
{
	if (end->in)
		pipe_run(&end->in->pipe);
	if (end->out)
		pipe_run(&end->out->pipe);
}

static bool
is_any(enum wait_kind kind)
{
	return kind != WAIT_OPEN;
}

static void
end_some(struct pipe_end *end, bool (*some)(enum wait_kind kind), uint32_t label, int error)
{
	struct wait *wait, *next;

	for (wait = all; wait; wait = next) {
		next = wait->next;
		if (wait->end == end && some(wait->kind) && (label == 0 || wait->label == label))
			end_wait(wait, error);
	}
	run(end);
}

void
waits_end(struct pipe_end *end, uint32_t label, int error)
{
	end_some(end, is_any, label, error);
}

void
waits_end_reads(struct pipe_end *end, int error)
{
	end_some(end, is_read, 0, error);
}

void
waits_end_writes(struct pipe_end *end, int error)
{
	end_some(end, is_write, 0, error);
}

void
waits_interrupt_opens(uint32_t label)
{
	struct wait *wait, *next;

	for (wait = all; wait; wait = next) {
		next = wait->next;
		if (wait->kind == WAIT_OPEN && wait->label == label)
			end_wait(wait, EINTR);
	}
}

void
waits_end_missed(void)
{
	struct wait *wait, *next;

	for (wait = any_missed ? all : NULL; wait; wait = next) {
		next = wait->next;
		if (wait->missed) {
			struct pipe_end *end = wait->end;

			end_wait(wait, EINTR);
			run(end);
			next = all;		/* run may have answered any */
		}
	}
	any_missed = false;
}

static bool
is_at(const struct pipe_end *end, const struct conduit *conduit)
{
	return end->in == conduit || end->out == conduit;
}

void
waits_end_dead_opens(const struct conduit *conduit)
{
	mach_port_type_t type;
	struct wait *wait, *next;

	for (wait = all; wait; wait = next) {
		next = wait->next;
		if (wait->kind == WAIT_OPEN && is_at(wait->end, conduit) &&
		    mach_port_type(mach_task_self(), wait->reply_port, &type) == KERN_SUCCESS && (type & MACH_PORT_TYPE_DEAD_NAME))
			end_wait(wait, EINTR);
	}
}

static void
answer_open(struct wait *wait)
{
	forget(wait);
	if (fs_open_reply(wait->reply_port, KERN_SUCCESS, wait->end->port, MACH_MSG_TYPE_MAKE_SEND, &wait->info) != KERN_SUCCESS)
		end_abandon(wait->end);
	discard(wait);
}

/* Whether somebody has the other side of the end by now. */
static bool
has_met(const struct pipe_end *end)
{
	return end->in ? end->in->pipe.writers > 0 : end->out->pipe.readers > 0;
}

void
waits_run_opens(const struct conduit *conduit)
{
	struct wait *wait, *next;

	for (wait = all; wait; wait = next) {
		next = wait->next;
		if (wait->kind == WAIT_OPEN && is_at(wait->end, conduit) && has_met(wait->end))
			answer_open(wait);
	}
}

/* The first that came stands last. */
static struct wait *
first_accept(const struct pipe_end *listener)
{
	struct wait *first = NULL;

	for (struct wait *wait = all; wait; wait = wait->next)
		if (wait->kind == WAIT_ACCEPT && wait->end == listener)
			first = wait;
	return first;
}

/* Gives a connection to who waits for one. Returns false: his client has died, and the connection is the listener's as before. */
static bool
answer_accept(struct wait *wait, struct pipe_end *end, const struct socket_name *peer)
{
	bool given;

	forget(wait);
	given = sock_accept_reply(wait->reply_port, KERN_SUCCESS, end->port, MACH_MSG_TYPE_MAKE_SEND, peer->bytes, peer->length) == KERN_SUCCESS;
	if (!given)
		socket_put_back(wait->end, end);
	discard(wait);
	return given;
}

void
waits_run_accept(struct pipe_end *listener)
{
	struct socket_name peer;
	struct pipe_end *end;
	struct wait *wait;

	do {
		wait = first_accept(listener);
		end = wait ? socket_take(listener, wait->flags, &peer) : NULL;
	} while (end && !answer_accept(wait, end, &peer));
}

void
wait_died(mach_port_t reply_port)
{
	struct wait *wait = all;

	while (wait && wait->reply_port != reply_port)
		wait = wait->next;
	if (wait) {
		struct pipe_end *end = wait->end;

		end_wait(wait, EINTR);		/* the answer goes nowhere, and the right with it */
		run(end);
	}
}
