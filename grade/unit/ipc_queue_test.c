/*
 * Message queues: order, slots, back-pressure, hand-over, send-once notifications, budgets, death.
 * The thread layer is a stand-in: a thread that would block runs a function that plays the other
 * threads, and what they make runnable is noted.
 */
// SOURCES: kern/ipc/mqueue.c kern/ipc/port.c kern/ipc/pset.c kern/ipc/kmsg.c
// SOURCES: kern/ipc/chores.c kern/ipc/circular.c kern/sync/waitq_l2.c kern/sched/priority.c
// CFLAGS: -Igrade/unit/ipc_mock -Wno-unused-function
#include "ipc/chores.h"
#include "ipc/kobject.h"
#include "ipc/mqueue.h"
#include "ipc/pset.h"
#include "mock_mm.h"
#include "sched/cpu.h"
#include "sched/sched.h"
#include "task/task.h"
#include "task/thread.h"
#include "trace/trace.h"
#include "unit.h"

/* --- the kernel around it --- */

static struct cpu the_cpu;
struct cpu *mock_cpu = &the_cpu;
struct cpu cpus[CPU_MAX];
volatile bool panic_active;
bool trace_on;
static struct thread threads[8];
static struct task task;
static void (*while_blocked)(void);
static struct thread *runnable[16];
static unsigned runnable_count;

_Noreturn void
panic(const char *format, ...)
{
	fprintf(stderr, "panic: %s\n", format);
	abort();
}

void
trace_record(enum trace_kind kind, unsigned code, int value, uint64_t a, uint64_t b, uint64_t c)
{
	(void)kind, (void)code, (void)value, (void)a, (void)b, (void)c;
}

void
cpu_preempt_point(void)
{
}

void
spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, rank);
}

void
spin_lock(struct spinlock *lock)
{
	if (lock->owner != NULL)
		panic("taken twice");
	lock->owner = (struct cpu *)lock;
}

void
spin_unlock(struct spinlock *lock)
{
	if (lock->owner == NULL)
		panic("not taken");
	lock->owner = NULL;
}

bool
spin_held(const struct spinlock *lock)
{
	return lock->owner != NULL;
}

void
sched_make_runnable(struct thread *thread)
{
	runnable[runnable_count++ % 16] = thread;
}

void
sched_set_priority(struct thread *thread, unsigned priority)
{
	thread->priority = priority;
}

void
sched_block(void)
{
	struct thread *self = the_cpu.thread;

	if (while_blocked != NULL)
		while_blocked();
	the_cpu.thread = self;
	if (self->wait_state & WAIT_PENDING)
		self->wait_state = WAIT_TIMED_OUT;
}

void
sched_handoff_block(struct thread *next)
{
	sched_make_runnable(next);
	sched_block();
}

void
timeout_init(struct timeout *timeout, timeout_function function)
{
	(void)timeout, (void)function;
}

void
timeout_set(struct timeout *timeout, uint64_t deadline)
{
	(void)timeout, (void)deadline;
}

void
timeout_cancel(struct timeout *timeout)
{
	(void)timeout;
}

void
thread_note_stable(struct thread *thread)
{
	(void)thread;
}

uint64_t
timer_now(void)
{
	return 0;
}

bool
task_charge(struct task *payer, enum task_resource resource, uint64_t amount)
{
	if (payer->used[resource] + amount > payer->limit[resource])
		return false;
	payer->used[resource] += amount;
	return true;
}

void
task_uncharge(struct task *payer, enum task_resource resource, uint64_t amount)
{
	payer->used[resource] -= amount;
}

void
task_drop(struct task *dropped)
{
	dropped->refs--;
}

void
kobject_event(struct ipc_port *port)
{
	port_drop(port);
}

void
kobject_deliver(struct ipc_port *port, struct ipc_kmsg *message)
{
	port_unlock(port);
	kmsg_destroy(message);
}

void
vm_map_copy_discard(struct vm_map_copy *copy)
{
	(void)copy;
}

uint64_t
vm_map_copy_size(const struct vm_map_copy *copy)
{
	(void)copy;
	return 0;
}

