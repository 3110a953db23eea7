/*
 * The exec family: what each of its functions finds and passes on, scripts and their interpreters, and errors, after which the process is
 * as it was. The program is what is run: with REPORT in its environment it says what it was given.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "children.h"

#define SELF	"/test/posix_exec"

enum how { EXECVE, EXECV, EXECVP, EXECVPE, EXECL, EXECLP, EXECLE, FEXECVE, HOWS };

static char *arguments[] = { "zero", "one", "two words", NULL };
static char *given[] = { "REPORT=given", "PATH=/nowhere", NULL };

/* argv, the environment's REPORT, and the effective user. */
static int
report(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		printf("%s|", argv[i]);
	printf("%s|%d", getenv("REPORT"), (int)geteuid());
	return 0;
}

static void
call(enum how how, const char *file)
{
	switch (how) {
	case EXECVE: execve(file, arguments, given); break;
	case EXECV: execv(file, arguments); break;
	case EXECVP: execvp(file, arguments); break;
	case EXECVPE: execvpe(file, arguments, given); break;
	case EXECL: execl(file, "zero", "one", "two words", (char *)NULL); break;
	case EXECLP: execlp(file, "zero", "one", "two words", (char *)NULL); break;
	case EXECLE: execle(file, "zero", "one", "two words", (char *)NULL, given); break;
	default: fexecve(open(file, O_RDONLY | O_CLOEXEC), arguments, given); break;
	}
}

static volatile sig_atomic_t caught;

static void
note(int signal)
{
	caught = signal;
}

/* As another user, who has not every right. After an error descriptors, handlers and masks are as before. */
static void
try(enum how how, const char *file)
{
	int closing = open("/dev/null", O_RDONLY | O_CLOEXEC), error;
	sigset_t set;

	if (setuid(1001) != 0)
		_exit(1);
	signal(SIGUSR1, note);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	errno = 0;
	call(how, file);
	error = errno;
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &set);
	printf("error %d%s", error,
		fcntl(closing, F_GETFD) == FD_CLOEXEC && caught == SIGUSR1 && sigismember(&set, SIGUSR2) == 1 ? "" : "?");
	exit(0);
}

/* What it prints is just this. */
static void
gives(enum how how, const char *file, const char *wanted)
{
	char text[512] = "";
	int ends[2], status;
	ssize_t n, size = 0;
	pid_t pid;

	EQUAL(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		try(how, file);
	}
	close(ends[1]);
	while ((n = read(ends[0], text + size, sizeof(text) - 1 - (size_t)size)) > 0)
		size += n;
	close(ends[0]);
	status = end_of(pid);
	CHECK(WIFEXITED(status));
	if (strcmp(text, wanted) != 0)
		printf("%d of %s: \"%s\", wanted \"%s\"\n", how, file, text, wanted);
	CHECK(strcmp(text, wanted) == 0);
}

static void
fails(enum how how, const char *file, int error)
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "error %d", error);
	gives(how, file, wanted);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0700);

	EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	EQUAL(chmod(path, mode), 0);
}

/* --- programs --- */

static void
arguments_and_environments(void)
{
	setenv("REPORT", "own", 1);
	setenv("PATH", "/nowhere:/test/posix_exec:/test", 1);
	for (enum how how = 0; how < HOWS; how++)
		gives(how, SELF, how == EXECVE || how == EXECVPE || how == EXECLE || how == FEXECVE ? "zero|one|two words|given|1001"
												      : "zero|one|two words|own|1001");
	/* Along the caller's PATH, whatever the new environment says. */
	gives(EXECVP, "posix_exec", "zero|one|two words|own|1001");
	gives(EXECLP, "posix_exec", "zero|one|two words|own|1001");
	gives(EXECVPE, "posix_exec", "zero|one|two words|given|1001");
}

static void
what_path_finds(void)
{
	EQUAL(mkdir("first", 0755), 0);
	EQUAL(mkdir("second", 0755), 0);
	write_file("first/found", "", 0644);
	setenv("PATH", "/nowhere:first:second", 1);
	fails(EXECVP, "found", EACCES);
	EQUAL(symlink(SELF, "second/found"), 0);
	gives(EXECVP, "found", "zero|one|two words|own|1001");		/* the first one may not be executed */
	fails(EXECVP, "first/found", EACCES);				/* a slash: no search */
	fails(EXECVP, "nothing", ENOENT);
	fails(EXECVP, "", ENOENT);
	EQUAL(symlink(SELF, "here"), 0);
	setenv("PATH", "/nowhere:", 1);
	gives(EXECVP, "here", "zero|one|two words|own|1001");		/* an empty part is the working directory */
	setenv("PATH", "", 1);
	gives(EXECLP, "here", "zero|one|two words|own|1001");
	setenv("PATH", "/nowhere", 1);
	fails(EXECVP, "here", ENOENT);
	setenv("PATH", "/bin", 1);
}

