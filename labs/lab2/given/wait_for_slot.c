	(void)message, (void)patience;
	port_unlock(port);
	return MACH_SEND_TIMED_OUT;
