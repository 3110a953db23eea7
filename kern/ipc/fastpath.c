/*
 * The RPC fast path.
 *
 *	client: mach_msg(SEND | RCV)                     server: mach_msg(SEND | RCV)
 *
 *	trap.S: registers into the frame
 *	trap_fast_message, on the client's stack:        (waits: nothing on its kernel stack
 *	   copy in, names -> rights,                      but the trap frame)
 *	   claim the server, open our own wait,
 *	   change the address space,
 *	   right -> name, copy out, trap.S: ------------> registers from the frame
 *	(waits in the same way)                          ... answers in the same way
 *
 * Taken when a call sends and receives, the message has no descriptors, its rights are the common
 * ones (COPY_SEND or MOVE_SEND_ONCE to go, none or MAKE_SEND_ONCE to come back), a receiver waits in
 * the same way and may run here, and nothing waits to be received. Everything else, every error
 * included, is left to the general path before anything has changed; so the results are the same with
 * `slowipc` on the command line. What is saved is not a check but work that cancels out: a message
 * buffer (the message lies on the sender's kernel stack until it has been copied out), a right that
 * would be made and consumed at once, locks taken twice, a kernel stack that would be unwound only to
 * enter user mode.
 *
 * A thread that waits here is `stackless`: all it needs is in thread->fast, what its kernel stack holds
 * below the trap frame is worthless. So are the threads that wait without a time-out on the general path
 * (fastpath_wait). Who answers it copies the answer into its memory and enters user mode in its place. Until then the sender keeps on_cpu, so that
 * nobody else runs it on the stack that is still in use.
 *
 * If something unusual turns up once the receiver is claimed (an answer came before we could wait for
 * it, somebody stops us, the receiver's name table is full, its buffer is not resident), the message is
 * moved to the receiver's own kernel stack, which is empty, and the receiver takes it in fastpath_resumed
 * as it would from the general path. That needs no memory and cannot fail. A stackless thread that is
 * switched to in the ordinary way starts there too.
 */
#include "ipc/fastpath.h"

#include "init/panic.h"
#include "ipc/copyout.h"
#include "ipc/fastpath_wait.h"
#include "sched/switch.h"
#include "sync/jitter.h"
#include "trap/trap.h"

#define CALL_BITS  MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define REPLY_BITS MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0)

/* The same for the receiver, local and remote swapped. */
#define CALL_ARRIVED  MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND)
#define REPLY_ARRIVED MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE)

#define HEADER ((mach_msg_size_t)sizeof(mach_msg_header_t))

/*
 * One call on its way. All that uses it is inlined, so it lies in registers; what can be found in the
 * message or in a thread is not in here.
 */
struct fast_call {
	struct cpu *cpu;
	struct ipc_space *space;
	struct thread *self, *receiver;
	/* Of a struct ipc_kmsg: the rest of it is set only if the receiver has to take it in the general way */
	mach_msg_header_t *header;
	mach_msg_size_t size;
	uint64_t arriving;		/* bytes at the receiver, with the trailer */
	struct ipc_entry *destination;
	struct ipc_entry *source;	/* port or set where the answer is awaited */
	bool answer;			/* to a send-once right, or a call, and then */
	struct ipc_port *reply;		/* for such a right */
	mach_msg_trailer_t *trailer;	/* behind the message */
};

static fast_inline struct ipc_kmsg *
message_of(const struct fast_call *call)
{
	return container_of(call->header, struct ipc_kmsg, header);
}

_Static_assert(MACH_MSG_TRAILER_SIZE == 3 * sizeof(uint64_t), "stamp");

/*
 * The trailer with the sender's token. It is 8-aligned, as the header is; of the word before, the message's
 * end may leave some.
 */
static fast_inline void
stamp(mach_msg_trailer_t *trailer, const struct task *sender)
{
	const uint64_t *from = __builtin_assume_aligned(&sender->trailer, 8);
	uint64_t *to = __builtin_assume_aligned(trailer, 8);
	uint64_t third = from[2], first = from[0], second = from[1];

	to[-1] = 0;
	to[0] = first;
	to[1] = second;
	to[2] = third;
}

/* --- sending --- */

/*
 * Takes the message in. The token is read first: the copy may block. Returns false: no memory, or it is
 * not for the fast path, or not there at all.
 */
static fast_inline bool
fetch(struct fast_call *call, union stacked *stacked, uint64_t user)
{
	struct ipc_kmsg *message = &stacked->message;
	uint64_t words;

	call->header = &message->header;
	if (__builtin_expect(call->size - HEADER > STACKED_MAX - HEADER, 0)) {
		if (call->size - HEADER > MACH_MSG_BODY_MAX)
			return false;
		message = kmsg_alloc(call->size);
		if (message == NULL)
			return false;
		call->header = &message->header;
	}
	words = ((uint64_t)call->size + 7) & ~7ull;
	call->arriving = words + MACH_MSG_TRAILER_SIZE;
	call->trailer = (mach_msg_trailer_t *)((char *)call->header + words);
	stamp(call->trailer, call->self->task);
	return copyin(call->header, user, call->size) && call->header->msgh_descriptor_count == 0;
}

