/*
 * Proxies: ports that vm_map accepts like a memory object's, with a window of it and at most some
 * accesses. A proxy uses its object (it counts as a user) until its last send right is gone, its
 * pager revokes it, or the object fails.
 */
#include "mm/kalloc.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/pager.h"

struct proxy {
	refcount_t refs;
	struct pager *pager;		/* a reference to its object */
	vm_offset_t offset;		/* bytes */
	vm_size_t size;
	vm_prot_t allowed;
	struct task *task;		/* charged; a reference */
	struct ipc_port *port;		/* has a reference to the proxy; NULL: gone */
};

static void
proxy_take(void *object)
{
	struct proxy *proxy = object;

	refcount_take(&proxy->refs);
}

static void
proxy_drop(void *object)
{
	struct proxy *proxy = object;

	if (!refcount_drop(&proxy->refs))
		return;
	vm_object_drop(&proxy->pager->object);
	task_uncharge(proxy->task, TASK_KERNEL_MEMORY, sizeof(*proxy));
	task_drop(proxy->task);
	kfree(proxy);
}

/* Its port dies; who maps it keeps the mapping. Nobody's right and a revocation may come at once. */
static void
proxy_end(struct proxy *proxy)
{
	struct ipc_port *port = __atomic_exchange_n(&proxy->port, NULL, __ATOMIC_SEQ_CST);

	if (port == NULL)
		return;
	kobject_port_destroy(port);
	proxy_drop(proxy);
}

/* Send rights are only made when the proxy is, so none can come back. */
static void
proxy_no_senders(struct ipc_port *port, void *object)
{
	(void)port;
	proxy_end(object);
}

static const struct kobject_ops proxy_ops = {
    .name = "memory proxy",
    .take = proxy_take,
    .drop = proxy_drop,
    .no_senders = proxy_no_senders,
};

void
proxy_init(void)
{
	kobject_register(KOBJECT_MEMORY_PROXY, &proxy_ops);
}

static kern_return_t
proxy_new(struct pager *pager, struct proxy **to)
{
	struct task *task = current_task();
	kern_return_t result = KERN_RESOURCE_SHORTAGE;
	struct proxy *proxy;

	if (!task_charge(task, TASK_KERNEL_MEMORY, sizeof(*proxy)))
		return result;
	proxy = kalloc(sizeof(*proxy), KALLOC_OBJECT);
	if (proxy == NULL)
		goto undo;
	if (!pager_use(pager)) {
		result = KERN_INVALID_ARGUMENT;
		goto undo;
	}
	*proxy = (struct proxy){ .refs = 1, .pager = pager, .task = task };
	task_take(task);
	*to = proxy;
	return KERN_SUCCESS;
undo:
	kfree(proxy);
	task_uncharge(task, TASK_KERNEL_MEMORY, sizeof(*proxy));
	return result;
}

kern_return_t
proxy_create(struct pager *pager, vm_prot_t allowed, vm_offset_t offset, vm_size_t size,
    struct ipc_port **right)
{
	struct proxy *proxy;
	kern_return_t result = proxy_new(pager, &proxy);

	if (result != KERN_SUCCESS)
		return result;
	proxy->offset = offset;
	proxy->size = size;
	proxy->allowed = allowed;
	proxy->port = kobject_port_create(KOBJECT_MEMORY_PROXY, proxy);
	if (proxy->port == NULL) {
		proxy_drop(proxy);
		return KERN_RESOURCE_SHORTAGE;
	}
	*right = port_make_send(proxy->port);
	return KERN_SUCCESS;
}

kern_return_t
proxy_revoke(struct pager *pager, mach_port_t name)
{
	struct proxy *proxy = kobject_lookup(name, KOBJECT_MEMORY_PROXY);
	bool own;

	if (proxy == NULL)
		return KERN_INVALID_ARGUMENT;
	own = proxy->pager == pager;
	if (own)
		proxy_end(proxy);
	proxy_drop(proxy);
	return own ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

bool
proxy_view(mach_port_t name, struct object_view *view)
{
	struct proxy *proxy = kobject_lookup(name, KOBJECT_MEMORY_PROXY);

	if (proxy == NULL)
		return false;
	vm_object_take(&proxy->pager->object);
	*view =
	    (struct object_view){&proxy->pager->object, proxy->offset, proxy->size, proxy->allowed};
	proxy_drop(proxy);
	return true;
}
