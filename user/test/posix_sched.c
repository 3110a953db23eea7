/*
 * How processes and threads are scheduled: policies, slices, CPUs; attributes, names and clocks of threads.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "children.h"

#define NOBODY 30000			/* no process has this number */

static const struct sched_param normal = { 0 }, high = { 1 };

static void
policies_of_processes(void)
{
	struct sched_param param = { 7 };

	EQUAL(sched_getscheduler(0), SCHED_OTHER);
	EQUAL(sched_getscheduler(getppid()), SCHED_OTHER);
	EQUAL(sched_getparam(getpid(), &param), 0);
	EQUAL(param.sched_priority, 0);
	EQUAL(sched_setscheduler(0, SCHED_OTHER, &normal), SCHED_OTHER);
	FAILS(sched_setscheduler(0, SCHED_OTHER, &high), EINVAL);
	FAILS(sched_setscheduler(0, SCHED_FIFO, &normal), EPERM);
	FAILS(sched_setscheduler(0, SCHED_RR, &high), EINVAL);
	FAILS(sched_setscheduler(0, 77, &normal), EINVAL);
	EQUAL(sched_setparam(0, &normal), 0);
	FAILS(sched_setparam(0, &high), EINVAL);
	FAILS(sched_getscheduler(NOBODY), ESRCH);
	FAILS(sched_getparam(NOBODY, &param), ESRCH);
	FAILS(sched_setparam(NOBODY, &normal), ESRCH);
	FAILS(sched_setscheduler(NOBODY, SCHED_OTHER, &normal), ESRCH);
	FAILS(sched_getscheduler(-1), EINVAL);
}

static void
slices(void)
{
	struct timespec slice = { 7, 7 };
	pid_t pid = fork();

	if (pid == 0) {
		nice(10);
		_exit(sched_rr_get_interval(0, &slice) != 0 || slice.tv_sec != 0 || slice.tv_nsec != 5000000);
	}
	EQUAL(end_of(pid), 0);
	EQUAL(sched_rr_get_interval(0, &slice), 0);
	EQUAL(slice.tv_sec, 0);
	EQUAL(slice.tv_nsec, 10000000);
	FAILS(sched_rr_get_interval(NOBODY, &slice), ESRCH);
}

static void
sets_of_cpus(void)
{
	cpu_set_t set, other;
	cpu_set_t *large = CPU_ALLOC(5000);
	size_t size = CPU_ALLOC_SIZE(5000);

	CPU_ZERO(&set);
	EQUAL(CPU_COUNT(&set), 0);
	CPU_SET(0, &set);
	CPU_SET(70, &set);
	CPU_SET(CPU_SETSIZE - 1, &set);
	CPU_SET(CPU_SETSIZE, &set);
	EQUAL(CPU_COUNT(&set), 3);
	CHECK(CPU_ISSET(70, &set) && !CPU_ISSET(71, &set) && CPU_ISSET(CPU_SETSIZE - 1, &set) && !CPU_ISSET(CPU_SETSIZE, &set));
	other = set;
	CHECK(CPU_EQUAL(&set, &other));
	CPU_CLR(0, &other);
	CHECK(!CPU_EQUAL(&set, &other) && CPU_COUNT(&other) == 2);
	CPU_XOR(&other, &other, &set);
	CHECK(CPU_COUNT(&other) == 1 && CPU_ISSET(0, &other));
	CPU_OR(&other, &other, &set);
	CHECK(CPU_EQUAL(&set, &other));
	CPU_ZERO(&other);
	CPU_AND(&set, &set, &other);
	EQUAL(CPU_COUNT(&set), 0);

	EQUAL(size, 5056 / 8);
	EQUAL(CPU_COUNT_S(size, large), 0);
	CPU_SET_S(4999, size, large);
	CHECK(CPU_ISSET_S(4999, size, large) && !CPU_ISSET_S(4998, size, large) && CPU_COUNT_S(size, large) == 1);
	CPU_CLR_S(4999, size, large);
	EQUAL(CPU_COUNT_S(size, large), 0);
	CPU_FREE(large);
}

