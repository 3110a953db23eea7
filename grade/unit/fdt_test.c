/*
 * The device-tree reader: walking, inherited cell sizes, properties; then blobs cut short or with
 * every byte damaged, which must not read outside the blob (ASan) and must end.
 */
// SOURCES: boot/fdt.c
#include "unit.h"

#include "../../boot/fdt.h"

#include <stdlib.h>

/* --- a small writer --- */

static uint8_t blob[4096], strings[512];
static uint32_t at, strings_size, tree_at;

static void
put(uint32_t word)
{
	blob[at++] = (uint8_t)(word >> 24);
	blob[at++] = (uint8_t)(word >> 16);
	blob[at++] = (uint8_t)(word >> 8);
	blob[at++] = (uint8_t)word;
}

static void
put_at(uint32_t where, uint32_t word)
{
	uint32_t old = at;

	at = where;
	put(word);
	at = old;
}

static void
put_bytes(const void *bytes, uint32_t length)
{
	memcpy(blob + at, bytes, length);
	at += length;
	while (at & 3)
		blob[at++] = 0;
}

static void
begin(const char *name)
{
	put(1);
	put_bytes(name, (uint32_t)strlen(name) + 1);
}

static void
end(void)
{
	put(2);
}

static void
property(const char *name, const void *bytes, uint32_t length)
{
	put(3);
	put(length);
	put(strings_size);
	strcpy((char *)strings + strings_size, name);
	strings_size += (uint32_t)strlen(name) + 1;
	put_bytes(bytes, length);
}

static void
words(const char *name, unsigned count, const uint32_t *values)
{
	uint8_t bytes[64];

	for (unsigned i = 0; i < count; i++)
		for (unsigned b = 0; b < 4; b++)
			bytes[4 * i + b] = (uint8_t)(values[i] >> (24 - 8 * b));
	property(name, bytes, 4 * count);
}

#define WORDS(name, ...) \
	words(name, sizeof (uint32_t[]){ __VA_ARGS__ } / 4, (uint32_t[]){ __VA_ARGS__ })
#define TEXT(name, value) property(name, value, sizeof value)

static void
finish(void)
{
	uint32_t tree_size;

	put(9);
	tree_size = at - tree_at;
	put_at(8, tree_at);
	put_at(36, tree_size);
	put_at(12, at);
	put_at(32, strings_size);
	memcpy(blob + at, strings, strings_size);
	at += strings_size;
	put_at(0, 0xd00dfeed);
	put_at(4, at);
	put_at(16, 40);
	put_at(20, 17);
	put_at(24, 16);
}

static void
build(void)
{
	memset(blob, 0, sizeof blob);
	strings_size = 0;
	at = 40;
	put(0); put(0x48000000); put(0); put(0x10000);		/* a reservation */
	put(0); put(0); put(0); put(0);
	tree_at = at;
	begin("");
	WORDS("#address-cells", 2);
	WORDS("#size-cells", 2);
	WORDS("interrupt-parent", 5);
	put(4);							/* nop */
	begin("memory@40000000");
	TEXT("device_type", "memory");
	WORDS("reg", 0, 0x40000000, 1, 0, 8, 0, 0, 0x1000);
	end();
	begin("cpus");
	WORDS("#address-cells", 1);
	WORDS("#size-cells", 0);
	begin("cpu@0");
	WORDS("reg", 0);
	end();
	begin("cpu@1");
	WORDS("reg", 1);
	end();
	end();
	begin("bus");
	WORDS("interrupt-parent", 7);
	begin("dev@1");
	TEXT("compatible", "vendor,dev\0virtio,mmio");
	WORDS("interrupts", 0, 16, 1);
	end();
	end();
	begin("pic");
	WORDS("phandle", 7);
	end();
	begin("chosen");
	TEXT("bootargs", "kmsh nonce=1");
	TEXT("empty", "");
	end();
	end();
	finish();
}

static bool
find(struct fdt *tree, struct fdt_node *node, const char *name)
{
	for (fdt_root(tree, node); node->valid; fdt_next(node))
		if (strcmp(fdt_name(node), name) == 0)
			return true;
	return false;
}

/* --- tests --- */

static void
nodes_come_in_order_with_their_depth(void)
{
	static const struct { const char *name; unsigned depth; } expected[] = {
		{ "", 0 }, { "memory@40000000", 1 }, { "cpus", 1 }, { "cpu@0", 2 },
		{ "cpu@1", 2 }, { "bus", 1 }, { "dev@1", 2 }, { "pic", 1 }, { "chosen", 1 },
	};
	struct fdt tree;
	struct fdt_node node;
	unsigned i = 0;

	REQUIRE(fdt_open(&tree, blob, at));
	for (fdt_root(&tree, &node); node.valid; fdt_next(&node), i++) {
		REQUIRE(i < sizeof expected / sizeof *expected);
		CHECK_STR(fdt_name(&node), expected[i].name);
		CHECK_EQ(node.depth, expected[i].depth);
	}
	CHECK_EQ(i, sizeof expected / sizeof *expected);
}

static void
reg_uses_the_parents_cells(void)
{
	struct fdt tree;
	struct fdt_node node;
	uint64_t base = 0, size = 0;

	REQUIRE(fdt_open(&tree, blob, at));
	REQUIRE(find(&tree, &node, "memory@40000000"));
	CHECK(fdt_reg(&node, 0, &base, &size));
	CHECK_EQ(base, 0x40000000);
	CHECK_EQ(size, 0x100000000);
	CHECK(fdt_reg(&node, 1, &base, &size));
	CHECK_EQ(base, 0x800000000);
	CHECK_EQ(size, 0x1000);
	CHECK(!fdt_reg(&node, 2, &base, &size));
	REQUIRE(find(&tree, &node, "cpu@1"));
	CHECK(fdt_reg(&node, 0, &base, NULL));
	CHECK_EQ(base, 1);
	REQUIRE(find(&tree, &node, "chosen"));
	CHECK(!fdt_reg(&node, 0, &base, &size));
}

