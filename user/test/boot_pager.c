/*
 * MACH.md section 4: external pagers. The pager is this task; client threads of it fault on the
 * mapped object and the main thread answers, so that each step can be looked at.
 */
#include "ipc_check.h"
#include "threads.h"

#include <mach/memory_object.h>
#include <mach/notify.h>

#define SELF	mach_task_self()
#define PAGE	VM_PAGE_SIZE
#define WAIT_MS	2000

/* --- messages from the kernel --- */

static union {
	mach_msg_header_t head;
	struct memory_object_message range;
	struct memory_object_data_return returned;
	struct message any;
} m;

/* The next message's id, or the error. Checks that the kernel sent it. */
static int
next_message(mach_port_t port, mach_msg_timeout_t ms)
{
	mach_msg_return_t mr = message_receive(&m.any, port, ms);

	if (mr != MACH_MSG_SUCCESS)
		return mr;
	EQUAL(trailer_of(&m.any)->msgh_sender.label, 0);
	EQUAL(m.head.msgh_local_port, port);
	return m.head.msgh_id;
}

static void
forget_message(void)
{
	message_release(&m.any);
}

#define EXPECT(port, id)	EQUAL(next_message(port, WAIT_MS), id)
#define NOTHING(port)		EQUAL(next_message(port, 0), MACH_RCV_TIMED_OUT)

/* --- the object --- */

static mach_port_t object, control;

static kern_return_t
map_port(mach_port_t port, vm_offset_t offset, uint64_t pages, bool copy, vm_prot_t protection,
    vm_address_t *address)
{
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = pages * PAGE,
	    .object = port,
	    .copy = copy,
	    .offset = offset,
	    .cur_protection = protection,
	    .max_protection = VM_PROT_ALL,
	    .inheritance = VM_INHERIT_COPY};
	kern_return_t kr = vm_map(&args);

	*address = args.address;
	return kr;
}

/* A fresh object, mapped shared, its pager ready. */
static vm_address_t
new_object(uint64_t pages, bool may_cache)
{
	vm_address_t at;

	object = new_send();
	OK(map_port(object, 0, pages, false, VM_PROT_DEFAULT, &at));
	EXPECT(object, MEMORY_OBJECT_INIT_ID);
	EQUAL(m.range.length, PAGE);
	control = m.range.control.name;
	CHECK(control != MACH_PORT_NULL);
	OK(memory_object_ready(control, may_cache, MEMORY_OBJECT_COPY_DELAY));
	return at;
}

