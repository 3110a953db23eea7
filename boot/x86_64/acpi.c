/*
 * The one thing taken from ACPI: the list of processors in the MADT (ACPI 6.4, 5.2.12). Tables are
 * only believed as far as their lengths and the mapped memory go.
 */
#include "arch/bootinfo.h"
#include "arch/pmap.h"
#include "boot.h"
#include "init/string.h"

struct rsdp {
	char signature[8];		/* "RSD PTR " */
	uint8_t checksum;
	char oem[6];
	uint8_t revision;		/* 2: the rest is there */
	uint32_t rsdt;			/* physical */
	uint32_t length;
	uint64_t xsdt;
} __attribute__((packed));

struct table {
	char signature[4];
	uint32_t length;		/* with this header */
	uint8_t other[28];
} __attribute__((packed));		/* a table may stand at any address */

_Static_assert(sizeof(struct table) == 36, "ACPI layout");

/* An entry of the MADT: type, length, then this. */
#define MADT_ENTRIES	44u		/* offset of the first */
#define MADT_APIC	0
#define MADT_X2APIC	9
#define CPU_ENABLED	1u

/*
 * Whether [address, address + size) is in RAM that the direct map shows: the first gigabyte always,
 * above what bootinfo lists.
 */
static bool
readable(uint64_t address, uint64_t size)
{
	if (address == 0 || size > UINT32_MAX)
		return false;
	if (address + size <= 1ull << 20)
		return true;
	for (unsigned i = 0; i < bootinfo.memory_count; i++) {
		const struct boot_range *m = &bootinfo.memory[i];

		if (address >= m->base && address + size <= m->base + m->size)
			return true;
	}
	return false;
}

static const struct table *
table_at(uint64_t address)
{
	const struct table *table = phys_to_virt(address);

	if (!readable(address, sizeof(*table)) || table->length < sizeof(*table) ||
	    !readable(address, table->length))
		return NULL;
	return table;
}

/* Finds a table among the pointers (4 or 8 bytes each) of the RSDT or XSDT. */
static const struct table *
find(const struct table *root, unsigned pointer_size, const char *signature)
{
	for (uint32_t at = sizeof(*root); at + pointer_size <= root->length; at += pointer_size) {
		const struct table *table;
		uint64_t address = 0;

		memcpy(&address, (const uint8_t *)root + at, pointer_size);
		table = table_at(address);
		if (table != NULL && memcmp(table->signature, signature, 4) == 0)
			return table;
	}
	return NULL;
}

static const struct table *
find_madt(uint64_t address)
{
	const struct rsdp *rsdp = phys_to_virt(address);
	const struct table *root;

	if (!readable(address, sizeof(*rsdp)) || memcmp(rsdp->signature, "RSD PTR ", 8) != 0)
		return NULL;
	if (rsdp->revision >= 2 && (root = table_at(rsdp->xsdt)) != NULL)
		return find(root, 8, "APIC");
	root = table_at(rsdp->rsdt);
	return root != NULL ? find(root, 4, "APIC") : NULL;
}

static uint32_t
word(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

unsigned
acpi_cpus(uint64_t rsdp, uint64_t *ids, unsigned max)
{
	const struct table *madt = find_madt(rsdp);
	const uint8_t *entry, *end;
	unsigned count = 0;

	if (madt == NULL)
		return 0;
	entry = (const uint8_t *)madt + MADT_ENTRIES;
	end = (const uint8_t *)madt + madt->length;
	for (; end - entry >= 2 && entry[1] >= 2; entry += entry[1]) {
		uint8_t type = entry[0], length = entry[1];

		if (length > end - entry || count == max)
			break;
		if (type == MADT_APIC && length >= 8 && (word(entry + 4) & CPU_ENABLED))
			ids[count++] = entry[3];
		else if (type == MADT_X2APIC && length >= 16 && (word(entry + 8) & CPU_ENABLED))
			ids[count++] = word(entry + 4);
	}
	return count;
}
