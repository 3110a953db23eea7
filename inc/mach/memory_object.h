/*
 * Messages the kernel sends to an external pager (MACH.md section 4). All carry the kernel's token (label 0).
 * They go to the memory object's port; the pager answers with the memory_object_* traps on the control port.
 */
#ifndef MACH_MEMORY_OBJECT_H
#define MACH_MEMORY_OBJECT_H

#include <mach/message.h>
#include <mach/vm.h>

#define MEMORY_OBJECT_NULL	MACH_PORT_NULL

#define MEMORY_OBJECT_INIT_ID		2200	/* control (send right), page_size */
#define MEMORY_OBJECT_TERMINATE_ID	2201	/* object's receive-side name is the message's local port */
#define MEMORY_OBJECT_DATA_REQUEST_ID	2203	/* control, offset, length, access */
#define MEMORY_OBJECT_DATA_UNLOCK_ID	2204	/* control, offset, length, access */
#define MEMORY_OBJECT_LOCK_COMPLETED_ID	2206	/* control, offset, length */
#define MEMORY_OBJECT_DATA_RETURN_ID	2208	/* control, offset, out-of-line data, dirty */
#define MEMORY_OBJECT_CREATE_ID		2210	/* default pager only: receive right of the object, control */

/* init, data_request, data_unlock, lock_completed, terminate */
struct memory_object_message {
	mach_msg_header_t header;
	mach_msg_port_descriptor_t control;	/* send right */
	vm_offset_t offset;			/* bytes */
	vm_size_t length;			/* bytes; init: the page size */
	uint32_t access;			/* VM_PROT_* */
	uint32_t pad;
	mach_msg_trailer_t trailer;
};

struct memory_object_data_return {
	mach_msg_header_t header;
	mach_msg_port_descriptor_t control;
	mach_msg_ool_descriptor_t data;		/* the pager must deallocate it */
	vm_offset_t offset;
	uint32_t dirty;
	uint32_t pad;
	mach_msg_trailer_t trailer;
};

struct memory_object_create {
	mach_msg_header_t header;
	mach_msg_port_descriptor_t object;	/* receive right */
	mach_msg_port_descriptor_t control;	/* send right */
	vm_size_t size;
	mach_msg_trailer_t trailer;
};

/* memory_object_ready */
enum { MEMORY_OBJECT_COPY_NONE = 0, MEMORY_OBJECT_COPY_DELAY = 2 };

/* memory_object_lock_request flags */
#define MEMORY_OBJECT_CLEAN	0x1u	/* send dirty pages with data_return */
#define MEMORY_OBJECT_FLUSH	0x2u	/* drop the pages */

/* memory_object_copy directions */
enum { MEMORY_OBJECT_COPY_IN = 0, MEMORY_OBJECT_COPY_OUT = 1 };

#endif
