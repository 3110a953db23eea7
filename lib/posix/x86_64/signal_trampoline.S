/*
 * void __signal_trampoline(void): the thread got a signal; rdi: its slot, rsp: end of the handler's stack, as after a call.
 *
 *	rsp + 0		struct signal_frame: thread (u32 at 0), state (pointer at 8)
 *	rsp + FRAME	the FXSAVE64 image (Intel SDM vol. 1, 10.5)
 *
 * Calls void __signal_enter(slot, frame), which runs the handler, and then takes up the registers in *frame->state again:
 * thread_set_state (trap 86), which does not return.
 */
#include "../signal/trampoline.h"

	.text
	.globl	__signal_trampoline
	.type	__signal_trampoline, @function
__signal_trampoline:
	sub	$(512 + 8), %rsp
	fxsave64 (%rsp)
	sub	$SIGNAL_FRAME_SIZE, %rsp
	mov	%rsp, %rsi
	call	__signal_enter
	fxrstor64 SIGNAL_FRAME_SIZE(%rsp)
	mov	(%rsp), %edi
	mov	$1, %esi			/* THREAD_STATE_GENERAL */
	mov	8(%rsp), %rdx
	mov	$152, %r10d
	mov	$86, %eax
	syscall
	ud2
	.size	__signal_trampoline, . - __signal_trampoline
	.section .note.GNU-stack, "", @progbits