static void
errors(void)
{
	static char longer[300];

	for (enum how how = 0; how < HOWS; how++) {
		fails(how, "/nowhere", how == FEXECVE ? EBADF : ENOENT);
		fails(how, "/test", EACCES);
		if (how != FEXECVE)
			fails(how, "/etc/passwd/x", ENOTDIR);
	}
	memset(longer, 'x', sizeof(longer) - 1);
	fails(EXECVE, longer, ENAMETOOLONG);
	EQUAL(symlink("circle", "circle"), 0);
	fails(EXECVE, "circle", ELOOP);
	write_file("closed", "", 0);
	fails(EXECVE, "closed", EACCES);
	EQUAL(mkdir("shut", 0700), 0);
	fails(EXECVE, "shut/x", EACCES);
	write_file("empty", "", 0755);
	write_file("no-program", "\177ELF and nothing else", 0755);
	fails(EXECVE, "empty", ENOEXEC);
	fails(EXECVE, "no-program", ENOEXEC);
	fails(FEXECVE, "no-program", ENOEXEC);
}

/* --- programs that their user may not read --- */

static bool
copy_self(const char *to, mode_t mode)
{
	static char bytes[64 * 1024];
	int from = open(SELF, O_RDONLY), copy = open(to, O_CREAT | O_EXCL | O_WRONLY, 0700);
	ssize_t n, left = 0;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		left += n - write(copy, bytes, (size_t)n);
	close(from);
	close(copy);
	return n == 0 && left == 0 && chmod(to, mode) == 0;
}

/* Nothing that a descriptor can do shows what is in it. */
static void
stays_hidden(const char *path)
{
	pid_t pid = fork();
	char byte;
	int fd;

	if (pid == 0) {
		if (setuid(1001) != 0 || (open(path, O_RDONLY) >= 0) || (fd = open(path, O_EXEC)) < 0)
			_exit(1);
		if (read(fd, &byte, 1) >= 0 || errno != EBADF || pread(fd, &byte, 1, 0) >= 0 || errno != EBADF)
			_exit(2);
		if (mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED || errno != EACCES)
			_exit(3);
		if (mmap(NULL, 4096, PROT_EXEC, MAP_SHARED, fd, 0) != MAP_FAILED || errno != EACCES)
			_exit(4);
		_exit(0);
	}
	EQUAL(WEXITSTATUS(end_of(pid)), 0);
}

static void
runs_by_spawn(const char *path, int wanted)
{
	char *argv[] = { (char *)path, NULL }, *environment[] = { "REPORT=", NULL };
	pid_t pid = fork(), child;

	if (pid == 0) {
		close(1);
		open("/dev/null", O_WRONLY);
		if (setuid(1001) != 0)
			_exit(100);
		_exit(posix_spawn(&child, path, NULL, NULL, argv, environment) != 0 ? errno : WEXITSTATUS(end_of(child)));
	}
	EQUAL(WEXITSTATUS(end_of(pid)), wanted);
}

static void
programs_unread(void)
{
	CHECK(copy_self("unread", 0711));
	gives(EXECVE, "unread", "zero|one|two words|given|1001");
	gives(EXECVP, "./unread", "zero|one|two words|own|1001");
	gives(EXECVE, "unread", "zero|one|two words|given|1001");	/* what is kept of it is as good */
	runs_by_spawn("unread", 0);
	stays_hidden("unread");
	EQUAL(chown("unread", 1000, 100), 0);
	EQUAL(chmod("unread", 04711), 0);
	gives(EXECVE, "unread", "zero|one|two words|given|1000");
	stays_hidden("unread");
	EQUAL(chmod("unread", 0710), 0);
	fails(EXECVE, "unread", EACCES);
	EQUAL(chmod("unread", 0722), 0);
	fails(EXECVE, "unread", EACCES);
	write_file("unread-script", "#!" SELF "\n", 0711);
	fails(EXECVE, "unread-script", EACCES);
	fails(EXECVP, "./unread-script", EACCES);
	write_file("script", "#!unread\n", 0755);
	EQUAL(chmod("unread", 0711), 0);
	gives(EXECVE, "script", "unread|script|one|two words|given|1001");
}

