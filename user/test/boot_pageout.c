/*
 * Memory under pressure (MACH.md section 4): more is touched than the machine has. The default pager
 * is a thread of this task, which keeps what it gets packed: pages here hold few words that are not
 * zero. The clients are tasks of their own, without the share of memory that system tasks have.
 */
#include "ipc_check.h"

#include <mach/memory_object.h>
#include <mach/notify.h>

#define SELF	mach_task_self()
#define HOST	startup_info->host
#define PAGE	VM_PAGE_SIZE
#define WORDS	(PAGE / 8)
#define ID_DONE	77			/* to the test: what a client found wrong */
#define ID_HEAR	78			/* to the pager: answer what was put off */
#define ID_END	79
#define LONG_MS	60000
#define FOREVER_MS	100000000

static struct vm_statistics
statistics(void)
{
	struct vm_statistics now = { 0 };

	OK(vm_statistics(&now));
	return now;
}

/* --- the default pager --- */

#define STORES		64u
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
} stores[STORES];

static mach_port_t pager_set, pager_port;
static unsigned stores_now, stores_allowed;
static volatile unsigned returns, requests;
static volatile bool deaf;		/* questions are put off */
static volatile unsigned copies_wanted;	/* of this task, while it holds what it was sent */
static task_t copies_made[8];
static unsigned copies_count;
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
	for (unsigned i = 0; i < STORES; i++)
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

/* The reference that a message brought; none if the object had ended by then. */
static void
drop_control(mach_port_t control)
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
	if (stores_now >= stores_allowed) {
		OK(memory_object_destroy(p.created.control.name, KERN_RESOURCE_SHORTAGE));
		drop_port(p.created.control.name);
		drop_port(p.created.object.name);
		return;
	}
	store->object = p.created.object.name;
	store->control = p.created.control.name;
	OK(vm_allocate(SELF, &pages, STORE_PAGES * sizeof(struct packed), VM_FLAGS_ANYWHERE));
	store->pages = (struct packed *)pages;
	stores_now++;
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
	returns += count;
	if (copies_count < copies_wanted)
		OK(task_create(SELF, TASK_INHERIT_MEMORY, &copies_made[copies_count++]));
	OK(vm_deallocate(SELF, p.returned.data.address, p.returned.data.size));
	drop_control(p.returned.control.name);
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

	requests += p.range.length / PAGE;
	drop_control(p.range.control.name);
	if (deaf && put_off_count < sizeof(put_off) / sizeof(put_off[0]))
		put_off[put_off_count++] = question;
	else
		answer(question);
}

static void
handle_late(void)
{
	deaf = false;
	while (put_off_count > 0)
		answer(put_off[--put_off_count]);
}

