/*
 * Processes begin: proc_spawn, proc_adopt (and proc_fork: fork.c); and become other programs: proc_exec.
 * A child that runs may be gone, and its struct freed, as soon as the lock is released. So may who asked: it is looked up again by port and
 * label each time (process_sending), as a port's name alone may be another's by then; and by its task where it may have become
 * another program meanwhile (process_still_sending).
 *
 * A new task is complete before its process is in the table, and runs only afterwards; whatever
 * fails before leaves nothing behind.
 */
#include "mach/heap.h"
#include "mach/print.h"
#include "mach/startup.h"
#include "proc_local.h"
#include "proc_server.h"
#include <errno.h>
#include <mach/vm.h>
#include <string.h>

#define NPROC_DEFAULT	256u		/* processes of one user; those that init starts may have more */

static uint32_t last_label = PROC_LABEL_FIRST;

struct process *
process_new(void)
{
	struct process *p = heap_zalloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	if (port_create(true, &p->port) != KERN_SUCCESS) {
		heap_free(p);
		return NULL;
	}
	if (mach_port_move_member(mach_task_self(), p->port, port_set) != KERN_SUCCESS) {
		process_discard(p);
		return NULL;
	}
	return p;
}

void
process_discard(struct process *p)
{
	if (p->task != MACH_PORT_NULL)
		task_terminate(p->task);
	signals_release(p);
	port_drop(p->task);
	port_drop(p->port);
	port_drop_receive(p->port);
	heap_free(p);
}

kern_return_t
process_set_token(const struct process *p)
{
	security_token_t token = { p->label, p->ids.euid, p->ids.egid };

	return task_set_security_token(host, p->task, &token);
}

/* --- coming into the table --- */

static bool
inherit(struct process *child, const struct process *parent)
{
	child->parent = parent->pid;
	child->group = parent->group;
	child->session = parent->session;
	child->ids = parent->ids;
	child->nice = parent->nice;
	child->group_count = parent->group_count;
	memcpy(child->groups, parent->groups, sizeof(child->groups));
	memcpy(child->limits, parent->limits, sizeof(child->limits));
	return timers_limit(child);
}

/* What init started may always start something, however many processes there are; orphans are init's children, too. */
static bool
too_many(const struct process *parent)
{
	return !parent->adopted && (process_table_crowded() ||
		process_count(parent->ids.uid) >= parent->limits[PROC_LIMIT_NPROC].soft);
}

kern_return_t
process_room(const struct mig_request *rq)
{
	const struct process *parent;
	kern_return_t kr;

	mutex_lock(&lock);
	parent = process_sending(rq);
	kr = parent != NULL && (process_table_full() || too_many(parent)) ? EAGAIN : 0;
	mutex_unlock(&lock);
	return kr;
}

/* POSIX.1-2017 exec: the saved ids become the effective ones, which the program's file may have set. */
static void
exec_ids(struct process *p, const struct proc_set_ids *set)
{
	if (set->uid != PROC_ID_KEEP)
		p->ids.euid = set->uid;
	if (set->gid != PROC_ID_KEEP)
		p->ids.egid = set->gid;
	p->ids.suid = p->ids.euid;
	p->ids.sgid = p->ids.egid;
}

/* With the lock held, the child in the table: the group it was asked to be in. */
static kern_return_t
place(struct process *child, uint32_t flags, int32_t group)
{
	if ((flags & PROC_RESET_IDS) != 0) {
		child->ids.euid = child->ids.uid;
		child->ids.egid = child->ids.gid;
	}
	if ((flags & PROC_NEW_SESSION) != 0)
		child->group = child->session = child->pid;
	else if ((flags & PROC_SET_GROUP) != 0)
		return group_join(child, group == 0 ? child->pid : group);
	return 0;
}

/* With the lock held, the child in the table. */
static kern_return_t
set_off(struct process *child, const struct asker *asker, thread_t thread, uint32_t flags, int32_t group,
	const struct proc_set_ids *set)
{
	kern_return_t kr = place(child, flags, group);

	if (kr != 0)
		return kr;
	if (set != NULL)
		exec_ids(child, set);
	child->label = ++last_label;
	page_update(child);
	nice_begin(child);
	if (process_set_token(child) != KERN_SUCCESS)
		return EPERM;
	if (port_notify(child->task, MACH_NOTIFY_DEAD_NAME, notify_port) != KERN_SUCCESS)
		return ENOMEM;
	port_drop(child->port);			/* the send right: the child has its own */
	asker_tell(asker, child);
	if (thread_resume(thread) != KERN_SUCCESS)
		process_end(child, STATUS_SIGNAL(SIGKILL));
	return 0;
}

