/* Children that do not come to life: whatever fails on the way leaves nothing of them in the process server. */
// SOURCES: user/proc/start.c user/proc/fork.c user/proc/askers.c user/proc/timer.c user/proc/proctab.c
// HEADERS: inc/proto/proc.defs
#include "unit.h"
#include "../../user/proc/proc_local.h"
#include "mach/heap.h"
#include "mach/tls.h"
#include "proc_server.h"

#include <errno.h>
#include <mach/task_info.h>

/* --- what may fail, and what must come back --- */

static int blocks, receive_rights, tasks, threads, pages;
static int until_failure;		/* calls that succeed before one does not; below 0: all do */
static mach_port_t last_name;

static uint32_t parents_threads = 1;
static mach_port_t destroyed[4];	/* names of a child's that it was not left */
static unsigned destroyed_count;
static void (*meanwhile)(void);		/* happens while a task is built */
static struct process *changes;		/* to whom */

static bool
fails(void)
{
	return until_failure >= 0 && until_failure-- == 0;
}

void *
heap_zalloc(size_t count, size_t size)
{
	if (fails())
		return NULL;
	blocks++;
	return calloc(count, size);
}

void
heap_free(void *block)
{
	blocks -= block != NULL;
	free(block);
}

kern_return_t
port_create(bool send_right, mach_port_t *name)
{
	(void)send_right;
	if (fails())
		return KERN_RESOURCE_SHORTAGE;
	*name = ++last_name;
	receive_rights++;
	return KERN_SUCCESS;
}

void
port_drop(mach_port_t name)
{
	(void)name;
}

void
port_drop_receive(mach_port_t name)
{
	receive_rights -= name != MACH_PORT_NULL;
}

kern_return_t
port_hold(mach_port_t name)
{
	(void)name;
	return fails() ? KERN_UREFS_OVERFLOW : KERN_SUCCESS;
}

kern_return_t
port_notify(mach_port_t name, mach_msg_id_t what, mach_port_t receive)
{
	(void)name, (void)what, (void)receive;
	return fails() ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
}

void
port_notify_cancel(mach_port_t name, mach_msg_id_t what)
{
	(void)name, (void)what;
}

kern_return_t
mach_port_move_member(task_t task, mach_port_t member, mach_port_t set)
{
	(void)task, (void)member, (void)set;
	return fails() ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
}

kern_return_t
mach_port_insert_right(task_t task, mach_port_t name, mach_port_t right, uint32_t disposition)
{
	(void)task, (void)name, (void)right, (void)disposition;
	return KERN_SUCCESS;
}

kern_return_t
mach_port_deallocate(task_t task, mach_port_t name)
{
	(void)task, (void)name;
	return KERN_SUCCESS;
}

kern_return_t
task_create(task_t parent, uint32_t flags, task_t *task)
{
	(void)parent, (void)flags;
	if (fails())
		return KERN_RESOURCE_SHORTAGE;
	*task = ++last_name;
	tasks++;
	return KERN_SUCCESS;
}

kern_return_t
task_terminate(task_t task)
{
	(void)task;
	tasks--;
	return KERN_SUCCESS;
}

void
nice_apply(const struct process *p)
{
	(void)p;
}

void
nice_begin(const struct process *p)
{
	(void)p;
}

kern_return_t
task_suspend(task_t task)
{
	(void)task;
	return KERN_SUCCESS;
}

kern_return_t
task_info(task_t task, struct task_info *info)
{
	(void)task;
	*info = (struct task_info){ .thread_count = parents_threads, .port_names = 4 };
	return KERN_SUCCESS;
}

/* A child has inherited names 1 to 4; 2 and 4 are threads. */
kern_return_t
mach_port_names(task_t task, mach_port_t *names, mach_port_type_t *types, uint32_t *count)
{
	(void)task, (void)types;
	CHECK_EQ(*count, 4);
	for (uint32_t i = 0; i < 4; i++)
		names[i] = i + 1;
	return fails() ? KERN_NO_SPACE : KERN_SUCCESS;
}

kern_return_t
mach_port_extract_right(task_t task, mach_port_t name, uint32_t disposition, mach_port_t *port, uint32_t *type)
{
	(void)task, (void)disposition, (void)type;
	*port = name;
	return name == 3 ? KERN_INVALID_RIGHT : KERN_SUCCESS;
}