/* No thread is bound: it may run on each CPU that there is, and nobody can take one from it. */
static void
cpus_of_threads(void)
{
	int cpus = get_nprocs(), cpu = sched_getcpu();
	cpu_set_t set;

	CHECK(cpu >= 0 && cpu < cpus);
	memset(&set, 0xff, sizeof(set));
	EQUAL(sched_getaffinity(0, sizeof(set), &set), 0);
	EQUAL(CPU_COUNT(&set), cpus);
	CHECK(CPU_ISSET(0, &set) && CPU_ISSET(cpus - 1, &set));
	EQUAL(sched_setaffinity(0, sizeof(set), &set), 0);
	CPU_SET(1000, &set);
	EQUAL(sched_setaffinity(getpid(), sizeof(set), &set), 0);
	EQUAL(pthread_setaffinity_np(pthread_self(), sizeof(set), &set), 0);
	CPU_CLR(cpus - 1, &set);
	FAILS(sched_setaffinity(0, sizeof(set), &set), EINVAL);
	EQUAL(pthread_setaffinity_np(pthread_self(), sizeof(set), &set), EINVAL);
	EQUAL(pthread_getaffinity_np(pthread_self(), sizeof(set), &set), 0);
	EQUAL(CPU_COUNT(&set), cpus);
	FAILS(sched_getaffinity(0, 0, &set), EINVAL);
	FAILS(sched_getaffinity(0, 7, &set), EINVAL);
	EQUAL(sched_getaffinity(0, 8, &set), 0);
	FAILS(sched_getaffinity(NOBODY, sizeof(set), &set), ESRCH);
	FAILS(sched_setaffinity(NOBODY, sizeof(set), &set), ESRCH);
}

static void
policies_of_threads(void)
{
	struct sched_param param = { 7 };
	int policy = 7;

	EQUAL(pthread_getschedparam(pthread_self(), &policy, &param), 0);
	EQUAL(policy, SCHED_OTHER);
	EQUAL(param.sched_priority, 0);
	EQUAL(pthread_setschedparam(pthread_self(), SCHED_OTHER, &normal), 0);
	EQUAL(pthread_setschedparam(pthread_self(), SCHED_OTHER, &high), EINVAL);
	EQUAL(pthread_setschedparam(pthread_self(), SCHED_RR, &normal), ENOTSUP);
	EQUAL(pthread_setschedparam(pthread_self(), 77, &normal), EINVAL);
	EQUAL(pthread_setschedprio(pthread_self(), 0), 0);
	EQUAL(pthread_setschedprio(pthread_self(), 1), EINVAL);
}

/* --- attributes --- */

#define STACK	65536

static char *given;
static size_t given_size;

/* What the thread says of its stack is where its variables are. */
static void *
look_at_stack(void *here)
{
	pthread_attr_t attr;
	void *stack = NULL;
	size_t size = 0;
	int state;

	EQUAL(pthread_getattr_np(pthread_self(), &attr), 0);
	EQUAL(pthread_attr_getstack(&attr, &stack, &size), 0);
	CHECK((char *)&attr > (char *)stack && (char *)&attr < (char *)stack + size);
	EQUAL(pthread_attr_getdetachstate(&attr, &state), 0);
	if (here == given) {
		CHECK(stack == given && size == given_size);
		EQUAL(pthread_attr_getguardsize(&attr, &size), 0);
		EQUAL(size, 0);
		memset(given, 1, 20000);		/* far below what is in use */
	}
	EQUAL(state, here == NULL ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE);
	EQUAL(pthread_attr_destroy(&attr), 0);
	return &errno;
}

static sem_t looked;

static void *
look_detached(void *unused)
{
	look_at_stack(NULL);
	EQUAL(sem_post(&looked), 0);
	return unused;
}

