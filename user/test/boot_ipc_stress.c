/*
 * IPC under concurrency: RPC through sets, queues that fill, ports that die or travel while others
 * use them, aborts, a port that dies with a lot of rights. Every loop is bounded; at the end nothing
 * may be left over.
 */
#include "ipc_check.h"
#include "threads.h"

#define SELF mach_task_self()

enum { CLIENTS = 3, SERVERS = 2, CALLS = 3000, ROUNDS = 400 };

static uint32_t
draw(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* --- RPC: several clients, several servers at one set of ports --- */

static mach_port_t ports[4], set;
static volatile uint32_t served[SERVERS];

static void *
server(void *argument)
{
	unsigned me = (unsigned)(uintptr_t)argument;
	struct message m;
	mach_msg_option_t option = MACH_RCV_MSG;

	for (;;) {
		OK(mach_msg(&m.head, option, 32, sizeof(m), set, 0, 0));
		if (m.head.msgh_id == 0)
			return NULL;
		served[me]++;
		m.head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(m.head.msgh_bits), 0);
		m.head.msgh_local_port = MACH_PORT_NULL;
		m.words[1] = m.words[0] * 3;
		option = MACH_SEND_MSG | MACH_RCV_MSG;
	}
}

static void *
client(void *argument)
{
	uint32_t seed = (uint32_t)(uintptr_t)argument;
	mach_port_t reply = new_port();
	struct message m;

	for (unsigned i = 0; i < CALLS; i++) {
		message_init(&m, ports[draw(&seed) % 4], MACH_MSG_TYPE_COPY_SEND, reply,
			MACH_MSG_TYPE_MAKE_SEND_ONCE, (int)i + 1);
		m.words[0] = draw(&seed);
		m.words[1] = 0;
		OK(mach_msg(&m.head, MACH_SEND_MSG | MACH_RCV_MSG, 32, sizeof(m), reply, 0, 0));
		CHECK(m.head.msgh_id == (int)i + 1 && m.words[1] == m.words[0] * 3);
	}
	EQUAL(status_of(reply).mps_seqno, CALLS);
	drop_port(reply);
	return NULL;
}

static void
rpc_through_a_set(void)
{
	unsigned before = name_count();
	cthread_t clients[CLIENTS], servers[SERVERS];

	served[0] = served[1] = 0;
	set = new_set();
	for (int i = 0; i < 4; i++) {
		ports[i] = new_send();
		OK(mach_port_move_member(SELF, ports[i], set));
	}
	for (uintptr_t i = 0; i < SERVERS; i++)
		servers[i] = start(server, (void *)i);
	for (uintptr_t i = 0; i < CLIENTS; i++)
		clients[i] = start(client, (void *)(i + 77));
	for (int i = 0; i < CLIENTS; i++)
		cthread_join(clients[i]);
	for (int i = 0; i < SERVERS; i++)
		OK(send_word(ports[i], 0, 0));
	for (int i = 0; i < SERVERS; i++)
		cthread_join(servers[i]);
	EQUAL(served[0] + served[1], CLIENTS * CALLS);
	for (int i = 0; i < 4; i++)
		drop_port(ports[i]);
	drop_port(set);
	EQUAL(name_count(), before);
}

/* --- a full queue, many senders: each sender's messages arrive in order, none is lost --- */

static mach_port_t narrow;

static void *
flood(void *argument)
{
	uint32_t me = (uint32_t)(uintptr_t)argument;
	struct message m;

	for (uint32_t i = 0; i < CALLS; i++) {
		message_init(&m, narrow, MACH_MSG_TYPE_COPY_SEND, 0, 0, (int)me);
		m.words[0] = i;
		OK(mach_msg(&m.head, MACH_SEND_MSG, 32, 0, 0, 0, 0));
	}
	return NULL;
}

static void
floods_keep_their_order(void)
{
	uint32_t next[CLIENTS] = {0};
	cthread_t senders[CLIENTS];
	struct message m;

	narrow = new_send();
	OK(mach_port_set_qlimit(SELF, narrow, 2));
	for (uintptr_t i = 0; i < CLIENTS; i++)
		senders[i] = start(flood, (void *)i);
	for (int i = 0; i < CLIENTS * CALLS; i++) {
		OK(message_receive(&m, narrow, 5000));
		CHECK(m.head.msgh_id < CLIENTS && m.words[0] == next[m.head.msgh_id]++);
		EQUAL(trailer_of(&m)->msgh_seqno, i);
	}
	for (int i = 0; i < CLIENTS; i++)
		cthread_join(senders[i]);
	CHECK(queue_empty(narrow));
	drop_port(narrow);
}

/* --- ports die and move under their users --- */

static volatile mach_port_t victim;
static volatile bool stop;

static bool
is_send_error(mach_msg_return_t mr)
{
	return mr >= MACH_SEND_INVALID_DATA && mr < MACH_RCV_INVALID_NAME;
}

static void *
user_of_the_victim(void *argument)
{
	uint32_t seed = (uint32_t)(uintptr_t)argument;
	mach_port_t reply = new_port();
	struct message m;
	mach_msg_return_t mr;

	while (!stop) {
		message_init(&m, victim, MACH_MSG_TYPE_COPY_SEND, reply,
			MACH_MSG_TYPE_MAKE_SEND_ONCE, 1);
		switch (draw(&seed) % 4) {
		case 0:
			put_port(&m, 0, reply, MACH_MSG_TYPE_MAKE_SEND);
			mr = message_send(&m, 40, draw(&seed) % 2);
			break;
		case 1:
			mr = message_receive(&m, victim, 1);
			if (mr == MACH_MSG_SUCCESS)
				message_release(&m);
			break;
		case 2:
			mr = mach_msg(&m.head,
				MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT,
				24, sizeof(m), reply, 1, 0);
			break;
		default: mr = message_send(&m, 24, 0); break;
		}
		/*
		 * A message that came back holds rights; sent again in vain (after an abort) it
		 * still does.
		 */
		if (is_send_error(mr) &&
			MACH_MSGH_BITS_REMOTE(m.head.msgh_bits) == MACH_MSG_TYPE_MOVE_SEND)
			message_release(&m), drop_port(m.head.msgh_local_port);
		while (message_receive(&m, reply, 0) == MACH_MSG_SUCCESS)
			message_release(&m);
	}
	drop_port(reply);
	return NULL;
}

