/*
 * MACH.md section 3, threads that wait: abort, other registers meanwhile, suspension, death.
 */
#include "ipc_check.h"
#include "threads.h"

#include <string.h>

#define SELF	mach_task_self()

/* --- abort --- */

struct wait_call {
	mach_port_t port;
	volatile uint32_t waiting, result;
	uint32_t word;
	struct message message;
};

static struct wait_call call;

static void
wait_receiving(void *argument)
{
	struct wait_call *c = argument;

	c->waiting = 1;
	c->result = mach_msg(&c->message.head, MACH_RCV_MSG | MACH_RCV_INTERRUPT, 0,
		sizeof(c->message), c->port, 0, MACH_PORT_NULL);
	thread_terminate(mach_thread_self());
}

static void
wait_sending(void *argument)
{
	struct wait_call *c = argument;

	message_init(&c->message, c->port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 9);
	c->waiting = 1;
	c->result = mach_msg(&c->message.head, MACH_SEND_MSG | MACH_SEND_INTERRUPT,
		sizeof(mach_msg_header_t), 0, 0, 0, MACH_PORT_NULL);
	thread_terminate(mach_thread_self());
}

static void
wait_for_word(void *argument)
{
	struct wait_call *c = argument;

	c->waiting = 1;
	c->result = gsync_wait(&c->word, 0, 0, 0);
	thread_terminate(mach_thread_self());
}

static void
wait_for_time(void *argument)
{
	struct wait_call *c = argument;

	c->waiting = 1;
	c->result = thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 60000);
	thread_terminate(mach_thread_self());
}

#define NO_RESULT	0x12345678u
#define SET_RESULT	0x5a5au

/* Starts the wait; returns the thread when it waits. */
static thread_t
waiting_thread(void (*wait)(void *), mach_port_t port)
{
	thread_t thread;

	call = (struct wait_call){.port = port, .result = NO_RESULT};
	thread = thread_run(0, wait, &call);
	await(&call.waiting, 1);
	for (unsigned tries = 0; info_of(thread).state != THREAD_STATE_WAITING && tries < 100; tries++)
		clock_sleep(1);
	EQUAL(info_of(thread).state, THREAD_STATE_WAITING);
	return thread;
}

static void
abort_ends(void (*wait)(void *), mach_port_t port, uint32_t result)
{
	thread_t thread = waiting_thread(wait, port);

	EQUAL(call.result, NO_RESULT);
	OK(thread_abort(thread));
	CHECK(is_gone(thread));
	EQUAL(call.result, result);
}

static void
abort_ends_waits(void)
{
	mach_port_t port = new_send();

	abort_ends(wait_receiving, port, MACH_RCV_INTERRUPTED);
	abort_ends(wait_for_word, port, KERN_ABORTED);
	abort_ends(wait_for_time, port, KERN_SUCCESS);
	for (int i = 0; i < 5; i++)
		OK(send_word(port, i, 0));
	abort_ends(wait_sending, port, MACH_SEND_INTERRUPTED);
	for (int i = 0; i < 5; i++)
		EQUAL(next_id(port), i);
	CHECK(queue_empty(port));
	drop_port(port);
}

/* How a signal handler is entered: the wait ends, and the thread goes on somewhere else. */
static void
abort_and_set_state_divert_a_wait(void)
{
	mach_port_t port = new_port();

	for (unsigned i = 0; i < 50; i++) {
		thread_t thread = waiting_thread(wait_receiving, port);
		struct thread_state state;
		uint32_t size = sizeof(state);

		OK(thread_suspend(thread));
		OK(thread_abort(thread));
		OK(thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size));
		CHECK(THREAD_STATE_PC(&state) != 0);
		EQUAL(info_of(thread).state, THREAD_STATE_STOPPED);
		reached = 0;
		set_entry(thread, 1, arrive, (void *)(uintptr_t)(i + 1));
		CHECK(reached == 0);
		OK(thread_resume(thread));
		await(&reached, i + 1);
		EQUAL(call.result, NO_RESULT);
		CHECK(is_gone(thread));
	}
	drop_port(port);
}

static void
a_suspended_wait_still_ends_by_a_message(void)
{
	mach_port_t port = new_send();
	thread_t thread = waiting_thread(wait_receiving, port);

	OK(thread_suspend(thread));
	OK(send_word(port, 1, 2));
	settle();
	EQUAL(call.result, NO_RESULT);
	OK(thread_resume(thread));
	CHECK(is_gone(thread));
	EQUAL(call.result, MACH_MSG_SUCCESS);
	drop_port(port);
}

/* --- a thread that waits for the answer to a call --- */

