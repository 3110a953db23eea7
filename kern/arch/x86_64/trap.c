/*
 * What trap.S calls: tells exceptions from interrupts, user mode from the kernel, and passes on
 * (kern/trap/trap.h).
 *
 * A page fault of the kernel is legal only in a user copy: the table of fix-ups (copy.S) says where
 * the copy goes on when the fault cannot be resolved. Any other exception of the kernel is a bug
 * and ends in a panic.
 */
#include "trap/trap.h"

#include <mach/exception.h>
#include <mach/kern_return.h>
#include "arch/cpu.h"
#include "arch/pmap.h"
#include "arch/thread.h"
#include "arch/usercopy.h"
#include "init/console.h"
#include "init/printk.h"
#include "irq.h"
#include "sched/cpu.h"
#include "task/thread.h"

#define FAULT_WRITE		0x02u		/* page-fault error code */
#define FAULT_FETCH		0x10u

struct fixup {
	uint64_t begin, end;			/* a fault here ... */
	uint64_t target;			/* ... goes on here ... */
	uint64_t no_fault;			/* ... without an attempt to resolve it */
};

extern const struct fixup _fixups[], _efixups[];
extern const char boot_stack_guard[];

void trap_from_user(struct trap_frame *frame);
void trap_from_kernel(struct trap_frame *frame);
_Noreturn void trap_fatal(struct trap_frame *frame);

static const char *
exception_name(uint64_t vector)
{
	static const char *const names[] = {
		"divide error", "debug exception", "NMI", "breakpoint", "overflow",
		"bound exceeded", "invalid opcode", "floating point used", "double fault",
		"exception 9", "invalid TSS", "segment not present", "stack fault",
		"general protection fault", "page fault", "exception 15", "x87 error",
		"misaligned access", "machine check", "SSE error",
	};

	return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : "unexpected exception";
}

static vm_prot_t
fault_access(uint64_t error)
{
	if (error & FAULT_FETCH)
		return VM_PROT_EXECUTE;
	return error & FAULT_WRITE ? VM_PROT_WRITE : VM_PROT_READ;
}

/* --- interrupts --- */

static void
interrupt(uint64_t vector)
{
	tlb_idle_leave();
	cpu_self()->interrupts++;
	switch (vector) {
	case VECTOR_TIMER:
		apic_write(APIC_EOI, 0);
		apic_timer_interrupt();
		break;
	case VECTOR_IPI:
		apic_write(APIC_EOI, 0);
		tlb_answer();
		trap_ipi();
		break;
	case VECTOR_LINES + CONSOLE_LINE:
		apic_write(APIC_EOI, 0);
		console_input_interrupt();
		break;
	case VECTOR_SPURIOUS:
		break;
	default:
		trap_device_interrupt((unsigned)vector - VECTOR_LINES);
		apic_write(APIC_EOI, 0);	/* not before the level-triggered line is masked */
	}
}

/* --- user mode --- */

static void
user_exception(struct trap_frame *frame)
{
	switch (frame->vector) {
	case 0:
		trap_user_exception(EXC_ARITHMETIC, EXC_ARITH_DIVIDE, frame->rip);
		break;
	case 1:
		asm volatile("movq %0, %%dr6" :: "r"(0ul));
		trap_user_exception(EXC_BREAKPOINT, 1, frame->rip);
		break;
	case 3:
		trap_user_exception(EXC_BREAKPOINT, 3, frame->rip);
		break;
	case 4:
		trap_user_exception(EXC_ARITHMETIC, EXC_ARITH_OVERFLOW, frame->rip);
		break;
	case 6:
		trap_user_exception(EXC_BAD_INSTRUCTION, 6, frame->rip);
		break;
	case 7:
		arch_float_first_use(current_thread());
		break;
	case 16:
	case 19:
		trap_user_exception(EXC_ARITHMETIC, EXC_ARITH_FLOAT, frame->rip);
		break;
	default:
		/*
		 * A general protection fault names no address: non-canonical ones and forbidden
		 * instructions end here.
		 */
		trap_user_exception(EXC_BAD_ACCESS, KERN_PROTECTION_FAILURE, frame->rip);
	}
}

