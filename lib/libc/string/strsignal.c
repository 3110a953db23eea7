/* The text of a signal number. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

static const char *const texts[] = {
#define SIGNAL(name, text)	[SIG##name] = text,
#include "signal_list.h"
#undef SIGNAL
};

/* NULL: no signal. */
const char *
sigdescr_np(int signal)
{
	return signal > 0 && (size_t)signal < sizeof(texts) / sizeof(texts[0]) ? texts[signal] : NULL;
}

char *
strsignal(int signal)
{
	const char *text = sigdescr_np(signal);

	return (char *)(text != NULL ? text : "Unknown signal");
}
