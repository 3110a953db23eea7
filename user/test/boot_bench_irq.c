/*
 * From a device that asks to the driver's thread: a row of `make bench` (see boot_bench.c). The device asks by the store that notifies
 * its queue (bell.h), so a round begins with that store, made by an ordinary thread, and ends in the better thread that waited for the
 * message.
 */
#include <mach/device.h>
#include <mach/host_info.h>

#include "bell.h"
#include "mach/cthread.h"
#include "mach/mach.h"
#include "mach/print.h"
#include "mach/startup.h"

#define MASTER startup_info->device
#define ROUNDS 500
#define WARM   50

static struct bell bell;
static mach_port_t port;
static volatile uint64_t arrived;	/* the counter, in the driver */
static volatile unsigned rounds;

static void *
driver(void *argument)
{
	static struct device_irq_message m;

	for (;;) {
		if (mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), port, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS)
			return argument;
		arrived = clock_counter();
		bell_quiet(&bell);
		rounds++;
		device_irq_ack(MASTER, bell.irq);
	}
}

/* One round. Returns what the counter advanced by, 0 if nobody came. */
static uint64_t
ask(void)
{
	unsigned before = rounds;
	uint64_t start;

	bell_load(&bell);
	start = clock_counter();
	bell_ring(&bell);
	for (unsigned tries = 0; rounds == before && tries < 1000000; tries++)	/* not counted, the store is interrupted at once */
		continue;
	return rounds == before + 1 ? arrived - start : 0;
}

static bool
begin(void)
{
	cthread_t thread;

	if (!bell_open(&bell) || port_create(true, &port) != KERN_SUCCESS || device_irq_register(MASTER, bell.irq, port) != KERN_SUCCESS)
		return false;
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
	print("bench done 0 0 0 0\n");
	lab_exit(0);
	return 0;
}
