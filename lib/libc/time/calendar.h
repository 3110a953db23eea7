/* The Gregorian calendar and time zones, for all of <time.h>. */
#ifndef LIBC_TIME_CALENDAR_H
#define LIBC_TIME_CALENDAR_H

#include <stdbool.h>
#include <time.h>

/* Days from 1 January 1970 to a day; months beyond 0 .. 11 and days beyond the month count on. */
long long __calendar_days(long long year, long long month, long long day);

/* Sets all but the zone from seconds since 1970 (UTC). False: the year does not fit. */
bool __calendar_split(long long seconds, struct tm *tm);

/* The opposite: no field has to be in its range. */
long long __calendar_seconds(const struct tm *tm);

/* Offset from UTC at a time, with the name and whether it is summer time. After tzset. */
long __zone_offset(long long seconds, bool *summer, const char **name);

/* Offset of standard (false) or summer time, seconds east; whether the zone has summer time at all. */
long __zone_rule(bool summer);
bool __zone_has_summer(void);

#endif
