/*
 * One function per trap, made of the table in <mach/traps.def>. Included once, by <arch>/traps.c,
 * after its trap0() ... trap7(); traps of five and six arguments go through trap7().
 */
#include <mach/mach_traps.h>

#define W(x)	((uint64_t)(x))

#define TRAP0(n, R, name) \
	R name(void) { return (R)trap0(n); }
#define TRAP1(n, R, name, A, a) \
	R name(A a) { return (R)trap1(n, W(a)); }
#define TRAP2(n, R, name, A, a, B, b) \
	R name(A a, B b) { return (R)trap2(n, W(a), W(b)); }
#define TRAP3(n, R, name, A, a, B, b, C, c) \
	R name(A a, B b, C c) { return (R)trap3(n, W(a), W(b), W(c)); }
#define TRAP4(n, R, name, A, a, B, b, C, c, D, d) \
	R name(A a, B b, C c, D d) { return (R)trap4(n, W(a), W(b), W(c), W(d)); }
#define TRAP5(n, R, name, A, a, B, b, C, c, D, d, E, e) \
	R name(A a, B b, C c, D d, E e) { return (R)trap7(n, W(a), W(b), W(c), W(d), W(e), 0, 0); }
#define TRAP6(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f) \
	R name(A a, B b, C c, D d, E e, F f) \
	{ return (R)trap7(n, W(a), W(b), W(c), W(d), W(e), W(f), 0); }
#define TRAP7(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f, G, g) \
	R name(A a, B b, C c, D d, E e, F f, G g) \
	{ return (R)trap7(n, W(a), W(b), W(c), W(d), W(e), W(f), W(g)); }

#include <mach/traps.def>
