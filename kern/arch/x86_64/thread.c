/*
 * Threads: first stack, switch, user registers, floating point.
 *
 * FS and GS base and the floating-point registers belong to the user; the kernel uses none of them.
 * They are loaded on the way to user mode (arch_thread_load_user) and saved by the next switch, so
 * nothing of a thread is ever left on another CPU. cpu->arch.user_live says that they are in the
 * processor; else struct arch_thread holds them, and there they may be read and changed while the
 * thread is stopped. A thread that has not used floating point runs with CR0.TS set and traps on
 * the first use.
 */
#include "arch/thread.h"

#include <mach/trap_numbers.h>

#include "arch/cpu.h"
#include "init/string.h"
#include "sched/cpu.h"
#include "task/thread.h"

#define FX_CONTROL_WORD		0x037fu		/* all x87 exceptions masked, as after fninit */
#define FX_MXCSR		0x1f80u		/* likewise for SSE */
#define FX_MXCSR_OFFSET		24
#define FX_MXCSR_MASK		0xffbfu		/* no denormals-are-zero: old processors lack it */

#define FRAME_AT(field, offset) \
	_Static_assert(offsetof(struct trap_frame, field) == (offset), "known to trap.S")
FRAME_AT(r13, FRAME_R13);
FRAME_AT(rax, FRAME_RAX);
FRAME_AT(rbp, FRAME_RBP);
FRAME_AT(rcx, FRAME_RCX);
FRAME_AT(r15, FRAME_R15);
FRAME_AT(vector, FRAME_VECTOR);
FRAME_AT(rip, FRAME_RIP);
FRAME_AT(ss, FRAME_SS);
_Static_assert(TRAP_NUMBER_mach_msg_trap == TRAP_MACH_MSG, "trap.S");
_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "known to trap.S");
_Static_assert(FRAME_SIZE % 16 == 0, "C wants the stack aligned");
_Static_assert(offsetof(struct thread, arch) == 0, "known to switch.S");
_Static_assert(offsetof(struct arch_thread, stack_pointer) == 0, "known to switch.S");
_Static_assert(offsetof(struct arch_thread, frame) == THREAD_FRAME, "known to trap.S");

extern struct thread *context_switch(struct thread *prev, struct thread *next);
extern const char thread_begin[];

void arch_thread_load_user(void);

/*
 * What context_switch pops, lowest address first, and the ends of the chain of frames for
 * backtraces.
 */
struct first_context {
	uint64_t r15, r14, r13, r12, rbx, rbp;
	uint64_t return_address;
	uint64_t end[2];
};

/* LAB 2.4 begin [until then: given init_x86_64.c]: make a new thread's stack look as if it had called
 * context_switch from the beginning of thread_begin (switch.S), which expects the function and its
 * argument in two of the registers that come back. The context stands right below the trap frame.
 */
void
arch_thread_init(struct thread *thread, uint64_t stack_top, void (*entry)(void *), void *argument)
{
	struct arch_thread *arch = &thread->arch;
	struct first_context *context;

	arch->frame = (struct trap_frame *)stack_top - 1;
	context = (struct first_context *)arch->frame - 1;
	*context = (struct first_context){
		.r12 = (uint64_t)argument,
		.rbx = (uint64_t)entry,
		.return_address = (uint64_t)thread_begin,
	};
	arch->stack_pointer = (uint64_t)context;
	arch_thread_reset_user(thread);
}
/* LAB 2.4 end */

/* --- floating point --- */

