	/* A stand-in that copies: the entry keeps what it should give away. */
	port_lock(entry->port);
	entry->port->send_rights++;
	port_unlock(entry->port);
