/*
 * MACH.md section 1, order, queues, back-pressure; time-outs, aborts, sets with waiting receivers.
 */
#include "ipc_check.h"
#include "threads.h"

#define SELF mach_task_self()

static struct message m, r;

/* --- a thread that does one thing and tells --- */

struct worker {
	mach_port_t port, other;
	int id;
	mach_msg_option_t option;
	mach_msg_size_t room;
	volatile int result; /* -1: not done */
	volatile uint32_t size;
	struct message *buffer;
	cthread_t thread;
};

static struct message buffers[8];
static volatile int finished[16];
static volatile unsigned finished_count;

static void
worker_done(struct worker *w, int result)
{
	w->result = result;
	finished[__atomic_fetch_add(&finished_count, 1, __ATOMIC_SEQ_CST)] = w->id;
}

static void *
sender(void *argument)
{
	struct worker *w = argument;

	message_init(w->buffer, w->port, MACH_MSG_TYPE_COPY_SEND, 0, 0, w->id);
	worker_done(w, mach_msg(&w->buffer->head, MACH_SEND_MSG | w->option, 32, 0, 0, 0, 0));
	return NULL;
}

static void *
receiver(void *argument)
{
	struct worker *w = argument;
	mach_msg_return_t mr;

	mr = mach_msg(&w->buffer->head, MACH_RCV_MSG | w->option, 0,
		w->room != 0 ? w->room : sizeof(struct message), w->port, 0, 0);
	w->size = w->buffer->head.msgh_size;
	worker_done(w, mr != MACH_MSG_SUCCESS ? mr : w->buffer->head.msgh_id);
	return NULL;
}

static void
run(struct worker *w, void *(*function)(void *), mach_port_t port, int id, mach_msg_option_t option)
{
	static unsigned next;

	w->port = port;
	w->id = id;
	w->option = option;
	w->result = -1;
	w->buffer = &buffers[next++ % 8];
	w->thread = start(function, w);
	settle();
}

static int
join(struct worker *w)
{
	cthread_join(w->thread);
	return w->result;
}

/* --- rules --- */

static void
messages_of_one_thread_arrive_in_order(void)
{
	mach_port_t port = new_send();

	OK(mach_port_set_qlimit(SELF, port, 500));
	for (int i = 0; i < 500; i++)
		OK(send_word(port, i, 0));
	for (int i = 0; i < 500; i++)
		EQUAL(next_id(port), i);
	drop_port(port);
}

static void
the_default_limit_is_five(void)
{
	mach_port_t port = new_send();

	for (int i = 0; i < 5; i++)
		OK(send_word(port, i, 0));
	EQUAL(send_word(port, 5, 0), MACH_SEND_TIMED_OUT);
	EQUAL(next_id(port), 0);
	OK(send_word(port, 6, 0));
	EQUAL(send_word(port, 7, 0), MACH_SEND_TIMED_OUT);
	drop_port(port);
}

static void
send_once_messages_are_exempt(void)
{
	mach_port_t port = new_send(), once[20];

	for (int i = 0; i < 20; i++)
		once[i] = new_send_once(port);
	for (int i = 0; i < 5; i++)
		OK(send_word(port, i, 0));
	for (int i = 0; i < 20; i++)
		OK(send_once_word(once[i], 100 + i, 0));
	EQUAL(send_word(port, 5, 0), MACH_SEND_TIMED_OUT);
	for (int i = 0; i < 5; i++)
		EQUAL(next_id(port), i);
	OK(send_word(port, 6, 0)); /* those before were exempt: the slots are free */
	for (int i = 0; i < 20; i++)
		EQUAL(next_id(port), 100 + i);
	EQUAL(next_id(port), 6);
	drop_port(port);
}

