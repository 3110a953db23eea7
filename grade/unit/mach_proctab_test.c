/* The process table: pids, zombies, orphans, waiting parents. */
// SOURCES: user/proc/proctab.c user/proc/wait.c user/proc/ids.c
// HEADERS: inc/proto/proc.defs
#include "unit.h"
#include "../../user/proc/proc_local.h"
#include "../../user/proc/proctab.h"
#include "mach/heap.h"
#include "proc_server.h"
#include <errno.h>
#include <stdlib.h>

/* --- what the table uses --- */

static int blocks, receive_rights, send_rights, reply_rights;
static int32_t told_pid, told_status;
static kern_return_t told_result;
static mach_port_t told_port;

void *
heap_alloc(size_t size)
{
	blocks++;
	return malloc(size);
}

void
heap_free(void *block)
{
	blocks--;
	free(block);
}

void
port_drop(mach_port_t name)
{
	if (name >= 100000)
		reply_rights--;
	else if (name != MACH_PORT_NULL)
		send_rights--;
}

void
port_drop_receive(mach_port_t name)
{
	if (name != MACH_PORT_NULL)
		receive_rights--;
}

void
wait_answer(mach_port_t reply_port, kern_return_t result, const struct proc_waited *found)
{
	reply_rights--;
	told_port = reply_port;
	told_result = result;
	told_pid = found->pid;
	told_status = found->status;
}

static int32_t page_parent;		/* what the last process has been told */

void page_update(const struct process *p);

void
page_update(const struct process *p)
{
	page_parent = p->parent;
}

void
death_orphans(struct process *p)
{
	(void)p;
}

static bool parent_ignores, has_jumped;

bool
wait_is_wanted(mach_port_t reply_port)
{
	(void)reply_port;
	return !has_jumped;
}

bool
death_announce(struct process *p, struct process *parent)
{
	(void)p, (void)parent;
	return parent_ignores;
}

void
signals_release(struct process *p)
{
	(void)p;
}

mach_port_t service_port;

void
mutex_lock(struct mutex *mutex)
{
	CHECK_EQ(mutex->state++, 0);
}

void
mutex_unlock(struct mutex *mutex)
{
	CHECK_EQ(mutex->state--, 1);
}

kern_return_t
process_set_token(const struct process *p)
{
	(void)p;
	return KERN_SUCCESS;
}

struct signal_action
signal_action(const struct process *p, int32_t signal)
{
	(void)p, (void)signal;
	return (struct signal_action){ .handler = SIGNAL_DEFAULT };
}

bool
timers_limit(struct process *p)
{
	(void)p;
	return true;
}

kern_return_t
port_create(bool send_right, mach_port_t *name)
{
	(void)send_right, (void)name;
	return KERN_RESOURCE_SHORTAGE;
}

static struct process *
process_ended_child(const struct process *p, int32_t pid, bool *exists)
{
	return wait_find(p, pid, PROC_WEXITED, exists);
}

/* --- scenes --- */

static mach_port_t next_name = 1;

static struct process *
add(int32_t parent)
{
	struct process *p = heap_alloc(sizeof(*p));

	memset(p, 0, sizeof(*p));
	p->parent = parent;
	p->port = next_name++;
	p->task = next_name++;
	receive_rights++;
	send_rights++;
	if (!process_insert(p)) {
		unit_complain(__FILE__, __LINE__, "the table takes a process");
		abort();
	}
	p->group = p->session = p->pid;
	return p;
}

static void
die(struct process *p, int32_t status)
{
	p->status = status;
	p->has_status = true;
	process_died(p);
}

static kern_return_t
wait_for(struct process *p, int32_t pid)
{
	reply_rights++;
	return wait_later(p, &(struct waiter){.reply_port = 100000 + (mach_port_t)reply_rights,
		.pid = pid, .options = PROC_WEXITED, .slot = (uint32_t)reply_rights});
}

