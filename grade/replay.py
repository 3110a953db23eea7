#!/usr/bin/env python3
"""make replay TEST=name [LAB=N] [ARCH=] [SEED=]: a failing test again under recording, and GDB on the recording.

The test (one CPU) runs twice: as `make grade` runs it, and with QEMU recording everything that comes from outside. If both fail in the same
way, the recording is played in GDB from the first instruction: every `make replay`, every run of the debugger sees the same instructions
in the same order. Only forward: to go back, start again. If they differ, this says so. Points are `make grade`'s business alone.
Further arguments after `--` go to GDB (`-batch -ex 'break panic_at' -ex continue -ex backtrace`).
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import grade                                            # noqa: E402  grade.py beside this file
from lib import labs, registry, report, verdict         # noqa: E402
from lib.machine import Machine, Transcript             # noqa: E402
from lib.runner import Options, Runner                  # noqa: E402
from lib.tree import ROOT, Tree                         # noqa: E402

NAMES = {"LAB", "ARCH", "TEST", "LAYER", "SEED", "BUILD", "DEBUG"}


def the_test(given):
    """The one variant that is meant."""
    if "TEST" not in given:
        sys.exit("make replay TEST=name [LAB=N] [ARCH=] [SEED=]: which test?")
    grade.load(given)
    found = registry.variants(registry.TESTS, grade.machines(given)[:1], [1], grade.numbers(given.get("LAYER")), [given["TEST"]])
    if len(found) != 1:
        sys.exit("TEST=%s: %d tests with one CPU fit; one is wanted (LAB=, ARCH= and LAYER= narrow):\n%s" % (
            given["TEST"], len(found), "\n".join("  " + registry.label(v) for v in found[:20])))
    return found[0]


def manner(result):
    """How a run failed: what must be equal for two failures to be the same."""
    return result.verdict, result.command, result.expected, result.got, result.why[:2]


def play(tree, v, boot, gdb_options):
    """Opens GDB on a recording. Returns GDB's status."""
    folder = tree.folder(v.arch, v.layer, v.test.debug)
    machine = Machine(boot, Transcript(os.devnull))
    try:
        machine.replay()
        env = dict(os.environ, MACHR_TARGET="127.0.0.1:%d" % boot.gdb_port)
        words = ["sh", os.path.join(ROOT, "conf", "gdb", "run.sh"), v.arch, folder] + gdb_options
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)   # ^C is GDB's
        try:
            return subprocess.run(words, cwd=ROOT, env=env, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler)).returncode
        finally:
            signal.signal(signal.SIGINT, before)
    finally:
        machine.stop()


def replay(v, tree, seed, gdb_options):
    """Purpose: both runs, and GDB if they agree. Returns the exit status: GDB's, or 1 when there is nothing to show."""
    print("As graded, SEED=%d:" % seed, flush=True)
    plain = Runner(tree, Options(jobs=1, seed=seed), report.teller()).run([v])[0]
    if plain.passed or plain.verdict in (verdict.BUILD, verdict.GRADER, verdict.INTERRUPTED):
        print("replay: %s" % ("it passes: nothing to look at. A failure's own line `replay:` has its SEED." if plain.passed else "nothing to record."))
        return 1
    folder = tempfile.mkdtemp(prefix="machr-replay-")
    try:
        runner = Runner(tree, Options(jobs=1, seed=seed, record=os.path.join(folder, "recording"), attempts=1), lambda result: None)
        print("\nRecording...", flush=True)
        taped = runner.run([v])[0]
        if manner(taped) != manner(plain):
            differs(v, plain, taped, seed)
            return 1
        print("It failed in the same way. GDB stands before the first instruction: set breakpoints, then `continue`. Behind the failure the "
              "recording ends, and with it the machine.%s\n" % ("\nLook at: " + v.test.look if v.test.look else ""), flush=True)
        stops = ["-ex", "break panic_at"] if plain.verdict == verdict.PANIC else []
        return play(tree, v, runner.recorded, stops + gdb_options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def differs(v, plain, taped, seed):
    print("replay: under recording it went differently (%s instead of %s), so a replay would show something else.\nYour points stand as "
          "`make grade` gives them. Try `%s`." % (taped.verdict, plain.verdict, registry.again(v, gdb=True, seed=seed)))
    if not taped.passed:
        print(report.story(taped))


def main():
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    if {"-h", "--help"} & set(words[:cut]):
        print(__doc__)
        return 0
    given = grade.settings(words[:cut], NAMES)
    try:
        v = the_test(given)
    except labs.RubricError as problem:
        sys.exit("replay: %s" % problem)
    tree = Tree(given.get("BUILD", "build"), given.get("DEBUG") == "1")
    return replay(v, tree, grade.seed_of(given), words[cut + 1:])


if __name__ == "__main__":
    sys.exit(main())
