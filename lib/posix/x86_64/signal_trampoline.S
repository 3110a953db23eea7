/*
 * void __signal_trampoline(void): the thread got a signal; rdi: its slot, rsp: end of the handler's stack, as after a call.
 *
 *	rsp + 0		struct signal_frame: thread (u32 at 0), state (pointer at 8), at SIGNAL_FRAME_FLOATS the FXSAVE64 image
 *			(Intel SDM vol. 1, 10.5)
 *
 * Calls void __signal_enter(slot, frame), which runs the handler, and then takes up the registers in the frame again.
 */
#include "../signal/trampoline.h"

	.text
	.globl	__signal_trampoline
	.type	__signal_trampoline, @function
__signal_trampoline:
	sub	$(SIGNAL_FRAME_SIZE + 8), %rsp
	fxsave64 SIGNAL_FRAME_FLOATS(%rsp)
	mov	%rsp, %rsi
	call	__signal_enter
	lea	SIGNAL_FRAME_FLOATS(%rsp), %rdi
	mov	(%rsp), %esi
	mov	8(%rsp), %rdx
	jmp	__context_resume
	.size	__signal_trampoline, . - __signal_trampoline
	.section .note.GNU-stack, "", @progbits
