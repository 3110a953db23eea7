/*
 * int getcontext(ucontext_t *context);		x0: context
 * int swapcontext(ucontext_t *restrict from, const ucontext_t *restrict to);	x0, x1
 * void __context_resume(const void *floats, thread_t self, const struct thread_state *state);	x0, w1, x2
 * void __context_end(void);			x19: uc_link of the context whose function has returned
 * __context_floats_save				x9: where struct thread_float_state goes; changes x9 to x11 only
 *
 * getcontext and swapcontext save what calls preserve (AAPCS64 6.1), as struct thread_state has it, and a result of 0: the caller goes on behind
 * its call, however often, with nothing needed of what was below its own frame. C does the rest, as a tail call.
 */
#include "../signal/context.h"

#define REGISTER(n)	[x0, #CONTEXT_REGISTERS + 8 * (n)]
#define SP		31
#define PC		32
#define CPSR		33

	.text
	.globl	getcontext, swapcontext, __context_resume, __context_end, __context_floats_save
	.type	getcontext, %function
	.type	swapcontext, %function
	.type	__context_resume, %function
	.type	__context_end, %function
	.type	__context_floats_save, %function
getcontext:
	mov	x13, x30
	bl	save
	mov	x30, x13
	b	__context_complete
	.size	getcontext, . - getcontext

swapcontext:
	mov	x13, x30
	bl	save
	mov	x30, x13
	b	__context_swap
	.size	swapcontext, . - swapcontext

/* x0: the context, x13: where its function goes on; changes x9 to x12 only. */
save:
	str	xzr, REGISTER(0)
	stp	x19, x20, REGISTER(19)
	stp	x21, x22, REGISTER(21)
	stp	x23, x24, REGISTER(23)
	stp	x25, x26, REGISTER(25)
	stp	x27, x28, REGISTER(27)
	stp	x29, x13, REGISTER(29)
	mov	x9, sp
	stp	x9, x13, REGISTER(SP)
	str	xzr, REGISTER(CPSR)
	mov	x12, x30
	add	x9, x0, #CONTEXT_FLOATS
	bl	__context_floats_save
	ret	x12

__context_floats_save:
	stp	q0, q1, [x9, #0]
	stp	q2, q3, [x9, #32]
	stp	q4, q5, [x9, #64]
	stp	q6, q7, [x9, #96]
	stp	q8, q9, [x9, #128]
	stp	q10, q11, [x9, #160]
	stp	q12, q13, [x9, #192]
	stp	q14, q15, [x9, #224]
	stp	q16, q17, [x9, #256]
	stp	q18, q19, [x9, #288]
	stp	q20, q21, [x9, #320]
	stp	q22, q23, [x9, #352]
	stp	q24, q25, [x9, #384]
	stp	q26, q27, [x9, #416]
	stp	q28, q29, [x9, #448]
	stp	q30, q31, [x9, #480]
	mrs	x10, fpcr
	mrs	x11, fpsr
	add	x9, x9, #512
	stp	w10, w11, [x9]
	ret
	.size	__context_floats_save, . - __context_floats_save

/* thread_set_state (trap 86) does not return. */
__context_resume:
	ldp	q0, q1, [x0, #0]
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
	ldp	w10, w11, [x0]
	msr	fpcr, x10
	msr	fpsr, x11
	mov	w0, w1
	mov	x1, #1				/* THREAD_STATE_GENERAL */
	mov	x3, #280
	mov	x8, #86
	svc	#0
	brk	#0
	.size	__context_resume, . - __context_resume

__context_end:
	mov	x0, x19
	bl	__context_over
	brk	#0
	.size	__context_end, . - __context_end
	.section .note.GNU-stack, "", %progbits
