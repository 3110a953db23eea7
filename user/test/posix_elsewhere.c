/*
 * What sources from elsewhere call beyond the standards (conf/libc/elsewhere.txt): that it does what such sources rely on.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timeb.h>
#include <semaphore.h>
#include <termios.h>
#include <time.h>
#include <ulimit.h>
#include <unistd.h>
#include <wchar.h>

#include "check.h"
#include "instruction.h"
#include "children.h"

#define PAGE 4096

/* POSIX's basename, which <string.h> does not give. */
char *__xpg_basename(char *);

static void
base_names(void)
{
	char path[] = "/usr/lib/";

	CHECK(strcmp(basename("/usr/lib"), "lib") == 0 && strcmp(basename("lib"), "lib") == 0);
	CHECK(strcmp(basename(path), "") == 0);
	CHECK(strcmp(__xpg_basename(path), "lib") == 0);
}

static void
times_of_day(void)
{
	struct timezone zone = { 7, 7 };
	struct timeval now, left = { 7, 7 };
	struct timespec exact;

	EQUAL(gettimeofday(&now, &zone), 0);
	CHECK(zone.tz_minuteswest == 0 && zone.tz_dsttime == 0);
	EQUAL(adjtime(NULL, &left), 0);
	CHECK(left.tv_sec == 0 && left.tv_usec == 0);
	TIMEVAL_TO_TIMESPEC(&now, &exact);
	CHECK(exact.tv_sec == now.tv_sec && exact.tv_nsec == now.tv_usec * 1000);
	exact.tv_nsec = 999999;
	TIMESPEC_TO_TIMEVAL(&now, &exact);
	EQUAL(now.tv_usec, 999);
#ifndef __GLIBC__
	FAILS(settimeofday(&now, NULL), EPERM);
	FAILS(adjtime(&now, NULL), EPERM);
	now.tv_usec = 1000000;
	FAILS(settimeofday(&now, NULL), EINVAL);
#endif
}

/* Clocks by other names go as those that they are. */
static void
other_clocks(void)
{
	static const clockid_t same[][2] = { { CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW }, { CLOCK_MONOTONIC, CLOCK_BOOTTIME },
		{ CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE }, { CLOCK_REALTIME, CLOCK_REALTIME_COARSE } };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct timespec first, second, third;

		EQUAL(clock_gettime(same[i][0], &first), 0);
		EQUAL(clock_gettime(same[i][1], &second), 0);
		EQUAL(clock_gettime(same[i][0], &third), 0);
#ifndef __GLIBC__
		CHECK(first.tv_sec < second.tv_sec || (first.tv_sec == second.tv_sec && first.tv_nsec <= second.tv_nsec));
		CHECK(second.tv_sec < third.tv_sec || (second.tv_sec == third.tv_sec && second.tv_nsec <= third.tv_nsec));
#endif
	}
}

static void
numbers(void)
{
	locale_t locale = newlocale(LC_ALL_MASK, "C", NULL);
	void *whole = pvalloc(PAGE + 1), *block = valloc(10);
	char *end;

	EQUAL(strtoq("-12x", &end, 10), -12);
	CHECK(*end == 'x');
	CHECK(strtouq("18446744073709551615", NULL, 10) == UINT64_MAX);
	EQUAL(strtol_l("0x1f", &end, 0, locale), 31);
	EQUAL(strtoll_l("-7", NULL, 10, locale), -7);
	EQUAL(strtoul_l("077", NULL, 0, locale), 63);
	EQUAL(strtoull_l("z", NULL, 36, locale), 35);
	freelocale(locale);
	CHECK(whole != NULL && (uintptr_t)whole % PAGE == 0 && malloc_usable_size(whole) >= 2 * PAGE);
	CHECK(block != NULL && (uintptr_t)block % PAGE == 0);
	free(block);
	free(whole);
}

/* Written by functions of on_exit and atexit, last registered first. */
static int order_pipe[2];

static void
told(int status, void *argument)
{
	char text[2] = { *(char *)argument, (char)('0' + status) };

	if (write(order_pipe[1], text, 2) != 2)
		_exit(99);
}

static void
plain(void)
{
	if (write(order_pipe[1], "p", 1) != 1)
		_exit(99);
}

