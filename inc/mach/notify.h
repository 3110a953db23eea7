/*
 * Notifications: messages the kernel sends through a send-once right a task registered (mach_port_request_notification).
 * Receivers must check that the sender's label is 0 (the kernel).
 */
#ifndef MACH_NOTIFY_H
#define MACH_NOTIFY_H

#include <mach/message.h>

#define MACH_NOTIFY_PORT_DELETED	65	/* body: name */
#define MACH_NOTIFY_PORT_DESTROYED	69	/* one port descriptor: the receive right */
#define MACH_NOTIFY_NO_SENDERS		70	/* body: make-send count */
#define MACH_NOTIFY_SEND_ONCE		71	/* no body */
#define MACH_NOTIFY_DEAD_NAME		72	/* body: name; its dead name gained a reference */

/* 65, 70, 72: one word of body, padded to 8 */
typedef struct mach_notification {
	mach_msg_header_t not_header;
	uint32_t not_value;		/* name or make-send count */
	uint32_t not_pad;
	mach_msg_trailer_t not_trailer;
} mach_notification_t;

typedef struct mach_port_destroyed_notification {
	mach_msg_header_t not_header;
	mach_msg_port_descriptor_t not_port;
	mach_msg_trailer_t not_trailer;
} mach_port_destroyed_notification_t;

#endif
