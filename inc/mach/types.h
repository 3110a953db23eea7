/*
 * Basic types of the kernel ABI.
 *
 * Names and widths follow the Mach 3 Kernel Interfaces manual; addresses and sizes are 64 bits wide on both
 * architectures, port names are 32 bits (index << 8 | generation).
 */
#ifndef MACH_TYPES_H
#define MACH_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int kern_return_t;
typedef uint32_t natural_t;
typedef int32_t integer_t;
typedef int boolean_t;

typedef uint64_t vm_address_t;		/* bytes, user virtual address */
typedef uint64_t vm_size_t;		/* bytes */
typedef uint64_t vm_offset_t;		/* bytes, offset into a memory object */
typedef uint64_t phys_addr_t;		/* bytes, physical address */
typedef uint32_t vm_prot_t;		/* VM_PROT_* */
typedef uint32_t vm_inherit_t;		/* VM_INHERIT_* */

typedef uint32_t mach_port_t;		/* a name in the caller's port name space */
typedef mach_port_t mach_port_name_t;
typedef mach_port_t task_t;
typedef mach_port_t thread_t;
typedef mach_port_t host_t;
typedef mach_port_t memory_object_t;
typedef mach_port_t memory_object_control_t;

typedef uint32_t mach_port_right_t;	/* MACH_PORT_RIGHT_* */
typedef uint32_t mach_port_type_t;	/* MACH_PORT_TYPE_* bits */
typedef uint32_t mach_port_urefs_t;
typedef uint32_t mach_port_mscount_t;
typedef int32_t mach_port_delta_t;
typedef uint32_t mach_port_seqno_t;
typedef uint32_t mach_msg_timeout_t;	/* milliseconds */

#endif
