/* Square roots, correctly rounded by the machine (SSE2 sqrtsd, x87 fsqrt). */
#include <math.h>

double
sqrt(double x)
{
	__asm__("sqrtsd %0, %0" : "+x"(x));
	return x;
}

float
sqrtf(float x)
{
	__asm__("sqrtss %0, %0" : "+x"(x));
	return x;
}

long double
sqrtl(long double x)
{
	__asm__("fsqrt" : "+t"(x));
	return x;
}
