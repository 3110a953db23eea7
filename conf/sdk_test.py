#!/usr/bin/env python3
"""A folder made by `make sdk` and moved: what its compiler and tools build for each machine, and that it runs in the system.

    sdk_test.py [--build FOLDER] [--arch ARCH ...]         the last line is `N passed, N failed`

Where the tree is must not matter, so nothing that names it is in the environment, and the folder's new name has a blank.
"""

import argparse
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import bench_posix
import mkdisk

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ARCHES = ("aarch64", "x86_64")
MACHINE = {"aarch64": 183, "x86_64": 62}                # e_machine
REL, EXEC, LOAD, DYNAMIC, INTERP = 1, 2, 1, 2, 3        # e_type; p_type
TOOLS = ("gcc", "as", "ld", "ar", "ranlib", "nm", "strip", "strings", "objcopy", "objdump", "readelf", "size")
SECONDS = 120

# Options of builds for other systems that mean nothing here, and those that mean what they mean elsewhere.
DROPPED = ("-static -static-pie -pie -no-pie -fno-pie -fno-PIC -rdynamic -march=native -mtune=native -fcf-protection=full -Wl,-E "
           "-Wl,-rpath,/usr/lib -Wl,-z,relro,-z,now")
TAKEN = ("-fPIC -pthread -s -lm -lpthread -lrt -ldl -lutil -Wl,--gc-sections -Wl,--as-needed -Wl,-Map,map",
         "-fpic -flto -O2", "-fPIE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -ffunction-sections", "-std=c99 -pedantic -Wall -Werror")
REFUSED = {"-shared": "MACH_R has no shared libraries", "-m32": "64-bit programs only", "-lcrypt": "cannot find -lcrypt"}

SOURCES = {
    "pair.h": "double half(double);\nint words(const char *);\n",
    "half.c": '#include <math.h>\n#include "pair.h"\ndouble half(double x) { return sqrt(x * x) / 2; }\n',
    "words.c": '#include <string.h>\n#include "pair.h"\n'
               'int words(const char *s) { char t[80]; int n = 0; strcpy(t, s);\n'
               'for (char *w = strtok(t, " "); w; w = strtok(NULL, " ")) n++;\nreturn n; }\n',
    "main.c": '#include <stdio.h>\n#include "pair.h"\nint main(int argc, char **argv) { if (argc != 2) return 9;\n'
              'printf("%d words, %g\\n", words(argv[1]), half(-7)); return 3; }\n',
    "extra.s": ".globl extra\n.data\nextra: .byte 1\n.section .note.GNU-stack,\"\"\n",
    # As people write them: nothing in it knows of MACH_R.
    "Makefile": "CFLAGS = -O2 -Wall -Werror\nall: pair calc\npair: main.o libpair.a\n\t$(CC) $(LDFLAGS) -o $@ main.o -L. -lpair -lm\n"
                "libpair.a: half.o words.o\n\t$(AR) rc $@ half.o words.o\n\t$(RANLIB) $@\n"
                "calc: calc.c\n\t$(CC) $(CFLAGS) -o $@ calc.c -lm\nmain.o half.o words.o: pair.h\n",
}