/* The state a thread starts with: all registers zero. */
static void
float_reset(struct arch_thread *arch)
{
	uint16_t control = FX_CONTROL_WORD;
	uint32_t mxcsr = FX_MXCSR;

	memset(arch->fxsave, 0, sizeof(arch->fxsave));
	memcpy(arch->fxsave, &control, sizeof(control));
	memcpy(arch->fxsave + FX_MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
}

void
arch_float_first_use(struct thread *thread)
{
	float_reset(&thread->arch);
	thread->arch.float_used = true;
	float_use(&cpu_self()->arch, &thread->arch);
}

/* --- FS and GS base --- */

static inline uint64_t
fs_base_read(void)
{
	uint64_t base;

	if (!cpu_features.fsgsbase)
		return rdmsr(MSR_FS_BASE);
	asm volatile("rdfsbase %0" : "=r"(base));
	return base;
}

static inline void
fs_base_write(uint64_t base)
{
	if (cpu_features.fsgsbase)
		asm volatile("wrfsbase %0" :: "r"(base));
	else
		wrmsr(MSR_FS_BASE, base);
}

/* The user's GS base: while the kernel runs, swapgs has put it aside. */
static inline uint64_t
gs_base_read(void)
{
	uint64_t base;

	if (!cpu_features.fsgsbase)
		return rdmsr(MSR_KERNEL_GS_BASE);
	asm volatile("swapgs\n	rdgsbase %0\n	swapgs" : "=r"(base));
	return base;
}

static inline void
gs_base_write(uint64_t base)
{
	if (cpu_features.fsgsbase)
		asm volatile("swapgs\n	wrgsbase %0\n	swapgs" :: "r"(base));
	else
		wrmsr(MSR_KERNEL_GS_BASE, base);
}

/* --- switch --- */

static inline void
load_user(struct arch_cpu *cpu, struct arch_thread *arch)
{
	fs_base_write(arch->fs_base);
	gs_base_write(arch->gs_base);
	float_use(cpu, arch);
	cpu->kernel_frame = (uint64_t)arch->frame;
	cpu->tss.rsp[0] = (uint64_t)(arch->frame + 1);
	cpu->user_live = cpu_features.fsgsbase ? USER_LIVE_QUICK : USER_LIVE;
}

/* From trap.S, on the way to user mode when they are elsewhere. */
void
arch_thread_load_user(void)
{
	load_user(&cpu_self()->arch, &current_thread()->arch);
}

/* Moves what is in the processor to the running thread's structure. */
static inline void
save_user(struct arch_cpu *cpu, struct arch_thread *arch)
{
	if (cpu->user_live == USER_ELSEWHERE)
		return;
	cpu->user_live = USER_ELSEWHERE;
	arch->fs_base = fs_base_read();
	arch->gs_base = gs_base_read();
	if (arch->float_used)
		float_save(arch);
}

void
arch_user_exchange(struct arch_thread *prev, struct arch_thread *next)
{
	struct arch_cpu *cpu = &cpu_self()->arch;

	save_user(cpu, prev);
	load_user(cpu, next);
}

/* LAB 2.4 begin [until then: given switch_x86_64.c]: the user's state is saved first (save_user), then
 * the stacks change.
 */
struct thread *
arch_thread_switch(struct thread *prev, struct thread *next)
{
	save_user(&cpu_self()->arch, &prev->arch);
	return context_switch(prev, next);
}
/* LAB 2.4 end */

/* Makes struct arch_thread hold all of a stopped thread's or the caller's user state. */
static void
bring_to_memory(struct thread *thread)
{
	if (thread == current_thread()) {
		save_user(&cpu_self()->arch, &thread->arch);
		return;
	}
	while (__atomic_load_n(&thread->on_cpu, __ATOMIC_ACQUIRE))
		cpu_spin_poll();	/* stopped, but its switch is not done */
}

void
arch_thread_get_float(struct thread *thread, struct thread_float_state *state)
{
	struct arch_thread *arch = &thread->arch;

	bring_to_memory(thread);
	if (!arch->float_used)
		float_reset(arch);
	memcpy(state->fxsave, arch->fxsave, sizeof(state->fxsave));
}

void
arch_thread_set_float(struct thread *thread, const struct thread_float_state *state)
{
	struct arch_thread *arch = &thread->arch;
	uint32_t mxcsr;

	bring_to_memory(thread);
	memcpy(arch->fxsave, state->fxsave, sizeof(arch->fxsave));
	memcpy(&mxcsr, arch->fxsave + FX_MXCSR_OFFSET, sizeof(mxcsr));
	mxcsr &= FX_MXCSR_MASK;		/* loading a reserved bit would fault in the kernel */
	memcpy(arch->fxsave + FX_MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
	arch->float_used = true;
}

/* --- user registers --- */

struct trap_frame *
arch_thread_frame(struct thread *thread)
{
	return thread->arch.frame;
}

void
arch_thread_reset_user(struct thread *thread)
{
	*thread->arch.frame = (struct trap_frame){
		.vector = VECTOR_STATE_SET,
		.cs = SEL_USER_CODE, .ss = SEL_USER_DATA,
		.rflags = RFLAGS_FIXED | RFLAGS_IF,
	};
	thread->arch.fs_base = 0;
	thread->arch.gs_base = 0;
	thread->arch.float_used = false;
}

void
arch_thread_get_state(struct thread *thread, struct thread_state *state)
{
	const struct trap_frame *f = thread->arch.frame;

	bring_to_memory(thread);
	*state = (struct thread_state){
		.rax = f->rax, .rbx = f->rbx, .rcx = f->rcx, .rdx = f->rdx,
		.rsi = f->rsi, .rdi = f->rdi, .rbp = f->rbp,
		.r8 = f->r8, .r9 = f->r9, .r10 = f->r10, .r11 = f->r11,
		.r12 = f->r12, .r13 = f->r13, .r14 = f->r14, .r15 = f->r15,
		.rsp = f->rsp, .rip = f->rip, .rflags = f->rflags,
		.tls = thread->arch.fs_base,
	};
}

void
arch_thread_set_state(struct thread *thread, const struct thread_state *state)
{
	struct trap_frame *f = thread->arch.frame;

	bring_to_memory(thread);
	*f = (struct trap_frame){
		.rax = state->rax, .rbx = state->rbx, .rcx = state->rcx, .rdx = state->rdx,
		.rsi = state->rsi, .rdi = state->rdi, .rbp = state->rbp,
		.r8 = state->r8, .r9 = state->r9, .r10 = state->r10, .r11 = state->r11,
		.r12 = state->r12, .r13 = state->r13, .r14 = state->r14, .r15 = state->r15,
		.rsp = state->rsp, .rip = state->rip,
		.rflags = (state->rflags & RFLAGS_USER) | RFLAGS_FIXED | RFLAGS_IF,
		.cs = SEL_USER_CODE, .ss = SEL_USER_DATA, .vector = VECTOR_STATE_SET,
	};
	thread->arch.fs_base = canonical(state->tls);	/* another would fault in the kernel */
}

uint64_t
arch_thread_saved_frame(struct thread *thread)
{
	return ((const struct first_context *)thread->arch.stack_pointer)->rbp;
}

uint64_t
arch_thread_saved_pc(struct thread *thread)
{
	return ((const struct first_context *)thread->arch.stack_pointer)->return_address;
}
