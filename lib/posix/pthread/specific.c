/*
 * Thread-specific data. A key's version changes when it is deleted, so that values left in other threads do not appear under the next
 * key with the same number; even versions are free.
 */
#include "specific.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "posix/lock.h"

#define KEYS	PTHREAD_KEYS_MAX
#define ROUNDS	4		/* PTHREAD_DESTRUCTOR_ITERATIONS */

struct key {
	uint32_t version;
	void (*destructor)(void *);
};

struct value {
	uint32_t version;
	void *value;
};

static struct libc_lock lock;		/* guards changes of keys */
static struct key keys[KEYS];
static _Thread_local struct value values[KEYS];

static bool
in_use(pthread_key_t key)
{
	return key < KEYS && (keys[key].version & 1) != 0;
}

int
pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
	int error = EAGAIN;

	__lock_take(&lock);
	for (pthread_key_t k = 0; k < KEYS && error != 0; k++)
		if (!in_use(k)) {
			keys[k].destructor = destructor;
			__atomic_add_fetch(&keys[k].version, 1, __ATOMIC_RELEASE);
			*key = k;
			error = 0;
		}
	__lock_release(&lock);
	return error;
}

int
pthread_key_delete(pthread_key_t key)
{
	int error = EINVAL;

	__lock_take(&lock);
	if (in_use(key)) {
		__atomic_add_fetch(&keys[key].version, 1, __ATOMIC_RELEASE);
		error = 0;
	}
	__lock_release(&lock);
	return error;
}

void *
pthread_getspecific(pthread_key_t key)
{
	return in_use(key) && values[key].version == keys[key].version ? values[key].value : NULL;
}

int
pthread_setspecific(pthread_key_t key, const void *value)
{
	if (!in_use(key))
		return EINVAL;
	values[key] = (struct value){ keys[key].version, (void *)value };
	return 0;
}

static bool
destroy_once(void)
{
	bool any = false;

	for (pthread_key_t k = 0; k < KEYS; k++) {
		void *value = pthread_getspecific(k);

		if (value == NULL)
			continue;
		values[k].value = NULL;
		if (keys[k].destructor != NULL) {
			keys[k].destructor(value);
			any = true;
		}
	}
	return any;
}

void
__specific_destroy(void)
{
	for (int round = 0; round < ROUNDS && destroy_once(); round++)
		continue;
}
