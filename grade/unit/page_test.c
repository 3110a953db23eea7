// SOURCES: kern/mm/page.c kern/mm/buddy.c kern/mm/memmap.c
// CFLAGS: -Igrade/unit/ipc_mock -Wno-unused-function
/*
 * Frames on four CPUs: what is free when memory is short is there for whoever runs, on whichever CPU.
 */
#include "arch/bootinfo.h"
#include "arch/pmap.h"
#include "mm/page.h"
#include "sched/cpu.h"
#include "sync/spinlock.h"
#include "unit.h"

#include <stdarg.h>
#include <stdlib.h>

#define CPUS	4u
#define FRAMES	8192u

struct bootinfo bootinfo;
struct cpu cpus[CPU_MAX], *mock_cpu = &cpus[0];
static bool wired;			/* the running thread pages for others */
static struct page *taken[FRAMES];
static unsigned taken_count;

_Noreturn void
panic(const char *format, ...)
{
	fprintf(stderr, "panic: %s\n", format);
	abort();
}

void spin_lock(struct spinlock *lock) { REQUIRE(lock->owner == NULL); lock->owner = mock_cpu; }
void spin_unlock(struct spinlock *lock) { lock->owner = NULL; }

static bool
is_wired(void)
{
	return wired;
}

/* RAM as the kernel sees it: at an address of which the direct map makes the host's. */
static void
begin(void)
{
	static void *memory;
	uint64_t align = (uint64_t)PAGE_SIZE << PAGE_ORDER_MAX;

	if (memory == NULL) {
		memory = aligned_alloc(align, (uint64_t)FRAMES * PAGE_SIZE);
		REQUIRE(memory != NULL);
		bootinfo.memory_count = 1;
		bootinfo.memory[0] = (struct boot_range){virt_to_phys((uintptr_t)memory), (uint64_t)FRAMES * PAGE_SIZE};
		page_init();
		page_privileged = is_wired;
	}
	for (unsigned i = 0; i < CPUS; i++)
		cpus[i].number = (int)i;
	mock_cpu = &cpus[0];
	wired = false;
}

static struct page_statistics
statistics(void)
{
	struct page_statistics now;

	page_statistics_get(&now);
	return now;
}

/* Takes what there is, on all CPUs in turn. Returns how many. */
static unsigned
take_all(unsigned flags)
{
	unsigned count = 0, failed = 0;

	for (unsigned i = 0; failed < CPUS; i++) {
		struct page *page;

		mock_cpu = &cpus[i % CPUS];
		page = page_alloc(0, PAGE_USE_ANON, flags);
		failed = page == NULL ? failed + 1 : 0;
		if (page != NULL)
			taken[taken_count++] = page;
		count += page != NULL;
	}
	return count;
}

static void
give(unsigned count)
{
	while (count-- > 0)
		page_drop(taken[--taken_count]);
}

static void
give_all(void)
{
	give(taken_count);
	for (unsigned i = 0; i < CPUS; i++) {
		mock_cpu = &cpus[i];
		page_drain();
	}
	CHECK_EQ(statistics().free, statistics().total);
}

static void
ordinary_threads_leave_their_share(void)
{
	begin();
	take_all(PAGE_ALLOC_ORDINARY);
	CHECK(statistics().free >= statistics().system_share);
	CHECK(!page_would_fit(1, PAGE_ALLOC_ORDINARY));
	CHECK(page_would_fit(1, 0));
	take_all(0);
	CHECK(statistics().free >= statistics().reserve);
	CHECK(statistics().free < statistics().system_share);
	give_all();
}

/* What comes back while memory is short, on one CPU, can all be had on another. */
static void
no_cache_keeps_the_last_frames(void)
{
	begin();
	take_all(0);
	for (unsigned i = 0; i < CPUS; i++) {
		mock_cpu = &cpus[i];
		give(20);
	}
	CHECK_EQ(statistics().cached, 0);
	mock_cpu = &cpus[0];
	wired = true;
	while (statistics().free > 0) {
		struct page *page = page_alloc(0, PAGE_USE_ANON, 0);

		REQUIRE(page != NULL);
		taken[taken_count++] = page;
	}
	CHECK(page_alloc(0, PAGE_USE_ANON, 0) == NULL);
	mock_cpu = &cpus[1];
	give(1);
	mock_cpu = &cpus[2];
	taken[taken_count] = page_alloc(0, PAGE_USE_ANON, 0);
	REQUIRE(taken[taken_count] != NULL);
	taken_count++;
	give_all();
}

/* With plenty, a CPU's frames come from its cache and go there. */
static void
caches_serve_while_there_is_plenty(void)
{
	struct page *page;

	begin();
	page = page_alloc(0, PAGE_USE_ANON, 0);
	REQUIRE(page != NULL);
	CHECK(statistics().cached > 0);
	page_drop(page);
	CHECK(page_alloc(0, PAGE_USE_ANON, 0) == page);
	page_drop(page);
	CHECK(statistics().cached > 0);
	give_all();
}

/* What was executed is overwritten when it goes, and data are not, which would take time for nothing. */
static void
instructions_do_not_outlive_their_frame(void)
{
	const unsigned char *bytes;

	begin();
	for (int executed = 0; executed < 2; executed++) {
		struct page *page = page_alloc(0, PAGE_USE_ANON, 0);

		REQUIRE(page != NULL);
		memset(page_virtual(page), 0x17, PAGE_SIZE);
		page->executed = executed;
		page_drop(page);
		CHECK(!page->executed);
		bytes = page_virtual(page);
		for (unsigned i = 0; i < PAGE_SIZE; i++)
			CHECK_EQ(bytes[i] == 0x17, !executed);
	}
	give_all();
}

int
main(void)
{
	TEST(ordinary_threads_leave_their_share);
	TEST(no_cache_keeps_the_last_frames);
	TEST(caches_serve_while_there_is_plenty);
	TEST(instructions_do_not_outlive_their_frame);
	return unit_done();
}
