/*
 * MACH.md section 3, tasks and threads: suspend counts, registers, abort, death, special ports,
 * priorities, limits, giving the CPU away. Threads made here have no thread-local data: they run
 * plain functions on stacks of this file.
 */
#include "ipc_check.h"

#include <mach/task_info.h>
#include <mach/thread_status.h>
#include <string.h>

#include "mach/tls.h"

#define SELF	mach_task_self()
#define HOST	startup_info->host
#define SLOTS	4
#define STACK	16384
#define MS	1000000ull

static char stacks[SLOTS][STACK] __attribute__((aligned(16)));
static struct message m;

/* --- threads --- */

static void
set_entry(thread_t thread, unsigned slot, void (*function)(void *), void *argument)
{
	struct thread_state state;

	thread_state_call(&state, function, argument, (uint64_t)stacks[slot] + STACK, 0);
	OK(thread_set_state(thread, THREAD_STATE_GENERAL, &state, sizeof(state)));
}

/* A thread that is about to run function(argument), suspended. */
static thread_t
thread_in(task_t task, unsigned slot, void (*function)(void *), void *argument)
{
	thread_t thread = MACH_PORT_NULL;

	OK(thread_create(task, &thread));
	set_entry(thread, slot, function, argument);
	return thread;
}

static thread_t
thread_run(unsigned slot, void (*function)(void *), void *argument)
{
	thread_t thread = thread_in(SELF, slot, function, argument);

	OK(thread_resume(thread));
	return thread;
}

/* Whether its port dies soon; gives the name back. */
static bool
is_gone(thread_t thread)
{
	unsigned tries = 400;

	while (type_of(thread) != MACH_PORT_TYPE_DEAD_NAME && --tries > 0)
		clock_sleep(5);
	drop_port(thread);
	return tries > 0;
}

static void
end_thread(thread_t thread)
{
	OK(thread_terminate(thread));
	CHECK(is_gone(thread));
}

static struct thread_info
info_of(thread_t thread)
{
	struct thread_info info = {0};

	OK(thread_info(thread, &info));
	return info;
}

static void
await(volatile uint32_t *word, uint32_t value)
{
	for (unsigned tries = 0; *word != value && tries < 400; tries++)
		clock_sleep(5);
	EQUAL(*word, value);
}

static volatile uint64_t ticks;

static void
spin(void *argument)
{
	volatile uint64_t *count = argument;

	for (;;)
		(*count)++;
}

static bool
moves(volatile uint64_t *count)
{
	uint64_t before = *count;

	for (unsigned tries = 0; *count == before && tries < 40; tries++)
		clock_sleep(5);
	return *count != before;
}

static bool
stands(volatile uint64_t *count)
{
	uint64_t before = *count;

	clock_sleep(25);
	return *count == before;
}

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
		OK(thread_resume(thread));
	}
	end_thread(thread);
}

static void
a_task_and_its_threads_are_counted_separately(void)
{
	vm_address_t page = 0;
	volatile uint64_t *count;
	struct task_info info;
	thread_t thread;
	task_t child;

	OK(vm_allocate(SELF, &page, VM_PAGE_SIZE, VM_FLAGS_ANYWHERE));
	OK(vm_inherit(SELF, page, VM_PAGE_SIZE, VM_INHERIT_SHARE));
	count = (volatile uint64_t *)page;
	child = child_create(false);
	thread = thread_in(child, 0, spin, (void *)page);
	OK(task_suspend(child));
	OK(thread_resume(thread));
	CHECK(stands(count));
	OK(task_suspend(child));
	OK(task_info(child, &info));
	EQUAL(info.suspend_count, 2);
	OK(task_resume(child));
	CHECK(stands(count));
	OK(thread_suspend(thread));
	OK(task_resume(child));
	CHECK(stands(count));
	OK(thread_resume(thread));
	CHECK(moves(count));
	EQUAL(task_resume(child), KERN_FAILURE);
	OK(task_suspend(child));
	CHECK(stands(count));
	child_end(child);		/* suspended tasks die too */
	EQUAL(type_of(thread), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(thread);
	OK(vm_deallocate(SELF, page, VM_PAGE_SIZE));
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
	}
}

static void
threads_may_suspend_each_other(void)
{
	for (unsigned i = 0; i < 2; i++)
		victim[i] = thread_in(SELF, i, suspend_the_other, (void *)(uintptr_t)i);
	for (unsigned round = 0; round < 400; round++) {
		for (unsigned i = 0; i < 2; i++)
			thread_resume(victim[i]);
		if (round % 8 == 0)
			clock_sleep(1);
	}
	for (unsigned i = 0; i < 2; i++)
		end_thread(victim[i]);
	CHECK(suspensions[0] + suspensions[1] > 0);
}

static void
suspend_own_task(void *argument)
{
	(void)argument;
	for (;;)
		task_suspend(mach_task_self());
}

