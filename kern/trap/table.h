/* Reads the trap table with the TRAPn macros defined before, and forgets them again. Meant to be included many times. */
#include <mach/traps.def>
#undef TRAP0
#undef TRAP1
#undef TRAP2
#undef TRAP3
#undef TRAP4
#undef TRAP5
#undef TRAP6
#undef TRAP7
