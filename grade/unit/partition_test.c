// SOURCES: lib/mach/partition.c
/*
 * Partition tables that are right, damaged in one place, and anyhow: what is found lies on the disk and does not overlap.
 */
#include "unit.h"
#include "../../lib/mach/partition.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SECTORS		4096u

static uint8_t disk[SECTORS][512], good[SECTORS][512];
static struct partition found[PARTITIONS_MAX];
static const char *note;
static uint64_t bad_sector;		/* cannot be read; 0: none */
static unsigned reads;

static int
read_sector(void *context, uint64_t sector, void *data)
{
	CHECK(context == disk);
	CHECK(sector < SECTORS);
	reads++;
	if (bad_sector != 0 && sector == bad_sector)
		return 5;
	memcpy(data, disk[sector], 512);
	return 0;
}

static int
find(void)
{
	int count;

	reads = 0;
	count = partitions_find(SECTORS, read_sector, disk, found, &note);
	CHECK(count <= (int)PARTITIONS_MAX);
	CHECK(reads < 2000);
	for (int i = 0; i < count; i++) {
		CHECK(found[i].number >= 1 && found[i].number <= PARTITIONS_MAX);
		CHECK(found[i].first > 0 && found[i].count > 0 && found[i].first + found[i].count <= SECTORS);
		for (int j = 0; j < i; j++) {
			CHECK(found[i].number != found[j].number);
			CHECK(found[i].first + found[i].count <= found[j].first || found[j].first + found[j].count <= found[i].first);
		}
	}
	return count;
}

static void
put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void
put64(uint8_t *at, uint64_t value)
{
	put32(at, (uint32_t)value);
	put32(at + 4, (uint32_t)(value >> 32));
}

static void
mbr_entry(unsigned sector, unsigned n, uint8_t type, uint32_t first, uint32_t count)
{
	uint8_t *at = disk[sector] + 446 + 16 * n;

	memset(at, 0, 16);
	at[4] = type;
	put32(at + 8, first);
	put32(at + 12, count);
	disk[sector][510] = 0x55;
	disk[sector][511] = 0xaa;
}

static void
expect(int i, unsigned number, uint64_t first, uint64_t count)
{
	CHECK_EQ(found[i].number, number);
	CHECK_EQ(found[i].first, first);
	CHECK_EQ(found[i].count, count);
}

/* Two primary partitions, and an extended one with two logical ones. */
static void
make_mbr(void)
{
	memset(disk, 0, sizeof(disk));
	mbr_entry(0, 0, 0x83, 64, 436);
	mbr_entry(0, 2, 0x82, 500, 500);
	mbr_entry(0, 3, 0x05, 1000, 2000);
	disk[0][446] = 0x80;
	mbr_entry(1000, 0, 0x83, 8, 492);
	mbr_entry(1000, 1, 0x05, 600, 400);
	mbr_entry(1600, 0, 0x83, 8, 300);
}

static uint32_t
crc(const uint8_t *data, size_t length)
{
	uint32_t c = 0xffffffff;

	while (length-- > 0) {
		c ^= *data++;
		for (int i = 0; i < 8; i++)
			c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
	}
	return ~c;
}

static void
seal(unsigned at, unsigned entries)
{
	uint8_t *h = disk[at];

	put32(h + 88, crc(disk[entries], 128 * 128));
	put32(h + 16, 0);
	put32(h + 16, crc(h, 92));
}

static void
gpt_entry(unsigned n, uint64_t first, uint64_t last)
{
	for (unsigned table = 2; table <= SECTORS - 33; table += SECTORS - 35) {
		uint8_t *at = disk[table] + 128 * n;

		memset(at, 0x11, 16);
		put64(at + 32, first);
		put64(at + 40, last);
	}
}

static void
seal_both(void)
{
	seal(1, 2);
	seal(SECTORS - 1, SECTORS - 33);
}

static void
make_gpt(void)
{
	memset(disk, 0, sizeof(disk));
	mbr_entry(0, 0, 0xee, 1, SECTORS - 1);
	for (int copy = 0; copy < 2; copy++) {
		unsigned at = copy ? SECTORS - 1 : 1;
		uint8_t *h = disk[at];

		memcpy(h, "EFI PART", 8);
		put32(h + 8, 0x10000);
		put32(h + 12, 92);
		put64(h + 24, at);
		put64(h + 32, copy ? 1 : SECTORS - 1);
		put64(h + 40, 34);
		put64(h + 48, SECTORS - 34);
		put64(h + 72, copy ? SECTORS - 33 : 2);
		put32(h + 80, 128);
		put32(h + 84, 128);
	}
	gpt_entry(0, 64, 99);
	gpt_entry(4, 1000, 3999);
	seal_both();
}

static void
no_table(void)
{
	memset(disk, 0, sizeof(disk));
	CHECK_EQ(find(), 0);
	CHECK(note == NULL);
	disk[0][510] = 0x55, disk[0][511] = 0xaa;
	CHECK_EQ(find(), 0);
	CHECK(note == NULL);
	for (uint64_t sectors = 0; sectors < 3; sectors++)
		CHECK_EQ(partitions_find(sectors, read_sector, disk, found, &note), 0);
}

static void
mbr_is_read(void)
{
	make_mbr();
	CHECK_EQ(find(), 4);
	CHECK(note == NULL);
	expect(0, 1, 64, 436);
	expect(1, 3, 500, 500);
	expect(2, 5, 1008, 492);
	expect(3, 6, 1608, 300);
	mbr_entry(1000, 0, 0, 0, 0);		/* the first was deleted */
	CHECK_EQ(find(), 3);
	expect(2, 5, 1608, 300);
}