/* Init is in the table all the time; every scene ends with nothing else in it. */
static struct process *init;

static void
begin(void)
{
	told_pid = told_status = told_result = 0;
	if (init == NULL) {
		init = add(0);
		CHECK_EQ(init->pid, INIT_PID);
	}
}

static void
end(void)
{
	CHECK_EQ(blocks, 1);
	CHECK_EQ(receive_rights, 1);
	CHECK_EQ(send_rights, 1);
	CHECK_EQ(reply_rights, 0);
	CHECK(process_from(INIT_PID + 1) == NULL);
}

static void
a_zombie_waits_for_its_parent(void)
{
	struct process *parent, *child, *ended;
	bool exists;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	CHECK(process_ended_child(parent, -1, &exists) == NULL);
	CHECK(exists);
	die(child, 0x700);
	CHECK(child->zombie);
	CHECK_EQ(child->task, MACH_PORT_NULL);
	CHECK(process_by_pid(child->pid) == child);
	CHECK(process_ended_child(parent, child->pid + 1, &exists) == NULL);
	CHECK(!exists);
	ended = process_ended_child(parent, -1, &exists);
	CHECK(ended == child);
	CHECK_EQ(ended->status, 0x700);
	process_reap(ended);
	CHECK(process_ended_child(parent, -1, &exists) == NULL);
	CHECK(!exists);
	die(parent, 0);
	end();
}

static void
a_waiting_parent_is_told(void)
{
	struct process *parent, *a, *b;

	begin();
	parent = add(INIT_PID);
	a = add(parent->pid);
	b = add(parent->pid);
	CHECK_EQ(wait_for(parent, b->pid), MIG_NO_REPLY);
	die(a, 0x100);
	CHECK_EQ(told_pid, 0);
	int32_t pid = b->pid;
	die(b, 0x200);
	CHECK_EQ(told_pid, pid);
	CHECK_EQ(told_status, 0x200);
	CHECK(a->zombie);
	die(parent, 0);				/* its zombie goes with it */
	end();
}

static void
the_last_child_leaves_no_waiter(void)
{
	struct process *parent, *child;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	wait_for(parent, -1);
	wait_for(parent, -1);
	die(child, 0);
	CHECK_EQ(told_result, ECHILD);		/* the second one */
	CHECK_EQ(reply_rights, 0);
	CHECK(parent->waiters == NULL);
	CHECK_EQ(parent->waiter_count, 0);
	die(parent, 0);
	end();
}

static void
orphans_go_to_init_and_vanish(void)
{
	struct process *parent, *child, *zombie;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	zombie = add(parent->pid);
	die(zombie, 0);
	wait_for(parent, child->pid);
	die(parent, 0);				/* with a waiter and a zombie */
	CHECK_EQ(child->parent, INIT_PID);
	CHECK_EQ(page_parent, INIT_PID);
	CHECK_EQ(reply_rights, 0);
	die(child, 0);
	end();
}

static void
a_death_without_status_is_a_kill(void)
{
	struct process *parent, *child;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	process_died(child);
	CHECK_EQ(child->status, SIGKILL);
	die(parent, 0);
	end();
}

static void
waiters_are_limited(void)
{
	struct process *parent, *child;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	for (unsigned i = 0; i < WAITERS_MAX; i++)
		CHECK_EQ(wait_for(parent, child->pid), MIG_NO_REPLY);
	CHECK_EQ(wait_for(parent, child->pid), EAGAIN);
	reply_rights--;				/* refused: still the caller's */
	die(child, 0);
	die(parent, 0);
	end();
}

static void
a_parent_that_does_not_want_to_know(void)
{
	struct process *parent, *child;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	CHECK_EQ(wait_for(parent, -1), MIG_NO_REPLY);
	parent_ignores = true;
	die(child, 0x100);
	parent_ignores = false;
	CHECK_EQ(told_result, ECHILD);
	die(parent, 0);
	end();
}

