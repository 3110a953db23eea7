/*
 * MACH.md section 2, between tasks: rights given and taken through task ports, inheritance of
 * rights, what the death of a task does.
 */
#include "ipc_check.h"
#include "threads.h"

#define SELF mach_task_self()

static struct message m, r;

static void
rights_go_into_another_task(void)
{
	mach_port_t port = new_send(), name = MACH_PORT_MAKE(40, 7);
	task_t child = child_create(false);
	mach_port_type_t type;

	OK(mach_port_insert_right(child, name, port, MACH_MSG_TYPE_COPY_SEND));
	OK(mach_port_type(child, name, &type));
	EQUAL(type, MACH_PORT_TYPE_SEND);
	EQUAL(mach_port_insert_right(child, MACH_PORT_MAKE(41, 7), port, MACH_MSG_TYPE_COPY_SEND),
		KERN_RIGHT_EXISTS);
	OK(mach_port_insert_right(child, name, port, MACH_MSG_TYPE_MAKE_SEND));
	OK(mach_port_deallocate(child, name));
	OK(mach_port_deallocate(child, name));
	EQUAL(mach_port_type(child, name, &type), KERN_INVALID_NAME);
	OK(mach_port_insert_right(child, name, mach_task_self(),
		MACH_MSG_TYPE_COPY_SEND)); /* resolved in the caller */
	OK(mach_port_type(child, name, &type));
	EQUAL(type, MACH_PORT_TYPE_SEND);
	child_end(child);
	drop_port(port);
}

static void
a_receive_right_goes_into_another_task_with_its_queue(void)
{
	mach_port_t port = new_send(), name = MACH_PORT_MAKE(40, 7), back = 0;
	task_t child = child_create(false);
	struct mach_port_status status;
	uint32_t type = 0;

	OK(send_word(port, 3, 0));
	OK(mach_port_insert_right(child, name, port, MACH_MSG_TYPE_MOVE_RECEIVE));
	EQUAL(type_of(port), MACH_PORT_TYPE_SEND);
	OK(mach_port_get_receive_status(child, name, &status));
	EQUAL(status.mps_msgcount, 1);
	OK(send_word(port, 4, 0));
	OK(mach_port_extract_right(child, name, MACH_MSG_TYPE_MOVE_RECEIVE, &back, &type));
	EQUAL(back, port);
	EQUAL(type, MACH_MSG_TYPE_PORT_RECEIVE);
	EQUAL(next_id(port), 3);
	EQUAL(next_id(port), 4);
	child_end(child);
	drop_port(port);
}

static void
rights_come_out_of_another_task(void)
{
	task_t child = child_create(false);
	mach_port_t name = 0, send = 0, once = 0;
	uint32_t type = 0;

	OK(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &name));
	OK(mach_port_extract_right(child, name, MACH_MSG_TYPE_MAKE_SEND, &send, &type));
	EQUAL(type_of(send), MACH_PORT_TYPE_SEND);
	EQUAL(type, MACH_MSG_TYPE_PORT_SEND);
	OK(mach_port_extract_right(child, name, MACH_MSG_TYPE_MAKE_SEND_ONCE, &once, &type));
	EQUAL(type_of(once), MACH_PORT_TYPE_SEND_ONCE);
	child_end(child);
	EQUAL(type_of(send), MACH_PORT_TYPE_DEAD_NAME);
	EQUAL(type_of(once), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(send), drop_port(once);
}

/* A constant stands for what the caller is; in another task's space it is no name, so a server that looks there gives nothing of its own away. */
static void
constants_do_not_come_out_of_another_task(void)
{
	task_t child = child_create(false);
	mach_port_t out = 0;
	uint32_t type = 0;

	EQUAL(mach_port_extract_right(child, MACH_PORT_TASK_SELF, MACH_MSG_TYPE_COPY_SEND, &out, &type), KERN_INVALID_NAME);
	EQUAL(mach_port_extract_right(child, MACH_PORT_HOST_SELF, MACH_MSG_TYPE_COPY_SEND, &out, &type), KERN_INVALID_NAME);
	EQUAL(mach_port_extract_right(MACH_PORT_NULL, MACH_PORT_TASK_SELF, MACH_MSG_TYPE_COPY_SEND, &out, &type), KERN_INVALID_TASK);
	EQUAL(out, MACH_PORT_NULL);
	OK(mach_port_extract_right(SELF, MACH_PORT_TASK_SELF, MACH_MSG_TYPE_COPY_SEND, &out, &type));
	EQUAL(type_of(out), MACH_PORT_TYPE_SEND);
	child_end(child);
	OK(mach_port_deallocate(SELF, out));
}

