/*
 * msh without a system: lines are parsed, expanded and run against programs, files and a terminal
 * that only note what they are asked for.
 */
// SOURCES: user/msh/parse.c user/msh/here.c user/msh/expand.c user/msh/pathnames.c user/msh/vars.c user/msh/run.c lib/line/token.c lib/mach/format.c
// CFLAGS: -Iuser/msh -Wno-unused-parameter
#include "msh_mock.h"

/* --- tests --- */

static void
words(void)
{
	CHECK_STR(run("echo a 'b c' \"d e\" f\\ g"), "[echo][a][b c][d e][f g].");
	CHECK_STR(run("echo '' \"\""), "[echo][][].");
	CHECK_STR(run("echo a # b"), "[echo][a].");
	CHECK_STR(run("cd /x"), "{cd 2 2}");
	CHECK_STR(run(""), "");
	CHECK_EQ(shell.status, 0);
	CHECK_STR(run("  # only"), "");
	CHECK_STR(run("''"), "[].");
}

static void
lists(void)
{
	CHECK_STR(run("a;b; c ;"), "[a].[b].[c].");
	CHECK_STR(run("false && a || b"), "[false].[b].");
	CHECK_STR(run("true && a || b"), "[true].[a].");
	CHECK_STR(run("false || false || a && b"), "[false].[false].[a].[b].");
	CHECK_STR(run("false && a; b"), "[false].[b].");
	CHECK_STR(run("true || a || b && c"), "[true].[c].");
	CHECK_STR(run("exit; a"), "{exit 1 2}");
	CHECK_STR(run("interrupt; a"), "[interrupt].");
	run("status 42");
	CHECK_EQ(shell.status, 42);
	run("status 42; true");
	CHECK_EQ(shell.status, 0);
}

static void
background(void)
{
	CHECK_STR(run("a & b"), "</dev/null 0>[a]0=50&[b].");
	CHECK_STR(run("a < f1 &"), "<f1 0>[a]0=101&");
	CHECK_STR(run("cd 'a b' &"), "</dev/null 0>[/bin/msh][-c]['cd' 'a b']0=50&");
}

/* Lists in the background are for a shell of their own, with the variables of this one. */
static void
lists_in_the_background(void)
{
	CHECK_STR(run("a && b & c"), "</dev/null 0>[/bin/msh][-c][a && b ]0=50&[c].");
	CHECK_STR(run("a 'x y' | b || c > f1; d"), "[a][x y]1=202.[b]0=201/1.wait 2[d].");
	CHECK_STR(run("x; a 'x y' | b || c > f1 & d"), "[x].</dev/null 0>[/bin/msh][-c][a 'x y' | b || c > f1 ]0=50&[d].");
	CHECK_STR(run("a &b && c&"), "</dev/null 0>[a]0=50&</dev/null 0>[/bin/msh][-c][b && c]0=50&");
	CHECK_STR(run("V='it'\\''s' W=2"), "");
	CHECK(var_export("W", 1));
	CHECK_STR(run("a || b&"), "</dev/null 0>[/bin/msh][-c][V='it'\\''s';a || b]0=50&");
	var_unset("V", 1);
	var_unset("W", 1);
}

static void
pathnames(void)
{
	CHECK_STR(run("a *.c"), "[a][a.c][b.c].");
	CHECK_STR(run("a * d/*"), "[a][a.c][b.c][d][d/x.c][d/y].");
	CHECK_STR(run("a */x.? /*/[!x]* .h*"), "[a][d/x.c][/d/y][.hidden].");
	CHECK_STR(run("a '*'.c \\*.c \"*.c\" *.none [ [b]\".\"c */"), "[a][*.c][*.c][*.c][*.none][[][b.c][d/].");
	CHECK_STR(run("G='*.c'; a $G \"$G\" x$G"), "[a][a.c][b.c][*.c][x*.c].");
	CHECK_STR(run("G=*.c; a \"$G\""), "[a][*.c].");
	CHECK_STR(run("G='a.* b.*'; a $G"), "[a][a.c][b.c].");
	CHECK_STR(run("d*"), "[d].");
	var_unset("G", 1);
}

static void
variables_of_one_command(void)
{
	run("A=1; export=1");
	CHECK_STR(run("A=2 B=$A env $A; a $A $B"), "[env][1].(A=2)(B=2)[a][1].");
	CHECK_STR(run("A=3 cd x; a $A"), "{cd 2 2}[a][1].");
	CHECK_STR(run("C=3 env | A=4 env; a $A $C"), "[env]1=202.(C=3)[env]0=201/1.(A=4)wait 2[a][1].");
	CHECK_STR(run("A=5 A=6 env; a $A"), "[env].(A=6)[a][1].");
	CHECK_STR(run("A=7 env < nofile; a $A"), "!nofile: No such file or directory![a][1].");
	CHECK_STR(run("E= ; A=8 $E; a $A"), "[a][8].");
	CHECK(var_export("A", 1));
	CHECK_STR(run("A=9 env; env"), "[env].(A=9)[env].(A=8)");
	for (allocations_left = 0; allocations_left < 3; allocations_left++) {
		int before = allocations_left;

		CHECK(strstr(run("N=1 A=2 env"), "memory") != NULL && strchr(notes, '[') == NULL);
		CHECK(var_get("N", 1) == NULL);
		CHECK_STR(var_get("A", 1), "8");
		allocations_left = before;
	}
	allocations_left = -1;
	var_unset("A", 1);
	var_unset("E", 1);
	var_unset("export", 6);
}

