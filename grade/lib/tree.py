"""Where things are in the checkout, and building what a test boots."""

import bisect
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections import namedtuple

GRADE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(GRADE)
sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(ROOT, "conf"))

import elf      # noqa: E402  conf/elf.py
import qemu     # noqa: E402  conf/qemu.py, the one place that knows QEMU's command lines

ARCHES = ("aarch64", "x86_64")
FULL = 3

# The files one boot needs; initrd is None in layer 1, disk also in layer 2.
Cut = namedtuple("Cut", "arch layer folder kernel elf initrd disk")


class BuildError(Exception):
    """make failed; the text is the end of what it said."""


class Tree:
    """One build folder. `make` runs once per architecture and layer, however many tests want it."""

    def __init__(self, build="build", debug=False, make=True, seconds=None):
        """`seconds`: a build that takes longer has failed."""
        self.build = build
        self.seconds = seconds
        self.debug = debug
        self.make = make
        self.lock = threading.Lock()
        self.done = {}

    def folder(self, arch, layer=FULL, debug=False):
        name = arch + ("" if layer == FULL else "-layer%d" % layer) + ("-debug" if self.debug or debug else "")
        return os.path.join(ROOT, self.build, name)

    def log_folder(self, arch):
        path = os.path.join(ROOT, self.build, arch, "grade")
        os.makedirs(path, exist_ok=True)
        return path

    def cut(self, arch, layer=FULL, debug=False):
        """Purpose: build one cut of the tree. Returns a Cut, or raises BuildError (every time)."""
        with self.lock:
            if (arch, layer, debug) not in self.done:
                self.done[arch, layer, debug] = self._make(arch, layer, debug) if self.make else None
            problem = self.done[arch, layer, debug]
        if problem:
            raise BuildError(problem)
        folder = self.folder(arch, layer, debug)
        here = lambda name: os.path.join(folder, name)      # noqa: E731
        return Cut(arch, layer, folder, here("kernel.img" if arch == "aarch64" else "kernel.elf"),
                   here("kernel.elf"), here("boot.tar") if layer > 1 else None,
                   here("disk.img") if layer == FULL else None)

    def _make(self, arch, layer, debug):
        words = ["make", "-s", "ARCH=" + arch, "LAYER=%d" % layer, "DEBUG=%d" % (self.debug or debug),
                 "BUILD=" + self.build, "all"]
        status, text = run_limited(words, self.seconds)
        if status == 0:
            return None
        # The lines that only tell progress (`  CC      file`) hide the errors.
        lines = [line for line in text.splitlines() if not re.match(r"  [A-Z]+ ", line)]
        failed = " failed:" if status is not None else " did not end within %d s" % self.seconds
        return "\n".join([" ".join(words) + failed] + lines[-30:])


def run_limited(words, seconds, most=1 << 20):
    """A command in the tree, and the end of what it printed. Returns (status, text); status None: it took too long, and was killed
    with all it had started."""
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            status = process.wait(seconds)
        except BaseException as problem:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if not isinstance(problem, subprocess.TimeoutExpired):
                raise
            status = None
        out.seek(max(0, out.tell() - most) if out.seek(0, os.SEEK_END) else 0)
        return status, out.read().decode(errors="replace")


class Symbols:
    """Names and addresses of a linked kernel."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        self.by_name = {s.name: s for s in elf.symbols(data) if s.name}
        self.functions = sorted(elf.functions(data).items())

    def address(self, name):
        """The address of a symbol, or None."""
        found = self.by_name.get(name)
        return found.value if found else None

    def where(self, address):
        """`name+0x12` for an address in the kernel, or the bare number."""
        at = bisect.bisect_right(self.functions, (address, chr(0x10ffff))) - 1
        if at < 0 or address - self.functions[at][0] > 0x10000:
            return "0x%x" % address
        # GCC's clones (name.constprop.0) go by the name in the source, as in the kernel's own table.
        return "%s+0x%x" % (self.functions[at][1].split(".")[0], address - self.functions[at][0])
