/*
 * Who of a pool may wait: see service_wait_place in service.h.
 *
 *	a message -> handled, without a place as long as it need not wait -> answered
 *	                 | has to wait, a place is free: takes it to the message's end
 *	                 | has to wait, none is free: MIG_LATER
 *	                 v
 *	             put aside, oldest first -> handled again by who is done waiting, in his place
 *
 * There are fewer places than threads, so some threads never wait for long: they find out what needs no wait, and put the rest aside. A
 * thread that has a place never waits for one, and a request that is put aside holds nothing: so those who have places get done.
 *
 * Invariant, under the lock: while anything is put aside all places are taken; a place is given back when nothing is left. The lock is held
 * over nothing: who waits for memory with it might hold up those who give some back.
 */
#include "mach/service_internal.h"
#include "mach/heap.h"

#include <string.h>

#define ASIDE_MOST (1u << 20)	/* bytes of requests put aside; who finds no room for his waits for it */

struct service_request {
	struct service_request *next;
	uint64_t identity;		/* of its port */
	uint32_t size;
	_Alignas(16) uint8_t message[];	/* with the trailer */
};

_Thread_local enum service_place service_place;

/* Conditions: lock held. */
static bool
take_place(struct service *s)
{
	if (s->places + SERVICE_SPARE >= s->most)
		return false;
	s->places++;
	return true;
}

bool
service_wait_place(void)
{
	struct service *s = service_pool;

	if (s == NULL || s->most == 0 || service_place == SERVICE_PLACE)
		return true;
	mutex_lock(&s->lock);
	service_place = take_place(s) ? SERVICE_PLACE : SERVICE_REFUSED;
	mutex_unlock(&s->lock);
	return service_place == SERVICE_PLACE;
}

void
service_want_errand(void)
{
	struct service *s = service_pool;

	mutex_lock(&s->lock);
	s->errand_wanted = true;
	mutex_unlock(&s->lock);
}

/* A copy of a request, made with no lock: it may have to wait for memory. NULL: there is none. */
static struct service_request *
copy_of(struct service *s, const struct mig_request *rq)
{
	uint32_t size = mig_pad(rq->request->msgh_size) + MACH_MSG_TRAILER_SIZE;
	struct service_request *r = heap_alloc(sizeof(*r) + size);

	if (r == NULL)
		return NULL;
	r->next = NULL;
	r->identity = s->identity != NULL ? s->identity(rq->port) : 0;
	r->size = size;
	memcpy(r->message, rq->request, size);
	return r;
}

/* Conditions: lock held. Returns false: there is no room. */
static bool
put_aside(struct service *s, struct service_request *r)
{
	if (s->aside_bytes + r->size > ASIDE_MOST)
		return false;
	*(s->aside != NULL ? &s->aside_last->next : &s->aside) = r;
	s->aside_last = r;
	s->aside_bytes += r->size;
	return true;
}

/* Conditions: lock held. NULL: nothing was put aside. */
static struct service_request *
take_up(struct service *s)
{
	struct service_request *r = s->aside;

	if (r == NULL)
		return NULL;
	s->aside = r->next;
	s->aside_bytes -= r->size;
	condition_broadcast(&s->room);
	return r;
}

static void
handle_again(struct service *s, struct mig_request *rq)
{
	mig_request_init(rq, rq->request, rq->reply);
	service_handle(s, rq);
}

/* Whoever asked may be gone meanwhile: then the disk is not asked for his sake. */
static bool
is_awaited(const struct mig_request *rq)
{
	mach_port_type_t type = 0;

	return mach_port_type(mach_task_self(), rq->reply_port, &type) != KERN_SUCCESS || !(type & MACH_PORT_TYPE_DEAD_NAME);
}

/* Handles what was put aside. The port it came to may be gone since, and its name another's. */
static void
handle_aside(struct service *s, struct service_request *r, struct mig_request *rq)
{
	memcpy(rq->request, r->message, r->size);
	mig_request_init(rq, rq->request, rq->reply);
	if (s->identity != NULL && s->identity(rq->port) != r->identity)
		rq->port = MACH_PORT_NULL;
	heap_free(r);
	if (is_awaited(rq))
		service_handle(s, rq);
	else
		mig_destroy(rq->request);
}

/* The thread has a place. Conditions: lock held, dropped meanwhile. */
static void
use_place(struct service *s, struct mig_request *rq)
{
	for (;;) {
		bool again = rq->later, errand = s->errand_wanted;
		struct service_request *r = again || errand ? NULL : take_up(s);

		if (!again && !errand && r == NULL)
			return;
		if (!again)
			s->errand_wanted = false;
		mutex_unlock(&s->lock);
		if (again) {
			handle_again(s, rq);
		} else if (errand) {
			s->errand();
		} else {
			mig_send_reply(rq);
			handle_aside(s, r, rq);
		}
		mutex_lock(&s->lock);
	}
}

/* Returns true with a place; false: what is to be handled later was put aside. Conditions: lock held, dropped while there is neither. */
static bool
place_or_aside(struct service *s, struct service_request **later)
{
	while (!take_place(s)) {
		if (*later != NULL && put_aside(s, *later)) {
			*later = NULL;
			return false;
		}
		condition_wait(&s->room, &s->lock);
	}
	return true;
}

void
service_settle(struct service *s, struct mig_request *rq)
{
	struct service_request *copy = rq->later && service_place == SERVICE_REFUSED ? copy_of(s, rq) : NULL;
	bool has = service_place == SERVICE_PLACE;

	mutex_lock(&s->lock);
	if (!has)
		has = rq->later ? place_or_aside(s, &copy) : take_place(s);
	if (has) {
		service_place = SERVICE_PLACE;
		use_place(s, rq);
		s->places--;
		condition_broadcast(&s->room);
	}
	service_place = SERVICE_NO_PLACE;
	mutex_unlock(&s->lock);
	heap_free(copy);
}