kern_return_t
thread_info(thread_t thread, struct thread_info *info)
{
	(void)info;
	return thread % 2 == 0 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

kern_return_t
mach_port_destroy(task_t task, mach_port_t name)
{
	(void)task;
	destroyed[destroyed_count++ % 4] = name;
	return KERN_SUCCESS;
}

kern_return_t
task_set_special_port(task_t task, int which, mach_port_t port)
{
	(void)task, (void)which, (void)port;
	return fails() ? KERN_INVALID_TASK : KERN_SUCCESS;
}

kern_return_t
task_set_security_token(mach_port_t privileged, task_t task, const security_token_t *token)
{
	(void)privileged, (void)task, (void)token;
	return fails() ? KERN_INVALID_TASK : KERN_SUCCESS;
}

kern_return_t
thread_create(task_t task, thread_t *thread)
{
	(void)task;
	if (fails())
		return KERN_RESOURCE_SHORTAGE;
	*thread = ++last_name;
	threads++;
	return KERN_SUCCESS;
}

kern_return_t
thread_set_state(thread_t thread, int flavor, const void *state, uint32_t size)
{
	(void)thread, (void)flavor, (void)state, (void)size;
	return fails() ? KERN_INVALID_ARGUMENT : KERN_SUCCESS;
}

kern_return_t
thread_resume(thread_t thread)
{
	(void)thread;
	return KERN_SUCCESS;
}

kern_return_t
vm_remap(struct vm_remap_args *args)
{
	(void)args;
	return fails() ? KERN_NO_SPACE : KERN_SUCCESS;
}

/* --- the rest of the process server, and the library --- */

mach_port_t port_set, notify_port, service_port, host, public_bootstrap;

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

bool
page_create(struct process *p, uint64_t ignored, uint64_t blocked)
{
	(void)ignored, (void)blocked;
	if (fails())
		return false;
	p->page = calloc(1, SIGNAL_PAGE_SIZE);
	pages++;
	return true;
}

void
page_release(struct process *p)
{
	pages -= p->page != NULL;
	free(p->page);
	p->page = NULL;
}

void
page_inherit(struct process *child, const struct process *parent, uint32_t slot)
{
	(void)child, (void)parent, (void)slot;
}

void
page_update(const struct process *p)
{
	(void)p;
}

uint32_t
page_slots(const struct process *p)
{
	(void)p;
	return 0;
}

/* As in signal.c. */
void
signals_release(struct process *p)
{
	timers_release(p, INT32_MIN);
	page_release(p);
}

void
signals_forget_threads(struct process *p)
{
	(void)p;
}

void
signal_flush(struct process *p)
{
	(void)p;
}

kern_return_t
signal_send(struct process *p, int32_t slot, const struct signal_info *info)
{
	(void)p, (void)slot, (void)info;
	return 0;
}

static uint64_t told;			/* signals that a child was sent */

kern_return_t
signal_send_group(struct process *p, int32_t group, const struct signal_info *info)
{
	(void)group;
	told |= p->label != changes->label ? SIGNAL_BIT(info->signal) : 0;
	return 0;
}

bool
signal_is_blocked(const struct process *p, int32_t slot, int32_t signal)
{
	(void)p, (void)slot;
	return signal == SIGHUP;
}

void
process_end(struct process *p, int32_t status)
{
	(void)p, (void)status;
}

kern_return_t
group_join(struct process *p, int32_t group)
{
	p->group = group;
	return 0;
}

void
death_orphans(struct process *p)
{
	(void)p;
}

bool
death_announce(struct process *p, struct process *parent)
{
	(void)p, (void)parent;
	return true;
}

void
wait_forget(struct process *p)
{
	(void)p;
}

void
wait_news(struct process *parent)
{
	(void)parent;
}

kern_return_t
build_task(struct build *b, struct process *shell)
{
	(void)b;
	if (meanwhile == NULL)
		return ENOENT;
	meanwhile();
	shell->task = ++last_name;
	tasks++;
	return 0;
}

void
build_describe(struct process *p, const char *name, const struct elf_strings *arguments)
{
	(void)p, (void)name, (void)arguments;
}

void
thread_state_call(struct thread_state *state, void (*function)(void *), void *argument, vm_address_t sp, vm_address_t tls)
{
	(void)state, (void)function, (void)argument, (void)sp, (void)tls;
}

void
mig_free(void *data, vm_size_t bytes)
{
	(void)data, (void)bytes;
}

_Noreturn void
panic(const char *format, ...)
{
	(void)format;
	abort();
}

kern_return_t
cthread_spawn(void *(*function)(void *), void *argument)
{
	(void)function, (void)argument;
	return KERN_SUCCESS;
}

uint64_t
clock_now(void)
{
	return 0;
}

kern_return_t
gsync_wait(uint32_t *address, uint32_t expected, mach_msg_timeout_t ms, uint32_t flags)
{
	(void)address, (void)expected, (void)ms, (void)flags;
	return KERN_SUCCESS;
}

kern_return_t
gsync_wake(uint32_t *address, uint32_t count, uint32_t flags)
{
	(void)address, (void)count, (void)flags;
	return KERN_SUCCESS;
}

/* --- scenes --- */

static struct process *
parent_new(void)
{
	struct process *p;

	until_failure = -1;
	p = process_new();
	CHECK(page_create(p, 0, 0) && process_insert(p));
	p->task = ++last_name;
	tasks++;
	p->page_address = 0x1000;
	p->label = 7;
	for (uint32_t i = 0; i < PROC_LIMITS; i++)
		p->limits[i] = (struct proc_limit){ PROC_UNLIMITED, PROC_UNLIMITED };
	return p;
}

static kern_return_t
fork_of(struct process *parent)
{
	struct mig_request rq = { .port = parent->port, .sender = { .label = parent->label } };
	struct proc_start start = { 0 };
	int32_t pid = 0;

	return proc_fork_s(&rq, &start, 0, &pid);
}

/* A limit on CPU time is a timer of the child's. */
static void
forks_that_are_refused_leave_nothing(void)
{
	struct process *p = parent_new();
	int before;

	p->limits[PROC_LIMIT_CPU].soft = 10;
	p->limits[PROC_LIMIT_NPROC].soft = 1;
	before = blocks;
	CHECK_EQ(fork_of(p), EAGAIN);
	CHECK_EQ(blocks, before);
	CHECK_EQ(receive_rights, 1);
	CHECK_EQ(tasks, 1);
	CHECK_EQ(pages, 1);
	process_remove(p);
	process_discard(p);
}

static void
whatever_fails_leaves_nothing(void)
{
	struct process *p = parent_new(), *child;
	int before, at = 0;
	kern_return_t kr;

	p->limits[PROC_LIMIT_CPU].soft = 10;
	before = blocks;
	do {
		until_failure = at++;
		kr = fork_of(p);
		if (kr == 0)
			break;
		CHECK_EQ(blocks, before);
		CHECK_EQ(receive_rights, 1);
		CHECK_EQ(tasks, 1);
		CHECK_EQ(pages, 1);
	} while (at < 100);
	CHECK_EQ(kr, 0);
	CHECK(at > 10);
	child = process_from(p->pid + 1);
	REQUIRE(child != NULL);
	process_remove(child);
	process_discard(child);
	process_remove(p);
	process_discard(p);
	CHECK_EQ(blocks, 0);
	CHECK_EQ(receive_rights, 0);
	CHECK_EQ(tasks, 0);
	CHECK_EQ(pages, 0);
}

/* A child of a process with several threads has no right to any of them. */
static void
forks_get_no_threads(void)
{
	struct process *p = parent_new(), *child;

	destroyed_count = 0;
	CHECK_EQ(fork_of(p), 0);
	CHECK_EQ(destroyed_count, 0);
	parents_threads = 2;
	CHECK_EQ(fork_of(p), 0);
	CHECK(destroyed_count == 2 && destroyed[0] == 2 && destroyed[1] == 4);
	parents_threads = 1;
	while ((child = process_from(p->pid + 1)) != NULL) {
		process_remove(child);
		process_discard(child);
	}
	process_remove(p);
	process_discard(p);
	CHECK_EQ(blocks, 0);
	CHECK_EQ(tasks, 0);
}

/* It has become another program, and then others, until its port has the name again that the first one's had. */
static void
becomes_another(void)
{
	changes->task = ++last_name;
}

/* What a process asked for is not done for the program that it has become meanwhile, which may have other ids. */
static void
late_requests_are_not_the_next_programs(void)
{
	struct process *p = changes = parent_new();
	struct mig_request rq = { .port = p->port, .sender = { .label = p->label } };
	struct startup_kept kept = { 0 };
	int32_t pid = 0;

	meanwhile = becomes_another;
	CHECK_EQ(proc_spawn_s(&rq, 1, "x", NULL, 0, NULL, 0, &kept, NULL, 0, 0, 0, &pid), ESRCH);
	CHECK(process_from(p->pid + 1) == NULL);
	CHECK_EQ(proc_exec_s(&rq, 1, "x", NULL, 0, NULL, 0, &kept, NULL, 0), ESRCH);
	CHECK_EQ(p->task, last_name - 1);	/* not the task that was built */
	CHECK_EQ(tasks, 1);
	meanwhile = NULL;
	process_remove(p);
	process_discard(p);
}

static const struct {
	int32_t group, signal;
} *sent;				/* meanwhile; the last has signal 0 */

static void
is_sent_signals(void)
{
	for (unsigned i = 0; sent[i].signal != 0; i++)
		askers_note(changes, sent[i].group, &(struct signal_info){ .signal = sent[i].signal });
}

/* What a child of p is told that is spawned so. */
static uint64_t
told_child(struct process *p, uint32_t flags, int32_t group)
{
	struct mig_request rq = { .port = p->port, .sender = { .label = p->label } };
	struct startup_kept kept = { 0 };
	struct process *child;
	int32_t pid = 0;

	told = 0;
	meanwhile = is_sent_signals;
	CHECK_EQ(proc_spawn_s(&rq, 1, "x", NULL, 0, NULL, 0, &kept, NULL, 0, flags, group, &pid), 0);
	meanwhile = NULL;
	child = process_by_pid(pid);
	CHECK(child != NULL);
	process_remove(child);
	process_discard(child);
	return told;
}

#define SENT(...) (sent = (const void *)(const int32_t[]){ __VA_ARGS__, 0, 0 })

/* A child is sent what it would have been sent if it had been there: by the group it comes to be in, or all. */
static void
children_get_what_they_missed(void)
{
	enum { OWN = 5, OTHER = 6 };
	struct process *p = changes = parent_new();
	struct pending waits = { NULL, -1, OWN, { .signal = SIGALRM } }, blocked = { &waits, -1, OWN, { .signal = SIGHUP } },
		single = { &blocked, -1, SIGNAL_ONE, { .signal = SIGQUIT } };

	p->group = OWN;
	SENT(OWN, SIGALRM, OWN, SIGSTOP);
	CHECK_EQ(told_child(p, 0, 0), SIGNAL_BIT(SIGALRM) | SIGNAL_BIT(SIGSTOP));
	CHECK_EQ(told_child(p, PROC_SET_GROUP, 0), 0);
	CHECK_EQ(told_child(p, PROC_NEW_SESSION, 0), 0);
	SENT(OWN, SIGTSTP, OWN, SIGCONT);
	CHECK_EQ(told_child(p, 0, 0), SIGNAL_BIT(SIGCONT));
	SENT(OWN, SIGCONT, OWN, SIGTSTP);
	CHECK_EQ(told_child(p, 0, 0), SIGNAL_BIT(SIGTSTP));
	/* For all, and then for a group that it is not in. */
	SENT(SIGNAL_ALL, SIGALRM, OWN, SIGALRM, SIGNAL_ALL, SIGSTOP, OWN, SIGCONT);
	CHECK_EQ(told_child(p, PROC_SET_GROUP, 0), SIGNAL_BIT(SIGALRM) | SIGNAL_BIT(SIGSTOP));
	/* What came before, and was not taken. */
	SENT(OTHER, SIGQUIT);
	p->pending = &single;
	CHECK_EQ(told_child(p, 0, 0), SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGALRM));
	CHECK_EQ(told_child(p, PROC_SET_GROUP, 0), 0);
	p->pending = NULL;
	SENT(OWN, 0);
	p->stopped = true;
	CHECK_EQ(told_child(p, 0, 0), 0);
	p->group_stop = SIGTSTP;
	p->group_stopped = OWN;
	CHECK_EQ(told_child(p, 0, 0), SIGNAL_BIT(SIGTSTP));
	CHECK_EQ(told_child(p, PROC_SET_GROUP, 0), 0);
	p->group_stopped = SIGNAL_ALL;
	CHECK_EQ(told_child(p, PROC_SET_GROUP, 0), SIGNAL_BIT(SIGTSTP));
	process_remove(p);
	process_discard(p);
}

int
main(void)
{
	TEST(forks_get_no_threads);
	TEST(late_requests_are_not_the_next_programs);
	TEST(children_get_what_they_missed);
	TEST(forks_that_are_refused_leave_nothing);
	TEST(whatever_fails_leaves_nothing);
	return unit_done();
}
