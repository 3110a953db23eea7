/* The mach_msg call: the trap and the retry rule. See mach.h. */
#include "mach/mach.h"

/* In place, to be inlined; host unit tests bring a mach_msg_trap of their own. */
#if !__STDC_HOSTED__
#include "trap.h"
#define mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout_ms, notify) \
	(mach_msg_return_t)trap_message(TRAP_NUMBER_mach_msg_trap, msg, option, send_size, rcv_size, \
		rcv_name, timeout_ms, notify)
#endif

/*
 * The trap preserves every register but the result's, so the common case needs no stack; what was
 * interrupted goes on here.
 */
static __attribute__((noinline)) mach_msg_return_t
again(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
	mach_msg_size_t rcv_size, mach_port_t rcv_name, mach_msg_timeout_t timeout_ms,
	mach_port_t notify, mach_msg_return_t mr)
{
	for (;;) {
		if (mr == MACH_SEND_INTERRUPTED && (option & MACH_SEND_INTERRUPT) == 0)
			;				/* the message came back as it was */
		else if (mr == MACH_RCV_INTERRUPTED && (option & MACH_RCV_INTERRUPT) == 0)
			option &= ~MACH_SEND_MSG;	/* the send half is done */
		else
			return mr;
		mr = mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout_ms, notify);
	}
}

mach_msg_return_t
mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
	mach_msg_size_t rcv_size, mach_port_t rcv_name, mach_msg_timeout_t timeout_ms,
	mach_port_t notify)
{
	mach_msg_return_t mr = mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout_ms,
		notify);

	if (__builtin_expect(mr == MACH_MSG_SUCCESS, 1)) {
		__asm__("" : "+r" (mr));	/* it is where it has to be, and need not be made again */
		return mr;
	}
	return again(msg, option, send_size, rcv_size, rcv_name, timeout_ms, notify, mr);
}
