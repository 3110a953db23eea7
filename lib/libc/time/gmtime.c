/* Broken-down time (C11 7.27.3, 7.27.2.3). */
#include <errno.h>

#include "calendar.h"

static struct tm result;

static struct tm *
split(long long seconds, long offset, bool summer, const char *zone, struct tm *tm)
{
	if (__builtin_add_overflow(seconds, offset, &seconds) || !__calendar_split(seconds, tm)) {
		errno = EOVERFLOW;
		return NULL;
	}
	tm->tm_isdst = summer;
	tm->tm_gmtoff = offset;
	tm->tm_zone = zone;
	return tm;
}

struct tm *
gmtime_r(const time_t *restrict when, struct tm *restrict tm)
{
	return split(*when, 0, false, "GMT", tm);
}

struct tm *
gmtime(const time_t *when)
{
	return gmtime_r(when, &result);
}

struct tm *
localtime_r(const time_t *restrict when, struct tm *restrict tm)
{
	const char *zone;
	bool summer;
	long offset;

	tzset();
	offset = __zone_offset(*when, &summer, &zone);
	return split(*when, offset, summer, zone, tm);
}

struct tm *
localtime(const time_t *when)
{
	return localtime_r(when, &result);
}

/* The offset that holds at the resulting time; tm_isdst decides where the clock shows an hour twice or not at all. */
time_t
mktime(struct tm *tm)
{
	long long local = __calendar_seconds(tm), seconds;
	const char *zone;
	bool summer;
	time_t when;

	tzset();
	seconds = local - __zone_rule(tm->tm_isdst > 0 && __zone_has_summer());
	if (tm->tm_isdst < 0) {
		__zone_offset(seconds, &summer, &zone);
		if (summer)
			seconds = local - __zone_rule(true);
	}
	when = seconds;
	return localtime_r(&when, tm) != NULL ? when : -1;
}

time_t
timegm(struct tm *tm)
{
	time_t when = __calendar_seconds(tm);

	return gmtime_r(&when, tm) != NULL ? when : -1;
}
