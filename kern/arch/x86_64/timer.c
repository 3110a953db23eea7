/*
 * Time: the time-stamp counter tells it, the local APIC's timer strikes once per request.
 *
 * The counter's frequency comes from CPUID where a leaf has it, else it is measured against the
 * APIC timer, which QEMU (and KVM) run at 1 GHz. The counter is taken to be the same on all CPUs.
 */
#include "arch/timer.h"

#include "arch/cpu.h"
#include "init/panic.h"
#include "irq.h"
#include "sched/cpu.h"
#include "trap/trap.h"

#define APIC_TIMER_HZ		1000000000ull
#define APIC_DIVIDE_1		0x0bu
#define APIC_STEP_MAX		4000000000ull	/* ns, what one 32-bit count reaches */
#define MEASURE_NS		4000000u
#define SCALE_SHIFT		32		/* ns = ticks * scale >> 32 */

#define CMOS_INDEX		0x70
#define CMOS_DATA		0x71

static uint64_t base_tsc;
static uint64_t scale;

/* --- frequency --- */

struct moment {
	uint64_t tsc;
	uint32_t apic;
};

/* Both counters at nearly one time: the closest of a few readings. */
static struct moment
read_both(void)
{
	struct moment best = { 0, 0 };
	uint64_t closest = UINT64_MAX;

	for (unsigned i = 0; i < 8; i++) {
		uint64_t before = rdtsc();
		uint32_t apic = apic_read(APIC_TIMER_CURRENT);
		uint64_t width = rdtsc() - before;

		if (width < closest) {
			closest = width;
			best = (struct moment){ before + width / 2, apic };
		}
	}
	return best;
}

static uint64_t
tsc_measure(void)
{
	struct moment start, end;

	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_1);
	apic_write(APIC_LVT_TIMER, APIC_MASKED);
	apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
	start = read_both();
	while (start.apic - apic_read(APIC_TIMER_CURRENT) < MEASURE_NS)
		asm volatile("pause");
	end = read_both();
	apic_write(APIC_TIMER_INITIAL, 0);
	return (end.tsc - start.tsc) * APIC_TIMER_HZ / (start.apic - end.apic);
}

/* Hertz by CPUID, or 0. */
static uint64_t
tsc_by_cpuid(void)
{
	if (cpuid(0, 0).eax >= 0x15) {
		struct cpuid ratio = cpuid(0x15, 0);

		if (ratio.eax != 0 && ratio.ebx != 0 && ratio.ecx != 0)
			return (uint64_t)ratio.ecx * ratio.ebx / ratio.eax;
	}
	if ((cpuid(1, 0).ecx & 1u << 31) && cpuid(0x40000000, 0).eax >= 0x40000010)
		return cpuid(0x40000010, 0).eax * 1000ull;
	return 0;
}

void
timer_init(void)
{
	uint64_t hertz = tsc_by_cpuid();

	if (hertz == 0)
		hertz = tsc_measure();
	if (hertz < 1000000)
		panic("the time-stamp counter does not count");
	scale = (1000000000ull << SCALE_SHIFT) / hertz;
	base_tsc = rdtsc();
}

void
timer_init_cpu(void)
{
	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_1);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
	apic_write(APIC_TIMER_INITIAL, 0);
}

uint64_t
timer_now(void)
{
	return (uint64_t)((unsigned __int128)(rdtsc() - base_tsc) * scale >> SCALE_SHIFT);
}

uint64_t
timer_ticks_ns(uint64_t ticks)
{
	return (uint64_t)((unsigned __int128)ticks * scale >> SCALE_SHIFT);
}

/* --- the one-shot timer --- */

static void
timer_arm(uint64_t deadline, uint64_t now)
{
	uint64_t wait = deadline > now ? deadline - now : 1;

	apic_write(APIC_TIMER_INITIAL, (uint32_t)(wait < APIC_STEP_MAX ? wait : APIC_STEP_MAX));
}

void
timer_set(uint64_t deadline)
{
	cpu_self()->arch.deadline = deadline;
	if (deadline == UINT64_MAX)
		apic_write(APIC_TIMER_INITIAL, 0);
	else
		timer_arm(deadline, timer_now());
}

void
apic_timer_interrupt(void)
{
	struct arch_cpu *cpu = &cpu_self()->arch;
	uint64_t now = timer_now();

	if (cpu->deadline == UINT64_MAX)
		return;
	if (now < cpu->deadline) {
		timer_arm(cpu->deadline, now);
		return;
	}
	cpu->deadline = UINT64_MAX;
	trap_timer_interrupt();
}

/* --- the clock chip (MC146818) --- */

enum {
	RTC_SECOND = 0, RTC_MINUTE = 2, RTC_HOUR = 4, RTC_DAY = 7, RTC_MONTH = 8, RTC_YEAR = 9,
	RTC_STATUS_A = 10, RTC_STATUS_B = 11,
};

#define RTC_UPDATING	0x80u		/* status A */
#define RTC_BINARY	0x04u		/* status B */
#define RTC_24_HOURS	0x02u
#define RTC_PM		0x80u		/* in the hour */

struct rtc_time {
	unsigned second, minute, hour, day, month, year;
};

static unsigned
rtc_read(unsigned reg)
{
	outb(CMOS_INDEX, (uint8_t)reg);
	return inb(CMOS_DATA);
}

static unsigned
rtc_number(unsigned value, unsigned status)
{
	return status & RTC_BINARY ? value : (value >> 4) * 10 + (value & 15);
}

static struct rtc_time
rtc_read_all(void)
{
	unsigned status = rtc_read(RTC_STATUS_B), hour = rtc_read(RTC_HOUR);
	struct rtc_time t = {
		rtc_number(rtc_read(RTC_SECOND), status), rtc_number(rtc_read(RTC_MINUTE), status),
		rtc_number(status & RTC_24_HOURS ? hour : hour & ~RTC_PM, status),
		rtc_number(rtc_read(RTC_DAY), status), rtc_number(rtc_read(RTC_MONTH), status),
		rtc_number(rtc_read(RTC_YEAR), status) + 2000,
	};

	if (!(status & RTC_24_HOURS))
		t.hour = t.hour % 12 + (hour & RTC_PM ? 12 : 0);
	return t;
}

/* Days from 1970-01-01; years begin in March, so that the leap day is the last. */
static uint64_t
days_since_1970(unsigned year, unsigned month, unsigned day)
{
	unsigned y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return y * 365ull + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

uint64_t
timer_wall_clock(void)
{
	struct rtc_time t;
	unsigned tries = 1000000;
	uint64_t days;

	if (rtc_read(RTC_STATUS_B) == 0xff)
		return 0;
	while (tries-- > 0 && (rtc_read(RTC_STATUS_A) & RTC_UPDATING))
		cpu_spin_poll();
	do
		t = rtc_read_all();
	while (t.second != rtc_number(rtc_read(RTC_SECOND), rtc_read(RTC_STATUS_B)));
	days = days_since_1970(t.year, t.month, t.day);
	return ((days * 24 + t.hour) * 60 + t.minute) * 60 + t.second;
}