static void
notifications_keep_their_place_and_are_exempt(void)
{
	mach_port_t port = new_send(), once[6];

	OK(mach_port_set_qlimit(SELF, port, 1));
	for (int i = 0; i < 6; i++)
		once[i] = new_send_once(port);
	drop_port(once[0]);
	OK(send_once_word(once[1], 1, 0));
	drop_port(once[2]);
	drop_port(once[3]);
	OK(send_word(port, 2, 0));
	drop_port(once[4]);
	OK(send_once_word(once[5], 3, 0));
	EQUAL(status_of(port).mps_msgcount, 7);
	EQUAL(next_id(port), MACH_NOTIFY_SEND_ONCE);
	EQUAL(next_id(port), 1);
	EQUAL(next_id(port), MACH_NOTIFY_SEND_ONCE);
	EQUAL(next_id(port), MACH_NOTIFY_SEND_ONCE);
	EQUAL(next_id(port), 2);
	EQUAL(next_id(port), MACH_NOTIFY_SEND_ONCE);
	EQUAL(next_id(port), 3);
	CHECK(queue_empty(port));
	drop_port(port);
}

static void
a_full_queue_blocks_the_sender(void)
{
	mach_port_t port = new_send();
	struct worker w = {0};

	OK(mach_port_set_qlimit(SELF, port, 1));
	OK(send_word(port, 1, 0));
	run(&w, sender, port, 2, 0);
	EQUAL(w.result, -1);
	EQUAL(status_of(port).mps_msgcount, 1);
	EQUAL(next_id(port), 1);
	EQUAL(join(&w), MACH_MSG_SUCCESS);
	EQUAL(next_id(port), 2);
	drop_port(port);
}

static void
a_freed_slot_goes_to_the_longest_waiter(void)
{
	mach_port_t port = new_send();
	struct worker w[4] = {0};

	OK(mach_port_set_qlimit(SELF, port, 1));
	OK(send_word(port, 0, 0));
	for (int i = 0; i < 4; i++)
		run(&w[i], sender, port, i + 1, 0);
	for (int i = 0; i < 5; i++) {
		EQUAL(next_id(port), i);
		/* the slot was handed over at once: a newcomer finds none */
		if (i < 4)
			EQUAL(send_word(port, 99, 0), MACH_SEND_TIMED_OUT);
	}
	CHECK(queue_empty(port));
	for (int i = 0; i < 4; i++)
		EQUAL(join(&w[i]), MACH_MSG_SUCCESS);
	drop_port(port);
}

static void
a_raised_limit_lets_waiters_in(void)
{
	mach_port_t port = new_send();
	struct worker w[3] = {0};

	OK(mach_port_set_qlimit(SELF, port, 1));
	OK(send_word(port, 0, 0));
	for (int i = 0; i < 3; i++)
		run(&w[i], sender, port, i + 1, 0);
	OK(mach_port_set_qlimit(SELF, port, 3));
	settle();
	EQUAL(status_of(port).mps_msgcount, 3);
	EQUAL(w[2].result, -1);
	OK(mach_port_set_qlimit(SELF, port, 4));
	for (int i = 0; i < 3; i++)
		EQUAL(join(&w[i]), MACH_MSG_SUCCESS);
	for (int i = 0; i < 4; i++)
		EQUAL(next_id(port), i);
	drop_port(port);
}

static void
a_lowered_limit_holds_until_the_queue_is_short(void)
{
	mach_port_t port = new_send();

	for (int i = 0; i < 5; i++)
		OK(send_word(port, i, 0));
	OK(mach_port_set_qlimit(SELF, port, 2));
	for (int i = 0; i < 3; i++) {
		EQUAL(send_word(port, 9, 0), MACH_SEND_TIMED_OUT);
		EQUAL(next_id(port), i);
	}
	EQUAL(next_id(port), 3);
	OK(send_word(port, 9, 0));
	drop_port(port);
}

static void
blocked_senders_of_a_dying_port_succeed(void)
{
	mach_port_t port = new_send(), reply = new_port();
	struct worker w = {0};

	OK(mach_port_set_qlimit(SELF, port, 1));
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	OK(message_send(&m, 24, 0));
	run(&w, sender, port, 2, 0);
	EQUAL(w.result, -1);
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EQUAL(join(&w), MACH_MSG_SUCCESS);
	EQUAL(send_word(port, 3, 0), MACH_SEND_INVALID_DEST);
	EQUAL(next_id(reply), MACH_NOTIFY_SEND_ONCE);
	drop_port(port), drop_port(reply);
}

