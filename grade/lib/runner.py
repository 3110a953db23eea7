"""Runs variants, JOBS at a time, each on a machine of its own, and says how each ended."""

import concurrent.futures
import math
import os
import secrets
import threading
import time
import traceback
from dataclasses import dataclass, field

from . import verdict
from .console import ConsoleError
from .machine import Boot, Machine, Transcript
from .registry import again, label, log_name
from .session import Interrupted, Lost, Session, WrongOutput
from .tree import BuildError, Symbols, qemu


@dataclass
class Result:
    """What became of one variant."""
    variant: object
    verdict: str = verdict.OK
    why: list = field(default_factory=list)     # lines that explain a verdict
    command: str = ""
    expected: str = ""
    got: str = ""
    transcript: str = ""
    seconds: float = 0
    notes: list = field(default_factory=list)   # numbers a test wants seen
    seed: int = 0

    @property
    def passed(self):
        return self.verdict == verdict.OK


DEAD = 3        # so many runs of a kernel in a row without a prompt, and the grader believes it


@dataclass
class Options:
    jobs: int = 2
    seed: int = 0
    gdb: bool = False
    append: str = ""            # words for the kernel, before those of the test
    record: str = ""            # a file: QEMU records the run there (one test, one CPU)
    attempts: int = 2           # how often a "no verdict" is run in all
    hurry: int = 0              # wall seconds: a run silent for so long (and its budget) is lost


