/*
 * paging TASKS MEGABYTES REWRITES SEED: memory under pressure. Each of TASKS tasks fills MEGABYTES of its own with what SEED says and
 * rewrites as many pages as REWRITES percent of them in random order, checking each before; a copy of the first task (memory copied on
 * write) does the same from the filled state on. All pages are checked at the end. The host finds the pages on the swap disk:
 *
 *	word 0 SEED in the upper half, the task in the lower | 1 page | 2 generation | 3 and on: mixed from these and the place
 */
#include <mach/task_info.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc_check.h"
#include "mach/mach.h"

#define SELF	mach_task_self()
#define WORDS	(VM_PAGE_SIZE / 8)
#define TASKS_MAX 16
#define PATIENCE_MS 600000
enum { FILLED = 1, DONE };

/* In each task's own memory. */
static struct {
	mach_port_t report;		/* a send right in the workers */
	uint32_t seed, task;
	uint64_t pages, rewrites, random;
	vm_address_t area;
	uint32_t *generation;		/* of each page */
	volatile uint32_t go_on;
} job;

static uint64_t
mix(uint64_t x)
{
	x ^= x >> 31;
	x *= 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}

static uint64_t
page_key(uint64_t page)
{
	return mix((uint64_t)job.seed << 32 ^ (uint64_t)job.task << 56 ^ page << 24 ^ job.generation[page]);
}

static void
page_write(uint64_t page)
{
	uint64_t *words = (uint64_t *)(job.area + page * VM_PAGE_SIZE), key = page_key(page);

	words[0] = (uint64_t)job.seed << 32 | job.task;
	words[1] = page;
	words[2] = job.generation[page];
	for (unsigned i = 3; i < WORDS; i++)
		words[i] = key + i * 0x100000001b3ull;
}

static int
page_right(uint64_t page, uint32_t task)
{
	const uint64_t *words = (const uint64_t *)(job.area + page * VM_PAGE_SIZE);
	uint32_t own = job.task;
	uint64_t key;

	job.task = task;
	key = page_key(page);
	job.task = own;
	if (words[0] != ((uint64_t)job.seed << 32 | task) || words[1] != page || words[2] != job.generation[page])
		return 0;
	for (unsigned i = 3; i < WORDS; i++)
		if (words[i] != key + i * 0x100000001b3ull)
			return 0;
	return 1;
}

static uint64_t
random_page(void)
{
	job.random = mix(job.random + job.seed + 1);
	return job.random % job.pages;
}

static _Noreturn void
report(int id, uint32_t wrong)
{
	send_word(job.report, id, wrong);
	for (;;)
		task_terminate(SELF);
}

/* origin: the task that wrote what is there now; what this one rewrites is generation 1000000 and on in a copy. */
static void
rewrite(uint32_t origin)
{
	uint32_t wrong = 0, base = job.task != origin ? 1000000 : 0;

	for (uint64_t i = 0; i < job.rewrites; i++) {
		uint64_t page = random_page();
		uint32_t writer = job.generation[page] >= 1000000 ? job.task : origin;

		wrong += !page_right(page, writer);
		if (job.generation[page] < base)
			job.generation[page] = base;
		job.generation[page]++;
		page_write(page);
	}
	for (uint64_t page = 0; page < job.pages; page++)
		wrong += !page_right(page, job.generation[page] >= 1000000 ? job.task : origin);
	report(DONE, wrong);
}

static void
worker_main(void *argument)
{
	vm_address_t generation = 0;

	(void)argument;
	if (vm_allocate(SELF, &job.area, job.pages * VM_PAGE_SIZE, VM_FLAGS_ANYWHERE) != KERN_SUCCESS ||
	    vm_allocate(SELF, &generation, job.pages * sizeof(uint32_t), VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		report(DONE, ~0u);
	job.generation = (uint32_t *)generation;
	for (uint64_t page = 0; page < job.pages; page++)
		page_write(page);
	send_word(job.report, FILLED, 0);
	while (job.go_on == 0)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 5);
	rewrite(job.task);
}

static void
copy_main(void *argument)
{
	job.task = (uint32_t)(uintptr_t)argument;
	job.random += job.task;
	rewrite(0);
}

/* --- the main task --- */

/* The next report of that kind; ~0: none came. */
static uint32_t
wait_report(int id)
{
	struct message m;

	do {
		if (message_receive(&m, job.report, PATIENCE_MS) != MACH_MSG_SUCCESS)
			return ~0u;
	} while (m.head.msgh_id != id);
	return m.words[0];
}

static task_t
worker_start(uint32_t task)
{
	task_t worker = MACH_PORT_NULL;

	job.task = job.random = task;
	if (task_create(SELF, TASK_INHERIT_MEMORY, &worker) != KERN_SUCCESS ||
	    mach_port_insert_right(worker, job.report, job.report, MACH_MSG_TYPE_MAKE_SEND) != KERN_SUCCESS)
		return MACH_PORT_NULL;
	child_run(worker, worker_main, NULL);
	return worker;
}

static void
let_go(task_t worker)
{
	uint32_t yes = 1;

	vm_write(worker, (vm_address_t)&job.go_on, (vm_address_t)&yes, sizeof(yes));
}

static uint32_t
run(unsigned count)
{
	task_t workers[TASKS_MAX], copy = MACH_PORT_NULL;
	uint32_t wrong = 0;

	for (unsigned i = 0; i < count; i++)
		if ((workers[i] = worker_start(i)) == MACH_PORT_NULL)
			return ~0u;
	for (unsigned i = 0; i < count; i++)
		wrong |= wait_report(FILLED);
	if (task_create(workers[0], TASK_INHERIT_MEMORY | TASK_INHERIT_RIGHTS, &copy) != KERN_SUCCESS)
		return ~0u;
	child_run(copy, copy_main, (void *)(uintptr_t)count);
	for (unsigned i = 0; i < count; i++)
		let_go(workers[i]);
	for (unsigned i = 0; i <= count; i++)
		wrong |= wait_report(DONE);
	for (unsigned i = 0; i < count; i++)
		child_wait(workers[i]);
	child_wait(copy);
	return wrong;
}

int
main(int argc, char **argv)
{
	unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 0, megabytes = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
	uint64_t begin;
	uint32_t wrong;

	if (argc != 5 || count == 0 || count >= TASKS_MAX || megabytes == 0) {
		fprintf(stderr, "usage: paging TASKS MEGABYTES REWRITES SEED\n");
		return 2;
	}
	job.pages = ((uint64_t)megabytes << 20) / VM_PAGE_SIZE;
	job.rewrites = job.pages * (unsigned)atoi(argv[3]) / 100;
	job.seed = (uint32_t)strtoul(argv[4], NULL, 0);
	if (mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, &job.report) != KERN_SUCCESS)
		return 1;
	begin = clock_now();
	wrong = run(count);
	printf("paging: %u tasks and a copy, %u MB each, %lu ms, wrong %u\n", count, megabytes,
	    (unsigned long)((clock_now() - begin) / 1000000), wrong);
	return wrong != 0;
}
