// SOURCES: lib/virtio/vring.c lib/virtio/virtio.c
/*
 * The virtqueue and the MMIO transport against a simulated device, also one that breaks the rules.
 */
#include "unit.h"
#include "virtio/virtio.h"

#include <stdlib.h>

#define SIZE 8

/* --- the simulated device: registers, and what it does with a queue --- */

struct simulated {
	struct virtio_device dev;
	uint32_t magic, version, id, status, select, driver_select, queue_max, irq, acked, notified;
	uint64_t offered, agreed;
	uint32_t queue_num, ready, generation, unstable;
	uint32_t address[6];
	bool refuses_features;
	uint32_t config[2];
};

static uint32_t
simulated_read(struct virtio_device *dev, uint32_t offset)
{
	struct simulated *s = (struct simulated *)dev;

	switch (offset) {
	case 0x000: return s->magic;
	case 0x004: return s->version;
	case 0x008: return s->id;
	case 0x010: return (uint32_t)(s->offered >> 32 * s->select);
	case 0x034: return s->queue_max;
	case 0x044: return s->ready;
	case 0x060: return s->irq;
	case 0x070: return s->status;
	case 0x0fc: return s->unstable ? s->unstable--, s->generation++ : s->generation;
	case 0x100: return s->config[0];
	case 0x104: return s->config[1];
	default: return 0xdeadbeef;
	}
}

static void
simulated_write(struct virtio_device *dev, uint32_t offset, uint32_t value)
{
	struct simulated *s = (struct simulated *)dev;

	switch (offset) {
	case 0x014: s->select = value; break;
	case 0x020: s->agreed |= (uint64_t)value << 32 * s->driver_select; break;
	case 0x024: s->driver_select = value; break;
	case 0x038: s->queue_num = value; break;
	case 0x044: s->ready = value; break;
	case 0x050: s->notified++; break;
	case 0x064: s->irq &= ~value; s->acked |= value; break;
	case 0x070: s->status = s->refuses_features ? value & ~8u : value; break;
	case 0x080: case 0x084: s->address[(offset - 0x080) / 4] = value; break;
	case 0x090: case 0x094: s->address[(offset - 0x090) / 4 + 2] = value; break;
	case 0x0a0: case 0x0a4: s->address[(offset - 0x0a0) / 4 + 4] = value; break;
	}
}

static const struct virtio_bus simulated_bus = { simulated_read, simulated_write };

static struct simulated
simulated(void)
{
	return (struct simulated){
		.dev = {.bus = &simulated_bus},
		.magic = 0x74726976,
		.version = 2,
		.id = 2,
		.queue_max = 1024,
		.offered = VIRTIO_F_VERSION_1 | 0x246,
	};
}

static struct vring ring;
static void *memory;
static uint16_t device_seen, device_used;

static void
ring_begin(void)
{
	memory = aligned_alloc(VRING_ALIGN, (vring_layout(SIZE).total + 15) & ~15ul);
	memset(memory, 0, vring_layout(SIZE).total);
	vring_init(&ring, memory, SIZE);
	device_seen = device_used = 0;
}

/* The device takes the next request. Returns its head, or -1. */
static int
device_take(void)
{
	if (device_seen == ring.avail->idx)
		return -1;
	return ring.avail->ring[device_seen++ % SIZE];
}

static void
device_finish(uint32_t head, uint32_t written)
{
	ring.used->ring[device_used++ % SIZE] = (struct vring_used_element){ head, written };
	ring.used->idx = device_used;
}

static char tokens[64];

static bool
add(unsigned token, unsigned count)
{
	struct vring_piece pieces[SIZE + 1];

	for (unsigned i = 0; i < count; i++)
		pieces[i] = (struct vring_piece){ 0x1000 * token + i, 512, i > 0 };
	return vring_add(&ring, pieces, count, &tokens[token]);
}

/* --- tests --- */

