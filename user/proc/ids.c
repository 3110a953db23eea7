/* Credentials, process groups and sessions, limits. See inc/proto/proc.defs. */
#include "proc_local.h"
#include "proc_server.h"
#include <errno.h>
#include <string.h>

/* --- groups and sessions --- */

/* Whether the session has a group of that number. */
static bool
group_exists(int32_t group, int32_t session)
{
	for (const struct process *p = process_from(INIT_PID + 1); p != NULL; p = p->next)
		if (p->group == group && p->session == session)
			return true;
	return false;
}

kern_return_t
group_join(struct process *p, int32_t group)
{
	if (p->session == p->pid || (group != p->pid && !group_exists(group, p->session)))
		return EPERM;
	p->group = group;
	page_update(p);
	return 0;
}

/* Who waits for children of one group may have one now, or none any more. A zombie may be gone afterwards. */
static void
tell_parent(const struct process *p)
{
	struct process *parent = process_by_pid(p->parent);

	if (parent != NULL)
		wait_news(parent);
}

static kern_return_t
set_group(struct process *own, int32_t pid, int32_t group)
{
	struct process *p = pid == 0 ? own : process_by_pid(pid);
	kern_return_t kr;

	if (p == NULL || (p != own && p->parent != own->pid))
		return ESRCH;
	if (p != own && p->executed)
		return EACCES;
	if (p->session != own->session)
		return EPERM;
	kr = group_join(p, group == 0 ? p->pid : group);
	if (kr == 0)
		tell_parent(p);
	return kr;
}

kern_return_t
proc_set_group_s(struct mig_request *rq, int32_t pid, int32_t group)
{
	struct process *own;
	kern_return_t kr = EPERM;

	if (group < 0 || pid < 0)
		return EINVAL;
	mutex_lock(&lock);
	own = process_sending(rq);
	if (own != NULL)
		kr = set_group(own, pid, group);
	mutex_unlock(&lock);
	return kr;
}

static kern_return_t
set_session(struct process *p, int32_t *session)
{
	for (const struct process *q = process_from(INIT_PID + 1); q != NULL; q = q->next)
		if (q->group == p->pid)
			return EPERM;
	p->group = p->session = p->pid;
	page_update(p);
	*session = p->session;
	tell_parent(p);
	return 0;
}

kern_return_t
proc_set_session_s(struct mig_request *rq, int32_t *session)
{
	struct process *p;
	kern_return_t kr = EPERM;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL)
		kr = set_session(p, session);
	mutex_unlock(&lock);
	return kr;
}

/* --- credentials --- */

kern_return_t
proc_get_ids_s(struct mig_request *rq, struct proc_ids *ids)
{
	const struct process *p;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL)
		*ids = p->ids;
	mutex_unlock(&lock);
	return p != NULL ? KERN_SUCCESS : EPERM;
}

/* Whether a process that has these three may take `id`. */
static bool
may_take(uint32_t id, uint32_t real, uint32_t effective, uint32_t saved)
{
	return id == PROC_ID_KEEP || id == real || id == effective || id == saved;
}

static uint32_t
choose(uint32_t id, uint32_t present)
{
	return id != PROC_ID_KEEP ? id : present;
}

static kern_return_t
set_ids(struct process *p, const struct proc_ids *ids)
{
	struct proc_ids old = p->ids;

	if (old.euid != 0 && !(may_take(ids->uid, old.uid, old.euid, old.suid) &&
				     may_take(ids->euid, old.uid, old.euid, old.suid) &&
				     may_take(ids->suid, old.uid, old.euid, old.suid) &&
				     may_take(ids->gid, old.gid, old.egid, old.sgid) &&
				     may_take(ids->egid, old.gid, old.egid, old.sgid) &&
				     may_take(ids->sgid, old.gid, old.egid, old.sgid)))
		return EPERM;
	p->ids = (struct proc_ids){
		choose(ids->uid, old.uid), choose(ids->euid, old.euid), choose(ids->suid, old.suid),
		choose(ids->gid, old.gid), choose(ids->egid, old.egid), choose(ids->sgid, old.sgid)};
	if (process_set_token(p) == KERN_SUCCESS)
		return 0;
	p->ids = old;
	return EPERM;
}

