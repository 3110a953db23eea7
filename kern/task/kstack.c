/*
 * Kernel stacks. A slot is free (in the stack of free slots), cached (mapped) or in use.
 */
#include "task/kstack.h"

#include "arch/pmap.h"
#include "arch/thread.h"
#include "init/panic.h"
#include "mm/page.h"
#include "sync/spinlock.h"

#define KSTACK_BASE	(KVA_BASE + 0x4000000000ull)	/* upper half of the kernel's mapped range */
#define SLOT_SIZE	(2ull * KSTACK_SIZE)
#define SLOTS		32768				/* threads at most */
#define CACHE_SLOTS	16

static struct spinlock kstack_lock = SPINLOCK_INIT("kernel stacks", RANK_WAITQ);
static uint16_t free_slots[SLOTS];		/* a stack of slots given back */
static unsigned free_count;
static unsigned fresh_slot;			/* slots from here on were never used */
static uint16_t cache[CACHE_SLOTS];
static unsigned cache_count;

static uint64_t
slot_base(unsigned slot)
{
	return KSTACK_BASE + slot * SLOT_SIZE + KSTACK_SIZE;
}

static void
slot_unmap(unsigned slot)
{
	uint64_t base = slot_base(slot);
	struct page *pages[KSTACK_SIZE / PAGE_SIZE];
	unsigned count = 0;

	for (uint64_t va = base; va < base + KSTACK_SIZE; va += PAGE_SIZE) {
		phys_addr_t pa;

		if (pmap_lookup(&kernel_pmap, va, &pa, NULL))
			pages[count++] = page_of(pa);
	}
	pmap_kernel_remove(base, base + KSTACK_SIZE);
	while (count > 0)
		page_drop(pages[--count]);
}

static bool
slot_map(unsigned slot)
{
	uint64_t base = slot_base(slot);

	for (uint64_t va = base; va < base + KSTACK_SIZE; va += PAGE_SIZE) {
		struct page *page = page_alloc(0, PAGE_USE_STACK, 0);

		if (page == NULL || !pmap_kernel_enter(va, page_address(page), VM_PROT_READ | VM_PROT_WRITE, PMAP_CACHED)) {
			if (page != NULL)
				page_drop(page);
			slot_unmap(slot);
			return false;
		}
	}
	return true;
}

static void
slot_give(unsigned slot)
{
	spin_lock(&kstack_lock);
	free_slots[free_count++] = slot;
	spin_unlock(&kstack_lock);
}

uint64_t
kstack_alloc(void)
{
	unsigned slot = SLOTS;
	bool mapped = false;

	spin_lock(&kstack_lock);
	if (cache_count > 0) {
		slot = cache[--cache_count];
		mapped = true;
	} else if (free_count > 0) {
		slot = free_slots[--free_count];
	} else if (fresh_slot < SLOTS) {
		slot = fresh_slot++;
	}
	spin_unlock(&kstack_lock);
	if (slot == SLOTS)
		return 0;
	if (!mapped && !slot_map(slot)) {
		slot_give(slot);
		return 0;
	}
	return slot_base(slot);
}

void
kstack_free(uint64_t base)
{
	unsigned slot = (base - KSTACK_BASE) / SLOT_SIZE;
	bool cached;

	assert(slot < SLOTS && slot_base(slot) == base);
	spin_lock(&kstack_lock);
	cached = cache_count < CACHE_SLOTS;
	if (cached)
		cache[cache_count++] = slot;
	spin_unlock(&kstack_lock);
	if (!cached) {
		slot_unmap(slot);
		slot_give(slot);
	}
}

void
kstack_drain(void)
{
	for (;;) {
		unsigned slot = SLOTS;

		spin_lock(&kstack_lock);
		if (cache_count > 0)
			slot = cache[--cache_count];
		spin_unlock(&kstack_lock);
		if (slot == SLOTS)
			return;
		slot_unmap(slot);
		slot_give(slot);
	}
}
