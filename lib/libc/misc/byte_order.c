/* The network's byte order: both machines have the other one. */
#include <netinet/in.h>

uint32_t
htonl(uint32_t host)
{
	return __builtin_bswap32(host);
}

uint16_t
htons(uint16_t host)
{
	return __builtin_bswap16(host);
}

uint32_t
ntohl(uint32_t net)
{
	return __builtin_bswap32(net);
}

uint16_t
ntohs(uint16_t net)
{
	return __builtin_bswap16(net);
}
