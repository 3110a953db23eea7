"""Partitions: tables that sfdisk makes, file systems and swap on them, and tables that are damaged."""

import json
import os
import re
import shutil
import subprocess

import swap
from lib import disk
from lib.api import test
from lib.disk import PATH, SECTOR

BOTH = (1, 4)
PLAIN, JOURNAL = disk.changing("ext2", 1024), disk.changing("ext3", 1024)
# Sectors; "ext" is what the logical partitions lie in.
MBR = ("label: dos", "start=2048, size=1048576, type=82", "start=1052672, size=4096, type=83", "start=1058816, size=65536, type=5",
       "start=1060864, size=53248, type=83")
GPT = ("label: gpt", "start=2048, size=49152, type=L", "start=51200, size=49152, type=L")


def write_image(path, script, megabytes, pieces, change=None):
    """Makes a disk with that table; pieces: {number: image of a file system, or bytes}."""
    with open(path + ".new", "wb") as f:
        f.truncate(megabytes << 20)
    subprocess.run(["sfdisk", "-q", "--no-reread", "--no-tell-kernel", path + ".new"], input="\n".join(script).encode() + b"\n",
                   check=True, env=dict(os.environ, PATH=PATH))
    where = disk.partitions(path + ".new")
    with open(path + ".new", "r+b") as f:
        for number, what in pieces.items():
            f.seek(where[number][0])
            if isinstance(what, bytes):
                f.write(what)
            else:
                with open(what, "rb") as source:
                    shutil.copyfileobj(source, f)
        if change:
            change(f)
    os.replace(path + ".new", path)


def made(name, script, megabytes, contents, change=None):
    """A disk with that table; contents: {number: image of a file system (a function of the cut), or bytes}. Returns a function of the cut."""
    def make(cut):
        pieces = {number: what if isinstance(what, bytes) else what(cut) for number, what in contents.items()}
        folder = os.path.join(cut.folder, "grade")
        path = os.path.join(folder, "%s.img" % name)
        with disk.alone(folder):
            write_image(path, script, megabytes, pieces, change)
        return path
    return make


SWAP_HEAD = bytes(4096 - 10) + b"SWAPSPACE2"
ROOT = made("part-root", MBR, 560, {1: SWAP_HEAD, 5: PLAIN})
SECOND = made("part-second", GPT, 64, {1: PLAIN, 2: JOURNAL})


def with_feature(image, word, bits):
    """A file system with features that nobody knows. Returns a function of the cut."""
    return lambda cut: disk.changed_super(image(cut), word, lambda old: old | bits)


# extent, and one without a name; quota, and one without.
FEATURES = made("part-features", ("label: gpt",) + tuple("start=%d, size=49152, type=L" % (2048 + n * 49152) for n in range(3)), 80,
                {1: with_feature(PLAIN, "incompat", 0x400040), 2: with_feature(PLAIN, "ro_compat", 0x400100),
                 3: with_feature(JOURNAL, "ro_compat", 0x400100)})


def damage(f):
    """Both headers of a GPT."""
    for at in (SECTOR, (64 << 20) - SECTOR):
        f.seek(at + 20)
        f.write(b"?")


DAMAGED = made("part-damaged", GPT, 64, {}, damage)


def cut_out(image, number):
    """The contents of a partition, in a file beside the image."""
    offset, size = disk.partitions(image)[number]
    path = "%s.%d" % (image, number)
    with open(image, "rb") as source, open(path, "wb") as f:
        source.seek(offset)
        for _ in range(0, size, 1 << 20):
            f.write(source.read(min(1 << 20, size - f.tell())))
    return path


def host_agrees(s, image, number, files):
    """e2fsck finds the file system on a partition clean, and debugfs the files in it: {path: (seed, size)}."""
    path = cut_out(image, number)
    status, text = disk.check(path, "-fn")
    s.check(status == 0, "e2fsck -fn finds partition %d clean" % number, "status 0", "status %d\n%s" % (status, text))
    for name, (seed, size) in files.items():
        out = path + ".out"
        subprocess.run(["debugfs", "-R", "dump %s %s" % (name, out), path], stderr=subprocess.DEVNULL, check=True, env=dict(os.environ, PATH=PATH))
        with open(out, "rb") as f:
            s.check(f.read() == disk.byte_at(seed, 0, size), "the host reads what was written to %s" % name)
        os.remove(out)
    os.remove(path)


