/*
 * Panic and backtraces.
 */
#include "init/panic.h"

#include "arch/backtrace.h"
#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/smp.h"
#include "init/cmdline.h"
#include "init/ksyms.h"
#include "init/printk.h"
#include "monitor/monitor.h"
#include "sched/cpu.h"

volatile bool panic_active;
static volatile int panic_cpu = -1;

/* --- symbols --- */

/* The last function at or below the offset, or -1. */
static int
symbol_find(uint32_t offset)
{
	/* LAB 1.8 begin [until then: return -1]: the symbol table is sorted: halve it until one is left.
	 * Hint: ksym_offset[0 .. ksym_count - 1], rising. Keep the last index that was not too high.
	 */
	int low = 0, high = (int)ksym_count - 1, found = -1;

	while (low <= high) {
		int middle = (low + high) / 2;

		if (ksym_offset[middle] <= offset) {
			found = middle;
			low = middle + 1;
		} else {
			high = middle - 1;
		}
	}
	return found;
	/* LAB 1.8 end */
}

/* Names pc by the function that holds `inside`. */
static void
format_inside(uint64_t inside, uint64_t pc, char *buffer, unsigned size)
{
	uint64_t base = (uintptr_t)_text;
	int symbol = -1;

	if (inside >= base && inside < (uintptr_t)_etext)
		symbol = symbol_find(inside - base);
	if (symbol < 0)
		ksnprintf(buffer, size, "?");
	else
		ksnprintf(buffer, size, "%s+0x%x", ksym_strings + ksym_name[symbol], (unsigned)(pc - base - ksym_offset[symbol]));
}

void
symbol_format(uint64_t pc, char *buffer, unsigned size)
{
	format_inside(pc, pc, buffer, size);
}

static void
print_frame(unsigned depth, uint64_t pc)
{
	char name[80];

	/* A return address may be the first of the next function when the call does not return: look up the call itself. */
	format_inside(depth == 0 ? pc : pc - 1, pc, name, sizeof(name));
	printk("  #%u %#018lx %s\n", depth, (unsigned long)pc, name);
}

static void
print_caller(unsigned depth, uint64_t pc)
{
	print_frame(depth + 1, pc);
}

void
backtrace_print(uint64_t pc, uint64_t frame_pointer)
{
	print_frame(0, pc);
	backtrace_walk(frame_pointer, 32, print_caller);
}

/* --- the end --- */

/* Only one CPU panics: smp_stop_others decides which, and returns there alone. A panic within the panic ends at once. */
static void
panic_begin(void)
{
	int self = cpu_self()->number;

	if (panic_cpu == self)
		arch_poweroff(PANIC_STATUS);
	smp_stop_others();
	panic_cpu = self;
	panic_active = true;
}

static _Noreturn void
panic_end(void)
{
	if (cmdline_flag("panic=off"))
		arch_poweroff(PANIC_STATUS);
	monitor_panic();
}

_Noreturn static void
panic_va(uint64_t pc, uint64_t frame_pointer, const char *format, va_list arguments)
{
	panic_begin();
	printk("panic: ");
	vprintk(format, arguments);
	printk("\n  CPU %d\n", panic_cpu);
	backtrace_print(pc, frame_pointer);
	panic_end();
}

void
panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	/* The call itself: the return address may belong to the next function. */
	panic_va((uintptr_t)__builtin_return_address(0) - 1, backtrace_here(), format, arguments);
}

void
panic_at(uint64_t pc, uint64_t frame_pointer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	panic_va(pc, frame_pointer, format, arguments);
}

void
panic_report_deadline(void)
{
	panic_begin();
	printk("deadline: guest time is over\n");
	monitor_print_cpus();
	printk("where CPU %d stands:\n", panic_cpu);
	backtrace_print((uintptr_t)__builtin_return_address(0), backtrace_here());
	monitor_print_threads();
	arch_poweroff(DEADLINE_STATUS);
}
