/*
 * Addresses of IPv4 and IPv6 from text (POSIX.1-2017 inet_pton): 1 if it is one, 0 if not, -1 with EAFNOSUPPORT for another family.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define GROUPS	8			/* of 16 bits, in an address of IPv6 */

/* Four decimal numbers without leading zeros, and nothing behind them. */
static int
dotted(const char *text, uint8_t bytes[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned value = 0;
		int digits = 0;

		for (; *text >= '0' && *text <= '9'; text++, digits++) {
			value = 10 * value + (unsigned)(*text - '0');
			if (value > 255 || (digits > 0 && value < 10))
				return 0;
		}
		if (digits == 0 || *text++ != (i < 3 ? '.' : 0))
			return 0;
		bytes[i] = (uint8_t)value;
	}
	return 1;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' ^ 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One group of up to four digits, stored in network order. Returns what is behind it, or NULL. */
static const char *
hex_group(const char *text, uint8_t bytes[2])
{
	unsigned value = 0;
	int digits = 0;

	for (; hex_digit(*text) >= 0; text++) {
		if (++digits > 4)
			return NULL;
		value = 16 * value + (unsigned)hex_digit(*text);
	}
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
	return digits > 0 ? text : NULL;
}

/* Groups between colons; "::" once for zeros that fill up; the last two groups may be an IPv4 address. */
static int
groups(const char *text, uint8_t bytes[2 * GROUPS])
{
	int n = 0, gap = -1;

	if (*text == ':' && *++text != ':')
		return 0;
	do {
		const char *group = text;

		if (*text == ':') {
			if (gap >= 0)
				return 0;
			gap = n;
			text++;
			continue;
		}
		if (n == GROUPS || (text = hex_group(group, bytes + 2 * n)) == NULL)
			return 0;
		if (*text == '.') {
			if (n > GROUPS - 2 || !dotted(group, bytes + 2 * n))
				return 0;
			n += 2;
			break;
		}
		n++;
		if (*text != 0 && (*text++ != ':' || *text == 0))
			return 0;
	} while (*text != 0);
	if (gap < 0)
		return n == GROUPS;
	if (n >= GROUPS)
		return 0;
	memmove(bytes + 2 * (GROUPS - n + gap), bytes + 2 * gap, 2u * (unsigned)(n - gap));
	memset(bytes + 2 * gap, 0, 2u * (unsigned)(GROUPS - n));
	return 1;
}

int
inet_pton(int family, const char *restrict text, void *restrict address)
{
	uint8_t bytes[2 * GROUPS];
	size_t size = family == AF_INET ? 4 : sizeof(bytes);

	if (family != AF_INET && family != AF_INET6) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if (family == AF_INET ? !dotted(text, bytes) : !groups(text, bytes))
		return 0;
	memcpy(address, bytes, size);
	return 1;
}
