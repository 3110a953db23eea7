/*
 * MACH.md section 3, exceptions: what the message says, who is asked in which order, which replies
 * count, what abort, termination and the death of a handler do. The main thread is the handler; the
 * threads that fault have no thread-local data.
 */
#include "ipc_check.h"
#include "threads.h"

#include <mach/exception.h>
#include <string.h>

#include "instruction.h"
#include "trap.h"

#define SELF	mach_task_self()
#define HOLE	0x0000600000000000ull	/* nothing is mapped here */

static union {
	struct message message;
	struct exception_raise_request raised;
} m;

/* --- threads that fault --- */

static void
touch(void *argument)
{
	*(volatile uint32_t *)argument = 1;
	arrive((void *)1);
}

static void
trap(void *argument)
{
	(void)argument;
	__builtin_trap();
}

static void
stumble(void *instruction)
{
	((void (*)(void))(uintptr_t)instruction)();
	arrive((void *)9);
}

/* A thread with that exception port, suspended or running. */
static thread_t
suspended_thread_with(task_t task, mach_port_t handler, void (*function)(void *), void *argument)
{
	thread_t thread = MACH_PORT_NULL;

	reached = 0;
	OK(thread_create(task, &thread));
	set_entry(thread, 0, function, argument);
	OK(thread_set_exception_port(thread, handler));
	return thread;
}

static thread_t
thread_with(task_t task, mach_port_t handler, void (*function)(void *), void *argument)
{
	thread_t thread = suspended_thread_with(task, handler, function, argument);

	OK(thread_resume(thread));
	return thread;
}

/* --- the handler --- */

/* Takes the next exception message; its thread and task rights are given back. Returns the reply right. */
static mach_port_t
take(mach_port_t box, thread_t thread)
{
	mach_msg_return_t mr = message_receive(&m.message, box, 3000);

	EQUAL(mr, MACH_MSG_SUCCESS);
	if (mr != MACH_MSG_SUCCESS)
		return MACH_PORT_NULL;
	EQUAL(m.raised.header.msgh_id, EXC_RAISE_ID);
	EQUAL(m.raised.header.msgh_size, EXC_RAISE_REQUEST_SIZE);
	EQUAL(trailer_of(&m.message)->msgh_sender.label, 0);
	EQUAL(m.raised.thread.name, thread);
	EQUAL(type_of(m.raised.task.name), MACH_PORT_TYPE_SEND);
	mach_port_deallocate(SELF, m.raised.thread.name);
	mach_port_deallocate(SELF, m.raised.task.name);
	return m.raised.header.msgh_remote_port;
}

/* Answers with `bytes` of body, the first word of which is the code. */
static void
answer_with(mach_port_t reply, int id, int32_t code, unsigned bytes)
{
	static struct message r;

	message_init(&r, reply, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, id);
	memset(r.words, 0, bytes);
	r.words[0] = (uint32_t)code;
	OK(message_send(&r, sizeof(r.head) + bytes, 0));
}

static void
answer(mach_port_t reply, int32_t code)
{
	answer_with(reply, EXC_RAISE_REPLY_ID, code, 8);
}

/* --- what the message says --- */

static void
a_bad_access_names_the_address(void)
{
	mach_port_t box = new_send(), reply, task = 0;
	thread_t thread = thread_with(SELF, box, touch, (void *)(HOLE + 8));
	vm_address_t address = HOLE;

	OK(task_get_special_port(SELF, TASK_KERNEL_PORT, &task));
	reply = take(box, thread);
	EQUAL(m.raised.task.name, task);
	OK(mach_port_deallocate(SELF, task));
	EQUAL(m.raised.exception, EXC_BAD_ACCESS);
	EQUAL(m.raised.code, KERN_INVALID_ADDRESS);
	EQUAL(m.raised.subcode, HOLE + 8);
	OK(vm_allocate(SELF, &address, VM_PAGE_SIZE, 0));
	answer(reply, KERN_SUCCESS);
	CHECK(is_gone(thread));
	EQUAL(reached, 1);
	EQUAL(*(volatile uint32_t *)(HOLE + 8), 1);
	OK(vm_protect(SELF, HOLE, VM_PAGE_SIZE, false, VM_PROT_READ));
	thread = thread_with(SELF, box, touch, (void *)(HOLE + 16));
	reply = take(box, thread);
	EQUAL(m.raised.code, KERN_PROTECTION_FAILURE);
	EQUAL(m.raised.subcode, HOLE + 16);
	OK(vm_protect(SELF, HOLE, VM_PAGE_SIZE, false, VM_PROT_DEFAULT));
	answer(reply, KERN_SUCCESS);
	CHECK(is_gone(thread));
	OK(vm_deallocate(SELF, HOLE, VM_PAGE_SIZE));
	drop_port(box);
}

