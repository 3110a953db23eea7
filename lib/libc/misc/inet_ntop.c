/*
 * Addresses of IPv4 and IPv6 as text (POSIX.1-2017 inet_ntop): NULL with EAFNOSUPPORT for another family, ENOSPC for too little room.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define GROUPS	8

static unsigned
group(const uint8_t *bytes, int n)
{
	return (unsigned)bytes[2 * n] << 8 | bytes[2 * n + 1];
}

/* The first of the longest runs of two or more groups of zeros. Returns its length. */
static int
longest_zeros(const uint8_t *bytes, int *first)
{
	int longest = 0;

	for (int n = 0; n < GROUPS;) {
		int length = 0;

		while (n + length < GROUPS && group(bytes, n + length) == 0)
			length++;
		if (length > 1 && length > longest) {
			longest = length;
			*first = n;
		}
		n += length > 0 ? length : 1;
	}
	return longest;
}

/* Addresses that hold one of IPv4: ::a.b.c.d and ::ffff:a.b.c.d. */
static int
holds_ipv4(const uint8_t *bytes, int first, int zeros)
{
	return first == 0 && zeros > 0 && (zeros == 6 || (zeros == 5 && group(bytes, 5) == 0xffff));
}

static void
ipv6_text(const uint8_t *bytes, char *text)
{
	int first = GROUPS, zeros = longest_zeros(bytes, &first);

	*text = 0;
	for (int n = 0; n < GROUPS; n++) {
		if (n == first) {
			text += sprintf(text, "::");
			n += zeros - 1;
		} else if (n == 6 && holds_ipv4(bytes, first, zeros)) {
			if (first + zeros < n)
				text += sprintf(text, ":");
			sprintf(text, "%u.%u.%u.%u", bytes[12], bytes[13], bytes[14], bytes[15]);
			return;
		} else {
			text += sprintf(text, "%s%x", n > 0 && n != first + zeros ? ":" : "", group(bytes, n));
		}
	}
}

const char *
inet_ntop(int family, const void *restrict address, char *restrict text, socklen_t size)
{
	const uint8_t *bytes = address;
	char made[INET6_ADDRSTRLEN];

	if (family == AF_INET) {
		snprintf(made, sizeof(made), "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
	} else if (family == AF_INET6) {
		ipv6_text(bytes, made);
	} else {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if (strlen(made) >= size) {
		errno = ENOSPC;
		return NULL;
	}
	return strcpy(text, made);
}
