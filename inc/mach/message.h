/*
 * Messages and mach_msg (MACH.md section 1).
 *
 *	byte 0    4        8             12           16        20      24
 *	+---------+--------+-------------+------------+---------+-------+--------------------+-------- - -
 *	| bits    | size   | remote port | local port | id      | count | count x 16 bytes   | body
 *	+---------+--------+-------------+------------+---------+-------+--------------------+-------- - -
 *	 <------------------- header -----------------------------> always  descriptors
 *
 * The trailer follows a received message at the next multiple of 8 and is not counted in msgh_size.
 */
#ifndef MACH_MESSAGE_H
#define MACH_MESSAGE_H

#include <mach/port.h>
#include <mach/types.h>

typedef uint32_t mach_msg_bits_t;
typedef uint32_t mach_msg_size_t;	/* bytes */
typedef int32_t mach_msg_id_t;
typedef uint32_t mach_msg_option_t;
typedef kern_return_t mach_msg_return_t;

enum {
	MACH_MSG_TYPE_MOVE_RECEIVE = 16,
	MACH_MSG_TYPE_MOVE_SEND = 17,
	MACH_MSG_TYPE_MOVE_SEND_ONCE = 18,
	MACH_MSG_TYPE_COPY_SEND = 19,
	MACH_MSG_TYPE_MAKE_SEND = 20,
	MACH_MSG_TYPE_MAKE_SEND_ONCE = 21,
};

/* What a received right is called: the disposition field then says which right arrived. */
#define MACH_MSG_TYPE_PORT_RECEIVE	MACH_MSG_TYPE_MOVE_RECEIVE
#define MACH_MSG_TYPE_PORT_SEND		MACH_MSG_TYPE_MOVE_SEND
#define MACH_MSG_TYPE_PORT_SEND_ONCE	MACH_MSG_TYPE_MOVE_SEND_ONCE

#define MACH_MSGH_BITS_COMPLEX		0x80000000u
#define MACH_MSGH_BITS_REMOTE_MASK	0x000000ffu
#define MACH_MSGH_BITS_LOCAL_MASK	0x0000ff00u
#define MACH_MSGH_BITS(remote, local)	((uint32_t)(remote) | ((uint32_t)(local) << 8))
#define MACH_MSGH_BITS_REMOTE(bits)	((bits) & 0xffu)
#define MACH_MSGH_BITS_LOCAL(bits)	(((bits) >> 8) & 0xffu)

#define MACH_MSG_BODY_MAX		8192u	/* bytes after the descriptors */
#define MACH_MSG_DESCRIPTORS_MAX	16u
#define MACH_MSG_RIGHTS_MAX		16u	/* in the body, arrays included */

typedef struct mach_msg_header {
	mach_msg_bits_t msgh_bits;
	mach_msg_size_t msgh_size;		/* set by the kernel */
	mach_port_t msgh_remote_port;
	mach_port_t msgh_local_port;
	mach_msg_id_t msgh_id;
	uint32_t msgh_descriptor_count;		/* the "count" word: always present */
} mach_msg_header_t;

enum {
	MACH_MSG_PORT_DESCRIPTOR = 0,
	MACH_MSG_OOL_DESCRIPTOR = 1,
	MACH_MSG_OOL_PORTS_DESCRIPTOR = 2,
};

typedef struct mach_msg_port_descriptor {
	mach_port_t name;
	uint32_t pad1;
	uint32_t pad2;
	uint16_t pad3;
	uint8_t disposition;
	uint8_t type;
} mach_msg_port_descriptor_t;

enum {
	MACH_MSG_PHYSICAL_COPY = 0,	/* advice only: both kinds give the receiver a private snapshot */
	MACH_MSG_VIRTUAL_COPY = 1,
};

typedef struct mach_msg_ool_descriptor {
	uint64_t address;
	uint32_t size;			/* bytes */
	uint8_t deallocate;		/* move: the range leaves the sender */
	uint8_t copy;
	uint8_t pad1;
	uint8_t type;
} mach_msg_ool_descriptor_t;

