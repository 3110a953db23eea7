"""Test programs of the boot archive, started by kmsh without any server: user/test/boot_NAME.c.

Each prints `N passed, M failed` last and ends with status 0 when all is well. Then the same again,
to see that it leaves frames, heap and ports as they were.
"""

import glob
import os
import re

from lib.api import test
from lib.tree import ROOT

WARM, ROUNDS, MANY = 2, 1, 5     # runs of a program whose leaks are looked for: before, then once, and in make stress
WHOLE = ("pager", "pageout", "fuzz")     # need layer 3
MEMORY = {"pageout": "32M"}              # is soon used up
LONG = {"pageout": 12, "thread": 10, "sched": 6, "irq": 6, "vm": 5}
# Guest seconds of one run. Paging idles often and shortly; under icount idle time is the host's, and longer than asked for when that is busy.
BUDGET = {"pageout": 120}
HOGS = ("vm", "task", "thread", "thread_wait", "fuzz", "gsync", "sched")  # have threads that keep a CPU busy, see Time in README.md


def figures(s):
    """{name: number} of what must not grow (kmsh: caches drained)."""
    return {name: int(value) for name, value in re.findall(r"(?m)^(\w+) (\d+)$", s.ok("memory -q").text)
            if name != "frames_free"}


def run(s, name):
    reply = s.ok("run " + name)
    found = re.search(r"(\d+) passed, (\d+) failed\s*$", reply.text)
    s.check(found and int(found.group(1)) > 0 and found.group(2) == "0", "the program's own sum",
            "N passed, 0 failed", reply.text)


def no_growth(s, before, after, rounds):
    grown = {n: after[n] - before[n] for n in before if after.get(n, 0) > before[n]}
    s.check(not grown, "%d more runs leave nothing behind" % rounds, "no growth", grown)


def program(name):
    whole = name in WHOLE
    icount = None if name in HOGS else "on"
    mem, budget = MEMORY.get(name, "128M"), BUDGET.get(name, 60)

    @test("boot-" + name.replace("_", "-"), layers=(3,) if whole else (2, 3), cpus=(1, 4), append="kmsh", budget=budget, points=2,
          icount=icount, mem=mem)
    def boot_program(s):
        run(s, name)

    def leaks(prefix, rounds, layer, **options):
        @test(prefix + "leaks-" + name.replace("_", "-"), layers=(layer,), cpus=(1, 4), append="kmsh", points=2,
              budget=(WARM + rounds) * budget, needs="boot-" + name.replace("_", "-"), icount=icount, mem=mem, **options)
        def leaks_nothing(s):
            for _ in range(WARM):
                run(s, name)
            before = figures(s)
            for _ in range(rounds):
                run(s, name)
            no_growth(s, before, figures(s), rounds)

    leaks("", ROUNDS, 3 if whole else 2, long=LONG.get(name, 0))
    leaks("stress-", MANY, 3, slow=True)


def slow_path(name):
    """The same without the fast path of mach_msg: the rules hold on both."""
    @test("slow-" + name.replace("_", "-"), layers=(3,) if name in WHOLE else (2,), cpus=(1, 4), append="kmsh slowipc",
          budget=60, points=1, icount=None if name in HOGS else "on")
    def boot_program(s):
        run(s, name)


NO_TESTS = ("bench", "bench_irq", "scale")   # measure: conf/bench.py, conf/scaling.py

for path in sorted(glob.glob(os.path.join(ROOT, "user", "test", "boot_*.c"))):
    name = os.path.basename(path)[len("boot_"):-len(".c")]
    if name in NO_TESTS or name.startswith("lab"):      # grade/labN.py
        continue
    program(name)
    if re.match("ipc_|exception|task|thread|pager", name):
        slow_path(name)


for jitter in ("", " jitter=77"):
    @test("sched-jitter" if jitter else "sched-slices", layers=(2, 3), append="kmsh rule=slices_have_their_length" + jitter, budget=30)
    def slices(s):
        """How long time slices are, by a clock that counts instructions."""
        run(s, "sched")


@test("stress-fuzz", layers=(3,), cpus=(1, 4), append="kmsh fuzz-calls=2000000", budget=3000, icount=None, slow=True)
def stress_fuzz(s):
    """boot-fuzz for long; the seed is in the transcript, and fuzz-seed=N on the command line plays it again."""
    run(s, "fuzz")
