/*
 * Scheduling (POSIX.1-2017 <sched.h>): SCHED_OTHER with priority 0; the CPUs go round in slices whose lengths are the nice values'. EPERM for
 * another policy, EINVAL for another priority. pid 0: the caller.
 */
#ifndef _SCHED_H
#define _SCHED_H

#include <bits/features.h>
#include <bits/timespec.h>
#include <sys/types.h>

#define SCHED_OTHER	0
#define SCHED_FIFO	1
#define SCHED_RR	2

struct sched_param {
	int sched_priority;
};

int sched_yield(void);
int sched_get_priority_max(int policy);
int sched_get_priority_min(int policy);
int sched_getscheduler(pid_t pid);
int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param);
int sched_getparam(pid_t pid, struct sched_param *param);
int sched_setparam(pid_t pid, const struct sched_param *param);
int sched_rr_get_interval(pid_t pid, struct timespec *interval);

#ifdef _MACHR_GNU
/*
 * Sets of CPUs; those of CPU_ALLOC are as large as their user says. A CPU that has no place in a set is not in it, and does not get in.
 */
#define CPU_SETSIZE	1024
#define __CPU_BITS	(8 * sizeof(unsigned long))

typedef struct {
	unsigned long __bits[CPU_SETSIZE / __CPU_BITS];
} cpu_set_t;

int __sched_cpucount(size_t size, const cpu_set_t *set);
cpu_set_t *__sched_cpualloc(size_t count);
void __sched_cpufree(cpu_set_t *set);

#define CPU_ALLOC(count)	__sched_cpualloc(count)
#define CPU_ALLOC_SIZE(count)	(((count) + __CPU_BITS - 1) / __CPU_BITS * sizeof(unsigned long))
#define CPU_FREE(set)		__sched_cpufree(set)

static __inline void
__cpu_change(size_t cpu, size_t size, cpu_set_t *set, int in)
{
	unsigned long *word = (unsigned long *)set + cpu / __CPU_BITS, bit = 1ul << cpu % __CPU_BITS;

	if (cpu / 8 < size)
		*word = in ? *word | bit : *word & ~bit;
}

static __inline int
__cpu_in(size_t cpu, size_t size, const cpu_set_t *set)
{
	return cpu / 8 < size && (((const unsigned long *)set)[cpu / __CPU_BITS] >> cpu % __CPU_BITS & 1) != 0;
}

#define CPU_ZERO_S(size, set)		((void)__builtin_memset((set), 0, (size)))
#define CPU_SET_S(cpu, size, set)	__cpu_change((size_t)(cpu), (size), (set), 1)
#define CPU_CLR_S(cpu, size, set)	__cpu_change((size_t)(cpu), (size), (set), 0)
#define CPU_ISSET_S(cpu, size, set)	__cpu_in((size_t)(cpu), (size), (set))
#define CPU_COUNT_S(size, set)		__sched_cpucount((size), (set))
#define CPU_EQUAL_S(size, a, b)		(__builtin_memcmp((a), (b), (size)) == 0)

#define __CPU_EACH(size, to, a, operation, b) do { \
		unsigned long *to_ = (unsigned long *)(to); \
		const unsigned long *a_ = (const unsigned long *)(a), *b_ = (const unsigned long *)(b); \
		size_t i_; \
		for (i_ = 0; i_ < (size) / sizeof(unsigned long); i_++) \
			to_[i_] = a_[i_] operation b_[i_]; \
	} while (0)

#define CPU_AND_S(size, to, a, b)	__CPU_EACH(size, to, a, &, b)
#define CPU_OR_S(size, to, a, b)	__CPU_EACH(size, to, a, |, b)
#define CPU_XOR_S(size, to, a, b)	__CPU_EACH(size, to, a, ^, b)

#define CPU_ZERO(set)			CPU_ZERO_S(sizeof(cpu_set_t), set)
#define CPU_SET(cpu, set)		CPU_SET_S(cpu, sizeof(cpu_set_t), set)
#define CPU_CLR(cpu, set)		CPU_CLR_S(cpu, sizeof(cpu_set_t), set)
#define CPU_ISSET(cpu, set)		CPU_ISSET_S(cpu, sizeof(cpu_set_t), set)
#define CPU_COUNT(set)			CPU_COUNT_S(sizeof(cpu_set_t), set)
#define CPU_EQUAL(a, b)			CPU_EQUAL_S(sizeof(cpu_set_t), a, b)
#define CPU_AND(to, a, b)		CPU_AND_S(sizeof(cpu_set_t), to, a, b)
#define CPU_OR(to, a, b)		CPU_OR_S(sizeof(cpu_set_t), to, a, b)
#define CPU_XOR(to, a, b)		CPU_XOR_S(sizeof(cpu_set_t), to, a, b)

/* No thread is bound to a CPU: each may run on all of them, and a set that lacks one is EINVAL. */
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set);
/* Where the caller runs, or just ran. */
int sched_getcpu(void);
#endif

#endif
