/*
 * Internet addresses as text (POSIX.1-2017 inet_addr): a.b.c.d, a.b.c, a.b and a, the last number filling what is left; decimal, octal or
 * hexadecimal as in C.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

int
inet_aton(const char *text, struct in_addr *address)
{
	unsigned long part[4], most;
	uint32_t value = 0;
	char *end;
	int n = 0;

	for (;;) {
		if (n == 4 || !isdigit((unsigned char)*text))
			return 0;
		part[n++] = strtoul(text, &end, 0);
		if (*end != '.')
			break;
		text = end + 1;
	}
	if (*end != 0 && !isspace((unsigned char)*end))
		return 0;
	for (int i = 0; i < n - 1; i++) {
		if (part[i] > 255)
			return 0;
		value |= (uint32_t)part[i] << (24 - 8 * i);
	}
	most = 0xfffffffful >> 8 * (n - 1);
	if (part[n - 1] > most)
		return 0;
	address->s_addr = htonl(value | (uint32_t)part[n - 1]);
	return 1;
}

in_addr_t
inet_addr(const char *text)
{
	struct in_addr address;

	return inet_aton(text, &address) != 0 ? address.s_addr : INADDR_NONE;
}

char *
inet_ntoa(struct in_addr address)
{
	static char text[INET_ADDRSTRLEN];
	uint32_t a = ntohl(address.s_addr);

	snprintf(text, sizeof(text), "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
	return text;
}
