"""Paging: programs that use several times the memory of the machine, with swap on a disk (user/mem).

/test/paging fills pages with what a seed says and rewrites them in random order; it tells what it found wrong.
The host looks for the same pages on the swap disk afterwards.
"""

import collections
import re
import struct
import time

from lib import disk
from lib.api import test

PAGE = 4096
MASK = (1 << 64) - 1
LEAST = 600                     # wall seconds: the disk is slow when the host is busy
DRIVER = "swap"                 # its task; init starts it again
KILLS, FEW_KILLS = 10, 2
REUSES = 5                      # of the disk
TRIES = 50                      # BREAKs for one program, which may end meanwhile


def ended(s, reply):
    s.check(reply.rc == 0 and re.search(r"(?m)^paging: .* wrong 0\r?$", reply.text), "what was rewritten is right",
            "paging: ... wrong 0", reply.text)


def paging(s, tasks, megabytes, rewrites=60):
    seed = s.random.randrange(1, 1 << 31)
    ended(s, s.run("/test/paging %d %d %d %d" % (tasks, megabytes, rewrites, seed)))
    return seed


def figures(s):
    """vmstat: KB of swap, in use and given to the kernel, pages in and requests for them, pages out, errors."""
    text = s.ok("vmstat").text
    found = re.search(r"(?m)^swap +(\d+) KB on \w+, (\d+) KB in use, (\d+) KB given", text)
    s.check(found, "vmstat shows the swap disk", "swap N KB on ..., N KB in use, N KB given to the kernel")
    came = re.search(r"(?m)^swapped in +(\d+) pages, (\d+) requests", text)
    return {"all": int(found.group(1)), "used": int(found.group(2)), "given": int(found.group(3)),
            "in": int(came.group(1)), "asked": int(came.group(2)),
            "out": int(re.search(r"(?m)^swapped out +(\d+)", text).group(1)),
            "errors": int(re.search(r"(?m)^disk errors +(\d+)", text).group(1))}


# --- the swap disk, seen by the host ---

def mix(x):
    x ^= x >> 31
    x = x * 0x9e3779b97f4a7c15 & MASK
    return x ^ x >> 29


def page_is_right(page, seed):
    """A whole page as /test/paging wrote it."""
    words = struct.unpack("<512Q", page)
    task, number, generation = words[0] & 0xffffffff, words[1], words[2]
    key = mix((seed << 32 ^ task << 56 ^ number << 24 ^ generation) & MASK)
    return all(words[i] == key + i * 0x100000001b3 & MASK for i in range(3, 512))


def seeded_pages(s, seed):
    """{task: pages of it on the swap disk}; the machine has been turned off. Complains of pages that are not whole."""
    found, wrong = collections.Counter(), 0
    with open(s.machine.flat("swap"), "rb") as f:
        while page := f.read(PAGE):
            task, high = struct.unpack_from("<II", page)
            if high == seed:
                found[task] += 1
                wrong += not page_is_right(page, seed)
    s.check(wrong == 0, "pages on the swap disk are whole", "no page that is not", "%d of %d" % (wrong, sum(found.values())))
    return found


# --- tests ---

def thrice(name, megabytes, rewrites, **options):
    @test(name, cpus=(1, 4), disk=disk.graded, points=5, icount=None, **options)
    def swap_thrice(s):
        """Three times the memory, in four tasks and a copy of one; all of it comes back right, and is on the disk."""
        seed = paging(s, 4, megabytes, rewrites)
        took = re.search(r"(\d+) ms, wrong", s.last.text)
        after = figures(s)
        s.notes.append("%s ms; %d pages in, %d requests" % (took.group(1) if took else "?", after["in"], after["asked"]))
        s.check(after["out"] > 0 and after["errors"] == 0, "pages went to the disk without errors", "pages, no errors", after)
        s.power_off("poweroff", 0)
        found = seeded_pages(s, seed)
        # The places of a task that ended first are taken by the others.
        s.check(len(found) >= 3 and sum(found.values()) * PAGE >= megabytes << 20, "pages of the tasks are on the swap disk",
                "at least %d MB of at least 3 of tasks 0 to 4" % megabytes, dict(found))


thrice("swap-thrice", 13, 20, mem="24M", swap="96M", budget=900, least=LEAST, long=15)
thrice("swap-thrice-192mb", 48, 60, mem="64M", swap="256M", budget=3600, least=3 * LEAST, slow=True)


