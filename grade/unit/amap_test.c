/*
 * kern/vm as a whole on a mock machine: single behaviours, then random operations of several tasks
 * against a model of what each page holds.
 */
// SOURCES: kern/mm/radix.c kern/vm/tree.c kern/vm/range.c kern/vm/amap.c kern/vm/object.c
// SOURCES: kern/vm/anon.c kern/vm/clock.c kern/vm/flight.c
// SOURCES: kern/vm/entry.c kern/vm/map.c kern/vm/fault.c kern/vm/fork.c kern/vm/copy.c
// SOURCES: kern/vm/attributes.c kern/vm/remap.c kern/vm/wire.c kern/vm/statistics.c
#include "unit.h"
#include "mock_vm.h"
#include "vm/attributes.h"
#include "vm/clock.h"
#include "vm/copy.h"
#include "vm/object.h"
#include "vm/remap.h"
#include "vm/wire.h"

#define BASE	0x80010000ull
#define AT(i)	(BASE + (i) * 4096ull)

static uint64_t seed = 88172645463325252ull;

static uint64_t
random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* --- programs --- */

static struct vm_map *
new_map(void)
{
	struct task *task = mock_task_create();

	return vm_map_create(task);
}

static void
end_map(struct vm_map *map)
{
	struct task *task = map->task;

	vm_map_terminate(map);
	vm_map_drop(map);
	task_drop(task);
}

static struct vm_map *
fork_map(struct vm_map *parent)
{
	struct task *task = mock_task_create();
	struct vm_map *child = vm_map_fork(parent, task);

	if (child == NULL)
		task_drop(task);
	return child;
}

static kern_return_t
store(struct vm_map *map, uint64_t address, uint64_t value)
{
	kern_return_t result;
	char *place = mock_access(map, address, VM_PROT_READ | VM_PROT_WRITE, &result);

	if (place != NULL)
		memcpy(place, &value, 8);
	return result;
}

static uint64_t
load(struct vm_map *map, uint64_t address)
{
	uint64_t value = ~0ull;
	kern_return_t result;
	char *place = mock_access(map, address, VM_PROT_READ, &result);

	if (place != NULL)
		memcpy(&value, place, 8);
	return value;
}

static unsigned
entries(struct vm_map *map)
{
	unsigned count = 0;

	for (struct vm_entry *e = map_first_after(map, 0); e != NULL; e = entry_next(map, e))
		count++;
	return count;
}

static void
nothing_left(void)
{
	CHECK_EQ(mock_frames_live, 0);
	CHECK_EQ(mock_kalloc_live, 0);
	CHECK_EQ(mock_tasks_live, 0);
	CHECK_EQ(mock_pmaps_live, 0);
	CHECK_EQ(mock_spinlocks, 0);
	CHECK_EQ(mock_mutexes, 0);
	CHECK_EQ(mock_swap_used, 0);
}

static uint64_t
allocate(struct vm_map *map, uint64_t address, uint64_t pages)
{
	CHECK_EQ(vm_map_allocate(map, &address, pages * 4096, 0,
		     address != 0 ? VM_FLAGS_FIXED : VM_FLAGS_ANYWHERE),
	    KERN_SUCCESS);
	return address;
}

/* --- single behaviours --- */

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

/* --- eviction --- */

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

/* --- random operations against a model --- */

#define TASKS	5u
#define PAGES	48u

struct cell {
	int refs;
	bool lazy;			/* shows what `object` holds */
	struct cell *object;
	uint64_t value;
};

struct slot {
	struct cell *cell;		/* NULL: not mapped */
	bool direct;			/* the cell is a page of the object */
	vm_prot_t protection;
	vm_inherit_t inheritance;
};

static struct {
	struct vm_map *map;
	struct slot slots[PAGES];
} tasks[TASKS];

#define OBJECT_PAGES 8u
static struct vm_object *file;
static struct cell file_cells[OBJECT_PAGES];

static struct cell *
cell_new(uint64_t value)
{
	struct cell *cell = calloc(1, sizeof(*cell));

	cell->refs = 1;
	cell->value = value;
	return cell;
}

static void
cell_drop(struct cell *cell)
{
	if (cell != NULL && --cell->refs == 0)
		free(cell);
}

