/*
 * Memory under pressure (MACH.md section 4), without a default pager: who waits for a page that the clock takes, copies that do not fit, and
 * memory of tasks that have no thread. What swap does: boot_pageout.c.
 */
#include "filler.h"
#include "ipc_check.h"
#include "object.h"
#include "threads.h"

#define HOST	startup_info->host
#define STEP	64u			/* pages taken at a time */
#define PATIENCE_MS	15000

/* --- memory that this task holds --- */

static vm_address_t hoard;
static uint64_t hoard_pages, taken;

static void
hoard_begin(void)
{
	hoard_pages = statistics().free;
	taken = 0;
	hoard = allocate(hoard_pages);
}

static void
take(uint64_t pages)
{
	for (; pages > 0 && taken < hoard_pages; pages--)
		*word(hoard + taken++ * PAGE) = 1;
}

/* --- a page that goes --- */

#define OBJECT_PAGES	1024u		/* more than are left to those that run (kern/mm/page.h: object_floor) */

static bool
first_page_is_there(void)
{
	vm_size_t done = 0;
	uint64_t value;

	OK(memory_object_copy(control, 0, (vm_address_t)&value, sizeof(value), MEMORY_OBJECT_COPY_OUT, &done));
	return done != 0;
}

/* What was to be allowed is not there any more; the pager cannot know. */
static void
who_waits_for_a_page_that_is_taken_asks_for_it_again(void)
{
	vm_address_t at = new_object(OBJECT_PAGES, false);
	struct client a;

	OK(supply(0, OBJECT_PAGES, 40, VM_PROT_WRITE));
	client_start(&a, at, true, 41);
	EXPECT(object, MEMORY_OBJECT_DATA_UNLOCK_ID);
	CHECK(waits_for(cthread_port(a.thread), "pager"));
	hoard_begin();
	while (statistics().object > OBJECT_PAGES / 2 && taken < hoard_pages)		/* a look at the page itself would keep it */
		take(STEP), clock_sleep(1);
	CHECK(!first_page_is_there());
	deallocate(hoard, hoard_pages);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	EQUAL(m.range.offset, 0);
	OK(supply(0, 1, 50, VM_PROT_NONE));
	OK(client_end(&a));
	EQUAL(*word(at), 41);
	OK(memory_object_lock_request(control, 0, OBJECT_PAGES * PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));
	end_object(at, OBJECT_PAGES);
}

/* --- programs; what they share with the test --- */

static struct shared {
	vm_address_t at;
	uint64_t pages;
	bool between;			/* see holder_main */
	volatile bool filled, done;
	volatile kern_return_t result;
} *shared;

static void
share_begin(void)
{
	vm_address_t page = allocate(1);

	OK(vm_inherit(SELF, page, PAGE, VM_INHERIT_SHARE));
	shared = (struct shared *)page;
}

static bool
is_dead(task_t task)
{
	return type_of(task) == MACH_PORT_TYPE_DEAD_NAME;
}

/* Returns whether it came to that while the task lived. */
static bool
comes_true(const volatile bool *what, task_t task)
{
	uint64_t until = clock_now() + PATIENCE_MS * MS;

	while (!*what && !is_dead(task) && clock_now() < until)
		clock_sleep(5);
	return *what;
}

/* --- copies --- */

static void
reader_main(void *unused)
{
	vm_address_t copy = 0;

	(void)unused;
	shared->result = vm_read(SELF, shared->at, shared->pages * PAGE, &copy);
	shared->done = true;
	for (;;)
		task_terminate(SELF);
}

