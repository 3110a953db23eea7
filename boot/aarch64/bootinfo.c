/*
 * From the device tree to struct bootinfo: the first C code, on the boot CPU, with 1 GB of devices
 * and 1 GB of RAM mapped. Ends by mapping the rest of RAM and calling kernel_main.
 */
#include "arch/bootinfo.h"

#include "../fdt.h"
#include "arch/console.h"
#include "arch/cpu.h"
#include "arch/pmap.h"
#include "init/string.h"
#include "machine.h"
#include "pte.h"
#include "sched/cpu.h"

#define GIGABYTE	(1ull << 30)
#define SPI_BASE	32u		/* GIC ids of shared interrupts, */
#define PPI_BASE	16u		/* and of per-CPU ones */
#define MEMORY_BLOCK	(PTE_VALID | PTE_ACCESSED | PTE_INNER | PTE_UXN | PTE_PXN)
#define MPIDR_AFFINITY	0xff00ffffffull

struct bootinfo bootinfo;

extern char _text[], _end[], boot_stack_top[];
extern uint64_t boot_table_1[];

_Noreturn void boot_main(uint64_t device_tree);

static _Noreturn void
boot_fail(const char *why)
{
	arch_console_write("boot: ", 6);
	arch_console_write(why, strlen(why));
	arch_console_write("\r\n", 2);
	cpu_halt();
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
	memmove(&list[at + 1], &list[last], (*count - last) * sizeof *list);
	list[at] = (struct boot_range){ base, end - base };
	*count += 1 - (last - at);
}

static void
reserve(uint64_t base, uint64_t size)
{
	uint64_t start = base & ~VM_PAGE_MASK;

	range_add(bootinfo.reserved, &bootinfo.reserved_count, start,
	    vm_page_round(base + size) - start);
}

/* --- nodes --- */

static unsigned
interrupt_id(const struct fdt_node *node, unsigned index)
{
	uint32_t kind = fdt_word(node, "interrupts", 3 * index, 0);

	return fdt_word(node, "interrupts", 3 * index + 1, 0) + (kind == 0 ? SPI_BASE : PPI_BASE);
}

static void
found_memory(const struct fdt_node *node)
{
	uint64_t base, size;

	for (unsigned i = 0; fdt_reg(node, i, &base, &size); i++)
		range_add(bootinfo.memory, &bootinfo.memory_count, base, size);
}

/* The boot CPU comes first, the others in the order of the tree. */
static void
found_cpu(const struct fdt_node *node)
{
	uint64_t id;
	unsigned count = bootinfo.cpu_count;

	if (!fdt_reg(node, 0, &id, NULL) || id == cpus[0].hardware_id || count == CPU_MAX)
		return;
	bootinfo.cpu_ids[count] = id;
	bootinfo.cpu_count++;
}

/* Devices are listed by rising address, whatever the order of the tree. */
static void
found_device(const struct fdt_node *node, uint32_t kind)
{
	struct device_info *list = bootinfo.devices;
	unsigned at = bootinfo.device_count;
	uint64_t base, size;

	if (at == BOOT_DEVICES_MAX || !fdt_reg(node, 0, &base, &size))
		return;
	for (; at > 0 && list[at - 1].base > base; at--)
		list[at] = list[at - 1];
	list[at] = (struct device_info){ kind, interrupt_id(node, 0), base, size };
	bootinfo.device_count++;
}

/* One- or two-word addresses, as property sizes tell. */
static uint64_t
chosen_address(const struct fdt_node *node, const char *name)
{
	uint32_t length;
	uint64_t first = fdt_word(node, name, 0, 0);

	if (fdt_property(node, name, &length) == NULL)
		return 0;
	return length < 8 ? first : first << 32 | fdt_word(node, name, 1, 0);
}

static void
found_chosen(const struct fdt_node *node)
{
	uint64_t start = chosen_address(node, "linux,initrd-start");
	uint64_t end = chosen_address(node, "linux,initrd-end");
	const char *words = fdt_string(node, "bootargs");

	if (words != NULL)
		strlcpy(bootinfo.command_line, words, sizeof bootinfo.command_line);
	if (start < end)
		bootinfo.archive = (struct boot_range){ start, end - start };
}

