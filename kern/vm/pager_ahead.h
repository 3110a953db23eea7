/*
 * What a store brings from swap before anybody asks: pages that went out together lie together, and
 * are often wanted together. Pure logic; the store's lock guards it.
 *
 * A slot is `out` while its page is in swap alone. Of those some are `brought`: asked for with a
 * neighbour, and not wanted by anybody since. They are dropped again, their slots being as they were,
 * when frames are wanted or after two sweeps.
 */
#ifndef VM_PAGER_AHEAD_H
#define VM_PAGER_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#define STORE_PAGES	1024u		/* 4 MB */
#define WORD		64u

struct ahead {
	uint64_t out[STORE_PAGES / WORD];
	uint64_t brought[STORE_PAGES / WORD];
	uint64_t old[STORE_PAGES / WORD];	/* brought before the last sweep */
	unsigned count;			/* brought */
	unsigned next;			/* where a reader in order would ask next */
	unsigned window, hits;		/* pages of the last question; of these, wanted since */
};

static inline bool
ahead_bit(const uint64_t *bits, uint64_t index)
{
	return (bits[index / WORD] >> index % WORD & 1) != 0;
}

/* The page goes to swap, or it is not in swap alone any more. */
void ahead_out(struct ahead *ahead, uint64_t index);
void ahead_in(struct ahead *ahead, uint64_t index);

/*
 * How many pages a question for this one should ask for, 1 to `most`: twice as many as the last time if
 * half of those were wanted, or if it goes on where that ended; else half as many.
 */
unsigned ahead_window(struct ahead *ahead, uint64_t index, unsigned most);

/* Asked for beside another. Conditions: it is out. */
void ahead_bring(struct ahead *ahead, uint64_t index);

/* Somebody wants it. Returns whether it had been brought. */
bool ahead_want(struct ahead *ahead, uint64_t index);

/*
 * Sweeps: calls give_up for each page that was brought and not wanted, with `all`; else only for
 * those that were there in the last sweep. It returns false to keep it, as its answer is still to come.
 */
void ahead_sweep(struct ahead *ahead, bool all, bool (*give_up)(void *store, uint64_t index), void *store);

#endif
