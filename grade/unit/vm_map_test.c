/*
 * kern/vm on a mock machine: single behaviours of maps, copies and charges.
 */
// SOURCES: kern/mm/radix.c kern/vm/tree.c kern/vm/range.c kern/vm/amap.c kern/vm/object.c
// SOURCES: kern/vm/anon.c kern/vm/clock.c kern/vm/flight.c
// SOURCES: kern/vm/entry.c kern/vm/map.c kern/vm/fault.c kern/vm/fork.c kern/vm/copy.c
// SOURCES: kern/vm/attributes.c kern/vm/remap.c kern/vm/wire.c kern/vm/statistics.c
#include "vm_programs.h"

static void
memory_is_zero_and_stays_written(void)
{
	struct vm_map *map = new_map();

	allocate(map, BASE, 10);
	CHECK_EQ(load(map, AT(3)), 0);
	CHECK_EQ(store(map, AT(3), 42), KERN_SUCCESS);
	CHECK_EQ(load(map, AT(3)), 42);
	CHECK_EQ(store(map, AT(10), 1), KERN_INVALID_ADDRESS);
	CHECK_EQ(map->task->used[TASK_MEMORY], 4096);
	CHECK_EQ(vm_map_deallocate(map, AT(3), 4096), KERN_SUCCESS);
	CHECK_EQ(map->task->used[TASK_MEMORY], 0);
	CHECK_EQ(mock_frames_live, 0);
	CHECK_EQ(store(map, AT(3), 1), KERN_INVALID_ADDRESS);
	end_map(map);
	nothing_left();
}

static void
allocation_errors(void)
{
	struct vm_map *map = new_map();
	uint64_t address;

	allocate(map, BASE, 4);
	address = AT(3);
	CHECK_EQ(vm_map_allocate(map, &address, 8192, 0, VM_FLAGS_FIXED), KERN_NO_SPACE);
	address = 0x1000;
	CHECK_EQ(vm_map_allocate(map, &address, 4096, 0, VM_FLAGS_FIXED), KERN_INVALID_ADDRESS);
	address = VM_MAX_ADDRESS - 4096;
	CHECK_EQ(vm_map_allocate(map, &address, 8192, 0, VM_FLAGS_FIXED), KERN_INVALID_ADDRESS);
	address = ~0ull;
	CHECK_EQ(vm_map_allocate(map, &address, 4096, 0, VM_FLAGS_FIXED), KERN_INVALID_ADDRESS);
	CHECK_EQ(vm_map_allocate(map, &address, ~0ull, 0, VM_FLAGS_ANYWHERE), KERN_NO_SPACE);
	CHECK_EQ(
	    vm_map_allocate(map, &address, VM_MAX_ADDRESS - VM_MIN_ADDRESS, 0, VM_FLAGS_ANYWHERE),
	    KERN_NO_SPACE);
	CHECK_EQ(vm_map_allocate(map, &address, 4096, 5, VM_FLAGS_ANYWHERE), KERN_INVALID_ARGUMENT);
	CHECK_EQ(vm_map_allocate(map, &address, 4096, 0, 64), KERN_INVALID_ARGUMENT);
	CHECK_EQ(vm_map_deallocate(map, AT(20), 4096), KERN_SUCCESS);
	CHECK_EQ(vm_map_deallocate(map, ~0ull - 100, 4096), KERN_INVALID_ARGUMENT);
	CHECK_EQ(vm_map_protect(map, AT(2), 4 * 4096, false, VM_PROT_READ), KERN_INVALID_ADDRESS);
	CHECK_EQ(vm_map_protect(map, AT(0), 4096, true, VM_PROT_READ), KERN_SUCCESS);
	CHECK_EQ(vm_map_protect(map, AT(0), 4096, false, VM_PROT_DEFAULT), KERN_PROTECTION_FAILURE);
	CHECK_EQ(store(map, AT(0), 1), KERN_PROTECTION_FAILURE);
	CHECK_EQ(map->size, 4 * 4096);
	end_map(map);
	nothing_left();
}

