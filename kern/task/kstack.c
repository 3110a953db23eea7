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
#define CACHE_SLOTS	32
#define BATCH		16				/* of them are unmapped at a time */

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
collect_frames(uint64_t base, struct list *frames)
{
	for (uint64_t va = base; va < base + KSTACK_SIZE; va += PAGE_SIZE) {
		phys_addr_t pa;

		if (pmap_lookup(&kernel_pmap, va, &pa, NULL))
			list_append(frames, &page_of(pa)->link);
	}
}

/* Frees what the slots have of stacks, and the slots. At most BATCH. */
static void
slots_free(const uint16_t *slots, unsigned count)
{
	uint64_t bases[BATCH];
	struct list frames;

	list_init(&frames);
	for (unsigned i = 0; i < count; i++) {
		bases[i] = slot_base(slots[i]);
		collect_frames(bases[i], &frames);
	}
	pmap_kernel_remove_pieces(bases, count, KSTACK_SIZE);
	while (!list_empty(&frames)) {
		struct page *page = list_entry(list_first(&frames), struct page, link);

		list_remove(&page->link);
		page_drop(page);
	}
	spin_lock(&kstack_lock);
	for (unsigned i = 0; i < count; i++)
		free_slots[free_count++] = slots[i];
	spin_unlock(&kstack_lock);
}

/* With the lock held: up to BATCH slots that are no longer cached. */
static unsigned
uncache(uint16_t *slots)
{
	unsigned count = 0;

	while (count < BATCH && cache_count > 0)
		slots[count++] = cache[--cache_count];
	return count;
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
			return false;
		}
	}
	return true;
}

uint64_t
kstack_alloc(void)
{
	uint16_t slot = SLOTS;
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
		slots_free(&slot, 1);
		return 0;
	}
	return slot_base(slot);
}

void
kstack_free(uint64_t base)
{
	unsigned slot = (base - KSTACK_BASE) / SLOT_SIZE, count = 0;
	uint16_t old[BATCH];

	assert(slot < SLOTS && slot_base(slot) == base);
	spin_lock(&kstack_lock);
	if (cache_count == CACHE_SLOTS)
		count = uncache(old);
	cache[cache_count++] = slot;
	spin_unlock(&kstack_lock);
	if (count > 0)
		slots_free(old, count);
}

bool
kstack_drain(void)
{
	bool any = false;

	for (unsigned i = 0; i < CACHE_SLOTS / BATCH + 1; i++) {	/* others may go on filling it */
		uint16_t slots[BATCH];
		unsigned count;

		spin_lock(&kstack_lock);
		count = uncache(slots);
		spin_unlock(&kstack_lock);
		if (count == 0)
			break;
		slots_free(slots, count);
		any = true;
	}
	return any;
}
