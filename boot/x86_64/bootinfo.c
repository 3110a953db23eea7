/*
 * From the PVH start info to struct bootinfo: the first C code, on the boot CPU, with the first
 * gigabyte mapped. Memory, boot archive and command line stand in the start info; processors in
 * ACPI's MADT; devices in the device tree that QEMU keeps in fw_cfg. Ends by mapping the rest of
 * RAM and calling kernel_main.
 */
#include "arch/bootinfo.h"

#include "../fdt.h"
#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/irq.h"
#include "arch/pmap.h"
#include "boot.h"
#include "init/string.h"
#include "sched/cpu.h"

#define MEGABYTE	(1ull << 20)
#define GIGABYTE	(1ull << 30)

/*
 * The PVH boot protocol's description of the machine
 * (xen/include/public/arch-x86/hvm/start_info.h).
 */
struct start_info {
	uint32_t magic;			/* START_MAGIC */
	uint32_t version;		/* 1 and up: with a memory map */
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules;		/* physical, struct start_module[] */
	uint64_t command_line;		/* physical, text */
	uint64_t rsdp;			/* physical, 0: none */
	uint64_t memory_map;		/* physical, struct start_memory[] */
	uint32_t memory_count;
	uint32_t reserved;
} __attribute__((packed));		/* so are the others: the loader puts them at any address */

#define START_MAGIC	0x336ec578u

struct start_module {
	uint64_t base, size;		/* physical, bytes */
	uint64_t command_line, reserved;
} __attribute__((packed));

struct start_memory {
	uint64_t base, size;
	uint32_t type;			/* MEMORY_RAM; others as in E820 */
	uint32_t reserved;
} __attribute__((packed));

#define MEMORY_RAM	1u

#define DEVICE_TREE_MAX	65536u		/* bytes; QEMU 7.2 uses about 6000 */

#define IOAPIC_SECOND	0xfec10000ull
#define IOAPIC_PINS	24u		/* so the second one's lines begin at 24 */

struct bootinfo bootinfo;

extern const char _image[], _end[];

_Noreturn void boot_main(uint64_t start_address);

_Noreturn void
boot_fail(const char *why)
{
	arch_console_write("boot: ", 6);
	arch_console_write(why, strlen(why));
	arch_console_write("\r\n", 2);
	cpu_halt();
}

/* What the start info points to must be in the first gigabyte: nothing else is mapped yet. */
static const void *
low(uint64_t address, uint64_t size)
{
	if (address == 0 || address >= GIGABYTE || size > GIGABYTE - address)
		boot_fail("start info beyond the first gigabyte");
	return phys_to_virt(address);
}

/* --- ranges --- */

/* Keeps the list sorted by base; adjacent and overlapping ranges become one. */
static void
range_add(struct boot_range *list, unsigned *count, uint64_t base, uint64_t size)
{
	uint64_t end = base + size;
	unsigned at = 0, last;

	if (size == 0 || end < base)
		return;
	while (at < *count && list[at].base + list[at].size < base)
		at++;
	for (last = at; last < *count && list[last].base <= end; last++) {
		if (list[last].base < base)
			base = list[last].base;
		if (list[last].base + list[last].size > end)
			end = list[last].base + list[last].size;
	}
	if (last == at && *count == BOOT_RANGES_MAX)
		boot_fail("too many memory ranges");
	memmove(&list[at + 1], &list[last], (*count - last) * sizeof(*list));
	list[at] = (struct boot_range){ base, end - base };
	*count += 1 - (last - at);
}

static void
reserve(uint64_t base, uint64_t size)
{
	uint64_t start = vm_page_trunc(base), end = vm_page_round(base + size);

	range_add(bootinfo.reserved, &bootinfo.reserved_count, start, end - start);
}

static bool
overlaps(const struct boot_range *range, uint64_t start, uint64_t end)
{
	return range->size > 0 && range->base < end && start < range->base + range->size;
}

/* --- the start info --- */

static void
take_memory(const struct start_info *info)
{
	const struct start_memory *map = low(info->memory_map, info->memory_count * sizeof(*map));

	for (uint32_t i = 0; i < info->memory_count; i++) {
		uint64_t start = vm_page_round(map[i].base);
		uint64_t end = vm_page_trunc(map[i].base + map[i].size);

		if (map[i].type == MEMORY_RAM && start < end)
			range_add(bootinfo.memory, &bootinfo.memory_count, start, end - start);
	}
	if (bootinfo.memory_count == 0)
		boot_fail("no memory in the start info");
}

static void
take_archive(const struct start_info *info)
{
	const struct start_module *module;

	if (info->module_count == 0)
		return;
	module = low(info->modules, sizeof(*module));
	bootinfo.archive = (struct boot_range){ module->base, module->size };
}

static void
take_command_line(const struct start_info *info)
{
	const char *text;

	if (info->command_line == 0)
		return;
	text = low(info->command_line, BOOT_COMMAND_LINE_MAX);
	strlcpy(bootinfo.command_line, text, sizeof(bootinfo.command_line));
}

/* --- processors --- */