static void
neighbours_join(void)
{
	struct vm_map *map = new_map();

	for (unsigned i = 0; i < 100; i++)
		CHECK_EQ(allocate(map, 0, 1), 0x100000000ull + i * 4096);
	CHECK_EQ(entries(map), 1);
	CHECK_EQ(store(map, 0x100000000ull, 7), KERN_SUCCESS);
	allocate(map, 0, 1);
	CHECK_EQ(entries(map), 1);
	CHECK_EQ(vm_map_protect(map, 0x100000000ull + 50 * 4096, 4096, false, VM_PROT_READ),
	    KERN_SUCCESS);
	CHECK_EQ(entries(map), 3);
	CHECK_EQ(vm_map_protect(map, 0x100000000ull + 50 * 4096, 4096, false, VM_PROT_DEFAULT),
	    KERN_SUCCESS);
	CHECK_EQ(entries(map), 1);
	CHECK_EQ(load(map, 0x100000000ull), 7);
	end_map(map);
	nothing_left();
}

static void
fork_copies_and_last_reference_does_not(void)
{
	struct vm_map *parent = new_map(), *child;
	uint64_t frames;

	allocate(parent, BASE, 16);
	for (unsigned i = 0; i < 8; i++)
		store(parent, AT(i), 100 + i);
	child = fork_map(parent);
	CHECK_EQ(mock_frames_live, 8);
	CHECK_EQ(store(child, AT(1), 201), KERN_SUCCESS);
	CHECK_EQ(store(parent, AT(2), 302), KERN_SUCCESS);
	CHECK_EQ(load(parent, AT(1)), 101);
	CHECK_EQ(load(child, AT(2)), 102);
	CHECK_EQ(load(child, AT(9)), 0);
	CHECK_EQ(store(parent, AT(9), 309), KERN_SUCCESS);
	CHECK_EQ(load(child, AT(9)), 0);
	end_map(child);
	frames = mock_frames_live;
	CHECK_EQ(frames, 9);
	for (unsigned i = 0; i < 8; i++)
		store(parent, AT(i), 400 + i);
	CHECK_EQ(mock_frames_live, frames);
	end_map(parent);
	nothing_left();
}

static void
ten_thousand_generations(void)
{
	struct vm_map *map = new_map();
	long blocks = 0;

	allocate(map, BASE, 8);
	for (unsigned i = 0; i < 8; i++)
		store(map, AT(i), i);
	for (unsigned generation = 0; generation < 10000; generation++) {
		struct vm_map *child = fork_map(map);

		store(map, AT(6), 1);
		store(child, AT(generation % 8), generation);
		end_map(map);
		map = child;
		if (generation == 100)
			blocks = mock_kalloc_live;
		if (generation > 100 && generation % 1000 == 0) {
			CHECK_EQ(mock_frames_live, 8);
			CHECK_EQ(mock_kalloc_live, blocks);
			CHECK_EQ(map->task->used[TASK_MEMORY], 8 * 4096);
		}
	}
	end_map(map);
	nothing_left();
}

static void
shared_memory_is_seen_by_both(void)
{
	struct vm_map *parent = new_map(), *child, *grandchild;

	allocate(parent, BASE, 4);
	CHECK_EQ(map_inherit(parent, BASE, 4 * 4096, VM_INHERIT_SHARE), KERN_SUCCESS);
	store(parent, AT(0), 1);
	child = fork_map(parent);
	CHECK_EQ(store(child, AT(0), 2), KERN_SUCCESS);
	CHECK_EQ(store(child, AT(1), 3), KERN_SUCCESS);
	CHECK_EQ(load(parent, AT(0)), 2);
	CHECK_EQ(load(parent, AT(1)), 3);
	/* A copy of shared memory is a snapshot for the copier, and the others go on sharing. */
	CHECK_EQ(map_inherit(child, BASE, 4 * 4096, VM_INHERIT_COPY), KERN_SUCCESS);
	grandchild = fork_map(child);
	CHECK_EQ(store(parent, AT(0), 5), KERN_SUCCESS);
	CHECK_EQ(load(child, AT(0)), 5);
	CHECK_EQ(load(grandchild, AT(0)), 2);
	CHECK_EQ(store(child, AT(1), 6), KERN_SUCCESS);
	CHECK_EQ(load(parent, AT(1)), 6);
	CHECK_EQ(load(grandchild, AT(1)), 3);
	end_map(parent);
	CHECK_EQ(load(child, AT(0)), 5);
	end_map(child);
	end_map(grandchild);
	nothing_left();
}

