/*
 * The port name table: generations, the order of reuse, growth, reverse look-up.
 */
// SOURCES: kern/ipc/names.c
#include <stdlib.h>

#include "ipc/names.h"
#include "mm/kalloc.h"
#include "unit.h"

static bool memory_short;

void *
kalloc(size_t bytes, enum kalloc_type type)
{
	(void)type;
	return memory_short ? NULL : calloc(1, bytes);
}

void
kfree(void *pointer)
{
	free(pointer);
}

static struct ipc_port *
port_number(unsigned n)
{
	return (struct ipc_port *)(uintptr_t)(0x1000 + n * 512);
}

static mach_port_t
add_send(struct name_table *table, unsigned n)
{
	struct ipc_entry *entry = names_alloc(table, ENTRY_SEND);

	entry->port = port_number(n);
	names_hash(table, entry);
	return names_name(table, entry);
}

static void
drop(struct name_table *table, mach_port_t name)
{
	struct ipc_entry *entry = names_lookup(table, name);

	REQUIRE(entry != NULL);
	if (entry->type & (ENTRY_SEND | ENTRY_RECEIVE))
		names_unhash(table, entry);
	names_free(table, entry);
}

static void
names_are_never_null_dead_or_reserved(void)
{
	struct name_table table;

	REQUIRE(names_init(&table, 32));
	for (int i = 0; i < 31; i++) {
		mach_port_t name = add_send(&table, i);

		CHECK(names_legal(name) && name != MACH_PORT_NULL && MACH_PORT_INDEX(name) != 0);
	}
	CHECK(!names_room(&table));
	CHECK_EQ(table.used, 31);
	CHECK(!names_legal(MACH_PORT_NULL) && !names_legal(MACH_PORT_DEAD) && !names_legal(0x7f));
	CHECK(!names_legal(MACH_PORT_NAME_RESERVED) && names_legal(MACH_PORT_NAME_RESERVED - 1));
	CHECK(names_lookup(&table, MACH_PORT_NULL) == NULL &&
		names_lookup(&table, MACH_PORT_DEAD) == NULL);
	CHECK(names_lookup(&table, MACH_PORT_TASK_SELF) == NULL);
	names_destroy(&table);
}

static void
a_stale_name_is_noticed(void)
{
	struct name_table table;
	mach_port_t first, again = 0;

	REQUIRE(names_init(&table, 32));
	first = add_send(&table, 1);
	drop(&table, first);
	CHECK(names_lookup(&table, first) == NULL);
	for (int i = 0; i < 31 && MACH_PORT_INDEX(again) != MACH_PORT_INDEX(first); i++)
		again = add_send(&table, 2 + i);
	CHECK_EQ(MACH_PORT_INDEX(again), MACH_PORT_INDEX(first));
	CHECK_EQ(MACH_PORT_GEN(again), MACH_PORT_GEN(first) + 1);
	CHECK(names_lookup(&table, first) == NULL && names_lookup(&table, again) != NULL);
	names_destroy(&table);
}

static void
a_freed_slot_is_reused_last(void)
{
	struct name_table table;
	mach_port_t freed, name;

	REQUIRE(names_init(&table, 32));
	freed = add_send(&table, 0);
	drop(&table, freed);
	for (int i = 0; i < 30; i++) {
		name = add_send(&table, i);
		CHECK(MACH_PORT_INDEX(name) != MACH_PORT_INDEX(freed));
	}
	name = add_send(&table, 30);
	CHECK_EQ(MACH_PORT_INDEX(name), MACH_PORT_INDEX(freed));
	names_destroy(&table);
}

static void
the_generation_wraps(void)
{
	struct name_table table;
	struct ipc_entry *entry;

	REQUIRE(names_init(&table, 2));
	for (int i = 0; i < 600; i++) {
		entry = names_alloc(&table, ENTRY_DEAD);
		CHECK_EQ(names_name(&table, entry), MACH_PORT_MAKE(1, i & 0xff));
		names_free(&table, entry);
	}
	names_destroy(&table);
}