static void
inherited_rights_keep_name_and_references(void)
{
	task_t child, server = child_create(false);
	mach_port_t home = 0, pure = 0, dead = new_dead(), both = new_send(), set = new_set(),
		    once = new_send_once(both), freed = new_port();
	mach_port_urefs_t refs = 0;
	mach_port_type_t type;
	struct mach_port_status before, after;
	uint32_t ignored;

	OK(mach_port_allocate(server, MACH_PORT_RIGHT_RECEIVE, &home));
	OK(mach_port_extract_right(server, home, MACH_MSG_TYPE_MAKE_SEND, &pure, &ignored));
	OK(mach_port_mod_refs(SELF, pure, MACH_PORT_RIGHT_SEND, 4));
	OK(mach_port_mod_refs(SELF, dead, MACH_PORT_RIGHT_DEAD_NAME, 2));
	drop_port(freed);
	OK(mach_port_get_receive_status(server, home, &before));
	child = child_create(true);
	OK(mach_port_get_receive_status(server, home, &after));
	EQUAL(after.mps_mscount, before.mps_mscount);
	OK(mach_port_get_refs(child, pure, MACH_PORT_RIGHT_SEND, &refs));
	EQUAL(refs, 5);
	OK(mach_port_get_refs(child, dead, MACH_PORT_RIGHT_DEAD_NAME, &refs));
	EQUAL(refs, 3);
	/* what is not inherited is a stale name there */
	EQUAL(mach_port_type(child, both, &type), KERN_INVALID_NAME);
	EQUAL(mach_port_type(child, set, &type), KERN_INVALID_NAME);
	EQUAL(mach_port_type(child, once, &type), KERN_INVALID_NAME);
	/*
	 * generations: the child's next name in such a slot is not the parent's name, nor is a
	 * freed one
	 */
	for (int i = 0; i < 200; i++) {
		mach_port_t fresh = 0;

		OK(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &fresh));
		CHECK(fresh != both && fresh != set && fresh != once && fresh != freed &&
			fresh != pure && fresh != dead);
	}
	/* the child's rights count */
	OK(mach_port_mod_refs(SELF, pure, MACH_PORT_RIGHT_SEND, -5));
	OK(mach_port_get_receive_status(server, home, &after));
	EQUAL(after.mps_srights != 0, 1);
	child_end(child);
	OK(mach_port_get_receive_status(server, home, &after));
	EQUAL(after.mps_srights, 0);
	child_end(server);
	drop_port(dead), drop_port(both), drop_port(set), drop_port(once);
}

static void
without_the_flag_nothing_is_inherited(void)
{
	task_t child = child_create(false);
	uint32_t count = 0;

	mach_port_names(child, NULL, NULL, &count);
	EQUAL(count, 0);
	child_end(child);
}

