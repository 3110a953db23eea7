/*
 * Trap dispatch, derived from the one table <mach/traps.def>: a wrapper per trap that gives each argument its type, and an array of them.
 */
#include <mach/exception.h>
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"
#include "task/exception.h"
#include "trace/trace.h"
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
#define PAGER_LAST 108
#if LAYER < 3
#pragma weak trap_memory_object_ready
#pragma weak trap_memory_object_data_supply
#pragma weak trap_memory_object_data_unavailable
#pragma weak trap_memory_object_data_error
#pragma weak trap_memory_object_lock_request
#pragma weak trap_memory_object_destroy
#pragma weak trap_memory_object_proxy
#pragma weak trap_memory_object_revoke
#pragma weak trap_memory_object_copy
#endif

/* A trap frame begins with the arguments, and the number follows (arch/thread.h). */
#define NUMBER(v) ((v)[8])

static uint64_t
call_unknown(const uint64_t *v)
{
	exception_raise(EXC_SYSCALL, NUMBER(v), 0);
	return KERN_INVALID_ARGUMENT;
}

typedef uint64_t trap_call(const uint64_t *v);

/* Entries that no trap has stay as the first line makes them. */
#pragma GCC diagnostic ignored "-Woverride-init"
static trap_call *const table[TRAPS] = {
	[0 ... TRAPS - 1] = call_unknown,
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

static trap_call *const *calls = table;

uint64_t
trap_dispatch(uint64_t number, const uint64_t *arguments)
{
	if (LAYER < 3 && number >= PAGER_FIRST && number <= PAGER_LAST)
		return KERN_NOT_SUPPORTED;
	if (number >= TRAPS)
		return call_unknown(arguments);
	return calls[number](arguments);
}

/* --- tracing --- */

static uint64_t
call_traced(const uint64_t *v)
{
	unsigned number = NUMBER(v);
	uint64_t result;

	TRACE(TRACE_TRAP, number, 0, v[0], v[1], v[2]);
	result = table[number](v);
	TRACE(TRACE_RETURN, number, 0, result, 0, 0);
	return result;
}

void
trap_trace(bool on)
{
	static trap_call *traced[TRAPS];

	for (unsigned i = 0; i < TRAPS; i++)
		traced[i] = call_traced;
	__atomic_store_n(&calls, on ? traced : table, __ATOMIC_RELEASE);
}

void
trap_name(unsigned number, char *buffer, unsigned size)
{
	static const char prefix[] = "call_";
	char symbol[64];
	unsigned length = 0;

	ksnprintf(buffer, size, "trap %u", number);
	if (number >= TRAPS || table[number] == call_unknown)
		return;
	symbol_format((uintptr_t)table[number], symbol, sizeof(symbol));
	if (strncmp(symbol, prefix, sizeof(prefix) - 1) != 0)
		return;
	while (symbol[length] != 0 && symbol[length] != '+')
		length++;
	symbol[length] = 0;
	strlcpy(buffer, symbol + sizeof(prefix) - 1, size);
}
