/*
 * Processors: identity, per-CPU data, interrupt masking, waiting.
 *
 * The kernel runs with interrupts masked, always, but for two places: the idle loop and cpu_preempt_point(). So kernel code is never
 * interrupted, a spinlock needs no irq-save variant, and cpu_self() stays valid until the thread blocks. Code that spins must poll
 * (spinlock.h does): a CPU with interrupts masked still has to answer TLB shootdowns and panics.
 *
 * struct cpu itself is machine independent (sched/cpu.h); the machine part is struct arch_cpu, in arch/<arch>/arch_cpu.h.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPU_MAX 8

struct cpu;

/* The running CPU's struct cpu. Inline in arch/<arch>/arch_cpu.h (TPIDR_EL1, GS base). Valid until the caller blocks. */
static inline struct cpu *cpu_self(void);

/* Waits for an interrupt with interrupts masked on entry and return; what is pending is handled before it returns. Idle loop only. */
void cpu_idle_wait(void);

/* Lets pending interrupts in for a moment. Conditions: no spinlock held, on a thread's stack. */
void cpu_interrupt_window(void);

/* A hint inside a spin loop; also answers shootdowns and stops for a panic on another CPU. */
void cpu_spin_poll(void);

/* Stops this CPU for good. */
_Noreturn void cpu_halt(void);

/* Sets up the running CPU's own registers (per-CPU pointer, vectors, features). Each CPU calls it once, first thing in C. */
void cpu_init(struct cpu *cpu);

/* One line for the boot log: model and features in use. */
void cpu_describe(char *buffer, unsigned size);

/* Clears whole pages (bytes: a multiple of the page size), in the quickest way the CPU has. */
static inline void cpu_clear_pages(void *start, size_t bytes);

#include "arch_cpu.h"	/* found through -Ikern/arch/$(ARCH) */

#endif
