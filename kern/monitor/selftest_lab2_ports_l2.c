/*
 * Lab 2, exercise 2.1: a name table of the check's own.
 */
#include "monitor/selftest_lab.h"

#include "ipc/names.h"
#include "monitor/selftest.h"

#define LIVE_MAX	200u
#define DEAD_MAX	64u

static mach_port_t live[LIVE_MAX], dead[DEAD_MAX];
static unsigned live_count, dead_count;

static mach_port_t
take_name(struct name_table *table)
{
	struct ipc_entry *entry = names_alloc(table, ENTRY_DEAD);

	entry->urefs = 1;
	return names_name(table, entry);
}

/* Whether a name is found, as itself. */
static bool
is_found(const struct name_table *table, mach_port_t name)
{
	const struct ipc_entry *entry = names_lookup(table, name);

	return entry != NULL && names_name(table, entry) == name && entry->type == ENTRY_DEAD;
}

static void
step_alloc(struct name_table *table)
{
	if (live_count == LIVE_MAX)
		return;
	if (!names_room(table))
		SAY("grow", names_grow(table, 0), table->size);
	live[live_count] = take_name(table);
	SAY("alloc", live[live_count], table->used);
	live_count++;
}

static void
step_free(struct name_table *table, uint64_t *seed)
{
	unsigned victim;
	mach_port_t name;

	if (live_count == 0)
		return;
	victim = (unsigned)selftest_random(seed, live_count);
	name = live[victim];
	live[victim] = live[--live_count];
	dead[dead_count++ % DEAD_MAX] = name;
	SAY("free", name, is_found(table, name));
	if (names_lookup(table, name) != NULL)
		names_free(table, names_lookup(table, name));
}

static void
step_lookup(struct name_table *table, uint64_t *seed)
{
	unsigned had = dead_count < DEAD_MAX ? dead_count : DEAD_MAX;
	mach_port_t name = had != 0 ? dead[selftest_random(seed, had)] : MACH_PORT_MAKE(7, 3);

	SAY("stale", name, names_lookup(table, name) != NULL);
	if (live_count != 0) {
		name = live[selftest_random(seed, live_count)];
		SAY("live", name, is_found(table, name));
	}
}

static void
names(uint64_t seed)
{
	static const mach_port_t odd[] = { 0, 1, 0xffffffff, 0xffffff00, 0x10000, 0x7fffff05 };
	struct name_table table;

	live_count = dead_count = 0;
	if (!names_init(&table, NAMES_SIZE_FIRST))
		return;
	for (unsigned i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		SAY("odd", odd[i], names_lookup(&table, odd[i]) != NULL);
	for (unsigned i = 0; i < 400; i++) {
		unsigned kind = (unsigned)selftest_random(&seed, 10);

		if (kind < 5)
			step_alloc(&table);
		else if (kind < 8)
			step_free(&table, &seed);
		else
			step_lookup(&table, &seed);
	}
	names_destroy(&table);
	SAY("end", 0);
}

/* A table with one free entry: the same name comes again and again. */
static void
generations(uint64_t seed)
{
	struct name_table table;
	mach_port_t name = 0;

	(void)seed;
	if (!names_init(&table, NAMES_SIZE_FIRST))
		return;
	while (names_room(&table))
		name = take_name(&table);
	for (unsigned i = 0; i < 520; i++) {
		if (names_lookup(&table, name) == NULL)
			break;
		names_free(&table, names_lookup(&table, name));
		name = take_name(&table);
		if (i % 37 == 0 || i > 510)
			SAY("again", i, name);
	}
	names_destroy(&table);
	SAY("end", 0);
}

/* Particular names first, one other that is given back, then all others, then the particular ones again. */
static void
chosen(uint64_t seed)
{
	static const unsigned places[] = { 1, NAMES_SIZE_FIRST - 1, 2, 0, 0, 0 };
	struct name_table table;
	mach_port_t name[6], once;
	unsigned count = 0;

	if (!names_init(&table, NAMES_SIZE_FIRST))
		return;
	for (unsigned i = 0; i < 6; i++) {
		unsigned index = places[i] != 0 ? places[i] : 3 + (unsigned)selftest_random(&seed, NAMES_SIZE_FIRST - 4);
		mach_port_t wanted = MACH_PORT_MAKE(index, selftest_random(&seed, 256));

		if (!names_slot_free(&table, wanted))
			continue;
		name[count++] = wanted;
		names_alloc_at(&table, wanted, ENTRY_DEAD)->urefs = 1;
		SAY("chosen", wanted, is_found(&table, wanted), table.used);
	}
	once = take_name(&table);
	SAY("alloc", once, table.used);
	if (names_lookup(&table, once) != NULL)
		names_free(&table, names_lookup(&table, once));
	while (names_room(&table))
		SAY("alloc", take_name(&table), table.used);
	for (unsigned i = 0; i < count; i++)
		if (names_lookup(&table, name[i]) != NULL)
			names_free(&table, names_lookup(&table, name[i]));
	while (names_room(&table))
		SAY("alloc", take_name(&table), table.used);
	names_destroy(&table);
	SAY("end", 0);
}

const struct selftest selftests_lab2_ports[] = {
	{ "lab2-names", "lab 2: a name table, its lookups and the order of its names", names },
	{ "lab2-generations", "lab 2: one entry used over and over", generations },
	{ "lab2-chosen", "lab 2: particular names", chosen },
	{ NULL, NULL, NULL },
};
