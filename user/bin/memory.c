/* memory [-q]: what the kernel uses. -q: after its caches were given back, one `name value` a line, for programs that compare. */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "mach/mach.h"

static void
print_terse(const struct vm_statistics *vm, const struct host_info *host)
{
	printf("frames %lu\nheap %lu\nports %u\nmessages %u\ntasks %u\nthreads %u\n", vm->total - vm->free, host->heap_bytes,
	    host->ports, host->messages, host->tasks, host->threads);
}

static void
print_table(const struct vm_statistics *vm, const struct host_info *host)
{
	printf("memory     %8lu KB on %u CPU%s\n", vm->total * vm->page_size >> 10, host->cpus, host->cpus == 1 ? "" : "s");
	printf("free       %8lu KB\n", vm->free * vm->page_size >> 10);
	printf("kernel     %8lu KB (heap %lu KB in use)\n", vm->kernel * vm->page_size >> 10, host->heap_bytes >> 10);
	printf("anonymous  %8lu KB\n", vm->anonymous * vm->page_size >> 10);
	printf("files      %8lu KB\n", vm->object * vm->page_size >> 10);
	printf("wired      %8lu KB\n", vm->wired * vm->page_size >> 10);
	printf("faults %lu (zero-fill %lu, copy-on-write %lu)\n", vm->faults, vm->zero_fills, vm->cow_faults);
	printf("%u tasks, %u threads, %u ports, %u messages queued\n", host->tasks, host->threads, host->ports, host->messages);
}

int
main(int argc, char **argv)
{
	struct vm_statistics vm;
	struct host_info host;
	int terse = argc == 2 && strcmp(argv[1], "-q") == 0;

	if (argc > 1 && !terse) {
		fprintf(stderr, "usage: memory [-q]\n");
		return 2;
	}
	if (terse)
		host_drain();
	if (vm_statistics(&vm) != KERN_SUCCESS || host_info(&host) != KERN_SUCCESS) {
		fprintf(stderr, "memory: the kernel does not tell\n");
		return 1;
	}
	if (terse)
		print_terse(&vm, &host);
	else
		print_table(&vm, &host);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "output");
	return 0;
}
