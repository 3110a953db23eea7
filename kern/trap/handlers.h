/*
 * Prototypes of the trap handlers, trap_NAME for each entry of <mach/traps.def>. Whoever defines one includes this, so that table and
 * handler agree.
 */
#ifndef TRAP_HANDLERS_H
#define TRAP_HANDLERS_H

#include <mach/mach_types.h>

#define TRAP0(n, R, name) R trap_##name(void);
#define TRAP1(n, R, name, A, a) R trap_##name(A a);
#define TRAP2(n, R, name, A, a, B, b) R trap_##name(A a, B b);
#define TRAP3(n, R, name, A, a, B, b, C, c) R trap_##name(A a, B b, C c);
#define TRAP4(n, R, name, A, a, B, b, C, c, D, d) R trap_##name(A a, B b, C c, D d);
#define TRAP5(n, R, name, A, a, B, b, C, c, D, d, E, e) R trap_##name(A a, B b, C c, D d, E e);
#define TRAP6(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f) R trap_##name(A a, B b, C c, D d, E e, F f);
#define TRAP7(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f, G, g) R trap_##name(A a, B b, C c, D d, E e, F f, G g);
#include "trap/table.h"

#endif
