/*
 * Where the machine's entry code calls upwards. In layer 1 there are no tasks: user mode does not exist, the timer serves only the
 * deadline, devices have nobody to tell.
 */
#include "arch/timer.h"
#include "init/cmdline.h"
#include "init/panic.h"
#include "sched/cpu.h"
#include "trap/trap.h"

#if LAYER >= 2
#include "sched/sched.h"
#include "task/device.h"
#include "task/exception.h"
#include "task/task.h"
#include "task/thread.h"
#include "trace/trace.h"
#include "vm/vm.h"
#include <mach/exception.h>

bool
trap_page_fault(uint64_t address, vm_prot_t access, bool from_user, struct trap_frame *frame)
{
	struct thread *thread = current_thread();
	kern_return_t kr;

	(void)frame;
	TRACE(TRACE_FAULT, access, from_user, address, 0, 0);
	if (thread == NULL || thread->task == kernel_task || address >= VM_MAX_ADDRESS || cpu_self()->lock_depth != 0) {
		if (!from_user)
			return false;
		kr = KERN_INVALID_ADDRESS;
	} else {
		thread->task->faults++;
		kr = vm_fault(thread->task->map, address, access);
	}
	if (kr == KERN_SUCCESS)
		return true;
	if (!from_user)
		return false;
	if (kr != KERN_ABORTED)
		exception_raise(EXC_BAD_ACCESS, kr, address);
	return true;
}

void
trap_user_exception(int exception, int code, uint64_t subcode)
{
	exception_raise(exception, code, subcode);
}

void
trap_device_interrupt(unsigned line)
{
	TRACE(TRACE_INTERRUPT, TRACE_DEVICE, line, 0, 0, 0);
	device_interrupt(line);
}

void
trap_timer_interrupt(void)
{
	TRACE(TRACE_INTERRUPT, TRACE_TIMER, 0, 0, 0, 0);
	deadline_check();
	sched_timer_interrupt();
}

void
trap_ipi(void)
{
	TRACE(TRACE_INTERRUPT, TRACE_IPI, 0, 0, 0, 0);
	cpu_call_pending();
	sched_ipi();
}

void
trap_return_to_user(void)
{
	struct cpu *cpu = cpu_self();

	while (cpu->need_resched || cpu->thread->ast != 0) {
		sched_preempt_check();
		thread_ast_check();
		cpu = cpu_self();
	}
}

#else

bool
trap_page_fault(uint64_t address, vm_prot_t access, bool from_user, struct trap_frame *frame)
{
	(void)address, (void)access, (void)from_user, (void)frame;
	return false;
}

uint64_t
trap_dispatch(uint64_t number, const uint64_t *arguments)
{
	(void)arguments;
	panic("trap %lu in a kernel without tasks", (unsigned long)number);
}

void
trap_fast_message(uint64_t user, uint32_t option, uint32_t size, uint32_t room, uint32_t name)
{
	(void)user, (void)option, (void)size, (void)room, (void)name;
}

void
trap_user_exception(int exception, int code, uint64_t subcode)
{
	(void)code;
	panic("user exception %d at %#lx in a kernel without tasks", exception, (unsigned long)subcode);
}

void
trap_device_interrupt(unsigned line)
{
	(void)line;
}

void
trap_timer_interrupt(void)
{
	deadline_check();
}

void
trap_ipi(void)
{
}

void
trap_return_to_user(void)
{
}

#endif

void
trap_kernel_fault(const char *what, uint64_t address, uint64_t pc, uint64_t frame_pointer)
{
	panic_at(pc, frame_pointer, "%s at %#lx, pc %#lx", what, (unsigned long)address, (unsigned long)pc);
}