static void
properties_are_found_by_name(void)
{
	struct fdt tree;
	struct fdt_node node;
	uint32_t length;

	REQUIRE(fdt_open(&tree, blob, at));
	REQUIRE(find(&tree, &node, "dev@1"));
	CHECK(fdt_is_compatible(&node, "virtio,mmio"));
	CHECK(fdt_is_compatible(&node, "vendor,dev"));
	CHECK(!fdt_is_compatible(&node, "virtio"));
	CHECK(!fdt_is_compatible(&node, ""));
	CHECK_EQ(fdt_word(&node, "interrupts", 1, 99), 16);
	CHECK_EQ(fdt_word(&node, "interrupts", 3, 99), 99);
	CHECK_EQ(fdt_word(&node, "bootargs", 0, 99), 99);
	REQUIRE(find(&tree, &node, "chosen"));
	CHECK_STR(fdt_string(&node, "bootargs"), "kmsh nonce=1");
	CHECK_STR(fdt_string(&node, "empty"), "");
	CHECK(fdt_string(&node, "absent") == NULL);
	CHECK(fdt_property(&node, "bootargs", &length) != NULL);
	CHECK_EQ(length, 13);
	CHECK(fdt_string_is(&node, "bootargs", "kmsh nonce=1"));
	CHECK(!fdt_string_is(&node, "bootargs", "kmsh"));
}

static void
interrupt_parents_are_inherited(void)
{
	struct fdt tree;
	struct fdt_node node, pic;

	REQUIRE(fdt_open(&tree, blob, at));
	REQUIRE(find(&tree, &node, "dev@1"));
	CHECK_EQ(fdt_interrupt_parent(&node), 7);
	CHECK(fdt_by_phandle(&tree, 7, &pic));
	CHECK_STR(fdt_name(&pic), "pic");
	CHECK(!fdt_by_phandle(&tree, 8, &pic));
	REQUIRE(find(&tree, &node, "chosen"));
	CHECK_EQ(fdt_interrupt_parent(&node), 5);
}

static void
reservations_are_listed(void)
{
	struct fdt tree;
	uint64_t base, size;

	REQUIRE(fdt_open(&tree, blob, at));
	CHECK(fdt_reservation(&tree, 0, &base, &size));
	CHECK_EQ(base, 0x48000000);
	CHECK_EQ(size, 0x10000);
	CHECK(!fdt_reservation(&tree, 1, &base, &size));
}

static void
other_data_is_refused(void)
{
	struct fdt tree;
	uint8_t zeros[64] = { 0 };

	CHECK(!fdt_open(&tree, zeros, sizeof zeros));
	CHECK(!fdt_open(&tree, blob, 39));
	CHECK(!fdt_open(&tree, blob, at - 1));
	CHECK_EQ(fdt_blob_size(zeros), 0);
	CHECK_EQ(fdt_blob_size(blob), at);
}

/* Reads all there is to read. Returns the number of nodes. */
static unsigned
read_all(const uint8_t *data, uint32_t size)
{
	static const char *const names[] = {
		"reg", "interrupts", "compatible", "bootargs", "absent",
	};
	struct fdt tree;
	struct fdt_node node;
	uint64_t base, length;
	unsigned count = 0;

	if (!fdt_open(&tree, data, size))
		return 0;
	for (unsigned i = 0; i < 8 && fdt_reservation(&tree, i, &base, &length); i++)
		continue;
	for (fdt_root(&tree, &node); node.valid && count < 10000; fdt_next(&node), count++) {
		(void)strlen(fdt_name(&node));
		for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
			(void)fdt_word(&node, names[i], 0, 0);
			(void)fdt_string(&node, names[i]);
		}
		(void)fdt_is_compatible(&node, "virtio,mmio");
		(void)fdt_reg(&node, 0, &base, &length);
		(void)fdt_interrupt_parent(&node);
	}
	return count;
}

static void
damaged_blobs_stay_inside(void)
{
	uint8_t *copy = malloc(at);
	static const uint8_t values[] = { 0, 1, 2, 3, 4, 9, 0x7f, 0x80, 0xff };

	REQUIRE(copy != NULL);
	for (uint32_t i = 0; i < at; i++)
		for (unsigned v = 0; v < sizeof values; v++) {
			memcpy(copy, blob, at);
			copy[i] = values[v];
			CHECK(read_all(copy, at) < 10000);
		}
	free(copy);
}

static void
short_blobs_stay_inside(void)
{
	for (uint32_t size = 40; size < at; size++) {
		uint8_t *copy = malloc(size);

		REQUIRE(copy != NULL);
		memcpy(copy, blob, size);
		copy[4] = (uint8_t)(size >> 24), copy[5] = (uint8_t)(size >> 16);
		copy[6] = (uint8_t)(size >> 8), copy[7] = (uint8_t)size;
		CHECK(read_all(copy, size) < 10000);
		free(copy);
	}
}

int
main(void)
{
	build();
	TEST(nodes_come_in_order_with_their_depth);
	TEST(reg_uses_the_parents_cells);
	TEST(properties_are_found_by_name);
	TEST(interrupt_parents_are_inherited);
	TEST(reservations_are_listed);
	TEST(other_data_is_refused);
	TEST(damaged_blobs_stay_inside);
	TEST(short_blobs_stay_inside);
	return unit_done();
}