class Runner:
    def __init__(self, tree, options, tell=lambda result: None):
        self.tree, self.options, self.tell = tree, options, tell
        self.results = {}
        self.done = {}              # variant -> Event, set when its result is there
        self.symbols = {}
        self.recorded = None        # the Boot of a recorded run
        self.dead = {}              # kernel -> how many runs in a row saw no prompt
        self.lock = threading.Lock()
        self.stop = threading.Event()

    def run(self, variants):
        """Returns the results in the order of the variants. When `tell` fails nothing more is begun, and its exception comes out here."""
        self.done = {v: threading.Event() for v in variants}
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            futures = [pool.submit(self._one, v) for v in self._order(variants)]
            try:
                concurrent.futures.wait(futures)
            except KeyboardInterrupt:
                self.stop.set()
                for f in futures:
                    f.cancel()
                for event in self.done.values():
                    event.set()
        for f in futures:
            if not f.cancelled():
                f.result()
        return [self.results.get(v, Result(v, verdict.INTERRUPTED)) for v in variants]

    def _one(self, v):
        began = time.monotonic()
        result = self._skip(v)
        attempt = 0
        while result is None or (result.verdict == verdict.NO_VERDICT and attempt < self.options.attempts
                                 and not self.stop.is_set()):
            attempt += 1
            result = self._attempt(v)
        if attempt > 1:
            result.notes.append("run %d times: the wall-clock backstop fired before" % attempt)
        result.seconds, result.seed = time.monotonic() - began, self.options.seed
        try:
            with self.lock:
                self.results[v] = result
                self.tell(result)
        except BaseException:
            self.stop.set()
            raise
        finally:
            self.done[v].set()          # whatever became of it: others may be waiting

    def _order(self, variants):
        """What is needed comes before what needs it; of the others those that take long, so that none of them is alone at the end."""
        depths = {}

        def depth(v):
            if v not in depths:
                depths[v] = 1 + max(map(depth, self._needed(v)), default=0)
            return depths[v]
        return sorted(variants, key=lambda v: (depth(v), -v.test.long))

    @staticmethod
    def _kernel(v):
        return v.arch, v.layer, v.test.debug, v.test.kernel

    def _needed(self, v):
        """The variants that must have passed: with as many CPUs, or with any number if that test never runs with so many."""
        names = (v.test.needs,) if isinstance(v.test.needs, str) else v.test.needs
        found = []
        for name in names:
            same = [o for o in self.done if o.test.name == name and (o.arch, o.layer) == (v.arch, v.layer)]
            found += [o for o in same if o.cpus == v.cpus] or same
        return found

    def _skip(self, v):
        """The result of a variant that is not to run, or None."""
        for other in self._needed(v):
            # What is needed was submitted earlier, so it is running or over: waiting for it ends.
            self.done[other].wait()
            if other not in self.results or not self.results[other].passed:
                return Result(v, verdict.SKIPPED, ["%s failed" % other.test.name])
        if self.dead.get(self._kernel(v), 0) >= DEAD:
            return Result(v, verdict.NO_BOOT, ["not tried: %d runs of this kernel before it saw no prompt" % DEAD])
        return Result(v, verdict.INTERRUPTED) if self.stop.is_set() else None

    def _boot(self, v, nonce):
        """The Boot of a variant, and the kernel's symbols if there are any."""
        t = v.test
        words = ["nonce=" + nonce, "panic=off"] + ([] if self.options.gdb else ["deadline=%d" % math.ceil(t.budget)])
        words = [w for w in [self.options.append] + words + [t.append.replace("{seed}", str(self.options.seed))] if w]
        common = dict(arch=v.arch, cpus=v.cpus, mem=t.mem, icount=t.icount, shift=t.shift, typed=t.typed, append=" ".join(words),
                      gdb_port=qemu.free_port() if self.options.gdb else 0,
                      stub=t.stub and not self.options.gdb, log_writes=t.log_writes, extra=tuple(t.extra))
        if t.kernel:
            return Boot(kernel=t.kernel(v.arch), **common), None
        cut = self.tree.cut(v.arch, v.layer, t.debug)
        disk, swap = t.disk(cut) if t.disk else None, self._swap(v, cut)
        common.update(bad=tuple(t.bad(disk)) if t.bad else (), bad_swap=tuple(t.bad_swap(swap)) if t.bad_swap else (),
                      read_only=t.read_only)
        return Boot(kernel=cut.kernel, initrd=cut.initrd, disk=disk, swap=swap, **common), self._symbols(cut.elf)

    def _swap(self, v, cut):
        """An empty swap disk of the size that the test wants, or the disk it makes; machines write to a layer over it."""
        if not v.test.swap:
            return None
        if callable(v.test.swap):
            return v.test.swap(cut)
        path = os.path.join(self.tree.log_folder(v.arch), "swap-%s.img" % v.test.swap)
        with self.lock:
            qemu.make_swap(path, v.test.swap)
        return path

    def _symbols(self, path):
        with self.lock:
            if path not in self.symbols:
                self.symbols[path] = Symbols(path)
            return self.symbols[path]

    def _attempt(self, v):
        """Boots, runs the test, reads the verdict."""
        result = Result(v)
        nonce = secrets.token_hex(8)
        transcript = Transcript(os.path.join(self.tree.log_folder(v.arch), log_name(v)))
        result.transcript = os.path.relpath(transcript.path)
        machine = None
        try:
            boot, symbols = self._boot(v, nonce)
            if self.options.record:
                boot.record, self.recorded = self.options.record, boot
            machine = Machine(boot, transcript, self.stop)
            if self.options.gdb:
                self._announce(v, boot)
            session = Session(machine, v.test.budget, nonce, self.options.seed, symbols,
                              self.options.hurry or v.test.least,
                              quiet=self.options.hurry and self.options.hurry + v.test.budget,
                              patient=self.options.gdb, rescue=v.test.rescue)
            self._talk(v, session, result)
            self.dead[self._kernel(v)] = 0 if session.prompts else self.dead.get(self._kernel(v), 0) + 1
        except BuildError as problem:
            result.verdict, result.why = verdict.BUILD, str(problem).splitlines()
        except Interrupted:
            result.verdict = verdict.INTERRUPTED
        except Exception as problem:
            result.verdict = verdict.GRADER
            result.why = (["the console driver failed: %s" % problem] if isinstance(problem, ConsoleError)
                          else traceback.format_exc().splitlines())
        finally:
            if machine:
                machine.stop()
            transcript.note("verdict: %s" % result.verdict)
            transcript.close()
        return result

    def _talk(self, v, session, result):
        session.notes, session.variant = result.notes, v
        try:
            session.start()
            v.test.func(session)
            self._leave(v.test, session)
        except Lost:
            result.verdict, result.why = verdict.explain(session.evidence())
            result.command = session.command
        except WrongOutput as wrong:
            result.verdict, result.why = verdict.explain(session.evidence())
            result.why.insert(0, wrong.message)
            result.command, result.expected, result.got = wrong.command, wrong.expected, wrong.got

    @staticmethod
    def _leave(test, session):
        """What is asked of every test's machine in the end."""
        session.nobody_died(test.kills)
        if test.disk and test.sound and not test.read_only:
            session.disk_is_sound()

    def _announce(self, v, boot):
        folder = os.path.relpath(self.tree.folder(v.arch, v.layer, v.test.debug))
        print("%s waits for GDB. In another terminal:\n\n    MACHR_TARGET=127.0.0.1:%d sh conf/gdb/run.sh %s %s\n\n"
              "It runs when GDB says `continue`; no deadline, no backstop. Again: %s"
              % (label(v), boot.gdb_port, v.arch, folder, again(v, gdb=True, seed=self.options.seed)), flush=True)
