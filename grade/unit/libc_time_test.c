// LIBC: lib/libc/time/*.c lib/libc/string/strlcpy.c lib/libc/string/strlen.c lib/libc/string/memcpy.c
/*
 * Dates against the host's library, in several time zones given in POSIX form.
 */
#define _GNU_SOURCE
#include <time.h>

#include "unit.h"

#include "libc_host.h"

struct tm *m_gmtime_r(const time_t *, struct tm *), *m_localtime_r(const time_t *, struct tm *);
time_t m_mktime(struct tm *), m_timegm(struct tm *);
char *m_asctime_r(const struct tm *, char *), *m_strptime(const char *, const char *, struct tm *);
size_t m_strftime(char *, size_t, const char *, const struct tm *);
void m_tzset(void);

/* The numbers of the clocks are this system's. */
int
m_clock_gettime(int clock, struct timespec *now)
{
	static const clockid_t hosts[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_PROCESS_CPUTIME_ID };

	return clock_gettime(hosts[clock], now);
}

static time_t
random_time(void)
{
	return (time_t)random_bits() >> (18 + random_below(16));
}

static void
compare_tm(const struct tm *a, const struct tm *b)
{
	CHECK(a->tm_sec == b->tm_sec && a->tm_min == b->tm_min && a->tm_hour == b->tm_hour && a->tm_mday == b->tm_mday &&
	    a->tm_mon == b->tm_mon && a->tm_year == b->tm_year && a->tm_wday == b->tm_wday && a->tm_yday == b->tm_yday);
	CHECK_EQ(a->tm_isdst, b->tm_isdst);
	CHECK_EQ(a->tm_gmtoff, b->tm_gmtoff);
	CHECK_STR(a->tm_zone, b->tm_zone);
}

static const char *const zones[] = { "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "NZST-12NZDT,M9.5.0,M4.1.0/3",
	"<+0530>-5:30", "XXX3YYY,J60/1,J300", "ABC-2DEF-3:30,59/2:30,299" };

static void
times_are_split_and_joined_alike(void)
{
	for (unsigned z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
		setenv("TZ", zones[z], 1);
		tzset();
		for (long i = cases(1500); i > 0; i--) {
			time_t when = random_time();
			struct tm a = { 0 }, b = { 0 }, c, d;

			/* the host knows no summer time before 1970 */
			if (z > 0 && when < 100000000)
				continue;
			REQUIRE((m_gmtime_r(&when, &a) == NULL) == (gmtime_r(&when, &b) == NULL));
			compare_tm(&a, &b);
			CHECK_EQ(m_timegm(&a), when);
			m_localtime_r(&when, &a);
			localtime_r(&when, &b);
			compare_tm(&a, &b);
			c = d = b;
			CHECK_EQ(m_mktime(&c), mktime(&d));
			compare_tm(&c, &d);
			b.tm_isdst = 0;
			b.tm_mon += (int)random_below(40) - 20;
			b.tm_mday += (int)random_below(400) - 200;
			b.tm_hour = 12;
			b.tm_isdst = -1;
			c = d = b;
			CHECK_EQ(m_mktime(&c), mktime(&d));
			compare_tm(&c, &d);
		}
	}
}

/* The ends of time_t, of which a zone's offset leads out, and of the years that fit. */
static void
times_without_a_year_are_refused(void)
{
	static const char *const ahead_and_behind[] = { "JST-9", "PST8", "UTC0", "CET-1CEST", "EST5EDT" };
	static const time_t far[] = { INT64_MAX, INT64_MAX - 1, INT64_MAX - 9 * 3600, INT64_MIN, INT64_MIN + 1, INT64_MIN + 5 * 3600, 1LL << 60 };
	struct tm tm;

	for (unsigned z = 0; z < sizeof(ahead_and_behind) / sizeof(ahead_and_behind[0]); z++) {
		setenv("TZ", ahead_and_behind[z], 1);
		for (unsigned i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
			m_errno = 0;
			CHECK(m_localtime_r(&far[i], &tm) == NULL && m_errno == EOVERFLOW);
			m_errno = 0;
			CHECK(m_gmtime_r(&far[i], &tm) == NULL && m_errno == EOVERFLOW);
		}
	}
}

