/*
 * int getcontext(ucontext_t *context);		rdi: context
 * int swapcontext(ucontext_t *restrict from, const ucontext_t *restrict to);	rdi, rsi
 * void __context_resume(const void *floats, thread_t self, const struct thread_state *state);	rdi, esi, rdx
 * void __context_end(void);			rbx: uc_link of the context whose function has returned
 *
 * getcontext and swapcontext save what calls preserve (System V ABI AMD64 3.2.1), as struct thread_state has it, and a result of 0: the caller
 * goes on behind its call, however often, with nothing needed of what was below its own frame. C does the rest, as a tail call.
 */
#include "../signal/context.h"

#define REGISTER(n)	(CONTEXT_REGISTERS + 8 * (n))(%rdi)
#define RAX		0
#define RBX		1
#define RBP		6
#define R12		11
#define R13		12
#define R14		13
#define R15		14
#define RSP		15
#define RIP		16
#define RFLAGS		17

	.text
	.globl	getcontext, swapcontext, __context_resume, __context_end
	.type	getcontext, @function
	.type	swapcontext, @function
	.type	__context_resume, @function
	.type	__context_end, @function
getcontext:
	call	save
	jmp	__context_complete
	.size	getcontext, . - getcontext

swapcontext:
	call	save
	jmp	__context_swap
	.size	swapcontext, . - swapcontext

/* rdi: the context; 8(%rsp): where its function goes on. Changes rax only. */
save:
	movq	$0, REGISTER(RAX)
	mov	%rbx, REGISTER(RBX)
	mov	%rbp, REGISTER(RBP)
	mov	%r12, REGISTER(R12)
	mov	%r13, REGISTER(R13)
	mov	%r14, REGISTER(R14)
	mov	%r15, REGISTER(R15)
	lea	16(%rsp), %rax
	mov	%rax, REGISTER(RSP)
	mov	8(%rsp), %rax
	mov	%rax, REGISTER(RIP)
	movq	$0, REGISTER(RFLAGS)
	fxsave64 CONTEXT_FLOATS(%rdi)
	ret

/* thread_set_state (trap 86) does not return. */
__context_resume:
	fxrstor64 (%rdi)
	mov	%esi, %edi
	mov	$1, %esi			/* THREAD_STATE_GENERAL */
	mov	$152, %r10d
	mov	$86, %eax
	syscall
	ud2
	.size	__context_resume, . - __context_resume

__context_end:
	mov	%rbx, %rdi
	call	__context_over
	ud2
	.size	__context_end, . - __context_end
	.section .note.GNU-stack, "", @progbits
