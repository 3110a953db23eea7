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
 * would be made and consumed at once, a charge that would be given back, locks taken twice, a kernel
 * stack that would be unwound only to enter user mode.
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
#include "ipc/pset.h"
#include "sched/switch.h"
#include "sync/jitter.h"
#include "trace/trace.h"
#include "trap/trap.h"

#define CALL_BITS  MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define REPLY_BITS MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0)

/* The same for the receiver, local and remote swapped. */
#define CALL_ARRIVED  MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND)
#define REPLY_ARRIVED MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE)


#define always_inline inline __attribute__((always_inline))

#define HEADER ((mach_msg_size_t)sizeof(mach_msg_header_t))

/* The largest message that is kept on a kernel stack. */
#define STACKED_MAX 1024u

/* A message on a kernel stack, with its trailer. Larger ones are in a block of the heap. */
union stacked {
	struct ipc_kmsg message;
	uint8_t bytes[offsetof(struct ipc_kmsg, header) + STACKED_MAX + MACH_MSG_TRAILER_SIZE];
} __attribute__((aligned(16)));

bool ipc_fastpath_enabled;
mach_msg_option_t ipc_fastpath_options;

_Static_assert(FASTPATH_REASONS == IPC_SLOW_REASONS, "ipc.h");
static uint64_t misses[CPU_MAX][FASTPATH_REASONS];

uint64_t
fastpath_taken(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CPU_MAX; i++)
		sum += cpus[i].fast_messages;
	return sum;
}

void
fastpath_miss(enum fastpath_reason reason)
{
	misses[cpu_self()->number][reason]++;
}

uint64_t
fastpath_missed(enum fastpath_reason reason)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CPU_MAX; i++)
		sum += misses[i][reason];
	return sum;
}

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
	mach_msg_size_t arriving;	/* bytes at the receiver, with the trailer */
	struct ipc_entry *destination;
	struct ipc_entry *source;	/* port or set where the answer is awaited */
	struct ipc_port *reply;		/* for a send-once right; NULL: this is an answer, to one */
};

static always_inline struct ipc_kmsg *
message_of(const struct fast_call *call)
{
	return container_of(call->header, struct ipc_kmsg, header);
}

/* It is 8-aligned, as the header is. */
static always_inline mach_msg_trailer_t *
trailer(mach_msg_header_t *header, mach_msg_size_t arriving)
{
	return __builtin_assume_aligned((char *)header + arriving - MACH_MSG_TRAILER_SIZE, 8);
}

/* --- sending --- */

/*
 * Takes the message in. The token is read first: the copy may block. Returns false: no memory, or it is
 * not for the fast path, or not there at all.
 */
static always_inline bool
fetch(struct fast_call *call, union stacked *stacked, uint64_t user)
{
	struct ipc_kmsg *message = &stacked->message;
	mach_msg_trailer_t *end;

	call->header = &message->header;
	if (__builtin_expect(call->size - HEADER > STACKED_MAX - HEADER, 0)) {
		if (call->size - HEADER > MACH_MSG_BODY_MAX)
			return false;
		message = kmsg_alloc(call->size);
		if (message == NULL)
			return false;
		call->header = &message->header;
	}
	call->arriving = KMSG_RECEIVED_SIZE(call->size);
	end = trailer(call->header, call->arriving);
	*((uint64_t *)end - 1) = 0;	/* of which the message's end may leave some */
	*end = call->self->task->trailer;
	return copyin(call->header, user, call->size) && call->header->msgh_descriptor_count == 0;
}

/*
 * Looks the names up. Returns false: something is not as the fast path wants it. Conditions: space
 * locked.
 */
static always_inline bool
look_up(struct fast_call *call, mach_port_t source_name)
{
	const mach_msg_header_t *header = call->header;
	struct name_table *names = &call->space->names;
	struct ipc_entry *destination = names_lookup(names, header->msgh_remote_port), *source;

	if (destination == NULL)
		return false;
	source = names_lookup(names, source_name);
	if (source == NULL)
		return false;
	call->destination = destination;
	call->source = source;
	if (header->msgh_bits == REPLY_BITS) {
		call->reply = NULL;
		return destination->type == ENTRY_SEND_ONCE && destination->request == NULL &&
		       header->msgh_local_port == MACH_PORT_NULL &&
		       (source->type & (ENTRY_RECEIVE | ENTRY_SET)) != 0;
	}
	call->reply = source->port;
	/* Nearly always the answer is awaited where it goes to. */
	return header->msgh_bits == CALL_BITS && (destination->type & ENTRY_SEND) != 0 &&
	       header->msgh_local_port == source_name && (source->type & ENTRY_RECEIVE) != 0;
}

/*
 * Claims the receiver that has waited longest. NULL: none, or it does not wait here on the fast path,
 * or the message does not fit. Conditions: the queue's lock held, not empty.
 */