/* --- tools --- */

static struct ipc_chores chores;
static const struct patience no_wait = {.timed = true, .ms = 0},
			     some_time = {.timed = true, .ms = 10};

static void
begin(void)
{
	memset(threads, 0, sizeof threads);
	for (unsigned i = 0; i < CPU_MAX; i++)
		kmsg_caches[i].first = NULL;
	the_cpu.thread = &threads[0];
	task.limit[TASK_KERNEL_MEMORY] = 1 << 20;
	runnable_count = 0;
	while_blocked = NULL;
	chores_init(&chores);
}

static struct ipc_port *
make_port(void)
{
	struct ipc_port *port = port_create(&task);

	port->name = 0x100;
	return port;
}

static struct ipc_kmsg *
make_message(struct ipc_port *port, unsigned kind, int id)
{
	struct ipc_kmsg *message = kmsg_create(id, 0, 8);

	port_lock(port);
	if (kind == MACH_MSG_TYPE_PORT_SEND) {
		port->send_rights++;
	} else {
		port->send_once_rights++;
		message->flags |= KMSG_EXEMPT;
	}
	port_unlock(port);
	message->remote = port;
	message->remote_kind = (uint8_t)kind;
	return message;
}

static mach_msg_return_t
send(struct ipc_port *port, unsigned kind, int id, const struct patience *patience)
{
	struct ipc_kmsg *message = make_message(port, kind, id);
	mach_msg_return_t result = mqueue_send(message, patience, &chores);

	if (result != MACH_MSG_SUCCESS)
		kmsg_discard(message, &chores);
	chores_do(&chores);
	return result;
}

/* The id of what is received, 71 for a notification, or the code. */
static int
receive(struct ipc_port *port)
{
	struct receiver receiver = {.room = 1000};
	mach_msg_return_t result;
	int id = 71;

	port_lock(port);
	result = mqueue_receive_port(port, &receiver, &no_wait, &chores);
	if (result != MACH_MSG_SUCCESS)
		return result;
	if (receiver.message != NULL) {
		id = receiver.message->header.msgh_id;
		kmsg_free(receiver.message);
	}
	chores_do(&chores);
	return id;
}

static void
notify_send_once(struct ipc_port *port)
{
	port_lock(port);
	port->send_once_rights++;
	port_abandon_send_once(port, &chores);
	port_unlock(port);
}

/* Ends the port; afterwards nothing of it may be left. */
static void
end(struct ipc_port *port)
{
	port_orphan(port, &chores);
	chores_do(&chores);
	ipc_drain();
	CHECK_EQ(task.used[TASK_KERNEL_MEMORY], 0);
	CHECK_EQ(task.refs, 0);
	CHECK_EQ(mqueue_total(), 0);
	CHECK_EQ(port_total(), 0);
	CHECK_EQ(mock_kalloc_live, 0);
}

/* --- tests --- */

static void
messages_come_in_order_and_slots_are_counted(void)
{
	struct ipc_port *port;

	begin();
	port = make_port();
	for (int i = 0; i < 5; i++)
		CHECK_EQ(send(port, MACH_MSG_TYPE_PORT_SEND, i, &no_wait), MACH_MSG_SUCCESS);
	CHECK_EQ(send(port, MACH_MSG_TYPE_PORT_SEND, 9, &no_wait), MACH_SEND_TIMED_OUT);
	CHECK_EQ(send(port, MACH_MSG_TYPE_PORT_SEND_ONCE, 5, &no_wait), MACH_MSG_SUCCESS);
	for (int i = 0; i < 6; i++)
		CHECK_EQ(receive(port), i);
	CHECK_EQ(receive(port), MACH_RCV_TIMED_OUT);
	CHECK_EQ(port->slots_used, 0);
	end(port);
}

