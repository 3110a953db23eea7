/* See interrupt.h. */
#include "interrupt.h"
#include "io.h"

void
interrupt_file(mach_port_t file)
{
	io_interrupt(file);
}
