"""One QEMU: its own folder, FIFOs, sockets and copy-on-write disks, gone when it is stopped."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from .console import Console
from .qmp import Qmp
from .tree import qemu

TRANSCRIPT_LIMIT = 8 << 20
# Kernel counters that move with guest time; the first one found is watched.
TICK_SYMBOLS = ("timer_ticks", "clock_ticks", "ticks")

# Recording, QEMU does not ask whether the UART has room for what it has read: its FIFOs have 16 bytes.
FIFO_HALF = 8
# Recording, QEMU lets input in only when a timer of guest time fires, and a kernel that waits for input may have none. This one is the
# host's own and no device of the guest's: a filter on a network that leads nowhere, every millisecond.
HEARTBEAT = ["-netdev", "hubport,id=beat,hubid=0", "-object", "filter-buffer,id=beat-filter,netdev=beat,interval=1000"]


@dataclass
class Boot:
    """What a machine is made of. `icount`: "on" (idle waits for real time), "off" (idle is skipped), None."""
    arch: str
    kernel: str
    initrd: str = None
    disk: str = None                # a raw image, never written
    swap: str = None
    cpus: int = 1
    mem: str = "128M"
    append: str = ""
    icount: str = "on"
    shift: int = 3
    typed: bytes = b""              # lies at the serial line before the first instruction
    gdb_port: int = 0               # stop before the first instruction and wait for GDB there
    stub: bool = False              # a GDB stub at machine.stub_path for the test itself
    extra: tuple = ()
    log_writes: bool = False        # every write to the disk is noted in machine.write_log
    bad: tuple = ()                 # ("read" or "write", sector): what fails on the first disk
    bad_swap: tuple = ()            # the same of the second
    read_only: bool = False         # the first disk is
    record: str = ""                # a file for QEMU's recording of all that comes from outside


class Transcript:
    """All the guest printed, on disk and in memory, cut at TRANSCRIPT_LIMIT."""

    def __init__(self, path):
        self.path = path
        self.data = bytearray()
        self.total = 0
        self.file = open(path, "wb")

    def add(self, text):
        room = TRANSCRIPT_LIMIT - len(self.data)
        self.total += len(text)
        if room > 0:
            self.data += text[:room]
            self.file.write(text[:room])
            if len(text) >= room:
                self.file.write(b"\n[transcript cut here]\n")
            self.file.flush()

    def note(self, text):
        """A line of the grader's own; not part of what the guest said."""
        self.file.write(("\n[%s]\n" % text).encode())
        self.file.flush()

    def close(self):
        self.file.close()


def sandbox(binary, _known={}):
    """["-sandbox", ...] where this QEMU was built with it."""
    if binary not in _known:
        words = [binary, "-sandbox", "on,spawn=deny", "-M", "none", "-display", "none", "-version"]
        try:
            done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20)
            _known[binary] = words[1:3] if done.returncode == 0 else []
        except (OSError, subprocess.TimeoutExpired):
            _known[binary] = []
    return _known[binary]


def recordable(argv):
    """A command line whose disks answer at the same instruction again: each behind QEMU's blkreplay."""
    out = []
    for word in argv:
        found = re.fullmatch(r"(file=.*,if=none),id=(\w+),(format=.*)", word) if out and out[-1] == "-drive" else None
        out += ["%s,id=%s-file,%s" % found.groups(), "-drive", "driver=blkreplay,if=none,image=%s-file,id=%s" % (found.group(2), found.group(2))
                ] if found else [word]
    return out


def logged(argv, log):
    """A command line whose first disk notes every write and flush in a file (powercut.py reads it)."""
    out = []
    for word in argv:
        found = re.fullmatch(r"file=(.*),if=none,id=disk1,format=(\w+)", word)
        out.append("driver=blklogwrites,if=none,id=disk1,file.driver=%s,file.file.driver=file,file.file.filename=%s,"
                   "log.driver=file,log.filename=%s" % (found.group(2), found.group(1), log) if found else word)
    return out


