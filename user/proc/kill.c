/* The requests about signals. See inc/proto/proc.defs and signals.h. */
#include "proc_local.h"
#include "proc_server.h"
#include <errno.h>

/* POSIX.1-2017 kill(). own NULL: a server asks. */
static bool
may_signal(const struct process *own, const struct process *p, int32_t signal)
{
	return own == NULL || own->ids.euid == 0 || own->ids.uid == p->ids.uid ||
	       own->ids.uid == p->ids.suid || own->ids.euid == p->ids.uid ||
	       own->ids.euid == p->ids.suid ||
	       (signal == SIGCONT && own->session == p->session);
}

/* pid: as it was asked for. */
static kern_return_t
send_one(struct process *p, int32_t pid, const struct signal_info *info)
{
	return pid > 0 ? signal_send(p, -1, info) : signal_send_group(p, pid == -1 ? SIGNAL_ALL : p->group, info);
}

/*
 * Conditions: lock held. -1 means everybody but the sender. The sender itself comes last: it may
 * end. Returns: 0, ESRCH, EPERM, EAGAIN.
 */
static kern_return_t
signal_matching(struct process *own, int32_t pid, const struct signal_info *info)
{
	struct process *next;
	kern_return_t kr = ESRCH;
	bool to_self = false;

	for (struct process *p = process_from(INIT_PID + 1); p != NULL; p = next) {
		next = p->next;
		if ((p->zombie && pid <= 0) || (pid == -1 && p == own) ||
			!process_matches(p, pid, own))
			continue;
		if (!may_signal(own, p, info->signal)) {
			kr = kr == ESRCH ? EPERM : kr;
			continue;
		}
		kr = 0;
		if (p == own)
			to_self = true;
		else if (send_one(p, pid, info) != 0 && pid > 0)
			kr = EAGAIN;
	}
	return to_self ? send_one(own, pid, info) : kr;
}

static kern_return_t
check(int32_t pid, int32_t signal)
{
	if (signal < 0 || signal > (int32_t)SIGNALS)
		return EINVAL;
	if (pid == INT32_MIN)
		return ESRCH;
	return pid == INIT_PID ? EPERM : 0;
}

static kern_return_t
send(const struct mig_request *rq, int32_t pid, int32_t slot, struct signal_info *info)
{
	struct process *own;
	kern_return_t kr = EPERM;

	mutex_lock(&lock);
	own = process_sending(rq);
	if (own != NULL) {
		info->pid = own->pid;
		info->uid = own->ids.uid;
		kr = slot < 0 ? signal_matching(own, pid, info) : signal_send(own, slot, info);
	}
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
proc_kill_s(struct mig_request *rq, int32_t pid, int32_t signal)
{
	struct signal_info info = { .signal = signal, .code = SI_USER };
	kern_return_t kr = check(pid, signal);

	return kr != 0 ? kr : send(rq, pid, -1, &info);
}

kern_return_t
proc_queue_signal_s(struct mig_request *rq, int32_t pid, int32_t slot, int32_t signal, int32_t code,
	uint64_t value)
{
	struct signal_info info = { .signal = signal, .code = code, .value = value };
	kern_return_t kr = check(pid, signal);

	/* Codes above 0 are the system's own. */
	if (kr == 0 && (code > SI_USER || slot < -1 || slot >= (int32_t)SIGNAL_SLOTS))
		kr = EINVAL;
	return kr != 0 ? kr : send(rq, pid, slot, &info);
}

kern_return_t
proc_signal_group_s(struct mig_request *rq, int32_t group, int32_t signal)
{
	struct signal_info info = { .signal = signal, .code = SI_KERNEL };
	kern_return_t kr;

	if (rq->port != service_port || rq->sender.label >= PROC_LABEL_FIRST)
		return EPERM;
	if (signal < 0 || signal > (int32_t)SIGNALS || group <= 1)
		return EINVAL;
	mutex_lock(&lock);
	kr = signal_matching(NULL, -group, &info);
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
proc_signal_take_s(struct mig_request *rq, uint32_t slot, uint64_t set, struct signal_info *info)
{
	struct process *p;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL)
		signal_take(p, slot, set, info);
	mutex_unlock(&lock);
	return p != NULL ? KERN_SUCCESS : EPERM;
}
