/*
 * MACH.md section 1, the table of effects: what each error leaves behind. One function per code.
 */
#include "ipc_check.h"

#define SELF mach_task_self()
#define PAGE 4096u

static struct message m, r;

/* What must be untouched when "nothing happened". */
static mach_port_t dest, reply, carried;

static void
set_up(void)
{
	dest = new_send();
	reply = new_send();
	carried = new_send();
}

static void
tear_down(void)
{
	drop_port(dest), drop_port(reply), drop_port(carried);
}

static void
nothing_happened(void)
{
	EQUAL(refs_of(dest, MACH_PORT_RIGHT_SEND), 1);
	EQUAL(refs_of(reply, MACH_PORT_RIGHT_SEND), 1);
	EQUAL(refs_of(carried, MACH_PORT_RIGHT_SEND), 1);
	EQUAL(status_of(reply).mps_sorights, 0);
	EQUAL(status_of(reply).mps_mscount, 1);
	EQUAL(status_of(carried).mps_mscount, 1);
	CHECK(queue_empty(dest) && queue_empty(reply));
}

/* A message that moves all three rights. */
static void
moving_message(void)
{
	message_init(&m, dest, MACH_MSG_TYPE_MOVE_SEND, reply, MACH_MSG_TYPE_MOVE_SEND, 5);
	put_port(&m, 0, carried, MACH_MSG_TYPE_MOVE_SEND);
}

static void
send_msg_too_small(void)
{
	set_up();
	moving_message();
	EQUAL(message_send(&m, 0, 0), MACH_SEND_MSG_TOO_SMALL);
	EQUAL(message_send(&m, 23, 0), MACH_SEND_MSG_TOO_SMALL);
	EQUAL(message_send(&m, 39, 0), MACH_SEND_MSG_TOO_SMALL);
	nothing_happened();
	tear_down();
}

static void
send_too_large(void)
{
	set_up();
	moving_message();
	EQUAL(message_send(&m, 24 + 16 + 8193, 0), MACH_SEND_TOO_LARGE);
	EQUAL(message_send(&m, 0xffffffff, 0), MACH_SEND_TOO_LARGE);
	EQUAL(message_send(&m, MACH_MSG_SIZE_MAX + 1, 0), MACH_SEND_TOO_LARGE);
	m.head.msgh_descriptor_count = 17;
	EQUAL(message_send(&m, 24 + 17 * 16, 0), MACH_SEND_TOO_LARGE);
	m.head.msgh_descriptor_count = 0xffffffff;
	EQUAL(message_send(&m, 24 + 17 * 16, 0), MACH_SEND_TOO_LARGE);
	nothing_happened();
	tear_down();
}

static void
send_invalid_data(void)
{
	vm_address_t page = 0;
	struct message *edge;

	set_up();
	moving_message();
	EQUAL(mach_msg((mach_msg_header_t *)16, MACH_SEND_MSG, 40, 0, 0, 0, 0),
		MACH_SEND_INVALID_DATA);
	EQUAL(mach_msg((mach_msg_header_t *)0xffff800000000000ull, MACH_SEND_MSG, 40, 0, 0, 0, 0),
		MACH_SEND_INVALID_DATA);
	OK(vm_allocate(SELF, &page, 2 * PAGE, VM_FLAGS_ANYWHERE));
	OK(vm_deallocate(SELF, page + PAGE, PAGE));
	edge = (struct message *)(page + PAGE - 32);
	edge->head = m.head;
	EQUAL(mach_msg(&edge->head, MACH_SEND_MSG, 40, 0, 0, 0, 0), MACH_SEND_INVALID_DATA);
	OK(vm_deallocate(SELF, page, PAGE));
	nothing_happened();
	tear_down();
}

static void
send_invalid_header(void)
{
	static const unsigned bad[] = {0, 1, 16, 22, 255};

	set_up();
	for (unsigned i = 0; i < 5; i++) {
		moving_message();
		m.head.msgh_bits =
			MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(bad[i], MACH_MSG_TYPE_MOVE_SEND);
		EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_HEADER);
		m.head.msgh_bits =
			MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, bad[i]);
		EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_HEADER);
	}
	moving_message();
	m.head.msgh_bits |= 0x00010000;
	EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_HEADER);
	moving_message();
	m.head.msgh_bits &= ~MACH_MSGH_BITS_COMPLEX;
	EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_HEADER);
	nothing_happened();
	tear_down();
}

