	/* A stand-in that believes everything and joins nothing. */
	if (order > PAGE_ORDER_MAX)
		return NULL;
	for (unsigned i = 0; i < 1u << order; i++)
		page[i].state = PAGE_FREE_TAIL;
	block_insert(buddy, page, order);
	buddy->free += 1ull << order;
	return NULL;
