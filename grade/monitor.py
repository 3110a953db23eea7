"""The kernel monitor, lab 1 style: every cut of the tree boots to `kmsh> ` and tells the truth.

What the monitor says is compared with what the host knows: the kernel file's symbols, the machine's
size, and the page tables as read through QEMU's GDB stub.
"""

import os
import re
import time

from lib import disk, pages, verdict
from lib.api import Lost, WrongOutput, test
from lib.gdbstub import StubError

CUTS = (1, 2, 3)
DIRECT_MAP = 0xffff800000000000
FRAME = 4096

L1_COMMANDS = ("help", "memory", "frames", "translate", "backtrace", "continue", "poweroff")
L2_COMMANDS = ("tasks", "threads", "ports", "maps")


def numbers(text):
    """Every number in a text, decimal and 0x hexadecimal."""
    return [int(n, 0) for n in re.findall(r"\b0x[0-9a-f]+\b|\b(?:0|[1-9]\d*)\b", text.lower())]


def layer(s):
    return s.variant.layer


def some_functions(s, count=6):
    """Seeded choice of kernel functions: [(address, name)]."""
    low, high = s.symbols.address("_text"), s.symbols.address("_etext")
    return sorted(s.random.sample([f for f in s.symbols.functions if low <= f[0] < high], count))


@test("monitor-help", layers=CUTS, cpus=(1, 4), append="kmsh", budget=10, points=2)
def monitor_help(s):
    text = s.ok("help").text
    for name in L1_COMMANDS + (L2_COMMANDS if layer(s) > 1 else ()):
        s.check(re.search(r"(?m)\b%s\b" % name, text), "help names every command", name)


@test("monitor-poweroff", layers=CUTS, append="kmsh", budget=10)
def monitor_poweroff(s):
    s.power_off("poweroff", 0)


@test("monitor-poweroff-status", layers=(1, 3), cpus=(1, 4), append="kmsh", budget=10)
def monitor_poweroff_status(s):
    for wrong in ("poweroff x", "poweroff -1", "poweroff 1 2", "poweroff 99999999999999999999"):
        s.fails(wrong)
    status = s.random.randrange(1, 120)
    s.power_off("poweroff %d" % status, status)


@test("monitor-bad-input", layers=(1, 3), append="kmsh", budget=10, points=2)
def monitor_bad_input(s):
    """Whatever is typed, there is an error, a nonzero status and a prompt."""
    huge = "9" * 60
    for line in ("nonsense", "HELP", "translate", "translate x", "translate 1 2 3", "translate " + huge,
                 "translate 0x" + "f" * 40, "memory surplus words", "frames -1", "frames " + huge,
                 "\"unclosed", "help " + "x " * 40):
        reply = s.run(line)
        if not line.startswith("help"):
            s.check(reply.rc != 0 and reply.text.strip(), "a wrong command gives an error", "rc != 0 and a message",
                    "rc=%d %s" % (reply.rc, reply.text))
    for line in ("", "   ", "\t "):
        s.must(s.run(line))
    s.ok("help")


@test("monitor-long-line", layers=(1, 3), append="kmsh", budget=10)
def monitor_long_line(s):
    """Lines far longer than any buffer, and control bytes, leave the prompt in working order."""
    s.keys(b"x" * 3000 + b"\r", "a line of 3000 letters")
    s.keys(b"help " * 500 + b"\r", "a line of 500 words")
    s.keys(bytes(c for c in range(1, 32) if c not in (3, 4, 10, 13, 27)) + b"\r", "control characters")
    s.keys(b"\x1b[A\x1b[B\x1b[C\x1b[D\x1b[3~\x1b\r", "escape sequences")
    s.keys(bytes(range(128, 256)) + b"\r", "bytes beyond ASCII")
    s.ok("help")


@test("monitor-line-editing", layers=(1,), append="kmsh", budget=10)
def monitor_line_editing(s):
    text = s.ok("help").text
    for keys, label in ((b"hexx\x7f\x7flp\r", "backspace"), (b"elp\x1b[D\x1b[D\x1b[Dh\r", "left, insert"),
                        (b"nonsense\x15help\r", "^U"), (b"lp\x01he\r", "^A, insert")):
        s.equal(label + " edits the line", text, s.must(s.keys(keys, label)).text)
    s.run("nonsense")
    s.equal("up, up brings the line before last", text, s.must(s.keys(b"\x1b[A\x1b[A\r", "up, up")).text)