static void
send_invalid_dest(void)
{
	mach_port_t once, dead;
	static const unsigned wants[] = {MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
		MACH_MSG_TYPE_MOVE_SEND_ONCE};

	set_up();
	dead = new_dead();
	once = new_send_once(reply);
	for (unsigned i = 0; i < 5; i++) {
		moving_message();
		m.head.msgh_bits =
			MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(wants[i], MACH_MSG_TYPE_MOVE_SEND);
		m.head.msgh_remote_port = MACH_PORT_NULL;
		EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_DEST);
		m.head.msgh_remote_port = MACH_PORT_DEAD;
		EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_DEST);
		m.head.msgh_remote_port = dest + 0x100000;
		EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_DEST);
		m.head.msgh_remote_port = dead;
		EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_DEST);
		m.head.msgh_remote_port = wants[i] == MACH_MSG_TYPE_MOVE_SEND_ONCE ? dest : once;
		EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_DEST);
	}
	EQUAL(refs_of(dead, MACH_PORT_RIGHT_DEAD_NAME), 1);
	EQUAL(type_of(once), MACH_PORT_TYPE_SEND_ONCE);
	drop_port(once);
	EQUAL(next_id(reply), MACH_NOTIFY_SEND_ONCE);
	nothing_happened();
	drop_port(dead);
	tear_down();
}

static void
send_invalid_reply(void)
{
	mach_port_t receive_only = new_port();

	set_up();
	moving_message();
	m.head.msgh_local_port = dest + 0x100000;
	EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_REPLY);
	m.head.msgh_local_port = receive_only;
	EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_REPLY);
	m.head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			   MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE);
	m.head.msgh_local_port = reply;
	EQUAL(message_send(&m, 40, 0), MACH_SEND_INVALID_REPLY);
	nothing_happened();
	EQUAL(status_of(dest).mps_mscount, 1);
	drop_port(receive_only);
	tear_down();
}

static void
a_dead_reply_name_is_legal(void)
{
	mach_port_t dead = new_dead();

	set_up();
	OK(mach_port_mod_refs(SELF, dead, MACH_PORT_RIGHT_DEAD_NAME, 1));
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, dead, MACH_MSG_TYPE_MOVE_SEND_ONCE, 1);
	OK(message_send(&m, 24, 0));
	EQUAL(refs_of(dead, MACH_PORT_RIGHT_DEAD_NAME), 1);
	OK(message_receive(&r, dest, 0));
	EQUAL(r.head.msgh_remote_port, MACH_PORT_DEAD);
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND, 1);
	OK(message_send(&m, 24, 0));
	OK(message_receive(&r, dest, 0));
	EQUAL(r.head.msgh_remote_port, MACH_PORT_DEAD);
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND, 1);
	OK(message_send(&m, 24, 0));
	OK(message_receive(&r, dest, 0));
	EQUAL(r.head.msgh_remote_port, MACH_PORT_NULL);
	drop_port(dead);
	tear_down();
}

/*
 * After a body error the header rights are consumed, and what was taken from the body is released.
 */
static void
destroyed(void)
{
	EQUAL(refs_of(dest, MACH_PORT_RIGHT_SEND), 0);
	EQUAL(refs_of(reply, MACH_PORT_RIGHT_SEND), 0);
	EQUAL(status_of(dest).mps_srights, 0);
	EQUAL(status_of(reply).mps_srights, 0);
	CHECK(queue_empty(dest) && queue_empty(reply));
	EQUAL(refs_of(carried, MACH_PORT_RIGHT_SEND), 0);
	EQUAL(status_of(carried).mps_srights, 0);
}

static void
send_invalid_right(void)
{
	mach_port_t receive_only = new_port();

	set_up();
	moving_message();
	put_port(&m, 1, receive_only, MACH_MSG_TYPE_COPY_SEND);
	EQUAL(message_send(&m, 24 + 32, 0), MACH_SEND_INVALID_RIGHT);
	destroyed();
	tear_down();
	set_up();
	moving_message();
	put_port(&m, 1, 0x77777700, MACH_MSG_TYPE_MOVE_RECEIVE);
	EQUAL(message_send(&m, 24 + 32, 0), MACH_SEND_INVALID_RIGHT);
	destroyed();
	tear_down();
	drop_port(receive_only);
}

