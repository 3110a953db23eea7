/* Signal pages, and making threads enter handlers. See signals.h. */
#include "mach/mach.h"
#include "mach/tls.h"
#include "signals.h"
#include <mach/task_info.h>
#include <mach/vm.h>

/* --- the page --- */

bool
page_create(struct process *p, uint64_t ignored, uint64_t blocked)
{
	vm_address_t memory = 0;

	if (vm_allocate(mach_task_self(), &memory, SIGNAL_PAGE_SIZE, VM_FLAGS_ANYWHERE) !=
		KERN_SUCCESS)
		return false;
	p->page = (struct signal_page *)memory;
	p->page->slot_count = 1;
	p->page->slots[0].mask = blocked & ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP));
	for (int32_t i = 1; i <= (int32_t)SIGNALS; i++)
		if ((ignored & SIGNAL_BIT(i)) != 0)
			p->page->actions[i].handler = SIGNAL_IGNORE;
	return true;
}

void
page_inherit(struct process *child, const struct process *parent, uint32_t slot)
{
	const struct signal_page *from = parent->page;
	struct signal_page *to = child->page;

	to->trampoline = from->trampoline;
	for (uint32_t i = 0; i <= SIGNALS; i++)
		to->actions[i] = from->actions[i];
	to->slots[0].mask = UINT64_MAX;
	to->slots[0].claimed = 1;
	to->slot_count = 1;
	if (slot >= SIGNAL_SLOTS)
		return;			/* a thread without one: in the child it gets the first */
	to->slots[slot].mask = from->slots[slot].mask;
	to->slots[slot].stack = from->slots[slot].stack;
	to->slots[slot].stack_size = from->slots[slot].stack_size;
	to->slots[slot].critical = from->slots[slot].critical;
	to->slots[slot].claimed = 1;
	to->slot_count = slot + 1;
}

void
page_update(const struct process *p)
{
	if (p->page == NULL)
		return;
	p->page->pid = p->pid;
	p->page->parent = p->parent;
	p->page->group = p->group;
	p->page->session = p->session;
	p->page->too_large = p->limits[PROC_LIMIT_FSIZE].soft + 1;
	p->page->too_much = p->limits[PROC_LIMIT_AS].soft + 1;
	p->page->too_much_data = p->limits[PROC_LIMIT_DATA].soft + 1;
	p->page->user_time = p->before.user_time;
	p->page->system_time = p->before.system_time;
	p->page->too_many_files = p->limits[PROC_LIMIT_NOFILE].soft + 1;
}

void
page_release(struct process *p)
{
	if (p->page != NULL)
		vm_deallocate(mach_task_self(), (vm_address_t)p->page, SIGNAL_PAGE_SIZE);
	p->page = NULL;
}

uint32_t
page_slots(const struct process *p)
{
	uint32_t count = p->page != NULL ? __atomic_load_n(&p->page->slot_count, __ATOMIC_RELAXED) : 0;

	return count < SIGNAL_SLOTS ? count : SIGNAL_SLOTS;
}

static uint64_t
pending_for(const struct process *p, int32_t slot)
{
	uint64_t set = 0;

	for (const struct pending *one = p->pending; one != NULL; one = one->next)
		if (one->slot == slot)
			set |= SIGNAL_BIT(one->info.signal);
	return set;
}

void
page_publish(struct process *p)
{
	struct signal_page *page = p->page;

	if (page == NULL)
		return;
	__atomic_store_n(&page->pending, pending_for(p, -1), __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < page_slots(p); i++)
		__atomic_store_n(&page->slots[i].pending, pending_for(p, (int32_t)i), __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&page->sequence, 1, __ATOMIC_SEQ_CST);
	gsync_wake(&page->sequence, UINT32_MAX, GSYNC_SHARED);
}

/* --- entering handlers --- */