/* Looks the names up. Returns false: one is none. Conditions: space locked. */
static fast_inline bool
look_up(struct fast_call *call, mach_port_t source_name)
{
	struct name_table *names = &call->space->names;

	call->destination = names_lookup(names, call->header->msgh_remote_port);
	if (call->destination == NULL)
		return false;
	call->source = names_lookup(names, source_name);
	return call->source != NULL;
}

/* Whether it is a call as the fast path wants it. Nearly always the answer is awaited where it goes to. */
static fast_inline bool
is_call(const struct fast_call *call, mach_port_t source_name)
{
	return (call->destination->type & ENTRY_SEND) != 0 && call->header->msgh_local_port == source_name &&
	       (call->source->type & ENTRY_RECEIVE) != 0;
}

static fast_inline bool
is_answer(const struct fast_call *call)
{
	return call->header->msgh_bits == REPLY_BITS && call->destination->type == ENTRY_SEND_ONCE &&
	       call->destination->request == NULL && call->header->msgh_local_port == MACH_PORT_NULL &&
	       (call->source->type & (ENTRY_RECEIVE | ENTRY_SET)) != 0;
}

/*
 * Claims the receiver that has waited longest. NULL: none, or it does not wait here on the fast path,
 * or the message does not fit. Conditions: the queue's lock held, not empty.
 */
static fast_inline struct thread *
claim(struct waitq *queue, const struct cpu *cpu, uint64_t arriving)
{
	struct waiter *waiter = container_of(queue->waiters.head.next, struct waiter, link);
	struct thread *thread = waiter->thread;

	if (!sched_may_hand_over(cpu, thread) || arriving > thread->fast.receiver.room ||
		!wait_claim_stackless(&thread->wait_state))
		return NULL;
	list_unlink(&waiter->link);
	return thread;
}

static struct thread *
claim_of_set(struct ipc_set *set, struct cpu *cpu, uint64_t arriving)
{
	struct thread *thread;

	if (set == NULL)
		return NULL;
	quick_lock(cpu, &set->lock);
	thread = waitq_empty(&set->receivers) ? NULL : claim(&set->receivers, cpu, arriving);
	quick_unlock(&set->lock);
	if (thread != NULL) {
		thread->fast.set = NULL;
		set_drop(set);
	}
	return thread;
}

/*
 * Claims a receiver and does what sending does to the port. Returns false: none, and nothing has happened.
 * Nobody can be claimed at a port that is dead, in a set or a kernel object. Conditions: space locked.
 */
static fast_inline bool
claim_receiver(struct fast_call *call)
{
	struct ipc_port *port = call->destination->port;
	struct thread *receiver;

	quick_lock(call->cpu, &port->lock);
	if (__builtin_expect(!waitq_empty(&port->receivers), 1))
		receiver = claim(&port->receivers, call->cpu, call->arriving);
	else
		receiver = claim_of_set(port->set, call->cpu, call->arriving);
	if (receiver != NULL) {
		call->header->msgh_local_port = port->name;
		call->trailer->msgh_seqno = port->seqno++;
		if (call->answer)
			port->send_once_rights--;
	}
	quick_unlock(&port->lock);
	call->receiver = receiver;
	return receiver != NULL;
}

/* --- the receiver cannot simply be entered --- */

/*
 * The message becomes what the general path would have given the receiver, on the receiver's stack, but
 * for the reply right.
 */
static __attribute__((noinline)) void
give(struct thread *receiver, struct ipc_kmsg *message, mach_msg_size_t size)
{
	union stacked *stacked = arch_thread_room(&receiver->arch, sizeof *stacked);

	message->header.msgh_size = size;
	message->token = kmsg_trailer(message, size)->msgh_sender;
	message->remote = message->reply = NULL;
	message->taken = 0;
	receiver->fast.receiver.result = MACH_MSG_SUCCESS;
	if (size <= STACKED_MAX) {
		message->flags = KMSG_STATIC;
		memcpy(stacked, message,
			offsetof(struct ipc_kmsg, header) + KMSG_RECEIVED_SIZE(size));
		message = &stacked->message;
	}
	receiver->fast.receiver.message = message;
}

static fast_inline void
give_whole(const struct fast_call *call)
{
	struct receiver *receiver = &call->receiver->fast.receiver;

	call->receiver->wait_state = WAIT_WOKEN | WAIT_IN_PLACE;
	receiver->name = call->header->msgh_local_port;
	receiver->seqno = call->trailer->msgh_seqno;
	give(call->receiver, message_of(call), call->size);
	receiver->message->remote_kind =
		call->answer ? MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND;
	receiver->message->reply_kind = call->answer ? 0 : MACH_MSG_TYPE_PORT_SEND_ONCE;
	receiver->message->reply = call->reply;
}

