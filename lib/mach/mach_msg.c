/* The mach_msg call: the trap and the retry rule. See mach.h. */
#include "mach/mach.h"

mach_msg_return_t
mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
	mach_msg_size_t rcv_size, mach_port_t rcv_name, mach_msg_timeout_t timeout_ms,
	mach_port_t notify)
{
	mach_msg_return_t mr;

	for (;;) {
		mr = mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout_ms, notify);
		if (mr == MACH_SEND_INTERRUPTED && (option & MACH_SEND_INTERRUPT) == 0)
			continue;			/* the message came back as it was */
		if (mr == MACH_RCV_INTERRUPTED && (option & MACH_RCV_INTERRUPT) == 0)
			option &= ~MACH_SEND_MSG;	/* the send half is done */
		else
			return mr;
	}
}
