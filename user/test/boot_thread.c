/*
 * MACH.md section 3, threads: suspend counts, registers, dead threads, giving the CPU away.
 */
#include "ipc_check.h"
#include "threads.h"

#include <string.h>

#define SELF	mach_task_self()
#define HOST	startup_info->host

static struct message m;
static volatile uint64_t ticks;

/* --- suspension --- */

static void
a_new_thread_is_suspended_once(void)
{
	thread_t thread = thread_in(SELF, 0, spin, (void *)&ticks);

	EQUAL(info_of(thread).suspend_count, 1);
	EQUAL(info_of(thread).state, THREAD_STATE_STOPPED);
	CHECK(stands(&ticks));
	OK(thread_resume(thread));
	CHECK(moves(&ticks));
	EQUAL(thread_resume(thread), KERN_FAILURE);
	end_thread(thread);
}

static void
suspend_counts_add_up(void)
{
	thread_t thread = thread_run(0, spin, (void *)&ticks);

	OK(thread_suspend(thread));
	OK(thread_suspend(thread));
	EQUAL(info_of(thread).suspend_count, 2);
	CHECK(stands(&ticks));
	OK(thread_resume(thread));
	CHECK(stands(&ticks));
	OK(thread_resume(thread));
	CHECK(moves(&ticks));
	EQUAL(thread_resume(thread), KERN_FAILURE);
	end_thread(thread);
}

static void
a_suspended_thread_has_stopped_when_the_trap_returns(void)
{
	thread_t thread = thread_run(0, spin, (void *)&ticks);

	for (int i = 0; i < 50; i++) {
		uint64_t before = ticks;

		for (int tries = 0; ticks == before && tries < 1000000; tries++)
			thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);	/* until it runs */
		OK(thread_suspend(thread));
		before = ticks;
		for (volatile int j = 0; j < 1000; j++)
			continue;
		EQUAL(ticks, before);
		if (i % 10 == 0)
			CHECK(stands(&ticks));		/* its CPU may not have been running just then */
		OK(thread_resume(thread));
	}
	end_thread(thread);
}

static volatile thread_t victim[2];
static volatile uint64_t suspensions[2];

static void
suspend_the_other(void *argument)
{
	uintptr_t self = (uintptr_t)argument;

	for (;;) {
		thread_suspend(victim[1 - self]);
		suspensions[self]++;
		thread_resume(victim[1 - self]);
	}
}

/* Whoever stops the other lets it go; when each has stopped the other, nobody but this thread does. */
static bool
they_go_on(void)
{
	uint64_t before = suspensions[0] + suspensions[1];

	for (unsigned tries = 0; tries < 5000; tries++) {
		if (suspensions[0] + suspensions[1] != before)
			return true;
		if (info_of(victim[0]).state == THREAD_STATE_STOPPED && info_of(victim[1]).state == THREAD_STATE_STOPPED)
			for (unsigned i = 0; i < 2; i++)
				thread_resume(victim[i]);
		clock_sleep(1);
	}
	return false;
}

static void
threads_may_suspend_each_other(void)
{
	unsigned round = 0, rounds = host_cpus() > 1 ? 200 : 20;

	for (unsigned i = 0; i < 2; i++)
		victim[i] = thread_in(SELF, i, suspend_the_other, (void *)(uintptr_t)i);
	for (unsigned i = 0; i < 2; i++)
		OK(thread_resume(victim[i]));
	while (round < rounds && they_go_on())
		round++;
	EQUAL(round, rounds);
	for (unsigned i = 0; i < 2; i++)
		end_thread(victim[i]);
}

/* --- registers --- */

static void
registers_are_what_was_set(void)
{
	thread_t thread = thread_in(SELF, 0, arrive, (void *)77);
	struct thread_state state;
	uint32_t size = sizeof(state) + 100;

	OK(thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size));
	EQUAL(size, sizeof(state));
	EQUAL(THREAD_STATE_PC(&state), (uintptr_t)arrive);
	reached = 0;
	OK(thread_resume(thread));
	await(&reached, 77);
	CHECK(is_gone(thread));
}

