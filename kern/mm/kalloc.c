/*
 * The kernel heap.
 *
 * There is a cache for every pair of type and size class, so the bytes of each type are known exactly and a freed task never becomes a port.
 * A cache's slabs are blocks of 2^order frames cut into equal objects; free objects are linked through their first word. Each CPU has a
 * magazine (a short list of free objects) per cache, used without a lock since the kernel is not preemptible.
 *
 *	struct page of a slab's first frame:  owner  = the cache
 *	                                      offset = address of its first free object, 0: none
 *	                                      wired  = objects handed out (magazines included)
 *	                                      link   = in the cache's list `partial` when some are free
 *	of its other frames:                  pins   = distance to the first frame
 *
 * Larger blocks are whole frames: owner = &large_owner, offset = bytes, wired = type.
 */
#include "mm/kalloc.h"

#include "arch/pmap.h"
#include "init/panic.h"
#include "init/string.h"
#include "mm/page.h"
#include "sched/cpu.h"
#include "sync/spinlock.h"

#define CLASSES		15
#define MAGAZINE_BYTES	4096		/* a magazine holds at most this much, and at most MAGAZINE_MAX objects */
#define MAGAZINE_MAX	32
#define FREE_MARK	0xdbdbdbdbdbdbdbdbull	/* debug builds: second word and on of a free object */

static const uint16_t class_size[CLASSES] = { 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048, 4096, 8192, 16384 };
/* The smallest that hold an object: when memory is short, single frames come back first. The largest messages are a little over 8192. */
static const uint8_t class_order[CLASSES] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2 };

struct magazine {
	void *first;
	uint32_t count;
	int32_t in_use;			/* objects handed out minus given back on this CPU */
};

struct cache {
	struct spinlock lock;
	struct list partial;		/* slabs with free objects */
	uint32_t size;			/* bytes of an object */
	uint16_t per_slab;
	uint8_t order;
	uint8_t type;
	uint16_t magazine_size;
	struct magazine magazines[CPU_MAX];
};

static struct cache caches[KALLOC_TYPES][CLASSES];
static uint8_t class_of[16384 / 16 + 1];		/* by (bytes + 15) / 16 */
static struct cache large_owner;			/* marks large blocks; only its address matters */
static int64_t large_bytes[CPU_MAX][KALLOC_TYPES], large_blocks[CPU_MAX][KALLOC_TYPES];

static const char *const type_names[KALLOC_TYPES] = {
	"misc", "task", "thread", "space", "port", "message", "map", "object", "anon", "radix", "pmap", "device",
};

const char *
kalloc_type_name(enum kalloc_type type)
{
	return type < KALLOC_TYPES ? type_names[type] : "?";
}

void
kalloc_init(void)
{
	for (unsigned type = 0; type < KALLOC_TYPES; type++)
		for (unsigned i = 0; i < CLASSES; i++) {
			struct cache *c = &caches[type][i];

			spin_init(&c->lock, "heap", RANK_HEAP);
			list_init(&c->partial);
			c->size = class_size[i];
			c->order = class_order[i];
			c->per_slab = (PAGE_SIZE << c->order) / c->size;
			c->type = type;
			c->magazine_size = MAGAZINE_BYTES / c->size < MAGAZINE_MAX ? MAGAZINE_BYTES / c->size : MAGAZINE_MAX;
			if (c->magazine_size < 2)
				c->magazine_size = 2;
		}
	for (unsigned units = 0, i = 0; units < sizeof(class_of); units++) {
		if (units * 16 > class_size[i])
			i++;
		class_of[units] = i;
	}
}

/* --- slabs: the cache's lock is held --- */

static inline void **
link_of(void *object)
{
	return object;
}

