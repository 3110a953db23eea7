/*
 * Traps about the machine as a whole: information, clock, power, and what little a program may say on the console.
 */
#include "trap/handlers.h"

#include "arch/bootinfo.h"
#include "arch/console.h"
#include "arch/timer.h"
#include "arch/usercopy.h"
#include "init/console.h"
#include "init/printk.h"
#include "init/string.h"
#include "init/version.h"
#include "ipc/ipc.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "monitor/monitor.h"
#include "sched/cpu.h"
#include "task/host.h"
#include "task/kstack.h"
#include "task/task.h"
#include "task/task_traps.h"
#include "task/thread.h"
#include "vm/swap.h"
#include "vm/vm.h"

#define user(pointer) ((uint64_t)(uintptr_t)(pointer))
#define PRINT_CHUNK 256			/* bytes copied in at a time */
#define PRINT_MAX 65536			/* bytes of one call */
#define DRAIN_PATIENCE_MS 1000

static bool
count_task(struct task *task, void *context)
{
	struct host_info *info = context;

	info->tasks++;
	info->threads += task->thread_count;
	return true;
}

void
host_info_get(struct host_info *info)
{
	struct ipc_statistics ipc;

	memset(info, 0, sizeof(*info));
	info->cpus = cpu_count;
	info->page_size = PAGE_SIZE;
	for (unsigned i = 0; i < bootinfo.memory_count; i++)
		info->memory += bootinfo.memory[i].size;
	info->uptime = timer_now();
	info->heap_bytes = kalloc_total();
	task_for_each(count_task, info);
	ipc_statistics_get(&ipc);
	info->ports = ipc.ports;
	info->messages = ipc.messages;
	for (unsigned i = 0; i < CPU_MAX; i++) {
		info->switches += cpu_switches(&cpus[i]);
		info->space_switches += cpu_space_switches(&cpus[i]);
		info->idle += cpus[i].idle_time;
	}
	strlcpy(info->machine, MACHINE_NAME, sizeof(info->machine));
	strlcpy(info->version, KERNEL_VERSION, sizeof(info->version));
	strlcpy(info->command_line, bootinfo.command_line, sizeof(info->command_line));
}

kern_return_t
trap_host_info(struct host_info *user_info)
{
	struct host_info info;

	host_info_get(&info);
	return copyout(user(user_info), &info, sizeof(info)) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

kern_return_t
trap_clock_get_time(int clock, uint64_t *user_nanoseconds)
{
	uint64_t now = timer_now();

	if (clock == CLOCK_REALTIME_NS)
		now += host_boot_time();
	else if (clock != CLOCK_MONOTONIC_NS)
		return KERN_INVALID_ARGUMENT;
	return copyout(user(user_nanoseconds), &now, sizeof(now)) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

/* The wall clock's reading when timer_now() was 0, in ns since 1970; read from the clock chip once. */
uint64_t
host_boot_time(void)
{
	static uint64_t boot_time;

	if (boot_time == 0)
		boot_time = timer_wall_clock() * 1000000000ull - timer_now();
	return boot_time;
}

kern_return_t
trap_host_reboot(host_t host, uint32_t flags, int status)
{
	if (!host_privileged(host))
		return KERN_INVALID_HOST;
	if (flags == HOST_REBOOT)
		arch_reboot();
	if (flags != HOST_POWEROFF)
		return KERN_INVALID_ARGUMENT;
	arch_poweroff(status & 0xff);
}

static void
drain_cpu(void)
{
	ipc_drain();
	kalloc_drain();
	page_drain();
}

/* Waits for tasks on their way out, a second at most: others may hold them. Then stacks, which hold frames; heap before frames. */
void
host_drain_caches(void)
{
	for (unsigned ms = 0; ms < DRAIN_PATIENCE_MS && task_dying_count() > 0; ms++)
		thread_sleep_ms(1);
	kstack_drain();
	cpu_call_all(drain_cpu);
}

kern_return_t
trap_host_drain(void)
{
	host_drain_caches();
	return KERN_SUCCESS;
}

kern_return_t
trap_host_monitor(host_t host, const char *user_reason)
{
	char reason[80];

	if (!host_privileged(host))
		return KERN_INVALID_HOST;
	if (copyin_string(reason, user(user_reason), sizeof(reason)) < 0)
		return KERN_INVALID_ARGUMENT;
	monitor_enter(reason);
	return KERN_SUCCESS;
}

/* --- text from programs --- */

static kern_return_t
write_user_text(uint64_t text, uint64_t length, void (*write)(const char *, size_t))
{
	char chunk[PRINT_CHUNK];

	if (length > PRINT_MAX)
		return KERN_INVALID_ARGUMENT;
	while (length > 0) {
		size_t n = length < sizeof(chunk) ? length : sizeof(chunk);

		if (!copyin(chunk, text, n))
			return KERN_INVALID_ADDRESS;
		write(chunk, n);
		text += n;
		length -= n;
	}
	return KERN_SUCCESS;
}

kern_return_t
trap_mach_print(const char *text, vm_size_t length)
{
	if (!current_task()->may_print)
		return KERN_NO_ACCESS;
	return write_user_text(user(text), length, console_write);
}

kern_return_t
trap_lab_exit(int status)
{
	current_task()->exit_status = status;
	task_terminate_async(current_task());
	return KERN_SUCCESS;
}

kern_return_t
trap_console_write(mach_port_t console, const char *buffer, vm_size_t size)
{
	if (kobject_lookup(console, KOBJECT_CONSOLE) == NULL)
		return KERN_INVALID_ARGUMENT;
	return write_user_text(user(buffer), size, console_write_raw);
}

kern_return_t
trap_console_read(mach_port_t console, char *user_buffer, vm_size_t size, vm_size_t *user_count)
{
	char buffer[PRINT_CHUNK];
	vm_size_t count;

	if (kobject_lookup(console, KOBJECT_CONSOLE) == NULL)
		return KERN_INVALID_ARGUMENT;
	if (size == 0)
		return KERN_INVALID_ARGUMENT;
	count = console_read_wait(buffer, size < sizeof(buffer) ? size : sizeof(buffer));
	if (count == 0)
		return KERN_ABORTED;
	if (!copyout(user(user_buffer), buffer, count) || !copyout(user(user_count), &count, sizeof(count)))
		return KERN_INVALID_ADDRESS;
	return KERN_SUCCESS;
}

kern_return_t
trap_host_set_default_pager(host_t host, mach_port_t name)
{
	struct ipc_port *pager;
	kern_return_t result;

	if (!host_privileged(host))
		return KERN_INVALID_HOST;
	if (swap == NULL)
		return KERN_NOT_SUPPORTED;
	result = space_copyin_send(current_task()->space, name, &pager);
	return result == KERN_SUCCESS ? swap->set_pager(pager) : result;
}
