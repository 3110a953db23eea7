/*
 * The array of CPUs, and running a function on all of them.
 */
#include "arch/cpu.h"
#include "arch/smp.h"
#include "init/panic.h"
#include "sched/cpu.h"

struct cpu cpus[CPU_MAX];
unsigned cpu_count;

void
cpu_call_pending(void)
{
	struct cpu *cpu = cpu_self();
	void (*function)(void) = __atomic_load_n(&cpu->call, __ATOMIC_ACQUIRE);

	if (function != NULL) {
		function();
		__atomic_store_n(&cpu->call, NULL, __ATOMIC_RELEASE);
	}
}

void
cpu_call_all(void (*function)(void))
{
	static volatile bool busy;

	function();
	if (panic_active)
		return;
	while (__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE))
		cpu_interrupt_window();
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (cpus[i].online && &cpus[i] != cpu_self()) {
			__atomic_store_n(&cpus[i].call, function, __ATOMIC_RELEASE);
			smp_reschedule(&cpus[i]);
			while (__atomic_load_n(&cpus[i].call, __ATOMIC_ACQUIRE) != NULL)
				cpu_interrupt_window();
		}
	__atomic_store_n(&busy, false, __ATOMIC_RELEASE);
}
