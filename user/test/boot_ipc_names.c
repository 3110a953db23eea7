/*
 * MACH.md section 2: names and rights; every row of its table but notifications.
 */
#include "ipc_check.h"

#define SELF mach_task_self()

static void
names_are_legal_and_generations_change(void)
{
	mach_port_t first = new_port(), name;

	CHECK(MACH_PORT_INDEX(first) != 0 && first < MACH_PORT_NAME_RESERVED);
	drop_port(first);
	EQUAL(type_of(first), 0);
	for (int i = 0; i < 1000; i++) {
		name = new_port();
		CHECK(name != first);
		CHECK(MACH_PORT_INDEX(name) != 0 && name < MACH_PORT_NAME_RESERVED);
		drop_port(name);
	}
	EQUAL(mach_port_deallocate(SELF, first), KERN_INVALID_NAME);
}

static void
allocate_makes_the_three_kinds(void)
{
	mach_port_t port = new_port(), set = new_set(), dead = new_dead(), none = 77;

	EQUAL(type_of(port), MACH_PORT_TYPE_RECEIVE);
	EQUAL(type_of(set), MACH_PORT_TYPE_PORT_SET);
	EQUAL(type_of(dead), MACH_PORT_TYPE_DEAD_NAME);
	EQUAL(refs_of(dead, MACH_PORT_RIGHT_DEAD_NAME), 1);
	EQUAL(mach_port_allocate(SELF, MACH_PORT_RIGHT_SEND, &none), KERN_INVALID_VALUE);
	EQUAL(mach_port_allocate(SELF, MACH_PORT_RIGHT_SEND_ONCE, &none), KERN_INVALID_VALUE);
	EQUAL(mach_port_allocate(SELF, 5, &none), KERN_INVALID_VALUE);
	EQUAL(none, 77);
	EQUAL(mach_port_allocate(MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE, &none),
		KERN_INVALID_TASK);
	EQUAL(mach_port_allocate(port, MACH_PORT_RIGHT_RECEIVE, &none), KERN_INVALID_TASK);
	drop_port(port), drop_port(set), drop_port(dead);
}

static void
allocate_to_a_bad_address_leaves_no_name(void)
{
	unsigned before = name_count();

	EQUAL(mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, (mach_port_t *)8),
		KERN_INVALID_ADDRESS);
	EQUAL(mach_port_allocate(
		      SELF, MACH_PORT_RIGHT_PORT_SET, (mach_port_t *)0xffff800000000000ull),
		KERN_INVALID_ADDRESS);
	EQUAL(name_count(), before);
}

static void
allocate_name_gives_that_name(void)
{
	mach_port_t name = MACH_PORT_MAKE(300, 42);

	OK(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, name));
	EQUAL(type_of(name), MACH_PORT_TYPE_RECEIVE);
	EQUAL(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, name), KERN_NAME_EXISTS);
	EQUAL(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_MAKE(300, 43)),
		KERN_NAME_EXISTS);
	EQUAL(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_NULL),
		KERN_INVALID_VALUE);
	EQUAL(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, 0x7f), KERN_INVALID_VALUE);
	EQUAL(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_DEAD),
		KERN_INVALID_VALUE);
	EQUAL(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_TASK_SELF),
		KERN_INVALID_VALUE);
	EQUAL(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_SEND, name), KERN_INVALID_VALUE);
	EQUAL(mach_port_allocate_name(SELF, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_MAKE(0xfffffe, 0)),
		KERN_RESOURCE_SHORTAGE);
	drop_port(name);
	EQUAL(type_of(name), 0);
}

static void
send_and_receive_share_a_name(void)
{
	mach_port_t port = new_port(), name;
	uint32_t type;

	OK(mach_port_extract_right(SELF, port, MACH_MSG_TYPE_MAKE_SEND, &name, &type));
	EQUAL(name, port);
	EQUAL(type, MACH_MSG_TYPE_PORT_SEND);
	EQUAL(type_of(port), MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND);
	OK(mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_MAKE_SEND));
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 2);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_RECEIVE), 1);
	OK(mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_COPY_SEND));
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 3);
	EQUAL(status_of(port).mps_mscount, 2);
	drop_port(port);
}

static void
each_send_once_right_has_its_own_name(void)
{
	mach_port_t port = new_port(), one = new_send_once(port), two = new_send_once(port);

	CHECK(one != two && one != port && two != port);
	EQUAL(type_of(one), MACH_PORT_TYPE_SEND_ONCE);
	EQUAL(refs_of(one, MACH_PORT_RIGHT_SEND_ONCE), 1);
	EQUAL(status_of(port).mps_sorights, 2);
	drop_port(port);
	EQUAL(type_of(one), MACH_PORT_TYPE_DEAD_NAME);
	EQUAL(refs_of(one, MACH_PORT_RIGHT_DEAD_NAME), 1);
	drop_port(one), drop_port(two);
}

