/*
 * Processors: what each one sets up for itself, waiting, and the features found.
 */
#include "arch/cpu.h"

#include "asm.h"
#include "init/printk.h"
#include "pte.h"
#include "sched/cpu.h"

#define CTR_IDC		(1ull << 28)	/* no cleaning needed before instruction fetches */
#define CTR_DIC		(1ull << 29)	/* no instruction cache invalidation needed */
#define MDSCR_OFF	0ull		/* no single step, no EL0 access to the debug channel */
#define WORD_BYTES	4u

struct cpu_features cpu_features;

struct pan_patch {			/* copy.S */
	uint32_t *place;
	uint64_t instruction;
};

extern const struct pan_patch pan_patches_start[], pan_patches_end[];

_Static_assert(offsetof(struct cpu, number) == CPU_NUMBER, "trap.S");
_Static_assert(sizeof(((struct cpu *)0)->number) == 4, "trap.S");
_Static_assert(CPU_MAX == 8, "emergency stacks in trap.S");

/* The 4-bit field of an ID register. */
static unsigned
id_field(uint64_t value, unsigned shift)
{
	return value >> shift & 15;
}

static void
find_features(void)
{
	uint64_t ctr = sysreg_read(ctr_el0);

	cpu_features.pan = id_field(sysreg_read(id_aa64mmfr1_el1), 20) != 0;
	cpu_features.hardware_accessed = id_field(sysreg_read(id_aa64mmfr1_el1), 0) != 0;
	cpu_features.asid16 = id_field(sysreg_read(id_aa64mmfr0_el1), 4) == 2;
	cpu_features.clean_to_unify = !(ctr & CTR_IDC);
	cpu_features.fetch_invalidate = !(ctr & CTR_DIC);
	cpu_features.line_size = WORD_BYTES << id_field(ctr, 16);
}

/* Performance counters, where there are any, are not for users. */
static void
close_counters(void)
{
	unsigned version = id_field(sysreg_read(id_aa64dfr0_el1), 8);

	if (version != 0 && version != 15)
		sysreg_write(pmuserenr_el0, 0);
}

/* Conditions: kernel text still writable (before pmap_bootstrap). */
static void
pan_patch_text(void)
{
	for (const struct pan_patch *p = pan_patches_start; p < pan_patches_end; p++) {
		*p->place = (uint32_t)p->instruction;
		__asm__ volatile("dc cvau, %0\n	dsb ish\n	ic ivau, %0" :: "r"(p->place) : "memory");
	}
	dsb(ish);
	isb();
}

void
cpu_init(struct cpu *cpu)
{
	sysreg_write(tpidr_el1, cpu);
	sysreg_write(tpidrro_el0, 0);
	sysreg_write(tpidr_el0, 0);
	sysreg_write(cpacr_el1, 0);
	sysreg_write(mdscr_el1, MDSCR_OFF);
	close_counters();
	if (cpu->number == 0) {
		find_features();
		if (cpu_features.pan)
			pan_patch_text();
	}
	if (cpu_features.pan) {
		sysreg_write(sctlr_el1, sysreg_read(sctlr_el1) & ~(uint64_t)SCTLR_SPAN);
		__asm__ volatile(".arch_extension pan\n	msr pan, #1");
	}
	isb();
}

void
cpu_describe(char *buffer, unsigned size)
{
	static const struct {
		uint16_t part;	/* number in MIDR_EL1 */
		const char *name;
	} models[] = {
		{ 0x051, "QEMU max" }, { 0xd03, "Cortex-A53" }, { 0xd05, "Cortex-A55" },
		{ 0xd07, "Cortex-A57" }, { 0xd08, "Cortex-A72" }, { 0xd0b, "Cortex-A76" },
		{ 0xd0c, "Neoverse N1" },
	};
	uint64_t midr = sysreg_read(midr_el1);
	unsigned part = midr >> 4 & 0xfff;
	const char *name = "processor";

	for (unsigned i = 0; i < sizeof models / sizeof *models; i++)
		if (models[i].part == part)
			name = models[i].name;
	ksnprintf(buffer, size, "%s (%08x), %u-bit ASIDs%s%s", name, (unsigned)midr,
	    cpu_features.asid16 ? 16 : 8, cpu_features.pan ? ", PAN" : "",
	    cpu_features.hardware_accessed ? ", hardware access flag" : "");
}

void
cpu_idle_wait(void)
{
	dsb(sy);
	__asm__ volatile("wfi" ::: "memory");
	cpu_interrupt_window();
}

void
cpu_interrupt_window(void)
{
	__asm__ volatile("msr daifclr, #2\n	isb\n	msr daifset, #2" ::: "memory");
}

void
cpu_spin_poll(void)
{
	__asm__ volatile("yield" ::: "memory");
	smp_check_stop();
}

void
cpu_halt(void)
{
	__asm__ volatile("msr daifset, #15");
	for (;;)
		__asm__ volatile("wfi");
}
