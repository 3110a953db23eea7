/*
 * Other CPUs: starting them through the firmware, poking them, stopping them for a panic. TLB
 * shootdowns need nothing here, the TLB invalidations reach all CPUs by themselves.
 */
#include "arch/smp.h"

#include "arch/bootinfo.h"
#include "arch/timer.h"
#include "asm.h"
#include "gic.h"
#include "machine.h"
#include "pmap_internal.h"
#include "sched/cpu.h"

#define START_TIMEOUT	1000000000ull	/* ns */
#define STOP_TIMEOUT	100000000ull
#define NOBODY		(-1)

_Static_assert(offsetof(struct secondary_start, table) == START_TABLE, "start.S");
_Static_assert(offsetof(struct secondary_start, stack) == START_STACK, "start.S");
_Static_assert(offsetof(struct secondary_start, cpu) == START_CPU, "start.S");

static volatile int stopper = NOBODY;	/* number of the CPU that all others stop for */

_Noreturn void secondary_main(struct cpu *cpu);

/* First C of a started CPU, on its boot stack, kernel table in place. */
void
secondary_main(struct cpu *cpu)
{
	cpu_init(cpu);
	pmap_activate(&kernel_pmap);
	cpu->arch.started = true;
	kernel_main_secondary();
}

/* Memory the other CPU reads with its caches off. */
static void
clean_to_memory(const void *start, uint64_t bytes)
{
	uint64_t at = (uint64_t)start & ~(uint64_t)(cpu_features.line_size - 1);

	for (; at < (uint64_t)start + bytes; at += cpu_features.line_size)
		__asm__ volatile("dc civac, %0" :: "r"(at) : "memory");
	dsb(sy);
}

bool
smp_start(struct cpu *cpu)
{
	struct secondary_start *start = &cpu->arch.start;
	uint64_t deadline = timer_now() + START_TIMEOUT;

	start->table = virt_to_phys(kernel_pmap.root);
	start->stack = cpu->boot_stack_top;
	start->cpu = cpu;
	cpu->arch.started = false;
	cpu->arch.pmap = NULL;
	clean_to_memory(start, sizeof *start);
	if (psci_call(PSCI_CPU_ON, cpu->hardware_id, virt_to_phys(secondary_start),
	    virt_to_phys(start)) != 0)
		return false;
	while (!cpu->arch.started)
		if (timer_now() > deadline)
			return false;
	return true;
}

void
smp_reschedule(struct cpu *cpu)
{
	gic_send(cpu, GIC_RESCHEDULE);
}

void
smp_check_stop(void)
{
	struct cpu *cpu = cpu_self();

	if (stopper == NOBODY || stopper == cpu->number)
		return;
	cpu->arch.stopped = true;
	cpu_halt();
}

void
smp_stop_others(void)
{
	struct cpu *self = cpu_self();
	uint64_t deadline = timer_now() + STOP_TIMEOUT;
	int nobody = NOBODY;

	if (!__atomic_compare_exchange_n(&stopper, &nobody, self->number, false, __ATOMIC_ACQ_REL,
	    __ATOMIC_ACQUIRE))
		smp_check_stop();
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (cpus[i].online && &cpus[i] != self)
			gic_send(&cpus[i], GIC_STOP);
	for (unsigned i = 0; i < CPU_MAX; i++)
		while (cpus[i].online && &cpus[i] != self && !cpus[i].arch.stopped &&
		    timer_now() < deadline)
			continue;
}