static struct page *
slab_create(struct cache *cache)
{
	/* LAB 1.7 begin: a new slab: a block of frames, cut into objects, all of them free.
	 * Hint: the picture at the top of this file says what each field of struct page holds. The free
	 * objects are a list through their first words, its head is `offset`. Every frame of the slab has
	 * to lead to its first one (slab_of), and a slab with free objects stands in `partial`.
	 */
	struct page *slab = page_alloc(cache->order, PAGE_USE_KERNEL, PAGE_ALLOC_RESERVE);
	char *memory;
	void *next = NULL;

	if (slab == NULL)
		return NULL;
	memory = page_virtual(slab);
	for (unsigned i = cache->per_slab; i-- > 0;) {
		*link_of(memory + i * cache->size) = next;
		next = memory + i * cache->size;
	}
	slab->owner = cache;
	slab->offset = (uintptr_t)next;
	slab->wired = 0;
	for (unsigned i = 0; i < 1u << cache->order; i++) {
		slab[i].owner = cache;
		slab[i].pins = i;
	}
	list_append(&cache->partial, &slab->link);
	return slab;
	/* LAB 1.7 end */
}

static void *
slab_take(struct cache *cache)
{
	/* LAB 1.7 begin: one free object of the cache; a new slab when no slab has one; NULL: no memory. */
	struct page *slab;
	void *object;

	if (list_empty(&cache->partial)) {
		slab = slab_create(cache);
		if (slab == NULL)
			return NULL;
	} else {
		slab = list_entry(list_first(&cache->partial), struct page, link);
	}
	object = (void *)slab->offset;
	slab->offset = (uintptr_t)*link_of(object);
	slab->wired++;
	if (slab->offset == 0)
		list_remove(&slab->link);
	return object;
	/* LAB 1.7 end */
}

static struct page *
slab_of(const void *object)
{
	struct page *page = page_of(virt_to_phys(object));

	return page == NULL || page->state != PAGE_USED ? NULL : page - page->pins;
}

static void
slab_give(struct cache *cache, void *object)
{
	/* LAB 1.7 begin: an object comes back to its slab.
	 * A full slab has free objects from now on; a slab without objects in use gives its frames back.
	 */
	struct page *slab = slab_of(object);

	if (slab->offset == 0)
		list_append(&cache->partial, &slab->link);
	*link_of(object) = (void *)slab->offset;
	slab->offset = (uintptr_t)object;
	if (--slab->wired == 0) {
		list_remove(&slab->link);
		for (unsigned i = 0; i < 1u << cache->order; i++) {
			slab[i].owner = NULL;
			slab[i].pins = 0;
		}
		page_drop(slab);
	}
	/* LAB 1.7 end */
}

/* --- debug builds: freed objects hold a pattern --- */

static void
mark_free(struct cache *cache, void *object)
{
#ifdef DEBUG
	for (unsigned i = 1; i < cache->size / 8; i++)
		((uint64_t *)object)[i] = FREE_MARK;
#else
	(void)cache, (void)object;
#endif
}

static void
check_not_free(struct cache *cache, void *object)
{
#ifdef DEBUG
	struct magazine *m = &cache->magazines[cpu_self()->number];

	if (cache->size >= 32 && ((uint64_t *)object)[1] == FREE_MARK && ((uint64_t *)object)[cache->size / 8 - 1] == FREE_MARK)
		for (void *o = m->first; o != NULL; o = *link_of(o))
			if (o == object)
				panic("kfree: double free of a %s object at %p", kalloc_type_name(cache->type), object);
#else
	(void)cache, (void)object;
#endif
}

/* --- magazines --- */

static void *
magazine_take(struct cache *cache)
{
	struct magazine *m = &cache->magazines[cpu_self()->number];
	void *object = m->first;

	if (object == NULL) {
		spin_lock(&cache->lock);
		while (m->count < cache->magazine_size / 2 + 1u) {
			object = slab_take(cache);
			if (object == NULL)
				break;
			*link_of(object) = m->first;
			m->first = object;
			m->count++;
		}
		spin_unlock(&cache->lock);
		object = m->first;
		if (object == NULL)
			return NULL;
	}
	m->first = *link_of(object);
	m->count--;
	m->in_use++;
	return object;
}

