/*
 * MACH.md section 1: layout, dispositions, what a receiver sees, out-of-line memory, trailers.
 */
#include "ipc_check.h"

#include <string.h>

#define SELF mach_task_self()
#define PAGE 4096u

static struct message m, r;

static vm_address_t
pages(unsigned count)
{
	vm_address_t address = 0;

	OK(vm_allocate(SELF, &address, count * PAGE, VM_FLAGS_ANYWHERE));
	return address;
}

static void
fill(vm_address_t address, unsigned size, unsigned seed)
{
	for (unsigned i = 0; i < size; i++)
		((uint8_t *)address)[i] = (uint8_t)(i * 7 + seed);
}

static bool
filled(vm_address_t address, unsigned size, unsigned seed)
{
	for (unsigned i = 0; i < size; i++)
		if (((uint8_t *)address)[i] != (uint8_t)(i * 7 + seed))
			return false;
	return true;
}

static void
header_is_swapped_on_receipt(void)
{
	mach_port_t port = new_send(), reply = new_port();

	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1234);
	m.words[0] = 0xabcd1234;
	m.words[1] = 5;
	m.head.msgh_size = 999999;
	OK(message_send(&m, 32, 0));
	OK(message_receive(&r, port, 0));
	EQUAL(r.head.msgh_size, 32);
	EQUAL(r.head.msgh_id, 1234);
	EQUAL(r.head.msgh_local_port, port);
	EQUAL(r.head.msgh_bits,
		MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND));
	EQUAL(r.head.msgh_descriptor_count, 0);
	EQUAL(r.words[0], 0xabcd1234);
	EQUAL(r.words[1], 5);
	EQUAL(type_of(r.head.msgh_remote_port), MACH_PORT_TYPE_SEND_ONCE);
	OK(send_once_word(r.head.msgh_remote_port, 99, 0));
	EQUAL(next_id(reply), 99);
	drop_port(port), drop_port(reply);
}

static void
send_size_counts_and_any_size_goes(void)
{
	mach_port_t port = new_send();

	for (unsigned size = 24; size < 60; size++) {
		message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, (int)size);
		for (unsigned i = 0; i < 40; i++)
			((uint8_t *)m.words)[i] = (uint8_t)(i + size);
		OK(message_send(&m, size, 0));
		OK(message_receive(&r, port, 0));
		EQUAL(r.head.msgh_size, size);
		for (unsigned i = 0; i < size - 24; i++)
			CHECK(((uint8_t *)r.words)[i] == (uint8_t)(i + size));
	}
	drop_port(port);
}

static void
trailer_follows_at_the_next_multiple_of_eight(void)
{
	mach_port_t port = new_send();
	struct task_info info;

	OK(task_info(SELF, &info));
	for (unsigned size = 24; size < 42; size += 3) {
		message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
		OK(message_send(&m, size, 0));
		OK(message_receive(&r, port, 0));
		EQUAL(trailer_of(&r)->msgh_trailer_type, 0);
		EQUAL(trailer_of(&r)->msgh_trailer_size, 24);
		EQUAL(trailer_of(&r)->msgh_seqno, (size - 24) / 3);
		EQUAL(trailer_of(&r)->msgh_sender.label, info.token.label);
		EQUAL(trailer_of(&r)->msgh_sender.uid, info.token.uid);
		EQUAL(trailer_of(&r)->msgh_sender.gid, info.token.gid);
	}
	drop_port(port);
}

static void
limits_of_a_message(void)
{
	mach_port_t port = new_send();

	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	for (unsigned i = 0; i < MACH_MSG_BODY_MAX / 4; i++)
		m.words[i] = i ^ 0x5a5a;
	OK(message_send(&m, 24 + MACH_MSG_BODY_MAX, 0));
	OK(message_receive(&r, port, 0));
	EQUAL(r.head.msgh_size, 24 + MACH_MSG_BODY_MAX);
	for (unsigned i = 0; i < MACH_MSG_BODY_MAX / 4; i++)
		CHECK(r.words[i] == (i ^ 0x5a5a));
	EQUAL(message_send(&m, 24 + MACH_MSG_BODY_MAX + 1, 0), MACH_SEND_TOO_LARGE);
	for (unsigned i = 0; i < 16; i++)
		put_port(&m, i, port, MACH_MSG_TYPE_COPY_SEND);
	OK(message_send(&m, 24 + 256 + MACH_MSG_BODY_MAX, 0));
	OK(message_receive(&r, port, 0));
	EQUAL(r.head.msgh_descriptor_count, 16);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 17);
	EQUAL(message_send(&m, 24 + 256 + MACH_MSG_BODY_MAX + 1, 0), MACH_SEND_TOO_LARGE);
	drop_port(port);
}