static void
nothing(const char *why)
{
	CHECK_EQ(find(), 0);
	CHECK(note != NULL && strstr(note, why) != NULL);
	make_mbr();
}

static void
damaged_mbr_is_refused(void)
{
	make_mbr();
	mbr_entry(0, 0, 0x83, 64, 437), nothing("overlap");
	mbr_entry(0, 0, 0x83, 0, 10), nothing("outside of the disk");
	mbr_entry(0, 0, 0x83, 64, 0), nothing("outside of the disk");
	mbr_entry(0, 0, 0x83, SECTORS, 1), nothing("outside of the disk");
	mbr_entry(0, 2, 0x83, 4000, 97), nothing("outside of the disk");
	mbr_entry(0, 2, 0x83, 4000, 0xffffffff), nothing("outside of the disk");
	mbr_entry(0, 1, 0x0f, 3000, 10), nothing("two extended");
	mbr_entry(0, 3, 0x05, 1000, SECTORS), nothing("extended partition lies outside");
	mbr_entry(0, 3, 0x05, 900, 2000), nothing("overlap");
	disk[0][446] = 0x17, nothing("neither active");
	disk[1600][510] = 0, nothing("no signature");
	mbr_entry(1600, 0, 0x83, 8, 2000), nothing("outside of the extended");
	mbr_entry(1600, 0, 0x83, 0, 20), nothing("outside of the extended");
	mbr_entry(1600, 1, 0x05, 2000, 10), nothing("leads out of it");
	mbr_entry(1600, 1, 0x05, 600, 10), nothing("overlap");		/* to itself */
	mbr_entry(1600, 0, 0, 0, 0), mbr_entry(1600, 1, 0x05, 600, 10), nothing("do not end");
	bad_sector = 1600;
	CHECK_EQ(find(), -1);
	bad_sector = 0;
}

static void
gpt_is_read(void)
{
	make_gpt();
	CHECK_EQ(find(), 2);
	CHECK(note == NULL);
	expect(0, 1, 64, 99 - 64 + 1);
	expect(1, 5, 1000, 3000);
	gpt_entry(20, 500, 600);
	seal_both();
	CHECK_EQ(find(), 2);
	CHECK(note != NULL && strstr(note, "above 15") != NULL);
}

/* What is wrong with one table only does not matter; with both nothing is found. */
static void
damaged_gpt_has_a_copy(void)
{
	static const struct { unsigned sector, byte; } places[] = { { 1, 0 }, { 1, 12 }, { 1, 17 }, { 1, 40 }, { 1, 73 }, { 1, 90 },
		{ 2, 40 }, { 3, 10 }, { 33, 511 } };

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		make_gpt();
		disk[places[i].sector][places[i].byte] ^= 0x40;
		CHECK_EQ(find(), 2);
		CHECK(note != NULL && strstr(note, "copy") != NULL);
		expect(1, 5, 1000, 3000);
		disk[SECTORS - 1][16] ^= 1;
		CHECK_EQ(find(), 0);
		CHECK(note != NULL && strstr(note, "copy") == NULL);
	}
	make_gpt();
	bad_sector = 1;
	CHECK_EQ(find(), 2);
	bad_sector = 0;
}

static void
gpt_that_lies_is_refused(void)
{
	make_gpt();
	gpt_entry(1, 99, 200), seal_both();
	CHECK_EQ(find(), 0);
	CHECK(note != NULL && strstr(note, "overlap") != NULL);
	make_gpt();
	gpt_entry(1, 33, 40), seal_both();
	CHECK_EQ(find(), 0);
	make_gpt();
	gpt_entry(1, 400, 399), seal_both();
	CHECK_EQ(find(), 0);
	make_gpt();
	gpt_entry(1, 400, UINT64_MAX), seal_both();
	CHECK_EQ(find(), 0);
	for (unsigned field = 40; field <= 84; field += 4) {
		make_gpt();
		put32(disk[1] + field, 0xfffffff0), put32(disk[SECTORS - 1] + field, 0xfffffff0);
		seal_both();
		CHECK(find() <= 2);
	}
}

/* Bytes of the sectors that count, changed at random; every other time the checksums are made right again. */
static void
anything_may_stand_there(void)
{
	static const unsigned mbr[] = { 0, 1000, 1600 }, gpt[] = { 0, 1, 2, SECTORS - 1, SECTORS - 33 };

	for (unsigned round = 0; round < 4000 * unit_stress(); round++) {
		bool is_gpt = round % 2 != 0;
		unsigned changes = 1 + (unsigned)rand() % 6;

		if (round < 2) {
			make_mbr();
			if (is_gpt)
				make_gpt();
			memcpy(good, disk, sizeof(good));
		}
		if (is_gpt)
			make_gpt();
		else
			make_mbr();
		while (changes-- > 0) {
			unsigned sector = is_gpt ? gpt[rand() % 5] : mbr[rand() % 3], byte = (unsigned)rand() % 512;

			if (!is_gpt || sector == 0)
				byte = 446 + byte % 66;
			else if (sector == 1 || sector == SECTORS - 1)
				byte %= 92;
			disk[sector][byte] = rand() % 3 == 0 ? 0xff : (uint8_t)rand();
		}
		if (is_gpt && rand() % 2 == 0)
			seal_both();
		(void)find();
	}
}

int
main(void)
{
	TEST(no_table);
	TEST(mbr_is_read);
	TEST(damaged_mbr_is_refused);
	TEST(gpt_is_read);
	TEST(damaged_gpt_has_a_copy);
	TEST(gpt_that_lies_is_refused);
	TEST(anything_may_stand_there);
	return unit_done();
}
