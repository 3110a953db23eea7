/*
 * From the first instruction to main(). See startup.h.
 *
 * Until the thread pointer is set nothing here may use thread-local variables.
 */
#include "mach/startup.h"
#include "mach/mach.h"
#include "mach/tls.h"

#define PT_TLS	7

struct program_header {			/* ELF64 */
	uint32_t type, flags;
	uint64_t offset, address, physical, file_size, size, align;
};

static const struct startup_page no_page = { .magic = STARTUP_MAGIC, .size = sizeof(no_page) };

const struct startup_page *startup_info = &no_page;
char **startup_environment;
struct tls_image tls_image = { .align = 1 };

static const uint64_t *auxv;
static int arguments;
static char **argument_list;
static void (*after)(int argc, char **argv);

uint64_t
startup_auxv(uint64_t type)
{
	for (const uint64_t *a = auxv; a[0] != AT_NULL; a += 2)
		if (a[0] == type)
			return a[1];
	return 0;
}

static void
tls_find(void)
{
	const uint8_t *at = (const uint8_t *)startup_auxv(AT_PHDR);
	uint64_t count = startup_auxv(AT_PHNUM), size = startup_auxv(AT_PHENT);

	for (uint64_t i = 0; at != NULL && i < count; i++) {
		const struct program_header *ph = (const struct program_header *)(at + i * size);

		if (ph->type == PT_TLS)
			tls_image = (struct tls_image){(const void *)ph->address, ph->file_size,
				ph->size, ph->align != 0 ? ph->align : 1};
	}
}

static void
go_on(void)
{
	after(arguments, argument_list);
	task_exit();
}

void
startup_enter(uint64_t *stack, void (*next)(int argc, char **argv))
{
	const struct startup_page *page;
	vm_address_t block = 0;

	arguments = (int)stack[0];
	argument_list = (char **)(stack + 1);
	startup_environment = argument_list + arguments + 1;
	auxv = stack + 1 + arguments + 1;
	while (*auxv++ != 0)
		;
	page = (const struct startup_page *)startup_auxv(AT_MACH_STARTUP);
	if (page != NULL && page->magic == STARTUP_MAGIC)
		startup_info = page;
	after = next;
	tls_find();
	if (tls_image.align > TLS_ALIGN_MAX ||
		vm_allocate(mach_task_self(), &block, tls_block_size(), VM_FLAGS_ANYWHERE) !=
			KERN_SUCCESS)
		task_exit();
	tls_enter(tls_block_fill((void *)block), go_on);
}

void
task_exit(void)
{
	task_terminate(mach_task_self());
	__builtin_trap();		/* no such call: another system's kernel started this program */
}