static void
deallocate_takes_one_reference(void)
{
	mach_port_t port = new_send(), dead = new_dead(), once;

	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, 1));
	OK(mach_port_deallocate(SELF, port));
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 1);
	OK(mach_port_deallocate(SELF, port));
	EQUAL(type_of(port), MACH_PORT_TYPE_RECEIVE);
	EQUAL(mach_port_deallocate(SELF, port), KERN_INVALID_RIGHT);
	once = new_send_once(port);
	OK(mach_port_deallocate(SELF, once));
	EQUAL(type_of(once), 0);
	EQUAL(next_id(port), MACH_NOTIFY_SEND_ONCE);
	OK(mach_port_mod_refs(SELF, dead, MACH_PORT_RIGHT_DEAD_NAME, 1));
	OK(mach_port_deallocate(SELF, dead));
	EQUAL(refs_of(dead, MACH_PORT_RIGHT_DEAD_NAME), 1);
	OK(mach_port_deallocate(SELF, dead));
	EQUAL(mach_port_deallocate(SELF, dead), KERN_INVALID_NAME);
	EQUAL(mach_port_deallocate(SELF, MACH_PORT_NULL), KERN_INVALID_NAME);
	drop_port(port);
}

static void
deallocate_refuses_sets_and_ignores_constants(void)
{
	mach_port_t set = new_set();

	EQUAL(mach_port_deallocate(SELF, set), KERN_INVALID_RIGHT);
	for (int i = 0; i < 3; i++) {
		OK(mach_port_deallocate(SELF, mach_task_self()));
		OK(mach_port_deallocate(SELF, mach_host_self()));
	}
	CHECK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &(mach_port_t){0}) ==
		KERN_SUCCESS);
	drop_port(set);
}

static void
destroy_takes_everything(void)
{
	mach_port_t port = new_send(), set = new_set(), dead = new_dead();

	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, 5));
	OK(mach_port_destroy(SELF, port));
	EQUAL(type_of(port), 0);
	OK(mach_port_mod_refs(SELF, dead, MACH_PORT_RIGHT_DEAD_NAME, 5));
	OK(mach_port_destroy(SELF, dead));
	EQUAL(type_of(dead), 0);
	OK(mach_port_destroy(SELF, set));
	EQUAL(mach_port_destroy(SELF, set), KERN_INVALID_NAME);
}

static void
mod_refs_checks_its_bounds(void)
{
	mach_port_t port = new_send(), dead = new_dead();

	EQUAL(mach_port_mod_refs(SELF, port, 5, 1), KERN_INVALID_VALUE);
	EQUAL(mach_port_mod_refs(SELF, dead + 0x100000, MACH_PORT_RIGHT_SEND, 1),
		KERN_INVALID_NAME);
	EQUAL(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND_ONCE, 1), KERN_INVALID_RIGHT);
	EQUAL(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_DEAD_NAME, 1), KERN_INVALID_RIGHT);
	EQUAL(mach_port_mod_refs(SELF, dead, MACH_PORT_RIGHT_SEND, 1), KERN_INVALID_RIGHT);
	EQUAL(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, -2), KERN_INVALID_VALUE);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 1);
	EQUAL(mach_port_mod_refs(SELF, dead, MACH_PORT_RIGHT_DEAD_NAME, -2), KERN_INVALID_VALUE);
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, 0));
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, -1));
	EQUAL(type_of(port), MACH_PORT_TYPE_RECEIVE);
	EQUAL(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, 1), KERN_INVALID_RIGHT);
	drop_port(port), drop_port(dead);
}

static void
receive_rights_and_sets_only_go_by_one(void)
{
	mach_port_t port = new_send(), set = new_set();

	EQUAL(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, 1), KERN_INVALID_VALUE);
	EQUAL(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, -2), KERN_INVALID_VALUE);
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, 0));
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EQUAL(type_of(port), MACH_PORT_TYPE_DEAD_NAME);
	EQUAL(mach_port_mod_refs(SELF, set, MACH_PORT_RIGHT_PORT_SET, 1), KERN_INVALID_VALUE);
	OK(mach_port_mod_refs(SELF, set, MACH_PORT_RIGHT_PORT_SET, -1));
	EQUAL(type_of(set), 0);
	drop_port(port);
}

