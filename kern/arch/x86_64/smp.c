/*
 * Other CPUs: starting them by INIT and start-up interrupts, waking them, stopping them.
 */
#include "arch/smp.h"

#include "arch/bootinfo.h"
#include "arch/cpu.h"
#include "arch/pmap.h"
#include "arch/timer.h"
#include "init/string.h"
#include "sched/cpu.h"

#define START_PAGE	0x8000u		/* physical; boot/x86_64/bootinfo.c reserves it */
#define US		1000ull
#define MS		1000000ull

extern const char ap_start[], ap_start_end[];

/* For the CPU that is starting (boot/x86_64/start.S). */
struct cpu *volatile smp_arriving;
volatile uint64_t smp_arriving_stack;

/* CPUs that an NMI stopped (trap.S). */
volatile int smp_stopped;

_Noreturn void smp_arrive(struct cpu *cpu);

static void
wait_until(uint64_t time)
{
	while (timer_now() < time)
		cpu_spin_poll();
}

static bool
wait_arrival(const struct cpu *cpu, uint64_t time)
{
	while (!cpu->arch.arrived && timer_now() < time)
		cpu_spin_poll();
	return cpu->arch.arrived;
}

bool
smp_start(struct cpu *cpu)
{
	uint32_t id = (uint32_t)cpu->hardware_id;
	size_t size = (size_t)(ap_start_end - ap_start);

	memcpy(phys_to_virt(START_PAGE), phys_to_virt((uint64_t)ap_start), size);
	smp_arriving_stack = cpu->boot_stack_top;
	smp_arriving = cpu;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	apic_send(id, IPI_INIT);
	wait_until(timer_now() + 200 * US);
	apic_send(id, IPI_STARTUP | START_PAGE >> 12);
	if (wait_arrival(cpu, timer_now() + 10 * MS))
		return true;
	apic_send(id, IPI_STARTUP | START_PAGE >> 12);
	return wait_arrival(cpu, timer_now() + 1000 * MS);
}

/* First C function of another CPU, on its boot stack and on boot_root. */
_Noreturn void
smp_arrive(struct cpu *cpu)
{
	write_cr3(pmap_kernel_root());
	cpu_init(cpu);
	cpu->arch.arrived = true;
	kernel_main_secondary();
}

void
smp_reschedule(struct cpu *cpu)
{
	apic_send((uint32_t)cpu->hardware_id, IPI_FIXED | VECTOR_IPI);
}

void
smp_stop_others(void)
{
	struct cpu *self = cpu_self();
	uint64_t limit = timer_now() + 100 * MS;
	int none = -1, others = -1;

	if (!__atomic_compare_exchange_n(&smp_stopper, &none, self->number, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		if (none == self->number)
			return;
		cpu_halt();
	}
	for (uint32_t joined = pmap_kernel_cpus(); joined != 0; joined &= joined - 1)
		others++;
	if (others <= 0)
		return;
	apic_send(0, IPI_NMI | IPI_ALL_BUT_SELF);
	while (smp_stopped < others && timer_now() < limit)
		asm volatile("pause");
}
