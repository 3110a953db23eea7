/*
 * See set.h.
 */
#include "set.h"
#include "vfs/os.h"

#define WORDS (SET_STRETCH / 64)

struct page_stretch {
	struct page_stretch *next;
	uint64_t first;			/* page, a multiple of SET_STRETCH */
	uint64_t bits[WORDS];
};

static uint64_t
last_of(uint64_t first, uint64_t count)
{
	return first + (count - 1) < first ? UINT64_MAX : first + (count - 1);
}

static unsigned
bucket_of(uint64_t index)
{
	return index / SET_STRETCH % SET_BUCKETS;
}

static struct page_stretch *
find(const struct page_set *set, uint64_t index)
{
	struct page_stretch *s = set->buckets[bucket_of(index)];

	while (s && index - s->first >= SET_STRETCH)
		s = s->next;
	return s;
}

bool
page_set_add(struct page_set *set, uint64_t index)
{
	struct page_stretch *s = find(set, index);

	if (!s) {
		s = os_alloc(sizeof(*s));
		if (!s)
			return false;
		s->first = index - index % SET_STRETCH;
		s->next = set->buckets[bucket_of(index)];
		set->buckets[bucket_of(index)] = s;
	}
	s->bits[(index - s->first) / 64] |= 1ull << index % 64;
	return true;
}

/* The bits of one word of a stretch that lie in [first, last]. */
static uint64_t
mask(const struct page_stretch *s, unsigned word, uint64_t first, uint64_t last)
{
	uint64_t low = s->first + word * 64, mask = ~0ull;

	if (first > low + 63 || last < low)
		return 0;
	if (first > low)
		mask <<= first - low;
	if (last < low + 63)
		mask &= ~0ull >> (low + 63 - last);
	return mask;
}

static bool
stretch_any(const struct page_stretch *s, uint64_t first, uint64_t last)
{
	for (unsigned i = 0; i < WORDS; i++)
		if (s->bits[i] & mask(s, i, first, last))
			return true;
	return false;
}

/* Whether a range touches one stretch only, as most do. */
static bool
is_short(uint64_t first, uint64_t last)
{
	return first / SET_STRETCH == last / SET_STRETCH;
}

bool
page_set_any(const struct page_set *set, uint64_t first, uint64_t count)
{
	uint64_t last = last_of(first, count);

	if (is_short(first, last)) {
		const struct page_stretch *s = find(set, first);

		return s && stretch_any(s, first, last);
	}
	for (unsigned i = 0; i < SET_BUCKETS; i++)
		for (const struct page_stretch *s = set->buckets[i]; s; s = s->next)
			if (stretch_any(s, first, last))
				return true;
	return false;
}

/* Lowers *lowest to the first member of a stretch in a range. Returns whether there is one. */
static bool
stretch_lowest(const struct page_stretch *s, uint64_t first, uint64_t last, uint64_t *lowest)
{
	for (unsigned i = 0; i < WORDS; i++) {
		uint64_t bits = s->bits[i] & mask(s, i, first, last);

		if (bits) {
			uint64_t index = s->first + i * 64 + (unsigned)__builtin_ctzll(bits);

			*lowest = index < *lowest ? index : *lowest;
			return true;
		}
	}
	return false;
}

bool
page_set_lowest(const struct page_set *set, uint64_t first, uint64_t count, uint64_t *index)
{
	uint64_t last = last_of(first, count);
	bool found = false;

	*index = UINT64_MAX;
	for (unsigned i = 0; i < SET_BUCKETS; i++)
		for (const struct page_stretch *s = set->buckets[i]; s; s = s->next)
			found |= stretch_lowest(s, first, last, index);
	return found;
}

/* Removes from the stretches of one bucket; those that become empty go. */
static void
bucket_remove(struct page_stretch **p, uint64_t first, uint64_t last)
{
	while (*p) {
		struct page_stretch *s = *p;

		for (unsigned i = 0; i < WORDS; i++)
			s->bits[i] &= ~mask(s, i, first, last);
		if (stretch_any(s, 0, UINT64_MAX)) {
			p = &s->next;
		} else {
			*p = s->next;
			os_free(s);
		}
	}
}

void
page_set_remove(struct page_set *set, uint64_t first, uint64_t count)
{
	uint64_t last = last_of(first, count);

	if (is_short(first, last)) {
		bucket_remove(&set->buckets[bucket_of(first)], first, last);
		return;
	}
	for (unsigned i = 0; i < SET_BUCKETS; i++)
		bucket_remove(&set->buckets[i], first, last);
}
