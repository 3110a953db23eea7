/*
 * Port name spaces: what a task's names denote. Names and generations are kept by names.h; this
 * adds the lock, the limits and the life of what stands behind the entries.
 *
 * A right in an entry is one right of its port whatever its user references. When a port dies its
 * entries elsewhere are not visited: an entry with a send or send-once right to a dead port *is* a
 * dead name, and space_lookup makes it one when it meets it.
 */
#ifndef IPC_SPACE_H
#define IPC_SPACE_H

#include "ipc/ipc.h"
#include "ipc/names.h"
#include "ipc/port.h"
#include "sync/spinlock.h"

struct ipc_space {
	struct spinlock lock;			/* RANK_SPACE */
	refcount_t refs;
	bool alive;				/* not terminated */
	struct task *task;			/* pays and sets the limit; not referenced */
	struct name_table names;
};

/* Locks and unlocks two spaces, or one twice. */
void spaces_lock(struct ipc_space *one, struct ipc_space *other);
void spaces_unlock(struct ipc_space *one, struct ipc_space *other);

/* --- conditions: the space is locked --- */

/*
 * The entry of a name, dead names brought up to date; NULL: no such name. Valid until the next
 * space_reserve or unlock.
 */
struct ipc_entry *space_lookup(struct ipc_space *space, mach_port_t name);

/* Brings one entry up to date: a right to a dead port becomes a dead name. */
void space_refresh(struct ipc_space *space, struct ipc_entry *entry);

/*
 * Makes sure that one more name can be taken. Returns NO_SPACE (limit), RESOURCE_SHORTAGE (memory),
 * INVALID_TASK (terminated). May move entries.
 */
kern_return_t space_reserve(struct ipc_space *space);

/* The same for a particular name, which must be legal. NAME_EXISTS: its slot is taken. */
kern_return_t space_reserve_name(struct ipc_space *space, mach_port_t name);

#endif
