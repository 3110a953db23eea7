/*
 * Rights in a name space: taking them out (copy in), putting them in (copy out), their user
 * references. Conditions of all: the space is locked and the entry up to date (space_lookup); what
 * follows from a right's end goes to the chores.
 */
#ifndef IPC_RIGHT_H
#define IPC_RIGHT_H

#include "ipc/chores.h"
#include "ipc/space.h"

/* MACH_MSG_TYPE_PORT_RECEIVE, _SEND, _SEND_ONCE: what a disposition yields. 0: no disposition. */
unsigned right_kind(unsigned disposition);

/*
 * Whether the entry has what a legal disposition takes. A dead name serves as any send or send-once
 * right.
 */
bool right_copyin_possible(const struct ipc_entry *entry, unsigned disposition);

/*
 * Takes a right out of a possible entry: *port gets a right of kind right_kind(disposition), or
 * DEAD. The entry may be gone afterwards. A receive right comes without holder; the caller puts it
 * in flight or into another space.
 */
void right_copyin(struct ipc_space *space, struct ipc_entry *entry, unsigned disposition,
    struct ipc_port **port, struct ipc_chores *chores);

/*
 * Puts a right (to a port that was alive a moment ago; not NULL, not DEAD) into the space under a
 * name of the space's choice. User references stick at their maximum. Returns SUCCESS, or an error
 * of space_reserve, or RESOURCE_SHORTAGE (the task cannot pay for the queue); then the right is
 * still the caller's.
 */
kern_return_t right_copyout(struct ipc_space *space, struct ipc_port *port, unsigned kind,
    mach_port_t *name, struct ipc_chores *chores);

/* The same under a name that is free (space_reserve_name) or denotes the same port already. */
kern_return_t right_copyout_name(struct ipc_space *space, struct ipc_port *port, unsigned kind,
    mach_port_t name, struct ipc_chores *chores);

/* mach_port_deallocate, mach_port_destroy, mach_port_mod_refs. */
kern_return_t right_deallocate(struct ipc_space *space, struct ipc_entry *entry,
    struct ipc_chores *chores);
void right_destroy(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores);
kern_return_t right_delta(struct ipc_space *space, struct ipc_entry *entry, mach_port_right_t right,
    mach_port_delta_t delta,
    struct ipc_chores *chores);

#endif
