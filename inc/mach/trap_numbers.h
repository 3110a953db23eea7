/*
 * The numbers of all traps, derived from the table: TRAP_NUMBER_name.
 */
#ifndef MACH_TRAP_NUMBERS_H
#define MACH_TRAP_NUMBERS_H

#define TRAP0(n, R, name) TRAP_NUMBER_##name = n,
#define TRAP1(n, R, name, ...) TRAP_NUMBER_##name = n,
#define TRAP2(n, R, name, ...) TRAP_NUMBER_##name = n,
#define TRAP3(n, R, name, ...) TRAP_NUMBER_##name = n,
#define TRAP4(n, R, name, ...) TRAP_NUMBER_##name = n,
#define TRAP5(n, R, name, ...) TRAP_NUMBER_##name = n,
#define TRAP6(n, R, name, ...) TRAP_NUMBER_##name = n,
#define TRAP7(n, R, name, ...) TRAP_NUMBER_##name = n,
enum trap_number {
#include <mach/traps.def>
};
#undef TRAP0
#undef TRAP1
#undef TRAP2
#undef TRAP3
#undef TRAP4
#undef TRAP5
#undef TRAP6
#undef TRAP7

#endif
