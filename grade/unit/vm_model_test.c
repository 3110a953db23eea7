/*
 * kern/vm on a mock machine: random operations of several tasks against a model of what each page holds.
 */
// SOURCES: kern/mm/radix.c kern/vm/tree.c kern/vm/range.c kern/vm/amap.c kern/vm/object.c
// SOURCES: kern/vm/anon.c kern/vm/clock.c kern/vm/flight.c
// SOURCES: kern/vm/entry.c kern/vm/map.c kern/vm/fault.c kern/vm/fork.c kern/vm/copy.c
// SOURCES: kern/vm/attributes.c kern/vm/remap.c kern/vm/wire.c kern/vm/statistics.c
#include "vm_model.h"

static uint64_t seed = 88172645463325252ull;

static uint64_t
random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

#define OBJECT_PAGES 8u
static struct vm_object *file;
static struct cell file_cells[OBJECT_PAGES];

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
	machine_begin();
	TEST(random_operations_match_a_model);
	return unit_done();
}