static void
a_wait_that_was_left_takes_no_child(void)
{
	struct process *parent, *child;
	bool exists;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	wait_for(parent, -1);
	has_jumped = true;
	die(child, 0x100);
	has_jumped = false;
	CHECK_EQ(told_pid, 0);
	CHECK(process_ended_child(parent, -1, &exists) == child);
	die(parent, 0);
	end();
}

static void
stops_are_told_once_to_who_asks(void)
{
	struct proc_waited found;
	struct process *parent, *child;
	bool exists;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	child->event = STATUS_STOP(SIGSTOP);
	CHECK(wait_find(parent, -1, PROC_WEXITED | PROC_WCONTINUED, &exists) == NULL);
	CHECK(exists);
	CHECK(wait_find(parent, -1, PROC_WSTOPPED, &exists) == child);
	wait_take(parent, child, PROC_WSTOPPED | PROC_WNOWAIT, &found);
	CHECK_EQ(found.status, SIGSTOP << 8 | 0x7f);
	wait_take(parent, child, PROC_WSTOPPED, &found);
	CHECK(wait_find(parent, -1, PROC_WSTOPPED, &exists) == NULL);
	child->event = STATUS_CONTINUED;
	CHECK(wait_find(parent, -1, PROC_WEXITED | PROC_WSTOPPED, &exists) == NULL);
	CHECK(wait_find(parent, -1, PROC_WCONTINUED, &exists) == child);
	die(child, 0x300);
	CHECK(wait_find(parent, -1, PROC_WCONTINUED | PROC_WSTOPPED, &exists) == NULL);
	child->usage.user_time = 5;
	child->children.user_time = 7;
	wait_take(parent, child, PROC_WEXITED, &found);
	CHECK_EQ(found.usage.user_time, 12);
	CHECK_EQ(parent->children.user_time, 12);
	die(parent, 0);
	end();
}

static void
one_thread_is_interrupted(void)
{
	struct process *parent, *child;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	wait_for(parent, -1);
	uint32_t second = (uint32_t)reply_rights + 1;
	wait_for(parent, -1);
	wait_interrupt(parent, second);
	CHECK_EQ(told_result, EINTR);
	CHECK_EQ(parent->waiter_count, 1);
	wait_interrupt(parent, second);
	CHECK_EQ(parent->waiter_count, 1);
	die(child, 0);
	CHECK_EQ(told_result, 0);
	die(parent, 0);
	end();
}

/* Requests are handled by several threads, so the interrupt may be first; it is used up by one wait. */
static void
an_interrupt_may_come_before_its_wait(void)
{
	struct waiter asked = {.reply_port = 1, .pid = -1, .options = PROC_WEXITED, .slot = 3};
	struct process *parent, *child;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	wait_interrupt(parent, 3);
	wait_interrupt(parent, SIGNAL_SLOTS);
	wait_interrupt(parent, UINT32_MAX);
	CHECK_EQ(wait_later(parent, &asked), EINTR);
	CHECK_EQ(wait_for(parent, -1), MIG_NO_REPLY);
	die(child, 0);
	CHECK_EQ(told_result, 0);
	die(parent, 0);
	end();
}

static void
orphaned_groups(void)
{
	struct process *shell, *job, *member;

	begin();
	shell = add(INIT_PID);
	job = add(shell->pid);
	job->session = shell->session;
	member = add(job->pid);
	member->session = shell->session;
	member->group = job->group;
	CHECK(group_is_orphaned(shell->group, NULL));
	CHECK(!group_is_orphaned(job->group, NULL));
	CHECK(group_is_orphaned(job->group, job));
	die(shell, 0);
	CHECK(group_is_orphaned(job->group, NULL));
	die(job, 0);
	die(member, 0);
	end();
}

