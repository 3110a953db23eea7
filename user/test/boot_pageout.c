/*
 * Memory under pressure (MACH.md section 4): more is touched than the machine has.
 */
#include "default_pager.h"
#include "filler.h"
#include "ipc_check.h"

#include <mach/memory_object.h>
#include <string.h>

#define SELF	mach_task_self()
#define HOST	startup_info->host
#define PAGE	VM_PAGE_SIZE
#define FOREVER_MS	100000000

static struct vm_statistics
statistics(void)
{
	struct vm_statistics now = { 0 };

	OK(vm_statistics(&now));
	return now;
}

/* --- rules --- */

static void
more_than_memory_keeps_its_contents(void)
{
	uint64_t total = statistics().total, pages = total * 5 / 4;
	task_t client = filler_start(12345, pages, pages / 2, false);

	EQUAL(filler_report(), 0);
	child_wait(client);
	CHECK(default_pager.returns > pages - total);
	CHECK(default_pager.requests > 0);
}

/* Copies share what is in swap until they write. */
static void
copies_of_swapped_memory_are_independent(void)
{
	uint64_t pages = statistics().total * 3 / 4;
	task_t client = filler_start(999, pages, pages / 4, true), copies[2];

	EQUAL(filler_report(), 0);
	for (unsigned i = 0; i < 2; i++)
		copies[i] = filler_copy(client, i + 1);
	filler_go_on(client);
	for (unsigned i = 0; i < 3; i++)
		EQUAL(filler_report(), 0);
	child_wait(client);
	child_wait(copies[0]);
	child_wait(copies[1]);
}

static void
several_tasks_share_what_there_is(void)
{
	uint64_t pages = statistics().total / 2;
	task_t clients[4];

	for (unsigned i = 0; i < 4; i++)
		clients[i] = filler_start(77 + i, pages, pages / 4, false);
	for (unsigned i = 0; i < 4; i++)
		EQUAL(filler_report(), 0);
	for (unsigned i = 0; i < 4; i++)
		child_wait(clients[i]);
}

/* --- many threads that want memory --- */

#define CROWD		200u		/* more than the pageout thread makes frames free for at a time (kern/mm/page.h: its goal) */

static struct {
	volatile bool go;
	uint64_t pages;			/* for each */
	vm_address_t area;
	mach_port_t report;
} crowd;

static volatile uint64_t *
crowd_word(uint64_t member, uint64_t page)
{
	return (volatile uint64_t *)(crowd.area + (member * crowd.pages + page) * PAGE);
}

static void *
crowd_member(void *argument)
{
	uint64_t me = (uintptr_t)argument, wrong = 0;

	while (!crowd.go)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	for (uint64_t page = 0; page < crowd.pages; page++)
		*crowd_word(me, page) = me * crowd.pages + page + 1;
	for (uint64_t page = 0; page < crowd.pages; page++)
		wrong += *crowd_word(me, page) != me * crowd.pages + page + 1;
	return (void *)(uintptr_t)wrong;
}

static void
crowd_main(void *argument)
{
	static cthread_t members[CROWD];
	uint64_t wrong = 0;

	(void)argument;
	vm_allocate(SELF, &crowd.area, CROWD * crowd.pages * PAGE, VM_FLAGS_ANYWHERE);
	for (uintptr_t i = 0; i < CROWD; i++)
		members[i] = start(crowd_member, (void *)i);
	crowd.go = true;
	for (unsigned i = 0; i < CROWD; i++)
		wrong += (uintptr_t)cthread_join(members[i]);
	send_word(crowd.report, 1, (uint32_t)wrong);
	for (;;)
		task_terminate(SELF);
}

static void
all_who_wait_are_served(void)
{
	struct message m;
	task_t client;

	crowd.report = new_send();
	crowd.pages = statistics().total * 5 / 4 / CROWD;
	client = filler_task();
	OK(mach_port_insert_right(client, crowd.report, crowd.report, MACH_MSG_TYPE_MAKE_SEND));
	child_run(client, crowd_main, NULL);
	OK(message_receive(&m, crowd.report, FOREVER_MS));
	EQUAL(m.words[0], 0);
	child_wait(client);
	drop_port(crowd.report);
}

/* --- an object whose pager does nothing: the test, which looks at its port only when all is over --- */

#define LAZY_PAGES	512u
#define LAZY_AT_A_TIME	128u		/* more than are on their way to one pager at a time (kern/vm/flight.h, and one message) */

struct lazy {
	mach_port_t object, control;
	vm_address_t at;
};

