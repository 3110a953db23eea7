/* Inverse trigonometric functions (C11 7.12.4), all by the arc tangent of a quotient. */
#include "pair.h"

double
atan(double x)
{
	struct pair y;

	if (isnan(x) || fabs(x) < 0x1p-30)
		return x;
	if (fabs(x) > 0x1p60)
		return copysign(PAIR_PI_2.hi, x);
	y = __pair_atan((struct pair){ fabs(x), 0 }, (struct pair){ 1, 0 });
	return copysign(y.hi + y.lo, x);
}

/* Both finite and not 0: scaled so that no quotient or product leaves the range. */
static struct pair
quotient_atan(double y, double x)
{
	int ey, ex;

	y = frexp(y, &ey);
	x = frexp(x, &ex);
	if (ey - ex > 70)
		return PAIR_PI_2;
	if (ey - ex < -1000)
		return (struct pair){ scalbn(y / x, ey - ex), 0 };
	return __pair_atan((struct pair){ scalbn(y, ey - ex), 0 }, (struct pair){ x, 0 });
}

double
atan2(double y, double x)
{
	struct pair angle;
	double ay = fabs(y), ax = fabs(x);

	if (isnan(x) || isnan(y))
		return x + y;
	if (y == 0)
		return signbit(x) ? copysign(PAIR_PI.hi, y) : y;
	if (x == 0)
		return copysign(PAIR_PI_2.hi, y);
	if (isinf(y) || isinf(x)) {
		if (isinf(y))
			return copysign(isinf(x) ? x > 0 ? 0x1.921fb54442d18p-1 : 0x1.2d97c7f3321d2p+1 : PAIR_PI_2.hi, y);
		return copysign(x > 0 ? 0 : PAIR_PI.hi, y);
	}
	angle = quotient_atan(ay, ax);
	if (x < 0)
		angle = pair_add(PAIR_PI, pair_negate(angle));
	return copysign(angle.hi + angle.lo, y);
}

/* sqrt(1 - x^2) for |x| <= 1. */
static struct pair
other_side(double x)
{
	struct pair square = pair_product(x, x), rest = pair_add((struct pair){ 1, 0 }, pair_negate(square));

	return pair_sqrt(rest.hi, rest.lo);
}

double
asin(double x)
{
	struct pair y;

	if (!islessequal(fabs(x), 1))
		return undefined_at(x);
	if (fabs(x) < 0x1p-30)
		return x;
	y = __pair_atan((struct pair){ fabs(x), 0 }, other_side(x));
	return copysign(y.hi + y.lo, x);
}

double
acos(double x)
{
	struct pair y;

	if (!islessequal(fabs(x), 1))
		return undefined_at(x);
	if (x == 1)
		return 0;
	if (fabs(x) < 0x1p-60)
		return PAIR_PI_2.hi;
	y = __pair_atan(other_side(x), (struct pair){ fabs(x), 0 });
	if (x < 0)
		y = pair_add(PAIR_PI, pair_negate(y));
	return y.hi + y.lo;
}
