/*
 * The RPC fast path.
 *
 *	client: mach_msg(SEND | RCV)                     server: mach_msg(SEND | RCV)
 *
 *	trap.S: registers into the frame
 *	trap_fast_message: copy in, names -> rights,
 *	   give the message to the waiting server,       (waits: nothing on its kernel stack
 *	   wait for the answer                            but the trap frame)
 *	switch: address space, user registers ------->   fastpath_arrive: copy out
 *	                                                 trap.S: registers from the frame
 *	(waits in the same way)                          ... answers in the same way
 *
 * Taken when a call sends and receives, the message has no descriptors, its rights are the common
 * ones (COPY_SEND or MOVE_SEND_ONCE to go, none or MAKE_SEND_ONCE to come back), a receiver waits
 * and nothing waits to be received. Everything else, every error included, is left to the general
 * path before anything has changed; so the results are the same with `slowipc` on the command line.
 * What is saved is not a check but work that cancels out: a right that would be made and consumed at
 * once, a charge that would be given back, locks taken twice, a kernel stack that would be unwound
 * only to enter user mode.
 *
 * A thread that waits here is `stackless`: all it needs is in thread->fast, so who answers goes on in
 * its place on its empty stack (fastpath_arrive). If somebody else ends the wait, an abort or a sender
 * on the general path, it is switched to in the ordinary way and starts in fastpath_resumed.
 *
 * Order: the message is given to the claimed receiver first, which does not run before the hand-off;
 * then our own wait is prepared. If that cannot be (a message has come, the port is in a set), the
 * receiver is made runnable and the general path receives. If the CPU cannot be given away like this
 * (the receiver is still on its way out, somebody better waits, an abort), we block in the ordinary
 * way.
 */
#include "ipc/fastpath.h"

#include "init/panic.h"
#include "ipc/copyout.h"
#include "ipc/pset.h"
#include "sched/switch.h"
#include "trace/trace.h"
#include "trap/trap.h"

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
	mach_msg_size_t size;
	struct ipc_entry *destination;
	struct ipc_entry *source; /* port or set where the answer is awaited */
	struct ipc_port *reply;   /* for a send-once right, or NULL */
	bool answer;              /* the destination is a send-once right */
};

/* --- sending --- */

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
 * Claims the receiver that has waited longest, if it has room, and gives it the message. NULL:
 * none. Conditions: the queue's lock and the port's held.
 */
static inline struct thread *
offer(struct waitq *queue, struct ipc_port *port, const struct fast_call *call)
{
	struct waiter *waiter;
	struct thread *thread;

	if (waitq_empty(queue))
		return NULL;
	waiter = container_of(queue->waiters.head.next, struct waiter, link);
	thread = waiter->thread;
	if (!mqueue_fits(call->size, waiter->data) || !wait_claim(&thread->wait_state, WAIT_WOKEN, 0))
		return NULL;
	list_remove(&waiter->link);
	mqueue_hand(port, call->message, waiter->data);
	return thread;
}

static struct thread *
offer_to_set(struct ipc_set *set, struct ipc_port *port, const struct fast_call *call)
{
	struct thread *thread;

	quick_lock(&set->lock);
	thread = offer(&set->receivers, port, call);
	quick_unlock(&set->lock);
	return thread;
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
		receiver = offer_to_set(port->set, port, call);
	else if (port->alive && port->kobject == KOBJECT_NONE)
		receiver = offer(&port->receivers, port, call);
	if (receiver != NULL && call->answer)
		port->send_once_rights--;
	quick_unlock(&port->lock);
	if (receiver != NULL && call->answer)
		names_free(&call->space->names, call->destination);
	return receiver;
}

/* Fills in what a receiver finds in the message besides what the sender wrote. */
static inline void
complete(const struct fast_call *call)
{
	struct ipc_kmsg *message = call->message;

	message->header.msgh_size = call->size;
	message->remote_kind =
		call->answer ? MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND;
	message->reply_kind = call->answer ? 0 : MACH_MSG_TYPE_PORT_SEND_ONCE;
	message->reply = call->reply;
}

