/*
 * User copies: range checks around the loops of copy.S.
 */
#include "arch/usercopy.h"

#include <mach/vm.h>

_Static_assert(VM_MAX_ADDRESS == 0x7ffffffff000, "copy.S");
long user_copy_string(char *to, const char *from, size_t size);
bool user_load_word(uint32_t *to, const uint32_t *from);

static inline bool
range_ok(uint64_t start, size_t bytes)
{
	return bytes <= VM_MAX_ADDRESS && start <= VM_MAX_ADDRESS - bytes;
}

long
copyin_string(char *to, uint64_t user_from, size_t size)
{
	size_t most = size;
	long length;

	if (user_from >= VM_MAX_ADDRESS)
		return -1;
	if (size == 0)
		return -2;
	if (most > VM_MAX_ADDRESS - user_from)
		most = VM_MAX_ADDRESS - user_from;
	length = user_copy_string(to, (const char *)user_from, most);
	return length == -2 && most < size ? -1 : length;	/* it ran out of the user's half */
}

bool
copyin_word_nofault(uint32_t *to, uint64_t user_from)
{
	return range_ok(user_from, sizeof(*to)) && user_load_word(to, (const uint32_t *)user_from);
}
