/*
 * MACH.md section 4: a pager that has no memory for what it is asked for. It is an ordinary task, so it gets none
 * while the test still does; there is no default pager. The test receives the kernel's questions, so that each step can be looked at,
 * and has the pager answer them. For one CPU: each has a few frames at hand, which it gives to whoever runs there.
 */
#include "filler.h"
#include "ipc_check.h"

#include <mach/memory_object.h>

#define SELF	mach_task_self()
#define HOST	startup_info->host
#define PAGE	VM_PAGE_SIZE
#define STEP	16u			/* pages that are taken at a time when there are few left */
#define WAIT_MS	2000
#define QUIET_MS	100
#define AGAIN_MAX	20
#define MANY		100u

/* Shared with the pager, and with who wants a page. */
static struct poor {
	volatile bool ready, wanted, had;	/* who wants a page has begun, may go on, and has it */
	volatile unsigned asked, answered, served;
	volatile vm_offset_t offset;
	volatile kern_return_t result;
} *poor;

static mach_port_t object, control;
static vm_address_t at, hoard;
static uint64_t hoard_pages, taken;

static union {
	mach_msg_header_t head;
	struct memory_object_message range;
	struct message any;
} m;

/* From then on the running task is not the one that has to do without. */
static void
spare_this_task(void)
{
	OK(thread_wire(HOST, mach_thread_self(), 1));
	OK(thread_wire(HOST, mach_thread_self(), 0));
}

/* --- the pager --- */

static void
pager_main(void *argument)
{
	(void)argument;
	for (;;) {
		while (poor->answered == poor->asked)
			thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
		poor->result = memory_object_data_unavailable(control, poor->offset, PAGE);
		poor->answered++;
	}
}

static task_t
pager_start(void)
{
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = PAGE,
	    .cur_protection = VM_PROT_DEFAULT,
	    .max_protection = VM_PROT_ALL,
	    .inheritance = VM_INHERIT_SHARE};
	vm_address_t shared = 0;
	task_t pager;

	args.object = object = new_send();
	OK(vm_map(&args));
	at = args.address;
	OK(vm_allocate(SELF, &shared, PAGE, VM_FLAGS_ANYWHERE));
	OK(vm_inherit(SELF, shared, PAGE, VM_INHERIT_SHARE));
	poor = (struct poor *)shared;
	poor->asked = poor->answered = 0;
	OK(message_receive(&m.any, object, WAIT_MS));
	EQUAL(m.head.msgh_id, MEMORY_OBJECT_INIT_ID);
	control = m.range.control.name;
	OK(memory_object_ready(control, 0, MEMORY_OBJECT_COPY_NONE));
	pager = filler_task();
	child_run(pager, pager_main, NULL);
	return pager;
}

static void
pager_end(task_t pager)
{
	child_end(pager);
	OK(vm_deallocate(SELF, at, PAGE));
	OK(message_receive(&m.any, object, WAIT_MS));
	EQUAL(m.head.msgh_id, MEMORY_OBJECT_TERMINATE_ID);
	message_release(&m.any);
	drop_port(object);
	drop_port(control);
	OK(vm_deallocate(SELF, (vm_address_t)poor, PAGE));
}

/* Has the pager answer the kernel's next question. Returns whether one came. */
static bool
pager_answers(mach_msg_timeout_t ms)
{
	if (message_receive(&m.any, object, ms) != MACH_MSG_SUCCESS)
		return false;
	EQUAL(m.head.msgh_id, MEMORY_OBJECT_DATA_REQUEST_ID);
	poor->offset = m.range.offset;
	message_release(&m.any);
	poor->asked++;
	while (poor->answered != poor->asked)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	return true;
}

/* --- memory --- */

static struct vm_statistics
statistics(void)
{
	struct vm_statistics now = { 0 };

	OK(vm_statistics(&now));
	return now;
}

static void
take(uint64_t pages)
{
	for (; pages > 0 && taken < hoard_pages; pages--)
		*(volatile uint64_t *)(hoard + taken++ * PAGE) = 1;
}

static void
hoard_begin(void)
{
	hoard_pages = statistics().free;
	taken = 0;
	OK(vm_allocate(SELF, &hoard, hoard_pages * PAGE, VM_FLAGS_ANYWHERE));
	take(hoard_pages - hoard_pages / 8);
}

static void
hoard_end(void)
{
	OK(vm_deallocate(SELF, hoard, hoard_pages * PAGE));
}

/* --- who wants a page --- */

struct reader {
	bool wired;			/* may have the last frame */
	kern_return_t result;
	volatile bool done;
	cthread_t thread;
};

static void *
reader_main(void *argument)
{
	struct reader *reader = argument;
	vm_address_t copy;

	if (reader->wired)
		OK(thread_wire(HOST, mach_thread_self(), 1));
	reader->result = vm_read(SELF, at, 8, &copy);
	if (reader->result == KERN_SUCCESS)
		OK(vm_deallocate(SELF, copy, 8));
	reader->done = true;
	return NULL;
}

static void
reader_start(struct reader *reader)
{
	reader->done = false;
	reader->thread = start(reader_main, reader);
}

static kern_return_t
reader_end(struct reader *reader)
{
	cthread_join(reader->thread);
	return reader->result;
}