/*
 * Looks the rights up and gives the message away. Returns the receiver, the space locked; or NULL:
 * nothing happened, not locked.
 */
static inline struct thread *
fast_send(struct fast_call *call, mach_port_t source_name)
{
	struct thread *receiver = NULL;

	quick_lock(&call->space->lock);
	if (look_up(call, source_name))
		receiver = give_away(call);
	if (receiver == NULL) {
		quick_unlock(&call->space->lock);
		return NULL;
	}
	complete(call);
	return receiver;
}

/* --- waiting --- */

/* Opens the running thread's wait for claims. Conditions: the queue's lock held. */
static inline void
wait_open(struct thread *self, struct waitq *queue)
{
	list_append(&queue->waiters, &self->fast.waiter.link);
	self->wait_why = "receive";
	__atomic_store_n(&self->wait_state, WAIT_PENDING | WAIT_INTERRUPTIBLE | WAIT_KILLABLE,
		__ATOMIC_SEQ_CST);
}

/* Returns false: the answer cannot be awaited there like this. */
static inline bool
await_at_port(struct thread *self, const struct fast_call *call)
{
	struct ipc_port *port = call->source->port;
	bool simple;

	quick_lock(&port->lock);
	port->send_once_rights += call->reply != NULL;
	simple = port->message_count == 0 && port->set == NULL;
	if (simple) {
		refcount_take(&port->refs);
		self->fast.port = port;
		self->fast.set = NULL;
		wait_open(self, &port->receivers);
	}
	quick_unlock(&port->lock);
	return simple;
}

static inline bool
await_at_set(struct thread *self, const struct fast_call *call)
{
	struct ipc_set *set = call->source->set;
	bool simple;

	quick_lock(&set->lock);
	simple = list_empty(&set->ready);
	if (simple) {
		refcount_take(&set->refs);
		self->fast.set = set;
		wait_open(self, &set->receivers);
	}
	quick_unlock(&set->lock);
	return simple;
}

static inline bool
await(struct thread *self, const struct fast_call *call)
{
	return call->source->type & ENTRY_SET ? await_at_set(self, call) : await_at_port(self, call);
}

/* --- receiving --- */

/* What was waited on need not be kept any longer. */
static inline void
stop_waiting(struct thread *self)
{
	if (__builtin_expect(self->fast.set != NULL, 0))
		set_drop(self->fast.set);
	else if (__builtin_expect(refcount_drop(&self->fast.port->refs), 0))
		port_free(self->fast.port);
}

/* To user mode with the result of mach_msg. */
_Noreturn static inline void
leave(struct thread *self, mach_msg_return_t result)
{
	arch_trap_result(&self->arch, (uint32_t)result);
	if (__builtin_expect(cpu_self()->need_resched || self->ast != 0, 0))
		arch_thread_enter_user(self);
	arch_user_resume(&self->arch);
}

/* The wait ended without a message. */
static mach_msg_return_t
wait_failed(struct thread *self)
{
	struct spinlock *lock = self->fast.set != NULL ? &self->fast.set->lock : &self->fast.port->lock;

	message_receive_uncount();
	if (self->wait_state == WAIT_WOKEN)
		return self->fast.receiver.result;
	spin_lock(lock);
	if (list_linked(&self->fast.waiter.link))
		list_remove(&self->fast.waiter.link);
	spin_unlock(lock);
	return MACH_RCV_INTERRUPTED;
}

static mach_msg_return_t
receive(struct receiver *receiver, uint64_t user)
{
	if (__builtin_expect(trace_on, 0) && receiver->result == MACH_MSG_SUCCESS)
		message_trace_received(receiver);
	return copyout_quick(receiver, user);
}