void
trap_from_user(struct trap_frame *frame)
{
	if (frame->vector >= VECTOR_LINES)
		interrupt(frame->vector);
	else if (frame->vector == VECTOR_PAGE_FAULT)
		trap_page_fault(read_cr2(), fault_access(frame->error), true, frame);
	else
		user_exception(frame);
}

/* --- the kernel --- */

static void
registers_print(const struct trap_frame *f)
{
	printk("rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", f->rax, f->rbx, f->rcx, f->rdx);
	printk("rsi %016lx rdi %016lx rbp %016lx rsp %016lx\n", f->rsi, f->rdi, f->rbp, f->rsp);
	printk("r8  %016lx r9  %016lx r10 %016lx r11 %016lx\n", f->r8, f->r9, f->r10, f->r11);
	printk("r12 %016lx r13 %016lx r14 %016lx r15 %016lx\n", f->r12, f->r13, f->r14, f->r15);
	printk("rip %016lx flags %08lx cs %02lx error %lx cr2 %016lx cr3 %lx\n",
	       f->rip, f->rflags, f->cs, f->error, read_cr2(), read_cr3());
}

/* What kind of access failed: "page fault (write)". */
static void
fault_describe(const struct trap_frame *frame, const char *what, char *text, unsigned size)
{
	/* LAB 1.8 begin [until then: ksnprintf(text, size, "fault")]: what happened, and for page faults the access.
	 * Hint: the bits of the error code stand at the top of this file.
	 */
	ksnprintf(text, size, "%s%s", what, frame->vector != VECTOR_PAGE_FAULT ? "" :
	    frame->error & FAULT_FETCH ? " (fetch)" : frame->error & FAULT_WRITE ? " (write)" : " (read)");
	/* LAB 1.8 end */
}

static _Noreturn void
kernel_fault(const char *what, uint64_t address, const struct trap_frame *frame)
{
	char text[96];

	registers_print(frame);
	fault_describe(frame, what, text, sizeof(text));
	trap_kernel_fault(text, address, frame->rip, frame->rbp);
}

static const struct fixup *
fixup_find(uint64_t pc)
{
	for (const struct fixup *f = _fixups; f < _efixups; f++)
		if (pc >= f->begin && pc < f->end)
			return f;
	return NULL;
}

static void
kernel_page_fault(struct trap_frame *frame)
{
	uint64_t address = read_cr2();
	const struct fixup *fixup = fixup_find(frame->rip);

	if (fixup == NULL || address >= USER_HALF_END)
		kernel_fault(exception_name(frame->vector), address, frame);
	if (fixup->no_fault || !trap_page_fault(address, fault_access(frame->error), false, frame))
		frame->rip = fixup->target;
}

void
trap_from_kernel(struct trap_frame *frame)
{
	if (frame->vector >= VECTOR_LINES)
		interrupt(frame->vector);
	else if (frame->vector == VECTOR_PAGE_FAULT)
		kernel_page_fault(frame);
	else
		kernel_fault(exception_name(frame->vector), frame->rip, frame);
}

static bool
is_stack_guard(uint64_t address)
{
	const struct thread *thread = current_thread();

	if (address - (uint64_t)boot_stack_guard < PAGE_SIZE)
		return true;
	if (thread == NULL || thread->stack_base == 0)
		return false;
	return address < thread->stack_base && thread->stack_base - address <= PAGE_SIZE;
}

_Noreturn void
trap_fatal(struct trap_frame *frame)
{
	if (frame->vector == VECTOR_DOUBLE_FAULT && is_stack_guard(read_cr2()))
		kernel_fault("kernel stack overflow", read_cr2(), frame);
	kernel_fault(exception_name(frame->vector), frame->rip, frame);
}