static void
magazine_flush(struct cache *cache, struct magazine *m, unsigned keep)
{
	spin_lock(&cache->lock);
	while (m->count > keep) {
		void *object = m->first;

		m->first = *link_of(object);
		m->count--;
		slab_give(cache, object);
	}
	spin_unlock(&cache->lock);
}

static void
magazine_give(struct cache *cache, void *object)
{
	struct magazine *m = &cache->magazines[cpu_self()->number];

	if (m->count >= cache->magazine_size)
		magazine_flush(cache, m, cache->magazine_size / 2);
	*link_of(object) = m->first;
	m->first = object;
	m->count++;
	m->in_use--;
}

void
kalloc_drain(void)
{
	for (unsigned type = 0; type < KALLOC_TYPES; type++)
		for (unsigned i = 0; i < CLASSES; i++) {
			struct cache *c = &caches[type][i];
			struct magazine *m = &c->magazines[cpu_self()->number];

			if (m->count > 0)
				magazine_flush(c, m, 0);
		}
}

/* --- large blocks --- */

static void *
large_alloc(size_t bytes, enum kalloc_type type)
{
	unsigned order = 0;
	struct page *page;

	while (order <= PAGE_ORDER_MAX && PAGE_SIZE << order < bytes)
		order++;
	if (order > PAGE_ORDER_MAX || (page = page_alloc(order, PAGE_USE_KERNEL, PAGE_ALLOC_RESERVE)) == NULL)
		return NULL;
	page->owner = &large_owner;
	page->offset = bytes;
	page->wired = type;
	large_bytes[cpu_self()->number][type] += bytes;
	large_blocks[cpu_self()->number][type]++;
	return page_virtual(page);
}

static void
large_free(struct page *page)
{
	enum kalloc_type type = page->wired;

	large_bytes[cpu_self()->number][type] -= page->offset;
	large_blocks[cpu_self()->number][type]--;
	page->owner = NULL;
	page->offset = page->wired = 0;
	page_drop(page);
}

/* --- the interface --- */

void *
kalloc_raw(size_t bytes, enum kalloc_type type)
{
	assert(type < KALLOC_TYPES);
	if (page_refused())
		return NULL;
	if (bytes > class_size[CLASSES - 1])
		return large_alloc(bytes, type);
	return magazine_take(&caches[type][class_of[(bytes + 15) / 16]]);
}

void *
kalloc(size_t bytes, enum kalloc_type type)
{
	void *memory = kalloc_raw(bytes, type);

	if (memory != NULL)
		memset(memory, 0, bytes);
	return memory;
}

void
kfree(void *pointer)
{
	struct page *slab;
	struct cache *cache;

	if (pointer == NULL)
		return;
	slab = slab_of(pointer);
	if (slab == NULL || slab->owner == NULL)
		panic("kfree: %p was not allocated, or was freed before", pointer);
	cache = slab->owner;
	if (cache == &large_owner) {
		large_free(slab);
		return;
	}
	assert(cache >= &caches[0][0] && cache <= &caches[KALLOC_TYPES - 1][CLASSES - 1]);
	check_not_free(cache, pointer);
	mark_free(cache, pointer);
	magazine_give(cache, pointer);
}

void
kalloc_statistics_get(enum kalloc_type type, struct kalloc_statistics *statistics)
{
	int64_t bytes = 0, objects = 0;

	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		bytes += large_bytes[cpu][type];
		objects += large_blocks[cpu][type];
		for (unsigned i = 0; i < CLASSES; i++) {
			objects += caches[type][i].magazines[cpu].in_use;
			bytes += (int64_t)caches[type][i].magazines[cpu].in_use * class_size[i];
		}
	}
	statistics->bytes = bytes;
	statistics->objects = objects;
}

uint64_t
kalloc_total(void)
{
	uint64_t total = 0;

	for (unsigned type = 0; type < KALLOC_TYPES; type++) {
		struct kalloc_statistics s;

		kalloc_statistics_get(type, &s);
		total += s.bytes;
	}
	return total;
}
