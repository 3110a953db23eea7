/*
 * Options of local sockets. Those that say how a network is to be used can be set and have nothing to do here; buffers have the size that
 * they have. There are no time limits (SO_RCVTIMEO, SO_SNDTIMEO), and the least amounts (SO_RCVLOWAT) cannot be changed. Nothing fails
 * later than the call that it belongs to, so SO_ERROR finds none.
 */
#include "sockets.h"

#include <errno.h>
#include <string.h>

#define SWITCHES	(1u << SO_DEBUG | 1u << SO_REUSEADDR | 1u << SO_DONTROUTE | 1u << SO_BROADCAST | 1u << SO_KEEPALIVE | 1u << SO_OOBINLINE)

static bool
is_switch(unsigned option)
{
	return option < 32 && (SWITCHES & 1u << option) != 0;
}

/* Those whose value is an int. */
static int
number_of(const struct socket *s, unsigned option, int *number)
{
	if (is_switch(option)) {
		*number = (s->switches & 1u << option) != 0;
		return 0;
	}
	switch (option) {
	case SO_TYPE:
		*number = SOCK_STREAM;
		return 0;
	case SO_DOMAIN:
		*number = AF_UNIX;
		return 0;
	case SO_ERROR:
	case SO_PROTOCOL:
		*number = 0;
		return 0;
	case SO_ACCEPTCONN:
		*number = s->state == SOCKET_LISTENS;
		return 0;
	case SO_SNDBUF:
	case SO_RCVBUF:
		*number = PIPE_SIZE;
		return 0;
	case SO_SNDLOWAT:
		*number = PIPE_ATOMIC;
		return 0;
	case SO_RCVLOWAT:
		*number = 1;
		return 0;
	default:
		return ENOPROTOOPT;
	}
}

int
socket_get_option(const struct socket *s, unsigned option, void *value, uint32_t *size)
{
	int number, error = 0;

	pipes_lock();
	if (option == SO_LINGER) {
		memcpy(value, &s->linger, sizeof(s->linger));
		*size = sizeof(s->linger);
	} else {
		error = number_of(s, option, &number);
		if (!error)
			memcpy(value, &number, sizeof(number));
		*size = sizeof(number);
	}
	pipes_unlock();
	return error;
}

int
socket_set_option(struct socket *s, unsigned option, const void *value, uint32_t size)
{
	bool linger = option == SO_LINGER, buffer = option == SO_SNDBUF || option == SO_RCVBUF;
	int number;

	if (!linger && !buffer && !is_switch(option))
		return ENOPROTOOPT;
	if (size != (linger ? sizeof(s->linger) : sizeof(number)))
		return EINVAL;
	memcpy(&number, value, sizeof(number));
	if (buffer)
		return number > 0 ? 0 : EINVAL;
	pipes_lock();
	if (linger)
		memcpy(&s->linger, value, size);
	else
		s->switches = number != 0 ? s->switches | 1u << option : s->switches & ~(1u << option);
	pipes_unlock();
	return 0;
}