static always_inline struct thread *
claim(struct waitq *queue, const struct cpu *cpu, mach_msg_size_t arriving)
{
	struct waiter *waiter = container_of(queue->waiters.head.next, struct waiter, link);
	struct thread *thread = waiter->thread;

	if (!thread->stackless || !sched_may_hand_over(cpu, thread) ||
		arriving > thread->fast.receiver.room || !wait_claim_fully(&thread->wait_state))
		return NULL;
	list_unlink(&waiter->link);
	return thread;
}

static struct thread *
claim_of_set(struct ipc_set *set, struct cpu *cpu, mach_msg_size_t arriving)
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
static always_inline bool
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
		trailer(call->header, call->arriving)->msgh_seqno = port->seqno++;
		port->send_once_rights -= call->reply == NULL;
	}
	quick_unlock(&port->lock);
	call->receiver = receiver;
	return receiver != NULL;
}

/* --- waiting --- */

/* Opens the running thread's wait for claims. Conditions: the queue's lock held. */
static always_inline void
wait_open(struct thread *self, struct waitq *queue)
{
	list_append(&queue->waiters, &self->fast.waiter.link);
	__atomic_store_n(&self->wait_state, WAIT_FULLY, __ATOMIC_SEQ_CST);
}

/*
 * Returns false: the answer cannot be awaited there like this. The port stays while somebody stands in
 * its queue (port.h), the set while it is referenced.
 */
static always_inline bool
await_at_port(struct cpu *cpu, struct thread *self, struct ipc_port *port, bool replies)
{
	bool simple;

	quick_lock(cpu, &port->lock);
	port->send_once_rights += replies;
	simple = port->message_count == 0 && port->set == NULL;
	if (simple) {
		self->fast.port = port;
		wait_open(self, &port->receivers);
	}
	quick_unlock(&port->lock);
	return simple;
}

static always_inline bool
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

/* replies: a send-once right is made of the port as well. */
static always_inline bool
await(struct cpu *cpu, struct thread *self, const struct ipc_entry *source, bool replies)
{
	return source->type & ENTRY_SET ? await_at_set(cpu, self, source->set)
					: await_at_port(cpu, self, source->port, replies);
}

static always_inline void
note_buffer(struct thread *self, uint64_t user, mach_msg_size_t room, mach_msg_option_t option)
{
	self->fast.user = user;
	self->fast.receiver.room = room;
	self->fast.receiver.option = option;
}

/* --- the end of a wait that somebody on the general path ended --- */

/* To user mode with the result of mach_msg. */
_Noreturn static void
leave(struct thread *self, mach_msg_return_t result)
{
	arch_trap_result(&self->arch, (uint32_t)result);
	arch_thread_enter_user(self);
}

/* The wait ended without a message. */
static mach_msg_return_t
wait_failed(struct thread *self)
{
	struct ipc_set *set = self->fast.set;

	message_receive_uncount();
	if (self->wait_state == WAIT_WOKEN)
		return self->fast.receiver.result;
	if (set != NULL) {
		spin_lock(&set->lock);
		list_remove(&self->fast.waiter.link);
		spin_unlock(&set->lock);
	} else {
		port_lock(self->fast.port);
		list_remove(&self->fast.waiter.link);
		port_unlock(self->fast.port);
	}
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
	struct ipc_set *set = self->fast.set;
	mach_msg_return_t result;

	self->stackless = false;
	if (self->wait_state == WAIT_WOKEN && (receiver->result == MACH_MSG_SUCCESS ||
						      receiver->result == MACH_RCV_TOO_LARGE))
		result = receive(receiver, self->fast.user);
	else
		result = wait_failed(self);
	if (set != NULL) {
		self->fast.set = NULL;
		set_drop(set);
	}
	leave(self, result);
}

/* A stackless thread was switched to. */
_Noreturn static void
fastpath_resumed(struct thread *self)
{
	sched_switch_finish();
	awake(self);
}

_Noreturn static void
resumed(void)
{
	fastpath_resumed(current_thread());
}

void
fastpath_prepare(struct thread *thread)
{
	arch_thread_park(&thread->arch, resumed, sizeof(union stacked));
}

/* Its message has arrived, something else is pending. */
_Noreturn static void
fastpath_arrived(struct thread *self)
{
	sched_switch_finish();
	leave(self, MACH_MSG_SUCCESS);
}