static void
functions_of_exit(void)
{
	char text[8] = "";
	pid_t pid;

	EQUAL(pipe(order_pipe), 0);
	pid = fork();
	if (pid == 0) {
		on_exit(told, "a");
		atexit(plain);
		on_exit(told, "b");
		exit(5);
	}
	EQUAL(WEXITSTATUS(end_of(pid)), 5);
	EQUAL(read(order_pipe[0], text, sizeof(text) - 1), 5);
	CHECK(strcmp(text, "b5pa5") == 0);
	close(order_pipe[0]);
	close(order_pipe[1]);
}

static void
ignore(int signal)
{
	(void)signal;
}

static void
retried_calls(void)
{
	int calls = 0;

	errno = 0;
	EQUAL(TEMP_FAILURE_RETRY(++calls < 3 ? (errno = EINTR, -1) : 7), 7);
	EQUAL(calls, 3);
	FAILS(TEMP_FAILURE_RETRY(close(-1)), EBADF);
}

static void
facts_of_the_system(void)
{
	char text[256], path[4096];

	CHECK(sysconf(_SC_AVPHYS_PAGES) > 0 && sysconf(_SC_AVPHYS_PAGES) < sysconf(_SC_PHYS_PAGES));
	EQUAL(sysconf(_SC_UIO_MAXIOV), sysconf(_SC_IOV_MAX));
	CHECK(confstr(_CS_POSIX_V7_WIDTH_RESTRICTED_ENVS, text, sizeof(text)) > 1 && strstr(text, "POSIX_V7_LP64_OFF64") != NULL);
	EQUAL(confstr(_CS_POSIX_V7_LP64_OFF64_LIBS, text, sizeof(text)), 1);
	EQUAL(getdomainname(text, sizeof(text)), 0);
	CHECK(getwd(path) == path && path[0] == '/');
	CHECK(strcmp(getusershell(), "") != 0);
	endusershell();
}

#ifndef __GLIBC__
static int
name_is_roots(void)
{
	return setuid(1) != 0 || sethostname("other", 5) != -1 || errno != EPERM;
}

static void
names_of_the_host(void)
{
	char before[65], now[65];

	EQUAL(gethostname(before, sizeof(before)), 0);
	EQUAL(sethostname("elsewhere and no more", 9), 0);
	EQUAL(gethostname(now, sizeof(now)), 0);
	CHECK(strcmp(now, "elsewhere") == 0);
	FAILS(sethostname("a b", 3), EINVAL);
	FAILS(sethostname("", 0), EINVAL);
	EQUAL(in_child(name_is_roots), 0);
	EQUAL(sethostname(before, strlen(before)), 0);
}
#endif

static void
shells_of_a_file(void)
{
#ifndef __GLIBC__
	int fd = open("/etc/shells", O_WRONLY | O_CREAT | O_EXCL, 0644);

	EQUAL(write(fd, "# shells\n/bin/one\n\n/bin/two # and\n", 34), 34);
	close(fd);
	for (int round = 0; round < 2; round++) {
		char *shell = getusershell();

		CHECK(shell != NULL && strcmp(shell, "/bin/one") == 0);
		shell = getusershell();
		CHECK(shell != NULL && strcmp(shell, "/bin/two") == 0);
		CHECK(getusershell() == NULL);
		setusershell();
	}
	endusershell();
	EQUAL(unlink("/etc/shells"), 0);
#endif
}

/* --- files --- */

static void
holes(int fd)
{
	struct stat status;

	EQUAL(ftruncate(fd, 0), 0);
	EQUAL(pwrite(fd, "x", 1, 5 * PAGE), 1);
	EQUAL(lseek(fd, 0, SEEK_HOLE) <= 5 * PAGE + 1, 1);
	CHECK(lseek(fd, 5 * PAGE, SEEK_DATA) == 5 * PAGE);
	CHECK(lseek(fd, 5 * PAGE, SEEK_HOLE) == 5 * PAGE + 1);
	FAILS(lseek(fd, 5 * PAGE + 1, SEEK_DATA), ENXIO);
	EQUAL(fstat(fd, &status), 0);
	CHECK(status.st_blocks * S_BLKSIZE < 5 * PAGE);

	/* Room is really made, and what is there stays. */
	EQUAL(posix_fallocate(fd, 0, 8 * PAGE), 0);
	EQUAL(fsync(fd), 0);
	EQUAL(fstat(fd, &status), 0);
	EQUAL(status.st_size, 8 * PAGE);
	CHECK(status.st_blocks * S_BLKSIZE >= 8 * PAGE);
	char byte = 0;
	EQUAL(pread(fd, &byte, 1, 5 * PAGE), 1);
	EQUAL(byte, 'x');
	EQUAL(pread(fd, &byte, 1, 5 * PAGE + 1), 1);
	EQUAL(byte, 0);
	EQUAL(fallocate(fd, 0, 0, 9 * PAGE), 0);
	FAILS(fallocate(fd, 0, 0, 0), EINVAL);
	FAILS(fallocate(fd, -1, 0, PAGE), EOPNOTSUPP);
}

