#!/usr/bin/env python3
"""Grades the grading library: guests that go wrong in known ways must get exactly the right verdict.

    grade/self/run.py [NAME...]       the last line says `N passed, N failed`

Each guest is a few lines of C (guests/), built here for both architectures into a folder that is
removed afterwards; needs no kernel. Extra arguments narrow the list by pattern.
"""

import fnmatch
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

from lib import report, verdict                         # noqa: E402
from lib.machine import TRANSCRIPT_LIMIT, Transcript  # noqa: E402
from lib.registry import Test, Variant, label           # noqa: E402
from lib.runner import Options, Runner                  # noqa: E402
from lib.session import Backstop, Lost, WrongOutput               # noqa: E402
from lib.tree import ARCHES, Tree                       # noqa: E402

GUESTS = os.path.join(HERE, "guests")
CFLAGS = ["-ffreestanding", "-fno-pic", "-fno-pie", "-O1", "-Wall", "-Wextra", "-Werror",
          "-mgeneral-regs-only", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none"]
COMPILERS = {
    "aarch64": (("aarch64-linux-gnu-gcc", "gcc"), ["-mstrict-align"]),
    "x86_64": (("x86_64-linux-gnu-gcc", "gcc"), ["-m32"]),
}

# A case: which guest, what the test does with it, the verdict it must get, what the story must name.
Case = namedtuple("Case", "name guest func expect says append budget more")
CASES = []


def case(name, guest, expect, says="", append="", budget=0.3, **more):
    """`more`: other options of the Test."""
    def register(func):
        CASES.append(Case(name, guest, func, expect, says, append, budget, {"least": 3, **more}))
        return func
    return register


def go(s):
    """The command at which a guest goes wrong; it must not matter that rc=0 would be fine here."""
    s.ok("go")


def compiler(arch):
    for name in COMPILERS[arch][0]:
        if shutil.which(name):
            return name
    sys.exit("no compiler for %s: `make setup`" % arch)


def build(arch, guest, folder):
    """Returns the file QEMU boots."""
    here = os.path.join(GUESTS, arch)
    out = os.path.join(folder, "%s-%s" % (arch, guest))
    subprocess.run([compiler(arch)] + CFLAGS + COMPILERS[arch][1] + [
        "-Wl,--no-warn-rwx-segments", "-I" + GUESTS, "-T", os.path.join(here, "guest.ld"),
        os.path.join(here, "start.S"), os.path.join(here, "machine.c"), os.path.join(GUESTS, "shell.c"),
        os.path.join(GUESTS, guest + ".c"), "-o", out + ".elf"], check=True)
    if arch == "x86_64":
        return out + ".elf"
    objcopy = compiler(arch)[:-3] + "objcopy"
    subprocess.run([objcopy, "-O", "binary", out + ".elf", out + ".img"], check=True)
    return out + ".img"


# The cases. First what a healthy guest gets.

@case("good", "good", verdict.OK)
def good(s):
    for n in range(5):
        word = "%x" % s.random.getrandbits(64)
        s.equal("echo says what it was told", word + "\n", s.ok("echo " + word).text)
    s.equal("an unknown command is refused", 127, s.run("nonsense").rc)
    s.equal("a status arrives", 3, s.run("go").rc)
    long = "x" * 120
    s.equal("a long line arrives whole", long[:122] + "\n", s.ok("echo " + long).text)
    s.power_off("poweroff", 0)


@case("status", "good", verdict.OK)
def status(s):
    s.power_off("poweroff 42", 42)


@case("wrong-status", "good", verdict.WRONG, "status 41")
def wrong_status(s):
    s.power_off("poweroff 42", 41)


@case("wrong-output", "good", verdict.WRONG, "three")
def wrong_output(s):
    s.equal("echo", "three", s.ok("echo four").text)


@case("wrong-rc", "good", verdict.WRONG, "rc=3")
def wrong_rc(s):
    s.ok("go")


# A server that died shows in what init says: as a failure, unless the test kills it, and it said nothing.

case("server-dies", "good", verdict.WRONG, "fs died: bus error")(lambda s: s.ok("echo init: fs died: bus error at 0x8, starting it again"))
case("server-killed", "good", verdict.OK, kills=("blk",))(lambda s: s.ok("echo init: blk died, starting it again"))
case("server-killed-dies", "good", verdict.WRONG, "blk died: breakpoint", kills=("blk",))(
    lambda s: s.ok("echo init: blk died: breakpoint at 0x8, starting it again"))


# Then each way to fail, at a command and before the first prompt.

case("panic", "panic", verdict.PANIC, "#1 0xffff800000080010 kernel_main+0x10")(go)
case("panic-early", "panic", verdict.PANIC, "frame 0x41000 freed twice", "early")(go)
case("panic-wedged", "wedge", verdict.PANIC, "lock_take+0x34", budget=6)(go)
case("hang", "late", verdict.HANG, "idle+0x34")(go)
case("hang-early", "late", verdict.HANG, "idle+0x34", "early")(go)
case("hang-interrupts-off", "spin", verdict.HANG, "cpu 0: 0x", least=60)(go)
case("hang-real-time", "spin", verdict.NO_VERDICT, "cpu 0: 0x", icount=None)(go)
case("no-boot", "spin", verdict.NO_BOOT, "cpu 0: 0x", "early")(go)
case("reboot", "reset", verdict.REBOOT)(go)
case("reboot-early", "reset", verdict.REBOOT, "", "early")(go)
case("garbage", "garbage", verdict.GARBAGE, budget=6)(go)
case("garbage-early", "garbage", verdict.GARBAGE, "", "early", budget=6)(go)
case("garbage-burst", "burst", verdict.GARBAGE)(go)
case("flood", "flood", verdict.GARBAGE, "without end", budget=6)(go)
case("power-off", "quit", verdict.POWER_OFF, "status 7")(go)
case("power-off-clean", "leave", verdict.POWER_OFF, "status 0")(go)
case("power-off-silent", "leave", verdict.NO_BOOT, "status 0", "early")(go)
case("undone", "undone", verdict.TODO, "1.3")(go)
case("undone-stuck", "undone", verdict.TODO, "1.3", budget=6)(lambda s: s.equal("x", 0, s.run("go").rc))


@case("forged", "forged", verdict.WRONG, "the true answer")
def forged(s):
    s.check("42" in s.ok("go").text, "the true answer")


@case("forged-good", "forged", verdict.OK)
def forged_good(s):
    """A false separator and prompt in the output are text like any other."""
    s.check("\x1e0000000000000000 rc=0\nkmsh> 12 passed" in s.ok("go").text, "all of the text is there")
    s.equal("the line is still in step", "after\n", s.ok("echo after").text)


@case("torn-prompt", "torn", verdict.OK)
def torn_prompt(s):
    s.equal("the mark counts, wherever the prompt is", 4, s.run("go").rc)
    s.equal("the next command's status", 5, s.run("x").rc)
    s.equal("the line is still in step", "after\n", s.ok("echo after").text)


@case("overtaken-prompt", "overtaken", verdict.OK)
def overtaken_prompt(s):
    reply = s.run("go")
    s.equal("the status beside the prompt", 4, reply.rc)
    s.check("kernel monitor" in reply.text, "all of the text is there", "kernel monitor")
    s.equal("the line is still in step", "after\n", s.ok("echo after").text)


@case("lost-is-final", "quit", verdict.OK)
def lost_is_final(s):
    try:
        s.run("go")
    except Lost as lost:
        s.equal("the end of the line is an event of its own", verdict.EOF, str(lost))
    else:
        raise WrongOutput("the end of the line was not noticed")


@case("grader-bug", "good", verdict.GRADER, "ZeroDivisionError")
def grader_bug(s):
    s.ok("echo %d" % (1 // 0))


def not_a_kernel(folder):
    path = os.path.join(folder, "not-a-kernel")
    with open(path, "w") as f:
        f.write("this is a text\n" * 100)
    return path


def judge(one, result):
    """Did a case get the verdict it must get, and does the story name what it must?"""
    story = report.story(result)
    good = result.verdict == one.expect and one.says in story
    print("%s  %s: %s (%.1f s)" % ("pass" if good else "FAIL", label(result.variant), result.verdict,
                                   result.seconds), flush=True)
    if not good:
        print("  wanted %s, naming \"%s\"\n%s" % (one.expect, one.says, story))
    return good


def json_is_good(results):
    """The Gradescope file holds each result once, with its points."""
    made = json.loads(json.dumps(report.gradescope(results, 1)))
    good = (len(made["tests"]) == len(results) and made["score"] == sum(r.passed for r in results)
            and all({"name", "score", "max_score", "status", "output"} <= set(t) for t in made["tests"]))
    print("%s  results in Gradescope's format" % ("pass" if good else "FAIL"))
    return good


def interrupt_is_seen(folder, path):
    """^C ends the conversation with a verdict of its own."""
    def press(s):
        os.kill(os.getpid(), signal.SIGINT)
        s.wait_for("this never comes")
    t = Test("self-interrupt", press, budget=60, kernel=lambda _: path)      # far off: the guest idles, so a busy host's time passes for it
    result = Runner(Tree(build=folder, make=False), Options()).run([Variant(t, "x86_64", 1, 3)])[0]
    good = result.verdict == verdict.INTERRUPTED
    print("%s  self-interrupt: %s" % ("pass" if good else "FAIL", result.verdict))
    return good


def nobody_listens(folder, path):
    """Whoever is told results is gone: the run ends with that error, also for tests that wait for others."""
    def tell(result):
        raise BrokenPipeError
    first = Test("self-first", good, budget=6, kernel=lambda _: path)
    second = Test("self-second", good, budget=6, kernel=lambda _: path, needs="self-first")
    runner = Runner(Tree(build=folder, make=False), Options(seed=1), tell)
    signal.alarm(60)
    try:
        runner.run([Variant(t, "x86_64", 1, 3) for t in (first, second)])
        ended = "no error"
    except BrokenPipeError:
        ended = "the error"
    except KeyboardInterrupt:
        ended = "never"
    signal.alarm(0)
    print("%s  nobody listens: ends with %s" % ("pass" if ended == "the error" else "FAIL", ended))
    return ended == "the error"


def dead_is_dead(folder, path):
    """A kernel that never reaches its prompt is not tried for each test anew."""
    test = Test("self-dead", go, budget=0.3, append="early", least=3, kernel=lambda _: path)
    runner = Runner(Tree(build=folder, make=False), Options())
    results = [runner.run([Variant(test, "x86_64", 1, 3)])[0] for _ in range(5)]
    tried = sum("not tried" not in r.why[0] for r in results)
    print("%s  a dead kernel is tried %d times" % ("pass" if tried == 3 else "FAIL", tried))
    return tried == 3


def busy_host_is_waited_for():
    """A run that is given up when it is silent is not, while its machine waits for a processor; one that has nothing to do is."""
    waits = Backstop(1, quiet=0.01, waited=lambda: time.monotonic())
    idle = Backstop(1, quiet=0.01)
    time.sleep(0.05)
    good = not waits.expired(0, lambda: None) and idle.expired(0, lambda: None)
    print("%s  a busy host is waited for" % ("pass" if good else "FAIL"))
    return good


def transcript_is_cut(folder):
    """A transcript ends at the limit and says so; what came is counted all the same."""
    log = Transcript(os.path.join(folder, "cut.log"))
    for _ in range(10):
        log.add(b"x" * (1 << 20))
    log.close()
    size = os.path.getsize(log.path)
    good = log.total == 10 << 20 and len(log.data) == TRANSCRIPT_LIMIT and size < TRANSCRIPT_LIMIT + 100
    print("%s  a transcript is cut at %d MB" % ("pass" if good else "FAIL", TRANSCRIPT_LIMIT >> 20))
    return good


def main():
    names = sys.argv[1:] or ["*"]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)        # a shell's background jobs ignore it
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    folder = tempfile.mkdtemp(prefix="machr-self-")
    try:
        case("not-a-kernel", None, verdict.NO_BOOT)(go)
        wanted = [c for c in CASES if any(fnmatch.fnmatchcase(c.name, n) for n in names)]
        variants, expected = [], {}
        for arch in ARCHES:
            made = {g: build(arch, g, folder) for g in {c.guest for c in wanted if c.guest}}
            for c in wanted:
                path = made[c.guest] if c.guest else not_a_kernel(folder)
                t = Test("self-" + c.name, c.func, budget=c.budget, append=c.append, kernel=lambda _, path=path: path, **c.more)
                v = Variant(t, arch, 1, 3)
                variants.append(v)
                expected[v] = c
        runner = Runner(Tree(build=folder, make=False), Options(attempts=1, seed=1))
        results = runner.run(variants)
        good = [judge(expected[r.variant], r) for r in results] + [json_is_good(results)]
        if names == ["*"]:
            path = build("x86_64", "good", folder)
            good += [dead_is_dead(folder, build("x86_64", "spin", folder))]
            good += [interrupt_is_seen(folder, path), nobody_listens(folder, path), transcript_is_cut(folder), busy_host_is_waited_for()]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (sum(good), len(good) - sum(good)))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