static void
syntax_errors(void)
{
	static const char *const bad[] = { ";", "; a", "a ;; b", "&& a", "a &&", "a ||", "a | ",
	    "a | | b", "a >", "a > ; b", "a < > f", "& a",
		"'a", "a \"b", "a > 'f", "a || && b", "|" };

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		run(bad[i]);
		CHECK(notes[0] == '!');
		CHECK(strchr(notes, '[') == NULL);
		CHECK_EQ(shell.status, STATUS_SYNTAX);
	}
}

static void
pipelines(void)
{
	CHECK_STR(run("a | b"), "[a]1=202.[b]0=201/1.wait 2");
	CHECK_STR(run("a x | b > f1 | c; d"), "[a][x]1=202.<f1 241>[b]0=2011=101/1.[c]0=203/1.wait 3[d].");
	CHECK_STR(run("a < f2 | b 2>&1 &"), "<f2 0>[a]0=1021=202&[b]0=2012=2/1&wait 2");
	CHECK_STR(run("false | status 4 && a || b"), "[false]1=202.[status][4]0=201/1.wait 2[b].");
	CHECK_STR(run("status 4 | a && b"), "[status][4]1=202.[a]0=201/1.wait 2[b].");
	CHECK_STR(run("a | missing || b"), "[a]1=202.[missing]0=201/1.wait 2[b].");
	CHECK_STR(run("missing | a"), "[missing]1=202.[a]0=201.wait 2");
	CHECK_STR(run("a < nofile | b"), "!nofile: No such file or directory![b]0=201.wait 2");
	CHECK_STR(run("cd \"it's\" | a"), "[/bin/msh][-c]['cd' 'it'\\''s']1=202.[a]0=201/1.wait 2");
	CHECK_STR(run("exit | a; b"), "[/bin/msh][-c]['exit']1=202.[a]0=201/1.wait 2[b].");
	CHECK_STR(run("V=1 | a; a \"$V\""), "[a]0=201.wait 2[a][].");
	CHECK_STR(run("a | b & c"), "</dev/null 0>[a]0=501=202&[b]0=201/1&wait 2[c].");
}

/* What would read from the pipe does not read from the terminal instead. */
static void
no_pipe(void)
{
	notes[0] = 0;
	shell = (struct shell){ .interactive = true, .pid = 7, .fds = { 1, 2, 3 } };
	open_files = 0;
	last_pipe = 200;
	pipes_left = 1;
	run_text("a | b | c", true);
	CHECK_STR(notes, "[a]1=202.!|: Too many open files in system!wait 2");
	CHECK_EQ(shell.status, 1);
	CHECK_EQ(open_files, 0);
}

static void
redirections(void)
{
	CHECK_STR(run("a < f1 > f2 2>> f3"), "<f1 0><f2 241><f3 441>[a]0=1011=1022=103.");
	CHECK_STR(run("> f4 a b"), "<f4 241>[a][b]1=104.");
	CHECK_STR(run("a > f1 2>&1"), "<f1 241>[a]1=1012=101.");
	CHECK_STR(run("a 2>&1 > f1"), "<f1 241>[a]1=1012=2.");
	CHECK_STR(run("a > f1 2>&1 > f2"), "<f1 241><f2 241>[a]1=1022=101.");
	CHECK_STR(run("a 2>&-"), "[a]2=0.");
	CHECK_STR(run("> f1"), "<f1 241>");
	CHECK_STR(run("cd > f1"), "<f1 241>{cd 1 101}");
	CHECK_STR(run("a < missing"), "!missing: No such file or directory!");
	CHECK_EQ(shell.status, 1);
	CHECK_STR(run("a > f1 < missing"), "<f1 241>!missing: No such file or directory!");
	CHECK(strstr(run("a >&9"), "Bad file") != NULL);
	CHECK(strstr(run("a >&x"), "Bad file") != NULL);
	CHECK_STR(run("F=f7; a > $F"), "<f7 241>[a]1=107.");
}

