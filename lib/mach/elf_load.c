/* Fills the task of a program. See elf_load.h. */
#include "mach/elf_load.h"
#include "mach/mach.h"
#include "mach/mig.h"
#include "mach/tls.h"

/*
 * Room for the strings, a pointer for each (at worst all are empty: 8 bytes per byte of text) and
 * the auxiliary vector.
 */
static vm_size_t
stack_room(const struct elf_program *program)
{
	uint64_t strings = (uint64_t)program->arguments.size + program->environment.size;

	return vm_page_round(strings * 9 + VM_PAGE_SIZE);
}

/* Private pages of the file. */
static kern_return_t
map_pages(task_t task, const struct elf_segment *s, memory_object_t object, vm_size_t size)
{
	struct vm_map_args args = {.target = task, .flags = VM_FLAGS_FIXED, .address = s->address,
		.size = size, .object = object, .copy = 1,
		.offset = vm_page_trunc(s->file_offset), .cur_protection = s->protection,
		.max_protection = VM_PROT_ALL, .inheritance = VM_INHERIT_COPY};

	return size != 0 ? vm_map(&args) : KERN_SUCCESS;
}

/* The file's last bytes in a page whose other bytes are zero. */
static kern_return_t
copy_tail(task_t task, const struct elf_program *program, vm_address_t to, uint64_t offset,
	uint32_t size)
{
	uint8_t page[VM_PAGE_SIZE];
	kern_return_t kr = KERN_SUCCESS;

	if (size == 0)
		return KERN_SUCCESS;
	if (offset + size <= program->head)
		return vm_write(task, to, (uintptr_t)program->image + offset, size);
	kr = program->read(program->context, offset, page, size);
	return kr == KERN_SUCCESS ? vm_write(task, to, (uintptr_t)page, size) : kr;
}

/* Whole pages of the file are mapped; a page that is part file, part zeros, and zeros are memory. */
static kern_return_t
map_file(task_t task, const struct elf_segment *s, const struct elf_program *program)
{
	vm_size_t bytes = s->file_size != 0 ? s->page_offset + s->file_size : 0;
	vm_size_t mapped = s->zeros ? vm_page_trunc(bytes) : vm_page_round(bytes);
	vm_address_t rest = s->address + mapped;
	vm_size_t skip = mapped != 0 ? 0 : s->page_offset;
	kern_return_t kr = map_pages(task, s, program->object, mapped);

	if (kr != KERN_SUCCESS || mapped == s->size)
		return kr;
	kr = vm_allocate(task, &rest, s->size - mapped, VM_FLAGS_FIXED);
	if (kr == KERN_SUCCESS && bytes > mapped)
		kr = copy_tail(task, program, rest + skip,
			vm_page_trunc(s->file_offset) + mapped + skip,
			(uint32_t)(bytes - mapped - skip));
	if (kr == KERN_SUCCESS && s->protection != VM_PROT_DEFAULT)
		kr = vm_protect(task, rest, s->size - mapped, false, s->protection);
	return kr;
}

static kern_return_t
copy_segment(task_t task, const struct elf_segment *s, const void *image)
{
	vm_address_t address = s->address;
	kern_return_t kr = vm_allocate(task, &address, s->size, VM_FLAGS_FIXED);

	if (kr == KERN_SUCCESS && s->file_size != 0)
		kr = vm_write(task, s->address + s->page_offset, (uintptr_t)image + s->file_offset,
			s->file_size);
	if (kr == KERN_SUCCESS && s->protection != VM_PROT_DEFAULT)
		kr = vm_protect(task, s->address, s->size, false, s->protection);
	return kr;
}

/* A port that comes twice keeps one name, with a reference for each. */
static mach_port_t
name_for(const struct elf_program *program, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (program->rights[j].port == program->rights[i].port)
			return *program->rights[j].name;
	return MACH_PORT_MAKE(i + 1, 0);
}

static kern_return_t
give_rights(task_t task, const struct elf_program *program)
{
	kern_return_t kr = KERN_SUCCESS;

	for (uint32_t i = 0; i < program->right_count && kr == KERN_SUCCESS; i++) {
		const struct elf_right *r = &program->rights[i];

		*r->name = MACH_PORT_NULL;
		if (!MACH_PORT_VALID(r->port))
			continue;
		*r->name = name_for(program, i);
		kr = mach_port_insert_right(task, *r->name, r->port, r->disposition);
	}
	return kr;
}

