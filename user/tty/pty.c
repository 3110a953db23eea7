/*
 * Pseudo-terminals: a terminal whose device is a file, the master. What is written to the master is typed; what the terminal puts out waits
 * in a ring for who reads the master. See tty.h.
 *
 * The last master closed hangs the terminal up: reads end, writes fail, the session's leader is told. When the last slave is closed, the master
 * reads what there is, and then EIO until somebody opens the terminal again. With both gone its number is free.
 */
#include "mach/heap.h"
#include "tty.h"
#include <errno.h>

#define RING		16384u		/* a power of two */
#define ECHO_ROOM	4096u		/* of the ring: output leaves it to echo */

struct pty {
	uint32_t number, owner;
	uint32_t opens[SIDES];		/* open files */
	bool used, locked;
	bool hung_up;			/* the master was closed */
	bool left;			/* the slave was open and is no more */
	uint32_t read, write;		/* they only grow; a place is the number modulo RING */
	uint8_t ring[RING];
};

static struct terminal *ptys[PTYS_MAX];

static struct terminal *
allocate(uint32_t number)
{
	struct terminal *t = heap_zalloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->pty = heap_zalloc(1, sizeof(*t->pty));
	if (t->pty == NULL) {
		heap_free(t);
		return NULL;
	}
	terminal_init(t, RDEV_SLAVE + number);
	t->pty->number = number;
	return t;
}

/* In use, or somebody is still to hear that it was hung up. */
static bool
is_busy(const struct terminal *t)
{
	return t->pty->used || t->pending != 0 || t->sending;
}

kern_return_t
pty_create(uint32_t uid, struct terminal **terminal)
{
	uint32_t n = 0;
	struct pty *p;

	while (n < PTYS_MAX && ptys[n] != NULL && is_busy(ptys[n]))
		n++;
	if (n == PTYS_MAX)
		return ENOSPC;
	if (ptys[n] == NULL)
		__atomic_store_n(&ptys[n], allocate(n), __ATOMIC_RELEASE);
	if (ptys[n] == NULL)
		return ENOMEM;
	p = ptys[n]->pty;
	ldisc_init(&ptys[n]->line);
	jobs_forget(ptys[n]);
	ptys[n]->line.settings.rows = ptys[n]->line.settings.columns = 0;
	p->owner = uid;
	p->used = p->locked = true;
	p->hung_up = p->left = false;
	p->read = p->write = 0;
	*terminal = ptys[n];
	return 0;
}

void
pty_abandon(struct terminal *t)
{
	t->pty->used = false;
}

struct terminal *
pty_number(uint32_t n)
{
	return __atomic_load_n(&ptys[n], __ATOMIC_ACQUIRE);
}

struct terminal *
pty_find(uint64_t rdev)
{
	struct terminal *t = rdev >= RDEV_SLAVE && rdev - RDEV_SLAVE < PTYS_MAX ? ptys[rdev - RDEV_SLAVE] : NULL;

	return t != NULL && t->pty->used ? t : NULL;
}

kern_return_t
pty_may_open(const struct terminal *t, uint32_t uid)
{
	if (uid != 0 && uid != t->pty->owner)
		return EACCES;
	return t->pty->locked || t->pty->hung_up ? EIO : 0;
}

void
pty_opened(struct terminal *t, enum side_number side)
{
	if (t->pty == NULL)
		return;
	t->pty->opens[side]++;
	if (side == SLAVE)
		t->pty->left = false;
}

/* What still waits at the master, of a thread whose process closed it, must not meet the next pseudo-terminal of this number. */
static void
hang_up(struct terminal *t)
{
	t->pty->hung_up = true;
	readers_end(t, MASTER, EIO);
	output_flush(t, MASTER, EIO);
	poll_list_clear(&t->side[MASTER].polls);
	output_flush(t, SLAVE, EIO);
	pty_flush(t);
	ldisc_flush(&t->line);
	if (jobs_any(t))
		jobs_post(t, SIGHUP);
}

void
pty_closed(struct terminal *t, enum side_number side)
{
	struct pty *p = t->pty;

	if (p == NULL || --p->opens[side] != 0)
		return;
	if (side == MASTER)
		hang_up(t);
	else
		p->left = true;
	terminal_pump(t);
	p->used = p->opens[SLAVE] != 0 || p->opens[MASTER] != 0;
}

bool
pty_hung_up(const struct terminal *t, enum side_number side)
{
	return t->pty != NULL && (side == SLAVE ? t->pty->hung_up : t->pty->left);
}

uint32_t
pty_owner(const struct terminal *t)
{
	return t->pty != NULL ? t->pty->owner : 0;
}

void
pty_lock(struct terminal *t, bool locked)
{
	t->pty->locked = locked;
}

uint32_t
pty_available(const struct terminal *t)
{
	return t->pty->write - t->pty->read;
}

uint32_t
pty_take(struct terminal *t, void *data, uint32_t size)
{
	struct pty *p = t->pty;
	uint8_t *to = data;
	uint32_t n = pty_available(t) < size ? pty_available(t) : size;

	for (uint32_t i = 0; i < n; i++)
		to[i] = p->ring[p->read++ % RING];
	return n;
}

void
pty_untake(struct terminal *t, uint32_t size)
{
	t->pty->read -= size;
}

void
pty_flush(struct terminal *t)
{
	t->pty->read = t->pty->write;
}

uint32_t
pty_room(const struct terminal *t)
{
	uint32_t used = pty_available(t) + ECHO_ROOM;

	return used < RING ? RING - used : 0;
}

void
pty_put(struct terminal *t, const char *bytes, uint32_t size)
{
	struct pty *p = t->pty;

	for (; size > 0 && p->write - p->read < RING; size--)
		p->ring[p->write++ % RING] = (uint8_t)*bytes++;
}
