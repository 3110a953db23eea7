static enum verdict
ask_handler(struct ipc_port *handler, int exception, int code, uint64_t subcode)
{
	(void)exception, (void)code, (void)subcode;
	port_release_send(handler);
	return NOT_HANDLED;
}