def clusters(name, cpus, **options):
    @test(name, cpus=(cpus,), disk=disk.graded, mem="32M", swap="128M", budget=300, least=LEAST, points=3, icount=None, **options)
    def swap_clusters(s):
        """Who goes through memory in order gets it back from swap in clusters; who does not is asked for what he needs."""
        paging(s, 1, 40, 0)
        first = figures(s)
        s.notes.append("in order: %d pages in, %d requests" % (first["in"], first["asked"]))
        s.check(first["in"] >= 2048 and first["asked"] * 4 <= first["in"], "pages come in clusters", "at least 4 pages a request", first)
        paging(s, 1, 40, 40)
        both = figures(s)
        s.notes.append("rewritten too: %d pages in, %d requests" % (both["in"] - first["in"], both["asked"] - first["asked"]))
        s.equal("disk errors", 0, both["errors"])


clusters("swap-clusters", 1, long=7)
clusters("stress-swap-clusters", 4, slow=True)


@test("swap-again", cpus=(1, 4), disk=disk.graded, mem="24M", swap="36M", budget=900, least=LEAST, points=3, needs="swap-thrice",
      icount=None, long=8)
def swap_again(s):
    """Five programs one after the other use more swap together than there is; each gives back what it had."""
    results = []
    for _ in range(5):
        paging(s, 2, 12, 10)
        results.append(figures(s))
    total = results[-1]["out"] * PAGE
    s.notes.append("%d MB out" % (total >> 20))
    s.check(total > 36 << 20, "more went out than the disk has", "more than 36 MB", total)
    # Pages of the shell and the servers that went out meanwhile stay out, and each holds the store that was free then.
    used = [r["used"] for r in results]
    s.check(max(used[1:]) <= used[0] + 1024, "what is in use does not grow", "at most 1024 KB more than %d KB" % used[0], used)
    given = [r["given"] for r in results]
    s.check(max(given) < 16 << 10, "what the kernel was given is less than what one program needs", "less than 16 MB", given)


HOUR = 3600 * 1000
SLOWLY = 7                      # 2^7 ns: eight million instructions a second, else an hour takes days of the host's


@test("swap-hour", cpus=(1, 4), disk=disk.graded, mem="32M", swap="128M", shift=SLOWLY, budget=8 * 3600, least=4 * LEAST, points=5,
      needs="swap-thrice", slow=True)
def swap_hour(s):
    """An hour of the machine's time in which programs want three times the memory that there is, and files and new programs want it too:
    neither mem nor a driver ever waits for itself, nothing is lost, and what is in use does not grow."""
    crc, size = disk.sum_of("big")
    total, rounds = 0, []
    while total < HOUR:
        s.ok("/test/paging 4 18 60 %d > /tmp/paging &" % s.random.randrange(1, 1 << 31))
        s.equal("20 MB of a file", [str(crc), str(size)], s.ok("cksum /grade/big").text.split()[:2])
        s.ok("/test/posix_storm lives 20")
        s.ok("ls -l /grade/many > /dev/null")
        s.run("wait")
        ended(s, s.ok("cat /tmp/paging"))
        total += int(re.search(r"(\d+) ms, wrong", s.last.text).group(1))
        rounds.append(figures(s))
    s.notes.append("%d rounds; %d pages in, %d out" % (len(rounds), rounds[-1]["in"], rounds[-1]["out"]))
    s.equal("disk errors", 0, rounds[-1]["errors"])
    used = [r["used"] for r in rounds]
    s.check(max(used) <= used[0] + 2048, "what is in use does not grow", "at most 2048 KB more than %d KB" % used[0], used)


def monitor_or_end(s, end="paging: .* wrong"):
    """A BREAK, again if it came while the monitor was being left. Returns the Reply of whatever prompt comes."""
    seen = None
    while seen is None:
        s.check(s.machine.send_break(), "QEMU sends a BREAK")
        seen = s.heard(r"kernel monitor|unknown command|" + end)
    return s.prompt("BREAK", seen)


def driver(s, name=DRIVER):
    """(task number, messages received) of the driver's task; the monitor has the console."""
    found = re.search(r"(?m)^ *(\d+) %s .*?(\d+)/(\d+)(?: \w+)?\r?$" % name, s.ok("tasks").text)
    return (int(found.group(1)), int(found.group(3))) if found else (0, 0)


