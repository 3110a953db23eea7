/*
 * Trap dispatch, derived from the one table <mach/traps.def>: a wrapper per trap that gives each argument its type, and an array of them.
 */
#include <mach/exception.h>
#include "task/exception.h"
#include "trap/handlers.h"
#include "trap/trap.h"

/* Their wrappers. (T)(uintptr_t) is right for integers and user pointers alike. */
#define ARG(T, i) ((T)(uintptr_t)v[i])
#define WRAP(name) static uint64_t call_##name(const uint64_t *v)
#define TRAP0(n, R, name) WRAP(name) { (void)v; return (uint32_t)trap_##name(); }
#define TRAP1(n, R, name, A, a) WRAP(name) { return (uint32_t)trap_##name(ARG(A, 0)); }
#define TRAP2(n, R, name, A, a, B, b) WRAP(name) { return (uint32_t)trap_##name(ARG(A, 0), ARG(B, 1)); }
#define TRAP3(n, R, name, A, a, B, b, C, c) WRAP(name) { return (uint32_t)trap_##name(ARG(A, 0), ARG(B, 1), ARG(C, 2)); }
#define TRAP4(n, R, name, A, a, B, b, C, c, D, d) \
	WRAP(name) { return (uint32_t)trap_##name(ARG(A, 0), ARG(B, 1), ARG(C, 2), ARG(D, 3)); }
#define TRAP5(n, R, name, A, a, B, b, C, c, D, d, E, e) \
	WRAP(name) { return (uint32_t)trap_##name(ARG(A, 0), ARG(B, 1), ARG(C, 2), ARG(D, 3), ARG(E, 4)); }
#define TRAP6(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f) \
	WRAP(name) { return (uint32_t)trap_##name(ARG(A, 0), ARG(B, 1), ARG(C, 2), ARG(D, 3), ARG(E, 4), ARG(F, 5)); }
#define TRAP7(n, R, name, A, a, B, b, C, c, D, d, E, e, F, f, G, g) \
	WRAP(name) { return (uint32_t)trap_##name(ARG(A, 0), ARG(B, 1), ARG(C, 2), ARG(D, 3), ARG(E, 4), ARG(F, 5), ARG(G, 6)); }
#include "trap/table.h"

#define TRAPS 160

/* The pager traps belong to layer 3; a cut without them still links. */
#define PAGER_FIRST 100
#define PAGER_LAST 107
#if LAYER < 3
#pragma weak trap_memory_object_ready
#pragma weak trap_memory_object_data_supply
#pragma weak trap_memory_object_data_unavailable
#pragma weak trap_memory_object_data_error
#pragma weak trap_memory_object_lock_request
#pragma weak trap_memory_object_destroy
#pragma weak trap_memory_object_proxy
#pragma weak trap_memory_object_copy
#endif

static uint64_t (*const table[TRAPS])(const uint64_t *) = {
#define TRAP0(n, R, name) [n] = call_##name,
#define TRAP1(n, R, name, ...) [n] = call_##name,
#define TRAP2(n, R, name, ...) [n] = call_##name,
#define TRAP3(n, R, name, ...) [n] = call_##name,
#define TRAP4(n, R, name, ...) [n] = call_##name,
#define TRAP5(n, R, name, ...) [n] = call_##name,
#define TRAP6(n, R, name, ...) [n] = call_##name,
#define TRAP7(n, R, name, ...) [n] = call_##name,
#include "trap/table.h"
};

uint64_t
trap_dispatch(uint64_t number, const uint64_t arguments[8])
{
	if (LAYER < 3 && number >= PAGER_FIRST && number <= PAGER_LAST)
		return KERN_NOT_SUPPORTED;
	if (number >= TRAPS || table[number] == NULL) {
		exception_raise(EXC_SYSCALL, number, 0);
		return KERN_INVALID_ARGUMENT;
	}
	return table[number](arguments);
}
