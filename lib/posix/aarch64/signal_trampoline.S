/*
 * void __signal_trampoline(void): the thread got a signal; x0: its slot, sp: 16-aligned end of the handler's stack.
 *
 *	sp + 0		struct signal_frame: thread (u32 at 0), state (pointer at 8)
 *	sp + FRAME	v0-v31, fpcr, fpsr
 *
 * Calls void __signal_enter(slot, frame), which runs the handler, and then takes up the registers in *frame->state again:
 * thread_set_state (trap 86), which does not return. The frame chain ends here (x29 is 0).
 */
#include "../signal/trampoline.h"

#define FLOATS	528

	.text
	.globl	__signal_trampoline
	.type	__signal_trampoline, %function
__signal_trampoline:
	sub	sp, sp, #FLOATS
	stp	q0, q1, [sp, #0]
	stp	q2, q3, [sp, #32]
	stp	q4, q5, [sp, #64]
	stp	q6, q7, [sp, #96]
	stp	q8, q9, [sp, #128]
	stp	q10, q11, [sp, #160]
	stp	q12, q13, [sp, #192]
	stp	q14, q15, [sp, #224]
	stp	q16, q17, [sp, #256]
	stp	q18, q19, [sp, #288]
	stp	q20, q21, [sp, #320]
	stp	q22, q23, [sp, #352]
	stp	q24, q25, [sp, #384]
	stp	q26, q27, [sp, #416]
	stp	q28, q29, [sp, #448]
	stp	q30, q31, [sp, #480]
	mrs	x1, fpcr
	mrs	x2, fpsr
	str	w1, [sp, #512]
	str	w2, [sp, #516]
	sub	sp, sp, #SIGNAL_FRAME_SIZE
	mov	x1, sp
	bl	__signal_enter
	add	x9, sp, #SIGNAL_FRAME_SIZE
	ldp	q0, q1, [x9, #0]
	ldp	q2, q3, [x9, #32]
	ldp	q4, q5, [x9, #64]
	ldp	q6, q7, [x9, #96]
	ldp	q8, q9, [x9, #128]
	ldp	q10, q11, [x9, #160]
	ldp	q12, q13, [x9, #192]
	ldp	q14, q15, [x9, #224]
	ldp	q16, q17, [x9, #256]
	ldp	q18, q19, [x9, #288]
	ldp	q20, q21, [x9, #320]
	ldp	q22, q23, [x9, #352]
	ldp	q24, q25, [x9, #384]
	ldp	q26, q27, [x9, #416]
	ldp	q28, q29, [x9, #448]
	ldp	q30, q31, [x9, #480]
	ldr	w1, [x9, #512]
	ldr	w2, [x9, #516]
	msr	fpcr, x1
	msr	fpsr, x2
	ldr	w0, [sp]
	mov	x1, #1				/* THREAD_STATE_GENERAL */
	ldr	x2, [sp, #8]
	mov	x3, #280
	mov	x8, #86
	svc	#0
	brk	#0
	.size	__signal_trampoline, . - __signal_trampoline
	.section .note.GNU-stack, "", %progbits