def at_the_shell(s):
    """
    Waits for the program's end. After BREAKs: prompts have been passed over, or stand in the monitor's output, and the last BREAK may have come
    behind the program's end, into the monitor, or in the middle of a command typed here: the shell then keeps its beginning, which ^U erases.
    """
    for n in range(10):
        word = "next%x" % s.random.getrandbits(32)
        s.send(("\x15echo %s\r" % word).encode())
        seen = s.wait_for(r"[\r\n]%s[\r\n]|unknown command" % word, "the shell")
        if b"unknown command" not in seen:
            s.prompt("echo", seen)
            return
        s.send(b"continue\r")
        s.heard(r"continue[^a-z]*\n")
    s.check(False, "the shell answers")


def kill(s, name, goal, kills, last, end, least=0):
    """
    Kills a driver until that was done `goal` times, or the program has printed `end`; the first when it has received at least so many
    messages. Returns the number of kills and the last task.
    """
    since, moment = len(s.log.data), least * (kills == 0) + s.random.randrange(1, 10)
    for _ in range(TRIES):
        # What it prints last may come when the monitor has just been entered, behind that one's prompt.
        if kills == goal or re.search(end.encode(), s.log.data[since:]):
            break
        time.sleep(s.random.random() / 2)       # any moment will do
        if monitor_or_end(s, end).shell != "kmsh":
            break
        number, received = driver(s, name)
        if number != last and received >= moment:
            s.ok("terminate %d" % number)
            last, kills, moment = number, kills + 1, s.random.randrange(1, 10)
        s.send(b"continue\r")
        s.heard(r"continue[^a-z]*\n")
    return kills, last


def throttle(s, device, **limits):
    """So many requests of a disk a second (QEMU's iops, iops_rd ...); without limits: as many as it does."""
    every = dict.fromkeys(("bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"), 0)
    done = s.machine.qmp.command("block_set_io_throttle", device=device, **{**every, **limits})
    s.check(done is not None, "QEMU changes how fast a disk is")


FILLED = 600                    # messages to the driver: then pages come in, too, one by one
SLOW = 500                      # requests of the swap disk a second: hardly a moment without one that has not been answered


def driver_killed(name, most, reuses, tasks, megabytes, swap, **options):
    @test(name, cpus=(1, 4), disk=disk.graded, swap="%dM" % swap, points=5, needs="swap-thrice", icount=None, kills=(DRIVER,), **options)
    def swap_driver_killed(s):
        """
        The driver of the swap disk is killed while programs wait for it, several times; nothing is lost. Meanwhile the disk is
        written `reuses` times over, and what is in use after each program does not grow.
        """
        kills, last, after = 0, 0, []
        while kills < most or after[-1]["out"] * PAGE < reuses * swap << 20:
            runs = len(after) + 1
            s.check(runs <= 20, "the driver is killed while programs run, and the disk used again",
                    "%d times, %d MB" % (most, reuses * swap), "%d times, %r" % (kills, after[-1:]))
            s.send(b"/test/paging %d %d 60 %d; echo end%d\r" % (tasks, megabytes, s.random.randrange(1, 1 << 31), runs))
            s.wait_for(r"echo end%d[^0-9]*\n" % runs, "the command's echo")
            throttle(s, "disk2", iops=SLOW)
            kills, last = kill(s, DRIVER, most, kills, last, r"end%d[\r\n]" % runs, FILLED)
            throttle(s, "disk2")
            at_the_shell(s)
            right = re.findall(rb"(?m)^paging: .* wrong 0\r?$", s.log.data)
            s.equal("programs that found right what they wrote", runs, len(right))
            after.append(figures(s))
        s.notes.append("%d programs, %d kills, %d MB out" % (len(after), kills, after[-1]["out"] * PAGE >> 20))
        s.equal("errors: no page was lost", 0, after[-1]["errors"])
        used = [each["used"] for each in after]
        s.check(max(used) <= used[0] + 2048, "what is in use does not grow", "at most 2048 KB more than %d KB" % used[0], used)


