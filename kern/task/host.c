/*
 * The privileged ports. The objects behind them carry no state and never die, so their references are not counted.
 */
#include "task/host.h"

#include "init/panic.h"
#include "ipc/ipc.h"

struct ipc_port *host_port, *device_port, *console_port;

static void
eternal(void *object)
{
	(void)object;
}

static const struct kobject_ops host_ops = { .name = "host", .take = eternal, .drop = eternal };
static const struct kobject_ops device_ops = { .name = "device master", .take = eternal, .drop = eternal };
static const struct kobject_ops console_ops = { .name = "console", .take = eternal, .drop = eternal };

static struct ipc_port *
create(enum kobject_type type, const struct kobject_ops *ops, void *object)
{
	struct ipc_port *port;

	kobject_register(type, ops);
	port = kobject_port_create(type, object);
	if (port == NULL)
		panic("no memory for the %s port", ops->name);
	return port;
}

void
host_init(void)
{
	host_port = create(KOBJECT_HOST_PRIV, &host_ops, &host_port);
	device_port = create(KOBJECT_DEVICE_MASTER, &device_ops, &device_port);
	console_port = create(KOBJECT_CONSOLE, &console_ops, &console_port);
}
