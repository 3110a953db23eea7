/*
 * Reading partition tables. See partition.h.
 *
 * MBR, sector 0: four entries of 16 bytes at 446 (status, type at 4, first sector at 8, count at 12), 55 aa at 510. One may be extended: a chain
 * of sectors of the same form, each with a logical partition (counted from that sector) and the next link (counted from the extended one).
 *
 * GPT: the MBR has an entry of type ee. Sector 1 has a header, the last sector its copy; both have checksums of themselves and of the
 * entries, 128 bytes or more each: type (zero: unused), first and last sector at 32 and 40.
 */
#include "partition.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define MBR_ENTRIES	446u
#define MBR_ENTRY	16u
#define TYPE_EMPTY	0x00
#define TYPE_GPT	0xee
#define LINKS_MAX	256u		/* of a chain, those without a partition included */
#define GPT_HEADER_MIN	92u
#define GPT_ENTRY_MIN	128u
#define GPT_ENTRIES_MAX	1024u
#define TAKEN_MAX	128u		/* stretches of the disk that must not overlap */

struct stretch {
	uint64_t first, count;
};

struct reader {
	uint64_t sectors;
	partition_read_t *read;
	void *context;
	struct partition *found;
	unsigned count;
	struct stretch taken[TAKEN_MAX];
	unsigned taken_count;
	const char *why;		/* it is damaged, or NULL */
	bool failed;			/* the disk cannot be read */
	bool too_many;
	uint8_t sector[PARTITION_SECTOR];
};

