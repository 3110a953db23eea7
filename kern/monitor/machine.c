/*
 * Commands about processors, devices, locks and the monitor's own stack.
 */
#include "arch/backtrace.h"
#include "arch/bootinfo.h"
#include "arch/timer.h"
#include "init/panic.h"
#include "init/printk.h"
#include "monitor/command.h"
#include "monitor/monitor.h"
#include "sched/cpu.h"
#include "sync/spinlock.h"

static void
describe_running(const struct cpu *cpu, char *buffer, size_t size)
{
#if LAYER >= 2
	if (cpu->thread != NULL) {
		thread_describe(cpu->thread, buffer, size);
		return;
	}
#endif
	ksnprintf(buffer, size, "boot stack");
	(void)cpu;
}

void
monitor_print_cpus(void)
{
	for (unsigned i = 0; i < CPU_MAX; i++) {
		const struct cpu *cpu = &cpus[i];
		char running[120];

		if (!cpu->online)
			continue;
		describe_running(cpu, running, sizeof(running));
		printk("cpu %u: %s%s\n", i, cpu == cpu_self() ? "(this one) " : "", running);
	}
}

static void
print_counters(const struct cpu *cpu)
{
	printk("cpu %d: id %#lx, %u ready, switches %lu (of space %lu, hand-offs %lu), ",
	    cpu->number, (unsigned long)cpu->hardware_id, cpu->runq.count, (unsigned long)cpu_switches(cpu),
	    (unsigned long)cpu_space_switches(cpu), (unsigned long)cpu_handoffs(cpu));
	printk("steals %lu, interrupts %lu, idle %lu ms\n", (unsigned long)cpu->steals,
	    (unsigned long)cpu->interrupts, (unsigned long)(cpu->idle_time / 1000000));
}

static int
print_cpus(int argc, char **argv)
{
	(void)argc, (void)argv;
	monitor_print_cpus();
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (cpus[i].online)
			print_counters(&cpus[i]);
	printk("up %lu ms\n", (unsigned long)(timer_now() / 1000000));
	return 0;
}

static void
print_ranges(const char *what, const struct boot_range *ranges, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		printk("%-8s %#012lx - %#012lx %8lu KB\n", what, (unsigned long)ranges[i].base,
		    (unsigned long)(ranges[i].base + ranges[i].size),
		    (unsigned long)(ranges[i].size >> 10));
}

static int
print_devices(int argc, char **argv)
{
	(void)argc, (void)argv;
	print_ranges("memory", bootinfo.memory, bootinfo.memory_count);
	print_ranges("reserved", bootinfo.reserved, bootinfo.reserved_count);
	print_ranges("kernel", &bootinfo.kernel, 1);
	print_ranges("archive", &bootinfo.archive, bootinfo.archive.size > 0);
	for (unsigned i = 0; i < bootinfo.device_count; i++) {
		const struct device_info *d = &bootinfo.devices[i];

		printk("device %2u: %s at %#lx, %lu bytes, line %u\n", i,
		    d->kind == DEVICE_VIRTIO_MMIO ? "virtio-mmio" :
		    d->kind == DEVICE_RTC ? "clock" : "?",
		    (unsigned long)d->base, (unsigned long)d->size, d->irq);
	}
	return 0;
}

static int
print_locks(int argc, char **argv)
{
	const char *name;
	uint64_t waits;
	unsigned i;

	(void)argc, (void)argv;
	for (i = 0; spin_contention(i, &name, &waits); i++)
		printk("%-20s waited for %lu times\n", name, (unsigned long)waits);
	if (i == 0)
		printk("no CPU ever waited for a lock\n");
	return 0;
}

static __attribute__((noinline)) int
print_backtrace(int argc, char **argv)
{
	(void)argc, (void)argv;
	backtrace_print((uint64_t)__builtin_return_address(0), backtrace_here());
	return 0;
}

const struct command commands_machine[] = {
	{ "cpus", "", "what each processor runs, its counters", 0, 0, print_cpus },
	{ "devices", "", "memory ranges and devices", 0, 0, print_devices },
	{ "locks", "", "locks that were waited for", 0, 0, print_locks },
	{ "backtrace", "", "the monitor's own stack", 0, 0, print_backtrace },
	{ NULL, NULL, NULL, 0, 0, NULL },
};
