/*
 * Interrupts that overtake the request they are for. See interrupts.h.
 */
#include "interrupts.h"
#include "files.h"
#include "vfs/os.h"

#define KEPT	64u			/* clients and files, of whose interrupts the last is known */

struct interrupt {
	mach_port_t port;
	uint32_t label;			/* of the sender */
	uint32_t seqno;			/* among the messages that came to the port */
	uint64_t serial;		/* of the open file: the port's name may be another's later */
};

static struct os_mutex lock;		/* held over nothing */
static struct interrupt last[KEPT];
static unsigned count;			/* noted so far; the oldest is overwritten */

/* Conditions: lock held. NULL: there is none. */
static struct interrupt *
find(mach_port_t port, uint32_t label)
{
	for (unsigned i = 0; i < KEPT && i < count; i++)
		if (last[i].port == port && last[i].label == label)
			return &last[i];
	return NULL;
}

void
interrupts_note(const struct mig_request *rq)
{
	uint64_t serial = files_serial(rq->port);
	struct interrupt *i;

	os_mutex_lock(&lock);
	i = find(rq->port, rq->sender.label);
	if (!i)
		i = &last[count++ % KEPT];
	else if (i->serial == serial && (int32_t)(i->seqno - rq->seqno) > 0)
		rq = NULL;		/* a later one was quicker */
	if (rq)
		*i = (struct interrupt){ rq->port, rq->sender.label, rq->seqno, serial };
	os_mutex_unlock(&lock);
}

bool
interrupts_missed(const struct mig_request *rq)
{
	const struct interrupt *i;
	uint64_t serial = 0;
	bool later;

	os_mutex_lock(&lock);
	i = find(rq->port, rq->sender.label);
	later = i && (int32_t)(i->seqno - rq->seqno) > 0;
	if (later)
		serial = i->serial;
	os_mutex_unlock(&lock);
	return later && serial == files_serial(rq->port);
}
