/*
 * objects MEGABYTES SEED: memory objects that the memory server makes for tasks: mapped by several, handed on, larger than memory.
 * The machine has a swap disk of more than twice as much; with 0 MEGABYTES there is none.
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#include "children.h"
#include "mach/mach.h"
#include "mach/service.h"
#include "mem.h"

#define PAGE	4096ul
#define WORDS	(PAGE / sizeof(uint64_t))

static mach_port_t mem;
static uint64_t seed;

static uint64_t
word(uint64_t page, uint64_t i, uint64_t generation)
{
	uint64_t x = (seed << 40) + (generation << 32) + page * WORDS + i;

	x *= 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}

/* Returns the address, or 0. */
static uint64_t *
map(mach_port_t object, uint64_t size, int copy)
{
	struct vm_map_args args = {
		.target = mach_task_self(), .size = size, .flags = VM_FLAGS_ANYWHERE, .object = object, .copy = copy,
		.cur_protection = VM_PROT_READ | VM_PROT_WRITE, .max_protection = VM_PROT_READ | VM_PROT_WRITE,
		.inheritance = VM_INHERIT_NONE,
	};

	return vm_map(&args) == KERN_SUCCESS ? (uint64_t *)args.address : NULL;
}

static void
unmap(void *at, uint64_t size)
{
	vm_deallocate(mach_task_self(), (vm_address_t)at, size);
}

static void
page_write(uint64_t *at, uint64_t page, uint64_t generation)
{
	for (uint64_t i = 0; i < WORDS; i += 8)
		at[page * WORDS + i] = word(page, i, generation);
}

static int
page_right(const uint64_t *at, uint64_t page, uint64_t generation)
{
	for (uint64_t i = 0; i < WORDS; i += 8)
		if (at[page * WORDS + i] != word(page, i, generation))
			return 0;
	return 1;
}

static uint64_t
pages_wrong(const uint64_t *at, uint64_t pages, uint64_t odd_generation)
{
	uint64_t wrong = 0;

	for (uint64_t page = 0; page < pages; page++)
		wrong += !page_right(at, page, page % 2 ? odd_generation : 0);
	return wrong;
}

static uint64_t
in_objects(void)
{
	struct mem_statistics statistics = { .objects = 0 };

	EQUAL(mem_statistics(mem, &statistics), KERN_SUCCESS);
	return statistics.objects;
}

static void
wrong_sizes(int none)
{
	mach_port_t object = MACH_PORT_NULL;

	EQUAL(mem_create_object(mem, 0, &object), KERN_INVALID_ARGUMENT);
	EQUAL(mem_create_object(mem, UINT64_MAX, &object), KERN_RESOURCE_SHORTAGE);
	EQUAL(mem_create_object(mem, 1ull << 60, &object), KERN_RESOURCE_SHORTAGE);
	if (none)
		EQUAL(mem_create_object(mem, PAGE, &object), KERN_RESOURCE_SHORTAGE);
	EQUAL(in_objects(), 0);
}

/* What another task, that has the right since fork, does with it. */
static int
other(mach_port_t object, uint64_t pages)
{
	uint64_t *at = map(object, pages * PAGE, 0);

	if (at == NULL || pages_wrong(at, pages, 0) != 0)
		return 1;
	for (uint64_t page = 1; page < pages; page += 2)
		page_write(at, page, 1);
	return 0;
}

static void
shared_and_larger_than_memory(uint64_t pages)
{
	mach_port_t object = MACH_PORT_NULL;
	uint64_t *at, *again;
	pid_t pid;

	EQUAL(mem_create_object(mem, pages * PAGE - 100, &object), KERN_SUCCESS);
	CHECK(in_objects() >= pages);
	at = map(object, pages * PAGE, 0);
	CHECK(at != NULL);
	CHECK(at[5] == 0 && at[(pages - 1) * WORDS + 7] == 0);
	for (uint64_t page = 0; page < pages; page++)
		page_write(at, page, 0);
	pid = fork();
	if (pid == 0)
		_exit(other(object, pages));
	EQUAL(end_of(pid), 0);
	EQUAL(pages_wrong(at, pages, 1), 0);
	again = map(object, PAGE, 0);
	again[1] = 77;
	EQUAL(at[1], 77);
	unmap(again, PAGE);
	unmap(at, pages * PAGE);
	/* It is kept without a mapping, also when the next comes before all has been sent back. */
	for (int i = 0; i < 5; i++) {
		at = map(object, pages * PAGE, 0);
		EQUAL(at[1], 77 + i);
		CHECK(page_right(at, pages - 1, (pages - 1) % 2));
		at[1]++;
		unmap(at, pages * PAGE);
	}
	port_drop(object);
}

/* Stores through a private mapping are nobody else's. */
static void
private_mappings(void)
{
	mach_port_t object = MACH_PORT_NULL;
	uint64_t *shared, *own;

	EQUAL(mem_create_object(mem, 4 * PAGE, &object), KERN_SUCCESS);
	shared = map(object, 4 * PAGE, 0);
	own = map(object, 4 * PAGE, 1);
	CHECK(shared != NULL && own != NULL);
	shared[0] = 1;
	EQUAL(own[0], 1);
	own[0] = 2;
	own[WORDS] = 3;
	EQUAL(shared[0], 1);
	EQUAL(shared[WORDS], 0);
	unmap(shared, 4 * PAGE);
	unmap(own, 4 * PAGE);
	port_drop(object);
}

/* A page behind the end is an error of who touches it. */
static void
behind_the_end(void)
{
	mach_port_t object = MACH_PORT_NULL;
	uint64_t *at;
	int status;
	pid_t pid;

	EQUAL(mem_create_object(mem, PAGE, &object), KERN_SUCCESS);
	pid = fork();
	if (pid == 0) {
		at = map(object, 2 * PAGE, 0);
		at[0] = 1;
		at[WORDS] = 1;
		_exit(0);
	}
	status = end_of(pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	at = map(object, PAGE, 0);
	EQUAL(at[0], 1);
	unmap(at, PAGE);
	port_drop(object);
}

/* As many as there is room for; all of it comes back when the task has ended. */
static int
takes_all(void)
{
	mach_port_t object;
	unsigned count = 0;

	while (mem_create_object(mem, 1 << 20, &object) == KERN_SUCCESS)
		count++;
	return count > 0 && mem_create_object(mem, 1, &object) == KERN_RESOURCE_SHORTAGE ? 0 : 1;
}

static void
nothing_is_left(void)
{
	for (int i = 0; i < 100 && in_objects() != 0; i++)
		usleep(50000);
	EQUAL(in_objects(), 0);
}

int
main(int argc, char **argv)
{
	uint64_t megabytes = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;

	seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	mem = service_look_up("mem");
	wrong_sizes(megabytes == 0);
	if (megabytes == 0)
		return check_report("objects");
	shared_and_larger_than_memory((megabytes << 20) / PAGE);
	private_mappings();
	behind_the_end();
	nothing_is_left();
	EQUAL(in_child(takes_all), 0);
	nothing_is_left();
	return check_report("objects");
}