driver_killed("swap-driver-killed", FEW_KILLS, 0, 2, 15, 64, mem="24M", budget=300, least=LEAST, long=8)
driver_killed("stress-swap-driver-killed", KILLS, REUSES, 4, 18, 128, mem="32M", budget=1800, least=2 * LEAST, slow=True)
driver_killed("swap-driver-killed-192mb", KILLS, REUSES, 4, 48, 256, mem="64M", budget=7200, least=6 * LEAST, slow=True)


def does_without(s, least):
    """A program takes memory until there is no more."""
    reply = s.run("/test/crash memory")
    had = re.search(r"refused after (\d+) MB", reply.text)
    s.check(int(had.group(1)) >= least if had else re.search(r"crash: \w", reply.text),
            "it gets so much, then an error or a message", "refused after at least %d MB, or killed and told of" % least, reply.text)


@test("swap-full", cpus=(1, 4), disk=disk.graded, mem="32M", swap="16M", budget=600, least=LEAST, points=3, icount=None)
def swap_full(s):
    """With memory and swap used up, who wants more does without; the others go on."""
    for _ in range(2):
        does_without(s, 32)
        word = "%x" % s.random.getrandbits(40)
        s.equal("a program runs", word + "\n", s.ok("/bin/echo " + word).text)
        s.ok("ps")
    s.check(figures(s)["used"] <= 4 << 10, "what it had is given back", "at most 4 MB of swap in use")


def kept(s, path="/tmp/keep"):
    """What /test/keep has said so far: (pages rewritten, [(pages wrong, [pages lost]) of each look at all])."""
    text = s.ok("cat " + path).text
    rewritten = [int(n) for n in re.findall(r"(?m)^keep: (\d+) rewritten$", text)]
    looks = [(int(wrong), [int(n) for n in lost.split()]) for wrong, lost in re.findall(r"(?m)^keep: wrong (\d+), lost([ \d]*)$", text)]
    return max(rewritten, default=0 if "filled" in text else -1), looks


def wait_until(s, condition, what):
    """Asks the guest until it holds."""
    s.check(any(condition() for _ in range(3000)), what)


def background(s, command):
    """Starts a program behind the shell's back; returns its number."""
    return int(re.search(r"\[(\d+)\]", s.ok(command + " &").text).group(1))


def room(s):
    """KB of swap that nobody uses."""
    after = figures(s)
    return after["all"] - after["used"]


# KB of swap that may be left when it is taken for full, and later: pages of those who go on come in, for which some have gone out.
FULL, ROOM = 256, 1024


@test("swap-full-others", cpus=(1, 4), disk=disk.graded, mem="24M", swap="16M", budget=600, least=LEAST, points=3, icount=None)
def swap_full_others(s):
    """
    Programs hold so much that swap is full but for what the last of them gives back. Others go on with that: one that rewrites its own pages,
    the shell, new programs, files. Who then wants more does without.
    """
    other = background(s, "/test/keep 512 %d busy > /tmp/keep" % s.random.randrange(1, 1 << 16))
    holders = [background(s, "/test/keep 5120 1 busy > /tmp/held0")]
    wait_until(s, lambda: kept(s)[0] >= 0 and kept(s, "/tmp/held0")[0] >= 0, "the programs have their pages")
    s.ok("kill -19 %d" % holders[0])
    while room(s) > FULL:
        name = "/tmp/held%d" % len(holders)
        s.check(len(holders) < 20, "swap gets full")
        holders.append(background(s, "/test/keep 128 1 busy > " + name))
        wait_until(s, lambda: kept(s, name)[0] >= 0, "one more has its pages")
        s.ok("kill -19 %d" % holders[-1])
    last = holders.pop()
    s.ok("kill -9 %d" % last)
    s.run("wait %d" % last)
    s.notes.append("%d programs hold memory" % len(holders))
    for n in range(3):
        rewritten, word = kept(s)[0], "%x" % s.random.getrandbits(40)
        s.equal("the shell answers", word + "\n", s.ok("echo " + word).text)
        s.equal("a program runs", word + "\n", s.ok("/bin/echo " + word).text)
        s.equal("ps lists who is there", len(holders) + 1, s.ok("ps").text.count("keep"))
        s.ok("/test/change fill /tmp/new %d 0 100000 , fsync /tmp/new , compare /tmp/new %d 0 100000 , rm /tmp/new" % (n + 1, n + 1))
        wait_until(s, lambda: kept(s)[0] > rewritten, "the other program goes on")
    s.check(room(s) <= ROOM, "there is no more room than what came in has left", "at most %d KB" % ROOM)
    s.check(b"no memory left" not in s.log.data, "nobody is refused what is his")
    s.ok("kill %d" % other)
    s.run("wait %d" % other)
    s.equal("what the other program kept: wrong and lost", (0, []), kept(s)[1][-1])
    does_without(s, 0)
    s.check(set(re.findall(rb"no memory left: (\S+) ", s.log.data)) <= {b"crash"}, "who was refused", "crash, or nobody")
    s.ok("ps")
    s.ok("kill -9 " + " ".join(map(str, holders)))
    s.run("wait")
    s.check(figures(s)["used"] <= 4 << 10, "what they had is given back", "at most 4 MB of swap in use")


