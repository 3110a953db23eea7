/*
 * Switching kernel contexts, and the floating-point registers.
 */
#include "asm.h"

	.arch	armv8-a+fp+simd

/*
 * struct thread *context_switch(struct thread *prev, struct thread *next): saves what C expects a
 * function to preserve on prev's stack, and the stack pointer in its first word; goes on where next
 * did the same. x0 = prev reaches next as result.
 */
function context_switch
	/* LAB 2.4 begin: save a struct switch_frame (arch_thread.h) on the stack, and in *x0 where it is;
	 * then the reverse, from where *x1 says. ret goes where next once called from; x0 must still be
	 * prev.
	 * Which registers does C expect to survive a call? The others need not be saved.
	 */
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	mov	x9, sp
	str	x9, [x0]
	ldr	x9, [x1]
	mov	sp, x9
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
	/* LAB 2.4 end */
end context_switch

/* Where a new thread's first switch goes: x19 = function, x20 = its argument (arch_thread_init). */
function thread_begin
	mov	x0, x20
	mov	x29, xzr
	mov	x30, xzr
	br	x19
end thread_begin

/*
 * void float_save(struct thread_float_state *state): V0-V31, FPCR, FPSR; float_load the reverse.
 * The unit must be enabled.
 */
function float_save
	stp	q0, q1, [x0]
	stp	q2, q3, [x0, #32]
	stp	q4, q5, [x0, #64]
	stp	q6, q7, [x0, #96]
	stp	q8, q9, [x0, #128]
	stp	q10, q11, [x0, #160]
	stp	q12, q13, [x0, #192]
	stp	q14, q15, [x0, #224]
	stp	q16, q17, [x0, #256]
	stp	q18, q19, [x0, #288]
	stp	q20, q21, [x0, #320]
	stp	q22, q23, [x0, #352]
	stp	q24, q25, [x0, #384]
	stp	q26, q27, [x0, #416]
	stp	q28, q29, [x0, #448]
	stp	q30, q31, [x0, #480]
	mrs	x1, fpcr
	mrs	x2, fpsr
	add	x0, x0, #512
	stp	w1, w2, [x0]
	ret
end float_save

function float_load
	ldp	q0, q1, [x0]
	ldp	q2, q3, [x0, #32]
	ldp	q4, q5, [x0, #64]
	ldp	q6, q7, [x0, #96]
	ldp	q8, q9, [x0, #128]
	ldp	q10, q11, [x0, #160]
	ldp	q12, q13, [x0, #192]
	ldp	q14, q15, [x0, #224]
	ldp	q16, q17, [x0, #256]
	ldp	q18, q19, [x0, #288]
	ldp	q20, q21, [x0, #320]
	ldp	q22, q23, [x0, #352]
	ldp	q24, q25, [x0, #384]
	ldp	q26, q27, [x0, #416]
	ldp	q28, q29, [x0, #448]
	ldp	q30, q31, [x0, #480]
	add	x0, x0, #512
	ldp	w1, w2, [x0]
	msr	fpcr, x1
	msr	fpsr, x2
	ret
end float_load
