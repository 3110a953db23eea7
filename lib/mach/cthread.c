/*
 * Threads. See cthread.h.
 *
 * One mapping per thread, freed by whoever joins it or, detached, by the next thread that is made:
 *
 *	| guard page | stack ... | TLS block | struct cthread | guard page |
 *
 * (without a stack in it if the thread's maker has memory for that).
 *
 * A thread cannot free the stack it stands on: it sets `done` as the very last thing
 * (thread_finish), after which only registers are used, and the mapping may go once `done` is
 * seen.
 */
#include <mach/notify.h>
#include <string.h>

#include "mach/cthread.h"
#include "mach/elf_load.h"
#include "mach/mach.h"
#include "mach/mig.h"
#include "mach/startup.h"
#include "mach/tls.h"

struct cthread {
	uint32_t done;				/* set last of all by the thread itself */
	uint32_t detached;
	thread_t port;				/* send right */
	void *(*function)(void *);
	void *argument;
	void *result;
	vm_address_t base;			/* of the mapping; 0: the main thread */
	vm_size_t size;
	vm_address_t stack;
	vm_size_t stack_size;
	struct cthread *next;			/* in `ended` */
	uintptr_t data;
	uint64_t name[2];			/* CTHREAD_NAME_MAX bytes, atomic; the last byte: there is one */
};

static struct cthread main_thread;
static _Thread_local struct cthread *self;

static struct mutex lock;			/* guards the list and the keys */
static struct cthread *ended;			/* detached, and using only their stacks now */

static uint32_t key_count;
static void (*destructors[CTHREAD_KEYS_MAX])(void *);
static _Thread_local void *values[CTHREAD_KEYS_MAX];

static bool
thread_is_gone(thread_t port)
{
	mach_port_type_t type = 0;

	return mach_port_type(mach_task_self(), port, &type) != KERN_SUCCESS ||
	       (type & MACH_PORT_TYPE_SEND) == 0;
}

/* Sleeps until the thread's port is dead. false: there is no port or memory left to be told by. */
static bool
thread_await_death(thread_t port)
{
	mach_port_t told = mach_reply_port();
	mach_notification_t m;
	mach_msg_return_t mr = MACH_RCV_INVALID_NAME;

	if (told == MACH_PORT_NULL)
		return false;
	if (port_notify(port, MACH_NOTIFY_DEAD_NAME, told) == KERN_SUCCESS)
		mr = mach_msg(&m.not_header, MACH_RCV_MSG, 0, sizeof(m), told, 0, MACH_PORT_NULL);
	port_drop_receive(told);
	if (mr != MACH_MSG_SUCCESS)
		return false;
	port_drop(port);		/* the reference that came with the notification */
	return true;
}

/*
 * The thread's last trap names its port, after `done` was set: the name must stay until the thread is gone. Mostly it only needs the CPU.
 */
static void
thread_wait_gone(thread_t port)
{
	if (thread_is_gone(port))
		return;
	thread_switch(port, SWITCH_OPTION_NONE, 0);
	while (!thread_is_gone(port) && !thread_await_death(port))
		clock_sleep(1);
}

static void
thread_free(struct cthread *thread)
{
	thread_wait_gone(thread->port);
	port_drop(thread->port);
	vm_deallocate(mach_task_self(), thread->base, thread->size);
}

static void
free_ended(void)
{
	struct cthread **at, *thread, *ready = NULL;

	mutex_lock(&lock);
	for (at = &ended; (thread = *at) != NULL;) {
		if (__atomic_load_n(&thread->done, __ATOMIC_ACQUIRE) == 0) {
			at = &thread->next;
			continue;
		}
		*at = thread->next;
		thread->next = ready;
		ready = thread;
	}
	mutex_unlock(&lock);
	while ((thread = ready) != NULL) {
		ready = thread->next;
		thread_free(thread);
	}
}

