"""The C library and the POSIX layer in the system: user/test/posix_NAME.c, started from the shell.

Each prints `NAME: N checks passed` last and ends with status 0; what fails is printed line by line.
"""

import glob
import os
import re

import shell
from lib import disk
from lib.api import test
from lib.tree import ROOT

BOTH = (1, 4)


ALONE = ("prompt",)             # measure guest time: one CPU
# use a CPU without a pause: not with -icount (grade/README.md, Time)
HOGS = ("cancel", "context", "elsewhere", "group", "handler", "inherit", "interrupt", "mutex", "process", "pthread", "rights", "setid",
        "signal", "storm", "streams", "timer", "walking", "wild", "wild_files")


DISKS = {"times": disk.changing("ext3", 1024)}         # inodes of 256 bytes: times in nanoseconds
SEEDED = ("interrupt", "prompt", "storm")       # draw numbers


def program(name):
    @test("posix-" + name.replace("_", "-"), cpus=(1,) if name in ALONE else BOTH, disk=DISKS.get(name, disk.graded), budget=120,
          points=2, icount=None if name in HOGS else "on")
    def posix_program(s):
        reply = s.run("/test/posix_" + name + (" seed=%d" % s.seed if name in SEEDED else ""))
        found = re.search(r"(?m)^%s: (\d+) checks passed\r?$" % name, reply.text)
        s.check(reply.rc == 0 and found and int(found.group(1)) > 0, "the program's own sum",
                "%s: N checks passed" % name, reply.text)


for path in sorted(glob.glob(os.path.join(ROOT, "user", "test", "posix_*.c"))):
    program(os.path.basename(path)[len("posix_"):-len(".c")])


def background(s, what):
    """Starts a program behind the shell's back; returns its process group."""
    return int(re.search(r"\[(\d+)\]", s.ok(what + " &").text).group(1))


@test("storm-alive", cpus=BOTH, disk=disk.graded, budget=240, points=3, needs="shell-boot", icount=None, long=6)
def storm_alive(s):
    """Neither a fork bomb nor a signal storm keeps the shell from answering, and both can be ended."""
    for what in ("bomb", "signals"):
        group = background(s, "/test/posix_storm " + what)
        for _ in range(5):
            s.equal("the shell answers", "alive\n", s.ok("/bin/echo alive").text)
        s.check(s.ok("ps").text.count("posix_storm") > 4, "the storm goes on")
        s.ok("kill -9 -%d" % group)
        s.run("wait")
        gone = any("posix_storm" not in s.ok("ps").text for _ in range(50))     # they die one after the other
        s.check(gone, "nobody is left", "no posix_storm")


@test("crowd-alive", cpus=BOTH, disk=disk.graded, budget=240, points=3, needs="posix-crowd")
def crowd_alive(s):
    """One user has as many processes as there may be; the shell still starts programs, and ends them."""
    group = background(s, "/test/posix_crowd fill > /tmp/crowd")
    full = any("full" in s.ok("/bin/cat /tmp/crowd").text for _ in range(200))
    s.check(full, "there are as many as there may be", "full")
    s.equal("the shell answers", "alive\n", s.ok("/bin/echo alive").text)
    s.ok("kill -9 -%d" % group)
    s.run("wait")
    gone = any("posix_crowd" not in s.ok("ps").text for _ in range(50))
    s.check(gone, "nobody is left", "no posix_crowd")
    shell.still_works(s)


@test("hostile-paging", cpus=BOTH, disk=disk.graded, mem="24M", swap="64M", budget=300, points=3, needs="posix-hostile")
def hostile_paging(s):
    """As posix-hostile, on a machine that pages meanwhile: mem brings pages within a second, too."""
    reply = s.run("/test/posix_hostile")
    s.check(reply.rc == 0 and re.search(r"(?m)^hostile: \d+ checks passed\r?$", reply.text), "the program's own sum",
            "hostile: N checks passed", reply.text)
    s.notes.append(re.search(r"slowest answer took \d+ ms", reply.text).group(0))


HOSTILE = ("not-ready", "never", "range", "size")       # kinds of pagers that leave their victim waiting


@test("hostile-alive", cpus=BOTH, disk=disk.graded, budget=120, points=3, needs="posix-hostile")
def hostile_alive(s):
    """While programs wait for pagers that do not answer, the shell, files and processes are as ever; kill -9 ends who waits."""
    pairs = []
    for i, kind in enumerate(HOSTILE):
        background(s, "/test/posix_hostile %s %s > /tmp/pair%d" % (kind, ("touch", "write", "read")[i % 3], i))
        pairs.append("/tmp/pair%d" % i)
    numbers = []
    for path in pairs:
        found = None
        for _ in range(200):
            found = found or re.search(r"victim (\d+) pager (\d+)", s.run("cat " + path).text)
        s.check(found, "the victim waits for its pager", "hostile: victim N pager N")
        numbers.append(found.groups())
    shell.still_works(s)
    s.ok("vmstat")
    for victim, pager in numbers:
        s.ok("kill -9 " + victim)
        gone = any(not re.search(r"(?m)^ *%s " % victim, s.ok("ps").text) for _ in range(50))
        s.check(gone, "kill -9 ends who waits for a hostile pager")
        s.ok("kill -9 " + pager)
    s.run("wait")
    gone = any("posix_hostile" not in s.ok("ps").text for _ in range(50))
    s.check(gone, "nobody is left", "no posix_hostile")
    shell.still_works(s)


