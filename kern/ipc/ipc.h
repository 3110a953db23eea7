/*
 * What the rest of the kernel uses of IPC. The structures are in ipc/port.h, space.h, kmsg.h.
 *
 * A `struct ipc_port *` held by the kernel is either a bare reference (port_take / port_drop: the
 * memory stays) or a right (send, send-once: counted, and its release may cause notifications).
 * Comments say which.
 */
#ifndef IPC_IPC_H
#define IPC_IPC_H

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/types.h>
#include <stdbool.h>
#include "sync/list.h"

struct ipc_kmsg;
struct ipc_port;
struct ipc_space;
struct task;

#define IPC_PORT_DEAD ((struct ipc_port *)~0ul)		/* a right to a port that is gone */
#define ipc_port_valid(port) ((port) != NULL && (port) != IPC_PORT_DEAD)

void ipc_init(void);

/*
 * --- kernel-object ports: the receive right is the kernel's; operations are traps that take the
 * name ---
 */

enum kobject_type {
	KOBJECT_NONE = 0,		/* an ordinary port */
	KOBJECT_TASK, KOBJECT_THREAD, KOBJECT_HOST_PRIV, KOBJECT_DEVICE_MASTER, KOBJECT_CONSOLE,
	    KOBJECT_DMA,
	KOBJECT_MEMORY_CONTROL,		/* pager's control port of a memory object */
	KOBJECT_MEMORY_PROXY,
	KOBJECT_REPLY,			/* messages go to a kernel function (exception replies) */
	KOBJECT_TYPES,
};

/*
 * What IPC does with the objects behind the ports. take: called with the port locked, takes a
 * reference; drop: releases it, no locks held (both NULL for objects that are never freed). The
 * port as such holds none: its owner keeps the object until kobject_port_destroy has returned;
 * after that no look-up finds it. no_senders: all send rights are gone (may be NULL); no locks
 * held, the object is referenced; port_send_rights() tells whether new ones exist meanwhile.
 * deliver: KOBJECT_REPLY only, consumes the message, no locks held, the object is referenced; a
 * message of id MACH_NOTIFY_SEND_ONCE: the send-once right was destroyed without a message.
 */
struct kobject_ops {
	const char *name;
	void (*take)(void *object);
	void (*drop)(void *object);
	void (*no_senders)(struct ipc_port *port, void *object);
	void (*deliver)(void *object, struct ipc_kmsg *message);
};

void kobject_register(enum kobject_type type, const struct kobject_ops *ops);

/* A new kernel-object port with one (bare) reference; NULL: no memory. */
struct ipc_port *kobject_port_create(enum kobject_type type, void *object);

/* The port dies: rights become dead names, notifications go out. Drops the creator's reference. */
void kobject_port_destroy(struct ipc_port *port);

/*
 * Look-up for traps: the object behind a send right of the running task, with a reference
 * (ops->take), or NULL: no such right, other type, dead.
 */
void *kobject_lookup(mach_port_t name, enum kobject_type type);

/* Task port look-up, MACH_PORT_TASK_SELF included. */
struct task *kobject_lookup_task(mach_port_t name);

/* --- rights held by the kernel --- */

/*
 * An ordinary port whose receive right is the caller's, to be sent (MACH_MSG_TYPE_PORT_RECEIVE) by
 * kmsg_set_port. NULL: no memory.
 */
struct ipc_port *port_create_ordinary(void);

void port_take(struct ipc_port *port);
void port_drop(struct ipc_port *port);
/* From a bare reference; counts the make-send count; DEAD if it died */
struct ipc_port *port_make_send(struct ipc_port *port);
/* From a send right; passes NULL and DEAD through */
struct ipc_port *port_copy_send(struct ipc_port *port);
void port_release_send(struct ipc_port *port);			/* NULL and DEAD are fine */
struct ipc_port *port_make_send_once(struct ipc_port *port);
void port_release_send_once(struct ipc_port *port);	/* sends the send-once notification */
bool port_alive(const struct ipc_port *port);
unsigned port_send_rights(struct ipc_port *port);		/* send rights in existence */

/*
 * The kernel's own dead-name request: `died` is called once, with no locks held, after the port has
 * died (the pager of an object, say). The watch is embedded in what the caller owns; the caller
 * holds a reference or a right to the port while it is set.
 */
struct port_watch {
	struct list_node link;
	struct ipc_port *port;
	void (*died)(struct port_watch *watch);
};

/* Returns false: the port is dead already (died is not called). */
bool port_watch_add(struct ipc_port *port, struct port_watch *watch);

/*
 * Returns true: died will never be called. False: it has been called, or is about to be on another
 * CPU.
 */
