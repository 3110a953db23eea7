/* See cancel.h. */
#include "cancel.h"

#include <errno.h>

#include "mach/cthread.h"
#include "posix/signal/signals.h"

#define TAKES	0x10000u		/* among the windows of a thread: a call whose answer is not to be lost */

static uintptr_t requests[SIGNAL_SLOTS];	/* the pthread_t that shall end, 0: none */
static bool requested;				/* there has been one, ever: set before the first */

static _Thread_local struct {
	sigjmp_buf *end;
	uint32_t windows, held;
	int state, type;
	bool ending;
} own;

void
cancel_hold(void)
{
	own.held++;
}

void
cancel_release(void)
{
	own.held--;
}

/* The calling thread's word, NULL: it has no slot. */
static uintptr_t *
request(void)
{
	size_t slot = ((uintptr_t)signal_self() - (uintptr_t)signal_page->slots) / sizeof(struct signal_slot);

	return slot < SIGNAL_SLOTS ? &requests[slot] : NULL;
}

static bool
must_end(void)
{
	uintptr_t *word = request();

	return word != NULL && __atomic_load_n(word, __ATOMIC_SEQ_CST) == (uintptr_t)pthread_self() && !own.ending && own.held == 0 &&
	    own.state == PTHREAD_CANCEL_ENABLE;
}

void
cancel_begin(void)
{
	own.windows++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (__builtin_expect(__atomic_load_n(&requested, __ATOMIC_SEQ_CST), 0) && must_end())
		pthread_exit(PTHREAD_CANCELED);
}

void
cancel_end(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	own.windows--;
}

void
cancel_take_begin(void)
{
	own.windows += TAKES;
}

void
cancel_take_end(bool taken)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	own.windows -= TAKES;
	if (!taken)
		pthread_testcancel();
}

uint32_t
cancel_windows(void)
{
	return own.windows;
}

uint32_t
cancel_suspend(void)
{
	uint32_t windows = own.windows;

	own.windows = 0;
	return windows;
}

void
cancel_resume(uint32_t windows)
{
	own.windows = windows;
}

/* On the handler's stack: what it has interrupted is left as a jump leaves it, after the clean-up handlers, whose data may stand there. */
void
cancel_arrived(uint32_t windows)
{
	if (!must_end() || (windows == 0 && own.type != PTHREAD_CANCEL_ASYNCHRONOUS))
		return;
	if (windows >= TAKES) {
		__signal_interrupts++;
		return;
	}
	own.ending = true;
	__pthread_clean_up();
	if (own.end != NULL)
		siglongjmp(*own.end, 1);
	pthread_exit(PTHREAD_CANCELED);
}

void
cancel_forget(uint32_t slot)
{
	if (slot < SIGNAL_SLOTS)
		__atomic_store_n(&requests[slot], 0, __ATOMIC_SEQ_CST);
}

void
cancel_begin_thread(sigjmp_buf *end)
{
	own.end = end;
}

void
cancel_end_thread(void)
{
	own.ending = true;
}

/* --- pthread.h --- */

static void
take_signal(int signal)
{
	(void)signal;			/* see cancel_arrived */
}

int
pthread_cancel(pthread_t thread)
{
	uintptr_t slot = thread == pthread_self() ? signal_slot_number() + 1 : *cthread_data((cthread_t)thread);
	struct signal_action *action = &signal_page->actions[SIGNAL_CANCEL];
	int error;

	if (slot == 0 || slot > SIGNAL_SLOTS)
		return ESRCH;
	action->flags = SA_RESTART;
	__atomic_store_n(&action->handler, (uint64_t)(uintptr_t)take_signal, __ATOMIC_SEQ_CST);
	__atomic_store_n(&requested, true, __ATOMIC_SEQ_CST);
	__atomic_store_n(&requests[slot - 1], (uintptr_t)thread, __ATOMIC_SEQ_CST);
	/* From here on the thread may be gone at any time: it has seen the request. Whoever has its slot then is not meant, and sees that. */
	error = signal_send((uint32_t)slot - 1, SIGNAL_CANCEL);
	return error == ESRCH ? 0 : error;
}

void
pthread_testcancel(void)
{
	cancel_begin();
	cancel_end();
}

int
pthread_setcancelstate(int state, int *old)
{
	if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
		return EINVAL;
	if (old != NULL)
		*old = own.state;
	own.state = state;
	if (own.type == PTHREAD_CANCEL_ASYNCHRONOUS)
		pthread_testcancel();
	return 0;
}

int
pthread_setcanceltype(int type, int *old)
{
	if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS)
		return EINVAL;
	if (old != NULL)
		*old = own.type;
	own.type = type;
	if (type == PTHREAD_CANCEL_ASYNCHRONOUS)
		pthread_testcancel();
	return 0;
}