static void
paths_that_are_empty(int fd)
{
	struct stat by_path, by_fd;

	EQUAL(fstat(fd, &by_fd), 0);
	EQUAL(fstatat(fd, "", &by_path, AT_EMPTY_PATH), 0);
	EQUAL(by_path.st_ino, by_fd.st_ino);
	FAILS(fstatat(fd, "", &by_path, 0), ENOENT);
	EQUAL(fchownat(fd, "", by_fd.st_uid, (gid_t)-1, AT_EMPTY_PATH), 0);
	EQUAL(fstatat(AT_FDCWD, "", &by_path, AT_EMPTY_PATH), 0);
	CHECK(S_ISDIR(by_path.st_mode));
}

static void
files(void)
{
	char path[] = "/tmp/elsewhere.XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	holes(fd);
	paths_that_are_empty(fd);
	EQUAL(lchmod(path, 0600), 0);
	close(fd);
	unlink(path);
}

/* --- memory --- */

static void
mappings(void)
{
	char *two = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), *again;
	pid_t pid;

	CHECK(two != MAP_FAILED);
	two[0] = 'a';
	FAILS((long)mmap(two, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	EQUAL(two[0], 'a');
	EQUAL(munmap(two + PAGE, PAGE), 0);
	again = mmap(two + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	CHECK(again == two + PAGE);

	/* A child has the second page and not the first. */
	EQUAL(madvise(two, PAGE, MADV_DONTFORK), 0);
	again[0] = 'b';
	pid = fork();
	if (pid == 0)
		_exit(again[0] != 'b' || posix_madvise(two, PAGE, POSIX_MADV_NORMAL) != ENOMEM ||
		      posix_madvise(again, PAGE, POSIX_MADV_NORMAL) != 0);
	EQUAL(end_of(pid), 0);
	EQUAL(madvise(two, PAGE, MADV_DOFORK), 0);
	pid = fork();
	if (pid == 0)
		_exit(two[0] != 'a');
	EQUAL(end_of(pid), 0);
#ifndef __GLIBC__
	FAILS(mlock(two, PAGE), EPERM);
	FAILS(mlockall(MCL_CURRENT), EPERM);
#endif
	FAILS(mlockall(0), EINVAL);
	EQUAL(munlock(two, PAGE), 0);
	EQUAL(munlockall(), 0);
	EQUAL(munmap(two, PAGE), 0);
	FAILS(mlock(two, PAGE), ENOMEM);
	FAILS(munlock(two, PAGE), ENOMEM);
	EQUAL(munmap(again, PAGE), 0);
}

static void
files_without_names(void)
{
	int fd = memfd_create("for people", MFD_CLOEXEC);
	char *memory, name[300];
	struct stat status;

	CHECK(fd >= 0);
	EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EQUAL(ftruncate(fd, PAGE), 0);
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(memory != MAP_FAILED);
	memory[9] = 'm';
	EQUAL(pread(fd, name, 1, 9), 1);
	EQUAL(name[0], 'm');
	EQUAL(fstat(fd, &status), 0);
	EQUAL(status.st_nlink, 0);
	close(fd);
	EQUAL(memory[9], 'm');
	munmap(memory, PAGE);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	FAILS(memfd_create(name, 0), EINVAL);
	FAILS(memfd_create("flags", 0x80000000u), EINVAL);
}

/* --- signals --- */

static void
old_masks(void)
{
	sigset_t now;

	EQUAL(sigsetmask(0), 0);
	EQUAL(sigblock(sigmask(SIGUSR1)), 0);
	EQUAL(sigblock(sigmask(SIGUSR2)), sigmask(SIGUSR1));
	EQUAL(sigprocmask(SIG_BLOCK, NULL, &now), 0);
	CHECK(sigismember(&now, SIGUSR1) && sigismember(&now, SIGUSR2) && !sigismember(&now, SIGTERM));
	EQUAL(sigsetmask(0), sigmask(SIGUSR1) | sigmask(SIGUSR2));
	CHECK(sigset(SIGUSR1, ignore) == SIG_DFL);
	CHECK(sigset(SIGUSR1, SIG_HOLD) == ignore);
	CHECK(sigset(SIGUSR1, SIG_DFL) == SIG_HOLD);
	CHECK(strcmp(strsignal(SIGPWR), "Power failure") == 0 && strcmp(sigabbrev_np(SIGSTKFLT), "STKFLT") == 0);
}

/* A write to a pipe that nobody reads signals the thread that wrote: another that blocks nothing is left alone. */
static void *
broken_writer(void *argument)
{
	sigset_t set, pending;
	int fds[2];

	(void)argument;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	EQUAL(pipe(fds), 0);
	close(fds[0]);
	FAILS(write(fds[1], "x", 1), EPIPE);
	EQUAL(sigpending(&pending), 0);
	CHECK(sigismember(&pending, SIGPIPE));
	close(fds[1]);
	return NULL;
}

static void
broken_pipes(void)
{
	pthread_t thread;

	EQUAL(pthread_create(&thread, NULL, broken_writer, NULL), 0);
	EQUAL(pthread_join(thread, NULL), 0);
}

/* --- threads --- */

/* A time of the clock, some milliseconds away. */
static struct timespec
soon(clockid_t clock, long ms)
{
	struct timespec time;

	clock_gettime(clock, &time);
	time.tv_nsec += ms * 1000000;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

static pthread_rwlock_t rwlock;
static pthread_mutex_t mutex = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;

static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC };

/* Nobody comes: each wait ends when its clock says so, and not before. */
static void *
times_out(void *argument)
{
	for (int i = 0; i < 2; i++) {
		struct timespec until = soon(clocks[i], 20), now;

		EQUAL(pthread_mutex_clocklock(&mutex, clocks[i], &until), ETIMEDOUT);
		clock_gettime(clocks[i], &now);
		CHECK(now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec));
		until = soon(clocks[i], 20);
		EQUAL(pthread_rwlock_clockrdlock(&rwlock, clocks[i], &until), ETIMEDOUT);
		EQUAL(pthread_rwlock_clockwrlock(&rwlock, clocks[i], &until), ETIMEDOUT);
	}
	return argument;
}

static void
waits_by_a_clock(void)
{
	struct timespec until = soon(CLOCK_MONOTONIC, 0);
	pthread_t thread;
	void *result = NULL;

	pthread_rwlock_init(&rwlock, NULL);
	sem_init(&semaphore, 0, 0);
	EQUAL(pthread_mutex_lock(&mutex), 0);
	EQUAL(pthread_rwlock_wrlock(&rwlock), 0);
	EQUAL(pthread_create(&thread, NULL, times_out, &result), 0);
	EQUAL(pthread_join(thread, &result), 0);
	CHECK(result == &result);
	EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	for (int i = 0; i < 2; i++) {
		until = soon(clocks[i], 20);
		EQUAL(pthread_cond_clockwait(&condition, &mutex, clocks[i], &until), ETIMEDOUT);
		until = soon(clocks[i], 20);
		FAILS(sem_clockwait(&semaphore, clocks[i], &until), ETIMEDOUT);
	}
	EQUAL(pthread_mutex_unlock(&mutex), 0);
	EQUAL(pthread_mutex_clocklock(&mutex, CLOCK_PROCESS_CPUTIME_ID, &until), EINVAL);
	EQUAL(pthread_cond_clockwait(&condition, &mutex, 99, &until), EINVAL);
}

static void *
waits_for_the_mutex(void *argument)
{
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	return argument;
}

static void
joins_that_do_not_wait(void)
{
	struct timespec until;
	pthread_t thread;
	void *result = NULL;

	EQUAL(pthread_mutex_lock(&mutex), 0);
	EQUAL(pthread_create(&thread, NULL, waits_for_the_mutex, &mutex), 0);
	EQUAL(pthread_tryjoin_np(thread, &result), EBUSY);
	until = soon(CLOCK_REALTIME, 20);
	EQUAL(pthread_timedjoin_np(thread, &result, &until), ETIMEDOUT);
	EQUAL(pthread_mutex_unlock(&mutex), 0);
	until = soon(CLOCK_MONOTONIC, 60000);
	EQUAL(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &until), 0);
	CHECK(result == &mutex);
	EQUAL(pthread_create(&thread, NULL, waits_for_the_mutex, &until), 0);
	while (pthread_tryjoin_np(thread, &result) == EBUSY)
		pthread_yield();
	CHECK(result == &until);
}