def shown(s, image, name):
    """ls -l /dev shows a disk's partitions with their sizes, and no others."""
    text = s.ok("ls -l /dev").text
    seen = {int(n): int(size) for size, n in re.findall(r"(?m)^brw------- +1 +0 +0 +(\d+) .* %s(\d+)\r?$" % name, text)}
    s.equal("partitions in /dev", {number: size for number, (_, size) in disk.partitions(image).items()}, {**seen, **extended(image, name)})


def extended(image, name):
    """An extended partition has no name of its own: its contents have."""
    said = subprocess.run(["sfdisk", "-J", image], stdout=subprocess.PIPE, check=True, env=dict(os.environ, PATH=PATH)).stdout
    return {int(re.search(r"(\d+)$", p["node"]).group(1)): p["size"] * SECTOR
            for p in json.loads(said)["partitiontable"]["partitions"] if p["type"] in ("5", "f", "85")}


@test("partitions-root", cpus=BOTH, disk=ROOT, append="root=vda5", mem="32M", budget=300, least=600, points=4, needs="shell-boot", icount=None)
def partitions_root(s):
    """/ on a logical partition and swap on another of the same disk; twice the memory is used; the host finds the file system in order."""
    shown(s, s.machine.boot.disk, "vda")
    s.check(re.search(r"(?m)^swap +\d+ KB on vda1,", s.ok("vmstat").text), "vmstat shows swap on vda1", "swap N KB on vda1")
    s.ok("/test/change compare /given/small %d 0 %d" % disk.GIVEN["/given/small"])
    s.ok("/test/change fill /w/new 5 0 300000 , fsync /w/new")
    swap.paging(s, 2, 32)
    for name in ("vda", "vda1", "vda5"):
        reply = s.fails("/test/change fill /dev/%s 1 0 10" % name)
        s.check("busy" in reply.text, "writing /dev/%s is refused" % name, "Device or resource busy", reply.text)
    s.ok("/test/change fill /dev/vda2 1 0 10000 , compare /dev/vda2 1 0 10000")
    s.power_off("poweroff", 0)
    image = s.disk_image()
    host_agrees(s, image, 5, {"/w/new": (5, 300000), "/given/big": disk.GIVEN["/given/big"]})
    offset, size = disk.partitions(image)[2]
    with open(image, "rb") as f:
        f.seek(offset)
        data = f.read(size)
    s.check(data[:10000] == disk.byte_at(1, 0, 10000) and not any(data[10000:]), "the host finds on vda2 what was written there, and no more")


