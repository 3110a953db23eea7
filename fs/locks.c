/*
 * File locks. See locks.h; lock/ranges.h has what record locks mean.
 *
 * The owner of a record lock is a process, known by the label of its token, which forks do not share and exec keeps. Its locks shall go when it
 * ends, however that happens: proc gives a port that dies with the process (proc_watch). A thread of its own asks proc, since proc's threads may
 * be waiting for this server's; a process's first request waits until it is known. A lock of flock belongs to the open file. Both end by
 * notifications, which may still be on their way when others ask: so the kernel is asked before somebody is said to be in the way.
 *
 * A request that waits is its reply right (as in pipe_waits.c). Whenever something is given up, those that wait at the file are tried again, the
 * oldest first. One mutex guards all of it; it is held over nothing that waits.
 */
#include "locks_local.h"

#include "mach/service.h"
#include "proc.h"

struct mutex locks_mutex;
static struct condition unknown;	/* somebody is to be asked for */
static struct owner *lock_owners;
static struct locked *locked_files;
int lock_range_count;
mach_port_t locks_notify_port;

struct owner *
lock_owner_of(uint32_t label)
{
	struct owner *owner = lock_owners;

	while (owner && owner->label != label)
		owner = owner->next;
	return owner;
}

/* NULL: no memory. */
struct owner *
lock_owner_get(uint32_t label)
{
	struct owner *owner = lock_owner_of(label);

	if (owner)
		return owner;
	owner = heap_zalloc(1, sizeof(*owner));
	if (!owner)
		return NULL;
	owner->label = label;
	owner->next = lock_owners;
	lock_owners = owner;
	condition_signal(&unknown);
	return owner;
}

struct locked *
locked_of(const struct vnode *vn)
{
	struct locked *locked = locked_files;

	while (locked && locked->vn != vn)
		locked = locked->next;
	return locked;
}

/* NULL: no memory. */
struct locked *
locked_get(struct vnode *vn)
{
	struct locked *locked = locked_of(vn);

	if (locked)
		return locked;
	locked = heap_zalloc(1, sizeof(*locked));
	if (!locked)
		return NULL;
	vnode_hold(vn);
	locked->vn = vn;
	locked->next = locked_files;
	locked_files = locked;
	return locked;
}

/* Frees what nobody has or wants any more. Releases the mutex: giving a vnode back may write. */
void
locks_unlock(void)
{
	struct locked *idle = NULL, *locked;

	for (struct locked **at = &locked_files; (locked = *at) != NULL;) {
		const struct wait *wait = lock_waits;

		while (wait && wait->locked != locked)
			wait = wait->next;
		if (locked->ranges || locked->holders || wait) {
			at = &locked->next;
			continue;
		}
		*at = locked->next;
		locked->next = idle;
		idle = locked;
	}
	mutex_unlock(&locks_mutex);
	while ((locked = idle) != NULL) {
		idle = locked->next;
		vnode_put(locked->vn);
		heap_free(locked);
	}
}

/* --- owners --- */

/* The process is gone, or cannot be watched: its locks are free. */
static void
owner_end(struct owner *owner)
{
	struct owner **at = &lock_owners;
	int change;

	while (*at != owner)
		at = &(*at)->next;
	*at = owner->next;
	lock_waits_end(NULL, owner->label, MACH_PORT_NULL, ENOLCK);
	for (struct locked *locked = locked_files; locked; locked = locked->next)
		if (ranges_set(&locked->ranges, owner->label, RANGE_NONE, 0, RANGE_END, &change) == 0)
			lock_range_count += change;
	port_drop(owner->life);
	heap_free(owner);
	lock_waits_run(NULL);
}

void
lock_owner_check(uint32_t label)
{
	struct owner *owner = lock_owner_of(label);
	mach_port_type_t type;

	if (owner && owner->life != MACH_PORT_NULL && mach_port_type(mach_task_self(), owner->life, &type) == KERN_SUCCESS &&
	    (type & MACH_PORT_TYPE_DEAD_NAME))
		owner_end(owner);
}

/* Asks proc for those that are not known yet. */
static void *
watch(void *argument)
{
	mach_port_t proc = MACH_PORT_NULL, life;
	struct owner *owner;
	uint32_t label;
	int32_t pid = 0;

	mutex_lock(&locks_mutex);
	for (;;) {
		for (owner = lock_owners; owner && owner->life != MACH_PORT_NULL;)
			owner = owner->next;
		if (!owner) {
			condition_wait(&unknown, &locks_mutex);
			continue;
		}
		label = owner->label;
		mutex_unlock(&locks_mutex);
		life = MACH_PORT_NULL;
		if (proc == MACH_PORT_NULL)
			proc = service_look_up("proc");
		if (proc_watch(proc, label, &pid, &life) == KERN_SUCCESS &&
		    port_notify(life, MACH_NOTIFY_DEAD_NAME, locks_notify_port) != KERN_SUCCESS) {
			port_drop(life);
			life = MACH_PORT_NULL;
		}
		mutex_lock(&locks_mutex);
		owner->life = life;	/* nobody else ends an owner that is not known */
		owner->pid = pid;
		if (life == MACH_PORT_NULL)
			owner_end(owner);
		else
			lock_waits_run(NULL);
		locks_unlock();
		mutex_lock(&locks_mutex);
	}
	return argument;
}

int
locks_start(mach_port_t port)
{
	locks_notify_port = port;
	return cthread_spawn(watch, NULL) == KERN_SUCCESS ? 0 : EAGAIN;
}

void
locks_close(struct file *file)
{
	struct locked *locked;

	mutex_lock(&locks_mutex);
	locked = locked_files ? locked_of(file->vn) : NULL;
	if (locked) {
		lock_waits_end(file, 0, MACH_PORT_NULL, EBADF);
		lock_holder_remove(lock_holder_of(locked, file));
		lock_waits_run(locked);
		locks_unlock();
	} else {
		mutex_unlock(&locks_mutex);
	}
}

void
locks_interrupt(struct file *file, uint32_t label)
{
	mutex_lock(&locks_mutex);
	if (lock_waits)
		lock_waits_end(file, label, MACH_PORT_NULL, EINTR);
	locks_unlock();
}

void
locks_dead_name(mach_port_t name)
{
	struct owner *owner;

	mutex_lock(&locks_mutex);
	lock_waits_end(NULL, 0, name, EINTR);	/* the answer goes nowhere, and the right with it */
	for (owner = lock_owners; owner && owner->life != name;)
		owner = owner->next;
	if (owner)
		owner_end(owner);
	locks_unlock();
}
