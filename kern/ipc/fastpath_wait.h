/*
 * Between fastpath.c, which sends, and fastpath_wait.c, where whoever waits goes on if nobody on the fast path answers.
 */
#ifndef IPC_FASTPATH_WAIT_H
#define IPC_FASTPATH_WAIT_H

#include "ipc/kmsg.h"
#include "ipc/port.h"
#include "ipc/pset.h"
#include "ipc/space.h"
#include "sync/quick.h"
#include "task/thread.h"

#define fast_inline inline __attribute__((always_inline))

/* The largest message that is kept on a kernel stack. */
#define STACKED_MAX 1024u

/* A message on a kernel stack, with its trailer. Larger ones are in a block of the heap. */
union stacked {
	struct ipc_kmsg message;
	uint8_t bytes[offsetof(struct ipc_kmsg, header) + STACKED_MAX + MACH_MSG_TRAILER_SIZE];
} __attribute__((aligned(16)));

/* Opens the running thread's wait for claims. Conditions: the queue's lock held. */
static fast_inline void
wait_open(struct thread *self, struct waitq *queue)
{
	list_append(&queue->waiters, &self->fast.waiter.link);
	__atomic_store_n(&self->wait_state, WAIT_STACKLESS, __ATOMIC_SEQ_CST);
}

/*
 * replies: a send-once right is made of the port as well. Returns false: the answer cannot be awaited there
 * like this. The port stays while somebody stands in
 * its queue (port.h), the set while it is referenced.
 */
static fast_inline bool
await_at_port(struct cpu *cpu, struct thread *self, struct ipc_port *port, bool replies)
{
	bool simple;

	quick_lock(cpu, &port->lock);
	if (replies)
		port->send_once_rights++;
	simple = port->message_count == 0 && port->set == NULL;
	if (simple) {
		self->fast.port = port;
		wait_open(self, &port->receivers);
	}
	quick_unlock(&port->lock);
	return simple;
}

static fast_inline bool
await_at_set(struct cpu *cpu, struct thread *self, struct ipc_set *set)
{
	bool simple;

	quick_lock(cpu, &set->lock);
	simple = list_empty(&set->ready);
	if (simple) {
		refcount_take(&set->refs);
		self->fast.set = set;
		wait_open(self, &set->receivers);
	}
	quick_unlock(&set->lock);
	return simple;
}

static fast_inline bool
await(struct cpu *cpu, struct thread *self, const struct ipc_entry *source)
{
	return source->type & ENTRY_SET ? await_at_set(cpu, self, source->set)
					: await_at_port(cpu, self, source->port, false);
}

static fast_inline void
note_buffer(struct thread *self, uint64_t user, mach_msg_size_t room, mach_msg_option_t option)
{
	self->fast.user = user;
	self->fast.receiver.room = room;
	self->fast.receiver.option = option;
}

/* To user mode with the result of mach_msg. */
_Noreturn void fastpath_leave(struct thread *self, mach_msg_return_t result);

/*
 * Blocks in the ordinary way; the CPU goes to `next` (NULL: to whoever is next). What is on our stack is not
 * needed any more, so this is stackless too: if a sender on the fast path answers, we do not come back here.
 * Conditions: our wait is open, no locks.
 */
_Noreturn void fastpath_block(struct thread *self, struct thread *next);

/*
 * Where a stackless thread goes on, on its own stack, once it was switched to: its message is on the stack or the wait
 * ended otherwise; it has its message but something else is pending; it has all but the last copy, which has to wait
 * for pages.
 */
_Noreturn void fastpath_resumed(struct thread *self);
_Noreturn void fastpath_arrived(struct thread *self);
_Noreturn void fastpath_copyout(struct thread *self);

#endif