kern_return_t
process_begin(struct process *child, const struct mig_request *rq, const struct asker *asker, thread_t thread, uint32_t flags,
	int32_t group, const struct proc_set_ids *set, int32_t *pid)
{
	struct process *parent;
	kern_return_t kr;

	mutex_lock(&lock);
	parent = process_still_sending(rq, asker->task);
	if (parent == NULL || parent->has_status) {
		kr = ESRCH;
	} else {
		kr = !inherit(child, parent) || too_many(parent) || !process_insert(child) ? EAGAIN : 0;
		if (kr == 0) {
			*pid = child->pid;
			kr = set_off(child, asker, thread, flags, group, set);
			if (kr != 0)
				process_remove(child);
		}
	}
	mutex_unlock(&lock);
	port_drop(thread);
	return kr;
}

/* --- proc_spawn --- */

static bool
strings_end(const struct elf_strings *strings)
{
	return strings->size == 0 || strings->text[strings->size - 1] == 0;
}

static kern_return_t
check_build(const struct build *b)
{
	if (b->arguments.size + (uint64_t)b->environment.size > ELF_STRINGS_MAX)
		return E2BIG;
	return strings_end(&b->arguments) && strings_end(&b->environment) ? 0 : EINVAL;
}

/* What a request owns of its arguments once it has succeeded. */
static void
release_arguments(const struct build *b)
{
	mig_free((void *)(uintptr_t)b->arguments.text, b->arguments.size);
	mig_free((void *)(uintptr_t)b->environment.text, b->environment.size);
	port_drop(b->file);
}

static kern_return_t
spawn(struct build *b, const struct mig_request *rq, const struct asker *asker, uint32_t flags, int32_t group, int32_t *pid)
{
	struct process *child = process_new();
	kern_return_t kr;

	if (child == NULL)
		return ENOMEM;
	child->executed = true;
	kr = build_task(b, child);
	if (kr == 0)
		kr = process_begin(child, rq, asker, b->thread, flags, group, &b->set, pid);
	if (kr != 0)
		process_discard(child);
	return kr;
}

static int32_t
group_asked(uint32_t flags, int32_t group)
{
	if ((flags & (PROC_NEW_SESSION | PROC_SET_GROUP)) == 0)
		return ASKER_OWN_GROUP;
	return (flags & PROC_NEW_SESSION) != 0 || group == 0 ? ASKER_NEW_GROUP : group;
}

kern_return_t
proc_spawn_s(struct mig_request *rq, mach_port_t file, const char *name, void *args,
	uint32_t args_count, void *environment, uint32_t environment_count,
	const struct startup_kept *kept, const struct startup_fd *fds, uint32_t fds_count,
	uint32_t flags, int32_t group, int32_t *pid)
{
	struct build b = {.file = file, .name = name, .arguments = {args, args_count},
		.environment = {environment, environment_count},
		.kept = kept, .fds = fds, .fd_count = fds_count};
	kern_return_t kr = check_build(&b);
	struct asker asker;

	if (kr == 0 && ((flags & ~(PROC_SET_GROUP | PROC_RESET_IDS | PROC_NEW_SESSION)) != 0 ||
		group < 0))
		kr = EINVAL;
	if (kr == 0)
		kr = process_room(rq);
	if (kr != 0)
		return kr;
	if (!asker_begin(&asker, rq, group_asked(flags, group)))
		return EPERM;
	b.from = asker.task;
	b.euid = (flags & PROC_RESET_IDS) != 0 ? asker.ids.uid : asker.ids.euid;
	b.egid = (flags & PROC_RESET_IDS) != 0 ? asker.ids.gid : asker.ids.egid;
	kr = spawn(&b, rq, &asker, flags, group, pid);
	asker_end(&asker);
	if (kr == 0)
		release_arguments(&b);
	return kr;
}

/* --- proc_exec --- */

/*
 * With the lock held: p goes on in the shell's task, and the shell gets what is left of the old
 * one. Nothing of the old image runs from here on: others may have a right to its task, and resume it.
 */
static void
change_task(struct process *p, struct process *shell)
{
	struct process old = *p;

	port_notify_cancel(p->task, MACH_NOTIFY_DEAD_NAME);
	task_suspend(p->task);
	task_terminate(p->task);
	p->task = shell->task;
	p->port = shell->port;
	p->page = shell->page;
	p->page_address = shell->page_address;
	p->executed = true;
	if (p->nice != 0)
		nice_apply(p);
	memcpy(p->name, shell->name, sizeof(p->name));
	memcpy(p->arguments, shell->arguments, sizeof(p->arguments));
	shell->task = old.task;
	shell->port = old.port;
	shell->page = old.page;
}

/* The time of the image that goes stays the process's. */
static void
note_time(struct process *p)
{
	struct task_info info;

	if (task_info(p->task, &info) != KERN_SUCCESS)
		return;
	p->before.user_time += info.user_time;
	p->before.system_time += info.system_time;
}