static uint64_t
cell_value(const struct cell *cell)
{
	return cell->lazy ? cell->object->value : cell->value;
}

static void
slot_clear(struct slot *slot)
{
	cell_drop(slot->cell);
	memset(slot, 0, sizeof(*slot));
}

static void
slot_copy_of(struct slot *slot, const struct slot *from)
{
	*slot = *from;
	if (from->cell == NULL)
		return;
	if (from->direct) {
		from->cell->refs++;
		return;
	}
	slot->cell = cell_new(from->cell->value);
	slot->cell->lazy = from->cell->lazy;
	slot->cell->object = from->cell->object;
}

static unsigned picked_first, picked_count;

static void
pick_range(void)
{
	picked_first = random64() % PAGES;
	picked_count = 1 + random64() % (PAGES - picked_first < 12 ? PAGES - picked_first : 12);
}

static bool
all_mapped(unsigned task, vm_prot_t needed)
{
	for (unsigned i = picked_first; i < picked_first + picked_count; i++)
		if (tasks[task].slots[i].cell == NULL ||
		    (needed & ~tasks[task].slots[i].protection) != 0)
			return false;
	return true;
}

static void
do_allocate(unsigned t)
{
	uint64_t address = AT(picked_first);
	unsigned flags = random64() % 2 ? VM_FLAGS_OVERWRITE : 0;
	kern_return_t result =
	    vm_map_allocate(tasks[t].map, &address, picked_count * 4096, 0, flags);

	if (result != KERN_SUCCESS)
		return;
	for (unsigned i = picked_first; i < picked_first + picked_count; i++) {
		REQUIRE(flags != 0 || tasks[t].slots[i].cell == NULL);
		slot_clear(&tasks[t].slots[i]);
		tasks[t].slots[i] =
		    (struct slot){cell_new(0), false, VM_PROT_DEFAULT, VM_INHERIT_COPY};
	}
}

static void
do_map_file(unsigned t)
{
	unsigned first = random64() % OBJECT_PAGES;
	bool private = random64() % 2;
	uint64_t address = AT(picked_first);

	if (picked_count > OBJECT_PAGES - first)
		picked_count = OBJECT_PAGES - first;
	vm_object_take(file);
	if (vm_map_enter_object(tasks[t].map, &address, picked_count * 4096, 0, VM_FLAGS_OVERWRITE,
		file, first * 4096, private, VM_PROT_DEFAULT, VM_PROT_ALL,
		VM_INHERIT_COPY) != KERN_SUCCESS)
		return;
	for (unsigned i = 0; i < picked_count; i++) {
		struct slot *slot = &tasks[t].slots[picked_first + i];
		struct cell *page = &file_cells[first + i];

		slot_clear(slot);
		*slot = (struct slot){ page, !private, VM_PROT_DEFAULT, VM_INHERIT_COPY };
		if (private) {
			slot->cell = cell_new(0);
			slot->cell->lazy = true;
			slot->cell->object = page;
		} else {
			page->refs++;
		}
	}
}

static void
do_deallocate(unsigned t)
{
	if (vm_map_deallocate(tasks[t].map, AT(picked_first), picked_count * 4096) == KERN_SUCCESS)
		for (unsigned i = picked_first; i < picked_first + picked_count; i++)
			slot_clear(&tasks[t].slots[i]);
}

static void
do_protect(unsigned t)
{
	static const vm_prot_t choices[] = { 0, 1, 3, 3, 3, 5 };
	vm_prot_t protection = choices[random64() % 6];
	kern_return_t result =
	    vm_map_protect(tasks[t].map, AT(picked_first), picked_count * 4096, false, protection);

	if (mock_kalloc_fail_after < 0)
		REQUIRE(result == (all_mapped(t, 0) ? KERN_SUCCESS : KERN_INVALID_ADDRESS));
	if (result == KERN_SUCCESS)
		for (unsigned i = picked_first; i < picked_first + picked_count; i++)
			tasks[t].slots[i].protection = protection;
}

