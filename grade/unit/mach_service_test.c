/* The server loop: which messages count as the kernel's notifications, and that each request is answered once. */
// SOURCES: lib/mach/service.c lib/mach/service_place.c lib/mach/sync.c lib/mach/mig_server.c lib/mach/mig_message.c lib/mach/mach_msg.c
#include "unit.h"
#include "mach/cthread.h"
#include "mach/service_internal.h"

#include <pthread.h>
#include <stdlib.h>

#define REQUESTS	5
#define ECHO_ID		500

/* --- the kernel and the rest of the library --- */

static uint32_t dropped_send, dropped_receive;
static uint32_t received, replied;
static mach_port_t last_reply_to;
static uint32_t last_value;
static mach_msg_return_t fail_reply;

void
port_drop(mach_port_t name)
{
	dropped_send += name != MACH_PORT_NULL;
}

void
port_drop_receive(mach_port_t name)
{
	dropped_receive += name != MACH_PORT_NULL;
}

kern_return_t
vm_deallocate(task_t task, vm_address_t address, vm_size_t size)
{
	(void)task, (void)address, (void)size;
	return KERN_SUCCESS;
}

kern_return_t
mach_port_insert_right(task_t task, mach_port_t name, mach_port_t right, uint32_t disposition)
{
	(void)task, (void)name, (void)right, (void)disposition;
	return KERN_SUCCESS;
}

static void *(*spawned)(void *);		/* the last one */
static uint32_t spawn_count, spawn_room;
static uint32_t *woken;

kern_return_t
cthread_spawn(void *(*function)(void *), void *argument)
{
	(void)argument;
	if (spawn_count == spawn_room)
		return KERN_RESOURCE_SHORTAGE;
	spawned = function;
	spawn_count++;
	return KERN_SUCCESS;
}

/* What wakes it ends its thread here. */
kern_return_t
gsync_wait(uint32_t *address, uint32_t expected, mach_msg_timeout_t timeout, uint32_t flags)
{
	(void)timeout, (void)flags;
	if (*address == expected)
		pthread_exit(NULL);
	return KERN_SUCCESS;
}

kern_return_t
gsync_wake(uint32_t *address, uint32_t count, uint32_t flags)
{
	(void)count, (void)flags;
	woken = address;
	return KERN_SUCCESS;
}

struct echo {
	mach_msg_header_t head;
	uint32_t value, pad;
	mach_msg_trailer_t trailer;
};

/* REQUESTS requests, numbered, come one after the other; then the port dies. */
mach_msg_return_t
mach_msg_trap(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
	mach_msg_size_t rcv_size, mach_port_t rcv_name, mach_msg_timeout_t timeout, mach_port_t notify)
{
	struct echo *echo = (struct echo *)msg;

	(void)rcv_size, (void)rcv_name, (void)timeout, (void)notify;
	if ((option & MACH_SEND_MSG) != 0) {
		if (fail_reply != 0)
			return fail_reply;
		CHECK_EQ(send_size, 32);
		CHECK_EQ(msg->msgh_id, ECHO_ID + MIG_REPLY_ID);
		last_reply_to = msg->msgh_remote_port;
		last_value = echo->value;
		replied++;
	}
	if (received == REQUESTS)
		return MACH_RCV_PORT_DIED;
	memset(echo, 0, sizeof(*echo));
	received++;
	echo->head = (mach_msg_header_t){ .msgh_bits = MACH_MSG_TYPE_PORT_SEND_ONCE, .msgh_size = 32,
		.msgh_remote_port = 100 + received, .msgh_local_port = 7, .msgh_id = ECHO_ID };
	echo->value = 10 * received;
	echo->trailer.msgh_sender.label = 9;
	return received == 2 ? MACH_RCV_TOO_LARGE : MACH_MSG_SUCCESS;
}

/* --- a server --- */

static bool
echo_server(struct mig_request *rq)
{
	if (rq->request->msgh_id != ECHO_ID)
		return false;
	CHECK_EQ(rq->port, 7);
	((struct echo *)rq->reply)->value = ((struct echo *)rq->request)->value + 1;
	mig_succeed(rq, 0, 32);
	return true;
}

static uint32_t told, told_value;

static void
on_no_senders(mach_port_t port, uint32_t mscount)
{
	told = port;
	told_value = mscount;
}

static void
on_dead_name(mach_port_t port, mach_port_t name)
{
	told = port;
	told_value = name;
}

static const mig_server_t servers[] = { echo_server, NULL };
static struct service service = { .servers = servers, .threads = 3, .no_senders = on_no_senders,
	.dead_name = on_dead_name };

static void
begin(void)
{
	dropped_send = dropped_receive = received = replied = told = told_value = 0;
	fail_reply = 0;
}

