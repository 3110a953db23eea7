/*
 * Time: a monotonic counter and one one-shot timer per CPU.
 */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include "arch/cpu.h"
#include <stdint.h>

/* Finds the counter's frequency (boot CPU, once) and arms nothing. */
void timer_init(void);
void timer_init_cpu(void);

/* Nanoseconds since timer_init, the same on all CPUs. */
uint64_t timer_now(void);

/*
 * The counter behind it, cheaper to read but not in order with other instructions: for adding up durations. timer_ticks is inline in
 * arch/<arch>/arch_cpu.h.
 */
static inline uint64_t timer_ticks(void);
uint64_t timer_ticks_ns(uint64_t ticks);

/* Asks for one interrupt (trap_timer_interrupt()) on the running CPU at `deadline` ns or soon after; UINT64_MAX: none. Replaces the earlier request. */
void timer_set(uint64_t deadline);

/* Seconds since 1970 from the machine's clock chip, 0 if there is none. */
uint64_t timer_wall_clock(void);

#endif