static void
send_once_minus_one_notifies(void)
{
	mach_port_t port = new_port(), once = new_send_once(port);

	EQUAL(mach_port_mod_refs(SELF, once, MACH_PORT_RIGHT_SEND_ONCE, 1), KERN_INVALID_VALUE);
	OK(mach_port_mod_refs(SELF, once, MACH_PORT_RIGHT_SEND_ONCE, -1));
	EQUAL(next_id(port), MACH_NOTIFY_SEND_ONCE);
	CHECK(queue_empty(port));
	EQUAL(status_of(port).mps_sorights, 0);
	drop_port(port);
}

static void
references_stick_or_overflow(void)
{
	mach_port_t port = new_send();
	struct message m;

	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, MACH_PORT_UREFS_MAX - 1));
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), MACH_PORT_UREFS_MAX);
	EQUAL(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, 1), KERN_UREFS_OVERFLOW);
	EQUAL(mach_port_insert_right(SELF, port, port, MACH_MSG_TYPE_MAKE_SEND),
		KERN_UREFS_OVERFLOW);
	EQUAL(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, 0x7fffffff),
		KERN_UREFS_OVERFLOW);
	message_init(&m, port, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_port(&m, 0, port, MACH_MSG_TYPE_COPY_SEND);
	OK(message_send(&m, 40, 0));
	OK(message_receive(&m, port, 0));
	EQUAL(m.descriptors[0].port.name, port);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), MACH_PORT_UREFS_MAX);
	drop_port(port);
}

static void
get_refs_wants_the_right_to_be_there(void)
{
	mach_port_t port = new_port();
	mach_port_urefs_t refs = 99;

	EQUAL(mach_port_get_refs(SELF, port, MACH_PORT_RIGHT_SEND, &refs), KERN_INVALID_RIGHT);
	EQUAL(mach_port_get_refs(SELF, port, 9, &refs), KERN_INVALID_VALUE);
	EQUAL(mach_port_get_refs(SELF, port + 0x100000, MACH_PORT_RIGHT_SEND, &refs),
		KERN_INVALID_NAME);
	EQUAL(refs, 99);
	EQUAL(mach_port_get_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, (mach_port_urefs_t *)16),
		KERN_INVALID_ADDRESS);
	drop_port(port);
}

static void
insert_right_tells_its_errors_apart(void)
{
	mach_port_t port = new_send(), other = new_port(), dead = new_dead(),
		    free_name = MACH_PORT_MAKE(200, 9);

	EQUAL(mach_port_insert_right(SELF, other, port, MACH_MSG_TYPE_MAKE_SEND), KERN_NAME_EXISTS);
	EQUAL(mach_port_insert_right(SELF, free_name, port, MACH_MSG_TYPE_COPY_SEND),
		KERN_RIGHT_EXISTS);
	EQUAL(mach_port_insert_right(SELF, free_name, dead, MACH_MSG_TYPE_COPY_SEND),
		KERN_INVALID_CAPABILITY);
	EQUAL(mach_port_insert_right(SELF, free_name, MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND),
		KERN_INVALID_CAPABILITY);
	EQUAL(mach_port_insert_right(SELF, free_name, MACH_PORT_DEAD, MACH_MSG_TYPE_COPY_SEND),
		KERN_INVALID_CAPABILITY);
	EQUAL(mach_port_insert_right(SELF, free_name, other, MACH_MSG_TYPE_COPY_SEND),
		KERN_INVALID_RIGHT);
	EQUAL(mach_port_insert_right(SELF, free_name, 0x12345600, MACH_MSG_TYPE_COPY_SEND),
		KERN_INVALID_RIGHT);
	EQUAL(mach_port_insert_right(SELF, free_name, port, 99), KERN_INVALID_VALUE);
	EQUAL(mach_port_insert_right(SELF, MACH_PORT_NULL, port, MACH_MSG_TYPE_COPY_SEND),
		KERN_INVALID_VALUE);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 1);
	EQUAL(status_of(port).mps_mscount, 1);
	OK(mach_port_insert_right(SELF, free_name, port, MACH_MSG_TYPE_MAKE_SEND_ONCE));
	EQUAL(type_of(free_name), MACH_PORT_TYPE_SEND_ONCE);
	drop_port(free_name), drop_port(port), drop_port(other), drop_port(dead);
}

static void
insert_right_moves_to_another_name(void)
{
	mach_port_t port = new_port(), name = MACH_PORT_MAKE(201, 3);

	OK(send_once_word(new_send_once(port), 5, 0));
	OK(mach_port_insert_right(SELF, name, port, MACH_MSG_TYPE_MOVE_RECEIVE));
	EQUAL(type_of(port), 0);
	EQUAL(type_of(name), MACH_PORT_TYPE_RECEIVE);
	EQUAL(next_id(name), 5);
	drop_port(name);
}