/* The boot CPU stands first in bootinfo.cpu_ids. */
static void
find_cpus(uint64_t rsdp)
{
	uint64_t self = cpuid(1, 0).ebx >> 24, *ids = bootinfo.cpu_ids;

	bootinfo.cpu_count = acpi_cpus(rsdp, ids, CPU_MAX);
	if (bootinfo.cpu_count == 0) {
		bootinfo.cpu_count = fwcfg_cpu_count();
		if (bootinfo.cpu_count > CPU_MAX)
			bootinfo.cpu_count = CPU_MAX;
		for (unsigned i = 0; i < bootinfo.cpu_count; i++)
			ids[i] = i;
	}
	for (unsigned i = 0; i < bootinfo.cpu_count; i++)
		if (ids[i] == self) {
			ids[i] = ids[0];
			break;
		}
	ids[0] = self;
}

/* --- devices --- */

/*
 * The line of a device: the pin of its I/O APIC, counted through. What a device signals at pin 0
 * arrives at pin 2, on the first I/O APIC as on every PC, and on QEMU's second one as well.
 */
static uint32_t
device_line(const struct fdt_node *node)
{
	uint32_t pin = fdt_word(node, "interrupts", 0, IOAPIC_PINS);
	struct fdt_node parent;
	uint64_t base;

	if (pin >= IOAPIC_PINS)
		return IRQ_LINES;
	if (!fdt_by_phandle(node->fdt, fdt_interrupt_parent(node), &parent) ||
	    !fdt_reg(&parent, 0, &base, NULL))
		return IRQ_LINES;
	if (pin == 0)
		pin = 2;
	return pin + (base == IOAPIC_SECOND ? IOAPIC_PINS : 0);
}

static void
device_add(const struct fdt_node *node)
{
	struct device_info *device = &bootinfo.devices[bootinfo.device_count];

	if (bootinfo.device_count == BOOT_DEVICES_MAX ||
	    !fdt_reg(node, 0, &device->base, &device->size))
		return;
	device->kind = DEVICE_VIRTIO_MMIO;
	device->irq = device_line(node);
	bootinfo.device_count++;
}

/* Header of a flattened device tree, big endian (Devicetree Specification 0.4, 5.2). */
struct tree_header {
	uint32_t magic, total_size, structure, strings, reservations;
	uint32_t version, compatible_version, boot_cpu;
	uint32_t strings_size, structure_size;
};

/* The end of a block that starts at `offset`, both numbers big endian. */
static uint64_t
block_end(uint32_t offset, uint32_t size)
{
	return (uint64_t)__builtin_bswap32(offset) + __builtin_bswap32(size);
}

/* Bytes in use of a device tree: up to the end of its last block. */
static uint32_t
tree_extent(const struct tree_header *header)
{
	uint64_t structure = block_end(header->structure, header->structure_size);
	uint64_t strings = block_end(header->strings, header->strings_size);
	uint64_t end = structure > strings ? structure : strings;

	return end < DEVICE_TREE_MAX ? (uint32_t)end : DEVICE_TREE_MAX;
}

/*
 * Reads the device tree. Its file is a megabyte, most of it empty: the rest is not read, and the
 * copy's header says so.
 */
static uint32_t
read_device_tree(uint8_t *buffer)
{
	struct tree_header header;
	uint32_t size = fwcfg_open("etc/fdt"), used;

	if (size < sizeof(header))
		return 0;
	fwcfg_read(&header, sizeof(header));
	used = tree_extent(&header);
	if (used < sizeof(header) || used > size)
		return 0;
	header.total_size = __builtin_bswap32(used);
	memcpy(buffer, &header, sizeof(header));
	fwcfg_read(buffer + sizeof(header), used - sizeof(header));
	return used;
}

/*
 * The clock chip is reached by ports, which users cannot be given: the kernel reads it
 * (timer_wall_clock).
 */
static void
find_devices(void *buffer)
{
	uint32_t size = read_device_tree(buffer);
	struct fdt_node node;
	struct fdt tree;

	if (size == 0 || !fdt_open(&tree, buffer, size))
		return;
	for (fdt_root(&tree, &node); node.valid; fdt_next(&node))
		if (fdt_is_compatible(&node, "virtio,mmio"))
			device_add(&node);
}

/* --- all of it --- */

_Noreturn void
boot_main(uint64_t start_address)
{
	const struct start_info *info;
	uint64_t image = image_to_phys(_image), free;

	arch_console_init();
	info = low(start_address, sizeof(*info));
	if (info->magic != START_MAGIC || info->version < 1)
		boot_fail("not started by PVH with a memory map");
	take_memory(info);
	take_archive(info);
	take_command_line(info);

	free = directmap_make(image_to_phys(_end));
	if (overlaps(&bootinfo.archive, image, free + DEVICE_TREE_MAX))
		boot_fail("the boot archive lies on the kernel's tables");
	bootinfo.kernel = (struct boot_range){ image, image_to_phys(_end) - image };
	find_cpus(info->rsdp);
	find_devices(phys_to_virt(free));	/* read into memory that is free again afterwards */
	reserve(0, MEGABYTE);			/* firmware; where other CPUs start (smp.c) */
	reserve(image, free - image);
	if (bootinfo.archive.size > 0)
		reserve(bootinfo.archive.base, bootinfo.archive.size);

	cpus[0].hardware_id = bootinfo.cpu_ids[0];
	cpus[0].self = &cpus[0];
	cpus[0].bit = 1;
	cpu_init(&cpus[0]);
	kernel_main();
}