static void *
writes(void *argument)
{
	EQUAL(pthread_rwlock_wrlock(&rwlock), 0);
	EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	return argument;
}

/* A lock that lets readers in first does so though a writer waits; the usual one does not. */
static void
readers_first(void)
{
	static const int kinds[] = { PTHREAD_RWLOCK_PREFER_READER_NP, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP };
	pthread_rwlockattr_t attr;
	pthread_t thread;
	int kind;

	EQUAL(pthread_rwlockattr_init(&attr), 0);
	EQUAL(pthread_rwlockattr_setkind_np(&attr, 77), EINVAL);
	for (int i = 0; i < 2; i++) {
		EQUAL(pthread_rwlockattr_setkind_np(&attr, kinds[i]), 0);
		EQUAL(pthread_rwlockattr_getkind_np(&attr, &kind), 0);
		EQUAL(kind, kinds[i]);
		EQUAL(pthread_rwlock_init(&rwlock, &attr), 0);
		EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
		EQUAL(pthread_create(&thread, NULL, writes, NULL), 0);
#ifndef __GLIBC__
		while (__atomic_load_n(&rwlock.__writers, __ATOMIC_SEQ_CST) == 0)
			pthread_yield();
#endif
		kind = pthread_rwlock_tryrdlock(&rwlock);
		if (kind == 0)
			EQUAL(pthread_rwlock_unlock(&rwlock), 0);
#ifndef __GLIBC__
		EQUAL(kind, kinds[i] == PTHREAD_RWLOCK_PREFER_READER_NP ? 0 : EBUSY);
#endif
		EQUAL(pthread_rwlock_unlock(&rwlock), 0);
		EQUAL(pthread_join(thread, NULL), 0);
	}
}

