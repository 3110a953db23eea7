#include "filler.h"

#include "ipc_check.h"

#include <mach/task_info.h>

#define SELF	mach_task_self()
#define HOST	startup_info->host
#define PAGE	VM_PAGE_SIZE
#define WORDS	(PAGE / 8)
#define ID_DONE	77			/* to the test: what a task found wrong */
#define LONG_MS	120000

static struct {
	mach_port_t report;		/* a send right, in all of them */
	uint32_t seed;
	uint64_t pages, rewrites;
	bool waits_after_filling;
	volatile uint32_t go_on;
	vm_address_t area;
	uint32_t *expected;		/* what each page was filled with last */
} job;

static uint32_t
random32(void)
{
	job.seed ^= job.seed << 13;
	job.seed ^= job.seed >> 17;
	return job.seed ^= job.seed << 5;
}

static volatile uint64_t *
page_words(uint64_t page)
{
	return (volatile uint64_t *)(job.area + page * PAGE);
}

static void
page_fill(uint64_t page)
{
	uint32_t value = random32() | 1;
	volatile uint64_t *words = page_words(page);

	if (job.expected[page] != 0)
		words[1 + job.expected[page] % (WORDS - 2)] = 0;
	words[0] = (uint64_t)value << 32 | page;
	words[1 + value % (WORDS - 2)] = value;
	words[WORDS - 1] = ~(uint64_t)value;
	job.expected[page] = value;
}

static bool
page_right(uint64_t page)
{
	uint32_t value = job.expected[page];
	volatile uint64_t *words = page_words(page);

	return words[0] == ((uint64_t)value << 32 | page) &&
	       words[1 + value % (WORDS - 2)] == value && words[WORDS - 1] == ~(uint64_t)value;
}

static uint32_t
all_wrong(void)
{
	uint32_t wrong = 0;

	for (uint64_t page = 0; page < job.pages; page++)
		wrong += !page_right(page);
	return wrong;
}

static _Noreturn void
filler_end(uint32_t wrong)
{
	send_word(job.report, ID_DONE, wrong);
	for (;;)
		task_terminate(SELF);
}

static void
filler_rewrite(void)
{
	uint32_t wrong = 0;

	for (uint64_t i = 0; i < job.rewrites; i++) {
		uint64_t page = random32() % job.pages;

		wrong += !page_right(page);
		page_fill(page);
	}
	/* Twice: what the first time makes room for is looked at the second time. */
	wrong += all_wrong();
	filler_end(wrong + all_wrong());
}

static void
filler_main(void *argument)
{
	vm_address_t expected = 0;

	(void)argument;
	vm_allocate(SELF, &job.area, job.pages * PAGE, VM_FLAGS_ANYWHERE);
	vm_allocate(SELF, &expected, job.pages * sizeof(uint32_t), VM_FLAGS_ANYWHERE);
	job.expected = (uint32_t *)expected;
	for (uint64_t page = 0; page < job.pages; page++)
		page_fill(page);
	if (job.waits_after_filling) {
		send_word(job.report, ID_DONE, 0);
		while (job.go_on == 0)
			thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 2);
	}
	filler_rewrite();
}

/* A child of a filled task: has its memory and goes on from there. */
static void
copy_main(void *argument)
{
	job.seed += (uint32_t)(uintptr_t)argument;
	filler_rewrite();
}

/* With a token of its own: it does not end with its parent. */
static task_t
task_from(task_t parent)
{
	static security_token_t token = { .label = 4711, .uid = 1, .gid = 1 };
	task_t task = MACH_PORT_NULL;

	OK(task_create(parent, TASK_INHERIT_MEMORY | TASK_INHERIT_RIGHTS, &task));
	token.label++;
	OK(task_set_security_token(HOST, task, &token));
	return task;
}

/* It is ordinary because the one between has no system label. */
task_t
filler_task(void)
{
	security_token_t token = { .label = 4711, .uid = 1, .gid = 1 };
	task_t between = child_create(true), task;

	OK(task_set_security_token(HOST, between, &token));
	task = task_from(between);
	child_end(between);
	return task;
}

task_t
filler_start(uint32_t seed, uint64_t pages, uint64_t rewrites, bool waits)
{
	task_t task;

	job.seed = seed;
	job.pages = pages;
	job.rewrites = rewrites;
	job.waits_after_filling = waits;
	task = filler_task();
	OK(mach_port_insert_right(task, job.report, job.report, MACH_MSG_TYPE_MAKE_SEND));
	child_run(task, filler_main, NULL);
	return task;
}

uint32_t
filler_report(void)
{
	struct message m;

	if (message_receive(&m, job.report, LONG_MS) != MACH_MSG_SUCCESS)
		return ~0u;
	return m.words[0];
}

task_t
filler_copy(task_t filler, unsigned number)
{
	task_t task = task_from(filler);

	child_run(task, copy_main, (void *)(uintptr_t)number);
	return task;
}

void
filler_go_on(task_t filler)
{
	uint32_t yes = 1;

	OK(vm_write(filler, (vm_address_t)&job.go_on, (vm_address_t)&yes, sizeof(yes)));
}

void
fillers_begin(void)
{
	job.report = new_send();
}

void
fillers_end(void)
{
	drop_port(job.report);
}
