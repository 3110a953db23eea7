"""Disks as files (/dev/vda): the guest reads what the host finds in the image, and writes a disk that nobody uses."""

import re

from lib import disk
from lib.api import test

BOTH = (1, 4)
PLAIN = disk.changing("ext2", 1024)
SPARE = "1M"                    # of swap: too small for a store, so mem leaves it alone


def cksum(data):
    """What POSIX's cksum says of bytes."""
    table = []
    for i in range(256):
        c = i << 24
        for _ in range(8):
            c = c << 1 ^ (0x04c11db7 if c & 0x80000000 else 0)
        table.append(c & 0xffffffff)
    crc, length = 0, len(data)
    tail = bytearray()
    while length:
        tail.append(length & 255)
        length >>= 8
    for part in (data, tail):
        for byte in part:
            crc = (crc << 8 ^ table[crc >> 24 ^ byte]) & 0xffffffff
    return crc ^ 0xffffffff


def agree(s, name, data):
    """cksum of a disk, read by the guest, is that of its image."""
    found = re.search(r"(?m)^(\d+) (\d+)", s.ok("cat /dev/%s | cksum" % name).text)
    s.equal("cksum of /dev/" + name, (cksum(data), len(data)), tuple(map(int, found.groups())) if found else None)


@test("devices-disk", cpus=BOTH, disk=PLAIN, budget=120, points=3, needs="shell-boot", read_only=True)
def devices_disk(s):
    """Every byte of a disk, read through its name in /dev, is what the host has in the image; one that is read-only is not written."""
    with open(s.machine.boot.disk, "rb") as f:
        data = f.read()
    text = s.ok("ls -l /dev").text
    s.check(re.search(r"(?m)^brw------- +1 +0 +0 +%d .* vda\r?$" % len(data), text), "ls -l shows the disk", "brw------- ... vda", text)
    agree(s, "vda", data)
    s.ok("/test/change compare /given/small %d 0 %d" % disk.GIVEN["/given/small"])
    agree(s, "vda", data)       # now that some of it is in memory
    reply = s.fails("/test/change fill /dev/vda 1 0 10")
    s.check("Read-only file system" in reply.text, "writing it is refused", "Read-only file system", reply.text)


@test("devices-spare-disk", cpus=BOTH, disk=disk.graded, swap=SPARE, budget=120, points=3, needs="shell-boot")
def devices_spare_disk(s):
    """A disk that nobody uses is written at any offset, and the host finds it so."""
    reply = s.ok("/test/posix_disk /dev/vdb")
    s.check(re.search(r"(?m)^disk: \d+ checks passed\r?$", reply.text), "the program's own sum", "disk: N checks passed")
    pieces = [(s.random.randrange(1 << 20), s.random.randrange(1, 100000), s.random.randrange(1 << 16)) for _ in range(5)]
    pieces = [(at, min(length, (1 << 20) - at), seed) for at, length, seed in pieces]
    for at, length, seed in pieces:
        s.ok("/test/change fill /dev/vdb %d %d %d , compare /dev/vdb %d %d %d" % (seed, at, length, seed, at, length))
    s.power_off("poweroff", 0)
    with open(s.machine.flat("swap"), "rb") as f:
        data = f.read()
    last = pieces[-1]
    s.check(data[last[0]:last[0] + last[1]] == disk.byte_at(last[2], last[0], last[0] + last[1]), "the host finds what was written")


@test("devices-swap-disk", disk=disk.graded, swap="8M", budget=60, points=1, needs="shell-boot")
def devices_swap_disk(s):
    """A disk that is swapped to may be read and not written."""
    s.ok("cat /dev/vdb | cksum")
    reply = s.fails("/test/change fill /dev/vdb 1 0 10")
    s.check("busy" in reply.text, "writing it is refused", "Device or resource busy", reply.text)
