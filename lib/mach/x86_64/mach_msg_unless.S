/*
 * mach_msg_return_t mach_msg_unless(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t rcv_size,
 *	mach_port_t rcv_name, mach_msg_timeout_t timeout_ms, const uint32_t *word, uint32_t expected)
 *
 *	rdi rsi rdx r10 r8 r9 r12: as the trap wants them (mach_msg_trap, 5); rcx: word; r11d: expected
 *
 * A thread that is interrupted between __mach_msg_window and its end has to go on at the beginning.
 */
	.text
	.globl	mach_msg_unless, __mach_msg_window, __mach_msg_window_end
	.type	mach_msg_unless, @function
mach_msg_unless:
	push	%r12
	mov	%rcx, %r10
	mov	16(%rsp), %rcx
	mov	24(%rsp), %r11d
	xor	%r12d, %r12d
	mov	$5, %eax
__mach_msg_window:
	cmp	%r11d, (%rcx)
	jne	not_begun
	syscall
__mach_msg_window_end:
	pop	%r12
	ret
not_begun:
	mov	$0x10000001, %eax		/* MACH_SEND_NOT_BEGUN */
	pop	%r12
	ret
	.size	mach_msg_unless, . - mach_msg_unless
	.section .note.GNU-stack, "", @progbits
