/*
 * `selftest`: lists and runs the checks.
 */
#include "monitor/selftest.h"

#include "init/printk.h"
#include "init/string.h"
#include "monitor/command.h"

extern const struct selftest selftests_text[], selftests_memory[];
#if LAYER >= 2
extern const struct selftest selftests_threads[];
#endif
#if LAYER == 2
extern const struct selftest selftests_lab2_ports[], selftests_lab2_threads[];
#endif
#if LAYER == 1
extern const struct selftest selftests_exception[], selftests_lab1_text[], selftests_lab1_frames[], selftests_lab1_memory[];
#endif

static const struct selftest *const lists[] = {
	selftests_text, selftests_memory,
#if LAYER >= 2
	selftests_threads,
#endif
#if LAYER == 2
	selftests_lab2_ports, selftests_lab2_threads,
#endif
#if LAYER == 1
	selftests_exception, selftests_lab1_text, selftests_lab1_frames, selftests_lab1_memory,
#endif
};

#define LISTS (sizeof(lists) / sizeof(lists[0]))

static unsigned failures;

bool
selftest_check(bool holds, const char *format, ...)
{
	char text[160];
	va_list arguments;

	if (holds)
		return true;
	failures++;
	va_start(arguments, format);
	kvsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	printk("selftest: %s\n", text);
	return false;
}

uint64_t
selftest_random(uint64_t *state, uint64_t limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state % limit;
}

static int
list_all(void)
{
	for (unsigned i = 0; i < LISTS; i++)
		for (const struct selftest *t = lists[i]; t->name != NULL; t++)
			printk("  %-14s %s\n", t->name, t->what);
	return 0;
}

static int
run_one(const struct selftest *test, uint64_t seed)
{
	failures = 0;
	test->run(seed);
	printk("%s: %u wrong\n", test->name, failures);
	return failures == 0 ? 0 : STATUS_FAILED;
}

/* Not the labs', which are for their graders, nor what ends in a panic. */
static bool
in_all(const struct selftest *test)
{
	return strncmp(test->name, "lab", 3) != 0 && strcmp(test->name, "exception") != 0 && strcmp(test->name, "order") != 0;
}

static int
selftest(int argc, char **argv)
{
	uint64_t seed = 1;
	int status = 0;
	bool found = false;

	if (argc == 1)
		return list_all();
	if (argc > 2 && !argument_number(argv[2], "seed", UINT64_MAX, &seed))
		return STATUS_FAILED;
	if (seed == 0)
		return complain("the seed must not be 0");
	for (unsigned i = 0; i < LISTS; i++)
		for (const struct selftest *t = lists[i]; t->name != NULL; t++)
			if ((strcmp(argv[1], "all") == 0 && in_all(t)) || strcmp(argv[1], t->name) == 0) {
				found = true;
				status |= run_one(t, seed);
			}
	if (!found)
		return complain("%.40s: no such check; `selftest` lists them", argv[1]);
	return status;
}

const struct command commands_selftest[] = {
	{ "selftest", "[NAME|all [SEED]]", "the kernel's checks of itself", 0, 2, selftest },
	{ NULL, NULL, NULL, 0, 0, NULL },
};
