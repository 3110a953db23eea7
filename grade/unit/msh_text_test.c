/*
 * msh reads texts of several lines: newlines, lines that go on, here-documents, and what does not end.
 */
// SOURCES: user/msh/parse.c user/msh/here.c user/msh/expand.c user/msh/pathnames.c user/msh/vars.c user/msh/run.c lib/line/token.c lib/mach/format.c
// CFLAGS: -Iuser/msh -Wno-unused-parameter
#include "msh_mock.h"


static void
newlines(void)
{
	CHECK_STR(run("a\nb"), "[a].[b].");
	CHECK_STR(run("\n\n a \n\n# x\nb;\n c # y\n\n"), "[a].[b].[c].");
	CHECK_STR(run("false &&\n\n a\nb"), "[false].[b].");
	CHECK_STR(run("a |\n b ||\nc"), "[a]1=202.[b]0=201/1.wait 2");
	CHECK_STR(run("a &\nb"), "</dev/null 0>[a]0=50&[b].");
	CHECK_STR(run("V=1\na $V"), "[a][1].");
	CHECK_STR(run("a 'x\ny' \"p\nq\""), "[a][x\ny][p\nq].");
	CHECK_STR(run("exit\na"), "{exit 1 2}");
	CHECK_STR(run("interrupt; a\nb"), "[interrupt].[b].");
	run("status 3\n");
	CHECK_EQ(shell.status, 3);
	run("status 3\n# end");
	CHECK_EQ(shell.status, 0);
	CHECK_STR(run("a &&\nb &"), "</dev/null 0>[/bin/msh][-c][V='1';a &&\nb ]0=50&");
	var_unset("V", 1);
}

static void
lines_that_go_on(void)
{
	CHECK_STR(run("a b\\\nc \\\n d\\\n\ne"), "[a][bc][d].[e].");
	CHECK_STR(run("a \"b\\\nc\" 'd\\\ne'"), "[a][bc][d\\\ne].");
	CHECK_STR(run("\\\n\\\n"), "");
	CHECK_STR(run("a #b\\\nc"), "[a].[c].");
}

static void
here_documents(void)
{
	CHECK_STR(run("a <<E\nx\n  y z\nE\nb"), "<<x\n  y z\n>>[a]0=70.[b].");
	CHECK_STR(run("a <<E\nE"), "<<>>[a]0=70.");
	CHECK_STR(run("a <<E\nEE\n E\nE \nE\n"), "<<EE\n E\nE \n>>[a]0=70.");
	CHECK_STR(run("a 3<<E b; c\nx\nE\nd"), "<<x\n>>[a][b]3=70.[c].[d].");
	CHECK_STR(run("a << E | b\nx\nE\n"), "<<x\n>>[a]0=701=202.[b]0=201/1.wait 2");
	CHECK_STR(run("a <<E && b <<F\nx\nE\ny\nF\nc"), "<<x\n>>[a]0=70.<<y\n>>[b]0=70.[c].");
	CHECK_STR(run("a <<E &&\nx\nE\nb"), "<<x\n>>[a]0=70.[b].");
	CHECK_STR(run("false && a <<E\nx\nE\nb"), "[false].[b].");
	CHECK_STR(run("a <<E <<F\nx\nE\ny\nF\n"), "<<x\n>><<y\n>>[a]0=70.");
	CHECK_STR(run("<<E\nx\nE\n"), "<<x\n>>");
	CHECK_STR(run("cd <<E\nx\nE\n"), "<<x\n>>{cd 1 2}");
}

static void
what_is_replaced(void)
{
	var_set("V", 1, "a  b*");
	CHECK_STR(run("x <<E\n$V \"$V\" '$V' ${V}c $ $? *\nE"), "<<a  b* \"a  b*\" 'a  b*' a  b*c $ 5 *\n>>[x]0=70.");
	CHECK_STR(run("x <<E\n\\$V \\\\ \\` \\x \\\"\nE"), "<<$V \\ ` \\x \\\"\n>>[x]0=70.");
	CHECK_STR(run("x <<E\na\\\nE\nb\\\\\nE"), "<<aE\nb\\\n>>[x]0=70.");
	CHECK_STR(run("x <<'E'\n$V \\$ \\\nE"), "<<$V \\$ \\\n>>[x]0=70.");
	CHECK_STR(run("x <<\\E\n$V\nE"), "<<$V\n>>[x]0=70.");
	CHECK_STR(run("x <<\"E F\"G\n$V\nE FG"), "<<$V\n>>[x]0=70.");
	CHECK_STR(run("x <<-E\n\ta\n\t\t$V\n \tc\n\tE\ny"), "<<a\na  b*\n \tc\n>>[x]0=70.[y].");
	CHECK_STR(run("x <<-'E'\n\t$V\n\t\tE"), "<<$V\n>>[x]0=70.");
	CHECK_STR(run("x <<$V\n$V\n"), "<<>>[x]0=70.");
	var_unset("V", 1);
}