static void
wrong_state_arguments_are_refused(void)
{
	thread_t thread = thread_in(SELF, 0, arrive, NULL);
	struct thread_state state = {0};
	uint32_t size = sizeof(state) - 1;

	EQUAL(thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size), KERN_INVALID_ARGUMENT);
	size = sizeof(state);
	EQUAL(thread_get_state(thread, 0, &state, &size), KERN_INVALID_ARGUMENT);
	EQUAL(thread_get_state(thread, 99, &state, &size), KERN_INVALID_ARGUMENT);
	EQUAL(thread_get_state(thread, THREAD_STATE_GENERAL, (void *)8, &size), KERN_INVALID_ADDRESS);
	EQUAL(thread_get_state(thread, THREAD_STATE_GENERAL, &state, NULL), KERN_INVALID_ADDRESS);
	EQUAL(thread_set_state(thread, THREAD_STATE_GENERAL, &state, 8), KERN_INVALID_ARGUMENT);
	EQUAL(thread_set_state(thread, THREAD_STATE_GENERAL, &state, ~0u), KERN_INVALID_ARGUMENT);
	EQUAL(thread_set_state(thread, THREAD_STATE_GENERAL, (void *)8, size), KERN_INVALID_ADDRESS);
	EQUAL(thread_set_state(SELF, THREAD_STATE_GENERAL, &state, size), KERN_INVALID_ARGUMENT);
	end_thread(thread);
}

/* Where both layouts have nothing but vector registers. */
#define VECTORS_FROM	160
#define VECTORS_BYTES	240

static void
floating_point_registers_are_what_was_set(void)
{
	thread_t thread = thread_in(SELF, 0, arrive, NULL);
	struct thread_float_state state, back;
	uint32_t size = sizeof(state);

	OK(thread_get_state(thread, THREAD_STATE_FLOAT, &state, &size));
	EQUAL(size, sizeof(state));
	for (unsigned i = 0; i < VECTORS_BYTES; i++)
		((uint8_t *)&state)[VECTORS_FROM + i] = (uint8_t)(i * 7 + 1);
	OK(thread_set_state(thread, THREAD_STATE_FLOAT, &state, sizeof(state)));
	OK(thread_get_state(thread, THREAD_STATE_FLOAT, &back, &size));
	EQUAL(memcmp((char *)&state + VECTORS_FROM, (char *)&back + VECTORS_FROM, VECTORS_BYTES), 0);
	memset(&state, 0xff, sizeof(state));	/* what may not be set is dropped */
	OK(thread_set_state(thread, THREAD_STATE_FLOAT, &state, sizeof(state)));
	OK(thread_resume(thread));
	CHECK(is_gone(thread));
}

static double sums[2];
static volatile uint32_t summed[2];

static void
add_up(void *argument)
{
	uintptr_t which = (uintptr_t)argument;
	double sum = 0, step = which == 0 ? 0.5 : 0.25;

	for (int i = 0; i < 2000000; i++) {
		sum += step;
		__asm__ volatile("" : "+m"(step));
	}
	sums[which] = sum;
	summed[which] = 1;
	thread_terminate(mach_thread_self());
}

static void
floating_point_survives_being_stopped(void)
{
	thread_t threads[2];

	for (unsigned i = 0; i < 2; i++) {
		summed[i] = 0;
		threads[i] = thread_run(i, add_up, (void *)(uintptr_t)i);
	}
	for (unsigned i = 0; i < 60; i++) {
		struct thread_float_state state;
		uint32_t size = sizeof(state);
		thread_t thread = threads[i % 2];

		if (thread_suspend(thread) != KERN_SUCCESS)
			continue;
		if (thread_get_state(thread, THREAD_STATE_FLOAT, &state, &size) == KERN_SUCCESS)
			OK(thread_set_state(thread, THREAD_STATE_FLOAT, &state, size));
		thread_resume(thread);
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		await(&summed[i], 1);
		CHECK(is_gone(threads[i]));
	}
	CHECK(sums[0] == 1000000.0);
	CHECK(sums[1] == 500000.0);
}

static void
set_own_entry(void *argument)
{
	set_entry(mach_thread_self(), 1, arrive, argument);
	reached = ~0u;			/* not reached */
}

static void
show(void *number)
{
	for (;;)
		reached = (uint32_t)(uintptr_t)number;
}

