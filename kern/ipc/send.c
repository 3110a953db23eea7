/*
 * The sending half of mach_msg.
 */
#include "ipc/message.h"

static mach_msg_return_t
send(const struct message_call *call, const struct patience *patience, struct ipc_chores *chores)
{
	struct ipc_kmsg *message;
	mach_msg_return_t result;

	result = copyin_header(call->user, call->send_size, &message, chores);
	if (result == MACH_MSG_SUCCESS)
		result = copyin_body(message, chores);
	if (result != MACH_MSG_SUCCESS)
		return result;
	/* Names that went into the message may have caused notifications, which come before it. */
	chores_do(chores);
	result = mqueue_send(message, patience, chores);
	if (result != MACH_MSG_SUCCESS)
		copyout_pseudo(message, call->user, chores);
	return result;
}

mach_msg_return_t
message_send(const struct message_call *call, struct thread **handoff)
{
	struct patience patience = {(call->option & MACH_SEND_TIMEOUT) != 0, call->ms, handoff};
	struct ipc_chores chores;
	mach_msg_return_t result;

	chores_init(&chores);
	result = send(call, &patience, &chores);
	if (!chores_empty(&chores)) {
		handoff_release(&patience); /* chores may block */
		chores_work(&chores);
	}
	return result;
}
