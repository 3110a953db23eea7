/* exit: functions registered with atexit in reverse order, then streams, then the process. */
#include <stdlib.h>
#include <unistd.h>

#include "../stdio/stdio_exit.h"
#include "posix/lock.h"

#define BLOCK 32			/* C11 7.22.4.2: at least 32 functions; more come from malloc */

struct block {
	struct block *before;
	unsigned count;
	void (*functions[BLOCK])(void);
};

static struct block first;
static struct block *last = &first;
static struct libc_lock lock;

int
atexit(void (*function)(void))
{
	int result = 0;

	__lock_take(&lock);
	if (last->count == BLOCK) {
		struct block *more = malloc(sizeof(*more));

		if (more != NULL) {
			more->before = last;
			more->count = 0;
			last = more;
		}
	}
	if (last->count < BLOCK)
		last->functions[last->count++] = function;
	else
		result = -1;
	__lock_release(&lock);
	return result;
}

/* A function may register another, which runs next. */
void
exit(int status)
{
	for (;;) {
		if (last->count > 0)
			last->functions[--last->count]();
		else if (last->before != NULL)
			last = last->before;
		else
			break;
	}
	__stdio_exit();
	_exit(status);
}
