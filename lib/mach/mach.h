/*
 * What every task uses of the kernel: all traps, mach_msg, and the names of errors.
 *
 * mach_msg() is the trap mach_msg_trap() with the library's retry rule (MACH.md section 1): a
 * call that thread_abort interrupted goes on unless the caller asked to hear of it.
 */
#ifndef LIB_MACH_MACH_H
#define LIB_MACH_MACH_H

#include <mach/mach_traps.h>

/* The constant name: no trap is needed to learn it. */
#define mach_task_self()	MACH_PORT_TASK_SELF

/*
 * Purpose: sends and/or receives a message. send_size counts; rcv_size is the room at msg,
 * trailer included.
 * Conditions: with SEND and RCV the buffer is used for both. notify must be MACH_PORT_NULL.
 * Returns: MACH_MSG_SUCCESS or a code of <mach/message.h>; *_INTERRUPTED only if the option asks
 * for it.
 */
mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,
	mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_t rcv_name,
	mach_msg_timeout_t timeout_ms, mach_port_t notify);

/* The instructions of mach_msg_unless (mig_internal.h) between its look at the word and the trap. */
extern const char __mach_msg_window[], __mach_msg_window_end[];

/* The constant's name ("KERN_NO_SPACE", "MACH_SEND_INVALID_DEST", "MIG_BAD_ID"), never NULL. */
const char *
kern_return_name(kern_return_t kr);

/* --- ports --- */

/*
 * A new receive right, with a send right under the same name if `send`. KERN_NO_SPACE,
 * KERN_RESOURCE_SHORTAGE.
 */
kern_return_t
port_create(bool send, mach_port_t *name);

/* Gives back a receive right (send rights under the name stay). */
void
port_drop_receive(mach_port_t name);

/* Gives back one send, send-once or dead-name reference; NULL and DEAD are ignored. */
void
port_drop(mach_port_t name);

/* One more reference to a send right the caller holds. */
kern_return_t
port_hold(mach_port_t name);

/*
 * Purpose: asks for a notification (MACH_NOTIFY_*) about `name`, to be sent to the receive right
 * `to`.
 * Conditions: an earlier request's send-once right is given back.
 * Returns: what mach_port_request_notification says. A dead-name request for a name that is dead
 * already is answered at once.
 */
kern_return_t
port_notify(mach_port_t name, mach_msg_id_t id, mach_port_t to);

/* Withdraws the request that port_notify made. */
void
port_notify_cancel(mach_port_t name, mach_msg_id_t id);

/* --- time --- */

/* Nanoseconds since the machine started. */
uint64_t
clock_now(void);

/* The machine's raw counter, for measuring: under -icount (conf/bench.py) it advances by one per instruction. */
uint64_t
clock_counter(void);

/* Sleeps at least so long. */
void
clock_sleep(mach_msg_timeout_t ms);

#endif