bool port_watch_remove(struct port_watch *watch);

/*
 * A send right out of the running task's space, copied (the name keeps its). Errors: INVALID_NAME,
 * INVALID_RIGHT; NULL name gives NULL.
 */
kern_return_t space_copyin_send(struct ipc_space *space, mach_port_t name, struct ipc_port **port);

/*
 * Puts a right (disposition MACH_MSG_TYPE_PORT_*) into a space and names it; consumes the right in
 * every case. NULL and DEAD pass through as names. On failure (no room, over the limit) the name is
 * NULL.
 */
kern_return_t space_copyout(struct ipc_space *space, struct ipc_port *port, unsigned disposition,
    mach_port_t *name);

/*
 * The last step of a trap whose result is a right: names the send right in the running task (NULL and DEAD are names of themselves) and
 * writes the name to user memory. Consumes the right in every case. INVALID_ADDRESS: it could not be written; the name is gone again.
 */
kern_return_t space_give_send(struct ipc_port *right, uint64_t user_name);

/* Releases one reference that space_copyout gave the running task under this name. */
void space_release_name(mach_port_t name);

/* --- spaces --- */

struct ipc_space *space_create(struct task *task);		/* NULL: no memory */
/* TASK_INHERIT_RIGHTS; one atomic step */
kern_return_t space_inherit(struct ipc_space *child, struct ipc_space *parent);
void space_terminate(struct ipc_space *space);	/* releases every name; later look-ups fail */
void space_drop(struct ipc_space *space);
unsigned space_name_count(struct ipc_space *space);

/*
 * The monitor's `ports TASK`: one line per name. Takes no locks when the kernel is stopped (panic).
 */
void space_print(struct ipc_space *space, void (*print)(const char *format, ...));

/* --- totals (host_info, the monitor, leak checks) and the fast path's switch --- */

#define IPC_SLOW_REASONS	6
#define IPC_SLOW_NAMES	"off", "one way", "body", "rights", "receiver", "queued"

struct ipc_statistics {
	/* In existence; a port counts until the last reference to its remains is gone */
	uint32_t ports, sets;
	uint32_t messages;		/* queued */
	/* By mach_msg; the slow ones by reason (fastpath.h: enum fastpath_reason) */
	uint64_t fast_sends, slow_sends[IPC_SLOW_REASONS];
};

void ipc_statistics_get(struct ipc_statistics *statistics);

/* Gives message buffers that the CPUs keep for themselves back to the heap. */
void ipc_drain(void);

/*
 * mach_msg takes the RPC fast path where it can (ipc/fastpath.c); the results do not depend on it.
 */
extern bool ipc_fastpath_enabled;

/* --- messages sent by the kernel: never block, never fail for a full queue --- */

/*
 * An empty message of the given id: header and count of descriptors are set up; body_bytes of body
 * follow. NULL: no memory.
 */
struct ipc_kmsg *kmsg_create(mach_msg_id_t id, unsigned descriptors, unsigned body_bytes);
void *kmsg_body(struct ipc_kmsg *message);
/* Consumes the right */
void kmsg_set_port(struct ipc_kmsg *message, unsigned index, struct ipc_port *right,
    unsigned disposition);

/* Memory as an out-of-line descriptor; consumes the copy (vm/map.h). */
struct vm_map_copy;
void kmsg_set_memory(struct ipc_kmsg *message, unsigned index, struct vm_map_copy *copy);

/*
 * Sends with the kernel's token (label 0). destination: a right of kind MACH_MSG_TYPE_PORT_SEND or
 * _SEND_ONCE, consumed; reply: NULL or a send-once right, consumed. A dead destination destroys the
 * message.
 */
void kmsg_send(struct ipc_kmsg *message, struct ipc_port *destination, unsigned kind,
    struct ipc_port *reply);

/*
 * The same with a message that the caller owns and reuses (interrupts): returns false if it is
 * still queued. `message` must come from kmsg_create_reusable; its body was filled by the caller.
 * The send right is not consumed.
 */
struct ipc_kmsg *kmsg_create_reusable(mach_msg_id_t id, unsigned body_bytes);
bool kmsg_send_reusable(struct ipc_kmsg *message, struct ipc_port *send_right);
void kmsg_free_reusable(struct ipc_kmsg *message);	/* freed at once, or when it is received */

/* For KOBJECT_REPLY deliver: what came. */
const mach_msg_header_t *kmsg_header(const struct ipc_kmsg *message);
unsigned kmsg_body_size(const struct ipc_kmsg *message);
void kmsg_destroy(struct ipc_kmsg *message);

#endif
