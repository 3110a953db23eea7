#include "ranges.h"

#include "vfs/os.h"

#include <errno.h>

static bool
overlap(const struct range *r, uint64_t first, uint64_t last)
{
	return r->first <= last && first <= r->last;
}

const struct range *
ranges_conflict(const struct range *list, uint32_t owner, enum range_kind kind, uint64_t first, uint64_t last)
{
	for (; list && kind != RANGE_NONE; list = list->next)
		if (list->owner != owner && overlap(list, first, last) && (kind == RANGE_WRITE || list->kind == RANGE_WRITE))
			return list;
	return NULL;
}

static void
insert(struct range **list, struct range *new)
{
	while (*list && (*list)->first < new->first)
		list = &(*list)->next;
	new->next = *list;
	*list = new;
}

static void
remove(struct range **at, int *count)
{
	struct range *old = *at;

	*at = old->next;
	os_free(old);
	--*count;
}

bool
ranges_splits(const struct range *list, uint32_t owner, uint64_t first, uint64_t last)
{
	while (list && (list->owner != owner || list->first >= first || list->last <= last))
		list = list->next;
	return list != NULL;
}

/* Takes bytes away from the owner. What is left behind them of a range that had bytes before them too goes into *spare. */
static void
cut(struct range **list, uint32_t owner, uint64_t first, uint64_t last, struct range **spare, int *count)
{
	struct range *tails = NULL, *r;

	for (struct range **at = list; (r = *at) != NULL;) {
		if (r->owner != owner || !overlap(r, first, last)) {
			at = &r->next;
		} else if (r->first >= first && r->last <= last) {
			remove(at, count);
		} else if (r->first < first && r->last > last) {
			**spare = (struct range){ NULL, owner, r->kind, last + 1, r->last };
			r->last = first - 1;
			tails = *spare;
			*spare = NULL;
			++*count;
			break;			/* the owner's others do not reach here */
		} else if (r->first < first) {
			r->last = first - 1;
			at = &r->next;
		} else {
			*at = r->next;		/* its place in the order changes */
			r->first = last + 1;
			r->next = tails;
			tails = r;
		}
	}
	while (tails) {
		r = tails;
		tails = r->next;
		insert(list, r);
	}
}

/* Takes ranges that touch the new one into it. */
static void
join(struct range **list, struct range *new, int *count)
{
	struct range *r;

	for (struct range **at = list; (r = *at) != NULL;) {
		bool before = new->first > 0 && r->last == new->first - 1, behind = new->last < RANGE_END && r->first == new->last + 1;

		if (r->owner != new->owner || r->kind != new->kind || (!before && !behind)) {
			at = &r->next;
			continue;
		}
		if (before)
			new->first = r->first;
		else
			new->last = r->last;
		remove(at, count);
	}
}

int
ranges_set(struct range **list, uint32_t owner, enum range_kind kind, uint64_t first, uint64_t last, int *count)
{
	bool splits = ranges_splits(*list, owner, first, last);
	struct range *tail = splits ? os_alloc(sizeof(*tail)) : NULL, *new = kind != RANGE_NONE ? os_alloc(sizeof(*new)) : NULL;

	*count = 0;
	if ((!tail && splits) || (!new && kind != RANGE_NONE)) {
		os_free(tail);
		os_free(new);
		return ENOMEM;
	}
	cut(list, owner, first, last, &tail, count);
	if (new) {
		*new = (struct range){ NULL, owner, kind, first, last };
		join(list, new, count);
		insert(list, new);
		++*count;
	}
	os_free(tail);
	return 0;
}
