/*
 * MACH.md section 3, devices: who owns an interrupt line, what its death does, memory for devices. Interrupts come from a virtio
 * device that the graders give the machine (bell.h); without it these rules fail.
 */
#include "bell.h"
#include "ipc_check.h"

#include <mach/device.h>
#include <mach/host_info.h>
#include <mach/task_info.h>
#include <mach/vm.h>

#define SELF   mach_task_self()
#define MASTER startup_info->device
#define PAGE   VM_PAGE_SIZE

static uint32_t line;			/* that no driver here has */

static bool
find(uint32_t kind, struct device_info *found)
{
	for (uint32_t i = 0; device_info(MASTER, i, found) == KERN_SUCCESS; i++)
		if (found->kind == kind)
			return true;
	return false;
}

static void
devices_are_listed(void)
{
	struct device_info info;
	uint32_t i = 0;

	while (device_info(MASTER, i, &info) == KERN_SUCCESS)
		i++;
	EQUAL(device_info(MASTER, i, &info), KERN_INVALID_ARGUMENT);
	EQUAL(device_info(MASTER, ~0u, &info), KERN_INVALID_ARGUMENT);
	if (i > 0)			/* a machine without disks may have none */
		EQUAL(device_info(MASTER, 0, (void *)8), KERN_INVALID_ADDRESS);
}

static void
a_line_has_one_owner(void)
{
	mach_port_t one = new_send(), other = new_send();

	EQUAL(device_irq_ack(MASTER, line), KERN_FAILURE);
	OK(device_irq_register(MASTER, line, one));
	EQUAL(device_irq_register(MASTER, line, other), KERN_NO_ACCESS);
	EQUAL(device_irq_register(MASTER, line, one), KERN_NO_ACCESS);
	OK(device_irq_ack(MASTER, line));
	drop_port(one);
	EQUAL(device_irq_ack(MASTER, line), KERN_FAILURE);
	OK(device_irq_register(MASTER, line, other));
	drop_port(other);
	EQUAL(device_irq_ack(MASTER, line), KERN_FAILURE);
}

static void
wrong_lines_and_ports_are_refused(void)
{
	mach_port_t port = new_send(), dead = new_dead();

	EQUAL(device_irq_register(MASTER, ~0u, port), KERN_INVALID_ARGUMENT);
	EQUAL(device_irq_ack(MASTER, ~0u), KERN_INVALID_ARGUMENT);
	EQUAL(device_irq_register(MASTER, line, MACH_PORT_NULL), KERN_INVALID_RIGHT);
	EQUAL(device_irq_register(MASTER, line, 0x12345600), KERN_INVALID_NAME);
	CHECK(device_irq_register(MASTER, line, dead) != KERN_SUCCESS);
	EQUAL(device_irq_register(MASTER, line, SELF), KERN_INVALID_RIGHT);	/* takes no messages */
	EQUAL(device_irq_ack(MASTER, line), KERN_FAILURE);
	drop_port(dead), drop_port(port);
}

/* A driver that dies with the line, whatever it was doing. */
static void
a_dead_drivers_line_is_free(void)
{
	for (unsigned i = 0; i < 4; i++) {
		task_t driver = child_create(false);
		mach_port_t inside = 0, port = 0;
		mach_port_type_t type;

		OK(mach_port_allocate(driver, MACH_PORT_RIGHT_RECEIVE, &inside));
		OK(mach_port_extract_right(driver, inside, MACH_MSG_TYPE_MAKE_SEND, &port, &type));
		OK(device_irq_register(MASTER, line, port));
		if (i % 2 == 0)
			OK(device_irq_ack(MASTER, line));
		child_end(driver);
		EQUAL(device_irq_ack(MASTER, line), KERN_FAILURE);
		drop_port(port);
	}
	a_line_has_one_owner();
}

/* --- a real interrupt --- */

static struct bell bell;

