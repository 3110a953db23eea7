/*
 * Lab 1, exercises 1.2 to 1.4: made-up memory maps, a buddy system of its own (so that neither exercise needs the other), and what the
 * kernel's own frames are.
 */
#include "monitor/selftest_lab.h"

#include "arch/bootinfo.h"
#include "init/string.h"
#include "mm/buddy.h"
#include "mm/memmap.h"
#include "monitor/command.h"
#include "monitor/selftest.h"

/* --- 1.2: memory maps --- */

static void
block_say(uint64_t frame, unsigned order)
{
	SAY("give", frame, order);
}

/* A place below `frames`, every third one inside a frame. */
static uint64_t
place(uint64_t *seed, uint64_t frames)
{
	uint64_t at = selftest_random(seed, frames) * PAGE_SIZE;

	return selftest_random(seed, 3) == 0 ? at + selftest_random(seed, PAGE_SIZE) : at;
}

static void
map_once(uint64_t *seed)
{
	struct boot_range memory[2], reserved[6];
	struct memmap map = { memory, 2, reserved, (unsigned)selftest_random(seed, 7) };
	uint64_t end;

	memory[0].base = place(seed, 64);
	memory[0].size = PAGE_SIZE + place(seed, 3000);
	end = memory[0].base + memory[0].size + 2 * PAGE_SIZE;
	memory[1].base = end + place(seed, 64);
	memory[1].size = PAGE_SIZE + place(seed, 6000);
	for (unsigned i = 0; i < map.reserved_count; i++) {
		reserved[i].base = place(seed, 9000);
		reserved[i].size = selftest_random(seed, 8) == 0 ? 0 : 1 + place(seed, 300);
	}
	/* Two that overlap, the one that begins first standing last. */
	if (map.reserved_count > 1) {
		reserved[0].base = reserved[map.reserved_count - 1].base + PAGE_SIZE;
		reserved[0].size = reserved[map.reserved_count - 1].size + 1;
	}
	for (unsigned i = 0; i < map.memory_count; i++)
		SAY("memory", memory[i].base, memory[i].size);
	for (unsigned i = 0; i < map.reserved_count; i++)
		SAY("reserved", reserved[i].base, reserved[i].size);
	memmap_free_blocks(&map, block_say);
	SAY("end", 0);
}

static void
maps(uint64_t seed)
{
	for (unsigned i = 0; i < 12; i++)
		map_once(&seed);
}

/* The state of every frame of the machine: runs of (first frame, frames, state). Free states are one, cached ones too. */
static unsigned
frame_state(uint64_t frame)
{
	const struct page *page = page_of(frame << PAGE_SHIFT);

	if (page == NULL)
		return PAGE_HOLE;
	return page->state == PAGE_RESERVED ? PAGE_RESERVED : PAGE_USED;
}

static void
machine(uint64_t seed)
{
	const struct boot_range *last = &bootinfo.memory[bootinfo.memory_count - 1];
	uint64_t end = (last->base + last->size) >> PAGE_SHIFT, from = 0;
	struct page_statistics s;

	(void)seed;
	for (unsigned i = 0; i < bootinfo.memory_count; i++)
		SAY("memory", bootinfo.memory[i].base, bootinfo.memory[i].size);
	for (unsigned i = 0; i < bootinfo.reserved_count; i++)
		SAY("reserved", bootinfo.reserved[i].base, bootinfo.reserved[i].size);
	for (uint64_t frame = 1; frame <= end; frame++)
		if (frame == end || frame_state(frame) != frame_state(from)) {
			SAY("frames", from, frame - from, frame_state(from));
			from = frame;
		}
	page_statistics_get(&s);
	SAY("total", s.total);
	SAY("end", 0);
}

/* --- 1.3, 1.4: a buddy system of the test's own --- */

#define FRAMES_MAX 2600u

static struct page pages[FRAMES_MAX];
static struct buddy buddy;

static void
setup(uint64_t first, unsigned count, unsigned state)
{
	memset(pages, 0, sizeof(pages));
	for (unsigned i = 0; i < count; i++) {
		pages[i].state = state;
		list_node_init(&pages[i].link);
	}
	buddy_init(&buddy, pages, first, count);
	SAY("setup", first, count);
}

/* A free block, put there without buddy_free, which is an exercise. */
static void
put_free(unsigned frame, unsigned order)
{
	for (unsigned i = 0; i < 1u << order; i++)
		pages[frame + i].state = PAGE_FREE_TAIL;
	pages[frame].state = PAGE_FREE;
	pages[frame].order = order;
	list_append(&buddy.lists[order], &pages[frame].link);
	buddy.blocks[order]++;
	buddy.free += 1u << order;
}

