/*
 * Starting processes: proc_spawn and proc_adopt.
 *
 * The new task is complete before it is in the table, and runs only afterwards; whatever fails
 * before leaves nothing behind.
 */
#include "mach/elf_load.h"
#include "mach/heap.h"
#include "mach/service.h"
#include "mach/startup.h"
#include "proc_local.h"
#include "proc_server.h"
#include <errno.h>
#include <string.h>

#define FDS_MAX		14		/* as in proc.defs */
#define DEFAULT_UMASK	022

/* What a spawn is made of. */
struct spawn {
	const char *path;
	struct elf_strings arguments, environment;
	mach_port_t dir, root;
	const mach_port_t *fds;
	uint32_t fd_count;
	uint32_t flags;
	struct image image;
	struct process *child;
	struct startup_page page;
	thread_t thread;
};

struct process *
process_new(void)
{
	struct process *p = heap_zalloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	if (port_create(true, &p->port) != KERN_SUCCESS) {
		heap_free(p);
		return NULL;
	}
	if (mach_port_move_member(mach_task_self(), p->port, port_set) != KERN_SUCCESS) {
		process_discard(p);
		return NULL;
	}
	return p;
}

void
process_discard(struct process *p)
{
	if (p->task != MACH_PORT_NULL)
		task_terminate(p->task);
	port_drop(p->task);
	port_drop(p->port);
	port_drop_receive(p->port);
	heap_free(p);
}

static kern_return_t
errno_of(kern_return_t kr)
{
	switch (kr) {
	case KERN_SUCCESS:
		return 0;
	case KERN_INVALID_ARGUMENT:
		return ENOEXEC;
	case KERN_NO_SPACE:
		return E2BIG;
	default:
		return ENOMEM;
	}
}

/* The last part of the path, and the words of the command line, for people. */
static void
describe(struct process *p, const char *path, const struct elf_strings *arguments)
{
	const char *slash = strrchr(path, '/');
	uint32_t n =
		arguments->size < sizeof(p->arguments) ? arguments->size : sizeof(p->arguments);

	strlcpy(p->name, slash != NULL && slash[1] != 0 ? slash + 1 : path, sizeof(p->name));
	for (uint32_t i = 0; i + 1 < n; i++)
		p->arguments[i] = arguments->text[i] != 0 ? arguments->text[i] : ' ';
}

static void
inherit(struct process *child, const struct process *parent, uint32_t flags)
{
	child->parent = parent->pid;
	child->uid = parent->uid;
	child->gid = parent->gid;
	child->group = (flags & PROC_NEW_GROUP) != 0 ? 0 : parent->group;
	child->session = parent->session;
}

static kern_return_t
set_token(const struct process *p)
{
	static uint32_t last_label = PROC_LABEL_FIRST;
	security_token_t token = {
		__atomic_add_fetch(&last_label, 1, __ATOMIC_RELAXED), p->uid, p->gid};

	return task_set_security_token(host, p->task, &token);
}

static kern_return_t
load(struct spawn *s)
{
	struct elf_right rights[4 + FDS_MAX] = {
		{public_bootstrap, MACH_MSG_TYPE_COPY_SEND, &s->page.bootstrap},
		{s->child->port, MACH_MSG_TYPE_COPY_SEND, &s->page.proc},
		{s->root, MACH_MSG_TYPE_COPY_SEND, &s->page.root},
		{s->dir != MACH_PORT_NULL ? s->dir : s->root, MACH_MSG_TYPE_COPY_SEND,
			&s->page.cwd},
	};
	struct elf_program program = {
		.name = s->child->name, .image = s->image.data, .size = s->image.size,
		.arguments = s->arguments, .environment = s->environment,
		.page = &s->page, .rights = rights, .right_count = 4 + s->fd_count,
		.bootstrap = public_bootstrap, .exception = s->child->port,
	};
	const char *reason;

	for (uint32_t i = 0; i < s->fd_count; i++)
		rights[4 + i] = (struct elf_right){
			s->fds[i], MACH_MSG_TYPE_COPY_SEND, &s->page.fds[i].port};
	s->page.fd_count = s->fd_count;
	s->page.umask = DEFAULT_UMASK;
	s->page.pid = s->child->pid;
	return errno_of(elf_load(&program, s->child->task, &s->thread, &reason));
}

/* A pid and a place in the table, still without a task that could run. */
static kern_return_t
enter(struct process *child, int32_t parent_pid, uint32_t flags)
{
	const struct process *parent;
	kern_return_t kr = 0;

	mutex_lock(&lock);
	parent = process_by_pid(parent_pid);
	if (parent == NULL || parent->zombie) {
		kr = ESRCH;
	} else {
		inherit(child, parent, flags);
		if (!process_insert(child))
			kr = EAGAIN;
		else if (child->group == 0)
			child->group = child->pid;
	}
	mutex_unlock(&lock);
	return kr;
}

