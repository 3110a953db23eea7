/* cksum [file ...]: CRC and length of files (POSIX.1-2017 "cksum": polynomial 0x04c11db7, length appended, complemented). */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define POLYNOMIAL 0x04c11db7u

static uint32_t table[256];
static uint8_t buffer[64 * 1024];

static void
make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i << 24;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 0x80000000u) != 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
		table[i] = crc;
	}
}

static uint32_t
add_byte(uint32_t crc, uint8_t byte)
{
	return crc << 8 ^ table[(crc >> 24 ^ byte) & 0xff];
}

static int
sum(int fd, const char *name, const char *label)
{
	uint32_t crc = 0;
	uint64_t total = 0;
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			crc = add_byte(crc, buffer[i]);
		total += n;
	}
	if (n < 0) {
		fprintf(stderr, "cksum: %s: %s\n", name, strerror(errno));
		return 1;
	}
	for (uint64_t length = total; length != 0; length >>= 8)
		crc = add_byte(crc, length & 0xff);
	printf("%u %lu%s%s\n", ~crc, total, *label != 0 ? " " : "", label);
	return 0;
}

int
main(int argc, char **argv)
{
	int status = 0;

	make_table();
	if (argc == 1)
		status = sum(0, "standard input", "");
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);

		if (fd < 0) {
			fprintf(stderr, "cksum: %s: %s\n", argv[i], strerror(errno));
			status = 1;
			continue;
		}
		status |= sum(fd, argv[i], argv[i]);
		close(fd);
	}
	return status | (fflush(stdout) == EOF || ferror(stdout));
}
