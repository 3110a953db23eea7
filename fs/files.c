/*
 * The table of open files: a hash by port name under one lock. See files.h.
 */
#include "files.h"
#include "locks.h"
#include "pipes.h"

#include "mach/mach.h"

#include <errno.h>

#define HASH_SIZE 256u			/* a power of two */

struct open_file {
	struct file *file;
	mach_port_t port;
	uint64_t serial;
	bool permanent;
	const struct mount *mount, *root_mount;	/* which its vnode and its root keep busy */

	/* guarded by the table's lock */
	const struct mount *name_mount;	/* of a socket: which the file of its name keeps busy; NULL */
	bool gone;			/* its port is gone: not to be found any more */
	bool awaited;			/* files_settle waits for its end */
	unsigned users;			/* requests, and one for its port */
	struct open_file *next;
};

static struct {
	struct os_mutex lock;
	struct os_cond closed;		/* a file was closed */
	mach_port_t set;
	unsigned count;
	uint64_t last_serial;
	struct open_file *hash[HASH_SIZE];
} table;

static struct open_file **
slot_of(mach_port_t port)
{
	return &table.hash[MACH_PORT_INDEX(port) & (HASH_SIZE - 1)];
}

int
files_init(mach_port_t *set)
{
	os_mutex_init(&table.lock);
	os_cond_init(&table.closed);
	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &table.set) !=
		KERN_SUCCESS)
		return EAGAIN;
	*set = table.set;
	return 0;
}

/* Makes the table's entry. Returns 0; ENFILE; ENOMEM. */
static int
insert(struct file *file, mach_port_t port, bool permanent)
{
	struct open_file *open = os_alloc(sizeof(*open));
	struct open_file **slot = slot_of(port);

	if (!open)
		return ENOMEM;
	open->file = file;
	open->port = port;
	open->permanent = permanent;
	open->mount = file->vn->mount;
	open->root_mount = file->root->mount;
	open->name_mount = NULL;
	open->users = 1;
	os_mutex_lock(&table.lock);
	if (table.count == FILES_MAX) {
		os_mutex_unlock(&table.lock);
		os_free(open);
		return ENFILE;
	}
	table.count++;
	open->serial = ++table.last_serial;
	open->next = *slot;
	*slot = open;
	os_mutex_unlock(&table.lock);
	return 0;
}

/* Conditions: table's lock held. */
static struct open_file *
find(mach_port_t port)
{
	struct open_file *open = *slot_of(port);

	while (open && (open->port != port || open->gone))
		open = open->next;
	return open;
}

/* Takes an entry out and frees it. */
static void
take_out(struct open_file *open)
{
	struct open_file **p = slot_of(open->port);

	os_mutex_lock(&table.lock);
	while (*p != open)
		p = &(*p)->next;
	*p = open->next;
	table.count--;
	os_cond_broadcast(&table.closed);
	os_mutex_unlock(&table.lock);
	os_free(open);
}

/* Returns the entry, with the port's use of it, of a port that is gone now; NULL if there is none. */
static struct open_file *
give_up(mach_port_t port)
{
	struct open_file *open;

	os_mutex_lock(&table.lock);
	open = find(port);
	if (open && open->permanent)
		open = NULL;
	if (open)
		open->gone = true;
	os_mutex_unlock(&table.lock);
	return open;
}

int
files_add_permanent(struct file *file, mach_port_t port)
{
	int error = insert(file, port, true);

	if (error)
		return error;
	return mach_port_move_member(mach_task_self(), port, table.set) == KERN_SUCCESS ? 0
											: EAGAIN;
}

int
files_add(struct file *file, mach_port_t *port)
{
	int error;

	if (port_create(false, port) != KERN_SUCCESS)
		return EAGAIN;
	error = insert(file, *port, false);
	if (error) {
		port_drop_receive(*port);
		return error;
	}
	if (port_notify(*port, MACH_NOTIFY_NO_SENDERS, *port) == KERN_SUCCESS
	    && mach_port_move_member(mach_task_self(), *port, table.set) == KERN_SUCCESS)
		return 0;
	take_out(give_up(*port));
	port_drop_receive(*port);
	return EAGAIN;
}

struct open_file *
files_use(mach_port_t port)
{
	struct open_file *open;

	os_mutex_lock(&table.lock);
	open = find(port);
	if (open)
		open->users++;
	os_mutex_unlock(&table.lock);
	return open;
}

uint64_t
files_serial(mach_port_t port)
{
	struct open_file *open;
	uint64_t serial;

	os_mutex_lock(&table.lock);
	open = find(port);
	serial = open ? open->serial : 0;
	os_mutex_unlock(&table.lock);
	return serial;
}

void
files_done(struct open_file *open)
{
	bool last;

	if (!open)
		return;
	os_mutex_lock(&table.lock);
	last = --open->users == 0;
	os_mutex_unlock(&table.lock);
	if (last) {
		locks_close(open->file);
		pipes_close(open->file);
		file_close(open->file);
		take_out(open);
	}
}

struct file *
files_file(struct open_file *open)
{
	return open->file;
}

void
files_has_name(struct open_file *open, const struct mount *mount)
{
	os_mutex_lock(&table.lock);
	open->name_mount = mount;
	os_mutex_unlock(&table.lock);
}

void
files_no_senders(mach_port_t port, uint32_t mscount)
{
	struct open_file *open = give_up(port);

	(void)mscount;			/* the one MAKE_SEND was made with the reply to open */
	if (!open)
		return;
	port_drop_receive(port);
	files_done(open);
}

bool
files_is_abandoned(mach_port_t port)
{
	struct mach_port_status status;

	return mach_port_get_receive_status(mach_task_self(), port, &status) != KERN_SUCCESS ||
	       (status.mps_mscount != 0 && status.mps_srights == 0);
}

static bool
keeps_busy(const struct open_file *open, const struct mount *mount)
{
	return open->mount == mount || open->root_mount == mount || open->name_mount == mount;
}

/* Marks those of the mount that are being closed, or will be. Conditions: table's lock held. */
static void
await_leaving(const struct mount *mount)
{
	for (unsigned i = 0; i < HASH_SIZE; i++)
		for (struct open_file *open = table.hash[i]; open; open = open->next)
			if (keeps_busy(open, mount) && !open->permanent)
				open->awaited = open->gone || files_is_abandoned(open->port);
}

/* Conditions: table's lock held. */
static bool
is_awaited(void)
{
	for (unsigned i = 0; i < HASH_SIZE; i++)
		for (const struct open_file *open = table.hash[i]; open; open = open->next)
			if (open->awaited)
				return true;
	return false;
}

void
files_settle(const struct mount *mount)
{
	os_mutex_lock(&table.lock);
	await_leaving(mount);
	while (is_awaited())
		os_cond_wait(&table.closed, &table.lock);
	os_mutex_unlock(&table.lock);
}