static void
requests_are_answered_in_turn(void)
{
	begin();
	CHECK_EQ(service_run(&service), MACH_RCV_PORT_DIED);
	CHECK_EQ(replied, REQUESTS - 1);	/* one was too large */
	CHECK_EQ(last_reply_to, 100 + REQUESTS);
	CHECK_EQ(last_value, 10 * REQUESTS + 1);
	CHECK_EQ(dropped_send, 0);
}

static void
replies_nobody_takes_are_released(void)
{
	begin();
	fail_reply = MACH_SEND_INVALID_DEST;
	CHECK_EQ(service_run(&service), MACH_RCV_PORT_DIED);
	CHECK_EQ(dropped_send, REQUESTS - 1);
}

/* --- threads that wait --- */

static struct service large = { .servers = servers, .threads = 3, .most = 5 };

static void *
start_more(void *starter)
{
	pthread_t thread;

	if (woken == NULL)
		return NULL;
	woken = NULL;
	pthread_create(&thread, NULL, (void *(*)(void *))starter, &large);
	pthread_join(thread, NULL);
	return NULL;
}

static void
who_waits_is_replaced(void)
{
	void *(*starter)(void *);

	begin();
	service_wait_begin();		/* of no pool with more threads: nothing */
	CHECK(woken == NULL);
	spawn_room = 100;
	CHECK_EQ(service_run(&large), MACH_RCV_PORT_DIED);
	CHECK_EQ(spawn_count, 2 + 1);	/* and the one that starts more */
	CHECK_EQ(large.running, 3);
	starter = spawned;
	for (uint32_t i = 0; i < 6; i++) {
		service_wait_begin();
		start_more((void *)starter);
		CHECK_EQ(large.running, i < 1 ? 3 : i < 2 ? 4 : 5);
	}
	CHECK_EQ(large.waiting, 6);
	for (uint32_t i = 0; i < 6; i++)
		service_wait_end();
	service_wait_begin();
	CHECK(woken == NULL);
	service_wait_end();
	CHECK_EQ(large.running, 5);
	CHECK_EQ(large.waiting, 0);
}

/* --- places to wait --- */

static struct service *asking;		/* whose functions ask for a place */
static uint32_t asked, waited[16], others;	/* in which order requests got theirs */
static uint64_t identity;

void *
heap_alloc(size_t size)
{
	return malloc(size);
}

void
heap_free(void *block)
{
	free(block);
}

static mach_port_type_t reply_type = MACH_PORT_TYPE_SEND_ONCE;

kern_return_t
mach_port_type(task_t task, mach_port_t name, mach_port_type_t *type)
{
	(void)task, (void)name;
	*type = reply_type;
	return KERN_SUCCESS;
}

static uint64_t
identity_of(mach_port_t port)
{
	return port == 7 ? identity : 0;
}

/* Requests with an odd value have to wait. */
static bool
waiting_server(struct mig_request *rq)
{
	uint32_t value = ((struct echo *)rq->request)->value;

	if (value % 2 == 1 && !service_wait_place()) {
		mig_fail(rq, MIG_LATER);
		return true;
	}
	if (value % 2 == 1)
		waited[asked++] = rq->port == 7 ? value : 0;
	else
		others++;
	((struct echo *)rq->reply)->value = value + 1;
	mig_succeed(rq, 0, 32);
	return true;
}

static void
on_errand(void)
{
	waited[asked++] = 1000;
}

static const mig_server_t waiting_servers[] = { waiting_server, NULL };
static struct service places = { .servers = waiting_servers, .threads = 3, .most = 5, .identity = identity_of,
	.errand = on_errand };

/* A message that asks; returns whether there is an answer. */
static bool
arrives(uint32_t value)
{
	static _Alignas(16) uint8_t in[MIG_BUFFER_SIZE], out[MIG_BUFFER_SIZE];
	struct echo *echo = (struct echo *)in;
	struct mig_request rq;

	memset(echo, 0, sizeof(*echo));
	echo->head = (mach_msg_header_t){ .msgh_bits = MACH_MSG_TYPE_PORT_SEND_ONCE, .msgh_size = 32,
		.msgh_remote_port = 50, .msgh_local_port = 7, .msgh_id = ECHO_ID };
	echo->value = value;
	mig_request_init(&rq, &echo->head, out);
	service_handle(asking, &rq);
	if (service_place != SERVICE_NO_PLACE)
		service_settle(asking, &rq);
	CHECK_EQ(service_place, SERVICE_NO_PLACE);
	return rq.reply_size != 0;
}

/* A thread with a place waits until it is let go on; then it takes up what was put aside. */
static void
holds_a_place(void)
{
	CHECK(service_wait_place());
	service_place = SERVICE_NO_PLACE;
}

