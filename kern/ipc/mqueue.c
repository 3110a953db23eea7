/*
 * Message queues (mqueue.h; the invariants are in port.h).
 *
 * A send-once notification carries nothing but its kind, so it needs no message while it is queued:
 * the message before it counts how many follow it (notices_after; notices_first before the first).
 * That is how the end of a send-once right can never fail for lack of memory and still keeps its
 * place among the messages.
 */
#include "ipc/mqueue.h"

#include "arch/timer.h"
#include "init/panic.h"
#include "ipc/kobject.h"
#include "ipc/pset.h"
#include "sched/cpu.h"
#include "sched/sched.h"
#include "task/task.h"
#include "task/thread.h"
#include "trace/trace.h"

static uint32_t messages_queued;

uint32_t
mqueue_total(void)
{
	return __atomic_load_n(&messages_queued, __ATOMIC_RELAXED);
}

void
mqueue_init(struct ipc_port *port)
{
	list_init(&port->messages);
	waitq_init(&port->senders);
	waitq_init(&port->receivers);
	port->queue_limit = MACH_PORT_QLIMIT_DEFAULT;
}

/* --- the queue itself; port locked --- */

static void
count_queued(struct ipc_port *port, int change)
{
	port->message_count += change;
	__atomic_add_fetch(&messages_queued, change, __ATOMIC_RELAXED);
}

static void
queue_append(struct ipc_port *port, struct ipc_kmsg *message)
{
	message->notices_after = 0;
	if ((message->flags & KMSG_EXEMPT) == 0) {
		message->flags |= KMSG_SLOT;
		port->slots_used++;
	}
	list_append(&port->messages, &message->link);
	count_queued(port, 1);
	port_charge(port, message->charged);
}

static void
queue_append_notice(struct ipc_port *port)
{
	if (list_empty(&port->messages))
		port->notices_first++;
	else
		container_of(port->messages.head.prev, struct ipc_kmsg, link)->notices_after++;
	count_queued(port, 1);
}

static struct ipc_kmsg *
queue_pop(struct ipc_port *port)
{
	struct ipc_kmsg *message = container_of(list_pop(&port->messages), struct ipc_kmsg, link);

	port->notices_first = message->notices_after;
	count_queued(port, -1);
	port_uncharge(port, message->charged);
	if (message->flags & KMSG_SLOT) {
		message->flags &= ~KMSG_SLOT;
		port->slots_used--;
	}
	return message;
}

/* Freed slots go to the longest waiting senders, whose messages are queued in their stead. */
static void
hand_out_slots(struct ipc_port *port)
{
	/* LAB 2.3 begin [until then: (void)port]: as long as there is a slot and somebody waits, its
	 * message is queued for it and it goes on. What it waits with is its message.
	 * Hint: waitq_claim_one.
	 */
	struct thread *sender;
	void *data;

	while (port->slots_used < port->queue_limit &&
		(sender = waitq_claim_one(&port->senders, &data)) != NULL) {
		struct ipc_kmsg *message = data;

		queue_append(port, message);
		sched_make_runnable(sender);
	}
	/* LAB 2.3 end */
}

void
mqueue_set_limit(struct ipc_port *port, uint32_t limit)
{
	port->queue_limit = limit;
	hand_out_slots(port);
}

/* --- from queue to receiver; port locked --- */

/* The right it was sent to has done its work. */
static void
consume_destination(struct ipc_port *port, struct ipc_kmsg *message, struct ipc_chores *chores)
{
	message->remote = NULL;
	if (message->remote_kind == MACH_MSG_TYPE_PORT_SEND)
		port_drop_send(port, chores);
	else
		port_drop_send_once(port);
}

bool
mqueue_take(struct ipc_port *port, struct receiver *receiver, struct ipc_chores *chores)
{
	struct ipc_kmsg *message;

	if (port->message_count == 0)
		return false;
	message = port->notices_first > 0
			  ? NULL
			  : container_of(list_first(&port->messages), struct ipc_kmsg, link);
	if (!mqueue_give(port, message, receiver))
		return true;
	if (message == NULL) {
		port->notices_first--;
		count_queued(port, -1);
		return true;
	}
	queue_pop(port);
	consume_destination(port, message, chores);
	hand_out_slots(port);
	return true;
}

/* What becomes of a message (NULL: a send-once notification). Conditions: port locked. */
static __attribute__((cold, noinline)) void
trace_send(const struct ipc_port *port, const struct ipc_kmsg *message, enum trace_fate fate,
	const struct thread *receiver)
{
	uint32_t size = message != NULL ? message->header.msgh_size : sizeof(mach_msg_header_t);
	uint32_t label = message != NULL ? message->token.label : 0;

	trace_record(TRACE_SEND, fate,
		message != NULL ? message->header.msgh_id : MACH_NOTIFY_SEND_ONCE, (uintptr_t)port,
		size | (uint64_t)port->name << 32,
		(receiver != NULL ? receiver->id : 0) | (uint64_t)label << 32);
}