def damaged(argv, name, bad, read_only=False):
    """A command line one of whose disks fails at some sectors, by QEMU's blkdebug, or may not be written."""
    out = []
    for word in argv:
        found = re.fullmatch(r"file=(.*),if=none,id=%s,format=(\w+)" % name, word)
        if found and read_only:
            word += ",readonly=on"
        elif found and bad:
            word = "driver=blkdebug,if=none,id=%s,image.driver=%s,image.file.driver=file,image.file.filename=%s" % (
                name, found.group(2), found.group(1))
            for i, (kind, sector) in enumerate(bad):
                word += "".join(",inject-error.%d.%s=%s" % (i, *pair) for pair in (
                    ("event", "none"), ("errno", 5), ("iotype", kind), ("sector", sector), ("once", "off")))
        out.append(word)
    return out


def hasty(argv):
    """A command line whose disks do not wait for the host's: what is written to them is gone with the machine anyway."""
    return [word + ",cache=unsafe" if re.match(r"file=.*,if=none,id=disk\d,format=qcow2", word) else word for word in argv]


class Machine:
    """Conditions: start() once, then stop() whatever happened."""

    def __init__(self, boot, transcript, stop=None):
        """`stop`: a threading event that ends every wait on the console (^C)."""
        self.boot = boot
        self.stopping = stop
        self.transcript = transcript
        self.folder = tempfile.mkdtemp(prefix="machr-")
        self.process = self.console = self.qmp = None
        self.stub_path = os.path.join(self.folder, "gdb")
        self.write_log = os.path.join(self.folder, "writes")
        self.errors = os.path.join(self.folder, "qemu.stderr")

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _overlay(self, image, name):
        """A copy-on-write layer over a raw image."""
        if image is None:
            return None
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b",
                        os.path.abspath(image), self._path(name)], check=True)
        return self._path(name)

    def flat(self, name):
        """The path of a raw copy of a disk as the guest has written it. Conditions: QEMU has ended."""
        subprocess.run(["qemu-img", "convert", "-f", "qcow2", "-O", "raw", self._path(name), self._path(name + ".raw")], check=True)
        return self._path(name + ".raw")

    def argv(self, mode="record"):
        """The command line: conf/qemu.py's, plus what only graders need. `mode` of a boot with a recording: record or replay."""
        boot = self.boot
        extra = [] if mode == "replay" else ["-qmp", "unix:" + self._path("qmp")]
        if boot.record:
            extra += ["-icount", "shift=%d,rr=%s,rrfile=%s" % (boot.shift, mode, boot.record.replace(",", ",,"))] + HEARTBEAT
        elif boot.icount:
            extra += ["-icount", "shift=%d,sleep=%s" % (boot.shift, boot.icount)]
        if boot.stub and mode == "record":
            extra += ["-gdb", "unix:%s,server=on,wait=off" % self.stub_path]
        if boot.swap:
            extra += qemu.disk_args(self._overlay(boot.swap, "swap"), qemu.SLOT_SWAP, "qcow2")
        # The machine stands still until QMP is ready; with GDB it is GDB that lets it run.
        extra += [] if boot.gdb_port else ["-S"]
        binary = "qemu-system-" + boot.arch
        argv = qemu.command(boot.arch, boot.kernel, boot.initrd, self._overlay(boot.disk, "disk"), "qcow2",
                            cpus=boot.cpus, mem=boot.mem, append=boot.append,
                            console="null" if mode == "replay" else "pipe:" + self._path("line"), gdb_port=boot.gdb_port or None,
                            extra=sandbox(binary) + extra + list(boot.extra))
        if boot.log_writes:
            open(self.write_log, "wb").close()
            argv = logged(argv, self.write_log)
        argv = damaged(argv, "disk%d" % qemu.SLOT_DISK, boot.bad, boot.read_only)
        argv = hasty(damaged(argv, "disk%d" % qemu.SLOT_SWAP, boot.bad_swap))
        return recordable(argv) if boot.record else argv

    def start(self):
        """Returns False when QEMU ended before the guest could run; error_text() tells why."""
        self.console = Console(self._path("line"), self.stopping)
        if self.boot.record:
            self.console.chunk = FIFO_HALF
        self.qmp = Qmp(self._path("qmp"))
        with open(self.errors, "wb") as errors:
            # A session of its own: ^C on the terminal reaches the graders, which then stop it.
            self.process = subprocess.Popen(self.argv(), stdin=subprocess.DEVNULL, stdout=errors,
                                            stderr=errors, start_new_session=True)
        if not self.qmp.connect(self.process):
            self.kill()
            return False
        self.console.opened()
        if self.boot.typed:
            self.console.send(self.boot.typed)
        if not self.boot.gdb_port:
            self.qmp.command("cont")
        return True

    def replay(self):
        """Plays the recording of an earlier machine with the same Boot; waits for GDB at boot.gdb_port."""
        self.boot.gdb_port = qemu.free_port()
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(self.argv("replay"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                                            start_new_session=True)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()

    def ended(self, seconds=5):
        """Waits for QEMU's end; what conf/qemu.py makes of its status, or None while it runs."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        return qemu.outcome(self.boot.arch, status, self.qmp.shutdown_reason())

    def error_text(self):
        try:
            with open(self.errors, errors="replace") as f:
                return f.read(4000).strip()
        except OSError:
            return ""

    def send_break(self):
        """A BREAK on the serial line, which makes the kernel enter its monitor."""
        return self.qmp.command("chardev-send-break", id="serial0") is not None

    def wake(self):
        """QEMU 7.2 with -icount can miss that its processors went idle while a timer was set, and sleeps for ever then, the guest's time with
        it. Whatever its main loop hears of makes it look again."""
        if self.boot.icount and not self.boot.record and self.qmp:
            self.qmp.command("query-status")

    def ticks(self, symbols):
        """The kernel's count of time, or None: a sign of life for the backstop."""
        for name in TICK_SYMBOLS:
            address = symbols.address(name) if symbols else None
            if address:
                found = re.search(r": (0x[0-9a-f]+)", self.qmp.human("x /1gx 0x%x" % address))
                return int(found.group(1), 16) if found else None
        return None

    def computed(self):
        """Seconds of processor time QEMU has used, or None where that says nothing about the guest's time or cannot be known."""
        if not self.boot.icount or self.boot.record:
            return None
        try:
            with open("/proc/%d/stat" % self.process.pid) as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def waited(self):
        """Seconds that QEMU's threads had work and no processor, together; 0 where nobody counts them."""
        total = 0
        for path in glob.glob("/proc/%d/task/*/schedstat" % self.process.pid):
            try:
                with open(path) as f:
                    total += int(f.read().split()[1])
            except (OSError, IndexError):       # a thread that ended meanwhile
                pass
        return total / 1e9

    def cpu_lines(self, symbols):
        """Where each CPU stands, for a report about a machine that does not move."""
        lines = []
        text = self.qmp.human("info registers -a")
        for cpu, part in enumerate(re.split(r"(?m)^\s*CPU#\d+\s*$", text)[1:]):
            found = re.search(r"\b(?:RIP|EIP|PC)\s*=\s*([0-9a-f]+)", part)
            if found:
                address = int(found.group(1), 16)
                lines.append("cpu %d: 0x%x %s" % (cpu, address, symbols.where(address) if symbols else ""))
        return lines

    def stop(self):
        # A recording is complete only when QEMU ends by itself.
        if self.boot.record and self.qmp and self.qmp.socket and self.qmp.command("quit") is not None:
            self.ended()
        self.kill()
        if self.console:
            self.console.close()
        if self.qmp:
            self.qmp.close()
        shutil.rmtree(self.folder, ignore_errors=True)