static void
a_waiting_receiver_gets_the_message_without_queueing(void)
{
	mach_port_t port = new_send();
	struct worker w = {0};

	run(&w, receiver, port, 0, 0);
	OK(mach_port_set_qlimit(SELF, port, 1));
	EQUAL(w.result, -1);
	OK(send_word(port, 44, 0));
	EQUAL(status_of(port).mps_msgcount, 0);
	EQUAL(status_of(port).mps_seqno, 1);
	EQUAL(join(&w), 44);
	drop_port(port);
}

static void
receivers_are_served_first_come_first_served(void)
{
	mach_port_t port = new_send();
	struct worker w[3] = {0};

	for (int i = 0; i < 3; i++)
		run(&w[i], receiver, port, i, 0);
	for (int i = 0; i < 3; i++) {
		OK(send_word(port, 70 + i, 0));
		EQUAL(join(&w[i]), 70 + i);
	}
	drop_port(port);
}

static void
a_waiting_receiver_gets_a_send_once_notification(void)
{
	mach_port_t port = new_port(), once = new_send_once(port);
	struct worker w = {0};

	run(&w, receiver, port, 0, 0);
	drop_port(once);
	EQUAL(join(&w), MACH_NOTIFY_SEND_ONCE);
	EQUAL(w.buffer->head.msgh_size, 24);
	EQUAL(w.buffer->head.msgh_local_port, port);
	EQUAL(w.buffer->head.msgh_remote_port, MACH_PORT_NULL);
	EQUAL(trailer_of(w.buffer)->msgh_sender.label, 0);
	EQUAL(trailer_of(w.buffer)->msgh_trailer_size, 24);
	drop_port(port);
}

static void
a_waiting_receiver_with_large_leaves_what_does_not_fit(void)
{
	mach_port_t port = new_send();
	struct worker w = {.room = 64}, v = {.room = 64};

	run(&w, receiver, port, 0, MACH_RCV_LARGE);
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 12);
	OK(message_send(&m, 200, 0));
	EQUAL(join(&w), MACH_RCV_TOO_LARGE);
	EQUAL(w.size, 200);
	EQUAL(next_id(port), 12);
	run(&v, receiver, port, 0, 0);
	OK(message_send(&m, 200, 0));
	EQUAL(join(&v), MACH_RCV_TOO_LARGE);
	CHECK(queue_empty(port));
	drop_port(port);
}

static void
receive_ends_when_the_port_dies(void)
{
	mach_port_t port = new_port(), set = new_set();
	struct worker w = {0};

	run(&w, receiver, port, 0, 0);
	drop_port(port);
	EQUAL(join(&w), MACH_RCV_PORT_DIED);
	run(&w, receiver, set, 0, 0);
	drop_port(set);
	EQUAL(join(&w), MACH_RCV_PORT_DIED);
}

static void
receive_ends_when_the_right_is_moved_away(void)
{
	mach_port_t port = new_port(), box = new_send();
	struct worker w = {0};

	run(&w, receiver, port, 0, 0);
	message_init(&m, box, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_port(&m, 0, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 40, 0));
	EQUAL(join(&w), MACH_RCV_PORT_DIED);
	drop_port(box);
}

static void
receive_ends_when_the_port_joins_a_set(void)
{
	mach_port_t port = new_port(), set = new_set();
	struct worker w = {0};

	run(&w, receiver, port, 0, 0);
	OK(mach_port_move_member(SELF, port, set));
	EQUAL(join(&w), MACH_RCV_PORT_CHANGED);
	drop_port(port), drop_port(set);
}

static void
a_joining_port_serves_the_sets_receivers(void)
{
	mach_port_t port = new_send(), set = new_set();
	struct worker w[2] = {0};

	for (int i = 0; i < 2; i++)
		run(&w[i], receiver, set, i, 0);
	for (int i = 0; i < 3; i++)
		OK(send_word(port, 30 + i, 0));
	OK(mach_port_move_member(SELF, port, set));
	EQUAL(join(&w[0]), 30);
	EQUAL(join(&w[1]), 31);
	EQUAL(next_id(set), 32);
	CHECK(queue_empty(set));
	OK(send_word(port, 33, 0));
	EQUAL(next_id(set), 33);
	drop_port(port), drop_port(set);
}