static void
extract_right_tells_its_errors_apart(void)
{
	mach_port_t port = new_port(), dead = new_dead(), name = 0;
	uint32_t type = 0;

	EQUAL(mach_port_extract_right(SELF, port, MACH_MSG_TYPE_COPY_SEND, &name, &type),
		KERN_INVALID_RIGHT);
	EQUAL(mach_port_extract_right(SELF, port + 0x100000, MACH_MSG_TYPE_MAKE_SEND, &name, &type),
		KERN_INVALID_NAME);
	EQUAL(mach_port_extract_right(SELF, port, 15, &name, &type), KERN_INVALID_VALUE);
	EQUAL(mach_port_extract_right(SELF, dead, MACH_MSG_TYPE_COPY_SEND, &name, &type),
		KERN_INVALID_RIGHT);
	EQUAL(mach_port_extract_right(SELF, port, MACH_MSG_TYPE_MAKE_SEND, (mach_port_t *)8, &type),
		KERN_INVALID_ADDRESS);
	EQUAL(type_of(port), MACH_PORT_TYPE_RECEIVE);
	drop_port(port), drop_port(dead);
}

static void
type_names_and_status_look(void)
{
	mach_port_t names[256], port = new_send(), set = new_set();
	mach_port_type_t types[256], type;
	uint32_t count = 256, all, found = 0;
	struct mach_port_status status;

	EQUAL(mach_port_type(SELF, port + 0x100000, &type), KERN_INVALID_NAME);
	OK(mach_port_type(SELF, mach_task_self(), &type));
	EQUAL(type, MACH_PORT_TYPE_SEND);
	OK(mach_port_names(SELF, names, types, &count));
	EQUAL(count, name_count());
	for (uint32_t i = 0; i < count; i++)
		found += (names[i] == port &&
				 types[i] == (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)) ||
			 (names[i] == set && types[i] == MACH_PORT_TYPE_PORT_SET);
	EQUAL(found, 2);
	all = count;
	count = 1;
	EQUAL(mach_port_names(SELF, names, types, &count), KERN_NO_SPACE);
	EQUAL(count, all);
	EQUAL(mach_port_get_receive_status(SELF, set, &status), KERN_INVALID_RIGHT);
	EQUAL(mach_port_get_receive_status(SELF, port + 0x100000, &status), KERN_INVALID_NAME);
	drop_port(port), drop_port(set);
}

