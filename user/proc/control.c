/*
 * What processes ask about each other: exit, wait, signals, information. See inc/proto/proc.defs.
 *
 * Signals here have their default action; a process cannot catch them.
 */
#include "proc_local.h"
#include "proc_server.h"
#include <errno.h>
#include <string.h>

#define THREADS_LOOKED_AT	16u	/* of a process, for its state */

/* The caller waits for a reply that never comes, so that nothing of it runs until its end. */
kern_return_t
proc_exit_s(struct mig_request *rq, int32_t status)
{
	struct process *p;

	mutex_lock(&lock);
	p = process_by_port(rq->port);
	if (p != NULL && p->task != MACH_PORT_NULL) {
		if (!p->has_status)
			p->status = STATUS_SIGNAL(status) != STATUS_STOPPED ? status & 0xff7f
									    : status & 0xff00;
		p->has_status = true;
		task_terminate(p->task);
	}
	mutex_unlock(&lock);
	if (p == NULL)
		return EPERM;
	port_drop(rq->reply_port);
	return MIG_NO_REPLY;
}

kern_return_t
proc_wait_s(struct mig_request *rq, int32_t pid, uint32_t options, int32_t *child, int32_t *status)
{
	struct process *p, *ended;
	kern_return_t kr = KERN_SUCCESS;
	bool exists;

	if ((options & ~PROC_WNOHANG) != 0)
		return EINVAL;
	mutex_lock(&lock);
	p = process_by_port(rq->port);
	ended = p != NULL ? process_ended_child(p, pid, &exists) : NULL;
	if (p == NULL) {
		kr = EPERM;
	} else if (ended != NULL) {
		*child = ended->pid;
		*status = ended->status;
		process_reap(ended);
	} else if (!exists) {
		kr = ECHILD;
	} else if ((options & PROC_WNOHANG) == 0) {
		kr = process_wait_later(p, rq->reply_port, pid);
	}
	mutex_unlock(&lock);
	return kr;
}

void
wait_answer(mach_port_t reply_port, kern_return_t result, int32_t pid, int32_t status)
{
	proc_wait_reply(reply_port, result, pid, status);
}

static bool
is_stop(int32_t signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* With the lock held. The default action of a signal. */
static void
deliver(struct process *p, int32_t signal)
{
	if (p->task == MACH_PORT_NULL || signal == 0 || signal == SIGCHLD || signal == SIGURG ||
		signal == SIGWINCH)
		return;
	if (is_stop(signal)) {
		if (!p->stopped && task_suspend(p->task) == KERN_SUCCESS)
			p->stopped = true;
		return;
	}
	if (signal == SIGCONT) {
		if (p->stopped && task_resume(p->task) == KERN_SUCCESS)
			p->stopped = false;
		return;
	}
	if (!p->has_status)
		p->status = STATUS_SIGNAL(signal);
	p->has_status = true;
	task_terminate(p->task);
}

/* Conditions: lock held; own NULL: a server asks. Returns 0, ESRCH, EPERM. */
static kern_return_t
signal_matching(const struct process *own, int32_t pid, int32_t signal)
{
	kern_return_t kr = ESRCH;

	for (struct process *p = process_from(INIT_PID + 1); p != NULL; p = p->next) {
		if (p->zombie ? pid <= 0 : false)
			continue;
		if (!process_matches(p, pid, own) || (pid == -1 && p == own))
			continue;
		if (own != NULL && own->uid != 0 && own->uid != p->uid) {
			kr = kr == 0 ? 0 : EPERM;
			continue;
		}
		deliver(p, signal);
		kr = 0;
	}
	return kr;
}

kern_return_t
proc_kill_s(struct mig_request *rq, int32_t pid, int32_t signal)
{
	const struct process *own;
	kern_return_t kr;

	if (signal < 0 || signal > SIGNALS || pid == INT32_MIN)
		return EINVAL;
	if (pid == INIT_PID)
		return EPERM;
	mutex_lock(&lock);
	own = process_by_port(rq->port);
	kr = own != NULL ? signal_matching(own, pid, signal) : EPERM;
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
proc_signal_group_s(struct mig_request *rq, int32_t group, int32_t signal)
{
	kern_return_t kr;

	if (rq->port != service_port || rq->sender.label >= PROC_LABEL_FIRST)
		return EPERM;
	if (signal < 0 || signal > SIGNALS || group <= 1)
		return EINVAL;
	mutex_lock(&lock);
	kr = signal_matching(NULL, -group, signal);
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
proc_self_s(struct mig_request *rq, int32_t *pid, int32_t *parent)
{
	const struct process *p;

	mutex_lock(&lock);
	p = process_by_port(rq->port);
	if (p != NULL) {
		*pid = p->pid;
		*parent = p->parent;
	}
	mutex_unlock(&lock);
	return p != NULL ? KERN_SUCCESS : EPERM;
}

static uint32_t
state_of(const struct process *p)
{
	thread_t threads[THREADS_LOOKED_AT];
	uint32_t count = THREADS_LOOKED_AT, state = PROC_SLEEPING;
	struct thread_info info;

	if (p->zombie)
		return PROC_ZOMBIE;
	if (p->stopped)
		return PROC_STOPPED;
	if (p->task == MACH_PORT_NULL || task_threads(p->task, threads, &count) != KERN_SUCCESS)
		return PROC_SLEEPING;
	for (uint32_t i = 0; i < count && i < THREADS_LOOKED_AT; i++) {
		if (thread_info(threads[i], &info) == KERN_SUCCESS &&
			info.state == THREAD_STATE_RUNNING)
			state = PROC_RUNNING;
		port_drop(threads[i]);
	}
	return state;
}

static void
fill_usage(task_t task, struct proc_info *info)
{
	struct task_info usage;

	if (task == MACH_PORT_NULL || task_info(task, &usage) != KERN_SUCCESS)
		return;
	info->threads = usage.thread_count;
	info->virtual_size = usage.virtual_size;
	info->resident_size = usage.resident_size;
	info->user_time = usage.user_time;
	info->system_time = usage.system_time;
}

kern_return_t
proc_next_s(struct mig_request *rq, int32_t pid, struct proc_info *info)
{
	const struct process *p;

	mutex_lock(&lock);
	p = process_from(pid);
	if (p != NULL) {
		info->pid = p->pid;
		info->parent = p->parent;
		info->group = p->group;
		info->session = p->session;
		info->uid = p->uid;
		info->gid = p->gid;
		info->state = process_by_port(rq->port) == p ? PROC_RUNNING : state_of(p);
		strlcpy(info->name, p->name, sizeof(info->name));
		strlcpy(info->arguments, p->arguments, sizeof(info->arguments));
		fill_usage(p->task, info);
	}
	mutex_unlock(&lock);
	return p != NULL ? KERN_SUCCESS : ESRCH;
}
