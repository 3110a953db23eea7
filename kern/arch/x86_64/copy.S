/*
 * Moving bytes: the inner loops of the user copies (of strings and words usercopy.c checks the range),
 * memcpy and memset. Each of the user copies stands in the table of fix-ups: a fault between begin and
 * end that cannot be resolved goes on at the third label. A nonzero fourth word means: do not even try
 * to resolve it, that could block.
 *
 * Words are moved by rep movsq: one instruction a word in emulation, one micro-coded copy on
 * hardware.
 */
#include "smap.h"
#include "x86.h"

#define USER_BITS	47		/* VM_MAX_ADDRESS is in the last page below */

	.text
	.code64

.macro fixup begin, end, target, no_fault=0
	.pushsection .fixups, "a"
	.quad	\begin, \end, \target, \no_fault
	.popsection
.endm

/*
 * Goes to copy_bad unless the address is in the user's half; rax changes. The end need not be looked at: nothing is
 * mapped in the last page of that half, and who copies upwards stops there.
 */
.macro range_check address
	movq	\address, %rax
	shrq	$USER_BITS, %rax
	jnz	copy_bad
.endm

/* Copies rdx bytes from rsi to rdi; labels and fix-up of the three routines below. */
.macro copy_bytes
	movq	%rdx, %rcx
	shrq	$3, %rcx
	user_open
10:	rep movsq
	andl	$7, %edx
	jz	14f
	testb	$4, %dl
	jz	12f
	movsl
12:	testb	$2, %dl
	jz	13f
	movsw
13:	testb	$1, %dl
	jz	14f
	movsb
14:	user_close
	ret				/* the and or the tests have cleared carry */
	fixup	10b, 14b, copy_failed
.endm

/*
 * Carry clear on return: copied.
 *
 * bool copyin(void *to (rdi), uint64_t user_from (rsi), size_t bytes (rdx))
 * bool copyout(uint64_t user_to (rdi), const void *from (rsi), size_t bytes (rdx))
 * bool copyout_resident(the same, bytes a multiple of 8): a fault is not resolved
 */
	.globl	copyin
	.type	copyin, @function
copyin:
	range_check %rsi
	copy_bytes

	.globl	copyout
	.type	copyout, @function
copyout:
	range_check %rdi
	copy_bytes

	.globl	copyout_resident
	.type	copyout_resident, @function
copyout_resident:
	range_check %rdi
	movl	%edx, %ecx
	shrl	$3, %ecx		/* carry is clear after a multiple of 8 */
	user_open
15:	rep movsq
16:	user_close
	ret
	fixup	15b, 16b, copy_failed, 1

	.type	copy_bad, @function
copy_bad:
	stc
	ret

	.type	copy_failed, @function
copy_failed:
	user_close
	stc
	ret

/*
 * long user_copy_string(char *to (rdi), const char *from (rsi), size_t size (rdx));
 * size > 0. Returns the length without the 0; -1: fault; -2: no 0 among the first `size` bytes.
 */
	.globl	user_copy_string
	.type	user_copy_string, @function
user_copy_string:
	xorl	%eax, %eax
	user_open
20:	movb	(%rsi, %rax), %cl
	movb	%cl, (%rdi, %rax)
	testb	%cl, %cl
	jz	21f
	incq	%rax
	cmpq	%rdx, %rax
	jb	20b
	movq	$-2, %rax
21:	user_close
	ret
22:	user_close
	movq	$-1, %rax
	ret
	fixup	20b, 21b, 22b

/* bool user_load_word(uint32_t *to (rdi), const uint32_t *from (rsi)); never blocks. */
	.globl	user_load_word
	.type	user_load_word, @function
user_load_word:
	user_open
30:	movl	(%rsi), %ecx
31:	user_close
	movl	%ecx, (%rdi)
	movl	$1, %eax
	ret
32:	user_close
	xorl	%eax, %eax
	ret
	fixup	30b, 31b, 32b, 1

/*
 * The kernel's own memcpy and memset (they take the place of the portable ones in lib/libc/string).
 *
 * void *memcpy(void *restrict to (rdi), const void *restrict from (rsi), size_t count (rdx));
 */
	.globl	memcpy
	.type	memcpy, @function
memcpy:
	movq	%rdi, %rax
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep movsq
	andl	$7, %edx
	jz	40f
	movl	%edx, %ecx
	rep movsb
40:	ret

/* void *memset(void *to (rdi), int byte (esi), size_t count (rdx)); */
	.globl	memset
	.type	memset, @function
memset:
	movq	%rdi, %r8
	movzbl	%sil, %eax
	movabsq	$0x0101010101010101, %rcx
	imulq	%rcx, %rax
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep stosq
	andl	$7, %edx
	jz	41f
	movl	%edx, %ecx
	rep stosb
41:	movq	%r8, %rax
	ret

/*
 * void arch_clear_pages(void *start (rdi), size_t bytes (rsi)): the registers and CR0.TS, which may be
 * set (thread.c), are left as they were. Sixteen bytes at a time: QEMU counts each round of a rep stosq
 * as an instruction.
 */
	.globl	arch_clear_pages
	.type	arch_clear_pages, @function
arch_clear_pages:
	movq	%cr0, %rax
	clts
	movups	%xmm0, -16(%rsp)		/* no interrupt can come */
	xorps	%xmm0, %xmm0
50:	.set	place, 0
	.rept	64
	movaps	%xmm0, place(%rdi)
	.set	place, place + 16
	.endr
	addq	$1024, %rdi
	subq	$1024, %rsi
	jnz	50b
	movups	-16(%rsp), %xmm0
	testb	$CR0_TS, %al
	jz	51f
	movq	%rax, %cr0
51:	ret

	.section .note.GNU-stack, "", @progbits