/* All pages are dirty, page i holds 5000 + i; then others have needed the memory. */
static struct lazy
lazy_object(void)
{
	struct lazy lazy = {.object = new_send()};
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = LAZY_PAGES * PAGE,
	    .object = lazy.object,
	    .cur_protection = VM_PROT_DEFAULT,
	    .max_protection = VM_PROT_ALL,
	    .inheritance = VM_INHERIT_COPY};
	vm_address_t data = 0;
	struct message m;
	task_t client;

	OK(vm_map(&args));
	OK(message_receive(&m, lazy.object, 1000));
	lazy.at = args.address;
	lazy.control = ((struct memory_object_message *)&m)->control.name;
	OK(memory_object_ready(lazy.control, 0, MEMORY_OBJECT_COPY_NONE));
	OK(vm_allocate(SELF, &data, LAZY_PAGES * PAGE, VM_FLAGS_ANYWHERE));
	for (uint64_t i = 0; i < LAZY_PAGES; i++)
		*(volatile uint64_t *)(data + i * PAGE) = 1;
	OK(memory_object_data_supply(lazy.control, 0, data, LAZY_PAGES * PAGE, VM_PROT_NONE));
	for (uint64_t i = 0; i < LAZY_PAGES; i++)
		*(volatile uint64_t *)(lazy.at + i * PAGE) = 5000 + i;
	client = filler_start(31, statistics().total, 0, false);
	EQUAL(filler_report(), 0);
	child_wait(client);
	CHECK(statistics().object < LAZY_PAGES / 2);
	return lazy;
}

/* What its pager has got: the data is supplied again, or dropped. Returns how many pages it was. */
static uint64_t
lazy_returns(const struct lazy *lazy, bool again)
{
	uint64_t pages = 0;
	struct message m;

	while (message_receive(&m, lazy->object, 0) == MACH_MSG_SUCCESS) {
		struct memory_object_data_return *r = (struct memory_object_data_return *)&m;

		EQUAL(m.head.msgh_id, MEMORY_OBJECT_DATA_RETURN_ID);
		for (uint64_t at = 0; at < r->data.size; at += PAGE)
			EQUAL(*(volatile uint64_t *)(r->data.address + at), 5000 + (r->offset + at) / PAGE);
		pages += r->data.size / PAGE;
		if (again)
			OK(memory_object_data_supply(lazy->control, r->offset, r->data.address, r->data.size, VM_PROT_NONE));
		else
			OK(vm_deallocate(SELF, r->data.address, r->data.size));
		OK(mach_port_deallocate(SELF, lazy->control));
	}
	return pages;
}

static void
lazy_end(const struct lazy *lazy)
{
	struct message m;

	OK(vm_deallocate(SELF, lazy->at, LAZY_PAGES * PAGE));
	while (message_receive(&m, lazy->object, 1000) == MACH_MSG_SUCCESS && m.head.msgh_id != MEMORY_OBJECT_TERMINATE_ID)
		message_release(&m);
	EQUAL(m.head.msgh_id, MEMORY_OBJECT_TERMINATE_ID);
	message_release(&m);
	drop_port(lazy->object);
	drop_port(lazy->control);
}

/* Its dirty pages are somewhere else, and come back when asked for. It has got a few: what it did not free holds up the rest. */
static void
pagers_that_do_nothing_hold_no_frames(void)
{
	struct lazy lazy = lazy_object();
	uint64_t returned = lazy_returns(&lazy, true);	/* what went to swap counts as the object's */

	CHECK(returned > 0 && returned <= LAZY_AT_A_TIME);
	for (uint64_t i = 0; i < LAZY_PAGES; i++)
		EQUAL(*(volatile uint64_t *)(lazy.at + i * PAGE), 5000 + i);
	lazy_end(&lazy);
}

/* So that fsync includes what had to go to swap: with what the pager had got before, that is every page once. */
static void
cleaning_returns_what_went_to_swap(void)
{
	struct lazy lazy = lazy_object();
	uint64_t returned = lazy_returns(&lazy, false);

	CHECK(returned <= LAZY_AT_A_TIME);
	OK(memory_object_lock_request(lazy.control, 0, LAZY_PAGES * PAGE, MEMORY_OBJECT_CLEAN, VM_PROT_NONE, MACH_PORT_NULL));
	EQUAL(returned + lazy_returns(&lazy, false), LAZY_PAGES);
	lazy_end(&lazy);
}

/* --- a file of one word per page: its pager is a thread, its one user the test --- */

#define FILE_PAGES	1536u
#define FILE_HELD	16u		/* messages whose pages it has not freed yet */

static struct {
	mach_port_t object, control;
	vm_address_t at;
	volatile uint64_t stored[FILE_PAGES];
	vm_address_t held[FILE_HELD], held_size[FILE_HELD];
	unsigned held_next;
} file;

static union {
	struct message any;
	struct memory_object_message range;
	struct memory_object_data_return returned;
	mach_msg_header_t head;
} f;

