/*
 * Virtual memory: protections, inheritance and the argument blocks of the calls that take more than eight arguments.
 */
#ifndef MACH_VM_H
#define MACH_VM_H

#include <mach/types.h>

#define VM_PAGE_SHIFT		12
#define VM_PAGE_SIZE		4096ull
#define VM_PAGE_MASK		(VM_PAGE_SIZE - 1)
#define vm_page_trunc(a)	((uint64_t)(a) & ~VM_PAGE_MASK)
#define vm_page_round(a)	(((uint64_t)(a) + VM_PAGE_MASK) & ~VM_PAGE_MASK)

/* User addresses (DESIGN.md section 3): [VM_MIN_ADDRESS, VM_MAX_ADDRESS) */
#define VM_MIN_ADDRESS		0x0000000080000000ull
#define VM_MAX_ADDRESS		0x00007ffffffff000ull

#define VM_PROT_NONE		0u
#define VM_PROT_READ		1u
#define VM_PROT_WRITE		2u
#define VM_PROT_EXECUTE		4u
#define VM_PROT_DEFAULT		(VM_PROT_READ | VM_PROT_WRITE)
#define VM_PROT_ALL		7u

enum { VM_INHERIT_SHARE = 0, VM_INHERIT_COPY = 1, VM_INHERIT_NONE = 2 };
#define VM_INHERIT_DEFAULT	VM_INHERIT_COPY

/* flags of vm_allocate, vm_map, vm_remap */
#define VM_FLAGS_FIXED		0u
#define VM_FLAGS_ANYWHERE	1u
#define VM_FLAGS_OVERWRITE	2u	/* with FIXED: whatever stood there is unmapped in the same step (POSIX MAP_FIXED) */

/* vm_map(&args): maps a memory object (or, with MEMORY_OBJECT_NULL, zero-filled memory) */
struct vm_map_args {
	task_t target;
	uint32_t flags;			/* VM_FLAGS_* */
	vm_address_t address;		/* in: hint or fixed address; out: where it was mapped */
	vm_size_t size;			/* bytes, > 0 */
	vm_address_t mask;		/* alignment mask, 0 for page alignment */
	memory_object_t object;		/* port of a memory object, a proxy, or NULL */
	uint32_t copy;			/* nonzero: private, copy-on-write */
	vm_offset_t offset;		/* page aligned */
	vm_prot_t cur_protection;
	vm_prot_t max_protection;
	vm_inherit_t inheritance;
	uint32_t pad;
};

/* vm_remap(&args): shares (or with copy, copies) a range of the source task */
struct vm_remap_args {
	task_t target;
	uint32_t flags;
	vm_address_t address;		/* in/out */
	vm_size_t size;
	vm_address_t mask;
	task_t source;
	uint32_t copy;
	vm_address_t source_address;
	vm_prot_t cur_protection;	/* out */
	vm_prot_t max_protection;	/* out */
	vm_inherit_t inheritance;
	uint32_t pad;
};

/* vm_region: the region at or after an address */
struct vm_region_info {
	vm_address_t address;		/* out: start */
	vm_size_t size;			/* out: bytes */
	vm_offset_t offset;		/* into its object */
	vm_prot_t protection;
	vm_prot_t max_protection;
	vm_inherit_t inheritance;
	uint32_t shared;		/* nonzero: writes are seen by others */
	uint32_t object;		/* kind: VM_REGION_* */
	uint32_t wired;			/* wire count */
	uint64_t resident;		/* pages present */
};

enum { VM_REGION_ANONYMOUS = 0, VM_REGION_OBJECT = 1, VM_REGION_DEVICE = 2 };

struct vm_statistics {
	uint64_t page_size;
	uint64_t total;			/* frames the kernel manages */
	uint64_t free;
	uint64_t kernel;		/* frames used by the kernel itself (heap, tables, stacks) */
	uint64_t anonymous;		/* frames of anonymous memory */
	uint64_t object;		/* frames of pager-backed memory objects */
	uint64_t wired;
	uint64_t faults, zero_fills, cow_faults, pageins, pageouts;
	uint64_t swapped;		/* pages of swap in use */
	uint64_t swap_total;		/* pages of swap that the default pager has given so far */
	uint64_t waiting, waits;	/* threads that wait for memory now; times one has begun to */
};

#endif