/* The end of the stack that the handler gets. */
static uint64_t
stack_for(const struct signal_slot *slot, const struct signal_action *action, uint64_t sp)
{
	uint64_t stack = slot->stack, size = slot->stack_size;

	if ((action->flags & SIGNAL_ONSTACK) != 0 && size != 0 && sp - stack > size)
		return (stack + size) & ~15ull;
	return (sp - SIGNAL_RED_ZONE) & ~15ull;
}

/* The thread stands still. */
static bool
enter(struct process *p, uint32_t index, thread_t thread, const struct signal_action *action,
	const struct signal_info *info)
{
	struct signal_slot *slot = &p->page->slots[index];
	vm_address_t seen_at = p->page_address + ((vm_address_t)slot - (vm_address_t)p->page);
	uint64_t trampoline = __atomic_load_n(&p->page->trampoline, __ATOMIC_RELAXED);
	struct thread_state state;
	uint32_t size = sizeof(state);

	if (trampoline == 0 ||
		thread_get_state(thread, THREAD_STATE_GENERAL, &state, &size) != KERN_SUCCESS)
		return false;
	slot->state = state;
	slot->info = *info;
	__atomic_store_n(&slot->busy, 1, __ATOMIC_RELEASE);
	thread_state_call(&state, (void (*)(void *))trampoline, (void *)seen_at,
		stack_for(slot, action, THREAD_STATE_SP(&state)), state.tls);
	if (thread_set_state(thread, THREAD_STATE_GENERAL, &state, sizeof(state)) == KERN_SUCCESS)
		return true;
	__atomic_store_n(&slot->busy, 0, __ATOMIC_RELEASE);
	return false;
}

static bool
takes(const struct signal_slot *slot, mach_port_t name, int32_t signal)
{
	const volatile struct signal_slot *s = slot;

	return s->thread == name && (s->mask & SIGNAL_BIT(signal)) == 0;
}

/* The thread stands still: what it stored last, which may be the end of a critical section, is seen here, or it sees what is pending. */
static bool
may_enter(const struct signal_slot *slot, mach_port_t name, int32_t signal)
{
	const volatile struct signal_slot *s = slot;

	return takes(slot, name, signal) && s->critical == 0 && s->busy == 0;
}

static bool
extract(task_t task, mach_port_t name, mach_port_t *port)
{
	uint32_t type;

	return MACH_PORT_VALID(name) &&
	       mach_port_extract_right(task, name, MACH_MSG_TYPE_COPY_SEND, port, &type) ==
		       KERN_SUCCESS;
}

bool
deliver(struct process *p, uint32_t index, const struct signal_action *action,
	const struct signal_info *info)
{
	const struct signal_slot *slot = &p->page->slots[index];
	mach_port_t name = __atomic_load_n(&slot->thread, __ATOMIC_RELAXED);
	thread_t thread;
	bool done = false;

	if (!takes(slot, name, info->signal) || !extract(p->task, name, &thread))
		return false;
	if (thread_suspend(thread) == KERN_SUCCESS) {
		if (may_enter(slot, name, info->signal)) {
			thread_abort(thread);
			done = enter(p, index, thread, action, info);
		}
		thread_resume(thread);
	}
	port_drop(thread);
	return done;
}

static int32_t
slot_of(const struct process *p, thread_t thread)
{
	for (uint32_t i = 0; i < page_slots(p); i++) {
		mach_port_t port;

		if (!extract(p->task, __atomic_load_n(&p->page->slots[i].thread, __ATOMIC_RELAXED),
			    &port))
			continue;
		port_drop(port);
		if (port == thread)
			return (int32_t)i;
	}
	return -1;
}

/* In a critical section too: the thread cannot go on without it. */
bool
deliver_fault(struct process *p, thread_t thread, const struct signal_info *info)
{
	struct signal_action action = signal_action(p, info->signal);
	int32_t slot = slot_of(p, thread);

	if (slot < 0 || action.handler <= SIGNAL_IGNORE ||
		(p->page->slots[slot].mask & SIGNAL_BIT(info->signal)) != 0 ||
		p->page->slots[slot].busy != 0)
		return false;
	return enter(p, (uint32_t)slot, thread, &action, info);
}
