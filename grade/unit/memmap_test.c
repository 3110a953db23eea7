// SOURCES: kern/mm/memmap.c
// CFLAGS: -Ikern -Iinc
/*
 * Free blocks of a memory map against a plain model: a flag per frame. Random maps with ranges that overlap, are empty, end inside a frame or
 * reach beyond RAM. Ranges of RAM do not touch: boot joins those that do.
 */
#include <stdlib.h>

#include "mm/memmap.h"
#include "mm/page.h"
#include "unit.h"

#define FRAMES	6000
#define RANGES	8

static unsigned char is_free[FRAMES], given[FRAMES];

static bool
all_free(uint64_t from, uint64_t count)
{
	for (uint64_t i = from; i < from + count; i++)
		if (i >= FRAMES || !is_free[i] || given[i])
			return false;
	return true;
}

static void
take(uint64_t frame, unsigned order)
{
	REQUIRE(order <= PAGE_ORDER_MAX && frame % (1u << order) == 0);
	REQUIRE(all_free(frame, 1u << order));
	/* As large as it can be. */
	if (order < PAGE_ORDER_MAX && frame % (2u << order) == 0)
		CHECK(!all_free(frame, 2u << order));
	for (unsigned i = 0; i < 1u << order; i++)
		given[frame + i] = 1;
}

/* What a frame is, by looking at each of its bytes' ranges. */
static void
model(const struct memmap *map)
{
	for (uint64_t f = 0; f < FRAMES; f++) {
		uint64_t start = f * PAGE_SIZE, end = start + PAGE_SIZE;

		is_free[f] = given[f] = 0;
		for (unsigned i = 0; i < map->memory_count; i++)
			if (map->memory[i].base <= start && end <= map->memory[i].base + map->memory[i].size)
				is_free[f] = 1;
		for (unsigned i = 0; i < map->reserved_count; i++)
			if (map->reserved[i].size > 0 && map->reserved[i].base < end &&
			    start < map->reserved[i].base + map->reserved[i].size)
				is_free[f] = 0;
	}
}

static uint64_t
bytes_below(uint64_t frames)
{
	uint64_t whole = (uint64_t)rand() % frames * PAGE_SIZE;

	return rand() % 3 == 0 ? whole + (uint64_t)rand() % PAGE_SIZE : whole;
}

static void
every_free_frame_is_given_once(void)
{
	struct boot_range memory[2], reserved[RANGES];

	srand(1);
	for (unsigned round = 0; round < 2000; round++) {
		uint64_t split = bytes_below(FRAMES / 2);
		struct memmap map = { memory, 2, reserved, (unsigned)rand() % (RANGES + 1) };

		memory[0] = (struct boot_range){ bytes_below(100), 0 };
		memory[0].size = split > memory[0].base ? split - memory[0].base : 0;
		memory[1] = (struct boot_range){ split + 2 * PAGE_SIZE + bytes_below(100), bytes_below(FRAMES / 2) };
		for (unsigned i = 0; i < map.reserved_count; i++)
			reserved[i] = (struct boot_range){ bytes_below(FRAMES), rand() % 5 == 0 ? 0 : bytes_below(400) };
		model(&map);
		memmap_free_blocks(&map, take);
		for (unsigned f = 0; f < FRAMES; f++)
			REQUIRE(is_free[f] == given[f]);
	}
}

int
main(void)
{
	TEST(every_free_frame_is_given_once);
	return unit_done();
}