static void
the_layout_is_the_specified_one(void)
{
	struct vring_layout l = vring_layout(256);

	CHECK_EQ(l.avail, 4096);
	CHECK_EQ(l.used, 4096 + 4 + 512 + 2 + 2);
	CHECK_EQ(l.total, l.used + 4 + 2048 + 4);
}

static void
a_chain_is_described(void)
{
	int head;
	struct vring_desc d;

	ring_begin();
	CHECK(add(3, 3));
	CHECK_EQ(device_take(), -1);		/* not published yet */
	CHECK(vring_publish(&ring));
	head = device_take();
	REQUIRE(head >= 0);
	d = ring.desc[head];
	CHECK_EQ(d.addr, 0x3000);
	CHECK_EQ(d.len, 512);
	CHECK_EQ(d.flags, VRING_DESC_NEXT);
	d = ring.desc[d.next];
	CHECK_EQ(d.addr, 0x3001);
	CHECK_EQ(d.flags, VRING_DESC_NEXT | VRING_DESC_WRITE);
	d = ring.desc[d.next];
	CHECK_EQ(d.addr, 0x3002);
	CHECK_EQ(d.flags, VRING_DESC_WRITE);
	free(memory);
}

static void
requests_come_back_in_any_order(void)
{
	uint32_t written;
	int first, second;

	ring_begin();
	CHECK(add(1, 3));
	CHECK(add(2, 2));
	vring_publish(&ring);
	first = device_take();
	second = device_take();
	CHECK(vring_take(&ring, &written) == NULL);
	device_finish(second, 22);
	CHECK(vring_take(&ring, &written) == &tokens[2]);
	CHECK_EQ(written, 22);
	CHECK(vring_take(&ring, &written) == NULL);
	device_finish(first, 11);
	CHECK(vring_take(&ring, &written) == &tokens[1]);
	CHECK_EQ(ring.free_count, SIZE);
	free(memory);
}

static void
a_full_ring_refuses(void)
{
	uint32_t written;

	ring_begin();
	CHECK(!add(1, 0));
	CHECK(!add(1, SIZE + 1));
	CHECK(add(1, 5));
	CHECK(!add(2, 4));
	CHECK(add(3, 3));
	CHECK(!add(4, 1));
	vring_publish(&ring);
	device_finish(device_take(), 0);
	CHECK(vring_take(&ring, &written) == &tokens[1]);
	CHECK(add(4, 5));
	free(memory);
}

static void
indexes_wrap_around(void)
{
	unsigned wrong = 0;
	uint32_t written;

	ring_begin();
	for (unsigned i = 0; i < 200000; i++) {
		unsigned n = 1 + i % 3;

		wrong += !add(1, n);
		wrong += !add(2, 4 - n);
		vring_publish(&ring);
		device_finish(device_take(), i);
		device_finish(device_take(), i);
		wrong += vring_take(&ring, &written) != &tokens[1];
		wrong += vring_take(&ring, &written) != &tokens[2] || written != i;
	}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(ring.free_count, SIZE);
	free(memory);
}

static void
the_device_may_decline_notifications(void)
{
	ring_begin();
	ring.used->flags = VRING_USED_NO_NOTIFY;
	CHECK(add(1, 1));
	CHECK(!vring_publish(&ring));
	free(memory);
}

/* Lets the device report something it must not; the ring must be broken and give nothing back. */
static void
breaks(uint32_t id, uint16_t idx)
{
	uint32_t written;

	ring_begin();
	CHECK(add(1, 2));
	vring_publish(&ring);
	device_finish(id, 0);
	ring.used->idx = idx;
	CHECK(vring_take(&ring, &written) == NULL);
	CHECK(ring.broken);
	CHECK(vring_abandon(&ring) == &tokens[1]);
	CHECK(vring_abandon(&ring) == NULL);
	CHECK_EQ(ring.free_count, SIZE);
	free(memory);
}

