/*
 * What /etc/hosts, /etc/services and /etc/protocols have in common: lines of words between blanks, `#` begins a comment.
 */
#ifndef LIB_LIBC_NETDB_TABLE_H
#define LIB_LIBC_NETDB_TABLE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

#define TABLE_LINE	1024		/* bytes of a line that are looked at */
#define TABLE_WORDS	34

struct table_line {
	char text[TABLE_LINE];
	char *words[TABLE_WORDS + 1];	/* then NULL, so that its end is a list of aliases */
	int count;
};

/* The next line that has at least two words; false: the end of the file. */
bool __table_next(FILE *file, struct table_line *line);

/* Whether a list of words that ends in NULL has this one. */
bool __table_has(char *const *words, const char *word);

struct host_address {
	int family;			/* AF_INET, AF_INET6 */
	uint8_t bytes[sizeof(struct in6_addr)];
};

/* An address in text form; for IPv4 also the forms of inet_aton if `any_form`. */
bool __host_address(const char *text, bool any_form, struct host_address *address);

/*
 * The addresses of a name in /etc/hosts, of a family or of both (AF_UNSPEC), at most `most`. Returns how many; the name that stands first
 * beside the first of them is copied to `canonical`, of TABLE_LINE bytes.
 */
int __host_search(const char *name, int family, struct host_address *found, int most, char *canonical);

/* The name of an address in /etc/hosts, into a buffer of TABLE_LINE bytes; false: it has none. */
bool __host_name(const struct host_address *address, char *name);

/* The port (the most significant byte first) of a service with a protocol in /etc/services, -1: there is none. Keeps no file open. */
int __service_port(const char *name, const char *protocol);

/* The name of a service, of TABLE_LINE bytes. */
bool __service_name(int port, const char *protocol, char *name);

#endif
