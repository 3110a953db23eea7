/*
 * Stores. The kernel asks for one with CREATE, writes and reads pages of it, and ends it with
 * TERMINATE. Store i lies on the disk from page 1 + i * STORE_PAGES on, all of it: so what the
 * kernel has been given it can always write.
 */
#include "mem.h"

#include "mach/print.h"

#include <mach/memory_object.h>
#include <string.h>

#define STORE_PAGES	1024u		/* what the kernel asks for, 4 MB */
#define STORES_MAX	1024u
#define WORD		32u

static struct store {
	mach_port_t object;		/* receive right; NULL: free */
	mach_port_t control;		/* send right */
	bool damaged;			/* some page could not be written */
	uint32_t lost[STORE_PAGES / WORD];	/* which */
} stores[STORES_MAX];

static unsigned store_count;		/* that the disk has room for */
static mach_port_t port_set;

static uint64_t
disk_page(const struct store *store, vm_offset_t offset)
{
	return 1 + (uint64_t)(store - stores) * STORE_PAGES + offset / VM_PAGE_SIZE;
}

static struct store *
store_of(mach_port_t object)
{
	for (unsigned i = 0; i < store_count; i++)
		if (stores[i].object == object)
			return &stores[i];
	return NULL;
}

/* The kernel's bounds are checked all the same: a mistake must not write over another store. */
static bool
inside(vm_offset_t offset, vm_size_t size)
{
	vm_size_t all = (vm_size_t)STORE_PAGES * VM_PAGE_SIZE;

	return size != 0 && size <= all && offset <= all - size &&
		((offset | size) & VM_PAGE_MASK) == 0;
}

/* --- pages that could not be written --- */

static void
mark(struct store *store, vm_offset_t offset, uint32_t count, bool lost)
{
	uint32_t first = (uint32_t)(offset / VM_PAGE_SIZE);

	store->damaged |= lost;
	for (uint32_t i = first; store->damaged && i < first + count; i++)
		if (lost)
			store->lost[i / WORD] |= 1u << i % WORD;
		else
			store->lost[i / WORD] &= ~(1u << i % WORD);
}

static bool
any_lost(const struct store *store, vm_offset_t offset, uint32_t count)
{
	uint32_t first = (uint32_t)(offset / VM_PAGE_SIZE);

	for (uint32_t i = first; store->damaged && i < first + count; i++)
		if (store->lost[i / WORD] >> i % WORD & 1)
			return true;
	return false;
}

/* --- messages --- */

static void
refuse(const struct memory_object_create *m)
{
	memory_object_destroy(m->control.name, KERN_RESOURCE_SHORTAGE);
	port_drop(m->control.name);
	port_drop_receive(m->object.name);
}

static void
create(const struct memory_object_create *m)
{
	struct store *store = store_of(MACH_PORT_NULL);

	if (store == NULL || m->size != (vm_size_t)STORE_PAGES * VM_PAGE_SIZE ||
		mach_port_move_member(mach_task_self(), m->object.name, port_set) != KERN_SUCCESS) {
		refuse(m);
		return;
	}
	memset(store, 0, sizeof(*store));
	store->object = m->object.name;
	store->control = m->control.name;
	statistics.given += STORE_PAGES;
	memory_object_ready(store->control, 0, MEMORY_OBJECT_COPY_NONE);
}

static void
data_return(struct store *store, const struct memory_object_data_return *m)
{
	void *data = (void *)m->data.address;
	uint32_t count = m->data.size / VM_PAGE_SIZE;

	if (inside(m->offset, m->data.size))
		mark(store, m->offset, count, !disk_write(disk_page(store, m->offset), count, data));
	mig_free(data, m->data.size);
	port_drop(m->control.name);
}

/* Returns false: some of the pages cannot be had. */
static bool
supply(struct store *store, vm_offset_t offset, vm_size_t size)
{
	uint32_t count = (uint32_t)(size / VM_PAGE_SIZE);
	kern_return_t kr;
	void *data;

	if (!inside(offset, size) || any_lost(store, offset, count) ||
		!disk_read(disk_page(store, offset), count, &data))
		return false;
	kr = memory_object_data_supply(store->control, offset, (vm_address_t)data, size, VM_PROT_NONE);
	if (kr != KERN_SUCCESS && kr != KERN_MEMORY_FAILURE)	/* it has not taken the pages */
		mig_free(data, size);
	return true;
}

/* A page that is lost takes none of its neighbours along. */
static void
data_request(struct store *store, const struct memory_object_message *m)
{
	bool whole = supply(store, m->offset, m->length);

	for (vm_offset_t at = m->offset; !whole && at - m->offset < m->length; at += VM_PAGE_SIZE)
		if (m->length == VM_PAGE_SIZE || !supply(store, at, VM_PAGE_SIZE))
			memory_object_data_error(store->control, at, VM_PAGE_SIZE, KERN_MEMORY_ERROR);
	port_drop(m->control.name);
}

static void
terminate(struct store *store, const struct memory_object_message *m)
{
	port_drop(m->control.name);
	port_drop(store->control);
	port_drop_receive(store->object);
	store->object = MACH_PORT_NULL;
	statistics.given -= STORE_PAGES;
}

bool
store_message(struct mig_request *rq)
{
	const mach_msg_header_t *m = rq->request;
	struct store *store;

	if (rq->sender.label != 0)
		return false;
	if (m->msgh_id == MEMORY_OBJECT_CREATE_ID) {
		create((const void *)m);
		return true;
	}
	store = store_of(rq->port);
	if (store == NULL)
		return false;
	if (m->msgh_id == MEMORY_OBJECT_DATA_RETURN_ID)
		data_return(store, (const void *)m);
	else if (m->msgh_id == MEMORY_OBJECT_DATA_REQUEST_ID)
		data_request(store, (const void *)m);
	else if (m->msgh_id == MEMORY_OBJECT_TERMINATE_ID)
		terminate(store, (const void *)m);
	else
		return false;
	return true;
}

void
stores_open(uint64_t pages, mach_port_t set)
{
	uint64_t room = (pages - 1) / STORE_PAGES;

	store_count = room < STORES_MAX ? (unsigned)room : STORES_MAX;
	port_set = set;
	statistics.pages = (uint64_t)store_count * STORE_PAGES;
	if (store_count == 0)
		print("mem: %s is too small for swap\n", statistics.disk);
}
