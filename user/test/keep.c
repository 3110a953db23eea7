/*
 * keep PAGES SEED [object] [busy]: keeps pages that hold what SEED says. Each is as it was written, or it is lost: then every load of it
 * ends with SIGBUS. It fills them and looks at all of them twice; `object`: they are those of a memory object of mem's.
 * `busy`: it looks at pages in random order and writes each anew, until SIGTERM.
 *
 *	keep: filled
 *	keep: 4096 rewritten			busy: since it began
 *	keep: wrong 0, lost 17 203		each look at all
 */
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mach/mach.h"
#include "mach/service.h"
#include "mem.h"

#define WORDS	(VM_PAGE_SIZE / sizeof(uint64_t))

enum state { RIGHT, WRONG, LOST };

static uint64_t *area, pages, seed;
static uint32_t *generation;		/* of each page; NULL: all are of the first */
static sigjmp_buf place;
static volatile uintptr_t bus_error;	/* its address */
static volatile sig_atomic_t ended;

static void
on_bus_error(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)context;
	bus_error = (uintptr_t)info->si_addr;
	siglongjmp(place, 1);
}

static void
on_end(int signal)
{
	(void)signal;
	ended = 1;
}

static uint64_t
word(uint64_t page, uint64_t i)
{
	uint64_t x = (seed << 40) + page * WORDS + i + ((uint64_t)(generation ? generation[page] : 0) << 24);

	x *= 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}

static void
page_write(uint64_t page)
{
	for (uint64_t i = 0; i < WORDS; i++)
		area[page * WORDS + i] = word(page, i);
}

/* Looks at a page, and writes it anew if it is right. */
static enum state
visit(uint64_t page, bool anew)
{
	const volatile uint64_t *at = area + page * WORDS;

	if (sigsetjmp(place, 1) != 0)
		return bus_error - (uintptr_t)at < VM_PAGE_SIZE ? LOST : WRONG;
	for (uint64_t i = 0; i < WORDS; i++)
		if (at[i] != word(page, i))
			return WRONG;
	if (anew) {
		generation[page]++;
		page_write(page);
	}
	return RIGHT;
}

/* Returns the number of pages that are neither right nor lost. */
static uint64_t
look_at_all(void)
{
	uint64_t *lost = malloc(pages * sizeof(*lost)), lost_count = 0, wrong = 0;

	for (uint64_t page = 0; page < pages; page++) {
		enum state state = visit(page, false);

		wrong += state == WRONG;
		if (state == LOST)
			lost[lost_count++] = page;
	}
	printf("keep: wrong %lu, lost", (unsigned long)wrong);
	for (uint64_t i = 0; i < lost_count; i++)
		printf(" %lu", (unsigned long)lost[i]);
	printf("\n");
	fflush(stdout);
	free(lost);
	return wrong;
}

static uint64_t
random_page(void)
{
	static uint64_t x;

	x = (x + seed + 1) * 0x9e3779b97f4a7c15ull;
	x ^= x >> 31;
	return x % pages;
}

/* Returns the number of pages found wrong. */
static uint64_t
rewrite(void)
{
	uint64_t wrong = 0;

	for (uint64_t count = 0; !ended; count++) {
		uint64_t page = random_page();

		if (count % (8 * pages) == 0 && count > 0) {
			printf("keep: %lu rewritten\n", (unsigned long)count);
			fflush(stdout);
		}
		wrong += visit(page, true) == WRONG;
	}
	return wrong;
}

/* Memory of that many bytes, an object of mem's or not. Returns NULL: there is none. */
static uint64_t *
memory(vm_size_t size, bool object)
{
	struct vm_map_args args = { .target = mach_task_self(), .size = size, .flags = VM_FLAGS_ANYWHERE,
		.cur_protection = VM_PROT_DEFAULT, .max_protection = VM_PROT_DEFAULT, .inheritance = VM_INHERIT_NONE };

	if (object && mem_create_object(service_look_up("mem"), size, &args.object) != KERN_SUCCESS)
		return NULL;
	return vm_map(&args) == KERN_SUCCESS ? (uint64_t *)args.address : NULL;
}

static bool
says(int argc, char **argv, const char *what)
{
	for (int i = 3; i < argc; i++)
		if (strcmp(argv[i], what) == 0)
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	struct sigaction bus = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO };
	bool busy = says(argc, argv, "busy");
	uint64_t wrong = 0;

	pages = argc > 2 ? strtoul(argv[1], NULL, 0) : 0;
	seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	if (pages == 0) {
		fprintf(stderr, "usage: keep PAGES SEED [object] [busy]\n");
		return 2;
	}
	area = memory(pages * VM_PAGE_SIZE, says(argc, argv, "object"));
	generation = busy ? calloc(pages, sizeof(*generation)) : NULL;
	if (area == NULL || (busy && generation == NULL)) {
		fprintf(stderr, "keep: no memory\n");
		return 1;
	}
	sigaction(SIGBUS, &bus, NULL);
	signal(SIGTERM, on_end);
	for (uint64_t page = 0; page < pages; page++)
		page_write(page);
	printf("keep: filled\n");
	fflush(stdout);
	wrong += busy ? rewrite() : look_at_all();
	wrong += look_at_all();
	return wrong != 0;
}
