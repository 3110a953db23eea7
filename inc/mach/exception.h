/*
 * Exceptions are messages (MACH.md section 3). A fault is sent to the thread's exception port, then to the task's;
 * a handler answers with RetCode 0 to resume the thread, anything else passes the exception on.
 */
#ifndef MACH_EXCEPTION_H
#define MACH_EXCEPTION_H

#include <mach/message.h>

#define EXC_BAD_ACCESS		1	/* code: kern_return_t, subcode: address */
#define EXC_BAD_INSTRUCTION	2	/* code: machine trap or syndrome, subcode: pc */
#define EXC_ARITHMETIC		3	/* code: EXC_ARITH_* */
#define EXC_SOFTWARE		5
#define EXC_BREAKPOINT		6
#define EXC_SYSCALL		7	/* code: the unknown trap number */

#define EXC_ARITH_DIVIDE	1
#define EXC_ARITH_OVERFLOW	2
#define EXC_ARITH_FLOAT		3

#define EXC_RAISE_ID		2401
#define EXC_RAISE_REPLY_ID	2501

struct exception_raise_request {
	mach_msg_header_t header;		/* id EXC_RAISE_ID, remote: reply port */
	mach_msg_port_descriptor_t thread;	/* send right */
	mach_msg_port_descriptor_t task;	/* send right */
	int32_t exception;
	int32_t code;
	uint64_t subcode;
	mach_msg_trailer_t trailer;
};

struct exception_raise_reply {
	mach_msg_header_t header;		/* id EXC_RAISE_REPLY_ID */
	int32_t ret_code;			/* 0: resume */
	uint32_t pad;
};

#define EXC_RAISE_REQUEST_SIZE	(sizeof(struct exception_raise_request) - sizeof(mach_msg_trailer_t))

#endif