static void
threads_may_suspend_their_task_at_once(void)
{
	task_t child = child_create(false);
	thread_t threads[SLOTS];

	for (unsigned i = 0; i < SLOTS; i++) {
		threads[i] = thread_in(child, i, suspend_own_task, NULL);
		OK(thread_resume(threads[i]));
	}
	for (unsigned round = 0; round < 400; round++) {
		task_resume(child);
		if (round % 8 == 0)
			clock_sleep(1);
	}
	child_end(child);
	for (unsigned i = 0; i < SLOTS; i++)
		drop_port(threads[i]);
}

/* --- registers --- */

static volatile uint32_t reached;

static void
arrive(void *argument)
{
	reached = (uint32_t)(uintptr_t)argument;
	thread_terminate(mach_thread_self());
}

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

#define NO_RESULT 0x12345678u

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

/* The wait goes on; when it ends, the thread has the registers that were set and no result over them. */
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
	drop_port(port);
}

static void
set_own_entry(void *argument)
{
	set_entry(mach_thread_self(), 1, arrive, argument);
	reached = ~0u;			/* not reached */
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

static void
special_ports_go_before_the_task_port(void)
{
	task_t child = child_create(false);
	mach_port_t port = new_send(), box = new_port(), previous;

	OK(task_set_special_port(child, TASK_BOOTSTRAP_PORT, port));
	OK(mach_port_deallocate(SELF, port));
	OK(mach_port_request_notification(SELF, port, MACH_NOTIFY_NO_SENDERS, 0, box,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	OK(mach_port_request_notification(SELF, child, MACH_NOTIFY_DEAD_NAME, 0, box,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	CHECK(queue_empty(box));
	OK(task_terminate(child));
	OK(message_receive(&m, box, 1000));
	EQUAL(m.head.msgh_id, MACH_NOTIFY_NO_SENDERS);
	OK(message_receive(&m, box, 1000));
	EQUAL(m.head.msgh_id, MACH_NOTIFY_DEAD_NAME);
	drop_port(child), drop_port(port), drop_port(box);
}

/* --- special ports --- */

static void
special_ports_are_kept_and_inherited(void)
{
	task_t child = child_create(false), grandchild = 0;
	mach_port_t port = new_send(), name = 0;

	OK(task_set_special_port(child, TASK_EXCEPTION_PORT, port));
	OK(task_get_special_port(child, TASK_EXCEPTION_PORT, &name));
	EQUAL(name, port);
	EQUAL(status_of(port).mps_srights, 1);
	OK(task_create(child, 0, &grandchild));
	OK(task_get_special_port(grandchild, TASK_EXCEPTION_PORT, &name));
	EQUAL(name, port);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 3);
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, -3));
	EQUAL(status_of(port).mps_srights, 1);		/* the tasks' */
	OK(task_set_special_port(child, TASK_EXCEPTION_PORT, MACH_PORT_NULL));
	EQUAL(status_of(port).mps_srights, 1);
	child_end(grandchild);
	EQUAL(status_of(port).mps_srights, 0);
	OK(task_get_special_port(child, TASK_EXCEPTION_PORT, &name));
	EQUAL(name, MACH_PORT_NULL);
	OK(task_get_special_port(child, TASK_KERNEL_PORT, &name));
	EQUAL(name, child);
	OK(mach_port_deallocate(SELF, name));
	EQUAL(task_set_special_port(child, TASK_KERNEL_PORT, port), KERN_INVALID_ARGUMENT);
	EQUAL(task_set_special_port(child, TASK_SPECIAL_PORTS, port), KERN_INVALID_ARGUMENT);
	EQUAL(task_get_special_port(child, 0, &name), KERN_INVALID_ARGUMENT);
	EQUAL(task_get_special_port(child, -1, &name), KERN_INVALID_ARGUMENT);
	EQUAL(task_get_special_port(child, 0x7fffffff, &name), KERN_INVALID_ARGUMENT);
	EQUAL(task_set_special_port(child, TASK_HOST_PORT, 0x12345600), KERN_INVALID_NAME);
	child_end(child);
	drop_port(port);
}

/* --- priorities and limits --- */

static void
priorities_above_the_maximum_need_the_host_port(void)
{
	struct task_limits limits = {.max_priority = 20};
	task_t child = child_create(false);
	thread_t thread = thread_in(child, 0, spin, (void *)&ticks);

	EQUAL(info_of(thread).priority, MACH_PRIORITY_USER);
	OK(thread_set_priority(MACH_PORT_NULL, thread, 25));
	EQUAL(info_of(thread).priority, 25);
	OK(thread_set_priority(MACH_PORT_NULL, thread, MACH_PRIORITY_USER));
	EQUAL(thread_set_priority(MACH_PORT_NULL, thread, MACH_PRIORITY_USER - 1), KERN_NO_ACCESS);
	EQUAL(thread_set_priority(SELF, thread, 0), KERN_NO_ACCESS);
	EQUAL(info_of(thread).priority, MACH_PRIORITY_USER);
	OK(thread_set_priority(HOST, thread, MACH_PRIORITY_SYSTEM));
	EQUAL(info_of(thread).priority, MACH_PRIORITY_SYSTEM);
	EQUAL(thread_set_priority(HOST, thread, -1), KERN_INVALID_ARGUMENT);
	EQUAL(thread_set_priority(HOST, thread, 32), KERN_INVALID_ARGUMENT);
	OK(task_set_limits(HOST, child, &limits));
	EQUAL(thread_set_priority(MACH_PORT_NULL, thread, 19), KERN_NO_ACCESS);
	OK(thread_set_priority(MACH_PORT_NULL, thread, 20));
	EQUAL(task_set_limits(SELF, child, &limits), KERN_INVALID_HOST);
	limits.max_priority = 32;
	EQUAL(task_set_limits(HOST, child, &limits), KERN_INVALID_ARGUMENT);
	child_end(child);
	drop_port(thread);
}

static void
threads_are_limited_and_listed(void)
{
	struct task_limits limits = {.threads = 3};
	task_t child = child_create(false);
	thread_t threads[4] = {0}, listed[4] = {0}, one = 0;
	uint32_t count = 4;

	OK(task_set_limits(HOST, child, &limits));
	for (unsigned i = 0; i < 3; i++)
		OK(thread_create(child, &threads[i]));
	EQUAL(thread_create(child, &threads[3]), KERN_RESOURCE_SHORTAGE);
	OK(task_threads(child, listed, &count));
	EQUAL(count, 3);
	for (unsigned i = 0; i < 3; i++) {
		EQUAL(listed[i], threads[i]);
		EQUAL(refs_of(threads[i], MACH_PORT_RIGHT_SEND), 2);
	}
	count = 1;
	OK(task_threads(child, &one, &count));
	EQUAL(count, 3);
	EQUAL(one, threads[0]);
	end_thread(threads[2]);
	OK(thread_create(child, &threads[2]));
	child_end(child);
	for (unsigned i = 0; i < 3; i++)
		drop_port(threads[i]);
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
	uint64_t until, before;
	cthread_t server;
	thread_t thread;

	echo_port = new_send();
	server = start(echo, NULL);
	thread = thread_run(0, spin, (void *)&ticks);
	CHECK(moves(&ticks));
	before = ticks;
	until = clock_now() + 100 * MS;
	while (clock_now() < until)
		rpc(reply);
	CHECK(ticks != before);
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

static void
thread_switch_waits_and_hands_over(void)
{
	thread_t thread, self = mach_thread_self();
	uint64_t before;

	OK(thread_switch(MACH_PORT_NULL, SWITCH_OPTION_DEPRESS, 1000));	/* nobody to wait for */
	EQUAL(info_of(self).current_priority, MACH_PRIORITY_USER);
	thread = thread_run(0, spin, (void *)&ticks);
	before = clock_now();
	OK(thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 20));
	CHECK(clock_now() - before >= 20 * MS);
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

static void
nothing_is_left_behind(void)
{
	struct task_info before, after;

	OK(task_info(SELF, &before));
	for (int i = 0; i < 3; i++) {
		special_ports_are_kept_and_inherited();
		special_ports_go_before_the_task_port();
		threads_die_wherever_they_are();
		threads_are_limited_and_listed();
	}
	OK(task_info(SELF, &after));
	EQUAL(after.port_names, before.port_names);
	EQUAL(after.kernel_memory, before.kernel_memory);
	EQUAL(after.thread_count, before.thread_count);
}

int
main(void)
{
	check_begin();
	RULE(a_new_thread_is_suspended_once);
	RULE(suspend_counts_add_up);
	RULE(a_suspended_thread_has_stopped_when_the_trap_returns);
	RULE(a_task_and_its_threads_are_counted_separately);
	RULE(threads_may_suspend_each_other);
	RULE(threads_may_suspend_their_task_at_once);
	RULE(registers_are_what_was_set);
	RULE(wrong_state_arguments_are_refused);
	RULE(floating_point_registers_are_what_was_set);
	RULE(floating_point_survives_being_stopped);
	RULE(abort_ends_waits);
	RULE(abort_and_set_state_divert_a_wait);
	RULE(a_suspended_wait_still_ends_by_a_message);
	RULE(a_call_that_waits_for_its_answer_can_be_stopped);
	RULE(registers_set_during_a_wait_are_not_lost);
	RULE(a_thread_may_set_its_own_registers);
	RULE(threads_die_wherever_they_are);
	RULE(a_dead_thread_takes_no_traps);
	RULE(special_ports_go_before_the_task_port);
	RULE(special_ports_are_kept_and_inherited);
	RULE(priorities_above_the_maximum_need_the_host_port);
	RULE(threads_are_limited_and_listed);
	RULE(threads_that_hand_over_do_not_starve_others);
	RULE(priorities_may_change_at_any_time);
	RULE(thread_switch_waits_and_hands_over);
	RULE(nothing_is_left_behind);
	check_end();
}
