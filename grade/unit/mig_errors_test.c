/* Mistakes in .defs files: conf/mig.py says where and what, and writes nothing. */
#include "unit.h"
#include <stdlib.h>
#include <unistd.h>

static char folder[64];

/* Runs the generator on `text`; what it says goes to `said`. Returns its status. */
static int
generate(const char *text, char *said, size_t size)
{
	char path[128], command[400];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/x.defs", folder);
	f = fopen(path, "w");
	fputs(text, f);
	fclose(f);
	snprintf(
		command, sizeof(command), "python3 conf/mig.py --out %s/out %s 2>&1", folder, path);
	f = popen(command, "r");
	n = fread(said, 1, size - 1, f);
	said[n] = 0;
	return pclose(f);
}

#define HEAD "subsystem x 100;\n"

static void
mistakes_are_told_with_file_and_line(void)
{
	static const struct {
		const char *text, *wanted;
	} bad[] = {
		{"", "no subsystem"},
		{"routine f(p : mach_port_t);", "x.defs:1: a protocol starts with"},
		{HEAD "routin f(p : mach_port_t);", "x.defs:2: 'routin' is not a statement"},
		{HEAD "\nroutine f(p : mach_port_t; a : uint128_t);",
			"x.defs:3: type 'uint128_t' is not known"},
		{HEAD "routine f(a : int32_t);", "the request port"},
		{HEAD "routine f(p : mach_port_t; q : mach_port_t);", "the request port"},
		{HEAD "routine f(p : mach_port_t; p : int32_t);", "is used already"},
		{HEAD "routine f(p : mach_port_t; rq : int32_t);", "is used already"},
		{HEAD "routine f(p : mach_port_t);\nroutine f(p : mach_port_t);",
			"x.defs:3: routine 'f' is defined already"},
		{HEAD "simpleroutine f(p : mach_port_t; out a : int32_t);", "no out argument"},
		{HEAD "type t = array[*] of uint8_t;", "needs a limit"},
		{HEAD "type t = array[*:9000] of uint8_t;", "9000 elements"},
		{HEAD "type t = array[*:17] of mach_port_send_t;", "array of ports"},
		{HEAD "type t = c_string[0];", "0 elements"},
		{HEAD "type int32_t = int64_t;", "defined already"},
		{HEAD "routine f(p : mach_port_t)", "';' expected, found 'end of file'"},
		{HEAD "type a = array[*:9] of mach_port_send_t;\nroutine f(p : mach_port_t; x : a; "
		      "y : a);",
			"more than 16 rights"},
	};
	char said[1000];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(generate(bad[i].text, said, sizeof(said)) != 0);
		if (strstr(said, bad[i].wanted) == NULL)
			CHECK_STR(said, bad[i].wanted);
		CHECK(strstr(said, "Traceback") == NULL);
	}
}

static void
a_correct_file_is_accepted(void)
{
	char said[1000];

	CHECK_EQ(generate(HEAD "/* c */ import <a.h>;\nskip;\n"
		"routine f(p : mach_port_t; in in_a : int32_t);", said, sizeof(said)), 0);
	CHECK_STR(said, "");
}

int
main(void)
{
	char command[100];

	snprintf(folder, sizeof(folder), "/tmp/mig_errors.%d", (int)getpid());
	snprintf(command, sizeof(command), "mkdir -p %s", folder);
	if (system(command) != 0)
		return 1;
	TEST(mistakes_are_told_with_file_and_line);
	TEST(a_correct_file_is_accepted);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	if (system(command) != 0)
		return 1;
	return unit_done();
}
