/*
 * From the machine's memory map to the first free blocks, as pure logic (mm/page.c calls it once; host tests and selftests run it as it is).
 *
 *	memory    |======================|         |===========|
 *	reserved      |==kernel==|  |=|                |arch|
 *	free      |==|            |==| |=|          |=|      |==|	whole frames only, in blocks of 2^order
 */
#ifndef MM_MEMMAP_H
#define MM_MEMMAP_H

#include "arch/bootinfo.h"

struct memmap {
	const struct boot_range *memory;	/* RAM; ranges do not touch or overlap; neither end need be on a frame's boundary */
	unsigned memory_count;
	const struct boot_range *reserved;	/* in any order; they may overlap, be empty, reach beyond RAM */
	unsigned reserved_count;
};

/*
 * Calls give(frame, order) for blocks of frames that lie wholly in RAM and touch nothing reserved: all such frames, each in exactly one
 * block; each block aligned to its size, at most 2^PAGE_ORDER_MAX frames, and as large as alignment and the end of the free run allow
 * when one begins at the lowest frame.
 */
void memmap_free_blocks(const struct memmap *map, void (*give)(uint64_t frame, unsigned order));

#endif
