/*
 * The block driver: serves blk.defs for one virtio disk. Arguments: which disk, by slot (0), the
 * name of the service ("blk"), and "optional": without the disk it serves one that has no sectors. A
 * machine with two disks runs two drivers. The one that is given the host port is part of paging.
 *
 * One thread receives requests and interrupts from one port set and never waits for the device: a
 * request that is accepted is answered when its interrupt comes, so many are in flight at once.
 * Requests are idempotent and clients send again what was not answered, so the driver may be killed
 * and started again at any moment.
 *
 * Only uid 0 may use a raw disk: whoever else finds the service in the name server is refused.
 */
#include "device.h"

#include "blk_server.h"
#include "mach/print.h"
#include "mach/service.h"

static struct device disk;
static mach_port_t irq_port;

/* Answers a request. */
static void
done(struct request *r, kern_return_t result)
{
	bool ok = result == KERN_SUCCESS;

	switch (r->kind) {
	case REQUEST_READ:
		blk_read_reply(r->reply_port, result, ok ? r->data : NULL, ok ? r->bytes : 0);
		break;
	case REQUEST_WRITE:
		mig_free(r->data, r->bytes);
		blk_write_reply(r->reply_port, result);
		break;
	case REQUEST_FLUSH:
		blk_flush_reply(r->reply_port, result);
		break;
	}
}

/* Returns KERN_SUCCESS if the client may transfer these sectors. */
static kern_return_t
check(const struct mig_request *rq, uint64_t sector, uint64_t count)
{
	if (rq->sender.uid != 0)
		return KERN_NO_ACCESS;
	if (count == 0 || count > BLK_TRANSFER_MAX / BLK_SECTOR_SIZE)
		return KERN_INVALID_ARGUMENT;
	if (count > disk.info.sectors || sector > disk.info.sectors - count)
		return KERN_INVALID_ARGUMENT;
	return KERN_SUCCESS;
}

/* What a request's function returns: the reply comes later, or this error now. */
static kern_return_t
accepted(kern_return_t submitted)
{
	return submitted == KERN_SUCCESS ? MIG_NO_REPLY : submitted;
}

kern_return_t
blk_info_s(struct mig_request *rq, struct blk_info *info)
{
	(void)rq;
	*info = disk.info;
	return KERN_SUCCESS;
}

kern_return_t
blk_read_s(struct mig_request *rq, uint64_t sector, uint32_t count, void **data,
	uint32_t *data_count)
{
	kern_return_t kr = check(rq, sector, count);

	(void)data, (void)data_count;	/* results of the later reply */
	if (kr != KERN_SUCCESS)
		return kr;
	return accepted(request_submit(&disk, REQUEST_READ, sector, NULL, count * BLK_SECTOR_SIZE,
		rq->reply_port));
}

kern_return_t
blk_write_s(struct mig_request *rq, uint64_t sector, void *data, uint32_t data_count)
{
	kern_return_t kr = check(rq, sector, data_count / BLK_SECTOR_SIZE);

	if (kr != KERN_SUCCESS)
		return kr;
	if (disk.info.read_only)
		return KERN_NO_ACCESS;
	if (data_count % BLK_SECTOR_SIZE != 0)
		return KERN_INVALID_ARGUMENT;
	return accepted(request_submit(&disk, REQUEST_WRITE, sector, data, data_count,
		rq->reply_port));
}

/* A device without a cache has nothing to flush: what it acknowledged is stable. */
kern_return_t
blk_flush_s(struct mig_request *rq)
{
	if (rq->sender.uid != 0)
		return KERN_NO_ACCESS;
	if (!disk.can_flush)
		return KERN_SUCCESS;
	return accepted(request_submit(&disk, REQUEST_FLUSH, 0, NULL, 0, rq->reply_port));
}

/* Interrupts come from the kernel; anybody else's message of that kind is left to be refused. */
static bool
interrupt(struct mig_request *rq)
{
	if (rq->port != irq_port || rq->sender.label != 0 ||
		rq->request->msgh_id != DEVICE_IRQ_MSG_ID)
		return false;
	device_interrupt(&disk);
	return true;
}

/* Returns KERN_SUCCESS and the set of the service port and the interrupt port. */
static kern_return_t
make_ports(mach_port_t service, mach_port_t *set)
{
	kern_return_t kr = port_create(true, &irq_port);

	if (kr == KERN_SUCCESS)
		kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, set);
	if (kr == KERN_SUCCESS)
		kr = mach_port_move_member(mach_task_self(), service, *set);
	if (kr == KERN_SUCCESS)
		kr = mach_port_move_member(mach_task_self(), irq_port, *set);
	return kr;
}

/*
 * A driver that swap needs never waits for a page of its own: its memory is not evicted, and its
 * thread gets the last frames.
 */
static kern_return_t
join_paging(void)
{
	mach_port_t host = service_grant("host");

	return host != MACH_PORT_NULL ? thread_wire(host, mach_thread_self(), 1) : KERN_SUCCESS;
}

int
main(int argc, char **argv)
{
	static const mig_server_t servers[] = { blk_server, NULL };
	struct service server = { .servers = servers, .threads = 1, .other = interrupt };
	mach_port_t master = service_grant("device");
	mach_port_t service = service_check_in(argc > 2 ? argv[2] : "blk");
	unsigned n = argc > 1 && argv[1][0] >= '0' && argv[1][0] <= '9' ? argv[1][0] - '0' : 0;
	kern_return_t kr;

	if (master == MACH_PORT_NULL || service == MACH_PORT_NULL) {
		print("blk: init gives no service or device port\n");
		return 1;
	}
	kr = make_ports(service, &server.port);
	if (kr == KERN_SUCCESS)
		kr = join_paging();
	if (kr == KERN_SUCCESS)
		kr = device_open(&disk, master, n, irq_port, done);
	if (kr == KERN_INVALID_ARGUMENT && argc > 3)
		kr = KERN_SUCCESS;
	if (kr == KERN_INVALID_ARGUMENT)
		print("blk: this machine has no disk %u\n", n);
	else if (kr != KERN_SUCCESS)
		print("blk: disk %u cannot be used: %s\n", n, kern_return_name(kr));
	if (kr != KERN_SUCCESS)
		return 1;
	service_ready();
	service_run(&server);
	return 1;
}
