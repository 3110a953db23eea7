/*
 * Kernel-object ports, inside IPC (what others use is in ipc.h).
 */
#ifndef IPC_KOBJECT_H
#define IPC_KOBJECT_H

#include "ipc/kmsg.h"
#include "ipc/port.h"

/* For people. */
const char *kobject_type_name(unsigned type);

/*
 * Tells the owner what happened to its port (port->events); drops the reference of the chores list.
 * Conditions: no locks.
 */
void kobject_event(struct ipc_port *port);

/*
 * Whether messages to the port reach somebody; those to other kernel objects are refused. Fixed
 * when the port is made.
 */
static inline bool
kobject_accepts_messages(const struct ipc_port *port)
{
	return port->kobject == KOBJECT_NONE || port->kobject == KOBJECT_REPLY;
}

/*
 * Gives a message to the function behind a KOBJECT_REPLY port. Conditions: port locked; it is
 * unlocked. message holds no right to it.
 */
void kobject_deliver(struct ipc_port *port, struct ipc_kmsg *message);

/* Whether a name is one of the constants. */
static inline bool
kobject_constant_name(mach_port_t name)
{
	return name == MACH_PORT_TASK_SELF || name == MACH_PORT_HOST_SELF;
}

/*
 * A send right to what a constant name stands for in the running task (MACH_PORT_TASK_SELF,
 * MACH_PORT_HOST_SELF), or NULL: no such port.
 * Conditions: no locks.
 */
struct ipc_port *kobject_constant(mach_port_t name);

#endif
