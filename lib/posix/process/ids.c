/* Users and groups of the process. proc decides; POSIX's calls differ in which ids they set. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include "posix/posix.h"
#include "posix/signal/signals.h"
#include "proc.h"

#define KEEP	PROC_ID_KEEP

static struct proc_ids
ids(void)
{
	struct proc_ids now = { 0 };

	proc_get_ids(proc_port(), &now);
	return now;
}

static int
set(uint32_t uid, uint32_t euid, uint32_t suid, uint32_t gid, uint32_t egid, uint32_t sgid)
{
	struct proc_ids wanted = { uid, euid, suid, gid, egid, sgid };

	return posix_result(proc_set_ids(proc_port(), &wanted));
}

uid_t
getuid(void)
{
	return ids().uid;
}

uid_t
geteuid(void)
{
	return ids().euid;
}

gid_t
getgid(void)
{
	return ids().gid;
}

gid_t
getegid(void)
{
	return ids().egid;
}

/* The superuser sets all three, others the effective one. */
int
setuid(uid_t uid)
{
	if (uid == KEEP)
		return posix_error(EINVAL);
	if (geteuid() == 0)
		return set(uid, uid, uid, KEEP, KEEP, KEEP);
	return set(KEEP, uid, KEEP, KEEP, KEEP, KEEP);
}

int
setgid(gid_t gid)
{
	if (gid == KEEP)
		return posix_error(EINVAL);
	if (geteuid() == 0)
		return set(KEEP, KEEP, KEEP, gid, gid, gid);
	return set(KEEP, KEEP, KEEP, KEEP, gid, KEEP);
}

int
seteuid(uid_t uid)
{
	return uid == KEEP ? posix_error(EINVAL) : set(KEEP, uid, KEEP, KEEP, KEEP, KEEP);
}

int
setegid(gid_t gid)
{
	return gid == KEEP ? posix_error(EINVAL) : set(KEEP, KEEP, KEEP, KEEP, gid, KEEP);
}

/* The saved id follows the effective one when the real one is set, or the effective one to something that the real one was not. */
int
setreuid(uid_t uid, uid_t euid)
{
	struct proc_ids now = ids();
	uint32_t effective = euid != KEEP ? euid : now.euid;

	return set(uid, euid, uid != KEEP || (euid != KEEP && euid != now.uid) ? effective : KEEP, KEEP, KEEP, KEEP);
}

int
setregid(gid_t gid, gid_t egid)
{
	struct proc_ids now = ids();
	uint32_t effective = egid != KEEP ? egid : now.egid;

	return set(KEEP, KEEP, KEEP, gid, egid, gid != KEEP || (egid != KEEP && egid != now.gid) ? effective : KEEP);
}

int
setresuid(uid_t uid, uid_t euid, uid_t suid)
{
	return set(uid, euid, suid, KEEP, KEEP, KEEP);
}

int
setresgid(gid_t gid, gid_t egid, gid_t sgid)
{
	return set(KEEP, KEEP, KEEP, gid, egid, sgid);
}

int
getresuid(uid_t *uid, uid_t *euid, uid_t *suid)
{
	struct proc_ids now = ids();

	*uid = now.uid;
	*euid = now.euid;
	*suid = now.suid;
	return 0;
}

int
getresgid(gid_t *gid, gid_t *egid, gid_t *sgid)
{
	struct proc_ids now = ids();

	*gid = now.gid;
	*egid = now.egid;
	*sgid = now.sgid;
	return 0;
}

/* --- supplementary groups --- */

int
getgroups(int room, gid_t *groups)
{
	uint32_t all[PROC_GROUPS_MAX], count = PROC_GROUPS_MAX;

	if (room < 0)
		return posix_error(EINVAL);
	if (posix_result(proc_get_groups(proc_port(), all, &count)) < 0)
		return -1;
	if (room == 0)
		return (int)count;
	if ((uint32_t)room < count)
		return posix_error(EINVAL);
	for (uint32_t i = 0; i < count; i++)
		groups[i] = all[i];
	return (int)count;
}

int
setgroups(size_t count, const gid_t *groups)
{
	if (count > PROC_GROUPS_MAX)
		return posix_error(EINVAL);
	return posix_result(proc_set_groups(proc_port(), groups, (uint32_t)count));
}

int
initgroups(const char *user, gid_t gid)
{
	gid_t groups[PROC_GROUPS_MAX];
	int count = PROC_GROUPS_MAX;

	if (getgrouplist(user, gid, groups, &count) < 0)
		count = PROC_GROUPS_MAX;
	return setgroups((size_t)count, groups);
}
