/*
 * Other CPUs.
 */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H

#include <stdbool.h>

struct cpu;

/* Starts a CPU (PSCI CPU_ON; INIT-SIPI): it arrives in kernel_main_secondary. Returns false: it did not come up within a second. */
bool smp_start(struct cpu *cpu);

/* Makes another CPU notice a new thread or a pending stop: it enters the kernel and runs trap_ipi(). */
void smp_reschedule(struct cpu *cpu);

/* Panic: stops all other CPUs as soon as they can be reached (they also look in cpu_spin_poll). Returns after at most ~100 ms. */
void smp_stop_others(void);

#endif
