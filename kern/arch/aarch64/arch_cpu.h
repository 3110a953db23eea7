/*
 * The machine part of struct cpu, and access to system registers. TPIDR_EL1 holds the running CPU's
 * struct cpu.
 */
#ifndef AARCH64_ARCH_CPU_H
#define AARCH64_ARCH_CPU_H

#include <stdbool.h>
#include <stdint.h>

#define MACHINE_NAME "aarch64"
#define ELF_MACHINE 183		/* e_machine */

struct pmap;

/* What another CPU needs for its first instructions; it reads this with the MMU off. */
struct secondary_start {
	uint64_t table;			/* physical, for TTBR1 */
	uint64_t stack;			/* top */
	struct cpu *cpu;
};

struct arch_cpu {
	struct pmap *pmap;		/* in TTBR0, or was a moment ago */
	uint8_t gic_mask;		/* this CPU's bit in the interrupt controller */
	volatile bool started;		/* reached C */
	volatile bool stopped;		/* for a panic */
	struct secondary_start start;
};

#define sysreg_read(name) ({ \
	uint64_t sysreg_value; \
	__asm__ volatile("mrs %0, " #name : "=r"(sysreg_value)); \
	sysreg_value; })
#define sysreg_write(name, value) \
	__asm__ volatile("msr " #name ", %0" :: "r"((uint64_t)(value)) : "memory")
#define isb() __asm__ volatile("isb" ::: "memory")
#define dsb(domain) __asm__ volatile("dsb " #domain ::: "memory")

/* Optional features of all CPUs, found by cpu_init. */
struct cpu_features {
	bool pan;			/* user pages closed to the kernel except in copies */
	bool hardware_accessed;		/* the walker sets the access flag */
	bool asid16;
	bool clean_to_unify;		/* data cache must be cleaned before fetches */
	bool fetch_invalidate;		/* instruction cache must be invalidated */
	unsigned line_size;		/* bytes, smallest data cache line */
};

extern struct cpu_features cpu_features;

static inline struct cpu *
cpu_self(void)
{
	struct cpu *cpu;

	__asm__ volatile("mrs %0, tpidr_el1" : "=r"(cpu));
	return cpu;
}

/* lock->owner from NULL to cpu, with acquire order. Returns false: it is somebody's. */
static inline bool
arch_lock_try(struct cpu *volatile *owner, struct cpu *cpu)
{
	__asm__ goto("1:	ldaxr	x16, [%0]\n"
		"	cbnz	x16, %l[taken]\n"
		"	stxr	w16, %1, [%0]\n"
		"	cbnz	w16, 1b"
		:: "r"(owner), "r"(cpu) : "x16", "memory" : taken);
	return true;
taken:
	return false;
}

static inline void
cpu_clear_pages(void *start, size_t bytes)
{
	__builtin_memset(start, 0, bytes);	/* by whole cache lines (copy.S) */
}

static inline uint64_t
timer_ticks(void)
{
	return sysreg_read(cntvct_el0);
}

/* smp.c: whether another CPU has asked this one to stop; then it does. */
void smp_check_stop(void);

/*
 * start.S: where a started CPU begins, MMU off, x0 = physical address of its struct
 * secondary_start.
 */
extern char secondary_start[];

#endif
