/*
 * Starting programs from the boot archive.
 */
#include "init/program.h"

#include <mach/thread_status.h>
#include <proto/startup.h>

#include "arch/bootinfo.h"
#include "arch/cpu.h"
#include "arch/pmap.h"
#include "arch/timer.h"
#include "init/archive.h"
#include "init/elf.h"
#include "init/printk.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "task/host.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/vm.h"

#define STACK_SIZE	(256ull << 10)		/* bytes of the first thread's stack */
#define STACK_TOP	0x00007fff00000000ull
#define ARGS_MAX	32
#define PATH_SIZE	128
#define LABEL_OF_RUN	0xffffffffu		/* of programs the monitor runs: no server gives it out */

/* Auxiliary vector (System V ABI) */
enum { AT_NULL = 0, AT_PHDR = 3, AT_PHENT = 4, AT_PHNUM = 5, AT_PAGESZ = 6, AT_ENTRY = 9, AT_RANDOM = 25 };

static kern_return_t
load_segment(struct vm_map *map, const char *file, const struct elf_segment *segment)
{
	vm_address_t start = vm_page_trunc(segment->address);
	vm_size_t size = vm_page_round(segment->address + segment->memory_size) - start;
	kern_return_t kr;

	kr = vm_map_allocate(map, &start, size, 0, VM_FLAGS_FIXED);
	if (kr == KERN_SUCCESS)
		kr = vm_map_write(map, segment->address, file + segment->file_offset, segment->file_size);
	if (kr == KERN_SUCCESS)
		kr = vm_map_protect(map, start, size, false, segment->protection);
	return kr;
}

/* A send right to a kernel port under a name in the task, NULL when there is no room. */
static mach_port_t
give_port(struct task *task, struct ipc_port *port)
{
	mach_port_t name = MACH_PORT_NULL;

	space_copyout(task->space, port_make_send(port), MACH_MSG_TYPE_PORT_SEND, &name);
	return name;
}

