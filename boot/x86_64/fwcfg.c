/*
 * QEMU's configuration device, read byte by byte (qemu docs/specs/fw_cfg): write a key to the
 * selector, read its bytes from the data port.
 */
#include "boot.h"
#include "init/string.h"
#include "x86.h"

#define PORT_SELECTOR	0x510
#define PORT_DATA	0x511

#define KEY_SIGNATURE	0x0000
#define KEY_CPU_COUNT	0x0005
#define KEY_DIRECTORY	0x0019

#define FILE_NAME_MAX	56

struct directory_entry {
	uint8_t size[4];		/* big endian */
	uint8_t key[2];			/* big endian */
	uint8_t reserved[2];
	char name[FILE_NAME_MAX];	/* 0-terminated */
};

_Static_assert(sizeof(struct directory_entry) == 64, "device layout");

static void
select(uint16_t key)
{
	outw(PORT_SELECTOR, key);
}

void
fwcfg_read(void *to, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = inb(PORT_DATA);
}

static uint32_t
big_endian(const uint8_t *bytes, unsigned count)
{
	uint32_t value = 0;

	while (count-- > 0)
		value = value << 8 | *bytes++;
	return value;
}

static bool
is_there(void)
{
	char signature[4];

	select(KEY_SIGNATURE);
	fwcfg_read(signature, sizeof(signature));
	return memcmp(signature, "QEMU", 4) == 0;
}

unsigned
fwcfg_cpu_count(void)
{
	uint16_t count;

	if (!is_there())
		return 1;
	select(KEY_CPU_COUNT);
	fwcfg_read(&count, sizeof(count));	/* little endian */
	return count;
}

uint32_t
fwcfg_open(const char *name)
{
	uint8_t count[4];
	struct directory_entry entry;

	if (!is_there())
		return 0;
	select(KEY_DIRECTORY);
	fwcfg_read(count, sizeof(count));
	for (uint32_t i = big_endian(count, 4); i > 0; i--) {
		fwcfg_read(&entry, sizeof(entry));
		if (strncmp(entry.name, name, FILE_NAME_MAX) != 0)
			continue;
		select((uint16_t)big_endian(entry.key, 2));
		return big_endian(entry.size, 4);
	}
	return 0;
}