static void
death_releases_every_name(void)
{
	task_t child = child_create(false);
	mach_port_t port = new_send(), send = 0, box = new_port(), home = 0, previous, once;
	uint32_t type;

	OK(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &home));
	OK(mach_port_extract_right(child, home, MACH_MSG_TYPE_MAKE_SEND, &send, &type));
	OK(mach_port_request_notification(SELF, send, MACH_NOTIFY_DEAD_NAME, 0, box,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	OK(mach_port_insert_right(child, MACH_PORT_MAKE(50, 1), port, MACH_MSG_TYPE_MOVE_SEND));
	OK(mach_port_insert_right(
		child, MACH_PORT_MAKE(51, 1), port, MACH_MSG_TYPE_MAKE_SEND_ONCE));
	once = new_send_once(port);
	message_init(&m, send, MACH_MSG_TYPE_COPY_SEND, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, 1);
	OK(message_send(&m, 24, 0));
	OK(mach_port_request_notification(SELF, port, MACH_NOTIFY_NO_SENDERS, 0, box,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	OK(mach_port_request_notification(SELF, child, MACH_NOTIFY_DEAD_NAME, 0, box,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	OK(task_terminate(child));
	for (int i = 0; i < 3; i++)
		OK(message_receive(&r, box, 1000));
	/* the task port dies last: its dead name is the death signal */
	EQUAL(r.head.msgh_id, MACH_NOTIFY_DEAD_NAME);
	EQUAL(r.words[0], child);
	EQUAL(next_id(port), MACH_NOTIFY_SEND_ONCE);
	EQUAL(next_id(port), MACH_NOTIFY_SEND_ONCE);
	CHECK(queue_empty(port));
	EQUAL(type_of(send), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(child), drop_port(port), drop_port(send), drop_port(box);
}

static void
wait_for_ever(void *argument)
{
	static struct message e;

	mach_msg(&e.head, MACH_RCV_MSG, 0, sizeof(e), (mach_port_t)(uintptr_t)argument, 0, 0);
	task_terminate(mach_task_self());
}

static void
a_dying_task_takes_no_traps(void)
{
	task_t child = child_create(false);
	mach_port_t home = 0, name = 0;

	/* A thread that has to run to come to its end: with one CPU not before this one waits. */
	OK(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &home));
	child_run(child, wait_for_ever, (void *)(uintptr_t)home);
	settle();
	OK(task_terminate(child));
	EQUAL(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &name), KERN_INVALID_TASK);
	EQUAL(task_suspend(child), KERN_INVALID_TASK);
	child_wait(child);
	EQUAL(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &name), KERN_INVALID_TASK);
}

static void
echo(void *argument)
{
	mach_port_t port = (mach_port_t)(uintptr_t)argument;
	static struct message e;

	for (;;) {
		OK(mach_msg(&e.head, MACH_RCV_MSG, 0, sizeof(e), port, 0, 0));
		if (e.head.msgh_id == 0)
			task_terminate(mach_task_self());
		e.head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(e.head.msgh_bits), 0);
		e.head.msgh_local_port = MACH_PORT_NULL;
		e.head.msgh_descriptor_count = 0;
		e.head.msgh_id++;
		e.words[0] += 5;
		OK(mach_msg(&e.head, MACH_SEND_MSG, 32, 0, 0, 0, 0));
	}
}

/* The same in one trap, which the fast path may carry out. */
static void
echo_at_once(void *argument)
{
	static struct message e;
	mach_msg_option_t option = MACH_RCV_MSG;

	while (mach_msg(&e.head, option, 32, sizeof(e), (mach_port_t)(uintptr_t)argument, 0, 0) == MACH_MSG_SUCCESS) {
		e.head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(e.head.msgh_bits), 0);
		e.head.msgh_local_port = MACH_PORT_NULL;
		option = MACH_SEND_MSG | MACH_RCV_MSG;
	}
	task_terminate(mach_task_self());
}

/* A child that answers messages on a port of its own; *send is this task's right to it. */
static task_t
server_start(void (*server)(void *port), mach_port_t *send)
{
	task_t child = child_create(false);
	mach_port_t home = 0;
	uint32_t type;

	OK(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &home));
	OK(mach_port_extract_right(child, home, MACH_MSG_TYPE_MAKE_SEND, send, &type));
	child_run(child, server, (void *)(uintptr_t)home);
	return child;
}

static void
an_rpc_between_tasks(void)
{
	mach_port_t server, reply = new_port();
	task_t child = server_start(echo, &server);

	for (int i = 1; i < 50; i++) {
		message_init(&m, server, MACH_MSG_TYPE_COPY_SEND, reply,
			MACH_MSG_TYPE_MAKE_SEND_ONCE, i);
		m.words[0] = (uint32_t)i * 3;
		OK(mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, 32, sizeof(m), reply, 0, 0));
		EQUAL(m.head.msgh_id, i + 1);
		EQUAL(m.words[0], i * 3 + 5);
		EQUAL(m.head.msgh_local_port, reply);
		EQUAL(m.head.msgh_remote_port, MACH_PORT_NULL);
	}
	EQUAL(status_of(reply).mps_seqno, 49);
	EQUAL(status_of(reply).mps_sorights, 0);
	OK(send_word(server, 0, 0));
	child_wait(child);
	EQUAL(type_of(server), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(server), drop_port(reply);
}

static void
a_server_that_dies_in_an_rpc_wakes_the_client(void)
{
	mach_port_t server, reply = new_port();
	task_t child = server_start(echo, &server);

	message_init(&m, server, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 0);
	OK(mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, 24, sizeof(m), reply, 0, 0));
	EQUAL(m.head.msgh_id, MACH_NOTIFY_SEND_ONCE);
	EQUAL(trailer_of(&m)->msgh_sender.label, 0);
	child_wait(child);
	drop_port(server), drop_port(reply);
}

