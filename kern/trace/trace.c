/*
 * Recording, and switching on and off (trace.h).
 */
#include "trace/trace.h"

#include "arch/timer.h"
#include "init/cmdline.h"
#include "init/printk.h"
#include "init/string.h"
#include "mm/page.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/task_traps.h"
#include "task/thread.h"
#include "trap/handlers.h"

bool trace_on;
const uint32_t trace_ring_events = TRACE_RING_EVENTS;	/* for GDB */
struct trace_ring trace_rings[CPU_MAX];

static struct spinlock rings_lock = SPINLOCK_INIT("trace rings", RANK_TRACE);

void
trace_record(enum trace_kind kind, unsigned code, int value, uint64_t a, uint64_t b, uint64_t c)
{
	struct cpu *cpu = cpu_self();
	struct trace_ring *ring = &trace_rings[cpu->number];
	struct trace_event *event;

	if (ring->events == NULL)
		return;
	event = &ring->events[ring->count % TRACE_RING_EVENTS];
	event->time = timer_now();
	event->thread = cpu->thread->id;
	event->task = cpu->thread->task->id;
	event->kind = kind;
	event->code = code;
	event->value = value;
	event->a = a;
	event->b = b;
	event->c = c;
	ring->count++;
}

/* After this no CPU is inside trace_record because of the old value of trace_on. */
static void
pass(void)
{
}

static void
stop(void)
{
	trap_trace(false);
	ipc_trace(false);
	__atomic_store_n(&trace_on, false, __ATOMIC_SEQ_CST);
	cpu_call_all(pass);
}

static bool
make_rings(void)
{
	for (unsigned i = 0; i < CPU_MAX; i++) {
		struct trace_ring *ring = &trace_rings[i];
		struct page *block;

		if (!cpus[i].online)
			continue;
		block = ring->events == NULL ? page_alloc(TRACE_RING_ORDER, PAGE_USE_KERNEL, 0) : NULL;
		if (ring->events == NULL && block == NULL)
			return false;
		spin_lock(&rings_lock);
		if (ring->events == NULL) {
			ring->events = page_virtual(block);
			block = NULL;
		}
		ring->count = 0;
		spin_unlock(&rings_lock);
		if (block != NULL)
			page_drop(block);
	}
	return true;
}

kern_return_t
trace_set(bool on)
{
	stop();
	if (!on)
		return KERN_SUCCESS;
	if (!make_rings())
		return KERN_RESOURCE_SHORTAGE;
	__atomic_store_n(&trace_on, true, __ATOMIC_SEQ_CST);
	ipc_trace(true);
	trap_trace(true);
	return KERN_SUCCESS;
}

void
trace_init(void)
{
	if (cmdline_flag("trace") && trace_set(true) != KERN_SUCCESS)
		printk("no memory for the trace\n");
}

kern_return_t
trap_host_trace(host_t host, uint32_t operation)
{
	if (!host_privileged(host))
		return KERN_INVALID_HOST;
	if (operation != HOST_TRACE_OFF && operation != HOST_TRACE_ON)
		return KERN_INVALID_ARGUMENT;
	return trace_set(operation == HOST_TRACE_ON);
}