static void
let_go(void *thread)
{
	for (;;)
		thread_resume((thread_t)(uintptr_t)thread);
}

/* Who sets registers holds the thread meanwhile, and nobody else can let it go; who suspends a thread does not wait for one that somebody lets go. */
static void
registers_are_set_whoever_resumes(void)
{
	thread_t thread = thread_run(0, show, (void *)1), other = thread_run(1, let_go, (void *)(uintptr_t)thread);
	const uint32_t rounds = 50;

	for (uint32_t i = 2; i < rounds && (i == 2 || reached == i - 1); i++) {
		set_entry(thread, 0, show, (void *)(uintptr_t)i);
		for (unsigned tries = 0; reached != i && tries < 1000; tries++)
			clock_sleep(1);
		EQUAL(reached, i);
		OK(thread_suspend(thread));
	}
	end_thread(other);
	end_thread(thread);
}

static void
a_thread_may_set_its_own_registers(void)
{
	thread_t thread;

	reached = 0;
	thread = thread_run(0, set_own_entry, (void *)83);
	await(&reached, 83);
	CHECK(is_gone(thread));
}

/* --- death --- */

static void
a_dead_thread_takes_no_traps(void)
{
	thread_t thread = thread_in(SELF, 0, spin, (void *)&ticks);
	struct thread_info info;

	OK(thread_terminate(thread));
	for (unsigned tries = 0; type_of(thread) != MACH_PORT_TYPE_DEAD_NAME && tries < 100; tries++)
		clock_sleep(1);
	EQUAL(thread_terminate(thread), KERN_INVALID_ARGUMENT);
	EQUAL(thread_suspend(thread), KERN_INVALID_ARGUMENT);
	EQUAL(thread_resume(thread), KERN_INVALID_ARGUMENT);
	EQUAL(thread_abort(thread), KERN_INVALID_ARGUMENT);
	EQUAL(thread_info(thread, &info), KERN_INVALID_ARGUMENT);
	EQUAL(thread_switch(thread, SWITCH_OPTION_NONE, 0), KERN_INVALID_ARGUMENT);
	EQUAL(thread_set_exception_port(thread, MACH_PORT_NULL), KERN_INVALID_ARGUMENT);
	EQUAL(thread_suspend(MACH_PORT_NULL), KERN_INVALID_ARGUMENT);
	EQUAL(thread_suspend(SELF), KERN_INVALID_ARGUMENT);
	EQUAL(task_suspend(thread), KERN_INVALID_TASK);
	EQUAL(task_suspend(HOST), KERN_INVALID_TASK);
	drop_port(thread);
}

/* --- the CPU --- */

static mach_port_t echo_port;

/* Answers and waits in one call, so that the CPU goes from thread to thread and through no queue. */
static void *
echo(void *argument)
{
	static struct message e;
	mach_msg_return_t mr;

	(void)argument;
	mr = mach_msg(&e.head, MACH_RCV_MSG, 0, sizeof(e), echo_port, 0, 0);
	while (mr == MACH_MSG_SUCCESS && e.head.msgh_id != 0) {
		e.head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(e.head.msgh_bits), 0);
		e.head.msgh_local_port = MACH_PORT_NULL;
		mr = mach_msg(&e.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(e.head), sizeof(e),
			echo_port, 0, 0);
	}
	return NULL;
}

static void
rpc(mach_port_t reply)
{
	message_init(&m, echo_port, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	OK(mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(m.head), sizeof(m), reply, 0, 0));
}

static void
threads_that_hand_over_do_not_starve_others(void)
{
	mach_port_t reply = new_port();
	uint64_t since, before;
	cthread_t server;
	thread_t thread;

	echo_port = new_send();
	server = start(echo, NULL);
	thread = thread_run(0, spin, (void *)&ticks);
	CHECK(moves(&ticks));
	before = info_of(thread).user_time;
	since = clock_now();
	while (clock_now() - since < 200 * MS)
		rpc(reply);
	/* Half of the time is its; a host that stops the machine in the middle of a turn may give it some anyway. */
	CHECK(info_of(thread).user_time - before > (clock_now() - since) / 8);
	end_thread(thread);
	OK(send_word(echo_port, 0, 0));
	cthread_join(server);
	drop_port(echo_port), drop_port(reply);
}

