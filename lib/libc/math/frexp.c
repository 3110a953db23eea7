/* Exponents apart from significands (C11 7.12.6). */
#include "bits.h"

double
frexp(double value, int *exponent)
{
	int biased = double_exponent(value);

	*exponent = 0;
	if (biased == 0x7ff || value == 0)
		return value;
	if (biased == 0) {
		value = frexp(value * 0x1p64, exponent);
		*exponent -= 64;
		return value;
	}
	*exponent = biased - 1022;
	return double_from_bits((double_to_bits(value) & ~(0x7ffull << 52)) | 1022ull << 52);
}

float
frexpf(float value, int *exponent)
{
	return frexp(value, exponent);
}

long double
frexpl(long double value, int *exponent)
{
	union long_double_bits parts = { .value = value };
	int biased = parts.part.top & 0x7fff;

	*exponent = 0;
	if (biased == 0x7fff || value == 0)
		return value;
	if (biased == 0) {
		value = frexpl(value * 0x1p128l, exponent);
		*exponent -= 128;
		return value;
	}
	*exponent = biased - 16382;
	parts.part.top = (parts.part.top & 0x8000) | 16382;
	return parts.value;
}
