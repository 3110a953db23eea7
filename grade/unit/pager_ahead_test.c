/* What is brought from swap before anybody asks: how much, and when it goes. */
// SOURCES: kern/vm/pager_ahead.c
#include <stdlib.h>
#include <string.h>
#include "unit.h"
#include "vm/pager_ahead.h"

#define MOST	16u

static struct ahead ahead;
static uint64_t given[STORE_PAGES];
static unsigned given_count;
static bool keep;

static bool
give_up(void *store, uint64_t index)
{
	CHECK(store == &ahead);
	if (!keep)
		given[given_count++] = index;
	return !keep;
}

static void
begin(void)
{
	memset(&ahead, 0, sizeof(ahead));
	given_count = 0;
	keep = false;
	for (uint64_t i = 0; i < STORE_PAGES; i++)
		ahead_out(&ahead, i);
}

/* A fault on a page, as the store has it: returns whether a question had to be sent. */
static bool
fault(uint64_t index)
{
	unsigned window;
	bool asked = !ahead_want(&ahead, index);

	if (asked) {
		window = ahead_window(&ahead, index, MOST);
		for (unsigned i = 1; i < window && index + i < STORE_PAGES; i++)
			if (ahead_bit(ahead.out, index + i) && !ahead_bit(ahead.brought, index + i))
				ahead_bring(&ahead, index + i);
	}
	ahead_in(&ahead, index);
	return asked;
}

static void
readers_in_order_ask_seldom(void)
{
	unsigned asked = 0;

	begin();
	for (uint64_t i = 0; i < STORE_PAGES; i++)
		asked += fault(i);
	CHECK(asked <= STORE_PAGES / MOST + 6);
	CHECK_EQ(ahead.count, 0);
}

static void
two_readers_do_not_spoil_it(void)
{
	unsigned asked = 0;

	begin();
	asked += fault(0) + fault(1);		/* one begins alone */
	for (uint64_t i = 2; i < STORE_PAGES / 2; i++)
		asked += fault(i) + fault(STORE_PAGES / 2 + i);
	CHECK(asked <= 2 * (STORE_PAGES / 2 / MOST) + 16);
}

static void
readers_without_order_get_little_more(void)
{
	uint64_t random = 1;
	unsigned asked = 0, most = 0;

	begin();
	for (unsigned i = 0; i < 2000; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		asked += fault((random >> 33) % STORE_PAGES);
		for (uint64_t j = 0; j < STORE_PAGES; j++)
			ahead_out(&ahead, j);	/* each goes out again before it is wanted again */
		ahead_sweep(&ahead, false, give_up, &ahead);
		most = ahead.count > most ? ahead.count : most;
	}
	CHECK(asked > 1900);
	CHECK(given_count < 200);
	CHECK(most < MOST);
}

static void
unwanted_pages_go_after_two_sweeps(void)
{
	begin();
	ahead_bring(&ahead, 5);
	ahead_bring(&ahead, 64);
	ahead_sweep(&ahead, false, give_up, &ahead);
	CHECK_EQ(given_count, 0);
	ahead_bring(&ahead, 1023);
	CHECK(ahead_want(&ahead, 64));
	CHECK(!ahead_want(&ahead, 64));
	keep = true;
	ahead_sweep(&ahead, false, give_up, &ahead);
	CHECK_EQ(ahead.count, 2);
	keep = false;
	ahead_sweep(&ahead, false, give_up, &ahead);
	CHECK_EQ(given_count, 2);
	CHECK_EQ(given[0], 5);
	CHECK_EQ(ahead.count, 0);
	ahead_bring(&ahead, 7);
	ahead_sweep(&ahead, true, give_up, &ahead);
	CHECK_EQ(given[2], 7);
	CHECK_EQ(ahead.count, 0);
}

static void
what_is_not_out_is_not_brought(void)
{
	begin();
	ahead_bring(&ahead, 9);
	ahead_in(&ahead, 9);			/* its slot is given up, and used again */
	CHECK_EQ(ahead.count, 0);
	CHECK(!ahead_bit(ahead.out, 9));
	ahead_out(&ahead, 9);
	CHECK(!ahead_want(&ahead, 9));
}

int
main(void)
{
	TEST(readers_in_order_ask_seldom);
	TEST(two_readers_do_not_spoil_it);
	TEST(readers_without_order_get_little_more);
	TEST(unwanted_pages_go_after_two_sweeps);
	TEST(what_is_not_out_is_not_brought);
	return unit_done();
}