/* Has the kernel's questions answered until the reader has the page, or the pager no memory. Returns which. */
static bool
reader_served(const struct reader *reader)
{
	while (!reader->done)
		if (pager_answers(10) && poor->result != KERN_SUCCESS)
			return false;
	return true;
}

/* The pager had no memory for the reader. Returns whether it has now, after what the kernel had kept from better times came back. */
static bool
reader_served_after_all(const struct reader *reader)
{
	for (int i = 0; i < AGAIN_MAX && pager_answers(QUIET_MS); i++)
		if (poor->result == KERN_SUCCESS)
			return reader_served(reader);
	return false;
}

/* Takes memory until there is none for the pager: then the reader waits. */
static void
take_all(struct reader *reader)
{
	while (taken < hoard_pages) {
		reader_start(reader);
		if (!reader_served(reader) && !reader_served_after_all(reader))
			return;
		OK(reader_end(reader));
		/* What is clean could be made free. */
		OK(memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));
		take(STEP);
	}
	CHECK(!"memory comes to an end");
}

/* --- rules --- */

static void
asked_again_when_there_is_memory(bool wired)
{
	task_t pager = pager_start();
	struct reader reader = { .wired = wired };

	hoard_begin();
	take_all(&reader);
	EQUAL(poor->result, KERN_RESOURCE_SHORTAGE);
	CHECK(!pager_answers(QUIET_MS));
	OK(thread_abort(cthread_port(reader.thread)));
	EQUAL(reader_end(&reader), KERN_ABORTED);
	take_all(&reader);		/* the thread that ended has left some */
	EQUAL(poor->result, KERN_RESOURCE_SHORTAGE);
	CHECK(!pager_answers(QUIET_MS));
	hoard_end();
	CHECK(reader_served(&reader));
	OK(reader_end(&reader));
	pager_end(pager);
}

static void
wanter_main(void *argument)
{
	(void)argument;
	spare_this_task();
	poor->ready = true;
	while (!poor->wanted)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	(void)*(volatile char *)at;
	poor->had = true;
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

/* A pager that takes the last frames for its answers would give them all away. */
static void
who_could_have_no_frame_asks_no_pager(void)
{
	task_t pager = pager_start(), wanter = filler_task();
	struct reader reader = { .wired = false };

	poor->ready = poor->wanted = poor->had = false;
	child_run(wanter, wanter_main, NULL);
	while (!poor->ready)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	hoard_begin();
	take_all(&reader);
	OK(thread_abort(cthread_port(reader.thread)));
	EQUAL(reader_end(&reader), KERN_ABORTED);
	take(4 * STEP);			/* system tasks still can */
	while (pager_answers(0))
		continue;		/* the reader's, if it asked again */
	poor->wanted = true;
	CHECK(!pager_answers(QUIET_MS));
	hoard_end();
	CHECK(pager_answers(WAIT_MS));
	for (int i = 0; i < WAIT_MS && !poor->had; i++)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	CHECK(poor->had);
	child_end(wanter);
	pager_end(pager);
}

/* --- many who want a page of their own --- */

static void *
one_of_many(void *page)
{
	while (!poor->wanted)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	*(volatile char *)page = 1;
	__atomic_add_fetch(&poor->served, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void
many_main(void *argument)
{
	vm_address_t pages = 0;

	(void)argument;
	spare_this_task();
	vm_allocate(SELF, &pages, MANY * PAGE, VM_FLAGS_ANYWHERE);
	for (unsigned i = 0; i < MANY; i++)
		start(one_of_many, (void *)(pages + i * PAGE));
	poor->ready = true;
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

/* Enough for each, but not much more, of which some may be out of the way in a CPU's cache. */
static void
as_many_go_on_as_there_are_frames(void)
{
	task_t pager = pager_start(), many = filler_task();
	uint64_t share = statistics().total / 16;		/* kern/mm/page.c: what ordinary tasks leave */

	poor->ready = poor->wanted = false;
	poor->served = 0;
	child_run(many, many_main, NULL);
	while (!poor->ready)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	hoard_begin();
	while (statistics().free >= share)
		take(1);
	poor->wanted = true;
	for (int ms = 0; ms < WAIT_MS && statistics().waiting < MANY; ms++)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	EQUAL(statistics().waiting, MANY);
	EQUAL(poor->served, 0);
	while (statistics().free < share + MANY * 3 / 2)
		OK(vm_deallocate(SELF, hoard + --taken * PAGE, PAGE));
	for (int ms = 0; ms < WAIT_MS && poor->served < MANY; ms++)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	EQUAL(poor->served, MANY);
	hoard_end();
	child_end(many);
	pager_end(pager);
}

/* Who waits for that can be aborted, and holds up nobody. */
static void
pagers_are_asked_again_when_there_is_memory(void)
{
	asked_again_when_there_is_memory(false);
}

/* What he might have himself is nothing to the pager. */
static void
who_may_have_the_last_frame_waits_for_the_pagers(void)
{
	asked_again_when_there_is_memory(true);
}

int
main(void)
{
	check_begin();
	spare_this_task();
	RULE(who_could_have_no_frame_asks_no_pager);
	RULE(as_many_go_on_as_there_are_frames);
	RULE(pagers_are_asked_again_when_there_is_memory);
	RULE(who_may_have_the_last_frame_waits_for_the_pagers);
	check_end();
}
