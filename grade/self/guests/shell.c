/* The part every tiny guest shares: banner, nonce prompt, a few commands. */
#include "guest.h"

char nonce[32];
static char line[128];

void
print(const char *text)
{
	while (*text)
		machine_put(*text++);
}

static int
starts(const char *text, const char *word)
{
	while (*word)
		if (*text++ != *word++)
			return 0;
	return 1;
}

/* Finds a word anywhere in the command line; returns what follows it, or null. */
static const char *
bootarg(const char *word)
{
	unsigned length;
	const char *args = machine_bootargs(&length);

	for (unsigned i = 0; i < length; i++)
		if (starts(args + i, word)) {
			while (*word++)
				i++;
			return args + i;
		}
	return 0;
}

static void
print_number(unsigned value)
{
	if (value >= 10)
		print_number(value / 10);
	machine_put('0' + value % 10);
}

static int
number(const char *text)
{
	int value = 0;

	while (*text >= '0' && *text <= '9')
		value = value * 10 + *text++ - '0';
	return value;
}

static void
prompt(int status)
{
	if (nonce[0]) {
		print("\x1e");
		print(nonce);
		print(" rc=");
		print_number(status);
		print("\n");
	}
	print("kmsh> ");
}

static void
read_line(void)
{
	unsigned n = 0;
	char c;

	while ((c = machine_get()) != '\r' && c != '\n')
		if (n < sizeof line - 1) {
			line[n++] = c;
			machine_put(c);
		}
	line[n] = 0;
	print("\r\n");
}

static int
obey(void)
{
	if (starts(line, "echo ")) {
		print(line + 5);
		print("\r\n");
		return 0;
	}
	if (starts(line, "poweroff"))
		machine_poweroff(number(line[8] ? line + 9 : "0"));
	if (starts(line, "go"))
		return behave();
	return line[0] ? 127 : 0;
}

void
guest_main(void)
{
	const char *value = bootarg("nonce=");
	int status = 0;

	for (unsigned i = 0; value && value[i] > ' ' && i < sizeof nonce - 1; i++)
		nonce[i] = value[i];
	if (bootarg("early"))
		behave();
	print("tiny guest\r\n");
	for (;;) {
		prompt(status);
		read_line();
		status = obey();
	}
}
