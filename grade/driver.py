"""The disk's driver (fs/blk) and disks that fail: killed in the middle of writes nothing is lost; errors of the device are errors."""

import os
import re
import subprocess

import files
import mapped
import mkdisk
import swap
from lib import disk
from lib.api import test

BOTH = (1, 4)
KILLS, MANY = 4, 10            # in make stress
DRIVER = "blk"
PLAIN = disk.changing("ext2", 1024)
JOURNAL = disk.changing("ext3", 1024)
BIG, SMALL = "/given/big", "/given/small"
BLOCK = 1024
BAD_BLOCK = 300                 # of BIG


def killed(name, made, most, **options):
    @test(name, cpus=BOTH, disk=made, budget=600, least=600, points=5, needs="shell-boot", icount=None, kills=(DRIVER,), **options)
    def driver_killed(s):
        """The driver is killed at any moment of a program's writes, several times; nothing is lost, and the host finds every byte."""
        model, kills, last, runs = files.Model(), 0, 0, 0
        while kills < most:
            s.check(runs < 40, "the driver is killed while programs write", "%d times" % most, "%d times" % kills)
            runs += 1
            model.do("mkdir", "/w/d%d" % runs)
            model.do("log", "/w/log%d" % runs, runs, 120, s.random.randrange(1, 3000))
            model.do("many", "/w/d%d" % runs, 0, 40, s.random.randrange(3000))
            model.do("few", "/w/d%d" % runs, 10, 20)
            model.do("mv", "/w/log%d" % runs, "/w/d%d/log" % runs)
            model.do("fsync", "/w/d%d/log" % runs)
            s.send(("/test/change " + " , ".join(model.commands) + "; echo end%d\r" % runs).encode())
            s.wait_for(r"echo end%d[^0-9]*\n" % runs, "the command's echo")
            model.commands = []
            kills, last = swap.kill(s, DRIVER, min(most, kills + s.random.randrange(1, 4)), kills, last, r"end%d[\r\n]" % runs)
            swap.at_the_shell(s)
            text = bytes(s.log.data).decode(errors="replace")
            errors = [line for line in text.splitlines() if "change: " in line]
            s.check(not errors, "every change is made", "no error", "\n".join(errors))
        s.notes.append("%d programs, %d kills" % (runs, kills))
        s.power_off("poweroff", 0)
        files.host_agrees(s, model, s.disk_image())


for kind, image in (("ext2", PLAIN), ("ext3", JOURNAL)):
    killed("driver-killed-" + kind, image, KILLS, long=13)
    killed("stress-driver-killed-" + kind, image, MANY, slow=True)


for kind, image in (("ext2", PLAIN), ("ext3", JOURNAL)):
    @test("driver-killed-off-" + kind, cpus=BOTH, disk=image, budget=60, points=2, needs="shell-boot", kills=(DRIVER,))
    def driver_killed_off(s):
        """The machine is switched off just when the driver has died: it is started again, and everything is written."""
        model = files.Model()
        model.do("fill", "/w/new", 7, 0, 100000)
        model.do("many", "/w", 0, 20, 300)
        s.ok("/test/change " + " , ".join(model.commands))
        swap.monitor_or_end(s)
        number, _ = swap.driver(s, DRIVER)
        s.ok("terminate %d" % number)
        s.send(b"continue\r")
        s.heard(r"continue[^a-z]*\n")
        s.power_off("poweroff", 0)
        files.host_agrees(s, model, s.disk_image())


def sector_of(image, path, index):
    """The first sector of a file's block."""
    said = subprocess.run(["debugfs", "-R", "bmap %s %d" % (path, index), image], capture_output=True, text=True, check=True).stdout
    return int(said) * BLOCK // 512


@test("driver-read-error", cpus=BOTH, disk=PLAIN, budget=60, points=3, needs="shell-boot",
      bad=lambda image: [("read", sector_of(image, BIG, BAD_BLOCK))])
