/*
 * The receiving half of mach_msg.
 */
#include "ipc/fastpath.h"
#include "ipc/message.h"
#include "ipc/pset.h"
#include "ipc/right.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "trace/trace.h"

/* Receives are counted when they start, while the space is locked; this one brought no message. */
void
message_receive_uncount(void)
{
	struct ipc_space *space = current_task()->space;

	spin_lock(&space->lock);
	space->task->messages_received--;
	spin_unlock(&space->lock);
}

/*
 * Takes a message from the port or set behind an entry. Conditions: space locked; it is unlocked.
 */
static mach_msg_return_t
receive_from(struct ipc_space *space, const struct ipc_entry *entry, struct receiver *receiver,
	const struct patience *patience, struct ipc_chores *chores)
{
	struct ipc_port *port;
	struct ipc_set *set;

	space->task->messages_received++;
	if (entry != NULL && (entry->type & ENTRY_RECEIVE) != 0) {
		port = entry->port;
		port_lock(port);
		spin_unlock(&space->lock);
		if (port->set == NULL)
			return mqueue_receive_port(port, receiver, patience, chores);
		port_unlock(port);
		return MACH_RCV_IN_SET;
	}
	if (entry != NULL && (entry->type & ENTRY_SET) != 0) {
		set = entry->set;
		spin_lock(&set->lock);
		spin_unlock(&space->lock);
		return mqueue_receive_set(set, receiver, patience, chores);
	}
	spin_unlock(&space->lock);
	return MACH_RCV_INVALID_NAME;
}

__attribute__((cold)) void
message_trace_received(const struct receiver *receiver)
{
	const struct ipc_kmsg *message = receiver->message;

	if (message == NULL)
		trace_record(TRACE_RECEIVE, 0, MACH_NOTIFY_SEND_ONCE, receiver->name,
			sizeof(mach_msg_header_t) | (uint64_t)receiver->seqno << 32, 0);
	else
		trace_record(TRACE_RECEIVE, 0, message->header.msgh_id, receiver->name,
			message->header.msgh_size | (uint64_t)receiver->seqno << 32,
			(uint64_t)message->token.label << 32);
}

mach_msg_return_t
message_receive_entry(
	const struct ipc_entry *entry, const struct message_call *call, struct thread *handoff)
{
	struct patience patience = {(call->option & MACH_RCV_TIMEOUT) != 0, call->ms, &handoff};
	struct receiver receiver;
	struct ipc_chores chores;
	mach_msg_return_t result;

	fastpath_wait(entry, call, handoff);
	receiver.room = call->room;
	receiver.option = call->option;
	chores_init(&chores);
	result = receive_from(current_task()->space, entry, &receiver, &patience, &chores);
	handoff_release(&patience); /* if we did not block; from here on we may fault */
	/*
	 * The last right to the port may just have been used up: its no-senders notification goes
	 * out before we return.
	 */
	chores_do(&chores);
	if (__builtin_expect(trace_on, 0) && result == MACH_MSG_SUCCESS)
		message_trace_received(&receiver);
	if (result == MACH_MSG_SUCCESS || result == MACH_RCV_TOO_LARGE)
		return copyout_quick(&receiver, call->user);
	message_receive_uncount();
	return result;
}

mach_msg_return_t
message_receive(const struct message_call *call, struct thread *handoff)
{
	struct ipc_space *space = current_task()->space;

	spin_lock(&space->lock);
	return message_receive_entry(space_lookup(space, call->name), call, handoff);
}