static void
handle_terminate(struct store *store)
{
	for (unsigned i = 0; i < STORE_PAGES; i++)
		forget(&store->pages[i]);
	OK(vm_deallocate(SELF, (vm_address_t)store->pages, STORE_PAGES * sizeof(struct packed)));
	drop_control(p.range.control.name);
	drop_port(store->control);
	drop_port(store->object);
	*store = (struct store){ 0 };
	stores_now--;
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

static cthread_t pager;

static void
pager_start(unsigned allowed)
{
	pager_set = new_set();
	pager_port = new_send();
	stores_allowed = allowed;
	returns = requests = 0;
	deaf = false;
	OK(mach_port_move_member(SELF, pager_port, pager_set));
	pager = start(pager_main, NULL);
	OK(host_set_default_pager(HOST, pager_port));
}

/* Without anonymous memory in swap all stores are given back. */
static void
empty_stores_are_given_back(void)
{
	OK(host_set_default_pager(HOST, MACH_PORT_NULL));
	for (unsigned ms = 0; stores_now != 0 && ms < 5000; ms += 5)
		settle();
	EQUAL(stores_now, 0);
	EQUAL(statistics().swapped, 0);
	EQUAL(statistics().swap_total, 0);
	EQUAL(send_word(pager_port, ID_END, 0), MACH_MSG_SUCCESS);
	cthread_join(pager);
	drop_port(pager_port);
	drop_port(pager_set);
}

/* --- clients: ordinary tasks --- */

static struct {
	mach_port_t report;		/* a send right, in all clients */
	uint32_t seed;
	uint64_t pages, rewrites;
	bool waits_after_filling;
	volatile uint32_t go_on;
	vm_address_t area;
	uint32_t *expected;		/* what each page was filled with last */
} job;

static uint32_t
random32(void)
{
	job.seed ^= job.seed << 13;
	job.seed ^= job.seed >> 17;
	return job.seed ^= job.seed << 5;
}

static volatile uint64_t *
page_words(uint64_t page)
{
	return (volatile uint64_t *)(job.area + page * PAGE);
}

static void
page_fill(uint64_t page)
{
	uint32_t value = random32() | 1;
	volatile uint64_t *words = page_words(page);

	if (job.expected[page] != 0)
		words[1 + job.expected[page] % (WORDS - 2)] = 0;
	words[0] = (uint64_t)value << 32 | page;
	words[1 + value % (WORDS - 2)] = value;
	words[WORDS - 1] = ~(uint64_t)value;
	job.expected[page] = value;
}

static bool
page_right(uint64_t page)
{
	uint32_t value = job.expected[page];
	volatile uint64_t *words = page_words(page);

	return words[0] == ((uint64_t)value << 32 | page) &&
	       words[1 + value % (WORDS - 2)] == value && words[WORDS - 1] == ~(uint64_t)value;
}

static uint32_t
all_wrong(void)
{
	uint32_t wrong = 0;

	for (uint64_t page = 0; page < job.pages; page++)
		wrong += !page_right(page);
	return wrong;
}

static _Noreturn void
client_end(uint32_t wrong)
{
	send_word(job.report, ID_DONE, wrong);
	for (;;)
		task_terminate(SELF);
}

static void
client_rewrite(void)
{
	uint32_t wrong = 0;

	for (uint64_t i = 0; i < job.rewrites; i++) {
		uint64_t page = random32() % job.pages;

		wrong += !page_right(page);
		page_fill(page);
	}
	client_end(wrong + all_wrong());
}

static void
client_main(void *argument)
{
	vm_address_t expected = 0;

	(void)argument;
	vm_allocate(SELF, &job.area, job.pages * PAGE, VM_FLAGS_ANYWHERE);
	vm_allocate(SELF, &expected, job.pages * sizeof(uint32_t), VM_FLAGS_ANYWHERE);
	job.expected = (uint32_t *)expected;
	for (uint64_t page = 0; page < job.pages; page++)
		page_fill(page);
	if (job.waits_after_filling) {
		send_word(job.report, ID_DONE, 0);
		while (job.go_on == 0)
			thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 2);
	}
	client_rewrite();
}

/* A grandchild of the filled client: has its memory and goes on from there. */
static void
copy_main(void *argument)
{
	job.seed += (uint32_t)(uintptr_t)argument;
	client_rewrite();
}

static task_t
task_from(task_t parent)
{
	task_t task = MACH_PORT_NULL;

	OK(task_create(parent, TASK_INHERIT_MEMORY | TASK_INHERIT_RIGHTS, &task));
	return task;
}

/* A task with this one's memory that is ordinary, because the one between has no system label. */
static task_t
ordinary_task(void)
{
	security_token_t token = { .label = 4711, .uid = 1, .gid = 1 };
	task_t between = child_create(true), task;

	OK(task_set_security_token(HOST, between, &token));
	task = task_from(between);
	child_end(between);
	return task;
}