#define TRACE_SEND_IF_ON(...)                                                                      \
	do {                                                                                       \
		if (__builtin_expect(trace_on, 0))                                                 \
			trace_send(__VA_ARGS__);                                                   \
	} while (0)

/*
 * Offers a message (NULL: a send-once notification) to those who wait on a queue. Returns the
 * thread that has it now, claimed, or NULL.
 */
static struct thread *
offer(struct waitq *queue, struct ipc_port *port, struct ipc_kmsg *message)
{
	struct thread *thread;
	void *data;

	while ((thread = waitq_claim_one(queue, &data)) != NULL &&
		!mqueue_give(port, message, data))
		sched_make_runnable(thread);
	return thread;
}

static void
append(struct ipc_port *port, struct ipc_kmsg *message)
{
	if (message != NULL)
		queue_append(port, message);
	else
		queue_append_notice(port);
}

/*
 * The set stays locked from the look for receivers to the entry in its ready list, so that none
 * misses the message.
 */
static struct thread *
deliver_to_set(struct ipc_set *set, struct ipc_port *port, struct ipc_kmsg *message)
{
	struct thread *thread;

	spin_lock(&set->lock);
	thread = offer(&set->receivers, port, message);
	if (thread == NULL) {
		append(port, message);
		if (!list_linked(&port->ready_link))
			list_append(&set->ready, &port->ready_link);
	}
	spin_unlock(&set->lock);
	return thread;
}

/*
 * Offers a message or notification to the waiting receivers; queues it if none takes it. Returns as
 * `offer`.
 */
static struct thread *
deliver(struct ipc_port *port, struct ipc_kmsg *message, struct ipc_chores *chores)
{
	struct thread *thread;

	if (port->set != NULL) {
		thread = deliver_to_set(port->set, port, message);
	} else {
		thread = offer(&port->receivers, port, message);
		if (thread == NULL)
			append(port, message);
	}
	if (thread != NULL && message != NULL)
		consume_destination(port, message, chores);
	return thread;
}

void
mqueue_serve_set(struct ipc_port *port, struct ipc_chores *chores)
{
	struct thread *thread;
	void *data;

	while (port->message_count > 0 &&
		(thread = waitq_claim_one(&port->set->receivers, &data)) != NULL) {
		mqueue_take(port, data, chores);
		sched_make_runnable(thread);
	}
	if (port->message_count > 0)
		list_append(&port->set->ready, &port->ready_link);
}

void
mqueue_notify_send_once(struct ipc_port *port, struct ipc_chores *chores)
{
	struct thread *thread = deliver(port, NULL, chores);

	TRACE_SEND_IF_ON(port, NULL, thread != NULL ? TRACE_TAKEN : TRACE_QUEUED, thread);
	if (thread != NULL)
		sched_make_runnable(thread);
}

void
mqueue_wake_receivers(struct waitq *queue, mach_msg_return_t result)
{
	struct thread *thread;
	void *data;

	while ((thread = waitq_claim_one(queue, &data)) != NULL) {
		struct receiver *receiver = data;

		receiver->result = result;
		receiver->message = NULL;
		sched_make_runnable(thread);
	}
}

void
mqueue_destroy(struct ipc_port *port, struct ipc_chores *chores)
{
	struct thread *sender;
	void *data;

	while (!list_empty(&port->messages))
		kmsg_discard(queue_pop(port), chores);
	count_queued(port, -(int)port->message_count);
	port->notices_first = 0;
	/* LAB 2.3 begin [until then: (void)sender; (void)data]: who waits for a slot goes on as if the
	 * message had been sent; the message goes.
	 */
	while ((sender = waitq_claim_one(&port->senders, &data)) != NULL) {
		kmsg_discard(data, chores);
		sched_make_runnable(sender);
	}
	/* LAB 2.3 end */
	mqueue_wake_receivers(&port->receivers, MACH_RCV_PORT_DIED);
}

/* --- waiting --- */

static uint64_t
deadline_of(const struct patience *patience)
{
	return patience->timed ? timer_now() + patience->ms * 1000000ull : WAIT_FOREVER;
}

/*
 * Waits on a queue guarded by `lock`, which is held and is released. A thread in patience->handoff
 * gets the CPU. The caller holds a reference to what the queue belongs to.
 */
