/*
 * Command line and deadline.
 */
#include "init/cmdline.h"

#include "arch/bootinfo.h"
#include "arch/console.h"
#include "arch/timer.h"
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"

/* The next word from *at on; its length, 0 at the end. */
static size_t
next_word(const char **at)
{
	size_t length = 0;

	while (**at == ' ')
		(*at)++;
	while ((*at)[length] != 0 && (*at)[length] != ' ')
		length++;
	return length;
}

bool
cmdline_flag(const char *word)
{
	const char *at = bootinfo.command_line;
	size_t length;

	for (; (length = next_word(&at)) != 0; at += length)
		if (length == strlen(word) && strncmp(at, word, length) == 0)
			return true;
	return false;
}

bool
cmdline_value(const char *name, char *buffer, size_t size)
{
	const char *at = bootinfo.command_line;
	size_t length, prefix = strlen(name);

	buffer[0] = 0;
	for (; (length = next_word(&at)) != 0; at += length)
		if (length > prefix && strncmp(at, name, prefix) == 0 && at[prefix] == '=') {
			size_t n = length - prefix - 1;

			if (n >= size)
				n = size - 1;
			memcpy(buffer, at + prefix + 1, n);
			buffer[n] = 0;
			return true;
		}
	return false;
}

uint64_t
cmdline_number(const char *name, uint64_t otherwise)
{
	char text[24];
	uint64_t value = 0;

	if (!cmdline_value(name, text, sizeof(text)) || text[0] == 0)
		return otherwise;
	for (const char *c = text; *c != 0; c++) {
		if (*c < '0' || *c > '9' || value > UINT64_MAX / 20)
			return otherwise;
		value = value * 10 + (*c - '0');
	}
	return value;
}

/* --- deadline --- */

static uint64_t deadline = UINT64_MAX;	/* ns */

void
deadline_init(void)
{
	uint64_t seconds = cmdline_number("deadline", 0);

	if (seconds != 0 && seconds < UINT64_MAX / 2000000000ull)
		deadline = seconds * 1000000000ull;
}

uint64_t
deadline_time(void)
{
	return deadline;
}

void
deadline_check(void)
{
	if (timer_now() < deadline)
		return;
	deadline = UINT64_MAX;
	panic_report_deadline();
}