/* Waits until the port has a message: an interrupt comes at once, but it may be another CPU that takes it. */
static bool
rung(mach_port_t port)
{
	for (unsigned tries = 0; status_of(port).mps_msgcount == 0 && tries < 400; tries++)
		clock_sleep(10);
	return status_of(port).mps_msgcount == 1;
}

/* The line stays masked until it is acknowledged: one message, then none, then one more. */
static void
an_interrupt_is_a_message(void)
{
	static union {
		struct message message;
		struct device_irq_message irq;
	} m;
	bool found = bell_open(&bell);
	mach_port_t port;

	CHECK(found);
	if (!found)
		return;
	port = new_send();
	OK(device_irq_register(MASTER, bell.irq, port));
	settle();
	CHECK(queue_empty(port));
	bell_load(&bell);
	bell_ring(&bell);
	EQUAL(message_receive(&m.message, port, 4000), MACH_MSG_SUCCESS);
	EQUAL(m.irq.header.msgh_id, DEVICE_IRQ_MSG_ID);
	EQUAL(m.irq.irq, bell.irq);
	EQUAL(m.irq.count, 1);
	EQUAL(trailer_of(&m.message)->msgh_sender.label, 0);
	settle();
	CHECK(queue_empty(port));		/* although the device still asks */
	OK(device_irq_ack(MASTER, bell.irq));
	EQUAL(message_receive(&m.message, port, 1000), MACH_MSG_SUCCESS);
	EQUAL(m.irq.count, 1);			/* nor has it interrupted the kernel */
	CHECK(bell_quiet(&bell));
	OK(device_irq_ack(MASTER, bell.irq));
	settle();
	CHECK(queue_empty(port));
	bell_load(&bell);			/* and so on */
	bell_ring(&bell);
	CHECK(rung(port));
	drop_port(port);
	bell_close(&bell);
}

/* The driver dies with the interrupt's message in its queue; the next one gets its own. */
static void
a_driver_may_die_in_the_middle(void)
{
	bool found = bell_open(&bell);
	mach_port_t port;

	CHECK(found);
	if (!found)
		return;
	port = new_send();
	OK(device_irq_register(MASTER, bell.irq, port));
	bell_load(&bell);
	bell_ring(&bell);
	CHECK(rung(port));
	drop_port(port);
	port = new_send();
	OK(device_irq_register(MASTER, bell.irq, port));	/* the device asks still */
	CHECK(rung(port));
	EQUAL(next_id(port), DEVICE_IRQ_MSG_ID);
	drop_port(port);
	bell_close(&bell);
}

/* --- memory --- */

static void
only_devices_are_mapped(void)
{
	struct device_info info;
	vm_address_t address = 0, memory = 0;
	struct task_info before, after;
	phys_addr_t physical = 0;

	OK(vm_allocate_contiguous(startup_info->host, SELF, &memory, &physical, PAGE));
	EQUAL(device_map(MASTER, physical, PAGE, &address), KERN_INVALID_ARGUMENT);
	EQUAL(device_map(MASTER, physical - 1, 2, &address), KERN_INVALID_ARGUMENT);
	OK(vm_deallocate(SELF, memory, PAGE));
	EQUAL(device_map(MASTER, 0, 0, &address), KERN_INVALID_ARGUMENT);
	EQUAL(device_map(MASTER, ~0ull - PAGE, 2 * PAGE, &address), KERN_INVALID_ARGUMENT);
	/* As far as any processor's tables reach: where nothing answers there, a fault that has an end. */
	if (device_map(MASTER, 1ull << 47, PAGE, &address) == KERN_SUCCESS) {
		CHECK(clock_get_time(CLOCK_MONOTONIC_NS, (uint64_t *)address) != KERN_ABORTED);
		OK(vm_deallocate(SELF, address, PAGE));
	}
	if (!find(DEVICE_VIRTIO_MMIO, &info))
		return;
	OK(task_info(SELF, &before));
	OK(device_map(MASTER, info.base, info.size, &address));
	EQUAL(*(volatile uint32_t *)address, 0x74726976);	/* "virt" */
	OK(vm_deallocate(SELF, address, vm_page_round(info.size)));
	EQUAL(device_map(MASTER, info.base, info.size, (void *)8), KERN_INVALID_ADDRESS);
	OK(task_info(SELF, &after));
	EQUAL(after.virtual_size, before.virtual_size);
}

