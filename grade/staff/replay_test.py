#!/usr/bin/env python3
"""make replay: a failure that comes back under recording is played in GDB, one that does not is said to differ, a passing test too.

    replay_test.py [BUILD]      the last line says `N passed, N failed`
"""

import contextlib
import io
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

import replay                           # noqa: E402
from lib.registry import Test, Variant  # noqa: E402
from lib.tree import ARCHES, Tree       # noqa: E402

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"


class Replay(unittest.TestCase):
    def run_it(self, func, arch, options=()):
        """Returns (status, all that replay and GDB said)."""
        v = Variant(Test("replay-me", func, append="kmsh", budget=20, lab=0, layers=(1,), look="kernel_main"), arch, 1, 1)
        read, write = os.pipe()
        saved, said = os.dup(1), io.StringIO()
        os.dup2(write, 1)               # GDB is another process
        try:
            with contextlib.redirect_stdout(said):
                status = replay.replay(v, Tree(BUILD), 5, list(options))
        finally:
            os.dup2(saved, 1)
            for fd in (saved, write):
                os.close(fd)
        with os.fdopen(read, errors="replace") as f:
            return status, said.getvalue() + f.read()

    def test_the_same_failure_is_played(self):
        def fails(s):
            s.ok("memory -q")
            s.equal("the frames", "none", s.ok("frames").lines[-1])
        options = ["-batch", "-ex", "tbreak kernel_main", "-ex", "continue", "-ex", "print/x bootinfo.memory_count",
                   "-ex", "continue"]
        for arch in ARCHES:
            status, text = self.run_it(fails, arch, options)
            self.assertEqual(status, 0, text)
            for words in ("It failed in the same way", "Look at: kernel_main", "Temporary breakpoint 1, kernel_main", "$1 = 0x", "exited normally"):
                self.assertIn(words, text)

    def test_another_failure_is_not(self):
        """What differs here is that the test knows; in life it is a matter of the host's timing."""
        def fails(s):
            s.equal("recorded", "no way", "yes" if s.machine.boot.record else "no")
        status, text = self.run_it(fails, ARCHES[0])
        self.assertEqual(status, 1)
        self.assertIn("went differently", text)
        self.assertNotIn("GDB stands", text)

    def test_a_failure_that_vanishes_is_not(self):
        status, text = self.run_it(lambda s: s.check(s.machine.boot.record, "recorded"), ARCHES[0])
        self.assertEqual(status, 1)
        self.assertIn("went differently (ok instead of wrong output)", text)

    def test_a_test_that_passes(self):
        status, text = self.run_it(lambda s: s.ok("help"), ARCHES[0])
        self.assertEqual(status, 1)
        self.assertIn("it passes", text)


def main():
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=1).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    bad = len(result.failures) + len(result.errors)
    print("%d passed, %d failed" % (result.testsRun - bad, bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