def lives(s, count):
    """fork, exec and wait so often leave frames, heap and ports as before (growth: see shell.figures)."""
    def some(n):
        s.equal("each ends well", 0, s.run("/test/posix_storm lives %d" % n).rc)

    for _ in range(5):
        some(100)
    before, rounds = shell.figures(s), []
    for _ in range(3):
        some(count)
        last, before = before, shell.figures(s)
        rounds.append(shell.growth(last, before))
        if not rounds[-1]:
            return
    s.check(False, "nothing is left behind", "no growth", rounds)


@test("storm-lives", cpus=BOTH, disk=disk.graded, budget=600, points=3, needs="shell-boot", icount=None, long=6)
def storm_lives(s):
    lives(s, 500)


@test("storm-lives-10000", cpus=BOTH, disk=disk.graded, budget=3000, points=3, needs="shell-boot", icount=None, slow=True)
def storm_lives_long(s):
    lives(s, 10000)


def steadily(s, command, count, rounds=4):
    """`count` of what the command does, in some rounds, each with a seed of its own; not each of them leaves frames, heap or ports behind,
    as a leak does."""
    def some(n):
        words = "%s seed=%d" % (command.replace("COUNT", str(n)), s.random.randrange(1 << 31))
        s.equal(words, 0, s.run(words).rc)

    for _ in range(5):
        some(count // 200)
    before, grown = shell.figures(s), []
    for _ in range(rounds):
        some(count // rounds)
        last, before = before, shell.figures(s)
        grown.append(shell.growth(last, before))
    s.check({} in grown, "a round of %s leaves nothing behind" % command, "no growth", grown)


@test("storm-long", cpus=BOTH, disk=disk.graded, budget=3000, points=3, needs="shell-boot", icount=None, slow=True)
def storm_long(s):
    """Thousands of jumps out of handlers, and of processes killed in a pipe write."""
    steadily(s, "/test/posix_storm jumps COUNT", 100000)
    steadily(s, "/test/posix_storm pipe COUNT", 5000)


@test("socket-leaks", cpus=BOTH, disk=disk.graded, budget=300, points=2, needs="posix-socket-wait", icount=None)
def socket_leaks(s):
    """Connections, accepted or not, and pairs leave nothing behind."""
    steadily(s, "/test/posix_socket_wait COUNT", 800)


@test("socket-hostile-leaks", cpus=BOTH, disk=disk.graded, budget=300, points=2, needs="posix-socket-hostile", icount=None)
def socket_hostile_leaks(s):
    """Nor do answers that nobody takes."""
    steadily(s, "/test/posix_socket_hostile COUNT", 4000)


@test("prompt-many-cpus", cpus=(4,), disk=disk.graded, budget=120, points=2, needs="shell-boot", icount=None)
def prompt_many_cpus(s):
    """The same with CPUs that run at once, on a host that gives them time as it likes: half of the signals are as fast."""
    s.equal("half of the signals arrive in time", 0, s.run("/test/posix_prompt 200 half seed=%d" % s.seed).rc)


@test("prompt-long", disk=disk.graded, budget=3000, points=3, needs="shell-boot", slow=True)
def prompt_long(s):
    """Each of 100,000 signals at random moments reaches a program that only computes within 20 ms."""
    steadily(s, "/test/posix_prompt COUNT", 100000)


@test("interrupt-long", cpus=BOTH, disk=disk.graded, budget=9000, points=3, needs="shell-boot", icount=None, slow=True)
def interrupt_long(s):
    """100,000 signals for each side of a pipe, a FIFO, sockets and a terminal, at random moments: no byte is lost or comes twice."""
    for kind in ("pipe", "fifo", "socket", "from-master", "from-slave", "lines"):
        steadily(s, "/test/posix_interrupt COUNT " + kind, 100000)


@test("wild-long", cpus=BOTH, disk=disk.graded, budget=3000, points=3, needs="shell-boot", icount=None, slow=True)
def wild_long(s):
    """Hundreds of victims that send wild requests to every server."""
    for what in ("posix_wild 300", "posix_wild_files 300"):
        s.equal(what, 0, s.run("/test/" + what).rc)
    shell.still_works(s)
    s.power_off("poweroff", 0)
    status, text = disk.check(s.disk_image(), "-fn")
    s.check(status == 0, "e2fsck -fn finds a clean file system", "status 0", "status %d\n%s" % (status, text))
