// SOURCES: fs/blk/device.c fs/blk/request.c fs/blk/pages.c lib/virtio/vring.c lib/virtio/virtio.c
/*
 * The block driver's requests against a device made of memory: the traps are played by this file,
 * physical addresses are host addresses.
 */
#include "unit.h"
#include "../../fs/blk/device.h"
#include "../../fs/blk/shared.h"

#include <stdlib.h>

#define PAGE 4096u

static uint32_t registers[PAGE / 4] __attribute__((aligned(4096)));
static void *regions[1];		/* what device_dma_alloc gave: shared memory */
static unsigned region_count, acks, panics, pins;
static bool no_memory, scattered;
static uint8_t client[BLK_TRANSFER_MAX + PAGE] __attribute__((aligned(4096)));
static vm_prot_t client_protection;
static uint16_t seen, used;

/* --- the traps --- */

kern_return_t
device_info(mach_port_t master, uint32_t index, struct device_info *info)
{
	if (index >= 3)
		return KERN_INVALID_ARGUMENT;
	*info = (struct device_info){
		.kind = index == 0 ? DEVICE_RTC : DEVICE_VIRTIO_MMIO, .irq = 40 + index,
		.base = 0xa000200 + index * 0x200, .size = 0x200,
	};
	return master == 1 ? KERN_SUCCESS : KERN_INVALID_NAME;
}

kern_return_t
device_map(mach_port_t master, phys_addr_t base, vm_size_t size, vm_address_t *address)
{
	*address = (vm_address_t)registers;
	return master == 1 && base == 0xa000000 && size == PAGE ? KERN_SUCCESS
								: KERN_INVALID_ARGUMENT;
}

kern_return_t
vm_deallocate(task_t task, vm_address_t address, vm_size_t size)
{
	(void)task, (void)size;
	if (address != (vm_address_t)registers)
		free((void *)address);
	return KERN_SUCCESS;
}

kern_return_t
vm_protect(task_t task, vm_address_t address, vm_size_t size, boolean_t maximum, vm_prot_t protection)
{
	(void)task, (void)maximum;
	CHECK(address >= (vm_address_t)client && address + size <= (vm_address_t)client + sizeof(client));
	client_protection = protection;
	return KERN_SUCCESS;
}

/* Physical addresses are addresses; `scattered`, pages lie the other way round. */
kern_return_t
device_dma_pin(mach_port_t dma, vm_address_t address, vm_size_t size, phys_addr_t *frames,
	uint32_t *count)
{
	uint32_t pages = (uint32_t)(((address & (PAGE - 1)) + size + PAGE - 1) / PAGE);

	if (no_memory)
		return KERN_RESOURCE_SHORTAGE;
	CHECK_EQ(dma, 5);
	if (pages > *count)
		return KERN_INVALID_ARGUMENT;
	for (uint32_t i = 0; i < pages; i++)
		frames[i] = (address & ~(vm_address_t)(PAGE - 1))
			    + (scattered ? pages - 1 - i : i) * PAGE;
	*count = pages;
	pins++;
	return KERN_SUCCESS;
}

kern_return_t
device_dma_unpin(mach_port_t dma, vm_address_t address, vm_size_t size)
{
	(void)dma, (void)address, (void)size;
	pins--;
	return KERN_SUCCESS;
}

