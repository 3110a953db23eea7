/* init's unit files and the order of units. */
// SOURCES: user/init/unit.c
#include "unit.h"
#include "../../user/init/unit.h"

static struct unit_spec specs[6];
static const struct unit_spec *list[6];
static uint32_t order[6];

static uint32_t
parse(struct unit_spec *spec, const char *text, const char **error)
{
	return unit_parse(spec, "sample", text, strlen(text), error);
}

static void
a_whole_file(void)
{
	static const char text[] =
		"# a comment\n\nprogram: /boot/fs -v  two\nservice: fs\nservice: files\n"
		"grant: device console\nafter: blk tty\non-death: halt\nterminal: tty\nroot:\tfs\n"
		"instead-of: msh tty\n";
	struct unit_spec s;
	const char *error;

	CHECK_EQ(parse(&s, text, &error), 0);
	CHECK_STR(s.name, "sample");
	CHECK_EQ(s.command_size, 16);
	CHECK_EQ(memcmp(s.command, "/boot/fs\0-v\0two", 16), 0);
	CHECK_EQ(s.service_count, 2);
	CHECK_STR(s.services[1], "files");
	CHECK_EQ(s.grants, GRANT_DEVICE | GRANT_CONSOLE);
	CHECK_EQ(s.after_count, 2);
	CHECK_STR(s.after[0], "blk");
	CHECK_EQ(s.death, DEATH_HALT);
	CHECK_STR(s.terminal, "tty");
	CHECK_STR(s.root, "fs");
	CHECK_EQ(s.instead_count, 2);
	CHECK_STR(s.instead_of[1], "tty");
}

static void
mistakes_are_told_with_their_line(void)
{
	static const struct {
		const char *text;
		uint32_t line;
	} bad[] = {
		{"", 1},
		{"after: blk\n", 2},
		{"program: /a\nservise: x\n", 2},
		{"program /a\n", 1},
		{"program:\n", 1},
		{"program: /a\n\ngrant: root\n", 3},
		{"program: /a\non-death: cry\n", 2},
		{"program: /a\nservice: a b c d e\n", 2},
		{"program: /a\ninstead-of: a b c d e\n", 2},
		{"program: /a\nservice: a-name-that-is-longer-than-thirty-one\n", 2},
		{"a-key-that-is-much-longer-than-thirty-two-bytes: x\n", 1},
		{"program: /a\nterminal: a-name-that-is-longer-than-thirty-one\n", 2},
	};
	struct unit_spec s;
	const char *error;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_EQ(parse(&s, bad[i].text, &error), bad[i].line);
		CHECK(error != NULL && error[0] != 0);
	}
	CHECK(unit_parse(&s, "a-name-that-is-longer-than-thirty-one", "program: x", 10, &error) !=
		0);
}

static void
any_bytes_are_survived(void)
{
	uint32_t seed = 1;
	char text[300];
	struct unit_spec s;
	const char *error;

	for (int round = 0; round < 20000; round++) {
		for (unsigned i = 0; i < sizeof(text); i++) {
			seed = seed * 1664525u + 1013904223u;
			text[i] = "program: after service\ngrant#\0host\t\rx"[(seed >> 8) % 38];
		}
		unit_parse(&s, "x", text, sizeof(text) - (unsigned)round % 300, &error);
	}
}

/* "name after after, name ..." */
static uint32_t
make(const char *const *units, uint32_t count)
{
	char text[200];
	const char *error;

	for (uint32_t i = 0; i < count; i++) {
		const char *space = strchr(units[i], ' ');
		char name[32] = { 0 };

		memcpy(name, units[i],
			space != NULL ? (size_t)(space - units[i]) : strlen(units[i]));
		snprintf(text, sizeof(text), "program: x\n%s%s\n", space != NULL ? "after:" : "",
			space != NULL ? space : "");
		CHECK_EQ(unit_parse(&specs[i], name, text, strlen(text), &error), 0);
		list[i] = &specs[i];
	}
	return unit_order(list, count, order);
}

static void
dependencies_come_first(void)
{
	static const char *const units[] = { "msh fs proc tty", "fs blk", "proc fs", "tty", "blk" };
	static const char *const wanted[] = { "tty", "blk", "fs", "proc", "msh" };
	uint32_t at[5];

	CHECK_EQ(make(units, 5), 5);
	for (uint32_t i = 0; i < 5; i++)
		for (uint32_t j = 0; j < 5; j++)
			if (strcmp(specs[order[i]].name, wanted[j]) == 0)
				at[j] = i;
	CHECK(at[1] < at[2] && at[2] < at[3] && at[3] < at[4] && at[0] < at[4]);
}

static void
circles_and_missing_units_are_left_over(void)
{
	static const char *const circle[] = { "a b", "b c", "c a", "d", "e d" };
	static const char *const missing[] = { "a nobody", "b a", "c" };
	static const char *const self[] = { "a a" };

	CHECK_EQ(make(circle, 5), 2);
	CHECK_STR(specs[order[0]].name, "d");
	CHECK_STR(specs[order[1]].name, "e");
	CHECK_EQ(order[2] + order[3] + order[4], 0 + 1 + 2);
	CHECK_EQ(make(missing, 3), 1);
	CHECK_EQ(make(self, 1), 0);
}

static void
grants_by_name(void)
{
	CHECK_EQ(unit_grant("host"), GRANT_HOST);
	CHECK_EQ(unit_grant("hos"), 0);
}

int
main(void)
{
	TEST(a_whole_file);
	TEST(mistakes_are_told_with_their_line);
	TEST(any_bytes_are_survived);
	TEST(dependencies_come_first);
	TEST(circles_and_missing_units_are_left_over);
	TEST(grants_by_name);
	return unit_done();
}