/* A child's end may be news when it changes its group, a zombie's, too; and whoever waits for a group has one child less. */
static void
who_waits_hears_of_groups_that_change(void)
{
	struct process *parent, *leader, *other, *zombie;
	struct mig_request rq = { 0 };
	int32_t pid;

	begin();
	parent = add(INIT_PID);
	leader = add(parent->pid);
	other = add(parent->pid);
	zombie = add(parent->pid);
	leader->session = other->session = zombie->session = parent->session;
	zombie->group = parent->group;
	pid = zombie->pid;
	die(zombie, 5 << 8);
	told_pid = 0;
	CHECK_EQ(wait_for(parent, -leader->group), MIG_NO_REPLY);
	CHECK_EQ(wait_for(parent, -other->group), MIG_NO_REPLY);
	rq.port = parent->port;
	CHECK_EQ(proc_set_group_s(&rq, pid, leader->group), 0);
	CHECK_EQ(told_pid, pid);
	CHECK_EQ(told_status, 5 << 8);
	told_result = 0;
	CHECK_EQ(proc_set_group_s(&rq, other->pid, leader->group), 0);
	CHECK_EQ(told_result, ECHILD);
	die(leader, 0);
	die(other, 0);
	die(parent, 0);
	end();
}

/* POSIX.1-2017 waitpid(0): the group at the time of the call. */
static void
group_zero_is_the_present_one(void)
{
	struct process *parent, *child;
	int32_t pid;

	begin();
	parent = add(INIT_PID);
	child = add(parent->pid);
	child->group = parent->group;
	pid = child->pid;
	told_pid = 0;
	CHECK_EQ(wait_for(parent, 0), MIG_NO_REPLY);
	parent->group = parent->pid + 1000;
	die(child, 0);
	CHECK_EQ(told_pid, pid);
	die(parent, 0);
	end();
}

static void
pid_arguments(void)
{
	struct process own = {.pid = 10, .group = 5}, other = {.pid = 11, .group = 5},
		       third = {.pid = 12, .group = 12};

	CHECK(process_matches(&other, 11, &own));
	CHECK(!process_matches(&other, 10, &own));
	CHECK(process_matches(&third, -1, &own));
	CHECK(process_matches(&other, 0, &own));
	CHECK(!process_matches(&third, 0, &own));
	CHECK(process_matches(&third, -12, &own));
	CHECK(!process_matches(&other, -12, &own));
}

static void
the_table_has_an_end_and_pids_are_unique(void)
{
	static struct process *all[PROCESSES_MAX];
	struct process extra = { 0 };

	begin();
	for (int i = 1; i < PROCESSES_MAX; i++)
		all[i] = add(INIT_PID);
	CHECK(!process_insert(&extra));
	for (int i = 2; i < PROCESSES_MAX; i++)
		CHECK(all[i]->pid > all[i - 1]->pid);
	CHECK(process_by_task(all[7]->task) == all[7]);
	CHECK(process_by_port(all[7]->port) == all[7]);
	CHECK(process_by_port(MACH_PORT_NULL) == NULL);
	for (int i = 1; i < PROCESSES_MAX; i++)
		die(all[i], 0);
	end();
}

int
main(void)
{
	TEST(a_zombie_waits_for_its_parent);
	TEST(a_waiting_parent_is_told);
	TEST(the_last_child_leaves_no_waiter);
	TEST(orphans_go_to_init_and_vanish);
	TEST(a_death_without_status_is_a_kill);
	TEST(waiters_are_limited);
	TEST(a_parent_that_does_not_want_to_know);
	TEST(a_wait_that_was_left_takes_no_child);
	TEST(stops_are_told_once_to_who_asks);
	TEST(one_thread_is_interrupted);
	TEST(an_interrupt_may_come_before_its_wait);
	TEST(orphaned_groups);
	TEST(who_waits_hears_of_groups_that_change);
	TEST(group_zero_is_the_present_one);
	TEST(pid_arguments);
	TEST(the_table_has_an_end_and_pids_are_unique);
	process_reap(init);
	return unit_done();
}
