"""A conversation with a booted guest: commands, replies, checks. This is what a test holds."""

import contextlib
import random
import re
import time
from dataclasses import dataclass, replace

from . import verdict
from .gdbstub import Stub
from .tree import qemu
from .verdict import Evidence

TAIL = r"msh\$ |kmsh> "
FLOOD_LIMIT = 1 << 20           # bytes of one reply, unless the test expects more
GARBAGE_LIMIT = 65536           # bytes without a prompt after which garbage is called so
PANIC_GRACE = 3                 # wall seconds a panic may take to print and power off
WAKE_AFTER = 2                  # wall seconds of silence
BACKSTOP_LEAST = 60             # wall seconds
BACKSTOP_STRETCH = 3            # times the backstop, at most, while something moves


class Lost(Exception):
    """The conversation is over: the machine ended or does not answer. Carries how (verdict.py)."""


class Interrupted(Exception):
    """Somebody pressed ^C."""


class WrongOutput(Exception):
    """A check failed."""

    def __init__(self, message, command="", expected="", got=""):
        super().__init__(message)
        self.message, self.command, self.expected, self.got = message, command, expected, got


@dataclass
class Reply:
    """What a command printed, without its echo and the prompt, and its status."""
    command: str
    data: bytes
    rc: int
    shell: str

    @property
    def text(self):
        return self.data.replace(b"\r\n", b"\n").replace(b"\r", b"").decode(errors="replace")

    @property
    def lines(self):
        return self.text.splitlines()


class Backstop:
    """Wall-clock time allowed: ten times the guest's budget, longer while output or ticks move. And the time a processor may compute
    without a word: on a machine whose time is counted in instructions the guest's deadline would have come long before, but for a loop
    with interrupts off."""

    def __init__(self, budget, least=BACKSTOP_LEAST, quiet=None, computed=lambda: None, waited=lambda: 0):
        """`quiet`: seconds without output after which there is no hope either, but for those in which QEMU waited for a processor, waited();
        computed() is QEMU's processor time, or None."""
        self.step = max(least, 10 * budget)
        self.computed, self.most_silent = computed, max(least / 6, 2 * budget)
        self.mute = least / 6           # processor time of a kernel that never said anything
        self.computed_then = computed()
        self.quiet, self.printed, self.heard = quiet, 0, time.monotonic()
        self.waited, self.waited_then = waited, waited()
        self.silent = time.monotonic() + least
        self.end = time.monotonic() + self.step
        self.last = time.monotonic() + BACKSTOP_STRETCH * self.step
        self.seen = None

    def expired(self, printed, progress):
        """`printed` counts the guest's bytes: none by the least time allowed, and there is no hope.
        progress() gives a value that changes while the guest is alive; asked only when time is up."""
        now = time.monotonic()
        if printed == 0 and now > self.silent:
            return True
        if printed != self.printed:
            self.printed, self.heard, self.computed_then, self.waited_then = printed, now, self.computed(), self.waited()
        if self.quiet and now > self.heard + self.quiet and now - (self.waited() - self.waited_then) > self.heard + self.quiet:
            return True
        if now < self.end:
            return False
        value = progress()
        if now < self.last and value != self.seen:
            self.seen = value
            self.end = now + self.step / 4
            return False
        return True


    def stuck(self):
        """Has it computed for so long since it printed something that its own deadline cannot come any more?"""
        now = self.computed()
        return now is not None and now > self.computed_then + (self.most_silent if self.printed else self.mute)


