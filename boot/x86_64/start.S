/*
 * The first instructions on x86_64.
 *
 * The boot CPU arrives at `start` through the PVH note: 32-bit protected mode, flat segments,
 * paging off, ebx = physical address of struct hvm_start_info. Other CPUs arrive at `ap_start` in
 * real mode (SIPI), on a copy of it below 1 MB. Both go through enter_long_mode with these page
 * tables, one gigabyte seen three times:
 *
 *	boot_root[0]   -> boot_pdpt[0]   -> boot_pd	identity, for the jump into 64-bit mode
 *	boot_root[256] -> boot_direct[0] -> boot_pd	the direct map; these two stay for good
 *	boot_root[511] -> boot_pdpt[510] -> boot_pd	the kernel image
 *
 * boot_root itself is used until pmap_bootstrap, and again by each CPU that starts.
 */
#define KERNEL_BASE	0xffffffff80000000
#define PHYSICAL(x)	((x) - KERNEL_BASE)

#define ENTRY_PRESENT	0x001
#define ENTRY_WRITE	0x002
#define ENTRY_LARGE	0x080
#define ENTRY_NX_HIGH	0x80000000	/* bit 63, seen in the upper half of an entry */

#define CPUID_LONG_MODE	(1 << 29)	/* leaf 0x80000001, edx */
#define CPUID_NX	(1 << 20)

#define CR4_PAE		0x20
#define MSR_EFER	0xc0000080
#define EFER_LME_NXE	0x900
#define CR0_PE		0x1
#define CR0_PG_WP	0x80010000

#define BOOT_CODE32	0x08
#define BOOT_DATA	0x10
#define BOOT_CODE64	0x18

#define BOOT_STACK_SIZE	16384

	.section .note.pvh, "a", @note
	.long	4, 8, 18		/* name size, descriptor size, XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.quad	start

	.section .boot, "ax"
	.code32
	.globl	start
start:
	cli
	cld
	movl	%ebx, %esi		/* start info: kept in esi through everything below */
	lgdt	boot_gdt_pointer
	ljmp	$BOOT_CODE32, $1f
1:	movl	$BOOT_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss

	movl	$PHYSICAL(_bss), %edi
	movl	$PHYSICAL(_end), %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	xorl	%eax, %eax
	rep stosl

	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	andl	$(CPUID_LONG_MODE | CPUID_NX), %edx
	cmpl	$(CPUID_LONG_MODE | CPUID_NX), %edx
	jne	no_long_mode

	movl	$PHYSICAL(boot_pd), %edi
	movl	$(ENTRY_PRESENT | ENTRY_WRITE | ENTRY_LARGE), %eax
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	cmpl	$0x40000000, %eax
	jb	2b

	movl	$(PHYSICAL(boot_pd) + ENTRY_PRESENT + ENTRY_WRITE), %eax
	movl	%eax, PHYSICAL(boot_pdpt)
	movl	%eax, PHYSICAL(boot_pdpt) + 510 * 8
	movl	%eax, PHYSICAL(boot_direct)
	movl	$ENTRY_NX_HIGH, PHYSICAL(boot_direct) + 4
	movl	$(PHYSICAL(boot_pdpt) + ENTRY_PRESENT + ENTRY_WRITE), %eax
	movl	%eax, PHYSICAL(boot_root)
	movl	%eax, PHYSICAL(boot_root) + 511 * 8
	movl	$(PHYSICAL(boot_direct) + ENTRY_PRESENT + ENTRY_WRITE), %eax
	movl	%eax, PHYSICAL(boot_root) + 256 * 8

	movl	$boot_high, %edi
	jmp	enter_long_mode

/* A CPU without 64-bit mode or no-execute pages: says so on COM1 and stops. */
no_long_mode:
	movl	$no_long_mode_text, %esi
	movw	$0x3f8, %dx
3:	lodsb
	testb	%al, %al
	jz	4f
	outb	%al, %dx
	jmp	3b
4:	hlt
	jmp	4b

no_long_mode_text:
	.asciz	"MACH_R needs a CPU with 64-bit mode and NX\r\n"

/* Turns 64-bit mode on and jumps to the low address in edi. Keeps esi. */
enter_long_mode:
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$PHYSICAL(boot_root), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME_NXE, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG_WP, %eax
	movl	%eax, %cr0
	ljmp	$BOOT_CODE64, $5f
	.code64
5:	jmp	*%rdi

boot_high:
	movabsq	$boot_entry, %rax
	jmp	*%rax
ap_high:
	movabsq	$ap_entry, %rax
	jmp	*%rax

/*
 * Real-mode entry of the other CPUs. smp.c copies [ap_start, ap_start_end) to a page below 1 MB and
 * points the start-up interrupt at it; the code finds its data through cs, and leaves for
 * ap_protected as soon as segments are flat.
 */
	.code16
	.globl	ap_start, ap_start_end
ap_start:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	ap_gdt_pointer - ap_start
	movl	%cr0, %eax
	orl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$BOOT_CODE32, $ap_protected
	.balign	4
ap_gdt_pointer:
	.word	boot_gdt_end - boot_gdt - 1
	.long	boot_gdt
ap_start_end:

	.code32
ap_protected:
	movl	$BOOT_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$ap_high, %edi
	jmp	enter_long_mode

	.balign	8
boot_gdt:
	.quad	0
	.quad	0x00cf9a000000ffff	/* BOOT_CODE32 */
	.quad	0x00cf92000000ffff	/* BOOT_DATA */
	.quad	0x00af9a000000ffff	/* BOOT_CODE64 */
boot_gdt_end:
boot_gdt_pointer:
	.word	boot_gdt_end - boot_gdt - 1
	.long	boot_gdt

	.text
	.code64
/* High addresses from here on. rsi = start info. */
	.type	boot_entry, @function
boot_entry:
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movq	$boot_stack_top, %rsp
	xorl	%ebp, %ebp
	movl	%esi, %edi
	call	boot_main		/* _Noreturn void boot_main(uint64_t start_info) */
	ud2

	.type	ap_entry, @function
ap_entry:
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	movq	smp_arriving, %rdi
	movq	smp_arriving_stack, %rsp
	xorl	%ebp, %ebp
	call	smp_arrive		/* _Noreturn void smp_arrive(struct cpu *cpu) */
	ud2

	.section .bss.pages, "aw", @nobits
	.balign	4096
	.globl	boot_root, boot_direct, boot_pd, boot_stack_guard, boot_stack_top
boot_root:
	.skip	4096
boot_pdpt:
	.skip	4096
boot_direct:
	.skip	4096
boot_pd:
	.skip	4096
boot_stack_guard:			/* unmapped by pmap_bootstrap */
	.skip	4096
	.skip	BOOT_STACK_SIZE
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
