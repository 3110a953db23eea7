/*
 * mach_msg_return_t mach_msg_unless(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t rcv_size,
 *	mach_port_t rcv_name, mach_msg_timeout_t timeout_ms, const uint32_t *word, uint32_t expected)
 *
 *	x0-x5: as the trap wants them (mach_msg_trap, 5); x9: word; w7: expected. The trap does not preserve x10-x17.
 *
 * A thread that is interrupted between __mach_msg_window and its end has to go on at the beginning.
 */
	.text
	.globl	mach_msg_unless, __mach_msg_window, __mach_msg_window_end
	.type	mach_msg_unless, %function
mach_msg_unless:
	mov	x9, x6
	mov	x6, #0
	mov	x8, #5
__mach_msg_window:
	ldr	w10, [x9]
	cmp	w10, w7
	b.ne	not_begun
	svc	#0
__mach_msg_window_end:
	ret
not_begun:
	mov	w0, #1				/* MACH_SEND_NOT_BEGUN */
	movk	w0, #0x1000, lsl #16
	ret
	.size	mach_msg_unless, . - mach_msg_unless
	.section .note.GNU-stack, "", %progbits
