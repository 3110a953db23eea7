#!/usr/bin/env python3
"""Tests of the build's own tools; the last line is `N passed, N failed`."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest

import archive
import bench
import check
import elf
import ksyms
import mkdisk
import qemu
import rules

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(HERE), "grade"))
from lib import disk                            # noqa: E402


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Folder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.dir = holder.name

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, data, mode=0o644):
        with open(self.path(name), "wb") as f:
            f.write(data)
        os.chmod(self.path(name), mode)
        return self.path(name)


class Disk(Folder):
    def mkdisk(self, *more, fails=False):
        done = subprocess.run([sys.executable, os.path.join(HERE, "mkdisk.py"), "--image", self.path("d.img"), "--list",
                               self.path("d.list"), "--mb", "8", *more], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode != 0, fails, done.stdout)
        return done.stdout

    def debugfs(self, request, write=False):
        argv = ["debugfs"] + (["-w"] if write else []) + ["-R", request, self.path("d.img")]
        return mkdisk.tool(*argv).stdout

    def test_same_contents_give_same_bytes(self):
        prog = self.write("prog", b"x" * 300000, 0o755)
        self.mkdisk("--put", "/bin/prog=" + prog)
        first = read(self.path("d.img"))
        os.utime(prog, (5, 5))
        os.chmod(prog, 0o700)
        self.mkdisk("--new", "--put", "/bin/prog=" + prog)
        self.assertEqual(first, read(self.path("d.img")))

    def test_update_keeps_what_the_guest_wrote(self):
        prog = self.write("prog", b"old", 0o755)
        self.mkdisk("--put", "/bin/prog=" + prog)
        mkdisk.debugfs(self.path("d.img"), ["write %s guest" % self.write("g", b"by the guest")])
        self.write("prog", b"new and longer", 0o755)
        self.mkdisk("--put", "/bin/prog=" + prog)
        self.assertEqual(self.debugfs("cat /bin/prog"), "new and longer")
        self.assertEqual(self.debugfs("cat /guest"), "by the guest")
        mkdisk.tool("e2fsck", "-fn", self.path("d.img"))

    def test_graders_see_what_is_unsound(self):
        """On the whole disk, and on a partition."""
        self.mkdisk("--put", "/bin/prog=" + self.write("prog", b"x" * 5000, 0o755))
        self.assertEqual([(where, status) for where, status, _ in disk.check_all(self.path("d.img"))], [("the disk", 0)])
        mkdisk.debugfs(self.path("d.img"), ["set_inode_field /bin/prog links_count 7"])
        self.assertNotEqual(disk.check_all(self.path("d.img"))[0][1], 0)
        start, data = 2048 * disk.SECTOR, read(self.path("d.img"))
        with open(self.path("p.img"), "wb") as f:
            f.truncate(start + len(data))
        subprocess.run(["sfdisk", "-q", "--no-reread", "--no-tell-kernel", self.path("p.img")], input=b"label: dos\nstart=2048, type=83\n",
                       check=True, env=dict(os.environ, PATH=disk.PATH))
        with open(self.path("p.img"), "r+b") as f:
            f.seek(start)
            f.write(data)
        self.assertEqual([(where, status != 0) for where, status, _ in disk.check_all(self.path("p.img"))], [("partition 1", True)])

    def test_nothing_changed_writes_nothing(self):
        prog = self.write("prog", b"p", 0o755)
        self.mkdisk("--put", "/bin/prog=" + prog)
        self.assertEqual(self.mkdisk("--put", "/bin/prog=" + prog), "")

    def test_programs_that_are_gone_leave_but_progs_stay(self):
        one, two = self.write("one", b"1", 0o755), self.write("two", b"2", 0o755)
        self.mkdisk("--put", "/bin/one=" + one, "--prog", two)
        self.mkdisk()
        names = self.debugfs("ls /bin")
        self.assertNotIn("one", names)
        self.assertIn("two", names)

    def test_update_survives_what_the_guest_removed(self):
        prog = self.write("prog", b"old", 0o755)
        self.mkdisk("--put", "/opt/sub/prog=" + prog)
        mkdisk.debugfs(self.path("d.img"), ["rm /opt/sub/prog", "rmdir /opt/sub"])
        self.write("prog", b"new", 0o755)
        self.mkdisk("--put", "/opt/sub/prog=" + prog)
        self.assertEqual(self.debugfs("cat /opt/sub/prog"), "new")

    def test_folders_and_links_arrive(self):
        os.makedirs(self.path("t/deep/er"))
        self.write("t/deep/er/a b", b"spaces")
        os.symlink("er/a b", self.path("t/deep/link"))
        self.mkdisk("--prog", self.path("t") + "/")
        self.assertEqual(self.debugfs('cat "/home/t/deep/er/a b"'), "spaces")
        self.assertIn('Fast link dest: "er/a b"', self.debugfs("stat /home/t/deep/link"))

    def test_image_in_use_is_left_alone(self):
        prog = self.write("prog", b"old", 0o755)
        self.mkdisk("--put", "/bin/prog=" + prog)
        self.write("prog", b"new", 0o755)
        holder = subprocess.Popen(
            [sys.executable, "-c", "import fcntl, sys\nf = open(sys.argv[1], 'r+b')\nfcntl.lockf(f, fcntl.LOCK_SH, 1, 100)\n"
             "print(flush=True)\nsys.stdin.read()", self.path("d.img")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        holder.stdout.readline()
        self.assertIn("in use", self.mkdisk("--put", "/bin/prog=" + prog))
        self.assertIn("in use", self.mkdisk("--put", "/bin/prog=" + prog, "--new", fails=True))
        holder.communicate()
        self.mkdisk("--put", "/bin/prog=" + prog)
        self.assertEqual(self.debugfs("cat /bin/prog"), "new")

    def test_missing_program_is_told(self):
        self.assertIn("there is no", self.mkdisk("--prog", self.path("nowhere"), fails=True))
        self.assertFalse(os.path.exists(self.path("d.img")))


class Archive(Folder):
    def test_bytes_depend_on_contents_only(self):
        prog = self.write("p", b"data", 0o755)
        first = archive.archive({"boot/init": prog, "etc/init/a.unit": self.write("u", b"unit")})
        os.utime(prog, (5, 5))
        self.assertEqual(first, archive.archive({"etc/init/a.unit": self.path("u"), "boot/init": prog}))
        self.assertEqual(first[257:263], b"ustar\0")


class Symbols(Folder):
    def test_table_lists_functions_in_order(self):
        text = ksyms.source([(0, "first"), (16, "second"), (64, "first")])
        self.assertIn("ksym_count:\n\t.long 3\n", text)
        self.assertIn("ksym_name:\n\t.long 0\n\t.long 6\n\t.long 0\n", text)

    def test_elf_reader_refuses_other_files(self):
        with self.assertRaises(ValueError):
            elf.sections(b"not an ELF file" * 10)


class Qemu(unittest.TestCase):
    def test_outcomes_are_told_apart(self):
        for arch, status, reason, meaning in (
                ("aarch64", 0, "guest-shutdown", 0), ("aarch64", 7, None, 7), ("x86_64", 15, None, 7),
                ("x86_64", 0, "guest-shutdown", 0), ("x86_64", 0, "guest-reset", qemu.RESET),
                ("aarch64", 0, "guest-reset", qemu.RESET), ("x86_64", 1, None, qemu.QEMU_ERROR),
                ("x86_64", -9, None, 137), ("aarch64", 0, "host-qmp-quit", 0)):
            self.assertEqual(qemu.outcome(arch, status, reason), meaning, (arch, status, reason))

    def test_no_machine_lets_the_guest_reach_the_host(self):
        for arch in qemu.MACHINES:
            argv = qemu.command(arch, "k", "i", "d,1", append="a b")
            self.assertNotIn("-semihosting", argv)
            self.assertEqual(argv[argv.index("-nic") + 1], "none")
            self.assertIn("file=d,,1,if=none,id=disk1,format=raw", argv)


class Variables(unittest.TestCase):
    def make(self, *words):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
        done = subprocess.run(["make", "-n", *words], cwd=os.path.dirname(HERE), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True)
        return done.returncode, done.stdout

    def test_what_no_goal_reads_is_an_error(self):
        for words, name, instead in ((["sdk", "SDK=folder"], "SDK=", "OUT="), (["grade", "TESTS=x"], "TESTS=", "TEST="),
                                     (["CFLAGS=-O0"], "CFLAGS=", "PROGS="), (["setup", "qemu", "TEST=x"], "TEST=", "APPEND=")):
            status, text = self.make(*words)
            self.assertNotEqual(0, status, words)
            self.assertIn("does not read " + name, text)
            self.assertIn(instead, text.split("it reads")[1])

    def test_what_a_goal_reads_is_taken(self):
        for words, shown in ((["sdk", "OUT=folder"], "sdk.sh 'build' 'folder'\n"),
                             (["handout", "OUT=folder", "RELEASE=2"], "'folder' --release 2"),
                             (["setup", "qemu", "CPUS=4", "APPEND=kmsh"], "--cpus 4"),
                             (["qemu", "PROGS=one a/two"], "--prog one --prog a/two"),
                             (["grade", "TEST=x", "ARCH=x86_64"], "TEST='x'")):
            status, text = self.make(*words)
            self.assertEqual(0, status, text)
            self.assertIn(shown, text)


class Arguments(unittest.TestCase):
    """What cannot be meant is told at once, in a line."""

    def refused(self, *words):
        done = subprocess.run([sys.executable] + list(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=60, cwd=os.path.dirname(HERE))
        self.assertNotEqual(done.returncode, 0, words)
        self.assertNotIn("Traceback", done.stdout)
        self.assertNotIn("passed", done.stdout)
        return done.stdout

    def test_times_of_stress_are_numbers(self):
        for hours in "x", "0", "-1", "nan", "inf":
            self.assertIn("--hours", self.refused("conf/stress.py", "--hours=" + hours, "--no-long", "--no-mutants"))

    def test_unit_tests_that_are_not_there(self):
        self.assertIn("no_such_test", self.refused("conf/unit.py", "--out", os.devnull, "no_such_test"))

    def test_results_that_cannot_be_written(self):
        self.assertIn("no_such_folder", self.refused("grade/grade.py", "RESULTS=/no_such_folder/x", "TEST=shell-boot", "MAKE_FIRST=0"))


class Bench(unittest.TestCase):
    def compare(self, base, **instructions):
        rows = [{"arch": "aarch64", "name": name, "instructions": count, "switches": 0, "wall_ns": None}
                for name, count in instructions.items()]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            return bench.compare(rows, base) + (out.getvalue(),)

    def test_five_percent_more_than_the_baseline_fail(self):
        self.assertEqual(self.compare({"a": 100, "b": 100}, a=105, b=106)[:2], (1, 1))

    def test_a_row_that_is_gone_fails(self):
        self.assertEqual(self.compare({"a": 100, "b": 100}, a=100)[:2], (1, 1))

    def test_targets_hold_whatever_the_baseline_is(self):
        base = {"rpc_null": 700, "trap_null": 90}
        self.assertEqual(self.compare(base, rpc_null=700, trap_null=90)[:2], (2, 0))
        passed, failed, text = self.compare(base, rpc_null=701, trap_null=91)
        self.assertEqual((passed, failed), (0, 2))
        self.assertIn("the target is 700", text)

    def test_without_a_baseline_nothing_fails(self):
        self.assertEqual(self.compare({}, rpc_null=10000)[:2], (1, 0))


class Rules(Folder):
    def mutants(self, *heads):
        for n, head in enumerate(heads):
            self.write("m%d.patch" % n, (head + "\n\n--- a/x\n+++ b/x\nArch: in the patch\n").encode())
        return rules.mutants(self.dir)

    def test_each_row_wants_a_mistake_on_each_machine(self):
        planted = self.mutants("Rule: A1\nTest: p.t", "Rule: A2\nTest: p.t\nArch: x86_64",
                               "Rule: A3\nTest: p.t\nArch: x86_64", "Rule: A3\nTest: p.t\nArch: aarch64")
        said = rules.uncovered({"A%d" % n: None for n in range(1, 6)}, planted, {"A5": "why"})
        self.assertEqual([line.split(",")[0] for line in said],
                         ["A%d: no mistake in user/test/mutants for %s" % at for at in ((2, "aarch64"), (4, "aarch64"), (4, "x86_64"))])

    def test_heads_name_a_machine_there_is(self):
        with self.assertRaises(ValueError):
            self.mutants("Rule: A1\nTest: p.t\nArch: vax")


class Check(Folder):
    def test_suites_are_judged(self):
        for status, lines, is_build, verdict in (
                (0, ["x", "3 passed, 0 failed"], False, (3, 0)), (1, ["3 passed, 2 failed"], False, (3, 2)),
                (1, ["3 passed, 0 failed"], False, (3, 1)), (0, ["built"], True, (1, 0)),
                (0, ["ld: warning: RWX", "done"], True, (0, 1)), (2, [], True, (0, 1)),
                (None, ["3 passed, 0 failed"], False, (0, 1))):
            self.assertEqual(check.judge(status, lines, is_build)[:2], verdict, lines)

    def test_failures_are_found_in_what_a_suite_printed(self):
        grade = ["pass  a  (1 s)", "FAIL  b  (1 s)", "      verdict:    hang", "pass  c  (1 s)", "FAIL  d  (1 s)", "      verdict:    panic",
                 "2 passed, 2 failed"]
        self.assertEqual(check.failures(grade), [grade[1:3], grade[4:6]])
        unit = ["one                  3 passed, 0 failed", "two                  2 passed, 1 failed", "x.c:3: false: a", "FAILED: t",
                "three                1 passed, 0 failed", "6 passed, 1 failed"]
        self.assertEqual(check.failures(unit), [unit[1:4]])
        self.assertEqual(check.failures(["FAIL  b"] + ["      why"] * 100), [["FAIL  b"] + ["      why"] * (check.STORY - 1)])
        self.assertEqual(check.failures(["killed"]), [["killed"]])
        self.assertEqual(check.failures([]), [["no output"]])

    def test_what_takes_long_begins_first_and_the_sum_is_right(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            c = check.Check(self.dir, 1)
            c.phase([check.Suite(name, [sys.executable, "-c", "print('%s'); raise SystemExit(%d)" % (text, status)], seconds, check.ALONE)
                     for name, text, status, seconds in (("short", "3 passed, 0 failed", 0, 1), ("long", "FAIL  x\\n5 passed, 2 failed", 1, 9))])
            c.failures()
        text = said.getvalue()
        self.assertEqual((c.passed, c.failed, c.broken), (8, 2, ["long (2 failed)"]))
        self.assertLess(text.index("== long:"), text.index("== short:"))
        self.assertTrue(text.endswith("== failed in long\n    FAIL  x\n"), text)


def main():
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    bad = len(result.failures) + len(result.errors)
    print("%d passed, %d failed" % (result.testsRun - bad, bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
