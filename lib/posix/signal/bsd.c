/* Signals as 4.2BSD had them: masks of 32, and handlers that stay. */
#include <signal.h>
#include <stdint.h>

static int
change(int how, int mask)
{
	sigset_t set = (uint32_t)mask, old;

	return sigprocmask(how, &set, &old) < 0 ? -1 : (int)(uint32_t)old;
}

int
sigblock(int mask)
{
	return change(SIG_BLOCK, mask);
}

int
sigsetmask(int mask)
{
	return change(SIG_SETMASK, mask);
}

void (*
bsd_signal(int number, void (*handler)(int)))(int)
{
	return signal(number, handler);
}
