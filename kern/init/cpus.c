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

/* Others may be waiting for us meanwhile. Where one host thread runs all CPUs in turn (QEMU -icount), the poll also hands over to the next. */
static void
wait_a_moment(void)
{
	cpu_spin_poll();
	cpu_interrupt_window();
}

void
cpu_call_all(void (*function)(void))
{
	static volatile bool busy;

	function();
	if (panic_active)
		return;
	while (__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE))
		wait_a_moment();
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (cpus[i].online && &cpus[i] != cpu_self()) {
			__atomic_store_n(&cpus[i].call, function, __ATOMIC_RELEASE);
			smp_reschedule(&cpus[i]);
			while (__atomic_load_n(&cpus[i].call, __ATOMIC_ACQUIRE) != NULL)
				wait_a_moment();
		}
	__atomic_store_n(&busy, false, __ATOMIC_RELEASE);
}