static void
notifications_need_no_memory_and_keep_their_place(void)
{
	struct ipc_port *port;

	begin();
	port = make_port();
	mock_kalloc_fail_after = 0;
	notify_send_once(port);
	mock_kalloc_fail_after = -1;
	send(port, MACH_MSG_TYPE_PORT_SEND, 1, &no_wait);
	mock_kalloc_fail_after = 0;
	notify_send_once(port);
	notify_send_once(port);
	mock_kalloc_fail_after = -1;
	send(port, MACH_MSG_TYPE_PORT_SEND, 2, &no_wait);
	CHECK_EQ(port->message_count, 5);
	CHECK_EQ(receive(port), 71);
	CHECK_EQ(receive(port), 1);
	CHECK_EQ(receive(port), 71);
	CHECK_EQ(receive(port), 71);
	CHECK_EQ(receive(port), 2);
	CHECK_EQ(port->seqno, 5);
	end(port);
}

static struct ipc_port *contested;

static void
receive_once_and_try_to_overtake(void)
{
	the_cpu.thread = &threads[1];
	CHECK_EQ(receive(contested), 0);
	/* the slot went to the waiter: a newcomer finds none */
	CHECK_EQ(send(contested, MACH_MSG_TYPE_PORT_SEND, 99, &no_wait), MACH_SEND_TIMED_OUT);
}

static void
a_freed_slot_is_handed_to_the_waiter(void)
{
	begin();
	contested = make_port();
	contested->queue_limit = 2;
	send(contested, MACH_MSG_TYPE_PORT_SEND, 0, &no_wait);
	send(contested, MACH_MSG_TYPE_PORT_SEND, 1, &no_wait);
	while_blocked = receive_once_and_try_to_overtake;
	CHECK_EQ(send(contested, MACH_MSG_TYPE_PORT_SEND, 2, &some_time), MACH_MSG_SUCCESS);
	CHECK(runnable_count == 1 && runnable[0] == &threads[0]);
	while_blocked = NULL;
	CHECK_EQ(receive(contested), 1);
	CHECK_EQ(receive(contested), 2);
	end(contested);
}

static void
who_gives_up_leaves_no_trace(void)
{
	begin();
	contested = make_port();
	contested->queue_limit = 1;
	send(contested, MACH_MSG_TYPE_PORT_SEND, 0, &no_wait);
	CHECK_EQ(send(contested, MACH_MSG_TYPE_PORT_SEND, 1, &some_time), MACH_SEND_TIMED_OUT);
	CHECK(waitq_empty(&contested->senders));
	CHECK_EQ(receive(contested), 0);
	CHECK_EQ(send(contested, MACH_MSG_TYPE_PORT_SEND, 2, &no_wait), MACH_MSG_SUCCESS);
	CHECK_EQ(receive(contested), 2);
	end(contested);
}

static void
send_to_the_waiter(void)
{
	the_cpu.thread = &threads[1];
	CHECK_EQ(send(contested, MACH_MSG_TYPE_PORT_SEND, 7, &no_wait), MACH_MSG_SUCCESS);
	CHECK_EQ(contested->message_count, 0);
}

static void
a_waiting_receiver_gets_it_without_queueing(void)
{
	struct receiver receiver = {.room = 1000};

	begin();
	contested = make_port();
	while_blocked = send_to_the_waiter;
	port_lock(contested);
	CHECK_EQ(mqueue_receive_port(contested, &receiver, &some_time, &chores), MACH_MSG_SUCCESS);
	CHECK_EQ(receiver.message->header.msgh_id, 7);
	CHECK_EQ(receiver.name, 0x100);
	kmsg_free(receiver.message);
	end(contested);
}

static void
kill_the_port(void)
{
	the_cpu.thread = &threads[1];
	port_orphan(contested, &chores);
	chores_do(&chores);
}

static void
a_dying_port_wakes_its_waiters(void)
{
	struct receiver receiver = {.room = 1000};

	begin();
	contested = make_port();
	contested->queue_limit = 1;
	send(contested, MACH_MSG_TYPE_PORT_SEND, 0, &no_wait);
	while_blocked = kill_the_port;
	CHECK_EQ(send(contested, MACH_MSG_TYPE_PORT_SEND, 1, &some_time), MACH_MSG_SUCCESS);
	contested = make_port();
	port_lock(contested);
	CHECK_EQ(
		mqueue_receive_port(contested, &receiver, &some_time, &chores), MACH_RCV_PORT_DIED);
	while_blocked = NULL;
	end(make_port());
}

