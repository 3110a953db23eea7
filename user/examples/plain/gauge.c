/*
 * gauge: what a web server's log says (the common log format).
 *
 *	gauge [--from TIME] [--to TIME] [--match REGEX] [--path GLOB] [--by host|path|status|hour|day] [--top N] [--csv] [--strict] [file ...]
 *
 * TIME: 2024-03-01 or 2024-03-01T12:00:00, UTC. Lines that do not fit are counted, or told with --strict. Sizes are grouped by thousands,
 * percentiles are those of the size of answers, the histogram is of the hours.
 */
#define _XOPEN_SOURCE 700
#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <regex.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define FIELDS	8
#define LINE_FORM	"^([^ ]+) [^ ]+ ([^ ]+) \\[([^]]+)\\] \"([A-Z]+) ([^ \"]+)( HTTP/[0-9.]+)?\" ([0-9]{3}) ([0-9]+|-)"

enum by { BY_HOST, BY_PATH, BY_STATUS, BY_HOUR, BY_DAY };

static const char *const by_names[] = { "host", "path", "status", "hour", "day" };

struct group {
	char *name;
	uint64_t hits, bytes;
	time_t first, last;
};

static struct {
	time_t from, to;
	const char *path;
	regex_t match;
	int matching, csv, strict;
	enum by by;
	long top;
} want = { .to = (time_t)INT64_MAX, .by = BY_PATH, .top = 5 };

static regex_t form;
static void *groups;			/* tree of struct group */
static struct group **sorted;
static size_t group_count;
static uint64_t *sizes;
static size_t size_count, size_room;
static uint64_t bad, total, errors;
static unsigned long hours[24];

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "gauge: %s: %s\n", what, why);
	exit(2);
}

static void *
must(void *p)
{
	if (p == NULL)
		fail("memory", strerror(ENOMEM));
	return p;
}