static void
send_invalid_right_in_an_array(void)
{
	mach_port_t names[3];

	set_up();
	moving_message();
	names[0] = names[1] = new_send();
	names[2] = 0x77777700;
	put_ports(&m, 1, names, 3, MACH_MSG_TYPE_COPY_SEND, false);
	EQUAL(message_send(&m, 24 + 32, 0), MACH_SEND_INVALID_RIGHT);
	destroyed();
	EQUAL(refs_of(names[0], MACH_PORT_RIGHT_SEND), 1);
	OK(mach_port_deallocate(mach_task_self(), names[0]));
	EQUAL(status_of(names[0]).mps_srights, 0);	/* those taken from the array are gone */
	drop_port(names[0]);
	tear_down();
}

static void
send_invalid_type(void)
{
	set_up();
	moving_message();
	put_port(&m, 1, carried, MACH_MSG_TYPE_COPY_SEND);
	m.descriptors[1].port.type = 3;
	EQUAL(message_send(&m, 24 + 32, 0), MACH_SEND_INVALID_TYPE);
	destroyed();
	tear_down();
	set_up();
	moving_message();
	put_port(&m, 1, carried, 22);
	EQUAL(message_send(&m, 24 + 32, 0), MACH_SEND_INVALID_TYPE);
	destroyed();
	tear_down();
}

static void
send_invalid_memory(void)
{
	set_up();
	moving_message();
	put_memory(&m, 1, (void *)0x1000, 100, false);
	EQUAL(message_send(&m, 24 + 32, 0), MACH_SEND_INVALID_MEMORY);
	destroyed();
	tear_down();
	set_up();
	moving_message();
	put_memory(&m, 1, (void *)0xffffffffffffff00ull, 0x1000, false);
	EQUAL(message_send(&m, 24 + 32, 0), MACH_SEND_INVALID_MEMORY);
	destroyed();
	tear_down();
	set_up();
	moving_message();
	put_ports(&m, 1, (mach_port_t *)0x10, 2, MACH_MSG_TYPE_COPY_SEND, false);
	EQUAL(message_send(&m, 24 + 32, 0), MACH_SEND_INVALID_MEMORY);
	destroyed();
	tear_down();
}

static void
a_destroyed_send_once_right_still_yields_a_message(void)
{
	set_up();
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 5);
	put_port(&m, 0, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	put_port(&m, 1, 0x77777700, MACH_MSG_TYPE_COPY_SEND);
	EQUAL(message_send(&m, 24 + 32, 0), MACH_SEND_INVALID_RIGHT);
	EQUAL(next_id(reply), MACH_NOTIFY_SEND_ONCE);
	EQUAL(next_id(reply), MACH_NOTIFY_SEND_ONCE);
	CHECK(queue_empty(reply));
	tear_down();
}

