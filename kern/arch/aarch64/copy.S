/*
 * Moving bytes: user memory, and the kernel's own memcpy and memset (they take the place of the
 * portable ones in lib/libc/string).
 *
 * User copies: a fault that cannot be resolved continues at copy_fail or user_fail. For the string and
 * the word usercopy.c has checked the range and opened user memory to the kernel.
 */
#include "asm.h"

#define USER_BITS	47		/* VM_MAX_ADDRESS is in the last page below */

/*
 * Opening and closing user memory where the CPU has PAN: without it the instruction does not exist, so
 * no-operations stand here and cpu_init writes the instructions over them, as the list says. An
 * exception closes user memory by itself and its return restores it.
 */
#define PAN_OPEN	0xd500409f	/* msr pan, #0 */
#define PAN_CLOSE	0xd500419f	/* msr pan, #1 */

.macro	pan_patch instruction
771:	nop
	.pushsection .pan_patches, "a"
	.quad	771b, \instruction
	.popsection
.endm

/*
 * Copies x2 bytes, any alignment; x0-x2 change, x5-x12 are used. Sixteen bytes an
 * instruction, first 64 at a time. Small messages are what it sees most: what is a multiple of 64
 * ends early.
 */
.macro	copy_bytes from, to
	subs	x2, x2, #64
	b.lo	2f
1:	ldp	x5, x6, [\from], #16
	ldp	x7, x8, [\from], #16
	ldp	x9, x10, [\from], #16
	ldp	x11, x12, [\from], #16
	stp	x5, x6, [\to], #16
	stp	x7, x8, [\to], #16
	stp	x9, x10, [\to], #16
	stp	x11, x12, [\to], #16
	subs	x2, x2, #64
	b.hs	1b
2:	adds	x2, x2, #64
	b.eq	8f
	tbz	x2, #5, 3f
	ldp	x5, x6, [\from], #16
	ldp	x7, x8, [\from], #16
	stp	x5, x6, [\to], #16
	stp	x7, x8, [\to], #16
3:	tbz	x2, #4, 4f
	ldp	x5, x6, [\from], #16
	stp	x5, x6, [\to], #16
4:	tbz	x2, #3, 5f
	ldr	x5, [\from], #8
	str	x5, [\to], #8
5:	tst	x2, #7
	b.eq	8f
	tbz	x2, #2, 6f
	ldr	w5, [\from], #4
	str	w5, [\to], #4
6:	tbz	x2, #1, 7f
	ldrh	w5, [\from], #2
	strh	w5, [\to], #2
7:	tbz	x2, #0, 8f
	ldrb	w5, [\from]
	strb	w5, [\to]
8:
.endm

/* The same for a multiple of 8 bytes. */
.macro	copy_words
	subs	x2, x2, #64
	b.lo	2f
1:	ldp	x5, x6, [x1], #16
	ldp	x7, x8, [x1], #16
	ldp	x9, x10, [x1], #16
	ldp	x11, x12, [x1], #16
	stp	x5, x6, [x0], #16
	stp	x7, x8, [x0], #16
	stp	x9, x10, [x0], #16
	stp	x11, x12, [x0], #16
	subs	x2, x2, #64
	b.hs	1b
2:	tbz	x2, #5, 3f
	ldp	x5, x6, [x1], #16
	ldp	x7, x8, [x1], #16
	stp	x5, x6, [x0], #16
	stp	x7, x8, [x0], #16
3:	tbz	x2, #4, 4f
	ldp	x5, x6, [x1], #16
	stp	x5, x6, [x0], #16
4:	tbz	x2, #3, 8f
	ldr	x5, [x1]
	str	x5, [x0]
8:
.endm

/*
 * user_bad unless the address in x0 is in the user's half; x5 changes. The end need not be looked at: nothing is
 * mapped in the last page of that half, and who copies upwards stops there.
 */
.macro	range_check
	lsr	x5, x0, #USER_BITS
	cbnz	x5, user_bad
.endm