static void
what_does_not_fit_stays_or_goes(void)
{
	struct receiver small = {.room = 40, .option = MACH_RCV_LARGE};
	struct ipc_port *port;

	begin();
	port = make_port();
	send(port, MACH_MSG_TYPE_PORT_SEND, 3, &no_wait);
	port_lock(port);
	CHECK_EQ(mqueue_receive_port(port, &small, &no_wait, &chores), MACH_RCV_TOO_LARGE);
	CHECK(small.message == NULL && small.left_size == 32 && small.left_id == 3);
	CHECK_EQ(port->message_count, 1);
	CHECK_EQ(port->seqno, 0);
	small.option = 0;
	port_lock(port);
	CHECK_EQ(mqueue_receive_port(port, &small, &no_wait, &chores), MACH_RCV_TOO_LARGE);
	CHECK(small.message != NULL);
	kmsg_free(small.message);
	CHECK_EQ(port->message_count, 0);
	end(port);
}

static void
a_set_takes_turns(void)
{
	struct receiver receiver = {.room = 1000};
	struct ipc_port *one, *two;
	struct ipc_set *set;
	int ids[4];

	begin();
	set = set_create();
	one = make_port(), two = make_port();
	port_lock(one);
	set_join(set, one, &chores);
	port_unlock(one);
	port_lock(two);
	set_join(set, two, &chores);
	port_unlock(two);
	for (int i = 0; i < 2; i++) {
		send(one, MACH_MSG_TYPE_PORT_SEND, 10 + i, &no_wait);
		send(two, MACH_MSG_TYPE_PORT_SEND, 20 + i, &no_wait);
	}
	for (int i = 0; i < 4; i++) {
		spin_lock(&set->lock);
		CHECK_EQ(mqueue_receive_set(set, &receiver, &no_wait, &chores), MACH_MSG_SUCCESS);
		ids[i] = receiver.message->header.msgh_id;
		kmsg_free(receiver.message);
	}
	CHECK(ids[0] == 10 && ids[1] == 20 && ids[2] == 11 && ids[3] == 21);
	spin_lock(&set->lock);
	CHECK_EQ(mqueue_receive_set(set, &receiver, &no_wait, &chores), MACH_RCV_TIMED_OUT);
	set_end(set);
	CHECK(one->set == NULL && two->set == NULL);
	CHECK_EQ(set_total(), 0);
	port_orphan(one, &chores);
	chores_do(&chores);
	end(two);
}

/* Ports nested in each other's messages end one by one, whatever the depth. */
static void
nested_ports_end_flat(void)
{
	struct ipc_port *ports[500];

	begin();
	task.limit[TASK_KERNEL_MEMORY] = 1 << 30;
	for (int i = 0; i < 500; i++) {
		ports[i] = make_port();
		if (i > 0) {
			struct ipc_kmsg *message = kmsg_create(i, 1, 0);

			kmsg_set_port(message, 0, ports[i], MACH_MSG_TYPE_PORT_RECEIVE);
			port_lock(ports[i - 1]);
			ports[i - 1]->send_rights++;
			port_unlock(ports[i - 1]);
			kmsg_send(message, ports[i - 1], MACH_MSG_TYPE_PORT_SEND, NULL);
		}
	}
	CHECK(!transit_begin(ports[0], ports[499]));
	end(ports[0]);
}

int
main(void)
{
	TEST(messages_come_in_order_and_slots_are_counted);
	TEST(notifications_need_no_memory_and_keep_their_place);
	TEST(a_freed_slot_is_handed_to_the_waiter);
	TEST(who_gives_up_leaves_no_trace);
	TEST(a_waiting_receiver_gets_it_without_queueing);
	TEST(a_dying_port_wakes_its_waiters);
	TEST(what_does_not_fit_stays_or_goes);
	TEST(a_set_takes_turns);
	TEST(nested_ports_end_flat);
	return unit_done();
}
