/*
 * Process groups and sessions, credentials, limits and times, against POSIX.1-2017's text. The program is its own child: `posix_group pause`.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "children.h"
#include "parts.h"

#define SELF	"/test/posix_group"

static int *shared;

/* --- groups and sessions --- */

static void
note_hangup(int signal)
{
	*shared = signal;
}

static int
leads(void)
{
	EQUAL(setpgid(0, 0), 0);
	EQUAL(getpgrp(), getpid());
	EQUAL(getpgid(0), getpid());
	FAILS(setsid(), EPERM);			/* it leads a group */
	return checks_failed != 0;
}

static int
new_session(void)
{
	EQUAL(setsid(), getpid());
	EQUAL(getsid(0), getpid());
	EQUAL(getpgrp(), getpid());
	FAILS(setpgid(0, 0), EPERM);		/* a session leader */
	FAILS(setsid(), EPERM);
	return checks_failed != 0;
}

static void
groups(void)
{
	int status;
	pid_t pid;

	EQUAL(in_child(leads), 0);
	EQUAL(in_child(new_session), 0);
	FAILS(setpgid(0, -1), EINVAL);
	FAILS(setpgid(99999, 0), ESRCH);
	FAILS(setpgid(0, 99999), EPERM);
	FAILS(getpgid(99999), ESRCH);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	EQUAL(setpgid(pid, pid), 0);
	EQUAL(getpgid(pid), pid);
	EQUAL(getsid(pid), getsid(0));
	EQUAL(kill(-pid, SIGUSR1), 0);
	EQUAL(waitpid(-pid, &status, 0), pid);
	EQUAL(WTERMSIG(status), SIGUSR1);
	FAILS(kill(-pid, 0), ESRCH);
	pid = fork();
	if (pid == 0) {
		execl(SELF, "x", "pause", (char *)NULL);
		_exit(1);
	}
	while (setpgid(pid, pid) == 0)
		usleep(1000);
	EQUAL(errno, EACCES);			/* after exec */
	kill(pid, SIGKILL);
	end_of(pid);
}

/* The keyboard's signals go to the foreground group, so it has to be one of the terminal's session. */
static void
foreground_groups(void)
{
	pid_t before = getpgrp(), other;
	int ends[2], status;
	char byte;

	EQUAL(tcsetpgrp(0, before), 0);
	EQUAL(pipe(ends), 0);
	other = fork();
	if (other == 0) {
		setsid();
		write(ends[1], "x", 1);
		for (;;)
			pause();
	}
	EQUAL(read(ends[0], &byte, 1), 1);
	FAILS(tcsetpgrp(0, other), EPERM);
	FAILS(tcsetpgrp(0, 99999), EPERM);
	EQUAL(tcgetpgrp(0), before);
	EQUAL(tcsetpgrp(0, before), 0);
	kill(other, SIGKILL);
	EQUAL(waitpid(other, &status, 0), other);
	close(ends[0]);
	close(ends[1]);
}

/* A stopped process whose group loses its last tie to the session is told so (POSIX.1-2017 _Exit). */
static int
leaves_a_stopped_group(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGHUP, note_hangup);
		*shared = 0;
		raise(SIGSTOP);
		usleep(1000);
		_exit(0);
	}
	EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status));
	return checks_failed != 0;
}

static void
orphaned_groups(void)
{
	EQUAL(in_child(leaves_a_stopped_group), 0);
	for (int i = 0; *shared != SIGHUP && i < 1000; i++)
		usleep(10000);
	EQUAL(*shared, SIGHUP);
}

/* --- credentials and limits --- */

