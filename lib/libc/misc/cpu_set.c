/* Sets of CPUs (GNU <sched.h>): what is more than one word's work. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>

int
__sched_cpucount(size_t size, const cpu_set_t *set)
{
	const unsigned long *words = (const unsigned long *)set;
	int count = 0;

	for (size_t i = 0; i < size / sizeof(*words); i++)
		for (unsigned long word = words[i]; word != 0; word &= word - 1)
			count++;
	return count;
}

cpu_set_t *
__sched_cpualloc(size_t count)
{
	return calloc(1, CPU_ALLOC_SIZE(count));
}

void
__sched_cpufree(cpu_set_t *set)
{
	free(set);
}