static void
token_of_an_answer(void (*server_main)(void *port))
{
	mach_port_t server, reply = new_port();
	security_token_t token = {4242, 17, 18};
	task_t child = server_start(server_main, &server);

	OK(task_set_security_token(startup_info->host, child, &token));
	message_init(&m, server, MACH_MSG_TYPE_COPY_SEND, reply, MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
	OK(mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, 32, sizeof(m), reply, 0, 0));
	EQUAL(trailer_of(&m)->msgh_sender.label, 4242);
	EQUAL(trailer_of(&m)->msgh_sender.uid, 17);
	EQUAL(trailer_of(&m)->msgh_sender.gid, 18);
	child_end(child);
	drop_port(server), drop_port(reply);
}

static void
the_token_is_the_senders(void)
{
	mach_port_t port = new_send();
	struct task_info info;

	token_of_an_answer(echo);
	token_of_an_answer(echo_at_once);
	OK(task_info(SELF, &info));
	OK(send_word(port, 1, 0));
	OK(message_receive(&r, port, 0));
	EQUAL(trailer_of(&r)->msgh_sender.label, info.token.label);
	drop_port(port);
}

static void
send_and_wait(void *argument)
{
	static struct message e;

	message_init(&e, (mach_port_t)(uintptr_t)argument, MACH_MSG_TYPE_COPY_SEND, 0, 0, 2);
	mach_msg(&e.head, MACH_SEND_MSG, 24, 0, 0, 0, 0);
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

/* Who waits for a slot has begun to send: another token comes too late for that message. */
static void
the_token_is_read_when_the_send_starts(void)
{
	mach_port_t port = new_send(), name = MACH_PORT_MAKE(40, 7);
	security_token_t first = {4243, 17, 18}, second = {4244, 19, 20};
	task_t child = child_create(false);
	thread_t thread;

	OK(mach_port_set_qlimit(SELF, port, 1));
	OK(mach_port_insert_right(child, name, port, MACH_MSG_TYPE_COPY_SEND));
	OK(task_set_security_token(startup_info->host, child, &first));
	OK(send_word(port, 1, 0));
	thread = thread_in(child, 0, send_and_wait, (void *)(uintptr_t)name);
	OK(thread_resume(thread));
	CHECK(waits_for(thread, "send"));
	OK(task_set_security_token(startup_info->host, child, &second));
	EQUAL(next_id(port), 1);
	OK(message_receive(&m, port, 1000));
	EQUAL(m.head.msgh_id, 2);
	EQUAL(trailer_of(&m)->msgh_sender.label, 4243);
	EQUAL(trailer_of(&m)->msgh_sender.uid, 17);
	EQUAL(trailer_of(&m)->msgh_sender.gid, 18);
	child_end(child);
	drop_port(port), drop_port(thread);
}

static void
names_are_limited(void)
{
	task_t child = child_create(false);
	struct task_limits limits = {.port_names = 100};
	mach_port_t name = 0, port = new_send();
	int made = 0;

	OK(task_set_limits(startup_info->host, child, &limits));
	while (made < 200 &&
		mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &name) == KERN_SUCCESS)
		made++;
	EQUAL(made, 100);
	EQUAL(mach_port_allocate(child, MACH_PORT_RIGHT_PORT_SET, &name), KERN_NO_SPACE);
	EQUAL(mach_port_insert_right(child, MACH_PORT_MAKE(120, 0), port, MACH_MSG_TYPE_COPY_SEND),
		KERN_NO_SPACE);
	EQUAL(refs_of(port, MACH_PORT_RIGHT_SEND), 1);
	child_end(child);
	drop_port(port);
}

static void
messages_are_counted(void)
{
	struct task_info before, after;
	mach_port_t port = new_send();

	OK(task_info(SELF, &before));
	for (int i = 0; i < 10; i++) {
		OK(send_word(port, i, 0));
		EQUAL(next_id(port), i);
	}
	OK(task_info(SELF, &after));
	EQUAL(after.messages_sent - before.messages_sent, 10);
	EQUAL(after.messages_received - before.messages_received, 10);
	drop_port(port);
}

/* --- notifications are charged to who gets them --- */

#define ROOM	16384u

