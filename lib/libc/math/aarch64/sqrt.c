/*
 * Square roots, correctly rounded: by the machine (fsqrt), and for 113 bits digit by digit.
 */
#include "../bits.h"

double
sqrt(double x)
{
	__asm__("fsqrt %d0, %d0" : "+w"(x));
	return x;
}

float
sqrtf(float x)
{
	__asm__("fsqrt %s0, %s0" : "+w"(x));
	return x;
}

/* One bit of the root at a time; the last one found is for rounding. */
long double
sqrtl(long double x)
{
	unsigned __int128 value, root = 0, rest = 0;
	int exponent;

	if (x == 0 || isnan(x) || (isinf(x) && x > 0))
		return x;
	if (x < 0)
		return (x - x) / (x - x);
	value = (unsigned __int128)scalbnl(frexpl(x, &exponent), 126);
	if (exponent % 2 != 0) {
		value <<= 1;
		exponent--;
	}
	for (int i = 0; i < 114; i++) {
		rest = rest << 2 | value >> 126;
		value = (value & (((unsigned __int128)1 << 126) - 1)) << 2;
		root <<= 1;
		if (rest >= 2 * root + 1) {
			rest -= 2 * root + 1;
			root++;
		}
	}
	root = (root + 1) >> 1;
	return scalbnl((long double)root, exponent / 2 - 113 + 1);
}
