/*
 * From a file to a task that is ready to run: what proc_spawn and proc_exec have in common. See
 * proc_local.h.
 *
 * The new task gets the rights that the kept list names and nothing else. They are taken out of
 * the space of the process that asks, by its names for them: what is none is left out.
 */
#include "fs.h"
#include "mach/service.h"
#include "mach/startup.h"
#include "proc_local.h"
#include <errno.h>
#include <string.h>

#define RIGHTS_FIXED	4u

/* The rights of a new task while they are collected. */
struct collection {
	struct startup_page page;
	struct elf_right rights[RIGHTS_FIXED + STARTUP_FDS_MAX];
	uint32_t count;
};

mach_port_t
system_root(void)
{
	static mach_port_t root;

	if (root == MACH_PORT_NULL)
		root = service_look_up("fs");
	return root;
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

void
build_describe(struct process *p, const char *name, const struct elf_strings *arguments)
{
	const char *slash = strrchr(name, '/');
	uint32_t n =
		arguments->size < sizeof(p->arguments) ? arguments->size : sizeof(p->arguments);

	strlcpy(p->name, slash != NULL && slash[1] != 0 ? slash + 1 : name, sizeof(p->name));
	memset(p->arguments, 0, sizeof(p->arguments));
	for (uint32_t i = 0; i + 1 < n; i++)
		p->arguments[i] = arguments->text[i] != 0 ? arguments->text[i] : ' ';
}

/* A send right of the task we build for, or MACH_PORT_NULL. */
static mach_port_t
take_right(task_t from, mach_port_t name)
{
	mach_port_t port;
	uint32_t type;

	if (!MACH_PORT_VALID(name) || mach_port_extract_right(from, name, MACH_MSG_TYPE_COPY_SEND,
					      &port, &type) != KERN_SUCCESS)
		return MACH_PORT_NULL;
	return port;
}

static bool
changes_ids(const struct build *b)
{
	return b->set.uid != PROC_ID_KEEP || b->set.gid != PROC_ID_KEEP;
}

static void
add(struct collection *c, mach_port_t port, mach_port_t *name)
{
	c->rights[c->count++] = (struct elf_right){ port, MACH_MSG_TYPE_COPY_SEND, name };
}

/* The same for a directory. A program with other rights than its starter's believes no stranger's directories. */
static mach_port_t
take_directory(const struct build *b, mach_port_t name)
{
	mach_port_t port = take_right(b->from, name);
	struct io_stat info;

	if (port == MACH_PORT_NULL || !changes_ids(b) ||
		fs_vouch(system_root(), port, &info) == KERN_SUCCESS)
		return port;
	port_drop(port);
	return MACH_PORT_NULL;
}

static void
collect(struct collection *c, const struct build *b, const struct process *shell)
{
	const struct startup_kept *kept = b->kept;
	mach_port_t root = changes_ids(b) ? MACH_PORT_NULL : take_right(b->from, kept->root);
	mach_port_t cwd = take_directory(b, kept->cwd);

	if (root == MACH_PORT_NULL && port_hold(system_root()) == KERN_SUCCESS)
		root = system_root();
	if (cwd == MACH_PORT_NULL && root != MACH_PORT_NULL && port_hold(root) == KERN_SUCCESS)
		cwd = root;
	add(c, public_bootstrap, &c->page.bootstrap);
	add(c, shell->port, &c->page.proc);
	add(c, root, &c->page.root);
	add(c, cwd, &c->page.cwd);
	for (uint32_t i = 0; i < b->fd_count; i++) {
		mach_port_t port = take_right(b->from, b->fds[i].port);

		if (port == MACH_PORT_NULL)
			continue;
		c->page.fds[i].flags = b->fds[i].flags;
		add(c, port, &c->page.fds[i].port);
		c->page.fd_count = i + 1;
	}
	c->page.umask = kept->umask & 0777;
	c->page.flags = kept->flags & STARTUP_LOCKS;
}

static void
release(const struct collection *c)
{
	for (uint32_t i = 2; i < c->count; i++)
		port_drop(c->rights[i].port);
}

static kern_return_t
fill(struct build *b, struct process *shell, struct image *image)
{
	struct collection c = { 0 };
	struct elf_program program = {
		.name = shell->name, .size = image->size, .object = image->object,
		.image = image->object != MACH_PORT_NULL ? image->head : image->data,
		.head = image->head_size, .read = image_read, .context = image,
		.arguments = b->arguments, .environment = b->environment,
		.page = &c.page, .rights = c.rights,
		.bootstrap = public_bootstrap, .exception = shell->port,
		.shared = shell->page, .shared_size = SIGNAL_PAGE_SIZE,
	};
	const char *reason;
	kern_return_t kr;

	collect(&c, b, shell);
	program.right_count = c.count;
	kr = errno_of(elf_load(&program, shell->task, &b->thread, &reason));
	release(&c);
	shell->page_address = c.page.signal_page;
	return kr;
}

static kern_return_t
make(struct build *b, struct process *shell, struct image *image)
{
	if (!page_create(shell, b->kept->signals_ignored, b->kept->signals_blocked))
		return ENOMEM;
	if (task_create(mach_task_self(), 0, &shell->task) != KERN_SUCCESS) {
		shell->task = MACH_PORT_NULL;
		return EAGAIN;
	}
	return fill(b, shell, image);
}

kern_return_t
build_task(struct build *b, struct process *shell)
{
	struct image image;
	kern_return_t kr = image_open(b->file, b->euid, b->egid, &image);

	if (kr != 0)
		return kr;
	build_describe(shell, b->name, &b->arguments);
	b->set = (struct proc_set_ids){ PROC_ID_KEEP, PROC_ID_KEEP };
	if (image.trusted && (image.mode & SET_USER_ID) != 0)
		b->set.uid = image.uid;
	if (image.trusted && (image.mode & SET_GROUP_ID) != 0)
		b->set.gid = image.gid;
	kr = make(b, shell, &image);
	image_free(&image);
	return kr;
}
