/*
 * Machine state of threads.
 *
 * Floating point: CPACR_EL1 lets user mode at it exactly while float_live of the running thread is set:
 * then the registers hold its state, otherwise thread->floats.registers does. The first use of a turn on the CPU
 * traps and loads it, the end of the turn saves it, so nothing is left on another CPU and a turn without
 * floating point costs nothing. A thread that used it in FLOAT_PROOF turns in a row gets it loaded without
 * a trap, FLOAT_EAGER times; then it has to show its use again.
 */
#include "arch/thread.h"

#include <mach/trap_numbers.h>

#include "arch/cpu.h"
#include "asm.h"
#include "sched/cpu.h"
#include "task/thread.h"

#define FLOAT_PROOF	3
#define FLOAT_EAGER	64

#define CPACR_FLOAT	(3ull << 20)
#define CPSR_FLAGS	0xf0000000ull	/* NZCV */
#define CPSR_USER	0ull		/* EL0, nothing masked */
#define FPCR_SETTABLE	0x07c80000u	/* AHP DN FZ RMode FZ16 */
#define FPSR_SETTABLE	0x0800009fu	/* QC and the cumulative exceptions */

_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "trap.S");
_Static_assert(offsetof(struct trap_frame, sp) == FRAME_SP, "trap.S");
_Static_assert(offsetof(struct trap_frame, pc) == FRAME_PC_CPSR, "trap.S");
_Static_assert(offsetof(struct thread, arch.sp) == 0, "switch.S");
_Static_assert(offsetof(struct thread_float_state, fpcr) == 512, "switch.S");

_Static_assert(TRAP_NUMBER_mach_msg_trap == TRAP_MACH_MSG, "trap.S");
_Static_assert(sizeof(struct switch_frame) == SWITCH_FRAME_SIZE, "trap.S");

struct thread *context_switch(struct thread *prev, struct thread *next);
void thread_begin(void);
_Noreturn void user_enter(struct trap_frame *frame);
void float_save(struct thread_float_state *state);
void float_load(const struct thread_float_state *state);

static bool
is_running_here(const struct thread *thread)
{
	return thread == current_thread();
}

/* LAB 2.4 begin [until then: given init_aarch64.c]: make a new thread's stack look as if it had called
 * context_switch from the beginning of thread_begin (switch.S), which expects the function and its
 * argument in two of the registers that come back. The frame stands right below the trap frame.
 */
void
arch_thread_init(struct thread *thread, uint64_t stack_top, void (*entry)(void *), void *argument)
{
	struct switch_frame *frame;

	thread->arch.frame = (struct trap_frame *)stack_top - 1;
	arch_thread_reset_user(thread);
	frame = (struct switch_frame *)arch_thread_frame(thread) - 1;
	*frame = (struct switch_frame){ .x30 = (uint64_t)thread_begin };
	frame->x19_28[0] = (uint64_t)entry;
	frame->x19_28[1] = (uint64_t)argument;
	thread->arch.sp = (uint64_t)frame;
}
/* LAB 2.4 end */

static struct thread_float_state *
floats_of(struct arch_thread *arch)
{
	return &container_of(arch, struct thread, arch)->floats.registers;
}

void
float_switch(struct arch_thread *prev, struct arch_thread *next)
{
	bool live = next->float_eager != 0;

	if (prev->float_live)
		float_save(floats_of(prev));
	if (prev->float_live != live) {
		sysreg_write(cpacr_el1, live ? CPACR_FLOAT : 0);
		isb();
	}
	prev->float_live = false;
	next->float_live = live;
	if (!live)
		return;
	float_load(floats_of(next));
	next->float_eager--;
}

/* LAB 2.4 begin [until then: given switch_aarch64.c]: the user's state changes hands first
 * (arch_user_switch), then the stacks.
 */
struct thread *
arch_thread_switch(struct thread *prev, struct thread *next)
{
	arch_user_switch(&prev->arch, &next->arch);
	return context_switch(prev, next);
}
/* LAB 2.4 end */

void
arch_thread_enter_user(struct thread *thread)
{
	user_enter(arch_thread_frame(thread));
}

struct trap_frame *
arch_thread_frame(struct thread *thread)
{
	return arch_frame(&thread->arch);
}

void
arch_thread_reset_user(struct thread *thread)
{
	*arch_thread_frame(thread) = (struct trap_frame){ .cpsr = CPSR_USER };
	thread->arch.tls = 0;
	thread->arch.float_live = false;
	thread->arch.float_turns = thread->arch.float_eager = 0;
	thread->floats.registers = (struct thread_float_state){ 0 };
	if (is_running_here(thread)) {
		sysreg_write(tpidr_el0, 0);
		sysreg_write(cpacr_el1, 0);
	}
}

void
arch_thread_get_state(struct thread *thread, struct thread_state *state)
{
	const struct trap_frame *frame = arch_thread_frame(thread);

	for (unsigned i = 0; i < 31; i++)
		state->x[i] = frame->x[i];
	state->sp = frame->sp;
	state->pc = frame->pc;
	state->cpsr = frame->cpsr & CPSR_FLAGS;
	state->tls = is_running_here(thread) ? sysreg_read(tpidr_el0) : thread->arch.tls;
}

void
arch_thread_set_state(struct thread *thread, const struct thread_state *state)
{
	struct trap_frame *frame = arch_thread_frame(thread);

	for (unsigned i = 0; i < 31; i++)
		frame->x[i] = state->x[i];
	frame->sp = state->sp;
	frame->pc = state->pc;
	frame->cpsr = (state->cpsr & CPSR_FLAGS) | CPSR_USER | CPSR_STATE_SET;
	thread->arch.tls = state->tls;
	if (is_running_here(thread))
		sysreg_write(tpidr_el0, state->tls);
}

void
arch_thread_get_float(struct thread *thread, struct thread_float_state *state)
{
	if (is_running_here(thread) && thread->arch.float_live)
		float_save(&thread->floats.registers);
	*state = thread->floats.registers;
}

void
arch_thread_set_float(struct thread *thread, const struct thread_float_state *state)
{
	thread->floats.registers = *state;
	thread->floats.registers.fpcr &= FPCR_SETTABLE;
	thread->floats.registers.fpsr &= FPSR_SETTABLE;
	thread->floats.registers.pad = 0;
	if (is_running_here(thread) && thread->arch.float_live)
		float_load(&thread->floats.registers);
}

void
arch_float_first_use(struct thread *thread)
{
	struct arch_thread *arch = &thread->arch;

	sysreg_write(cpacr_el1, CPACR_FLOAT);
	isb();
	float_load(&thread->floats.registers);
	arch->float_live = true;
	arch->float_turns = thread_switches(thread) == arch->float_turn + 1 ? arch->float_turns + 1 : 1;
	arch->float_turn = thread_switches(thread);
	if (arch->float_turns == FLOAT_PROOF) {
		arch->float_turns = 0;
		arch->float_eager = FLOAT_EAGER;
	}
}

uint64_t
arch_thread_saved_frame(struct thread *thread)
{
	return ((const struct switch_frame *)thread->arch.sp)->x29;
}

uint64_t
arch_thread_saved_pc(struct thread *thread)
{
	return ((const struct switch_frame *)thread->arch.sp)->x30;
}
