/*
 * Calls to the firmware (PSCI), and the ways to end the machine. An exit status other than 0 goes
 * out through semihosting, which QEMU must have been started with; without it the instruction is
 * undefined and the machine just goes off.
 */
#include "arch/console.h"
#include "arch/cpu.h"
#include "machine.h"
#include "uart.h"

#define SYS_EXIT_EXTENDED	0x20
#define APPLICATION_EXIT	0x20026

struct machine machine = {
	.uart = 0x09000000, .gic_distributor = 0x08000000, .gic_cpu = 0x08010000,
	.uart_irq = 33, .timer_irq = 27,
};

long
psci_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = c;

	if (machine.psci_smc)
		__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) :: "memory");
	else
		__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) :: "memory");
	return (long)x0;
}

static void
semihosting_exit(int status)
{
	uint64_t block[2] = { APPLICATION_EXIT, (uint64_t)status };
	register uint64_t x0 __asm__("x0") = SYS_EXIT_EXTENDED;
	register uint64_t x1 __asm__("x1") = (uint64_t)block;

	__asm__ volatile("1: hlt #0xf000\n"
	    "2:\n"
	    "	.pushsection .fixups, \"a\"\n"
	    "	.quad 1b, 2b, 2b, 0\n"
	    "	.popsection" : "+r"(x0) : "r"(x1) : "memory");
}

void
arch_poweroff(int status)
{
	uart_drain();
	if (status != 0)
		semihosting_exit(status);
	psci_call(PSCI_OFF, 0, 0, 0);
	cpu_halt();
}

void
arch_reboot(void)
{
	uart_drain();
	psci_call(PSCI_RESET, 0, 0, 0);
	cpu_halt();
}
