/*
 * MACH.md section 4: a pager that has no memory for what it is asked for. It is an ordinary task, so it gets none
 * while the test still does; there is no default pager. The test receives the kernel's questions, so that each step can be looked at,
 * and has the pager answer them. For one CPU: each has a few frames at hand, which it gives to whoever runs there.
 */
#include "filler.h"
#include "ipc_check.h"
#include "threads.h"

#include <mach/memory_object.h>

#define SELF	mach_task_self()
#define HOST	startup_info->host
#define PAGE	VM_PAGE_SIZE
#define STEP	16u			/* pages that are taken at a time when there are few left */
#define WAIT_MS	2000
#define QUIET_MS	100
#define AGAIN_MAX	20
#define MANY		100u
#define LAST		8u		/* frames */
#define PORTS		128u
#define APART		(2ull << 20)	/* so far from each other, pages want page tables of their own */

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

/* --- below the reserve --- */

/* This task has all frames but the reserve; one of its threads waits for another, and one that is wired waits to be told what to do. */
static struct {
	vm_address_t area;		/* of who waits */
	vm_address_t far;		/* of who is wired */
	volatile bool over, ready, go, done;
	volatile uint64_t had;		/* pages of who is wired */
	cthread_t waiter, wired;
} lack;

static uint64_t
reserve(void)
{
	uint64_t part = statistics().total / 64;

	return part < 256 ? part : 256;		/* kern/mm/page.c */
}

static void *
take_and_wait(void *unused)
{
	for (uint64_t i = 0; !lack.over && i < hoard_pages; i++)
		*(volatile char *)(lack.area + i * PAGE) = 1;
	return unused;
}

static void *
take_the_last(void *unused)
{
	thread_t self = mach_thread_self();

	OK(thread_wire(HOST, self, 1));
	lack.ready = true;
	while (!lack.go)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	while (!lack.over && statistics().free >= LAST && lack.had < hoard_pages)
		*(volatile char *)(lack.far + lack.had++ * APART) = 1;
	lack.done = true;
	OK(mach_port_deallocate(SELF, self));
	return unused;
}

static void
lack_begin(void)
{
	hoard_begin();
	lack.over = lack.ready = lack.go = lack.done = false;
	lack.had = 0;
	OK(vm_allocate(SELF, &lack.area, hoard_pages * PAGE, VM_FLAGS_ANYWHERE));
	OK(vm_allocate(SELF, &lack.far, hoard_pages * APART, VM_FLAGS_ANYWHERE));
	lack.wired = start(take_the_last, NULL);
	while (!lack.ready)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	lack.waiter = start(take_and_wait, NULL);
	CHECK(waits_for(cthread_port(lack.waiter), "memory"));
}

static void
lack_end(void)
{
	lack.over = lack.go = true;
	hoard_end();
	cthread_join(lack.waiter);
	cthread_join(lack.wired);
	OK(vm_deallocate(SELF, lack.area, hoard_pages * PAGE));
	OK(vm_deallocate(SELF, lack.far, hoard_pages * APART));
}

/* Pages, and page tables for them. */
static void
wired_threads_have_the_reserve(void)
{
	lack_begin();
	lack.go = true;
	for (int ms = 0; ms < WAIT_MS && !lack.done; ms++)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	CHECK(lack.done);
	CHECK(lack.had > 0 && statistics().free < LAST);
	CHECK(waits_for(cthread_port(lack.waiter), "memory"));
	lack_end();
}

/* So much that the kernel's heap has to grow. */
static void
the_reserve_is_for_kernel_memory_too(void)
{
	static mach_port_t ports[PORTS];
	static vm_address_t areas[PORTS];
	unsigned made = 0, mapped = 0, sent = 0;
	mach_port_t box;

	for (unsigned i = 0; i < PORTS; i++)
		ports[i] = areas[i] = 0;		/* its own memory, before there is none */
	message_init(&m.any, MACH_PORT_NULL, 0, 0, 0, 0);
	m.any.words[1000] = 1;
	box = new_send();
	OK(mach_port_set_qlimit(SELF, box, PORTS));
	lack_begin();
	while (made < PORTS && mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, &ports[made]) == KERN_SUCCESS)
		made++;
	EQUAL(made, PORTS);
	while (mapped < PORTS && vm_allocate(SELF, &areas[mapped], 2 * PAGE, VM_FLAGS_ANYWHERE) == KERN_SUCCESS &&
	       vm_protect(SELF, areas[mapped], PAGE, false, VM_PROT_READ) == KERN_SUCCESS)
		mapped++;
	EQUAL(mapped, PORTS);
	message_init(&m.any, box, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	while (sent < PORTS / 8 && message_send(&m.any, 2000, 0) == MACH_MSG_SUCCESS)
		sent++;
	EQUAL(sent, PORTS / 8);
	CHECK(waits_for(cthread_port(lack.waiter), "memory"));
	lack_end();
	for (unsigned i = 0; i < PORTS; i++) {
		if (i < made)
			drop_port(ports[i]);
		if (areas[i] != 0)
			OK(vm_deallocate(SELF, areas[i], 2 * PAGE));
	}
	drop_port(box);
}

/* Has the object's page there, and written to: without a fault, which this task would have to answer. */
static void
make_dirty(void)
{
	vm_size_t done = 0;
	uint64_t word = 1;

	for (int tries = 0; tries < AGAIN_MAX && done == 0; tries++) {
		vm_address_t data = 0;

		OK(vm_allocate(SELF, &data, PAGE, VM_FLAGS_ANYWHERE));
		*(volatile uint64_t *)data = 1;
		OK(memory_object_data_supply(control, 0, data, PAGE, VM_PROT_NONE));
		OK(memory_object_copy(control, 0, (vm_address_t)&word, sizeof(word), MEMORY_OBJECT_COPY_IN, &done));
	}
	EQUAL(done, sizeof(word));
}

/* What a pager is sent it may keep; a page that goes there is no frame yet. This thread is wired, or it could not have so many. */
static void
the_last_frames_are_not_for_writing_back(void)
{
	task_t pager = pager_start();
	thread_t self = mach_thread_self();

	OK(thread_wire(HOST, self, 1));
	lack_begin();
	while (statistics().free >= 2 * LAST)
		take(1);
	make_dirty();
	CHECK(statistics().free < reserve() / 4);
	EQUAL(message_receive(&m.any, object, QUIET_MS), MACH_RCV_TIMED_OUT);
	while (statistics().free < reserve() / 2)
		OK(vm_deallocate(SELF, hoard + --taken * PAGE, PAGE));
	OK(message_receive(&m.any, object, WAIT_MS));
	EQUAL(m.head.msgh_id, MEMORY_OBJECT_DATA_RETURN_ID);
	message_release(&m.any);
	lack_end();
	OK(thread_wire(HOST, self, 0));
	OK(mach_port_deallocate(SELF, self));
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
	RULE(wired_threads_have_the_reserve);
	RULE(the_reserve_is_for_kernel_memory_too);
	RULE(the_last_frames_are_not_for_writing_back);
	RULE(pagers_are_asked_again_when_there_is_memory);
	RULE(who_may_have_the_last_frame_waits_for_the_pagers);
	check_end();
}