static void
snapshot_keeps_what_was_sent(void)
{
	struct vm_map *sender = new_map(), *receiver = new_map();
	struct vm_map_copy *copy;
	uint64_t address = 0;

	allocate(sender, BASE, 4);
	for (unsigned i = 0; i < 4; i++)
		store(sender, AT(i) + 16, 10 + i);
	store(sender, AT(0), 99);
	store(sender, AT(3) + 4000, 98);
	CHECK_EQ(vm_map_copyin(sender, AT(0) + 8, 3 * 4096 + 100, false, &copy), KERN_SUCCESS);
	for (unsigned i = 0; i < 4; i++)
		store(sender, AT(i) + 16, 20 + i);
	CHECK_EQ(vm_map_copyout(receiver, copy, &address), KERN_SUCCESS);
	CHECK_EQ(address % 4096, 8);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(load(receiver, address + 8 + i * 4096), 10 + i);
	CHECK_EQ(load(receiver, address - 8), 0);
	CHECK_EQ(load(receiver, address - 8 + 3 * 4096 + 4000), 0);
	CHECK_EQ(receiver->task->used[TASK_MEMORY], 4 * 4096);
	CHECK_EQ(vm_map_deallocate(receiver, address, 3 * 4096 + 100), KERN_SUCCESS);
	CHECK_EQ(receiver->task->used[TASK_MEMORY], 0);
	CHECK_EQ(sender->task->used[TASK_MEMORY], 4 * 4096);
	CHECK_EQ(mock_frames_live, 4);
	end_map(sender);
	end_map(receiver);
	nothing_left();
}

static void
moving_takes_the_range_away(void)
{
	struct vm_map *sender = new_map();
	struct vm_map_copy *copy;
	uint64_t address = 0;

	allocate(sender, BASE, 4);
	store(sender, AT(1), 5);
	sender->task->limit[TASK_MEMORY] = 4096;
	CHECK_EQ(vm_map_copyin(sender, AT(0), 4 * 4096, true, &copy), KERN_SUCCESS);
	CHECK_EQ(entries(sender), 0);
	CHECK_EQ(sender->task->used[TASK_MEMORY], 4096);
	CHECK_EQ(mock_frames_live, 1);
	CHECK_EQ(vm_map_copyout(sender, copy, &address), KERN_SUCCESS);
	CHECK_EQ(store(sender, address + 4096, 6), KERN_SUCCESS);
	CHECK_EQ(mock_frames_live, 1);
	CHECK_EQ(vm_map_copyin(sender, address, 5 * 4096, true, &copy), KERN_INVALID_ADDRESS);
	CHECK_EQ(load(sender, address + 4096), 6);
	end_map(sender);
	nothing_left();
}

static void
charges_limit_memory(void)
{
	struct vm_map *map = new_map(), *child;

	map->task->limit[TASK_MEMORY] = 3 * 4096;
	allocate(map, BASE, 10);
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(store(map, AT(i), 1), KERN_SUCCESS);
	CHECK_EQ(store(map, AT(3), 1), KERN_MEMORY_FAILURE);
	vm_map_deallocate(map, AT(0), 4096);
	CHECK_EQ(store(map, AT(3), 1), KERN_SUCCESS);
	/* What outlives its task is charged to the heir. */
	child = fork_map(map);
	CHECK_EQ(child->task->used[TASK_MEMORY], 0);
	end_map(map);
	CHECK_EQ(child->task->used[TASK_MEMORY], 3 * 4096);
	end_map(child);
	nothing_left();
}

