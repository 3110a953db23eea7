/* The name of a signal number, without SIG (GNU). */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

static const char *const names[] = {
#define SIGNAL(name, text)	[SIG##name] = #name,
#include "signal_list.h"
#undef SIGNAL
};

/* NULL: no signal. */
const char *
sigabbrev_np(int signal)
{
	return signal > 0 && (size_t)signal < sizeof(names) / sizeof(names[0]) ? names[signal] : NULL;
}
