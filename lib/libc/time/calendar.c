/*
 * The Gregorian calendar. Years are counted from March, so that the leap day is the last of a year; 400 years have
 * 146097 days.
 */
#include <limits.h>

#include "calendar.h"

#define ERA_DAYS	146097
#define MARCH_1970	719468		/* days from 1 March 0 to 1 January 1970 */
#define DAY		86400

static long long
floor_divide(long long a, long long b)
{
	return a / b - (a % b < 0);
}

long long
__calendar_days(long long year, long long month, long long day)
{
	long long era, in_era;

	year += floor_divide(month, 12);
	month -= floor_divide(month, 12) * 12;
	month -= 2;
	if (month < 0) {
		month += 12;
		year--;
	}
	era = floor_divide(year, 400);
	in_era = year - era * 400;
	return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 + (153 * month + 2) / 5 + day - 1 - MARCH_1970;
}

bool
__calendar_split(long long seconds, struct tm *tm)
{
	long long days = floor_divide(seconds, DAY), rest = (seconds % DAY + DAY) % DAY;
	long long since = days + MARCH_1970, era = floor_divide(since, ERA_DAYS), in_era = since - era * ERA_DAYS;
	long long year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	long long in_year = in_era - (365 * year + year / 4 - year / 100), month = (5 * in_year + 2) / 153;

	year += era * 400 + (month >= 10);
	if (year - 1900 > INT_MAX || year - 1900 < INT_MIN)
		return false;
	tm->tm_mday = in_year - (153 * month + 2) / 5 + 1;
	tm->tm_mon = month < 10 ? month + 2 : month - 10;
	tm->tm_year = year - 1900;
	tm->tm_wday = ((days + 4) % 7 + 7) % 7;
	tm->tm_yday = days - __calendar_days(year, 0, 1);
	tm->tm_hour = rest / 3600;
	tm->tm_min = rest / 60 % 60;
	tm->tm_sec = rest % 60;
	return true;
}

long long
__calendar_seconds(const struct tm *tm)
{
	return __calendar_days(tm->tm_year + 1900ll, tm->tm_mon, tm->tm_mday) * DAY + tm->tm_hour * 3600ll +
	    tm->tm_min * 60ll + tm->tm_sec;
}
