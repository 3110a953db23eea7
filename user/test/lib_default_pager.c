#include "default_pager.h"

#include "ipc_check.h"

#include <mach/memory_object.h>

#define SELF	mach_task_self()
#define HOST	startup_info->host
#define PAGE	VM_PAGE_SIZE
#define WORDS	(PAGE / 8)
#define ID_HEAR	78			/* to the pager: answer what was put off */
#define ID_END	79
#define FOREVER_MS	100000000

#define STORE_PAGES	1024u
#define PACKED		4u		/* words of a page that are not zero, else it is kept whole */
#define WHOLE		0xffffu

struct packed {
	uint16_t at[PACKED];
	uint64_t value[PACKED];		/* WHOLE: the first is the address of a copy */
};

static struct store {
	mach_port_t object, control;
	struct packed *pages;
} stores[DEFAULT_PAGER_STORES];

struct default_pager default_pager;
static mach_port_t pager_set;		/* its own port and those of the stores */
static cthread_t pager;
static struct question {
	struct store *store;
	vm_offset_t offset;
	vm_size_t length;
} put_off[16];
static unsigned put_off_count;

static union {
	struct message any;
	struct memory_object_message range;
	struct memory_object_data_return returned;
	struct memory_object_create created;
	mach_msg_header_t head;
} p;

static struct store *
store_of(mach_port_t object)
{
	for (unsigned i = 0; i < DEFAULT_PAGER_STORES; i++)
		if (stores[i].object == object)
			return &stores[i];
	return NULL;
}

static void
unpack(struct packed *packed, uint64_t *page)
{
	for (unsigned i = 0; i < WORDS; i++)
		page[i] = packed->at[0] == WHOLE ? ((uint64_t *)packed->value[0])[i] : 0;
	if (packed->at[0] != WHOLE)
		for (unsigned i = 0; i < PACKED; i++)
			page[packed->at[i]] |= packed->value[i];
}

static void
forget(struct packed *packed)
{
	if (packed->at[0] == WHOLE)
		OK(vm_deallocate(SELF, packed->value[0], PAGE));
	*packed = (struct packed){ { 0 }, { 0 } };
}

static void
pack(struct packed *packed, const uint64_t *page)
{
	vm_address_t copy = 0;
	unsigned count = 0;

	forget(packed);
	for (unsigned i = 0; i < WORDS && count <= PACKED; i++)
		if (page[i] != 0 && count++ < PACKED) {
			packed->at[count - 1] = (uint16_t)i;
			packed->value[count - 1] = page[i];
		}
	if (count <= PACKED)
		return;
	OK(vm_allocate(SELF, &copy, PAGE, VM_FLAGS_ANYWHERE));
	for (unsigned i = 0; i < WORDS; i++)
		((uint64_t *)copy)[i] = page[i];
	packed->at[0] = WHOLE;
	packed->value[0] = copy;
}

void
default_pager_drop_control(mach_port_t control)
{
	if (MACH_PORT_VALID(control))
		OK(mach_port_deallocate(SELF, control));
}

static void
handle_create(void)
{
	struct store *store = store_of(MACH_PORT_NULL);
	vm_address_t pages = 0;

	EQUAL(p.created.size, STORE_PAGES * PAGE);
	if (default_pager.stores >= default_pager.stores_allowed) {
		OK(memory_object_destroy(p.created.control.name, KERN_RESOURCE_SHORTAGE));
		drop_port(p.created.control.name);
		drop_port(p.created.object.name);
		return;
	}
	store->object = p.created.object.name;
	store->control = p.created.control.name;
	OK(vm_allocate(SELF, &pages, STORE_PAGES * sizeof(struct packed), VM_FLAGS_ANYWHERE));
	store->pages = (struct packed *)pages;
	default_pager.stores++;
	OK(mach_port_move_member(SELF, store->object, pager_set));
	OK(memory_object_ready(store->control, 0, MEMORY_OBJECT_COPY_NONE));
}

