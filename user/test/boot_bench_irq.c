/*
 * From a device that asks to the driver's thread: a row of `make bench` (see boot_bench.c), on machines that have a clock chip with an
 * alarm (PL031). Once its alarm has rung, the chip asks as soon as its interrupt is unmasked, so a round begins with that store, made by
 * an ordinary thread, and ends in the better thread that waited for the message.
 */
#include <mach/device.h>
#include <mach/host_info.h>

#include "mach/cthread.h"
#include "mach/mach.h"
#include "mach/print.h"
#include "mach/startup.h"

#define MASTER startup_info->device
#define ROUNDS 500
#define WARM   50

/* Arm PrimeCell Real Time Clock (PL031) Technical Reference Manual, 3.1, in 32-bit words. */
enum { RTC_DATA = 0, RTC_MATCH = 1, RTC_MASK = 4, RTC_RAW = 5 };

static struct device_info chip;
static volatile uint32_t *rtc;
static mach_port_t port;
static volatile uint64_t arrived;	/* the counter, in the driver */
static volatile unsigned rounds;

static bool
find_chip(void)
{
	for (uint32_t i = 0; device_info(MASTER, i, &chip) == KERN_SUCCESS; i++)
		if (chip.kind == DEVICE_RTC && chip.irq != 0)
			return true;
	return false;
}

static void *
driver(void *argument)
{
	static struct device_irq_message m;

	for (;;) {
		if (mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), port, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
			return argument;
		arrived = clock_counter();
		rtc[RTC_MASK] = 0;
		rounds++;
		device_irq_ack(MASTER, chip.irq);
	}
}

/* One round. Returns what the counter advanced by, 0 if nobody came. */
static uint64_t
ask(void)
{
	unsigned before = rounds;
	uint64_t start = clock_counter();

	rtc[RTC_MASK] = 1;
	for (unsigned tries = 0; rounds == before && tries < 1000000; tries++)	/* not counted, the store is interrupted at once */
		continue;
	return rounds == before + 1 ? arrived - start : 0;
}

static bool
begin(void)
{
	vm_address_t registers = 0;
	cthread_t thread;

	if (device_map(MASTER, chip.base, VM_PAGE_SIZE, &registers) != KERN_SUCCESS || port_create(true, &port) != KERN_SUCCESS ||
	    device_irq_register(MASTER, chip.irq, port) != KERN_SUCCESS)
		return false;
	rtc = (volatile uint32_t *)registers;
	rtc[RTC_MASK] = 0;
	rtc[RTC_MATCH] = rtc[RTC_DATA] + 1;
	while ((rtc[RTC_RAW] & 1) == 0)
		clock_sleep(50);
	thread = cthread_create(driver, NULL, 0);
	thread_set_priority(startup_info->host, cthread_port(thread), MACH_PRIORITY_SYSTEM);
	clock_sleep(1);				/* now it waits */
	return true;
}

int
main(void)
{
	uint64_t overhead = clock_counter(), sum = 0, one, since;

	overhead = clock_counter() - overhead;
	print_console(startup_info->console);
	if (find_chip()) {
		if (!begin())
			lab_exit(1);
		for (unsigned i = 0; i < WARM; i++)
			ask();
		since = clock_now();
		for (unsigned i = 0; i < ROUNDS; i++) {
			one = ask();
			if (one == 0)
				lab_exit(2);
			sum += one - overhead;
		}
		print("bench irq_to_thread %u %lu 0 %lu\n", ROUNDS, (unsigned long)sum, (unsigned long)(clock_now() - since));
	}
	print("bench done 0 0 0 0\n");
	lab_exit(0);
	return 0;
}
