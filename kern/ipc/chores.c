/*
 * Working off what could not be done with locks held (chores.h).
 */
#include "ipc/chores.h"

#include "ipc/kmsg.h"
#include "ipc/kobject.h"
#include "ipc/mqueue.h"
#include "ipc/port.h"
#include "sched/sched.h"

#define PREEMPT_EVERY	64u		/* chores; who has a lock, an interrupt's message, leaves fewer */

/*
 * Notices go out first: a task sees its notification before further consequences of the same event.
 */
void
chores_work(struct ipc_chores *chores)
{
	struct list_node *node;
	unsigned done = 0;

	for (;;) {
		if (++done % PREEMPT_EVERY == 0)
			cpu_preempt_point();
		if ((node = list_pop(&chores->notices)) != NULL)
			mqueue_send_kernel(container_of(node, struct ipc_kmsg, link), chores);
		else if ((node = list_pop(&chores->events)) != NULL)
			kobject_event(container_of(node, struct ipc_port, chore_link));
		else if ((node = list_pop(&chores->ports)) != NULL)
			port_end(container_of(node, struct ipc_port, chore_link), chores);
		else if ((node = list_pop(&chores->garbage)) != NULL)
			kmsg_clean(container_of(node, struct ipc_kmsg, link), chores);
		else
			break;
	}
}
