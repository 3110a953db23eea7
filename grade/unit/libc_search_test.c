// LIBC: lib/libc/search/*.c lib/libc/string/strcmp.c lib/libc/string/memcpy.c
/*
 * Hash table, trees, linear search and queues; the trees against a sorted set, and their depth.
 */
#define _GNU_SOURCE
#include <search.h>
#include <string.h>
#include <sys/types.h>

#include "libc_host.h"
#include "../../inc/libc/sys/queue.h"
#include "unit.h"

int m_hcreate(size_t);
void m_hdestroy(void);
ENTRY *m_hsearch(ENTRY, ACTION);
int m_hcreate_r(size_t, void *), m_hsearch_r(ENTRY, ACTION, ENTRY **, void *);
void m_hdestroy_r(void *);
void *m_tsearch(const void *, void **, int (*)(const void *, const void *)), *m_tfind(const void *, void *const *, int (*)(const void *, const void *)),
    *m_tdelete(const void *, void **, int (*)(const void *, const void *)), *m_lsearch(const void *, void *, size_t *, size_t, int (*)(const void *, const void *)),
    *m_lfind(const void *, const void *, size_t *, size_t, int (*)(const void *, const void *));
void m_twalk(const void *, void (*)(const void *, VISIT, int)), m_tdestroy(void *, void (*)(void *)), m_insque(void *, void *), m_remque(void *);
void *m_malloc(size_t), *m_calloc(size_t, size_t);
void m_free(void *);

void *
m_malloc(size_t size)
{
	return malloc(size);
}

void *
m_calloc(size_t count, size_t size)
{
	return calloc(count, size);
}

void
m_free(void *block)
{
	free(block);
}

#define KEYS 2000

static int numbers[KEYS];
static char present[KEYS];
static int last, visited, deepest;