static void
kernel_addresses_are_bad_accesses(void)
{
	static const uint64_t addresses[] = {
		0, 0x1000, 0x7ffffffff000, 0xffff800000000000, 0xffffffff80200000, ~7ull,
	};
	mach_port_t box = new_send();

	for (unsigned i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		thread_t thread = thread_with(SELF, box, touch, (void *)addresses[i]);
		mach_port_t reply = take(box, thread);

		EQUAL(m.raised.exception, EXC_BAD_ACCESS);
		EQUAL(m.raised.code, KERN_INVALID_ADDRESS);
		EQUAL(m.raised.subcode, addresses[i]);
		end_thread(thread);
		EQUAL(reached, 0);
		drop_port(reply);
	}
	drop_port(box);
}

static void
every_exception_tells_its_kind(void)
{
	static const struct {
		void (*instruction)(void);
		int exception, code;		/* code 0: the machine's own */
	} all[] = {
		{illegal_instruction, EXC_BAD_INSTRUCTION, 0},
		{breakpoint_instruction, EXC_BREAKPOINT, 0},
		{divide_by_zero, DIVISION_BY_ZERO_RAISES ? EXC_ARITHMETIC : 0, EXC_ARITH_DIVIDE},
	};
	mach_port_t box = new_send(), reply;

	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++) {
		thread_t thread = thread_with(SELF, box, stumble, (void *)(uintptr_t)all[i].instruction);

		if (all[i].exception != 0) {
			reply = take(box, thread);
			EQUAL(m.raised.exception, all[i].exception);
			if (all[i].code != 0)
				EQUAL(m.raised.code, all[i].code);
			set_entry(thread, 1, arrive, (void *)9);
			answer(reply, KERN_SUCCESS);
		}
		CHECK(is_gone(thread));
		EQUAL(reached, 9);
	}
	drop_port(box);
}

static void
registers_may_be_changed_meanwhile(void)
{
	mach_port_t box = new_send(), reply;
	thread_t thread = thread_with(SELF, box, trap, NULL);
	struct thread_state state;
	uint32_t size = sizeof(state);

	reply = take(box, thread);
	CHECK(m.raised.exception == EXC_BAD_INSTRUCTION || m.raised.exception == EXC_BREAKPOINT);
	OK(thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size));
	CHECK(THREAD_STATE_PC(&state) - (uintptr_t)trap < 64);
	set_entry(thread, 1, arrive, (void *)42);
	answer(reply, KERN_SUCCESS);
	CHECK(is_gone(thread));
	EQUAL(reached, 42);
	drop_port(box);
}

static void
no_register_contents_hurt_the_kernel(void)
{
	static const uint8_t fill[] = {0xff, 0x80, 0x7f, 0x00, 0x55};
	mach_port_t box = new_send();

	for (unsigned i = 0; i < sizeof(fill); i++) {
		thread_t thread = thread_with(SELF, box, trap, NULL);
		mach_port_t reply = take(box, thread);
		struct thread_state state;

		memset(&state, fill[i], sizeof(state));
		OK(thread_set_state(thread, THREAD_STATE_GENERAL, &state, sizeof(state)));
		answer(reply, KERN_SUCCESS);
		reply = take(box, thread);	/* it faults in user mode, at once */
		end_thread(thread);
		drop_port(reply);
	}
	drop_port(box);
}