static void
send_dispositions_of_a_body(void)
{
	mach_port_t port = new_send(), right = new_send(), once = new_send_once(right),
		    own = new_port();

	OK(mach_port_mod_refs(SELF, right, MACH_PORT_RIGHT_SEND, 1));
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_port(&m, 0, right, MACH_MSG_TYPE_COPY_SEND);
	put_port(&m, 1, right, MACH_MSG_TYPE_MOVE_SEND);
	put_port(&m, 2, right, MACH_MSG_TYPE_MAKE_SEND);
	put_port(&m, 3, right, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	put_port(&m, 4, once, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	put_port(&m, 5, own, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 24 + 6 * 16, 0));
	EQUAL(refs_of(right, MACH_PORT_RIGHT_SEND), 1);
	EQUAL(status_of(right).mps_mscount, 2);
	EQUAL(type_of(once), 0);
	EQUAL(type_of(own), 0);
	OK(message_receive(&r, port, 0));
	for (int i = 0; i < 3; i++) {
		EQUAL(r.descriptors[i].port.name, right);
		EQUAL(r.descriptors[i].port.disposition, MACH_MSG_TYPE_PORT_SEND);
	}
	EQUAL(refs_of(right, MACH_PORT_RIGHT_SEND), 4);
	EQUAL(r.descriptors[3].port.disposition, MACH_MSG_TYPE_PORT_SEND_ONCE);
	EQUAL(type_of(r.descriptors[3].port.name), MACH_PORT_TYPE_SEND_ONCE);
	EQUAL(r.descriptors[4].port.disposition, MACH_MSG_TYPE_PORT_SEND_ONCE);
	EQUAL(type_of(r.descriptors[4].port.name), MACH_PORT_TYPE_SEND_ONCE);
	EQUAL(r.descriptors[5].port.disposition, MACH_MSG_TYPE_PORT_RECEIVE);
	EQUAL(type_of(r.descriptors[5].port.name), MACH_PORT_TYPE_RECEIVE);
	for (int i = 0; i < 6; i++) {
		EQUAL(r.descriptors[i].port.pad1, 0);
		EQUAL(r.descriptors[i].port.pad2, 0);
	}
	message_release(&r);
	drop_port(port), drop_port(right);
}

static void
null_and_dead_are_legal_in_a_body(void)
{
	mach_port_t port = new_send(), dead = new_dead();

	OK(mach_port_mod_refs(SELF, dead, MACH_PORT_RIGHT_DEAD_NAME, 2));
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_port(&m, 0, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND);
	put_port(&m, 1, MACH_PORT_DEAD, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	put_port(&m, 2, dead, MACH_MSG_TYPE_COPY_SEND);
	put_port(&m, 3, dead, MACH_MSG_TYPE_MOVE_SEND);
	put_port(&m, 4, dead, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	put_port(&m, 5, MACH_PORT_NULL, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 24 + 6 * 16, 0));
	EQUAL(refs_of(dead, MACH_PORT_RIGHT_DEAD_NAME), 1);
	OK(message_receive(&r, port, 0));
	EQUAL(r.descriptors[0].port.name, MACH_PORT_NULL);
	for (int i = 1; i < 5; i++)
		EQUAL(r.descriptors[i].port.name, MACH_PORT_DEAD);
	EQUAL(r.descriptors[5].port.name, MACH_PORT_NULL);
	drop_port(port), drop_port(dead);
}

static void
constants_are_resolved_in_the_sender(void)
{
	mach_port_t port = new_send(), self;

	message_init(
		&m, port, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_TASK_SELF, MACH_MSG_TYPE_COPY_SEND, 1);
	put_port(&m, 0, mach_task_self(), MACH_MSG_TYPE_COPY_SEND);
	put_port(&m, 1, mach_task_self(), MACH_MSG_TYPE_MOVE_SEND);
	OK(message_send(&m, 24 + 2 * 16, 0));
	OK(message_receive(&r, port, 0));
	self = r.descriptors[0].port.name;
	CHECK(self != mach_task_self() && self < MACH_PORT_NAME_RESERVED);
	EQUAL(r.descriptors[1].port.name, self);
	EQUAL(r.head.msgh_remote_port, self);
	EQUAL(refs_of(self, MACH_PORT_RIGHT_SEND), 3);
	EQUAL(mach_port_deallocate(self, port), KERN_SUCCESS);
	message_init(&m, port, MACH_MSG_TYPE_MAKE_SEND, 0, 0, 1);
	put_port(&m, 0, mach_task_self(), MACH_MSG_TYPE_MAKE_SEND);
	EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_RIGHT);
	drop_port(self), drop_port(port);
}

static void
kernel_objects_take_no_messages(void)
{
	mach_port_t thread = mach_thread_self(), dma = MACH_PORT_NULL, ports[7];

	OK(device_dma_create(startup_info->device, &dma));
	memcpy(ports, (mach_port_t[]){SELF, mach_host_self(), startup_info->host, startup_info->device, startup_info->console, dma, thread},
		sizeof(ports));
	for (unsigned i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		message_init(&m, ports[i], MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
		EQUAL(message_send(&m, 24, 0), MACH_SEND_INVALID_DEST);
	}
	OK(mach_port_deallocate(SELF, dma));
	message_init(&m, thread, MACH_MSG_TYPE_MOVE_SEND, 0, 0, 1);
	EQUAL(message_send(&m, 24, 0), MACH_SEND_INVALID_DEST);
	CHECK(refs_of(thread, MACH_PORT_RIGHT_SEND) > 0);
	OK(mach_port_deallocate(SELF, thread));
}

static void
a_moved_receive_right_keeps_queue_and_requests(void)
{
	mach_port_t port = new_send(), box = new_send(), set = new_set(), previous, moved;
	struct mach_port_status status;

	OK(mach_port_move_member(SELF, port, set));
	OK(send_word(port, 1, 0));
	OK(send_word(port, 2, 0));
	EQUAL(next_id(set), 1);
	OK(mach_port_request_notification(SELF, port, MACH_NOTIFY_NO_SENDERS, 0, box,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	message_init(&m, box, MACH_MSG_TYPE_COPY_SEND, 0, 0, 7);
	put_port(&m, 0, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 40, 0));
	EQUAL(type_of(port), MACH_PORT_TYPE_SEND);
	OK(message_receive(&r, box, 0));
	moved = r.descriptors[0].port.name;
	EQUAL(moved, port);
	status = status_of(port);
	EQUAL(status.mps_pset, MACH_PORT_NULL);
	EQUAL(status.mps_seqno, 0);
	EQUAL(status.mps_mscount, 0);
	EQUAL(status.mps_msgcount, 1);
	EQUAL(status.mps_nsrequest != 0, 1);
	EQUAL(next_id(port), 2);
	OK(mach_port_deallocate(SELF, port));
	OK(message_receive(&r, box, 0));
	EQUAL(r.head.msgh_id, MACH_NOTIFY_NO_SENDERS);
	EQUAL(r.words[0], 0);
	drop_port(port), drop_port(box), drop_port(set);
}

static void
messages_flow_while_the_receive_right_is_in_flight(void)
{
	mach_port_t port = new_send(), box = new_send();

	message_init(&m, box, MACH_MSG_TYPE_COPY_SEND, 0, 0, 7);
	put_port(&m, 0, port, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 40, 0));
	OK(send_word(port, 11, 0));
	OK(send_word(port, 12, 0));
	OK(message_receive(&r, box, 0));
	EQUAL(r.descriptors[0].port.name, port);
	EQUAL(next_id(port), 11);
	EQUAL(next_id(port), 12);
	drop_port(port), drop_port(box);
}

static void
memory_arrives_at_the_same_page_offset(void)
{
	mach_port_t port = new_send();
	vm_address_t source = pages(4), got;

	fill(source, 4 * PAGE, 3);
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_memory(&m, 0, (void *)(source + 100), 2 * PAGE, false);
	OK(message_send(&m, 40, 0));
	fill(source, 4 * PAGE, 77); /* a snapshot: not seen */
	OK(message_receive(&r, port, 0));
	got = r.descriptors[0].out_of_line.address;
	EQUAL(got % PAGE, 100);
	EQUAL(r.descriptors[0].out_of_line.size, 2 * PAGE);
	CHECK(got != source + 100);
	for (unsigned i = 0; i < 2 * PAGE; i++)
		CHECK(((uint8_t *)got)[i] == (uint8_t)((i + 100) * 7 + 3));
	for (unsigned i = 1; i <= 100; i++)
		CHECK(((uint8_t *)got)[-(int)i] == 0);
	for (unsigned i = 2 * PAGE; i < 3 * PAGE - 100; i++)
		CHECK(((uint8_t *)got)[i] == 0);
	CHECK(filled(source, 4 * PAGE, 77));
	fill(got, 10, 1); /* it is the receiver's to write */
	message_release(&r);
	OK(vm_deallocate(SELF, source, 4 * PAGE));
	drop_port(port);
}

static void
deallocate_moves_memory(void)
{
	mach_port_t port = new_send();
	vm_address_t source = pages(3);
	struct vm_region_info info = {.address = source};

	fill(source, 3 * PAGE, 9);
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_memory(&m, 0, (void *)source, 3 * PAGE, true);
	OK(message_send(&m, 40, 0));
	CHECK(vm_region(SELF, &info) != KERN_SUCCESS || info.address >= source + 3 * PAGE);
	OK(message_receive(&r, port, 0));
	CHECK(filled(r.descriptors[0].out_of_line.address, 3 * PAGE, 9));
	message_release(&r);
	drop_port(port);
}

static void
empty_memory_and_large_memory(void)
{
	enum { BIG = 2 << 20 };
	mach_port_t port = new_send();
	vm_address_t source = pages(BIG / PAGE);

	fill(source, BIG, 5);
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_memory(&m, 0, NULL, 0, false);
	put_memory(&m, 1, (void *)source, BIG, true);
	OK(message_send(&m, 24 + 32, 0));
	OK(message_receive(&r, port, 0));
	EQUAL(r.descriptors[0].out_of_line.address, 0);
	EQUAL(r.descriptors[0].out_of_line.size, 0);
	CHECK(filled(r.descriptors[1].out_of_line.address, BIG, 5));
	message_release(&r);
	drop_port(port);
}

static void
arrays_of_ports(void)
{
	mach_port_t port = new_send(), names[16], *got;
	vm_address_t array = pages(1);

	for (int i = 0; i < 16; i++)
		names[i] = i == 3 ? MACH_PORT_NULL : i == 5 ? MACH_PORT_DEAD : new_port();
	for (int i = 0; i < 16; i++)
		((mach_port_t *)array)[i] = names[i];
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_ports(&m, 0, (mach_port_t *)array, 16, MACH_MSG_TYPE_MAKE_SEND, true);
	put_ports(&m, 1, NULL, 0, MACH_MSG_TYPE_MAKE_SEND, false);
	OK(message_send(&m, 24 + 32, 0));
	CHECK(vm_write(SELF, array, array, 4) != KERN_SUCCESS);
	OK(message_receive(&r, port, 0));
	EQUAL(r.descriptors[0].ool_ports.count, 16);
	EQUAL(r.descriptors[0].ool_ports.disposition, MACH_MSG_TYPE_PORT_SEND);
	EQUAL(r.descriptors[1].ool_ports.count, 0);
	EQUAL(r.descriptors[1].ool_ports.address, 0);
	got = (mach_port_t *)r.descriptors[0].ool_ports.address;
	for (int i = 0; i < 16; i++)
		EQUAL(got[i], names[i]);
	EQUAL(refs_of(names[0], MACH_PORT_RIGHT_SEND), 1);
	message_release(&r);
	for (int i = 0; i < 16; i++)
		drop_port(names[i]);
	drop_port(port);
}

static void
sixteen_rights_and_no_more(void)
{
	mach_port_t port = new_send(), names[17];

	for (int i = 0; i < 17; i++)
		names[i] = port;
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_ports(&m, 0, names, 8, MACH_MSG_TYPE_COPY_SEND, false);
	put_ports(&m, 1, names, 7, MACH_MSG_TYPE_COPY_SEND, false);
	put_port(&m, 2, port, MACH_MSG_TYPE_COPY_SEND);
	OK(message_send(&m, 24 + 3 * 16, 0));
	OK(message_receive(&r, port, 0));
	message_release(&r);
	put_port(&m, 3, port, MACH_MSG_TYPE_COPY_SEND);
	EQUAL(message_send(&m, 24 + 4 * 16, 0), MACH_SEND_TOO_LARGE);
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_ports(&m, 0, names, 17, MACH_MSG_TYPE_COPY_SEND, false);
	EQUAL(message_send(&m, 40, 0), MACH_SEND_TOO_LARGE);
	put_ports(&m, 0, names, 0xffffffff, MACH_MSG_TYPE_COPY_SEND, false);
	EQUAL(message_send(&m, 40, 0), MACH_SEND_TOO_LARGE);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 1);
	drop_port(port);
}

static void
body_after_descriptors_is_kept(void)
{
	mach_port_t port = new_send();

	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_port(&m, 0, port, MACH_MSG_TYPE_MAKE_SEND);
	((uint32_t *)&m.descriptors[1])[0] = 0x11223344;
	((uint32_t *)&m.descriptors[1])[1] = 0x55667788;
	OK(message_send(&m, 24 + 16 + 8, 0));
	OK(message_receive(&r, port, 0));
	EQUAL(r.head.msgh_bits & MACH_MSGH_BITS_COMPLEX, MACH_MSGH_BITS_COMPLEX);
	EQUAL(((uint32_t *)&r.descriptors[1])[0], 0x11223344);
	EQUAL(((uint32_t *)&r.descriptors[1])[1], 0x55667788);
	message_release(&r);
	drop_port(port);
}

static void
a_complex_message_without_descriptors_is_simple(void)
{
	mach_port_t port = new_send();

	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	m.head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	OK(message_send(&m, 24, 0));
	OK(message_receive(&r, port, 0));
	EQUAL(r.head.msgh_bits & MACH_MSGH_BITS_COMPLEX, 0);
	drop_port(port);
}

static void
one_name_as_destination_and_reply(void)
{
	mach_port_t port = new_send();

	/* the last reference may be moved to go and copied to come back */
	message_init(&m, port, MACH_MSG_TYPE_MOVE_SEND, port, MACH_MSG_TYPE_COPY_SEND, 1);
	OK(message_send(&m, 24, 0));
	EQUAL(type_of(port), MACH_PORT_TYPE_RECEIVE);
	OK(message_receive(&r, port, 0));
	EQUAL(r.head.msgh_remote_port, port);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 1);
	message_init(&m, port, MACH_MSG_TYPE_MOVE_SEND, port, MACH_MSG_TYPE_MOVE_SEND, 1);
	EQUAL(message_send(&m, 24, 0), MACH_SEND_INVALID_REPLY);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 1);
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, 1));
	OK(message_send(&m, 24, 0));
	EQUAL(type_of(port), MACH_PORT_TYPE_RECEIVE);
	OK(message_receive(&r, port, 0));
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 1);
	message_init(&m, port, MACH_MSG_TYPE_MAKE_SEND, port, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	OK(message_send(&m, 24, 0));
	OK(message_receive(&r, port, 0));
	EQUAL(type_of(r.head.msgh_remote_port), MACH_PORT_TYPE_SEND_ONCE);
	message_release(&r);
	drop_port(port);
}