/* Seconds since the epoch of UTC's broken-down time, without the time zone of this process. */
static time_t
seconds(struct tm *tm)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	long year = tm->tm_year + 1900L, days;

	days = (year - 1970) * 365 + (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400 + before[tm->tm_mon] + tm->tm_mday - 1;
	if (tm->tm_mon > 1 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
		days++;
	return ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
}

static time_t
time_option(const char *text)
{
	struct tm tm;
	const char *end;

	memset(&tm, 0, sizeof(tm));
	end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (end == NULL) {
		memset(&tm, 0, sizeof(tm));
		end = strptime(text, "%Y-%m-%d", &tm);
	}
	if (end == NULL || *end != '\0')
		fail(text, "not a time");
	return seconds(&tm);
}

/* 10/Oct/2000:13:55:36 -0700 */
static int
log_time(const char *text, time_t *when)
{
	struct tm tm;
	int zone;
	char sign;
	const char *rest;

	memset(&tm, 0, sizeof(tm));
	rest = strptime(text, "%d/%b/%Y:%T", &tm);
	if (rest == NULL || sscanf(rest, " %c%4d", &sign, &zone) != 2 || (sign != '+' && sign != '-'))
		return -1;
	zone = (zone / 100 * 60 + zone % 100) * 60;
	*when = seconds(&tm) - (sign == '-' ? -zone : zone);
	return 0;
}

/* --- groups --- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->name, ((const struct group *)b)->name);
}

static void
count(const char *name, time_t when, uint64_t bytes)
{
	struct group key = { .name = (char *)name }, *g, **at;

	at = tfind(&key, &groups, by_name);
	if (at == NULL) {
		g = must(calloc(1, sizeof(*g)));
		g->name = must(strdup(name));
		g->first = g->last = when;
		at = must(tsearch(g, &groups, by_name));
		assert(*at == g);
		group_count++;
	}
	g = *at;
	g->hits++;
	g->bytes += bytes;
	if (when < g->first)
		g->first = when;
	if (when > g->last)
		g->last = when;
}

static void
size_add(uint64_t bytes)
{
	if (size_count == size_room) {
		size_room = size_room != 0 ? size_room * 2 : 64;
		sizes = must(realloc(sizes, size_room * sizeof(*sizes)));
	}
	sizes[size_count++] = bytes;
}

/* --- lines --- */

static char *
part(char *line, const regmatch_t *m)
{
	if (m->rm_so < 0)
		return NULL;
	line[m->rm_eo] = '\0';
	return line + m->rm_so;
}

static void
line_bad(const char *file, long number, const char *why)
{
	bad++;
	if (want.strict)
		fprintf(stderr, "gauge: %s:%ld: %s\n", file, number, why);
}

static void
take(const char *file, long number, char *line)
{
	regmatch_t m[FIELDS + 1];
	char *host, *path, *state, *size, name[64], why[128];
	struct tm *tm;
	time_t when;
	uint64_t bytes;
	int error = regexec(&form, line, FIELDS + 1, m, 0);

	if (error != 0) {
		regerror(error, &form, why, sizeof(why));
		line_bad(file, number, error == REG_NOMATCH ? "not a log line" : why);
		return;
	}
	if (want.matching && regexec(&want.match, line, 0, NULL, 0) != 0)
		return;
	if (log_time(part(line, &m[3]), &when) < 0) {
		line_bad(file, number, "no such time");
		return;
	}
	host = part(line, &m[1]);
	path = part(line, &m[5]);
	state = part(line, &m[7]);
	size = part(line, &m[8]);
	if (when < want.from || when >= want.to || (want.path != NULL && fnmatch(want.path, path, FNM_PATHNAME) != 0))
		return;
	bytes = *size == '-' ? 0 : strtoumax(size, NULL, 10);
	tm = gmtime(&when);
	hours[tm->tm_hour]++;
	total += bytes;
	errors += *state >= '4';
	size_add(bytes);
	switch (want.by) {
	case BY_HOST: count(host, when, bytes); break;
	case BY_PATH: path[strcspn(path, "?#")] = '\0'; count(path, when, bytes); break;
	case BY_STATUS: count(state, when, bytes); break;
	case BY_HOUR: strftime(name, sizeof(name), "%H:00", tm); count(name, when, bytes); break;
	case BY_DAY: strftime(name, sizeof(name), "%a %d %b %Y, week %V, day %j", tm); count(name, when, bytes); break;
	}
}

static void
take_file(const char *name)
{
	FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	long number = 0;

	if (in == NULL)
		fail(name, strerror(errno));
	while ((n = getline(&line, &room, in)) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line != '\0')
			take(name, ++number, line);
	}
	free(line);
	if (in != stdin)
		fclose(in);
}

/* --- output --- */