@test("swap-full-holder", cpus=(1, 4), disk=disk.graded, mem="24M", swap="16M", budget=600, least=LEAST, points=3, icount=None)
def swap_full_holder(s):
    """A program has taken all memory there is and wants no more. Small ones that come then get theirs: at last it is the one that ends."""
    holder = background(s, "/test/crash hold > /tmp/holder")
    wait_until(s, lambda: "refused after" in s.ok("cat /tmp/holder").text, "it has all it can get")
    names = []
    while b"no memory left" not in s.log.data:
        names.append("/tmp/small%d" % len(names))
        s.check(len(names) < 40, "memory is used up")
        background(s, "/test/keep 64 %d busy > %s" % (len(names), names[-1]))
        wait_until(s, lambda: kept(s, names[-1])[0] >= 0, "one more has its pages")
    s.notes.append("%d small programs" % len(names))
    s.equal("who did without", [b"crash"], re.findall(rb"no memory left: (\S+) .* has most of it and ends", s.log.data))
    s.run("wait %d" % holder)
    s.check(b"msh: /test/crash: killed" in s.log.data, "the shell tells of its end")
    s.equal("small programs that run", len(names), s.ok("ps").text.count("/test/keep"))
    s.ok("kill " + " ".join(re.findall(r"(?m)^ +(\d+) .* /test/keep", s.last.text)))
    s.run("wait")
    for name in names:
        s.equal("what a small program kept: wrong and lost", (0, []), kept(s, name)[1][-1])


@test("swap-full-again", cpus=(1, 4), disk=disk.graded, mem="24M", swap="32M", budget=600, least=LEAST, points=2, icount=None)
def swap_full_again(s):
    """Swap that was full, with a memory object in it, takes more when the object is gone."""
    holder = background(s, "/test/keep 3072 1 object busy > /tmp/held")
    wait_until(s, lambda: kept(s, "/tmp/held")[0] >= 0, "the object has its pages")
    s.ok("kill -19 %d" % holder)
    taker = background(s, "/test/crash hold > /tmp/holder")
    wait_until(s, lambda: "refused after" in s.ok("cat /tmp/holder").text, "a program has all the rest")
    s.ok("kill -9 %d" % holder)
    s.run("wait %d" % holder)
    wait_until(s, lambda: " 0 KB to memory objects" in s.ok("vmstat").text, "the object is gone")
    does_without(s, 8)
    s.ok("kill -9 %d" % taker)
    s.run("wait")


STORE = 1024                    # pages; the first store begins behind the first page
LARGE = 6 * STORE               # pages of who loses some: more than memory holds
# Pages of the swap disk, in stores that the servers' pages do not come to: what they have touched is older than what a program fills
# memory with later, and leaves memory before that, for the first store, or for the second, once what filled it is gone.
UNWRITABLE = {1 + store * STORE + n for store in (2, 3, 4) for n in range(100, STORE, 200)}
UNREADABLE = {page + 50 for page in UNWRITABLE}


