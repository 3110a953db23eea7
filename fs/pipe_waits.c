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

#include "fs_server.h"
#include "io_server.h"
#include "mach/heap.h"
#include "mach/mach.h"

#include <errno.h>
#include <string.h>

#define RECENT		8u

static struct wait *all;
static unsigned count;
static struct wait *recent[RECENT];
static unsigned next_recent;
static mach_port_t notify_port;

void
waits_init(mach_port_t port)
{
	notify_port = port;
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
	if (wait->kind != WAIT_READ && wait->kind != WAIT_READ_OOL) {
		watch(wait);
		return;
	}
	if (recent[next_recent])
		watch(recent[next_recent]);
	recent[next_recent] = wait;
	wait->recent = next_recent;
	next_recent = (next_recent + 1) % RECENT;
}

struct wait *
wait_add(const struct mig_request *rq, enum wait_kind kind, struct pipe_end *end, size_t size)
{
	struct wait *wait = count < WAITS_MAX ? heap_zalloc(1, sizeof(*wait)) : NULL;

	if (!wait)
		return NULL;
	wait->pipe.size = size;
	wait->kind = kind;
	wait->reply_port = rq->reply_port;
	wait->label = rq->sender.label;
	wait->end = end;
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
give(struct pipe *pipe, struct pipe_wait *read, size_t n)
{
	static uint8_t bytes[IO_INLINE_MAX];
	struct wait *wait = (struct wait *)read;
	bool delivered;

	forget(wait);
	if (n > 0)
		wait->end->conduit->was_read = true;
	if (wait->kind == WAIT_READ_OOL) {
		delivered = reply_ool(wait->reply_port, pipe, n);
	} else {
		pipe_peek(pipe, bytes, n);
		delivered = io_read_reply(wait->reply_port, KERN_SUCCESS, bytes, (uint32_t)n) == KERN_SUCCESS;
	}
	discard(wait);
	return delivered;
}

/* Bytes that went in count, whatever happened then. */
static void
answer_write(struct wait *wait, int error)
{
	uint32_t done = (uint32_t)wait->pipe.done;

	if (done > 0) {
		error = 0;
		wait->end->conduit->was_written = true;
	}
	if (wait->kind == WAIT_WRITE_OOL)
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
	case WAIT_OPEN:
		fs_open_reply(wait->reply_port, error, MACH_PORT_NULL, 0, &wait->info);
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

	if (wait->kind != WAIT_OPEN)
		pipe_wait_remove(&end->conduit->pipe, &wait->pipe);
	forget(wait);
	answer_error(wait, error);
	if (wait->kind == WAIT_OPEN)
		end_abandon(end);
	discard(wait);
}

void
waits_end(struct pipe_end *end, uint32_t label, int error)
{
	struct wait *wait, *next;

	for (wait = all; wait; wait = next) {
		next = wait->next;
		if (wait->end == end && wait->kind != WAIT_OPEN && (label == 0 || wait->label == label))
			end_wait(wait, error);
	}
	pipe_run(&end->conduit->pipe);
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
waits_end_dead_opens(const struct conduit *conduit)
{
	mach_port_type_t type;
	struct wait *wait, *next;

	for (wait = all; wait; wait = next) {
		next = wait->next;
		if (wait->kind == WAIT_OPEN && wait->end->conduit == conduit &&
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

void
waits_run_opens(const struct conduit *conduit)
{
	struct wait *wait, *next;

	for (wait = all; wait; wait = next) {
		next = wait->next;
		if (wait->kind == WAIT_OPEN && wait->end->conduit == conduit &&
		    (wait->end->reads ? conduit->pipe.writers : conduit->pipe.readers) > 0)
			answer_open(wait);
	}
}

struct conduit *
wait_died(mach_port_t reply_port)
{
	for (struct wait *wait = all; wait; wait = wait->next) {
		struct conduit *conduit = wait->end->conduit;

		if (wait->reply_port != reply_port)
			continue;
		end_wait(wait, EINTR);		/* the answer goes nowhere, and the right with it */
		return conduit;
	}
	return NULL;
}
