/*
 * The server half of the generated code's run time. See mig.h.
 *
 * Replies are sent without waiting: a reply port is a send-once right, whose message is never
 * held up, so what cannot be delivered has no receiver any more.
 */
#include "mach/mig_internal.h"

void
mig_request_init(struct mig_request *rq, mach_msg_header_t *request, void *room)
{
	const mach_msg_trailer_t *trailer =
		(const mach_msg_trailer_t *)((const uint8_t *)request +
					     mig_pad(request->msgh_size));

	rq->request = request;
	rq->reply = room;
	rq->reply_size = 0;
	rq->later = false;
	rq->port = request->msgh_local_port;
	rq->reply_port = request->msgh_remote_port;
	rq->sender = trailer->msgh_sender;
	rq->seqno = trailer->msgh_seqno;
}

void
mig_dispatch(struct mig_request *rq, const mig_server_t *servers)
{
	for (; *servers != NULL; servers++)
		if ((*servers)(rq))
			return;
	mig_refuse(rq, MIG_BAD_ID);
}

static void
reply_head(mach_msg_header_t *head, mach_port_t reply_port, mach_msg_id_t id, uint32_t count)
{
	head->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0) |
			  (count != 0 ? MACH_MSGH_BITS_COMPLEX : 0);
	head->msgh_remote_port = reply_port;
	head->msgh_local_port = MACH_PORT_NULL;
	head->msgh_id = id;
	head->msgh_descriptor_count = count;
}

/* A client without a reply right, or with one that is no send-once right, is not told anything. */
static bool
may_reply(const struct mig_request *rq)
{
	return MACH_MSGH_BITS_REMOTE(rq->request->msgh_bits) == MACH_MSG_TYPE_PORT_SEND_ONCE;
}

static void
error_reply(struct mig_request *rq, kern_return_t kr)
{
	struct mig_error *error = (struct mig_error *)rq->reply;

	reply_head(&error->head, rq->reply_port, rq->request->msgh_id + MIG_REPLY_ID, 0);
	error->ret_code = kr;
	error->pad = 0;
	rq->reply_size = sizeof(*error);
}

bool
mig_accept(struct mig_request *rq, const struct mig_shape *shape, bool wants_reply)
{
	uint32_t right = MACH_MSGH_BITS_REMOTE(rq->request->msgh_bits);

	if (right != (wants_reply ? MACH_MSG_TYPE_PORT_SEND_ONCE : 0) || (wants_reply && !MACH_PORT_VALID(rq->reply_port))) {
		mig_destroy(rq->request);
		return false;
	}
	if (!mig_matches(rq->request, shape)) {
		mig_refuse(rq, MIG_BAD_ARGUMENTS);
		return false;
	}
	return true;
}

void
mig_refuse(struct mig_request *rq, kern_return_t kr)
{
	if (!may_reply(rq)) {
		mig_destroy(rq->request);
		return;
	}
	mig_destroy_body(rq->request);
	error_reply(rq, kr);
}

void
mig_fail(struct mig_request *rq, kern_return_t kr)
{
	if (kr == MIG_LATER)
		rq->later = true;
	else if (kr != MIG_NO_REPLY)
		mig_refuse(rq, kr);
}

void
mig_succeed(struct mig_request *rq, uint32_t count, uint32_t size)
{
	reply_head(rq->reply, rq->reply_port, rq->request->msgh_id + MIG_REPLY_ID, count);
	rq->reply_size = size;
}

void
mig_overflow(struct mig_request *rq, uint32_t count)
{
	reply_head(rq->reply, MACH_PORT_NULL, 0, count);
	mig_reply_unsent(rq->reply, MACH_SEND_TOO_LARGE);
	error_reply(rq, MIG_ARRAY_TOO_LARGE);
}

void
mig_send_reply(struct mig_request *rq)
{
	mach_msg_return_t mr;

	if (rq->reply_size == 0)
		return;
	mr = mach_msg(rq->reply, MACH_SEND_MSG | MACH_SEND_TIMEOUT, rq->reply_size, 0,
		MACH_PORT_NULL, 0, MACH_PORT_NULL);
	if (mr != MACH_MSG_SUCCESS)
		mig_reply_unsent(rq->reply, mr);
	rq->reply_size = 0;
}

kern_return_t
mig_reply(mach_msg_header_t *head, mach_port_t reply_port, mach_msg_id_t id, uint32_t count,
	uint32_t size)
{
	mach_msg_return_t mr;

	reply_head(head, reply_port, id, count);
	mr = mach_msg(head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, size, 0, MACH_PORT_NULL, 0,
		MACH_PORT_NULL);
	if (mr != MACH_MSG_SUCCESS)
		mig_unsent(head, mr);
	return mr;
}

kern_return_t
mig_reply_error(mach_port_t reply_port, mach_msg_id_t id, kern_return_t result)
{
	struct mig_error error = { .ret_code = result };

	return mig_reply(&error.head, reply_port, id, 0, sizeof(error));
}

kern_return_t
mig_reply_overflow(
	mach_msg_header_t *head, mach_port_t reply_port, mach_msg_id_t id, uint32_t count)
{
	reply_head(head, MACH_PORT_NULL, 0, count);
	mig_unsent(head, MACH_SEND_TOO_LARGE);
	return mig_reply_error(reply_port, id, MIG_ARRAY_TOO_LARGE);
}