/* With the lock held. */
static kern_return_t
become(struct process *p, struct process *shell, thread_t thread, const struct proc_set_ids *set)
{
	if (p == NULL || p->has_status || p->task == MACH_PORT_NULL)
		return ESRCH;
	shell->label = p->label;
	shell->ids = p->ids;
	exec_ids(shell, set);
	if (process_set_token(shell) != KERN_SUCCESS ||
		port_notify(shell->task, MACH_NOTIFY_DEAD_NAME, notify_port) != KERN_SUCCESS)
		return ENOMEM;
	wait_forget(p);
	p->interrupted = 0;
	signals_forget_threads(p);
	timers_release(p, PROC_TIMERS);
	note_time(p);
	change_task(p, shell);
	p->ids = shell->ids;
	page_update(p);
	if (p->stopped)
		task_suspend(p->task);
	port_drop(p->port);			/* the send right: the new image has its own */
	signal_flush(p);			/* what is pending shows in the new page */
	if (thread_resume(thread) != KERN_SUCCESS)
		process_end(p, STATUS_SIGNAL(SIGKILL));
	return 0;
}

/* The old image's port has no send right of ours: what process_discard drops has to be made up. */
static void
discard_old(struct process *shell)
{
	if (mach_port_insert_right(mach_task_self(), shell->port, shell->port,
		    MACH_MSG_TYPE_MAKE_SEND) != KERN_SUCCESS)
		panic("proc: a process without a port\n");
	process_discard(shell);
}

static kern_return_t
exec(struct build *b, const struct mig_request *rq)
{
	struct process *shell = process_new();
	kern_return_t kr;

	if (shell == NULL)
		return ENOMEM;
	kr = build_task(b, shell);
	if (kr == 0) {
		mutex_lock(&lock);
		kr = become(process_still_sending(rq, b->from), shell, b->thread, &b->set);
		mutex_unlock(&lock);
		port_drop(b->thread);
	}
	if (kr != 0)
		process_discard(shell);
	else
		discard_old(shell);
	return kr;
}

/* Who asked is gone when it has succeeded; its reply right is dropped. */
kern_return_t
proc_exec_s(struct mig_request *rq, mach_port_t file, const char *name, void *args,
	uint32_t args_count, void *environment, uint32_t environment_count,
	const struct startup_kept *kept, const struct startup_fd *fds, uint32_t fds_count)
{
	struct build b = {.file = file, .name = name, .arguments = {args, args_count},
		.environment = {environment, environment_count},
		.kept = kept, .fds = fds, .fd_count = fds_count};
	kern_return_t kr = check_build(&b);
	struct asker asker;

	if (kr != 0)
		return kr;
	if (!asker_begin(&asker, rq, ASKER_NEW_GROUP))
		return EPERM;
	b.from = asker.task;
	b.euid = asker.ids.euid;
	b.egid = asker.ids.egid;
	kr = exec(&b, rq);
	asker_end(&asker);
	if (kr != 0)
		return kr;
	release_arguments(&b);
	port_drop(rq->reply_port);
	return MIG_NO_REPLY;
}

/* --- proc_adopt --- */

static void
set_default_limits(struct process *p)
{
	for (uint32_t i = 0; i < PROC_LIMITS; i++)
		p->limits[i] = (struct proc_limit){ PROC_UNLIMITED, PROC_UNLIMITED };
	p->limits[PROC_LIMIT_NPROC].soft = NPROC_DEFAULT;
	p->limits[PROC_LIMIT_NOFILE] = (struct proc_limit){ STARTUP_FDS_MAX, STARTUP_FDS_MAX };
	p->limits[PROC_LIMIT_STACK] = (struct proc_limit){ ELF_STACK_SIZE, ELF_STACK_SIZE };
	p->limits[PROC_LIMIT_CORE] = (struct proc_limit){ 0, 0 };
}

kern_return_t
proc_adopt_s(struct mig_request *rq, mach_port_t task, const char *name, mach_port_t *self,
	uint32_t *self_type, int32_t *pid)
{
	struct elf_strings arguments = { name, (uint32_t)strlen(name) + 1 };
	struct process *p;

	if (rq->port != service_port || rq->sender.label != 1)
		return EPERM;
	p = process_new();
	if (p == NULL)
		return ENOMEM;
	build_describe(p, name, &arguments);
	set_default_limits(p);
	mutex_lock(&lock);
	p->parent = INIT_PID;
	p->adopted = true;
	if (!process_insert(p)) {
		mutex_unlock(&lock);
		process_discard(p);
		return EAGAIN;
	}
	p->group = p->session = p->pid;
	p->task = task;
	p->label = ++last_label;
	process_set_token(p);			/* servers know it by that (proc_identify) */
	*pid = p->pid;
	*self = p->port;
	*self_type = MACH_MSG_TYPE_MOVE_SEND;
	mutex_unlock(&lock);
	task_set_special_port(task, TASK_EXCEPTION_PORT, p->port);
	port_notify(task, MACH_NOTIFY_DEAD_NAME, notify_port);
	return KERN_SUCCESS;
}
