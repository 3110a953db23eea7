/*
 * Starting programs without fork: posix_spawn, system, popen, daemon, against POSIX.1-2017's text. The program is its own child:
 * `posix_spawn WHAT`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

#define SELF	"/test/posix_spawn"

extern char **environ;

/* The exit status of the image that checks `what`. */
static int
status_of(const char *what, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr)
{
	char *argv[] = { "program", (char *)(uintptr_t)what, NULL };
	pid_t pid = 0;
	int status;

	EQUAL(posix_spawn(&pid, SELF, actions, attr, argv, environ), 0);
	status = end_of(pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* --- the program --- */

static void
programs(void)
{
	char *argv[] = { "program", "exit7", NULL }, *environment[] = { "ONE=1", NULL };
	char *see[] = { "program", "environment", NULL }, name[1200] = "";
	pid_t pid = 0;

	EQUAL(status_of("exit7", NULL, NULL), 7);
	EQUAL(posix_spawn(&pid, SELF, NULL, NULL, see, environment), 0);
	CHECK(pid > 1);
	FAILS(setpgid(pid, pid), EACCES);	/* it is another program already */
	EQUAL(WEXITSTATUS(end_of(pid)), 0);
	EQUAL(posix_spawn(NULL, SELF, NULL, NULL, argv, environ), 0);
	EQUAL(waitpid(-1, NULL, 0) > 0, 1);
	EQUAL(posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, environ), ENOENT);
	EQUAL(posix_spawn(&pid, "/etc/passwd", NULL, NULL, argv, environ), EACCES);
	EQUAL(posix_spawn(&pid, "posix_spawn", NULL, NULL, argv, environ), ENOENT);
	setenv("PATH", "/nowhere:/test", 1);
	EQUAL(posix_spawnp(&pid, "posix_spawn", NULL, NULL, argv, environ), 0);
	EQUAL(WEXITSTATUS(end_of(pid)), 7);
	EQUAL(posix_spawnp(&pid, "nonexistent", NULL, NULL, argv, environ), ENOENT);
	memset(name, 'x', sizeof(name) - 1);
	EQUAL(posix_spawnp(&pid, name, NULL, NULL, argv, environ), ENAMETOOLONG);
	setenv("PATH", "/bin", 1);
	FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
}

/* --- file actions --- */

static int
open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 64; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void
file_actions(void)
{
	posix_spawn_file_actions_t actions;
	char *argv[] = { "program", "exit7", NULL };
	int passwd = open("/etc/passwd", O_RDONLY | O_CLOEXEC), kept = open("/etc/passwd", O_RDONLY), before = open_descriptors();
	pid_t pid;

	EQUAL(passwd, 3);
	EQUAL(kept, 4);
	EQUAL(status_of("closed3 open4", NULL, NULL), 0);
	EQUAL(posix_spawn_file_actions_init(&actions), 0);
	EQUAL(posix_spawn_file_actions_addopen(&actions, 9, "/etc/passwd", O_RDONLY, 0), 0);
	EQUAL(posix_spawn_file_actions_adddup2(&actions, 9, 20), 0);
	EQUAL(posix_spawn_file_actions_addclose(&actions, 9), 0);
	EQUAL(posix_spawn_file_actions_addclose(&actions, kept), 0);
	EQUAL(posix_spawn_file_actions_adddup2(&actions, passwd, passwd), 0);	/* now it stays open */
	EQUAL(status_of("moved", &actions, NULL), 0);
	EQUAL(status_of("moved", &actions, NULL), 0);
	CHECK(fcntl(kept, F_GETFD) == 0 && fcntl(passwd, F_GETFD) == FD_CLOEXEC);
	EQUAL(posix_spawn_file_actions_destroy(&actions), 0);

	posix_spawn_file_actions_init(&actions);
	EQUAL(posix_spawn_file_actions_addclose(&actions, -1), EBADF);
	EQUAL(posix_spawn_file_actions_adddup2(&actions, 0, 100000), EBADF);
	EQUAL(posix_spawn_file_actions_addopen(&actions, -2, "/", O_RDONLY, 0), EBADF);
	EQUAL(posix_spawn_file_actions_adddup2(&actions, 55, 1), 0);
	EQUAL(posix_spawn(&pid, SELF, &actions, NULL, argv, environ), EBADF);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawn_file_actions_init(&actions);
	EQUAL(posix_spawn_file_actions_addopen(&actions, 5, "/etc/passwd", O_RDONLY, 0), 0);
	EQUAL(posix_spawn_file_actions_addopen(&actions, 6, "/nonexistent", O_RDONLY, 0), 0);
	EQUAL(posix_spawn(&pid, SELF, &actions, NULL, argv, environ), ENOENT);
	posix_spawn_file_actions_destroy(&actions);
	EQUAL(open_descriptors(), before);
	close(passwd);
	close(kept);
}

/* --- attributes --- */

static void
attributes(void)
{
	posix_spawnattr_t attr;
	sigset_t set;
	short flags;
	pid_t group;

	EQUAL(posix_spawnattr_init(&attr), 0);
	EQUAL(posix_spawnattr_getflags(&attr, &flags), 0);
	EQUAL(flags, 0);
	EQUAL(posix_spawnattr_setflags(&attr, 0x4000), EINVAL);
	signal(SIGUSR1, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	EQUAL(status_of("inherits", NULL, &attr), 0);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	EQUAL(posix_spawnattr_setsigmask(&attr, &set), 0);
	sigaddset(&set, SIGUSR1);
	EQUAL(posix_spawnattr_setsigdefault(&attr, &set), 0);
	EQUAL(posix_spawnattr_setpgroup(&attr, 0), 0);
	EQUAL(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP), 0);
	EQUAL(posix_spawnattr_getpgroup(&attr, &group), 0);
	EQUAL(group, 0);
	EQUAL(status_of("changed", NULL, &attr), 0);
	EQUAL(posix_spawnattr_setflags(&attr, POSIX_SPAWN_USEVFORK | POSIX_SPAWN_SETSID), 0);
	EQUAL(posix_spawnattr_getflags(&attr, &flags), 0);
	EQUAL(flags, POSIX_SPAWN_USEVFORK | POSIX_SPAWN_SETSID);
	EQUAL(status_of("session", NULL, &attr), 0);
	EQUAL(posix_spawnattr_destroy(&attr), 0);
	signal(SIGUSR1, SIG_DFL);
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

/* Effective ids that are not the real ones. */
static void
ids(void)
{
	posix_spawnattr_t attr;

	posix_spawnattr_init(&attr);
	EQUAL(seteuid(1000), 0);
	EQUAL(status_of("euid1000", NULL, &attr), 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_RESETIDS);
	EQUAL(status_of("euid0", NULL, &attr), 0);
	EQUAL(seteuid(0), 0);
}

/* --- system --- */

static void
mark(int signal)
{
	(void)signal;
}

static void
systems(void)
{
	struct sigaction action, old;
	sigset_t mask;
	int status;

	CHECK(system(NULL) != 0);
	EQUAL(system("exit 5"), 5 << 8);
	EQUAL(system(SELF " exit7"), 7 << 8);
	EQUAL(system("exit 0"), 0);
	status = system("/nonexistent/program 2>/dev/null");
	EQUAL(WEXITSTATUS(status), 127);
	action = (struct sigaction){ .sa_handler = mark };
	sigaction(SIGINT, &action, NULL);
	signal(SIGQUIT, SIG_IGN);
	EQUAL(system(SELF " signals"), 0);	/* SIGINT is default, SIGQUIT ignored, SIGCHLD not blocked */
	sigaction(SIGINT, NULL, &old);
	CHECK(old.sa_handler == mark);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	EQUAL(mask, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
	umask(0137);
	EQUAL(system(SELF " umask137"), 0);
	umask(022);
}

/* Texts of several lines: a newline ends a command, and here-documents are what it reads. */
static void
texts(void)
{
	char line[100] = "";
	FILE *file;

	EQUAL(system("false\nexit 3"), 3 << 8);
	EQUAL(system("[ a = a ] && [ 1 -lt 2 ]"), 0);
	EQUAL(system("/bin/[ a = b ]"), 1 << 8);
	EQUAL(system("[ a = a 2>/dev/null"), 2 << 8);
	EQUAL(system("exit 3\nexit 4\n"), 3 << 8);
	EQUAL(system("\n\n# nothing\n"), 0);
	EQUAL(system("false ||\nexit 6"), 6 << 8);
	EQUAL(system("echo 'a\nb' > /tmp/text\ntrue"), 0);
	file = popen("X=5\ncat <<END - <<'END' | cat\n$X $\nEND\n$X\nEND\ncat /tmp/text", "r");
	CHECK(file != NULL && fread(line, 1, sizeof(line) - 1, file) > 0);
	EQUAL(pclose(file), 0);
	CHECK(strcmp(line, "$X\na\nb\n") == 0);
	EQUAL(WEXITSTATUS(system("echo no > /tmp/text\ncat <<END 2>/dev/null\nx")), 2);
	EQUAL(WEXITSTATUS(system("echo 'x")), 2);
	file = fopen("/tmp/text", "w");
	CHECK(file != NULL);
	for (int i = 0; i < 3000; i++)
		fprintf(file, "# a comment of some length, so that the text is long\nX=%d\n", i);
	fputs("cat <<END > /tmp/out\n", file);
	for (int i = 0; i < 5000; i++)
		fputs("0123456789\n", file);
	fputs("END\necho $X >> /tmp/out", file);
	EQUAL(fclose(file), 0);
	EQUAL(system("msh /tmp/text && msh < /tmp/text && cat /tmp/out | cksum > /tmp/sum"), 0);
	file = fopen("/tmp/out", "r");
	CHECK(file != NULL && fseek(file, 5000 * 11, SEEK_SET) == 0 && fgets(line, sizeof(line), file) != NULL);
	EQUAL(strcmp(line, "2999\n"), 0);
	EQUAL(fclose(file), 0);
	EQUAL(unlink("/tmp/text") | unlink("/tmp/out") | unlink("/tmp/sum"), 0);
}

/* --- popen --- */

/* A stream that fclose took away, not pclose, is none that the next command has to close, whatever its memory has become. */
static void
commands_are_forgotten(void)
{
	char line[64] = "", *blocks[32];
	FILE *in = popen("exit 0", "r");

	CHECK(in != NULL && fclose(in) == 0);
	CHECK(wait(NULL) > 0);
	for (size_t i = 0; i < 32; i++) {
		blocks[i] = malloc(16 * (i + 1));
		memset(blocks[i], 0xff, 16 * (i + 1));
	}
	in = popen("echo three", "r");
	CHECK(in != NULL && fgets(line, sizeof(line), in) != NULL && strcmp(line, "three\n") == 0);
	if (in != NULL)
		EQUAL(pclose(in), 0);
	for (size_t i = 0; i < 32; i++)
		free(blocks[i]);
}

/* After fclose the descriptor is another file's, which commands get like any other, and so may the stream's memory be. */
static void
closed_streams_are_no_commands(void)
{
	FILE *in = popen("exit 5", "r"), *file;
	int fd = fileno(in);

	EQUAL(fclose(in), 0);
	file = fopen("/etc/passwd", "r");
	EQUAL(fileno(file), fd);
	in = popen(SELF " open3", "r");
	EQUAL(fd, 3);
	EQUAL(pclose(in), 0);
	FAILS(pclose(file), ECHILD);
	EQUAL(fclose(file), 0);
	EQUAL(end_of(-1), 5 << 8);
}

static void
popens(void)
{
	char line[64] = "";
	FILE *in, *out;

	in = popen("echo one", "r");
	CHECK(in != NULL && fgets(line, sizeof(line), in) != NULL && strcmp(line, "one\n") == 0);
	CHECK(fgets(line, sizeof(line), in) == NULL && feof(in));
	EQUAL(pclose(in), 0);
	in = popen(SELF " exit7", "re");
	EQUAL(fcntl(fileno(in), F_GETFD), FD_CLOEXEC);
	EQUAL(pclose(in), 7 << 8);
	out = popen(SELF " reads", "w");
	CHECK(out != NULL && fputs("from the parent\n", out) >= 0);
	EQUAL(fcntl(fileno(out), F_GETFD), 0);
	in = popen("echo two", "r");		/* does not keep the other's pipe open */
	CHECK(in != NULL && fgets(line, sizeof(line), in) != NULL);
	EQUAL(pclose(out), 3 << 8);
	EQUAL(pclose(in), 0);
	commands_are_forgotten();
	closed_streams_are_no_commands();
	CHECK(popen("echo", "rw") == NULL && errno == EINVAL);
	CHECK(popen("echo", "") == NULL && errno == EINVAL);
	FAILS(pclose(stdin), ECHILD);
	EQUAL(open_descriptors(), 3);
	FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
}

/* --- daemon --- */

static void
daemons(void)
{
	int ends[2];
	char got[4] = "";
	pid_t pid;

	EQUAL(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		char cwd[16];

		close(ends[0]);
		if (daemon(0, 0) == 0 && getsid(0) == getpid() && getcwd(cwd, sizeof(cwd)) != NULL && strcmp(cwd, "/") == 0 &&
		    write(1, "x", 1) == 1)
			write(ends[1], "ok", 2);
		_exit(0);
	}
	close(ends[1]);
	EQUAL(end_of(pid), 0);
	EQUAL(read(ends[0], got, 2), 2);
	EQUAL(strcmp(got, "ok"), 0);
	close(ends[0]);
}

/* --- what the children check --- */

static int
default_and_blocked(int usr1, uint64_t mask)
{
	struct sigaction action;
	sigset_t set;

	sigaction(SIGUSR1, NULL, &action);
	sigprocmask(SIG_BLOCK, NULL, &set);
	return (action.sa_handler == SIG_IGN) != usr1 || set != mask;
}

static int
signals_of_system(void)
{
	struct sigaction interrupt, quit;
	sigset_t set;

	sigaction(SIGINT, NULL, &interrupt);
	sigaction(SIGQUIT, NULL, &quit);
	sigprocmask(SIG_BLOCK, NULL, &set);
	return !(interrupt.sa_handler == SIG_DFL && quit.sa_handler == SIG_IGN && set == 0);
}

static int
reads(void)
{
	char line[64];

	return fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "from the parent\n") == 0 && fgetc(stdin) == EOF ? 3 : 4;
}

static int
image(const char *what)
{
	if (strcmp(what, "environment") == 0)
		return !(strcmp(getenv("ONE"), "1") == 0 && environ[1] == NULL);
	if (strcmp(what, "closed3 open4") == 0)
		return !(fcntl(3, F_GETFD) < 0 && fcntl(4, F_GETFD) == 0);
	if (strcmp(what, "open3") == 0)
		return fcntl(3, F_GETFD) < 0;
	if (strcmp(what, "moved") == 0)
		return !(fcntl(3, F_GETFD) == 0 && fcntl(4, F_GETFD) < 0 && fcntl(9, F_GETFD) < 0 && fcntl(20, F_GETFD) == 0 &&
			 open_descriptors() == 5);
	if (strcmp(what, "inherits") == 0)
		return default_and_blocked(1, 1u << (SIGUSR2 - 1)) || getpgrp() == getpid();
	if (strcmp(what, "changed") == 0)
		return default_and_blocked(0, 1u << (SIGTERM - 1)) || getpgrp() != getpid();
	if (strcmp(what, "session") == 0)
		return getsid(0) != getpid();
	if (strcmp(what, "euid1000") == 0)
		return geteuid() != 1000;
	if (strcmp(what, "euid0") == 0)
		return geteuid() != 0;
	if (strcmp(what, "signals") == 0)
		return signals_of_system();
	if (strcmp(what, "umask137") == 0)
		return umask(0) != 0137;
	if (strcmp(what, "reads") == 0)
		return reads();
	return 7;
}

static void
write_script(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0755);

	EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* A path that is cut would be another one. */
static void
script_with_a_long_line(void)
{
	char text[300], *argv[] = { "script", NULL };
	pid_t pid;

	memset(text, 'x', sizeof(text));
	memcpy(text, "#!/", 3);
	strcpy(text + sizeof(text) - 2, "\n");
	write_script("/tmp/script", text);
	EQUAL(posix_spawn(&pid, "/tmp/script", NULL, NULL, argv, environ), ENOEXEC);
	memcpy(text, "#!/bin/true ", 12);	/* an argument may be */
	write_script("/tmp/script", text);
	EQUAL(posix_spawn(&pid, "/tmp/script", NULL, NULL, argv, environ), 0);
	EQUAL(end_of(pid), 0);
}

/* The shell runs them by their first line, as execve does. */
static void
scripts_from_the_shell(void)
{
	write_script("/tmp/script", "#! /bin/test\t1 \n");
	EQUAL(system("/tmp/script 2>/dev/null"), 2 << 8);	/* test 1 /tmp/script */
	write_script("/tmp/script", "#!/bin/test\n");
	EQUAL(system("/tmp/script = /tmp/script"), 0);
	EQUAL(system("/tmp/script = 'a  b'"), 1 << 8);
	EQUAL(system("PATH=/bin:/tmp script = /tmp/script"), 0);
	write_script("/tmp/script", "#!/tmp/script\n");
	EQUAL(system("/tmp/script 2>/dev/null"), 126 << 8);
	write_script("/tmp/script", "#!\n");
	EQUAL(system("/tmp/script 2>/dev/null"), 126 << 8);
	write_script("/tmp/script", "#!/nowhere/test\n");
	EQUAL(system("/tmp/script 2>/dev/null"), 127 << 8);
	unlink("/tmp/script");
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return image(argv[1]);
	programs();
	file_actions();
	attributes();
	ids();
	systems();
	script_with_a_long_line();
	scripts_from_the_shell();
	texts();
	popens();
	daemons();
	return check_report("spawn");
}