static void
file_supply(void)
{
	uint64_t first = f.range.offset / PAGE, count = f.range.length / PAGE;
	vm_address_t data = 0;

	OK(vm_allocate(SELF, &data, count * PAGE, VM_FLAGS_ANYWHERE));
	for (uint64_t i = 0; i < count; i++)
		*(volatile uint64_t *)(data + i * PAGE) = file.stored[first + i];
	OK(memory_object_data_supply(file.control, f.range.offset, data, count * PAGE, VM_PROT_NONE));
}

/* Frees late, so that the kernel thinks it slow and uses swap. */
static void
file_store(void)
{
	unsigned slot = file.held_next++ % FILE_HELD;

	for (uint64_t i = 0; i < f.returned.data.size / PAGE; i++)
		file.stored[f.returned.offset / PAGE + i] =
		    *(volatile uint64_t *)(f.returned.data.address + i * PAGE);
	if (file.held_size[slot] != 0)
		OK(vm_deallocate(SELF, file.held[slot], file.held_size[slot]));
	file.held[slot] = f.returned.data.address;
	file.held_size[slot] = f.returned.data.size;
}

static void *
file_main(void *argument)
{
	(void)argument;
	OK(thread_wire(HOST, cthread_port(cthread_self()), 1));
	while (message_receive(&f.any, file.object, FOREVER_MS) == MACH_MSG_SUCCESS) {
		mach_msg_id_t id = f.head.msgh_id;

		if (id == MEMORY_OBJECT_INIT_ID) {
			file.control = f.range.control.name;
			OK(memory_object_ready(file.control, 0, MEMORY_OBJECT_COPY_NONE));
			continue;
		}
		if (id == MEMORY_OBJECT_DATA_REQUEST_ID)
			file_supply();
		else if (id == MEMORY_OBJECT_DATA_RETURN_ID)
			file_store();
		default_pager_drop_control(f.range.control.name);
		if (id == MEMORY_OBJECT_TERMINATE_ID)
			break;
	}
	for (unsigned i = 0; i < FILE_HELD; i++)
		if (file.held_size[i] != 0)
			OK(vm_deallocate(SELF, file.held[i], file.held_size[i]));
	return NULL;
}

static unsigned
file_wrong(uint64_t value)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < FILE_PAGES; i++)
		wrong += file.stored[i] != value + i;
	return wrong;
}

static void
file_write(uint64_t value)
{
	for (unsigned i = 0; i < FILE_PAGES; i++)
		*(volatile uint64_t *)(file.at + i * PAGE) = value + i;
}

/* Maps it. Returns its pager's thread. */
static cthread_t
file_begin(void)
{
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = FILE_PAGES * PAGE,
	    .cur_protection = VM_PROT_DEFAULT,
	    .max_protection = VM_PROT_ALL,
	    .inheritance = VM_INHERIT_NONE};
	cthread_t server;

	memset(&file, 0, sizeof(file));
	args.object = file.object = new_send();
	server = start(file_main, NULL);
	OK(vm_map(&args));
	file.at = args.address;
	return server;
}

/* Unmaps it, and waits until its pager has heard that nobody has it any more. */
static void
file_end(cthread_t server)
{
	OK(vm_deallocate(SELF, file.at, FILE_PAGES * PAGE));
	cthread_join(server);
	drop_port(file.object);
	drop_port(file.control);
}

/* An object that ends when there is no memory to spare loses no page that was written. */
static void
the_end_of_an_object_loses_nothing(void)
{
	cthread_t server = file_begin();
	uint64_t value = 1;
	task_t client;

	client = filler_start(56, statistics().total * 9 / 8, 0, true);
	EQUAL(filler_report(), 0);
	file_write(value);
	file_end(server);
	EQUAL(file_wrong(value), 0);
	filler_go_on(client);
	EQUAL(filler_report(), 0);
	child_wait(client);
}

/* Who waits for a page that never comes can be killed, and others do not notice. */
static void
victims_of_a_deaf_pager_can_be_killed(void)
{
	uint64_t pages = statistics().total * 5 / 4;
	task_t client = filler_start(5, pages, pages, true), other;
	unsigned before;

	EQUAL(filler_report(), 0);
	default_pager.deaf = true;
	before = default_pager.requests;
	filler_go_on(client);
	for (unsigned ms = 0; default_pager.requests == before && ms < 5000; ms += 5)
		settle();
	CHECK(default_pager.requests != before);
	other = filler_start(6, 64, 1000, false);
	EQUAL(filler_report(), 0);
	child_wait(other);
	child_end(client);
	default_pager_hear();
}

