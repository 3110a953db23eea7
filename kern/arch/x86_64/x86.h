/*
 * The processor's own instructions and numbers, for this folder and boot/x86_64 only. Assembly
 * includes the first part.
 *
 * Register and bit numbers are from the Intel SDM (volumes 3 and 4) and the AMD64 manual (volume
 * 2).
 */
#ifndef X86_H
#define X86_H

/* Segment selectors. SYSRET dictates the order user data, user code (64 bit). */
#define SEL_KERNEL_CODE		0x08
#define SEL_KERNEL_DATA		0x10
#define SEL_USER_BASE		0x18	/* empty; SYSRET: data at +8, 64-bit code at +16 */
#define SEL_USER_DATA		0x23
#define SEL_USER_CODE		0x2b
#define SEL_TSS			0x30	/* two slots */
#define GDT_ENTRIES		8

/* Vectors. 0-31 are the processor's exceptions. */
#define VECTOR_NMI		2
#define VECTOR_DOUBLE_FAULT	8
#define VECTOR_PAGE_FAULT	14
#define VECTOR_MACHINE_CHECK	18
#define VECTOR_LINES		32	/* + global system interrupt */
#define IO_LINES		48	/* two I/O APICs of 24 pins */
#define VECTOR_TIMER		0xf0
#define VECTOR_IPI		0xf1
#define VECTOR_SPURIOUS		0xff
#define VECTOR_SYSCALL		0x100	/* in a trap frame: entered by the syscall instruction */
#define VECTOR_STATE_SET	0x101	/* in a trap frame: registers were set, leave by iret */

/*
 * Byte offsets in struct trap_frame (arch_thread.h) and struct arch_cpu (arch_cpu.h); asserted in
 * thread.c and cpu.c.
 */
#define FRAME_RDI	0
#define FRAME_RSI	8
#define FRAME_RDX	16
#define FRAME_R10	24
#define FRAME_R8	32
#define FRAME_R9	40
#define FRAME_R12	48
#define FRAME_R13	56
#define FRAME_RAX	64
#define FRAME_RBX	72
#define FRAME_RBP	80
#define FRAME_RCX	88
#define FRAME_R11	96
#define FRAME_R14	104
#define FRAME_R15	112
#define FRAME_VECTOR	120
#define FRAME_ERROR	128
#define FRAME_RIP	136
#define FRAME_CS	144
#define FRAME_RFLAGS	152
#define FRAME_RSP	160
#define FRAME_SS	168
#define FRAME_SIZE	176

#define CPU_SELF		0
#define CPU_KERNEL_FRAME	8
#define CPU_USER_RSP		16
#define CPU_USER_LIVE		24

#define TRAP_MACH_MSG		5	/* the trap that has an entry of its own */

#define THREAD_FRAME		8	/* in struct arch_thread (arch_thread.h) */

#define MSR_GS_BASE		0xc0000101

#define CR0_TS			8

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

#define KERNEL_BASE		0xffffffff80000000ull	/* image address - physical address */
#define image_to_phys(a)	((uint64_t)(a) - KERNEL_BASE)

#define MSR_APIC_BASE		0x1b
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_FMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_KERNEL_GS_BASE	0xc0000102

#define EFER_SYSCALL		0x001

#define CR0_MP			0x00000002u
#define CR0_EM			0x00000004u
#define CR0_NE			0x00000020u
#define CR0_WP			0x00010000u
#define CR0_AM			0x00040000u

#define CR4_PGE			0x00000080u
#define CR4_OSFXSR		0x00000200u
#define CR4_OSXMMEXCPT		0x00000400u
#define CR4_UMIP		0x00000800u
#define CR4_FSGSBASE		0x00010000u
#define CR4_SMEP		0x00100000u
#define CR4_SMAP		0x00200000u

#define RFLAGS_FIXED		0x00000002u
#define RFLAGS_TF		0x00000100u
#define RFLAGS_IF		0x00000200u
#define RFLAGS_DF		0x00000400u
#define RFLAGS_IOPL		0x00003000u
#define RFLAGS_NT		0x00004000u
#define RFLAGS_AC		0x00040000u
#define RFLAGS_USER		0x00040dd5u	/* a user may set CF PF AF ZF SF OF DF TF AC */

/* Page-table entries. */
#define PTE_PRESENT		0x001ull
#define PTE_WRITE		0x002ull
#define PTE_USER		0x004ull
#define PTE_UNCACHED		0x018ull	/* PCD and PWT: PAT entry 3, uncacheable */
#define PTE_ACCESSED		0x020ull
#define PTE_DIRTY		0x040ull
#define PTE_LARGE		0x080ull	/* in levels 1 (1 GB) and 2 (2 MB) */
#define PTE_GLOBAL		0x100ull
#define PTE_NX			(1ull << 63)
#define PTE_ADDRESS		0x000ffffffffff000ull

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid
cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;

	asm volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
		     : "0"(leaf), "2"(subleaf));
	return r;
}