static void
a_sets_receiver_waits_for_any_member(void)
{
	mach_port_t a = new_send(), b = new_send(), set = new_set();
	struct worker w = {0};

	OK(mach_port_move_member(SELF, a, set));
	OK(mach_port_move_member(SELF, b, set));
	for (int i = 0; i < 4; i++) {
		run(&w, receiver, set, 0, 0);
		OK(send_word(i % 2 ? a : b, i, 0));
		EQUAL(join(&w), i);
		EQUAL(w.buffer->head.msgh_local_port, i % 2 ? a : b);
	}
	drop_port(a), drop_port(b), drop_port(set);
}

static void
receive_times_out(void)
{
	mach_port_t port = new_port(), set = new_set();
	uint64_t before = clock_now();

	EQUAL(message_receive(&r, port, 15), MACH_RCV_TIMED_OUT);
	CHECK(clock_now() - before >= 15000000);
	before = clock_now();
	EQUAL(message_receive(&r, set, 15), MACH_RCV_TIMED_OUT);
	CHECK(clock_now() - before >= 15000000);
	before = clock_now();
	EQUAL(message_receive(&r, port, 0), MACH_RCV_TIMED_OUT);
	CHECK(clock_now() - before < 1000000000);
	drop_port(port), drop_port(set);
}

/* --- a call whose send waits for a while, and whose answer never comes --- */

#define HALF_MS 50

static struct {
	thread_t caller;
	mach_port_t port;
	volatile uint64_t freed_at; /* ns */
} full;

static void *
free_a_slot(void *argument)
{
	CHECK(waits_for(full.caller, "send"));
	clock_sleep(HALF_MS * 3 / 5);
	full.freed_at = clock_now();
	EQUAL(next_id(full.port), 1);
	return argument;
}

static mach_msg_return_t
call_with_timeouts(mach_port_t reply)
{
	message_init(&m, full.port, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 2);
	return mach_msg(&m.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT | MACH_RCV_MSG | MACH_RCV_TIMEOUT, 24, sizeof(m), reply, HALF_MS, 0);
}

/*
 * The receive has all its time, however much the send has used. On a busy host the slot may come too late
 * for the send: hence several tries.
 */
static void
each_half_has_its_own_timeout(void)
{
	mach_msg_return_t mr = MACH_SEND_TIMED_OUT;
	mach_port_t reply = new_port();

	full.caller = mach_thread_self();
	full.port = new_send();
	OK(mach_port_set_qlimit(SELF, full.port, 1));
	for (unsigned tries = 0; tries < 20 && mr == MACH_SEND_TIMED_OUT; tries++) {
		cthread_t thread;

		OK(send_word(full.port, 1, 0));
		thread = start(free_a_slot, NULL);
		mr = call_with_timeouts(reply);
		cthread_join(thread);
	}
	EQUAL(mr, MACH_RCV_TIMED_OUT);
	CHECK(clock_now() - full.freed_at >= HALF_MS * MS);
	EQUAL(next_id(full.port), 2);
	OK(mach_port_deallocate(SELF, full.caller));
	drop_port(full.port), drop_port(reply);
}

static void
a_message_sent_late_still_arrives_after_a_timeout(void)
{
	mach_port_t port = new_send();
	struct worker w = {0};

	OK(mach_port_set_qlimit(SELF, port, 1));
	OK(send_word(port, 1, 0));
	run(&w, sender, port, 2, 0);
	EQUAL(send_word(port, 3, 0), MACH_SEND_TIMED_OUT);
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 4);
	EQUAL(message_send(&m, 24, 5), MACH_SEND_TIMED_OUT);
	EQUAL(next_id(port), 1);
	EQUAL(next_id(port), 2);
	EQUAL(join(&w), MACH_MSG_SUCCESS);
	OK(send_word(port, 5, 0)); /* the slot is not lost to the one who gave up */
	EQUAL(next_id(port), 5);
	drop_port(port);
}

static void
abort_interrupts_a_receive(void)
{
	mach_port_t port = new_send();
	struct worker w = {0};

	run(&w, receiver, port, 0, MACH_RCV_INTERRUPT);
	OK(thread_abort(cthread_port(w.thread)));
	EQUAL(join(&w), MACH_RCV_INTERRUPTED);
	OK(send_word(port, 6, 0));
	EQUAL(next_id(port), 6);
	drop_port(port);
}