/* Pages count as on their way only while nobody but the pager has them. */
static void
copies_of_a_pager_hold_up_nobody(void)
{
	uint64_t pages = statistics().total * 5 / 4;
	task_t client;

	default_pager.copies_wanted = DEFAULT_PAGER_COPIES;
	client = filler_start(21, pages, pages / 4, false);
	EQUAL(filler_report(), 0);
	child_wait(client);
	EQUAL(default_pager.copies_count, default_pager.copies_wanted);
	for (default_pager.copies_wanted = 0; default_pager.copies_count > 0;)
		child_end(default_pager.copies[--default_pager.copies_count]);
}

static void
who_wants_more_than_there_is_does_without(void)
{
	uint64_t total = statistics().total;
	task_t small, client;

	small = filler_start(8, 128, 200000, true);
	EQUAL(filler_report(), 0);
	default_pager.stores_allowed = default_pager.stores + 1;
	client = filler_start(7, total * 3, 0, false);
	child_wait(client);
	filler_go_on(small);
	EQUAL(filler_report(), 0);
	child_wait(small);
}

#define STORE_PAGES	1024u		/* kern/vm/pager_ahead.h */
#define FEW_STORES	2u

/* The default pager has room for a few stores only, once the pages of ended tasks are gone. */
static void
little_swap(void)
{
	default_pager.stores_allowed = FEW_STORES;
	for (unsigned ms = 0; default_pager.stores > FEW_STORES && ms < 5000; ms += 5)
		settle();
	CHECK(default_pager.stores <= FEW_STORES);
}

/* They are the text of those that run: who wants more memory does not get it from these. */
static void
the_last_pages_of_objects_are_for_those_that_run(void)
{
	uint64_t total = statistics().total, few = total / 32;
	cthread_t server = file_begin();
	task_t client;

	little_swap();
	for (unsigned i = 0; i < FILE_PAGES; i++)
		EQUAL(*(volatile uint64_t *)(file.at + i * PAGE), 0);
	CHECK(statistics().object > 2 * few);
	client = filler_start(9, total * 3, 0, false);
	child_wait(client);
	CHECK(statistics().object >= few / 2);
	CHECK(statistics().object < 2 * few);
	for (unsigned i = 0; i < FILE_PAGES; i++)
		EQUAL(*(volatile uint64_t *)(file.at + i * PAGE), 0);
	file_end(server);
}

#define SMALL_TASKS	64u
#define SMALL_PAGES	64u

static bool
is_dead(task_t task)
{
	mach_port_type_t type = 0;

	return mach_port_type(SELF, task, &type) != KERN_SUCCESS || (type & MACH_PORT_TYPE_DEAD_NAME) != 0;
}

/* A program that has taken the memory, and wants nothing now, ends before small ones that came later are refused any. */
static void
who_has_taken_the_memory_ends_before_small_ones(void)
{
	struct vm_statistics now = statistics();
	task_t large, small[SMALL_TASKS];
	unsigned count = 0;

	little_swap();
	large = filler_start(10, (now.free - now.total / 16 + FEW_STORES * STORE_PAGES) * 4 / 5, 0, true);
	EQUAL(filler_report(), 0);
	for (; count < SMALL_TASKS && !is_dead(large); count++) {
		small[count] = filler_start(11 + count, SMALL_PAGES, 100, true);
		EQUAL(filler_report(), 0);
	}
	CHECK(is_dead(large));
	child_wait(large);
	for (unsigned i = 0; i < count; i++) {
		filler_go_on(small[i]);
		EQUAL(filler_report(), 0);
		child_wait(small[i]);
	}
}

/* Without anonymous memory in swap all stores are given back. */
static void
empty_stores_are_given_back(void)
{
	OK(host_set_default_pager(HOST, MACH_PORT_NULL));
	for (unsigned ms = 0; default_pager.stores != 0 && ms < 5000; ms += 5)
		settle();
	EQUAL(default_pager.stores, 0);
	EQUAL(statistics().swapped, 0);
	EQUAL(statistics().swap_total, 0);
	default_pager_end();
}

int
main(void)
{
	check_begin();
	fillers_begin();
	default_pager_start();
	RULE(more_than_memory_keeps_its_contents);
	RULE(copies_of_swapped_memory_are_independent);
	RULE(several_tasks_share_what_there_is);
	RULE(all_who_wait_are_served);
	RULE(pagers_that_do_nothing_hold_no_frames);
	RULE(cleaning_returns_what_went_to_swap);
	RULE(the_end_of_an_object_loses_nothing);
	RULE(victims_of_a_deaf_pager_can_be_killed);
	RULE(copies_of_a_pager_hold_up_nobody);
	RULE(who_wants_more_than_there_is_does_without);
	RULE(the_last_pages_of_objects_are_for_those_that_run);
	RULE(who_has_taken_the_memory_ends_before_small_ones);
	RULE(empty_stores_are_given_back);
	fillers_end();
	check_end();
}