static void
do_inherit(unsigned t)
{
	vm_inherit_t inheritance = random64() % 3;

	if (map_inherit(tasks[t].map, AT(picked_first), picked_count * 4096, inheritance) ==
	    KERN_SUCCESS)
		for (unsigned i = picked_first; i < picked_first + picked_count; i++)
			tasks[t].slots[i].inheritance = inheritance;
}

/*
 * Wiring writable private memory, and a store that failed half-way, make a page private: it shows
 * the object no longer.
 */
static void
settle(unsigned t, unsigned i)
{
	struct cell *cell = tasks[t].slots[i].cell;
	struct vm_entry *entry = entry_lookup(tasks[t].map, AT(i));

	if (cell == NULL || !cell->lazy || entry->amap == NULL ||
	    radix_lookup(&entry->amap->anons, entry_amap_index(entry, AT(i))) == NULL)
		return;
	cell->value = cell_value(cell);
	cell->lazy = false;
}

static void
do_store(unsigned t)
{
	uint64_t value = random64();
	struct slot *slot = &tasks[t].slots[picked_first];
	kern_return_t result = store(tasks[t].map, AT(picked_first), value);

	if (result == KERN_MEMORY_FAILURE &&
	    (mock_kalloc_fail_after >= 0 || mock_frames_fail_after >= 0)) {
		settle(t, picked_first);
		return;
	}
	if (slot->cell == NULL)
		REQUIRE(result == KERN_INVALID_ADDRESS);
	else if ((slot->protection & 3) != 3)
		REQUIRE(result == KERN_PROTECTION_FAILURE);
	else
		REQUIRE(result == KERN_SUCCESS);
	if (result == KERN_SUCCESS) {
		slot->cell->lazy = false;
		slot->cell->value = value;
	}
}

static void
do_load(unsigned t)
{
	struct slot *slot = &tasks[t].slots[picked_first];

	if (slot->cell != NULL && (slot->protection & 1) != 0 && mock_kalloc_fail_after < 0 &&
	    mock_frames_fail_after < 0)
		REQUIRE(load(tasks[t].map, AT(picked_first)) == cell_value(slot->cell));
}

static void
end_task(unsigned t)
{
	if (tasks[t].map == NULL)
		return;
	end_map(tasks[t].map);
	tasks[t].map = NULL;
	for (unsigned i = 0; i < PAGES; i++)
		slot_clear(&tasks[t].slots[i]);
}

static void
do_fork(unsigned t)
{
	unsigned c = random64() % TASKS;
	struct vm_map *child;

	if (c == t)
		return;
	end_task(c);
	child = fork_map(tasks[t].map);
	if (child == NULL) {
		mock_kalloc_fail_after = -1;
		tasks[c].map = new_map();
		return;
	}
	tasks[c].map = child;
	for (unsigned i = 0; i < PAGES; i++) {
		struct slot *slot = &tasks[t].slots[i];

		if (slot->cell == NULL || slot->inheritance == VM_INHERIT_NONE)
			continue;
		if (slot->inheritance == VM_INHERIT_COPY) {
			slot_copy_of(&tasks[c].slots[i], slot);
		} else {
			tasks[c].slots[i] = *slot;
			slot->cell->refs++;
		}
	}
}

/*
 * A snapshot of a range of one task appears in another, moved or copied, after the source has been
 * written once more.
 */
static void
do_send(unsigned t)
{
	unsigned r = random64() % TASKS, first = picked_first, count = picked_count,
		 to = random64() % (PAGES - count + 1);
	bool move = random64() % 3 == 0;
	uint64_t values[PAGES], address = AT(to);
	struct vm_map_copy *copy;

	for (unsigned i = 0; i < count; i++)
		values[i] = tasks[t].slots[first + i].cell != NULL ?
				cell_value(tasks[t].slots[first + i].cell) :
				0;
	if (!all_mapped(t, VM_PROT_READ)) {
		REQUIRE(vm_map_copyin(tasks[t].map, AT(first), count * 4096, move, &copy) !=
			KERN_SUCCESS);
		return;
	}
	if (vm_map_copyin(tasks[t].map, AT(first), count * 4096, move, &copy) != KERN_SUCCESS) {
		REQUIRE(mock_kalloc_fail_after >= 0 || mock_frames_fail_after >= 0);
		return;
	}
	if (move)
		for (unsigned i = 0; i < count; i++)
			slot_clear(&tasks[t].slots[first + i]);
	picked_first = first + random64() % count;
	do_store(t);
	if (random64() % 4 == 0) {
		vm_map_copy_discard(copy);
		return;
	}
	if (copy_enter(tasks[r].map, copy, &address, 0, VM_FLAGS_OVERWRITE, 3, 7,
		VM_INHERIT_COPY) != KERN_SUCCESS) {
		vm_map_copy_discard(copy);
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		slot_clear(&tasks[r].slots[to + i]);
		tasks[r].slots[to + i] =
		    (struct slot){cell_new(values[i]), false, 3, VM_INHERIT_COPY};
	}
}

