/*
 * The split virtqueue. See vring.h.
 *
 * Ordering, the device being another observer of the same coherent memory: descriptors and ring
 * entries are written before the available index (release), the used index is read before the used
 * entries (acquire), and the available index is written before the used flags are read (full
 * fence), so that either the device sees the new requests or we see that it wants a notification.
 */
#include "virtio/vring.h"

static size_t
round_up(size_t n, size_t unit)
{
	return (n + unit - 1) & ~(unit - 1);
}

struct vring_layout
vring_layout(uint16_t size)
{
	struct vring_layout l;

	/* Behind each ring stands one more 16-bit word, for a feature that we do not use. */
	l.avail = size * sizeof(struct vring_desc);
	l.used = round_up(l.avail + sizeof(struct vring_avail) + (size + 1u) * sizeof(uint16_t), 4);
	l.total = round_up(l.used + sizeof(struct vring_used) +
				   size * sizeof(struct vring_used_element) + sizeof(uint16_t),
		4);
	return l;
}

void
vring_init(struct vring *ring, void *memory, uint16_t size)
{
	struct vring_layout l = vring_layout(size);

	*ring = (struct vring){ .size = size, .free_count = size };
	ring->desc = memory;
	ring->avail = (struct vring_avail *)((uint8_t *)memory + l.avail);
	ring->used = (struct vring_used *)((uint8_t *)memory + l.used);
	for (uint16_t i = 0; i < size; i++)
		ring->next[i] = (uint16_t)(i + 1);
}

bool
vring_add(struct vring *ring, const struct vring_piece *pieces, unsigned count, void *token)
{
	uint16_t head = ring->free_head, at = head;

	if (count == 0 || count > ring->free_count)
		return false;
	for (unsigned i = 0; i < count; i++) {
		bool last = i + 1 == count;

		ring->desc[at] = (struct vring_desc){
			.addr = pieces[i].physical,
			.len = pieces[i].length,
			.flags = (uint16_t)((pieces[i].device_writes ? VRING_DESC_WRITE : 0) |
					    (last ? 0 : VRING_DESC_NEXT)),
			.next = last ? 0 : ring->next[at],
		};
		at = ring->next[at];
	}
	ring->free_head = at;
	ring->free_count = (uint16_t)(ring->free_count - count);
	ring->chain[head] = (uint16_t)count;
	ring->token[head] = token;
	ring->avail->ring[ring->added++ & (ring->size - 1)] = head;
	return true;
}

bool
vring_publish(struct vring *ring)
{
	__atomic_store_n(&ring->avail->idx, ring->added, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(__atomic_load_n(&ring->used->flags, __ATOMIC_RELAXED) & VRING_USED_NO_NOTIFY);
}

/* Puts a request's descriptors back on the free list. Returns its token. */
static void *
release(struct vring *ring, uint16_t head)
{
	void *token = ring->token[head];
	uint16_t last = head;

	for (unsigned i = 1; i < ring->chain[head]; i++)
		last = ring->next[last];
	ring->next[last] = ring->free_head;
	ring->free_head = head;
	ring->free_count = (uint16_t)(ring->free_count + ring->chain[head]);
	ring->chain[head] = 0;
	ring->token[head] = NULL;
	return token;
}

void *
vring_take(struct vring *ring, uint32_t *written)
{
	uint16_t idx = __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE);
	struct vring_used_element e;

	if (ring->broken || idx == ring->taken)
		return NULL;
	e.id = __atomic_load_n(&ring->used->ring[ring->taken & (ring->size - 1)].id,
		__ATOMIC_RELAXED);
	e.len = __atomic_load_n(&ring->used->ring[ring->taken & (ring->size - 1)].len,
		__ATOMIC_RELAXED);
	if ((uint16_t)(idx - ring->taken) > ring->size || e.id >= ring->size ||
		ring->chain[e.id] == 0) {
		ring->broken = true;
		return NULL;
	}
	ring->taken++;
	*written = e.len;
	return release(ring, (uint16_t)e.id);
}

void *
vring_abandon(struct vring *ring)
{
	for (uint16_t i = 0; i < ring->size; i++)
		if (ring->chain[i] != 0)
			return release(ring, i);
	return NULL;
}
