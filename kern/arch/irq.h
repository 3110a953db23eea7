/*
 * The interrupt controller: GICv2 (aarch64), local and I/O APICs (x86_64). Lines are numbered as the device list gives them
 * (aarch64: GIC interrupt id; x86_64: global system interrupt).
 */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#define IRQ_LINES 256

/* Finds and sets up the controller. Boot CPU once; irq_init_cpu on every CPU, the boot CPU included. */
void irq_init(void);
void irq_init_cpu(void);

/* Whether a device line of that number exists (lines the kernel uses itself do not count). */
bool irq_line_valid(unsigned line);

/* Lets a device line through to the boot CPU, or holds it. Both may be called from any CPU. */
void irq_unmask(unsigned line);
void irq_mask(unsigned line);

#endif