static void
mask_and_arrive(void *argument)
{
	mask_interrupts();
	arrive(argument);
}

static void
no_flags_give_privilege(void)
{
	mach_port_t box = new_send(), reply;
	thread_t thread = suspended_thread_with(SELF, box, mask_and_arrive, (void *)4);
	struct thread_state state;
	uint32_t size = sizeof(state);

	OK(thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size));
	FORBIDDEN_FLAGS(&state);
	OK(thread_set_state(thread, THREAD_STATE_GENERAL, &state, size));
	OK(thread_resume(thread));
	reply = take(box, thread);
	end_thread(thread);
	EQUAL(reached, 0);
	drop_port(reply), drop_port(box);
}

/* --- who is asked --- */

static void
first_the_thread_then_the_task_then_the_end(void)
{
	mach_port_t box = new_send(), task_box = new_send(), reply;
	task_t child = child_create(false);
	thread_t thread;

	OK(task_set_special_port(child, TASK_EXCEPTION_PORT, task_box));
	thread = thread_with(child, box, touch, (void *)HOLE);
	reply = take(box, thread);
	CHECK(queue_empty(task_box));
	answer(reply, KERN_FAILURE);
	reply = take(task_box, thread);
	EQUAL(m.raised.subcode, HOLE);
	EQUAL(type_of(child), MACH_PORT_TYPE_SEND);
	answer(reply, KERN_FAILURE);
	child_wait(child);
	EQUAL(type_of(thread), MACH_PORT_TYPE_DEAD_NAME);
	CHECK(queue_empty(box));
	drop_port(thread), drop_port(box), drop_port(task_box);
}

static void
without_handlers_the_task_ends(void)
{
	task_t child = child_create(false);
	thread_t thread = thread_with(child, MACH_PORT_NULL, touch, (void *)HOLE);

	child_wait(child);
	drop_port(thread);
}

/* The thread's fault is the task handler's, who mends it. */
static void
mended_by_the_task(thread_t thread, mach_port_t task_box)
{
	mach_port_t reply = take(task_box, thread);

	set_entry(thread, 1, arrive, (void *)3);
	answer(reply, KERN_SUCCESS);
	CHECK(is_gone(thread));
	EQUAL(reached, 3);
}

static void
refuse(mach_port_t box, mach_port_t reply)
{
	(void)box;
	answer(reply, KERN_FAILURE);
}

static void
wrong_id(mach_port_t box, mach_port_t reply)
{
	(void)box;
	answer_with(reply, EXC_RAISE_REPLY_ID + 1, KERN_SUCCESS, 8);
}

static void
too_short(mach_port_t box, mach_port_t reply)
{
	(void)box;
	answer_with(reply, EXC_RAISE_REPLY_ID, KERN_SUCCESS, 0);
}

static void
too_long(mach_port_t box, mach_port_t reply)
{
	(void)box;
	answer_with(reply, EXC_RAISE_REPLY_ID, KERN_SUCCESS, 64);
}

static void
with_a_right(mach_port_t box, mach_port_t reply)
{
	static struct message r;

	message_init(&r, reply, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, EXC_RAISE_REPLY_ID);
	put_port(&r, 0, box, MACH_MSG_TYPE_COPY_SEND);
	r.after[0] = KERN_SUCCESS;
	OK(message_send(&r, sizeof(r.head) + sizeof(mach_msg_descriptor_t) + 8, 0));
}

static void
drop_the_reply(mach_port_t box, mach_port_t reply)
{
	(void)box;
	OK(mach_port_deallocate(SELF, reply));
}

static void
die(mach_port_t box, mach_port_t reply)
{
	drop_port(box);
	OK(mach_port_deallocate(SELF, reply));
}

