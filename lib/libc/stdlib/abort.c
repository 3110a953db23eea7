#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Ends the process by SIGABRT; if that is caught or held back, by the status a shell shows for it. */
void
abort(void)
{
	kill(getpid(), SIGABRT);
	_exit(128 + SIGABRT);
}
