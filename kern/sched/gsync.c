/*
 * gsync: waiting on a word of user memory, for user-level locks (MACH.md "gsync").
 *
 * Waiters stand in a hash table of buckets by key. The bucket's lock makes compare-and-enqueue atomic against gsync_wake. The word is read with
 * the lock held only if its page is resident; otherwise the lock is dropped, the page faulted in, and everything starts over.
 */
#include "trap/handlers.h"

#include "sched/gsync.h"

#include "arch/timer.h"
#include "arch/usercopy.h"
#include "sched/cpu.h"
#include "sched/sched.h"
#include "sync/waitq.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/vm.h"

#define BUCKETS		64
#define STAY_NS		50000		/* a woken thread stays with its waker's CPU that long */
#define NS_PER_MS	1000000ull

struct bucket {
	struct spinlock lock;
	struct waitq queue;		/* waiter.data: the struct gsync_key waited for */
};

static struct bucket buckets[BUCKETS];

void
gsync_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		spin_init(&buckets[i].lock, "gsync", RANK_GSYNC);
		waitq_init(&buckets[i].queue);
	}
}

static struct bucket *
bucket_of(const struct gsync_key *key)
{
	return &buckets[((key->space >> 6) ^ (key->offset >> 2) ^ (key->offset >> 12)) % BUCKETS];
}

static bool
same_key(const struct gsync_key *a, const struct gsync_key *b)
{
	return a->space == b->space && a->offset == b->offset;
}

/* Reads the word with the bucket locked; on failure unlocks, faults the page in, and says so. */
static kern_return_t
read_locked(struct bucket *bucket, uint64_t address, uint32_t *value)
{
	if (copyin_word_nofault(value, address))
		return KERN_SUCCESS;
	spin_unlock(&bucket->lock);
	return copyin(value, address, sizeof(*value)) ? KERN_ABORTED : KERN_INVALID_ADDRESS;
}

kern_return_t
trap_gsync_wait(uint32_t *user_address, uint32_t expected, mach_msg_timeout_t timeout_ms, uint32_t flags)
{
	uint64_t address = (uintptr_t)user_address;
	uint64_t deadline = (flags & GSYNC_TIMEOUT) != 0 ? timer_now() + timeout_ms * NS_PER_MS : WAIT_FOREVER;
	struct gsync_key key;
	struct bucket *bucket;
	enum wait_result result;
	uint32_t value;
	kern_return_t kr;

	if ((flags & ~(GSYNC_SHARED | GSYNC_TIMEOUT)) != 0 || (address & 3) != 0)
		return KERN_INVALID_ARGUMENT;
	do {
		kr = vm_gsync_key(current_task()->map, address, (flags & GSYNC_SHARED) != 0, &key);
		if (kr != KERN_SUCCESS)
			return kr;
		bucket = bucket_of(&key);
		spin_lock(&bucket->lock);
		kr = read_locked(bucket, address, &value);
		if (kr == KERN_INVALID_ADDRESS)
			return kr;
	} while (kr == KERN_ABORTED && !thread_should_die(current_thread()));
	if (kr != KERN_SUCCESS)
		return KERN_ABORTED;
	if (value != expected) {
		spin_unlock(&bucket->lock);
		return KERN_SUCCESS;
	}
	result = waitq_wait(&bucket->queue, &bucket->lock, deadline, WAIT_INTERRUPTIBLE, "gsync", &key);
	spin_unlock(&bucket->lock);
	return result == WAIT_WOKEN ? KERN_SUCCESS : result == WAIT_TIMED_OUT ? KERN_OPERATION_TIMED_OUT : KERN_ABORTED;
}

/* Takes up to `count` waiters with that key off the queue and makes them runnable here. */
static void
wake_matching(struct bucket *bucket, const struct gsync_key *key, uint32_t count)
{
	struct waiter *waiter, *following;
	uint64_t stay = timer_now() + STAY_NS;

	list_for_each_safe(waiter, following, &bucket->queue.waiters, link) {
		struct thread *thread = waiter->thread;

		if (count == 0)
			break;
		if (!same_key(waiter->data, key))
			continue;
		list_remove(&waiter->link);
		if (!waitq_claim_thread(thread, WAIT_WOKEN, WAIT_INTERRUPTIBLE))
			continue;
		sched_make_runnable_here(thread, stay);
		count--;
	}
}

kern_return_t
trap_gsync_wake(uint32_t *user_address, uint32_t count, uint32_t flags)
{
	uint64_t address = (uintptr_t)user_address;
	struct gsync_key key;
	struct bucket *bucket;
	kern_return_t kr;

	if ((flags & ~GSYNC_SHARED) != 0 || (address & 3) != 0)
		return KERN_INVALID_ARGUMENT;
	kr = vm_gsync_key(current_task()->map, address, (flags & GSYNC_SHARED) != 0, &key);
	if (kr != KERN_SUCCESS)
		return kr;
	bucket = bucket_of(&key);
	spin_lock(&bucket->lock);
	wake_matching(bucket, &key, count);
	spin_unlock(&bucket->lock);
	return KERN_SUCCESS;
}