static void
growth_keeps_names_and_ports(void)
{
	struct name_table table;
	mach_port_t names[5000];

	REQUIRE(names_init(&table, 32));
	for (int i = 0; i < 5000; i++) {
		if (!names_room(&table))
			REQUIRE(names_grow(&table, 0));
		names[i] = add_send(&table, i);
	}
	for (int i = 0; i < 5000; i++) {
		struct ipc_entry *entry = names_find(&table, port_number(i));

		REQUIRE(entry != NULL && entry == names_lookup(&table, names[i]));
		CHECK(entry->port == port_number(i));
	}
	CHECK(names_find(&table, port_number(5000)) == NULL);
	for (int i = 0; i < 5000; i += 2)
		drop(&table, names[i]);
	for (int i = 0; i < 5000; i++)
		CHECK((names_find(&table, port_number(i)) != NULL) == (i % 2 == 1));
	CHECK_EQ(table.used, 2500);
	names_destroy(&table);
}

static void
growth_fails_without_a_trace(void)
{
	struct name_table table;
	mach_port_t name;

	REQUIRE(names_init(&table, 32));
	name = add_send(&table, 7);
	memory_short = true;
	CHECK(!names_grow(&table, 0));
	memory_short = false;
	CHECK_EQ(table.size, 32);
	CHECK(names_find(&table, port_number(7)) == names_lookup(&table, name));
	CHECK(!names_grow(&table, NAMES_SIZE_MAX));
	CHECK_EQ(table.size, 32);
	names_destroy(&table);
	memory_short = true;
	CHECK(!names_init(&table, 32));
	memory_short = false;
}

static void
a_name_of_choice(void)
{
	struct name_table table;
	struct ipc_entry *entry;
	mach_port_t other;

	REQUIRE(names_init(&table, 32));
	CHECK(names_slot_free(&table, MACH_PORT_MAKE(5, 77)) &&
		names_slot_free(&table, MACH_PORT_MAKE(900, 1)));
	entry = names_alloc_at(&table, MACH_PORT_MAKE(5, 77), ENTRY_DEAD);
	CHECK_EQ(names_name(&table, entry), MACH_PORT_MAKE(5, 77));
	CHECK(!names_slot_free(&table, MACH_PORT_MAKE(5, 78)) &&
		names_lookup(&table, MACH_PORT_MAKE(5, 78)) == NULL);
	for (int i = 0; i < 30; i++) {
		other = add_send(&table, i);
		CHECK(MACH_PORT_INDEX(other) != 5);
	}
	CHECK(!names_room(&table));
	REQUIRE(names_grow(&table, 900));
	CHECK(table.size > 900);
	entry = names_alloc_at(&table, MACH_PORT_MAKE(900, 1), ENTRY_DEAD);
	CHECK(names_lookup(&table, MACH_PORT_MAKE(900, 1)) == entry);
	names_free(&table, entry);
	CHECK(names_lookup(&table, MACH_PORT_MAKE(900, 1)) == NULL);
	names_destroy(&table);
}

/* Random operations against an obvious model. */
static void
random_use_agrees_with_a_model(void)
{
	enum { PORTS = 200 };
	mach_port_t names[PORTS] = {0};
	struct name_table table;
	unsigned used = 0;

	srand(4711);
	REQUIRE(names_init(&table, 32));
	for (int step = 0; step < 50000; step++) {
		unsigned n = rand() % PORTS;

		if (names[n] != 0) {
			drop(&table, names[n]);
			CHECK(names_lookup(&table, names[n]) == NULL);
			names[n] = 0;
			used--;
		} else {
			if (!names_room(&table))
				REQUIRE(names_grow(&table, 0));
			names[n] = add_send(&table, n);
			used++;
		}
		n = rand() % PORTS;
		CHECK((names_find(&table, port_number(n)) != NULL) == (names[n] != 0));
		CHECK_EQ(table.used, used);
	}
	names_destroy(&table);
}

int
main(void)
{
	TEST(names_are_never_null_dead_or_reserved);
	TEST(a_stale_name_is_noticed);
	TEST(a_freed_slot_is_reused_last);
	TEST(the_generation_wraps);
	TEST(growth_keeps_names_and_ports);
	TEST(growth_fails_without_a_trace);
	TEST(a_name_of_choice);
	TEST(random_use_agrees_with_a_model);
	return unit_done();
}