static void
goes_on(void)
{
	static _Alignas(16) uint8_t in[MIG_BUFFER_SIZE], out[MIG_BUFFER_SIZE];
	struct mig_request rq = { .request = (mach_msg_header_t *)in, .reply = (mach_msg_header_t *)out };

	service_place = SERVICE_PLACE;
	service_settle(asking, &rq);
}

static void
begin_places(void)
{
	begin();
	asking = service_pool = &places;
	asked = others = 0;
	identity = 77;
	received = REQUESTS;		/* nothing comes by itself */
}

static void
who_must_not_wait_is_put_aside(void)
{
	begin_places();
	CHECK(arrives(1));		/* with places free it waits where it is */
	CHECK_EQ(places.places, 0);
	for (unsigned i = 0; i < 3; i++)
		holds_a_place();
	asked = 0;
	CHECK(!arrives(3));
	CHECK(!arrives(5));
	CHECK(!arrives(7));
	CHECK_EQ(asked, 0);
	CHECK(arrives(8));		/* needs no wait */
	CHECK_EQ(others, 1);
	goes_on();			/* the first that is done takes them all up, oldest first */
	CHECK_EQ(asked, 3);
	CHECK_EQ(waited[0], 3);
	CHECK_EQ(waited[1], 5);
	CHECK_EQ(waited[2], 7);
	CHECK_EQ(replied, 2);		/* the last one's goes with the next receive */
	CHECK_EQ(places.places, 2);
	CHECK_EQ(places.aside_bytes, 0);
	CHECK(arrives(9));
	goes_on();
	goes_on();
	CHECK_EQ(places.places, 0);
}

static void
who_asked_may_be_gone(void)
{
	begin_places();
	for (unsigned i = 0; i < 3; i++)
		holds_a_place();
	CHECK(!arrives(3));
	identity = 78;			/* the name is another's */
	goes_on();
	CHECK_EQ(asked, 1);
	CHECK_EQ(waited[0], 0);
	holds_a_place();
	CHECK(!arrives(5));
	reply_type = MACH_PORT_TYPE_DEAD_NAME;
	goes_on();
	reply_type = MACH_PORT_TYPE_SEND_ONCE;
	CHECK_EQ(asked, 1);		/* not handled, but released */
	CHECK_EQ(dropped_send, 1);
	goes_on();
	goes_on();
}

static void
errands_are_done_by_who_may_wait(void)
{
	begin_places();
	for (unsigned i = 0; i < 3; i++)
		holds_a_place();
	service_want_errand();
	CHECK(!arrives(3));
	CHECK_EQ(asked, 0);
	goes_on();
	CHECK_EQ(asked, 2);
	CHECK_EQ(waited[0], 1000);
	CHECK_EQ(waited[1], 3);
	goes_on();
	goes_on();
	service_pool = NULL;
}

/* Handles a message of that id and label with one word of body, or `size` bytes in all. */
static struct mig_request
handle(mach_msg_id_t id, uint32_t label, uint32_t size)
{
	static struct echo in, out;
	struct mig_request rq;

	begin();
	memset(&in, 0, sizeof(in));
	in.head = (mach_msg_header_t){ .msgh_size = size, .msgh_local_port = 7, .msgh_id = id };
	in.value = 42;
	((mach_msg_trailer_t *)((uint8_t *)&in + mig_pad(size)))->msgh_sender.label = label;
	mig_request_init(&rq, &in.head, &out);
	service_handle(&service, &rq);
	return rq;
}

static void
notifications_reach_their_functions(void)
{
	handle(MACH_NOTIFY_NO_SENDERS, 0, 32);
	CHECK_EQ(told, 7);
	CHECK_EQ(told_value, 42);
	handle(MACH_NOTIFY_DEAD_NAME, 0, 32);
	CHECK_EQ(told_value, 42);
	CHECK_EQ(dropped_send, 0);
	CHECK_EQ(handle(MACH_NOTIFY_SEND_ONCE, 0, 24).reply_size, 0);
	CHECK_EQ(handle(MACH_NOTIFY_PORT_DELETED, 0, 32).reply_size, 0);
}

static void
forged_notifications_are_refused(void)
{
	handle(MACH_NOTIFY_NO_SENDERS, 5, 32);
	CHECK_EQ(told, 0);
	handle(MACH_NOTIFY_DEAD_NAME, 1, 32);
	CHECK_EQ(told, 0);
	handle(MACH_NOTIFY_DEAD_NAME, 0, 24);	/* without the name */
	CHECK_EQ(told, 0);
}

int
main(void)
{
	TEST(requests_are_answered_in_turn);
	TEST(replies_nobody_takes_are_released);
	TEST(who_waits_is_replaced);
	TEST(who_must_not_wait_is_put_aside);
	TEST(who_asked_may_be_gone);
	TEST(errands_are_done_by_who_may_wait);
	TEST(notifications_reach_their_functions);
	TEST(forged_notifications_are_refused);
	return unit_done();
}
