/*
 * The client half of the generated code's run time: one mach_msg per call, on a reply port that
 * each thread keeps. See mig.h.
 *
 * The reply port is given up whenever a late reply could still come to it: then that reply is
 * destroyed with it, and the next call cannot mistake it for its own.
 */
#include "mach/mig_internal.h"

static _Thread_local struct mig_thread thread;

void
mig_on_interrupt(void (*function)(mach_port_t port, uintptr_t argument), uintptr_t argument)
{
	thread.interrupted = function;
	thread.argument = argument;
}

void
mig_thread_save(struct mig_thread *saved)
{
	*saved = thread;
	thread = (struct mig_thread){ 0 };
}

void
mig_thread_restore(const struct mig_thread *saved)
{
	mig_reply_port_drop();
	thread = *saved;
}

void
mig_set_timeout(mach_msg_timeout_t ms)
{
	thread.timeout = ms;
}

void
mig_reply_port_forget(void)
{
	thread.reply_port = MACH_PORT_NULL;
}

void
mig_reply_port_drop(void)
{
	if (thread.reply_port != MACH_PORT_NULL)
		port_drop_receive(thread.reply_port);
	thread.reply_port = MACH_PORT_NULL;
}

static void
head_set(mach_msg_header_t *head, uint32_t bits, mach_port_t port, mach_port_t local,
	mach_msg_id_t id, uint32_t count)
{
	head->msgh_bits = bits | (count != 0 ? MACH_MSGH_BITS_COMPLEX : 0);
	head->msgh_remote_port = port;
	head->msgh_local_port = local;
	head->msgh_id = id;
	head->msgh_descriptor_count = count;
}

static bool
is_send_error(mach_msg_return_t mr)
{
	return mr >= MACH_SEND_INVALID_DATA && mr < MACH_RCV_INVALID_NAME;
}

static kern_return_t
call_failed(mach_msg_header_t *head, mach_msg_return_t mr)
{
	if (is_send_error(mr)) {
		mig_unsent(head, mr);
		if (mr == MACH_SEND_INVALID_REPLY)
			mig_reply_port_forget();
		return mr;
	}
	if (mr == MACH_RCV_BODY_ERROR)
		return mig_reject(head, mr);
	if (mr == MACH_RCV_INVALID_NAME || mr == MACH_RCV_PORT_DIED)
		mig_reply_port_forget();
	else
		mig_reply_port_drop();
	return mr;
}

static const mach_msg_trailer_t *
trailer_of(const mach_msg_header_t *head)
{
	return (const mach_msg_trailer_t *)((const uint8_t *)head + mig_pad(head->msgh_size));
}

static kern_return_t
reply_check(mach_msg_header_t *head, mach_msg_id_t id, const struct mig_shape *shape)
{
	const struct mig_error *error = (const struct mig_error *)head;

	if (head->msgh_id == MACH_NOTIFY_SEND_ONCE && trailer_of(head)->msgh_sender.label == 0)
		return mig_reject(head, MIG_SERVER_DIED);
	if (head->msgh_id != id)
		return mig_reject(head, MIG_REPLY_MISMATCH);
	if (head->msgh_descriptor_count == 0 && head->msgh_size == sizeof(*error) &&
		error->ret_code != KERN_SUCCESS)
		return mig_reject(head, error->ret_code);
	if (!mig_matches(head, shape) || MACH_MSGH_BITS_REMOTE(head->msgh_bits) != 0)
		return mig_reject(head, MIG_TYPE_ERROR);
	error = (const struct mig_error *)((const uint8_t *)head +
					   shape->count * sizeof(mach_msg_descriptor_t));
	return error->ret_code == KERN_SUCCESS ? KERN_SUCCESS : mig_reject(head, MIG_TYPE_ERROR);
}

/*
 * A call whose wait may end early. A request that was not sent yet is sent before the function hears
 * of the interruption.
 */
static mach_msg_return_t
call_interruptible(mach_msg_header_t *head, mach_port_t port, mach_msg_option_t option,
	uint32_t size, uint32_t room)
{
	void (*function)(mach_port_t, uintptr_t) = thread.interrupted;
	uintptr_t argument = thread.argument;
	mach_msg_option_t receive = option & ~(mach_msg_option_t)MACH_SEND_MSG;
	mach_msg_return_t mr;

	thread.interrupted = NULL;
	mr = mach_msg(head, option | MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT, size, room, thread.reply_port,
		thread.timeout, MACH_PORT_NULL);
	if (mr == MACH_SEND_INTERRUPTED) {
		mr = mach_msg(head, option & ~(mach_msg_option_t)MACH_RCV_MSG, size, 0, MACH_PORT_NULL,
			thread.timeout, MACH_PORT_NULL);
		if (mr == MACH_MSG_SUCCESS)
			mr = MACH_RCV_INTERRUPTED;
	}
	while (mr == MACH_RCV_INTERRUPTED) {
		function(port, argument);
		mr = mach_msg(head, receive | MACH_RCV_INTERRUPT, 0, room, thread.reply_port, thread.timeout,
			MACH_PORT_NULL);
	}
	return mr;
}

kern_return_t
mig_call(mach_msg_header_t *head, mach_port_t port, mach_msg_id_t id, uint32_t count, uint32_t size,
	uint32_t room, const struct mig_shape *reply)
{
	mach_msg_option_t option = MACH_SEND_MSG | MACH_RCV_MSG;
	mach_msg_return_t mr = KERN_RESOURCE_SHORTAGE;

	if (thread.timeout != 0)
		option |= MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT;
	if (thread.reply_port == MACH_PORT_NULL)
		thread.reply_port = mach_reply_port();
	head_set(head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), port,
		thread.reply_port, id, count);
	if (thread.reply_port == MACH_PORT_NULL) {
		mig_unsent(head, mr);
		return mr;
	}
	if (thread.interrupted != NULL)
		mr = call_interruptible(head, port, option, size, room);
	else
		mr = mach_msg(head, option, size, room, thread.reply_port, thread.timeout, MACH_PORT_NULL);
	if (mr != MACH_MSG_SUCCESS)
		return call_failed(head, mr);
	return reply_check(head, id + MIG_REPLY_ID, reply);
}

kern_return_t
mig_post(mach_msg_header_t *head, mach_port_t port, mach_msg_id_t id, uint32_t count, uint32_t size)
{
	mach_msg_option_t option = MACH_SEND_MSG | (thread.timeout != 0 ? MACH_SEND_TIMEOUT : 0);
	mach_msg_return_t mr;

	head_set(head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), port, MACH_PORT_NULL, id, count);
	mr = mach_msg(head, option, size, 0, MACH_PORT_NULL, thread.timeout, MACH_PORT_NULL);
	if (mr != MACH_MSG_SUCCESS)
		mig_unsent(head, mr);
	return mr;
}

kern_return_t
mig_reject(mach_msg_header_t *reply, kern_return_t kr)
{
	mig_destroy(reply);
	return kr;
}

kern_return_t
mig_reply_end(mach_msg_header_t *reply, uint32_t size)
{
	return mig_ends(reply, size) ? KERN_SUCCESS : mig_reject(reply, MIG_TYPE_ERROR);
}
