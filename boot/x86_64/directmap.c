/*
 * The direct map: RAM and device registers at DIRECT_MAP_BASE + physical address.
 *
 * start.S has mapped the first gigabyte with 2 MB pages. This adds the rest: 1 GB pages where the
 * CPU has them and RAM fills one, 2 MB pages elsewhere, uncached ones for registers below 4 GB.
 * What is no RAM in the first gigabyte goes away again. pmap_bootstrap later splits what needs it.
 */
#include "arch/bootinfo.h"
#include "arch/pmap.h"
#include "boot.h"
#include "init/string.h"
#include "x86.h"

#define ENTRIES		512u
#define SIZE_1G		(1ull << 30)
#define SIZE_2M		(1ull << 21)
#define LEAF		(PTE_PRESENT | PTE_WRITE | PTE_LARGE | PTE_NX)
#define DEVICES_END	(1ull << 32)

extern uint64_t boot_direct[ENTRIES], boot_pd[ENTRIES];

static uint64_t next_table;		/* physical; below 1 GB */

static uint64_t *
gigabyte_table(uint64_t address)
{
	uint64_t *slot = &boot_direct[address / SIZE_1G];
	uint64_t *table;

	if (!(*slot & PTE_PRESENT)) {
		table = phys_to_virt(next_table);
		memset(table, 0, ENTRIES * sizeof(*table));
		*slot = next_table | PTE_PRESENT | PTE_WRITE;
		next_table += ENTRIES * sizeof(*table);
	}
	return phys_to_virt(*slot & PTE_ADDRESS);
}

static void
map(uint64_t start, uint64_t end, bool huge, uint64_t flags)
{
	uint64_t at = start & ~(SIZE_2M - 1);

	while (at < end && at < ENTRIES * SIZE_1G) {
		if (huge && at % SIZE_1G == 0 && end - at >= SIZE_1G) {
			boot_direct[at / SIZE_1G] = at | LEAF | flags;
			at += SIZE_1G;
		} else {
			gigabyte_table(at)[at / SIZE_2M % ENTRIES] = at | LEAF | flags;
			at += SIZE_2M;
		}
	}
}

static bool
is_ram(uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < bootinfo.memory_count; i++) {
		const struct boot_range *m = &bootinfo.memory[i];

		if (m->base < end && start < m->base + m->size)
			return true;
	}
	return false;
}

/* RAM of the first gigabyte is mapped already. */
static uint64_t
above_first(uint64_t address)
{
	return address < SIZE_1G ? SIZE_1G : address;
}

uint64_t
directmap_make(uint64_t free)
{
	bool huge = cpuid(0x80000001, 0).edx & 1u << 26;

	next_table = free;
	for (unsigned i = 1; i < ENTRIES; i++)	/* [0]: the firmware's tables, RAM or not */
		if (!is_ram(i * SIZE_2M, (i + 1) * SIZE_2M))
			boot_pd[i] = 0;
	for (unsigned i = 0; i < bootinfo.memory_count; i++) {
		const struct boot_range *m = &bootinfo.memory[i];

		map(above_first(m->base), m->base + m->size, huge, 0);
	}
	map(DEVICE_SPACE, DEVICES_END, false, PTE_UNCACHED);
	return next_table;
}