/* Maps the boot archive read-only. */
static kern_return_t
map_archive(struct task *task, struct startup_page *page)
{
	vm_size_t size = vm_page_round(bootinfo.archive.size);
	struct vm_object *object;
	vm_address_t address = 0;
	kern_return_t kr;

	object = vm_object_create_frames(bootinfo.archive.base, size);
	if (object == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = vm_map_enter_object(task->map, &address, size, 0, VM_FLAGS_ANYWHERE, object, 0, false, VM_PROT_READ, VM_PROT_READ,
	    VM_INHERIT_NONE);
	page->archive = address;
	page->archive_size = bootinfo.archive.size;
	return kr;
}

/* The start-up page, at an address of the task's map. */
static kern_return_t
make_startup_page(struct task *task, vm_address_t *address)
{
	struct startup_page *page = kalloc(sizeof(*page), KALLOC_TASK);
	kern_return_t kr;

	if (page == NULL)
		return KERN_RESOURCE_SHORTAGE;
	page->magic = STARTUP_MAGIC;
	page->size = sizeof(*page);
	page->host = give_port(task, host_port);
	page->device = give_port(task, device_port);
	page->console = give_port(task, console_port);
	kr = map_archive(task, page);
	*address = 0;
	if (kr == KERN_SUCCESS)
		kr = vm_map_allocate(task->map, address, PAGE_SIZE, 0, VM_FLAGS_ANYWHERE);
	if (kr == KERN_SUCCESS)
		kr = vm_map_write(task->map, *address, page, sizeof(*page));
	kfree(page);
	return kr;
}

/*
 * The first stack as the System V ABI wants it: argc, argv, NULL, environment, NULL, auxiliary vector, and above it the strings.
 * Built in `buffer`, which is to stand right below STACK_TOP. Returns the stack pointer.
 */
static vm_address_t
build_stack(char *buffer, size_t size, int argc, char **argv, const struct elf_image *image, vm_address_t startup)
{
	vm_address_t base = STACK_TOP - size, strings[ARGS_MAX], random;
	char *top = buffer + size;
	uint64_t *word;

	for (int i = 0; i < argc; i++) {
		size_t length = strlen(argv[i]) + 1;

		top -= length;
		memcpy(top, argv[i], length);
		strings[i] = base + (top - buffer);
	}
	top -= 16;
	for (int i = 0; i < 16; i++)
		top[i] = timer_now() >> (i % 8 * 4);
	random = base + (top - buffer);

	uint64_t vector[] = {
		AT_PHDR, image->header_address, AT_PHENT, 56, AT_PHNUM, image->header_count, AT_PAGESZ, PAGE_SIZE,
		AT_ENTRY, image->entry, AT_RANDOM, random, AT_MACH_STARTUP, startup, AT_NULL, 0,
	};
	size_t words = 1 + argc + 1 + 1 + sizeof(vector) / sizeof(vector[0]);

	word = (uint64_t *)((uintptr_t)(top - words * 8) & ~15ul);
	top = (char *)word;
	*word++ = argc;
	for (int i = 0; i < argc; i++)
		*word++ = strings[i];
	*word++ = 0;
	*word++ = 0;
	memcpy(word, vector, sizeof(vector));
	return base + (top - buffer);
}

static kern_return_t
make_stack(struct task *task, int argc, char **argv, const struct elf_image *image, vm_address_t startup, vm_address_t *sp)
{
	vm_address_t bottom = STACK_TOP - STACK_SIZE;
	char *buffer = kalloc(PAGE_SIZE, KALLOC_TASK);
	kern_return_t kr;

	if (buffer == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = vm_map_allocate(task->map, &bottom, STACK_SIZE, 0, VM_FLAGS_FIXED);
	if (kr == KERN_SUCCESS) {
		*sp = build_stack(buffer, PAGE_SIZE, argc, argv, image, startup);
		kr = vm_map_write(task->map, STACK_TOP - PAGE_SIZE, buffer, PAGE_SIZE);
	}
	kfree(buffer);
	return kr;
}

static kern_return_t
start_thread(struct task *task, vm_address_t pc, vm_address_t sp)
{
	struct thread *thread = thread_create(task);
	struct thread_state state;

	if (thread == NULL)
		return KERN_RESOURCE_SHORTAGE;
	memset(&state, 0, sizeof(state));
	THREAD_STATE_PC(&state) = pc;
	THREAD_STATE_SP(&state) = sp;
	arch_thread_set_state(thread, &state);
	thread_release(thread);
	thread_drop(thread);
	return KERN_SUCCESS;
}

static kern_return_t
load(struct task *task, const struct archive_file *file, const struct elf_image *image, int argc, char **argv)
{
	vm_address_t startup, sp;
	kern_return_t kr = KERN_SUCCESS;

	for (unsigned i = 0; i < image->segment_count && kr == KERN_SUCCESS; i++)
		kr = load_segment(task->map, file->data, &image->segments[i]);
	if (kr == KERN_SUCCESS)
		kr = make_startup_page(task, &startup);
	if (kr == KERN_SUCCESS)
		kr = make_stack(task, argc, argv, image, startup, &sp);
	if (kr == KERN_SUCCESS)
		kr = start_thread(task, image->entry, sp);
	return kr;
}

static const char *
base_name(const char *path)
{
	const char *base = path;

	for (; *path != 0; path++)
		if (*path == '/')
			base = path + 1;
	return base;
}

static bool
arguments_fit(int argc, char **argv)
{
	size_t bytes = 0;

	for (int i = 0; i < argc; i++)
		bytes += strlen(argv[i]) + 1;
	return argc <= ARGS_MAX && bytes < PAGE_SIZE / 2;
}

kern_return_t
program_start(const char *path, int argc, char **argv, uint32_t label, struct task **started)
{
	struct archive_file file;
	struct elf_image *image;
	struct task *task;
	const char *wrong;
	kern_return_t kr;

	if (!arguments_fit(argc, argv))
		return KERN_INVALID_ARGUMENT;
	if (!archive_find(phys_to_virt(bootinfo.archive.base), bootinfo.archive.size, path, &file))
		return KERN_INVALID_NAME;
	image = kalloc(sizeof(*image), KALLOC_TASK);
	task = task_create(kernel_task, 0);
	if (image == NULL || task == NULL) {
		kr = KERN_RESOURCE_SHORTAGE;
		goto failed;
	}
	wrong = elf_parse(file.data, file.size, ELF_MACHINE, image);
	if (wrong != NULL) {
		printk("%s: %s\n", path, wrong);
		kr = KERN_INVALID_ARGUMENT;
		goto failed;
	}
	strlcpy(task->name, base_name(path), sizeof(task->name));
	task->trailer.msgh_sender.label = label;
	task->may_print = true;
	kr = load(task, &file, image, argc, argv);
	if (kr != KERN_SUCCESS)
		goto failed;
	kfree(image);
	*started = task;
	return KERN_SUCCESS;
failed:
	kfree(image);
	if (task != NULL) {
		task_terminate_async(task);
		task_drop(task);
	}
	return kr;
}

static kern_return_t
start_by_name(const char *name, int argc, char **argv, struct task **task)
{
	static const char *const folders[] = { "boot/test/", "boot/", "" };
	kern_return_t kr = KERN_INVALID_NAME;

	for (unsigned i = 0; i < sizeof(folders) / sizeof(folders[0]) && kr == KERN_INVALID_NAME; i++) {
		char path[PATH_SIZE];

		if (ksnprintf(path, sizeof(path), "%s%s", folders[i], name) < (int)sizeof(path))
			kr = program_start(path, argc, argv, LABEL_OF_RUN, task);
	}
	return kr;
}

kern_return_t
program_run(int argc, char **argv, int *status)
{
	struct task *task;
	kern_return_t kr = start_by_name(argv[0], argc, argv, &task);

	if (kr != KERN_SUCCESS)
		return kr;
	if (task_wait_gone(task))
		*status = task->exit_status;
	else
		kr = KERN_ABORTED;
	task_drop(task);
	return kr;
}