static void
variables(void)
{
	run("A=1; B='x  y'; E=");
	CHECK_STR(run("a $A \"$A\" '$A' \\$A"), "[a][1][1][$A][$A].");
	CHECK_STR(run("a $B"), "[a][x][y].");
	CHECK_STR(run("a \"$B\""), "[a][x  y].");
	CHECK_STR(run("a p$B\"q\""), "[a][px][yq].");
	CHECK_STR(run("a $E \"$E\" $NONE"), "[a][].");
	CHECK_STR(run("a ${A}b $Ab ${A"), "[a][1b][${A].");
	CHECK_STR(run("a $? $$ $! $ $- $1"), "[a][5][7][0][$][$-][$1].");
	CHECK_STR(run("false; a $?"), "[false].[a][1].");
	CHECK_STR(run("$E"), "");
	CHECK_STR(run("A=$A$A; a $A"), "[a][11].");
	CHECK_STR(run("C=a\" b \"c; x \"$C\""), "[x][a b c].");
	CHECK_STR(run("1A=2"), "[1A=2].");
	CHECK_STR(run("'A'=2"), "[A=2].");
	CHECK_STR(run("A=1 a"), "[a].");
	CHECK_STR(var_get("A", 1), "11");
}

static void
environment(void)
{
	char text[100];
	long n;

	var_set("X", 1, "one");
	CHECK(var_export("X", 1));
	CHECK(var_export("Y2", 2));
	n = var_environment(text, sizeof(text));
	CHECK_EQ(n, 10);
	CHECK(memcmp(text, "X=one\0Y2=", 10) == 0);
	CHECK_EQ(var_environment(text, 9), -1);
	var_unset("X", 1);
	var_unset("X", 1);
	CHECK(var_get("X", 1) == NULL);
	CHECK_EQ(var_environment(text, sizeof(text)), 4);
	var_unset("Y2", 2);
}

static void
no_memory(void)
{
	var_set("M", 1, "old");
	for (allocations_left = 0; allocations_left < 2; allocations_left++) {
		int before = allocations_left;

		run("N=new");
		CHECK(strstr(notes, "memory") != NULL);
		CHECK(var_get("N", 1) == NULL);
		allocations_left = before;
	}
	allocations_left = 0;
	run("M=new");
	CHECK_STR(var_get("M", 1), "old");
	allocations_left = -1;
}

static void
limits(void)
{
	static char line[LINE_MAX + 10];

	memset(line, 'x', LINE_MAX);
	CHECK(strstr(run(line), "longer than") != NULL);
	memset(line + 1000, 0, LINE_MAX - 1000);
	run(line);
	CHECK_EQ(strlen(notes), 1000 + 3);
	memset(line, 'x', LINE_MAX + 1);
	CHECK(strstr(run(line), "too long") != NULL);
	memset(line, 0, sizeof(line));
	for (unsigned i = 0; i < LINE_MAX; i += 2)
		memcpy(line + i, "a ", 2);
	CHECK(strstr(run(line), "too many words") != NULL);
	memset(line + 4000, 0, LINE_MAX - 4000);
	run(line);
	CHECK_EQ(strlen(notes), 4000 / 2 * 3 + 1);
	for (unsigned i = 0; i < LINE_MAX; i += 2)
		memcpy(line + i, "a;", 2);
	CHECK(strstr(run(line), "too many commands") != NULL);
	for (unsigned i = 0; i < LINE_MAX - 4; i += 4)
		memcpy(line + i, ">f1 ", 4);
	CHECK(strstr(run(line), "too many redirections") != NULL);
	/* A variable can make more of a line than the line has. */
	memset(line, 0, sizeof(line));
	memset(line, 'y', 3000);
	var_set("L", 1, line);
	memset(line, 0, sizeof(line));
	for (unsigned i = 0; i < 100; i++)
		strcat(line, "$L");
	CHECK(strstr(run(line), "longer than") != NULL);
	memset(line, 0, sizeof(line));
	for (unsigned i = 0; i < 3000; i += 2)
		memcpy(line + i, "y ", 2);
	var_set("L", 1, line);
	CHECK(strstr(run("a $L $L $L"), "more than") != NULL);
	var_unset("L", 1);
}

static void
noise(void)
{
	srand(11);
	for (unsigned i = 0; i < 30000; i++) {
		char line[60];
		unsigned count = rand() % sizeof(line);

		for (unsigned j = 0; j < count; j++)
			line[j] = rand() % 3 ? "'\"\\|&;<>#$ {}?!=Af19\t\n"[rand() % 22] :
			    1 + rand() % 255;
		line[count] = 0;
		run(line);
		REQUIRE(strstr(notes, "left open") == NULL);
	}
	CHECK_EQ(mismatches, 0);
}

int
main(void)
{
	TEST(words);
	TEST(lists);
	TEST(background);
	TEST(lists_in_the_background);
	TEST(pathnames);
	TEST(variables_of_one_command);
	TEST(syntax_errors);
	TEST(pipelines);
	TEST(no_pipe);
	TEST(redirections);
	TEST(variables);
	TEST(environment);
	TEST(no_memory);
	TEST(limits);
	TEST(noise);
	return unit_done();
}
