/*
 * Time zones from TZ in POSIX form (POSIX.1-2017 8.3): "CET-1CEST,M3.5.0,M10.5.0/3". Unset or not understood: UTC.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"

#define NAME 16

/* When a change comes, in the local time before it. */
struct change {
	char kind;			/* 'J': day 1 .. 365 without 29 February, 'D': day 0 .. 365, 'M': week day of a month */
	int month, week, day;
	long time;			/* seconds from midnight */
};

static char standard_name[NAME] = "UTC", summer_name[NAME] = "UTC";
static long standard_offset, summer_offset;	/* seconds east */
static struct change begin, end;
static char read_from[64];			/* the TZ that was read last */

char *tzname[2] = { standard_name, summer_name };
int daylight;
long timezone;

static const char *
parse_name(const char *at, char name[NAME])
{
	const char *start = at;
	size_t length;

	if (*at == '<') {
		for (start = ++at; *at != 0 && *at != '>';)
			at++;
		length = at - start;
		at += *at == '>';
	} else {
		while (isalpha((unsigned char)*at))
			at++;
		length = at - start;
	}
	if (length < 3 || length >= NAME)
		return NULL;
	memcpy(name, start, length);
	name[length] = 0;
	return at;
}

/* [+-]hh[:mm[:ss]] */
static const char *
parse_time(const char *at, long *seconds)
{
	long sign = *at == '-' ? -1 : 1, unit = 3600;
	char *stop;

	at += *at == '-' || *at == '+';
	if (!isdigit((unsigned char)*at))
		return NULL;
	for (*seconds = 0; unit > 0; unit /= 60) {
		*seconds += sign * unit * strtol(at, &stop, 10);
		at = stop;
		if (*at != ':' || !isdigit((unsigned char)at[1]))
			break;
		at++;
	}
	return at;
}

static const char *
parse_change(const char *at, struct change *change)
{
	char *stop;

	*change = (struct change){ .kind = 'D', .time = 7200 };
	if (*at == 'J' || *at == 'M')
		change->kind = *at++;
	if (!isdigit((unsigned char)*at))
		return NULL;
	change->day = strtol(at, &stop, 10);
	if (change->kind == 'M') {
		change->month = change->day;
		if (*stop != '.')
			return NULL;
		change->week = strtol(stop + 1, &stop, 10);
		if (*stop != '.')
			return NULL;
		change->day = strtol(stop + 1, &stop, 10);
	}
	return *stop == '/' ? parse_time(stop + 1, &change->time) : stop;
}

static bool
parse_zone(const char *at)
{
	at = parse_name(at, standard_name);
	if (at == NULL || (at = parse_time(at, &standard_offset)) == NULL)
		return false;
	standard_offset = -standard_offset;
	if (*at == 0)
		return true;
	at = parse_name(at, summer_name);
	if (at == NULL)
		return false;
	summer_offset = standard_offset + 3600;
	if (*at != 0 && *at != ',') {
		at = parse_time(at, &summer_offset);
		if (at == NULL)
			return false;
		summer_offset = -summer_offset;
	}
	at = *at == ',' ? at + 1 : "M3.2.0,M11.1.0";
	at = parse_change(at, &begin);
	if (at == NULL || *at != ',' || (at = parse_change(at + 1, &end)) == NULL || *at != 0)
		return false;
	daylight = 1;
	return true;
}

void
tzset(void)
{
	const char *wanted = getenv("TZ");

	if (wanted == NULL)
		wanted = "";
	if (strcmp(wanted, read_from) == 0)
		return;
	strlcpy(read_from, wanted, sizeof(read_from));
	daylight = 0;
	standard_offset = summer_offset = 0;
	if (!parse_zone(*wanted == ':' ? wanted + 1 : wanted)) {
		strcpy(standard_name, "UTC");
		standard_offset = daylight = 0;
	}
	if (!daylight)
		strcpy(summer_name, standard_name);
	timezone = -standard_offset;
}

/* Seconds from 1970 to a change in a year, in local time. */
static long long
change_time(const struct change *change, long long year)
{
	long long first, day;
	int week_day;

	if (change->kind == 'J')
		day = __calendar_days(year, 0, 1) + change->day - 1 +
		    (change->day > 59 && __calendar_days(year, 2, 1) - __calendar_days(year, 1, 1) == 29);
	else if (change->kind == 'D')
		day = __calendar_days(year, 0, 1) + change->day;
	else {
		first = __calendar_days(year, change->month - 1, 1);
		week_day = ((first + 4) % 7 + 7) % 7;
		day = first + (change->day - week_day + 7) % 7 + (change->week - 1) * 7;
		if (day >= __calendar_days(year, change->month, 1))
			day -= 7;
	}
	return day * 86400 + change->time;
}

long
__zone_rule(bool summer)
{
	return summer ? summer_offset : standard_offset;
}

bool
__zone_has_summer(void)
{
	return daylight != 0;
}

long
__zone_offset(long long seconds, bool *summer, const char **name)
{
	struct tm tm;
	long long start, stop, local;

	*summer = false;
	if (daylight && !__builtin_add_overflow(seconds, standard_offset, &local) && __calendar_split(local, &tm)) {
		start = change_time(&begin, tm.tm_year + 1900ll) - standard_offset;
		stop = change_time(&end, tm.tm_year + 1900ll) - summer_offset;
		*summer = start < stop ? seconds >= start && seconds < stop : seconds >= start || seconds < stop;
	}
	*name = *summer ? summer_name : standard_name;
	return *summer ? summer_offset : standard_offset;
}
