/* exit: functions registered with atexit and on_exit in reverse order, then streams, then the process. */
#include <stdlib.h>
#include <unistd.h>

#include "../stdio/stdio_exit.h"
#include "exit.h"
#include "posix/lock.h"

#define BLOCK 32			/* C11 7.22.4.2: at least 32 functions; more come from malloc */

struct block {
	struct block *before;
	unsigned count;
	struct exit_function functions[BLOCK];
};

static struct block first;
static struct block *last = &first;
static struct libc_lock lock;

int
__exit_register(struct exit_function function)
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

int
atexit(void (*function)(void))
{
	return __exit_register((struct exit_function){ .plain = function });
}

static void
call(const struct exit_function *function, int status)
{
	if (function->told != NULL)
		function->told(status, function->argument);
	else
		function->plain();
}

/* A function may register another, which runs next. */
void
exit(int status)
{
	for (;;) {
		if (last->count > 0)
			call(&last->functions[--last->count], status);
		else if (last->before != NULL)
			last = last->before;
		else
			break;
	}
	__stdio_exit();
	_exit(status);
}