static inline uint64_t
rdmsr(uint32_t msr)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void
wrmsr(uint32_t msr, uint64_t value)
{
	asm volatile("wrmsr" :: "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		     : "memory");
}

static inline uint64_t
rdtsc(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) :: "memory");
	return (uint64_t)high << 32 | low;
}

#define CONTROL_REGISTER(name)						\
static inline uint64_t							\
read_##name(void)							\
{									\
	uint64_t value;							\
									\
	asm volatile("movq %%" #name ", %0" : "=r"(value) :: "memory");	\
	return value;							\
}									\
									\
static inline void							\
write_##name(uint64_t value)						\
{									\
	asm volatile("movq %0, %%" #name :: "r"(value) : "memory");	\
}

CONTROL_REGISTER(cr0)
CONTROL_REGISTER(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)

static inline void
invlpg(uint64_t va)
{
	asm volatile("invlpg (%0)" :: "r"(va) : "memory");
}

static inline void
outb(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" :: "a"(value), "Nd"(port) : "memory");
}

static inline void
outw(uint16_t port, uint16_t value)
{
	asm volatile("outw %0, %1" :: "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t
inb(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

/* What the running machine has; set once by cpu_init on the boot CPU. */
struct cpu_features {
	bool fsgsbase, smep, smap, umip, x2apic, huge_pages;
};

extern struct cpu_features cpu_features;

/* The sign extension of a 48-bit address: what the processor accepts as one. */
static inline uint64_t
canonical(uint64_t address)
{
	return (uint64_t)((int64_t)(address << 16) >> 16);
}

/*
 * Local interrupt controller (irq.c): register numbers are those of the memory page divided by 16.
 */
#define APIC_ID			0x02
#define APIC_EOI		0x0b
#define APIC_SPURIOUS		0x0f
#define APIC_ICR		0x30	/* xAPIC: high half at 0x31 */
#define APIC_LVT_TIMER		0x32
#define APIC_LVT_LINT0		0x35
#define APIC_LVT_LINT1		0x36
#define APIC_LVT_ERROR		0x37
#define APIC_TIMER_INITIAL	0x38
#define APIC_TIMER_CURRENT	0x39
#define APIC_TIMER_DIVIDE	0x3e

#define APIC_MASKED		0x10000u

#define IPI_FIXED		0x00000u	/* | vector */
#define IPI_NMI			0x00400u
#define IPI_INIT		0x04500u	/* level asserted */
#define IPI_STARTUP		0x04600u	/* | page number */
#define IPI_ALL_BUT_SELF	0xc0000u

uint32_t apic_read(unsigned reg);
void apic_write(unsigned reg, uint32_t value);

/* Sends an interprocessor interrupt; waits until it has left. */
void apic_send(uint32_t apic_id, uint32_t command);

/*
 * Where device registers begin: from here to 4 GB the direct map is uncached
 * (boot/x86_64/directmap.c).
 */
#define DEVICE_SPACE		0xfe000000ull

/*
 * TLB shootdown (tlb.c). Makes `targets` (bit n: CPU n; the running CPU is left out) forget `pages`
 * translations from `start` on, or all of them (TLB_ALL), and, if `leave` is not NULL, unload that
 * pmap. tables_go: page tables are about to be freed. Waits for the answers; meanwhile answers
 * others.
 */
struct pmap;

#define TLB_ALL		0x100000u
#define TLB_SINGLE_MAX	32u		/* from this many pages on all translations go */

void tlb_flush_local(uint64_t start, uint32_t pages);
void tlb_shootdown(uint32_t targets, uint64_t start, uint32_t pages, struct pmap *leave,
		   bool tables_go);

/* Answers the requests of other CPUs to this one, if any. */
void tlb_answer(void);

/*
 * Around waiting for an interrupt in the idle loop: in between others do not interrupt this CPU for
 * a shootdown.
 */
void tlb_idle_enter(void);
void tlb_idle_leave(void);

/* pmap.c: unloads `pmap` from the running CPU if it is there. */
void pmap_leave(struct pmap *pmap);

/* pmap.c: a CPU uses the kernel's tables from now on and takes part in shootdowns. */
void pmap_cpu_joins(int number);

/* Whether a kernel address is mapped. Takes no lock: for panics. */
bool pmap_mapped(uint64_t va);

/* The CPUs that have joined: bit n is CPU n. */
uint32_t pmap_kernel_cpus(void);

/* The kernel's level-0 table, physical: what a starting CPU loads (smp.c). */
uint64_t pmap_kernel_root(void);

/* Set once a CPU has called smp_stop_others: its number; all others stop. */
extern volatile int smp_stopper;

#endif /* __ASSEMBLER__ */
#endif
