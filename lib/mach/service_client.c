/* What servers and programs ask of init's name server. See service.h. */
#include "mach/service.h"
#include "mach/startup.h"
#include "bootstrap.h"

mach_port_t
service_check_in(const char *name)
{
	mach_port_t port = MACH_PORT_NULL;

	if (bootstrap_check_in(startup_info->bootstrap, name, &port) != KERN_SUCCESS)
		return MACH_PORT_NULL;
	return port;
}

mach_port_t
service_look_up(const char *name)
{
	mach_port_t port = MACH_PORT_NULL;

	if (bootstrap_look_up(startup_info->bootstrap, name, &port) != KERN_SUCCESS)
		return MACH_PORT_NULL;
	return port;
}

mach_port_t
service_grant(const char *name)
{
	mach_port_t port = MACH_PORT_NULL;

	if (bootstrap_get_grant(startup_info->bootstrap, name, &port) != KERN_SUCCESS)
		return MACH_PORT_NULL;
	return port;
}

void
service_ready(void)
{
	bootstrap_ready(startup_info->bootstrap);
}