static volatile uint32_t shuffling;
static volatile thread_t shuffled;

static void *
shuffle(void *argument)
{
	(void)argument;
	/* Worse than all it gives, so that it does not keep the CPU from the other. */
	thread_set_priority(MACH_PORT_NULL, mach_thread_self(), MACH_PRIORITY_USER + 16);
	for (int i = 0; shuffling; i++)
		thread_set_priority(MACH_PORT_NULL, shuffled, MACH_PRIORITY_USER + i % 16);
	return NULL;
}

static void
priorities_may_change_at_any_time(void)
{
	mach_port_t reply = new_port();
	cthread_t server, other;

	echo_port = new_send();
	server = start(echo, NULL);
	shuffled = cthread_port(server);
	shuffling = 1;
	other = start(shuffle, NULL);
	for (int i = 0; i < 3000; i++) {
		rpc(reply);
		if (i % 16 == 0)
			thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0);
	}
	shuffling = 0;
	cthread_join(other);
	OK(send_word(echo_port, 0, 0));
	cthread_join(server);
	drop_port(echo_port), drop_port(reply);
}

/* Of a thread on a run queue and of one that runs. */
static void
priorities_take_effect_at_once(void)
{
	thread_t thread;

	crowd_begin(1, MACH_PRIORITY_USER + 8);
	thread = thread_in(SELF, 0, spin, (void *)&ticks);
	OK(thread_set_priority(MACH_PORT_NULL, thread, MACH_PRIORITY_WORST));
	OK(thread_resume(thread));
	for (unsigned i = 0; i < 10; i++) {
		CHECK(stands(&ticks));
		OK(thread_set_priority(MACH_PORT_NULL, thread, MACH_PRIORITY_USER + 4));
		CHECK(moves(&ticks));
		OK(thread_set_priority(MACH_PORT_NULL, thread, MACH_PRIORITY_WORST));
		clock_sleep(1);			/* the other CPU has heard of it */
	}
	crowd_end();			/* before that it gets no CPU to die on */
	end_thread(thread);
}

static void
thread_switch_waits_and_hands_over(void)
{
	thread_t thread, self = mach_thread_self();
	uint64_t before;

	OK(thread_switch(MACH_PORT_NULL, SWITCH_OPTION_DEPRESS, 1000));	/* nobody to wait for */
	EQUAL(info_of(self).current_priority, MACH_PRIORITY_USER);
	thread = thread_run(0, spin, (void *)&ticks);
	before = clock_now();
	OK(thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 50));
	CHECK(clock_now() - before >= 50 * MS);			/* more than half of it and the turn of the other */
	OK(thread_switch(thread, SWITCH_OPTION_NONE, 0));
	before = clock_now();
	OK(thread_switch(MACH_PORT_NULL, SWITCH_OPTION_DEPRESS, 1));	/* ends although the other goes on */
	CHECK(clock_now() - before < 1000 * MS);
	EQUAL(info_of(self).current_priority, MACH_PRIORITY_USER);
	OK(mach_port_deallocate(SELF, self));
	EQUAL(thread_switch(MACH_PORT_NULL, 3, 0), KERN_INVALID_ARGUMENT);
	EQUAL(thread_switch(MACH_PORT_NULL, -1, 0), KERN_INVALID_ARGUMENT);
	end_thread(thread);
}

int
main(void)
{
	check_begin();
	RULE(a_new_thread_is_suspended_once);
	RULE(suspend_counts_add_up);
	RULE(a_suspended_thread_has_stopped_when_the_trap_returns);
	RULE(threads_may_suspend_each_other);
	RULE(registers_are_what_was_set);
	RULE(wrong_state_arguments_are_refused);
	RULE(floating_point_registers_are_what_was_set);
	RULE(floating_point_survives_being_stopped);
	RULE(a_thread_may_set_its_own_registers);
	RULE(registers_are_set_whoever_resumes);
	RULE(a_dead_thread_takes_no_traps);
	RULE(threads_that_hand_over_do_not_starve_others);
	RULE(priorities_may_change_at_any_time);
	RULE(priorities_take_effect_at_once);
	RULE(thread_switch_waits_and_hands_over);
	check_end();
}
