"""Damaged disks in the running system: file systems with wrong superblocks, groups, bitmaps, inodes, directories and indirect blocks are mounted and used.

Every partition of a second disk has one. What the commands say does not matter: each of them ends, and servers, kernel and the disk at /
are as before. The unit tests try many more on the host (unit/ext2_damage_test.c, ext2_harm_test.c); here files are mapped and run, too.
"""

import os
import re
import struct

import partitions
import shell
from lib import disk
from lib.api import test

import mkdisk

BOTH = (1, 4)
PARTITIONS = 15
ROOM, SMALL = 8192, 4096        # sectors of a partition; of the last, which has not all of its file system
FORMS = (("ext2", 1024), ("ext3", 1024), ("ext2", 2048), ("ext3", 2048), ("ext2", 4096))
TABLE = ("label: gpt",) + tuple("start=%d, size=%d, type=L" % (2048 + n * ROOM, SMALL if n == PARTITIONS - 1 else ROOM)
                                for n in range(PARTITIONS))
NASTY = (0, 1, 2, 11, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 12, 0x41ed0000)
SERVERS = "init|mem|blk|swap|fs|proc|tty|msh"
# Sizes may be anything, terabytes of zeros too: what is read has an end.
USE = ("ls -l /m /m/a /m/a/b /m/many > /dev/null", "/test/change compare /m/a/big 1 0 400000", "/test/change compare /m/a/sparse 0 2990000 10000", "ls -l /m/many/* > /dev/null",
       "echo words | /m/prog", "/test/change store /m/a/big 1 200000 70000", "/test/change append /m/a/small 1 50000",
       "/test/change cut /m/a/big 20000", "/test/change fill /m/a/sparse 2 4000000 20000", "/test/change mkdir /m/new , mv /m/a/b /m/new/b",
       "/test/change many /m/many 50 60 2000", "/test/change few /m/many 0 40", "/test/change ln /m/a/big /m/new/big , symlink x /m/new/x",
       "/test/change orphan /m/a/sparse 30000", "/test/change sync", "/m/prog < /dev/null", "rm /m/a/small /m/prog")


def whole(program, folder, kind, block):
    """A small file system with something of everything."""
    def entry(name, data):
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(data)
        return mkdisk.Entry("file", path, 0o755, 0, 0)

    many = entry("few", b"few words\n")
    found = {"/many/f%d" % n: many for n in range(50)}
    found.update({"/a/big": entry("big", disk.byte_at(1, 0, 400000)), "/a/small": entry("small", b"small\n"),
                  "/a/sparse": entry("sparse", bytes(3000000) + b"end"), "/a/b/c/leaf": many, "/link": mkdisk.Entry("link", "a/small", 0, 0, 0),
                  "/slow": mkdisk.Entry("link", "a/" * 50 + "small", 0, 0, 0),
                  "/prog": mkdisk.Entry("file", program, 0o755, 0, 0)})
    image = os.path.join(folder, "%s-%d" % (kind, block))
    mkdisk.create(image, found, 4, block, disk.CHANGING + (("-j",) if kind == "ext3" else ()))
    with open(image, "rb") as f:
        return f.read()


def areas(data):
    """{what it is: [(offset, length)]}: where the first group has what a mistake in would matter."""
    block = 1024 << struct.unpack_from("<I", data, 1024 + 24)[0]
    groups = block * (2 if block == 1024 else 1)
    bitmap, inodes, table = struct.unpack_from("<III", data, groups)
    size, = struct.unpack_from("<H", data, 1024 + 88)
    found = {"superblock": [(1024, 256)], "groups": [(groups, 32)], "bitmaps": [(bitmap * block, 64), (inodes * block, 64)], "inode": [], "entries": [],
             "indirect": []}
    for at in range(table * block, table * block + 160 * size, size):
        mode, = struct.unpack_from("<H", data, at)
        kind, blocks = mode & 0o170000, struct.unpack_from("<15I", data, at + 40)
        if kind:
            found["inode"].append((at, 128))
        if kind == 0o040000:
            found["entries"] += [(b * block, 64) for b in blocks[:12] if b]
        elif kind == 0o100000:
            found["indirect"] += [(b * block, 200) for b in blocks[12:] if b]
    return found


def damage(data, where, random):
    """A copy with one to six wrong words."""
    data = bytearray(data)
    for _ in range(random.randrange(1, 7)):
        start, length = random.choice(where[random.choice(sorted(where))])
        at = start + random.randrange(length // 4) * 4
        old, = struct.unpack_from("<I", data, at)
        struct.pack_into("<I", data, at, random.choice((random.choice(NASTY), random.getrandbits(32), random.randrange(4096), old ^ 1 << random.randrange(32),
                                                        old & 0xffff0000 | random.choice(NASTY) & 0xffff)))
    return bytes(data)


def used(s, rounds):
    """Each round is a machine with PARTITIONS damaged file systems."""
    folder = s.machine.folder
    program, second = os.path.join(folder, "program"), os.path.join(folder, "damaged")
    mkdisk.tool("debugfs", "-R", "dump /bin/cksum " + program, s.machine.boot.disk)
    good = [whole(program, folder, *form) for form in FORMS]
    where = [areas(data) for data in good]
    for n in range(rounds):
        which = [s.random.randrange(len(good)) for _ in range(PARTITIONS)]
        pieces = {number + 1: damage(good[w], where[w], s.random) for number, w in enumerate(which)}
        pieces[PARTITIONS] = good[n % len(good)][:SMALL * partitions.SECTOR]
        partitions.write_image(second, TABLE, 64, pieces)
        with s.another(s.machine.boot.disk, swap=second) as other:
            use_all(other)
            s.notes += other.notes


def use_all(s):
    s.ok("mkdir /m")
    mounted = 0
    for number in range(1, PARTITIONS + 1):
        if s.run("mount /dev/vdb%d /m" % number).rc != 0:
            continue
        mounted += 1
        for line in USE:
            s.run(line)
        reply = s.run("mount -u /m")
        s.check("busy" not in reply.text, "nothing of it is in use afterwards", "no EBUSY", reply.text)
    s.notes.append("%d mounted" % mounted)
    said = bytes(s.log.data).decode(errors="replace")
    found = re.search(r"(?m)^(?:%s): .*fault at.*" % SERVERS, said)
    s.check(not found, "no server crashes", "no fault", found and found.group(0))
    shell.still_works(s)
    s.power_off("poweroff", 0)
    status, text = disk.check(s.disk_image(), "-fn")
    s.check(status == 0, "e2fsck -fn finds the disk at / clean", "status 0", "status %d\n%s" % (status, text))


def damaged(name, rounds, **options):
    @test(name, cpus=BOTH, disk=disk.graded, budget=240, least=300, points=4, needs="shell-boot", icount=None, **options)
    def damaged_disks(s):
        used(s, rounds)


damaged("damaged-disks", 1)
damaged("stress-damaged-disks", 20, slow=True)