kern_return_t
proc_set_ids_s(struct mig_request *rq, const struct proc_ids *ids)
{
	struct process *p;
	kern_return_t kr = EPERM;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL)
		kr = set_ids(p, ids);
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
proc_get_groups_s(struct mig_request *rq, uint32_t *groups, uint32_t *groups_count)
{
	const struct process *p;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL) {
		*groups_count = p->group_count;
		memcpy(groups, p->groups, p->group_count * sizeof(*groups));
	}
	mutex_unlock(&lock);
	return p != NULL ? KERN_SUCCESS : EPERM;
}

kern_return_t
proc_set_groups_s(struct mig_request *rq, const uint32_t *groups, uint32_t groups_count)
{
	struct process *p;
	kern_return_t kr = EPERM;

	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL && p->ids.euid == 0) {
		p->group_count = groups_count;
		memcpy(p->groups, groups, groups_count * sizeof(*groups));
		kr = 0;
	}
	mutex_unlock(&lock);
	return kr;
}

/* --- limits --- */

static kern_return_t
change_limit(struct process *p, uint32_t which, const struct proc_limit *limit)
{
	struct proc_limit *old = &p->limits[which], before;

	if (limit->soft > limit->hard)
		return EINVAL;
	if (limit->hard > old->hard && p->ids.euid != 0)
		return EPERM;
	before = *old;
	*old = *limit;
	if (which == PROC_LIMIT_CPU && !timers_limit(p)) {
		*old = before;
		return ENOMEM;
	}
	page_update(p);
	return 0;
}

kern_return_t
proc_limit_s(struct mig_request *rq, uint32_t which, uint32_t change,
	const struct proc_limit *limit, struct proc_limit *old)
{
	struct process *p;
	kern_return_t kr = EPERM;

	if (which >= PROC_LIMITS)
		return EINVAL;
	mutex_lock(&lock);
	p = process_sending(rq);
	if (p != NULL) {
		*old = p->limits[which];
		kr = change != 0 ? change_limit(p, which, limit) : 0;
	}
	mutex_unlock(&lock);
	return kr;
}

/* --- for servers --- */

static void
identify(const struct process *p, struct proc_identity *identity)
{
	*identity = (struct proc_identity){.pid = p->pid, .parent = p->parent, .group = p->group,
		.session = p->session, .ids = p->ids,
		.orphaned = group_is_orphaned(p->group, NULL)};
	for (int32_t i = 1; i <= (int32_t)SIGNALS; i++)
		if (signal_action(p, i).handler == SIGNAL_IGNORE)
			identity->ignored |= SIGNAL_BIT(i);
	if (p->page != NULL)
		identity->blocked = p->page->slots[0].mask;
}

kern_return_t
proc_identify_s(struct mig_request *rq, uint32_t label, struct proc_identity *identity)
{
	const struct process *p;

	if (rq->port != service_port || rq->sender.label >= PROC_LABEL_FIRST)
		return EPERM;
	mutex_lock(&lock);
	p = process_by_label(label);
	if (p != NULL)
		identify(p, identity);
	mutex_unlock(&lock);
	return p != NULL ? KERN_SUCCESS : ESRCH;
}

/* A process that has ended has no life to watch. The send right is made by the message. */
kern_return_t
proc_watch_s(struct mig_request *rq, uint32_t label, int32_t *pid, mach_port_t *life, uint32_t *life_type)
{
	kern_return_t kr = ESRCH;
	struct process *p;

	if (rq->port != service_port || rq->sender.label >= PROC_LABEL_FIRST)
		return EPERM;
	mutex_lock(&lock);
	p = process_by_label(label);
	if (p != NULL && !p->zombie) {
		kr = p->life != MACH_PORT_NULL ? KERN_SUCCESS : port_create(false, &p->life);
		*pid = p->pid;
		*life = p->life;
		*life_type = MACH_MSG_TYPE_MAKE_SEND;
	}
	mutex_unlock(&lock);
	return kr;
}
