/* Numbers of 32 bits in radix 64, the lowest digit first (POSIX.1-2017 a64l). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

long
a64l(const char *text)
{
	uint32_t value = 0;
	const char *digit;

	for (int shift = 0; shift < 36 && *text != 0 && (digit = strchr(digits, *text)) != NULL; shift += 6, text++)
		value |= (uint32_t)(digit - digits) << shift;
	return (int32_t)value;
}

char *
l64a(long value)
{
	static char text[7];
	uint32_t rest = value;
	char *to = text;

	for (; rest != 0; rest >>= 6)
		*to++ = digits[rest & 63];
	*to = 0;
	return text;
}
