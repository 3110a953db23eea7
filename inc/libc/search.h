/* Tables, trees and queues (POSIX.1-2017 <search.h>, the X/Open option but for lfind, lsearch and the others that POSIX took over). */
#ifndef _SEARCH_H
#define _SEARCH_H

#include <bits/features.h>
#define __need_size_t
#include <stddef.h>

typedef struct entry {
	char *key;
	void *data;
} ENTRY;

typedef enum { FIND, ENTER } ACTION;
typedef enum { preorder, postorder, endorder, leaf } VISIT;

int hcreate(size_t count);
void hdestroy(void);
ENTRY *hsearch(ENTRY item, ACTION action);

#ifdef _MACHR_GNU
/* Tables of the program's own, all zero to begin with. 0: ENOMEM; ESRCH: FIND finds nothing; EINVAL: the table is there already. */
struct hsearch_data {
	struct __hash_node **__lists;
	size_t __size;
};

int hcreate_r(size_t count, struct hsearch_data *table);
int hsearch_r(ENTRY item, ACTION action, ENTRY **found, struct hsearch_data *table);
void hdestroy_r(struct hsearch_data *table);
#endif

void *tsearch(const void *key, void **root, int (*compare)(const void *, const void *));
void *tfind(const void *key, void *const *root, int (*compare)(const void *, const void *));
void *tdelete(const void *__restrict key, void **__restrict root, int (*compare)(const void *, const void *));
void twalk(const void *root, void (*visit)(const void *, VISIT, int));
#ifdef _MACHR_GNU
void tdestroy(void *root, void (*release)(void *));
#endif

void *lfind(const void *key, const void *base, size_t *count, size_t size, int (*compare)(const void *, const void *));
void *lsearch(const void *key, void *base, size_t *count, size_t size, int (*compare)(const void *, const void *));
void insque(void *element, void *before);
void remque(void *element);

#endif
