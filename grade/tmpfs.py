"""tmpfs: files in memory behave as those on the disk, have a limit, and leave nothing behind."""

import re

import libraries
import shell
from lib import disk
from lib.api import test

BOTH = (1, 4)
PLACE = "/tmp"
# Test programs that take a folder, and those that work in /tmp of themselves. posix_large does too, but a file of a tmpfs has at most
# 1 GB, holes and all, and it wants 5.
FOLDER = ("files", "fifo", "fifo_open", "times", "mmap", "mmap_race")
FIXED = ("configure", "copy", "fd", "fts", "interrupt", "libc", "lock", "spawn", "streams", "system")


def mount(s):
    s.ok("mount -t tmpfs none " + PLACE)


def on_tmpfs(name):
    words = {"files": " %s/files" % PLACE}.get(name, " " + PLACE if name in FOLDER else "")
    hog = name in libraries.HOGS

    @test("tmpfs-" + name.replace("_", "-"), cpus=BOTH, disk=disk.graded, budget=120, points=2, needs="shell-boot",
          icount=None if hog else "on")
    def posix_program(s):
        mount(s)
        reply = s.run("/test/posix_%s%s" % (name, words))
        s.check(reply.rc == 0 and re.search(r"(?m)^%s: [1-9]\d* checks passed\r?$" % name, reply.text), "the program's own sum",
                "%s: N checks passed" % name, reply.text)
        s.ok("mount -u " + PLACE)       # nobody has anything there any more


for a_name in FOLDER + FIXED:
    on_tmpfs(a_name)


@test("tmpfs-space", cpus=BOTH, disk=disk.graded, budget=300, points=4, needs="shell-boot", icount=None, long=6)
def tmpfs_space(s):
    """Filled with bytes and with names there is ENOSPC; all that is removed is free again, and the same amount can be had again."""
    mount(s)
    reply = s.ok("/test/space " + PLACE)
    s.check(re.search(r"(?m)^space: [1-9]\d* checks passed\r?$", reply.text), "the program's own sum", "space: N checks passed", reply.text)
    s.ok("mount -u " + PLACE)


def busy(s, why):
    s.check("busy" in s.fails("mount -u " + PLACE).text, why + " keeps it from being unmounted", "Device or resource busy")


@test("tmpfs-busy", cpus=BOTH, disk=disk.graded, budget=120, points=3, needs="shell-boot", icount=None)
def tmpfs_busy(s):
    """What is in use is not unmounted; what was there before is there again then, and the next one is empty."""
    s.ok("echo below > %s/below" % PLACE)
    mount(s)
    s.fails("cat %s/below" % PLACE)
    s.ok("mkdir %s/inner; echo text > %s/file" % (PLACE, PLACE))
    s.check("busy" in s.fails("cd %s/inner; mount -u %s" % (PLACE, PLACE)).text, "a working directory keeps it", "Device or resource busy")
    s.ok("cd /; mount -t tmpfs none %s/inner" % PLACE)
    busy(s, "another file system")
    s.ok("mount -u %s/inner" % PLACE)
    group = libraries.background(s, "sleep 1000 < %s/file" % PLACE)
    busy(s, "an open file")
    s.ok("rm %s/file" % PLACE)
    busy(s, "an open file without a name")
    s.ok("kill -9 %d" % group)
    s.run("wait")
    s.ok("mount -u " + PLACE)
    s.equal("what was below", "below\n", s.ok("cat %s/below" % PLACE).text)
    s.fails("mount -u " + PLACE)
    mount(s)
    s.fails("cat %s/file" % PLACE)
    s.equal("a new one is empty", "", s.ok("ls " + PLACE).text)
    s.ok("mkdir /other && mount -r -t tmpfs none /other")
    s.check("Read-only" in s.fails("/test/change mkdir /other/new").text, "a read-only one is not written", "Read-only file system")
    s.ok("mount -u /other && mount -u " + PLACE)


@test("tmpfs-again", cpus=BOTH, disk=disk.graded, budget=240, points=3, needs="shell-boot", icount=None)
def tmpfs_again(s):
    """Unmounted with all its files, a tmpfs leaves no frame, no heap and no port behind."""
    def once():
        mount(s)
        s.ok("/test/change many %s 0 300 5000 , fill %s/large 1 0 4000000 , ln %s/large %s/second" % ((PLACE,) * 4))
        s.ok("mount -u " + PLACE)

    for _ in range(3):
        once()
    before, grown = shell.figures(s), []
    for _ in range(4):
        once()
        last, before = before, shell.figures(s)
        grown.append(shell.growth(last, before))
    s.check({} in grown, "a round leaves nothing behind", "no growth", grown)
