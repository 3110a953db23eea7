/*
 * sleep: waits.
 *
 *	sleep SECONDS...		their sum; a number may have a fraction and a unit: s m h d
 */
#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LONGEST	1e9	/* s: more than thirty years */

static double
seconds(const char *text)
{
	static const char units[] = "smhd";
	static const double worth[] = { 1, 60, 3600, 86400 };
	char *end;
	double value = strtod(text, &end);
	const char *unit = *end != 0 ? strchr(units, *end) : units;

	if (end == text || unit == NULL || (*end != 0 && end[1] != 0) || !(value >= 0))
		errx(1, "%s: not a time", text);
	return value * worth[unit - units];
}

int
main(int argc, char **argv)
{
	double sum = 0;
	struct timespec left;

	if (argc < 2)
		errx(1, "usage: sleep seconds...");
	for (int i = 1; i < argc; i++)
		sum += seconds(argv[i]);
	if (sum > LONGEST)
		sum = LONGEST;
	left.tv_sec = (time_t)sum;
	left.tv_nsec = (long)((sum - floor(sum)) * 1e9);
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
	return 0;
}
