/*
 * Makes tasks of static ELF64 programs.
 *
 * elf_plan() is pure: it looks at a file nobody vouches for and says what to map where, or why
 * not. elf_load() fills a task: the segments with their protections, a stack with the System V
 * layout (argc, argv, environment, auxiliary vector), the start-up page, the rights the page
 * names, and the first thread. A program whose file has a memory object is mapped from it, page by
 * page as it touches them, and privately, so that what it writes is its own; others are copied.
 *
 *	0x80000000  program ...   ... | stack | start-up page | shared memory | 0xc0000000
 *
 * (Higher if the program is larger.)
 *
 * Program and stack share the upper page tables.
 */
#ifndef LIB_MACH_ELF_LOAD_H
#define LIB_MACH_ELF_LOAD_H

#include <mach/task_info.h>
#include <proto/startup.h>

#define ELF_SEGMENTS_MAX	8
#define ELF_STACK_SIZE		(8ull * 1024 * 1024)	/* bytes of addresses, not of memory */
#define ELF_STRINGS_MAX		(256u * 1024)		/* bytes of either list */
#define ELF_SHARED_MAX		(64u * 1024)		/* bytes of elf_program.shared */

/* e_machine of this machine's programs. */
extern const uint16_t elf_machine;

struct elf_segment {
	vm_address_t address;		/* page aligned */
	vm_size_t size;			/* bytes, whole pages */
	uint64_t file_offset;		/* where its bytes begin in the file ... */
	uint64_t file_size;		/* ... and how many there are; the rest is zero */
	uint32_t page_offset;		/* of the first file byte in its page */
	vm_prot_t protection;
	bool zeros;			/* memory without bytes of the file follows them */
};

struct elf_plan {
	vm_address_t entry;
	vm_address_t headers;		/* address of the program headers, 0: not mapped */
	uint32_t header_count;
	uint32_t count;
	struct elf_segment segments[ELF_SEGMENTS_MAX];	/* ascending, none overlaps another */
	vm_address_t end;		/* first address behind the last segment */
};

/*
 * Purpose: validates an ELF file of `size` bytes for this machine, of which `image` has the first
 * `head`.
 * Returns: NULL, or what is wrong, for people; with too small a head that the headers are damaged.
 */
const char *
elf_plan(const void *image, uint64_t head, uint64_t size, struct elf_plan *plan);

/*
 * Whether all headers are in the head, and each segment lies in the file as in memory, so that it
 * can be mapped. Conditions: the file is at least as long as the head. Pure.
 */
bool
elf_mappable(const void *image, uint64_t head, uint64_t size);

/* Strings one after the other, each ended by a 0. */
struct elf_strings {
	const char *text;
	uint32_t size;			/* bytes */
};

/* A right for the new task. */
struct elf_right {
	mach_port_t port;		/* the caller's name; NULL and DEAD: none */
	uint32_t disposition;		/* MACH_MSG_TYPE_COPY_SEND or MAKE_SEND */
	mach_port_t *name;		/* gets its name in the new task: in the start-up page */
};

struct elf_program {
	const char *name;		/* for task_info */
	const void *image;		/* the file, or its head */
	uint64_t size;			/* bytes of the file */
	memory_object_t object;		/* the file, or NULL: all of it is in image */
	uint64_t head;			/* with an object: bytes in image; elf_mappable */
	/* With an object: reads some bytes of the file, less than a page. */
	kern_return_t (*read)(void *context, uint64_t offset, void *to, uint32_t size);
	void *context;
	struct elf_strings arguments, environment;
	struct startup_page *page;	/* the new task's; names are filled in */
	const struct elf_right *rights;
	uint32_t right_count;
	mach_port_t bootstrap, exception;	/* special ports to set, or NULL */
	void *shared;			/* the caller's memory that the task shares: its signal page, or NULL */
	vm_size_t shared_size;		/* bytes, whole pages */
};

/*
 * Purpose: fills a new, empty task, with a first thread that is ready but not running.
 * Conditions: on failure the task is half filled: terminate it. *reason tells people about
 * KERN_INVALID_ARGUMENT.
 * Returns: KERN_SUCCESS; KERN_INVALID_ARGUMENT: a bad file; KERN_NO_SPACE: the strings are too
 * long, or an address is taken; KERN_RESOURCE_SHORTAGE and others of the kernel.
 */
kern_return_t
elf_load(const struct elf_program *program, task_t task, thread_t *thread, const char **reason);

/*
 * The end of the stack of a program that ends there; the start-up page follows. 0: no room. Pure.
 */
vm_address_t
elf_stack_place(vm_address_t program_end);

/*
 * Purpose: lays out the top of a stack that ends at `end` in `buffer` (its last `room` bytes).
 * Pure.
 * Returns: the stack pointer, or 0 if it does not fit.
 */
vm_address_t elf_stack_fill(uint8_t *buffer, uint64_t room, vm_address_t end,
	const struct elf_plan *plan, vm_address_t page, const struct elf_strings *arguments,
	const struct elf_strings *environment, const uint64_t random[2]);

#endif
