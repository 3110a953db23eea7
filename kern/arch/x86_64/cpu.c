/*
 * Setting a CPU up: features, segments, the interrupt table, the system-call instruction; waiting
 * and stopping.
 *
 * GDT and TSS are per CPU; the interrupt table is shared. Double fault and machine check use IST 1,
 * the NMI IST 2: a stack overflow of the kernel arrives as a double fault on a stack that is still
 * good.
 */
#include "arch/cpu.h"

#include "arch/pmap.h"
#include "arch/smp.h"
#include "init/printk.h"
#include "init/string.h"
#include "sched/cpu.h"

#define FAULT_STACK_SIZE	8192
#define NMI_STACK_SIZE		256

#define GATE_INTERRUPT		0x8e00u		/* present, interrupts masked on entry */
#define GATE_USER		0x6000u		/* users may use the instruction: int3, into */

#define GDT_CODE64		0x00af9b000000ffffull
#define GDT_DATA		0x00cf93000000ffffull
#define GDT_USER		0x0000600000000000ull	/* privilege level 3 */
#define GDT_TSS			0x0000890000000000ull

#define IST_FAULT		1
#define IST_NMI			2

_Static_assert(offsetof(struct arch_cpu, self) == CPU_SELF, "known to assembly");
_Static_assert(offsetof(struct arch_cpu, kernel_frame) == CPU_KERNEL_FRAME, "known to assembly");
_Static_assert(offsetof(struct arch_cpu, user_rsp) == CPU_USER_RSP, "known to assembly");
_Static_assert(offsetof(struct arch_cpu, user_live) == CPU_USER_LIVE, "known to assembly");

struct gate {
	uint16_t offset_low, selector;
	uint16_t flags;				/* IST number in the low bits */
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/* The top word of each is the address of its CPU's struct arch_cpu: trap.S finds GS by it. */
struct fault_stack {
	uint8_t bytes[FAULT_STACK_SIZE - 16];
	struct arch_cpu *cpu;
	uint64_t unused;
};

struct smap_patch {
	uint8_t *place;
	uint64_t instruction;			/* three bytes */
};

struct cpu_features cpu_features;
volatile int smp_stopper = -1;

static struct gate idt[256];
static struct fault_stack fault_stacks[CPU_MAX] __attribute__((aligned(16)));
static uint8_t nmi_stacks[CPU_MAX][NMI_STACK_SIZE] __attribute__((aligned(16)));

extern const char trap_stubs[][16], trap_stub_timer[], trap_stub_ipi[], trap_stub_other[];
extern const char trap_nmi[], trap_double_fault[], trap_machine_check[], trap_syscall[];
extern const struct smap_patch _smap_patches[], _esmap_patches[];

static void
gate_set(unsigned vector, const void *handler, unsigned flags)
{
	uint64_t offset = (uint64_t)handler;

	idt[vector] = (struct gate){
		.offset_low = (uint16_t)offset,
		.selector = SEL_KERNEL_CODE,
		.flags = (uint16_t)(GATE_INTERRUPT | flags),
		.offset_middle = (uint16_t)(offset >> 16),
		.offset_high = (uint32_t)(offset >> 32),
	};
}

static void
idt_init(void)
{
	for (unsigned i = 0; i < 256; i++)
		gate_set(i, i < VECTOR_LINES + IO_LINES ? trap_stubs[i] : trap_stub_other, 0);
	gate_set(3, trap_stubs[3], GATE_USER);
	gate_set(4, trap_stubs[4], GATE_USER);
	gate_set(VECTOR_NMI, trap_nmi, IST_NMI);
	gate_set(VECTOR_DOUBLE_FAULT, trap_double_fault, IST_FAULT);
	gate_set(VECTOR_MACHINE_CHECK, trap_machine_check, IST_FAULT);
	gate_set(VECTOR_TIMER, trap_stub_timer, 0);
	gate_set(VECTOR_IPI, trap_stub_ipi, 0);
}

static void
features_find(void)
{
	uint32_t leaves = cpuid(0, 0).eax;
	struct cpuid seven = leaves >= 7 ? cpuid(7, 0) : (struct cpuid){ 0, 0, 0, 0 };

	cpu_features.fsgsbase = seven.ebx & 1u << 0;
	cpu_features.smep = seven.ebx & 1u << 7;
	cpu_features.smap = seven.ebx & 1u << 20;
	cpu_features.umip = seven.ecx & 1u << 2;
	cpu_features.x2apic = cpuid(1, 0).ecx & 1u << 21;
	cpu_features.huge_pages = cpuid(0x80000001, 0).edx & 1u << 26;
}

/* Conditions: kernel text still writable (before pmap_bootstrap). */
static void
smap_patch_text(void)
{
	for (const struct smap_patch *p = _smap_patches; p < _esmap_patches; p++)
		memcpy(p->place, &p->instruction, 3);
}

static void
segments_load(struct cpu *cpu)
{
	struct arch_cpu *arch = &cpu->arch;
	uint64_t tss = (uint64_t)&arch->tss;
	struct table_pointer gdtr = { sizeof(arch->gdt) - 1, (uint64_t)arch->gdt };
	struct table_pointer idtr = { sizeof(idt) - 1, (uint64_t)idt };

	arch->gdt[SEL_KERNEL_CODE / 8] = GDT_CODE64;
	arch->gdt[SEL_KERNEL_DATA / 8] = GDT_DATA;
	arch->gdt[SEL_USER_DATA / 8] = GDT_DATA | GDT_USER;
	arch->gdt[SEL_USER_CODE / 8] = GDT_CODE64 | GDT_USER;
	arch->gdt[SEL_TSS / 8] = GDT_TSS | (sizeof(struct tss) - 1) |
				 (tss & 0xffffff) << 16 | (tss >> 24 & 0xff) << 56;
	arch->gdt[SEL_TSS / 8 + 1] = tss >> 32;

	fault_stacks[cpu->number].cpu = arch;
	arch->tss.ist[IST_FAULT - 1] = (uint64_t)&fault_stacks[cpu->number].cpu;
	arch->tss.ist[IST_NMI - 1] = (uint64_t)nmi_stacks[cpu->number + 1];
	arch->tss.io_map = sizeof(struct tss);

	asm volatile("lgdt %0" :: "m"(gdtr));
	asm volatile("lidt %0" :: "m"(idtr));
	asm volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:"
		     :: "i"(SEL_KERNEL_CODE) : "rax", "memory");
	asm volatile("movl %0, %%ss" :: "r"(SEL_KERNEL_DATA));
	asm volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%fs; movl %0, %%gs" :: "r"(0));
	asm volatile("ltr %w0" :: "r"(SEL_TSS));
}

