/*
 * The local interrupt controller of each CPU (APIC: x2APIC by MSR where it exists, else its
 * register page) and the two I/O APICs of microvm. A line is a global system interrupt: 24 pins on
 * each I/O APIC; line l arrives as vector VECTOR_LINES + l on the boot CPU.
 *
 * Device lines are level-triggered, active high (virtio-mmio); the console's is an ISA line,
 * edge-triggered.
 */
#include "arch/irq.h"

#include "arch/cpu.h"
#include "arch/pmap.h"
#include "irq.h"
#include "sched/cpu.h"

#define APIC_BASE		0xfee00000ull
#define APIC_MSR_FIRST		0x800u
#define APIC_MSR_ICR		0x830u
#define APIC_BASE_X2APIC	0x400u
#define APIC_BASE_ENABLE	0x800u
#define APIC_ENABLE		0x100u		/* in the spurious-vector register */
#define APIC_ICR_BUSY		0x1000u
#define LVT_NMI			0x400u

#define IOAPIC_COUNT		2
#define IOAPIC_PINS		24u
#define IOAPIC_VERSION		0x01u
#define IOAPIC_ENTRY		0x10u		/* + 2 * pin; the high half follows */
#define ENTRY_MASKED		0x10000u
#define ENTRY_LEVEL		0x08000u

/* Registers are reached through a window: the index, then the data 16 bytes on. */
static const uint64_t ioapic_base[IOAPIC_COUNT] = { 0xfec00000, 0xfec10000 };
static bool ioapic_there[IOAPIC_COUNT];
static struct spinlock lock = SPINLOCK_INIT("irq", RANK_IRQ);

/* --- local --- */

static volatile uint32_t *
apic_register(unsigned reg)
{
	return phys_to_virt(APIC_BASE + reg * 16);
}

uint32_t
apic_read(unsigned reg)
{
	return cpu_features.x2apic ? (uint32_t)rdmsr(APIC_MSR_FIRST + reg) : *apic_register(reg);
}

void
apic_write(unsigned reg, uint32_t value)
{
	if (cpu_features.x2apic)
		wrmsr(APIC_MSR_FIRST + reg, value);
	else
		*apic_register(reg) = value;
}

void
apic_send(uint32_t apic_id, uint32_t command)
{
	if (cpu_features.x2apic) {
		asm volatile("mfence; lfence" ::: "memory");	/* wrmsr may overtake stores */
		wrmsr(APIC_MSR_ICR, (uint64_t)apic_id << 32 | command);
		return;
	}
	*apic_register(APIC_ICR + 1) = apic_id << 24;
	*apic_register(APIC_ICR) = command;
	while (*apic_register(APIC_ICR) & APIC_ICR_BUSY)
		asm volatile("pause");
}

void
irq_init_cpu(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base);
	if (cpu_features.x2apic)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	apic_write(APIC_SPURIOUS, APIC_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_LVT_TIMER, APIC_MASKED);
	apic_write(APIC_LVT_LINT0, APIC_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_NMI);
	apic_write(APIC_LVT_ERROR, APIC_MASKED | VECTOR_SPURIOUS);
	apic_write(APIC_EOI, 0);
}

/* --- I/O --- */

static uint32_t
ioapic_read(unsigned number, unsigned reg)
{
	volatile uint32_t *window = phys_to_virt(ioapic_base[number]);

	window[0] = reg;
	return window[4];
}

static void
ioapic_write(unsigned number, unsigned reg, uint32_t value)
{
	volatile uint32_t *window = phys_to_virt(ioapic_base[number]);

	window[0] = reg;
	window[4] = value;
}

static void
line_set(unsigned line, uint32_t flags)
{
	unsigned number = line / IOAPIC_PINS, pin = line % IOAPIC_PINS;

	spin_lock(&lock);
	ioapic_write(number, IOAPIC_ENTRY + 2 * pin + 1, (uint32_t)cpus[0].hardware_id << 24);
	ioapic_write(number, IOAPIC_ENTRY + 2 * pin, (VECTOR_LINES + line) | flags);
	spin_unlock(&lock);
}

void
irq_init(void)
{
	for (unsigned i = 0; i < IOAPIC_COUNT; i++) {
		ioapic_there[i] = (ioapic_read(i, IOAPIC_VERSION) >> 16 & 0xff) == IOAPIC_PINS - 1;
		for (unsigned pin = 0; ioapic_there[i] && pin < IOAPIC_PINS; pin++)
			line_set(i * IOAPIC_PINS + pin, ENTRY_MASKED | ENTRY_LEVEL);
	}
}

bool
irq_line_valid(unsigned line)
{
	return line < IO_LINES && ioapic_there[line / IOAPIC_PINS] && line != CONSOLE_LINE;
}

void
irq_unmask(unsigned line)
{
	if (irq_line_valid(line))
		line_set(line, ENTRY_LEVEL);
}

void
irq_mask(unsigned line)
{
	if (irq_line_valid(line))
		line_set(line, ENTRY_MASKED | ENTRY_LEVEL);
}

void
irq_console_enable(void)
{
	if (ioapic_there[0])
		line_set(CONSOLE_LINE, 0);
}
