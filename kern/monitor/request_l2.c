/*
 * The monitor while the system runs: a thread of its own waits for a BREAK on the serial line.
 */
#include "init/console.h"
#include "init/panic.h"
#include "monitor/monitor.h"
#include "sync/waitq.h"
#include "task/thread.h"

#include <mach/task_info.h>

static struct spinlock request_lock = SPINLOCK_INIT("monitor request", RANK_WAITQ);
static struct waitq requests = WAITQ_INIT(requests);

void
monitor_request(void)
{
	spin_lock(&request_lock);
	waitq_wake_all(&requests);
	spin_unlock(&request_lock);
}

static void
monitor_thread(void *argument)
{
	(void)argument;
	spin_lock(&request_lock);
	for (;;) {
		while (!console_break_seen())
			waitq_wait(&requests, &request_lock, WAIT_FOREVER, 0, "a BREAK", NULL);
		spin_unlock(&request_lock);
		monitor_enter("BREAK");
		spin_lock(&request_lock);
	}
}

void
monitor_start(void)
{
	if (thread_create_kernel(monitor_thread, NULL, MACH_PRIORITY_SYSTEM, "kmsh") == NULL)
		panic("no memory for the monitor's thread");
}
