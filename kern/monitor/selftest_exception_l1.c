/*
 * What the kernel must not do. Each of these ends in a panic that says what and where: `selftest exception N` does the Nth, from 1 on.
 */
#include "monitor/selftest.h"

#include "arch/pmap.h"
#include "arch/usercopy.h"
#include "init/ksyms.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "sync/refcount.h"
#include "sync/spinlock.h"

#define DEED	__attribute__((noinline, noclone)) static void
#define HOLE	(KVA_BASE + (1ull << 37))	/* nothing is mapped there */
#define NOWHERE	0x0123456789abcdefull		/* no address at all */

static char bytes[64] __attribute__((aligned(64)));
static volatile uint64_t kept;

DEED
read_a_hole(void)
{
	kept = *(volatile uint64_t *)HOLE;
}

DEED
write_to_text(void)
{
	*(volatile uint64_t *)_text = 1;
}

DEED
run_data(void)
{
	((void (*)(void))(uintptr_t)bytes)();
	kept++;
}

DEED
reach_a_trap(void)
{
	__builtin_trap();
}

/* The first is an error on aarch64, the second on x86_64. */
DEED
count_between_words_and_divide(void)
{
	__atomic_fetch_add((uint64_t *)(bytes + 13), 1, __ATOMIC_SEQ_CST);
	kept = 0;
	kept = kept / kept;
}

DEED
read_nowhere(void)
{
	kept = *(volatile uint64_t *)NOWHERE;
}

/* A user copy has a way out for the user's addresses only. */
DEED
copy_from_a_hole(void)
{
	kept = copyout(0x10000, (const void *)HOLE, 8);
}

DEED
call_without_end(void)
{
	volatile char room[64];

	room[0] = (char)kept++;
	if (kept != 0)
		call_without_end();
	kept += room[0];
}

/* --- what only debug builds notice (kept: no tail calls, whose frames nobody sees) --- */

#ifdef DEBUG
static struct spinlock outer = SPINLOCK_INIT("outer", RANK_TASK), inner = SPINLOCK_INIT("inner", RANK_PORT);

DEED
take_locks_in_the_wrong_order(void)
{
	spin_lock(&inner);
	spin_lock(&outer);
	kept++;
}

DEED
release_a_lock_that_is_free(void)
{
	spin_unlock(&outer);
	kept++;
}

DEED
write_to_a_free_frame(void)
{
	struct page *page = page_alloc(0, PAGE_USE_KERNEL, 0);
	volatile uint64_t *word = page_virtual(page);

	page_drop(page);
	word[5] = 1;
	page_alloc(0, PAGE_USE_KERNEL, 0);
	kept++;
}

DEED
free_twice(void)
{
	void *volatile object = kalloc(64, KALLOC_MISC);

	kfree(object);
	kfree(object);
	kept++;
}

DEED
add_too_much(void)
{
	volatile int32_t much = INT32_MAX;

	kept = (uint64_t)(much + 1);
}

DEED
look_behind_an_array(void)
{
	volatile unsigned index = sizeof(bytes);

	kept = (uint64_t)bytes[index];
}

static refcount_t references;

DEED
take_a_reference_too_many(void)
{
	refcount_set(&references, REFCOUNT_MAX);
	refcount_take(&references);
	kept++;
}

DEED
drop_what_nobody_holds(void)
{
	refcount_set(&references, 0);
	refcount_drop(&references);
	kept++;
}

#define DEBUG_DEEDS take_locks_in_the_wrong_order, release_a_lock_that_is_free, write_to_a_free_frame, free_twice, add_too_much, \
	look_behind_an_array, take_a_reference_too_many, drop_what_nobody_holds,
#else
#define DEBUG_DEEDS
#endif

static void
exception(uint64_t which)
{
	static void (*const deeds[])(void) = {
		read_a_hole, write_to_text, run_data, reach_a_trap, count_between_words_and_divide, read_nowhere, copy_from_a_hole, call_without_end,
		DEBUG_DEEDS
	};

	deeds[(which - 1) % (sizeof(deeds) / sizeof(deeds[0]))]();
	selftest_check(false, "nothing happened");
}

const struct selftest selftests_exception[] = {
	{ "exception", "an exception of the kernel: panics", exception },
	{ NULL, NULL, NULL },
};