/* As much stack as programs use that think of no size; and CPUs as for threads that run. */
static void *
deep(void *argument)
{
	volatile char room[4 << 20];

	room[0] = room[sizeof(room) - 1] = 1;
	return argument;
}

static void
attributes(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	EQUAL(pthread_create(&thread, NULL, deep, NULL), 0);
	EQUAL(pthread_join(thread, NULL), 0);
	EQUAL(pthread_attr_init(&attr), 0);
#ifndef __GLIBC__
	cpu_set_t set;

	EQUAL(pthread_attr_getaffinity_np(&attr, sizeof(set), &set), 0);
	EQUAL(pthread_attr_setaffinity_np(&attr, sizeof(set), &set), 0);
	CPU_ZERO(&set);
	EQUAL(pthread_attr_setaffinity_np(&attr, sizeof(set), &set), EINVAL);
#endif
	EQUAL(pthread_attr_destroy(&attr), 0);
}

/* --- numbers and text --- */

static void
divided_by_zero(int signal)
{
	_exit(signal);
}

static void
traps_of_floating_point(void)
{
	volatile long double zero = 0, result;
	fenv_t before;
	pid_t pid;

	EQUAL(fegetexcept(), 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGFPE, divided_by_zero);
		if (feenableexcept(FE_DIVBYZERO) == -1)
			_exit(SIGFPE);
		if (fegetexcept() != FE_DIVBYZERO)
			_exit(98);
		result = 1 / zero;
		settle_floats();
		_exit(result > 0 ? 99 : 97);
	}
	EQUAL(WEXITSTATUS(end_of(pid)), SIGFPE);
	if (FLOAT_TRAPS) {
		EQUAL(feenableexcept(FE_OVERFLOW | FE_INVALID), 0);
		EQUAL(feholdexcept(&before), 0);
		EQUAL(fegetexcept(), 0);
		EQUAL(fesetenv(&before), 0);
		EQUAL(fedisableexcept(FE_OVERFLOW), FE_OVERFLOW | FE_INVALID);
		EQUAL(fedisableexcept(FE_ALL_EXCEPT), FE_INVALID);
	}
	result = 1 / zero;
	EQUAL(fegetexcept(), 0);
}

