/* The radix tree against a sorted array, sparse 64-bit indexes, failing allocations. */
// SOURCES: kern/mm/radix.c
#include "unit.h"
#include "mock_mm.h"
#include "mm/radix.h"

static uint64_t seed = 88172645463325252ull;

static uint64_t
random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

#define VALUE(i) ((void *)((uintptr_t)(i) * 2 + 1))

static void
empty_tree_has_nothing(void)
{
	struct radix tree;
	uint64_t index = 0;

	radix_init(&tree);
	CHECK(radix_lookup(&tree, 0) == NULL);
	CHECK(radix_remove(&tree, 5) == NULL);
	CHECK(radix_next(&tree, &index) == NULL);
	radix_destroy(&tree);
	CHECK_EQ(mock_kalloc_live, 0);
}

static void
single_entry_takes_one_node(void)
{
	struct radix tree;

	radix_init(&tree);
	CHECK(radix_insert(&tree, 63, VALUE(63)));
	CHECK_EQ(mock_kalloc_live, 1);
	CHECK(radix_lookup(&tree, 63) == VALUE(63));
	CHECK(radix_lookup(&tree, 64) == NULL);
	CHECK(radix_lookup(&tree, ~0ull) == NULL);
	CHECK(radix_remove(&tree, 63) == VALUE(63));
	CHECK_EQ(mock_kalloc_live, 0);
	CHECK_EQ(tree.height, 0);
}

static void
extreme_indexes(void)
{
	static const uint64_t places[] = {0, 1, 63, 64, 4095, 4096, 1ull << 36, ~0ull >> 1,
	    1ull << 63, ~0ull - 1, ~0ull};
	unsigned count = sizeof(places) / sizeof(places[0]);
	struct radix tree;
	uint64_t index = 0;

	radix_init(&tree);
	for (unsigned i = count; i-- > 0;)
		CHECK(radix_insert(&tree, places[i], VALUE(i)));
	for (unsigned i = 0; i < count; i++) {
		CHECK(radix_lookup(&tree, places[i]) == VALUE(i));
		CHECK(radix_next(&tree, &index) == VALUE(i));
		CHECK(index == places[i]);
		index++;
	}
	CHECK(index == 0);
	for (unsigned i = count; i-- > 1;) {
		CHECK(radix_remove(&tree, places[i]) == VALUE(i));
		index = places[i];
		CHECK(radix_next(&tree, &index) == NULL);
	}
	CHECK_EQ(mock_kalloc_live, 1);
	CHECK_EQ(tree.height, 1);
	radix_destroy(&tree);
	CHECK_EQ(mock_kalloc_live, 0);
}

#define SPAN 5000u

static void
check_against(const struct radix *tree, const bool *there, unsigned expected)
{
	uint64_t index = 0;
	unsigned seen = 0;

	CHECK_EQ(tree->count, expected);
	for (void *v; (v = radix_next(tree, &index)) != NULL; index++) {
		REQUIRE(index < SPAN && there[index] && v == VALUE(index));
		seen++;
	}
	CHECK_EQ(seen, expected);
}

static void
random_operations_match_a_table(void)
{
	static bool there[SPAN];
	unsigned count = 0;
	struct radix tree;

	radix_init(&tree);
	for (unsigned round = 0; round < 200000; round++) {
		uint64_t index = random64() % (round % 3 == 0 ? SPAN : 200);

		if (there[index]) {
			REQUIRE(radix_lookup(&tree, index) == VALUE(index));
			REQUIRE(radix_replace(&tree, index, VALUE(index)) == VALUE(index));
			REQUIRE(radix_remove(&tree, index) == VALUE(index));
			count--;
		} else {
			REQUIRE(radix_lookup(&tree, index) == NULL);
			REQUIRE(radix_remove(&tree, index) == NULL);
			REQUIRE(radix_insert(&tree, index, VALUE(index)));
			count++;
		}
		there[index] = !there[index];
		if (round % 20000 == 0)
			check_against(&tree, there, count);
	}
	check_against(&tree, there, count);
	for (unsigned i = 0; i < SPAN; i++)
		if (there[i])
			radix_remove(&tree, i);
	CHECK_EQ(tree.count, 0);
	CHECK_EQ(mock_kalloc_live, 0);
}

static void
failed_insertion_changes_nothing(void)
{
	for (unsigned present = 0; present < 4; present++)
		for (long budget = 0; budget < 12; budget++) {
			struct radix tree;
			long before;
			uint32_t height;

			radix_init(&tree);
			for (unsigned i = 0; i < present; i++)
				CHECK(radix_insert(&tree, i * 70, VALUE(i)));
			before = mock_kalloc_live;
			height = tree.height;
			mock_kalloc_fail_after = budget;
			if (!radix_insert(&tree, 1ull << 50, VALUE(9))) {
				CHECK_EQ(mock_kalloc_live, before);
				CHECK_EQ(tree.height, height);
				CHECK_EQ(tree.count, present);
			}
			mock_kalloc_fail_after = -1;
			for (unsigned i = 0; i < present; i++)
				CHECK(radix_lookup(&tree, i * 70) == VALUE(i));
			radix_destroy(&tree);
			CHECK_EQ(mock_kalloc_live, 0);
		}
}

int
main(void)
{
	TEST(empty_tree_has_nothing);
	TEST(single_entry_takes_one_node);
	TEST(extreme_indexes);
	TEST(random_operations_match_a_table);
	TEST(failed_insertion_changes_nothing);
	return unit_done();
}