static void
status_counts(void)
{
	mach_port_t port = new_send(), set = new_set(), once = new_send_once(port), previous;
	struct mach_port_status status;

	OK(mach_port_move_member(SELF, port, set));
	OK(send_word(port, 1, 0));
	OK(send_word(port, 2, 0));
	OK(mach_port_request_notification(SELF, port, MACH_NOTIFY_NO_SENDERS, 0, port,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	status = status_of(port);
	EQUAL(status.mps_pset, set);
	EQUAL(status.mps_seqno, 0);
	EQUAL(status.mps_mscount, 1);
	EQUAL(status.mps_qlimit, MACH_PORT_QLIMIT_DEFAULT);
	EQUAL(status.mps_msgcount, 2);
	EQUAL(status.mps_sorights, 2);
	EQUAL(status.mps_srights != 0, 1);
	EQUAL(status.mps_pdrequest, 0);
	EQUAL(status.mps_nsrequest != 0, 1);
	EQUAL(next_id(set), 1);
	EQUAL(status_of(port).mps_seqno, 1);
	drop_port(port), drop_port(set), drop_port(once);
}

static void
qlimit_has_a_range(void)
{
	mach_port_t port = new_port(), set = new_set();

	EQUAL(mach_port_set_qlimit(SELF, port, 0), KERN_INVALID_VALUE);
	EQUAL(mach_port_set_qlimit(SELF, port, 1025), KERN_INVALID_VALUE);
	OK(mach_port_set_qlimit(SELF, port, 1024));
	EQUAL(status_of(port).mps_qlimit, 1024);
	OK(mach_port_set_qlimit(SELF, port, 1));
	EQUAL(mach_port_set_qlimit(SELF, set, 5), KERN_INVALID_RIGHT);
	EQUAL(mach_port_set_qlimit(SELF, 0x4444, 5), KERN_INVALID_NAME);
	drop_port(port), drop_port(set);
}

static void
move_member_rules(void)
{
	mach_port_t port = new_send(), one = new_set(), two = new_set();
	struct message m;

	EQUAL(mach_port_move_member(SELF, port, MACH_PORT_NULL), KERN_NOT_IN_SET);
	OK(mach_port_move_member(SELF, port, one));
	EQUAL(message_receive(&m, port, 0), MACH_RCV_IN_SET);
	EQUAL(message_receive(&m, one, 0), MACH_RCV_TIMED_OUT);
	OK(send_word(port, 7, 0));
	OK(mach_port_move_member(SELF, port, two));
	EQUAL(message_receive(&m, one, 0), MACH_RCV_TIMED_OUT);
	OK(message_receive(&m, two, 0));
	EQUAL(m.head.msgh_local_port, port);
	OK(mach_port_move_member(SELF, port, two));
	OK(mach_port_move_member(SELF, port, MACH_PORT_NULL));
	EQUAL(message_receive(&m, port, 0), MACH_RCV_TIMED_OUT);
	EQUAL(mach_port_move_member(SELF, one, two), KERN_INVALID_RIGHT);
	EQUAL(mach_port_move_member(SELF, port, port), KERN_INVALID_RIGHT);
	EQUAL(mach_port_move_member(SELF, port, 0x4444), KERN_INVALID_NAME);
	EQUAL(mach_port_move_member(SELF, 0x4444, one), KERN_INVALID_NAME);
	drop_port(port), drop_port(one), drop_port(two);
}

static void
a_set_goes_and_its_members_stay(void)
{
	mach_port_t ports[3], set = new_set();

	for (int i = 0; i < 3; i++) {
		ports[i] = new_send();
		OK(mach_port_move_member(SELF, ports[i], set));
		OK(send_word(ports[i], i, 0));
	}
	drop_port(set);
	for (int i = 0; i < 3; i++) {
		EQUAL(status_of(ports[i]).mps_pset, MACH_PORT_NULL);
		EQUAL(next_id(ports[i]), i);
		drop_port(ports[i]);
	}
}

static void
port_death_makes_dead_names(void)
{
	mach_port_t port = new_send(), once = new_send_once(port);

	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_SEND, 6));
	OK(mach_port_mod_refs(SELF, port, MACH_PORT_RIGHT_RECEIVE, -1));
	EQUAL(type_of(port), MACH_PORT_TYPE_DEAD_NAME);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_DEAD_NAME), 7);
	EQUAL(type_of(once), MACH_PORT_TYPE_DEAD_NAME);
	EQUAL(send_word(port, 1, 0), MACH_SEND_INVALID_DEST);
	drop_port(port), drop_port(once);
}

static void
thread_self_is_a_real_name(void)
{
	unsigned before = name_count();
	mach_port_t self = mach_thread_self();

	EQUAL(type_of(self), MACH_PORT_TYPE_SEND);
	CHECK(refs_of(self, MACH_PORT_RIGHT_SEND) >= 1);
	OK(mach_port_deallocate(SELF, self));
	EQUAL(name_count(), before);
}

static void
names_return_to_where_they_were(void)
{
	enum { N = 2000 };
	static mach_port_t names[N];
	unsigned before = name_count();

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < N; i++)
			names[i] = i % 2 ? new_send() : new_port();
		for (int i = 0; i < N; i++)
			drop_port(names[(i * 7) % N]);
	}
	EQUAL(name_count(), before);
}

int
main(void)
{
	check_begin();
	RULE(names_are_legal_and_generations_change);
	RULE(allocate_makes_the_three_kinds);
	RULE(allocate_to_a_bad_address_leaves_no_name);
	RULE(allocate_name_gives_that_name);
	RULE(send_and_receive_share_a_name);
	RULE(each_send_once_right_has_its_own_name);
	RULE(deallocate_takes_one_reference);
	RULE(deallocate_refuses_sets_and_ignores_constants);
	RULE(destroy_takes_everything);
	RULE(mod_refs_checks_its_bounds);
	RULE(receive_rights_and_sets_only_go_by_one);
	RULE(send_once_minus_one_notifies);
	RULE(references_stick_or_overflow);
	RULE(get_refs_wants_the_right_to_be_there);
	RULE(insert_right_tells_its_errors_apart);
	RULE(insert_right_moves_to_another_name);
	RULE(extract_right_tells_its_errors_apart);
	RULE(type_names_and_status_look);
	RULE(status_counts);
	RULE(qlimit_has_a_range);
	RULE(move_member_rules);
	RULE(a_set_goes_and_its_members_stay);
	RULE(port_death_makes_dead_names);
	RULE(thread_self_is_a_real_name);
	RULE(names_return_to_where_they_were);
	check_end();
}
