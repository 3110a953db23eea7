/*
 * The server loop. See service.h.
 *
 * A thread has two buffers; the reply is built in the one, which then receives the next request,
 * while the other becomes the reply's.
 */
#include "mach/service.h"
#include "mach/cthread.h"
#include "mach/mig_internal.h"

static bool
is_notification(const struct mig_request *rq, mach_msg_id_t id, uint32_t descriptors)
{
	const mach_msg_header_t *head = rq->request;
	uint32_t size = descriptors != 0 ? sizeof(mach_msg_port_descriptor_t) : 0;

	if (id == MACH_NOTIFY_DEAD_NAME || id == MACH_NOTIFY_NO_SENDERS ||
		id == MACH_NOTIFY_PORT_DELETED)
		size = sizeof(uint32_t);
	return head->msgh_id == id && rq->sender.label == 0 &&
	       head->msgh_descriptor_count == descriptors &&
	       head->msgh_size >= sizeof(*head) + size;
}

/* True: the message was a notification of the kernel, and has been dealt with. */
static bool
notified(const struct service *service, struct mig_request *rq)
{
	const mach_notification_t *n = (const mach_notification_t *)rq->request;
	const mach_port_destroyed_notification_t *d =
		(const mach_port_destroyed_notification_t *)rq->request;

	if (is_notification(rq, MACH_NOTIFY_NO_SENDERS, 0)) {
		if (service->no_senders != NULL)
			service->no_senders(rq->port, n->not_value);
	} else if (is_notification(rq, MACH_NOTIFY_DEAD_NAME, 0)) {
		if (service->dead_name != NULL)
			service->dead_name(rq->port, n->not_value);
		else
			port_drop(n->not_value);
	} else if (is_notification(rq, MACH_NOTIFY_PORT_DESTROYED, 1)) {
		if (service->port_destroyed != NULL)
			service->port_destroyed(rq->port, d->not_port.name);
		else
			port_drop_receive(d->not_port.name);
	} else if (is_notification(rq, MACH_NOTIFY_SEND_ONCE, 0)) {
		if (service->send_once != NULL)
			service->send_once(rq->port);
	} else if (!is_notification(rq, MACH_NOTIFY_PORT_DELETED, 0)) {
		return false;	/* 65: a request ended with its name */
	}
	return true;
}

void
service_handle(const struct service *service, struct mig_request *rq)
{
	rq->context = service->context;
	if (notified(service, rq) || (service->other != NULL && service->other(rq)))
		return;
	mig_dispatch(rq, service->servers);
}

static bool
is_send_error(mach_msg_return_t mr)
{
	return mr >= MACH_SEND_INVALID_DATA && mr < MACH_RCV_INVALID_NAME;
}

/* The receive failed, but the next one may succeed. */
static bool
may_go_on(mach_msg_return_t mr)
{
	return mr == MACH_RCV_TOO_LARGE || mr == MACH_RCV_HEADER_ERROR ||
	       mr == MACH_RCV_INTERRUPTED;
}

static kern_return_t
serve(const struct service *service)
{
	_Alignas(16) uint8_t rooms[2][MIG_BUFFER_SIZE];
	struct mig_request rq = {
		.request = (mach_msg_header_t *)rooms[0], .reply = (mach_msg_header_t *)rooms[1]};
	mach_msg_header_t *in = rq.request;
	mach_msg_return_t mr;

	for (;;) {
		if (rq.reply_size != 0) {
			in = rq.reply;
			mr = mach_msg(in, MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_TIMEOUT,
				rq.reply_size, MIG_BUFFER_SIZE, service->port, 0, MACH_PORT_NULL);
			rq.reply = rq.request;
			rq.reply_size = 0;
		} else {
			in = rq.request;
			mr = mach_msg(in, MACH_RCV_MSG, 0, MIG_BUFFER_SIZE, service->port, 0,
				MACH_PORT_NULL);
		}
		rq.request = in;
		if (is_send_error(mr)) {
			mig_unsent(in, mr);
		} else if (mr == MACH_MSG_SUCCESS) {
			mig_request_init(&rq, in, rq.reply);
			service_handle(service, &rq);
		} else if (mr == MACH_RCV_BODY_ERROR) {
			mig_request_init(&rq, in, rq.reply);
			mig_refuse(&rq, KERN_RESOURCE_SHORTAGE);
		} else if (!may_go_on(mr)) {
			return mr;
		}
	}
}

static void *
pool_thread(void *service)
{
	serve(service);
	return NULL;
}

kern_return_t
service_run(const struct service *service)
{
	for (uint32_t i = 1; i < service->threads; i++)
		if (cthread_spawn(pool_thread, (void *)(uintptr_t)service) != KERN_SUCCESS)
			break;
	return serve(service);
}
