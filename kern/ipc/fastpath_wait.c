/*
 * The RPC fast path: who waits on it, and how a wait ends that no sender on the fast path ends.
 */
#include "ipc/fastpath_wait.h"

#include "ipc/copyout.h"
#include "ipc/fastpath.h"
#include "sched/sched.h"
#include "trace/trace.h"

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

_Noreturn void
fastpath_leave(struct thread *self, mach_msg_return_t result)
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

	self->wait_state &= ~(uint32_t)WAIT_IN_PLACE;
	if (self->wait_state == WAIT_WOKEN && (receiver->result == MACH_MSG_SUCCESS ||
						      receiver->result == MACH_RCV_TOO_LARGE))
		result = receive(receiver, self->fast.user);
	else
		result = wait_failed(self);
	if (set != NULL) {
		self->fast.set = NULL;
		set_drop(set);
	}
	fastpath_leave(self, result);
}

_Noreturn void
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

_Noreturn void
fastpath_arrived(struct thread *self)
{
	sched_switch_finish();
	fastpath_leave(self, MACH_MSG_SUCCESS);
}

_Noreturn void
fastpath_copyout(struct thread *self)
{
	struct receiver *receiver = &self->fast.receiver;
	struct ipc_kmsg *message = receiver->message;

	sched_switch_finish();
	if (copyout(self->fast.user, &message->header, KMSG_RECEIVED_SIZE(message->header.msgh_size))) {
		kmsg_free(message);
		fastpath_leave(self, MACH_MSG_SUCCESS);
	}
	fastpath_leave(self, copyout_unusual(receiver, self->fast.user, MACH_RCV_INVALID_DATA));
}

_Noreturn void
fastpath_block(struct thread *self, struct thread *next)
{
	bool aborted = (__atomic_load_n(&self->ast, __ATOMIC_SEQ_CST) & (AST_ABORT | AST_TERMINATE)) != 0 &&
		       waitq_claim_thread(self, WAIT_ABORTED, 0);

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
	if (!await(cpu_self(), self, source))
		return;
	self->task->messages_received++;
	spin_unlock(&space->lock);
	fastpath_block(self, next);
}