class Sdk:
    """What all tests share: the folder, made once, and an environment without the tree."""
    arch = None

    @classmethod
    def make(cls, build, scratch):
        cls.build, cls.folder = build, os.path.join(scratch, "moved here", "sdk")
        cls.env = {"PATH": os.path.join(cls.folder, "bin") + ":" + os.environ["PATH"], "LC_ALL": "C", "HOME": scratch}
        first = os.path.join(scratch, "first made")
        env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
        subprocess.run(["make", "-s", "BUILD=" + build, "sdk", "OUT=" + first], cwd=ROOT, env=env, check=True, timeout=SECONDS)
        os.makedirs(os.path.dirname(cls.folder))
        os.rename(first, cls.folder)

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="machr-")
        self.addCleanup(holder.cleanup)
        self.dir = holder.name
        for name, text in SOURCES.items():
            with open(self.path(name), "w") as f:
                f.write(text)
        shutil.copy(os.path.join(self.folder, "examples", "plain", "calc.c"), self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def run_(self, *words, stdin=None, **env):
        """(did it end well, what it printed, what it complained)"""
        done = subprocess.run(words, cwd=self.dir, env=dict(self.env, **env), input=stdin, capture_output=True, text=True,
                              errors="replace", timeout=SECONDS)
        return done.returncode == 0, done.stdout, done.stderr

    def good(self, *words, stdin=None, **env):
        """What a command prints that ends well and complains about nothing."""
        ended_well, out, complaint = self.run_(*words, stdin=stdin, **env)
        self.assertTrue(ended_well and not complaint, (words, out, complaint))
        return out

    def cc(self, *words, stdin=None):
        return self.good("machr-cc-" + self.arch, *words, stdin=stdin)

    def steps(self, *options):
        """The commands that make a program of a source, without the names of passing files."""
        ended_well, _, shown = self.run_("machr-cc-" + self.arch, "-###", "-o", "pair", "main.c", *options)
        self.assertTrue(ended_well, shown)
        return re.sub(r"/cc\w{6}\b", "", shown)

    def head(self, name):
        """(e_type, e_machine, types of the program headers)"""
        with open(self.path(name), "rb") as f:
            data = f.read()
        kind, machine = struct.unpack_from("<HH", data, 16)
        start, = struct.unpack_from("<Q", data, 32)
        size, count = struct.unpack_from("<HH", data, 54)
        return kind, machine, {struct.unpack_from("<I", data, start + i * size)[0] for i in range(count)}

    def is_program(self, name):
        kind, machine, parts = self.head(name)
        self.assertEqual((kind, machine), (EXEC, MACHINE[self.arch]), name)
        self.assertIn(LOAD, parts)
        self.assertFalse(parts & {DYNAMIC, INTERP}, "%s is not static" % name)

    def make_pair(self):
        """A plain Makefile is told of the compiler and the archiver, no more."""
        self.good("make", "-s", *("%s=machr-%s-%s" % (name, name.lower(), self.arch) for name in ("CC", "AR", "RANLIB")))

    def test_a_plain_makefile_builds_programs_and_an_archive(self):
        self.make_pair()
        self.is_program("pair")
        self.is_program("calc")

    def test_the_machine_is_in_the_name_an_option_or_the_environment(self):
        other = ARCHES[self.arch == ARCHES[0]]
        for words, env in ((["machr-cc-" + self.arch], {"MACHR_ARCH": other}), (["machr-cc", "--arch=" + self.arch], {"MACHR_ARCH": other}),
                           (["machr-cc"], {"MACHR_ARCH": self.arch}), (["machr-gcc"], {"MACHR_ARCH": self.arch})):
            self.good(*words, "-c", "-o", "one.o", "half.c", **env)
            self.assertEqual(self.head("one.o")[:2], (REL, MACHINE[self.arch]), (words, env))

    def test_the_folder_s_own_makefile(self):
        """As sdk.md says: make -C examples."""
        shutil.copytree(self.folder, self.path("sdk"), symlinks=True)
        self.good("make", "-s", "-C", "sdk/examples", "MACHR_ARCH=" + self.arch, "./ipc", "./hello")
        for name in "ipc", "hello":
            self.is_program("sdk/examples/" + name)

    def test_probes_of_configure_scripts_get_true_answers(self):
        """A function that is there links without its header, another does not; no header of the host's is seen."""
        probe = "char %s(); int main(void) { return %s(); }"
        for name in "getaddrinfo", "open_memstream", "pthread_create", "cbrt", "mach_msg":
            self.cc("-o", "probe", "-fno-builtin", "-x", "c", "-", stdin=probe % (name, name))
        for name in "kqueue", "epoll_create", "no_such_function":
            ended_well, _, complaint = self.run_("machr-cc-" + self.arch, "-o", "probe", "-x", "c", "-", stdin=probe % (name, name))
            self.assertFalse(ended_well, name)
            self.assertIn("undefined reference to `%s'" % name, complaint)
        for name in "linux/types.h", "sys/epoll.h", "gnu/libc-version.h":
            ended_well, _, complaint = self.run_("machr-cc-" + self.arch, "-E", "-", stdin="#include <%s>\n" % name)
            self.assertFalse(ended_well, name)
            self.assertIn("%s: No such file" % name, complaint)

    def test_the_system_s_macros(self):
        found = dict(re.findall(r"(?m)^#define (\w+) (.*)$", self.cc("-E", "-dM", "-", stdin="")))
        self.assertEqual((found.get("__machr__"), found["__STDC_VERSION__"]), ("1", "201112L"))
        self.assertFalse({"__linux__", "__linux", "linux", "__gnu_linux__", "__CET__"} & set(found))
        strict = self.cc("-std=c99", "-E", "-dM", "-", stdin="")
        self.assertIn("#define __STDC_VERSION__ 199901L\n", strict)
        self.assertNotIn("define unix ", strict)

    def test_headers_and_libraries_come_from_the_folder(self):
        own = self.cc("-print-file-name=include").strip()
        wanted = "".join("#include <%s>\n" % name for name in ("stdio.h", "stdarg.h", "pthread.h", "mach/mach.h"))
        headers = self.cc("-M", "-x", "c", "-", stdin=wanted)
        listed = headers.partition(":")[2].replace("\\\n", " ")
        names = [n.replace("\\ ", " ") for n in re.split(r"(?<!\\)\s+", listed) if n]
        self.assertGreater(len(names), 8)
        for name in names:
            self.assertTrue(name == "-" or os.path.normpath(name).startswith((self.folder + "/include/", os.path.normpath(own))), name)
        self.cc("-o", "pair", "main.c", "half.c", "words.c", "-Wl,-Map,map", "-lm")
        with open(self.path("map")) as f:
            loaded = [os.path.normpath(n) for n in re.findall(r"(?m)^LOAD (/.*\.[ao])$", f.read())]
        libraries = [n for n in loaded if "/libgcc" not in n and not n.startswith(tempfile.gettempdir() + "/cc")]
        self.assertGreater(len(libraries), 3)
        for name in libraries:
            self.assertTrue(name.startswith("%s/lib/%s/" % (self.folder, self.arch)), name)

    def test_options_of_other_systems(self):
        """What makes no sense is dropped, the rest goes through: a static program all the same, without a word."""
        for options in (DROPPED,) + TAKEN:
            if os.path.exists(self.path("pair")):
                os.unlink(self.path("pair"))
            self.cc("-o", "pair", "main.c", "half.c", "words.c", *options.split())
            self.is_program("pair")
        self.assertEqual(self.steps(*DROPPED.split()), self.steps())
        for option, why in REFUSED.items():
            words = ["machr-cc-" + self.arch, "-o", "refused", "main.c", "half.c", "words.c", option]
            ended_well, _, complaint = self.run_(*words)
            self.assertFalse(ended_well, option)
            self.assertIn(why, complaint)
            self.assertFalse(os.path.exists(self.path("refused")), option)

    def test_errors_are_clear(self):
        no_gcc = "there is no gcc for %s; looked for: nowhere-" % self.arch
        for arch, env, why in (("vax", {}, "there is no machine vax; choose aarch64 or x86_64"),
                               (self.arch, {"CROSS": "nowhere-"}, no_gcc)):
            ended_well, _, complaint = self.run_("machr-cc", "--arch=" + arch, "-c", "half.c", **env)
            self.assertFalse(ended_well)
            self.assertEqual(complaint.count("\n"), 1, complaint)
            self.assertIn("machr-cc: " + why, complaint)

    def test_binary_tools(self):
        def tool(name, *words):
            return self.good("machr-%s-%s" % (name, self.arch), *words)

        self.assertLessEqual({"machr-%s%s" % (t, end) for t in TOOLS for end in ("", "-aarch64", "-x86_64")},
                             set(os.listdir(os.path.join(self.folder, "bin"))))
        tool("as", "-o", "extra.o", "extra.s")
        tool("gcc", "-O2", "-c", "half.c", "words.c", "main.c")
        tool("ld", "-r", "-o", "both.o", "half.o", "extra.o")
        tool("ar", "rc", "libpair.a", "both.o", "words.o")
        tool("ranlib", "libpair.a")
        self.assertRegex(tool("nm", "-s", "libpair.a"), r"words in words\.o\n(.*\n)*[0-9a-f]+ T half\n")
        tool("gcc", "-g", "-o", "pair", "main.o", "libpair.a")
        tool("ar", "r", "libpair.a", "main.o")
        tool("gcc", "-o", "main-in-archive", "libpair.a")
        self.assertIn("%d words, %g", tool("strings", "pair"))
        self.assertIn("<half>:", tool("objdump", "-d", "pair"))
        self.assertIn("EXEC", tool("readelf", "-h", "pair"))
        tool("strip", "-o", "small", "pair")
        self.is_program("small")
        self.assertLess(os.path.getsize(self.path("small")), os.path.getsize(self.path("pair")))
        tool("objcopy", "-O", "binary", "-j", ".data", "extra.o", "byte")
        with open(self.path("byte"), "rb") as f:
            self.assertEqual(f.read(), b"\1")
        self.assertRegex(tool("size", "pair"), r"(?m)^ *\d+\t *\d+\t *\d+\t.*\tpair$")

    def test_programs_run_in_the_system(self):
        """As `make qemu PROGS="calc pack"` puts them on a disk that is there already: a program into /bin, a folder below /home."""
        self.make_pair()
        os.mkdir(self.path("pack"))
        os.rename(self.path("pair"), self.path("pack/pair"))
        with open(self.path("pack/sums"), "w") as f:
            f.write("2^200\n3^140-1\n")
        listed = mkdisk.listed(os.path.join(self.build, self.arch, "disk.list"))
        puts = ["--put=%s=%s" % (d, e.source) for d, e in listed.items() if e.kind == "file" and d.startswith("/bin/")]
        for progs in [], ["--prog", self.path("calc"), "--prog", self.path("pack/")]:
            subprocess.run([sys.executable, "conf/mkdisk.py", "--image", self.path("disk"), "--list", self.path("list"), "--mb", "24",
                            "--tree", "conf/disk", *puts, *progs], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
        text = bench_posix.boot(self.build, self.arch, False, self.dir, self.path("disk"),
                                'calc /home/pack/sums; /home/pack/pair "it is moved"; echo status $?; poweroff\r')
        self.assertIn("\n%d\n%d\n3 words, 3.5\nstatus 3\n" % (2**200, 3**140 - 1), text.replace("\r", ""))


def cases(arches):
    """The tests of Sdk for each machine."""
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    return unittest.TestSuite(load(type(arch, (Sdk, unittest.TestCase), {"arch": arch})) for arch in arches)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--arch", action="append", choices=ARCHES)
    args = parser.parse_args()
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory(prefix="machr-") as scratch:
        Sdk.make(args.build, os.path.realpath(scratch))
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(cases(args.arch or ARCHES))
    bad = len(result.failures) + len(result.errors)
    print("%d passed, %d failed" % (result.testsRun - bad, bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
