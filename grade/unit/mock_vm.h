/*
 * A machine for kern/vm on the host, included by a test program once: frames, page tables, locks,
 * tasks. It checks on the way that locks pair, that nobody reads a freed frame, and that nothing
 * preemptible happens under a spinlock.
 */
#ifndef GRADE_UNIT_MOCK_VM_H
#define GRADE_UNIT_MOCK_VM_H

#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdlib.h>
#include "mock_mm.h"
#include "arch/bootinfo.h"
#include "arch/pmap.h"
#include "init/panic.h"
#include "mm/page.h"
#include "sched/sched.h"
#include "task/task.h"
#include "vm/flight.h"
#include "vm/map.h"
#include "vm/pageout.h"
#include "vm/swap.h"

struct bootinfo bootinfo;

void
panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
	abort();
}

#define MOCK_CHECK(condition)                                                                      \
	((condition) ? (void)0 : panic("%s:%d: %s", __FILE__, __LINE__, #condition))

/* --- locks --- */

static int mock_spinlocks;
static struct spinlock *mock_held[8];	/* outermost first */

void
spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	memset(lock, 0, sizeof(*lock));
	lock->name = name;
	lock->rank = rank;
}

bool
spin_held(const struct spinlock *lock)
{
	for (int i = 0; i < mock_spinlocks; i++)
		if (mock_held[i] == lock)
			return true;
	return false;
}

void
spin_lock(struct spinlock *lock)
{
	if (mock_spinlocks == 8)
		panic("more than 8 spinlocks");
	MOCK_CHECK(!spin_held(lock) &&
		   (mock_spinlocks == 0 || lock->rank > mock_held[mock_spinlocks - 1]->rank));
	mock_held[mock_spinlocks++] = lock;
}

/* Locks may be released out of order. */
void
spin_unlock(struct spinlock *lock)
{
	int at = mock_spinlocks - 1;

	while (at >= 0 && mock_held[at] != lock)
		at--;
	MOCK_CHECK(at >= 0);
	for (mock_spinlocks--; at < mock_spinlocks; at++)
		mock_held[at] = mock_held[at + 1];
}

static int mock_mutexes;

void
mutex_init(struct mutex *mutex, const char *name)
{
	(void)name;
	memset(mutex, 0, sizeof(*mutex));
}

void
mutex_lock(struct mutex *mutex)
{
	MOCK_CHECK(mutex->owner == NULL && mock_spinlocks == 0);
	mutex->owner = (struct thread *)mutex;
	mock_mutexes++;
}

void
mutex_unlock(struct mutex *mutex)
{
	MOCK_CHECK(mutex->owner != NULL && mock_spinlocks == 0);
	mutex->owner = NULL;
	mock_mutexes--;
}

bool
cpu_preempt_or_end(void)
{
	return false;
}

void
cpu_preempt_point(void)
{
	MOCK_CHECK(mock_spinlocks == 0);
}

/* --- frames --- */

#define MOCK_FRAMES	4096u
#define MOCK_BASE	0x40000000ull

static char mock_memory[MOCK_FRAMES][4096] __attribute__((aligned(4096)));
static struct page mock_pages[MOCK_FRAMES];
static unsigned mock_free_stack[MOCK_FRAMES], mock_free_count, mock_next_frame;
static long mock_frames_live;
static long mock_frames_fail_after = -1;	/* as mock_kalloc_fail_after */

struct page *
page_of(phys_addr_t address)
{
	uint64_t index = (address - MOCK_BASE) / 4096;

	return address >= MOCK_BASE && index < MOCK_FRAMES ? &mock_pages[index] : NULL;
}

phys_addr_t
page_address(const struct page *page)
{
	return MOCK_BASE + (page - mock_pages) * 4096ull;
}

void *
page_virtual(const struct page *page)
{
	return mock_memory[page - mock_pages];
}

static void
mock_frame_setup(struct page *page, enum page_use use)
{
	memset(page, 0, sizeof(*page));
	page->state = PAGE_USED;
	page->use = use;
	page->refs = 1;
	list_node_init(&page->link);
	ASAN_UNPOISON_MEMORY_REGION(page_virtual(page), 4096);
	mock_frames_live++;
}

static uint64_t mock_refusals;

uint64_t
page_refusals(void)
{
	return mock_refusals;
}

bool
page_low(void)
{
	return false;
}

struct page *
page_alloc(unsigned order, enum page_use use, unsigned flags)
{
	unsigned count = 1u << order, first;

	if (mock_frames_fail_after == 0) {
		mock_refusals++;
		return NULL;
	}
	if (mock_frames_fail_after > 0)
		mock_frames_fail_after--;
	if (order == 0 && mock_free_count > 0) {
		first = mock_free_stack[--mock_free_count];
	} else {
		if (mock_next_frame + count > MOCK_FRAMES)
			return NULL;
		first = mock_next_frame;
		mock_next_frame += count;
	}
	for (unsigned i = 0; i < count; i++) {
		mock_frame_setup(&mock_pages[first + i], use);
		memset(page_virtual(&mock_pages[first + i]),
		    (flags & PAGE_ALLOC_ZERO) != 0 ? 0 : 0xdb, 4096);
	}
	mock_pages[first].order = order;
	return &mock_pages[first];
}

unsigned
anon_page_flags(void)
{
	return 0;
}

void
page_take(struct page *page)
{
	MOCK_CHECK(page->state == PAGE_USED && page->refs > 0);
	page->refs++;
}

void
page_drop(struct page *page)
{
	MOCK_CHECK(page->state == PAGE_USED && page->refs > 0 && page->order == 0);
	if (--page->refs > 0)
		return;
	MOCK_CHECK(page->wired == 0 && page->pins == 0);
	page->state = PAGE_FREE;
	memset(page_virtual(page), 0xdb, 4096);
	ASAN_POISON_MEMORY_REGION(page_virtual(page), 4096);
	mock_free_stack[mock_free_count++] = page - mock_pages;
	mock_frames_live--;
}

void
page_split(struct page *page)
{
	page->order = 0;
}

void
page_statistics_get(struct page_statistics *statistics)
{
	memset(statistics, 0, sizeof(*statistics));
}

/* --- page tables: a hash of pages --- */

#define MOCK_SLOTS 8192u

struct mock_mapping {
	uint64_t va, pa;
	vm_prot_t prot;
	bool accessed;
};

struct pmap {
	struct mock_mapping slot[MOCK_SLOTS];
};

static long mock_pmaps_live;

uint64_t
pmap_physical_end(void)
{
	return 1ull << 48;
}

struct pmap *
pmap_create(void)
{
	mock_pmaps_live++;
	return calloc(1, sizeof(struct pmap));
}

void
pmap_destroy(struct pmap *pmap)
{
	for (unsigned i = 0; i < MOCK_SLOTS; i++)
		MOCK_CHECK(pmap->slot[i].prot == 0);
	mock_pmaps_live--;
	free(pmap);
}

static struct mock_mapping *
mock_slot(struct pmap *pmap, uint64_t va)
{
	uint64_t start = (va >> 12) * 2654435761u % MOCK_SLOTS;

	for (unsigned i = 0; i < MOCK_SLOTS; i++) {
		struct mock_mapping *mapping = &pmap->slot[(start + i) % MOCK_SLOTS];

		if (mapping->va == va || mapping->va == 0)
			return mapping;
	}
	panic("mock page table full");
}

bool
pmap_enter(struct pmap *pmap, uint64_t va, uint64_t pa, vm_prot_t prot, unsigned cache)
{
	struct mock_mapping *mapping = mock_slot(pmap, va);

	(void)cache;
	MOCK_CHECK(prot != 0 && va % 4096 == 0 && pa % 4096 == 0);
	if (mapping->prot == 0 && mock_kalloc_refuses()) /* a page that is mapped has its tables */
		return false;
	*mapping = (struct mock_mapping){ va, pa, prot, true };
	return true;
}

bool
pmap_test_and_clear_accessed(struct pmap *pmap, uint64_t va)
{
	struct mock_mapping *mapping = mock_slot(pmap, va);
	bool accessed = mapping->prot != 0 && mapping->accessed;

	mapping->accessed = false;
	return accessed;
}

void
pmap_protect(struct pmap *pmap, uint64_t start, uint64_t end, vm_prot_t prot)
{
	if (end - start > 4096 * 64) {
		for (unsigned i = 0; i < MOCK_SLOTS; i++)
			if (pmap->slot[i].va >= start && pmap->slot[i].va < end)
				pmap->slot[i].prot &= prot;
		return;
	}
	for (uint64_t va = start; va < end; va += 4096)
		mock_slot(pmap, va)->prot &= prot;
}

void
pmap_remove(struct pmap *pmap, uint64_t start, uint64_t end)
{
	pmap_protect(pmap, start, end, 0);
}

/* --- swap: an array of slots. A page comes back when it has been waited for. --- */

#define MOCK_SLOTS_SWAP 2048u

static struct {
	bool used;
	struct page *fetched;
	char data[4096];
} mock_swap[MOCK_SLOTS_SWAP];
static long mock_swap_used;
static bool mock_swap_scarce;

struct swap_run {
	unsigned count;
};

static struct page *
mock_swap_take(uint32_t slot)
{
	struct page *page = mock_swap[slot].fetched;

	MOCK_CHECK(mock_swap[slot].used);
	mock_swap[slot].fetched = NULL;
	return page;
}

static kern_return_t
mock_swap_wait(uint32_t slot)
{
	struct page *page;

	MOCK_CHECK(mock_spinlocks == 0 && mock_mutexes == 0);
	if (!mock_swap[slot].used || mock_swap[slot].fetched != NULL)
		return KERN_SUCCESS;
	page = page_alloc(0, PAGE_USE_ANON, 0);
	if (page == NULL)
		return KERN_MEMORY_FAILURE;
	memcpy(page_virtual(page), mock_swap[slot].data, 4096);
	mock_swap[slot].fetched = page;
	return KERN_SUCCESS;
}

static void
mock_swap_release(uint32_t slot)
{
	MOCK_CHECK(mock_swap[slot].used);
	if (mock_swap[slot].fetched != NULL)
		page_drop(mock_swap[slot].fetched);
	mock_swap[slot].fetched = NULL;
	mock_swap[slot].used = false;
	mock_swap_used--;
}

static bool
mock_swap_plenty(void)
{
	return !mock_swap_scarce;
}

static unsigned
mock_swap_room(const struct swap_run *run)
{
	return 16 - run->count;
}

static uint32_t
mock_swap_put(struct swap_run *run, struct page *page)
{
	uint32_t slot = 1;

	MOCK_CHECK(page->refs == 1 && page->wired == 0 && page->pins == 0);
	if (mock_kalloc_refuses())
		return 0;
	while (slot < MOCK_SLOTS_SWAP && mock_swap[slot].used)
		slot++;
	if (slot == MOCK_SLOTS_SWAP)
		return 0;
	mock_swap[slot].used = true;
	memcpy(mock_swap[slot].data, page_virtual(page), 4096);
	page_drop(page);
	mock_swap_used++;
	run->count++;
	return slot;
}

static void
mock_swap_drop(uint32_t slot)
{
	MOCK_CHECK(mock_swap[slot].used);
}

static const struct swap_ops mock_swap_ops = {
	.take = mock_swap_take, .wait = mock_swap_wait, .release = mock_swap_release, .drop = mock_swap_drop,
	.plenty = mock_swap_plenty, .room = mock_swap_room, .put = mock_swap_put,
};

bool
pageout_helps(void)
{
	return false;
}

kern_return_t
pageout_wait(enum pageout_need need)
{
	(void)need;
	return KERN_MEMORY_FAILURE;
}

kern_return_t
pageout_wait_after(uint64_t refusals, enum pageout_need need)
{
	(void)need;
	(void)refusals;
	return KERN_MEMORY_FAILURE;
}

void
pageout_wake(void)
{
}

void
pageout_landed(void)
{
}

void
pageout_statistics(uint64_t *waiting, uint64_t *waits)
{
	*waiting = *waits = 0;
}

/* --- tasks --- */

bool
task_charge(struct task *task, enum task_resource resource, uint64_t amount)
{
	if (task->used[resource] + amount > task->limit[resource])
		return false;
	task->used[resource] += amount;
	return true;
}

void
task_uncharge(struct task *task, enum task_resource resource, uint64_t amount)
{
	MOCK_CHECK(task->used[resource] >= amount);
	task->used[resource] -= amount;
}

static long mock_tasks_live;

static struct task *
mock_task_create(void)
{
	struct task *task = calloc(1, sizeof(*task));

	task->refs = 1;
	for (unsigned i = 0; i < TASK_RESOURCES; i++)
		task->limit[i] = UINT64_MAX / 2;
	mock_tasks_live++;
	return task;
}

void
task_drop(struct task *task)
{
	if (--task->refs > 0)
		return;
	for (unsigned i = 0; i < TASK_RESOURCES; i++)
		MOCK_CHECK(task->used[i] == 0);
	mock_tasks_live--;
	free(task);
}

/* --- a program's access --- */

/*
 * The byte at address through the page tables, faulting as the machine would; NULL: the access is
 * not possible.
 */
static char *
mock_access(struct vm_map *map, uint64_t address, vm_prot_t access, kern_return_t *result)
{
	for (unsigned tries = 0; tries < 4; tries++) {
		struct mock_mapping *mapping = mock_slot(map->pmap, vm_page_trunc(address));

		if ((access & ~mapping->prot) == 0) {
			*result = KERN_SUCCESS;
			mapping->accessed = true;
			return (char *)page_virtual(page_of(mapping->pa)) + address % 4096;
		}
		*result = vm_fault(map, address, access);
		if (*result != KERN_SUCCESS)
			return NULL;
	}
	panic("fault at %lx resolved but not mapped", (unsigned long)address);
}

#endif
