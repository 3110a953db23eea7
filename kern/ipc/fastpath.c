/*
 * The RPC fast path.
 *
 *	client: mach_msg(SEND | RCV)                     server: mach_msg(SEND | RCV)
 *	   copy in, look up three names at once
 *	   give the message to the waiting server  ----->  (was waiting: takes the CPU over)
 *	   wait for the answer                             copy out, ... answers in the same way
 *
 * Taken when a call sends and receives, the message has no descriptors and is small, its rights are
 * the common ones (COPY_SEND or MOVE_SEND_ONCE to go, none or MAKE_SEND_ONCE to come back), a
 * receiver waits and nothing waits to be received. Everything else, every error included, is left
 * to the general path before anything has changed; so the results are the same with
 * `ipc_fastpath_enabled` off. What is saved is not a check but work that cancels out: a right that
 * would be made and consumed at once, a charge that would be given back, locks taken twice.
 *
 * Order: the message is given to the claimed receiver first, which does not run before the
 * hand-off; then our own wait is prepared. If that cannot be (a message has come, the port is in a
 * set, an abort), the receiver is made runnable and the general path receives.
 */
#include "ipc/fastpath.h"

#include "arch/usercopy.h"
#include "init/panic.h"
#include "ipc/pset.h"
#include "ipc/space.h"
#include "sched/cpu.h"
#include "sched/sched.h"
#include "sync/quick.h"
#include "task/task.h"
#include "task/thread.h"

#define CALL_BITS  MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define REPLY_BITS MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0)

bool ipc_fastpath_enabled = true;
static uint64_t taken[CPU_MAX];

uint64_t
fastpath_taken(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CPU_MAX; i++)
		sum += taken[i];
	return sum;
}

/* One call on its way. */
struct fast_call {
	struct ipc_space *space;
	struct ipc_kmsg *message;
	struct ipc_entry *destination;
	struct ipc_entry *source; /* port or set where the answer is awaited */
	struct ipc_port *reply;   /* for a send-once right, or NULL */
	bool answer;              /* the destination is a send-once right */
};

/*
 * Looks the names up. Returns false: something is not as the fast path wants it. Conditions: space
 * locked.
 */
static inline bool
look_up(struct fast_call *call, mach_port_t source_name)
{
	const mach_msg_header_t *header = &call->message->header;
	struct name_table *names = &call->space->names;
	struct ipc_entry *destination = names_lookup(names, header->msgh_remote_port);
	struct ipc_entry *source = names_lookup(names, source_name);

	if (destination == NULL || source == NULL ||
		(source->type & (ENTRY_RECEIVE | ENTRY_SET)) == 0)
		return false;
	call->destination = destination;
	call->source = source;
	call->reply = NULL;
	call->answer = header->msgh_bits == REPLY_BITS;
	if (call->answer)
		return destination->type == ENTRY_SEND_ONCE && destination->request == NULL &&
		       header->msgh_local_port == MACH_PORT_NULL;
	if (header->msgh_bits != CALL_BITS || (destination->type & ENTRY_SEND) == 0)
		return false;
	call->reply = source->port;
	/* Nearly always the answer is awaited where it goes to. */
	return header->msgh_local_port == source_name && (source->type & ENTRY_RECEIVE) != 0;
}

/*
 * Claims the receiver that has waited longest and gives it the message; NULL: none. Conditions:
 * port locked.
 */
static inline struct thread *
offer(struct waitq *queue, struct ipc_port *port, struct ipc_kmsg *message)
{
	struct thread *thread;
	void *data;

	while ((thread = waitq_claim_one(queue, &data)) != NULL &&
		!mqueue_give(port, message, data))
		sched_make_runnable(thread);
	return thread;
}

static struct thread *
offer_to_set(struct ipc_set *set, struct ipc_port *port, struct ipc_kmsg *message)
{
	struct thread *thread;

	quick_lock(&set->lock);
	thread = offer(&set->receivers, port, message);
	quick_unlock(&set->lock);
	return thread;
}

/* Fills in what a receiver finds in the message besides what the sender wrote. */
static inline void
complete(const struct fast_call *call, mach_msg_size_t size)
{
	struct ipc_kmsg *message = call->message;

	message->header.msgh_size = size;
	message->remote_kind =
		call->answer ? MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND;
	message->reply_kind = call->answer ? 0 : MACH_MSG_TYPE_PORT_SEND_ONCE;
	message->reply = call->reply;
	message->token = call->space->task->token;
}

/*
 * Gives the message to a receiver that waits. Returns it, claimed, or NULL: none waits, or the port
 * is dead or a kernel object, and nothing has happened. Conditions: space locked.
 */