typedef struct mach_msg_ool_ports_descriptor {
	uint64_t address;		/* of an array of mach_port_t */
	uint32_t count;			/* elements */
	uint8_t deallocate;
	uint8_t copy;
	uint8_t disposition;
	uint8_t type;
} mach_msg_ool_ports_descriptor_t;

typedef union mach_msg_descriptor {
	mach_msg_port_descriptor_t port;
	mach_msg_ool_descriptor_t out_of_line;
	mach_msg_ool_ports_descriptor_t ool_ports;
} mach_msg_descriptor_t;

typedef struct security_token {
	uint32_t label;			/* 0 is the kernel's alone; never reused */
	uint32_t uid;			/* effective */
	uint32_t gid;			/* effective */
} security_token_t;

typedef struct mach_msg_trailer {
	uint32_t msgh_trailer_type;	/* 0 */
	uint32_t msgh_trailer_size;	/* 24 bytes */
	mach_port_seqno_t msgh_seqno;
	security_token_t msgh_sender;
} mach_msg_trailer_t;

#define MACH_MSG_TRAILER_SIZE		24u
#define MACH_MSG_SIZE_MAX \
	(sizeof(mach_msg_header_t) + MACH_MSG_DESCRIPTORS_MAX * sizeof(mach_msg_descriptor_t) + MACH_MSG_BODY_MAX)

_Static_assert(sizeof(mach_msg_header_t) == 24, "header and count word");
_Static_assert(sizeof(mach_msg_port_descriptor_t) == 16, "descriptor size");
_Static_assert(sizeof(mach_msg_ool_descriptor_t) == 16, "descriptor size");
_Static_assert(sizeof(mach_msg_ool_ports_descriptor_t) == 16, "descriptor size");
_Static_assert(sizeof(mach_msg_trailer_t) == MACH_MSG_TRAILER_SIZE, "trailer size");

#define MACH_SEND_MSG		0x00000001u
#define MACH_RCV_MSG		0x00000002u
#define MACH_SEND_TIMEOUT	0x00000010u
#define MACH_SEND_INTERRUPT	0x00000040u
#define MACH_RCV_TIMEOUT	0x00000100u
#define MACH_RCV_INTERRUPT	0x00000400u
#define MACH_RCV_LARGE		0x00000800u
#define MACH_MSG_OPTION_NONE	0u
#define MACH_MSG_TIMEOUT_NONE	0u

#define MACH_MSG_SUCCESS		0
#define MACH_SEND_INVALID_DATA		0x10000002
#define MACH_SEND_INVALID_DEST		0x10000003
#define MACH_SEND_TIMED_OUT		0x10000004
#define MACH_SEND_INTERRUPTED		0x10000007
#define MACH_SEND_MSG_TOO_SMALL		0x10000008
#define MACH_SEND_INVALID_REPLY		0x10000009
#define MACH_SEND_INVALID_RIGHT		0x1000000a
#define MACH_SEND_INVALID_MEMORY	0x1000000c
#define MACH_SEND_NO_BUFFER		0x1000000d
#define MACH_SEND_TOO_LARGE		0x1000000e
#define MACH_SEND_INVALID_TYPE		0x1000000f
#define MACH_SEND_INVALID_HEADER	0x10000010
#define MACH_RCV_INVALID_NAME		0x10004002
#define MACH_RCV_TIMED_OUT		0x10004003
#define MACH_RCV_TOO_LARGE		0x10004004
#define MACH_RCV_INTERRUPTED		0x10004005
#define MACH_RCV_PORT_CHANGED		0x10004006
#define MACH_RCV_INVALID_DATA		0x10004008
#define MACH_RCV_PORT_DIED		0x10004009
#define MACH_RCV_IN_SET			0x1000400a
#define MACH_RCV_HEADER_ERROR		0x1000400b
#define MACH_RCV_BODY_ERROR		0x1000400c

#endif