static mach_port_t held;

static void
wait_calling(void *argument)
{
	struct wait_call *c = argument;
	mach_port_t reply = mach_reply_port();

	message_init(&c->message, c->port, MACH_MSG_TYPE_COPY_SEND, reply,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, 9);
	c->waiting = 1;
	c->result = mach_msg(&c->message.head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_INTERRUPT,
		sizeof(mach_msg_header_t), sizeof(c->message), reply, 0, MACH_PORT_NULL);
	drop_port(reply);
	thread_terminate(mach_thread_self());
}

/* Receives the call and keeps the reply right in `held`. */
static void *
hold(void *argument)
{
	static struct message request;

	EQUAL(message_receive(&request, (mach_port_t)(uintptr_t)argument, 10000), MACH_MSG_SUCCESS);
	held = request.head.msgh_remote_port;
	return NULL;
}

static thread_t
calling_thread(mach_port_t port)
{
	cthread_t server = start(hold, (void *)(uintptr_t)port);
	thread_t thread;

	settle();
	thread = waiting_thread(wait_calling, port);
	cthread_join(server);
	return thread;
}

static void
a_call_that_waits_for_its_answer_can_be_stopped(void)
{
	mach_port_t port = new_send();
	thread_t thread = calling_thread(port);

	OK(thread_abort(thread));
	CHECK(is_gone(thread));
	EQUAL(call.result, MACH_RCV_INTERRUPTED);
	drop_port(held);

	thread = calling_thread(port);
	OK(thread_suspend(thread));
	OK(send_once_word(held, 1, 2));
	settle();
	EQUAL(call.result, NO_RESULT);
	OK(thread_resume(thread));
	CHECK(is_gone(thread));
	EQUAL(call.result, MACH_MSG_SUCCESS);

	thread = calling_thread(port);
	end_thread(thread);
	EQUAL(call.result, NO_RESULT);
	drop_port(held);
	drop_port(port);
}

/* The wait goes on; when it ends, the thread has the registers that were set, and no result over them. */
static void
result_is_kept(thread_t thread)
{
	struct thread_state state;
	uint32_t size = sizeof(state);

	OK(thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size));
	THREAD_STATE_RESULT(&state) = SET_RESULT;
	OK(thread_set_state(thread, THREAD_STATE_GENERAL, &state, size));
	EQUAL(call.result, NO_RESULT);
}

static void
registers_set_during_a_wait_are_not_lost(void)
{
	mach_port_t port = new_send();
	thread_t thread = waiting_thread(wait_receiving, port);

	reached = 0;
	set_entry(thread, 1, arrive, (void *)81);
	CHECK(reached == 0);
	OK(send_word(port, 1, 2));
	await(&reached, 81);
	CHECK(is_gone(thread));

	thread = calling_thread(port);
	set_entry(thread, 1, arrive, (void *)82);
	CHECK(reached == 81);
	OK(send_once_word(held, 1, 2));
	await(&reached, 82);
	CHECK(is_gone(thread));
	EQUAL(call.result, NO_RESULT);

	thread = waiting_thread(wait_receiving, port);
	result_is_kept(thread);
	OK(send_word(port, 1, 2));
	CHECK(is_gone(thread));
	EQUAL(call.result, SET_RESULT);
	thread = waiting_thread(wait_for_word, port);
	result_is_kept(thread);
	OK(gsync_wake(&call.word, 1, 0));
	CHECK(is_gone(thread));
	EQUAL(call.result, SET_RESULT);
	drop_port(port);
}

/* --- stopping --- */

static thread_t stopped;
static volatile uint32_t abort_done;

/* An abort does not end it: the library goes on. */
static void
wait_on(void *argument)
{
	struct wait_call *c = argument;

	c->waiting = 1;
	c->result = mach_msg(&c->message.head, MACH_RCV_MSG, 0, sizeof(c->message), c->port, 0, MACH_PORT_NULL);
	thread_terminate(mach_thread_self());
}

static void
abort_the_stopped(void *argument)
{
	(void)argument;
	thread_abort(stopped);
	abort_done = 1;
	thread_terminate(mach_thread_self());
}

/* Returns false: the abort was over before it was seen to wait. */
static bool
seen_aborting(thread_t thread)
{
	struct thread_info info;

	while (abort_done == 0 && thread_info(thread, &info) == KERN_SUCCESS) {
		if (info.state == THREAD_STATE_WAITING && strcmp(info.wait, "thread to stop") == 0)
			return true;
		clock_sleep(1);
	}
	return false;
}

