// SOURCES: fs/lock/ranges.c
// CFLAGS: -Ifs
/*
 * Record locks against a model that keeps the kind of every byte for every owner.
 */
#include "lock/ranges.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define BYTES	40		/* the last one stands for all behind it */
#define OWNERS	3

static enum range_kind model[OWNERS][BYTES];
static struct range *list;
static int total;
static bool no_memory;

void *
os_alloc(size_t size)
{
	return no_memory ? NULL : calloc(1, size);
}

void
os_free(void *p)
{
	free(p);
}

static uint64_t
last_of(int byte)
{
	return byte == BYTES - 1 ? RANGE_END : (uint64_t)byte;
}

static bool
model_conflicts(unsigned owner, enum range_kind kind, int first, int last)
{
	for (unsigned other = 0; other < OWNERS; other++)
		for (int i = first; i <= last && other != owner; i++)
			if (model[other][i] == RANGE_WRITE || (model[other][i] == RANGE_READ && kind == RANGE_WRITE))
				return true;
	return false;
}

/* Sorted, without overlaps, joined where they touch, and the model's bytes. */
static void
list_is_the_model(void)
{
	enum range_kind seen[OWNERS][BYTES] = { { 0 } };
	int count = 0;

	for (const struct range *r = list; r; r = r->next, count++) {
		CHECK(r->first <= r->last && r->owner < OWNERS && r->kind != RANGE_NONE);
		CHECK(!r->next || r->first <= r->next->first);
		for (uint64_t i = r->first; i < BYTES && i <= r->last; i++) {
			CHECK(seen[r->owner][i] == RANGE_NONE);
			seen[r->owner][i] = r->kind;
		}
		for (const struct range *s = list; s; s = s->next)
			CHECK(s->owner != r->owner || s->kind != r->kind || r->last == RANGE_END || s->first != r->last + 1);
	}
	CHECK(memcmp(seen, model, sizeof(model)) == 0);
	CHECK_EQ(count, total);
}

static void
locks_follow_the_model(void)
{
	srand(5);
	for (int round = 0; round < 20000; round++) {
		unsigned owner = (unsigned)rand() % OWNERS;
		int first = rand() % BYTES, last = first + rand() % (BYTES - first), change;
		enum range_kind kind = (enum range_kind)(rand() % 3);
		const struct range *found = ranges_conflict(list, owner, kind, (uint64_t)first, last_of(last));

		CHECK((found != NULL) == (kind != RANGE_NONE && model_conflicts(owner, kind, first, last)));
		if (!found) {
			bool splits = ranges_splits(list, owner, (uint64_t)first, last_of(last));

			CHECK_EQ(ranges_set(&list, owner, kind, (uint64_t)first, last_of(last), &change), 0);
			total += change;
			CHECK(kind != RANGE_NONE || splits == (change > 0));
			for (int i = first; i <= last; i++)
				model[owner][i] = kind;
			list_is_the_model();
		}
	}
	for (unsigned owner = 0; owner < OWNERS; owner++) {
		int change;

		CHECK_EQ(ranges_set(&list, owner, RANGE_NONE, 0, RANGE_END, &change), 0);
		total += change;
	}
	CHECK(list == NULL && total == 0);
}

/* A process that has ended is rid of its locks, however little memory there is. */
static void
giving_up_needs_no_memory(void)
{
	int change;

	for (uint64_t i = 0; i < 5; i++)
		CHECK_EQ(ranges_set(&list, 1, RANGE_WRITE, 10 * i, 10 * i + 5, &change), 0);
	no_memory = true;
	CHECK(ranges_set(&list, 1, RANGE_NONE, 2, 3, &change) != 0);
	CHECK(ranges_set(&list, 1, RANGE_READ, 100, 103, &change) != 0);
	CHECK_EQ(ranges_set(&list, 1, RANGE_NONE, 0, 2, &change), 0);
	CHECK_EQ(change, 0);
	CHECK_EQ(ranges_set(&list, 1, RANGE_NONE, 0, RANGE_END, &change), 0);
	CHECK_EQ(change, -5);
	CHECK(list == NULL);
	no_memory = false;
}

int
main(void)
{
	TEST(locks_follow_the_model);
	TEST(giving_up_needs_no_memory);
	return unit_done();
}