static void
send_timed_out_gives_everything_back(void)
{
	vm_address_t page = 0;
	mach_port_t array[2], own;

	set_up();
	OK(mach_port_set_qlimit(SELF, dest, 1));
	OK(send_word(dest, 1, 0));
	own = new_port();
	OK(mach_port_mod_refs(SELF, carried, MACH_PORT_RIGHT_SEND, 1));
	OK(vm_allocate(SELF, &page, PAGE, VM_FLAGS_ANYWHERE));
	*(uint32_t *)page = 0x600df00d;
	array[0] = array[1] = carried;
	moving_message();
	put_memory(&m, 1, (void *)page, PAGE, true);
	put_ports(&m, 2, array, 2, MACH_MSG_TYPE_COPY_SEND, false);
	put_port(&m, 3, own, MACH_MSG_TYPE_MOVE_RECEIVE);
	((uint32_t *)&m.descriptors[4])[0] = 0xcafe;
	EQUAL(message_send(&m, 24 + 4 * 16 + 8, 0), MACH_SEND_TIMED_OUT);
	/* ready to be sent again: the header is not swapped */
	EQUAL(m.head.msgh_remote_port, dest);
	EQUAL(m.head.msgh_local_port, reply);
	EQUAL(m.head.msgh_bits, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND,
								 MACH_MSG_TYPE_MOVE_SEND));
	EQUAL(m.head.msgh_id, 5);
	EQUAL(refs_of(dest, MACH_PORT_RIGHT_SEND), 1);
	EQUAL(refs_of(reply, MACH_PORT_RIGHT_SEND), 1);
	EQUAL(refs_of(carried, MACH_PORT_RIGHT_SEND),
		4); /* 2, one of them moved and back, two copied */
	EQUAL(m.descriptors[0].port.name, carried);
	EQUAL(*(uint32_t *)m.descriptors[1].out_of_line.address, 0x600df00d);
	EQUAL(m.descriptors[2].ool_ports.count, 2);
	EQUAL(type_of(m.descriptors[3].port.name), MACH_PORT_TYPE_RECEIVE);
	EQUAL(((uint32_t *)&m.descriptors[4])[0], 0xcafe);
	EQUAL(next_id(dest), 1);
	OK(message_send(&m, 24 + 4 * 16 + 8, 0));
	OK(message_receive(&r, dest, 0));
	EQUAL(r.head.msgh_id, 5);
	EQUAL(*(uint32_t *)r.descriptors[1].out_of_line.address, 0x600df00d);
	message_release(&r);
	tear_down();
}

static void
send_timed_out_after_a_wait(void)
{
	uint64_t start_time;

	set_up();
	OK(mach_port_set_qlimit(SELF, dest, 1));
	OK(send_word(dest, 1, 0));
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 5);
	start_time = clock_now();
	EQUAL(message_send(&m, 24, 20), MACH_SEND_TIMED_OUT);
	CHECK(clock_now() - start_time >= 20000000);
	EQUAL(m.head.msgh_remote_port, dest);
	EQUAL(MACH_MSGH_BITS_REMOTE(m.head.msgh_bits), MACH_MSG_TYPE_MOVE_SEND);
	EQUAL(refs_of(dest, MACH_PORT_RIGHT_SEND), 2);
	EQUAL(type_of(m.head.msgh_local_port), MACH_PORT_TYPE_SEND_ONCE);
	EQUAL(status_of(dest).mps_msgcount, 1);
	drop_port(m.head.msgh_local_port);
	tear_down();
}

static void
receive_codes_that_take_nothing(void)
{
	mach_port_t set, once;

	set_up();
	set = new_set();
	once = new_send_once(reply);
	OK(send_word(dest, 9, 0));
	EQUAL(message_receive(&r, MACH_PORT_NULL, 0), MACH_RCV_INVALID_NAME);
	EQUAL(message_receive(&r, MACH_PORT_DEAD, 0), MACH_RCV_INVALID_NAME);
	EQUAL(message_receive(&r, dest + 0x100000, 0), MACH_RCV_INVALID_NAME);
	EQUAL(message_receive(&r, once, 0), MACH_RCV_INVALID_NAME);
	EQUAL(message_receive(&r, mach_task_self(), 0), MACH_RCV_INVALID_NAME);
	OK(mach_port_move_member(SELF, dest, set));
	EQUAL(message_receive(&r, dest, 0), MACH_RCV_IN_SET);
	EQUAL(next_id(set), 9);
	EQUAL(message_receive(&r, set, 0), MACH_RCV_TIMED_OUT);
	EQUAL(message_receive(&r, reply, 0), MACH_RCV_TIMED_OUT);
	drop_port(once), drop_port(set);
	tear_down();
}

static void
receive_too_large_with_large_stays(void)
{
	set_up();
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 42);
	OK(message_send(&m, 100, 0));
	r.head.msgh_size = 0;
	EQUAL(message_receive_room(&r, dest, 64, MACH_RCV_LARGE), MACH_RCV_TOO_LARGE);
	EQUAL(r.head.msgh_size, 100);
	EQUAL(r.head.msgh_id, 42);
	EQUAL(status_of(dest).mps_msgcount, 1);
	EQUAL(status_of(dest).mps_seqno, 0);
	/* the trailer needs room too: 104 + 24 */
	EQUAL(message_receive_room(&r, dest, 127, MACH_RCV_LARGE), MACH_RCV_TOO_LARGE);
	OK(message_receive_room(&r, dest, 128, MACH_RCV_LARGE));
	EQUAL(r.head.msgh_id, 42);
	message_release(&r);
	tear_down();
}

