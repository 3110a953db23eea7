/* The text of a signal number. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

#include "error_text.h"

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

/* Every number has a text of its own: lists of signals are made of them. */
char *
strsignal(int signal)
{
	static _Thread_local char numbered[ERROR_TEXT_MOST];
	const char *text = sigdescr_np(signal);

	if (text != NULL)
		return (char *)text;
	if (signal >= SIGRTMIN && signal <= SIGRTMAX)
		return __text_numbered(numbered, "Real-time signal ", signal - SIGRTMIN);
	return __text_numbered(numbered, "Unknown signal ", signal);
}
