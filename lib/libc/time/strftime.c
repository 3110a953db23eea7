/* Time by a format (POSIX.1-2017 strftime), in the C locale. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "calendar.h"
#include "names.h"

/* The year and week of ISO 8601: week 1 is the one with the first Thursday. */
static int
iso_week(const struct tm *tm, long long *year)
{
	int since_monday = (tm->tm_wday + 6) % 7, thursday = tm->tm_yday - since_monday + 3, length;

	*year = tm->tm_year + 1900ll;
	if (thursday < 0) {
		--*year;
		thursday += __calendar_days(*year + 1, 0, 1) - __calendar_days(*year, 0, 1);
	}
	length = __calendar_days(*year + 1, 0, 1) - __calendar_days(*year, 0, 1);
	if (thursday >= length) {
		thursday -= length;
		++*year;
	}
	return thursday / 7 + 1;
}

static const char *
name(const char *const *names, int count, int index, bool whole, char text[64])
{
	if (index < 0 || index >= count)
		return "?";
	return whole ? names[index] : (snprintf(text, 64, "%.3s", names[index]), text);
}

/* What stands for another format. */
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

struct field {
	long long value;
	int width;
	char fill;
};

static bool
numeric(char conversion, const struct tm *tm, struct field *field)
{
	long long year = tm->tm_year + 1900ll, iso;
	int week = iso_week(tm, &iso), half = tm->tm_hour % 12;

	*field = (struct field){ 0, 2, '0' };
	switch (conversion) {
	case 'C': field->value = year / 100 - (year % 100 < 0); return true;
	case 'd': field->value = tm->tm_mday; return true;
	case 'e': *field = (struct field){ tm->tm_mday, 2, ' ' }; return true;
	case 'g': field->value = (iso % 100 + 100) % 100; return true;
	case 'G': *field = (struct field){ iso, 1, '0' }; return true;
	case 'H': field->value = tm->tm_hour; return true;
	case 'k': *field = (struct field){ tm->tm_hour, 2, ' ' }; return true;
	case 'I': field->value = half == 0 ? 12 : half; return true;
	case 'l': *field = (struct field){ half == 0 ? 12 : half, 2, ' ' }; return true;
	case 'j': *field = (struct field){ tm->tm_yday + 1, 3, '0' }; return true;
	case 'm': field->value = tm->tm_mon + 1; return true;
	case 'M': field->value = tm->tm_min; return true;
	case 's': *field = (struct field){ mktime(&(struct tm){ tm->tm_sec, tm->tm_min, tm->tm_hour, tm->tm_mday,
	    tm->tm_mon, tm->tm_year, 0, 0, tm->tm_isdst, 0, NULL }), 1, '0' }; return true;
	case 'S': field->value = tm->tm_sec; return true;
	case 'u': *field = (struct field){ tm->tm_wday == 0 ? 7 : tm->tm_wday, 1, '0' }; return true;
	case 'U': field->value = (tm->tm_yday + 7 - tm->tm_wday) / 7; return true;
	case 'V': field->value = week; return true;
	case 'w': *field = (struct field){ tm->tm_wday, 1, '0' }; return true;
	case 'W': field->value = (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7; return true;
	case 'y': field->value = (year % 100 + 100) % 100; return true;
	case 'Y': *field = (struct field){ year, 1, '0' }; return true;
	}
	return false;
}

static const char *
textual(char conversion, const struct tm *tm, char text[64])
{
	long minutes = tm->tm_gmtoff / 60, size = minutes < 0 ? -minutes : minutes;

	switch (conversion) {
	case 'a': return name(__day_names, 7, tm->tm_wday, false, text);
	case 'A': return name(__day_names, 7, tm->tm_wday, true, text);
	case 'b': case 'h': return name(__month_names, 12, tm->tm_mon, false, text);
	case 'B': return name(__month_names, 12, tm->tm_mon, true, text);
	case 'n': return "\n";
	case 'p': return tm->tm_hour >= 12 ? "PM" : "AM";
	case 'P': return tm->tm_hour >= 12 ? "pm" : "am";
	case 't': return "\t";
	case 'z':
		if (tm->tm_isdst < 0)
			return "";
		snprintf(text, 64, "%c%02ld%02ld", minutes < 0 ? '-' : '+', size / 60, size % 60);
		return text;
	case 'Z':
		tzset();
		return tm->tm_isdst < 0 ? "" : tm->tm_zone != NULL ? tm->tm_zone : tzname[tm->tm_isdst > 0];
	case '%': return "%";
	}
	return NULL;
}

/* The text of one conversion; flags '_' '-' '0' change the fill. Returns its length, or -1: it does not fit. */
static long
convert(char *text, size_t room, char conversion, char flag, int width, const struct tm *tm)
{
	char small[64], fill;
	struct field field;
	const char *word = composite(conversion);
	long length;

	if (word != NULL) {
		length = strftime(text, room, word, tm);
		return length == 0 ? -1 : length;
	}
	if (numeric(conversion, tm, &field)) {
		fill = flag == '_' ? ' ' : flag == '0' ? '0' : field.fill;
		if (width == 0)
			width = flag == '-' ? 1 : field.width;
		length = fill == '0' ? snprintf(text, room, "%0*lld", width, field.value) :
		    snprintf(text, room, "%*lld", width, field.value);
		return length < (long)room ? length : -1;
	}
	word = textual(conversion, tm, small);
	if (word == NULL)
		return -1;
	length = snprintf(text, room, "%*s", width, word);
	for (long i = 0; flag == '^' && i < length && i < (long)room; i++)
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] -= 32;
	return length < (long)room ? length : -1;
}

size_t
strftime(char *restrict text, size_t size, const char *restrict format, const struct tm *restrict tm)
{
	size_t used = 0;
	long length;

	for (; *format != 0; format++) {
		char flag = 0;
		int width = 0;

		if (*format != '%') {
			if (used + 1 >= size)
				return 0;
			text[used++] = *format;
			continue;
		}
		format++;
		while (*format != 0 && strchr("_-0^#+", *format) != NULL)
			flag = *format++;
		for (; *format >= '0' && *format <= '9'; format++)
			width = width < 1000 ? width * 10 + (*format - '0') : width;
		if (*format == 'E' || *format == 'O')
			format++;
		if (*format == 0)
			break;
		length = used < size ? convert(text + used, size - used, *format, flag, width, tm) : -1;
		if (length < 0)
			return 0;
		used += length;
	}
	if (used >= size)
		return 0;
	text[used] = 0;
	return used;
}
