/* Sending signals. */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "mach/cthread.h"
#include "posix/posix.h"
#include "proc.h"
#include "signals.h"

/* What the caller gets itself has been handled before the reply comes, or is now. */
static int
sent(kern_return_t kr)
{
	int result = posix_result(kr);

	signal_check();
	return result;
}

int
kill(pid_t pid, int signal)
{
	return sent(proc_kill(proc_port(), pid, signal));
}

int
killpg(pid_t group, int signal)
{
	if (group < 0)
		return posix_error(EINVAL);
	return kill(-group, signal);
}

int
sigqueue(pid_t pid, int signal, const union sigval value)
{
	if (pid <= 0)
		return posix_error(pid == 0 ? EINVAL : ESRCH);
	return sent(proc_queue_signal(proc_port(), pid, -1, signal, SI_QUEUE, (uint64_t)(uintptr_t)value.sival_ptr));
}

/* What a thread without a slot sends itself is the process's. */
static int
send_to_slot(uint32_t slot, int signal)
{
	return sent(proc_queue_signal(proc_port(), getpid(), slot < SIGNAL_SLOTS ? (int32_t)slot : -1, signal, SI_TKILL, 0));
}

int
signal_send(uint32_t slot, int signal)
{
	int saved = errno, error = send_to_slot(slot, signal) < 0 ? errno : 0;

	errno = saved;
	return error;
}

int
raise(int signal)
{
	return send_to_slot(signal_slot_number(), signal);
}

/* The thread's data is its slot's number plus 1, for as long as it has one. */
int
pthread_kill(pthread_t thread, int signal)
{
	uintptr_t slot = thread == pthread_self() ? signal_slot_number() + 1 : *cthread_data((cthread_t)thread);

	return slot == 0 || slot > SIGNAL_SLOTS ? ESRCH : signal_send((uint32_t)slot - 1, signal);
}