static void
stacks(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	void *stack, *seen = NULL;
	size_t size;

	given = malloc(STACK + 1);
	given_size = STACK + 1;			/* its end is not aligned */
	EQUAL(pthread_attr_init(&attr), 0);
	EQUAL(pthread_attr_getstack(&attr, &stack, &size), 0);
	CHECK(stack == NULL && size > 0);
	EQUAL(pthread_attr_setstack(&attr, given, PTHREAD_STACK_MIN - 1), EINVAL);
	EQUAL(pthread_attr_setstack(&attr, NULL, STACK), EINVAL);
	EQUAL(pthread_attr_setstack(&attr, given, given_size), 0);
	EQUAL(pthread_attr_getstacksize(&attr, &size), 0);
	EQUAL(size, given_size);
	for (int i = 0; i < 20; i++) {
		EQUAL(pthread_create(&thread, &attr, look_at_stack, given), 0);
		EQUAL(pthread_join(thread, &seen), 0);
		CHECK((char *)seen < given || (char *)seen >= given + given_size);
	}
	free(given);
	EQUAL(pthread_create(&thread, NULL, look_at_stack, &attr), 0);
	EQUAL(pthread_join(thread, NULL), 0);
	look_at_stack(&attr);
	EQUAL(sem_init(&looked, 0, 0), 0);
	EQUAL(pthread_attr_init(&attr), 0);
	EQUAL(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED), 0);
	EQUAL(pthread_create(&thread, &attr, look_detached, NULL), 0);
	EQUAL(sem_wait(&looked), 0);
}

/* --- names and clocks --- */

static sem_t go, gone_on;

static void *
work_a_little(void *unused)
{
	struct timespec now;

	EQUAL(pthread_setname_np(pthread_self(), "worker"), 0);
	do
		EQUAL(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
	while (now.tv_sec == 0 && now.tv_nsec < 20000000);
	EQUAL(sem_post(&gone_on), 0);
	EQUAL(sem_wait(&go), 0);
	return unused;
}

static void
names_and_clocks(void)
{
	struct timespec now, own;
	clockid_t clock, mine;
	pthread_t thread;
	char name[16] = "";

	EQUAL(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
	EQUAL(strcmp(name, "posix_sched"), 0);
	EQUAL(pthread_setname_np(pthread_self(), "0123456789abcdef"), ERANGE);
	EQUAL(pthread_setname_np(pthread_self(), "0123456789abcde"), 0);
	EQUAL(pthread_getname_np(pthread_self(), name, sizeof(name) - 1), ERANGE);
	EQUAL(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
	EQUAL(strcmp(name, "0123456789abcde"), 0);
	EQUAL(pthread_setname_np(pthread_self(), ""), 0);
	EQUAL(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
	EQUAL(strcmp(name, ""), 0);

	EQUAL(sem_init(&go, 0, 0), 0);
	EQUAL(sem_init(&gone_on, 0, 0), 0);
	EQUAL(pthread_create(&thread, NULL, work_a_little, NULL), 0);
	EQUAL(sem_wait(&gone_on), 0);
	EQUAL(pthread_getname_np(thread, name, sizeof(name)), 0);
	EQUAL(strcmp(name, "worker"), 0);
	EQUAL(pthread_getcpuclockid(thread, &clock), 0);
	EQUAL(pthread_getcpuclockid(pthread_self(), &mine), 0);
	CHECK(clock != mine);
	EQUAL(clock_gettime(clock, &now), 0);
	CHECK(now.tv_sec > 0 || now.tv_nsec >= 20000000);
	EQUAL(clock_getres(clock, &now), 0);
	EQUAL(now.tv_nsec, 1);
	EQUAL(clock_gettime(mine, &now), 0);
	EQUAL(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &own), 0);
	CHECK(own.tv_sec > now.tv_sec || (own.tv_sec == now.tv_sec && own.tv_nsec >= now.tv_nsec));
	EQUAL(sem_post(&go), 0);
	EQUAL(pthread_join(thread, NULL), 0);
	FAILS(clock_gettime(clock, &now), EINVAL);
	FAILS(clock_gettime(77, &now), EINVAL);
	EQUAL(clock_getcpuclockid(0, &clock), 0);
	EQUAL(clock, CLOCK_PROCESS_CPUTIME_ID);
	EQUAL(clock_getcpuclockid(getppid(), &clock), EPERM);
	EQUAL(clock_getcpuclockid(NOBODY, &clock), ESRCH);
}

int
main(void)
{
	policies_of_processes();
	slices();
	sets_of_cpus();
	cpus_of_threads();
	policies_of_threads();
	stacks();
	names_and_clocks();
	return check_report("sched");
}