/*
 * The user's address in x0, the kernel's in x1, the bytes in x2 (arch_usercopy.h). Copied: x1 is the end
 * of the kernel's memory; 0: not.
 */
function copyin
	range_check
	pan_patch PAN_OPEN
	copy_bytes x0, x1
	pan_patch PAN_CLOSE
	ret
end copyin

function copyout
	range_check
	pan_patch PAN_OPEN
	copy_bytes x1, x0
	pan_patch PAN_CLOSE
	ret
end copyout

function copyout_resident
	range_check
	pan_patch PAN_OPEN
	copy_words
	pan_patch PAN_CLOSE
	ret
end copyout_resident

	.type	copy_fail, %function
copy_fail:
	pan_patch PAN_CLOSE
user_bad:
	mov	x1, #0
	ret
end copy_fail

/*
 * long user_string(char *to, const char *from, size_t bytes): copies up to and with the 0, at most
 * `bytes`. Returns the length without the 0, or -1: a fault, or -2: no 0 in these bytes.
 */
function user_string
	mov	x3, #0
1:	cmp	x3, x2
	b.eq	2f
	ldrb	w4, [x1, x3]
	strb	w4, [x0, x3]
	add	x3, x3, #1
	cbnz	w4, 1b
	sub	x0, x3, #1
	ret
2:	mov	x0, #-2
	ret
end user_string

/*
 * long user_word(uint32_t *to, const uint32_t *from): returns 0, or -1: a fault, never resolved
 * here.
 */
function user_word
	ldr	w2, [x1]
	str	w2, [x0]
	mov	x0, #0
	ret
end user_word

	.type	user_fail, %function
user_fail:
	mov	x0, #-1
	ret
end user_fail

	fixup	copyin, copyout_resident, copy_fail, 1
	fixup	copyout_resident, copy_fail, copy_fail, 0
	fixup	user_string, user_word, user_fail, 1
	fixup	user_word, user_fail, user_fail, 0

/* void *memcpy(void *restrict to, const void *restrict from, size_t count) */
function memcpy
	mov	x3, x0
	copy_bytes x1, x0
	mov	x0, x3
	ret
end memcpy

/*
 * void *memset(void *to, int byte, size_t count): zeros of 256 bytes and more go by whole cache
 * lines (DC ZVA) where these are 64 bytes.
 *
 *	x1 pattern	x2 bytes left	x3 to
 */
function memset
	mov	x3, x0
	and	x1, x1, #0xff
	orr	x1, x1, x1, lsl #8
	orr	x1, x1, x1, lsl #16
	orr	x1, x1, x1, lsl #32
	cbnz	x1, 2f
	cmp	x2, #256
	b.lo	2f
	mrs	x4, dczid_el0
	cmp	x4, #4				/* allowed, 4 << 4 bytes */
	b.ne	2f
	stp	xzr, xzr, [x3]			/* to the first line and maybe beyond */
	stp	xzr, xzr, [x3, #16]
	stp	xzr, xzr, [x3, #32]
	stp	xzr, xzr, [x3, #48]
	add	x4, x3, #63
	and	x4, x4, #~63
	sub	x5, x4, x3
	sub	x2, x2, x5
	mov	x3, x4
	cmp	x2, #256
	b.lo	2f
1:	dc	zva, x3
	add	x3, x3, #64
	dc	zva, x3
	add	x3, x3, #64
	dc	zva, x3
	add	x3, x3, #64
	dc	zva, x3
	add	x3, x3, #64
	sub	x2, x2, #256
	cmp	x2, #256
	b.hs	1b
2:	cmp	x2, #16
	b.lo	4f
3:	stp	x1, x1, [x3], #16
	sub	x2, x2, #16
	cmp	x2, #16
	b.hs	3b
4:	tbz	x2, #3, 5f
	str	x1, [x3], #8
5:	tbz	x2, #2, 6f
	str	w1, [x3], #4
6:	tbz	x2, #1, 7f
	strh	w1, [x3], #2
7:	tbz	x2, #0, 8f
	strb	w1, [x3]
8:	ret
end memset