/* The message has arrived but for the last copy, which has to wait for pages. */
_Noreturn static void
fastpath_copyout(struct thread *self)
{
	struct receiver *receiver = &self->fast.receiver;
	struct ipc_kmsg *message = receiver->message;

	sched_switch_finish();
	if (copyout(self->fast.user, &message->header, KMSG_RECEIVED_SIZE(message->header.msgh_size))) {
		kmsg_free(message);
		leave(self, MACH_MSG_SUCCESS);
	}
	leave(self, copyout_unusual(receiver, self->fast.user, MACH_RCV_INVALID_DATA));
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
	message->token = trailer(&message->header, KMSG_RECEIVED_SIZE(size))->msgh_sender;
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

static always_inline void
give_whole(const struct fast_call *call)
{
	struct receiver *receiver = &call->receiver->fast.receiver;
	bool answer = call->reply == NULL;

	receiver->name = call->header->msgh_local_port;
	receiver->seqno = trailer(call->header, call->arriving)->msgh_seqno;
	give(call->receiver, message_of(call), call->size);
	receiver->message->remote_kind =
		answer ? MACH_MSG_TYPE_PORT_SEND_ONCE : MACH_MSG_TYPE_PORT_SEND;
	receiver->message->reply_kind = answer ? 0 : MACH_MSG_TYPE_PORT_SEND_ONCE;
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

	leave(self, message_receive_entry(source, &args, receiver));
}

/*
 * Blocks in the ordinary way; the CPU goes to `next` (NULL: to whoever is next). What is on our stack is not
 * needed any more, so this is stackless too: if a sender on the fast path answers, we do not come back here.
 * Conditions: our wait is open, no locks.
 */
_Noreturn static __attribute__((noinline)) void
block(struct thread *self, struct thread *next)
{
	bool aborted = (__atomic_load_n(&self->ast, __ATOMIC_SEQ_CST) & (AST_ABORT | AST_TERMINATE)) != 0 &&
		       waitq_claim_thread(self, WAIT_ABORTED, 0);

	self->stackless = !aborted;
	if (aborted && next != NULL)
		sched_make_runnable(next);
	else if (!aborted && next != NULL)
		sched_handoff_block(next);
	else if (!aborted)
		sched_block();
	awake(self);
}

void
fastpath_wait(const struct ipc_entry *source, const struct message_call *call, struct thread *next)
{
	struct thread *self = current_thread();
	struct ipc_space *space = self->task->space;

	if (!ipc_fastpath_enabled || (call->option & MACH_RCV_TIMEOUT) != 0 || source == NULL ||
		(source->type & (ENTRY_RECEIVE | ENTRY_SET)) == 0)
		return;
	note_buffer(self, call->user, call->room, call->option);
	if (!await(cpu_self(), self, source, false))
		return;
	self->task->messages_received++;
	spin_unlock(&space->lock);
	block(self, next);
}

/* --- the CPU changes hands --- */

/* The receiver goes on in the function, which calls sched_switch_finish. */
_Noreturn static always_inline void
go_on(const struct fast_call *call, unsigned room, void (*function)(struct thread *))
{
	call->cpu->switched_from = call->self;
	arch_thread_continue(&call->receiver->arch, room, function);
}

/* Right into name and memory of the receiver, which the CPU has become; then into user mode. */
_Noreturn static always_inline void
arrive(const struct fast_call *call)
{
	struct thread *receiver = call->receiver;
	mach_msg_header_t *header = call->header;

	if (call->reply == NULL) {
		header->msgh_remote_port = MACH_PORT_NULL;
		header->msgh_bits = REPLY_ARRIVED;
	} else if (name_send_once(call->cpu, receiver->task->space, call->reply, &header->msgh_remote_port)) {
		header->msgh_bits = CALL_ARRIVED;
	} else {
		give_whole(call);
		go_on(call, sizeof(union stacked), fastpath_resumed);
	}
	header->msgh_size = call->size;
	receiver->stackless = false;
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
_Noreturn static always_inline void
hand_over(const struct fast_call *call)
{
	struct thread *self = call->self, *receiver = call->receiver;

	if (__builtin_expect(__atomic_load_n(&self->ast, __ATOMIC_SEQ_CST) != 0, 0)) {
		give_whole(call);
		block(self, receiver);
	}
	self->stackless = true;
	sched_pass_on(call->cpu, self, receiver);
	arch_user_switch(&self->arch, &receiver->arch);
	arrive(call);
}

void
trap_fast_message(uint64_t user, mach_msg_option_t option, mach_msg_size_t size,
	mach_msg_size_t room, mach_port_t name)
{
	struct thread *self = current_thread();
	struct fast_call call = {.self = self, .size = size};
	union stacked stacked;

	if (!fastpath_suits(option) || jitter_chance())
		return;
	note_buffer(self, user, room, option);
	if (!fetch(&call, &stacked, user)) {
		fastpath_miss(FASTPATH_BODY);
		goto not_taken;
	}
	call.cpu = cpu_self();
	call.space = self->task->space;
	quick_lock(call.cpu, &call.space->lock);
	if (!look_up(&call, name)) {
		fastpath_miss(FASTPATH_RIGHTS);
		goto unlock;
	}
	if (!claim_receiver(&call)) {
		fastpath_miss(FASTPATH_RECEIVER);
		goto unlock;
	}
	if (call.reply == NULL)
		names_free(&call.space->names, call.destination);
	if (!await(call.cpu, self, call.source, call.reply != NULL)) {
		give_whole(&call);
		self->task->messages_sent++;
		fastpath_miss(FASTPATH_QUEUED);
		receive_slowly(self, call.source, call.receiver);
	}
	self->fast.messages++;
	quick_unlock(&call.space->lock);
	hand_over(&call);
unlock:
	quick_unlock(&call.space->lock);
not_taken:
	if (call.header != &stacked.message.header)
		kmsg_free(message_of(&call));
}