/* Nothing of the object can be made free for it; the reader ends, or is told. */
static void
copies_that_do_not_fit_come_to_an_end(void)
{
	uint64_t pages = statistics().free * 9 / 16;	/* of all that, a task may wire 16 MB */
	vm_address_t at = new_object(pages, false);
	task_t reader;
	bool ends;

	share_begin();
	shared->at = at, shared->pages = pages;
	OK(supply(0, pages, 1, VM_PROT_NONE));
	OK(vm_protect(SELF, at, pages * PAGE, false, VM_PROT_READ));		/* wired, they would be dirty */
	OK(vm_wire(HOST, SELF, at, pages * PAGE, VM_PROT_READ));
	OK(vm_inherit(SELF, at, pages * PAGE, VM_INHERIT_SHARE));
	reader = filler_task();
	child_run(reader, reader_main, NULL);
	ends = comes_true(&shared->done, reader) || is_dead(reader);
	CHECK(ends);
	if (shared->done)
		CHECK(shared->result == KERN_RESOURCE_SHORTAGE || shared->result == KERN_MEMORY_FAILURE);
	if (ends)
		child_wait(reader);
	else
		child_end(reader);
	OK(vm_wire(HOST, SELF, at, pages * PAGE, VM_PROT_NONE));
	deallocate((vm_address_t)shared, 1);
	settle();
	end_object(at, pages);
}

/* --- memory of a task without threads --- */

#define SMALL_TASKS	64u
#define SMALL_PAGES	64u

/* All it has is in a task of its making, or in one that belongs to that: the one between has a thread. */
static void
holder_main(void *unused)
{
	static uint64_t data[PAGE / 8];
	vm_address_t area = 0;
	task_t between = SELF, box = MACH_PORT_NULL;
	thread_t thread;

	(void)unused;
	if (shared->between) {
		task_create(SELF, 0, &between);
		thread_create(between, &thread);
	}
	task_create(between, 0, &box);
	vm_allocate(box, &area, shared->pages * PAGE, VM_FLAGS_ANYWHERE);
	for (uint64_t i = 0; i < shared->pages; i++)
		vm_write(box, area + i * PAGE, (vm_address_t)data, PAGE);
	shared->filled = true;
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

static void
small_main(void *unused)
{
	vm_address_t area = 0;

	(void)unused;
	vm_allocate(SELF, &area, SMALL_PAGES * PAGE, VM_FLAGS_ANYWHERE);
	for (uint64_t i = 0; i < SMALL_PAGES; i++)
		*word(area + i * PAGE) = 1;
	shared->done = true;
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

#define SOON_MS	5000u		/* half of what the kernel waits for memory from one that ends (pageout.c: REFUSE_MS) */

/* Who has taken the memory that way ends like who has it himself, before a small program is refused any. */
static void
holder_ends(bool between)
{
	struct vm_statistics now = statistics();
	task_t holder, small[SMALL_TASKS];
	uint64_t begun, longest = 0;
	unsigned count = 0;
	bool got = true;

	share_begin();
	shared->between = between;
	shared->pages = (now.free - now.total / 16) * 4 / 5;
	holder = filler_task();
	child_run(holder, holder_main, NULL);
	CHECK(comes_true(&shared->filled, holder));
	for (; count < SMALL_TASKS && got && !is_dead(holder); count++) {
		shared->done = false;
		begun = clock_now();
		small[count] = filler_task();
		child_run(small[count], small_main, NULL);
		got = comes_true(&shared->done, small[count]);
		if (clock_now() - begun > longest)
			longest = clock_now() - begun;
	}
	CHECK(got);
	CHECK(longest < SOON_MS * MS);
	CHECK(is_dead(holder));
	if (is_dead(holder))
		child_wait(holder);
	else
		child_end(holder);
	while (count > 0)
		child_end(small[--count]);
	deallocate((vm_address_t)shared, 1);
	settle();
}

static void
memory_of_a_task_without_threads_is_its_makers(void)
{
	holder_ends(false);
}

static void
memory_of_a_part_of_a_part_is_the_first_makers(void)
{
	holder_ends(true);
}

int
main(void)
{
	check_begin();
	RULE(who_waits_for_a_page_that_is_taken_asks_for_it_again);
	RULE(copies_that_do_not_fit_come_to_an_end);
	RULE(memory_of_a_task_without_threads_is_its_makers);
	RULE(memory_of_a_part_of_a_part_is_the_first_makers);
	check_end();
}
