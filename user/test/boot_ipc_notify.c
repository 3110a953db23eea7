/*
 * MACH.md section 2: the five notifications, dead names, and send-once rights that yield exactly
 * one message.
 */
#include "ipc_check.h"

#define SELF mach_task_self()

static struct message m, r;

static kern_return_t
request(mach_port_t name, int id, unsigned sync, mach_port_t to, mach_port_t *previous)
{
	return mach_port_request_notification(
		SELF, name, id, sync, to, MACH_MSG_TYPE_MAKE_SEND_ONCE, previous);
}

static void
ask(mach_port_t name, int id, unsigned sync, mach_port_t to)
{
	mach_port_t previous = 99;

	OK(request(name, id, sync, to, &previous));
	EQUAL(previous, MACH_PORT_NULL);
}

/* The next message is that notification, from the kernel, with that value. */
static void
notified(mach_port_t port, int id, uint32_t value)
{
	OK(message_receive(&r, port, 0));
	EQUAL(r.head.msgh_id, id);
	EQUAL(r.head.msgh_remote_port, MACH_PORT_NULL);
	EQUAL(MACH_MSGH_BITS_LOCAL(r.head.msgh_bits), MACH_MSG_TYPE_PORT_SEND_ONCE);
	EQUAL(trailer_of(&r)->msgh_sender.label, 0);
	EQUAL(trailer_of(&r)->msgh_sender.uid, 0);
	EQUAL(r.head.msgh_size, 32);
	EQUAL(r.words[0], value);
	EQUAL(r.words[1], 0);
}

static void
dead_name_notification_adds_a_reference(void)
{
	mach_port_t port = new_send(), box = new_port();

	ask(port, MACH_NOTIFY_DEAD_NAME, 0, box);
	CHECK(queue_empty(box));
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, -1));
	notified(box, MACH_NOTIFY_DEAD_NAME, port);
	EQUAL(type_of(port), MACH_PORT_TYPE_DEAD_NAME);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_DEAD_NAME), 2);
	EQUAL(status_of(box).mps_sorights, 0);
	drop_port(port), drop_port(box);
}

static void *
end_port(void *name)
{
	OK(mach_port_mod_refs(SELF, (mach_port_t)(uintptr_t)name, MACH_PORT_RIGHT_RECEIVE, -1));
	return NULL;
}

/* However a request and the port's death meet, each notification brings its reference. With jitter (grade/jitter.py) they do meet. */
static void
dead_names_that_are_asked_about_as_they_die_have_all_references(void)
{
	mach_port_t box = new_port(), previous;

	for (unsigned round = 0; round < 30; round++) {
		mach_port_t port = new_send();
		cthread_t other;
		unsigned told = 0;
		int id;

		ask(port, MACH_NOTIFY_DEAD_NAME, 0, box);
		other = start(end_port, (void *)(uintptr_t)port);
		for (unsigned i = 0; i < 20; i++) {
			OK(request(port, MACH_NOTIFY_DEAD_NAME, 1, box, &previous));
			drop_port(previous);
		}
		cthread_join(other);
		CHECK(type_of(port) == MACH_PORT_TYPE_DEAD_NAME);
		while ((id = next_id(box)) != MACH_RCV_TIMED_OUT)
			told += id == MACH_NOTIFY_DEAD_NAME;
		CHECK(told > 0);
		EQUAL(refs_of(port, MACH_PORT_RIGHT_DEAD_NAME), 1 + told);
		drop_port(port);
	}
	drop_port(box);
}

static void
dead_name_request_shows_in_the_type(void)
{
	mach_port_t port = new_send(), box = new_port(), previous = 0;
	mach_port_type_t type;

	ask(port, MACH_NOTIFY_DEAD_NAME, 0, box);
	OK(mach_port_type(SELF, port, &type));
	EQUAL(type, MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_DNREQUEST);
	OK(mach_port_request_notification(
		SELF, port, MACH_NOTIFY_DEAD_NAME, 0, MACH_PORT_NULL, 0, &previous));
	EQUAL(type_of(previous), MACH_PORT_TYPE_SEND_ONCE);
	OK(mach_port_type(SELF, port, &type));
	EQUAL(type, MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE);
	drop_port(port);
	CHECK(queue_empty(box));
	drop_port(previous), drop_port(box);
}