static int
compare(const void *a, const void *b)
{
	return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

static void
visit(const void *node, VISIT which, int depth)
{
	int key = **(int *const *)node;

	if (which != postorder && which != leaf)
		return;
	CHECK(key > last && present[key]);
	last = key;
	visited++;
	if (depth > deepest)
		deepest = depth;
}

static void
nothing(void *key)
{
	(void)key;
}

static void
trees_are_sorted_sets(void)
{
	void *root = NULL;
	int count = 0;

	for (int i = 0; i < KEYS; i++)
		numbers[i] = i;
	for (long round = cases(20000); round > 0; round--) {
		int key = round > 15000 ? (int)(20000 - round) % KEYS : (int)random_below(KEYS);
		int **found;

		switch (random_below(3)) {
		case 0:
			CHECK((m_tdelete(&numbers[key], &root, compare) != NULL) == present[key]);
			count -= present[key];
			present[key] = 0;
			break;
		case 1:
			found = m_tfind(&numbers[key], &root, compare);
			CHECK((found != NULL) == present[key] && (found == NULL || *found == &numbers[key]));
			break;
		default:
			found = m_tsearch(&numbers[key], &root, compare);
			CHECK(found != NULL && *found == &numbers[key]);
			count += !present[key];
			present[key] = 1;
		}
		if (round % 500 == 0) {
			last = -1;
			visited = deepest = 0;
			m_twalk(root, visit);
			CHECK_EQ(visited, count);
			CHECK(count == 0 || (1 << (deepest * 10 / 15)) <= 2 * count);
		}
	}
	m_tdestroy(root, nothing);
	root = NULL;
	CHECK(m_tfind(&numbers[0], &root, compare) == NULL && m_tdelete(&numbers[0], &root, compare) == NULL);
}

static void
the_hash_table_keeps_first_entries(void)
{
	static char keys[500][12];

	CHECK(m_hsearch((ENTRY){ "x", NULL }, FIND) == NULL && m_errno == ESRCH);
	REQUIRE(m_hcreate(10) != 0);
	CHECK_EQ(m_hcreate(10), 0);
	for (int i = 0; i < 500; i++) {
		snprintf(keys[i], sizeof(keys[i]), "key%d", i * i);
		CHECK(m_hsearch((ENTRY){ keys[i], &numbers[i] }, ENTER) != NULL);
	}
	CHECK(m_hsearch((ENTRY){ "key4", NULL }, ENTER)->data == &numbers[2]);
	for (int i = 0; i < 500; i++)
		CHECK(m_hsearch((ENTRY){ keys[i], NULL }, FIND)->data == &numbers[i]);
	CHECK(m_hsearch((ENTRY){ "key5", NULL }, FIND) == NULL);
	m_hdestroy();
	CHECK(m_hcreate(1) != 0 && m_hsearch((ENTRY){ "key4", NULL }, FIND) == NULL);
	m_hdestroy();
}

/* Two tables know nothing of each other. */
static void
tables_of_the_callers(void)
{
	long memory[2][4] = { { 0 } };
	ENTRY *found;

	CHECK(m_hsearch_r((ENTRY){ "x", NULL }, FIND, &found, memory[0]) == 0 && found == NULL && m_errno == ESRCH);
	for (int i = 0; i < 2; i++) {
		REQUIRE(m_hcreate_r(3, memory[i]) != 0);
		CHECK(m_hcreate_r(3, memory[i]) == 0 && m_errno == EINVAL);
		CHECK(m_hsearch_r((ENTRY){ "key", &numbers[i] }, ENTER, &found, memory[i]) != 0 && found->data == &numbers[i]);
	}
	CHECK(m_hsearch_r((ENTRY){ "key", NULL }, FIND, &found, memory[0]) != 0 && found->data == &numbers[0]);
	m_hdestroy_r(memory[0]);
	CHECK(m_hsearch_r((ENTRY){ "key", NULL }, ENTER, &found, memory[1]) != 0 && found->data == &numbers[1]);
	m_hdestroy_r(memory[1]);
}

static void
lists_are_searched_and_linked(void)
{
	struct element { struct element *next, *previous; } a, b, c;
	int set[4] = { 5, 7 }, key = 7, other = 9;
	size_t count = 2;

	CHECK(m_lfind(&key, set, &count, sizeof(int), compare) == &set[1] && m_lfind(&other, set, &count, sizeof(int), compare) == NULL);
	CHECK(m_lsearch(&key, set, &count, sizeof(int), compare) == &set[1] && count == 2);
	CHECK(m_lsearch(&other, set, &count, sizeof(int), compare) == &set[2] && count == 3 && set[2] == 9);
	m_insque(&a, NULL);
	m_insque(&c, &a);
	m_insque(&b, &a);
	CHECK(a.next == &b && b.next == &c && c.next == NULL && c.previous == &b && b.previous == &a && a.previous == NULL);
	m_remque(&b);
	CHECK(a.next == &c && c.previous == &a);
}

/* One element in a list of each kind; `model` holds what should be in it. */
struct item {
	int value;
	SLIST_ENTRY(item) single;
	STAILQ_ENTRY(item) tailed;
	LIST_ENTRY(item) doubly;
	TAILQ_ENTRY(item) queue;
	CIRCLEQ_ENTRY(item) ring;
};

SLIST_HEAD(singles, item);
STAILQ_HEAD(taileds, item);
LIST_HEAD(doubles, item);
TAILQ_HEAD(queues, item);
CIRCLEQ_HEAD(rings, item);

static struct item items[40];

static void
macro_lists_match(struct singles *s, struct taileds *t, struct doubles *d, struct queues *q, const int *model, int count)
{
	struct item *item;
	int i = 0;

	SLIST_FOREACH(item, s, single)
		CHECK_EQ(item->value, model[i++]);
	CHECK_EQ(i, count);
	i = 0;
	STAILQ_FOREACH(item, t, tailed)
		CHECK_EQ(item->value, model[i++]);
	CHECK_EQ(i, count);
	i = 0;
	LIST_FOREACH(item, d, doubly)
		CHECK_EQ(item->value, model[i++]);
	CHECK_EQ(i, count);
	i = 0;
	TAILQ_FOREACH(item, q, queue)
		CHECK_EQ(item->value, model[i++]);
	CHECK_EQ(i, count);
	TAILQ_FOREACH_REVERSE(item, q, queues, queue)
		CHECK_EQ(item->value, model[--i]);
	CHECK_EQ(i, 0);
	CHECK(SLIST_EMPTY(s) == (count == 0) && STAILQ_EMPTY(t) == (count == 0) && LIST_EMPTY(d) == (count == 0) && TAILQ_EMPTY(q) == (count == 0));
}

/* Both ways, and around its end. */
static void
ring_matches(struct rings *r, const int *model, int count)
{
	struct item *item;
	int i = 0;

	CIRCLEQ_FOREACH(item, r, ring)
		CHECK_EQ(item->value, model[i++]);
	CHECK_EQ(i, count);
	CIRCLEQ_FOREACH_REVERSE(item, r, ring)
		CHECK_EQ(item->value, model[--i]);
	CHECK_EQ(i, 0);
	CHECK(CIRCLEQ_EMPTY(r) == (count == 0));
	if (count > 0) {
		CHECK_EQ(CIRCLEQ_LOOP_NEXT(r, CIRCLEQ_LAST(r), ring)->value, model[0]);
		CHECK_EQ(CIRCLEQ_LOOP_PREV(r, CIRCLEQ_FIRST(r), ring)->value, model[count - 1]);
	}
}

static void
macro_lists_keep_their_order(void)
{
	struct singles s = SLIST_HEAD_INITIALIZER(s);
	struct taileds t = STAILQ_HEAD_INITIALIZER(t);
	struct doubles d = LIST_HEAD_INITIALIZER(d);
	struct queues q = TAILQ_HEAD_INITIALIZER(q);
	struct rings r = CIRCLEQ_HEAD_INITIALIZER(r);
	int model[40], count = 0;

	for (int i = 0; i < 40; i++)
		items[i].value = i;
	for (long round = cases(5000); round > 0; round--) {
		int place = count > 0 ? (int)random_below(count) : 0, value = -1;

		if (count > 0 && (random_below(2) == 0 || count == 40)) {
			struct item *item = &items[model[place]];

			SLIST_REMOVE(&s, item, item, single);
			STAILQ_REMOVE(&t, item, item, tailed);
			LIST_REMOVE(item, doubly);
			TAILQ_REMOVE(&q, item, queue);
			CIRCLEQ_REMOVE(&r, item, ring);
			memmove(model + place, model + place + 1, (--count - place) * sizeof(int));
		} else {
			for (int i = 0, free; value < 0; i++) {
				free = 1;
				for (int k = 0; k < count; k++)
					free &= model[k] != i;
				value = free ? i : -1;
			}
			struct item *item = &items[value];

			if (count == 0 || random_below(3) == 0) {
				place = 0;
				SLIST_INSERT_HEAD(&s, item, single);
				STAILQ_INSERT_HEAD(&t, item, tailed);
				LIST_INSERT_HEAD(&d, item, doubly);
				TAILQ_INSERT_HEAD(&q, item, queue);
				CIRCLEQ_INSERT_HEAD(&r, item, ring);
			} else {
				struct item *before = &items[model[place]];

				SLIST_INSERT_AFTER(before, item, single);
				if (place == count - 1) {
					STAILQ_INSERT_TAIL(&t, item, tailed);
					TAILQ_INSERT_TAIL(&q, item, queue);
					CIRCLEQ_INSERT_TAIL(&r, item, ring);
				} else {
					STAILQ_INSERT_AFTER(&t, before, item, tailed);
					TAILQ_INSERT_BEFORE(&items[model[place + 1]], item, queue);
					if (random_below(2) == 0)
						CIRCLEQ_INSERT_BEFORE(&r, &items[model[place + 1]], item, ring);
					else
						CIRCLEQ_INSERT_AFTER(&r, before, item, ring);
				}
				LIST_INSERT_AFTER(before, item, doubly);
				place++;
			}
			memmove(model + place + 1, model + place, (count++ - place) * sizeof(int));
			model[place] = value;
		}
		macro_lists_match(&s, &t, &d, &q, model, count);
		ring_matches(&r, model, count);
	}
}

int
main(void)
{
	TEST(trees_are_sorted_sets);
	TEST(the_hash_table_keeps_first_entries);
	TEST(tables_of_the_callers);
	TEST(lists_are_searched_and_linked);
	TEST(macro_lists_keep_their_order);
	return unit_done();
}
