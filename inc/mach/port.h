/*
 * Port names, rights and their bookkeeping (Mach 3 Kernel Interfaces, "Port Manipulation Interface"; MACH.md section 2).
 *
 *	31                      8 7          0
 *	+------------------------+------------+
 *	|         index          | generation |	a port name
 *	+------------------------+------------+
 *
 * Index 0 and the names 0xffffff00-0xffffffff are never given out, so NULL (0), DEAD (all ones) and the constant names below
 * can never collide with an entry.
 */
#ifndef MACH_PORT_H
#define MACH_PORT_H

#include <mach/types.h>

#define MACH_PORT_NULL		0u
#define MACH_PORT_DEAD		0xffffffffu
#define MACH_PORT_VALID(n)	((n) != MACH_PORT_NULL && (n) != MACH_PORT_DEAD)

/* Constant names: resolved in the caller, carry no reference, deallocating them does nothing. */
#define MACH_PORT_TASK_SELF	0xffffff01u
#define MACH_PORT_HOST_SELF	0xffffff02u
#define MACH_PORT_NAME_RESERVED	0xffffff00u	/* names from here up are reserved */

#define MACH_PORT_INDEX(name)	((name) >> 8)
#define MACH_PORT_GEN(name)	((name) & 0xff)
#define MACH_PORT_MAKE(i, g)	(((uint32_t)(i) << 8) | ((g) & 0xff))

enum {
	MACH_PORT_RIGHT_SEND = 0,
	MACH_PORT_RIGHT_RECEIVE = 1,
	MACH_PORT_RIGHT_SEND_ONCE = 2,
	MACH_PORT_RIGHT_PORT_SET = 3,
	MACH_PORT_RIGHT_DEAD_NAME = 4,
};

#define MACH_PORT_TYPE(right)		(1u << ((right) + 16))
#define MACH_PORT_TYPE_NONE		0u
#define MACH_PORT_TYPE_SEND		MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND)
#define MACH_PORT_TYPE_RECEIVE		MACH_PORT_TYPE(MACH_PORT_RIGHT_RECEIVE)
#define MACH_PORT_TYPE_SEND_ONCE	MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_SET		MACH_PORT_TYPE(MACH_PORT_RIGHT_PORT_SET)
#define MACH_PORT_TYPE_DEAD_NAME	MACH_PORT_TYPE(MACH_PORT_RIGHT_DEAD_NAME)
#define MACH_PORT_TYPE_DNREQUEST	0x80000000u	/* a dead-name request is outstanding */

#define MACH_PORT_UREFS_MAX		0xffffu		/* user references of one name */
#define MACH_PORT_QLIMIT_DEFAULT	5u		/* messages */
#define MACH_PORT_QLIMIT_MIN		1u
#define MACH_PORT_QLIMIT_MAX		1024u

/* mach_port_get_receive_status */
struct mach_port_status {
	mach_port_t mps_pset;		/* containing port set or NULL */
	uint32_t mps_seqno;		/* sequence number of the next message */
	uint32_t mps_mscount;		/* make-send count */
	uint32_t mps_qlimit;		/* messages */
	uint32_t mps_msgcount;		/* messages queued now */
	uint32_t mps_sorights;		/* send-once rights in existence */
	uint32_t mps_srights;		/* nonzero: send rights exist */
	uint32_t mps_pdrequest;		/* nonzero: port-destroyed request registered */
	uint32_t mps_nsrequest;		/* nonzero: no-senders request registered */
};

#endif
