/*
 * The name server: who has which service. See init.h and inc/proto/bootstrap.defs.
 *
 * A service's port exists from the start and outlives its server: init takes the receive right
 * back when the server dies (port-destroyed notification), so that clients' rights stay good and
 * their requests wait for the next instance.
 */
#include "bootstrap_server.h"
#include "init.h"
#include "mach/print.h"
#include "mach/startup.h"
#include <string.h>

static struct named_service services[SERVICES_MAX];
static uint32_t service_count;
static mach_port_t public_port;		/* look-ups only */

mach_port_t
listen_port(void)
{
	mach_port_t port;

	if (port_create(true, &port) != KERN_SUCCESS ||
		mach_port_move_member(mach_task_self(), port, port_set) != KERN_SUCCESS)
		halt("no memory for a port");
	return port;
}

static struct named_service *
service_find(const char *name)
{
	for (uint32_t i = 0; i < service_count; i++)
		if (strcmp(services[i].name, name) == 0)
			return &services[i];
	return NULL;
}

static void
service_add(struct unit *owner, const char *name)
{
	struct named_service *s = &services[service_count];

	if (service_find(name) != NULL || service_count == SERVICES_MAX) {
		print("init: %s: service %s: %s\n", owner->spec.name, name,
			service_count == SERVICES_MAX ? "too many services"
						      : "another unit has it");
		return;
	}
	if (port_create(true, &s->port) != KERN_SUCCESS)
		halt("no memory for a port");
	strlcpy(s->name, name, sizeof(s->name));
	s->owner = owner;
	service_count++;
}

void
names_init(void)
{
	public_port = listen_port();
	for (uint32_t i = 0; i < unit_count; i++) {
		for (uint32_t j = 0; j < units[i].spec.service_count; j++)
			service_add(&units[i], units[i].spec.services[j]);
		if (!units[i].can_start)
			names_give_up(&units[i]);
	}
}

mach_port_t
names_port(const char *name)
{
	const struct named_service *s = service_find(name);

	return s != NULL ? s->port : MACH_PORT_NULL;
}

bool
names_is_served(const char *name)
{
	const struct named_service *s = service_find(name);

	return s != NULL && s->away;
}

/* With the receive right go the requests in its queue: those who sent them hear of it. */
static void
service_end(struct named_service *s)
{
	mach_port_destroy(mach_task_self(), s->port);
	s->port = MACH_PORT_NULL;
}

void
names_give_up(const struct unit *owner)
{
	for (uint32_t i = 0; i < service_count; i++)
		if (services[i].owner == owner && !services[i].away && services[i].port != MACH_PORT_NULL)
			service_end(&services[i]);
}

void
names_returned(mach_port_t port)
{
	for (uint32_t i = 0; i < service_count; i++)
		if (services[i].port == port) {
			services[i].away = false;
			if (!services[i].owner->can_start)
				service_end(&services[i]);
			return;
		}
	port_drop_receive(port);
}

/* The unit whose present task sent the request; NULL: a program, or a task of the past. */
static struct unit *
unit_of(const struct mig_request *rq)
{
	for (uint32_t i = 0; i < unit_count; i++)
		if (units[i].bootstrap == rq->port && units[i].label == rq->sender.label)
			return &units[i];
	return NULL;
}

kern_return_t
bootstrap_check_in_s(struct mig_request *rq, const char *name, mach_port_t *service)
{
	struct named_service *s = service_find(name);
	kern_return_t kr;

	if (s == NULL || s->owner != unit_of(rq))
		return KERN_NO_ACCESS;
	if (s->away)
		return KERN_NAME_EXISTS;
	kr = port_notify(s->port, MACH_NOTIFY_PORT_DESTROYED, notify_port);
	if (kr != KERN_SUCCESS)
		return kr;
	s->away = true;
	*service = s->port;
	return KERN_SUCCESS;
}

kern_return_t
bootstrap_look_up_s(
	struct mig_request *rq, const char *name, mach_port_t *service, uint32_t *service_type)
{
	(void)rq;
	*service = strcmp(name, "bootstrap") == 0 ? public_port : names_port(name);
	*service_type = MACH_MSG_TYPE_COPY_SEND;
	return *service != MACH_PORT_NULL ? KERN_SUCCESS : KERN_INVALID_NAME;
}

/*
 * A unit's dma port is made when it first asks and kept for good: frames a killed driver's device
 * may write to stay taken.
 */
static mach_port_t
unit_dma(struct unit *unit)
{
	if (unit->dma == MACH_PORT_NULL &&
		device_dma_create(startup_info->device, &unit->dma) != KERN_SUCCESS)
		unit->dma = MACH_PORT_NULL;
	return unit->dma;
}

kern_return_t
bootstrap_get_grant_s(
	struct mig_request *rq, const char *name, mach_port_t *port, uint32_t *port_type)
{
	struct unit *unit = unit_of(rq);
	uint32_t grant = unit_grant(name);

	if (unit == NULL || (unit->spec.grants & grant) == 0)
		return KERN_NO_ACCESS;
	*port = grant == GRANT_HOST	? startup_info->host
		: grant == GRANT_DEVICE ? startup_info->device
		: grant == GRANT_DMA	? unit_dma(unit)
					: startup_info->console;
	*port_type = MACH_MSG_TYPE_COPY_SEND;
	return *port != MACH_PORT_NULL ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

kern_return_t
bootstrap_ready_s(struct mig_request *rq)
{
	struct unit *unit = unit_of(rq);

	if (unit == NULL)
		return KERN_NO_ACCESS;
	unit->ready = true;
	unit->state = UNIT_RUNNING;
	return KERN_SUCCESS;
}

kern_return_t
bootstrap_status_s(struct mig_request *rq, uint32_t index, struct bootstrap_unit_info *info)
{
	(void)rq;
	if (index >= unit_count)
		return KERN_INVALID_ARGUMENT;
	strlcpy(info->name, units[index].spec.name, sizeof(info->name));
	info->state = units[index].state;
	info->restarts = units[index].restarts;
	return KERN_SUCCESS;
}