static void
receive_too_large_without_large_is_destroyed(void)
{
	set_up();
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 43);
	put_port(&m, 0, carried, MACH_MSG_TYPE_MOVE_SEND);
	OK(message_send(&m, 100, 0));
	EQUAL(message_receive_room(&r, dest, 64, 0), MACH_RCV_TOO_LARGE);
	EQUAL(r.head.msgh_id, 43);
	EQUAL(r.head.msgh_size, 100);
	EQUAL(r.head.msgh_local_port, dest);
	EQUAL(r.head.msgh_remote_port, MACH_PORT_NULL);
	EQUAL(next_id(reply), MACH_NOTIFY_SEND_ONCE);
	EQUAL(refs_of(carried, MACH_PORT_RIGHT_SEND), 0);
	EQUAL(status_of(carried).mps_srights, 0);
	CHECK(queue_empty(dest));
	EQUAL(status_of(dest).mps_seqno, 1);
	tear_down();
}

/* A notification has no message behind it: one that was destroyed is not taken for one that was left. */
static void
a_notification_too_large_leaves_its_set(void)
{
	mach_port_t once, set;

	set_up();
	once = new_send_once(dest);
	set = new_set();
	OK(mach_port_move_member(SELF, dest, set));
	drop_port(once);
	EQUAL(message_receive_room(&r, set, 40, MACH_RCV_LARGE), MACH_RCV_TOO_LARGE);
	EQUAL(message_receive_room(&r, set, 40, 0), MACH_RCV_TOO_LARGE);
	EQUAL(r.head.msgh_id, MACH_NOTIFY_SEND_ONCE);
	EQUAL(message_receive(&r, set, 0), MACH_RCV_TIMED_OUT);
	OK(send_word(dest, 9, 0));
	EQUAL(next_id(set), 9);
	drop_port(set);
	tear_down();
}

static void
receive_into_a_bad_buffer_releases_everything(void)
{
	unsigned names;

	set_up();
	names = name_count();
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 43);
	put_port(&m, 0, carried, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	OK(message_send(&m, 40, 0));
	EQUAL(mach_msg((mach_msg_header_t *)64, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 1000, dest, 0,
		      0),
		MACH_RCV_INVALID_DATA);
	EQUAL(name_count(), names);
	EQUAL(next_id(reply), MACH_NOTIFY_SEND_ONCE);
	EQUAL(next_id(carried), MACH_NOTIFY_SEND_ONCE);
	tear_down();
}

static void
set_name_limit(uint32_t names)
{
	struct task_limits limits = {.port_names = names};

	OK(task_set_limits(startup_info->host, SELF, &limits));
}

static void
receive_header_error(void)
{
	set_up();
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 44);
	put_port(&m, 0, carried, MACH_MSG_TYPE_COPY_SEND);
	OK(message_send(&m, 40, 0));
	set_name_limit(name_count());
	EQUAL(message_receive(&r, dest, 0), MACH_RCV_HEADER_ERROR);
	set_name_limit(100000);
	EQUAL(r.head.msgh_id, 44);
	EQUAL(r.head.msgh_remote_port, MACH_PORT_NULL);
	EQUAL(next_id(reply), MACH_NOTIFY_SEND_ONCE);
	EQUAL(refs_of(carried, MACH_PORT_RIGHT_SEND), 1);
	CHECK(queue_empty(dest));
	tear_down();
}

static void
receive_body_error(void)
{
	mach_port_t array[2];

	set_up();
	array[0] = array[1] = carried;
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 45);
	put_port(&m, 0, carried, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	put_port(&m, 1, carried, MACH_MSG_TYPE_COPY_SEND);
	put_ports(&m, 2, array, 2, MACH_MSG_TYPE_MAKE_SEND_ONCE, false);
	OK(message_send(&m, 24 + 48, 0));
	set_name_limit(name_count());
	EQUAL(message_receive(&r, dest, 0), MACH_RCV_BODY_ERROR);
	set_name_limit(100000);
	EQUAL(r.head.msgh_id, 45);
	EQUAL(r.descriptors[0].port.name, MACH_PORT_NULL);
	EQUAL(r.descriptors[1].port.name, carried);
	EQUAL(((mach_port_t *)r.descriptors[2].ool_ports.address)[0], MACH_PORT_NULL);
	for (int i = 0; i < 3; i++)
		EQUAL(next_id(carried), MACH_NOTIFY_SEND_ONCE);
	message_release(&r);
	tear_down();
}

