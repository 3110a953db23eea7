/*
 * The name table of a port name space: pure bookkeeping, without locks or rights.
 *
 *	name = index << 8 | generation
 *
 *	entries:   [0 unused] [1] [2] [3] ... [size - 1]
 *	free list:  oldest -> ... -> newest	taken from the front, returned at the back
 *	buckets:   hash of a port's address -> chain of entries with a send or receive right to it
 *
 * So a freed name stays unused for as long as possible, and comes back with the next generation.
 * Index 0 and the names from MACH_PORT_NAME_RESERVED up are never given out. Pointers to entries
 * are valid until the table grows. The caller serialises.
 */
#ifndef IPC_NAMES_H
#define IPC_NAMES_H

#include <mach/port.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMES_SIZE_FIRST	32u		/* entries of a new table */
#define NAMES_SIZE_MAX		65536u		/* what one heap block holds */

struct ipc_port;
struct ipc_request;
struct ipc_set;

/* What a name denotes: a set of these, or 0 for a free entry. */
#define ENTRY_SEND		(1u << MACH_PORT_RIGHT_SEND)
#define ENTRY_RECEIVE		(1u << MACH_PORT_RIGHT_RECEIVE)
#define ENTRY_SEND_ONCE		(1u << MACH_PORT_RIGHT_SEND_ONCE)
#define ENTRY_SET		(1u << MACH_PORT_RIGHT_PORT_SET)
#define ENTRY_DEAD		(1u << MACH_PORT_RIGHT_DEAD_NAME)
#define ENTRY_PORT_RIGHTS	(ENTRY_SEND | ENTRY_RECEIVE | ENTRY_SEND_ONCE)

struct ipc_entry {
	union {
		struct ipc_port *port;		/* ENTRY_PORT_RIGHTS */
		struct ipc_set *set;		/* ENTRY_SET */
	};
	struct ipc_request *request;		/* registered for the port's death, or NULL */
	uint32_t next;				/* in the hash chain, or in the free list; 0 ends */
	uint16_t urefs;	/* references of the send right, send-once right or dead name */
	uint8_t generation;			/* of the name in use, or of the next one */
	uint8_t type;				/* ENTRY_* */
} __attribute__((aligned(32)));	/* a power of two: names are translated on every message */

struct name_table {
	struct ipc_entry *entries;
	uint32_t *buckets;			/* in the same heap block, one per entry */
	uint32_t size;				/* entries; a power of two */
	uint32_t used;				/* names in use */
	uint32_t first_free, last_free;		/* 0: none */
};

/* Bytes of heap for a table of that many entries. */
size_t names_bytes(uint32_t size);

/* An empty table. Returns false: no memory. */
bool names_init(struct name_table *table, uint32_t size);
void names_destroy(struct name_table *table);

/*
 * Makes room for index and at least one more free entry. Returns false: no memory or too large;
 * nothing changed.
 */
bool names_grow(struct name_table *table, uint32_t index);

/* The entry that a name denotes, or NULL: no such name (free, stale generation, reserved). */
static inline struct ipc_entry *
names_lookup(const struct name_table *table, mach_port_t name)
{
	/* LAB 2.1 begin [until then: given names_lookup.c]: the entry, if the name is in use and of
	 * this generation. Any number may come as a name.
	 */
	struct ipc_entry *entry;

	if (MACH_PORT_INDEX(name) >= table->size)
		return NULL;
	entry = &table->entries[MACH_PORT_INDEX(name)];
	return entry->type != 0 && entry->generation == MACH_PORT_GEN(name) ? entry : NULL;
	/* LAB 2.1 end */
}

static inline mach_port_t
names_name(const struct name_table *table, const struct ipc_entry *entry)
{
	return MACH_PORT_MAKE(entry - table->entries, entry->generation);
}

static inline bool
names_room(const struct name_table *table)
{
	return table->used + 1 < table->size;
}

/*
 * Takes the oldest free entry (names_room) and gives it a type. The caller fills in the rest; port,
 * request and urefs are 0.
 */
static inline struct ipc_entry *
names_alloc(struct name_table *table, unsigned type)
{
	/* LAB 2.1 begin [until then: given names_alloc.c]: off the front of the free list. The
	 * entry's generation is already that of its next name.
	 */
	struct ipc_entry *entry = &table->entries[table->first_free];
	uint32_t next = entry->next;

	table->first_free = next;
	if (next == 0)
		table->last_free = 0;
	table->used++;
	entry->next = 0;
	entry->type = (uint8_t)type;
	return entry;
	/* LAB 2.1 end */
}

/*
 * The same for the entry of a particular name. Conditions: the index is inside the table and free.
 * Searches the free list.
 */
struct ipc_entry *names_alloc_at(struct name_table *table, mach_port_t name, unsigned type);

/* Whether a name could ever be given out, and whether its slot is free or beyond the table. */
bool names_legal(mach_port_t name);
bool names_slot_free(const struct name_table *table, mach_port_t name);

/* Frees an entry that is not in the hash; its next name has the next generation. */
static inline void
names_free(struct name_table *table, struct ipc_entry *entry)
{
	/* LAB 2.1 begin [until then: given names_free.c]: clear the entry, choose the generation of
	 * its next name, and put it at the back of the free list, which may be empty.
	 */
	struct ipc_entry *entries = table->entries;
	uint32_t index = (uint32_t)(entry - entries), last = table->last_free;

	table->used--;
	table->last_free = index;
	if (last != 0)
		entries[last].next = index;
	else
		table->first_free = index;
	entry->port = NULL;
	entry->request = NULL;
	entry->next = 0;
	entry->urefs = 0;
	entry->generation++;
	entry->type = 0;
	/* LAB 2.1 end */
}

/*
 * Counts the names and makes the free list anew, after entries of a fresh table were filled in by
 * hand (fork).
 */
void names_relink(struct name_table *table);

/* The reverse table: entries with a send or receive right, by port. At most one per port. */
void names_hash(struct name_table *table, struct ipc_entry *entry);
void names_unhash(struct name_table *table, struct ipc_entry *entry);
struct ipc_entry *names_find(const struct name_table *table, const struct ipc_port *port);

#endif