/* The running thread's wait is over, however that came about. */
_Noreturn static void
awake(struct thread *self)
{
	struct receiver *receiver = &self->fast.receiver;
	mach_msg_return_t result;

	self->wait_why = NULL;
	if (self->wait_state == WAIT_WOKEN && (receiver->result == MACH_MSG_SUCCESS ||
						      receiver->result == MACH_RCV_TOO_LARGE))
		result = receive(receiver, self->fast.user);
	else
		result = wait_failed(self);
	stop_waiting(self);
	leave(self, result);
}

/* A stackless thread was switched to in the ordinary way. */
_Noreturn static void
fastpath_resumed(void)
{
	struct thread *self = current_thread();

	self->stackless = false;
	sched_switch_finish();
	awake(self);
}

/* A stackless thread got its message and the CPU from the thread that ran before. */
_Noreturn void
fastpath_arrive(struct thread *self)
{
	mach_msg_return_t result;

	__atomic_store_n(&cpu_self()->switched_from->on_cpu, 0, __ATOMIC_RELEASE);
	self->stackless = false;
	self->wait_why = NULL;
	result = copyout_inline(&self->fast.receiver, self->fast.user);
	stop_waiting(self);
	leave(self, result);
}

/* --- the CPU changes hands --- */

_Noreturn static __attribute__((noinline)) void
block(struct thread *self, struct thread *next)
{
	if ((self->ast & (AST_ABORT | AST_TERMINATE)) != 0 &&
		waitq_claim_thread(self, WAIT_ABORTED, 0))
		sched_make_runnable(next);
	else
		sched_handoff_block(next);
	awake(self);
}

/*
 * Conditions: our wait is open, no locks. An abort sets its bit first and then looks at the wait
 * state; we do it the other way round, so one of us sees the other.
 */
_Noreturn static inline void
hand_over(struct thread *self, struct thread *next)
{
	struct cpu *cpu = cpu_self();

	if (__builtin_expect(__atomic_load_n(&self->ast, __ATOMIC_SEQ_CST) != 0 ||
				     !sched_may_hand_over(cpu, next), 0))
		block(self, next);
	self->stackless = true;
	arch_thread_park(&self->arch, fastpath_resumed);
	cpu->handoffs++;
	sched_change_thread(cpu, self, next, true);
	arch_user_switch(&self->arch, &next->arch);
	if (__builtin_expect(!next->stackless, 0))
		arch_thread_leave(&next->arch);
	arch_thread_continue(&next->arch);
}

/* A buffer for the message; NULL: no memory. */
static inline struct ipc_kmsg *
buffer(mach_msg_size_t size)
{
	if (KMSG_RECEIVED_SIZE(size) > KMSG_SMALL_CAPACITY)
		return kmsg_alloc(size);
	return kmsg_cache_pop();
}

/* The receiver has its message, but the answer has to be awaited in the general way. */
_Noreturn static __attribute__((noinline)) void
receive_slowly(struct thread *self, const struct message_call *args, const struct fast_call *call,
	struct thread *next)
{
	leave(self, message_receive_entry(call->source, args, next));
}

void
trap_fast_message(uint64_t user, mach_msg_option_t option, mach_msg_size_t size,
	mach_msg_size_t room, mach_port_t name)
{
	struct thread *self = current_thread(), *next;
	struct fast_call call = {.space = self->task->space, .size = size};

	if (!fastpath_suits(option, size))
		return;
	call.message = buffer(size);
	if (call.message == NULL)
		return;
	call.message->token = self->task->token;
	if (!copyin(&call.message->header, user, size) ||
		call.message->header.msgh_descriptor_count != 0 ||
		(next = fast_send(&call, name)) == NULL) {
		kmsg_free(call.message);
		return;
	}
	self->task->messages_sent++;
	taken[cpu_self()->number]++;
	self->fast.user = user;
	self->fast.receiver.room = room;
	self->fast.receiver.large = (option & MACH_RCV_LARGE) != 0;
	if (!await(self, &call)) {
		struct message_call args = {user, option, size, room, name, 0};

		receive_slowly(self, &args, &call, next);
	}
	self->task->messages_received++;
	quick_unlock(&call.space->lock);
	hand_over(self, next);
}