kern_return_t
device_irq_register(mach_port_t master, uint32_t irq, mach_port_t port)
{
	CHECK_EQ(irq, 42);
	return master == 1 && port == 9 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

kern_return_t
device_irq_ack(mach_port_t master, uint32_t irq)
{
	(void)master, (void)irq;
	acks++;
	return KERN_SUCCESS;
}

kern_return_t
device_dma_create(mach_port_t master, mach_port_t *dma)
{
	*dma = 5;
	return master == 1 ? KERN_SUCCESS : KERN_INVALID_NAME;
}

kern_return_t
device_dma_release_all(mach_port_t dma)
{
	(void)dma;
	return KERN_SUCCESS;
}

mach_port_t
service_grant(const char *name)
{
	(void)name;
	return MACH_PORT_NULL;
}

kern_return_t
device_dma_alloc(mach_port_t dma, vm_size_t size, struct device_dma_region *r)
{
	void *memory = aligned_alloc(PAGE, size);

	(void)dma;
	memset(memory, 0, size);
	regions[region_count++] = memory;
	*r = (struct device_dma_region){ (vm_address_t)memory, (uintptr_t)memory, size };
	return KERN_SUCCESS;
}

kern_return_t
vm_allocate(task_t task, vm_address_t *address, vm_size_t size, uint32_t flags)
{
	(void)task, (void)flags;
	*address = (vm_address_t)aligned_alloc(PAGE, size);
	return KERN_SUCCESS;
}

void
print(const char *format, ...)
{
	(void)format;
}

static void leave(void) __attribute__((noreturn));

#include <setjmp.h>
static jmp_buf panic_return;

static void
leave(void)
{
	panics++;
	longjmp(panic_return, 1);
}

void panic(const char *format, ...) __attribute__((noreturn));

void
panic(const char *format, ...)
{
	(void)format;
	leave();
}

/* --- the device --- */

static struct device disk;
static uint32_t size_max = 1 << 20;
static unsigned done_count;
static mach_port_t done_order[256];
static kern_return_t done_result[256];

static bool
all_bytes(const uint8_t *data, size_t size, uint8_t value)
{
	while (size > 0 && *data == value)
		data++, size--;
	return size == 0;
}

/* A read brings the bytes that the device filled in: the sector's number. */
static void
done(struct request *r, kern_return_t result)
{
	if (r->kind == REQUEST_READ && result == KERN_SUCCESS) {
		CHECK(all_bytes(r->data, r->bytes, (uint8_t)r->sector));
		free(r->data);
	}
	done_result[done_count] = result;
	done_order[done_count++] = r->reply_port;
}

/* Opens the device afresh, offering these feature bits. */
static kern_return_t
begin(uint32_t features)
{
	memset(registers, 0, sizeof(registers));
	for (unsigned slot = 2; slot < 4; slot++) {
		volatile uint32_t *r = registers + slot * 0x80;

		r[0] = 0x74726976, r[1] = 2, r[2] = slot == 3 ? 2 : 1;
		r[4] = features | 1;	/* both halves read the same: VERSION_1 */
		r[0x34 / 4] = 1024;
		r[0x100 / 4] = 100000, r[0x108 / 4] = size_max, r[0x114 / 4] = 4096;
	}
	acks = panics = pins = done_count = region_count = 0;
	no_memory = scattered = false;
	seen = used = 0;
	return device_open(&disk, 1, 0, 9, done);
}

static void
end(void)
{
	while (region_count > 0)
		free(regions[--region_count]);
}

static int
device_take(void)
{
	return seen == disk.ring.avail->idx ? -1
					    : disk.ring.avail->ring[seen++ & (disk.ring.size - 1)];
}

static struct vring_desc *
next_of(struct vring_desc *d)
{
	return &disk.ring.desc[d->next];
}

/* Does what a request asks for: a read fills in the sector's number. Reports a state. */
static void
device_finish(int head, uint8_t state)
{
	struct vring_desc *d = &disk.ring.desc[head];
	struct blk_header *header = (struct blk_header *)(uintptr_t)d->addr;

	d = next_of(d);
	for (; d->flags & VRING_DESC_NEXT; d = next_of(d))
		if (header->type == REQUEST_READ)
			memset((void *)(uintptr_t)d->addr, (int)header->sector, d->len);
	CHECK_EQ(d->flags, VRING_DESC_WRITE);
	CHECK_EQ(d->len, 1);
	*(uint8_t *)(uintptr_t)d->addr = state;
	disk.ring.used->ring[used++ & (disk.ring.size - 1)] =
		(struct vring_used_element){ (uint32_t)head, 1 };
	disk.ring.used->idx = used;
}

/* Finishes all that the device was given, and interrupts. */
static void
device_work(void)
{
	int head;

	while ((head = device_take()) >= 0)
		device_finish(head, 0);
	device_interrupt(&disk);
}

/* --- tests --- */

static void
the_disk_is_found_and_described(void)
{
	REQUIRE(begin(0x262) == KERN_SUCCESS);
	CHECK_EQ(disk.info.sectors, 100000);
	CHECK_EQ(disk.info.read_only, 1);
	CHECK_EQ(disk.info.block_size, 4096);
	CHECK_STR(disk.info.name, "vda");
	CHECK(disk.can_flush);
	end();
	CHECK_EQ(device_open(&disk, 1, 1, 9, done), KERN_INVALID_ARGUMENT);
	CHECK_EQ(device_open(&disk, 2, 0, 9, done), KERN_INVALID_NAME);
}

static void
a_device_with_small_transfers_is_refused(void)
{
	size_max = 4096;
	CHECK_EQ(begin(0x262), KERN_NOT_SUPPORTED);
	size_max = 1 << 20;
	end();
}

static void
a_read_is_described_to_the_device(void)
{
	struct blk_header *header;
	struct vring_desc *d;
	int head;

	REQUIRE(begin(0x202) == KERN_SUCCESS);
	CHECK_EQ(request_submit(&disk, REQUEST_READ, 77, NULL, 3 * 512, 100), KERN_SUCCESS);
	head = device_take();
	REQUIRE(head >= 0);
	d = &disk.ring.desc[head];
	header = (struct blk_header *)(uintptr_t)d->addr;
	CHECK_EQ(header->type, 0);
	CHECK_EQ(header->sector, 77);
	CHECK_EQ(d->len, 16);
	CHECK_EQ(d->flags, VRING_DESC_NEXT);
	d = next_of(d);
	CHECK_EQ(d->len, 3 * 512);
	CHECK_EQ(d->flags, VRING_DESC_NEXT | VRING_DESC_WRITE);
	CHECK_EQ(next_of(d)->len, 1);
	device_finish(head, 0);
	device_interrupt(&disk);
	CHECK_EQ(done_count, 1);
	CHECK_EQ(done_order[0], 100);
	CHECK_EQ(done_result[0], KERN_SUCCESS);
	CHECK_EQ(acks, 1);
	end();
}

/* The device is told where the client's own pages are; as they are neighbours, in one piece. */
static void
a_write_is_taken_from_where_it_is(void)
{
	struct vring_desc *d;
	int head;

	REQUIRE(begin(0x202) == KERN_SUCCESS);
	CHECK_EQ(request_submit(&disk, REQUEST_WRITE, 5, client, BLK_TRANSFER_MAX, 1), KERN_SUCCESS);
	head = device_take();
	d = next_of(&disk.ring.desc[head]);
	CHECK_EQ(d->len, BLK_TRANSFER_MAX);
	CHECK_EQ(d->flags, VRING_DESC_NEXT);
	CHECK_EQ(d->addr, (uintptr_t)client);
	CHECK_EQ(client_protection, VM_PROT_READ);
	CHECK_EQ(pins, 1);
	device_finish(head, 0);
	device_interrupt(&disk);
	CHECK_EQ(done_result[0], KERN_SUCCESS);
	CHECK_EQ(pins, 0);
	end();
}

/* Pages that are not neighbours are pieces of their own; the first and the last may be parts of pages. */
static void
scattered_pages_are_pieces(void)
{
	uint32_t left = BLK_TRANSFER_MAX, in = 512, page = DATA_PIECES_MAX;
	struct vring_desc *d;
	int head;

	REQUIRE(begin(0x202) == KERN_SUCCESS);
	scattered = true;
	CHECK_EQ(request_submit(&disk, REQUEST_WRITE, 5, client + in, left, 1), KERN_SUCCESS);
	head = device_take();
	CHECK_EQ(disk.ring.size - disk.ring.free_count, DATA_PIECES_MAX + 2);
	for (d = next_of(&disk.ring.desc[head]); d->flags & VRING_DESC_NEXT; d = next_of(d)) {
		CHECK_EQ(d->addr, (uintptr_t)client + --page * PAGE + in);
		CHECK_EQ(d->len, PAGE - in < left ? PAGE - in : left);
		CHECK_EQ(d->flags, VRING_DESC_NEXT);
		left -= d->len;
		in = 0;
	}
	CHECK_EQ(left, 0);
	CHECK_EQ(page, 0);
	device_finish(head, 0);
	CHECK_EQ(request_submit(&disk, REQUEST_READ, 9, NULL, 10 * PAGE, 2), KERN_SUCCESS);
	device_work();
	CHECK_EQ(done_count, 2);
	CHECK_EQ(done_result[1], KERN_SUCCESS);
	end();
}

static void
errors_are_errors(void)
{
	REQUIRE(begin(0x202) == KERN_SUCCESS);
	CHECK_EQ(request_submit(&disk, REQUEST_READ, 0, NULL, 512, 1), KERN_SUCCESS);
	CHECK_EQ(request_submit(&disk, REQUEST_FLUSH, 0, NULL, 0, 2), KERN_SUCCESS);
	device_finish(device_take(), 1);
	device_finish(device_take(), 0xff);
	no_memory = true;
	CHECK_EQ(request_submit(&disk, REQUEST_READ, 0, NULL, 512, 3), KERN_RESOURCE_SHORTAGE);
	device_work();
	CHECK_EQ(done_count, 2);
	CHECK_EQ(done_result[0], KERN_MEMORY_ERROR);
	CHECK_EQ(done_result[1], KERN_MEMORY_ERROR);
	CHECK_EQ(pins, 0);
	end();
}

static void
too_many_requests_wait_in_order(void)
{
	unsigned submitted = 0;

	REQUIRE(begin(0x202) == KERN_SUCCESS);
	scattered = true;
	while (request_submit(&disk, REQUEST_READ, submitted, NULL, BLK_TRANSFER_MAX, submitted)
		== KERN_SUCCESS)
		submitted++;
	CHECK_EQ(submitted, REQUESTS_MAX);
	CHECK(disk.waiting != NULL);
	CHECK(disk.ring.free_count < DATA_PIECES_MAX + 2);
	for (unsigned i = 0; i < 200 && done_count < REQUESTS_MAX; i++)
		device_work();
	CHECK_EQ(done_count, REQUESTS_MAX);
	for (unsigned i = 0; i < REQUESTS_MAX; i++)
		CHECK_EQ(done_order[i], i);
	CHECK(disk.waiting == NULL);
	CHECK_EQ(disk.ring.free_count, disk.ring.size);
	CHECK_EQ(pins, 0);
	CHECK_EQ(request_submit(&disk, REQUEST_FLUSH, 0, NULL, 0, 7), KERN_SUCCESS);
	device_work();
	CHECK_EQ(done_order[REQUESTS_MAX], 7);
	end();
}

/* Those that waited and find no memory then are told so; the others go on. */
static void
who_waited_may_find_no_memory(void)
{
	unsigned submitted = 0, started;

	REQUIRE(begin(0x202) == KERN_SUCCESS);
	scattered = true;
	while (submitted < 8
	       && request_submit(&disk, REQUEST_READ, submitted, NULL, BLK_TRANSFER_MAX, submitted)
		== KERN_SUCCESS)
		submitted++;
	started = pins;
	CHECK(started > 0 && started < submitted);
	no_memory = true;
	device_work();
	CHECK_EQ(done_count, submitted);
	for (unsigned i = 0; i < submitted; i++)
		CHECK_EQ(done_result[i], i < started ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE);
	CHECK_EQ(pins, 0);
	CHECK_EQ(disk.ring.free_count, disk.ring.size);
	no_memory = false;
	CHECK_EQ(request_submit(&disk, REQUEST_READ, 1, NULL, 512, 1), KERN_SUCCESS);
	device_work();
	CHECK_EQ(done_result[submitted], KERN_SUCCESS);
	end();
}

static void
requests_finish_in_any_order(void)
{
	enum { REQUESTS = 8 };
	int heads[REQUESTS];

	REQUIRE(begin(0x202) == KERN_SUCCESS);
	for (unsigned i = 0; i < REQUESTS; i++)
		CHECK_EQ(request_submit(&disk, REQUEST_READ, i, NULL, PAGE, i), KERN_SUCCESS);
	for (unsigned i = 0; i < REQUESTS; i++)
		heads[i] = device_take();
	for (unsigned i = REQUESTS; i-- > 0; )
		device_finish(heads[i], 0);
	device_interrupt(&disk);
	CHECK_EQ(done_count, REQUESTS);
	for (unsigned i = 0; i < REQUESTS; i++)
		CHECK_EQ(done_order[i], REQUESTS - 1 - i);
	end();
}

static void
a_device_that_breaks_the_rules_is_reset(void)
{
	REQUIRE(begin(0x202) == KERN_SUCCESS);
	CHECK_EQ(request_submit(&disk, REQUEST_READ, 0, NULL, PAGE, 1), KERN_SUCCESS);
	disk.ring.used->ring[0].id = 200;
	disk.ring.used->idx = 1;
	if (setjmp(panic_return) == 0)
		device_interrupt(&disk);
	CHECK_EQ(panics, 1);
	CHECK_EQ(registers[3 * 0x80 + 0x70 / 4], 0);
	end();
}

int
main(void)
{
	TEST(the_disk_is_found_and_described);
	TEST(a_device_with_small_transfers_is_refused);
	TEST(a_read_is_described_to_the_device);
	TEST(a_write_is_taken_from_where_it_is);
	TEST(scattered_pages_are_pieces);
	TEST(errors_are_errors);
	TEST(too_many_requests_wait_in_order);
	TEST(who_waited_may_find_no_memory);
	TEST(requests_finish_in_any_order);
	TEST(a_device_that_breaks_the_rules_is_reset);
	return unit_done();
}
