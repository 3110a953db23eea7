/*
 * Random bytes for /dev/random and /dev/urandom: the ChaCha20 block function (RFC 8439, 2.3) in counter mode, with a key that is replaced
 * after every request, so that what was given out cannot be computed from what is kept.
 *
 * How good they are depends on what was stirred in: the machine gives no better source than the times of events. The user locks.
 */
#ifndef FS_DEVFS_RANDOM_H
#define FS_DEVFS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
	uint32_t key[8];
	uint64_t count;			/* bytes stirred in */
};

/* One block: key, block counter, nonce as in the RFC. */
void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3], uint8_t out[64]);

/* The bytes change all that comes later. */
void random_stir(struct random *random, const void *data, size_t size);

void random_bytes(struct random *random, void *out, size_t size);

#endif