static task_t
client_start(uint32_t seed, uint64_t pages, uint64_t rewrites, bool waits)
{
	task_t client;

	job.seed = seed;
	job.pages = pages;
	job.rewrites = rewrites;
	job.waits_after_filling = waits;
	client = ordinary_task();
	OK(mach_port_insert_right(client, job.report, job.report, MACH_MSG_TYPE_MAKE_SEND));
	child_run(client, client_main, NULL);
	return client;
}

/* What a client found wrong; all ones: it does not say. */
static uint32_t
client_report(void)
{
	struct message m;

	if (message_receive(&m, job.report, LONG_MS) != MACH_MSG_SUCCESS)
		return ~0u;
	return m.words[0];
}

/* --- rules --- */

static void
more_than_memory_keeps_its_contents(void)
{
	uint64_t total = statistics().total, pages = total * 5 / 4;
	task_t client = client_start(12345, pages, pages / 2, false);

	EQUAL(client_report(), 0);
	child_wait(client);
	CHECK(returns > pages - total);
	CHECK(requests > 0);
}

/* Copies share what is in swap until they write. */
static void
copies_of_swapped_memory_are_independent(void)
{
	uint64_t pages = statistics().total * 3 / 4;
	task_t client = client_start(999, pages, pages / 4, true), copies[2];
	uint32_t yes = 1;

	EQUAL(client_report(), 0);
	for (uintptr_t i = 0; i < 2; i++) {
		copies[i] = task_from(client);
		child_run(copies[i], copy_main, (void *)(i + 1));
	}
	OK(vm_write(client, (vm_address_t)&job.go_on, (vm_address_t)&yes, sizeof(yes)));
	for (unsigned i = 0; i < 3; i++)
		EQUAL(client_report(), 0);
	child_wait(client);
	child_wait(copies[0]);
	child_wait(copies[1]);
}

static void
several_tasks_share_what_there_is(void)
{
	uint64_t pages = statistics().total / 2;
	task_t clients[4];

	for (unsigned i = 0; i < 4; i++)
		clients[i] = client_start(77 + i, pages, pages / 4, false);
	for (unsigned i = 0; i < 4; i++)
		EQUAL(client_report(), 0);
	for (unsigned i = 0; i < 4; i++)
		child_wait(clients[i]);
}

/* Dirty pages of a pager that does nothing are somewhere else, and come back when asked for. */
static void
pagers_that_do_nothing_hold_no_frames(void)
{
	uint64_t pages = 512;
	mach_port_t object = new_send(), control;
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = pages * PAGE,
	    .object = object,
	    .cur_protection = VM_PROT_DEFAULT,
	    .max_protection = VM_PROT_ALL,
	    .inheritance = VM_INHERIT_COPY};
	vm_address_t data = 0;
	struct message m;
	task_t client;

	OK(vm_map(&args));
	OK(message_receive(&m, object, 1000));
	control = ((struct memory_object_message *)&m)->control.name;
	OK(memory_object_ready(control, 0, MEMORY_OBJECT_COPY_NONE));
	OK(vm_allocate(SELF, &data, pages * PAGE, VM_FLAGS_ANYWHERE));
	for (uint64_t i = 0; i < pages; i++)
		*(volatile uint64_t *)(data + i * PAGE) = 1;
	OK(memory_object_data_supply(control, 0, data, pages * PAGE, VM_PROT_NONE));
	for (uint64_t i = 0; i < pages; i++)
		*(volatile uint64_t *)(args.address + i * PAGE) = 5000 + i;
	client = client_start(31, statistics().total, 0, false);
	EQUAL(client_report(), 0);
	child_wait(client);
	CHECK(statistics().object < pages / 2);
	/* Whatever it got is dropped; what went to swap counts as the object's. */
	while (message_receive(&m, object, 0) == MACH_MSG_SUCCESS) {
		struct memory_object_data_return *r = (struct memory_object_data_return *)&m;

		EQUAL(m.head.msgh_id, MEMORY_OBJECT_DATA_RETURN_ID);
		for (uint64_t at = 0; at < r->data.size; at += PAGE)
			EQUAL(*(volatile uint64_t *)(r->data.address + at),
			    5000 + (r->offset + at) / PAGE);
		EQUAL(memory_object_data_supply(control, r->offset, r->data.address, r->data.size,
			  VM_PROT_NONE),
		    KERN_SUCCESS);
		OK(mach_port_deallocate(SELF, control));
	}
	for (uint64_t i = 0; i < pages; i++)
		EQUAL(*(volatile uint64_t *)(args.address + i * PAGE), 5000 + i);
	OK(vm_deallocate(SELF, args.address, args.size));
	while (message_receive(&m, object, 1000) == MACH_MSG_SUCCESS &&
	       m.head.msgh_id != MEMORY_OBJECT_TERMINATE_ID)
		message_release(&m);
	EQUAL(m.head.msgh_id, MEMORY_OBJECT_TERMINATE_ID);
	message_release(&m);
	drop_port(object);
	drop_port(control);
}

