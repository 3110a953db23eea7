/*
 * What the CPUs ask of each other: GIC software-generated interrupt ids.
 */
#ifndef AARCH64_GIC_H
#define AARCH64_GIC_H

struct cpu;

enum gic_request {
	GIC_RESCHEDULE = 0,	/* trap_ipi */
	GIC_STOP = 1,		/* a panic */
	GIC_LEAVE = 2,		/* the address space this CPU still has loaded is dying */
};

void gic_send(struct cpu *cpu, enum gic_request request);

/* From the interrupt vector. */
void irq_handle(void);

#endif
