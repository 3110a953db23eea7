/*
 * Prototypes of all traps, derived from the table.
 */
#ifndef MACH_MACH_TRAPS_H
#define MACH_MACH_TRAPS_H

#include <mach/mach_types.h>
#include <mach/trap_numbers.h>

#define TRAP0(n, R, name) R name(void);
#define TRAP1(n, R, name, A, a) R name(A a);
#define TRAP2(n, R, name, A, a, B, b) R name(A a, B b);
#define TRAP3(n, R, name, A, a, B, b, C, c) R name(A a, B b, C c);
#define TRAP4(n, R, name, A, a, B, b, C, c, D, d) R name(A a, B b, C c, D d);
#define TRAP5(n, R, name, A, a, B, b, C, c, D, d, E, e) R name(A a, B b, C c, D d, E e);
#define TRAP6(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f) R name(A a, B b, C c, D d, E e, F f);
#define TRAP7(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f, G, g) R name(A a, B b, C c, D d, E e, F f, G g);
#include <mach/traps.def>
#undef TRAP0
#undef TRAP1
#undef TRAP2
#undef TRAP3
#undef TRAP4
#undef TRAP5
#undef TRAP6
#undef TRAP7

#endif