static void
replies_that_do_not_count_pass_it_on(void)
{
	static void (*const failures[])(mach_port_t, mach_port_t) = {
		refuse, wrong_id, too_short, too_long, with_a_right, drop_the_reply, die,
	};
	mach_port_t task_box = new_send();

	OK(task_set_special_port(SELF, TASK_EXCEPTION_PORT, task_box));
	for (unsigned i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		mach_port_t box = new_send();
		thread_t thread = thread_with(SELF, box, trap, NULL);

		failures[i](box, take(box, thread));
		mended_by_the_task(thread, task_box);
		drop_port(box);
	}
	OK(task_set_special_port(SELF, TASK_EXCEPTION_PORT, MACH_PORT_NULL));
	drop_port(task_box);
}

static void
dead_handlers_pass_it_on(void)
{
	mach_port_t box = new_send(), task_box = new_send();
	thread_t thread;

	OK(task_set_special_port(SELF, TASK_EXCEPTION_PORT, task_box));
	thread = suspended_thread_with(SELF, box, trap, NULL);
	drop_port(box);				/* dead before the fault */
	OK(thread_resume(thread));
	mended_by_the_task(thread, task_box);
	box = new_send();
	thread = thread_with(SELF, box, trap, NULL);
	settle();
	drop_port(box);				/* dies with the message queued */
	mended_by_the_task(thread, task_box);
	OK(task_set_special_port(SELF, TASK_EXCEPTION_PORT, MACH_PORT_NULL));
	drop_port(task_box);
}

/* A handler that has as many messages as any queue may hold gets no more: else whoever may fault could fill the kernel's memory. */
static void
flooded_handlers_pass_it_on(void)
{
	mach_port_t box = new_flooded(), task_box = new_send(), reply;
	task_t child = child_create(false);
	thread_t thread;

	OK(task_set_special_port(SELF, TASK_EXCEPTION_PORT, task_box));
	thread = thread_with(SELF, box, trap, NULL);
	mended_by_the_task(thread, task_box);
	EQUAL(status_of(box).mps_msgcount, MACH_PORT_QLIMIT_MAX);
	OK(task_set_special_port(SELF, TASK_EXCEPTION_PORT, box));
	OK(task_set_special_port(child, TASK_EXCEPTION_PORT, box));
	thread = thread_with(child, box, trap, NULL);
	CHECK(is_gone(child));
	drop_port(thread);
	EQUAL(next_id(box), 1);
	thread = thread_with(SELF, box, trap, NULL);	/* there is room again */
	settle();
	drop_messages(box, MACH_PORT_QLIMIT_MAX - 1);
	reply = take(box, thread);
	set_entry(thread, 1, arrive, (void *)7);
	answer(reply, KERN_SUCCESS);
	CHECK(is_gone(thread));
	EQUAL(reached, 7);
	OK(task_set_special_port(SELF, TASK_EXCEPTION_PORT, MACH_PORT_NULL));
	OK(mach_port_deallocate(SELF, box));
	EQUAL(status_of(box).mps_srights, 0);		/* nobody who was refused has kept one */
	drop_port(box), drop_port(task_box);
}

/* --- while it waits --- */

static void
abort_raises_it_again(void)
{
	mach_port_t box = new_send(), first, second;
	thread_t thread = thread_with(SELF, box, trap, NULL);

	first = take(box, thread);
	OK(thread_abort(thread));
	second = take(box, thread);
	CHECK(first != second);
	EQUAL(type_of(first), MACH_PORT_TYPE_DEAD_NAME);	/* a late reply meets a dead name */
	drop_port(first);
	answer(second, KERN_SUCCESS);				/* to no avail: it happens again */
	second = take(box, thread);
	end_thread(thread);
	drop_port(second), drop_port(box);
}

