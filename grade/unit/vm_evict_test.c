/*
 * kern/vm on a mock machine: what the clock evicts, and what comes back from swap.
 */
// SOURCES: kern/mm/radix.c kern/vm/tree.c kern/vm/range.c kern/vm/amap.c kern/vm/object.c
// SOURCES: kern/vm/anon.c kern/vm/clock.c kern/vm/flight.c
// SOURCES: kern/vm/entry.c kern/vm/map.c kern/vm/fault.c kern/vm/fork.c kern/vm/copy.c
// SOURCES: kern/vm/attributes.c kern/vm/remap.c kern/vm/wire.c kern/vm/statistics.c
#include "vm_programs.h"

/* Moves the clock's hand until it has been round twice. */
static unsigned
evict_all(void)
{
	unsigned evicted = 0;

	for (unsigned i = 0; i < 200; i++) {
		struct swap_run run = { 0 };

		evicted += clock_advance(&run).evicted;
	}
	return evicted;
}

static void
what_is_evicted_comes_back(void)
{
	struct vm_map *map = new_map();

	allocate(map, BASE, 64);
	for (unsigned i = 0; i < 64; i++)
		store(map, AT(i), 1000 + i);
	CHECK_EQ(evict_all(), 64);
	CHECK_EQ(mock_frames_live, 0);
	CHECK_EQ(mock_swap_used, 64);
	CHECK_EQ(map->task->used[TASK_MEMORY], 64 * 4096);
	CHECK_EQ(vm_map_resident(map), 0);
	for (unsigned i = 0; i < 32; i++)
		CHECK_EQ(load(map, AT(i)), 1000 + i);
	/* Read only, they are in both places and leave without being written. */
	CHECK_EQ(mock_swap_used, 64);
	CHECK_EQ(store(map, AT(0), 1), KERN_SUCCESS);
	CHECK_EQ(mock_swap_used, 63);
	CHECK_EQ(evict_all(), 32);
	CHECK_EQ(load(map, AT(0)), 1);
	CHECK_EQ(load(map, AT(1)), 1001);
	CHECK_EQ(vm_map_deallocate(map, AT(0), 60 * 4096), KERN_SUCCESS);
	CHECK_EQ(mock_swap_used, 4);
	end_map(map);
	nothing_left();
}

static void
used_pages_get_a_second_chance(void)
{
	struct vm_map *map = new_map();
	struct swap_run run = { 0 };

	allocate(map, BASE, 4);
	for (unsigned i = 0; i < 4; i++)
		store(map, AT(i), i);
	CHECK_EQ(clock_advance(&run).evicted, 0);
	load(map, AT(2));
	CHECK_EQ(clock_advance(&run).evicted, 3);
	CHECK_EQ(mock_slot(map->pmap, AT(2))->prot, VM_PROT_DEFAULT);
	CHECK_EQ(mock_slot(map->pmap, AT(1))->prot, 0);
	end_map(map);
	nothing_left();
}

static void
shared_anons_leave_when_nobody_uses_them(void)
{
	struct vm_map *parent = new_map(), *child, *third;
	struct swap_run run = { 0 };

	allocate(parent, BASE, 3);
	for (unsigned i = 0; i < 3; i++)
		store(parent, AT(i), 50 + i);
	child = fork_map(parent);
	third = fork_map(parent);
	store(child, AT(0), 1);
	store(third, AT(0), 2);
	store(parent, AT(0), 3);
	/* One keeps using page 1: it stays for all of them. */
	for (unsigned i = 0; i < 30; i++) {
		run.count = 0;
		clock_advance(&run);
		load(third, AT(1));
	}
	CHECK_EQ(mock_frames_live, 1);
	CHECK_EQ(mock_swap_used, 4);
	CHECK_EQ(load(parent, AT(2)), 52);
	CHECK_EQ(store(child, AT(2), 99), KERN_SUCCESS);
	CHECK_EQ(load(third, AT(2)), 52);
	CHECK_EQ(load(third, AT(0)), 2);
	CHECK_EQ(load(parent, AT(1)), 51);
	evict_all();
	CHECK_EQ(mock_frames_live, 0);
	end_map(parent);
	CHECK_EQ(load(child, AT(2)), 99);
	CHECK_EQ(load(child, AT(1)), 51);
	end_map(child);
	CHECK_EQ(store(third, AT(1), 4), KERN_SUCCESS);
	end_map(third);
	nothing_left();
}

static void
wired_and_travelling_pages_stay(void)
{
	struct vm_map *map = new_map();
	struct vm_map_copy *copy;

	allocate(map, BASE, 3);
	for (unsigned i = 0; i < 3; i++)
		store(map, AT(i), 60 + i);
	CHECK_EQ(map_wire(map, AT(0), 4096, VM_PROT_READ), KERN_SUCCESS);
	CHECK_EQ(vm_map_copyin(map, AT(1), 4096, false, &copy), KERN_SUCCESS);
	CHECK_EQ(evict_all(), 1);
	CHECK_EQ(vm_map_deallocate(map, AT(1), 4096), KERN_SUCCESS);
	vm_map_copy_discard(copy);
	/* What is in swap travels as it is, and is fetched where it is wanted. */
	CHECK_EQ(vm_map_copyin(map, AT(2), 4096, true, &copy), KERN_SUCCESS);
	CHECK_EQ(mock_swap_used, 1);
	CHECK_EQ(copy_overwrite(map, AT(0), copy), KERN_SUCCESS);
	CHECK_EQ(load(map, AT(0)), 62);
	vm_map_copy_discard(copy);
	end_map(map);
	nothing_left();
}

static void
scarce_swap_is_given_back_at_once(void)
{
	struct vm_map *map = new_map();

	allocate(map, BASE, 2);
	store(map, AT(0), 5);
	evict_all();
	mock_swap_scarce = true;
	CHECK_EQ(load(map, AT(0)), 5);
	mock_swap_scarce = false;
	CHECK_EQ(mock_swap_used, 0);
	map->task->pages_others = true;
	CHECK_EQ(evict_all(), 0);
	end_map(map);
	nothing_left();
}

int
main(void)
{
	machine_begin();
	TEST(what_is_evicted_comes_back);
	TEST(used_pages_get_a_second_chance);
	TEST(shared_anons_leave_when_nobody_uses_them);
	TEST(wired_and_travelling_pages_stay);
	TEST(scarce_swap_is_given_back_at_once);
	return unit_done();
}
