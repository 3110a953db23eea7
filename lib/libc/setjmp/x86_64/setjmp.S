/*
 * int setjmp(jmp_buf place);			rdi: place
 * void __longjmp(jmp_buf place, int value);	rdi: place, esi: value
 *
 * place: rbx rbp r12 r13 r14 r15 rsp rip (what calls preserve: System V ABI AMD64 3.2.1).
 */
	.text
	.globl	setjmp, _setjmp, __longjmp, __jmp_sp
	.type	setjmp, @function
	.type	__longjmp, @function
setjmp:
_setjmp:
	mov	%rbx, (%rdi)
	mov	%rbp, 8(%rdi)
	mov	%r12, 16(%rdi)
	mov	%r13, 24(%rdi)
	mov	%r14, 32(%rdi)
	mov	%r15, 40(%rdi)
	lea	8(%rsp), %rdx
	mov	%rdx, 48(%rdi)
	mov	(%rsp), %rdx
	mov	%rdx, 56(%rdi)
	xor	%eax, %eax
	ret
	.size	setjmp, . - setjmp

__longjmp:
	mov	%esi, %eax
	cmp	$1, %eax		/* a value of 0 becomes 1 */
	adc	$0, %eax
	mov	(%rdi), %rbx
	mov	8(%rdi), %rbp
	mov	16(%rdi), %r12
	mov	24(%rdi), %r13
	mov	32(%rdi), %r14
	mov	40(%rdi), %r15
	mov	48(%rdi), %rsp
	jmp	*56(%rdi)
	.size	__longjmp, . - __longjmp

	.section .rodata
__jmp_sp:				/* const unsigned char: the word with the stack pointer */
	.byte	6
	.section .note.GNU-stack, "", %progbits