static void
wide_text(void)
{
	FILE *file = tmpfile();
	wchar_t text[16];

	CHECK(*wcschrnul(L"abc", L'b') == L'b' && *wcschrnul(L"abc", L'x') == 0);
	flockfile(file);
	EQUAL(fputwc_unlocked(L'a', file), L'a');
	EQUAL(putwc_unlocked(L'b', file), L'b');
	CHECK(fputws_unlocked(L"cd\n", file) >= 0);
	funlockfile(file);
	rewind(file);
	EQUAL(fgetwc_unlocked(file), L'a');
	EQUAL(getwc_unlocked(file), L'b');
	CHECK(fgetws_unlocked(text, 16, file) == text && wcscmp(text, L"cd\n") == 0);
	fclose(file);
}

static void
older_times_and_limits(void)
{
	struct timeb now;
	time_t before = time(NULL);

	EQUAL(ftime(&now), 0);
	CHECK(now.time >= before && now.time <= time(NULL) && now.millitm < 1000);
	EQUAL(ulimit(UL_SETFSIZE, 20000L), 20000);
	EQUAL(ulimit(UL_GETFSIZE), 20000);
	FAILS(ulimit(99), EINVAL);
}

/* --- where a program's parts end --- */

extern char etext, edata, end, __bss_start;
static char zeroes[100];

static void
parts_of_the_program(void)
{
	static char data[100] = "data";

	CHECK((uintptr_t)parts_of_the_program < (uintptr_t)&etext);
	CHECK((uintptr_t)data < (uintptr_t)&edata && (uintptr_t)&edata <= (uintptr_t)&__bss_start);
	CHECK((uintptr_t)zeroes >= (uintptr_t)&__bss_start && (uintptr_t)zeroes < (uintptr_t)&end);
}

/* --- limits, terminals --- */

static void
limits(void)
{
	struct rlimit before, lower, now;
	struct rusage usage;

	EQUAL(prlimit(0, RLIMIT_NOFILE, NULL, &before), 0);
	lower = (struct rlimit){ 32, before.rlim_max };
	EQUAL(prlimit(getpid(), RLIMIT_NOFILE, &lower, &now), 0);
	CHECK(now.rlim_cur == before.rlim_cur);
	EQUAL(getdtablesize(), 32);
	EQUAL(prlimit(0, RLIMIT_NOFILE, &before, NULL), 0);
	FAILS(prlimit(0, 99, NULL, &now), EINVAL);
#ifndef __GLIBC__
	FAILS(prlimit(getppid(), RLIMIT_NOFILE, NULL, &now), EPERM);
#endif
	FAILS(prlimit(0x7ffffff0, RLIMIT_NOFILE, NULL, &now), ESRCH);
	EQUAL(getrusage(RUSAGE_THREAD, &usage), 0);
	CHECK(usage.ru_utime.tv_sec > 0 || usage.ru_utime.tv_usec + usage.ru_stime.tv_usec > 0);
	EQUAL(getrlimit(RLIMIT_RSS, &now), 0);
	EQUAL(getrlimit(RLIMIT_MEMLOCK, &now), 0);
}

static void
requests(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, waiting;

	CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	CHECK(slave >= 0);
	EQUAL(write(master, "line\n", 5), 5);
	EQUAL(ioctl(slave, FIONREAD, &waiting), 0);
	EQUAL(waiting, 5);
	EQUAL(ioctl(slave, TCFLSH, TCIFLUSH), 0);
	EQUAL(ioctl(slave, FIONREAD, &waiting), 0);
	EQUAL(waiting, 0);
	FAILS(ioctl(slave, TCFLSH, 99), EINVAL);
	EQUAL(ioctl(slave, TCXONC, TCOON), 0);
	EQUAL(ioctl(slave, TCSBRK, 0), 0);
	close(slave);
	close(master);
	CHECK(_IOR('T', 0x30, unsigned) == 0x80045430 && _IOW('T', 0x31, int) == 0x40045431 && _IO('T', 1) == 0x5401);
}

int
main(void)
{
	base_names();
	times_of_day();
	other_clocks();
	numbers();
	functions_of_exit();
	retried_calls();
	facts_of_the_system();
	shells_of_a_file();
#ifndef __GLIBC__
	names_of_the_host();
#endif
	files();
	mappings();
	files_without_names();
	old_masks();
	broken_pipes();
	waits_by_a_clock();
	joins_that_do_not_wait();
	readers_first();
	attributes();
	traps_of_floating_point();
	wide_text();
	parts_of_the_program();
	limits();
	requests();
	older_times_and_limits();
	return check_report("elsewhere");
}