class Session:
    """Conditions: one thread; start() first. Every method may raise Lost or Interrupted."""

    def __init__(self, machine, budget, nonce, seed=0, symbols=None, least=BACKSTOP_LEAST, quiet=None,
                 patient=False, rescue=False):
        self.machine = machine
        self.nonce = nonce
        self.seed = seed
        self.random = random.Random(seed)
        self.symbols = symbols
        self.budget, self.least, self.quiet, self.patient = budget, least, quiet, patient
        self.rescue = rescue            # the first prompt may be the rescue shell's
        self.log = machine.transcript
        self.prompts = 0
        self.since = 0
        self.ended = verdict.CHECK
        self.last = None                # the last Reply
        self.command = ""               # the command that is running, for reports
        self.backstop = None
        self.variant = None             # set by the runner: test, arch, cpus, layer
        self.notes = []                 # numbers worth showing beside the result
        self.panic_at = None
        self.scanned = 0                # bytes of the transcript searched for a panic

    # Starting and waiting.

    def start(self):
        """Boots to the first prompt. Returns its Reply (all that the boot printed)."""
        self.command = "(boot)"
        if not self.machine.start():
            self._lose(verdict.NO_START)
        self.backstop = Backstop(self.budget, self.least, self.quiet, self.machine.computed, self.machine.waited)
        reply = self._finish(b"")
        if not self.rescue and verdict.rescued(reply.data):
            self._lose(verdict.RESCUED)
        return reply

    def _lose(self, how):
        self.ended = how
        raise Lost(how)

    def _progress(self):
        return self.log.total, self.machine.ticks(self.symbols)

    def _took(self, event):
        """Files what came and turns the ends of a conversation into exceptions."""
        self.log.add(event.text)
        if event.name == "interrupt":
            raise Interrupted()
        if event.name == "eof":
            self._lose(verdict.EOF)

    def _watch(self, size, limit):
        """Between two looks at the line: is there still hope?"""
        data = self.log.data
        if size > limit:
            self._lose(verdict.FLOOD)
        if size > GARBAGE_LIMIT and limit == FLOOD_LIMIT and verdict.is_garbage(bytes(data[-4096:])):
            self._lose(verdict.FLOOD)
        if self.panic_at is None and verdict.panic_seen(data, max(self.since, self.scanned - 100)):
            self.panic_at = time.monotonic()
        self.scanned = len(data)
        if self.panic_at and time.monotonic() > self.panic_at + PANIC_GRACE and not self.patient:
            self._lose(verdict.STALLED)
        if not self.patient and self.backstop.expired(self.log.total, self._progress):
            self._lose(verdict.BACKSTOP)
        if not self.patient and self.backstop.stuck():
            self._lose(verdict.STUCK)
        if time.monotonic() > self.backstop.heard + WAKE_AFTER:
            self.machine.wake()

    def _finish(self, seen, limit=FLOOD_LIMIT):
        """Waits for the prompt and makes a Reply of everything since the command was sent."""
        parts, size = [seen], len(seen)
        while True:
            event = self.machine.console.prompt(self.nonce, TAIL)
            self._took(event)
            parts.append(event.text)
            size += len(event.text)
            if event.name == "prompt":
                break
            self._watch(size, limit)
        self.prompts += 1
        self.panic_at = None
        data = b"".join(parts)
        shell = "kmsh" if data.endswith(b"kmsh> ") else "msh"
        self.last = Reply(self.command, data.rsplit(b"\x1e", 1)[0], event.rc, shell)
        return self.last

    # Commands.

    def run(self, line, limit=FLOOD_LIMIT):
        """Types a command line, waits for the next prompt. Returns the Reply."""
        return self._ask(line, line.encode() + b"\r", limit, typed=True)

    def keys(self, data, label=None, limit=FLOOD_LIMIT):
        """Sends raw bytes at once, as a paste (they end in \\r), and waits for the prompt."""
        return self._ask(label or repr(data[:60]), data, limit, typed=False)

    def batch(self, lines):
        """Pastes many command lines at once and waits for as many prompts. Returns the list of statuses."""
        self.command = "%d lines pasted, the first: %s" % (len(lines), lines[0])
        self.since = len(self.log.data)
        self.send("".join(line + "\r" for line in lines).encode())
        return [self._finish(b"").rc for _ in lines]

    def stub(self):
        """QEMU's GDB stub (the test says stub=True); the machine stands still until detach()."""
        return Stub(self.machine.stub_path)

    def _ask(self, label, data, limit, typed):
        self.command = label
        self.since = len(self.log.data)
        console = self.machine.console
        event = console.type(data) if typed else console.send(data)
        self._took(event)
        reply = self._finish(event.text, limit)
        # The echo ends with the first line; what is left is the command's own.
        reply.data = reply.data.split(b"\n", 1)[1] if b"\n" in reply.data else b""
        return reply

    def send(self, data):
        """Bytes to the guest without waiting for anything."""
        self._took(self.machine.console.send(data))

    def wait_for(self, pattern, label=None):
        """Waits for a regular expression (Tcl syntax) in the output. Returns the bytes up to its end."""
        self.command = label or "wait for " + pattern
        while True:
            text = self.heard(pattern)
            if text is not None:
                return text

    def heard(self, pattern):
        """wait_for() for a second. Returns None: it did not come, and can be waited for again."""
        event = self.machine.console.match(pattern)
        self._took(event)
        if event.name == "match":
            return event.text
        self._watch(len(event.text), FLOOD_LIMIT)
        return None

    def prompt(self, label, seen=b""):
        """Waits for the next prompt without typing. Returns the Reply; `seen` is what wait_for() or heard() had of it."""
        self.command = label
        return self._finish(seen)

    def power_off(self, line, status):
        """A command after which the machine must end with this status."""
        self.command = line
        self.since = len(self.log.data)
        try:
            self._took(self.machine.console.type(line.encode() + b"\r"))
            reply = self._finish(b"")
        except Lost as lost:
            if str(lost) != verdict.EOF:
                raise
            got = self.machine.ended()
            if got == status:
                self.ended = verdict.CHECK
                return
            if verdict.panic_seen(self.log.data, self.since) or got == verdict.DEADLINE_STATUS:
                raise
            self.ended = verdict.CHECK
            raise WrongOutput("the machine ended differently", line, "status %d" % status, "status %s" % got)
        raise WrongOutput("the machine is still on", line, "power-off with status %d" % status, reply.text)

    def disk_image(self):
        """After power_off: the disk as the guest left it, a raw image that is gone with the machine."""
        return self.machine.flat("disk")

    @contextlib.contextmanager
    def another(self, disk, log_writes=False, swap=None):
        """A session with a machine like this one, booted from another disk image, `swap` its second disk; it ends with the `with`."""
        boot = replace(self.machine.boot, disk=disk, log_writes=log_writes, swap=swap or self.machine.boot.swap)
        machine = type(self.machine)(boot, self.log, self.machine.stopping)
        other = Session(machine, self.budget, self.nonce, self.seed, self.symbols, self.least, self.quiet, self.patient, self.rescue)
        try:
            other.start()
            yield other
        finally:
            machine.stop()

    # Checks. Each raises WrongOutput with the last command, what was expected and what came.

    def ok(self, line, **more):
        """run(), and its status must be 0."""
        return self.must(self.run(line, **more))

    def must(self, reply, rc=0):
        if reply.rc != rc:
            raise WrongOutput("unexpected status", reply.command, "rc=%d" % rc,
                              "rc=%d\n%s" % (reply.rc, reply.text))
        return reply

    def fails(self, line, **more):
        """run(); it must give a nonzero status and say something."""
        reply = self.run(line, **more)
        self.check(reply.rc != 0, "an error must give a nonzero status", "rc != 0", "rc=0\n" + reply.text)
        self.check(reply.text.strip() != "", "an error must be explained", "a message", "nothing")
        return reply

    def check(self, good, message, expected="", got=None):
        if not good:
            last = self.last
            raise WrongOutput(message, last.command if last else "", str(expected),
                              (last.text if last else "") if got is None else str(got))

    def equal(self, message, expected, got):
        self.check(expected == got, message, expected, got)

    # The end.

    def nobody_died(self, but=()):
        """init starts a server that died again, so its death may show nowhere else. Those in `but` were killed: they have no last words."""
        died = [line for line in re.findall(r"(?m)^init: (\S+ died.*?)\r?$", bytes(self.log.data).decode(errors="replace"))
                if not line.startswith(tuple(name + " died, " for name in but))]
        self.check(not died, "no server dies", "none", "\n".join(died))

    def disk_is_sound(self):
        """Switches off a machine that stands at the shell's prompt. Where that ended well, e2fsck has nothing to say about the disk."""
        if self.machine.ended(0) is None and self.last.shell == "msh":
            self.power_off("poweroff", 0)
        if self.machine.ended(0) == 0:
            from . import disk          # needs conf/mkdisk.py, which the hand-outs of labs without a disk have not
            for where, status, text in disk.check_all(self.disk_image()):
                self.check(status == 0, "e2fsck -fn finds %s clean" % where, "status 0", "status %d\n%s" % (status, text))

    def evidence(self):
        """What is known now; kills nothing."""
        machine = self.machine
        ended = self.ended in (verdict.EOF, verdict.NO_START)
        status = machine.ended(5 if ended else 0.3) if machine.process else None
        cpus = machine.cpu_lines(self.symbols) if status is None and machine.qmp else []
        return Evidence(self.ended, bytes(self.log.data), self.since, self.prompts, status,
                        status == qemu.RESET, machine.error_text(), cpus)
