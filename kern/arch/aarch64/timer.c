/*
 * The generic timer: the virtual counter as clock, the virtual timer's compare register as one-shot
 * timer of each CPU.
 *
 * Nanoseconds and ticks are converted by multiplying with 32.32 fixed-point factors, in 128 bits.
 */
#include "arch/timer.h"

#include "arch/cpu.h"
#include "arch/irq.h"
#include "machine.h"

#define NS_PER_S	1000000000ull
#define CTL_ENABLE	1u
#define EL0_VIRTUAL_COUNTER 2u		/* CNTKCTL_EL1: users may read CNTVCT and CNTFRQ */

enum { RTC_DATA = 0 };			/* PL031: seconds since 1970 */

static uint64_t counter_base;		/* ticks at time 0 */
static uint64_t ns_per_tick;		/* 32.32 */
static uint64_t ticks_per_ns;		/* 32.32 */

static uint64_t
scale(uint64_t value, uint64_t factor)
{
	return (uint64_t)((unsigned __int128)value * factor >> 32);
}

/*
 * The barrier keeps the counter from being read early, so that time never runs backwards between
 * CPUs.
 */
static uint64_t
counter(void)
{
	isb();
	return sysreg_read(cntvct_el0);
}

void
timer_init(void)
{
	uint64_t frequency = sysreg_read(cntfrq_el0);

	ns_per_tick = (NS_PER_S << 32) / frequency;
	ticks_per_ns = (frequency << 32) / NS_PER_S;
	counter_base = counter();
}

void
timer_init_cpu(void)
{
	sysreg_write(cntkctl_el1, EL0_VIRTUAL_COUNTER);
	sysreg_write(cntv_ctl_el0, 0);
	irq_unmask(machine.timer_irq);
}

uint64_t
timer_now(void)
{
	return scale(counter() - counter_base, ns_per_tick);
}

uint64_t
timer_ticks_ns(uint64_t ticks)
{
	return scale(ticks, ns_per_tick);
}

void
timer_set(uint64_t deadline)
{
	uint64_t ticks = counter(), now = scale(ticks - counter_base, ns_per_tick);

	if (deadline == UINT64_MAX) {
		sysreg_write(cntv_ctl_el0, 0);
		return;
	}
	if (deadline > now)
		ticks += scale(deadline - now, ticks_per_ns) + 1;
	sysreg_write(cntv_cval_el0, ticks);
	sysreg_write(cntv_ctl_el0, CTL_ENABLE);
}

uint64_t
timer_wall_clock(void)
{
	return machine.rtc != 0 ? *device_register(machine.rtc, RTC_DATA) : 0;
}
