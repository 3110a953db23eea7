"""Files in memory: programs that are mapped from the disk, and mappings that read() and write() agree with, also when memory is short.

What the disk was asked for is counted outside of the guest, by QEMU. /test/mapped stores, writes and compares; the host finds the last
generation of its pages on the disk.
"""

import os
import re
import struct
import subprocess
import tempfile

from files import FOLDER
from lib import disk
from lib.api import test
from lib.tree import ROOT

import mkdisk

BOTH = (1, 4)
PAGE = 4096
MASK = (1 << 64) - 1
LEAST = 600                     # wall seconds: the disk is slow when the host is busy

# --- a large program ---

BIG = "/grade/large"
BIG_PAGES = 64 << 8             # 64 MB
TOUCHED = 10
SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__asm__(".pushsection .rodata.large, \"a\"\n.balign 4096\n.globl large\nlarge:\n.set page, 0\n.rept %(pages)d\n"
	".quad page\n.fill 4088, 1, 0x55\n.set page, page + 1\n.endr\n.popsection");
extern const struct { volatile unsigned long number; unsigned char rest[4088]; } large[];

/* large FROM STEP COUNT [wait]: looks at pages. */
int
main(int argc, char **argv)
{
	unsigned long at = strtoul(argv[1], NULL, 0), step = strtoul(argv[2], NULL, 0), n = strtoul(argv[3], NULL, 0), right = 0;

	for (unsigned long i = 0; i < n; i++, at += step)
		right += large[at %% %(pages)d].number == at %% %(pages)d;
	printf("large: %%lu right\n", right);
	fflush(stdout);
	if (argc > 4)
		pause();
	return right != n;
}
"""


def program(cut, folder, pages):
    """Makes that program with so many pages. Returns what a disk's folder is to have of it."""
    source, path = os.path.join(folder, "large.c"), os.path.join(folder, "large")
    with open(source, "w") as f:
        f.write(SOURCE % {"pages": pages})
    subprocess.run([os.path.join(ROOT, "conf", "machr-cc"), "--arch=" + cut.arch, "-O2", "-o", path, source], check=True,
                   env=dict(os.environ, MACHR_LIB=os.path.join(os.path.dirname(cut.folder), cut.arch, "sdk")))
    return mkdisk.Entry("file", path, 0o755, 0, 0)


def large(cut):
    """A disk with a program of 64 MB."""
    return disk._image(cut, "large", lambda folder, base: {**base, BIG: program(cut, folder, BIG_PAGES)}, 96, 4096)


def bytes_read(s):
    """Of the disk, so far, by the guest."""
    found = [d for d in s.machine.qmp.command("query-blockstats") if d["stats"]["rd_operations"]]
    return sum(d["stats"]["rd_bytes"] for d in found)


@test("mapped-large-program", cpus=BOTH, disk=large, mem="128M", budget=120, points=4, icount=None, needs="shell-boot")
def large_program(s):
    """A 64 MB program that touches ten pages reads at most 100 blocks; the second time it reads none."""
    before = bytes_read(s)
    first = s.random.randrange(BIG_PAGES)
    s.equal("it sees its pages", "large: %d right\n" % TOUCHED, s.ok("%s %d 1543 %d" % (BIG, first, TOUCHED)).text)
    blocks = (bytes_read(s) - before) // 4096
    s.check(0 < blocks <= 100, "blocks read", "at most 100", blocks)
    before = bytes_read(s)
    s.ok("%s %d 1543 %d" % (BIG, first, TOUCHED))
    s.equal("bytes read the second time", 0, bytes_read(s) - before)


def frames(s):
    return int(re.search(r"(?m)^frames (\d+)", s.ok("memory -q").text).group(1))


