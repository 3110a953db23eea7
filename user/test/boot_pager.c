/*
 * MACH.md section 4: external pagers (object.h): what is asked, answered, returned, forbidden, and given away in part. Who waits for one
 * without a fault of its own: boot_pager_wait.c.
 */
#include "ipc_check.h"
#include "object.h"

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

/* What the kernel sends because somebody asked, is bounded by what is queued. */
static void
lock_requests_do_not_flood_their_reply_port(void)
{
	vm_address_t at = new_object(1, false);
	mach_port_t reply = new_send();
	kern_return_t kr;
	unsigned count = 0;

	do
		kr = memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, reply);
	while (kr == KERN_SUCCESS && ++count < 2 * MACH_PORT_QLIMIT_MAX);
	EQUAL(kr, KERN_RESOURCE_SHORTAGE);
	EQUAL(count, MACH_PORT_QLIMIT_MAX);
	OK(memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));
	EQUAL(next_id(reply), MEMORY_OBJECT_LOCK_COMPLETED_ID);
	OK(memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, reply));
	drop_messages(reply, MACH_PORT_QLIMIT_MAX);
	CHECK(queue_empty(reply));
	OK(mach_port_deallocate(SELF, reply));
	EQUAL(status_of(reply).mps_srights, 0);		/* the refused one has kept none */
	drop_port(reply);
	end_object(at, 1);
}

static void
mappings_do_not_flood_a_fresh_object(void)
{
	vm_address_t at;

	object = new_flooded();
	EQUAL(map_port(object, 0, 1, false, VM_PROT_DEFAULT, &at), KERN_RESOURCE_SHORTAGE);
	EQUAL(status_of(object).mps_msgcount, MACH_PORT_QLIMIT_MAX);
	EQUAL(next_id(object), 1);
	OK(map_port(object, 0, 1, false, VM_PROT_DEFAULT, &at));
	drop_messages(object, MACH_PORT_QLIMIT_MAX - 1);
	EXPECT(object, MEMORY_OBJECT_INIT_ID);
	control = m.range.control.name;
	OK(memory_object_ready(control, false, MEMORY_OBJECT_COPY_DELAY));
	end_object(at, 1);
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
	RULE(lock_requests_do_not_flood_their_reply_port);
	RULE(mappings_do_not_flood_a_fresh_object);
	RULE(cached_objects_outlive_their_mappings);
	RULE(resident_pages_are_copied_without_upcalls);
	RULE(its_ports_take_no_messages);
	RULE(nonsense_is_refused);
	RULE(rounds_leave_nothing);
	check_end();
}