def driver_read_error(s):
    """A sector that cannot be read: EIO for the block it is in, and for nothing else."""
    seed, size = disk.GIVEN[BIG]
    bad = BAD_BLOCK * BLOCK
    for _ in range(2):
        reply = s.fails("/test/change compare %s %d %d %d" % (BIG, seed, bad, BLOCK))
        s.check("Input/output error" in reply.text or "ends at %d" % bad in reply.text, "EIO", "Input/output error", reply.text)
        s.ok("/test/change compare %s %d %d %d" % (BIG, seed, 0, bad))
        s.ok("/test/change compare %s %d %d %d" % (BIG, seed, bad + BLOCK, size - bad - BLOCK))
        s.fails("cksum " + BIG)
        small = disk.GIVEN[SMALL]
        s.ok("/test/change compare %s %d 0 %d" % (SMALL, *small))
    s.ok("/test/change fill /w/new 3 0 5000 , fsync /w/new , compare /w/new 3 0 5000")
    s.power_off("poweroff", 0)


@test("driver-write-error", cpus=BOTH, disk=PLAIN, budget=60, points=3, needs="shell-boot",
      bad=lambda image: [("write", sector_of(image, SMALL, 0))])
def driver_write_error(s):
    """A sector of a file that cannot be written: its fsync says EIO, and nobody else notices."""
    reply = s.fails("/test/change fill %s 9 0 100 , fsync %s" % (SMALL, SMALL))
    s.check("Input/output error" in reply.text, "EIO", "Input/output error", reply.text)
    for n in range(3):
        s.ok("/test/change compare %s %d 0 %d" % (BIG, *disk.GIVEN[BIG]))
        s.ok("/test/change fill /w/new%d %d 0 50000 , fsync /w/new%d" % (n, n + 1, n))
        s.equal("programs start", "words\n", s.ok("/bin/echo words").text)
    s.power_off("poweroff", 0)
    status, text = disk.check(s.disk_image(), "-fn")
    s.check(status == 0, "e2fsck -fn finds a clean file system", "status 0", "status %d\n%s" % (status, text))


def sector_of_inode(image, path):
    """The first sector of the block of the inode table that holds a file's inode."""
    said = subprocess.run(["debugfs", "-R", "imap " + path, image], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"located at block (\d+)", said).group(1)) * BLOCK // 512


@test("driver-metadata-error", cpus=BOTH, disk=PLAIN, budget=60, points=3, needs="shell-boot",
      bad=lambda image: [("write", sector_of_inode(image, SMALL))])
def driver_metadata_error(s):
    """A sector of the inode table that cannot be written: the file system becomes read-only; reading and programs go on."""
    reply = s.fails("/test/change fill %s 9 0 100 , fsync %s" % (SMALL, SMALL))
    s.check("Input/output error" in reply.text, "EIO", "Input/output error", reply.text)
    for n in range(3):
        s.ok("/test/change compare %s %d 0 %d" % (BIG, *disk.GIVEN[BIG]))
        reply = s.fails("/test/change fill /w/new%d 1 0 10" % n)
        s.check("Read-only file system" in reply.text, "nothing is changed any more", "Read-only file system", reply.text)
        s.equal("programs start", "words\n", s.ok("/bin/echo words").text)
    s.ok("ps")


@test("driver-read-only", cpus=BOTH, disk=PLAIN, budget=60, points=2, needs="shell-boot", read_only=True)
def driver_read_only(s):
    """A disk that may not be written: it is read, and every change is EROFS."""
    s.ok("/test/change compare %s %d 0 %d" % (BIG, *disk.GIVEN[BIG]))
    for words in ("fill /w/new 1 0 10", "fill %s 1 0 10" % SMALL, "mkdir /w/d", "rm " + SMALL, "mv %s /w/x" % SMALL, "chmod 0600 " + SMALL):
        reply = s.fails("/test/change " + words)
        s.check("Read-only file system" in reply.text, words + " is refused", "Read-only file system", reply.text)
    s.ok("/test/change compare %s %d 0 %d" % (SMALL, *disk.GIVEN[SMALL]))