static kern_return_t
give_special_ports(task_t task, const struct elf_program *program)
{
	kern_return_t kr = KERN_SUCCESS;

	if (program->bootstrap != MACH_PORT_NULL)
		kr = task_set_special_port(task, TASK_BOOTSTRAP_PORT, program->bootstrap);
	if (kr == KERN_SUCCESS && program->exception != MACH_PORT_NULL)
		kr = task_set_special_port(task, TASK_EXCEPTION_PORT, program->exception);
	return kr;
}

static kern_return_t
map_stack(task_t task, const struct elf_program *program, const struct elf_plan *plan,
	vm_address_t end, vm_address_t *sp)
{
	vm_size_t room = stack_room(program);
	vm_address_t base = end - ELF_STACK_SIZE, buffer = 0;
	uint64_t random[2] = {
		clock_now() * 0x9e3779b97f4a7c15ull, (uintptr_t)program ^ clock_now() << 20};
	kern_return_t kr;

	if (room > ELF_STACK_SIZE / 2)
		return KERN_NO_SPACE;
	kr = vm_allocate(task, &base, ELF_STACK_SIZE + VM_PAGE_SIZE, VM_FLAGS_FIXED);
	if (kr == KERN_SUCCESS)
		kr = vm_allocate(mach_task_self(), &buffer, room, VM_FLAGS_ANYWHERE);
	if (kr != KERN_SUCCESS)
		return kr;
	*sp = elf_stack_fill((uint8_t *)buffer, room, end, plan, end, &program->arguments,
		&program->environment, random);
	if (*sp != 0)
		kr = vm_write(task, *sp, buffer + room - (end - *sp), end - *sp);
	else
		kr = KERN_NO_SPACE;
	vm_deallocate(mach_task_self(), buffer, room);
	return kr;
}

static kern_return_t
make_thread(task_t task, vm_address_t entry, vm_address_t sp, thread_t *thread)
{
	struct thread_state state;
	kern_return_t kr = thread_create(task, thread);

	if (kr != KERN_SUCCESS)
		return kr;
	thread_state_start(&state, entry, sp);
	kr = thread_set_state(*thread, THREAD_STATE_GENERAL, &state, sizeof(state));
	if (kr != KERN_SUCCESS)
		port_drop(*thread);
	return kr;
}

/* Memory of the caller's, seen by the task too, behind its start-up page; no fork hands it on. */
static kern_return_t
share(task_t task, const struct elf_program *program, vm_address_t at)
{
	struct vm_remap_args args = {.target = task, .flags = VM_FLAGS_FIXED, .address = at,
		.size = program->shared_size, .source = mach_task_self(),
		.source_address = (vm_address_t)program->shared,
		.inheritance = VM_INHERIT_NONE};

	if (program->shared == NULL)
		return KERN_SUCCESS;
	program->page->signal_page = at;
	return vm_remap(&args);
}

static kern_return_t
fill_task(task_t task, const struct elf_program *program, const struct elf_plan *plan,
	thread_t *thread)
{
	vm_address_t end = elf_stack_place(plan->end), sp = 0;
	kern_return_t kr = end != 0 ? KERN_SUCCESS : KERN_NO_SPACE;

	for (uint32_t i = 0; i < plan->count && kr == KERN_SUCCESS; i++)
		kr = program->object != MACH_PORT_NULL
			     ? map_file(task, &plan->segments[i], program)
			     : copy_segment(task, &plan->segments[i], program->image);
	if (kr == KERN_SUCCESS)
		kr = map_stack(task, program, plan, end, &sp);
	if (kr == KERN_SUCCESS)
		kr = give_rights(task, program);
	if (kr == KERN_SUCCESS)
		kr = give_special_ports(task, program);
	if (kr == KERN_SUCCESS)
		kr = share(task, program, end + VM_PAGE_SIZE);
	program->page->magic = STARTUP_MAGIC;
	program->page->size = sizeof(*program->page);
	if (kr == KERN_SUCCESS)
		kr = vm_write(task, end, (uintptr_t)program->page, sizeof(*program->page));
	if (kr == KERN_SUCCESS)
		kr = make_thread(task, plan->entry, sp, thread);
	return kr;
}

kern_return_t
elf_load(const struct elf_program *program, task_t task, thread_t *thread, const char **reason)
{
	struct elf_plan plan;

	*reason = elf_plan(program->image,
		program->object != MACH_PORT_NULL ? program->head : program->size, program->size,
		&plan);
	if (*reason != NULL)
		return KERN_INVALID_ARGUMENT;
	task_set_name(task, program->name);
	return fill_task(task, program, &plan, thread);
}
