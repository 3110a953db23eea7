/* Sets of signals as values: GNU's operations on whole sets. Those on one signal are POSIX's, in action.c. */
#define _GNU_SOURCE
#include <signal.h>

int
sigisemptyset(const sigset_t *set)
{
	return *set == 0;
}

int
sigandset(sigset_t *set, const sigset_t *a, const sigset_t *b)
{
	*set = *a & *b;
	return 0;
}

int
sigorset(sigset_t *set, const sigset_t *a, const sigset_t *b)
{
	*set = *a | *b;
	return 0;
}
