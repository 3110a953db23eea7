/*
 * The name table (names.h). Entries and hash buckets share one heap block that doubles when it is
 * full, so a look-up is one comparison and one load; the block's size bounds the number of names.
 */
#include "ipc/names.h"
#include "mm/kalloc.h"
#include "init/string.h"

size_t
names_bytes(uint32_t size)
{
	return size * (sizeof(struct ipc_entry) + sizeof(uint32_t));
}

static uint32_t
bucket_of(const struct name_table *table, const struct ipc_port *port)
{
	uint64_t mixed = ((uint64_t)(uintptr_t)port >> 5) * 0x9e3779b97f4a7c15ull;

	return (uint32_t)(mixed >> 40) & (table->size - 1);
}

/* Adds the free entries from `first` on to the free list. */
static void
free_list_extend(struct name_table *table, uint32_t first)
{
	/* LAB 2.1 begin [until then: (void)table; (void)first]: at the back of the list, in the order
	 * of their indices. Entries in use (type) are not free.
	 */
	uint32_t index;

	for (index = first; index < table->size; index++) {
		if (table->entries[index].type != 0)
			continue;
		table->entries[index].next = 0;
		if (table->last_free != 0)
			table->entries[table->last_free].next = index;
		else
			table->first_free = index;
		table->last_free = index;
	}
	/* LAB 2.1 end */
}

static void
free_list_remove(struct name_table *table, uint32_t index)
{
	/* LAB 2.1 begin [until then: (void)table; (void)index]: takes an entry out of the list,
	 * wherever it stands: first, last, alone.
	 */
	uint32_t previous = 0, step = table->first_free;

	while (step != index) {
		previous = step;
		step = table->entries[step].next;
	}
	if (previous != 0)
		table->entries[previous].next = table->entries[index].next;
	else
		table->first_free = table->entries[index].next;
	if (table->last_free == index)
		table->last_free = previous;
	/* LAB 2.1 end */
}

bool
names_init(struct name_table *table, uint32_t size)
{
	table->entries = kalloc(names_bytes(size), KALLOC_SPACE);
	if (table->entries == NULL)
		return false;
	table->buckets = (uint32_t *)(table->entries + size);
	table->size = size;
	table->used = 0;
	table->first_free = table->last_free = 0;
	free_list_extend(table, 1);
	return true;
}

void
names_destroy(struct name_table *table)
{
	kfree(table->entries);
	table->entries = NULL;
	table->size = 0;
}

static void
rehash(struct name_table *table)
{
	struct ipc_entry *entry;

	for (entry = table->entries + 1; entry < table->entries + table->size; entry++)
		if (entry->type & (ENTRY_SEND | ENTRY_RECEIVE))
			names_hash(table, entry);
}

bool
names_grow(struct name_table *table, uint32_t index)
{
	uint32_t old_size = table->size, size = old_size * 2;
	struct ipc_entry *old = table->entries, *entries;

	while (size <= NAMES_SIZE_MAX && size <= index)
		size *= 2;
	if (size > NAMES_SIZE_MAX)
		return false;
	entries = kalloc(names_bytes(size), KALLOC_SPACE);
	if (entries == NULL)
		return false;
	memcpy(entries, old, old_size * sizeof *old);
	table->entries = entries;
	table->buckets = (uint32_t *)(entries + size);
	table->size = size;
	rehash(table);
	free_list_extend(table, old_size);
	kfree(old);
	return true;
}

struct ipc_entry *
names_alloc_at(struct name_table *table, mach_port_t name, unsigned type)
{
	uint32_t index = MACH_PORT_INDEX(name);
	struct ipc_entry *entry = &table->entries[index];

	free_list_remove(table, index);
	entry->next = 0;
	entry->generation = MACH_PORT_GEN(name);
	entry->type = (uint8_t)type;
	table->used++;
	return entry;
}

void
names_relink(struct name_table *table)
{
	uint32_t index;

	table->first_free = table->last_free = 0;
	table->used = 0;
	for (index = 1; index < table->size; index++)
		table->used += table->entries[index].type != 0;
	free_list_extend(table, 1);
}

bool
names_legal(mach_port_t name)
{
	return MACH_PORT_INDEX(name) != 0 && name < MACH_PORT_NAME_RESERVED;
}

bool
names_slot_free(const struct name_table *table, mach_port_t name)
{
	uint32_t index = MACH_PORT_INDEX(name);

	return index >= table->size || table->entries[index].type == 0;
}

void
names_hash(struct name_table *table, struct ipc_entry *entry)
{
	uint32_t *bucket = &table->buckets[bucket_of(table, entry->port)];

	entry->next = *bucket;
	*bucket = (uint32_t)(entry - table->entries);
}

void
names_unhash(struct name_table *table, struct ipc_entry *entry)
{
	uint32_t index = (uint32_t)(entry - table->entries);
	uint32_t *link = &table->buckets[bucket_of(table, entry->port)];

	while (*link != index)
		link = &table->entries[*link].next;
	*link = entry->next;
	entry->next = 0;
}

struct ipc_entry *
names_find(const struct name_table *table, const struct ipc_port *port)
{
	uint32_t index = table->buckets[bucket_of(table, port)];

	while (index != 0 && table->entries[index].port != port)
		index = table->entries[index].next;
	return index != 0 ? &table->entries[index] : NULL;
}
