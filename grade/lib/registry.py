"""Tests and their variants. A grader file registers functions; nothing here runs them.

    @test("monitor-help", points=2, budget=20, layers=(1, 2, 3), append="kmsh")
    def monitor_help(s):
        reply = s.ok("help")
        s.check("poweroff" in reply.text, "help names poweroff", "poweroff", reply.text)

`s` is a Session (session.py) at its first prompt, on a machine of its own.
"""

import fnmatch
from collections import namedtuple
from dataclasses import dataclass

from .tree import ARCHES, FULL

TESTS = []


@dataclass(eq=False)
class Test:
    name: str
    func: object
    points: float = 1
    budget: float = 30               # guest seconds: APPEND=deadline=
    archs: tuple = ARCHES
    cpus: tuple = (1,)
    layers: tuple = (FULL,)         # cuts of the tree; 3 is the whole
    append: str = ""                # words for the kernel; {seed} becomes SEED
    mem: str = "128M"
    disk: object = None             # a function (cut) -> path
    swap: object = ""               # a swap disk of that size: "256M"; a function (cut) -> path: another second disk
    icount: str = "on"              # see machine.Boot
    shift: int = 3                  # with icount: an instruction takes 2^shift ns of the guest's time
    debug: bool = False             # wants a debug build of the kernel (jitter=)
    stub: bool = False              # the test uses QEMU's GDB stub
    slow: bool = False              # only when named or with SLOW=1 (SLOW=only: no others)
    long: int = 0                   # host seconds, if they are many: such tests begin first
    needs: tuple = ()               # tests that must have passed (runner: _needed); one name, or several
    kernel: object = None           # (arch) -> path of another kernel: tests of the library itself
    typed: bytes = b""              # typed before the machine runs
    least: int = 60                 # wall seconds of the backstop, at least
    extra: tuple = ()               # more QEMU arguments
    log_writes: bool = False        # see machine.Boot
    bad: object = None              # a function (disk image) -> what of it fails, see machine.Boot
    bad_swap: object = None         # the same of the second disk
    read_only: bool = False         # the disk may not be written
    sound: bool = True              # at the end the machine is switched off, and e2fsck finds the disk clean
    kills: tuple = ()               # servers that the test kills; no others may have died, nor they of a fault
    rescue: bool = False            # the system cannot start, as it should: the first prompt is the rescue shell's
    lab: int = 0                    # a lab's test: it counts only there
    exercise: str = None            # the exercise it observes, "1.3"; labs/labN/rubric.ini has its points
    look: str = ""                  # where to look when it fails: a function, a line of the hand-out
    files: tuple = ()               # the exercise's, from the rubric


# One run of one test.
Variant = namedtuple("Variant", "test arch cpus layer")


def label(v):
    """`monitor-help [aarch64, 4 CPUs, layer 1]`"""
    words = [v.arch, "%d CPU%s" % (v.cpus, "s" if v.cpus > 1 else "")]
    if v.layer != FULL:
        words.append("layer %d" % v.layer)
    return "%s [%s]" % (v.test.name, ", ".join(words))


def log_name(v):
    """The transcript's file name: the test's own where there is only one variant of it."""
    more = ".cpus%d" % v.cpus if v.cpus > 1 else ""
    more += ".layer%d" % v.layer if v.layer != FULL else ""
    return v.test.name + more + ".log"


def again(v, gdb=False, seed=None, goal="grade"):
    """The command that runs exactly this again."""
    words = ["make", goal] + (["LAB=%d" % v.test.lab] if v.test.lab else [])
    words += ["ARCH=" + v.arch] + (["CPUS=%d" % v.cpus] if goal == "grade" else []) + ["LAYER=%d" % v.layer, "TEST=" + v.test.name]
    words += ["SEED=%d" % seed] if seed is not None else []
    return " ".join(words + (["GDB=1"] if gdb else []))


def test(name, **options):
    def register(func):
        if any(t.name == name for t in TESTS):
            raise ValueError("two tests are called " + name)
        TESTS.append(Test(name, func, **options))
        return func
    return register


def variants(tests, archs=None, cpus=None, layers=None, names=None, slow=False):
    """Every run the options ask for, architecture by architecture, in the order of the files. `slow`: slow tests too; "only": no others."""
    found = []
    for arch in archs or ARCHES:
        for t in tests:
            named = names and any(fnmatch.fnmatchcase(t.name, n) for n in names)
            if (names and not named) or (t.slow and not (slow or named)) or arch not in t.archs:
                continue
            if slow == "only" and not t.slow:
                continue
            found += [Variant(t, arch, c, layer) for layer in t.layers for c in t.cpus
                      if (not cpus or c in cpus) and (not layers or layer in layers)]
    return found