def free_and_total(s, reply):
    """(free, total) frames out of `memory`."""
    found = re.search(r"(\d+) free.*?(\d+) total|(\d+) total.*?(\d+) free", reply.text, re.S)
    if found:
        values = [int(v) for v in found.groups() if v]
        return min(values), max(values)
    raise WrongOutput("memory names free and total frames", reply.command, "N free ... N total", reply.text)


@test("monitor-memory", layers=CUTS, append="kmsh", budget=10)
def monitor_memory(s):
    free, total = free_and_total(s, s.ok("memory"))
    s.check(30000 <= total <= 32768, "128 MB are 32768 frames, less what firmware keeps", "30000..32768", total)
    s.check(total * 3 // 4 < free < total, "most of it is free, not all", "%d..%d" % (total * 3 // 4, total), free)
    again, _ = free_and_total(s, s.ok("memory"))
    s.equal("looking does not allocate", free, again)


@test("monitor-memory-large", layers=(1,), append="kmsh", budget=10, mem="512M")
def monitor_memory_large(s):
    _, total = free_and_total(s, s.ok("memory"))
    s.check(120000 <= total <= 131072, "512 MB are 131072 frames", "120000..131072", total)


@test("monitor-translate", layers=CUTS, append="kmsh", budget=10, points=3, stub=True)
def monitor_translate(s):
    """What translate says about kernel addresses is what the page tables say."""
    asked = [address for address, _ in some_functions(s)]
    asked += [address + s.random.randrange(1, 16) for address in asked[:2]]
    asked += [DIRECT_MAP + ram_base(s) + s.random.randrange(0, 64 << 20) for _ in range(4)]
    asked += [a for a in (s.symbols.address(n) for n in ("bootinfo", "_end")) if a]
    said = {a: s.run("translate 0x%x" % a) for a in asked}
    stub = s.stub()
    true = {a: pages.walk(stub, s.variant.arch, a) for a in asked}
    stub.detach()
    for a, reply in said.items():
        if true[a]:
            s.must(reply)
            s.check(true[a].physical in numbers(reply.text), "translate 0x%x" % a, hex(true[a].physical), reply.text)
        else:
            s.check(reply.rc != 0, "0x%x is not mapped" % a, "rc != 0", reply.text)


def ram_base(s):
    return 0x40000000 if s.variant.arch == "aarch64" else 0


@test("monitor-translate-unmapped", layers=(1, 3), append="kmsh", budget=10)
def monitor_translate_unmapped(s):
    for address in (0, 0x1000, 0x7fffffffffff, 0x800000000000, 0xffff7fffffffffff, 0xfffffffffffff000,
                    0xffffffffffffffff):
        s.fails("translate 0x%x" % address)
    s.ok("help")


@test("monitor-protection", layers=(1, 3), append="kmsh", budget=10, stub=True, points=2)
def monitor_protection(s):
    """Text is not writable, by neither of its addresses; data is not executable; users see neither."""
    functions = some_functions(s)
    data = [x.value for x in s.symbols.by_name.values() if x.section.name in (".data", ".bss") and x.size]
    data = s.random.sample(sorted(data), 6)
    stub = s.stub()
    found = []
    for address, name in functions:
        text = pages.walk(stub, s.variant.arch, address)
        alias = text and pages.walk(stub, s.variant.arch, DIRECT_MAP + text.physical)
        found += [("text of " + name, text, False, True), ("direct-map alias of " + name, alias, False, None)]
    found += [("data at 0x%x" % a, pages.walk(stub, s.variant.arch, a), True, False) for a in data]
    stub.detach()
    for what, mapping, write, execute in found:
        if mapping is None and execute is None:
            continue
        s.check(mapping is not None, what + " is mapped", "a mapping", "none")
        s.equal("may %s be written?" % what, write, bool(mapping.write))
        s.check(execute is None or bool(mapping.execute) == execute, "may %s be executed?" % what, execute,
                mapping.execute)
        s.check(not mapping.user, what + " is the kernel's alone", "not user", "user")


@test("monitor-backtrace", layers=CUTS, append="kmsh", budget=10, points=2)
def monitor_backtrace(s):
    reply = s.ok("backtrace")
    frames = re.findall(r"(?m)^ *#(\d+) +0x([0-9a-f]+) (\w+)\+0x([0-9a-f]+)", reply.text)
    s.check(len(frames) >= 3, "three frames at least, each `#N 0xADDR symbol+0xOFF`", ">= 3", reply.text)
    s.equal("they are numbered", list(range(len(frames))), [int(f[0]) for f in frames])
    for _, address, name, offset in frames:
        # A return address belongs to the function of the call before it, even where that never returns.
        pc = int(address, 16)
        caller, _, inside = s.symbols.where(pc - 1).partition("+")
        true = {s.symbols.where(pc), "%s+0x%x" % (caller, int(inside or "0", 16) + 1)}
        s.check("%s+0x%x" % (name, int(offset, 16)) in true, "0x%s by the kernel file's symbols" % address,
                " or ".join(sorted(true)), reply.text)


@test("monitor-frames", layers=CUTS, append="kmsh", budget=10)
def monitor_frames(s):
    """The free lists by order, weighted, are the free frames."""
    free, _ = free_and_total(s, s.ok("memory"))
    reply = s.ok("frames")
    orders = re.findall(r"(?m)^\s*(?:order\s+)?(\d+):?\s+(\d+)\b", reply.text)
    s.check(len(orders) >= 11, "a line for each order 0-10", "11 lines `order count`", reply.text)
    listed = sum(int(count) << int(order) for order, count in orders[:11])
    s.check(listed <= free <= listed + 1024, "blocks of all orders add up to the free frames", free, listed)


@test("monitor-kernel-objects", layers=(2, 3), cpus=(1, 4), append="kmsh", budget=10)
def monitor_kernel_objects(s):
    for command in L2_COMMANDS:
        s.check(s.ok(command).text.strip(), command + " shows something", "lines")
    s.check("kernel" in s.ok("tasks").text, "there is a kernel task", "kernel")
    s.check(len(s.ok("threads").lines) > s.variant.cpus, "an idle thread per CPU at least", s.variant.cpus)
    for command in ("threads", "ports", "maps"):
        s.fails(command + " 999999")
        s.fails(command + " x")


def events(reply):
    """(seconds, cpu, who, what) of each line of `trace show`."""
    return [(float(t), int(cpu), who, what) for t, cpu, who, what in
            re.findall(r"(?m)^ *(\d+\.\d{9}) (\d) (\S+\.\d+) (.*?)\r?$", reply.text)]


@test("monitor-trace", cpus=(1, 4), append="kmsh", budget=30, points=2)
def monitor_trace(s):
    """The record holds what a program did while it was on, and only that, in order."""
    s.ok("run ipc_task")
    s.equal("nothing is recorded unasked", [], events(s.ok("trace show 1000")))
    s.ok("trace on")
    s.ok("run ipc_task")
    s.ok("trace off")
    found = events(s.ok("trace show 1200"))
    s.check(found == sorted(found, key=lambda e: e[0]), "events stand in order of time", "sorted", found[:50])
    whats = "\n".join(what for _, _, _, what in found)
    for kind, pattern in (("a trap", r"trap mach_port_destroy 0xffffff01 0x\w+ "),
                          ("its return", r"return mach_port_destroy: 0$"),
                          ("a message, its port and who gets it",
                           r"send 72 \(notify_dead_name\), 32 bytes, label 0, to port 0xffff\w+ name \w+: taken by thread \d+"),
                          ("a queued message", r"send \d+, \d+ bytes, label \d+, to port 0xffff\w+ name \w+: queued"),
                          ("its receipt", r"receive 72 \(notify_dead_name\), 32 bytes, seqno \d+, label 0, at name \w+"),
                          ("a switch", r"switch to thread \d+ of \S+"), ("a fault", r"fault at 0x\w+, write"),
                          ("the end", r"trap lab_exit 0 ")):
        s.check(re.search("(?m)^" + pattern, whats), kind + " is there", pattern, whats[-3000:])
    s.equal("off, it stays as it was", found, (s.ok("run ipc_task"), events(s.ok("trace show 1200")))[1])
    s.equal("so many as asked for", found[-3:], events(s.ok("trace show 3")))
    s.check(all(who.startswith("kernel.") for _, _, who, _ in events(s.ok("trace show 50 kernel"))), "of one task", "kernel")
    for line in ("trace maybe", "trace on on", "trace show x", "trace show 5 nobody"):
        s.fails(line)


@test("monitor-trace-boot", append="kmsh trace", budget=30)
def monitor_trace_boot(s):
    """The word `trace` on the command line switches it on before the first program."""
    s.check("record is on" in s.ok("trace").text, "it is on", "on")
    s.ok("run ipc_task")
    s.check(events(s.ok("trace show 100")), "there are events", "some")


@test("monitor-trace-program", cpus=(1, 4), append="kmsh rule=the_record_of_events_goes_on_and_off", budget=30)
def monitor_trace_program(s):
    """A program with the host's port switches it on and off; what was recorded begins and ends there, and has the clock's interrupts."""
    s.ok("run limits")
    s.check("record is off" in s.ok("trace").text, "it is off again", "off", s.ok("trace").text)
    found = [what for _, _, who, what in events(s.ok("trace show 1000"))]
    s.check("interrupt: timer" in found, "an interrupt of the clock", "interrupt: timer", found)
    # Its end may be followed by what other CPUs were at.
    traps = [what for what in found if what.startswith("trap ")]
    s.check(traps and re.match(r"trap host_trace 0x\w+ 0 ", traps[-1]), "the last trap", "trap host_trace ... 0", found)
    s.check("trap clock_get_time" in "".join(traps) or "trap thread_switch" in "".join(traps), "what it did before", "a trap", found)
    s.equal("only one trap is host_trace", 1, sum(what.startswith("trap host_trace ") for what in traps))


def to_monitor(s):
    s.check(s.machine.send_break(), "QEMU sends a BREAK")
    s.equal("a BREAK leads to the monitor", "kmsh", s.keys(b"", "BREAK").shell)


def to_shell(s):
    s.equal("continue leads back", "msh", s.keys(b"continue\r\r", "continue").shell)    # the second one makes msh show its prompt again


@test("monitor-trace-shell", cpus=(1, 4), disk=disk.graded, budget=60, points=2)
def monitor_trace_shell(s):
    """What `ls` does is all there: its requests to the file server, named as in fs.defs and io.defs, the peers, faults, the disk."""
    to_monitor(s)
    servers = re.findall(r"(?m)^ *(\d+) fs ", s.ok("threads fs").text)
    s.ok("trace on")
    to_shell(s)
    s.ok("ls /bin")
    to_monitor(s)
    s.ok("trace off")
    found = [(who, what) for _, _, who, what in events(s.ok("trace show 4000"))]
    text = "\n".join("%s %s" % event for event in found)
    for name in ("fs_open", "io_readdir"):          # a program that has ended is called by its task's number
        pattern = r"(?m)^(task\d+\.\d+) send (\d+) \(%s\), \d+ bytes, label \d+, to port 0x\w+ name \w+: taken by thread (\d+)$" % name
        m = re.search(pattern, text)
        s.check(m, "ls sends %s, by its name" % name, pattern, text[-3000:])
        who, number, thread = m.groups()
        s.check(thread in servers, "a thread of fs takes it", servers, m.group(0))
        for what, pattern in (("that thread receives it", r"fs\.%s receive %s \(%s\), " % (thread, number, name)),
                              ("ls receives the answer", r"%s receive \d+ \(%s_reply\), " % (re.escape(who), name))):
            s.check(re.search("(?m)^" + pattern, text[m.end():]), what, pattern, text[m.end():][:3000])
        pattern = r"(?m)^\S+ (?:switch|hand-off) to thread %s of fs$" % thread
        s.check(re.search(pattern, text), "a switch to that thread", pattern, text[-3000:])
    s.check(re.search(r"(?m)^%s fault at 0x\w+, (?:read|write|execute)$" % re.escape(who), text), "ls has faults", who, text[-3000:])
    s.check(re.search(r"(?m)^\S+ interrupt of line \d+\n(?:.*\n)*?blk\.\d+ receive \d+ \(device_irq\), ", text),
            "the disk interrupts, and its driver hears of it", "interrupt of line N, then blk.M receive N (device_irq)", text[-3000:])


@test("monitor-continue", cpus=(1, 4), append="kmsh", disk=disk.graded, budget=60)
def monitor_continue(s):
    reply = s.run("continue")
    s.equal("the shell follows", "msh", reply.shell)
    s.equal("it works", "after\n", s.ok("echo after").text)


def end_of(s, command):
    """Runs a command that ends the conversation. Returns (verdict, why, evidence)."""
    try:
        reply = s.run(command)
    except Lost:
        known = s.evidence()
        return verdict.explain(known) + (known,)
    raise WrongOutput("the machine goes on", command, "its end", reply.text)


@test("monitor-panic", layers=CUTS, cpus=(1, 4), append="kmsh", budget=10, points=2)
def monitor_panic(s):
    """A panic prints a symbolised backtrace and, with panic=off, ends the machine with a failing status."""
    word = "w%x" % s.random.getrandbits(32)
    told, why, known = end_of(s, "panic " + word)
    s.equal("the verdict", verdict.PANIC, told)
    s.equal("its reason", "panic: " + word, why[0])
    s.check(known.status not in (None, 0), "the machine's status", "not 0", known.status)
    s.check(len(why) > 3 and all(re.search(r" \w+\+0x[0-9a-f]+$", line) for line in why[1:]),
            "a symbolised backtrace", "#N 0xADDR symbol+0xOFF", "\n".join(why))


EXCEPTIONS = (          # what `selftest exception N` does, and what the machines call it
    ("read_a_hole", "data fault (read)", "page fault (read)"),
    ("write_to_text", "data fault (write)", "page fault (write)"),
    ("run_data", "instruction fetch fault", "page fault (fetch)"),
    ("reach_a_trap", "breakpoint instruction", "invalid opcode"),
    ("count_between_words_and_divide", "data fault (read)", "divide error"),
    ("read_nowhere", "data fault (read)", "general protection fault"),
    ("copy_from_a_hole", "data fault (read)", "page fault (read)"),
    ("call_without_end", "kernel stack overflow (write)", "kernel stack overflow"),
)


def exception(number, function, *names):
    @test("monitor-exception-" + function.replace("_", "-"), layers=(1,), append="kmsh", budget=10)
    def kernel_exception(s):
        """An exception of the kernel ends in a panic that says which and where."""
        told, why, _ = end_of(s, "selftest exception %d" % number)
        s.equal("the verdict", verdict.PANIC, told)
        name = names[s.variant.arch == "x86_64"]
        s.check(why[0].startswith("panic: %s at " % name), "the panic's reason", "panic: %s at ..." % name, why[0])
        s.check(any(re.search(r" (%s|copyout|exception)\+0x[0-9a-f]+$" % function, line) for line in why[1:3]),
                "where it happened", function, "\n".join(why))


for each, row in enumerate(EXCEPTIONS, 1):
    exception(each, *row)


DEBUG_CHECKS = (        # the deeds that follow, and what the panic of a debug build says
    ("take_locks_in_the_wrong_order", r"lock order: outer \(rank \d+\) taken under rank \d+"),
    ("release_a_lock_that_is_free", r"kern/sync/spinlock\.c:\d+: assertion failed: lock->owner == .*"),
    ("write_to_a_free_frame", r"frame 0x[0-9a-f]+ was written at offset 0x28 after it was freed"),
    ("free_twice", r"kfree: double free of a \w+ object at 0x[0-9a-f]+"),
    ("add_too_much", r"undefined behaviour at kern/monitor/selftest_exception_l1\.c:\d+:\d+: a sum overflows"),
    ("look_behind_an_array", r"undefined behaviour at kern/monitor/selftest_exception_l1\.c:\d+:\d+: an index out of bounds"),
    ("take_a_reference_too_many", r"kern/sync/refcount\.h:\d+: assertion failed: now .*"),
    ("drop_what_nobody_holds", r"kern/sync/refcount\.h:\d+: assertion failed: now .*"),
)


def debug_check(number, function, reason):
    @test("monitor-debug-" + function.replace("_", "-"), layers=(1,), append="kmsh", budget=10, debug=True)
    def noticed(s):
        """A debug kernel stops where a rule of the kernel is broken."""
        told, why, _ = end_of(s, "selftest exception %d" % number)
        s.equal("the verdict", verdict.PANIC, told)
        s.check(re.fullmatch("panic: " + reason, why[0]), "the panic's reason", reason, why[0])
        s.check(any(function in line for line in why[1:]), "where it happened", function, "\n".join(why))


for each, row in enumerate(DEBUG_CHECKS, len(EXCEPTIONS) + 1):
    debug_check(each, *row)


@test("monitor-debug-sleep-locks", layers=(2,), append="kmsh", budget=20, debug=True)
def sleep_lock_under_a_spinlock(s):
    told, why, _ = end_of(s, "selftest order 1")
    s.equal("the verdict", verdict.PANIC, told)
    s.check(re.fullmatch(r"panic: sleep lock selftest taken under spinlocks of rank \d+", why[0]), "the panic's reason", "a spinlock", why[0])


@test("monitor-debug-two-sleep-locks", layers=(2,), append="kmsh", budget=20, debug=True)
def two_sleep_locks(s):
    told, why, _ = end_of(s, "selftest order 2")
    s.equal("the verdict", verdict.PANIC, told)
    s.equal("the panic's reason", "panic: sleep lock selftest taken under another", why[0])


@test("monitor-deadline", layers=CUTS, cpus=(1, 4), append="kmsh", budget=1)
def monitor_deadline(s):
    """A kernel that loops past its deadline says where each CPU stands, who waits for what, and ends the machine."""
    told, why, _ = end_of(s, "hang")
    s.equal("the verdict", verdict.HANG, told)
    s.equal("a line for each CPU that runs", s.variant.cpus if layer(s) > 1 else 1, sum(line.startswith("cpu ") for line in why))
    s.check(layer(s) == 1 or any(re.search(r"kernel +waits .* a BREAK$", line) for line in why), "a line for each thread that waits",
            "... kernel ... waits ... a BREAK", "\n".join(why))


@test("monitor-deadline-idle", layers=CUTS, cpus=(1, 4), append="kmsh", budget=1)
def monitor_deadline_idle(s):
    """The same for a kernel that waits."""
    try:
        s.wait_for("this is never printed", "(nothing)")
    except Lost:
        s.equal("the verdict", verdict.HANG, verdict.explain(s.evidence())[0])
    else:
        raise WrongOutput("the deadline did nothing")


@test("monitor-hang-masked", layers=(1,), append="kmsh", budget=0.5, least=60, long=12)
def monitor_hang_masked(s):
    """With interrupts off only the host can tell, by the processor's time."""
    told, why, _ = end_of(s, "hang -m")
    s.equal("the verdict", verdict.HANG, told)
    s.check(any("hang+0x" in line for line in why), "where the CPU stands", "hang+0x...", "\n".join(why))


@test("monitor-hang-masked-one", layers=(3,), cpus=(4,), append="kmsh", budget=2)
def monitor_hang_masked_one(s):
    """One CPU that hangs with interrupts off is noticed by the others."""
    s.equal("the verdict", verdict.HANG, end_of(s, "hang -m")[0])


@test("monitor-reboot", layers=(1, 3), append="kmsh", budget=10)
def monitor_reboot(s):
    s.equal("the verdict", verdict.REBOOT, end_of(s, "reboot")[0])


@test("monitor-idle", layers=(1, 3), cpus=(1, 4), append="kmsh", budget=10, icount=None)
def monitor_idle(s):
    """A prompt that waits sleeps: QEMU uses little of the host's time."""
    def used():
        try:
            with open("/proc/%d/stat" % s.machine.process.pid) as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except OSError:
            return None         # not Linux: nothing to measure
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    time.sleep(0.5)
    before, began = used(), time.monotonic()
    time.sleep(2)
    if before is not None:
        share = (used() - before) / (time.monotonic() - began)
        s.check(share < 0.5, "an idle machine", "less than half a CPU", "%.2f CPUs" % share)


@test("monitor-no-identity-map", layers=(1,), append="kmsh", budget=10, stub=True)
def monitor_no_identity_map(s):
    """Boot leaves no identity mapping behind: user addresses fault in the kernel as well."""
    stub = s.stub()
    try:
        for address in (0, 0x1000, ram_base(s) + 0x200000, 0x80000000):
            s.check(pages.walk(stub, s.variant.arch, address) is None, "0x%x is not mapped" % address, "no mapping")
    except StubError as problem:
        raise WrongOutput("the page tables can be walked", "", "tables", str(problem))
    finally:
        stub.detach()
