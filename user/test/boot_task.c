/*
 * MACH.md section 3, tasks: suspend counts, fork in one step, special ports and their end, limits on priorities and threads.
 */
#include "ipc_check.h"
#include "threads.h"

#include <string.h>

#define SELF	mach_task_self()
#define HOST	startup_info->host
#define SLOTS	4

static struct message m;
static volatile uint64_t ticks;

/* --- suspension --- */

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

/* --- special ports --- */

/* First its special ports, then its names, at last its own port. */
static void
special_ports_go_before_the_task_port(void)
{
	task_t child = child_create(false);
	mach_port_t port = new_send(), box = new_port(), previous, home = 0, send = 0;
	uint32_t type;

	OK(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &home));
	OK(mach_port_extract_right(child, home, MACH_MSG_TYPE_MAKE_SEND, &send, &type));
	OK(mach_port_request_notification(SELF, send, MACH_NOTIFY_DEAD_NAME, 0, box,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
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
	EQUAL(m.words[0], send);
	OK(message_receive(&m, box, 1000));
	EQUAL(m.head.msgh_id, MACH_NOTIFY_DEAD_NAME);
	EQUAL(m.words[0], child);
	drop_port(child), drop_port(send), drop_port(port), drop_port(box);
}

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

/* --- fork --- */

#define FORKS		50
#define PIECES		200	/* regions that a fork has to walk */

/*
 * In wired memory, which a fork copies at once, so that writers, whose stack is wired too, do not have to wait for its end; `last` is the
 * last that it comes to.
 */
#define STACK_OF(local)	(((vm_address_t)&(local) & ~(VM_PAGE_SIZE - 1)) - VM_PAGE_SIZE)

static volatile uint64_t *first, *last;
static volatile mach_port_t *noted;	/* 0, or a valid name */

static vm_address_t stack;	/* wired pages of it */

/* Says which name is valid only while it is. `first` is never behind `last`, and at most one ahead. */
static void
note_names(void *argument)
{
	mach_port_t name;

	(void)argument;
	stack = STACK_OF(name);
	OK(vm_wire(HOST, SELF, stack, 2 * VM_PAGE_SIZE, VM_PROT_DEFAULT));
	for (;;) {
		++*first;
		++*last;
		if (mach_port_allocate(SELF, MACH_PORT_RIGHT_DEAD_NAME, &name) != KERN_SUCCESS)
			continue;
		*noted = name;
		*noted = 0;
		mach_port_deallocate(SELF, name);
	}
}

static uint64_t
word_of(task_t child, volatile void *address)
{
	vm_address_t copy = 0;
	uint64_t value = 0;

	OK(vm_read(child, (vm_address_t)address, sizeof(value), &copy));
	if (copy != 0) {
		value = *(uint64_t *)copy;
		OK(vm_deallocate(SELF, copy, sizeof(value)));
	}
	return value;
}

/* The child's memory and the child's names are of the same moment, whatever the parent's other threads do. */
static void
a_fork_is_one_step(void)
{
	vm_size_t size = (2 * PIECES + 1) * VM_PAGE_SIZE;
	vm_address_t pieces = 0;
	mach_port_type_t type;
	mach_port_t name;
	thread_t thread;
	uint64_t before;
	task_t child;

	OK(vm_allocate(SELF, &pieces, size, VM_FLAGS_ANYWHERE));
	first = (volatile uint64_t *)pieces;
	noted = (volatile mach_port_t *)(pieces + 8);
	last = (volatile uint64_t *)(pieces + size - VM_PAGE_SIZE);
	for (vm_address_t i = 1; i < PIECES; i++)
		OK(vm_protect(SELF, pieces + 2 * i * VM_PAGE_SIZE, VM_PAGE_SIZE, false, VM_PROT_READ));
	OK(vm_wire(HOST, SELF, pieces, VM_PAGE_SIZE, VM_PROT_DEFAULT));
	OK(vm_wire(HOST, SELF, (vm_address_t)last, VM_PAGE_SIZE, VM_PROT_DEFAULT));
	thread = thread_run(0, note_names, NULL);
	for (unsigned i = 0; i < FORKS; i++) {
		CHECK(moves(last));
		OK(task_create(SELF, TASK_INHERIT_MEMORY | TASK_INHERIT_RIGHTS, &child));
		name = (mach_port_t)word_of(child, noted);
		if (name != 0)
			OK(mach_port_type(child, name, &type));
		before = word_of(child, last);
		CHECK(word_of(child, first) - before <= 1);
		child_end(child);
	}
	EQUAL(info_of(thread).suspend_count, 0);
	EQUAL(task_resume(SELF), KERN_FAILURE);
	end_thread(thread);
	OK(vm_wire(HOST, SELF, stack, 2 * VM_PAGE_SIZE, VM_PROT_NONE));
	if (*noted != 0)
		OK(mach_port_deallocate(SELF, *noted));
	OK(vm_deallocate(SELF, pieces, size));
}

/* --- priorities and limits --- */

static void
priorities_above_the_maximum_need_the_host_port(void)
{
	struct task_limits limits = {.max_priority = 20};
	task_t child = child_create(false);
	thread_t thread = thread_in(child, 0, spin, (void *)&ticks), later = MACH_PORT_NULL;

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
	OK(thread_create(child, &later));
	EQUAL(info_of(later).priority, 20);
	OK(mach_port_deallocate(SELF, later));
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

/* For people: 31 characters that can be printed. */
static void
tasks_have_names(void)
{
	char longest[TASK_NAME_MAX + 1] = "";
	mach_port_t port = new_send();
	struct task_info info;
	task_t child = child_create(false);

	OK(task_set_name(child, "x\n\033\377y"));
	OK(task_info(child, &info));
	CHECK(strcmp(info.name, "x???y") == 0);
	memset(longest, 'n', TASK_NAME_MAX);
	EQUAL(task_set_name(child, longest), KERN_INVALID_ARGUMENT);
	longest[TASK_NAME_MAX - 1] = '\0';
	EQUAL(task_set_name(port, longest), KERN_INVALID_TASK);
	EQUAL(task_set_name(child, (const char *)8), KERN_INVALID_ADDRESS);
	OK(task_info(child, &info));
	CHECK(strcmp(info.name, "x???y") == 0);
	OK(task_set_name(child, longest));
	OK(task_info(child, &info));
	CHECK(strcmp(info.name, longest) == 0);
	child_end(child);
	drop_port(port);
}

static void
nothing_is_left_behind(void)
{
	struct task_info before, after;

	OK(task_info(SELF, &before));
	for (int i = 0; i < 3; i++) {
		special_ports_are_kept_and_inherited();
		special_ports_go_before_the_task_port();
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
	RULE(a_task_and_its_threads_are_counted_separately);
	RULE(threads_may_suspend_their_task_at_once);
	RULE(a_fork_is_one_step);
	RULE(special_ports_go_before_the_task_port);
	RULE(special_ports_are_kept_and_inherited);
	RULE(priorities_above_the_maximum_need_the_host_port);
	RULE(threads_are_limited_and_listed);
	RULE(tasks_have_names);
	RULE(nothing_is_left_behind);
	check_end();
}
