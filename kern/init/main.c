/*
 * Boot, as one list of calls. Layer 1 ends in the monitor on the boot stack; from layer 2 on there are threads, and task 1 is started from the
 * boot archive.
 */
#include "arch/bootinfo.h"
#include "arch/cpu.h"
#include "arch/irq.h"
#include "arch/pmap.h"
#include "arch/smp.h"
#include "arch/timer.h"
#include "init/cmdline.h"
#include "init/console.h"
#include "init/panic.h"
#include "init/printk.h"
#include "init/version.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "monitor/monitor.h"
#include "sched/cpu.h"
#include "sync/jitter.h"

#if LAYER >= 2
#include "init/program.h"
#include "ipc/ipc.h"
#include "sched/sched.h"
#include "sched/timeout.h"
#include "task/device.h"
#include "task/exception.h"
#include "task/host.h"
#include "task/kobjects.h"
#include "task/kstack.h"
#include "task/task.h"
#include "task/thread.h"
#include "trace/trace.h"
#include "vm/vm.h"
#endif

static void
banner(void)
{
	struct page_statistics pages;
	char cpu[96];

	page_statistics_get(&pages);
	cpu_describe(cpu, sizeof(cpu));
	printk("\n" KERNEL_VERSION " (%s, layer %d): %s\n", MACHINE_NAME, LAYER, cpu);
	printk("memory: %lu MB free of %lu MB, %u CPU%s present\n", (unsigned long)(pages.free >> 8),
	    (unsigned long)(pages.total >> 8), bootinfo.cpu_count, bootinfo.cpu_count == 1 ? "" : "s");
}

/* What every layer needs: memory, page tables, interrupts, time, console. */
static void
machine_start(void)
{
	cpus[0].online = true;
	cpu_count = 1;
	page_init();
	pmap_bootstrap();
	kalloc_init();
	irq_init();
	irq_init_cpu();
	timer_init();
	timer_init_cpu();
	console_init();
	jitter_init();
	deadline_init();
	if (deadline_time() != UINT64_MAX)
		timer_set(deadline_time());
	banner();
}

#if LAYER >= 2

static void
start_other_cpus(void)
{
	for (unsigned i = 1; i < bootinfo.cpu_count && i < CPU_MAX; i++) {
		struct cpu *cpu = &cpus[i];
		uint64_t stack = kstack_alloc();

		if (stack == 0)
			panic("no memory for the stack of CPU %u", i);
		cpu->self = cpu;
		cpu->number = i;
		cpu->bit = 1u << i;
		cpu->hardware_id = bootinfo.cpu_ids[i];
		cpu->boot_stack_top = stack + KSTACK_SIZE;
		thread_create_idle(cpu);
		if (smp_start(cpu))
			cpu_count++;
		else
			printk("CPU %u did not start\n", i);
	}
}

void
kernel_main_secondary(void)
{
	struct cpu *cpu = cpu_self();

	irq_init_cpu();
	timer_init_cpu();
	cpu->online = true;
	timeout_program(cpu);
	sched_idle_loop();
}

static void
start_init(void)
{
	char path[64];
	char *argv[] = { path };
	struct task *task;
	kern_return_t kr;

	if (!cmdline_value("init", path, sizeof(path)))
		ksnprintf(path, sizeof(path), "boot/init");
	kr = program_start(path, 1, argv, FIRST_TASK_LABEL, &task);
	if (kr != KERN_SUCCESS) {
		printk("cannot start %s from the boot archive (error %d)\n", path, kr);
		for (;;) {
			monitor_enter("there is no task 1");
			thread_sleep_ms(100);	/* it returns at once while another is in it */
		}
	}
	task_wait_gone(task);
	panic("task 1 is gone (status %d)", task->exit_status);
}

/* The first kernel thread: the rest of the boot, which may block. */
static void
startup_thread(void *argument)
{
	(void)argument;
	start_other_cpus();
	trace_init();
#if LAYER >= 3
	vm_pageout_start();
#endif
	monitor_start();
	if (cmdline_flag("kmsh") || LAYER == 2)
		monitor_enter("boot");
	start_init();
}

void
kernel_main(void)
{
	machine_start();
	ipc_init();
#if LAYER >= 3
	vm_pager_init();
#endif
	task_init();
	kobjects_init();
	thread_create_idle(&cpus[0]);
	if (thread_create_kernel(startup_thread, NULL, MACH_PRIORITY_SYSTEM, "startup") == NULL)
		panic("no memory for the first thread");
	sched_idle_loop();
}

#else

void
kernel_main_secondary(void)
{
	cpu_halt();
}

void
kernel_main(void)
{
	machine_start();
	for (;;)
		monitor_enter("boot");
}

#endif
