/* What processes ask about each other: exit, wait, information. See inc/proto/proc.defs. */
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
	p = process_sending(rq);
	if (p != NULL)
		process_end(p, STATUS_SIGNAL(status) != STATUS_STOPPED ? status & 0xff7f
								       : status & 0xff00);
	mutex_unlock(&lock);
	if (p == NULL)
		return EPERM;
	port_drop(rq->reply_port);
	return MIG_NO_REPLY;
}

static kern_return_t
wait_now(struct process *p, const struct waiter *asked, struct proc_waited *found)
{
	bool exists;
	struct process *child = wait_find(p, asked->pid, asked->options, &exists);

	if (child != NULL) {
		wait_take(p, child, asked->options, found);
		return KERN_SUCCESS;
	}
	if (!exists)
		return ECHILD;
	return (asked->options & PROC_WNOHANG) != 0 ? KERN_SUCCESS : wait_later(p, asked);
}

kern_return_t
proc_wait_s(struct mig_request *rq, int32_t pid, uint32_t options, uint32_t slot,
	struct proc_waited *found)
{
	const uint32_t what = PROC_WEXITED | PROC_WSTOPPED | PROC_WCONTINUED;
	struct waiter asked = {
		.reply_port = rq->reply_port, .pid = pid, .options = options, .slot = slot};
	struct process *p;
	kern_return_t kr = EPERM;

	if ((options & ~(what | PROC_WNOHANG | PROC_WNOWAIT)) != 0 || (options & what) == 0 ||
		pid == INT32_MIN)
		return EINVAL;
	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL)
		kr = wait_now(p, &asked, found);
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
proc_wait_interrupt_s(struct mig_request *rq, uint32_t slot)
{
	struct process *p;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL)
		wait_interrupt(p, slot);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

/* A reply right that lost its port has become a dead name. */
bool
wait_is_wanted(mach_port_t reply_port)
{
	mach_port_type_t type = 0;

	return mach_port_type(mach_task_self(), reply_port, &type) == KERN_SUCCESS &&
	       (type & MACH_PORT_TYPE_SEND_ONCE) != 0;
}

void
wait_answer(mach_port_t reply_port, kern_return_t result, const struct proc_waited *found)
{
	proc_wait_reply(reply_port, result, found);
}

kern_return_t
proc_children_usage_s(struct mig_request *rq, struct proc_usage *usage)
{
	const struct process *p;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL)
		*usage = p->children;
	mutex_unlock(&lock);
	return p != NULL ? KERN_SUCCESS : EPERM;
}

kern_return_t
proc_self_s(struct mig_request *rq, int32_t *pid, int32_t *parent)
{
	const struct process *p;

	mutex_lock(&lock);
	p = process_sending(rq);
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
	info->user_time += usage.user_time;
	info->system_time += usage.system_time;
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
		info->uid = p->ids.euid;
		info->gid = p->ids.egid;
		info->nice = p->nice;
		info->state = process_sending(rq) == p ? PROC_RUNNING : state_of(p);
		strlcpy(info->name, p->name, sizeof(info->name));
		strlcpy(info->arguments, p->arguments, sizeof(info->arguments));
		info->user_time = p->before.user_time;
		info->system_time = p->before.system_time;
		fill_usage(p->task, info);
	}
	mutex_unlock(&lock);
	return p != NULL ? KERN_SUCCESS : ESRCH;
}
