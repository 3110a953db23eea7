/*
 * The first instructions, of the boot CPU (_start) and of every other CPU (secondary_start).
 *
 * QEMU loads the flat Image and enters at its first byte: MMU and caches off, EL1 (EL2 with
 * virtualization=on), x0 = physical address of the device tree. The code is linked at virtual =
 * physical + DIRECT_MAP_OFFSET and addresses memory relative to the pc, so it runs at either. The
 * boot tables map the first 2 GB (devices, RAM) twice: at its physical addresses, for the step from
 * low to high only, and in the direct map.
 *
 *	_start -> el1_prepare -> boot_tables_make -> mmu_on -> (high) stack, bss -> boot_main()
 *	secondary_start -> el1_prepare -> mmu_on (final tables) -> (high) own stack ->
 *		secondary_main() in kern/arch/aarch64/smp.c
 */
#include "asm.h"
#include "pte.h"

#define IMAGE_TEXT_OFFSET	0x200000	/* from the start of RAM: LOAD_ADDRESS */
#define IMAGE_FLAGS		2		/* little endian, 4 KB pages, low in RAM */

#define HCR_RW			(1 << 31)	/* EL1 is AArch64 */
#define HCR_NO_PAC_TRAP		(3 << 40)	/* API, APK: ignored where there is none */
#define CPTR_NO_TRAP		0x33ff
#define SPSR_EL1H_MASKED	0x3c5

	.section .head, "ax"
	.globl	_start
_start:
	b	start			/* the Linux Image header, 64 bytes */
	.long	0
	.quad	IMAGE_TEXT_OFFSET
	.quad	_image_size
	.quad	IMAGE_FLAGS
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

start:
	mov	x19, x0
	bl	el1_prepare
	bl	boot_tables_make
	adrp	x0, boot_table
	bl	mmu_on

	adrp	x0, boot_stack_top
	mov	sp, x0
	adrp	x0, _bss
	add	x0, x0, :lo12:_bss
	adrp	x1, _end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	mov	x0, x19
	mov	x29, xzr
	mov	x30, xzr
	b	boot_main

/* x0: physical address of a struct secondary_start */
	.globl	secondary_start