static uint64_t
kernel_memory_of(task_t task)
{
	struct task_info info = {0};

	OK(task_info(task, &info));
	return info.kernel_memory;
}

/* Asks for the notification that a port has no senders, which it never had, for a port of the child's: it is sent at once. */
static kern_return_t
notify_child(task_t child, mach_port_t theirs, mach_port_t port)
{
	mach_port_t once = 0, previous;
	mach_port_type_t type;
	kern_return_t kr;

	OK(mach_port_extract_right(child, theirs, MACH_MSG_TYPE_MAKE_SEND_ONCE, &once, &type));
	kr = mach_port_request_notification(SELF, port, MACH_NOTIFY_NO_SENDERS, 0, once, MACH_MSG_TYPE_MOVE_SEND_ONCE, &previous);
	if (kr != KERN_SUCCESS)
		EQUAL(type_of(once), MACH_PORT_TYPE_SEND_ONCE);		/* nothing has happened */
	drop_port(once);			/* none left, or one notification that needs no memory */
	return kr;
}

/* As many as the child has room for. Returns how many. */
static unsigned
notification_bomb(task_t child, mach_port_t theirs, mach_port_t port)
{
	uint64_t empty = kernel_memory_of(child);
	struct task_limits limits = {.kernel_memory = empty + ROOM};
	unsigned count = 0;
	kern_return_t kr;

	OK(task_set_limits(startup_info->host, child, &limits));
	while ((kr = notify_child(child, theirs, port)) == KERN_SUCCESS && count < 1000)
		count++;
	EQUAL(kr, KERN_RESOURCE_SHORTAGE);
	CHECK(count >= 16 && count <= 400);
	CHECK(kernel_memory_of(child) > empty + ROOM - 1024);
	CHECK(kernel_memory_of(child) <= empty + ROOM);
	return count;
}

/* Notifications are the receiver's like other messages: back when they are received, or with the port. */
static void
notification_bombs_get_errors(void)
{
	task_t child = child_create(false);
	mach_port_t port = new_port(), theirs = 0, box = 0;
	uint64_t before, mine;
	mach_port_type_t type;
	unsigned count;

	before = kernel_memory_of(child);
	OK(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &theirs));
	notification_bomb(child, theirs, port);
	OK(mach_port_destroy(child, theirs));
	EQUAL(kernel_memory_of(child), before);
	OK(mach_port_allocate(child, MACH_PORT_RIGHT_RECEIVE, &theirs));
	count = notification_bomb(child, theirs, port);
	mine = kernel_memory_of(SELF);
	OK(mach_port_extract_right(child, theirs, MACH_MSG_TYPE_MOVE_RECEIVE, &box, &type));
	EQUAL(kernel_memory_of(child), before);
	CHECK(kernel_memory_of(SELF) > mine + ROOM - 1024);
	drop_messages(box, count);
	EQUAL(next_id(box), MACH_NOTIFY_SEND_ONCE);	/* of the right that was refused */
	drop_port(box);
	EQUAL(kernel_memory_of(SELF), mine);
	child_end(child);
	drop_port(port);
}

static void
nothing_is_left_behind(void)
{
	struct task_info before, after;

	inherited_rights_keep_name_and_references();
	death_releases_every_name();
	OK(task_info(SELF, &before));
	for (int i = 0; i < 5; i++) {
		inherited_rights_keep_name_and_references();
		death_releases_every_name();
		an_rpc_between_tasks();
	}
	OK(task_info(SELF, &after));
	EQUAL(after.port_names, before.port_names);
	EQUAL(after.kernel_memory, before.kernel_memory);
}

int
main(void)
{
	check_begin();
	RULE(rights_go_into_another_task);
	RULE(a_receive_right_goes_into_another_task_with_its_queue);
	RULE(rights_come_out_of_another_task);
	RULE(constants_do_not_come_out_of_another_task);
	RULE(inherited_rights_keep_name_and_references);
	RULE(without_the_flag_nothing_is_inherited);
	RULE(death_releases_every_name);
	RULE(a_dying_task_takes_no_traps);
	RULE(an_rpc_between_tasks);
	RULE(a_server_that_dies_in_an_rpc_wakes_the_client);
	RULE(the_token_is_the_senders);
	RULE(the_token_is_read_when_the_send_starts);
	RULE(names_are_limited);
	RULE(notification_bombs_get_errors);
	RULE(messages_are_counted);
	RULE(nothing_is_left_behind);
	check_end();
}