static bool
let_go_while_aborted(mach_port_t port)
{
	thread_t thread;
	bool seen;

	stopped = waiting_thread(wait_on, port);
	OK(thread_suspend(stopped));
	crowd_begin(2, MACH_PRIORITY_USER);
	abort_done = 0;
	thread = thread_run(1, abort_the_stopped, NULL);
	seen = seen_aborting(thread);
	OK(thread_resume(stopped));
	crowd_end();
	await(&abort_done, 1);
	if (abort_done == 0)
		thread_terminate(thread);
	CHECK(is_gone(thread));
	OK(send_word(port, 1, 0));
	CHECK(is_gone(stopped));
	EQUAL(call.result, MACH_MSG_SUCCESS);
	return seen;
}

/*
 * An abort of a suspended thread waits until it has stopped. It goes on as well when somebody lets the thread run before it came to that, here:
 * before it got a CPU, for which it has to wait as long as those of a crowd as good as it have theirs. A host that stops the machine for so long
 * spoils a try.
 */
static void
abort_goes_on_when_the_thread_is_let_go(void)
{
	mach_port_t port = new_send();
	thread_t self = mach_thread_self();
	unsigned tries = 1;

	OK(thread_set_priority(startup_info->host, self, MACH_PRIORITY_BEST));
	while (!let_go_while_aborted(port) && tries < 50)
		tries++;
	CHECK(tries < 50);
	OK(thread_set_priority(startup_info->host, self, MACH_PRIORITY_USER));
	OK(mach_port_deallocate(SELF, self));
	drop_port(port);
}

#define SLEEPERS	(THREAD_SLOTS - 2)	/* in front of the one that is aborted: suspending marks one thread after the other */
#define SUSPENSIONS	2000u

static volatile uint32_t enough;

/* The word stays 0: only an abort ends the call. */
static void
wait_and_again(void *argument)
{
	static uint32_t word;

	(void)argument;
	for (;;)
		gsync_wait(&word, 0, 0, 0);
}

static void
abort_on_and_on(void *argument)
{
	(void)argument;
	while (enough == 0)
		thread_abort(stopped);
	thread_terminate(mach_thread_self());
}

/* However the steps of the two interleave, who aborts is told that the thread has stopped, or waits again. */
static void
abort_goes_on_while_the_task_is_suspended(void)
{
	task_t child = child_create(false);
	thread_t threads[SLEEPERS + 1], aborter;

	for (unsigned i = 0; i < SLEEPERS + 1; i++) {
		threads[i] = thread_in(child, i, wait_and_again, NULL);
		OK(thread_resume(threads[i]));
	}
	stopped = threads[SLEEPERS];
	enough = 0;
	aborter = thread_run(SLEEPERS + 1, abort_on_and_on, NULL);
	for (unsigned i = 0; i < SUSPENSIONS; i++) {
		OK(task_suspend(child));
		OK(task_resume(child));
	}
	enough = 1;
	CHECK(is_gone(aborter));
	for (unsigned i = 0; i < SLEEPERS + 1; i++)
		OK(mach_port_deallocate(SELF, threads[i]));
	child_end(child);
}

static volatile uint64_t ticks;

/* --- death --- */

static void
threads_die_wherever_they_are(void)
{
	mach_port_t port = new_send();

	end_thread(thread_in(SELF, 0, spin, (void *)&ticks));
	end_thread(thread_run(0, spin, (void *)&ticks));
	end_thread(waiting_thread(wait_receiving, port));
	end_thread(waiting_thread(wait_for_word, port));
	end_thread(waiting_thread(wait_for_time, port));
	for (int i = 0; i < 5; i++)
		OK(send_word(port, i, 0));
	end_thread(waiting_thread(wait_sending, port));
	drop_port(port);
}

static void
nothing_is_left_behind(void)
{
	struct task_info before, after;

	OK(task_info(SELF, &before));
	for (int i = 0; i < 3; i++)
		threads_die_wherever_they_are();
	OK(task_info(SELF, &after));
	EQUAL(after.port_names, before.port_names);
	EQUAL(after.kernel_memory, before.kernel_memory);
	EQUAL(after.thread_count, before.thread_count);
}

int
main(void)
{
	check_begin();
	RULE(abort_ends_waits);
	RULE(abort_and_set_state_divert_a_wait);
	RULE(a_suspended_wait_still_ends_by_a_message);
	RULE(a_call_that_waits_for_its_answer_can_be_stopped);
	RULE(registers_set_during_a_wait_are_not_lost);
	RULE(abort_goes_on_when_the_thread_is_let_go);
	RULE(abort_goes_on_while_the_task_is_suspended);
	RULE(threads_die_wherever_they_are);
	RULE(nothing_is_left_behind);
	check_end();
}