static bool
is_ours(const struct list_node *node)
{
	return (uintptr_t)node >= (uintptr_t)&pages[0] && (uintptr_t)node < (uintptr_t)&pages[buddy.count];
}

/* One line per order: the frames on its list, as numbers from 0; "broken" when it is no list. */
static void
list_say(unsigned order)
{
	uint64_t row[40] = { order };
	unsigned count = 1, total = 0;
	const struct list_node *node;

	for (node = buddy.lists[order].head.next; node != &buddy.lists[order].head; node = node->next) {
		if (!is_ours(node) || total++ > FRAMES_MAX) {
			SAY("broken", order);
			return;
		}
		row[count++] = (uint64_t)(list_entry(node, struct page, link) - pages);
		if (count == 40) {
			lab_say("list", row, count);
			count = 1;
		}
	}
	if (count > 1)
		lab_say("list", row, count);
}

static void
lists_say(void)
{
	uint64_t row[PAGE_ORDER_MAX + 2] = { buddy.free };

	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++) {
		row[order + 1] = buddy.blocks[order];
		list_say(order);
	}
	lab_say("counts", row, PAGE_ORDER_MAX + 2);
}

/* Runs of (first frame, frames, state): 2 free, 3 inside a free block, 4 used; and the orders that first frames remember. */
static void
states_say(void)
{
	unsigned from = 0;

	for (unsigned i = 1; i <= buddy.count; i++)
		if (i == buddy.count || pages[i].state != pages[from].state) {
			SAY("states", from, i - from, pages[from].state);
			from = i;
		}
}

#define NOTHING UINT64_MAX

static uint64_t
alloc_say(unsigned order)
{
	struct page *page = buddy_alloc(&buddy, order);
	uint64_t frame = page == NULL ? NOTHING : (uint64_t)(page - pages);

	if (page == NULL || frame >= buddy.count)
		SAY("alloc", order, page == NULL ? NOTHING : NOTHING - 1, 0, 0);
	else
		SAY("alloc", order, frame, page->order, page->state);
	return frame;
}

static void
split(uint64_t seed)
{
	setup((1 + selftest_random(&seed, 64)) << PAGE_ORDER_MAX, 2560, PAGE_RESERVED);
	for (unsigned at = 512; at + 512 <= 2560; at += 512) {	/* without free buddies */
		unsigned order = selftest_random(&seed, 9);

		put_free(at + (selftest_random(&seed, 512u >> order) << order), order);
	}
	put_free(0, 9);
	lists_say();
	for (unsigned i = 0; i < 30; i++) {
		alloc_say(selftest_random(&seed, 8));
		lists_say();
	}
	states_say();
	SAY("end", 0);
}

static void
exhaust(uint64_t seed)
{
	unsigned nothing = 0;

	setup((1 + selftest_random(&seed, 64)) << PAGE_ORDER_MAX, 2048, PAGE_RESERVED);
	put_free(0, PAGE_ORDER_MAX);
	put_free(1024 + 512 * selftest_random(&seed, 2), 9);
	lists_say();
	alloc_say(PAGE_ORDER_MAX + 1);
	alloc_say(PAGE_ORDER_MAX + 1 + selftest_random(&seed, 20));
	for (unsigned i = 0; i < 2000 && nothing < 6; i++) {
		uint64_t frame = alloc_say(nothing >= 5 ? 0 : selftest_random(&seed, 7));

		if (nothing >= 5 && frame != NOTHING)
			continue;
		nothing += frame == NOTHING;
	}
	lists_say();
	states_say();
	SAY("end", 0);
}

/* --- giving back --- */

#define USED_MAX 400u

struct used {
	uint16_t frame;
	uint8_t order;
};

static struct used used[USED_MAX];
static unsigned used_count;

/* Everything is in use, in blocks drawn from the seed. */
static void
use_all(uint64_t *seed, unsigned count)
{
	used_count = 0;
	for (unsigned at = 0; at < count && used_count < USED_MAX;) {
		unsigned order = selftest_random(seed, PAGE_ORDER_MAX);

		while (order > 0 && (at % (1u << order) != 0 || at + (1u << order) > count))
			order--;
		used[used_count++] = (struct used){ (uint16_t)at, (uint8_t)order };
		pages[at].order = order;
		SAY("used", at, order);
		at += 1u << order;
	}
}