static bool
all_zero(const struct device_dma_region *region)
{
	for (vm_size_t i = 0; i < region->size / 8; i++)
		if (((volatile uint64_t *)region->address)[i] != 0)
			return false;
	return true;
}

/* What was released stays with the port, and is what it gives out next. */
static void
dma_memory_is_contiguous_and_zero(void)
{
	struct device_dma_region region = {0}, other = {0}, again = {0};
	struct vm_statistics before, after;
	mach_port_t dma = 0;

	OK(host_drain());
	OK(vm_statistics(&before));
	OK(device_dma_create(MASTER, &dma));
	OK(device_dma_alloc(dma, 3 * PAGE, &region));
	CHECK(region.size >= 3 * PAGE);
	EQUAL(region.physical % PAGE, 0);
	CHECK(all_zero(&region));
	EQUAL(device_dma_alloc(dma, 0, &other), KERN_INVALID_ARGUMENT);
	EQUAL(device_dma_alloc(dma, 1ull << 50, &other), KERN_INVALID_ARGUMENT);
	EQUAL(device_dma_alloc(MASTER, PAGE, &other), KERN_INVALID_ARGUMENT);
	*(volatile uint64_t *)region.address = 1;
	OK(vm_deallocate(SELF, region.address, region.size));
	OK(device_dma_release_all(dma));
	OK(device_dma_alloc(dma, 3 * PAGE, &again));
	EQUAL(again.physical, region.physical);
	CHECK(all_zero(&again));
	OK(device_dma_alloc(dma, 3 * PAGE, &other));
	CHECK(other.physical != again.physical);
	OK(vm_deallocate(SELF, other.address, other.size));
	OK(vm_deallocate(SELF, again.address, again.size));
	OK(mach_port_deallocate(SELF, dma));
	OK(host_drain());
	OK(vm_statistics(&after));
	EQUAL(after.free, before.free);
}

/* Half of the bell's ring is in the second page, where the device finds it behind the first if it is there (bell.h). */
static void
dma_memory_is_what_the_device_sees(void)
{
	bool found = bell_open(&bell);

	CHECK(found);
	if (!found)
		return;
	for (unsigned i = 0; i < 3; i++) {
		bell_load(&bell);
		bell_ring(&bell);
		CHECK(bell_quiet(&bell));
	}
	bell_close(&bell);
}

/* The frames are the port's: they outlive the driver and go with the last right. */
static void
dma_memory_outlives_its_driver(void)
{
	task_t driver = child_create(false);
	struct device_dma_region region = {0};
	mach_port_t dma = 0;

	OK(device_dma_create(MASTER, &dma));
	OK(device_dma_alloc(dma, PAGE, &region));
	*(volatile uint32_t *)region.address = 77;
	OK(mach_port_insert_right(driver, dma, dma, MACH_MSG_TYPE_COPY_SEND));
	child_end(driver);
	EQUAL(*(volatile uint32_t *)region.address, 77);
	OK(mach_port_deallocate(SELF, dma));
	EQUAL(*(volatile uint32_t *)region.address, 77);	/* still mapped here */
	OK(vm_deallocate(SELF, region.address, region.size));
}

