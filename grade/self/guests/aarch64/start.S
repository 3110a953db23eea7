/*
 * Entry of a tiny guest on `virt`: a flat Image, MMU off, x0 = device tree.
 * The Image header asks for RAM + 2 MB, where the linker puts us.
 */
	.section .start, "ax"
	.globl	_start
_start:
	b	1f
	.word	0
	.quad	0x200000		/* text_offset */
	.quad	_end - _start		/* image_size */
	.quad	0
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.word	0
1:	adrp	x1, device_tree
	str	x0, [x1, :lo12:device_tree]
	adrp	x1, stack_top
	add	sp, x1, :lo12:stack_top
	b	guest_main

/* _Noreturn void psci(unsigned function): PSCI by hvc */
	.globl	psci
psci:
	hvc	#0
	b	psci

/* _Noreturn void semihost_exit(unsigned long *block): SYS_EXIT_EXTENDED */
	.globl	semihost_exit
semihost_exit:
	mov	x1, x0
	mov	w0, #0x20
	hlt	#0xf000
	b	semihost_exit

	.bss
	.balign	16
	.globl	device_tree
device_tree:
	.skip	16
	.skip	16384
stack_top:
