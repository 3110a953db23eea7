/*
 * The machine part of struct cpu. The GS base of a CPU in the kernel points here; assembly knows
 * the first four fields (x86.h).
 */
#ifndef ARCH_X86_64_CPU_H
#define ARCH_X86_64_CPU_H

#include "x86.h"

#define MACHINE_NAME "x86_64"
#define ELF_MACHINE 62		/* e_machine */

/* Task-state segment (Intel SDM vol. 3, 8.7): only the stacks matter in 64-bit mode. */
struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];		/* [0]: kernel stack for entries from user mode */
	uint64_t reserved1;
	uint64_t ist[7];		/* ist[0] is IST 1 */
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;		/* beyond the limit: no port is allowed to users */
} __attribute__((packed));

_Static_assert(sizeof(struct tss) == 104, "hardware layout");

/*
 * What a CPU asks of others (tlb.c): written by the asking CPU, `waiting` counted down by bits as
 * they answer.
 */
struct tlb_request {
	volatile uint32_t waiting;	/* bit n: CPU n has not answered */
	uint32_t pages;
	uint64_t start;
	struct pmap *leave;
};

/* STALE: idle, and has to forget all translations when it wakes up. */
enum tlb_idle { TLB_ACTIVE = 0, TLB_IDLE, TLB_STALE };

/* QUICK: with the instructions of FSGSBASE. */
enum user_live { USER_ELSEWHERE = 0, USER_LIVE, USER_LIVE_QUICK };

struct arch_cpu {
	struct cpu *self;		/* CPU_SELF */
	uint64_t kernel_frame;		/* CPU_KERNEL_FRAME: where syscall saves registers */
	uint64_t user_rsp;		/* CPU_USER_RSP: scratch of the syscall entry */
	uint8_t user_live;		/* CPU_USER_LIVE, enum user_live: the processor holds the running thread's
					 * FS, GS and floating-point registers (thread.c) */

	/* this CPU only */
	bool float_traps;		/* CR0.TS is set */
	struct pmap *loaded;		/* whose tables are in CR3 */
	uint64_t deadline;		/* of the timer, ns; UINT64_MAX: none */
	struct tlb_request request;
	uint64_t gdt[GDT_ENTRIES];
	struct tss tss;

	/* written by others */
	volatile uint32_t tlb_asked;	/* bit n: CPU n waits for an answer */
	volatile uint32_t tlb_idle;	/* enum tlb_idle, atomic */
	volatile bool arrived;		/* has started (smp.c) */
};

static inline struct cpu *
cpu_self(void)
{
	struct cpu *cpu;

	asm volatile("movq %%gs:0, %0" : "=r"(cpu));
	return cpu;
}

/* lock->owner from NULL to cpu, with acquire order. Returns false: it is somebody's. */
static inline bool
arch_lock_try(struct cpu *volatile *owner, struct cpu *cpu)
{
	struct cpu *nobody = 0;

	return __builtin_expect(__atomic_compare_exchange_n(owner, &nobody, cpu, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED), 1);
}

void arch_clear_pages(void *start, size_t bytes);

static inline void
cpu_clear_pages(void *start, size_t bytes)
{
	arch_clear_pages(start, bytes);
}

static inline uint64_t
timer_ticks(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

#endif
