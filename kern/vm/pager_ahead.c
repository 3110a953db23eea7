/* See pager_ahead.h. */
#include "vm/pager_ahead.h"

static void
set(uint64_t *bits, uint64_t index)
{
	bits[index / WORD] |= 1ull << index % WORD;
}

static void
clear(uint64_t *bits, uint64_t index)
{
	bits[index / WORD] &= ~(1ull << index % WORD);
}

static bool
forget(struct ahead *ahead, uint64_t index)
{
	if (!ahead_bit(ahead->brought, index))
		return false;
	clear(ahead->brought, index);
	clear(ahead->old, index);
	ahead->count--;
	return true;
}

void
ahead_out(struct ahead *ahead, uint64_t index)
{
	set(ahead->out, index);
}

void
ahead_in(struct ahead *ahead, uint64_t index)
{
	clear(ahead->out, index);
	forget(ahead, index);
}

unsigned
ahead_window(struct ahead *ahead, uint64_t index, unsigned most)
{
	unsigned window = ahead->window;

	if (index == ahead->next || (window > 1 && ahead->hits >= window / 2))
		window *= 2;
	else
		window /= 2;
	if (window == 0)
		window = 1;
	ahead->window = window < most ? window : most;
	ahead->next = (unsigned)index + ahead->window;
	ahead->hits = 0;
	return ahead->window;
}

void
ahead_bring(struct ahead *ahead, uint64_t index)
{
	set(ahead->brought, index);
	ahead->count++;
}

bool
ahead_want(struct ahead *ahead, uint64_t index)
{
	if (!forget(ahead, index))
		return false;
	ahead->hits++;
	return true;
}

void
ahead_sweep(struct ahead *ahead, bool all, bool (*give_up)(void *store, uint64_t index), void *store)
{
	for (unsigned word = 0; ahead->count != 0 && word < STORE_PAGES / WORD; word++) {
		uint64_t going = all ? ahead->brought[word] : ahead->old[word];

		for (; going != 0; going &= going - 1) {
			uint64_t index = word * WORD + (unsigned)__builtin_ctzll(going);

			if (give_up(store, index))
				forget(ahead, index);
		}
		ahead->old[word] = ahead->brought[word];
	}
}