static uint32_t
get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t
get64(const uint8_t *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

static bool
damaged(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

static bool
fetch(struct reader *r, uint64_t sector)
{
	if (r->read(r->context, sector, r->sector) == 0)
		return true;
	r->failed = true;
	return false;
}

/* Enters a partition. Returns whether it lies on the disk, and apart from the others. */
static bool
add(struct reader *r, unsigned number, uint64_t first, uint64_t count)
{
	if (first == 0 || count == 0 || first >= r->sectors || count > r->sectors - first)
		return damaged(r, "a partition lies outside of the disk");
	for (unsigned i = 0; i < r->taken_count; i++)
		if (first < r->taken[i].first + r->taken[i].count && r->taken[i].first < first + count)
			return damaged(r, "partitions overlap");
	if (r->taken_count == TAKEN_MAX)
		return damaged(r, "too many partitions");
	r->taken[r->taken_count++] = (struct stretch){ first, count };
	if (number <= PARTITIONS_MAX)
		r->found[r->count++] = (struct partition){ number, first, count };
	else
		r->too_many = true;
	return true;
}

/* --- MBR --- */

static bool
has_signature(const struct reader *r)
{
	return r->sector[510] == 0x55 && r->sector[511] == 0xaa;
}

static bool
is_extended(uint8_t type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

/* An entry of a table; the status is one of two, or this is no table at all. */
static bool
entry(struct reader *r, unsigned n, uint8_t *type, struct stretch *s)
{
	const uint8_t *at = r->sector + MBR_ENTRIES + n * MBR_ENTRY;

	*type = at[4];
	*s = (struct stretch){ get32(at + 8), get32(at + 12) };
	return (at[0] & 0x7f) == 0 || damaged(r, "an entry is neither active nor not");
}

/* Follows the chain of an extended partition. Conditions: it lies on the disk. */
static bool
logical(struct reader *r, const struct stretch *extended)
{
	uint64_t at = extended->first;
	unsigned number = 5;

	for (unsigned links = 0; links < LINKS_MAX; links++) {
		struct stretch part, next;
		uint8_t part_type, next_type;

		if (!fetch(r, at))
			return false;
		if (!has_signature(r))
			return damaged(r, "a link of the extended partition has no signature");
		if (!entry(r, 0, &part_type, &part) || !entry(r, 1, &next_type, &next))
			return false;
		if (part_type != TYPE_EMPTY && (is_extended(part_type) || at + part.first <= at ||
			at - extended->first + part.first + part.count > extended->count))
			return damaged(r, "a logical partition lies outside of the extended one");
		if (part_type != TYPE_EMPTY && !add(r, number++, at + part.first, part.count))
			return false;
		if (!is_extended(next_type) || next.count == 0)
			return true;
		if (next.first == 0 || next.first >= extended->count)
			return damaged(r, "a link of the extended partition leads out of it");
		at = extended->first + next.first;
	}
	return damaged(r, "the links of the extended partition do not end");
}

static bool
read_mbr(struct reader *r)
{
	struct stretch extended = { 0, 0 }, s;
	uint8_t type;

	for (unsigned n = 0; n < 4; n++) {
		if (!entry(r, n, &type, &s))
			return false;
		if (is_extended(type)) {
			if (extended.count != 0)
				return damaged(r, "two extended partitions");
			extended = s;
		} else if (type != TYPE_EMPTY && !add(r, n + 1, s.first, s.count)) {
			return false;
		}
	}
	if (extended.count == 0)
		return true;
	if (extended.first == 0 || extended.first >= r->sectors || extended.count > r->sectors - extended.first)
		return damaged(r, "the extended partition lies outside of the disk");
	for (unsigned i = 0; i < r->taken_count; i++)
		if (extended.first < r->taken[i].first + r->taken[i].count && r->taken[i].first < extended.first + extended.count)
			return damaged(r, "partitions overlap");
	return logical(r, &extended);
}

/* --- GPT --- */

static uint32_t
crc32(uint32_t crc, const uint8_t *data, size_t length)
{
	crc = ~crc;
	while (length-- > 0) {
		crc ^= *data++;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

struct gpt {
	uint64_t first_usable, last_usable, entries;
	uint32_t count, size, crc;
};

/* Reads the header at a sector. Returns whether it is good as far as it goes. */
static bool
read_header(struct reader *r, uint64_t at, struct gpt *gpt)
{
	uint32_t length, crc;

	if (!fetch(r, at))
		return false;
	if (memcmp(r->sector, "EFI PART", 8) != 0)
		return damaged(r, "the GPT has no signature");
	length = get32(r->sector + 12);
	crc = get32(r->sector + 16);
	if (length < GPT_HEADER_MIN || length > PARTITION_SECTOR)
		return damaged(r, "the length of the GPT's header is wrong");
	memset(r->sector + 16, 0, 4);
	if (crc32(0, r->sector, length) != crc)
		return damaged(r, "the checksum of the GPT's header is wrong");
	*gpt = (struct gpt){ get64(r->sector + 40), get64(r->sector + 48), get64(r->sector + 72), get32(r->sector + 80),
		get32(r->sector + 84), get32(r->sector + 88) };
	if (get64(r->sector + 24) != at)
		return damaged(r, "the GPT's header is not where it says");
	if (gpt->size < GPT_ENTRY_MIN || gpt->size > PARTITION_SECTOR || (gpt->size & (gpt->size - 1)) != 0 ||
		gpt->count > GPT_ENTRIES_MAX || gpt->entries >= r->sectors)
		return damaged(r, "the GPT's entries are of no sensible number or size");
	if (gpt->first_usable == 0 || gpt->first_usable > gpt->last_usable || gpt->last_usable >= r->sectors)
		return damaged(r, "the GPT is for another disk");
	return true;
}

/* The entries of the sector just read, from number `first` on. */
static bool
take_entries(struct reader *r, const struct gpt *gpt, uint32_t first, uint32_t count)
{
	static const uint8_t unused[16];

	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *at = r->sector + i * gpt->size;
		uint64_t from = get64(at + 32), to = get64(at + 40);

		if (memcmp(at, unused, sizeof(unused)) == 0)
			continue;
		if (from < gpt->first_usable || to > gpt->last_usable || from > to)
			return damaged(r, "a partition lies outside of what the GPT says is usable");
		if (!add(r, first + i + 1, from, to - from + 1))
			return false;
	}
	return true;
}

/* Reads the table whose header is at a sector. */
static bool
read_table(struct reader *r, uint64_t at)
{
	uint32_t per_sector, crc = 0;
	struct gpt gpt;

	r->count = r->taken_count = 0;
	r->why = NULL;
	r->too_many = r->failed = false;
	if (!read_header(r, at, &gpt))
		return false;
	per_sector = PARTITION_SECTOR / gpt.size;
	for (uint32_t i = 0; i < gpt.count; i += per_sector) {
		uint32_t n = gpt.count - i < per_sector ? gpt.count - i : per_sector;

		if (gpt.entries + i / per_sector >= r->sectors)
			return damaged(r, "the GPT's entries lie outside of the disk");
		if (!fetch(r, gpt.entries + i / per_sector))
			return false;
		crc = crc32(crc, r->sector, n * gpt.size);
		if (!take_entries(r, &gpt, i, n))
			return false;
	}
	return crc == gpt.crc || damaged(r, "the checksum of the GPT's entries is wrong");
}

static bool
read_gpt(struct reader *r, const char **note)
{
	const char *why;
	bool failed;

	if (read_table(r, 1))
		return true;
	why = r->why;
	failed = r->failed;
	if (read_table(r, r->sectors - 1)) {
		*note = "the first GPT is damaged, its copy is used";
		return true;
	}
	r->why = why;
	r->failed |= failed;
	return false;
}

int
partitions_find(uint64_t sectors, partition_read_t *read, void *context, struct partition found[PARTITIONS_MAX], const char **note)
{
	struct reader r = { .sectors = sectors, .read = read, .context = context, .found = found };
	bool good, gpt = false;

	*note = NULL;
	if (sectors < 3)
		return 0;
	if (!fetch(&r, 0))
		return -1;
	if (!has_signature(&r))
		return 0;
	for (unsigned n = 0; n < 4; n++)
		gpt |= r.sector[MBR_ENTRIES + n * MBR_ENTRY + 4] == TYPE_GPT;
	good = gpt ? read_gpt(&r, note) : read_mbr(&r);
	if (!good) {
		*note = r.why;
		return r.why == NULL ? -1 : 0;
	}
	if (r.too_many)
		*note = "partitions with numbers above 15 have no names";
	return (int)r.count;
}