/* --- a file of one word per page: its pager is a thread, its one user the test --- */

#define FILE_PAGES	1536u
#define FILE_HELD	16u		/* messages whose pages it has not freed yet */

static struct {
	mach_port_t object, control;
	vm_address_t at;
	volatile uint64_t stored[FILE_PAGES];
	vm_address_t held[FILE_HELD], held_size[FILE_HELD];
	unsigned held_next;
} file;

static union {
	struct message any;
	struct memory_object_message range;
	struct memory_object_data_return returned;
	mach_msg_header_t head;
} f;

static void
file_supply(void)
{
	uint64_t first = f.range.offset / PAGE, count = f.range.length / PAGE;
	vm_address_t data = 0;

	OK(vm_allocate(SELF, &data, count * PAGE, VM_FLAGS_ANYWHERE));
	for (uint64_t i = 0; i < count; i++)
		*(volatile uint64_t *)(data + i * PAGE) = file.stored[first + i];
	OK(memory_object_data_supply(file.control, f.range.offset, data, count * PAGE, VM_PROT_NONE));
}

/* Frees late, so that the kernel thinks it slow and uses swap. */
static void
file_store(void)
{
	unsigned slot = file.held_next++ % FILE_HELD;

	for (uint64_t i = 0; i < f.returned.data.size / PAGE; i++)
		file.stored[f.returned.offset / PAGE + i] =
		    *(volatile uint64_t *)(f.returned.data.address + i * PAGE);
	if (file.held_size[slot] != 0)
		OK(vm_deallocate(SELF, file.held[slot], file.held_size[slot]));
	file.held[slot] = f.returned.data.address;
	file.held_size[slot] = f.returned.data.size;
}

static void *
file_main(void *argument)
{
	(void)argument;
	OK(thread_wire(HOST, cthread_port(cthread_self()), 1));
	while (message_receive(&f.any, file.object, FOREVER_MS) == MACH_MSG_SUCCESS) {
		mach_msg_id_t id = f.head.msgh_id;

		if (id == MEMORY_OBJECT_INIT_ID) {
			file.control = f.range.control.name;
			OK(memory_object_ready(file.control, 0, MEMORY_OBJECT_COPY_NONE));
			continue;
		}
		if (id == MEMORY_OBJECT_DATA_REQUEST_ID)
			file_supply();
		else if (id == MEMORY_OBJECT_DATA_RETURN_ID)
			file_store();
		drop_control(f.range.control.name);
		if (id == MEMORY_OBJECT_TERMINATE_ID)
			break;
	}
	for (unsigned i = 0; i < FILE_HELD; i++)
		if (file.held_size[i] != 0)
			OK(vm_deallocate(SELF, file.held[i], file.held_size[i]));
	return NULL;
}

static unsigned
file_wrong(uint64_t value)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < FILE_PAGES; i++)
		wrong += file.stored[i] != value + i;
	return wrong;
}