static void
the_library_retries_a_receive(void)
{
	mach_port_t port = new_send();
	struct worker w = {0};

	run(&w, receiver, port, 0, 0);
	OK(thread_abort(cthread_port(w.thread)));
	settle();
	EQUAL(w.result, -1);
	OK(send_word(port, 6, 0));
	EQUAL(join(&w), 6);
	drop_port(port);
}

static void
abort_interrupts_a_send(void)
{
	mach_port_t port = new_send();
	struct worker w = {0};

	OK(mach_port_set_qlimit(SELF, port, 1));
	OK(send_word(port, 1, 0));
	run(&w, sender, port, 2, MACH_SEND_INTERRUPT);
	OK(thread_abort(cthread_port(w.thread)));
	EQUAL(join(&w), MACH_SEND_INTERRUPTED);
	EQUAL(w.buffer->head.msgh_remote_port, port);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 2);
	EQUAL(status_of(port).mps_msgcount, 1);
	run(&w, sender, port, 3, 0);
	OK(thread_abort(cthread_port(w.thread))); /* retried by the library */
	settle();
	EQUAL(w.result, -1);
	EQUAL(next_id(port), 1);
	EQUAL(join(&w), MACH_MSG_SUCCESS);
	EQUAL(next_id(port), 3);
	drop_port(port);
}

static void
a_terminated_thread_leaves_the_queue(void)
{
	mach_port_t port = new_send();
	struct worker w = {0}, v = {0};

	run(&w, receiver, port, 0, 0);
	run(&v, receiver, port, 0, 0);
	OK(thread_terminate(cthread_port(w.thread)));
	settle();
	OK(send_word(port, 6, 0));
	EQUAL(join(&v), 6);
	EQUAL(w.result, -1);
	drop_port(port);
}

static void
rpc_in_one_trap(void)
{
	mach_port_t port = new_send(), box = new_port();
	struct worker w = {0};

	run(&w, receiver, port, 0, 0);
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, box, MACH_MSG_TYPE_MAKE_SEND_ONCE, 50);
	EQUAL(mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT, 24, sizeof(m), box,
		      20, 0),
		MACH_RCV_TIMED_OUT);
	EQUAL(join(&w), 50);
	OK(send_once_word(w.buffer->head.msgh_remote_port, 51, 0x1234));
	OK(message_receive(&m, box, 0));
	EQUAL(m.head.msgh_id, 51);
	EQUAL(m.words[0], 0x1234);
	drop_port(port), drop_port(box);
}

int
main(void)
{
	check_begin();
	RULE(messages_of_one_thread_arrive_in_order);
	RULE(the_default_limit_is_five);
	RULE(send_once_messages_are_exempt);
	RULE(notifications_keep_their_place_and_are_exempt);
	RULE(a_full_queue_blocks_the_sender);
	RULE(a_freed_slot_goes_to_the_longest_waiter);
	RULE(a_raised_limit_lets_waiters_in);
	RULE(a_lowered_limit_holds_until_the_queue_is_short);
	RULE(blocked_senders_of_a_dying_port_succeed);
	RULE(a_waiting_receiver_gets_the_message_without_queueing);
	RULE(receivers_are_served_first_come_first_served);
	RULE(a_waiting_receiver_gets_a_send_once_notification);
	RULE(a_waiting_receiver_with_large_leaves_what_does_not_fit);
	RULE(receive_ends_when_the_port_dies);
	RULE(receive_ends_when_the_right_is_moved_away);
	RULE(receive_ends_when_the_port_joins_a_set);
	RULE(a_joining_port_serves_the_sets_receivers);
	RULE(a_sets_receiver_waits_for_any_member);
	RULE(receive_times_out);
	RULE(each_half_has_its_own_timeout);
	RULE(a_message_sent_late_still_arrives_after_a_timeout);
	RULE(abort_interrupts_a_receive);
	RULE(the_library_retries_a_receive);
	RULE(abort_interrupts_a_send);
	RULE(a_terminated_thread_leaves_the_queue);
	RULE(rpc_in_one_trap);
	check_end();
}
