/*
 * void __signal_trampoline(void): the thread got a signal; x0: its slot, sp: 16-aligned end of the handler's stack.
 *
 *	sp + 0		struct signal_frame: thread (u32 at 0), state (pointer at 8), at SIGNAL_FRAME_FLOATS v0-v31, fpcr, fpsr
 *
 * Calls void __signal_enter(slot, frame), which runs the handler, and then takes up the registers in the frame again. The frame chain ends here
 * (x29 is 0).
 */
#include "../signal/trampoline.h"

	.text
	.globl	__signal_trampoline
	.type	__signal_trampoline, %function
__signal_trampoline:
	sub	sp, sp, #SIGNAL_FRAME_SIZE
	add	x9, sp, #SIGNAL_FRAME_FLOATS
	bl	__context_floats_save
	mov	x1, sp
	bl	__signal_enter
	add	x0, sp, #SIGNAL_FRAME_FLOATS
	ldr	w1, [sp]
	ldr	x2, [sp, #8]
	b	__context_resume
	.size	__signal_trampoline, . - __signal_trampoline
	.section .note.GNU-stack, "", %progbits
