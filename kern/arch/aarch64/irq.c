/*
 * The interrupt controller, a GICv2 (Arm IHI 0048): one distributor, an interface for each CPU.
 * Interrupt ids: 0-15 from other CPUs, 16-31 of this CPU (timer), 32 and up device lines, all of
 * which go to the boot CPU, level-sensitive, at one priority.
 */
#include "arch/irq.h"

#include "arch/pmap.h"
#include "arch/smp.h"
#include "gic.h"
#include "machine.h"
#include "pmap_internal.h"
#include "sched/cpu.h"
#include "trap/trap.h"
#include "uart.h"

enum {
	GICD_CTLR = 0x000, GICD_TYPER = 0x004, GICD_ISENABLER = 0x100, GICD_ICENABLER = 0x180,
	GICD_ICPENDR = 0x280, GICD_IPRIORITYR = 0x400, GICD_ITARGETSR = 0x800, GICD_SGIR = 0xf00,
	GICC_CTLR = 0x00, GICC_PMR = 0x04, GICC_IAR = 0x0c, GICC_EOIR = 0x10,
};

#define FIRST_DEVICE	32u
#define SPURIOUS	1020u
#define ID_MASK		0x3ffu
#define SGIR_TARGET_SHIFT 16
#define PRIORITY	0xa0a0a0a0u
#define ALL_PRIORITIES	0xffu

static unsigned lines;			/* interrupt ids there are */

static volatile uint32_t *
distributor(unsigned offset)
{
	return device_register(machine.gic_distributor, offset);
}

static volatile uint32_t *
interface(unsigned offset)
{
	return device_register(machine.gic_cpu, offset);
}

void
irq_init(void)
{
	uint32_t boot_cpu = *distributor(GICD_ITARGETSR) & 0xff;

	lines = 32 * ((*distributor(GICD_TYPER) & 31) + 1);
	if (lines > IRQ_LINES)
		lines = IRQ_LINES;
	*distributor(GICD_CTLR) = 0;
	for (unsigned i = FIRST_DEVICE; i < lines; i += 32) {
		*distributor(GICD_ICENABLER + i / 8) = ~0u;
		*distributor(GICD_ICPENDR + i / 8) = ~0u;
	}
	for (unsigned i = FIRST_DEVICE; i < lines; i += 4) {
		*distributor(GICD_IPRIORITYR + i) = PRIORITY;
		*distributor(GICD_ITARGETSR + i) = boot_cpu * 0x01010101u;
	}
	*distributor(GICD_CTLR) = 1;
}

void
irq_init_cpu(void)
{
	cpu_self()->arch.gic_mask = *distributor(GICD_ITARGETSR) & 0xff;
	*distributor(GICD_ICENABLER) = ~0u;
	*distributor(GICD_ISENABLER) = 0xffff;
	for (unsigned i = 0; i < FIRST_DEVICE; i += 4)
		*distributor(GICD_IPRIORITYR + i) = PRIORITY;
	*interface(GICC_PMR) = ALL_PRIORITIES;
	*interface(GICC_CTLR) = 1;
}

bool
irq_line_valid(unsigned line)
{
	return line >= FIRST_DEVICE && line < lines && line != machine.uart_irq;
}

void
irq_unmask(unsigned line)
{
	*distributor(GICD_ISENABLER + line / 32 * 4) = 1u << line % 32;
}

void
irq_mask(unsigned line)
{
	*distributor(GICD_ICENABLER + line / 32 * 4) = 1u << line % 32;
}

void
gic_send(struct cpu *cpu, enum gic_request request)
{
	dsb(ishst);
	*distributor(GICD_SGIR) = (uint32_t)cpu->arch.gic_mask << SGIR_TARGET_SHIFT | request;
}

static void
request_arrived(unsigned id)
{
	switch (id) {
	case GIC_RESCHEDULE:
		trap_ipi();
		break;
	case GIC_STOP:
		smp_check_stop();
		break;
	case GIC_LEAVE:
		pmap_leave_dying();
		break;
	}
}

static void
timer_expired(void)
{
	sysreg_write(cntv_ctl_el0, 0);
	isb();
	trap_timer_interrupt();
}

/*
 * Handles one interrupt; another that is pending comes right after the return. It is ended before
 * what it asks for is done: that may not come back soon (monitor), and a line that is still active
 * then would hold up all others.
 */
void
irq_handle(void)
{
	uint32_t acknowledge = *interface(GICC_IAR);
	unsigned id = acknowledge & ID_MASK;

	if (id >= SPURIOUS)
		return;
	cpu_self()->interrupts++;
	*interface(GICC_EOIR) = acknowledge;
	if (id < 16)
		request_arrived(id);
	else if (id == machine.timer_irq)
		timer_expired();
	else if (id == machine.uart_irq)
		uart_interrupt();
	else
		trap_device_interrupt(id);
}
