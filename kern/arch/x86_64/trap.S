/*
 * Entries into the kernel and the ways back.
 *
 * On each entry from user mode the stack becomes the thread's kernel stack, with struct trap_frame
 * at its very top, and swapgs makes GS point to the CPU's struct arch_cpu. In the kernel GS always
 * points there; the user's own GS base is in KERNEL_GS_BASE. Double fault and machine check arrive
 * on a stack of their own (IST) and find GS by that stack; an NMI means "stop" and needs neither.
 */
#include "x86.h"
#include "smap.h"

	.text
	.code64

/* Stores all general registers into the frame at rsp. */
.macro save_registers
	movq	%rdi, FRAME_RDI(%rsp)
	movq	%rsi, FRAME_RSI(%rsp)
	movq	%rdx, FRAME_RDX(%rsp)
	movq	%r10, FRAME_R10(%rsp)
	movq	%r8, FRAME_R8(%rsp)
	movq	%r9, FRAME_R9(%rsp)
	movq	%r12, FRAME_R12(%rsp)
	movq	%r13, FRAME_R13(%rsp)
	movq	%rax, FRAME_RAX(%rsp)
	movq	%rbx, FRAME_RBX(%rsp)
	movq	%rbp, FRAME_RBP(%rsp)
	movq	%r14, FRAME_R14(%rsp)
	movq	%r15, FRAME_R15(%rsp)
.endm

/* Loads the registers that C functions do not preserve, but rcx and r11, and rbp. */
.macro restore_scratch
	movq	FRAME_RDI(%rsp), %rdi
	movq	FRAME_RSI(%rsp), %rsi
	movq	FRAME_RDX(%rsp), %rdx
	movq	FRAME_R10(%rsp), %r10
	movq	FRAME_R8(%rsp), %r8
	movq	FRAME_R9(%rsp), %r9
	movq	FRAME_RAX(%rsp), %rax
	movq	FRAME_RBP(%rsp), %rbp
.endm

/* Loads the registers that C functions preserve, but rbp. */
.macro restore_preserved
	movq	FRAME_RBX(%rsp), %rbx
	movq	FRAME_R12(%rsp), %r12
	movq	FRAME_R13(%rsp), %r13
	movq	FRAME_R14(%rsp), %r14
	movq	FRAME_R15(%rsp), %r15
.endm

/* Loads all registers and drops everything below rip. */
.macro restore_registers
	restore_scratch
	restore_preserved
	movq	FRAME_RCX(%rsp), %rcx
	movq	FRAME_R11(%rsp), %r11
	addq	$FRAME_RIP, %rsp
.endm

/*
 * System call: number in rax, arguments in rdi rsi rdx r10 r8 r9 r12 r13; the processor put rip
 * into rcx and rflags into r11 and masked interrupts. Only what C may change is loaded again,
 * unless somebody set the thread's registers meanwhile: then it leaves by iret, and the result does
 * not overwrite what was set. After a switch, user_live is 0 and the rest of the user's state
 * is loaded as well.
 *
 *	uint64_t trap_dispatch(uint64_t number, const uint64_t *arguments);
 */
	.globl	trap_syscall
	.type	trap_syscall, @function
trap_syscall:
	swapgs
	movq	%rsp, %gs:CPU_USER_RSP
	movq	%gs:CPU_KERNEL_FRAME, %rsp
	save_registers
	movq	%rcx, FRAME_RIP(%rsp)
	movq	%r11, FRAME_RFLAGS(%rsp)
	movq	%gs:CPU_USER_RSP, %rcx
	movq	%rcx, FRAME_RSP(%rsp)
	movq	$VECTOR_SYSCALL, FRAME_VECTOR(%rsp)
	xorl	%ebp, %ebp		/* backtraces end here */
	cmpq	$TRAP_MACH_MSG, %rax
	je	trap_message
trap_slow_message:
	movq	%rax, %rdi
	movq	%rsp, %rsi
	call	trap_dispatch
	cmpl	$VECTOR_SYSCALL, FRAME_VECTOR(%rsp)
	jne	trap_exit
	movq	%rax, FRAME_RAX(%rsp)
	call	trap_return_to_user
	cmpb	$0, %gs:CPU_USER_LIVE
	je	1f
	cmpl	$VECTOR_SYSCALL, FRAME_VECTOR(%rsp)
	jne	trap_exit_live
trap_sysret:
	restore_scratch
	movq	FRAME_RIP(%rsp), %rcx
	movq	FRAME_RFLAGS(%rsp), %r11
	movq	FRAME_RSP(%rsp), %rsp
	swapgs
	sysretq
1:	call	arch_thread_load_user
	cmpl	$VECTOR_SYSCALL, FRAME_VECTOR(%rsp)
	je	trap_sysret
	jmp	trap_exit_live