static inline struct thread *
give_away(struct fast_call *call)
{
	struct ipc_port *port = call->destination->port;
	struct thread *receiver = NULL;

	quick_lock(&port->lock);
	if (port->set != NULL)
		receiver = offer_to_set(port->set, port, call->message);
	else if (port->alive && port->kobject == KOBJECT_NONE)
		receiver = offer(&port->receivers, port, call->message);
	if (receiver != NULL && call->answer)
		port->send_once_rights--;
	quick_unlock(&port->lock);
	if (receiver != NULL && call->answer)
		names_free(&call->space->names, call->destination);
	return receiver;
}

/*
 * Queues the waiter, unlocks everything, hands the CPU over. Conditions: space and `lock` locked.
 * Returns how the wait ended.
 */
static inline enum wait_result
hand_over(struct ipc_space *space, struct waitq *queue, struct spinlock *lock,
	struct receiver *receiver, struct thread *next)
{
	struct thread *self = current_thread();
	struct waiter waiter;
	bool block;

	block = waitq_prepare(queue, &waiter, WAIT_FOREVER, WAIT_INTERRUPTIBLE | WAIT_KILLABLE,
		"receive", receiver);
	quick_unlock(lock);
	quick_unlock(&space->lock);
	if (block)
		sched_handoff_block(next);
	else
		sched_make_runnable(next);
	if (__builtin_expect(self->wait_state == WAIT_WOKEN, 1))
		return waitq_finish(&waiter); /* whoever woke us took the waiter off the queue */
	spin_lock(lock);
	waitq_finish(&waiter);
	spin_unlock(lock);
	return self->wait_state;
}

/*
 * Waits at the source for the answer, giving the CPU to `next`. Returns WAIT_PENDING: it cannot be
 * waited there like this; `next` has not run yet and the space is still locked. It is unlocked in
 * all other cases.
 */
static inline enum wait_result
await_at_port(struct fast_call *call, struct receiver *receiver, struct thread *next)
{
	struct ipc_port *port = call->source->port;
	enum wait_result result;

	quick_lock(&port->lock);
	port->send_once_rights += call->reply != NULL;
	if (port->message_count != 0 || port->set != NULL) {
		quick_unlock(&port->lock);
		return WAIT_PENDING;
	}
	refcount_take(&port->refs);
	call->space->task->messages_received++;
	result = hand_over(call->space, &port->receivers, &port->lock, receiver, next);
	port_drop(port);
	return result;
}

static enum wait_result
await_at_set(struct fast_call *call, struct receiver *receiver, struct thread *next)
{
	struct ipc_set *set = call->source->set;
	enum wait_result result;

	quick_lock(&set->lock);
	if (!list_empty(&set->ready)) {
		quick_unlock(&set->lock);
		return WAIT_PENDING;
	}
	refcount_take(&set->refs);
	call->space->task->messages_received++;
	result = hand_over(call->space, &set->receivers, &set->lock, receiver, next);
	set_drop(set);
	return result;
}

/*
 * Copies the message in, looks, and gives it to the receiver. Returns that, the space locked; or
 * NULL: nothing happened, not locked.
 */
static inline struct thread *
fast_send(struct fast_call *call, uint64_t user, mach_msg_size_t size, mach_port_t source_name)
{
	struct thread *receiver = NULL;

	if (!copyin(&call->message->header, user, size) ||
		call->message->header.msgh_descriptor_count != 0)
		return NULL;
	quick_lock(&call->space->lock);
	if (look_up(call, source_name)) {
		complete(call, size);
		receiver = give_away(call);
	}
	if (receiver == NULL)
		quick_unlock(&call->space->lock);
	else
		call->space->task->messages_sent++;
	return receiver;
}

static inline mach_msg_return_t
fast_receive(struct fast_call *call, const struct message_call *args, struct thread *next)
{
	struct receiver receiver;
	enum wait_result result;

	receiver.room = args->room;
	receiver.large = (args->option & MACH_RCV_LARGE) != 0;
	if (call->source->type & ENTRY_SET)
		result = await_at_set(call, &receiver, next);
	else
		result = await_at_port(call, &receiver, next);
	if (result == WAIT_WOKEN &&
		(receiver.result == MACH_MSG_SUCCESS || receiver.result == MACH_RCV_TOO_LARGE))
		return copyout_quick(&receiver, args->user);
	if (result == WAIT_PENDING)
		return message_receive_entry(call->source, args, next);
	message_receive_uncount();
	return result == WAIT_WOKEN ? receiver.result : MACH_RCV_INTERRUPTED;
}

bool
fastpath_try(const struct message_call *args, mach_msg_return_t *result)
{
	struct cpu *cpu = cpu_self();
	struct thread *receiver;
	struct fast_call call;

	call.message = kmsg_cache_pop();
	if (call.message == NULL)
		return false;
	call.space = cpu->thread->task->space;
	receiver = fast_send(&call, args->user, args->send_size, args->name);
	if (receiver == NULL) {
		kmsg_free(call.message);
		return false;
	}
	taken[cpu_self()->number]++;
	*result = fast_receive(&call, args, receiver);
	return true;
}
