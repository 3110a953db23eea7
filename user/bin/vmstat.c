/* vmstat [SECONDS]: paging: what is in memory and in swap, and how much went in and out; with SECONDS a line for each such time. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mach/mach.h"
#include "mach/service.h"
#include "mem.h"

struct sample {
	struct vm_statistics vm;
	struct mem_statistics mem;	/* zeros: there is no memory server */
};

static int
take(struct sample *sample)
{
	mach_port_t mem = service_look_up("mem");

	memset(sample, 0, sizeof(*sample));
	if (vm_statistics(&sample->vm) != KERN_SUCCESS) {
		fprintf(stderr, "vmstat: the kernel does not tell\n");
		return 0;
	}
	if (mem != MACH_PORT_NULL)
		mem_statistics(mem, &sample->mem);
	port_drop(mem);
	return 1;
}

static unsigned long
kilobytes(const struct sample *sample, uint64_t pages)
{
	return pages * sample->vm.page_size >> 10;
}

static void
print_all(const struct sample *s)
{
	printf("memory       %8lu KB, %lu KB free\n", kilobytes(s, s->vm.total), kilobytes(s, s->vm.free));
	printf("anonymous    %8lu KB\n", kilobytes(s, s->vm.anonymous));
	printf("files        %8lu KB\n", kilobytes(s, s->vm.object));
	if (s->mem.pages == 0)
		printf("swap            none\n");
	else
		printf("swap         %8lu KB on %s, %lu KB in use, %lu KB given to the kernel, %lu KB to memory objects\n", kilobytes(s, s->mem.pages),
		    s->mem.disk, kilobytes(s, s->vm.swapped), kilobytes(s, s->mem.given),
		    kilobytes(s, s->mem.objects));
	printf("swapped in   %8lu pages, %lu requests\n", s->mem.pages_in, s->mem.reads);
	printf("swapped out  %8lu pages, %lu requests\n", s->mem.pages_out, s->mem.writes);
	printf("disk errors  %8lu pages\n", s->mem.errors);
	printf("paged in     %8lu pages of files and swap\n", s->vm.pageins);
	printf("paged out    %8lu pages\n", s->vm.pageouts);
	printf("faults       %8lu\n", s->vm.faults);
	printf("waits        %8lu for memory, %lu threads now\n", s->vm.waits, s->vm.waiting);
}

static int
print_lines(unsigned seconds)
{
	struct sample before, now;

	printf("   free KB   swap KB    faults        in       out  waiting\n");
	if (!take(&before))
		return 1;
	for (;;) {
		if (sleep(seconds) != 0 || !take(&now))
			return 1;
		printf("%10lu%10lu%10lu%10lu%10lu%9lu\n", kilobytes(&now, now.vm.free), kilobytes(&now, now.vm.swapped),
		    now.vm.faults - before.vm.faults, now.vm.pageins - before.vm.pageins, now.vm.pageouts - before.vm.pageouts,
		    now.vm.waiting);
		if (fflush(stdout) == EOF)
			return 1;
		before = now;
	}
}

int
main(int argc, char **argv)
{
	struct sample sample;
	char *end;
	long seconds = argc == 2 ? strtol(argv[1], &end, 10) : 0;

	if (argc > 2 || (argc == 2 && (*end != 0 || seconds <= 0 || seconds > 86400))) {
		fprintf(stderr, "usage: vmstat [SECONDS]\n");
		return 2;
	}
	if (seconds != 0)
		return print_lines((unsigned)seconds);
	if (!take(&sample))
		return 1;
	print_all(&sample);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "output");
	return 0;
}
