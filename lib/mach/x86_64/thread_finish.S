/*
 * _Noreturn void thread_finish(uint32_t *done, thread_t port)
 *
 *	rdi = done, ebx = port
 *
 * Trap numbers are those of <mach/traps.def>: gsync_wake 8, thread_terminate 81.
 *
 * Once *done is 1 the stack may vanish: from there on only registers are used.
 */
	.text
	.globl thread_finish
	.type thread_finish, @function
thread_finish:
	mov	%esi, %ebx
	movl	$1, (%rdi)
	mov	$-1, %esi
	xor	%edx, %edx
	mov	$8, %eax
	syscall
	mov	%ebx, %edi
	mov	$81, %eax
	syscall
	ud2
	.size thread_finish, . - thread_finish
	.section .note.GNU-stack, "", @progbits