static enum wait_result
wait_on(struct waitq *queue, struct spinlock *lock, const struct patience *patience,
	const char *why, void *data)
{
	uint64_t deadline = deadline_of(patience);
	struct thread *thread = current_thread(), *next;
	struct waiter waiter;
	enum wait_result result;
	bool block;

	block = waitq_prepare(
		queue, &waiter, deadline, WAIT_INTERRUPTIBLE | WAIT_KILLABLE, why, data);
	spin_unlock(lock);
	if (block) {
		next = patience->handoff != NULL ? *patience->handoff : NULL;
		if (next != NULL) {
			*patience->handoff = NULL;
			TRACE(TRACE_HANDOFF, 0, 0, next->id, next->task->id, 0);
			sched_handoff_block(next);
		} else {
			sched_block();
		}
		if (deadline != WAIT_FOREVER)
			timeout_cancel(&thread->wait_timeout);
	}
	if (thread->wait_state == WAIT_WOKEN)
		return waitq_finish(&waiter); /* whoever woke us took the waiter off the queue */
	spin_lock(lock);
	result = waitq_finish(&waiter);
	spin_unlock(lock);
	return result;
}

void
handoff_release(const struct patience *patience)
{
	if (patience->handoff != NULL && *patience->handoff != NULL) {
		sched_make_runnable(*patience->handoff);
		*patience->handoff = NULL;
	}
}

/* --- sending --- */

static void
wake(struct thread *receiver, const struct patience *patience)
{
	/* LAB 2.6 begin [until then: (void)patience; sched_make_runnable(receiver)]: whoever is going to
	 * block in this very call (patience->handoff) keeps one receiver, to give it the CPU then.
	 */
	if (patience != NULL && patience->handoff != NULL && *patience->handoff == NULL)
		*patience->handoff = receiver;
	else
		sched_make_runnable(receiver);
	/* LAB 2.6 end */
}

/* Puts a message into the queue or a receiver's hands. Conditions: port locked; it is unlocked. */
static void
put(struct ipc_port *port, struct ipc_kmsg *message, const struct patience *patience,
	struct ipc_chores *chores)
{
	struct thread *receiver = deliver(port, message, chores);

	TRACE_SEND_IF_ON(port, message, receiver != NULL ? TRACE_TAKEN : TRACE_QUEUED, receiver);
	port_unlock(port);
	if (receiver != NULL)
		wake(receiver, patience);
}

/*
 * The receiver's budget is used up: its send-once right yields the notification, the message goes.
 */
static void
send_notice_instead(struct ipc_port *port, struct ipc_kmsg *message, struct ipc_chores *chores)
{
	message->remote = NULL;
	port_abandon_send_once(port, chores);
	port_unlock(port);
	kmsg_discard(message, chores);
}

/* Waits for a slot. Conditions: port locked; it is unlocked. */
static mach_msg_return_t
wait_for_slot(struct ipc_port *port, struct ipc_kmsg *message, const struct patience *patience)
{
	/* LAB 2.3 begin [until then: given wait_for_slot.c]: a patience of 0 ms means not to wait.
	 * Otherwise wait on port->senders, with the message (wait_on, used below for receivers too).
	 * Who was woken need do nothing more; who was not still has its message.
	 * Hint: wait_on unlocks; what keeps the port's memory until it is back?
	 */
	enum wait_result result;

	if (patience->timed && patience->ms == 0) {
		port_unlock(port);
		return MACH_SEND_TIMED_OUT;
	}
	TRACE_SEND_IF_ON(port, message, TRACE_WAITS, NULL);
	port_take(port);
	result = wait_on(&port->senders, &port->lock, patience, "send", message);
	port_drop(port);
	if (result == WAIT_WOKEN)
		return MACH_MSG_SUCCESS; /* the message was queued or destroyed for us */
	return result == WAIT_TIMED_OUT ? MACH_SEND_TIMED_OUT : MACH_SEND_INTERRUPTED;
	/* LAB 2.3 end */
}

/*
 * What does not go into a queue: messages to the dead, to the kernel, and over the budget. Returns
 * false: none of these.
 */
static bool
send_special(struct ipc_port *port, struct ipc_kmsg *message, struct ipc_chores *chores)
{
	if (!port->alive || !kobject_accepts_messages(port)) {
		TRACE_SEND_IF_ON(port, message, TRACE_GONE, NULL);
		port_unlock(port);
		kmsg_discard(message, chores);
	} else if (port->kobject == KOBJECT_REPLY) {
		consume_destination(port, message, chores);
		kobject_deliver(port, message);
	} else if (message->flags & KMSG_OVER_BUDGET) {
		send_notice_instead(port, message, chores);
	} else {
		return false;
	}
	return true;
}

