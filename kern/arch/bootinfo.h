/*
 * What the boot code finds out about the machine, in one form for both architectures. boot/<arch>/ fills it in (device tree on
 * aarch64; PVH start info, ACPI MADT and the device tree in fw_cfg on x86_64) before the kernel's own page tables stand.
 */
#ifndef ARCH_BOOTINFO_H
#define ARCH_BOOTINFO_H

#include <mach/device.h>
#include <stdint.h>

#define BOOT_RANGES_MAX		32
#define BOOT_DEVICES_MAX	64
#define BOOT_COMMAND_LINE_MAX	256

struct boot_range {
	uint64_t base;			/* physical, bytes */
	uint64_t size;			/* bytes */
};

struct bootinfo {
	unsigned memory_count;
	struct boot_range memory[BOOT_RANGES_MAX];	/* RAM, sorted, not overlapping */
	unsigned reserved_count;
	struct boot_range reserved[BOOT_RANGES_MAX];	/* in RAM but in use: kernel image, device tree, boot archive, firmware */
	struct boot_range kernel;			/* the image with bss */
	struct boot_range archive;			/* boot archive; size 0: none */
	unsigned cpu_count;				/* processors present, at most CPU_MAX are used */
	uint64_t cpu_ids[8];				/* MPIDR affinity or APIC id; [0] is the boot CPU */
	unsigned device_count;
	struct device_info devices[BOOT_DEVICES_MAX];	/* what device_info() tells drivers */
	char command_line[BOOT_COMMAND_LINE_MAX];
};

extern struct bootinfo bootinfo;

/*
 * Entry into machine-independent C (kern/init/main.c), on the boot CPU: running at high addresses, on the boot stack, with the direct
 * map of all RAM and of the console in place, bootinfo filled in, cpu_init(&cpus[0]) done, the console usable, interrupts masked.
 */
_Noreturn void kernel_main(void);

/* Entry of every other CPU: on its own stack (struct cpu's boot stack), kernel page table, after cpu_init. */
_Noreturn void kernel_main_secondary(void);

#endif
