/*
 * vfs/os.h inside the server: locks of lib/mach, its heap, its printf. Who holds a lock may wait for the disk, so whoever waits says so to the pool
 * of threads.
 */
#include "vfs/os.h"

#include "mach/cthread.h"
#include "mach/heap.h"
#include "mach/mach.h"
#include "mach/print.h"
#include "mach/service.h"

#include <mach/host_info.h>

#define CACHES_PART	2u		/* of the memory, at most one in so many for a cache */
#define PLENTY_PART	4u		/* of the memory: when more than one in so many is free there is plenty */

_Static_assert(OS_LATER == MIG_LATER, "what the server's functions return");
_Static_assert(sizeof(struct mutex) <= sizeof(struct os_mutex), "room for a mutex");
_Static_assert(sizeof(struct condition) <= sizeof(struct os_cond), "room for a condition");

static struct mutex *
mutex_of(struct os_mutex *m)
{
	return (struct mutex *)m->space;
}

static struct condition *
condition_of(struct os_cond *c)
{
	return (struct condition *)c->space;
}

void
os_mutex_init(struct os_mutex *m)
{
	*m = (struct os_mutex){ { 0 } };
}

void
os_mutex_lock(struct os_mutex *m)
{
	if (mutex_try_lock(mutex_of(m)))
		return;
	service_wait_begin();
	mutex_lock(mutex_of(m));
	service_wait_end();
}

int
os_mutex_ask(struct os_mutex *m)
{
	if (mutex_try_lock(mutex_of(m)))
		return 0;
	if (os_wait_place() != 0)
		return OS_LATER;
	os_mutex_lock(m);
	return 0;
}

void
os_mutex_unlock(struct os_mutex *m)
{
	mutex_unlock(mutex_of(m));
}

void
os_cond_init(struct os_cond *c)
{
	*c = (struct os_cond){ { 0 } };
}

void
os_cond_wait(struct os_cond *c, struct os_mutex *m)
{
	service_wait_begin();
	condition_wait(condition_of(c), mutex_of(m));
	service_wait_end();
}

void
os_cond_broadcast(struct os_cond *c)
{
	condition_broadcast(condition_of(c));
}

static _Thread_local bool may_not_wait;

int
os_wait_place(void)
{
	return !may_not_wait && service_wait_place() ? 0 : OS_LATER;
}

void
os_may_wait(bool may)
{
	may_not_wait = !may;
}

void
os_want_errand(void)
{
	service_want_errand();
}

void *
os_alloc(size_t size)
{
	return heap_zalloc(1, size);
}

void
os_free(void *p)
{
	heap_free(p);
}

void *
os_pages_alloc(size_t size)
{
	vm_address_t address = 0;

	if (vm_allocate(mach_task_self(), &address, vm_page_round(size), VM_FLAGS_ANYWHERE) !=
		KERN_SUCCESS)
		return NULL;
	return (void *)address;
}

void
os_pages_free(void *p, size_t size)
{
	vm_deallocate(mach_task_self(), (vm_address_t)p, vm_page_round(size));
}

uint64_t
os_memory_for_caches(void)
{
	struct host_info info;

	return host_info(&info) == KERN_SUCCESS ? info.memory / CACHES_PART : 0;
}

bool
os_memory_is_plenty(void)
{
	struct vm_statistics vm;

	return vm_statistics(&vm) == KERN_SUCCESS && vm.waiting == 0 && vm.free > vm.total / PLENTY_PART;
}

uint64_t
os_now(void)
{
	uint64_t now = 0;

	clock_get_time(CLOCK_REALTIME_NS, &now);
	return now;
}

void
os_report(const char *format, ...)
{
	char line[200];
	va_list args;

	va_start(args, format);
	print_to_v(line, sizeof(line), format, args);
	va_end(args);
	print("fs: %s\n", line);
}