/* 1234567 -> 1,234,567 */
static const char *
grouped(uint64_t n)
{
	static char text[4][32];
	static int turn;
	char digits[24], *to = text[turn = (turn + 1) % 4];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, n), i;

	for (i = 0; i < length; i++) {
		if (i != 0 && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text[turn];
}

static void
collect(const void *node, VISIT visit, int depth)
{
	(void)depth;
	if (visit == postorder || visit == leaf)
		sorted[group_count++] = *(struct group *const *)node;
}

static int
by_hits(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;

	if (x->hits != y->hits)
		return x->hits < y->hits ? 1 : -1;
	return strcoll(x->name, y->name);
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
print_groups(void)
{
	char first[32], last[32];
	size_t i;

	sorted = must(calloc(group_count + 1, sizeof(*sorted)));
	group_count = 0;
	twalk(groups, collect);
	qsort(sorted, group_count, sizeof(*sorted), by_hits);
	if (want.csv)
		printf("%s,hits,bytes,first,last\n", by_names[want.by]);
	for (i = 0; i < group_count && (want.top == 0 || i < (size_t)want.top); i++) {
		strftime(first, sizeof(first), want.csv ? "%FT%TZ" : "%e %b %H:%M", gmtime(&sorted[i]->first));
		strftime(last, sizeof(last), want.csv ? "%FT%TZ" : "%I:%M:%S %p", gmtime(&sorted[i]->last));
		printf(want.csv ? "\"%s\",%" PRIu64 ",%" PRIu64 ",%s,%s\n" : "%-30.30s %5" PRIu64 " %12" PRIu64 "  %s - %s\n", sorted[i]->name,
		       sorted[i]->hits, sorted[i]->bytes, first, last);
	}
}

static void
print_sizes(void)
{
	static const int percents[] = { 50, 90, 99 };
	double mean, variance = 0;
	size_t i;

	if (size_count == 0)
		return;
	qsort(sizes, size_count, sizeof(*sizes), by_size);
	mean = (double)total / (double)size_count;
	for (i = 0; i < size_count; i++)
		variance += ((double)sizes[i] - mean) * ((double)sizes[i] - mean);
	printf("size: mean %.2f, deviation %.3e, largest %s", mean, sqrt(variance / (double)size_count), grouped(sizes[size_count - 1]));
	for (i = 0; i < sizeof(percents) / sizeof(percents[0]); i++)
		printf(", %d%% %s", percents[i], grouped(sizes[(size_count - 1) * (size_t)percents[i] / 100]));
	putchar('\n');
}

static void
print_hours(void)
{
	unsigned long most = 1;
	int i, width;

	for (i = 0; i < 24; i++)
		most = hours[i] > most ? hours[i] : most;
	for (i = 0; i < 24; i++) {
		width = (int)lround(40.0 * (double)hours[i] / (double)most);
		if (hours[i] != 0)
			printf("%02d |%-*.*s| %lu\n", i, 40, width, "########################################", hours[i]);
	}
}

static const struct option options[] = {
	{ "from", required_argument, NULL, 'f' }, { "to", required_argument, NULL, 't' }, { "match", required_argument, NULL, 'm' },
	{ "path", required_argument, NULL, 'p' }, { "by", required_argument, NULL, 'b' }, { "top", required_argument, NULL, 'n' },
	{ "csv", no_argument, &want.csv, 1 }, { "strict", no_argument, &want.strict, 1 }, { "help", no_argument, NULL, 'h' }, { 0 }
};

static void
option_match(const char *text)
{
	char why[128];
	int error = regcomp(&want.match, text, REG_EXTENDED | REG_ICASE | REG_NOSUB);

	if (error != 0) {
		regerror(error, &want.match, why, sizeof(why));
		fprintf(stderr, "gauge: %s: not a regular expression\n", text);
		exit(2);
	}
	want.matching = 1;
}

static void
option_by(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(by_names) / sizeof(by_names[0]); i++)
		if (strcasecmp(text, by_names[i]) == 0) {
			want.by = (enum by)i;
			return;
		}
	fail(text, "group by host, path, status, hour or day");
}

int
main(int argc, char **argv)
{
	int c;

	if (setlocale(LC_ALL, "") == NULL)
		fail("locale", "unknown");
	while ((c = getopt_long(argc, argv, "f:t:m:p:b:n:h", options, NULL)) != -1)
		switch (c) {
		case 0: break;
		case 'f': want.from = time_option(optarg); break;
		case 't': want.to = time_option(optarg); break;
		case 'm': option_match(optarg); break;
		case 'p': want.path = optarg; break;
		case 'b': option_by(optarg); break;
		case 'n': want.top = strtol(optarg, NULL, 0); break;
		case 'h': puts("usage: gauge [option] ... [file ...]"); return 0;
		default: return 2;
		}
	if (regcomp(&form, LINE_FORM, REG_EXTENDED) != 0)
		fail("form", "does not compile");
	if (optind == argc)
		take_file("-");
	for (; optind < argc; optind++)
		take_file(argv[optind]);
	print_groups();
	if (!want.csv) {
		printf("%zu hits, %s bytes, %" PRIu64 " errors, %" PRIu64 " lines do not fit\n", size_count, grouped(total), errors, bad);
		print_sizes();
		print_hours();
	}
	regfree(&form);
	return bad != 0 && want.strict ? 1 : 0;
}
