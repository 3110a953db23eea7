/* What the labs' test programs share. See observe.h. */
#include "observe.h"

#include <mach/mach_traps.h>
#include <string.h>

#include "ipc_check.h"

void
say(const char *word, const uint64_t *numbers, unsigned count)
{
	char text[256];
	int at = print_to(text, sizeof(text), "%s", word);

	for (unsigned i = 0; i < count && at < (int)sizeof(text) - 20; i++)
		at += print_to(text + at, sizeof(text) - at, " 0x%lx", (unsigned long)numbers[i]);
	print("%s\n", text);
}

uint64_t
draw(uint64_t *seed, uint64_t limit)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed % limit;
}

static uint64_t
number(const char *digits)
{
	uint64_t value = 0;

	while (*digits >= '0' && *digits <= '9')
		value = value * 10 + (uint64_t)(*digits++ - '0');
	return value;
}

void
observe(int argc, char **argv, const struct part *parts)
{
	uint64_t seed = argc > 2 ? number(argv[2]) : 1;

	check_begin();
	for (; parts->name != NULL; parts++) {
		if (argc > 1 && strcmp(argv[1], parts->name) != 0)
			continue;
		parts->run(seed != 0 ? seed : 1);
		SAY("end", 0);
	}
	for (;;)
		lab_exit(0);
}