static void
registers_init(struct cpu *cpu)
{
	uint64_t cr4 = read_cr4() | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (cpu_features.fsgsbase)
		cr4 |= CR4_FSGSBASE;
	if (cpu_features.smep)
		cr4 |= CR4_SMEP;
	if (cpu_features.smap)
		cr4 |= CR4_SMAP;
	if (cpu_features.umip)
		cr4 |= CR4_UMIP;
	write_cr4(cr4);
	write_cr0((read_cr0() & ~(uint64_t)(CR0_EM | CR0_AM)) | CR0_MP | CR0_NE | CR0_WP | CR0_TS);
	cpu->arch.float_traps = true;

	wrmsr(MSR_GS_BASE, (uint64_t)&cpu->arch);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SYSCALL);
	wrmsr(MSR_STAR, (uint64_t)SEL_KERNEL_CODE << 32 | (uint64_t)(SEL_USER_BASE | 3) << 48);
	wrmsr(MSR_LSTAR, (uint64_t)trap_syscall);
	wrmsr(MSR_FMASK, RFLAGS_IF | RFLAGS_TF | RFLAGS_DF | RFLAGS_AC | RFLAGS_NT | RFLAGS_IOPL);
}

void
cpu_init(struct cpu *cpu)
{
	cpu->arch.self = cpu;
	cpu->arch.loaded = &kernel_pmap;
	cpu->arch.deadline = UINT64_MAX;
	if (cpu->number == 0) {
		features_find();
		idt_init();
		if (cpu_features.smap)
			smap_patch_text();
	}
	segments_load(cpu);
	registers_init(cpu);
	pmap_cpu_joins(cpu->number);
}

void
cpu_idle_wait(void)
{
	tlb_idle_enter();
	/*
	 * sti takes effect after the next instruction, so nothing slips in between the check of the
	 * caller and hlt.
	 */
	asm volatile("sti; hlt; cli" ::: "memory");
	tlb_idle_leave();
}

void
cpu_interrupt_window(void)
{
	asm volatile("sti; nop; cli" ::: "memory");
}

void
cpu_spin_poll(void)
{
	struct cpu *self = cpu_self();

	asm volatile("pause" ::: "memory");
	if (self->arch.tlb_asked != 0)
		tlb_answer();
	if (smp_stopper >= 0 && smp_stopper != self->number)
		cpu_halt();
}

_Noreturn void
cpu_halt(void)
{
	for (;;)
		asm volatile("cli; hlt" ::: "memory");
}

void
cpu_describe(char *buffer, unsigned size)
{
	char model[49] = "x86_64";

	if (cpuid(0x80000000, 0).eax >= 0x80000004) {
		for (unsigned i = 0; i < 3; i++) {
			struct cpuid part = cpuid(0x80000002 + i, 0);

			memcpy(model + 16 * i, &part, 16);
		}
		model[48] = 0;
	}
	ksnprintf(buffer, size, "%s%s%s%s%s%s%s", model, cpu_features.smep ? " smep" : "",
		  cpu_features.smap ? " smap" : "", cpu_features.umip ? " umip" : "",
		  cpu_features.fsgsbase ? " fsgsbase" : "",
		  cpu_features.x2apic ? " x2apic" : "", cpu_features.huge_pages ? " 1GB" : "");
}
