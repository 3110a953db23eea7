/*
 * From exception syndromes (ESR_EL1; Arm ARM, D17.2.37) to what the machine-independent kernel
 * knows: page faults, user exceptions, kernel faults. Entered from trap.S with the registers in a
 * frame.
 */
#include "trap/trap.h"

#include "arch/cpu.h"
#include "arch/smp.h"
#include "arch/thread.h"
#include "arch/usercopy.h"
#include "init/panic.h"
#include "init/printk.h"
#include "pmap_internal.h"
#include "sched/cpu.h"

#include <mach/exception.h>
#include <mach/kern_return.h>

enum exception_class {
	EC_UNKNOWN = 0x00, EC_FLOAT_OFF = 0x07, EC_CODE_ABORT_USER = 0x20,
	EC_CODE_ABORT_KERNEL = 0x21, EC_PC_ALIGNMENT = 0x22, EC_DATA_ABORT_USER = 0x24,
	EC_DATA_ABORT_KERNEL = 0x25, EC_SP_ALIGNMENT = 0x26, EC_FLOAT_TRAPPED = 0x2c,
	EC_SERROR = 0x2f, EC_BREAKPOINT_INSTRUCTION = 0x3c,
};

/* Fault status, without the level. */
enum fault_status {
	STATUS_TRANSLATION = 1, STATUS_ACCESS_FLAG = 2, STATUS_PERMISSION = 3, STATUS_OTHER,
};

#define ISS_STATUS(esr)		((esr) & 0x3f)
#define ISS_WRITE		(1u << 6)
#define ISS_CACHE_OPERATION	(1u << 8)	/* says write, but only needs to read */
#define STATUS_ALIGNMENT	0x21u

/* A pc range with a way out; asm.h's fixup. */
struct fixup {
	uint64_t start, end, target, blocks;
};

extern const struct fixup fixups_start[], fixups_end[];

void trap_from_user(struct trap_frame *frame);
void trap_from_kernel(struct trap_frame *frame);
_Noreturn void trap_stack_overflow(struct trap_frame *frame);
_Noreturn void trap_unexpected(struct trap_frame *frame, unsigned vector);

static enum exception_class
syndrome_class(uint64_t esr)
{
	return esr >> 26 & 0x3f;
}

static enum fault_status
fault_status(uint64_t esr)
{
	unsigned kind = ISS_STATUS(esr) >> 2;

	return kind >= STATUS_TRANSLATION && kind <= STATUS_PERMISSION ?
	    (enum fault_status)kind : STATUS_OTHER;
}

static vm_prot_t
fault_access(uint64_t esr)
{
	enum exception_class class = syndrome_class(esr);

	if (class == EC_CODE_ABORT_USER || class == EC_CODE_ABORT_KERNEL)
		return VM_PROT_EXECUTE;
	return (esr & ISS_WRITE) && !(esr & ISS_CACHE_OPERATION) ? VM_PROT_WRITE : VM_PROT_READ;
}

/* --- faults of user mode --- */

static void
user_abort(struct trap_frame *frame, uint64_t esr, uint64_t address)
{
	switch (fault_status(esr)) {
	case STATUS_ACCESS_FLAG:
		pmap_mark_accessed(cpu_self()->arch.pmap, address);
		break;
	case STATUS_TRANSLATION:
	case STATUS_PERMISSION:
		trap_page_fault(address, fault_access(esr), true, frame);
		break;
	case STATUS_OTHER:
		trap_user_exception(EXC_BAD_ACCESS, ISS_STATUS(esr) == STATUS_ALIGNMENT ?
		    KERN_INVALID_ARGUMENT : KERN_INVALID_ADDRESS, address);
		break;
	}
}

void
trap_from_user(struct trap_frame *frame)
{
	uint64_t esr = sysreg_read(esr_el1), address = sysreg_read(far_el1);

	switch (syndrome_class(esr)) {
	case EC_CODE_ABORT_USER:
	case EC_DATA_ABORT_USER:
		user_abort(frame, esr, address);
		break;
	case EC_FLOAT_OFF:
		arch_float_first_use(current_thread());
		break;
	case EC_PC_ALIGNMENT:
		trap_user_exception(EXC_BAD_ACCESS, KERN_INVALID_ARGUMENT, address);
		break;
	case EC_SP_ALIGNMENT:
		trap_user_exception(EXC_BAD_ACCESS, KERN_INVALID_ARGUMENT, frame->sp);
		break;
	case EC_FLOAT_TRAPPED:
		trap_user_exception(EXC_ARITHMETIC, EXC_ARITH_FLOAT, frame->pc);
		break;
	case EC_BREAKPOINT_INSTRUCTION:
		trap_user_exception(EXC_BREAKPOINT, (int)(esr & 0xffff), frame->pc);
		break;
	default:
		trap_user_exception(EXC_BAD_INSTRUCTION, (int)esr, frame->pc);
		break;
	}
}