static void
formats_agree(void)
{
	static const char format[] = "%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M %n %p %P %r %R %s %S %t %T %u %U %V %w %W "
	    "%x %X %y %Y %z %Z %% %-d %_m %03d %^a";

	for (long i = cases(3000); i > 0; i--) {
		time_t when = random_time();
		char ours[600], theirs[600];
		struct tm tm, back = { 0 };

		if (when < 100000000 || when > 250000000000)
			continue;
		setenv("TZ", zones[random_below(7)], 1);
		tzset();
		localtime_r(&when, &tm);
		CHECK_EQ(m_strftime(ours, sizeof(ours), format, &tm), strftime(theirs, sizeof(theirs), format, &tm));
		CHECK_STR(ours, theirs);
		m_asctime_r(&tm, ours);
		asctime_r(&tm, theirs);
		CHECK_STR(ours, theirs);
		if (tm.tm_year > 8000)
			continue;
		m_strftime(ours, sizeof(ours), "%Y-%m-%d %H:%M:%S|%c", &tm);
		REQUIRE(m_strptime(ours, "%Y-%m-%d %T|%c", &back) != NULL);
		CHECK(back.tm_year == tm.tm_year && back.tm_yday == tm.tm_yday && back.tm_wday == tm.tm_wday && back.tm_sec == tm.tm_sec);
	}
	CHECK_EQ(m_strftime((char[4]){ 0 }, 4, "%Y", &(struct tm){ .tm_year = 100 }), 0);
}

static void
times_are_read(void)
{
	struct tm tm = { 0 };

	CHECK_STR(m_strptime("Sun, 06 Nov 1994 08:49:37 GMT rest", "%a, %d %b %Y %H:%M:%S GMT", &tm), " rest");
	CHECK(tm.tm_year == 94 && tm.tm_mon == 10 && tm.tm_mday == 6 && tm.tm_wday == 0 && tm.tm_hour == 8);
	CHECK_STR(m_strptime("12:05 pm +0130", "%I:%M %p %z", &tm), "");
	CHECK(tm.tm_hour == 12 && tm.tm_gmtoff == 5400);
	CHECK(m_strptime("13:05", "%I:%M", &tm) == NULL);
	CHECK(m_strptime("x", "%d", &tm) == NULL);
}

/* A time that no zone was put into is named after TZ and whether it is summer there. */
static void
zones_are_named(void)
{
	char ours[40], theirs[40];

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (int summer = -1; summer < 2; summer++) {
		struct tm tm = { .tm_year = 124, .tm_mday = 1, .tm_isdst = summer };

		CHECK_EQ(m_strftime(ours, sizeof(ours), "[%Z]", &tm), strftime(theirs, sizeof(theirs), "[%Z]", &tm));
		CHECK_STR(ours, theirs);
	}
}

static void
read_alike(const char *text, const char *format)
{
	struct tm a = { 0 }, b = { 0 };
	char *x = m_strptime(text, format, &a), *y = strptime(text, format, &b);

	if (x != y || a.tm_year != b.tm_year || a.tm_mon != b.tm_mon || a.tm_mday != b.tm_mday || a.tm_wday != b.tm_wday ||
	    a.tm_yday != b.tm_yday || a.tm_gmtoff != b.tm_gmtoff)
		fprintf(stderr, "\"%s\" by %s: %d-%d-%d, week day %d, day %d, offset %ld\n", text, format, a.tm_year, a.tm_mon, a.tm_mday,
		    a.tm_wday, a.tm_yday, a.tm_gmtoff);
	CHECK(x == y);
	CHECK(a.tm_year == b.tm_year && a.tm_mon == b.tm_mon && a.tm_mday == b.tm_mday && a.tm_wday == b.tm_wday && a.tm_yday == b.tm_yday);
	CHECK_EQ(a.tm_gmtoff, b.tm_gmtoff);
}

static void
times_are_read_alike(void)
{
	static const char *const pairs[][2] = { { "2024-060", "%Y-%j" }, { "2023 060", "%Y %j" }, { "2024-001", "%Y-%j" },
		{ "2024-366", "%Y-%j" }, { "59 99", "%j %y" }, { "2024-02-29 +0130", "%F%z" }, { " +0100", "%z" }, { "\t-05:30", "%z" },
		{ "2024 23 1", "%G %V %u" }, { "24 5", "%g %u" }, { "x", "%G" } };

	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		read_alike(pairs[i][0], pairs[i][1]);
}

int
main(void)
{
	TEST(times_are_split_and_joined_alike);
	TEST(times_without_a_year_are_refused);
	TEST(formats_agree);
	TEST(times_are_read);
	TEST(zones_are_named);
	TEST(times_are_read_alike);
	return unit_done();
}
