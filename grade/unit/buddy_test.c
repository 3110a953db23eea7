// SOURCES: kern/mm/buddy.c
// CFLAGS: -Ikern -Iinc
/*
 * The buddy system against a plain model: a map of which frames are handed out. Random sequences, exact coalescing, refused frees.
 */
#include <stdlib.h>

#include "mm/buddy.h"
#include "unit.h"

#define FRAMES 4096

static struct page pages[FRAMES];
static struct buddy buddy;

static void
setup(void)
{
	memset(pages, 0, sizeof(pages));
	for (unsigned i = 0; i < FRAMES; i++)
		pages[i].state = PAGE_RESERVED;
	buddy_init(&buddy, pages, 0x40000, FRAMES);
	for (unsigned i = 0; i < FRAMES; i += 1 << PAGE_ORDER_MAX)
		CHECK(buddy_free(&buddy, &pages[i], PAGE_ORDER_MAX) == NULL);
}

static void
blocks_are_aligned_and_sized(void)
{
	setup();
	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++) {
		struct page *page = buddy_alloc(&buddy, order);

		REQUIRE(page != NULL);
		CHECK_EQ((page - pages) & ((1 << order) - 1), 0);
		CHECK_EQ(page->order, order);
		CHECK(buddy_free(&buddy, page, order) == NULL);
	}
	CHECK_EQ(buddy.free, FRAMES);
}

static void
everything_joins_again(void)
{
	struct page *got[FRAMES];

	setup();
	for (unsigned i = 0; i < FRAMES; i++) {
		got[i] = buddy_alloc(&buddy, 0);
		REQUIRE(got[i] != NULL);
	}
	CHECK(buddy_alloc(&buddy, 0) == NULL);
	CHECK_EQ(buddy.free, 0);
	for (unsigned i = 0; i < FRAMES; i++) {
		unsigned j = i + rand() % (FRAMES - i);
		struct page *page = got[j];

		got[j] = got[i];
		CHECK(buddy_free(&buddy, page, 0) == NULL);
	}
	CHECK_EQ(buddy.free, FRAMES);
	CHECK_EQ(buddy.blocks[PAGE_ORDER_MAX], FRAMES >> PAGE_ORDER_MAX);
	for (unsigned order = 0; order < PAGE_ORDER_MAX; order++)
		CHECK_EQ(buddy.blocks[order], 0);
}

static void
bad_frees_change_nothing(void)
{
	struct page *page;
	uint64_t free;

	setup();
	page = buddy_alloc(&buddy, 2);
	REQUIRE(page != NULL);
	free = buddy.free;
	CHECK(buddy_free(&buddy, page + 1, 2) != NULL);			/* not aligned */
	CHECK(buddy_free(&buddy, page, PAGE_ORDER_MAX + 1) != NULL);
	CHECK(buddy_free(&buddy, page + FRAMES, 0) != NULL);		/* not ours */
	CHECK(buddy_free(&buddy, page, 3) != NULL);			/* the other half is free */
	CHECK_EQ(buddy.free, free);
	CHECK(buddy_free(&buddy, page, 2) == NULL);
	CHECK(buddy_free(&buddy, page, 2) != NULL);			/* twice */
	CHECK_EQ(buddy.free, FRAMES);
}

static void
random_sequences_never_overlap(void)
{
	struct { struct page *page; unsigned order; } held[512];
	static unsigned char taken[FRAMES];
	unsigned count = 0, frames = 0;

	setup();
	memset(taken, 0, sizeof(taken));
	srand(7);
	for (unsigned step = 0; step < 200000; step++) {
		if (count < 512 && rand() % 2 == 0) {
			unsigned order = rand() % 6;
			struct page *page = buddy_alloc(&buddy, order);

			if (page == NULL)
				continue;
			for (unsigned i = 0; i < 1u << order; i++)
				REQUIRE(taken[page - pages + i]++ == 0);
			held[count].page = page;
			held[count++].order = order;
			frames += 1u << order;
		} else if (count > 0) {
			unsigned i = rand() % count;

			for (unsigned k = 0; k < 1u << held[i].order; k++)
				taken[held[i].page - pages + k] = 0;
			REQUIRE(buddy_free(&buddy, held[i].page, held[i].order) == NULL);
			frames -= 1u << held[i].order;
			held[i] = held[--count];
		}
		REQUIRE(buddy.free == FRAMES - frames);
	}
}

int
main(void)
{
	TEST(blocks_are_aligned_and_sized);
	TEST(everything_joins_again);
	TEST(bad_frees_change_nothing);
	TEST(random_sequences_never_overlap);
	return unit_done();
}