static void
abort_and_another_pc_do_not(void)
{
	mach_port_t box = new_send(), reply;
	thread_t thread = thread_with(SELF, box, trap, NULL);

	reply = take(box, thread);
	OK(thread_suspend(thread));
	OK(thread_abort(thread));
	set_entry(thread, 1, arrive, (void *)5);
	OK(thread_resume(thread));
	CHECK(is_gone(thread));
	EQUAL(reached, 5);
	CHECK(queue_empty(box));
	EQUAL(type_of(reply), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(reply), drop_port(box);
}

static void
a_kept_reply_stops_only_that_thread(void)
{
	mach_port_t box = new_send(), reply;
	thread_t thread = thread_with(SELF, box, trap, NULL);
	struct thread_info info;

	reply = take(box, thread);
	settle();
	OK(thread_info(thread, &info));
	EQUAL(info.state, THREAD_STATE_WAITING);
	end_thread(thread);
	EQUAL(type_of(reply), MACH_PORT_TYPE_DEAD_NAME);
	EQUAL(reached, 0);
	drop_port(reply), drop_port(box);
}

static void
a_task_can_be_killed_in_its_handlers_hands(void)
{
	mach_port_t box = new_send(), reply;
	task_t child = child_create(false);
	thread_t thread = thread_with(child, box, trap, NULL);

	reply = take(box, thread);
	child_end(child);
	EQUAL(type_of(reply), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(thread), drop_port(reply), drop_port(box);
}

static void
a_suspended_thread_goes_on_after_its_resume(void)
{
	mach_port_t box = new_send(), reply;
	thread_t thread = thread_with(SELF, box, trap, NULL);

	reply = take(box, thread);
	OK(thread_suspend(thread));
	set_entry(thread, 1, arrive, (void *)6);
	answer(reply, KERN_SUCCESS);
	settle();
	EQUAL(reached, 0);
	OK(thread_resume(thread));
	CHECK(is_gone(thread));
	EQUAL(reached, 6);
	drop_port(box);
}

static void
call_unknown(void *argument)
{
	trap0((uint64_t)argument);
	arrive((void *)8);
}

/* Numbers that no trap has, in the table and far out of it; handled, the thread goes on behind the trap. */
static void
unknown_traps_raise_syscall(void)
{
	static const uint64_t unknown[] = {0, 12, 159, 160, 1000, 1ull << 32, ~0ull};
	mach_port_t box = new_send();

	for (unsigned i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		thread_t thread = thread_with(SELF, box, call_unknown, (void *)unknown[i]);
		mach_port_t reply = take(box, thread);

		EQUAL(m.raised.exception, EXC_SYSCALL);
		EQUAL(m.raised.code, (int32_t)unknown[i]);
		answer(reply, KERN_SUCCESS);
		CHECK(is_gone(thread));
		EQUAL(reached, 8);
	}
	drop_port(box);
}

static void
nothing_is_left_behind(void)
{
	struct task_info before, after;

	OK(task_info(SELF, &before));
	for (int i = 0; i < 3; i++) {
		a_bad_access_names_the_address();
		replies_that_do_not_count_pass_it_on();
		dead_handlers_pass_it_on();
		abort_raises_it_again();
		first_the_thread_then_the_task_then_the_end();
		a_kept_reply_stops_only_that_thread();
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
	RULE(a_bad_access_names_the_address);
	RULE(kernel_addresses_are_bad_accesses);
	RULE(every_exception_tells_its_kind);
	RULE(registers_may_be_changed_meanwhile);
	RULE(no_register_contents_hurt_the_kernel);
	RULE(no_flags_give_privilege);
	RULE(first_the_thread_then_the_task_then_the_end);
	RULE(without_handlers_the_task_ends);
	RULE(replies_that_do_not_count_pass_it_on);
	RULE(dead_handlers_pass_it_on);
	RULE(flooded_handlers_pass_it_on);
	RULE(abort_raises_it_again);
	RULE(abort_and_another_pc_do_not);
	RULE(a_kept_reply_stops_only_that_thread);
	RULE(a_task_can_be_killed_in_its_handlers_hands);
	RULE(a_suspended_thread_goes_on_after_its_resume);
	RULE(unknown_traps_raise_syscall);
	RULE(nothing_is_left_behind);
	check_end();
}
