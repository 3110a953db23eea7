/* proc_fork: a task that is a copy of the parent's, but for the rights to its threads. See inc/proto/proc.defs. */
#include "mach/heap.h"
#include "mach/tls.h"
#include "proc_local.h"
#include "proc_server.h"
#include <errno.h>
#include <mach/task_info.h>
#include <mach/vm.h>
#include <string.h>

/* --- the child's rights --- */

static bool
is_thread(task_t child, mach_port_t name)
{
	struct thread_info info;
	mach_port_t port;
	uint32_t type;
	bool is;

	if (mach_port_extract_right(child, name, MACH_MSG_TYPE_COPY_SEND, &port, &type) != KERN_SUCCESS)
		return false;
	is = thread_info(port, &info) == KERN_SUCCESS;
	port_drop(port);
	return is;
}

static bool
drop_threads(task_t child)
{
	struct task_info info;
	mach_port_t *names;
	uint32_t count;
	bool done;

	if (task_info(child, &info) != KERN_SUCCESS)
		return false;
	count = info.port_names;
	names = heap_zalloc(count, 2 * sizeof(*names));
	done = names != NULL && mach_port_names(child, names, names + count, &count) == KERN_SUCCESS;
	for (uint32_t i = 0; done && i < count; i++)
		if (is_thread(child, names[i]))
			mach_port_destroy(child, names[i]);
	heap_free(names);
	return done;
}

/*
 * The parent's threads are no business of the child's, which has inherited rights to them: with one it could make the parent do anything. A
 * thread's right to itself is dropped by the library in the child, so that nothing is to be done if there are no others.
 */
static bool
keep_from_threads(task_t child, task_t parent)
{
	struct task_info info;

	return task_info(parent, &info) == KERN_SUCCESS && (info.thread_count == 1 || drop_threads(child));
}

/* --- the child's task --- */

/* The child's copy of what the parent has in its page, at the same address. */
static bool
copy_page(struct process *child, const struct mig_request *rq, task_t asked, uint32_t slot)
{
	struct vm_remap_args args = {.flags = VM_FLAGS_FIXED, .size = SIGNAL_PAGE_SIZE,
		.target = child->task, .source = mach_task_self(),
		.inheritance = VM_INHERIT_NONE};
	const struct process *parent;

	if (!page_create(child, 0, 0))
		return false;
	mutex_lock(&lock);
	parent = process_still_sending(rq, asked);
	if (parent != NULL && parent->page != NULL) {
		page_inherit(child, parent, slot);
		child->page_address = parent->page_address;
		memcpy(child->name, parent->name, sizeof(child->name));
		memcpy(child->arguments, parent->arguments, sizeof(child->arguments));
	}
	mutex_unlock(&lock);
	args.address = child->page_address;
	args.source_address = (vm_address_t)child->page;
	return child->page_address != 0 && vm_remap(&args) == KERN_SUCCESS;
}

static kern_return_t
make_thread(task_t task, const struct proc_start *start, thread_t *thread)
{
	struct thread_state state;
	kern_return_t kr = thread_create(task, thread);

	if (kr != KERN_SUCCESS)
		return kr;
	thread_state_call(&state, (void (*)(void *))start->entry, (void *)start->argument,
		start->sp, start->tls);
	kr = thread_set_state(*thread, THREAD_STATE_GENERAL, &state, sizeof(state));
	if (kr != KERN_SUCCESS)
		port_drop(*thread);
	return kr;
}

static kern_return_t
copy_task(struct process *child, task_t parent, const struct mig_request *rq,
	const struct proc_start *start, uint32_t slot, thread_t *thread)
{
	if (task_create(parent, TASK_INHERIT_MEMORY | TASK_INHERIT_RIGHTS, &child->task) !=
		KERN_SUCCESS) {
		child->task = MACH_PORT_NULL;
		return EAGAIN;
	}
	if (!keep_from_threads(child->task, parent) || !copy_page(child, rq, parent, slot) ||
		task_set_special_port(child->task, TASK_EXCEPTION_PORT, child->port) !=
			KERN_SUCCESS ||
		make_thread(child->task, start, thread) != KERN_SUCCESS)
		return ENOMEM;
	return 0;
}

kern_return_t
proc_fork_s(struct mig_request *rq, const struct proc_start *start, uint32_t slot, int32_t *pid)
{
	struct process *child;
	struct asker parent;
	thread_t thread;
	kern_return_t kr;

	if (slot > SIGNAL_SLOTS)
		return EINVAL;
	kr = process_room(rq);
	if (kr != 0)
		return kr;
	if (!asker_begin(&parent, rq, ASKER_OWN_GROUP))
		return EPERM;
	child = process_new();
	kr = child != NULL ? copy_task(child, parent.task, rq, start, slot, &thread) : ENOMEM;
	if (kr == 0)
		kr = process_begin(child, rq, &parent, thread, 0, 0, NULL, pid);
	if (kr != 0 && child != NULL)
		process_discard(child);
	asker_end(&parent);
	return kr;
}
