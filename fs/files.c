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
	bool permanent;

	/* guarded by the table's lock */
	unsigned users;			/* requests, and one for being in the table */
	struct open_file *next;
};

static struct {
	struct os_mutex lock;
	mach_port_t set;
	unsigned count;
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
	open->users = 1;
	os_mutex_lock(&table.lock);
	if (table.count == FILES_MAX) {
		os_mutex_unlock(&table.lock);
		os_free(open);
		return ENFILE;
	}
	table.count++;
	open->next = *slot;
	*slot = open;
	os_mutex_unlock(&table.lock);
	return 0;
}

/* Takes an entry out. Returns it, with the table's use of it; NULL if there is none. */
static struct open_file *
extract(mach_port_t port)
{
	struct open_file **p, *open;

	os_mutex_lock(&table.lock);
	for (p = slot_of(port); *p && (*p)->port != port; )
		p = &(*p)->next;
	open = *p;
	if (open && open->permanent)
		open = NULL;
	if (open) {
		*p = open->next;
		table.count--;
	}
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
	os_free(extract(*port));
	port_drop_receive(*port);
	return EAGAIN;
}

struct open_file *
files_use(mach_port_t port)
{
	struct open_file *open;

	os_mutex_lock(&table.lock);
	for (open = *slot_of(port); open && open->port != port; )
		open = open->next;
	if (open)
		open->users++;
	os_mutex_unlock(&table.lock);
	return open;
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
		os_free(open);
	}
}

struct file *
files_file(struct open_file *open)
{
	return open->file;
}

void
files_no_senders(mach_port_t port, uint32_t mscount)
{
	struct open_file *open = extract(port);

	(void)mscount;			/* the one MAKE_SEND was made with the reply to open */
	if (!open)
		return;
	port_drop_receive(port);
	files_done(open);
}