/* The receiver has its message, but the answer has to be awaited in the general way. */
_Noreturn static __attribute__((noinline)) void
receive_slowly(struct thread *self, struct ipc_entry *source, struct thread *receiver)
{
	struct message_call args = {
	    .user = self->fast.user,
	    .option = self->fast.receiver.option,
	    .room = self->fast.receiver.room,
	};

	fastpath_leave(self, message_receive_entry(source, &args, receiver));
}

/* --- the CPU changes hands --- */

/* The receiver goes on in the function, which calls sched_switch_finish. */
_Noreturn static fast_inline void
go_on(const struct fast_call *call, unsigned room, void (*function)(struct thread *self))
{
	call->cpu->switched_from = call->self;
	arch_thread_continue(&call->receiver->arch, room, function);
}

/* Right into name and memory of the receiver, which the CPU has become; then into user mode. */
_Noreturn static fast_inline void
arrive(const struct fast_call *call)
{
	struct thread *receiver = call->receiver;
	mach_msg_header_t *header = call->header;

	if (call->answer) {
		header->msgh_remote_port = MACH_PORT_NULL;
		header->msgh_bits = REPLY_ARRIVED;
	} else if (name_send_once(call->cpu, receiver->task->space, call->reply, &header->msgh_remote_port)) {
		header->msgh_bits = CALL_ARRIVED;
	} else {
		give_whole(call);
		go_on(call, sizeof(union stacked), fastpath_resumed);
	}
	header->msgh_size = call->size;
	if (!copyout_resident(receiver->fast.user, header, call->arriving)) {
		give(receiver, message_of(call), call->size);
		go_on(call, sizeof(union stacked), fastpath_copyout);
	}
	if (__builtin_expect(call->size > STACKED_MAX, 0))
		kmsg_free(message_of(call));
	if (__builtin_expect((call->cpu->need_resched | receiver->ast) != 0, 0))
		go_on(call, 0, fastpath_arrived);
	arch_user_resume(&receiver->arch, MACH_MSG_SUCCESS, &call->self->on_cpu);
}

/*
 * Conditions: our wait is open, no locks. An abort sets its bit first and then looks at the wait
 * state; we do it the other way round, so one of us sees the other.
 */
_Noreturn static fast_inline void
hand_over(const struct fast_call *call)
{
	struct thread *self = call->self, *receiver = call->receiver;

	if (__builtin_expect(__atomic_load_n(&self->ast, __ATOMIC_SEQ_CST) != 0, 0)) {
		give_whole(call);
		fastpath_block(self, receiver);
	}
	sched_pass_on(call->cpu, self, receiver);
	arch_user_switch(&self->arch, &receiver->arch);
	arrive(call);
}

static fast_inline bool
await_answer(const struct fast_call *call)
{
	if (call->answer)
		return await(call->cpu, call->self, call->source);
	return await_at_port(call->cpu, call->self, call->reply, true);
}

/*
 * All from the claim on, made once for calls and once for answers, where reply is NULL. Returns: nobody can be
 * claimed, nothing happened. Conditions: space locked.
 */
static fast_inline void
carry_out(struct fast_call *call, bool answer, struct ipc_port *reply)
{
	struct thread *self = call->self;

	call->answer = answer;
	call->reply = reply;
	if (!claim_receiver(call)) {
		fastpath_miss(FASTPATH_RECEIVER);
		return;
	}
	if (answer)
		names_free(&call->space->names, call->destination);
	if (!await_answer(call)) {
		give_whole(call);
		self->task->messages_sent++;
		fastpath_miss(FASTPATH_QUEUED);
		receive_slowly(self, call->source, call->receiver);
	}
	self->fast.messages++;
	quick_unlock(&call->space->lock);
	hand_over(call);
}

void
trap_fast_message(uint64_t user, mach_msg_option_t option, mach_msg_size_t size,
	mach_msg_size_t room, mach_port_t name)
{
	struct thread *self = current_thread();
	struct fast_call call = {.self = self, .space = self->task->space, .size = size};
	union stacked stacked;

	if (!fastpath_suits(option) || jitter_chance())
		return;
	note_buffer(self, user, room, option);
	if (!fetch(&call, &stacked, user)) {
		fastpath_miss(FASTPATH_BODY);
		goto not_taken;
	}
	call.cpu = cpu_self();
	quick_lock(call.cpu, &call.space->lock);
	if (!look_up(&call, name))
		fastpath_miss(FASTPATH_RIGHTS);
	else if (call.header->msgh_bits == CALL_BITS && is_call(&call, name))
		carry_out(&call, false, call.source->port);
	else if (is_answer(&call))
		carry_out(&call, true, NULL);
	else
		fastpath_miss(FASTPATH_RIGHTS);
	quick_unlock(&call.space->lock);
not_taken:
	if (call.header != &stacked.message.header)
		kmsg_free(message_of(&call));
}