static void
a_hostile_device_cannot_mislead(void)
{
	uint32_t written;

	breaks(SIZE, 1);
	breaks(0xffffffff, 1);
	breaks(1, 1);			/* the middle of a chain */
	breaks(5, 1);			/* a free descriptor */
	breaks(0, SIZE + 1);
	breaks(0, 0xffff);
	ring_begin();
	CHECK(add(1, 1));
	vring_publish(&ring);
	device_finish(0, 0);
	device_finish(0, 0);
	CHECK(vring_take(&ring, &written) == &tokens[1]);
	CHECK(vring_take(&ring, &written) == NULL);
	CHECK(ring.broken);
	free(memory);
}

static void
probing_tells_devices_apart(void)
{
	struct simulated s = simulated();

	CHECK_EQ(virtio_probe(&s.dev), VIRTIO_ID_BLOCK);
	s.id = 0;
	CHECK_EQ(virtio_probe(&s.dev), VIRTIO_ID_NONE);
	s.id = 2;
	s.version = 1;
	CHECK_EQ(virtio_probe(&s.dev), VIRTIO_ID_NONE);
	s.version = 2;
	s.magic = 0;
	CHECK_EQ(virtio_probe(&s.dev), VIRTIO_ID_NONE);
}

static void
features_are_agreed_on(void)
{
	struct simulated s = simulated();
	uint64_t accepted;

	s.status = 0x87;
	CHECK(virtio_negotiate(&s.dev, 0x1202, &accepted));
	CHECK_EQ(accepted, VIRTIO_F_VERSION_1 | 0x202);
	CHECK_EQ(s.agreed, accepted);
	CHECK_EQ(s.status, 1 | 2 | 8);
	CHECK(virtio_go(&s.dev));
	CHECK_EQ(s.status, 15);
	s = simulated();
	s.refuses_features = true;
	CHECK(!virtio_negotiate(&s.dev, 0, &accepted));
	CHECK(s.status & 0x80);
	s = simulated();
	s.offered = 0x246;
	CHECK(!virtio_negotiate(&s.dev, 0x246, &accepted));
}

static void
queues_are_set_up(void)
{
	struct simulated s = simulated();

	CHECK_EQ(virtio_queue_size(&s.dev, 0), 256);
	s.queue_max = 100;
	CHECK_EQ(virtio_queue_size(&s.dev, 0), 64);
	s.queue_max = 0;
	CHECK_EQ(virtio_queue_size(&s.dev, 0), 0);
	virtio_queue_start(&s.dev, 0, 64, 0x123456000);
	CHECK_EQ(s.queue_num, 64);
	CHECK_EQ(s.ready, 1);
	CHECK_EQ(s.address[0], 0x23456000);
	CHECK_EQ(s.address[1], 1);
	CHECK_EQ(s.address[2], 0x23456000 + 1024);
	CHECK_EQ(s.address[4], 0x23456000 + vring_layout(64).used);
	CHECK_EQ(s.address[5], 1);
	s.queue_max = 256;
	CHECK_EQ(virtio_queue_size(&s.dev, 0), 0);	/* in use */
}

static void
interrupts_and_configuration(void)
{
	struct simulated s = simulated();
	uint32_t words[2] = { 0, 0 };

	s.irq = 3;
	CHECK_EQ(virtio_irq_take(&s.dev), 3);
	CHECK_EQ(s.irq, 0);
	s.config[0] = 7;
	s.config[1] = 9;
	s.unstable = 5;
	virtio_config_read(&s.dev, 0, words, 2);
	CHECK_EQ(words[0], 7);
	CHECK_EQ(words[1], 9);
	virtio_notify(&s.dev, 0);
	CHECK_EQ(s.notified, 1);
}

int
main(void)
{
	TEST(the_layout_is_the_specified_one);
	TEST(a_chain_is_described);
	TEST(requests_come_back_in_any_order);
	TEST(a_full_ring_refuses);
	TEST(indexes_wrap_around);
	TEST(the_device_may_decline_notifications);
	TEST(a_hostile_device_cannot_mislead);
	TEST(probing_tells_devices_apart);
	TEST(features_are_agreed_on);
	TEST(queues_are_set_up);
	TEST(interrupts_and_configuration);
	return unit_done();
}