/*
 * mach_msg has a way of its own: trap_fast_message(user, option, size, room, name), the first arguments
 * as they came. It comes back only to have the call made in the general way, and preserves no register but rbp
 * (conf/kernel.mk).
 */
	.type	trap_message, @function
trap_message:
	testl	%r12d, %r12d		/* notify */
	jnz	trap_slow_message
	movq	%r10, %rcx
	call	trap_fast_message
	restore_preserved
	movl	$TRAP_MACH_MSG, %eax
	jmp	trap_slow_message

/*
 * Back to user mode from a system call with every register from the frame at rsp, nothing pending, the rest
 * of the user's state in the processor.
 */
	.globl	trap_user_resume_live
	.type	trap_user_resume_live, @function
trap_user_resume_live:
	restore_preserved
	jmp	trap_sysret

/*
 * Exceptions and interrupts: the stub of each vector leaves an error code and the vector below what
 * the processor pushed.
 *
 *	void trap_from_user(struct trap_frame *frame);
 *	void trap_from_kernel(struct trap_frame *frame);
 */
	.type	trap_common, @function
trap_common:
	subq	$FRAME_VECTOR, %rsp
	save_registers
	movq	%rcx, FRAME_RCX(%rsp)
	movq	%r11, FRAME_R11(%rsp)
	cld
	user_close
	movq	%rsp, %rdi
	testb	$3, FRAME_CS(%rsp)
	jz	trap_in_kernel
	swapgs
	xorl	%ebp, %ebp
	call	trap_from_user

/* Back to user mode with every register from the frame at rsp. */
trap_exit:
	call	trap_return_to_user
	cmpb	$0, %gs:CPU_USER_LIVE
	jne	trap_exit_live
	call	arch_thread_load_user
trap_exit_live:
	movq	FRAME_RIP(%rsp), %rax
	shlq	$16, %rax
	sarq	$16, %rax		/* iret to a non-canonical address would fault in the */
	movq	%rax, FRAME_RIP(%rsp)	/* kernel, to the canonical one it faults in user mode */
	restore_registers
	swapgs
	iretq

trap_in_kernel:
	call	trap_from_kernel
	restore_registers
	iretq

/* _Noreturn void arch_thread_enter_user(struct thread *thread (rdi)); */
	.globl	arch_thread_enter_user
	.type	arch_thread_enter_user, @function
arch_thread_enter_user:
	movq	THREAD_FRAME(%rdi), %rsp
	xorl	%ebp, %ebp
	jmp	trap_exit

/*
 * Double fault, machine check: nothing can be resumed and GS may be anybody's. The word above the
 * frame is the CPU's struct arch_cpu.
 *
 *	_Noreturn void trap_fatal(struct trap_frame *frame);
 */
	.globl	trap_double_fault, trap_machine_check
	.type	trap_double_fault, @function
	.type	trap_machine_check, @function
trap_machine_check:
	pushq	$0
	pushq	$VECTOR_MACHINE_CHECK
	jmp	1f
trap_double_fault:
	pushq	$VECTOR_DOUBLE_FAULT
1:	subq	$FRAME_VECTOR, %rsp
	save_registers
	movq	%rcx, FRAME_RCX(%rsp)
	movq	%r11, FRAME_R11(%rsp)
	cld
	user_close
	movl	$MSR_GS_BASE, %ecx
	movl	FRAME_SIZE(%rsp), %eax
	movl	FRAME_SIZE + 4(%rsp), %edx
	wrmsr
	movq	%rsp, %rdi
	call	trap_fatal
	ud2

/* NMI: another CPU panics (smp_stop_others). A stray one is ignored. */
	.globl	trap_nmi
	.type	trap_nmi, @function
trap_nmi:
	cmpl	$0, smp_stopper
	jl	2f
	lock incl smp_stopped
1:	cli
	hlt
	jmp	1b
2:	iretq

/*
 * 16 bytes a stub; cpu.c fills the interrupt table from their addresses. Exceptions 8, 10-14, 17,
 * 21, 29 and 30 bring an error code.
 */
#define STUB_SIZE	16
.macro stub vector, error=0
	.balign	STUB_SIZE
	.if	\error == 0
	pushq	$0
	.endif
	pushq	$\vector
	jmp	trap_common
.endm

	.globl	trap_stubs, trap_stub_timer, trap_stub_ipi, trap_stub_other
	.balign	STUB_SIZE
	.type	trap_stubs, @function
trap_stubs:
	.set	vector, 0
	.rept	VECTOR_LINES + IO_LINES
	.set	error, 0
	.if	vector < 32
	.set	error, (0x60227d00 >> vector) & 1
	.endif
	stub	vector, error
	.set	vector, vector + 1
	.endr
trap_stub_timer:
	stub	VECTOR_TIMER
	.balign	STUB_SIZE
trap_stub_ipi:
	stub	VECTOR_IPI
	.balign	STUB_SIZE
trap_stub_other:
	stub	VECTOR_SPURIOUS

	.section .note.GNU-stack, "", @progbits