static void
over_budget_is_no_buffer_or_a_notification(void)
{
	struct task_limits limits = {0};
	struct task_info info;
	mach_port_t once;
	unsigned sent = 0;

	set_up();
	OK(mach_port_set_qlimit(SELF, dest, 1024));
	once = new_send_once(reply);
	OK(task_info(SELF, &info));
	limits.kernel_memory = info.kernel_memory + 60000;
	OK(task_set_limits(startup_info->host, SELF, &limits));
	for (unsigned i = 0; i < 20; i++) {	/* what is not sent is not charged */
		message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
		put_port(&m, 0, 0x77777700, MACH_MSG_TYPE_COPY_SEND);
		EQUAL(message_send(&m, 8000, 0), MACH_SEND_INVALID_RIGHT);
	}
	message_init(&m, dest, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	while (sent < 100 && message_send(&m, 8000, 0) == MACH_MSG_SUCCESS)
		sent++;
	CHECK(sent >= 3 && sent < 9);
	EQUAL(message_send(&m, 8000, 0), MACH_SEND_NO_BUFFER);
	EQUAL(refs_of(dest, MACH_PORT_RIGHT_SEND), 1);
	EQUAL(next_id(dest), 1);		/* what is received is given back */
	OK(message_send(&m, 8000, 0));
	message_init(&m, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, 77);
	OK(message_send(&m, 8000, 0));
	EQUAL(type_of(once), 0);
	EQUAL(next_id(reply), MACH_NOTIFY_SEND_ONCE);
	limits.kernel_memory = 1ull << 40;
	OK(task_set_limits(startup_info->host, SELF, &limits));
	for (unsigned i = 0; i < sent; i++)
		EQUAL(next_id(dest), 1);
	CHECK(queue_empty(dest));
	tear_down();
}

static void
bad_options_do_nothing(void)
{
	set_up();
	moving_message();
	EQUAL(mach_msg(&m.head, MACH_SEND_MSG | 0x4, 40, 0, 0, 0, 0), KERN_INVALID_ARGUMENT);
	EQUAL(mach_msg(&m.head, MACH_SEND_MSG, 40, 0, 0, 0, reply), KERN_INVALID_ARGUMENT);
	EQUAL(mach_msg(&m.head, 0, 40, 0, 0, 0, 0), MACH_MSG_SUCCESS);
	nothing_happened();
	tear_down();
}

static void
a_send_error_skips_the_receive(void)
{
	set_up();
	OK(send_word(reply, 3, 0));
	message_init(&m, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	EQUAL(mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, 24, sizeof(m), reply, 0, 0),
		MACH_SEND_INVALID_DEST);
	EQUAL(next_id(reply), 3);
	tear_down();
}

int
main(void)
{
	check_begin();
	RULE(send_msg_too_small);
	RULE(send_too_large);
	RULE(send_invalid_data);
	RULE(send_invalid_header);
	RULE(send_invalid_dest);
	RULE(send_invalid_reply);
	RULE(a_dead_reply_name_is_legal);
	RULE(send_invalid_right);
	RULE(send_invalid_right_in_an_array);
	RULE(send_invalid_type);
	RULE(send_invalid_memory);
	RULE(a_destroyed_send_once_right_still_yields_a_message);
	RULE(send_timed_out_gives_everything_back);
	RULE(send_timed_out_after_a_wait);
	RULE(receive_codes_that_take_nothing);
	RULE(receive_too_large_with_large_stays);
	RULE(receive_too_large_without_large_is_destroyed);
	RULE(a_notification_too_large_leaves_its_set);
	RULE(receive_into_a_bad_buffer_releases_everything);
	RULE(receive_header_error);
	RULE(receive_body_error);
	RULE(over_budget_is_no_buffer_or_a_notification);
	RULE(bad_options_do_nothing);
	RULE(a_send_error_skips_the_receive);
	check_end();
}