static void
do_share(unsigned t)
{
	unsigned r = random64() % TASKS, to = random64() % (PAGES - picked_count + 1);
	struct vm_remap_args args = {.flags = VM_FLAGS_OVERWRITE,
	    .address = AT(to),
	    .size = picked_count * 4096,
	    .source_address = AT(picked_first),
	    .inheritance = VM_INHERIT_COPY};
	struct slot taken[PAGES];

	if (map_remap(tasks[r].map, tasks[t].map, &args) != KERN_SUCCESS)
		return;
	REQUIRE(all_mapped(t, 0));
	for (unsigned i = 0; i < picked_count; i++) {
		taken[i] = tasks[t].slots[picked_first + i];
		taken[i].cell->refs++;
		taken[i].inheritance = VM_INHERIT_COPY;
	}
	for (unsigned i = 0; i < picked_count; i++) {
		slot_clear(&tasks[r].slots[to + i]);
		tasks[r].slots[to + i] = taken[i];
	}
}

static void
do_wire(unsigned t)
{
	map_wire(tasks[t].map, AT(picked_first), picked_count * 4096,
	    random64() % 2 ? VM_PROT_READ : VM_PROT_NONE);
	for (unsigned i = picked_first; i < picked_first + picked_count; i++)
		settle(t, i);
}

static void
do_write(unsigned t)
{
	char data[2 * 4096];
	uint64_t value = random64(), size = picked_count > 1 ? 4104 : 8;

	memset(data, 0, sizeof(data));
	memcpy(data, &value, 8);
	memcpy(data + 4096, &value, 8);
	if (picked_count > 2)
		picked_count = 2;
	if (mock_kalloc_fail_after >= 0 || mock_frames_fail_after >= 0)
		return;
	if (vm_map_write(tasks[t].map, AT(picked_first), data, size) != KERN_SUCCESS) {
		REQUIRE(!all_mapped(t, VM_PROT_WRITE));
		return;
	}
	for (unsigned i = 0; i < picked_count; i++) {
		tasks[t].slots[picked_first + i].cell->lazy = false;
		tasks[t].slots[picked_first + i].cell->value = value;
	}
}

static void
do_evict(unsigned t)
{
	struct swap_run run = { 0 };

	(void)t;
	mock_swap_scarce = random64() % 8 == 0;
	clock_advance(random64() % 8 != 0 ? &run : NULL);
}

/*
 * The page an entry shows at an address, without faulting; NULL: none yet (zeros), or *value is what
 * swap holds.
 */
static struct page *
peek(struct vm_map *map, uint64_t address, uint64_t *value)
{
	struct vm_entry *entry = entry_lookup(map, address);
	struct anon *anon = entry->amap != NULL ? radix_lookup(&entry->amap->anons,
						      entry_amap_index(entry, address)) :
						  NULL;
	struct object_place place = { 0 };

	if (anon != NULL && anon->page == NULL)
		memcpy(value, mock_swap[anon->slot].data, 8);
	if (anon != NULL)
		return anon->page;
	if (entry->object != NULL)
		entry->object->ops->find(entry->object, entry_object_index(entry, address),
		    VM_PROT_READ, &place);
	return place.page;
}