secondary_start:
	mov	x19, x0
	bl	el1_prepare
	ldr	x0, [x19, #START_TABLE]
	bl	mmu_on
	orr	x19, x19, #DIRECT_MAP_OFFSET
	ldr	x1, [x19, #START_STACK]
	mov	sp, x1
	ldr	x0, [x19, #START_CPU]
	mov	x29, xzr
	mov	x30, xzr
	b	secondary_main

/*
 * Leaves EL2 if the CPU is there, so that the caller goes on in EL1 with the MMU off, nothing
 * trapped to EL2 and timers usable. Changes x1.
 */
el1_prepare:
	ldr	x1, =SCTLR_OFF
	msr	sctlr_el1, x1
	mrs	x1, CurrentEL
	cmp	x1, #(2 << 2)
	b.eq	1f
	isb
	ret
1:	ldr	x1, =HCR_RW | HCR_NO_PAC_TRAP
	msr	hcr_el2, x1
	mrs	x1, cnthctl_el2
	orr	x1, x1, #3
	msr	cnthctl_el2, x1
	msr	cntvoff_el2, xzr
	mov	x1, #CPTR_NO_TRAP
	msr	cptr_el2, x1
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	mrs	x1, midr_el1
	msr	vpidr_el2, x1
	mrs	x1, mpidr_el1
	msr	vmpidr_el2, x1
	mov	x1, #SPSR_EL1H_MASKED
	msr	spsr_el2, x1
	msr	elr_el2, x30
	eret

/*
 * x0: physical address of the table for TTBR1. Turns the MMU and the caches on, with the boot
 * table's identity half below, and returns to the caller's high address with the vectors set.
 * Changes x1-x3.
 */
mmu_on:
	ldr	x1, =MAIR_VALUE
	msr	mair_el1, x1
	ldr	x1, =TCR_VALUE
	mrs	x2, id_aa64mmfr0_el1
	and	x3, x2, #15		/* physical address size; 5 is 48 bits, all we use */
	cmp	x3, #5
	mov	x2, #5
	csel	x3, x3, x2, lo
	orr	x1, x1, x3, lsl #TCR_IPS_SHIFT
	mrs	x2, id_aa64mmfr0_el1
	ubfx	x2, x2, #4, #4		/* 2: 16-bit ASIDs */
	lsr	x2, x2, #1
	orr	x1, x1, x2, lsl #TCR_ASID16_SHIFT
	mrs	x2, id_aa64mmfr1_el1
	tst	x2, #15			/* HAFDBS */
	cset	x2, ne
	orr	x1, x1, x2, lsl #TCR_HARDWARE_ACCESSED_SHIFT
	msr	tcr_el1, x1
	adrp	x1, boot_table
	msr	ttbr0_el1, x1
	msr	ttbr1_el1, x0
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	ldr	x1, =SCTLR_ON
	msr	sctlr_el1, x1
	isb
	adr	x1, 1f
	orr	x1, x1, #DIRECT_MAP_OFFSET
	br	x1
1:	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el1, x1
	isb
	orr	x30, x30, #DIRECT_MAP_OFFSET
	ret

/*
 * void kernel_table_switch(uint64_t table): puts a physical table address into TTBR1. The same
 * memory is mapped with other block sizes, which must never be in the TLB together, so the change
 * is made from the identity map with the kernel half empty.
 */
function kernel_table_switch
	adr	x1, 1f
	and	x1, x1, #~DIRECT_MAP_OFFSET
	adr	x2, 2f
	adrp	x3, boot_empty
	and	x3, x3, #~DIRECT_MAP_OFFSET
	br	x1
1:	msr	ttbr1_el1, x3
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	ttbr1_el1, x0
	isb
	br	x2
2:	ret
end kernel_table_switch

/*
 * The boot tables: one level-0 table for both halves (entry 0 and entry 256) and one level-1 table
 * of 1 GB blocks, to which boot_main adds the rest of RAM. They are written with the caches off, so
 * that old cache lines over them have to go. Changes x0-x4.
 */
#define BLOCK		(PTE_VALID | PTE_ACCESSED | PTE_UXN)
#define BLOCK_DEVICE	(BLOCK | PTE_PXN | PTE_ATTR_DEVICE)
#define BLOCK_NORMAL	(BLOCK | PTE_INNER | PTE_ATTR_NORMAL)
#define LINE_MIN	16			/* no cache line is shorter */

	.section .head, "ax"
boot_tables_make:
	adrp	x0, boot_table
	adrp	x1, boot_table_1
	add	x2, x1, #4096
	mov	x3, x0
1:	stp	xzr, xzr, [x3], #16
	cmp	x3, x2
	b.lo	1b
	orr	x3, x1, #(PTE_VALID | PTE_TABLE)
	str	x3, [x0]
	str	x3, [x0, #256 * 8]
	ldr	x3, =BLOCK_DEVICE
	ldr	x4, =0x40000000 + BLOCK_NORMAL
	stp	x3, x4, [x1]
	dsb	sy
2:	dc	ivac, x0
	add	x0, x0, #LINE_MIN
	cmp	x0, x2
	b.lo	2b
	dsb	sy
	ret

	.section .bss.tables, "aw", %nobits
	.balign	4096
	.globl	boot_table
boot_table:
	.skip	4096
	.globl	boot_table_1
boot_table_1:
	.skip	4096

/*
 * An empty table: no mappings. The boot CPU's stack, with the page below it unmapped by
 * pmap_bootstrap.
 */
	.section .bss.pages, "aw", %nobits
	.balign	4096
	.globl	boot_empty
boot_empty:
	.skip	4096
	.globl	boot_stack_guard
boot_stack_guard:
	.skip	4096
	.skip	16384			/* KSTACK_SIZE */
	.globl	boot_stack_top
boot_stack_top:
