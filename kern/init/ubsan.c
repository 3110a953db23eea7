/*
 * Debug builds: what the compiler calls when it sees undefined behaviour (-fsanitize=undefined, conf/kernel.mk). Each panics with the
 * place in the source. What the calls look like is told by GCC only in libsanitizer/ubsan/ubsan_handlers.h: their first argument begins
 * with the place, except where noted.
 */
#ifdef DEBUG
#include "init/panic.h"

struct place {
	const char *file;
	uint32_t line, column;
};

#define HANDLER(name, what) \
	_Noreturn void __ubsan_handle_##name##_abort(const struct place *at); \
	_Noreturn void \
	__ubsan_handle_##name##_abort(const struct place *at) \
	{ \
		panic("undefined behaviour at %s:%u:%u: " what, at->file, at->line, at->column); \
	}

HANDLER(type_mismatch_v1, "a pointer that is NULL, misaligned or to too small an object")
HANDLER(out_of_bounds, "an index out of bounds")
HANDLER(pointer_overflow, "pointer arithmetic overflows")
HANDLER(shift_out_of_bounds, "a shift by too much")
HANDLER(add_overflow, "a sum overflows")
HANDLER(sub_overflow, "a difference overflows")
HANDLER(mul_overflow, "a product overflows")
HANDLER(negate_overflow, "a negation overflows")
HANDLER(divrem_overflow, "a division by 0, or one that overflows")
HANDLER(load_invalid_value, "a bool or enum with no value of its type")
HANDLER(vla_bound_not_positive, "an array of no size")
HANDLER(nonnull_arg, "NULL where an argument may not be")
HANDLER(invalid_builtin, "a builtin with an argument it does not allow")

/* This one has no _abort: it never returns. */
_Noreturn void __ubsan_handle_builtin_unreachable(const struct place *at);
_Noreturn void
__ubsan_handle_builtin_unreachable(const struct place *at)
{
	panic("undefined behaviour at %s:%u:%u: what cannot be reached", at->file, at->line, at->column);
}
#endif