static void
check_contents(unsigned t)
{
	for (unsigned i = 0; i < PAGES; i++) {
		struct cell *cell = tasks[t].slots[i].cell;
		struct mock_mapping *mapping = mock_slot(tasks[t].map->pmap, AT(i));
		struct page *page;
		uint64_t value = 0;

		if (cell == NULL)
			continue;
		page = peek(tasks[t].map, AT(i), &value);
		if (page != NULL)
			memcpy(&value, page_virtual(page), 8);
		REQUIRE(value == cell_value(cell));
		REQUIRE(mapping->prot == 0 || page_of(mapping->pa) == page);
	}
}

static uint64_t
anons_in_window(struct vm_entry *entry)
{
	uint64_t index = entry->amap_index, count = 0;

	for (; radix_next(&entry->amap->anons, &index) != NULL &&
	       index - entry->amap_index < entry_pages(entry);
	     index++)
		count++;
	return count;
}

/* What page tables say must agree with maps, and amaps with their entries. */
static void
check_map(struct vm_map *map)
{
	uint64_t size = 0;

	for (unsigned i = 0; i < MOCK_SLOTS; i++) {
		struct mock_mapping *m = &map->pmap->slot[i];
		struct vm_entry *entry = m->prot != 0 ? entry_lookup(map, m->va) : NULL;

		if (m->prot == 0)
			continue;
		REQUIRE(entry != NULL && (m->prot & ~entry->protection) == 0);
		REQUIRE(page_of(m->pa)->state == PAGE_USED);
	}
	for (struct vm_entry *e = map_first_after(map, 0); e != NULL; e = entry_next(map, e)) {
		size += e->range.end - e->range.start;
		REQUIRE(!e->needs_copy || e->amap != NULL);
		if (e->amap != NULL && e->amap->refs == 1 && !e->amap->overlap)
			REQUIRE(anons_in_window(e) == e->amap->anons.count);
	}
	CHECK_EQ(map->size, size);
}

static void
random_round(void)
{
	static void (*const operations[])(unsigned) = {
	    do_allocate,
	    do_allocate,
	    do_deallocate,
	    do_protect,
	    do_inherit,
	    do_map_file,
	    do_fork,
	    do_send,
	    do_send,
	    do_share,
	    do_wire,
	    do_write,
	    do_evict,
	    do_evict,
	    do_evict,
	    do_store,
	    do_store,
	    do_store,
	    do_store,
	    do_store,
	    do_load,
	    do_load,
	    do_load,
	    do_load,
	};
	unsigned t = random64() % TASKS;

	pick_range();
	if (random64() % 10 == 0)
		mock_kalloc_fail_after = random64() % 6;
	if (random64() % 20 == 0)
		mock_frames_fail_after = random64() % 4;
	operations[random64() % (sizeof(operations) / sizeof(operations[0]))](t);
	mock_kalloc_fail_after = mock_frames_fail_after = -1;
}

static void
random_operations_match_a_model(void)
{
	struct page *block = page_alloc(3, PAGE_USE_DMA, PAGE_ALLOC_ZERO);

	page_split(block);
	file = vm_object_create_frames(page_address(block), OBJECT_PAGES * 4096);
	for (unsigned i = 0; i < OBJECT_PAGES; i++) {
		page_drop(&block[i]);
		file_cells[i].refs = 1;
	}
	for (unsigned t = 0; t < TASKS; t++)
		tasks[t].map = new_map();
	for (unsigned round = 0; round < 150000; round++) {
		random_round();
		REQUIRE(unit_bad == 0);
		if (round % 100 == 0)
			for (unsigned t = 0; t < TASKS; t++) {
				check_map(tasks[t].map);
				check_contents(t);
			}
	}
	for (unsigned t = 0; t < TASKS; t++)
		end_task(t);
	CHECK_EQ(vm_counters.wired, 0);
	vm_object_drop(file);
	nothing_left();
}

int
main(void)
{
	ASAN_POISON_MEMORY_REGION(mock_memory, sizeof(mock_memory));
	swap = &mock_swap_ops;
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
	TEST(what_is_evicted_comes_back);
	TEST(used_pages_get_a_second_chance);
	TEST(shared_anons_leave_when_nobody_uses_them);
	TEST(wired_and_travelling_pages_stay);
	TEST(scarce_swap_is_given_back_at_once);
	TEST(random_operations_match_a_model);
	return unit_done();
}