static void
free_say(unsigned frame, unsigned order)
{
	const char *wrong = buddy_free(&buddy, &pages[frame], order);

	SAY("free", frame, order, wrong != NULL);
}

static void
join_in(uint64_t *seed, unsigned count)
{
	setup((1 + selftest_random(seed, 64)) << PAGE_ORDER_MAX, count, PAGE_USED);
	use_all(seed, count);
	for (unsigned left = used_count; left > 0; left--) {
		unsigned i = selftest_random(seed, left);
		struct used block = used[i];

		used[i] = used[left - 1];
		free_say(block.frame, block.order);
		if (left < 40 || selftest_random(seed, 4) == 0)
			lists_say();
	}
	lists_say();
	states_say();
	SAY("end", 0);
}

static void
join(uint64_t seed)
{
	join_in(&seed, 2048);
}

/* The last block's buddy would lie beyond the frames there are; a hole in between. */
static void
edges(uint64_t seed)
{
	unsigned count = 1024 + 4 * (1 + selftest_random(&seed, 250)) + 2 + selftest_random(&seed, 2);

	join_in(&seed, count);
}

static void
refuse(uint64_t seed)
{
	unsigned order = 2 + selftest_random(&seed, 4), size = 1u << order, far = 512 + 8 * selftest_random(&seed, 60);

	setup((1 + selftest_random(&seed, 64)) << PAGE_ORDER_MAX, 1500, PAGE_USED);
	put_free(256, order);					/* free */
	pages[far].state = PAGE_CACHED;
	pages[far + 64].state = PAGE_HOLE;
	pages[far + 128 + 3].state = PAGE_CACHED;
	lists_say();
	free_say(256, order);					/* twice */
	free_say(256, 0);					/* the first frame of a free block */
	free_say(256 + 1 + selftest_random(&seed, size - 1), 0);	/* inside one */
	free_say(256, order + 1);				/* one half is free already */
	free_say(far, 0);					/* in a cache */
	free_say(far + 64, 0);					/* no RAM */
	free_say(far + 128, 2);					/* its last frame is in a cache */
	free_say(128 + 1, 1);					/* not aligned */
	free_say(128 + size / 2, order);			/* not aligned */
	free_say(0, PAGE_ORDER_MAX + 1);			/* too large */
	free_say(1496, 3);					/* beyond the end */
	free_say(1500 + selftest_random(&seed, 100), 0);	/* beyond the end */
	lists_say();
	free_say(1200, 4);					/* and three that are right */
	free_say(1496, 2);
	free_say(256 + size, 0);
	lists_say();
	free_say(1200, 4);					/* twice */
	free_say(1200 + 8, 3);
	free_say(1496, 2);
	lists_say();
	SAY("end", 0);
}

/* --- 1.3 and 1.4 in the running kernel --- */

#define HELD 16

static void
totals_say(void)
{
	struct page_statistics s;
	uint64_t row[PAGE_ORDER_MAX + 2];

	memory_drain();
	page_statistics_get(&s);
	row[0] = s.free;
	for (unsigned order = 0; order <= PAGE_ORDER_MAX; order++)
		row[order + 1] = s.free_blocks[order];
	lab_say("counts", row, PAGE_ORDER_MAX + 2);
}

static void
running(uint64_t seed)
{
	struct page *held[HELD] = { NULL };

	totals_say();
	for (unsigned i = 0; i < 200; i++) {
		unsigned at = selftest_random(&seed, HELD), order = selftest_random(&seed, 7);

		if (held[at] != NULL) {
			page_drop(held[at]);
			held[at] = NULL;
			continue;
		}
		held[at] = page_alloc(order, PAGE_USE_KERNEL, PAGE_ALLOC_ZERO);
		SAY("took", order, held[at] == NULL ? NOTHING : page_address(held[at]));
	}
	for (unsigned i = 0; i < HELD; i++)
		if (held[i] != NULL)
			page_drop(held[i]);
	totals_say();
	SAY("end", 0);
}

const struct selftest selftests_lab1_frames[] = {
	{ "lab1-maps", "free blocks of made-up memory maps", maps },
	{ "lab1-machine", "what each frame of this machine is", machine },
	{ "lab1-split", "allocations from a made-up buddy system", split },
	{ "lab1-exhaust", "allocations until nothing is left", exhaust },
	{ "lab1-join", "blocks given back in any order", join },
	{ "lab1-edges", "the same where the frames end", edges },
	{ "lab1-refuse", "frees that must be refused", refuse },
	{ "lab1-running", "the kernel's own frames, taken and given back", running },
	{ NULL, NULL, NULL },
};
