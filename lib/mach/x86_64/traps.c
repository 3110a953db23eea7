/* The trap stubs of this architecture. */
#include "trap.h"
#include "../trap_stubs.h"