/* --- faults of the kernel --- */

static const char *
class_name(enum exception_class class)
{
	switch (class) {
	case EC_UNKNOWN: return "undefined instruction";
	case EC_FLOAT_OFF: return "floating point in the kernel";
	case EC_CODE_ABORT_KERNEL: return "instruction fetch fault";
	case EC_DATA_ABORT_KERNEL: return "data fault";
	case EC_PC_ALIGNMENT: return "misaligned pc";
	case EC_SP_ALIGNMENT: return "misaligned stack pointer";
	case EC_SERROR: return "system error";
	case EC_BREAKPOINT_INSTRUCTION: return "breakpoint instruction";
	default: return "exception";
	}
}

static void
print_registers(const struct trap_frame *frame, uint64_t esr)
{
	for (unsigned i = 0; i < 30; i += 3)
		printk("x%-2u %016lx  x%-2u %016lx  x%-2u %016lx\n", i, frame->x[i],
		    i + 1, frame->x[i + 1], i + 2, frame->x[i + 2]);
	printk("lr  %016lx  sp  %016lx  cpsr %08lx esr %08lx\n", frame->x[30], frame->sp,
	    frame->cpsr, esr);
}

/* What kind of access failed: "data fault (write)". */
static void
fault_describe(uint64_t esr, const char *what, char *text, unsigned size)
{
	/* LAB 1.8 begin [until then: ksnprintf(text, size, "fault")]: what happened, and for data faults the access.
	 * Hint: the bits of the syndrome stand at the top of this file.
	 */
	ksnprintf(text, size, "%s%s", what,
	    syndrome_class(esr) != EC_DATA_ABORT_KERNEL ? "" :
	    esr & ISS_WRITE ? " (write)" : " (read)");
	/* LAB 1.8 end */
}

/*
 * The console may have been in use here or on a CPU that is stopped: printing needs panic's rules.
 * A fault in a fault prints no registers.
 */
static _Noreturn void
kernel_fault(const struct trap_frame *frame, const char *what)
{
	uint64_t esr = sysreg_read(esr_el1), address = sysreg_read(far_el1);
	char text[96];

	smp_stop_others();
	if (!panic_active) {
		panic_active = true;
		print_registers(frame, esr);
	}
	fault_describe(esr, what, text, sizeof text);
	trap_kernel_fault(text, address, frame->pc, frame->x[29]);
}

static const struct fixup *
find_fixup(uint64_t pc)
{
	for (const struct fixup *f = fixups_start; f < fixups_end; f++)
		if (pc - f->start < f->end - f->start)
			return f;
	return NULL;
}

/* Whether the access may be made again. Conditions: a user address, touched by code that has a way out. */
static bool
resolve_user_access(struct trap_frame *frame, const struct fixup *fixup, uint64_t esr,
    uint64_t address)
{
	if (!fixup->blocks)
		return false;
	switch (fault_status(esr)) {
	case STATUS_ACCESS_FLAG:
		pmap_mark_accessed(cpu_self()->arch.pmap, address);
		return true;
	case STATUS_TRANSLATION:
	case STATUS_PERMISSION:
		return trap_page_fault(address, fault_access(esr), false, frame);
	default:
		return false;
	}
}

void
trap_from_kernel(struct trap_frame *frame)
{
	uint64_t esr = sysreg_read(esr_el1), address = sysreg_read(far_el1);
	const struct fixup *fixup = find_fixup(frame->pc);

	if (fixup == NULL || syndrome_class(esr) != EC_DATA_ABORT_KERNEL || address >= USER_HALF_END)
		kernel_fault(frame, class_name(syndrome_class(esr)));
	if (!resolve_user_access(frame, fixup, esr, address))
		frame->pc = fixup->target;
}

void
trap_stack_overflow(struct trap_frame *frame)
{
	kernel_fault(frame, "kernel stack overflow");
}

void
trap_unexpected(struct trap_frame *frame, unsigned vector)
{
	static const char *const kinds[] = {
		"exception", "interrupt", "fast interrupt", "system error",
	};

	printk("vector %u: ", vector);
	kernel_fault(frame, kinds[vector % 4]);
}