def bad_pages(first=0):
    """What fails of a swap disk that begins at that sector: one sector of each such page."""
    return [(kind, first + page * PAGE // 512 + page % 8)
            for kind, pages in (("write", UNWRITABLE), ("read", UNREADABLE)) for page in sorted(pages)]


def loses(s, command):
    """
    Runs /test/keep, which loses pages; the others are right. What is lost stays so; a page that was in memory at the first look may be lost
    at the second. Returns what is lost.
    """
    s.ok(command + " > /tmp/keep")
    looks = kept(s)[1]
    s.equal("wrong pages", [0, 0], [wrong for wrong, _ in looks])
    first, second = (set(lost) for _, lost in looks)
    s.check(first <= second, "what is lost stays lost", first, second)
    return second


def errors(s):
    """Pages of the swap disk fail: what was to be there is lost to whose it is, each time he looks, and nothing else is lost to anybody."""
    other = background(s, "/test/paging 1 3 100 %d > /tmp/other" % s.random.randrange(1, 1 << 31))
    lost = {page + 1 + STORE for page in loses(s, "/test/keep %d %d object" % (LARGE, s.random.randrange(1, 1 << 16)))}
    s.check(lost & UNWRITABLE and lost & UNREADABLE and lost <= UNWRITABLE | UNREADABLE,
            "pages of an object that are lost: it begins with the second store",
            "some of each kind of %s" % sorted(UNWRITABLE | UNREADABLE), sorted(lost))
    s.run("wait %d" % other)
    ended(s, s.ok("cat /tmp/other"))
    before = figures(s)["errors"]
    lost = loses(s, "/test/keep %d %d" % (LARGE, s.random.randrange(1, 1 << 16)))
    s.check(2 <= len(lost) <= len(UNWRITABLE | UNREADABLE), "a program's own pages that are lost", "a few", sorted(lost))
    after = figures(s)["errors"]
    s.check(after >= before + len(lost) > len(lost), "the errors are counted", "one at least for each", (before, after))
    said = {(kind.decode(), int(page)) for kind, page in re.findall(rb"mem: \w+: cannot (\w+) page (\d+): ", s.log.data)}
    s.check(said and said <= {("write", page) for page in UNWRITABLE} | {("read", page) for page in UNREADABLE},
            "what mem complains of", "the bad pages", sorted(said))
    word = "%x" % s.random.getrandbits(40)
    s.equal("a program runs", word + "\n", s.ok("/bin/echo " + word).text)
    s.ok("/test/change fill /tmp/new 7 0 100000 , fsync /tmp/new , compare /tmp/new 7 0 100000")
    s.power_off("poweroff", 0)


@test("swap-errors", cpus=(1, 4), disk=disk.graded, mem="24M", swap="72M", bad_swap=lambda image: bad_pages(), budget=300, least=LEAST,
      points=4, icount=None, long=8)
def swap_errors(s):
    errors(s)


def objects(s, megabytes):
    reply = s.ok("/test/objects %d %d" % (megabytes, s.random.randrange(1, 1 << 16)))
    s.check(re.search(r"(?m)^objects: \d+ checks passed\r?$", reply.text), "the program's own sum", "objects: N checks passed", reply.text)


def shared_objects(name, megabytes, **options):
    @test(name, cpus=(1, 4), disk=disk.graded, budget=300, least=LEAST, points=3, icount=None, **options)
    def swap_objects(s):
        """A memory object of mem's, larger than the memory, is shared by tasks; what does not fit is on the disk."""
        objects(s, megabytes)
        after = figures(s)
        s.check(after["out"] > 8 << 8 and after["errors"] == 0, "pages went to the disk", "more than 8 MB, no errors", after)


shared_objects("swap-objects", 25, mem="24M", swap="64M", long=8)
shared_objects("stress-swap-objects", 40, mem="32M", swap="128M", slow=True)


@test("swap-refused", cpus=(4,), disk=disk.graded, mem="24M", swap="64M", append="refuse=5", budget=600, least=LEAST, points=3,
      icount=None, debug=True)
def swap_refused(s):
    """Page faults that find no memory at the first attempt find it later: no program notices (kern/vm/refuse.h)."""
    objects(s, 25)
    paging(s, 2, 8, 30)
    s.check(figures(s)["errors"] == 0, "no page was lost", "no errors")
    s.check(b"100 allocations of page faults have been refused" in bytes(s.log.data), "the kernel refuses", "a line that tells of it")


@test("swap-none", disk=disk.graded, swap="4K", budget=60, points=1)
def swap_none(s):
    """A swap disk too small for anything is told of and not used."""
    s.check(b"too small for swap" in bytes(s.log.data), "mem says so", "mem: ... is too small for swap")
    s.ok("vmstat")
    s.ok("/test/objects 0")
