/*
 * What the server loop (service.c) and the places to wait (service_place.c) share.
 */
#ifndef LIB_MACH_SERVICE_INTERNAL_H
#define LIB_MACH_SERVICE_INTERNAL_H

#include "mach/service.h"

#define SERVICE_SPARE	2u	/* threads of a pool that do not wait, if it may have so many */

extern _Thread_local struct service *service_pool;	/* that the thread is of */

/* What service_wait_place has said while the thread handled its message. */
enum service_place { SERVICE_NO_PLACE, SERVICE_PLACE, SERVICE_REFUSED };
extern _Thread_local enum service_place service_place;

/*
 * After a message for which a place was asked: one that is to be handled later is put aside, or handled now if a place has become free;
 * who has a place takes up what was put aside until nothing is left, and gives the place back.
 * Returns: with what there is to send in *rq, and without a place.
 */
void
service_settle(struct service *service, struct mig_request *rq);

#endif
