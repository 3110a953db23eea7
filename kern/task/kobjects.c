/*
 * Tasks and threads as kernel objects. Their ports hold no reference: they are destroyed before the object's last own reference goes, and a look-up
 * takes its reference with the port locked.
 */
#include "task/kobjects.h"

#include "ipc/ipc.h"
#include "sched/gsync.h"
#include "task/device.h"
#include "task/exception.h"
#include "task/host.h"
#include "task/task.h"
#include "task/thread.h"

static void
take_task(void *object)
{
	task_take(object);
}

static void
drop_task(void *object)
{
	task_drop(object);
}

static void
take_thread(void *object)
{
	thread_take(object);
}

static void
drop_thread(void *object)
{
	thread_drop(object);
}

static const struct kobject_ops task_ops = { .name = "task", .take = take_task, .drop = drop_task };
static const struct kobject_ops thread_ops = { .name = "thread", .take = take_thread, .drop = drop_thread };

void
kobjects_init(void)
{
	kobject_register(KOBJECT_TASK, &task_ops);
	kobject_register(KOBJECT_THREAD, &thread_ops);
	exception_init();
	host_init();
	device_init();
	device_dma_init();
	gsync_init();
}
