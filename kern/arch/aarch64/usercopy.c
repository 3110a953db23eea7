/*
 * Strings and words of user memory: range checks, and opening user memory to the kernel where the
 * CPU has PAN (privileged access never). copyin, copyout and the loops are in copy.S.
 */
#include "arch/usercopy.h"

#include "arch/cpu.h"

#include <mach/vm.h>

long user_string(char *to, const char *from, size_t bytes);
long user_word(uint32_t *to, const uint32_t *from);

_Static_assert(VM_MAX_ADDRESS == 0x7ffffffff000, "copy.S");

#define pan_set(value) __asm__ volatile(".arch_extension pan\n	msr pan, #" #value ::: "memory")

static inline void
user_open(void)
{
	if (cpu_features.pan)
		pan_set(0);
}

static inline void
user_close(void)
{
	if (cpu_features.pan)
		pan_set(1);
}

static inline bool
range_valid(uint64_t address, size_t bytes)
{
	return bytes <= VM_MAX_ADDRESS && address <= VM_MAX_ADDRESS - bytes;
}

long
copyin_string(char *to, uint64_t user_from, size_t size)
{
	size_t most = size;
	long result;

	if (size == 0)
		return -2;
	if (user_from >= VM_MAX_ADDRESS)
		return -1;
	if (most > VM_MAX_ADDRESS - user_from)
		most = VM_MAX_ADDRESS - user_from;
	user_open();
	result = user_string(to, (const char *)user_from, most);
	user_close();
	return result == -2 && most < size ? -1 : result;
}

bool
copyin_word_nofault(uint32_t *to, uint64_t user_from)
{
	long result;

	if (!range_valid(user_from, sizeof *to))
		return false;
	user_open();
	result = user_word(to, (const uint32_t *)user_from);
	user_close();
	return result == 0;
}