static int
become_nobody(void)
{
	gid_t all[2] = { 7, 8 }, got[4];

	EQUAL(getuid(), 0);
	EQUAL(setgroups(2, all), 0);
	EQUAL(getgroups(4, got), 2);
	EQUAL(got[1], 8);
	FAILS(getgroups(1, got), EINVAL);
	EQUAL(setgid(100), 0);
	EQUAL(seteuid(1000), 0);
	EQUAL(geteuid(), 1000);
	EQUAL(getuid(), 0);
	FAILS(setgroups(0, all), EPERM);
	EQUAL(seteuid(0), 0);			/* the saved one */
	EQUAL(setuid(1000), 0);
	EQUAL(getuid(), 1000);
	EQUAL(geteuid(), 1000);
	EQUAL(getgid(), 100);
	FAILS(setuid(0), EPERM);
	FAILS(seteuid(0), EPERM);
	FAILS(setgid(0), EPERM);
	FAILS(kill(getppid(), SIGTERM), EPERM);
	FAILS(kill(1, SIGTERM), EPERM);
	return checks_failed != 0;
}

static int
few_processes(void)
{
	struct rlimit limit;
	pid_t pid;

	EQUAL(getrlimit(RLIMIT_NPROC, &limit), 0);
	limit.rlim_cur = 1;
	EQUAL(setrlimit(RLIMIT_NPROC, &limit), 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	FAILS(pid, EAGAIN);
	return checks_failed != 0;
}

/* Init has become its parent, but has not started it. */
static void
few_orphans(void)
{
	pid_t pid;

	*shared = 0;
	pid = fork();
	if (pid == 0) {
		if (fork() != 0)
			_exit(0);
		while (getppid() != 1)
			sched_yield();
		_exit(*shared = 1 + few_processes());
	}
	end_of(pid);
	for (int i = 0; *shared == 0 && i < 1000; i++)
		usleep(10000);
	EQUAL(*shared, 1);
}

static int
few_files(void)
{
	struct rlimit limit = { 5, 5 };

	EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
	EQUAL(dup(0), 3);
	EQUAL(dup(0), 4);
	FAILS(dup(0), EMFILE);
	EQUAL(setuid(1000), 0);
	limit.rlim_max = 6;
	FAILS(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
	limit.rlim_cur = 7;
	FAILS(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
	FAILS(getrlimit(99, &limit), EINVAL);
	return checks_failed != 0;
}

static void
credentials(void)
{
	EQUAL(in_child(become_nobody), 0);
	EQUAL(in_child(few_processes), 0);
	EQUAL(in_child(few_files), 0);
}

/* --- times --- */

static int
burn(void)
{
	struct rusage usage;

	do
		getrusage(RUSAGE_SELF, &usage);
	while (usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec + usage.ru_stime.tv_usec < 30000);
	return 0;
}

static int
has_burnt(void)
{
	struct rusage usage;
	struct timespec clock;

	EQUAL(getrusage(RUSAGE_SELF, &usage), 0);
	CHECK(usage.ru_utime.tv_sec > 0 || usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 30000);
	EQUAL(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &clock), 0);
	CHECK(clock.tv_sec > 0 || clock.tv_nsec >= 30000000);
	return checks_failed != 0;
}

/* The time of the images before counts. */
static int
burns_and_execs(void)
{
	burn();
	execl(SELF, "x", "burnt", (char *)NULL);
	return 1;
}

static void
uses(void)
{
	struct rusage before, after;
	struct tms t;

	EQUAL(getrusage(RUSAGE_CHILDREN, &before), 0);
	EQUAL(in_child(burn), 0);
	EQUAL(getrusage(RUSAGE_CHILDREN, &after), 0);
	CHECK((after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 + after.ru_utime.tv_usec - before.ru_utime.tv_usec +
		      (after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000 + after.ru_stime.tv_usec - before.ru_stime.tv_usec >=
	      25000);
	CHECK(times(&t) != (clock_t)-1 && t.tms_cutime + t.tms_cstime >= 2);
	FAILS(getrusage(5, &after), EINVAL);
	EQUAL(in_child(burns_and_execs), 0);
}

static const struct part parts[] = {
	{ "groups", groups }, { "orphaned_groups", orphaned_groups }, { "foreground_groups", foreground_groups },
	{ "few_orphans", few_orphans }, { "credentials", credentials }, { "uses", uses },
};

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "pause") == 0)
		for (;;)
			pause();
	if (argc > 1 && strcmp(argv[1], "burnt") == 0)
		return has_burnt();
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	parts_run(parts, sizeof(parts) / sizeof(parts[0]), argc, argv);
	return check_report("group");
}