static void
thread_body(void *argument)
{
	self = argument;
	cthread_exit(self->function(self->argument));
}

static vm_size_t
tls_room(void)
{
	return (tls_block_size() + TLS_ALIGN_MAX - 1) & ~(vm_size_t)(TLS_ALIGN_MAX - 1);
}

static struct cthread *
thread_map(vm_address_t stack, vm_size_t stack_size)
{
	vm_size_t own = stack != 0 ? 0 : vm_page_round(stack_size != 0 ? stack_size : CTHREAD_STACK_DEFAULT);
	vm_size_t top = vm_page_round(tls_room() + sizeof(struct cthread));
	vm_size_t size = VM_PAGE_SIZE + own + top + VM_PAGE_SIZE;
	vm_address_t base = 0;
	struct cthread *thread;

	if (vm_allocate(mach_task_self(), &base, size, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return NULL;
	vm_protect(mach_task_self(), base, VM_PAGE_SIZE, false, VM_PROT_NONE);
	vm_protect(mach_task_self(), base + size - VM_PAGE_SIZE, VM_PAGE_SIZE, false, VM_PROT_NONE);
	thread = (struct cthread *)(base + VM_PAGE_SIZE + own + tls_room());
	thread->base = base;
	thread->size = size;
	thread->stack = stack != 0 ? stack : base + VM_PAGE_SIZE;
	thread->stack_size = stack != 0 ? stack_size : own;
	return thread;
}

static kern_return_t
thread_launch(struct cthread *thread)
{
	uint64_t stack_end = (thread->stack + thread->stack_size) & ~15ul;
	struct thread_state state;
	kern_return_t kr = thread_create(mach_task_self(), &thread->port);

	if (kr != KERN_SUCCESS)
		return kr;
	thread_state_call(
		&state, thread_body, thread, stack_end, tls_block_fill((char *)thread - tls_room()));
	kr = thread_set_state(thread->port, THREAD_STATE_GENERAL, &state, sizeof(state));
	if (kr == KERN_SUCCESS)
		kr = thread_resume(thread->port);
	if (kr != KERN_SUCCESS) {
		thread_terminate(thread->port);
		port_drop(thread->port);
	}
	return kr;
}

static struct cthread *
thread_make(void *(*function)(void *), void *argument, const struct cthread_place *place, uintptr_t data)
{
	struct cthread *thread;

	free_ended();
	thread = thread_map(place->stack, place->stack_size);
	if (thread == NULL)
		return NULL;
	thread->function = function;
	thread->argument = argument;
	thread->detached = place->detached;
	thread->data = data;
	if (thread_launch(thread) != KERN_SUCCESS) {
		vm_deallocate(mach_task_self(), thread->base, thread->size);
		return NULL;
	}
	return thread;
}

cthread_t
cthread_create(void *(*function)(void *), void *argument, vm_size_t stack_size)
{
	return thread_make(function, argument, &(struct cthread_place){ .stack_size = stack_size }, 0);
}

cthread_t
cthread_create_data(void *(*function)(void *), void *argument, const struct cthread_place *place, uintptr_t data)
{
	return thread_make(function, argument, place, data);
}

kern_return_t
cthread_spawn(void *(*function)(void *), void *argument)
{
	return thread_make(function, argument, &(struct cthread_place){ .detached = true }, 0) != NULL ? KERN_SUCCESS
												       : KERN_RESOURCE_SHORTAGE;
}

void
cthread_wait(cthread_t thread)
{
	while (__atomic_load_n(&thread->done, __ATOMIC_ACQUIRE) == 0)
		gsync_wait(&thread->done, 0, 0, 0);
}

uint32_t *
cthread_done(cthread_t thread)
{
	return &thread->done;
}

void *
cthread_join(cthread_t thread)
{
	void *result;

	cthread_wait(thread);
	result = thread->result;
	if (thread->base != 0)
		thread_free(thread);
	return result;
}

static void
add_ended(struct cthread *thread)
{
	mutex_lock(&lock);
	thread->next = ended;
	ended = thread;
	mutex_unlock(&lock);
}

/* `detached` decides between the two that may come second: the thread's end and its detaching. */
void
cthread_detach(cthread_t thread)
{
	if (__atomic_exchange_n(&thread->detached, 1, __ATOMIC_ACQ_REL) == 2)
		add_ended(thread);
}

static void
run_destructors(void)
{
	for (uint32_t i = 0; i < key_count; i++) {
		void *value = values[i];

		values[i] = NULL;
		if (value != NULL && destructors[i] != NULL)
			destructors[i](value);
	}
}

void
cthread_exit(void *result)
{
	struct cthread *thread = cthread_self();
	thread_t port = cthread_port(thread);
	uint32_t joinable = 0;

	thread->result = result;
	run_destructors();
	mig_reply_port_drop();
	if (thread->base != 0 && !__atomic_compare_exchange_n(&thread->detached, &joinable, 2,
					 false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		add_ended(thread);
	thread_finish(&thread->done, port);
}

cthread_t
cthread_self(void)
{
	if (self == NULL)
		self = &main_thread;
	return self;
}

thread_t
cthread_port(cthread_t thread)
{
	if (thread->port == MACH_PORT_NULL && thread == cthread_self())
		thread->port = mach_thread_self();
	return thread->port;
}

uintptr_t *
cthread_data(cthread_t thread)
{
	return &thread->data;
}

/* The first thread's stack ends where the start-up page begins (elf_load.h). */
void
cthread_place(cthread_t thread, struct cthread_place *place)
{
	vm_address_t end = (vm_address_t)startup_info;

	if (thread->base == 0)
		*place = (struct cthread_place){ end - ELF_STACK_SIZE, ELF_STACK_SIZE, false, false };
	else
		*place = (struct cthread_place){ thread->stack, thread->stack_size, thread->stack == thread->base + VM_PAGE_SIZE, false };
	place->detached = __atomic_load_n(&thread->detached, __ATOMIC_RELAXED) == 1;
}

void
cthread_name_set(cthread_t thread, const char *name)
{
	union {
		uint64_t words[2];
		char text[CTHREAD_NAME_MAX];
	} copy = { { 0 } };

	for (unsigned i = 0; i < CTHREAD_NAME_MAX - 1 && name[i] != 0; i++)
		copy.text[i] = name[i];
	copy.text[CTHREAD_NAME_MAX - 1] = 1;
	__atomic_store_n(&thread->name[0], copy.words[0], __ATOMIC_RELAXED);
	__atomic_store_n(&thread->name[1], copy.words[1], __ATOMIC_RELAXED);
}

bool
cthread_name_get(cthread_t thread, char name[CTHREAD_NAME_MAX])
{
	uint64_t words[2] = { __atomic_load_n(&thread->name[0], __ATOMIC_RELAXED), __atomic_load_n(&thread->name[1], __ATOMIC_RELAXED) };
	bool there;

	memcpy(name, words, sizeof(words));
	there = name[CTHREAD_NAME_MAX - 1] != 0;
	name[CTHREAD_NAME_MAX - 1] = 0;
	return there;
}

void
cthread_fork_child(void)
{
	struct cthread *thread = cthread_self();

	port_drop(thread->port);	/* names the parent's thread */
	thread->port = mach_thread_self();
	ended = NULL;
	lock = (struct mutex)MUTEX_INIT;
}

int
cthread_key_create(void (*destructor)(void *))
{
	int key = -1;

	mutex_lock(&lock);
	if (key_count < CTHREAD_KEYS_MAX) {
		key = (int)key_count;
		destructors[key_count++] = destructor;
	}
	mutex_unlock(&lock);
	return key;
}

void
cthread_key_set(int key, void *value)
{
	values[key] = value;
}

void *
cthread_key_get(int key)
{
	return values[key];
}
