/*
 * The first contents of a program's stack (System V ABI, "Initial Process Stack"). Pure. See
 * elf_load.h.
 *
 *	sp -> argc | argv ... 0 | environment ... 0 | auxiliary vector ... AT_NULL |
 *	      strings | 16 random bytes | end
 */
#include "mach/elf_load.h"
#include "mach/startup.h"
#include <mach/vm.h>
#include <string.h>

#define GIGABYTE	(1ull << 30)

vm_address_t
elf_stack_place(vm_address_t program_end)
{
	vm_address_t end = VM_MIN_ADDRESS + GIGABYTE;

	while (end < program_end || end - program_end < 2 * ELF_STACK_SIZE) {
		end += GIGABYTE;
		if (end > VM_MAX_ADDRESS)
			return 0;
	}
	return end - VM_PAGE_SIZE - ELF_SHARED_MAX;
}

static uint32_t
count_strings(const struct elf_strings *strings)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < strings->size; i++)
		n += strings->text[i] == 0;
	return n;
}

/*
 * Copies the strings to `to`, stores a pointer for each (as the program will see them) and a
 * final NULL.
 */
static uint64_t *
put_strings(
	uint64_t *pointers, uint8_t *to, vm_address_t seen_at, const struct elf_strings *strings)
{
	bool first = true;

	for (uint32_t i = 0; i < strings->size; i++) {
		to[i] = (uint8_t)strings->text[i];
		if (first)
			*pointers++ = seen_at + i;
		first = to[i] == 0;
	}
	*pointers++ = 0;
	return pointers;
}

static uint64_t *
put_auxv(uint64_t *at, const struct elf_plan *plan, vm_address_t page, vm_address_t random)
{
	const uint64_t auxv[] = {
		AT_PHDR, plan->headers, AT_PHENT, 56,
		AT_PHNUM, plan->headers != 0 ? plan->header_count : 0,
		AT_PAGESZ, VM_PAGE_SIZE, AT_ENTRY, plan->entry, AT_RANDOM, random,
		AT_MACH_STARTUP, page, AT_NULL, 0,
	};

	memcpy(at, auxv, sizeof(auxv));
	return at + sizeof(auxv) / sizeof(auxv[0]);
}

vm_address_t
elf_stack_fill(uint8_t *buffer, uint64_t room, vm_address_t end, const struct elf_plan *plan,
	vm_address_t page, const struct elf_strings *arguments,
	const struct elf_strings *environment, const uint64_t random[2])
{
	uint64_t argc = count_strings(arguments);
	uint64_t words = 1 + argc + 1 + count_strings(environment) + 1 + 16;
	uint64_t strings = 16 + (((uint64_t)arguments->size + environment->size + 15) & ~15ull);
	uint64_t total = strings + ((words * 8 + 15) & ~15ull);
	uint8_t *text = buffer + room - strings;
	uint64_t *at = (uint64_t *)(buffer + room - total);

	if (total > room || arguments->size > ELF_STRINGS_MAX ||
		environment->size > ELF_STRINGS_MAX)
		return 0;
	memset(at, 0, total);
	memcpy(buffer + room - 16, random, 16);
	*at++ = argc;
	at = put_strings(at, text, end - strings, arguments);
	at = put_strings(at, text + arguments->size, end - strings + arguments->size, environment);
	put_auxv(at, plan, page, end - 16);
	return end - total;
}
