/*
 * TLB invalidation, and the address-space identifiers (ASIDs) that tag what TLBs hold; the rules of
 * ASIDs are in pmap_internal.h.
 *
 * Reaching all CPUs is slow, so an address space that only ever ran on the running CPU is flushed
 * on this one alone. Either the flusher sees another CPU's bit in ran_on, or that CPU, which sets
 * its bit before it loads the table, walks the table as it is after the change.
 */
#include "pmap_internal.h"
#include "sched/cpu.h"

/* --- flushing --- */

/*
 * Whether only the running CPU can hold translations of it. After the change to the tables and a
 * barrier.
 */
static bool
only_here(const struct pmap *pmap)
{
	return pmap->ran_on == 1u << cpu_self()->number;
}

void
tlb_drop_page(const struct pmap *pmap, uint64_t va)
{
	uint64_t page = (va >> PAGE_SHIFT & ((1ull << 44) - 1)) | pmap_asid(pmap) << ASID_SHIFT;

	if (pmap == &kernel_pmap)
		__asm__ volatile("tlbi vaae1is, %0" :: "r"(page));
	else if (only_here(pmap))
		__asm__ volatile("tlbi vae1, %0" :: "r"(page));
	else
		__asm__ volatile("tlbi vae1is, %0" :: "r"(page));
}

static void
tlb_drop_all(const struct pmap *pmap)
{
	uint64_t asid = pmap_asid(pmap) << ASID_SHIFT;

	if (pmap == &kernel_pmap)
		__asm__ volatile("tlbi vmalle1is");
	else if (only_here(pmap))
		__asm__ volatile("tlbi aside1, %0" :: "r"(asid));
	else
		__asm__ volatile("tlbi aside1is, %0" :: "r"(asid));
}

void
flush_begin(struct flush *flush, struct pmap *pmap)
{
	flush->pmap = pmap;
	flush->count = 0;
	list_init(&flush->tables);
}

void
flush_note(struct flush *flush, uint64_t va)
{
	if (flush->count < FLUSH_MAX)
		flush->va[flush->count] = va;
	if (flush->count <= FLUSH_MAX)
		flush->count++;
}

/*
 * Whether flushing makes no difference: it never ran, or no CPU has it loaded and none will, as its
 * ASID is not used before the TLBs were invalidated (asid.c). After the change to the tables and a
 * barrier.
 */
static bool
unreachable(const struct pmap *pmap)
{
	return pmap->ran_on == 0 ||
	    (pmap->dying && !pmap_loaded_anywhere(pmap));
}

void
flush_finish(struct flush *flush)
{
	/* LAB 1.6 begin [until then: return]: forget what was taken out, on every CPU, then free the tables.
	 * Hint: three steps with a barrier between: the changes are visible; the TLBs have forgotten (page by
	 * page, or everything when there were more than FLUSH_MAX); only then do the tables go.
	 */
	struct list_node *node;

	if (flush->count == 0)
		return;
	dsb(ish);
	if (!unreachable(flush->pmap)) {
		if (flush->count > FLUSH_MAX)
			tlb_drop_all(flush->pmap);
		else
			for (unsigned i = 0; i < flush->count; i++)
				tlb_drop_page(flush->pmap, flush->va[i]);
		dsb(ish);
		isb();
	}
	while ((node = list_pop(&flush->tables)) != NULL)
		page_drop(list_entry(node, struct page, link));
	/* LAB 1.6 end */
}

/*
 * --- ASIDs ---
 *
 * Two bit maps: `taken` are not available; `retired` is the part of them that is available after
 * the next invalidation of everything.
 */

#define ASID_MAX	65536u
#define WORD_BITS	64u

static struct spinlock asid_lock = SPINLOCK_INIT("asid", RANK_PMAP);
static uint64_t taken[ASID_MAX / WORD_BITS];
static uint64_t retired[ASID_MAX / WORD_BITS];
static unsigned next_word;

static unsigned
words(void)
{
	return cpu_features.asid16 ? ASID_MAX / WORD_BITS : 256 / WORD_BITS;
}

/* Takes the first free one from next_word on. Returns 0: none up to the end. */
static uint16_t
take_next(void)
{
	for (; next_word < words(); next_word++) {
		uint64_t free = ~taken[next_word];

		if (free != 0) {
			unsigned bit = (unsigned)__builtin_ctzll(free);

			taken[next_word] |= 1ull << bit;
			return (uint16_t)(next_word * WORD_BITS + bit);
		}
	}
	return 0;
}

static void
recycle(void)
{
	dsb(ishst);
	__asm__ volatile("tlbi vmalle1is");
	dsb(ish);
	for (unsigned i = 0; i < words(); i++) {
		taken[i] &= ~retired[i];
		retired[i] = 0;
	}
	next_word = 0;
}

uint16_t
asid_alloc(void)
{
	uint16_t asid;

	spin_lock(&asid_lock);
	taken[0] |= 1;			/* the kernel's */
	asid = take_next();
	if (asid == 0) {
		recycle();
		asid = take_next();
	}
	spin_unlock(&asid_lock);
	return asid;
}

void
asid_free(uint16_t asid)
{
	spin_lock(&asid_lock);
	retired[asid / WORD_BITS] |= 1ull << asid % WORD_BITS;
	spin_unlock(&asid_lock);
}
