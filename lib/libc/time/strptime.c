/* Time from text by a format (POSIX.1-2017 strptime), in the C locale. */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "calendar.h"
#include "names.h"

struct state {
	struct tm *tm;
	int century, pm;		/* -1: not given */
	bool day_known, month_known, year_known, year_day_known;
};

/* At most `digits` digits between low and high. */
static const char *
number(const char *at, int digits, long low, long high, long *value)
{
	const char *start;
	bool negative = false;

	while (isspace((unsigned char)*at))
		at++;
	if (digits > 2 && (*at == '+' || *at == '-'))
		negative = *at++ == '-';
	for (start = at, *value = 0; digits > 0 && isdigit((unsigned char)*at); at++, digits--)
		*value = *value * 10 + (*at - '0');
	if (negative)
		*value = -*value;
	return at != start && *value >= low && *value <= high ? at : NULL;
}

static const char *
word(const char *at, const char *const *names, int count, int *index)
{
	for (*index = 0; *index < count; ++*index) {
		size_t length = strlen(names[*index]);

		if (strncasecmp(at, names[*index], length) == 0)
			return at + length;
		if (strncasecmp(at, names[*index], 3) == 0)
			return at + 3;
	}
	return NULL;
}

static const char *
composite(char conversion)
{
	switch (conversion) {
	case 'c': return "%a %b %e %H:%M:%S %Y";
	case 'D': case 'x': return "%m/%d/%y";
	case 'F': return "%Y-%m-%d";
	case 'r': return "%I:%M:%S %p";
	case 'R': return "%H:%M";
	case 'T': case 'X': return "%H:%M:%S";
	}
	return NULL;
}

static const char *
zone(const char *at, struct tm *tm)
{
	int sign;
	long value;

	while (isspace((unsigned char)*at))
		at++;
	sign = *at == '-' ? -1 : 1;
	if (*at == 'Z') {
		tm->tm_gmtoff = 0;
		return at + 1;
	}
	if ((*at != '+' && *at != '-') || !isdigit((unsigned char)at[1]) || !isdigit((unsigned char)at[2]))
		return NULL;
	value = ((at[1] - '0') * 10 + (at[2] - '0')) * 60;
	at += 3;
	at += *at == ':';
	if (isdigit((unsigned char)at[0]) && isdigit((unsigned char)at[1])) {
		value += (at[0] - '0') * 10 + (at[1] - '0');
		at += 2;
	}
	tm->tm_gmtoff = sign * value * 60;
	return at;
}

static const char *
store(const char *at, int digits, long low, long high, long less, int *where)
{
	long value;

	at = number(at, digits, low, high, &value);
	if (at != NULL)
		*where = value - less;
	return at;
}

static const char *
seconds(const char *at, struct tm *tm)
{
	char *end;
	time_t when = strtoll(at, &end, 10);

	return end != at && localtime_r(&when, tm) != NULL ? end : NULL;
}

static const char *
convert(const char *at, char conversion, struct state *s)
{
	struct tm *tm = s->tm;
	int ignored;

	switch (conversion) {
	case 'a': case 'A': return word(at, __day_names, 7, &tm->tm_wday);
	case 'b': case 'B': case 'h':
		s->month_known = true;
		return word(at, __month_names, 12, &tm->tm_mon);
	case 'C': return store(at, 2, 0, 99, 0, &s->century);
	case 'd': case 'e':
		s->day_known = true;
		return store(at, 2, 1, 31, 0, &tm->tm_mday);
	case 'g': return store(at, 2, 0, 99, 0, &ignored);
	case 'G': return store(at, 4, -9999, 9999, 0, &ignored);
	case 'H': case 'k': return store(at, 2, 0, 23, 0, &tm->tm_hour);
	case 'I': case 'l':
		if (s->pm < 0)
			s->pm = 2;
		return store(at, 2, 1, 12, 0, &tm->tm_hour);
	case 'j':
		s->year_day_known = true;
		return store(at, 3, 1, 366, 1, &tm->tm_yday);
	case 'm':
		s->month_known = true;
		return store(at, 2, 1, 12, 1, &tm->tm_mon);
	case 'M': return store(at, 2, 0, 59, 0, &tm->tm_min);
	case 'p':
		s->pm = (*at | 32) == 'p';
		return ((*at | 32) == 'a' || s->pm) && (at[1] | 32) == 'm' ? at + 2 : NULL;
	case 's':
		return seconds(at, tm);
	case 'S': return store(at, 2, 0, 61, 0, &tm->tm_sec);
	case 'U': case 'V': case 'W': return store(at, 2, 0, 53, 0, &ignored);
	case 'u':
		at = store(at, 1, 1, 7, 0, &tm->tm_wday);
		tm->tm_wday %= 7;
		return at;
	case 'w': return store(at, 1, 0, 6, 0, &tm->tm_wday);
	case 'y':
		s->year_known = true;
		at = store(at, 2, 0, 99, 0, &tm->tm_year);
		if (at != NULL && s->century < 0 && tm->tm_year < 69)
			tm->tm_year += 100;
		return at;
	case 'Y':
		s->year_known = true;
		return store(at, 4, -9999, 9999, 1900, &tm->tm_year);
	case 'z': return zone(at, tm);
	case 'Z':
		while (isalpha((unsigned char)*at))
			at++;
		return at;
	case '%': return *at == '%' ? at + 1 : NULL;
	}
	return NULL;
}

static const char *
parse(const char *at, const char *format, struct state *s)
{
	for (; *format != 0 && at != NULL; format++) {
		const char *other;

		if (isspace((unsigned char)*format) || (*format == '%' && (format[1] == 'n' || format[1] == 't'))) {
			format += *format == '%';
			while (isspace((unsigned char)*at))
				at++;
			continue;
		}
		if (*format != '%') {
			at = *at == *format ? at + 1 : NULL;
			continue;
		}
		format++;
		if (*format == 'E' || *format == 'O')
			format++;
		other = composite(*format);
		at = other != NULL ? parse(at, other, s) : convert(at, *format, s);
	}
	return at;
}

/* The days of the week and of the year from the date, or the date from the day of the year. */
static void
complete(const struct state *s)
{
	struct tm *tm = s->tm;
	long long year = tm->tm_year + 1900ll, days;

	if (s->month_known && s->day_known) {
		days = __calendar_days(year, tm->tm_mon, tm->tm_mday);
		tm->tm_yday = days - __calendar_days(year, 0, 1);
	} else if (s->year_day_known) {
		days = __calendar_days(year, 0, 1 + tm->tm_yday);
		for (tm->tm_mon = 11; __calendar_days(year, tm->tm_mon, 1) > days; tm->tm_mon--)
			continue;
		tm->tm_mday = days - __calendar_days(year, tm->tm_mon, 1) + 1;
	} else {
		return;
	}
	tm->tm_wday = ((days + 4) % 7 + 7) % 7;
}

char *
strptime(const char *restrict text, const char *restrict format, struct tm *restrict tm)
{
	struct state s = { .tm = tm, .century = -1, .pm = -1 };
	const char *end = parse(text, format, &s);

	if (end == NULL)
		return NULL;
	if (s.pm >= 0)
		tm->tm_hour = tm->tm_hour % 12 + (s.pm == 1 ? 12 : 0);
	if (s.century >= 0)
		tm->tm_year = (s.year_known ? tm->tm_year % 100 : 0) + (s.century - 19) * 100;
	if (s.year_known)
		complete(&s);
	return (char *)end;
}