static void
found_node(const struct fdt_node *node)
{
	if (fdt_string_is(node, "status", "disabled"))
		return;
	if (fdt_string_is(node, "device_type", "memory")) {
		found_memory(node);
	} else if (fdt_string_is(node, "device_type", "cpu")) {
		found_cpu(node);
	} else if (fdt_is_compatible(node, "virtio,mmio")) {
		found_device(node, DEVICE_VIRTIO_MMIO);
	} else if (fdt_is_compatible(node, "arm,pl031")) {
		fdt_reg(node, 0, &machine.rtc, NULL);
		found_device(node, DEVICE_RTC);
	} else if (fdt_is_compatible(node, "arm,pl011")) {
		fdt_reg(node, 0, &machine.uart, NULL);
		machine.uart_irq = interrupt_id(node, 0);
	} else if (fdt_is_compatible(node, "arm,cortex-a15-gic")) {
		fdt_reg(node, 0, &machine.gic_distributor, NULL);
		fdt_reg(node, 1, &machine.gic_cpu, NULL);
	} else if (fdt_is_compatible(node, "arm,armv8-timer")) {
		machine.timer_irq = interrupt_id(node, 2);
	} else if (fdt_is_compatible(node, "arm,psci-0.2")) {
		machine.psci_smc = fdt_string_is(node, "method", "smc");
	} else if (node->depth == 1 && strcmp(fdt_name(node), "chosen") == 0) {
		found_chosen(node);
	}
}

/* --- putting it together --- */

static void
read_tree(uint64_t address)
{
	const void *blob = phys_to_virt(address);
	struct fdt tree;
	struct fdt_node node;
	uint64_t base, size;

	if (address == 0 || (address & 7) != 0 || !fdt_open(&tree, blob, fdt_blob_size(blob)))
		boot_fail("no device tree");
	bootinfo.cpu_ids[0] = cpus[0].hardware_id;
	bootinfo.cpu_count = 1;
	for (fdt_root(&tree, &node); node.valid; fdt_next(&node))
		found_node(&node);
	reserve(address, tree.size);
	for (unsigned i = 0; fdt_reservation(&tree, i, &base, &size); i++)
		reserve(base, size);
}

/* Extends the boot table's 1 GB blocks over all RAM. New entries only: nothing to flush. */
static void
map_memory(void)
{
	for (unsigned i = 0; i < bootinfo.memory_count; i++) {
		uint64_t first = bootinfo.memory[i].base / GIGABYTE;
		uint64_t last = (bootinfo.memory[i].base + bootinfo.memory[i].size - 1) / GIGABYTE;

		for (uint64_t g = first; g <= last && g < 512; g++)
			if (boot_table_1[g] == 0)
				boot_table_1[g] = g * GIGABYTE | MEMORY_BLOCK;
	}
	dsb(ishst);
	isb();
}

static void
boot_cpu_init(void)
{
	struct cpu *cpu = &cpus[0];

	cpu->self = cpu;
	cpu->number = 0;
	cpu->bit = 1;
	cpu->hardware_id = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
	cpu->boot_stack_top = (uint64_t)boot_stack_top;
	cpu_init(cpu);
}

void
boot_main(uint64_t device_tree)
{
	boot_cpu_init();
	arch_console_init();
	read_tree(device_tree);
	arch_console_init();
	if (bootinfo.memory_count == 0)
		boot_fail("no memory in the device tree");
	bootinfo.kernel.base = virt_to_phys(_text);
	bootinfo.kernel.size = (uint64_t)(_end - _text);
	reserve(bootinfo.kernel.base, bootinfo.kernel.size);
	if (bootinfo.archive.size != 0)
		reserve(bootinfo.archive.base, bootinfo.archive.size);
	map_memory();
	kernel_main();
}
