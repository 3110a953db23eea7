/* See interrupt.h. */
#include "interrupt.h"
#include "io.h"

_Thread_local uintptr_t __interruptions, __handlers;

void
interrupt_file(mach_port_t file, uintptr_t seen)
{
	if (__interruptions != seen)
		io_interrupt(file);
}