/* A list in the background is for another shell, with its here-documents, and only its own. */
static void
beside(void)
{
	CHECK_STR(run("a <<E; b <<F && c & d <<G\nx\nE\ny\nF\nz\nG\n"),
		"<<x\n>>[a]0=70.</dev/null 0>[/bin/msh][-c][b <<F && c \ny\nF\n]0=50&<<z\n>>[d]0=70.");
	CHECK_STR(run("a <<E &&\nx\nE\nb <<F &\ny\nF\n"), "</dev/null 0>[/bin/msh][-c][a <<E &&\nx\nE\nb <<F \ny\nF\n]0=50&");
}

static void
no_end(void)
{
	static const char *const bad[] = { "a <<E", "a <<E\n", "a <<E\nx\n", "a <<E\nEx", "a <<", "a <<\nx", "a <<;", "a <<'E\nx\nE",
		"a <<E &&\nE\n", "a\n&&\nb", "a\n;", "a &&\n", "a 'x\n" };

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		run(bad[i]);
		CHECK(strchr(notes, '!') != NULL);
		CHECK(strchr(notes, '<') == NULL);
		CHECK_EQ(shell.status, STATUS_SYNTAX);
	}
	CHECK_STR(run("a <<END\nx\n"), "!the here-document does not end with `END'!");
	CHECK_STR(run("a\n;b\nc"), "[a].!a command is missing near `;'!");
}

static void
no_room(void)
{
	notes[0] = 0;
	shell = (struct shell){ .interactive = true, .fds = { 1, 2, 3 } };
	pipes_left = 0;
	run_text("a <<E\nx\nE\nb", true);
	CHECK_STR(notes, "!the here-document: Too many open files in system![b].");
}

/* What has come so far is run as far as it is complete. */
static const char *
run_part(const char *text)
{
	notes[0] = 0;
	shell = (struct shell){ .interactive = true, .pid = 7, .fds = { 1, 2, 3 } };
	pipes_left = 100;
	last_pipe = 200;
	return run_text(text, false);
}

static void
in_parts(void)
{
	static const char *const open[] = { "a", "a >", "a <", "a ;", "a &", "a 'x\n", "a \"x\n", "a \\\n", "a &&\n", "a |\n\n", "a <<E\n", "a <<E\nx\nE", "a <<E\nx\\\nE\n",
		"a <<-E\n\tx\n", "a <<E && b <<F\nE\nx\n", "a <<'E\n" };

	for (unsigned i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		char text[100];

		CHECK_STR(run_part(open[i]), open[i]);
		CHECK_STR(notes, "");
		snprintf(text, sizeof(text), "b\n%s", open[i]);
		CHECK_STR(run_part(text), open[i]);
		CHECK_STR(notes, "[b].");
	}
	CHECK_STR(run_part("a\nb\n"), "");
	CHECK_STR(notes, "[a].[b].");
	CHECK_STR(run_part("a <<E\nx\nE\n"), "");
	CHECK_STR(notes, "<<x\n>>[a]0=70.");
	CHECK_STR(run_part("a >\nb\n"), "");
	CHECK_STR(notes, "!a file name is missing at the end of the line!");
	CHECK_STR(run_part(""), "");
}

/* However a text is cut, the same is run. */
static void
cut_anywhere(void)
{
	srand(5);
	for (unsigned i = 0; i < 20000; i++) {
		char text[60], whole[sizeof(notes)], rest[sizeof(text)] = "";
		unsigned count = (unsigned)rand() % sizeof(text);

		for (unsigned j = 0; j < count; j++)
			text[j] = "aE'\"\\|&;<<<# $\n\n\n-\t"[rand() % 19];
		text[count] = 0;
		snprintf(whole, sizeof(whole), "%s", run(text));
		shell = (struct shell){ .interactive = false, .pid = 7, .fds = { 1, 2, 3 }, .status = 5 };
		notes[0] = 0;
		last_pipe = 200;
		pipes_left = 100;
		last_pid = 0;
		for (unsigned j = 0; j < count && !shell.exiting; j++) {
			size_t n = strlen(rest);
			const char *left;

			rest[n] = text[j];
			rest[n + 1] = 0;
			left = run_text(rest, false);

			memmove(rest, left, strlen(left) + 1);
		}
		if (!shell.exiting)
			run_text(rest, true);
		CHECK_STR(notes, whole);
		REQUIRE(strcmp(notes, whole) == 0);
	}
}

int
main(void)
{
	TEST(newlines);
	TEST(lines_that_go_on);
	TEST(here_documents);
	TEST(what_is_replaced);
	TEST(beside);
	TEST(no_end);
	TEST(no_room);
	TEST(in_parts);
	TEST(cut_anywhere);
	return unit_done();
}
