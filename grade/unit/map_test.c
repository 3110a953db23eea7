/*
 * The tree of address ranges: balance, gap search, against a table of pages; and its cost with
 * 100,000 ranges.
 */
// SOURCES: kern/vm/tree.c kern/vm/range.c
#include <stdlib.h>
#include "unit.h"
#include "sync/list.h"
#include "vm/range.h"

static uint64_t seed = 88172645463325252ull;

static uint64_t
random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

#define LOW	1000u
#define PAGES	600u

static struct range_set set;
static struct range *owner[PAGES];		/* by address - LOW */
static unsigned ranges;

#define as_range(tree_node) container_of(tree_node, struct range, node)

/* Checks balance, order and gaps below a node; returns its height. */
static int
check_node(struct tree_node *node, struct tree_node *parent, uint64_t *max_gap)
{
	uint64_t most[2] = { 0, 0 };
	int height[2];

	*max_gap = 0;
	if (node == NULL)
		return 0;
	CHECK(node->parent == parent);
	for (int side = 0; side < 2; side++)
		height[side] = check_node(node->child[side], node, &most[side]);
	CHECK(abs(height[0] - height[1]) <= 1);
	CHECK_EQ(node->height, 1 + (height[0] > height[1] ? height[0] : height[1]));
	*max_gap = as_range(node)->gap;
	for (int side = 0; side < 2; side++)
		if (most[side] > *max_gap)
			*max_gap = most[side];
	CHECK_EQ(as_range(node)->max_gap, *max_gap);
	return node->height;
}

static void
check_set(void)
{
	uint64_t end = LOW, most;
	unsigned seen = 0;

	check_node(set.tree.root, NULL, &most);
	for (struct range *r = range_first(&set); r != NULL; r = range_next(&set, r)) {
		REQUIRE(r->start >= end && r->end > r->start);
		CHECK_EQ(r->gap, r->start - end);
		end = r->end;
		seen++;
	}
	CHECK_EQ(set.close.gap, LOW + PAGES - end);
	CHECK_EQ(seen, ranges);
}

static bool
table_free(uint64_t start, uint64_t size)
{
	if (start < LOW || start + size > LOW + PAGES)
		return false;
	for (uint64_t i = 0; i < size; i++)
		if (owner[start - LOW + i] != NULL)
			return false;
	return true;
}

static void
table_set(struct range *r, struct range *value)
{
	for (uint64_t i = r->start; i < r->end; i++)
		owner[i - LOW] = value;
}

static void
insert_somewhere(void)
{
	uint64_t size = 1 + random64() % 12, hint = LOW + random64() % PAGES,
		 mask = (1ull << random64() % 4) - 1;
	uint64_t got = 0, want = hint;
	bool found = range_space(&set, hint, size, mask, &got);
	struct range *r;

	while (want < LOW + PAGES && ((want & mask) != 0 || !table_free(want, size)))
		want++;
	if (mask == 0)
		REQUIRE(found == (want < LOW + PAGES));
	if (!found)
		return;
	REQUIRE(table_free(got, size) && (got & mask) == 0 && got >= hint);
	if (mask == 0)
		REQUIRE(got == want);
	REQUIRE(range_free(&set, got, got + size));
	r = malloc(sizeof(*r));
	r->start = got;
	r->end = got + size;
	range_insert(&set, r);
	table_set(r, r);
	ranges++;
}

static void
change_or_remove(struct range *r)
{
	table_set(r, NULL);
	if (random64() % 3 == 0 && r->end - r->start > 1) {
		range_resize(&set, r, r->start + random64() % 2,
		    r->end - (r->end - r->start > 2 ? random64() % 2 : 0));
		table_set(r, r);
		return;
	}
	range_remove(&set, r);
	free(r);
	ranges--;
}

static void
random_operations_match_a_table(void)
{
	range_set_init(&set, LOW, LOW + PAGES);
	for (unsigned round = 0; round < 60000; round++) {
		uint64_t at = LOW + random64() % PAGES;
		struct range *r = range_find(&set, at), *after = range_find_after(&set, at);
		uint64_t next = at;

		REQUIRE(r == owner[at - LOW]);
		while (next < LOW + PAGES && owner[next - LOW] == NULL)
			next++;
		REQUIRE(after == (next < LOW + PAGES ? owner[next - LOW] : NULL));
		if (r != NULL && (round / 5000) % 2 == 1)
			change_or_remove(r);
		else
			insert_somewhere();
		if (round % 500 == 0)
			check_set();
	}
	while (range_first(&set) != NULL) {
		struct range *r = range_first(&set);

		range_remove(&set, r);
		free(r);
		ranges--;
	}
	check_set();
}

static void
bounds_are_respected(void)
{
	uint64_t at;

	range_set_init(&set, LOW, LOW + PAGES);
	CHECK(!range_free(&set, LOW - 1, LOW + 1));
	CHECK(!range_free(&set, LOW + PAGES - 1, LOW + PAGES + 1));
	CHECK(!range_free(&set, LOW, LOW));
	CHECK(range_free(&set, LOW, LOW + PAGES));
	CHECK(range_space(&set, 0, PAGES, 0, &at) && at == LOW);
	CHECK(!range_space(&set, 0, PAGES + 1, 0, &at));
	CHECK(!range_space(&set, LOW + PAGES, 1, 0, &at));
	CHECK(!range_space(&set, 0, ~0ull, ~0ull, &at));
	CHECK(!range_space(&set, 0, 1, ~0ull, &at));
	CHECK(range_find(&set, LOW + PAGES) == NULL && range_find_after(&set, ~0ull) == NULL);
}

#define MANY 100000u

static void
hundred_thousand_stay_logarithmic(void)
{
	struct range *all = calloc(MANY, sizeof(*all));
	uint64_t at;

	range_set_init(&set, 0, 1ull << 40);
	for (unsigned i = 0; i < MANY; i++) {
		all[i].start = i * 20ull;
		all[i].end = all[i].start + 10 + (i == MANY - 2 ? 0 : 5);
		range_insert(&set, &all[i]);
	}
	CHECK(as_range(set.tree.root)->node.height <= 24);
	for (unsigned i = 0; i < MANY; i++) {
		REQUIRE(range_find(&set, all[i].start + 9) == &all[i]);
		REQUIRE(range_space(&set, 0, 6, 0, &at) && at == all[MANY - 2].end);
	}
	for (unsigned i = 0; i < MANY; i++)
		range_remove(&set, &all[(i * 7919ull) % MANY]);
	CHECK(range_first(&set) == NULL);
	free(all);
}

int
main(void)
{
	TEST(random_operations_match_a_table);
	TEST(bounds_are_respected);
	TEST(hundred_thousand_stay_logarithmic);
	return unit_done();
}
