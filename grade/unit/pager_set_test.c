/* The set of pages of the file server's pager against an array of flags, with ranges of all lengths and without memory. */
// SOURCES: fs/pager/set.c
// CFLAGS: -Ifs
#include "unit.h"
#include "pager/set.h"
#include "vfs/os.h"

#include <stdlib.h>
#include <string.h>

#define PAGES	(SET_STRETCH * 40)	/* more than buckets, so that chains are longer than one */

static int live, refuse;

void *
os_alloc(size_t size)
{
	if (refuse)
		return NULL;
	live++;
	return calloc(1, size);
}

void
os_free(void *p)
{
	live -= p != NULL;
	free(p);
}

static uint64_t seed = 88172645463325252ull;

static uint64_t
random_below(uint64_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % limit;
}

static bool
model_any(const char *model, uint64_t first, uint64_t count)
{
	return first < PAGES && memchr(model + first, 1, count < PAGES - first ? count : PAGES - first) != NULL;
}

static void
same_lowest(const struct page_set *set, const char *model, uint64_t first, uint64_t count)
{
	uint64_t index;
	bool any = model_any(model, first, count);

	CHECK_EQ(page_set_lowest(set, first, count, &index), any);
	if (any)
		CHECK_EQ(index, (uint64_t)((const char *)memchr(model + first, 1, PAGES - first) - model));
}

static void
agrees_with_the_model(void)
{
	static char model[PAGES];
	struct page_set set = { { NULL } };

	for (int i = 0; i < 200000; i++) {
		uint64_t first = random_below(PAGES + 100), count = 1 + random_below(random_below(8) ? 40 : PAGES);

		if (random_below(50) == 0)
			count = UINT64_MAX;
		switch (random_below(5)) {
		case 0:
			page_set_remove(&set, first, count);
			if (first < PAGES)
				memset(model + first, 0, count < PAGES - first ? count : PAGES - first);
			break;
		case 1:
			if (first < PAGES) {
				CHECK(page_set_add(&set, first));
				model[first] = 1;
			}
			break;
		case 2:
			same_lowest(&set, model, first, count);
			break;
		default:
			CHECK_EQ(page_set_any(&set, first, count), model_any(model, first, count));
		}
	}
	page_set_remove(&set, 0, UINT64_MAX);
	CHECK_EQ(live, 0);
}

static void
the_ends_of_files(void)
{
	struct page_set set = { { NULL } };
	uint64_t lowest;

	CHECK(page_set_add(&set, UINT64_MAX));
	CHECK(page_set_any(&set, UINT64_MAX, 1));
	CHECK(page_set_any(&set, UINT64_MAX, UINT64_MAX));
	CHECK(page_set_any(&set, 5, UINT64_MAX - 4));
	CHECK(!page_set_any(&set, 5, UINT64_MAX - 5));
	CHECK(page_set_lowest(&set, 0, UINT64_MAX, &lowest) == false);
	CHECK(page_set_lowest(&set, 1, UINT64_MAX, &lowest) && lowest == UINT64_MAX);
	page_set_remove(&set, 0, UINT64_MAX);
	CHECK(page_set_any(&set, UINT64_MAX, 1));
	page_set_remove(&set, 1, UINT64_MAX);
	CHECK_EQ(live, 0);
}

static void
without_memory(void)
{
	struct page_set set = { { NULL } };

	CHECK(page_set_add(&set, 7));
	refuse = 1;
	CHECK(page_set_add(&set, 8));
	CHECK(!page_set_add(&set, SET_STRETCH));
	CHECK(!page_set_any(&set, SET_STRETCH, 1));
	CHECK(page_set_any(&set, 8, 1));
	refuse = 0;
	page_set_remove(&set, 0, UINT64_MAX);
	CHECK_EQ(live, 0);
}

int
main(void)
{
	TEST(agrees_with_the_model);
	TEST(the_ends_of_files);
	TEST(without_memory);
	return unit_done();
}
