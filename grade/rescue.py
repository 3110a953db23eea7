"""A system that cannot start: what is wrong with / is said, init stops trying, and the rescue shell has the console."""

import os
import re

import swap
from lib import disk
from lib.api import test

BOTH = (1, 4)
MADE = disk.changing("ext2", 1024)
TRIES = 5                                       # user/init/supervise.c
PROGRAM = "ipc_names"                           # of the boot archive


def half(image):
    with open(image, "rb") as f:
        return f.read(os.fstat(f.fileno()).st_size // 2)


def damaged(name, change):
    """A disk whose bytes are change(MADE). Returns a function of the cut."""
    def make(cut):
        data = change(MADE(cut))
        folder = os.path.join(cut.folder, "grade")
        path = os.path.join(folder, "root-%s.img" % name)
        with disk.alone(folder):
            with open(path + ".new", "wb") as f:
                f.write(data)
            os.replace(path + ".new", path)
        return path
    return make


def said(s, pattern):
    return re.findall(pattern, bytes(s.log.data).decode(errors="replace"))


def states(s):
    """What `units` says: {unit: state}."""
    return dict(re.findall(r"(?m)^(\w+) +(\w+) +\d+ restarts\r?$", s.ok("units").text))


def is_rescue(s, failed, running):
    """The prompt is the rescue shell's: one can look, and run programs of the boot archive."""
    found = states(s)
    for name in ("tty", "msh") + failed:
        s.equal("the state of " + name, "failed", found.get(name))
    for name in ("rescue",) + running:
        s.equal("the state of " + name, "running", found.get(name))
    s.check("boot/test/" + PROGRAM in s.ok("help").text, "help shows the programs of the boot archive", "boot/test/" + PROGRAM)
    s.check("0 failed" in s.ok(PROGRAM).text, "one of them runs", "0 failed")
    s.equal("there are no others", 127, s.fails("ls").rc)


def given_up(s, unit, why):
    """The unit was tried a few times, each time it said why, and then no more."""
    s.equal("times that it is said why", TRIES, len(said(s, why)))
    s.equal("restarts", TRIES - 1, len(said(s, r"init: %s died, starting it again" % unit)))
    s.equal("the end of them", 1, len(said(s, r"init: %s died, and is not started again" % unit)))
    s.equal("what is started instead", ["msh"], said(s, r"init: (\w+) cannot run, rescue is started instead"))


def unmountable(name, made, *why, append="", cpus=(1,)):
    @test("rescue-" + name, cpus=cpus, disk=made, append=append, budget=60, points=2, needs="shell-boot", rescue=True, kills=("fs",),
          sound=False)
    def rescue(s):
        """/ cannot be mounted."""
        for each in why:
            given_up(s, "fs", each)
        is_rescue(s, ("fs", "proc"), ("blk", "mem"))
        s.run("exit")
        s.equal("the rescue shell's successor", 0, s.run("units").rc)
        s.power_off("poweroff 3", 3)
        with open(s.machine.boot.disk, "rb") as before, open(s.disk_image(), "rb") as after:
            s.check(before.read() == after.read(), "nothing was written to the disk")


unmountable("magic", damaged("magic", lambda image: disk.changed_super(image, "magic", lambda old: 0x1234)),
            r"fs: ext2: vda: not mounted: no ext2 magic number \(0x1234\)", r"fs: cannot mount vda at /: Invalid argument", cpus=BOTH)
unmountable("feature", damaged("feature", lambda image: disk.changed_super(image, "incompat", lambda old: old | 0x400040)),
            r"fs: ext2: vda: not mounted: unknown feature extent", r"fs: ext2: vda: not mounted: unknown feature 0x400000")
unmountable("truncated", damaged("truncated", half), r"fs: ext2: vda: not mounted: the disk is smaller than the file system")
unmountable("name", MADE, r'fs: there is no disk or partition "vda7"', append="root=vda7")


@test("rescue-no-disk", cpus=BOTH, budget=60, points=2, needs="shell-boot", rescue=True, kills=("blk",))
def rescue_no_disk(s):
    """There is no disk: its driver is given up, and with it what needs it."""
    given_up(s, "blk", r"blk: this machine has no disk 0")
    is_rescue(s, ("blk", "mem", "fs", "proc"), ("swap",))
    s.power_off("poweroff", 0)


@test("rescue-later", cpus=BOTH, disk=MADE, budget=60, points=3, needs="shell-boot", kills=("fs",), sound=False)
def rescue_later(s):
    """The disk is spoilt while the system runs, and fs dies: the shell goes on without files; when it ends the rescue shell is there."""
    s.machine.qmp.human('qemu-io disk1 "write -P 0 %d 1024"' % disk.SUPER)
    swap.monitor_or_end(s)
    number, _ = swap.driver(s, "fs")
    s.ok("terminate %d" % number)
    s.send(b"continue\r")
    s.wait_for(r"init: fs died, and is not started again")
    found = states(s)
    s.equal("fs, msh and rescue", ("failed", "running", "stopped"), (found["fs"], found["msh"], found["rescue"]))
    for line in ("ls", "cd /given"):
        s.check("server does not run" in s.fails(line).text, "what needs files fails", "its server does not run")
    s.send(b"exit\r")
    s.wait_for(r"msh cannot run, rescue is started instead")
    s.prompt("exit")
    is_rescue(s, ("fs",), ("blk", "mem", "proc"))
    s.power_off("poweroff", 0)


@test("rescue-first", budget=60, points=1, append="init=/boot/msh")
def rescue_first(s):
    """The same shell as task 1: there is no init either."""
    s.check("0 failed" in s.ok(PROGRAM).text, "a program of the boot archive runs", "0 failed")
    s.fails("units")
    s.power_off("poweroff 5", 5)
