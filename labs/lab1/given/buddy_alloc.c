	/* A stand-in that wastes memory: cuts a block of the largest order into equal pieces. */
	unsigned have = order <= PAGE_ORDER_MAX && list_empty(&buddy->lists[order]) ? PAGE_ORDER_MAX : order;
	struct page *page;

	if (order > PAGE_ORDER_MAX || list_empty(&buddy->lists[have]))
		return NULL;
	page = list_entry(list_first(&buddy->lists[have]), struct page, link);
	block_remove(buddy, page);
	for (unsigned i = 1u << order; i < 1u << have; i += 1u << order)
		block_insert(buddy, page + i, order);
	for (unsigned i = 0; i < 1u << order; i++)
		page[i].state = PAGE_USED;
	page->order = order;
	buddy->free -= 1ull << order;
	return page;