static void
wired_pages_stay(void)
{
	struct vm_map *map = new_map(), *child;
	struct vm_map_copy *copy;
	uint64_t address, physical, before;

	allocate(map, BASE, 4);
	store(map, AT(1), 1);
	child = fork_map(map);
	CHECK_EQ(map_wire(map, AT(0), 3 * 4096, VM_PROT_READ | VM_PROT_WRITE), KERN_SUCCESS);
	before = mock_slot(map->pmap, AT(1))->pa;
	CHECK_EQ(vm_map_copyin(map, AT(0), 4 * 4096, false, &copy), KERN_SUCCESS);
	CHECK_EQ(mock_slot(map->pmap, AT(1))->prot & VM_PROT_WRITE, VM_PROT_WRITE);
	end_map(child);
	child = fork_map(map);
	store(map, AT(1), 2);
	CHECK_EQ(mock_slot(map->pmap, AT(1))->pa, before);
	CHECK_EQ(load(child, AT(1)), 1);
	CHECK_EQ(map_wire(map, AT(0), 4 * 4096, VM_PROT_NONE), KERN_INVALID_ARGUMENT);
	CHECK_EQ(map_wire(map, AT(0), 4096, VM_PROT_NONE), KERN_SUCCESS);
	CHECK_EQ(map->task->used[TASK_WIRED], 2 * 4096);
	vm_map_copy_discard(copy);
	CHECK_EQ(map_allocate_contiguous(map, &address, 5 * 4096, &physical), KERN_SUCCESS);
	store(map, address + 2 * 4096, 77);
	CHECK_EQ(mock_slot(map->pmap, address + 2 * 4096)->pa, physical + 2 * 4096);
	CHECK_EQ(vm_counters.wired, 7);
	end_map(child);
	end_map(map);
	CHECK_EQ(vm_counters.wired, 0);
	nothing_left();
}

static void
private_file_sees_writes_until_its_own(void)
{
	struct vm_map *a = new_map(), *b = new_map();
	struct page *block = page_alloc(2, PAGE_USE_DMA, PAGE_ALLOC_ZERO);
	struct vm_object *object;
	uint64_t address = BASE;

	page_split(block);
	object = vm_object_create_frames(page_address(block), 4 * 4096);
	for (unsigned i = 0; i < 4; i++)
		page_drop(&block[i]);
	vm_object_take(object);
	CHECK_EQ(vm_map_enter_object(a, &address, 4 * 4096, 0, 0, object, 0, false, 3, 3,
		     VM_INHERIT_COPY),
	    KERN_SUCCESS);
	vm_object_take(object);
	CHECK_EQ(vm_map_enter_object(b, &address, 5 * 4096, 0, 0, object, 0, true, 3, 7,
		     VM_INHERIT_COPY),
	    KERN_INVALID_ARGUMENT);
	CHECK_EQ(vm_map_enter_object(b, &address, 4 * 4096, 0, 0, object, 0, true, 3, 7,
		     VM_INHERIT_COPY),
	    KERN_SUCCESS);
	store(a, AT(0), 1);
	CHECK_EQ(load(b, AT(0)), 1);
	store(a, AT(0), 2);
	CHECK_EQ(load(b, AT(0)), 2);
	store(b, AT(0), 3);
	store(a, AT(0), 4);
	CHECK_EQ(load(b, AT(0)), 3);
	CHECK_EQ(load(a, AT(0)), 4);
	end_map(a);
	CHECK_EQ(load(b, AT(1)), 0);
	end_map(b);
	nothing_left();
}

int
main(void)
{
	machine_begin();
	TEST(memory_is_zero_and_stays_written);
	TEST(allocation_errors);
	TEST(neighbours_join);
	TEST(fork_copies_and_last_reference_does_not);
	TEST(ten_thousand_generations);
	TEST(shared_memory_is_seen_by_both);
	TEST(snapshot_keeps_what_was_sent);
	TEST(moving_takes_the_range_away);
	TEST(charges_limit_memory);
	TEST(wired_pages_stay);
	TEST(private_file_sees_writes_until_its_own);
	return unit_done();
}