/* The victim dies in a message that nobody receives. */
static void
die_in_transit(void)
{
	mach_port_t grave = new_send(), old = victim;
	struct message m;

	message_init(&m, grave, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_port(&m, 0, old, MACH_MSG_TYPE_MOVE_RECEIVE);
	OK(message_send(&m, 40, 0));
	victim = new_send();
	drop_port(grave);
	drop_port(old);
}

static void
ports_die_and_move_under_their_users(void)
{
	mach_port_t box = new_send(), group = new_set();
	cthread_t users[CLIENTS];
	uint32_t seed = 4711;
	struct message m;

	victim = new_send();
	stop = false;
	for (uintptr_t i = 0; i < CLIENTS; i++)
		users[i] = start(user_of_the_victim, (void *)(i + 5));
	for (int i = 0; i < ROUNDS; i++) {
		mach_port_t old = victim;

		switch (draw(&seed) % 5) {
		case 0:
			victim = new_send();
			drop_port(old);
			break;
		case 1:
			message_init(&m, box, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
			put_port(&m, 0, old, MACH_MSG_TYPE_MOVE_RECEIVE);
			OK(message_send(&m, 40, 0));
			OK(message_receive(&m, box, 0));
			break;
		case 2:
			mach_port_move_member(SELF, old, group);
			mach_port_move_member(SELF, old, MACH_PORT_NULL);
			break;
		case 3: die_in_transit(); break;
		default: thread_abort(cthread_port(users[draw(&seed) % CLIENTS])); break;
		}
		if (i % 16 == 0)
			clock_sleep(1);
	}
	stop = true;
	for (int i = 0; i < CLIENTS; i++)
		cthread_join(users[i]);
	drop_port(victim), drop_port(box), drop_port(group);
}

/* --- a death that takes long --- */

enum { MESSAGES = 4096 };		/* each with as many rights as there may be */

static volatile uint32_t ticks;

static void *
tick(void *argument)
{
	while (!stop) {
		clock_sleep(1);
		ticks++;
	}
	return argument;
}

static void
fill_with_rights(mach_port_t port, mach_port_t right)
{
	struct message m;

	for (unsigned i = 0; i < MESSAGES; i++) {
		message_init(&m, new_send_once(port), MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0, 1);
		for (unsigned j = 0; j < MACH_MSG_DESCRIPTORS_MAX; j++)
			put_port(&m, j, right, MACH_MSG_TYPE_COPY_SEND);
		OK(message_send(&m, sizeof(m.head) + MACH_MSG_DESCRIPTORS_MAX * sizeof(m.descriptors[0]), 0));
	}
}

/* Nobody is preempted in the kernel, so what takes long there has to let others in: a port that ends with all that is queued, too. */
static void
better_threads_run_while_a_port_dies(void)
{
	mach_port_t port = new_port(), right = new_send();
	thread_t self = mach_thread_self();
	cthread_t other;
	uint64_t ms;

	fill_with_rights(port, right);
	stop = false;
	OK(thread_set_priority(MACH_PORT_NULL, self, MACH_PRIORITY_USER + 4));
	other = start(tick, NULL);
	OK(thread_set_priority(MACH_PORT_NULL, cthread_port(other), MACH_PRIORITY_USER));
	settle();
	ticks = 0;
	ms = clock_now();
	drop_port(port);
	ms = (clock_now() - ms) / 1000000;
	if (host_cpus() == 1)		/* emulated ones take turns that are longer than what is measured */
		CHECK(8 * ticks + 8 >= ms);
	stop = true;
	OK(thread_set_priority(startup_info->host, self, MACH_PRIORITY_USER));
	cthread_join(other);
	OK(mach_port_deallocate(SELF, right));
	EQUAL(status_of(right).mps_srights, 0);
	drop_port(right);
	OK(mach_port_deallocate(SELF, self));
}

static void
all_of_it(void)
{
	rpc_through_a_set();
	floods_keep_their_order();
	ports_die_and_move_under_their_users();
}

/*
 * Once to warm up, then the same again: names, ports, queued messages and kernel memory are as
 * before.
 */
static void
nothing_is_left_over(void)
{
	struct task_info before, after;
	struct host_info host_before, host_after;

	OK(task_info(SELF, &before));
	OK(host_info(&host_before));
	all_of_it();
	settle();
	OK(task_info(SELF, &after));
	OK(host_info(&host_after));
	EQUAL(after.port_names, before.port_names);
	EQUAL(after.kernel_memory, before.kernel_memory);
	EQUAL(host_after.ports, host_before.ports);
	EQUAL(host_after.messages, host_before.messages);
	CHECK(after.messages_sent > before.messages_sent);
}

int
main(void)
{
	check_begin();
	RULE(rpc_through_a_set);
	RULE(floods_keep_their_order);
	RULE(ports_die_and_move_under_their_users);
	RULE(better_threads_run_while_a_port_dies);
	RULE(nothing_is_left_over);
	check_end();
}
