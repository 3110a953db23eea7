/*
 * From the machine's memory map to the first free blocks (memmap.h).
 */
#include "mm/memmap.h"

#include "mm/page.h"

/* Gives away frames [from, to) in the largest aligned blocks. */
static void
run_give(uint64_t from, uint64_t to, void (*give)(uint64_t frame, unsigned order))
{
	/* LAB 1.2 begin: cut a run of free frames into blocks.
	 * Hint: a block of order k begins at a multiple of 2^k. Take the largest that begins here and ends
	 * before `to`, then go on behind it.
	 */
	while (from < to) {
		unsigned order = 0;

		while (order < PAGE_ORDER_MAX && (from & (1ull << order)) == 0 && from + (2ull << order) <= to)
			order++;
		give(from, order);
		from += 1ull << order;
	}
	/* LAB 1.2 end */
}

/*
 * The first run of free frames in frames [*from, end): moves *from to its first frame and returns the frame behind its last one. There is
 * none if that is *from.
 */
static uint64_t
run_find(const struct memmap *map, uint64_t *from, uint64_t end)
{
	/* LAB 1.2 begin [until then: return *from]: skip what is reserved, stop where the next reservation begins.
	 * Hint: a frame that is reserved in part is reserved. Skipping one range may lead into another one, which
	 * may stand earlier in the list: look again from the beginning.
	 */
	uint64_t stop = end;

	for (unsigned i = 0; i < map->reserved_count && *from < end; i++) {
		const struct boot_range *r = &map->reserved[i];
		uint64_t first = r->base >> PAGE_SHIFT, last = vm_page_round(r->base + r->size) >> PAGE_SHIFT;

		if (r->size == 0 || last <= *from)
			continue;
		if (first <= *from) {
			*from = last;
			stop = end;
			i = -1;			/* from the beginning */
		} else if (first < stop) {
			stop = first;
		}
	}
	return *from < end ? stop : *from;
	/* LAB 1.2 end */
}

void
memmap_free_blocks(const struct memmap *map, void (*give)(uint64_t frame, unsigned order))
{
	/* LAB 1.2 begin [until then: given free_blocks.c]: every run of free frames in every range of RAM.
	 * Hint: a frame of which RAM holds only a part is no frame: round the beginning up and the end down.
	 */
	for (unsigned i = 0; i < map->memory_count; i++) {
		uint64_t from = vm_page_round(map->memory[i].base) >> PAGE_SHIFT;
		uint64_t end = (map->memory[i].base + map->memory[i].size) >> PAGE_SHIFT;

		while (from < end) {
			uint64_t stop = run_find(map, &from, end);

			run_give(from, stop, give);
			from = stop;
		}
	}
	/* LAB 1.2 end */
}