/* The same frames whatever the task does with its memory, and nobody else's until they are released. */
static void
pinned_memory_keeps_its_frames(void)
{
	enum { PAGES = 4 };
	phys_addr_t frames[PAGES + 1], again[PAGES + 1];
	uint32_t count = PAGES + 1;
	vm_address_t at = 0;
	mach_port_t dma = 0;
	task_t child;

	OK(device_dma_create(MASTER, &dma));
	OK(vm_allocate(SELF, &at, PAGES * PAGE, VM_FLAGS_ANYWHERE));
	*(volatile uint32_t *)(at + PAGE) = 5;
	OK(device_dma_pin(dma, at + 8, (PAGES - 1) * PAGE, frames, &count));
	EQUAL(count, PAGES);
	for (unsigned i = 0; i < PAGES; i++) {
		EQUAL(frames[i] % PAGE, 0);
		CHECK(frames[i] != 0 && (i == 0 || frames[i] != frames[i - 1]));
	}
	child = child_create(false);		/* a copy of what is pinned: the pages stay here */
	for (unsigned i = 0; i < PAGES; i++)
		*(volatile uint32_t *)(at + i * PAGE) = i;
	count = PAGES;
	OK(device_dma_pin(dma, at, PAGES * PAGE, again, &count));
	for (unsigned i = 0; i < PAGES; i++)
		EQUAL(again[i], frames[i]);
	OK(device_dma_unpin(dma, at, PAGES * PAGE));
	EQUAL(device_dma_unpin(dma, at, PAGES * PAGE), KERN_INVALID_ARGUMENT);
	OK(device_dma_unpin(dma, at + 8, (PAGES - 1) * PAGE));
	child_end(child);
	OK(vm_deallocate(SELF, at, PAGES * PAGE));
	OK(mach_port_deallocate(SELF, dma));
}

static phys_addr_t
frame_pinned(mach_port_t dma, vm_address_t at)
{
	phys_addr_t frame = 0;
	uint32_t count = 1;

	OK(device_dma_pin(dma, at, PAGE, &frame, &count));
	OK(device_dma_unpin(dma, at, PAGE));
	return frame;
}

/* A page that two tasks share copy-on-write is copied for a device that may write to it, and not for one that only reads. */
static void
read_only_memory_is_pinned_as_it_is(void)
{
	vm_address_t at = 0;
	mach_port_t dma = 0;
	phys_addr_t frame;
	task_t child;

	OK(device_dma_create(MASTER, &dma));
	OK(vm_allocate(SELF, &at, PAGE, VM_FLAGS_ANYWHERE));
	*(volatile uint32_t *)at = 5;
	frame = frame_pinned(dma, at);
	child = child_create(false);
	OK(vm_protect(SELF, at, PAGE, false, VM_PROT_READ));
	EQUAL(frame_pinned(dma, at), frame);
	OK(vm_protect(SELF, at, PAGE, false, VM_PROT_READ | VM_PROT_WRITE));
	CHECK(frame_pinned(dma, at) != frame);
	EQUAL(*(volatile uint32_t *)at, 5);
	child_end(child);
	OK(vm_deallocate(SELF, at, PAGE));
	OK(mach_port_deallocate(SELF, dma));
}