mach_msg_return_t
mqueue_send(struct ipc_kmsg *message, const struct patience *patience, struct ipc_chores *chores)
{
	struct ipc_port *port = message->remote;

	port_lock(port);
	if (send_special(port, message, chores))
		return MACH_MSG_SUCCESS;
	/* LAB 2.3 begin [until then: (void)wait_for_slot]: the queue pushes back: a message that is not
	 * exempt waits when all slots are taken.
	 */
	if ((message->flags & KMSG_EXEMPT) == 0 && port->slots_used >= port->queue_limit)
		return wait_for_slot(port, message, patience);
	/* LAB 2.3 end */
	put(port, message, patience, chores);
	return MACH_MSG_SUCCESS;
}

/* Receive rights in the message are in flight from now on. */
static void
begin_transits(struct ipc_kmsg *message, struct ipc_chores *chores)
{
	mach_msg_descriptor_t *descriptor = kmsg_descriptors(message);
	unsigned i;

	for (i = 0; i < message->taken; i++, descriptor++) {
		void **pointer = kmsg_pointer(descriptor);

		if (descriptor->port.type != MACH_MSG_PORT_DESCRIPTOR ||
			!ipc_port_valid((struct ipc_port *)*pointer) ||
			descriptor->port.disposition != MACH_MSG_TYPE_PORT_RECEIVE ||
			transit_begin(*pointer, message->remote))
			continue;
		port_orphan(*pointer, chores);
		*pointer = IPC_PORT_DEAD;
	}
}

void
mqueue_send_kernel(struct ipc_kmsg *message, struct ipc_chores *chores)
{
	struct ipc_port *port = message->remote;

	message->flags |= KMSG_EXEMPT;
	begin_transits(message, chores);
	port_lock(port);
	if (send_special(port, message, chores))
		return;
	put(port, message, NULL, chores);
}

/* --- receiving --- */

static mach_msg_return_t
wait_code(enum wait_result result, const struct receiver *receiver)
{
	if (result == WAIT_WOKEN)
		return receiver->result;
	return result == WAIT_TIMED_OUT ? MACH_RCV_TIMED_OUT : MACH_RCV_INTERRUPTED;
}

mach_msg_return_t
mqueue_receive_port(struct ipc_port *port, struct receiver *receiver,
	const struct patience *patience, struct ipc_chores *chores)
{
	enum wait_result result;

	if (mqueue_take(port, receiver, chores)) {
		port_unlock(port);
		return receiver->result;
	}
	if (patience->timed && patience->ms == 0) {
		port_unlock(port);
		return MACH_RCV_TIMED_OUT;
	}
	port_take(port);
	result = wait_on(&port->receivers, &port->lock, patience, "receive", receiver);
	if (result != WAIT_WOKEN) {
		port_lock(port);
		port_unlock(port);
	}
	port_drop(port);
	return wait_code(result, receiver);
}

/*
 * Takes a message from a ready member, which goes to the end of the line. Returns false: it has
 * none any more, or has left the set.
 */
static bool
take_from_member(struct ipc_set *set, struct ipc_port *port, struct receiver *receiver,
	struct ipc_chores *chores)
{
	bool taken;

	port_lock(port);
	taken = port->set == set && mqueue_take(port, receiver, chores);
	if (taken && receiver->result == MACH_RCV_TOO_LARGE && receiver_leaves(receiver)) {
		port_unlock(port);
		return true;
	}
	if (port->set == set) {
		spin_lock(&set->lock);
		list_remove(&port->ready_link);
		if (port->message_count > 0)
			list_append(&set->ready, &port->ready_link);
		spin_unlock(&set->lock);
	}
	port_unlock(port);
	return taken;
}

mach_msg_return_t
mqueue_receive_set(struct ipc_set *set, struct receiver *receiver, const struct patience *patience,
	struct ipc_chores *chores)
{
	enum wait_result result;
	struct ipc_port *port;
	bool taken;

	set_take(set);
	while (set->alive && !list_empty(&set->ready)) {
		port = list_entry(list_first(&set->ready), struct ipc_port, ready_link);
		port_take(port);
		spin_unlock(&set->lock);
		taken = take_from_member(set, port, receiver, chores);
		port_drop(port);
		if (taken) {
			set_drop(set);
			return receiver->result;
		}
		spin_lock(&set->lock);
	}
	if (!set->alive || (patience->timed && patience->ms == 0)) {
		receiver->result = set->alive ? MACH_RCV_TIMED_OUT : MACH_RCV_PORT_DIED;
		spin_unlock(&set->lock);
		set_drop(set);
		return receiver->result;
	}
	result = wait_on(&set->receivers, &set->lock, patience, "receive", receiver);
	set_drop(set);
	return wait_code(result, receiver);
}
