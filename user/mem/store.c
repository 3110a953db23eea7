/*
 * Stores. The kernel asks for one with CREATE, writes and reads pages of it, and ends it with
 * TERMINATE. Store i lies on the disk from page 1 + i * STORE_PAGES on, all of it: so what the
 * kernel has been given it can always write. A task's memory object has as many stores one behind
 * the other as it needs; the first stands for all. The kernel may begin and end with it many times.
 */
#include "mem.h"

#include "mach/print.h"

#include <mach/memory_object.h>
#include <mach/notify.h>
#include <string.h>

#define STORE_PAGES	1024u		/* what the kernel asks for, 4 MB */
#define STORE_BYTES	((vm_size_t)STORE_PAGES * VM_PAGE_SIZE)
#define STORES_MAX	1024u
#define WORD		32u
#define CONTROLS_MAX	8u

enum mark { LOST, WRITTEN, MARKS };

static struct store {
	mach_port_t object;		/* receive right; NULL: free, or not the first of its object */
	/* Send rights. The kernel uses the first; others have begun while an earlier one was still ending. */
	mach_port_t control[CONTROLS_MAX];
	unsigned control_count;
	vm_size_t size;			/* bytes; of a part that is not the first, too; 0: free */
	bool of_task;			/* pages never written are zeros; it outlives TERMINATE */
	bool damaged;			/* some page could not be written */
	uint32_t marks[MARKS][STORE_PAGES / WORD];	/* of pages: by damaged, by of_task */
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
inside(const struct store *store, vm_offset_t offset, vm_size_t size)
{
	return size != 0 && size <= store->size && offset <= store->size - size &&
		((offset | size) & VM_PAGE_MASK) == 0;
}

static unsigned
stores_in(vm_size_t size)
{
	return (unsigned)((size + STORE_BYTES - 1) / STORE_BYTES);
}

/* Takes stores for that many bytes, one behind the other. Returns the first; NULL: no room. */
static struct store *
take(vm_size_t size)
{
	unsigned need = stores_in(size), run = 0;

	for (unsigned i = 0; i < store_count; i++) {
		struct store *first;

		run = stores[i].size == 0 ? run + 1 : 0;
		if (run < need)
			continue;
		first = &stores[i + 1 - need];
		memset(first, 0, need * sizeof(*first));
		for (unsigned n = 0; n < need; n++)
			first[n].size = size;
		return first;
	}
	return NULL;
}

static bool wanted;			/* a store that the kernel did not get: it asks no more until it is told of room */

static void
give_back(struct store *store)
{
	unsigned count = stores_in(store->size);

	while (store->control_count > 0)
		port_drop(store->control[--store->control_count]);
	port_drop_receive(store->object);
	if (store->of_task)
		statistics.objects -= count * STORE_PAGES;
	else
		statistics.given -= STORE_PAGES;
	for (unsigned n = 0; n < count; n++)
		store[n].object = MACH_PORT_NULL, store[n].size = 0;
	if (wanted)
		wanted = be_default_pager() != KERN_SUCCESS;
}

/* --- what is known of pages --- */

static uint32_t *
marks_of(struct store *store, enum mark kind, uint64_t page)
{
	return &store[page / STORE_PAGES].marks[kind][page % STORE_PAGES / WORD];
}

static bool
marked(struct store *store, enum mark kind, uint64_t page)
{
	return *marks_of(store, kind, page) >> page % WORD & 1;
}

static void
mark(struct store *store, enum mark kind, vm_offset_t offset, uint32_t count, bool on)
{
	uint64_t first = offset / VM_PAGE_SIZE;

	for (uint64_t i = first; i < first + count; i++)
		if (on)
			*marks_of(store, kind, i) |= 1u << i % WORD;
		else
			*marks_of(store, kind, i) &= ~(1u << i % WORD);
}

static bool
any_lost(struct store *store, vm_offset_t offset, uint32_t count)
{
	uint64_t first = offset / VM_PAGE_SIZE;

	for (uint64_t i = first; store->damaged && i < first + count; i++)
		if (marked(store, LOST, i))
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
	struct store *store = m->size == STORE_BYTES ? take(m->size) : NULL;

	if (store != NULL &&
		mach_port_move_member(mach_task_self(), m->object.name, port_set) != KERN_SUCCESS) {
		store->size = 0;
		store = NULL;
	}
	if (store == NULL) {
		wanted = true;
		refuse(m);
		return;
	}
	store->object = m->object.name;
	store->control[store->control_count++] = m->control.name;
	statistics.given += STORE_PAGES;
	memory_object_ready(m->control.name, 0, MEMORY_OBJECT_COPY_NONE);
}

/* Returns false: not all of the pages could be written. */
static bool
keep(struct store *store, vm_offset_t offset, uint32_t count, const void *data)
{
	if (!disk_write(disk_page(store, offset), count, data))
		return false;
	if (store->damaged)
		mark(store, LOST, offset, count, false);
	return true;
}

static void
keep_or_lose(struct store *store, vm_offset_t offset, const void *page)
{
	if (keep(store, offset, 1, page))
		return;
	store->damaged = true;
	mark(store, LOST, offset, 1, true);
}

/* As below: a page that is lost takes none of its neighbours along. */
static void
data_return(struct store *store, const struct memory_object_data_return *m)
{
	void *data = (void *)m->data.address;
	uint32_t count = m->data.size / VM_PAGE_SIZE;

	if (inside(store, m->offset, m->data.size)) {
		if (!keep(store, m->offset, count, data))
			for (uint32_t i = 0; i < count; i++)
				keep_or_lose(store, m->offset + i * VM_PAGE_SIZE, (char *)data + i * VM_PAGE_SIZE);
		if (store->of_task)
			mark(store, WRITTEN, m->offset, count, true);
	}
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

	if (!inside(store, offset, size) || any_lost(store, offset, count) ||
		!disk_read(disk_page(store, offset), count, &data))
		return false;
	kr = memory_object_data_supply(store->control[0], offset, (vm_address_t)data, size, VM_PROT_NONE);
	if (kr != KERN_SUCCESS && kr != KERN_MEMORY_FAILURE)	/* it has not taken the pages */
		mig_free(data, size);
	return true;
}

/* A page that is lost takes none of its neighbours along. */
static void
supply_or_tell(struct store *store, vm_offset_t offset, vm_size_t size)
{
	bool whole = supply(store, offset, size);

	for (vm_offset_t at = offset; !whole && at - offset < size; at += VM_PAGE_SIZE)
		if (size == VM_PAGE_SIZE || !supply(store, at, VM_PAGE_SIZE))
			memory_object_data_error(store->control[0], at, VM_PAGE_SIZE, KERN_MEMORY_ERROR);
}

/* Returns how many of a task's object's bytes from `offset` on were written as the first of them was, or not. */
static vm_size_t
alike(struct store *store, vm_offset_t offset, vm_size_t size, bool *written)
{
	vm_size_t length = VM_PAGE_SIZE;

	*written = marked(store, WRITTEN, offset / VM_PAGE_SIZE);
	while (length < size
		&& marked(store, WRITTEN, (offset + length) / VM_PAGE_SIZE) == *written)
		length += VM_PAGE_SIZE;
	return length;
}

static void
data_request(struct store *store, const struct memory_object_message *m)
{
	vm_size_t length = m->length;
	bool written = true;

	if (!store->of_task || !inside(store, m->offset, m->length)) {
		supply_or_tell(store, m->offset, m->length);
	} else {
		for (vm_offset_t at = 0; at < m->length; at += length) {
			length = alike(store, m->offset + at, m->length - at, &written);
			if (written)
				supply_or_tell(store, m->offset + at, length);
			else
				memory_object_data_unavailable(store->control[0], m->offset + at, length);
		}
	}
	port_drop(m->control.name);
}

/*
 * Somebody maps a task's object that nobody had mapped. What the kernel has of it from before may still be on its way here: until all of
 * that has come, the new mapping waits.
 */
static void
begin(struct store *store, const struct memory_object_message *m)
{
	if (store->control_count == CONTROLS_MAX) {
		memory_object_destroy(m->control.name, KERN_RESOURCE_SHORTAGE);
		port_drop(m->control.name);
		return;
	}
	store->control[store->control_count++] = m->control.name;
	if (store->control_count == 1)
		memory_object_ready(m->control.name, 0, MEMORY_OBJECT_COPY_DELAY);
}

static bool
is_dead(mach_port_t name)
{
	mach_port_type_t type = 0;

	return mach_port_type(mach_task_self(), name, &type) != KERN_SUCCESS ||
		(type & MACH_PORT_TYPE_DEAD_NAME);
}

/*
 * The kernel has sent back what was stored, and lets go. A control dies when its TERMINATE is sent, often before that is received; all that
 * belongs to one that is dead has been sent, and is received before anything the next one will ask.
 */
static void
terminate(struct store *store, const struct memory_object_message *m)
{
	mach_port_t first = store->control[0];
	unsigned left = 0;

	if (!store->of_task) {
		port_drop(m->control.name);
		give_back(store);
		return;
	}
	for (unsigned i = 0; i < store->control_count; i++) {
		mach_port_t control = store->control[i];

		if (control == m->control.name || is_dead(control))
			port_drop(control);
		else
			store->control[left++] = control;
	}
	port_drop(m->control.name);
	store->control_count = left;
	if (left > 0 && store->control[0] != first)
		memory_object_ready(store->control[0], 0, MEMORY_OBJECT_COPY_DELAY);
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
	else if (m->msgh_id == MEMORY_OBJECT_INIT_ID && store->of_task)
		begin(store, (const void *)m);
	else if (m->msgh_id == MEMORY_OBJECT_TERMINATE_ID)
		terminate(store, (const void *)m);
	else
		return false;
	return true;
}

/* --- objects of tasks --- */

kern_return_t
object_create(uint64_t size, mach_port_t *object)
{
	uint64_t all = (uint64_t)store_count * STORE_BYTES, pages;
	struct store *store;

	if (size == 0)
		return KERN_INVALID_ARGUMENT;
	if (size > all / 2)
		return KERN_RESOURCE_SHORTAGE;
	pages = (uint64_t)stores_in(size) * STORE_PAGES;
	if (statistics.objects + pages > statistics.pages / 2)
		return KERN_RESOURCE_SHORTAGE;		/* the rest is for the kernel, whatever tasks do */
	store = take(vm_page_round(size));
	if (store == NULL || port_create(true, object) != KERN_SUCCESS)
		goto give_stores;
	if (port_notify(*object, MACH_NOTIFY_NO_SENDERS, *object) != KERN_SUCCESS ||
		mach_port_move_member(mach_task_self(), *object, port_set) != KERN_SUCCESS)
		goto give_port;
	store->object = *object;
	store->of_task = true;
	statistics.objects += pages;
	return KERN_SUCCESS;
give_port:
	port_drop(*object);
	port_drop_receive(*object);
give_stores:
	for (unsigned n = 0; store != NULL && n < stores_in(size); n++)
		store[n].size = 0;
	return KERN_RESOURCE_SHORTAGE;
}

void
store_no_senders(mach_port_t object, uint32_t mscount)
{
	struct store *store = store_of(object);

	(void)mscount;			/* the one right was made with the object */
	if (store != NULL && store->of_task)
		give_back(store);
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