static void
dead_name_on_a_dead_name(void)
{
	mach_port_t dead = new_dead(), box = new_port(), previous = 9;

	EQUAL(request(dead, MACH_NOTIFY_DEAD_NAME, 0, box, &previous), KERN_INVALID_ARGUMENT);
	EQUAL(status_of(box).mps_sorights, 0);
	ask(dead, MACH_NOTIFY_DEAD_NAME, 1, box);
	notified(box, MACH_NOTIFY_DEAD_NAME, dead);
	EQUAL(refs_of(dead, MACH_PORT_RIGHT_DEAD_NAME), 2);
	OK(mach_port_mod_refs(SELF, dead, MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_UREFS_MAX - 2));
	EQUAL(request(dead, MACH_NOTIFY_DEAD_NAME, 1, box, &previous), KERN_UREFS_OVERFLOW);
	CHECK(queue_empty(box));
	drop_port(dead), drop_port(box);
}

static void
dead_name_of_a_send_once_right(void)
{
	mach_port_t port = new_port(), box = new_port(), once = new_send_once(port);

	ask(once, MACH_NOTIFY_DEAD_NAME, 0, box);
	drop_port(port);
	notified(box, MACH_NOTIFY_DEAD_NAME, once);
	EQUAL(refs_of(once, MACH_PORT_RIGHT_DEAD_NAME), 2);
	drop_port(once), drop_port(box);
}

static void
port_deleted_when_the_name_goes_first(void)
{
	mach_port_t port = new_send(), target = new_send(), box = new_port(), once;

	/* by deallocation */
	ask(port, MACH_NOTIFY_DEAD_NAME, 0, box);
	OK(mach_port_destroy(SELF, port));
	notified(box, MACH_NOTIFY_PORT_DELETED, port);
	/* by moving the right away */
	once = new_send_once(target);
	ask(once, MACH_NOTIFY_DEAD_NAME, 0, box);
	OK(send_once_word(once, 1, 0));
	notified(box, MACH_NOTIFY_PORT_DELETED, once);
	EQUAL(next_id(target), 1);
	/* by moving the last send right into a body */
	message_init(&m, target, MACH_MSG_TYPE_COPY_SEND, 0, 0, 2);
	port = new_send();
	ask(port, MACH_NOTIFY_DEAD_NAME, 0, box);
	put_port(&m, 0, port, MACH_MSG_TYPE_MOVE_SEND);
	put_port(&m, 1, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 24 + 32, 0));
	notified(box, MACH_NOTIFY_PORT_DELETED, port);
	OK(message_receive(&r, target, 0));
	message_release(&r);
	drop_port(target), drop_port(box);
}

static void
no_senders_when_the_last_right_goes(void)
{
	mach_port_t port = new_send(), box = new_port();

	OK(mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_MAKE_SEND));
	ask(port, MACH_NOTIFY_NO_SENDERS, 0, box);
	OK(mach_port_deallocate(SELF, port));
	CHECK(queue_empty(box));
	OK(mach_port_deallocate(SELF, port));
	notified(box, MACH_NOTIFY_NO_SENDERS, 2);
	/* one request, one notification */
	OK(mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_deallocate(SELF, port));
	CHECK(queue_empty(box));
	drop_port(port), drop_port(box);
}

static void
no_senders_waits_for_rights_in_messages(void)
{
	mach_port_t port = new_send(), box = new_port(), target = new_send();

	ask(port, MACH_NOTIFY_NO_SENDERS, 0, box);
	message_init(&m, target, MACH_MSG_TYPE_COPY_SEND, port, MACH_MSG_TYPE_MOVE_SEND, 1);
	OK(message_send(&m, 24, 0));
	EQUAL(type_of(port), MACH_PORT_TYPE_RECEIVE);
	CHECK(queue_empty(box));
	drop_port(target); /* destroys the queued message and the right in it */
	notified(box, MACH_NOTIFY_NO_SENDERS, 1);
	/* the right a message was sent to counts until the message is received */
	OK(mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_MAKE_SEND));
	ask(port, MACH_NOTIFY_NO_SENDERS, 0, box);
	message_init(&m, port, MACH_MSG_TYPE_MOVE_SEND, 0, 0, 1);
	OK(message_send(&m, 24, 0));
	CHECK(queue_empty(box));
	EQUAL(next_id(port), 1);
	notified(box, MACH_NOTIFY_NO_SENDERS, 2);
	drop_port(port), drop_port(box);
}

