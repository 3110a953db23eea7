/*
 * Address-space identifiers; the rules are in pmap_internal.h.
 *
 * Two bit maps: `taken` are not available; `retired` is the part of them that is available after the next invalidation of everything.
 */
#include "pmap_internal.h"

#define ASID_MAX	65536u
#define WORD_BITS	64u

static struct spinlock asid_lock = SPINLOCK_INIT("asid", RANK_PMAP);
static uint64_t taken[ASID_MAX / WORD_BITS];
static uint64_t retired[ASID_MAX / WORD_BITS];
static unsigned next_word;

static unsigned
words(void)
{
	return cpu_features.asid16 ? ASID_MAX / WORD_BITS : 256 / WORD_BITS;
}

/* Takes the first free one from next_word on. Returns 0: none up to the end. */
static uint16_t
take_next(void)
{
	for (; next_word < words(); next_word++) {
		uint64_t free = ~taken[next_word];

		if (free != 0) {
			unsigned bit = (unsigned)__builtin_ctzll(free);

			taken[next_word] |= 1ull << bit;
			return (uint16_t)(next_word * WORD_BITS + bit);
		}
	}
	return 0;
}

static void
recycle(void)
{
	dsb(ishst);
	__asm__ volatile("tlbi vmalle1is");
	dsb(ish);
	for (unsigned i = 0; i < words(); i++) {
		taken[i] &= ~retired[i];
		retired[i] = 0;
	}
	next_word = 0;
}

uint16_t
asid_alloc(void)
{
	uint16_t asid;

	spin_lock(&asid_lock);
	taken[0] |= 1;			/* the kernel's */
	asid = take_next();
	if (asid == 0) {
		recycle();
		asid = take_next();
	}
	spin_unlock(&asid_lock);
	return asid;
}

void
asid_free(uint16_t asid)
{
	spin_lock(&asid_lock);
	retired[asid / WORD_BITS] |= 1ull << asid % WORD_BITS;
	spin_unlock(&asid_lock);
}
