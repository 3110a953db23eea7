/*
 * What the tests of kern/vm on a mock machine share: tasks with maps, their memory read and written through faults, the clock. Included by a
 * test program once.
 */
#ifndef GRADE_UNIT_VM_PROGRAMS_H
#define GRADE_UNIT_VM_PROGRAMS_H

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

static inline void
machine_begin(void)
{
	ASAN_POISON_MEMORY_REGION(mock_memory, sizeof(mock_memory));
	swap = &mock_swap_ops;
}

static struct vm_map *
new_map(void)
{
	struct task *task = mock_task_create();

	return vm_map_create(task);
}

static inline void
end_map(struct vm_map *map)
{
	struct task *task = map->task;

	vm_map_terminate(map);
	vm_map_drop(map);
	task_drop(task);
}

static inline struct vm_map *
fork_map(struct vm_map *parent)
{
	struct task *task = mock_task_create();
	struct vm_map *child = vm_map_fork(parent, task);

	if (child == NULL)
		task_drop(task);
	return child;
}

static inline kern_return_t
store(struct vm_map *map, uint64_t address, uint64_t value)
{
	kern_return_t result;
	char *place = mock_access(map, address, VM_PROT_READ | VM_PROT_WRITE, &result);

	if (place != NULL)
		memcpy(place, &value, 8);
	return result;
}

static inline uint64_t
load(struct vm_map *map, uint64_t address)
{
	uint64_t value = ~0ull;
	kern_return_t result;
	char *place = mock_access(map, address, VM_PROT_READ, &result);

	if (place != NULL)
		memcpy(&value, place, 8);
	return value;
}

static inline unsigned
entries(struct vm_map *map)
{
	unsigned count = 0;

	for (struct vm_entry *e = map_first_after(map, 0); e != NULL; e = entry_next(map, e))
		count++;
	return count;
}

static inline void
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

static inline uint64_t
allocate(struct vm_map *map, uint64_t address, uint64_t pages)
{
	CHECK_EQ(vm_map_allocate(map, &address, pages * 4096, 0,
		     address != 0 ? VM_FLAGS_FIXED : VM_FLAGS_ANYWHERE),
	    KERN_SUCCESS);
	return address;
}

#endif