static void
end_object(vm_address_t at, uint64_t pages)
{
	OK(vm_deallocate(SELF, at, pages * PAGE));
	EXPECT(object, MEMORY_OBJECT_TERMINATE_ID);
	forget_message();
	NOTHING(object);
	EQUAL(type_of(control), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(control);
	drop_port(object);
}

/* Pages whose words say where they are. */
static kern_return_t
supply(uint64_t index, uint64_t pages, uint64_t mark, vm_prot_t lock)
{
	vm_address_t data = 0;

	OK(vm_allocate(SELF, &data, pages * PAGE, VM_FLAGS_ANYWHERE));
	for (uint64_t i = 0; i < pages; i++)
		*(volatile uint64_t *)(data + i * PAGE) = mark + index + i;
	return memory_object_data_supply(control, index * PAGE, data, pages * PAGE, lock);
}

/* --- a client: touches an address in a thread of its own --- */

struct client {
	vm_address_t address;
	bool write;
	uint64_t value;			/* read, or to be written */
	kern_return_t result;
	cthread_t thread;
};

/* By vm_read and vm_write, so that a fault that fails is a return code. */
static void *
client_main(void *argument)
{
	struct client *client = argument;
	vm_address_t copy;

	if (client->write) {
		client->result = vm_write(SELF, client->address, (vm_address_t)&client->value, 8);
	} else {
		client->result = vm_read(SELF, client->address, 8, &copy);
		if (client->result == KERN_SUCCESS) {
			client->value = *(volatile uint64_t *)copy;
			OK(vm_deallocate(SELF, copy, 8));
		}
	}
	return NULL;
}

static void
client_start(struct client *client, vm_address_t address, bool write, uint64_t value)
{
	*client = (struct client){ .address = address, .write = write, .value = value };
	client->thread = start(client_main, client);
}

static kern_return_t
client_end(struct client *client)
{
	cthread_join(client->thread);
	return client->result;
}

/* --- rules --- */

static void
faults_ask_and_get_data(void)
{
	vm_address_t at = new_object(8, false);
	struct client a, b;

	client_start(&a, at + 3 * PAGE, false, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	EQUAL(m.range.control.name, control);
	EQUAL(m.range.offset, 3 * PAGE);
	EQUAL(m.range.length, PAGE);
	EQUAL(m.range.access, VM_PROT_READ);
	/* A second fault on the page asks nothing more. */
	client_start(&b, at + 3 * PAGE + 8, false, 0);
	settle();
	NOTHING(object);
	OK(supply(3, 2, 1000, VM_PROT_NONE));
	OK(client_end(&a));
	OK(client_end(&b));
	EQUAL(a.value, 1003);
	EQUAL(*(volatile uint64_t *)(at + 4 * PAGE), 1004);
	NOTHING(object);
	end_object(at, 8);
}

static void
faulters_wait_until_the_pager_is_ready(void)
{
	struct client a;
	vm_address_t at;

	object = new_send();
	OK(map_port(object, 0, 2, false, VM_PROT_DEFAULT, &at));
	client_start(&a, at, false, 0);
	EXPECT(object, MEMORY_OBJECT_INIT_ID);
	control = m.range.control.name;
	settle();
	NOTHING(object);
	OK(memory_object_ready(control, false, MEMORY_OBJECT_COPY_NONE));
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(memory_object_data_unavailable(control, 0, 16 * PAGE));
	OK(client_end(&a));
	EQUAL(a.value, 0);
	end_object(at, 2);
}

static void
errors_reach_the_faulter(void)
{
	vm_address_t at = new_object(4, false);
	struct client a;

	for (int round = 0; round < 2; round++) {
		client_start(&a, at + PAGE, false, 0);
		EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
		OK(memory_object_data_error(control, PAGE, PAGE, KERN_FAILURE));
		EQUAL(client_end(&a), KERN_MEMORY_ERROR);
	}
	end_object(at, 4);
}

/* A fault that went away leaves the answer to its question behind. */
static void
flushing_takes_errors_away(void)
{
	vm_address_t at = new_object(4, false);
	struct client a;

	client_start(&a, at + PAGE, false, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(thread_abort(cthread_port(a.thread)));
	EQUAL(client_end(&a), KERN_ABORTED);
	OK(memory_object_data_error(control, PAGE, PAGE, KERN_FAILURE));
	OK(memory_object_lock_request(control, 0, 4 * PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE,
	    MACH_PORT_NULL));
	client_start(&a, at + PAGE, false, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(supply(1, 1, 30, VM_PROT_NONE));
	OK(client_end(&a));
	EQUAL(a.value, 31);
	end_object(at, 4);
}

static void
supplies_that_fail_are_asked_for_again(void)
{
	vm_address_t at = new_object(4, false);
	struct client a;

	client_start(&a, at + PAGE, false, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	EQUAL(memory_object_data_supply(control, PAGE, 0x1000, PAGE, 0), KERN_INVALID_ADDRESS);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	EQUAL(m.range.offset, PAGE);
	OK(supply(1, 1, 50, VM_PROT_NONE));
	OK(client_end(&a));
	EQUAL(a.value, 51);
	end_object(at, 4);
}

/* And say so: who is told that there is no memory would not start afresh. */
static void
failed_objects_have_no_proxies(void)
{
	vm_address_t at = new_object(2, false);
	mach_port_t proxy = MACH_PORT_NULL;

	OK(memory_object_destroy(control, KERN_SUCCESS));
	EQUAL(memory_object_proxy(control, VM_PROT_READ, 0, PAGE, &proxy), KERN_INVALID_ARGUMENT);
	end_object(at, 2);
	EQUAL(memory_object_proxy(control, VM_PROT_READ, 0, PAGE, &proxy), KERN_INVALID_ARGUMENT);
}

static void
dead_pagers_end_all_waits(void)
{
	vm_address_t at = new_object(4, false);
	struct client a, b;

	OK(supply(0, 1, 7, VM_PROT_NONE));
	EQUAL(*(volatile uint64_t *)at, 7);
	client_start(&a, at + PAGE, false, 0);
	client_start(&b, at + 2 * PAGE, true, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	drop_port(object);
	EQUAL(client_end(&a), KERN_MEMORY_ERROR);
	EQUAL(client_end(&b), KERN_MEMORY_ERROR);
	client_start(&a, at, false, 0);
	EQUAL(client_end(&a), KERN_MEMORY_ERROR);
	OK(vm_deallocate(SELF, at, 4 * PAGE));
	EQUAL(type_of(control), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(control);
}

static void
writes_make_pages_dirty(void)
{
	vm_address_t at = new_object(4, false);
	mach_port_t reply = new_send();

	OK(supply(0, 4, 100, VM_PROT_NONE));
	EQUAL(*(volatile uint64_t *)(at + PAGE), 101);
	*(volatile uint64_t *)(at + PAGE) = 201;
	*(volatile uint64_t *)(at + 2 * PAGE) = 202;
	OK(memory_object_lock_request(control, 0, 4 * PAGE, MEMORY_OBJECT_CLEAN, VM_PROT_NONE,
	    reply));
	EXPECT(object, MEMORY_OBJECT_DATA_RETURN_ID);
	EQUAL(m.returned.offset, PAGE);
	EQUAL(m.returned.data.size, 2 * PAGE);
	EQUAL(m.returned.dirty, 1);
	EQUAL(*(volatile uint64_t *)m.returned.data.address, 201);
	EQUAL(*(volatile uint64_t *)(m.returned.data.address + PAGE), 202);
	forget_message();
	EXPECT(reply, MEMORY_OBJECT_LOCK_COMPLETED_ID);
	EQUAL(m.range.offset, 0);
	EQUAL(m.range.length, 4 * PAGE);
	forget_message();
	/* Clean now, and still there; a new write is noticed. */
	OK(memory_object_lock_request(control, 0, 4 * PAGE, MEMORY_OBJECT_CLEAN, VM_PROT_NONE,
	    MACH_PORT_NULL));
	NOTHING(object);
	*(volatile uint64_t *)(at + 3 * PAGE) = 203;
	OK(vm_deallocate(SELF, at, 4 * PAGE));
	EXPECT(object, MEMORY_OBJECT_DATA_RETURN_ID);
	EQUAL(m.returned.offset, 3 * PAGE);
	EQUAL(*(volatile uint64_t *)m.returned.data.address, 203);
	forget_message();
	EXPECT(object, MEMORY_OBJECT_TERMINATE_ID);
	forget_message();
	drop_port(object), drop_port(control), drop_port(reply);
}

static void
flushed_pages_are_asked_for_again(void)
{
	vm_address_t at = new_object(4, false);
	struct client a;

	OK(supply(0, 4, 100, VM_PROT_NONE));
	*(volatile uint64_t *)at = 300;
	OK(memory_object_lock_request(control, 0, 2 * PAGE,
	    MEMORY_OBJECT_CLEAN | MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));
	EXPECT(object, MEMORY_OBJECT_DATA_RETURN_ID);
	EQUAL(m.returned.data.size, PAGE);
	EQUAL(*(volatile uint64_t *)m.returned.data.address, 300);
	forget_message();
	EQUAL(*(volatile uint64_t *)(at + 2 * PAGE), 102);
	client_start(&a, at + PAGE, false, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(supply(1, 1, 500, VM_PROT_NONE));
	OK(client_end(&a));
	EQUAL(a.value, 501);
	end_object(at, 4);
}

static void
locked_pages_ask_for_unlock(void)
{
	vm_address_t at = new_object(2, false);
	struct client a;

	OK(supply(0, 1, 40, VM_PROT_WRITE));
	EQUAL(*(volatile uint64_t *)at, 40);
	client_start(&a, at, true, 41);
	EXPECT(object, MEMORY_OBJECT_DATA_UNLOCK_ID);
	EQUAL(m.range.offset, 0);
	CHECK((m.range.access & VM_PROT_WRITE) != 0);
	NOTHING(object);
	OK(memory_object_lock_request(control, 0, PAGE, 0, VM_PROT_NONE, MACH_PORT_NULL));
	OK(client_end(&a));
	EQUAL(*(volatile uint64_t *)at, 41);
	/* Locking against everything takes the page out of sight. */
	OK(memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_CLEAN, VM_PROT_ALL,
	    MACH_PORT_NULL));
	EXPECT(object, MEMORY_OBJECT_DATA_RETURN_ID);
	forget_message();
	client_start(&a, at, false, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_UNLOCK_ID);
	OK(memory_object_lock_request(control, 0, PAGE, 0, VM_PROT_NONE, MACH_PORT_NULL));
	OK(client_end(&a));
	EQUAL(a.value, 41);
	end_object(at, 2);
}

static void
proxies_give_less(void)
{
	vm_address_t at = new_object(8, false), through, refused;
	mach_port_t proxy = MACH_PORT_NULL;
	struct vm_region_info info;

	OK(supply(0, 8, 60, VM_PROT_NONE));
	OK(memory_object_proxy(control, VM_PROT_READ, 2 * PAGE, 3 * PAGE, &proxy));
	OK(map_port(proxy, PAGE, 2, false, VM_PROT_READ, &through));
	EQUAL(*(volatile uint64_t *)through, 63);
	info.address = through;
	OK(vm_region(SELF, &info));
	EQUAL(info.max_protection, VM_PROT_READ);
	EQUAL(info.object, VM_REGION_OBJECT);
	EQUAL(vm_protect(SELF, through, PAGE, 0, VM_PROT_DEFAULT), KERN_PROTECTION_FAILURE);
	EQUAL(map_port(proxy, 0, 4, false, VM_PROT_READ, &refused), KERN_INVALID_ARGUMENT);
	EQUAL(map_port(proxy, 4 * PAGE, 1, false, VM_PROT_READ, &refused), KERN_INVALID_ARGUMENT);
	EQUAL(map_port(proxy, ~0ull & ~(PAGE - 1), 1, false, VM_PROT_READ, &refused),
	    KERN_INVALID_ARGUMENT);
	EQUAL(map_port(proxy, 0, 1, false, VM_PROT_DEFAULT, &refused), KERN_PROTECTION_FAILURE);
	/* What it writes privately is its own. */
	OK(vm_deallocate(SELF, through, 2 * PAGE));
	OK(map_port(proxy, 0, 3, true, VM_PROT_DEFAULT, &through));
	*(volatile uint64_t *)through = 1;
	EQUAL(*(volatile uint64_t *)(at + 2 * PAGE), 62);
	*(volatile uint64_t *)(at + 3 * PAGE) = 163;
	EQUAL(*(volatile uint64_t *)(through + PAGE), 163);
	OK(vm_deallocate(SELF, through, 3 * PAGE));
	/* The proxy alone keeps the object in use. */
	OK(vm_deallocate(SELF, at, 8 * PAGE));
	NOTHING(object);
	drop_port(proxy);
	EXPECT(object, MEMORY_OBJECT_DATA_RETURN_ID);
	forget_message();
	EXPECT(object, MEMORY_OBJECT_TERMINATE_ID);
	forget_message();
	drop_port(object), drop_port(control);
}

/* A revoked proxy's rights are dead names; when its pages are flushed too, those who have it mapped must ask. */
static void
proxies_are_revoked(void)
{
	mach_port_t proxy = MACH_PORT_NULL, other = MACH_PORT_NULL, stranger = MACH_PORT_NULL;
	vm_address_t elsewhere = new_object(1, false), at, through, refused;
	mach_port_t their_object = object, their_control = control;
	struct client a;

	OK(memory_object_proxy(control, VM_PROT_READ, 0, PAGE, &stranger));
	at = new_object(2, false);
	OK(supply(0, 2, 70, VM_PROT_NONE));
	OK(memory_object_proxy(control, VM_PROT_READ, 0, 2 * PAGE, &proxy));
	OK(memory_object_proxy(control, VM_PROT_READ, 0, 2 * PAGE, &other));
	OK(map_port(proxy, 0, 2, false, VM_PROT_READ, &through));
	EQUAL(memory_object_revoke(proxy, proxy), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_revoke(control, stranger), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_revoke(control, object), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_revoke(control, control), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_revoke(control, MACH_PORT_NULL), KERN_INVALID_ARGUMENT);
	OK(memory_object_revoke(control, proxy));
	EQUAL(type_of(proxy), MACH_PORT_TYPE_DEAD_NAME);
	EQUAL(memory_object_revoke(control, proxy), KERN_INVALID_ARGUMENT);
	EQUAL(map_port(proxy, 0, 1, false, VM_PROT_READ, &refused), KERN_INVALID_ARGUMENT);
	/* Other proxies, and what is mapped, stay. */
	EQUAL(type_of(stranger), MACH_PORT_TYPE_SEND);
	EQUAL(type_of(other), MACH_PORT_TYPE_SEND);
	EQUAL(*(volatile uint64_t *)(through + PAGE), 71);
	OK(memory_object_lock_request(control, PAGE, PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));
	client_start(&a, through + PAGE, false, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(memory_object_data_error(control, PAGE, PAGE, KERN_FAILURE));
	EQUAL(client_end(&a), KERN_MEMORY_ERROR);
	EQUAL(*(volatile uint64_t *)through, 70);
	OK(vm_deallocate(SELF, through, 2 * PAGE));
	OK(vm_deallocate(SELF, at, 2 * PAGE));
	NOTHING(object);
	drop_port(other);
	EXPECT(object, MEMORY_OBJECT_TERMINATE_ID);
	forget_message();
	drop_port(proxy), drop_port(object), drop_port(control);
	object = their_object, control = their_control;
	drop_port(stranger);
	end_object(elsewhere, 1);
}

static void
cached_objects_outlive_their_mappings(void)
{
	vm_address_t at = new_object(2, true);

	OK(supply(0, 2, 80, VM_PROT_NONE));
	OK(vm_deallocate(SELF, at, 2 * PAGE));
	NOTHING(object);
	OK(map_port(object, 0, 2, false, VM_PROT_READ, &at));
	NOTHING(object);
	EQUAL(*(volatile uint64_t *)(at + PAGE), 81);
	OK(vm_deallocate(SELF, at, 2 * PAGE));
	OK(memory_object_destroy(control, KERN_SUCCESS));
	EXPECT(object, MEMORY_OBJECT_TERMINATE_ID);
	forget_message();
	EQUAL(type_of(control), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(control);
	/* The port may serve again. */
	OK(map_port(object, 0, 1, false, VM_PROT_READ, &at));
	EXPECT(object, MEMORY_OBJECT_INIT_ID);
	control = m.range.control.name;
	OK(memory_object_ready(control, false, MEMORY_OBJECT_COPY_NONE));
	end_object(at, 1);
}

static void
resident_pages_are_copied_without_upcalls(void)
{
	vm_address_t at = new_object(8, false);
	char buffer[64] = "written through memory_object_copy";
	vm_size_t done = 99;

	OK(supply(0, 2, 0, VM_PROT_NONE));
	OK(memory_object_copy(control, PAGE - 10, (vm_address_t)buffer, sizeof(buffer),
	    MEMORY_OBJECT_COPY_IN, &done));
	EQUAL(done, sizeof(buffer));
	for (unsigned i = 0; i < sizeof(buffer); i++)
		EQUAL(((volatile char *)at)[PAGE - 10 + i], buffer[i]);
	OK(memory_object_copy(control, 2 * PAGE - 16, (vm_address_t)buffer, sizeof(buffer),
	    MEMORY_OBJECT_COPY_OUT, &done));
	EQUAL(done, 16);
	OK(memory_object_copy(control, 5 * PAGE, (vm_address_t)buffer, 8, MEMORY_OBJECT_COPY_OUT,
	    &done));
	EQUAL(done, 0);
	NOTHING(object);
	EQUAL(memory_object_copy(control, 0, 8, 16, MEMORY_OBJECT_COPY_OUT, &done),
	    KERN_INVALID_ADDRESS);
	EQUAL(memory_object_copy(control, 0, (vm_address_t)buffer, 8, 5, &done),
	    KERN_INVALID_ARGUMENT);
	OK(memory_object_lock_request(control, 0, 8 * PAGE, MEMORY_OBJECT_CLEAN, VM_PROT_NONE,
	    MACH_PORT_NULL));
	EXPECT(object, MEMORY_OBJECT_DATA_RETURN_ID);
	EQUAL(m.returned.data.size, 2 * PAGE);
	forget_message();
	end_object(at, 8);
}

/* --- a client that sends a page in a message --- */

static void *
sender_main(void *argument)
{
	static struct message sent;
	struct client *client = argument;

	message_init(&sent, (mach_port_t)client->value, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_memory(&sent, 0, (void *)client->address, PAGE, false);
	client->result = message_send(&sent, 40, WAIT_MS);
	return NULL;
}

static void
sender_start(struct client *client, vm_address_t address, mach_port_t to)
{
	*client = (struct client){ .address = address, .value = to };
	client->thread = start(sender_main, client);
}

/* Its pager is waited for during the send, and not any more by who receives the page. */
static void
a_sender_waits_for_the_pager_of_what_it_sends(void)
{
	vm_address_t at = new_object(2, false);
	mach_port_t box = new_send();
	struct client a;

	sender_start(&a, at, box);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	settle();
	EQUAL(status_of(box).mps_msgcount, 0);
	OK(supply(0, 1, 60, VM_PROT_NONE));
	OK(client_end(&a));
	OK(memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE,
	    MACH_PORT_NULL));
	OK(message_receive(&m.any, box, 0));
	EQUAL(*(volatile uint64_t *)m.any.descriptors[0].out_of_line.address, 60);
	forget_message();
	NOTHING(object);
	sender_start(&a, at + PAGE, box);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(memory_object_data_error(control, PAGE, PAGE, KERN_FAILURE));
	EQUAL(client_end(&a), MACH_SEND_INVALID_MEMORY);
	CHECK(queue_empty(box));
	drop_port(box);
	end_object(at, 2);
}

/* --- a client whose message itself is on a page of a pager --- */

#define OLD_LABEL	4243u
#define NEW_LABEL	4244u

static void
label_child(task_t child, uint32_t label)
{
	OK(task_set_security_token(startup_info->host, child, &(security_token_t){.label = label}));
}

static void
send_from_page(void *message)
{
	mach_msg(message, MACH_SEND_MSG, sizeof(m.head), 0, 0, 0, 0);
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

static void
call_from_page(void *message)
{
	mach_msg(message, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(m.head), PAGE, MACH_PORT_MAKE(41, 7), 0, 0);
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

static void *
receive_label(void *box)
{
	static struct message received;

	OK(mach_msg(&received.head, MACH_RCV_MSG, 0, sizeof(received), (mach_port_t)(uintptr_t)box, 0, 0));
	EQUAL(received.head.msgh_id, 5);
	return (void *)(uintptr_t)trailer_of(&received)->msgh_sender.label;
}

/* The page that a message of `bits` is on. */
static void
supply_message(mach_msg_bits_t bits)
{
	vm_address_t data = 0;

	OK(vm_allocate(SELF, &data, PAGE, VM_FLAGS_ANYWHERE));
	*(mach_msg_header_t *)data = (mach_msg_header_t){.msgh_bits = bits, .msgh_remote_port = MACH_PORT_MAKE(40, 7), .msgh_id = 5,
	    .msgh_local_port = MACH_MSGH_BITS_LOCAL(bits) != 0 ? MACH_PORT_MAKE(41, 7) : MACH_PORT_NULL};
	OK(memory_object_data_supply(control, 0, data, PAGE, VM_PROT_NONE));
}

/* Its task gets another token while the kernel waits for the message: the one it sends with is the old one. */
static void
label_of_a_message(void (*client)(void *message), mach_msg_bits_t bits)
{
	vm_address_t at = new_object(1, false);
	mach_port_t box = new_send();
	task_t child = child_create(false);
	cthread_t receiver = start(receive_label, (void *)(uintptr_t)box);
	thread_t thread;

	CHECK(waits_for(cthread_port(receiver), "receive"));
	OK(mach_port_insert_right(child, MACH_PORT_MAKE(40, 7), box, MACH_MSG_TYPE_COPY_SEND));
	OK(mach_port_allocate_name(child, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_MAKE(41, 7)));
	label_child(child, OLD_LABEL);
	thread = thread_in(child, 0, client, (void *)at);
	OK(thread_resume(thread));
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	CHECK(waits_for(thread, "pager"));
	label_child(child, NEW_LABEL);
	supply_message(bits);
	EQUAL((uintptr_t)cthread_join(receiver), OLD_LABEL);
	child_end(child);
	drop_port(thread), drop_port(box);
	end_object(at, 1);
}

static void
the_token_is_read_before_the_message(void)
{
	label_of_a_message(send_from_page, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0));
	label_of_a_message(call_from_page, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE));
}

/* --- what else waits for a pager --- */

static struct {
	volatile uint64_t *word;
	volatile uint64_t seen;
} look;

/* In user mode. */
static void
look_at_word(void *unused)
{
	(void)unused;
	look.seen = *look.word;
	thread_terminate(mach_thread_self());
}

static thread_t
looking_thread(vm_address_t at)
{
	thread_t thread;

	look.word = (volatile uint64_t *)at;
	look.seen = 0;
	thread = thread_run(0, look_at_word, NULL);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	CHECK(waits_for(thread, "pager"));
	return thread;
}

/* The thread touches the page again, and has it when the pager answers; or does something else, if it has other registers now. */
static void
aborted_faults_start_again(void)
{
	vm_address_t at = new_object(2, false);
	thread_t thread = looking_thread(at);
	uint64_t faults;
	struct task_info info;

	OK(task_info(SELF, &info));
	faults = info.faults;
	OK(thread_abort(thread));
	for (unsigned tries = 0; info.faults == faults && tries < WAIT_MS; tries++, clock_sleep(1))
		OK(task_info(SELF, &info));
	CHECK(info.faults > faults);
	CHECK(waits_for(thread, "pager"));
	EQUAL(look.seen, 0);
	OK(supply(0, 1, 90, VM_PROT_NONE));
	CHECK(is_gone(thread));
	EQUAL(look.seen, 90);

	thread = looking_thread(at + PAGE);
	OK(thread_suspend(thread));
	OK(thread_abort(thread));
	reached = 0;
	set_entry(thread, 1, arrive, (void *)5);
	OK(thread_resume(thread));
	CHECK(is_gone(thread));
	EQUAL(reached, 5);
	EQUAL(look.seen, 0);
	end_object(at, 2);
}

static void *
wait_for_another_value(void *word)
{
	return (void *)(uintptr_t)gsync_wait(word, 0, WAIT_MS, GSYNC_TIMEOUT);
}

/* It is not what gsync_wait expects: once the page has come there is nothing to wait for. */
static void
words_are_looked_at_when_they_have_come(void)
{
	vm_address_t at = new_object(1, false);
	cthread_t thread = start(wait_for_another_value, (void *)at);

	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(supply(0, 1, 1, VM_PROT_NONE));
	EQUAL((uintptr_t)cthread_join(thread), KERN_SUCCESS);
	end_object(at, 1);
}

static void
its_ports_take_no_messages(void)
{
	vm_address_t at = new_object(1, false);
	mach_port_t proxy = MACH_PORT_NULL;

	OK(memory_object_proxy(control, VM_PROT_READ, 0, PAGE, &proxy));
	EQUAL(send_word(control, 1, 0), MACH_SEND_INVALID_DEST);
	EQUAL(send_word(proxy, 1, 0), MACH_SEND_INVALID_DEST);
	drop_port(proxy);
	end_object(at, 1);
}

/* --- snapshots: two pages of a task by each call that takes them --- */

enum { READ, REMAP, COPY, CALLS };

struct snapshot {
	unsigned call;
	task_t source;
	vm_address_t from, at;		/* in this task; for COPY, in the source, and given */
	kern_return_t result;
};

static void *
snapshot_main(void *argument)
{
	struct snapshot *taken = argument;
	struct vm_remap_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = 2 * PAGE,
	    .source = taken->source,
	    .copy = 1,
	    .source_address = taken->from,
	    .inheritance = VM_INHERIT_COPY};

	if (taken->call == READ)
		taken->result = vm_read(taken->source, taken->from, 2 * PAGE, &taken->at);
	else if (taken->call == COPY)
		taken->result = vm_copy(taken->source, taken->from, 2 * PAGE, taken->at);
	else
		taken->result = vm_remap(&args), taken->at = args.address;
	return NULL;
}

static void
check_word(task_t task, vm_address_t address, uint64_t value)
{
	vm_address_t copy = 0;

	OK(vm_read(task, address, 8, &copy));
	EQUAL(*(volatile uint64_t *)copy, value);
	OK(vm_deallocate(SELF, copy, 8));
}

/* The pager is waited for by who takes the snapshot, and not any more by who looks at it, whatever the pages become. */
static void
take_snapshot(unsigned call, task_t source, vm_address_t from, vm_address_t room)
{
	struct snapshot taken = { .call = call, .source = source, .from = from, .at = room };
	task_t holder = call == COPY ? source : SELF;
	cthread_t thread;

	OK(memory_object_lock_request(control, 0, 4 * PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));
	OK(supply(0, 1, 90, VM_PROT_NONE));
	thread = start(snapshot_main, &taken);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	EQUAL(m.range.offset, PAGE);
	OK(supply(1, 1, 90, VM_PROT_NONE));
	cthread_join(thread);
	OK(taken.result);
	*(volatile uint64_t *)from = *(volatile uint64_t *)(from + PAGE) = 1;
	check_word(source, from + PAGE, 1);
	check_word(holder, taken.at, 90);
	OK(memory_object_lock_request(control, 0, 4 * PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));
	check_word(holder, taken.at, 90);
	check_word(holder, taken.at + PAGE, 91);
	NOTHING(object);
	if (call != COPY)
		OK(vm_deallocate(SELF, taken.at, 2 * PAGE));
}

static void
snapshots_of_objects_are_taken_in_the_sender(void)
{
	vm_address_t at = new_object(4, false), room = 0;
	task_t child = MACH_PORT_NULL;

	OK(vm_allocate(SELF, &room, 2 * PAGE, VM_FLAGS_ANYWHERE));
	OK(vm_inherit(SELF, at, 4 * PAGE, VM_INHERIT_SHARE));
	OK(task_create(SELF, TASK_INHERIT_MEMORY, &child));
	for (unsigned call = 0; call < CALLS; call++) {
		take_snapshot(call, SELF, at, room);
		take_snapshot(call, child, at, room);
	}
	child_end(child);
	OK(vm_deallocate(SELF, room, 2 * PAGE));
	settle();
	end_object(at, 4);
}

static void *
write_main(void *argument)
{
	struct snapshot *taken = argument;

	taken->result = vm_write(taken->source, taken->at, taken->from, 2 * PAGE);
	return NULL;
}

/* The task dies while the pager of what is to be written into it is asked. */
static void
dead_tasks_take_no_memory(void)
{
	vm_address_t at = new_object(2, false), room = 0;
	struct snapshot write = { .from = at };
	task_t child = MACH_PORT_NULL;
	cthread_t thread;

	OK(vm_allocate(SELF, &room, 2 * PAGE, VM_FLAGS_ANYWHERE));
	OK(task_create(SELF, TASK_INHERIT_MEMORY, &child));
	write.source = child, write.at = room;
	thread = start(write_main, &write);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	child_end(child);
	OK(supply(0, 2, 80, VM_PROT_NONE));
	cthread_join(thread);
	EQUAL(write.result, KERN_TERMINATED);
	OK(vm_deallocate(SELF, room, 2 * PAGE));
	end_object(at, 2);
}

static void
children_get_private_copies(void)
{
	vm_address_t at = new_object(2, false);
	struct client a;
	task_t child = MACH_PORT_NULL;
	uint64_t value = 5;

	OK(supply(0, 1, 70, VM_PROT_NONE));
	OK(task_create(SELF, TASK_INHERIT_MEMORY, &child));
	OK(vm_write(child, at, (vm_address_t)&value, 8));
	EQUAL(*(volatile uint64_t *)at, 70);
	OK(task_terminate(child));
	port_drop(child);
	client_start(&a, at, true, 71);
	OK(client_end(&a));
	OK(memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_CLEAN, VM_PROT_NONE,
	    MACH_PORT_NULL));
	EXPECT(object, MEMORY_OBJECT_DATA_RETURN_ID);
	EQUAL(*(volatile uint64_t *)m.returned.data.address, 71);
	forget_message();
	settle();
	end_object(at, 2);
}

static void
nonsense_is_refused(void)
{
	vm_address_t at = new_object(2, false), none;
	mach_port_t dead = new_dead(), proxy;
	vm_size_t done;

	EQUAL(map_port(control, 0, 1, false, VM_PROT_READ, &none), KERN_INVALID_ARGUMENT);
	EQUAL(map_port(SELF, 0, 1, false, VM_PROT_READ, &none), KERN_INVALID_ARGUMENT);
	EQUAL(map_port(dead, 0, 1, false, VM_PROT_READ, &none), KERN_INVALID_ARGUMENT);
	EQUAL(map_port(object, 1, 1, false, VM_PROT_READ, &none), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_ready(object, 1, 0), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_ready(control, 1, 77), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_data_supply(control, 1, at, PAGE, 0), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_data_supply(control, 0, at, 0, 0), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_data_supply(control, 0, 0x1000, PAGE, 0), KERN_INVALID_ADDRESS);
	EQUAL(memory_object_data_supply(control, 0, at, PAGE, 99), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_data_unavailable(control, ~0ull & ~(PAGE - 1), 2 * PAGE),
	    KERN_INVALID_ARGUMENT);
	OK(memory_object_data_unavailable(control, 0, 1ull << 60));
	OK(memory_object_lock_request(control, 0, 1ull << 62, MEMORY_OBJECT_FLUSH, 0,
	    MACH_PORT_NULL));
	EQUAL(memory_object_lock_request(control, 0, PAGE, 64, 0, MACH_PORT_NULL),
	    KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_lock_request(control, 0, PAGE, 0, 0, 0x7f7f7f), KERN_INVALID_NAME);
	EQUAL(memory_object_proxy(control, 8, 0, PAGE, &proxy), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_proxy(control, 1, 1, PAGE, &proxy), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_proxy(control, 1, PAGE, ~0ull, &proxy), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_proxy(control, 1, 0, PAGE, (mach_port_t *)8), KERN_INVALID_ADDRESS);
	EQUAL(memory_object_copy(control, ~0ull, at, 2, 0, &done), KERN_INVALID_ARGUMENT);
	EQUAL(memory_object_destroy(MACH_PORT_NULL, 0), KERN_INVALID_ARGUMENT);
	drop_port(dead);
	end_object(at, 2);
}

static void
rounds_leave_nothing(void)
{
	struct vm_statistics before, after;
	unsigned names = 0;

	for (int round = 0; round < 40; round++) {
		vm_address_t at = new_object(4, false);

		OK(supply(0, 4, round, VM_PROT_NONE));
		EQUAL(*(volatile uint64_t *)at, round);
		end_object(at, 4);
		if (round == 10) {
			settle();
			names = name_count();
			OK(vm_statistics(&before));
		}
	}
	settle();
	OK(vm_statistics(&after));
	EQUAL(name_count(), names);
	EQUAL(after.object, before.object);
	CHECK(after.anonymous <= before.anonymous + 2);
}

int
main(void)
{
	check_begin();
	RULE(faults_ask_and_get_data);
	RULE(faulters_wait_until_the_pager_is_ready);
	RULE(errors_reach_the_faulter);
	RULE(flushing_takes_errors_away);
	RULE(supplies_that_fail_are_asked_for_again);
	RULE(failed_objects_have_no_proxies);
	RULE(dead_pagers_end_all_waits);
	RULE(writes_make_pages_dirty);
	RULE(flushed_pages_are_asked_for_again);
	RULE(locked_pages_ask_for_unlock);
	RULE(proxies_give_less);
	RULE(proxies_are_revoked);
	RULE(cached_objects_outlive_their_mappings);
	RULE(resident_pages_are_copied_without_upcalls);
	RULE(a_sender_waits_for_the_pager_of_what_it_sends);
	RULE(the_token_is_read_before_the_message);
	RULE(aborted_faults_start_again);
	RULE(words_are_looked_at_when_they_have_come);
	RULE(its_ports_take_no_messages);
	RULE(snapshots_of_objects_are_taken_in_the_sender);
	RULE(dead_tasks_take_no_memory);
	RULE(children_get_private_copies);
	RULE(nonsense_is_refused);
	RULE(rounds_leave_nothing);
	check_end();
}