static void
handle_return(struct store *store)
{
	uint64_t first = p.returned.offset / PAGE, count = p.returned.data.size / PAGE;

	for (uint64_t i = 0; i < count; i++)
		pack(&store->pages[first + i],
		    (const uint64_t *)(p.returned.data.address + i * PAGE));
	default_pager.returns += count;
	if (default_pager.copies_count < default_pager.copies_wanted)
		OK(task_create(SELF, TASK_INHERIT_MEMORY, &default_pager.copies[default_pager.copies_count++]));
	OK(vm_deallocate(SELF, p.returned.data.address, p.returned.data.size));
	default_pager_drop_control(p.returned.control.name);
}

static void
answer(struct question question)
{
	uint64_t first = question.offset / PAGE, count = question.length / PAGE;
	vm_address_t data = 0;

	OK(vm_allocate(SELF, &data, count * PAGE, VM_FLAGS_ANYWHERE));
	for (uint64_t i = 0; i < count; i++)
		unpack(&question.store->pages[first + i], (uint64_t *)(data + i * PAGE));
	OK(memory_object_data_supply(question.store->control, question.offset, data, count * PAGE, 0));
}

static void
handle_request(struct store *store)
{
	struct question question = { store, p.range.offset, p.range.length };

	default_pager.requests += p.range.length / PAGE;
	default_pager_drop_control(p.range.control.name);
	if (default_pager.deaf && put_off_count < sizeof(put_off) / sizeof(put_off[0]))
		put_off[put_off_count++] = question;
	else
		answer(question);
}

static void
handle_late(void)
{
	default_pager.deaf = false;
	while (put_off_count > 0)
		answer(put_off[--put_off_count]);
}

static void
handle_terminate(struct store *store)
{
	for (unsigned i = 0; i < STORE_PAGES; i++)
		forget(&store->pages[i]);
	OK(vm_deallocate(SELF, (vm_address_t)store->pages, STORE_PAGES * sizeof(struct packed)));
	default_pager_drop_control(p.range.control.name);
	drop_port(store->control);
	drop_port(store->object);
	*store = (struct store){ 0 };
	default_pager.stores--;
}

static void *
pager_main(void *argument)
{
	(void)argument;
	OK(thread_wire(HOST, cthread_port(cthread_self()), 1));
	for (;;) {
		struct store *store;

		if (message_receive(&p.any, pager_set, FOREVER_MS) != MACH_MSG_SUCCESS)
			break;
		store = store_of(p.head.msgh_local_port);
		if (p.head.msgh_id == MEMORY_OBJECT_CREATE_ID)
			handle_create();
		else if (p.head.msgh_id == MEMORY_OBJECT_DATA_RETURN_ID)
			handle_return(store);
		else if (p.head.msgh_id == MEMORY_OBJECT_DATA_REQUEST_ID)
			handle_request(store);
		else if (p.head.msgh_id == MEMORY_OBJECT_TERMINATE_ID)
			handle_terminate(store);
		else if (p.head.msgh_id == ID_HEAR)
			handle_late();
		else
			break;		/* ID_END */
	}
	return NULL;
}

void
default_pager_start(void)
{
	pager_set = new_set();
	default_pager = (struct default_pager){ .port = new_send(), .stores_allowed = DEFAULT_PAGER_STORES };
	OK(mach_port_move_member(SELF, default_pager.port, pager_set));
	pager = start(pager_main, NULL);
	OK(host_set_default_pager(HOST, default_pager.port));
}

void
default_pager_hear(void)
{
	EQUAL(send_word(default_pager.port, ID_HEAR, 0), MACH_MSG_SUCCESS);
}

void
default_pager_end(void)
{
	EQUAL(send_word(default_pager.port, ID_END, 0), MACH_MSG_SUCCESS);
	cthread_join(pager);
	drop_port(default_pager.port);
	drop_port(pager_set);
}