static void
a_set_receives_from_its_members(void)
{
	mach_port_t ports[4], set = new_set();

	for (int i = 0; i < 4; i++) {
		ports[i] = new_send();
		OK(mach_port_move_member(SELF, ports[i], set));
	}
	for (int i = 3; i >= 0; i--)
		OK(send_word(ports[i], i, 0));
	for (int i = 0; i < 4; i++) {
		OK(message_receive(&r, set, 0));
		CHECK(r.head.msgh_id >= 0 && r.head.msgh_id < 4 &&
			r.head.msgh_local_port == ports[r.head.msgh_id]);
	}
	EQUAL(message_receive(&r, set, 0), MACH_RCV_TIMED_OUT);
	for (int i = 0; i < 4; i++)
		drop_port(ports[i]);
	drop_port(set);
}

static void
a_set_serves_its_members_in_turn(void)
{
	mach_port_t a = new_send(), b = new_send(), set = new_set();
	int order[6];

	OK(mach_port_move_member(SELF, a, set));
	OK(mach_port_move_member(SELF, b, set));
	for (int i = 0; i < 3; i++)
		OK(send_word(a, 10 + i, 0));
	for (int i = 0; i < 3; i++)
		OK(send_word(b, 20 + i, 0));
	for (int i = 0; i < 6; i++)
		order[i] = next_id(set);
	for (int i = 0; i < 6; i++)
		EQUAL(order[i], (i % 2 ? 20 : 10) + i / 2);
	drop_port(a), drop_port(b), drop_port(set);
}

int
main(void)
{
	check_begin();
	RULE(header_is_swapped_on_receipt);
	RULE(send_size_counts_and_any_size_goes);
	RULE(trailer_follows_at_the_next_multiple_of_eight);
	RULE(limits_of_a_message);
	RULE(send_dispositions_of_a_body);
	RULE(null_and_dead_are_legal_in_a_body);
	RULE(constants_are_resolved_in_the_sender);
	RULE(kernel_objects_take_no_messages);
	RULE(a_moved_receive_right_keeps_queue_and_requests);
	RULE(messages_flow_while_the_receive_right_is_in_flight);
	RULE(memory_arrives_at_the_same_page_offset);
	RULE(deallocate_moves_memory);
	RULE(empty_memory_and_large_memory);
	RULE(arrays_of_ports);
	RULE(sixteen_rights_and_no_more);
	RULE(body_after_descriptors_is_kept);
	RULE(a_complex_message_without_descriptors_is_simple);
	RULE(one_name_as_destination_and_reply);
	RULE(a_set_receives_from_its_members);
	RULE(a_set_serves_its_members_in_turn);
	check_end();
}