static void
wrong_pins_are_refused(void)
{
	struct device_dma_region region = {0};
	phys_addr_t frames[2];
	uint32_t count = 1;
	vm_address_t at = 0;
	mach_port_t dma = 0;
	struct vm_statistics before, after;

	OK(device_dma_create(MASTER, &dma));
	OK(vm_allocate(SELF, &at, 2 * PAGE, VM_FLAGS_ANYWHERE));
	OK(vm_statistics(&before));
	EQUAL(device_dma_pin(dma, at, 2 * PAGE, frames, &count), KERN_INVALID_ARGUMENT);	/* no room */
	count = 2;
	EQUAL(device_dma_pin(dma, at, 0, frames, &count), KERN_INVALID_ARGUMENT);
	EQUAL(device_dma_pin(dma, at, DEVICE_DMA_PIN_MAX + 1, frames, &count), KERN_INVALID_ARGUMENT);
	EQUAL(device_dma_pin(dma, ~0ull - 8, PAGE, frames, &count), KERN_INVALID_ARGUMENT);
	EQUAL(device_dma_pin(dma, 8, PAGE, frames, &count), KERN_INVALID_ADDRESS);
	EQUAL(device_dma_pin(MASTER, at, PAGE, frames, &count), KERN_INVALID_ARGUMENT);
	EQUAL(device_dma_pin(dma, at, PAGE, (void *)8, &count), KERN_INVALID_ADDRESS);
	EQUAL(device_dma_pin(dma, at, PAGE, frames, (void *)8), KERN_INVALID_ADDRESS);
	OK(device_dma_alloc(dma, PAGE, &region));
	EQUAL(device_dma_pin(dma, region.address, PAGE, frames, &count), KERN_INVALID_ARGUMENT);
	OK(vm_deallocate(SELF, region.address, region.size));
	OK(vm_deallocate(SELF, at, 2 * PAGE));
	OK(mach_port_deallocate(SELF, dma));
	OK(vm_statistics(&after));
	EQUAL(after.wired, before.wired);
}

#define PINNED 16u

static mach_port_t inherited_dma;

static void
pin_and_die(void *pages)
{
	phys_addr_t frames[PINNED];
	uint32_t count = PINNED;

	*(volatile uint32_t *)pages = 1;
	if (device_dma_pin(inherited_dma, (vm_address_t)pages, PINNED * PAGE, frames, &count) == KERN_SUCCESS)
		task_terminate(mach_task_self());
}

/* The stack of a thread may be freed a moment after its task is gone: what is counted twice the same counts. */
static uint64_t
free_frames(void)
{
	struct vm_statistics now = {0};
	uint64_t last;

	do {
		last = now.free;
		settle();
		OK(host_drain());
		OK(vm_statistics(&now));
	} while (now.free != last);
	return last;
}

/* Frames that a dead driver's device may still write into are not free before somebody says so. */
static void
pinned_frames_outlive_their_driver(void)
{
	uint64_t before = 0, held = 0, after = 0;
	vm_address_t at = 0;
	mach_port_t dma = 0;

	OK(device_dma_create(MASTER, &dma));
	OK(vm_allocate(SELF, &at, PINNED * PAGE, VM_FLAGS_ANYWHERE));
	inherited_dma = dma;
	for (unsigned i = 0; i < 5; i++) {	/* the first ones find caches empty */
		task_t driver = child_create(true);

		before = after;
		child_run(driver, pin_and_die, (void *)at);
		child_wait(driver);
		held = free_frames();
		OK(device_dma_release_all(dma));
		after = free_frames();
	}
	EQUAL(after, before);
	CHECK(held + PINNED <= before);
	OK(vm_deallocate(SELF, at, PINNED * PAGE));
	OK(mach_port_deallocate(SELF, dma));
}

int
main(void)
{
	struct device_info info;

	check_begin();
	for (uint32_t i = 0; device_info(MASTER, i, &info) == KERN_SUCCESS; i++)
		if (info.kind == DEVICE_VIRTIO_MMIO)
			line = info.irq;	/* the last slot: empty */
	RULE(devices_are_listed);
	RULE(a_line_has_one_owner);
	RULE(wrong_lines_and_ports_are_refused);
	RULE(a_dead_drivers_line_is_free);
	RULE(an_interrupt_is_a_message);
	RULE(a_driver_may_die_in_the_middle);
	RULE(only_devices_are_mapped);
	RULE(dma_memory_is_contiguous_and_zero);
	RULE(dma_memory_is_what_the_device_sees);
	RULE(dma_memory_outlives_its_driver);
	RULE(pinned_memory_keeps_its_frames);
	RULE(read_only_memory_is_pinned_as_it_is);
	RULE(wrong_pins_are_refused);
	RULE(pinned_frames_outlive_their_driver);
	check_end();
}
