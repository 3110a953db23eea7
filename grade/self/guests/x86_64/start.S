/* Entry of a tiny guest on `microvm`: PVH, 32-bit protected mode, ebx = start info. */
	.section .note.pvh, "a", @note
	.long	4, 4, 18
	.asciz	"Xen"
	.long	_start

	.section .start, "ax"
	.globl	_start
_start:
	movl	%ebx, start_info
	movl	$stack_top, %esp
	cld
	call	guest_main

/* _Noreturn void triple_fault(void): an empty interrupt table, then an interrupt */
	.globl	triple_fault
triple_fault:
	lidt	no_table
	int3
	jmp	triple_fault

	.data
no_table:
	.word	0
	.long	0

	.bss
	.balign	16
	.globl	start_info
start_info:
	.skip	16
	.skip	16384
stack_top:

	.section .note.GNU-stack, "", @progbits