/* --- scripts --- */

static void
interpreters(void)
{
	write_file("script", "#!" SELF "\nrest\n", 0755);
	gives(EXECVE, "./script", SELF "|./script|one|two words|given|1001");
	gives(EXECL, "script", SELF "|script|one|two words|own|1001");
	write_file("script", "#! \t" SELF "  an argument \t\n", 0755);
	gives(EXECVE, "script", SELF "|an argument|script|one|two words|given|1001");
	write_file("script", "#!" SELF, 0755);				/* no end of line */
	gives(EXECV, "script", SELF "|script|one|two words|own|1001");
	setenv("PATH", ".", 1);
	gives(EXECVP, "script", SELF "|./script|one|two words|own|1001");
	setenv("PATH", "/bin", 1);
	write_file("outer", "#!script x\n", 0755);			/* its interpreter is one, too */
	gives(EXECVE, "outer", SELF "|script|x|outer|one|two words|given|1001");
	/* A script sets no ids. */
	EQUAL(chown("script", 1000, 100), 0);
	EQUAL(chmod("script", 06755), 0);
	gives(EXECVE, "script", SELF "|script|one|two words|given|1001");
}

static void
interpreters_that_are_none(void)
{
	write_file("script", "#!/nowhere\n", 0755);
	fails(EXECVE, "script", ENOENT);
	fails(EXECVP, "./script", ENOENT);
	write_file("script", "#!/etc/passwd\n", 0755);
	fails(EXECVE, "script", EACCES);
	write_file("script", "#!/test\n", 0755);
	fails(EXECVE, "script", EACCES);
	write_file("script", "#!\n", 0755);
	fails(EXECVE, "script", ENOEXEC);
	write_file("script", "#!script\n", 0755);
	fails(EXECVE, "script", ELOOP);
	write_file("script", "#!" SELF "\n", 0644);
	fails(EXECVE, "script", EACCES);
	write_file("script", "#!no-program\n", 0755);
	fails(EXECVE, "script", ENOEXEC);
}

/* POSIX: execlp and execvp give what is no program to sh; the others do not. */
static void
scripts_of_the_shell(void)
{
	write_file("script", "/bin/echo the shell $REPORT\n", 0755);
	gives(EXECVP, "./script", "the shell own\n");
	gives(EXECLP, "./script", "the shell own\n");
	gives(EXECVPE, "./script", "the shell given\n");
	fails(EXECVE, "./script", ENOEXEC);
	fails(EXECV, "./script", ENOEXEC);
	fails(EXECL, "./script", ENOEXEC);
	fails(EXECLE, "./script", ENOEXEC);
	fails(FEXECVE, "./script", ENOEXEC);
	write_file("script", "echo never\n", 0644);
	fails(EXECVP, "./script", EACCES);
}

/* --- open files --- */

static void
open_programs(void)
{
	char *argv[] = { "x", NULL };
	int fd = open("gone", O_CREAT | O_EXCL | O_RDWR, 0755);

	FAILS(fexecve(-1, argv, given), EBADF);
	FAILS(fexecve(99, argv, given), EBADF);
	EQUAL(write(fd, "echo\n", 5), 5);
	FAILS(fexecve(fd, argv, given), ENOEXEC);
	EQUAL(unlink("gone"), 0);
	FAILS(fexecve(fd, argv, given), ENOEXEC);
	EQUAL(fchmod(fd, 0644), 0);
	FAILS(fexecve(fd, argv, given), EACCES);
	close(fd);
}

int
main(int argc, char **argv)
{
	char folder[] = "/tmp/exec-XXXXXX";

	if (getenv("REPORT") != NULL)
		return report(argc, argv);
	CHECK(mkdtemp(folder) != NULL);
	EQUAL(chdir(folder), 0);
	EQUAL(chmod(".", 0777), 0);
	arguments_and_environments();
	what_path_finds();
	errors();
	programs_unread();
	interpreters();
	interpreters_that_are_none();
	scripts_of_the_shell();
	open_programs();
	return check_report("exec");
}
