/*
 * Receive rights in flight.
 *
 * A receive right that travels in a message stands in the queue of the message's destination, whose
 * receive right may itself be in flight, and so on. If such a chain closed, its ports could never
 * be received from again and would leak:
 *
 *	P --in a message to--> Q --in a message to--> R --in a message to--> P
 *
 * So before P is put into a message to Q the chain from Q on is followed; if it leads to P, P is
 * destroyed instead (MACH.md section 1). So it is if the chain is longer than CHAIN_MAX, as the walk
 * has to end soon: one lock guards all `destination` links, so that it sees one moment.
 */
#include "ipc/port.h"

#define CHAIN_MAX	1024u		/* ports, one in the queue of the next */

static struct spinlock transit_lock = SPINLOCK_INIT("ports in flight", RANK_TRANSIT);

bool
transit_begin(struct ipc_port *port, struct ipc_port *destination)
{
	struct ipc_port *step;
	unsigned steps = 0;

	spin_lock(&transit_lock);
	for (step = destination; step != NULL && step != port && ++steps < CHAIN_MAX; step = step->destination)
		continue;
	if (step == NULL) {
		port_take(destination);
		port->destination = destination;
	}
	spin_unlock(&transit_lock);
	return step == NULL;
}

void
transit_end(struct ipc_port *port)
{
	struct ipc_port *destination;

	spin_lock(&transit_lock);
	destination = port->destination;
	port->destination = NULL;
	spin_unlock(&transit_lock);
	if (destination != NULL)
		port_drop(destination);
}
