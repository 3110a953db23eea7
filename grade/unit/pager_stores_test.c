/*
 * Stores through mappings against withdraw and collect of the file server's pager: a page that the kernel has sent arrives at each point at
 * which the lock is given back, and is in the file on return all the same.
 */
// SOURCES: fs/pager/stores.c fs/pager/set.c fs/vfs/rwlock.c
// CFLAGS: -Ifs -Iinc -Ilib
#include "unit.h"
#include "pager/local.h"
#include "vfs/vnode.h"

#include "mach/mach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGES	600u
#define SIZE	((size_t)VM_PAGE_SIZE * PAGES)

struct pager pager;
static struct mount mount;
static struct vnode vn;
static struct pages object;
static char file[SIZE];

/* What the kernel has: pages stored to, and messages that are sent but not received. */
static char dirty[PAGES];
static uint64_t sent[PAGES];
static unsigned sent_count, received, completions, requests, most_on_the_list, shortages;
static int unlocks_left, receiving;

/* --- the kernel, and the thread that receives --- */

static void
receive(void)
{
	receiving = 1;
	if (received < sent_count) {
		char *data = malloc(VM_PAGE_SIZE);
		unsigned waiting = 1;

		memset(data, 's', VM_PAGE_SIZE);
		stores_arrived(&object, sent[received++] * VM_PAGE_SIZE, data, VM_PAGE_SIZE);
		for (struct returned *r = object.first; r && r->next; r = r->next)
			waiting++;
		most_on_the_list = waiting > most_on_the_list ? waiting : most_on_the_list;
	} else if (completions > 0) {
		completions--;
		object.completed++;
	}
	receiving = 0;
}

static void
evict(uint64_t page)
{
	dirty[page] = 0;
	sent[sent_count++] = page;
}

kern_return_t
memory_object_lock_request(memory_object_control_t control, vm_offset_t offset, vm_size_t size, uint32_t flags, vm_prot_t lock,
	mach_port_t reply)
{
	(void)control, (void)lock, (void)flags;
	requests++;
	if (shortages > 0 && shortages-- > 0) {
		receive();
		return KERN_RESOURCE_SHORTAGE;
	}
	for (uint64_t i = offset / VM_PAGE_SIZE; i < PAGES && i * VM_PAGE_SIZE < offset + size; i++)
		if (dirty[i])
			evict(i);
	completions += reply != MACH_PORT_NULL;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_copy(memory_object_control_t control, vm_offset_t offset, vm_address_t address, vm_size_t size, int direction, vm_size_t *done)
{
	(void)control, (void)offset, (void)address, (void)size, (void)direction, (void)done;
	return KERN_SUCCESS;		/* nothing is resident */
}

void clock_sleep(mach_msg_timeout_t ms) { (void)ms; }
int os_wait_place(void) { return 0; }

void os_mutex_init(struct os_mutex *m) { (void)m; }
void os_mutex_lock(struct os_mutex *m) { (void)m; }
void os_cond_init(struct os_cond *c) { (void)c; }
void os_cond_broadcast(struct os_cond *c) { (void)c; }

void
os_mutex_unlock(struct os_mutex *m)
{
	if (m == &pager.lock && !receiving && unlocks_left-- == 0)
		receive();
}

void
os_cond_wait(struct os_cond *c, struct os_mutex *m)
{
	(void)c, (void)m;
	CHECK(received < sent_count || completions > 0);
	receive();
}

void *os_alloc(size_t size) { return calloc(1, size); }
void os_free(void *p) { free(p); }
void os_pages_free(void *p, size_t size) { (void)size; free(p); }
void work_tidy(struct pages *p) { (void)p; }
void pages_hold(struct pages *p) { p->refs++; }
void pages_drop(struct pages *p) { p->refs--; }
void pages_retire(struct pages *p) { p->retired = true; }

/* --- the file --- */

static int
op_getattr(struct vnode *v, struct vfs_attr *attr)
{
	(void)v;
	*attr = (struct vfs_attr){ .size = SIZE };
	return 0;
}

static int
op_write(struct vnode *v, uint64_t offset, const void *data, size_t length, bool privileged, size_t *done)
{
	(void)v, (void)privileged;
	memcpy(file + offset, data, length);
	*done = length;
	return 0;
}

static const struct vnode_ops ops = { .getattr = op_getattr, .write = op_write };

static void
begin(void)
{
	memset(file, 'f', SIZE);
	memset(dirty, 0, sizeof(dirty));
	sent_count = received = completions = requests = most_on_the_list = shortages = 0;
	vn = (struct vnode){ .ops = &ops, .mount = &mount, .pages = &object };
	object = (struct pages){ .vn = &vn, .object = 7, .refs = 1 };
	object.last = &object.first;
	unlocks_left = -1;
}

static void
end(void)
{
	CHECK(object.first == NULL);
	page_set_remove(&object.granted, 0, UINT64_MAX);
}

static void
store(uint64_t page)
{
	CHECK(page_set_add(&object.granted, page));
	dirty[page] = 1;
}

/* --- tests --- */

typedef int call_t(struct vnode *, uint64_t, uint64_t);

/* A page on its way by itself, and one that has to be called back, with the first coming at the n-th chance. */
static void
with_a_page_on_its_way(call_t *call, int chance)
{
	begin();
	store(5);
	evict(5);
	store(6);
	unlocks_left = chance;
	CHECK_EQ(call(&vn, 5 * VM_PAGE_SIZE, VM_PAGE_SIZE), 0);
	CHECK_EQ(file[5 * VM_PAGE_SIZE], 's');
	CHECK_EQ(received >= 1, 1);
	CHECK(!page_set_any(&object.granted, 5, 1));
	CHECK(page_set_any(&object.granted, 6, 1));
	CHECK_EQ(call(&vn, 0, UINT64_MAX), 0);
	CHECK_EQ(file[6 * VM_PAGE_SIZE], 's');
	CHECK(!page_set_any(&object.granted, 0, UINT64_MAX));
	end();
}

static void
a_page_that_comes_meanwhile_is_merged(void)
{
	for (int chance = 0; chance < 30; chance++) {
		with_a_page_on_its_way(stores_ops.collect, chance);
		with_a_page_on_its_way(stores_ops.withdraw, chance);
	}
}

static void
a_whole_file_comes_in_pieces(void)
{
	begin();
	for (uint64_t i = 0; i < PAGES; i++)
		store(i);
	CHECK_EQ(stores_ops.collect(&vn, 0, UINT64_MAX), 0);
	for (uint64_t i = 0; i < PAGES; i++)
		CHECK_EQ(file[i * VM_PAGE_SIZE], 's');
	CHECK(requests > 1 && requests <= 10);
	end();
}

/* What comes while there is no memory is merged between the tries, as that is what gives memory back. */
static void
a_shortage_passes(void)
{
	begin();
	for (uint64_t i = 0; i < 20; i++)
		store(i);
	for (uint64_t i = 0; i < 20; i++)
		evict(i);
	shortages = 20;
	CHECK_EQ(stores_ops.collect(&vn, 0, UINT64_MAX), 0);
	CHECK_EQ(most_on_the_list, 1);
	for (uint64_t i = 0; i < 20; i++)
		CHECK_EQ(file[i * VM_PAGE_SIZE], 's');
	end();
}

int
main(void)
{
	TEST(a_page_that_comes_meanwhile_is_merged);
	TEST(a_whole_file_comes_in_pieces);
	TEST(a_shortage_passes);
	return unit_done();
}
