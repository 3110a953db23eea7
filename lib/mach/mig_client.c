/*
 * The client half of the generated code's run time: one mach_msg per call, on a reply port that
 * each thread keeps. See mig.h.
 *
 * The reply port is given up whenever a late reply could still come to it: then that reply is
 * destroyed with it, and the next call cannot mistake it for its own. So it is with the notification
 * that a request leaves which was destroyed on its way.
 */
#include "mach/mig_internal.h"

#define INTERRUPTED_CALL	4	/* EINTR of <errno.h> */

static _Thread_local struct mig_state own;
#define reply_port	own.reply_port
#define timeout		own.timeout

void
mig_set_timeout(mach_msg_timeout_t ms)
{
	timeout = ms;
}

void
mig_reply_port_forget(void)
{
	reply_port = MACH_PORT_NULL;
}

void
mig_reply_port_drop(void)
{
	if (reply_port != MACH_PORT_NULL)
		port_drop_receive(reply_port);
	reply_port = MACH_PORT_NULL;
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
		else
			mig_reply_port_drop();
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

void
mig_state_save(struct mig_state *state)
{
	*state = own;
	own = (struct mig_state){ 0 };
}

void
mig_state_restore(const struct mig_state *state)
{
	mig_reply_port_drop();
	own = *state;
}

void
mig_set_interrupt(const uint32_t *word, uint32_t expected, void (*cancel)(mach_port_t port))
{
	own.port = MACH_PORT_NULL;	/* a call that was jumped out of is none any more */
	own.cancel = cancel;
	own.expected = expected;
	own.word = word;
}

/* Tells the server that nobody waits any more, in the middle of a call: on a port of its own. */
static void
cancel_call(mach_port_t port)
{
	struct mig_state call;

	mig_state_save(&call);
	call.cancel(port);
	mig_state_restore(&call);
}

static mach_msg_return_t
message_interruptible(mach_msg_header_t *head, mach_msg_option_t option, uint32_t size,
	uint32_t room, mach_port_t port)
{
	mach_msg_return_t mr;

	do {
		mr = mach_msg_unless(head, option, size, room, reply_port, timeout, own.word,
			own.expected);
		if (mr == MACH_RCV_INTERRUPTED)
			option &= ~MACH_SEND_MSG;
		else if (mr == MACH_SEND_NOT_BEGUN && (option & MACH_SEND_MSG) == 0)
			break;
	} while (mr == MACH_SEND_INTERRUPTED || mr == MACH_RCV_INTERRUPTED);
	if (mr != MACH_SEND_NOT_BEGUN || (option & MACH_SEND_MSG) != 0)
		return mr;
	cancel_call(port);
	return mach_msg(head, option, 0, room, reply_port, timeout, MACH_PORT_NULL);
}

/* mach_msg, with the rule of mig_set_interrupt. */
static mach_msg_return_t
message(mach_msg_header_t *head, mach_msg_option_t option, uint32_t size, uint32_t room,
	mach_port_t port)
{
	mach_msg_return_t mr;

	if (own.word == NULL)
		return mach_msg(head, option, size, room, reply_port, timeout, MACH_PORT_NULL);
	own.port = port;
	mr = message_interruptible(head, option, size, room, port);
	own.port = MACH_PORT_NULL;
	return mr;
}

kern_return_t
mig_call(mach_msg_header_t *head, mach_port_t port, mach_msg_id_t id, uint32_t count, uint32_t size,
	uint32_t room, const struct mig_shape *reply)
{
	mach_msg_option_t option = MACH_SEND_MSG | MACH_RCV_MSG;
	mach_msg_return_t mr = KERN_RESOURCE_SHORTAGE;

	if (timeout != 0)
		option |= MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT;
	if (reply_port == MACH_PORT_NULL)
		reply_port = mach_reply_port();
	head_set(head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE), port,
		reply_port, id, count);
	if (reply_port == MACH_PORT_NULL) {
		mig_unsent(head, mr);
		return mr;
	}
	mr = message(head, option, size, room, port);
	if (mr == MACH_SEND_NOT_BEGUN) {
		mig_unsent(head, mr);
		return INTERRUPTED_CALL;
	}
	if (mr == MACH_RCV_INVALID_NAME && reply_port == MACH_PORT_NULL)
		return INTERRUPTED_CALL;	/* a handler has forked: its parent gets the answer */
	if (mr != MACH_MSG_SUCCESS)
		return call_failed(head, mr);
	return reply_check(head, id + MIG_REPLY_ID, reply);
}

kern_return_t
mig_post(mach_msg_header_t *head, mach_port_t port, mach_msg_id_t id, uint32_t count, uint32_t size)
{
	mach_msg_option_t option = MACH_SEND_MSG | (timeout != 0 ? MACH_SEND_TIMEOUT : 0);
	mach_msg_return_t mr;

	head_set(head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), port, MACH_PORT_NULL, id, count);
	mr = mach_msg(head, option, size, 0, MACH_PORT_NULL, timeout, MACH_PORT_NULL);
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