@test("mapped-once", cpus=BOTH, disk=large, mem="256M", budget=240, points=3, icount=None, needs="mapped-large-program")
def once(s):
    """A file that is read and then mapped is in memory once, and read from there: but for the eighth of the machine that the block cache keeps."""
    most = BIG_PAGES + (256 << 8) // 8
    touch = "%s 0 1 %d" % (BIG, BIG_PAGES)
    empty = frames(s)
    s.ok("cat %s > /dev/null" % BIG)
    read = frames(s) - empty
    s.check(read > BIG_PAGES // 2, "what a read keeps", "more than %d frames" % (BIG_PAGES // 2), read)
    s.equal("it sees its pages", "large: %d right\n" % BIG_PAGES, s.ok(touch).text)
    both = frames(s) - empty
    s.check(BIG_PAGES <= both < most, "what is kept after it was mapped, too", "%d frames to %d" % (BIG_PAGES, most), both)
    before = bytes_read(s)
    s.ok("cat %s > /dev/null" % BIG)
    late = (bytes_read(s) - before) // PAGE     # what was asked for while others were on their way is read once more
    s.notes.append("%d pages read again" % late)
    s.check(late < BIG_PAGES // 256, "pages read from the disk for what is mapped", "less than %d" % (BIG_PAGES // 256), late)
    again = frames(s) - empty
    s.check(again < most, "what is kept after it was read again", "less than %d frames" % most, again)


@test("mapped-ten-instances", cpus=BOTH, disk=large, mem="256M", budget=240, points=3, icount=None, needs="mapped-large-program")
def ten_instances(s):
    """Ten instances of a program have its pages once."""
    def start():
        s.send(b"%s 0 1 %d wait &\r" % (BIG.encode(), BIG_PAGES))
        s.wait_for(r"large: %d right" % BIG_PAGES, "the program's line")
        s.ok("echo")

    empty = frames(s)
    start()
    one = frames(s)
    s.check(one - empty >= BIG_PAGES, "one has all pages in memory", "at least %d frames" % BIG_PAGES, one - empty)
    for _ in range(9):
        start()
    more = frames(s) - one
    s.check(more < one * 5 // 100, "what nine others add", "less than 5 %% of %d frames" % one, more)


# --- one view, with little memory ---

def mix(x):
    x ^= x >> 31
    x = x * 0x9e3779b97f4a7c15 & MASK
    return x ^ x >> 29


def page_is_right(data, seed, page, generation):
    """As /test/mapped makes it."""
    words = struct.unpack("<512Q", data)
    key = mix((seed << 40 ^ page << 8 ^ generation) & MASK)
    return words[:2] == (page, generation) and all(words[i] == key + i * 0x100000001b3 & MASK for i in range(2, 512))


def host_finds(s, path, seed, pages, generation):
    """After power-off: e2fsck is content, and each page is as it was stored last."""
    image = s.disk_image()
    status, text = disk.check(image, "-fn")
    s.check(status == 0, "e2fsck -fn finds a clean file system", "status 0", "status %d\n%s" % (status, text))
    with tempfile.TemporaryDirectory(prefix="machr-") as folder:
        out = os.path.join(folder, "file")
        mkdisk.tool("debugfs", "-R", "dump %s %s" % (path, out), image)
        with open(out, "rb") as f:
            wrong = [n for n in range(pages) if not page_is_right(f.read(PAGE), seed, n, generation)]
    s.check(not wrong, "the file on the disk", "every page of the last generation", "wrong pages: %s" % wrong[:20])


def short_of_memory(name, megabytes, cpus=BOTH, **options):
    @test(name, cpus=cpus, disk=large, points=5, icount=None, budget=900, least=LEAST, needs="shell-boot", **options)
    def coherent(s):
        """Stores of one process and write() of another are one file, although its pages come and go."""
        seed = s.random.randrange(1, 1 << 20)
        reply = s.run("/test/mapped both %s/both %d %d" % ("/tmp", megabytes, seed))
        s.check(reply.rc == 0 and "mapped: %d pages, wrong 0" % (megabytes << 8) in reply.text, "all that was stored and written",
                "mapped: ... wrong 0", reply.text)
        out = int(re.search(r"(?m)^paged out +(\d+)", s.ok("vmstat").text).group(1))
        s.check(out > megabytes << 7, "pages were evicted", "more than %d pages out" % (megabytes << 7), out)
        s.power_off("poweroff", 0)
        host_finds(s, "/tmp/both", seed, megabytes << 8, 4)


short_of_memory("mapped-short", 16, cpus=(1,), mem="32M", long=10)
short_of_memory("mapped-short-swap", 16, cpus=(4,), mem="32M", swap="64M", long=40)
short_of_memory("stress-mapped-short", 16, cpus=(4,), mem="32M", slow=True)


@test("mapped-full-disk", cpus=BOTH, disk=disk.changing("ext2", 1024), budget=240, points=3, icount=None, needs="shell-boot",
      long=11)
def full_disk(s):
    """A store for which the disk has no block is SIGBUS; what was stored is there, and all works on."""
    reply = s.run("/test/mapped full %s/full 64" % FOLDER)
    found = re.search(r"mapped: (\d+) of (\d+) pages stored, wrong 0", reply.text)
    s.check(reply.rc == 0 and found and 256 < int(found.group(1)) < int(found.group(2)), "some pages were stored, not all",
            "mapped: ... wrong 0", reply.text)
    stored = int(found.group(1))
    s.ok("/test/change rm %s/full" % FOLDER)
    s.ok("/test/change fill %s/after 5 0 300000" % FOLDER)
    s.ok("/test/change compare %s/after 5 0 300000" % FOLDER)
    again = re.search(r"mapped: (\d+) of", s.run("/test/mapped full %s/full 64" % FOLDER).text)
    s.check(again and int(again.group(1)) > stored - 200, "the blocks came back", "about %d pages" % stored, again and again.group(1))
    s.power_off("poweroff", 0)
    status, text = disk.check(s.disk_image(), "-fn")
    s.check(status == 0, "e2fsck -fn finds a clean file system", "status 0", "status %d\n%s" % (status, text))


@test("cache-follows-memory", cpus=BOTH, disk=disk.graded, mem="64M", budget=180, points=3, needs="shell-boot")
def cache_follows_memory(s):
    """What the file server keeps of a large file while there is memory, it gives back to a program that wants it: three times over."""
    reply = s.ok("/test/cache /grade/big")
    s.check(re.search(r"(?m)^cache: \d+ checks passed\r?$", reply.text), "the program's own sum", "cache: N checks passed", reply.text)