static void
file_write(uint64_t value)
{
	for (unsigned i = 0; i < FILE_PAGES; i++)
		*(volatile uint64_t *)(file.at + i * PAGE) = value + i;
}

/* An object that ends when there is no memory to spare loses no page that was written. */
static void
the_end_of_an_object_loses_nothing(void)
{
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = FILE_PAGES * PAGE,
	    .cur_protection = VM_PROT_DEFAULT,
	    .max_protection = VM_PROT_ALL,
	    .inheritance = VM_INHERIT_NONE};
	uint64_t value = 1;
	task_t client;
	cthread_t server;

	args.object = file.object = new_send();
	server = start(file_main, NULL);
	OK(vm_map(&args));
	file.at = args.address;
	client = client_start(56, statistics().total * 9 / 8, 0, true);
	EQUAL(client_report(), 0);
	file_write(value);
	OK(vm_deallocate(SELF, args.address, args.size));
	cthread_join(server);
	EQUAL(file_wrong(value), 0);
	OK(vm_write(client, (vm_address_t)&job.go_on, (vm_address_t)&(uint32_t){ 1 }, 4));
	EQUAL(client_report(), 0);
	child_wait(client);
	drop_port(file.object);
	drop_port(file.control);
}

/* Who waits for a page that never comes can be killed, and others do not notice. */
static void
victims_of_a_deaf_pager_can_be_killed(void)
{
	uint64_t pages = statistics().total * 5 / 4;
	task_t client = client_start(5, pages, pages, true), other;
	unsigned before;
	uint32_t yes = 1;

	EQUAL(client_report(), 0);
	deaf = true;
	before = requests;
	OK(vm_write(client, (vm_address_t)&job.go_on, (vm_address_t)&yes, sizeof(yes)));
	for (unsigned ms = 0; requests == before && ms < 5000; ms += 5)
		settle();
	CHECK(requests != before);
	other = client_start(6, 64, 1000, false);
	EQUAL(client_report(), 0);
	child_wait(other);
	child_end(client);
	EQUAL(send_word(pager_port, ID_HEAR, 0), MACH_MSG_SUCCESS);
}

/* Pages count as on their way only while nobody but the pager has them. */
static void
copies_of_a_pager_hold_up_nobody(void)
{
	uint64_t pages = statistics().total * 5 / 4;
	task_t client;

	copies_wanted = sizeof(copies_made) / sizeof(copies_made[0]);
	client = client_start(21, pages, pages / 4, false);
	EQUAL(client_report(), 0);
	child_wait(client);
	EQUAL(copies_count, copies_wanted);
	for (copies_wanted = 0; copies_count > 0;)
		child_end(copies_made[--copies_count]);
}

static void
who_wants_more_than_there_is_does_without(void)
{
	uint64_t total = statistics().total;
	task_t small, client;

	small = client_start(8, 128, 200000, true);
	EQUAL(client_report(), 0);
	stores_allowed = stores_now + 1;
	client = client_start(7, total * 3, 0, false);
	child_wait(client);
	OK(vm_write(small, (vm_address_t)&job.go_on, (vm_address_t)&(uint32_t){ 1 }, 4));
	EQUAL(client_report(), 0);
	child_wait(small);
}

int
main(void)
{
	check_begin();
	job.report = new_send();
	pager_start(STORES);
	RULE(more_than_memory_keeps_its_contents);
	RULE(copies_of_swapped_memory_are_independent);
	RULE(several_tasks_share_what_there_is);
	RULE(pagers_that_do_nothing_hold_no_frames);
	RULE(the_end_of_an_object_loses_nothing);
	RULE(victims_of_a_deaf_pager_can_be_killed);
	RULE(copies_of_a_pager_hold_up_nobody);
	RULE(who_wants_more_than_there_is_does_without);
	RULE(empty_stores_are_given_back);
	drop_port(job.report);
	check_end();
}