/* Takes a process that did not start out of the table again. */
static void
leave(struct process *child)
{
	port_notify_cancel(child->task, MACH_NOTIFY_DEAD_NAME);
	task_terminate(child->task);
	mutex_lock(&lock);
	child->parent = INIT_PID;
	process_died(child);
	mutex_unlock(&lock);
}

static kern_return_t
run(struct spawn *s, int32_t parent_pid)
{
	struct process *child = s->child;
	kern_return_t kr = enter(child, parent_pid, s->flags);

	if (kr != 0) {
		process_discard(child);
		return kr;
	}
	kr = set_token(child) == KERN_SUCCESS ? load(s) : EPERM;
	port_drop(child->port);			/* the send right: the child has its own now */
	if (kr == 0 && (port_notify(child->task, MACH_NOTIFY_DEAD_NAME, notify_port) != KERN_SUCCESS
	    || thread_resume(s->thread) != KERN_SUCCESS))
		kr = ENOMEM;
	port_drop(s->thread);
	if (kr != 0)
		leave(child);
	return kr;				/* a child that runs may be gone already */
}

static kern_return_t
spawn(struct spawn *s, int32_t parent_pid, int32_t *pid)
{
	kern_return_t kr;

	s->child = process_new();
	if (s->child == NULL)
		return ENOMEM;
	describe(s->child, s->path, &s->arguments);
	if (task_create(mach_task_self(), 0, &s->child->task) != KERN_SUCCESS) {
		s->child->task = MACH_PORT_NULL;
		process_discard(s->child);
		return ENOMEM;
	}
	kr = run(s, parent_pid);
	if (kr == 0)
		*pid = s->page.pid;
	return kr;
}

static bool
strings_end(const struct elf_strings *strings)
{
	return strings->size == 0 || strings->text[strings->size - 1] == 0;
}

static int32_t
pid_of(mach_port_t port)
{
	const struct process *p;
	int32_t pid;

	mutex_lock(&lock);
	p = process_by_port(port);
	pid = p != NULL ? p->pid : 0;
	mutex_unlock(&lock);
	return pid;
}

static void
release_arguments(struct spawn *s, mach_port_t *fds, mach_port_t root)
{
	mig_free((void *)(uintptr_t)s->arguments.text, s->arguments.size);
	mig_free((void *)(uintptr_t)s->environment.text, s->environment.size);
	mig_free_ports(fds, s->fd_count);
	port_drop(s->dir);
	port_drop(root);
}

kern_return_t
proc_spawn_s(struct mig_request *rq, const char *path, void *args, uint32_t args_count,
	void *environment, uint32_t environment_count, mach_port_t dir, mach_port_t root,
	mach_port_t *fds, uint32_t fds_count, uint32_t flags, int32_t *pid)
{
	static mach_port_t system_root;
	struct spawn s = {.path = path,
		.arguments = {args, args_count},
		.environment = {environment, environment_count},
		.dir = dir,
		.root = root,
		.fds = fds,
		.fd_count = fds_count,
		.flags = flags};
	int32_t parent = pid_of(rq->port);
	kern_return_t kr;

	if (parent == 0)
		return EPERM;
	if ((flags & ~PROC_NEW_GROUP) != 0 || !strings_end(&s.arguments) ||
		!strings_end(&s.environment))
		return EINVAL;
	if (root == MACH_PORT_NULL) {
		if (system_root == MACH_PORT_NULL)
			system_root = service_look_up("fs");
		s.root = system_root;
	}
	kr = image_read(s.dir, s.root, path, &s.image);
	if (kr != 0)
		return kr;
	kr = spawn(&s, parent, pid);
	mig_free(s.image.data, s.image.size);
	if (kr == 0)
		release_arguments(&s, fds, root);
	return kr;
}

kern_return_t
proc_adopt_s(struct mig_request *rq, mach_port_t task, const char *name, mach_port_t *self,
	uint32_t *self_type, int32_t *pid)
{
	struct elf_strings arguments = { name, (uint32_t)strlen(name) + 1 };
	struct process *p;

	if (rq->port != service_port || rq->sender.label != 1)
		return EPERM;
	p = process_new();
	if (p == NULL)
		return ENOMEM;
	describe(p, name, &arguments);
	mutex_lock(&lock);
	p->parent = INIT_PID;
	if (!process_insert(p)) {
		mutex_unlock(&lock);
		process_discard(p);
		return EAGAIN;
	}
	p->group = p->session = p->pid;
	p->task = task;
	*pid = p->pid;
	*self = p->port;
	*self_type = MACH_MSG_TYPE_MOVE_SEND;
	mutex_unlock(&lock);
	task_set_special_port(task, TASK_EXCEPTION_PORT, p->port);
	port_notify(task, MACH_NOTIFY_DEAD_NAME, notify_port);
	return KERN_SUCCESS;
}
