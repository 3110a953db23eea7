/*
 * Where the kernel's own devices are. boot/aarch64/bootinfo.c finds out from the device tree; until
 * then these are QEMU `virt`'s.
 */
#ifndef AARCH64_MACHINE_H
#define AARCH64_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

struct machine {
	uint64_t uart;			/* PL011; physical addresses all */
	uint64_t gic_distributor;	/* GICv2 */
	uint64_t gic_cpu;
	uint64_t rtc;			/* PL031; 0: none */
	unsigned uart_irq;		/* GIC interrupt ids */
	unsigned timer_irq;		/* virtual timer */
	bool psci_smc;			/* firmware is called by smc, not hvc */
};

extern struct machine machine;

/* Calls the firmware (Arm DEN 0022). Returns its result, 0 or negative. */
long psci_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c);

#define PSCI_CPU_ON	0xc4000003u
#define PSCI_OFF	0x84000008u
#define PSCI_RESET	0x84000009u

/* A 32-bit device register, through the direct map. */
static inline volatile uint32_t *
device_register(uint64_t base, uint64_t offset)
{
	return (volatile uint32_t *)(base + offset + 0xffff800000000000ull);
}

#endif
