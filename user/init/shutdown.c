/*
 * The machine goes off: the file server writes everything to the disk first. That may need a driver started again, which is the main
 * thread's work, so a thread of its own waits here. It is there, and wired, from the start: at the end there may be no memory for it.
 */
#include "bootstrap_server.h"
#include "fs.h"
#include "init.h"
#include "mach/cthread.h"
#include "mach/print.h"
#include "mach/startup.h"

#define SYNC_TIMEOUT_MS 20000		/* the machine goes off all the same */

static struct {
	uint32_t asked;			/* gsync word; set by the main thread, when the rest becomes the shutdown's thread's */
	mach_port_t reply_port;
	uint32_t flags;
	int32_t status;
} shutdown;

static kern_return_t
go_off(void)
{
	kern_return_t kr = KERN_SUCCESS;

	mig_set_timeout(SYNC_TIMEOUT_MS);
	if (names_is_served("fs"))		/* the main thread may change that now: then the sync ends by itself, or by its time */
		kr = fs_shutdown(names_port("fs"));
	if (kr != KERN_SUCCESS)
		print("init: not everything could be written to the disk (%d)\n", kr);
	return host_reboot(startup_info->host, shutdown.flags, shutdown.status);
}

static void *
shutdown_thread(void *unused)
{
	mach_port_t reply_port;
	kern_return_t kr;

	if (thread_wire(startup_info->host, mach_thread_self(), 1) != KERN_SUCCESS)
		halt("the kernel gives no reserve");
	for (;;) {
		while (__atomic_load_n(&shutdown.asked, __ATOMIC_ACQUIRE) == 0)
			gsync_wait(&shutdown.asked, 0, 0, 0);
		kr = go_off();
		reply_port = shutdown.reply_port;
		__atomic_store_n(&shutdown.asked, 0, __ATOMIC_RELEASE);
		bootstrap_shutdown_reply(reply_port, kr);
	}
	return unused;
}

void
shutdown_init(void)
{
	if (cthread_spawn(shutdown_thread, NULL) != KERN_SUCCESS)
		halt("no memory for a thread");
}

kern_return_t
bootstrap_shutdown_s(struct mig_request *rq, uint32_t flags, int32_t status)
{
	if (rq->sender.uid != 0)
		return KERN_NO_ACCESS;
	if (flags > HOST_REBOOT || status < 0 || status > 255)
		return KERN_INVALID_ARGUMENT;
	if (__atomic_load_n(&shutdown.asked, __ATOMIC_ACQUIRE) != 0)
		return KERN_SUCCESS;	/* it is going off */
	shutdown.reply_port = rq->reply_port;
	shutdown.flags = flags;
	shutdown.status = status;
	__atomic_store_n(&shutdown.asked, 1, __ATOMIC_RELEASE);
	gsync_wake(&shutdown.asked, 1, 0);
	return MIG_NO_REPLY;
}
