/* Time as text (C11 7.27.3.1-2). */
#include <errno.h>
#include <stdio.h>
#include <time.h>

char *
asctime_r(const struct tm *restrict tm, char *restrict text)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (tm->tm_year > 9999 - 1900 || tm->tm_year < -1899 - 1000) {
		errno = EOVERFLOW;
		return NULL;
	}
	snprintf(text, 26, "%.3s %.3s%3d %.2d:%.2d:%.2d %d\n",
	    (unsigned)tm->tm_wday > 6 ? "???" : days + 3 * tm->tm_wday,
	    (unsigned)tm->tm_mon > 11 ? "???" : months + 3 * tm->tm_mon, tm->tm_mday, tm->tm_hour, tm->tm_min,
	    tm->tm_sec, tm->tm_year + 1900);
	return text;
}

char *
asctime(const struct tm *tm)
{
	static char text[26];

	return asctime_r(tm, text);
}

char *
ctime_r(const time_t *when, char *text)
{
	struct tm tm;

	return localtime_r(when, &tm) != NULL ? asctime_r(&tm, text) : NULL;
}

char *
ctime(const time_t *when)
{
	struct tm *tm = localtime(when);

	return tm != NULL ? asctime(tm) : NULL;
}