@test("partitions-swap-errors", disk=ROOT, append="root=vda5", mem="24M", bad=lambda image: swap.bad_pages(table(image)[1][0] // SECTOR),
      budget=300, least=600, points=2, needs="swap-errors", icount=None, long=8)
def partitions_swap_errors(s):
    """As swap-errors, on a partition."""
    swap.errors(s)


@test("partitions-mount", cpus=BOTH, disk=disk.graded, swap=SECOND, budget=180, least=300, points=4, needs="shell-boot")
def partitions_mount(s):
    """File systems on partitions of a second disk are mounted, written, unmounted, mounted read-only; a disk has one user at a time."""
    shown(s, s.machine.boot.swap, "vdb")
    s.ok("mkdir /a; mkdir /b; mount /dev/vdb1 /a; mount /dev/vdb2 /b")
    for place in ("/a", "/b"):
        s.ok("/test/change compare %s/given/big %d 0 %d" % (place, *disk.GIVEN["/given/big"]))
        s.ok("/test/change fill %s/w/new 6 0 200000 , fsync %s/w/new" % (place, place))
    for name in ("vdb", "vdb1", "vdb2"):
        s.check("busy" in s.fails("/test/change fill /dev/%s 1 0 10" % name).text, "writing /dev/%s is refused" % name, "busy")
        s.check("busy" in s.fails("mount /dev/%s /tmp" % name).text, "mounting /dev/%s again is refused" % name, "busy")
    s.check("busy" in s.fails("cd /a; mount -u /a").text, "what is in use is not unmounted", "busy")
    s.ok("cd /; mount -u /a; mount -u /b; mount -r /dev/vdb1 /a")
    s.ok("/test/change compare /a/w/new 6 0 200000")
    s.check("Read-only" in s.fails("/test/change fill /a/w/other 6 0 10").text, "a read-only mount is not written", "Read-only file system")
    s.ok("mount -u /a")
    s.check("Invalid argument" in s.fails("mount /dev/vdb /a").text, "a disk with a table is no file system", "Invalid argument")
    s.check("Block device required" in s.fails("mount /dev/null /a").text, "what is no disk is refused", "Block device required")
    s.ok("mount -t tmpfs none /b; /test/change fill /b/x 1 0 5000 , compare /b/x 1 0 5000; mount -u /b")
    s.power_off("poweroff", 0)
    for number in (1, 2):
        host_agrees(s, s.machine.flat("swap"), number, {"/w/new": (6, 200000), "/given/small": disk.GIVEN["/given/small"]})


# Of every kind; /a is the mount point.
CHANGES = ("fill /a/given/small 1 0 10", "fill /a/w/new 1 0 10", "store /a/given/big 1 0 10", "cut /a/given/big 0", "mkdir /a/w/d",
           "rmdir /a/w", "rm /a/given/big", "mv /a/given/big /a/w/big", "ln /a/given/big /a/w/big", "symlink x /a/w/x", "chmod 0600 /a/given/big",
           "chown 1 1 /a/given/big")


@test("partitions-features", cpus=BOTH, disk=disk.graded, swap=FEATURES, budget=60, points=3, needs="shell-boot")
def partitions_features(s):
    """Unknown features: with an incompatible one nothing is mounted, with a read-only one nothing is written; each is named."""
    s.ok("mkdir /a")
    text = s.fails("mount /dev/vdb1 /a").text
    for line in ("ext2: vdb1: not mounted: unknown feature extent", "ext2: vdb1: not mounted: unknown feature 0x400000",
                 "mount: /dev/vdb1: Invalid argument"):
        s.check(line in text, "it is said what is wrong", line, text)
    s.equal("nothing is there", "", s.ok("ls /a").text)
    for name in ("vdb2", "vdb3"):
        text = s.ok("mount /dev/%s /a" % name).text
        for feature in ("quota", "0x400000"):
            line = "ext2: %s: mounted read-only: unknown feature %s" % (name, feature)
            s.check(line in text, "it is said why nothing can be written", line, text)
        s.ok("/test/change compare /a/given/big %d 0 %d" % disk.GIVEN["/given/big"])
        text = s.keys(("; ".join("/test/change " + change for change in CHANGES) + "\r").encode(), "changes of every kind").text
        refused = re.findall(r"(?m)^change: \S+: Read-only file system\r?$", text)
        s.check(len(refused) == len(CHANGES), "no change is made", "EROFS for each of %d" % len(CHANGES), text)
        s.ok("mount -u /a")
    s.power_off("poweroff", 0)
    with open(s.machine.boot.swap, "rb") as before, open(s.machine.flat("swap"), "rb") as after:
        s.check(before.read() == after.read(), "nothing was written")


@test("partitions-again", cpus=BOTH, disk=disk.graded, swap=SECOND, budget=180, least=300, points=2, needs="shell-boot", icount=None)
def partitions_again(s):
    """A file system is unmounted as soon as the last program there has ended, whatever the server itself does with it meanwhile."""
    s.ok("mkdir /a")
    for _ in range(10):
        s.ok("/test/change " + " , ".join(["append /x 1 500 , sync"] * 40) + " &")
        s.ok(" && ".join(["mount /dev/vdb2 /a && cd /a && echo x > x && ls > /dev/null && cd / && mount -u /a"] * 6))
    s.check("Invalid argument" in s.fails("mount -u /a").text, "nothing is mounted there at the end", "Invalid argument")


@test("partitions-damaged", cpus=BOTH, disk=disk.graded, swap=DAMAGED, budget=60, points=2, needs="shell-boot")
def partitions_damaged(s):
    """A table whose checksums are wrong gives a message and no partitions; the disk itself has its name."""
    text = s.ok("ls /dev").text
    s.check("vdb" in text and not re.search(r"vdb\d", text), "no partitions in /dev", "vdb", text)
    said = bytes(s.log.data).decode(errors="replace")
    s.check("vdb: partition table: the checksum of the GPT's header is wrong" in said, "what is wrong is said", "fs: vdb: partition table: ...")
    s.fails("mount /dev/vdb1 /tmp")