static void
no_senders_fires_at_once_if_there_are_none(void)
{
	mach_port_t port = new_port(), box = new_port(), previous = 0;

	ask(port, MACH_NOTIFY_NO_SENDERS, 0, box);
	notified(box, MACH_NOTIFY_NO_SENDERS, 0);
	ask(port, MACH_NOTIFY_NO_SENDERS, 1, box); /* mscount 0 < sync 1: waits */
	CHECK(queue_empty(box));
	OK(mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_MAKE_SEND));
	CHECK(queue_empty(box));
	OK(mach_port_deallocate(SELF, port));
	notified(box, MACH_NOTIFY_NO_SENDERS, 1);
	ask(port, MACH_NOTIFY_NO_SENDERS, 1, box);
	notified(box, MACH_NOTIFY_NO_SENDERS, 1);
	EQUAL(request(port, MACH_NOTIFY_NO_SENDERS, 2, box, &previous), KERN_SUCCESS);
	drop_port(port);
	/* the port is gone: the right it had must still yield a message */
	EQUAL(next_id(box), MACH_NOTIFY_SEND_ONCE);
	drop_port(box);
}

static void
requests_swap_the_registered_right(void)
{
	mach_port_t port = new_send(), one = new_port(), two = new_port(), previous = 0;

	ask(port, MACH_NOTIFY_NO_SENDERS, 0, one);
	OK(request(port, MACH_NOTIFY_NO_SENDERS, 0, two, &previous));
	EQUAL(type_of(previous), MACH_PORT_TYPE_SEND_ONCE);
	OK(send_once_word(previous, 77, 0));
	EQUAL(next_id(one), 77);
	OK(mach_port_deallocate(SELF, port));
	CHECK(queue_empty(one));
	notified(two, MACH_NOTIFY_NO_SENDERS, 1);
	drop_port(port), drop_port(one), drop_port(two);
}

static void
port_destroyed_carries_the_receive_right(void)
{
	mach_port_t port = new_send(), box = new_port();

	OK(send_word(port, 5, 0));
	ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, box);
	EQUAL(status_of(port).mps_pdrequest != 0, 1);
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EQUAL(type_of(port), MACH_PORT_TYPE_SEND); /* not dead: on its way */
	OK(send_word(port, 6, 0));
	OK(message_receive(&r, box, 0));
	EQUAL(r.head.msgh_id, MACH_NOTIFY_PORT_DESTROYED);
	EQUAL(r.head.msgh_size, 40);
	EQUAL(trailer_of(&r)->msgh_sender.label, 0);
	EQUAL(r.descriptors[0].port.disposition, MACH_MSG_TYPE_PORT_RECEIVE);
	EQUAL(r.descriptors[0].port.name, port);
	EQUAL(next_id(port), 5);
	EQUAL(next_id(port), 6);
	EQUAL(status_of(port).mps_pdrequest, 0);
	drop_port(port), drop_port(box);
}

static void
port_destroyed_to_a_dead_port_lets_it_die(void)
{
	mach_port_t port = new_send(), box = new_port();

	ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, box);
	drop_port(box);
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EQUAL(type_of(port), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(port);
}

static void
port_destroyed_to_itself_lets_it_die(void)
{
	mach_port_t port = new_send();

	ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, port);
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EQUAL(type_of(port), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(port);
}

/* The receive right comes to the box, and it is nobody else's. Gives it back. */
static void
saved(mach_port_t box)
{
	mach_port_t port;

	OK(message_receive(&r, box, 0));
	EQUAL(r.head.msgh_id, MACH_NOTIFY_PORT_DESTROYED);
	port = r.descriptors[0].port.name;
	EQUAL(type_of(port), MACH_PORT_TYPE_RECEIVE);
	EQUAL(status_of(port).mps_srights, 0);
	EQUAL(status_of(port).mps_nsrequest, 0);
	drop_port(port);
}

