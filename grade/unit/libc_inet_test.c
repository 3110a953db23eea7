// LIBC: lib/libc/misc/inet_*.c lib/libc/string/str*.c lib/libc/string/mem*.c
/*
 * Addresses of the Internet as text and back, against the host's library: random addresses full of zeros, and their texts with one byte changed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libc_host.h"
#include "unit.h"

int m_inet_pton(int, const char *, void *);
const char *m_inet_ntop(int, const void *, char *, socklen_t);
int m_isdigit(int c) { return c >= '0' && c <= '9'; }
int m_isspace(int c) { return c == ' ' || (c >= 9 && c <= 13); }
unsigned long m_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
uint32_t m_htonl(uint32_t value) { return htonl(value); }
uint32_t m_ntohl(uint32_t value) { return ntohl(value); }
void *m_malloc(size_t size) { return malloc(size); }

int
m_sprintf(char *text, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsprintf(text, format, arguments);
	va_end(arguments);
	return length;
}

int
m_snprintf(char *text, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, size, format, arguments);
	va_end(arguments);
	return length;
}

static void
same_address(int family, const char *text)
{
	unsigned char theirs[16] = {0}, ours[16] = {0};
	int expected = inet_pton(family, text, theirs), got = m_inet_pton(family, text, ours);

	if (expected != got || (got == 1 && memcmp(ours, theirs, sizeof(ours)) != 0))
		printf("%s: %d, the host's %d\n", text, got, expected);
	CHECK(expected == got);
	CHECK(got != 1 || memcmp(ours, theirs, sizeof(ours)) == 0);
}

static void
same_text(int family, const unsigned char *bytes)
{
	char theirs[64], ours[64], small[64];
	size_t length;

	inet_ntop(family, bytes, theirs, sizeof(theirs));
	CHECK(m_inet_ntop(family, bytes, ours, sizeof(ours)) == ours);
	if (strcmp(ours, theirs) != 0)
		printf("%s, the host's %s\n", ours, theirs);
	CHECK(strcmp(ours, theirs) == 0);
	length = strlen(ours);
	m_errno = 0;
	CHECK(m_inet_ntop(family, bytes, small, (socklen_t)length) == NULL && m_errno == ENOSPC);
	CHECK(m_inet_ntop(family, bytes, small, (socklen_t)length + 1) == small);
	same_address(family, ours);
	ours[random_below((unsigned)length)] = "0:.1fg"[random_below(6)];
	same_address(family, ours);
	memmove(ours + 1, ours, length);
	ours[0] = "0:.1fg"[random_below(6)];
	ours[length] = 0;
	same_address(family, ours);
}

static void
random_addresses(void)
{
	unsigned char bytes[16];

	for (unsigned i = 0; i < 200000; i++) {
		for (int k = 0; k < 16; k += 2) {
			unsigned value = random_below(3) > 0 ? 0 : random_below(2) > 0 ? 0xffff : random_below(65536);

			bytes[k] = (unsigned char)(value >> 8);
			bytes[k + 1] = (unsigned char)value;
		}
		same_text(i % 2 ? AF_INET6 : AF_INET, bytes);
	}
}

static void
texts_at_the_edges(void)
{
	static const char *const texts[] = {
		"", ":", "::", ":::", "::1", "1::", "1:", ":1", "1::2::3", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5",
		"1.2.3.4", "01.2.3.4", "1.2.3.256", "1.2.3.4.", "1.2.3", "1.2.3.4 ", "00.0.0.0", "0.0.0.0", "::FfFf:1.2.3.04", "g::", "1::%1",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		same_address(AF_INET, texts[i]);
		same_address(AF_INET6, texts[i]);
	}
	m_errno = 0;
	CHECK(m_inet_pton(99, "1", NULL) == -1 && m_errno == EAFNOSUPPORT);
	m_errno = 0;
	CHECK(m_inet_ntop(99, "1", NULL, 0) == NULL && m_errno == EAFNOSUPPORT);
}

int
main(void)
{
	TEST(random_addresses);
	TEST(texts_at_the_edges);
	return unit_done();
}
