/*
 * Devices for user-mode drivers: registers, and interrupts as messages (memory for DMA: dma_traps.c).
 *
 * An interrupt line has one owner, a send right. When the line fires the kernel masks it and sends a message that is kept for the purpose; the
 * driver's device_irq_ack unmasks it. When the owner's port dies the line is masked and free for the next driver.
 */
#include <mach/device.h>
#include "trap/handlers.h"

#include "arch/bootinfo.h"
#include "arch/irq.h"
#include "arch/usercopy.h"
#include "init/panic.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "ipc/port.h"
#include "sched/cpu.h"
#include "task/device.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/vm.h"

#define user(pointer) ((uint64_t)(uintptr_t)(pointer))

bool
device_privileged(mach_port_t name)
{
	return kobject_lookup(name, KOBJECT_DEVICE_MASTER) != NULL;
}

kern_return_t
trap_device_info(mach_port_t master, uint32_t index, struct device_info *user_info)
{
	if (!device_privileged(master))
		return KERN_INVALID_HOST;
	if (index >= bootinfo.device_count)
		return KERN_INVALID_ARGUMENT;
	return copyout(user(user_info), &bootinfo.devices[index], sizeof(struct device_info)) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

kern_return_t
trap_device_map(mach_port_t master, phys_addr_t base, vm_size_t size, vm_address_t *user_address)
{
	uint64_t in_page = base & VM_PAGE_MASK;
	vm_address_t address = 0;
	struct vm_object *object;
	kern_return_t kr;

	if (!device_privileged(master))
		return KERN_INVALID_HOST;
	if (size == 0 || base + size < base || base + size + VM_PAGE_MASK < base + size)
		return KERN_INVALID_ARGUMENT;
	size = vm_page_round(in_page + size);
	object = vm_object_create_device(base - in_page, size);
	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = vm_map_enter_object(current_task()->map, &address, size, 0, VM_FLAGS_ANYWHERE, object, 0, false,
	    VM_PROT_READ | VM_PROT_WRITE, VM_PROT_READ | VM_PROT_WRITE, VM_INHERIT_NONE);
	if (kr != KERN_SUCCESS)
		return kr;
	address += in_page;
	if (copyout(user(user_address), &address, sizeof(address)))
		return KERN_SUCCESS;
	vm_map_deallocate(current_task()->map, address - in_page, size);
	return KERN_INVALID_ADDRESS;
}

/* --- interrupts --- */

struct irq_line {
	struct spinlock lock;
	struct ipc_port *owner;			/* send right, NULL: free */
	struct ipc_kmsg *message;		/* reused for every interrupt */
	struct port_watch watch;		/* on the owner's port */
	uint32_t count;				/* interrupts not told yet */
	bool waiting;				/* masked until the driver acknowledges */
};

static struct irq_line lines[IRQ_LINES];

void
device_init(void)
{
	for (unsigned i = 0; i < IRQ_LINES; i++)
		spin_init(&lines[i].lock, "interrupt line", RANK_TASK);
}

/* Takes the line away from its owner. Conditions: the line is locked. What is to be released afterwards goes to *owner and *message. */
static void
line_clear(struct irq_line *line, struct ipc_port **owner, struct ipc_kmsg **message)
{
	irq_mask(line - lines);
	*owner = line->owner;
	*message = line->message;
	line->owner = NULL;
	line->message = NULL;
	line->waiting = false;
	line->count = 0;
}

static void
line_release(struct ipc_port *owner, struct ipc_kmsg *message)
{
	if (message != NULL)
		kmsg_free_reusable(message);
	port_release_send(owner);
}

static void
owner_died(struct port_watch *watch)
{
	struct irq_line *line = container_of(watch, struct irq_line, watch);
	struct ipc_port *owner = NULL;
	struct ipc_kmsg *message = NULL;

	spin_lock(&line->lock);
	if (line->owner == watch->port)
		line_clear(line, &owner, &message);
	spin_unlock(&line->lock);
	line_release(owner, message);
}

/* Sends the line's message. Conditions: locked, owned. */
static void
line_send(struct irq_line *line)
{
	struct { uint32_t irq, count; } *body = kmsg_body(line->message);

	body->irq = line - lines;
	body->count = line->count;
	line->count = 0;
	line->waiting = true;
	kmsg_send_reusable(line->message, line->owner);
}

void
device_interrupt(unsigned number)
{
	struct irq_line *line;

	if (number >= IRQ_LINES)
		return;
	line = &lines[number];
	spin_lock(&line->lock);
	irq_mask(number);		/* an acknowledgement on another CPU comes before or after, not in between */
	if (line->owner != NULL) {
		line->count++;
		if (!line->waiting)
			line_send(line);
	}
	spin_unlock(&line->lock);
}

kern_return_t
trap_device_irq_register(mach_port_t master, uint32_t irq, mach_port_t port_name)
{
	struct irq_line *line;
	struct ipc_port *port;
	struct ipc_kmsg *message;
	kern_return_t kr;

	if (!device_privileged(master))
		return KERN_INVALID_HOST;
	if (irq >= IRQ_LINES || !irq_line_valid(irq))
		return KERN_INVALID_ARGUMENT;
	kr = space_copyin_send(current_task()->space, port_name, &port);
	if (kr != KERN_SUCCESS)
		return kr;
	if (!ipc_port_valid(port))
		return KERN_INVALID_RIGHT;
	if (port->kobject != KOBJECT_NONE) {	/* takes no messages, and may have no end while the line has a right to it */
		port_release_send(port);
		return KERN_INVALID_RIGHT;
	}
	message = kmsg_create_reusable(DEVICE_IRQ_MSG_ID, 8);
	if (message == NULL) {
		port_release_send(port);
		return KERN_RESOURCE_SHORTAGE;
	}
	line = &lines[irq];
	spin_lock(&line->lock);
	if (line->owner != NULL) {
		spin_unlock(&line->lock);
		line_release(port, message);
		return KERN_NO_ACCESS;
	}
	line->owner = port;
	line->message = message;
	line->watch.died = owner_died;
	spin_unlock(&line->lock);
	if (!port_watch_add(port, &line->watch)) {
		line->watch.port = port;
		owner_died(&line->watch);
		return KERN_INVALID_RIGHT;
	}
	irq_unmask(irq);
	return KERN_SUCCESS;
}

kern_return_t
trap_device_irq_ack(mach_port_t master, uint32_t irq)
{
	struct irq_line *line;
	kern_return_t kr = KERN_SUCCESS;

	if (!device_privileged(master))
		return KERN_INVALID_HOST;
	if (irq >= IRQ_LINES || !irq_line_valid(irq))
		return KERN_INVALID_ARGUMENT;
	line = &lines[irq];
	spin_lock(&line->lock);
	if (line->owner == NULL) {
		kr = KERN_FAILURE;
	} else {
		line->waiting = false;
		irq_unmask(irq);
	}
	spin_unlock(&line->lock);
	return kr;
}