/* A port that port-destroyed saves goes on to live without senders: who wants to know that has to be told. */
static void
no_senders_is_told_although_the_port_is_saved(void)
{
	mach_port_t port = new_send(), box = new_port(), saviour = new_port();

	ask(port, MACH_NOTIFY_NO_SENDERS, 0, box);
	ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, saviour);
	OK(mach_port_destroy(SELF, port));
	notified(box, MACH_NOTIFY_NO_SENDERS, 1);
	saved(saviour);
	CHECK(queue_empty(box));
	drop_port(box), drop_port(saviour);
}

static void
no_senders_is_told_although_a_dying_tasks_port_is_saved(void)
{
	mach_port_t box = new_port(), saviour = new_port(), theirs = 0, send = 0, previous = 0;
	task_t child = child_create(false);
	mach_port_type_t type = 0;

	OK(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &theirs));
	OK(mach_port_extract_right(child, theirs, MACH_MSG_TYPE_MAKE_SEND, &send, &type));
	OK(mach_port_insert_right(child, theirs, send, MACH_MSG_TYPE_MOVE_SEND));
	OK(mach_port_request_notification(
		child, theirs, MACH_NOTIFY_NO_SENDERS, 0, box, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	OK(mach_port_request_notification(
		child, theirs, MACH_NOTIFY_PORT_DESTROYED, 0, saviour, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	child_end(child);
	notified(box, MACH_NOTIFY_NO_SENDERS, 1);
	saved(saviour);
	CHECK(queue_empty(box));
	drop_port(box), drop_port(saviour);
}

static void
request_errors(void)
{
	mach_port_t port = new_port(), set = new_set(), dead = new_dead(), previous = 7;

	EQUAL(request(port, 64, 0, port, &previous), KERN_INVALID_VALUE);
	EQUAL(request(port, MACH_NOTIFY_SEND_ONCE, 0, port, &previous), KERN_INVALID_VALUE);
	EQUAL(request(port + 0x100000, MACH_NOTIFY_NO_SENDERS, 0, port, &previous),
		KERN_INVALID_NAME);
	EQUAL(request(set, MACH_NOTIFY_NO_SENDERS, 0, port, &previous), KERN_INVALID_RIGHT);
	EQUAL(request(set, MACH_NOTIFY_DEAD_NAME, 0, port, &previous), KERN_INVALID_RIGHT);
	EQUAL(request(dead, MACH_NOTIFY_PORT_DESTROYED, 0, port, &previous), KERN_INVALID_RIGHT);
	EQUAL(request(port, MACH_NOTIFY_NO_SENDERS, 0, set, &previous), KERN_INVALID_CAPABILITY);
	EQUAL(request(port, MACH_NOTIFY_NO_SENDERS, 0, MACH_PORT_DEAD, &previous),
		KERN_INVALID_CAPABILITY);
	EQUAL(mach_port_request_notification(SELF, port, MACH_NOTIFY_NO_SENDERS, 0, port,
		      MACH_MSG_TYPE_MAKE_SEND, &previous),
		KERN_INVALID_CAPABILITY);
	EQUAL(request(port, MACH_NOTIFY_NO_SENDERS, 0, port, (mach_port_t *)8),
		KERN_INVALID_ADDRESS);
	EQUAL(request(MACH_PORT_NULL, MACH_NOTIFY_NO_SENDERS, 0, port, &previous),
		KERN_INVALID_NAME);
	EQUAL(status_of(port).mps_sorights, 0);
	CHECK(queue_empty(port));
	drop_port(port), drop_port(set), drop_port(dead);
}

static void
notifications_ignore_the_queue_limit(void)
{
	mach_port_t box = new_send(), ports[8];

	OK(mach_port_set_qlimit(SELF, box, 1));
	OK(send_word(box, 1, 0));
	for (int i = 0; i < 8; i++) {
		ports[i] = new_send();
		ask(ports[i], MACH_NOTIFY_DEAD_NAME, 0, box);
		OK(mach_port_mod_refs(SELF, ports[i], MACH_PORT_RIGHT_RECEIVE, -1));
	}
	EQUAL(status_of(box).mps_msgcount, 9);
	EQUAL(next_id(box), 1);
	OK(send_word(box, 2, 0));		/* they take no slots */
	for (int i = 0; i < 8; i++) {
		notified(box, MACH_NOTIFY_DEAD_NAME, ports[i]);
		drop_port(ports[i]);
	}
	EQUAL(next_id(box), 2);
	drop_port(box);
}

static void
every_send_once_right_yields_exactly_one_message(void)
{
	mach_port_t port = new_port(), box = new_send(), once;
	struct task_info info;

	/* used */
	OK(send_once_word(new_send_once(port), 1, 0));
	/* dropped */
	OK(mach_port_deallocate(SELF, new_send_once(port)));
	/* destroyed in a queue */
	once = new_send_once(port);
	message_init(&m, box, MACH_MSG_TYPE_COPY_SEND, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 1);
	put_port(&m, 0, new_send_once(port), MACH_MSG_TYPE_MOVE_SEND_ONCE);
	OK(message_send(&m, 40, 0));
	drop_port(box);
	/* sent to a dead port in a body */
	EQUAL(status_of(port).mps_msgcount, 4);
	EQUAL(next_id(port), 1);
	for (int i = 0; i < 3; i++)
		EQUAL(next_id(port), MACH_NOTIFY_SEND_ONCE);
	CHECK(queue_empty(port));
	EQUAL(status_of(port).mps_sorights, 0);
	OK(task_info(SELF, &info));
	drop_port(port);
}

static void
seqno_counts_notifications_too(void)
{
	mach_port_t port = new_send();

	for (unsigned i = 0; i < 6; i++) {
		if (i % 2)
			drop_port(new_send_once(port));
		else
			OK(send_word(port, 1, 0));
		OK(message_receive(&r, port, 0));
		EQUAL(trailer_of(&r)->msgh_seqno, i);
	}
	drop_port(port);
}

static void
a_dying_ports_queue_dies_with_it(void)
{
	mach_port_t chain[20], first = new_send(), box = new_port();

	/*
	 * each port travels in the queue of the one before: one death ends them all, without
	 * recursion
	 */
	chain[0] = first;
	for (int i = 1; i < 20; i++) {
		chain[i] = new_send();
		ask(chain[i], MACH_NOTIFY_DEAD_NAME, 0, box);
		message_init(&m, chain[i - 1], MACH_MSG_TYPE_COPY_SEND, 0, 0, i);
		put_port(&m, 0, chain[i], MACH_MSG_TYPE_MOVE_RECEIVE);
		OK(message_send(&m, 40, 0));
	}
	CHECK(queue_empty(box));
	OK(mach_port_mod_refs(SELF, first, MACH_PORT_RIGHT_RECEIVE, -1));
	for (int i = 1; i < 20; i++)
		notified(box, MACH_NOTIFY_DEAD_NAME, chain[i]);
	for (int i = 0; i < 20; i++) {
		EQUAL(type_of(chain[i]), MACH_PORT_TYPE_DEAD_NAME);
		drop_port(chain[i]);
	}
	drop_port(box);
}

static void
a_receive_right_sent_to_itself_is_destroyed(void)
{
	mach_port_t port = new_send();

	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_port(&m, 0, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 40, 0));
	EQUAL(type_of(port), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(port);
}

static void
a_circle_of_receive_rights_is_destroyed(void)
{
	enum { N = 5 };
	mach_port_t ports[N], reply = new_port();

	for (int i = 0; i < N; i++)
		ports[i] = new_send();
	for (int i = 0; i < N; i++) {
		message_init(&m, ports[(i + 1) % N], MACH_MSG_TYPE_COPY_SEND, reply,
			MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
		put_port(&m, 0, ports[i], MACH_MSG_TYPE_MOVE_RECEIVE);
		OK(message_send(&m, 40, 0));
		EQUAL(type_of(ports[0]),
			i < N - 1 ? MACH_PORT_TYPE_SEND : MACH_PORT_TYPE_DEAD_NAME);
	}
	for (int i = 0; i < N; i++) {
		EQUAL(type_of(ports[i]), MACH_PORT_TYPE_DEAD_NAME);
		EQUAL(next_id(reply), MACH_NOTIFY_SEND_ONCE);
		drop_port(ports[i]);
	}
	drop_port(reply);
}

#define CHAIN_MAX	1024		/* receive rights that wait one in the queue of the other, with the first, which is at home */

static mach_port_t links[CHAIN_MAX + 1];

/* Each port travels in the queue of the one before. */
static void
chain_begin(unsigned count)
{
	links[0] = new_send();
	for (unsigned i = 1; i < count; i++) {
		links[i] = new_send();
		message_init(&m, links[i - 1], MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
		put_port(&m, 0, links[i], MACH_MSG_TYPE_MOVE_RECEIVE);
		OK(message_send(&m, 40, 0));
	}
}

/* The walk along a chain has to end soon, as everybody else who sends a receive right waits for it. */
static void
a_chain_that_is_too_long_counts_as_a_circle(void)
{
	chain_begin(CHAIN_MAX + 1);
	for (unsigned i = 0; i < CHAIN_MAX; i++)
		EQUAL(type_of(links[i]), i == 0 ? MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE : MACH_PORT_TYPE_SEND);
	EQUAL(type_of(links[CHAIN_MAX]), MACH_PORT_TYPE_DEAD_NAME);
	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		OK(message_receive(&r, links[i], 0));
		EQUAL(r.descriptors[0].port.name, i + 1 < CHAIN_MAX ? links[i + 1] : MACH_PORT_DEAD);
	}
	for (unsigned i = 0; i <= CHAIN_MAX; i++)
		drop_port(links[i]);
}

static void
long_chains_come_and_go(void)
{
	enum { N = 500 };

	chain_begin(N);
	for (unsigned i = 0; i < N / 2; i++) {
		OK(message_receive(&r, links[i], 0));
		EQUAL(r.descriptors[0].port.name, links[i + 1]);
		drop_port(links[i]);
	}
	drop_port(links[N / 2]);			/* and with it the rest */
	for (unsigned i = N / 2 + 1; i < N; i++) {
		EQUAL(type_of(links[i]), MACH_PORT_TYPE_DEAD_NAME);
		drop_port(links[i]);
	}
}

static void
a_circle_with_a_guardian_is_not(void)
{
	mach_port_t a = new_send(), b = new_send(), box = new_port();

	/* whoever asked for the port's destruction gets it, and with it the rest of the circle */
	ask(a, MACH_NOTIFY_PORT_DESTROYED, 0, box);
	message_init(&m, a, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_port(&m, 0, b, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 40, 0));
	message_init(&m, b, MACH_MSG_TYPE_COPY_SEND, 0, 0, 2);
	put_port(&m, 0, a, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 40, 0));
	OK(message_receive(&r, box, 0));
	EQUAL(r.descriptors[0].port.name, a);
	EQUAL(type_of(a), MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE);
	OK(message_receive(&r, a, 0));
	EQUAL(r.descriptors[0].port.name, b);
	OK(message_receive(&r, b, 0));
	EQUAL(r.head.msgh_id, 2);
	EQUAL(r.descriptors[0].port.name, MACH_PORT_DEAD);
	drop_port(a), drop_port(b), drop_port(box);
}

int
main(void)
{
	check_begin();
	RULE(dead_name_notification_adds_a_reference);
	RULE(dead_names_that_are_asked_about_as_they_die_have_all_references);
	RULE(dead_name_request_shows_in_the_type);
	RULE(dead_name_on_a_dead_name);
	RULE(dead_name_of_a_send_once_right);
	RULE(port_deleted_when_the_name_goes_first);
	RULE(no_senders_when_the_last_right_goes);
	RULE(no_senders_waits_for_rights_in_messages);
	RULE(no_senders_fires_at_once_if_there_are_none);
	RULE(requests_swap_the_registered_right);
	RULE(port_destroyed_carries_the_receive_right);
	RULE(port_destroyed_to_a_dead_port_lets_it_die);
	RULE(port_destroyed_to_itself_lets_it_die);
	RULE(no_senders_is_told_although_the_port_is_saved);
	RULE(no_senders_is_told_although_a_dying_tasks_port_is_saved);
	RULE(request_errors);
	RULE(notifications_ignore_the_queue_limit);
	RULE(every_send_once_right_yields_exactly_one_message);
	RULE(seqno_counts_notifications_too);
	RULE(a_dying_ports_queue_dies_with_it);
	RULE(a_receive_right_sent_to_itself_is_destroyed);
	RULE(a_circle_of_receive_rights_is_destroyed);
	RULE(a_circle_with_a_guardian_is_not);
	RULE(a_chain_that_is_too_long_counts_as_a_circle);
	RULE(long_chains_come_and_go);
	check_end();
}
