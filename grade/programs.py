"""Test programs of the boot archive, started by kmsh without any server: user/test/boot_NAME.c.

Each prints `N passed, M failed` last and ends with status 0 when all is well. Then the same again,
to see that it leaves frames, heap and ports as they were.
"""

import glob
import os
import re

from lib.api import test
from lib.tree import ROOT, qemu

ROUNDS, MANY = 1, 5              # runs of a program that leave nothing behind, after a first one: once, and in make stress
TRIES = 2                        # what is made once and stays may be made late: then as many runs again, which have it
WHOLE = ("pager", "pager_wait", "pager_short", "pager_end", "pageout", "pressure", "fuzz")     # need layer 3
PART = ("no_pagers",)            # need layer 2, which has less
MEMORY = {"pageout": "32M", "pager_short": "32M", "pressure": "32M"}    # is soon used up
LONG = {"pageout": 12, "thread": 10, "sched": 6, "vm": 5, "vm_copy": 5}
# Guest seconds of one run. Paging idles often and shortly; under icount idle time is the host's, and longer than asked for when that is busy.
BUDGET = {"pageout": 120}
DEVICES = {"irq": tuple(qemu.bell_args())}          # that interrupt when they are told to
DEBUG = ("ipc_effects", "ipc_notify", "task", "pager", "pager_wait", "pager_short", "fuzz")  # a debug kernel, which keeps more about each thing, forgets it, too
SINGLE = ("pager_short",)          # on one CPU only: which says why
HOGS = ("vm", "vm_copy", "vm_windows", "pager_end", "task", "thread", "thread_wait", "fuzz", "gsync", "sched")  # have threads that keep a CPU busy, see Time in README.md


def figures(s):
    """{name: number} of what must not grow (kmsh: caches drained)."""
    return {name: int(value) for name, value in re.findall(r"(?m)^(\w+) (\d+)$", s.ok("memory -q").text)
            if name != "frames_free"}


def run(s, name):
    reply = s.ok("run " + name)
    found = re.search(r"(\d+) passed, (\d+) failed\s*$", reply.text)
    s.check(found and int(found.group(1)) > 0 and found.group(2) == "0", "the program's own sum",
            "N passed, 0 failed", reply.text)


def growth(before, after):
    return {n: after[n] - before[n] for n in before if after.get(n, 0) > before[n]}


def cpus_of(name):
    return (1,) if name in SINGLE else (1, 4)


def layers_of(name):
    return (3,) if name in WHOLE else (2,) if name in PART else (2, 3)


def program(name):
    layers = layers_of(name)
    icount = None if name in HOGS else "on"
    mem, budget, devices = MEMORY.get(name, "128M"), BUDGET.get(name, 60), DEVICES.get(name, ())
    cpus = cpus_of(name)

    @test("boot-" + name.replace("_", "-"), layers=layers, cpus=cpus, append="kmsh", budget=budget, points=2,
          icount=icount, mem=mem, extra=devices)
    def boot_program(s):
        run(s, name)

    def leaks(prefix, rounds, layer, **options):
        @test(prefix + "leaks-" + name.replace("_", "-"), layers=(layer,), cpus=cpus, append="kmsh", points=2,
              budget=(1 + TRIES * rounds) * budget, needs="boot-" + name.replace("_", "-"), icount=icount, mem=mem, extra=devices,
              **options)
        def leaks_nothing(s):
            run(s, name)
            grown, last = [], figures(s)
            while len(grown) < TRIES and {} not in grown:
                for _ in range(rounds):
                    run(s, name)
                before, last = last, figures(s)
                grown.append(growth(before, last))
            s.check({} in grown, "%d more runs leave nothing behind" % rounds, "no growth", grown)

    leaks("", ROUNDS, layers[0], long=LONG.get(name, 0))
    if name in DEBUG:
        leaks("debug-", ROUNDS, layers[0], debug=True)
    leaks("stress-", MANY, layers[-1], slow=True)


def slow_path(name):
    """The same without the fast path of mach_msg: the rules hold on both."""
    @test("slow-" + name.replace("_", "-"), layers=(3,) if name in WHOLE else (2,), cpus=cpus_of(name), append="kmsh slowipc",
          budget=BUDGET.get(name, 60), points=1, icount=None if name in HOGS else "on", mem=MEMORY.get(name, "128M"))
    def boot_program(s):
        run(s, name)


NO_TESTS = ("bench", "bench_irq", "scale")   # measure: conf/bench.py, conf/scaling.py

for path in sorted(glob.glob(os.path.join(ROOT, "user", "test", "boot_*.c"))):
    name = os.path.basename(path)[len("boot_"):-len(".c")]
    if name in NO_TESTS or name.startswith("lab"):      # grade/labN.py
        continue
    program(name)
    if re.match("ipc_|exception|limits|task|thread|pager", name):
        slow_path(name)


def by_instructions(program, name, words, **options):
    """A rule about time, by a clock that counts instructions and so knows nothing of the host."""
    @test(program + "-" + name, layers=(2, 3), append="kmsh rule=" + words, budget=30, **options)
    def rule_of_time(s):
        run(s, program)


by_instructions("sched", "slices", "slices_have_their_length")
by_instructions("sched", "jitter", "slices_have_their_length jitter=77")
by_instructions("sched", "overtaken", "overtaken_threads_keep_their_slice")
by_instructions("sched", "quantum", "tasks_have_slices_of_their_own")
by_instructions("gsync", "stays", "a_woken_thread_stays_with_its_waker", cpus=(1, 4), shift=1)


@test("stress-fuzz", layers=(3,), cpus=(1, 4), append="kmsh fuzz-calls=2000000", budget=3000, icount=None, slow=True)
def stress_fuzz(s):
    """boot-fuzz for long; the seed is in the transcript, and fuzz-seed=N on the command line plays it again."""
    run(s, "fuzz")