LOOKS = 5


def reads_done(s):
    return sum(d["stats"]["rd_operations"] for d in s.machine.qmp.command("query-blockstats"))


READERS_MOST, COLD_SIZE = 100, 256 * 1024
PROGRAMS, PROGRAM_PAGES = 4, 2048


def cold_files(cut):
    """A disk with a file for each reader, all the same: no two of them wait for the same block; and some large programs."""
    def entries(folder, base):
        source = os.path.join(folder, "cold")
        with open(source, "wb") as f:
            f.write(disk.byte_at(1, 0, COLD_SIZE))
        cold, program = mkdisk.Entry("file", source, 0o644, 0, 0), mapped.program(cut, folder, PROGRAM_PAGES)
        return {**base, "/cold": mkdisk.Entry("dir", "", 0o755, 0, 0), **{"/cold/%d" % n: cold for n in range(READERS_MOST)},
                **{"/cold/large%d" % n: program for n in range(PROGRAMS)}}
    return disk._image(cut, "cold", entries, 96, 4096)


def slow(name, readers, mem):
    @test(name, cpus=BOTH, disk=cold_files, mem=mem, budget=600, least=600, points=3, needs="shell-boot", icount=None)
    def driver_slow(s):
        """More programs wait for a slow disk than fs has threads: what is cached is had without it, with hardly a read; all get theirs."""
        for _ in range(2):
            s.ok("cat /etc/motd; cksum /etc/motd; ls -l /etc/motd; ps; memory")
        swap.throttle(s, "disk1", iops_rd=1)
        for n in range(readers):
            s.ok("cksum /cold/%d &" % n)
        before = reads_done(s)
        for _ in range(LOOKS):
            s.ok("cat /etc/motd; ls -l /etc/motd")
        done = reads_done(s) - before
        s.equal("programs that wait for the disk", readers, s.ok("ps").text.count("cksum"))
        s.check(done <= 2 * LOOKS, "reads of the disk, one a second, meanwhile", "at most two for each look", done)
        swap.throttle(s, "disk1")
        s.ok("wait")
        sums = re.findall(rb"(?m)^(\d+) %d /cold/\d+\r?$" % COLD_SIZE, bytes(s.log.data))
        s.equal("programs that read their file whole", readers, len(sums))
        s.equal("sums of files that are the same", 1, len(set(sums)))


slow("driver-slow", READERS_MOST, "128M")
slow("driver-slow-small", 30, "32M")


@test("driver-slow-pages", cpus=BOTH, disk=cold_files, budget=600, least=600, points=3, needs="shell-boot", icount=None)
def driver_slow_pages(s):
    """More pages of programs are waited for than fs has threads that answer; a program whose pages are in the block cache starts all the same."""
    for n in range(PROGRAMS):
        s.ok("/cold/large%d 0 1 1" % n)
    for n in range(LOOKS + 1):
        s.ok("cp /bin/echo /cold/echo%d" % n)
    s.ok("/cold/echo%d words; ps" % LOOKS)
    swap.throttle(s, "disk1", iops_rd=1)
    for n in range(3 * PROGRAMS):
        s.ok("/cold/large%d %d 7 %d &" % (n % PROGRAMS, n * 150 + 60, PROGRAM_PAGES // 8))
    before = reads_done(s)
    for n in range(LOOKS):
        s.equal("what a new program says", "words\n", s.ok("/cold/echo%d words" % n).text)
    done = reads_done(s) - before
    s.equal("programs that wait for the disk", 3 * PROGRAMS, s.ok("ps").text.count("/cold/large"))
    s.check(done <= 2 * LOOKS, "reads of the disk, one a second, meanwhile", "at most two for each look", done)
    swap.throttle(s, "disk1")
    s.ok("wait")
    right = re.findall(rb"(?m)^large: %d right\r?$" % (PROGRAM_PAGES // 8), bytes(s.log.data))
    s.equal("programs that saw their pages", 3 * PROGRAMS, len(right))
