/*
 * Ending the machine: the sleep and reset registers of microvm (ACPI "hardware reduced"), and
 * QEMU's isa-debug-exit for a status.
 */
#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/pmap.h"

#define SLEEP_CONTROL	0xfea00200ull
#define SLEEP_S5	0x34		/* sleep type 5, enable */
#define RESET_CONTROL	0xfea00202ull
#define RESET_VALUE	0x42
#define DEBUG_EXIT	0x501		/* conf/qemu.py; QEMU ends with 2 v + 1: 7 bits of v */
#define STATUS_MAX	127

static void
register_write(uint64_t address, uint8_t value)
{
	*(volatile uint8_t *)phys_to_virt(address) = value;
}

_Noreturn void
arch_poweroff(int status)
{
	if (status == 0)
		register_write(SLEEP_CONTROL, SLEEP_S5);
	else
		outb(DEBUG_EXIT, status > 0 && status < STATUS_MAX ? (uint8_t)status : STATUS_MAX);
	cpu_halt();
}

_Noreturn void
arch_reboot(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_table = { 0, 0 };

	register_write(RESET_CONTROL, RESET_VALUE);
	asm volatile("lidt %0; int3" :: "m"(no_table));	/* no such register: triple fault */
	cpu_halt();
}
