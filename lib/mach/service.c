/*
 * The server loop. See service.h.
 *
 * A thread has two buffers; the reply is built in the one, which then receives the next request,
 * while the other becomes the reply's.
 */
#include "mach/service_internal.h"
#include "mach/mig_internal.h"

#define STACK_USED (48u * 1024)	/* bytes; no function of a service needs more */

_Thread_local struct service *service_pool;

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
serve(struct service *service)
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
			mig_reply_unsent(in, mr);
		} else if (mr == MACH_MSG_SUCCESS) {
			mig_request_init(&rq, in, rq.reply);
			service_handle(service, &rq);
			if (service_place != SERVICE_NO_PLACE)
				service_settle(service, &rq);
		} else if (mr == MACH_RCV_BODY_ERROR) {
			mig_request_init(&rq, in, rq.reply);
			mig_refuse(&rq, KERN_RESOURCE_SHORTAGE);
		} else if (!may_go_on(mr)) {
			return mr;
		}
	}
}

/* --- the pool --- */

/* Gets the stack's pages while the thread holds nothing yet: with a lock held nobody may wait for memory, in servers that paging needs. */
__attribute__((noinline)) static void
touch_stack(void)
{
	uint8_t room[STACK_USED];

	for (uint32_t at = 0; at < STACK_USED; at += VM_PAGE_SIZE)
		room[at] = 0;
	__asm__ volatile("" : : "r"(room) : "memory");	/* it is used: the stores stay */
}

static void *
pool_thread(void *service)
{
	touch_stack();
	service_pool = service;
	serve(service);
	return NULL;
}

static bool
is_short(const struct service *service)
{
	uint32_t running = __atomic_load_n(&service->running, __ATOMIC_RELAXED);

	return running < service->most && running < __atomic_load_n(&service->waiting, __ATOMIC_SEQ_CST) + SERVICE_SPARE;
}

/* Starts a thread. Returns false: there is no memory for it. */
static bool
start(struct service *service)
{
	if (cthread_spawn(pool_thread, service) != KERN_SUCCESS)
		return false;
	__atomic_add_fetch(&service->running, 1, __ATOMIC_RELAXED);
	return true;
}

/* Starts threads when some wait. Who waits may hold locks, and memory may be waiting for those: so this is not done by him. */
static void *
starter_thread(void *argument)
{
	struct service *service = argument;

	for (;;) {
		gsync_wait(&service->wanted, 0, 0, 0);
		__atomic_store_n(&service->wanted, 0, __ATOMIC_SEQ_CST);
		while (is_short(service) && start(service))
			continue;
	}
	return NULL;
}

void
service_wait_begin(void)
{
	if (service_pool == NULL || service_pool->most == 0)
		return;
	__atomic_add_fetch(&service_pool->waiting, 1, __ATOMIC_SEQ_CST);
	if (is_short(service_pool) && __atomic_exchange_n(&service_pool->wanted, 1, __ATOMIC_SEQ_CST) == 0)
		gsync_wake(&service_pool->wanted, 1, 0);
}

void
service_wait_end(void)
{
	if (service_pool != NULL && service_pool->most != 0)
		__atomic_sub_fetch(&service_pool->waiting, 1, __ATOMIC_RELAXED);
}

kern_return_t
service_run(struct service *service)
{
	service->running = 1;
	while (service->running < service->threads && start(service))
		continue;
	if (service->most != 0)
		(void)cthread_spawn(starter_thread, service);
	service_pool = service;
	return serve(service);
}
