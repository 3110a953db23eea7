"""The GDB commands of conf/gdb: started as `make gdb` does, on a machine that has booted to `msh$ `.

What they show is compared with what the kernel's own monitor says of the same moment: the machine stands
still while GDB is attached, and nothing runs at a monitor's prompt. Without a GDB (`make setup` installs one) the tests fail.
"""

import os
import re
import subprocess
import time

from lib import disk
from lib.api import WrongOutput, test
from lib.tree import ROOT

BOTH = (1, 4)
SECONDS = 90                    # wall time of one GDB
COMMANDS = ("bt", "frames", "maps", "msg", "object", "port", "ports", "run-queue", "tasks", "threads", "trace")
READ_ONLY = ["set may-%s off" % what for what in ("write-memory", "write-registers", "insert-breakpoints")]
MARK = "==== "
DIRECT_MAP = 0xffff800000000000
KERNEL_AT = {"aarch64": 0x40200000, "x86_64": 0x200000}      # a frame of the kernel's image


def present(arch):
    return subprocess.run(["sh", "-c", ". conf/tools.sh; present gdb-" + arch], cwd=ROOT, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def start(s, commands):
    """GDB, attached, with the output of each command behind a mark."""
    s.check(present(s.variant.arch), "there is a GDB for this architecture", "one; `make setup` installs it")
    folder = os.path.dirname(s.machine.boot.kernel)
    words = ["sh", os.path.join(ROOT, "conf/gdb/run.sh"), s.variant.arch, folder, "-batch"]
    for command in commands:
        words += ["-ex", "echo %s%s\\n" % (MARK, command.replace("\\", "\\\\")), "-ex", command]
    return subprocess.Popen(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env=dict(os.environ, MACHR_TARGET=s.machine.stub_path, LC_ALL="C"))


def finish(s, process):
    """{command: what it printed}."""
    try:
        output = process.communicate(timeout=SECONDS)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        process.kill()
        output = process.communicate()[0].decode(errors="replace")
        raise WrongOutput("GDB does not end", "gdb", "its end", output[-4000:]) from None
    s.log.note("gdb:\n" + output)
    parts = output.split(MARK)[1:]
    s.check(parts and "Traceback" not in output and "Python Exception" not in output,
            "GDB attaches and no command breaks down", "no Python exception", output[-4000:])
    return dict(part.split("\n", 1) for part in parts)


def look(s, commands):
    return finish(s, start(s, commands))


def monitor(s):
    """From msh to the kernel's monitor."""
    s.check(s.machine.send_break(), "QEMU sends a BREAK")
    reply = s.keys(b"", "BREAK")
    s.equal("a BREAK leads to the monitor", "kmsh", reply.shell)


def settle(s):
    """Until what was still starting when the monitor came has started: the list of tasks stands still, and no thread is about to run."""
    before, now = None, s.ok("tasks").text
    while now != before or rows(s.ok("threads").text, r" *\d+ \S+ +(ready) "):
        before, now = now, s.ok("tasks").text


def rows(text, pattern):
    return re.findall("(?m)^" + pattern, text)


def same(s, what, pattern, told, shown, pattern_of_gdb=None):
    """Rows of the monitor's and of GDB's output agree."""
    told = rows(told, pattern)
    s.check(told, "the monitor tells of " + what, "some lines")
    s.equal("GDB and the monitor agree on " + what, told, rows(shown, pattern_of_gdb or pattern))


def same_threads(s, told, shown):
    """The same threads in the same states, but for the monitor's own: it runs to list them, and waits for a key when GDB looks."""
    told, shown = rows(told, r" *(\d+) (\S+) +(\w+) +(\d+) +(\d+) "), rows(shown, r" *(\d+) (\S+) +0x\w+ +(\w+) +(\d+) +(\d+) ")
    s.equal("one thread runs at the monitor's prompt", ["kernel"], [row[1] for row in told if row[2] == "runs"])
    told = [row[:2] + ("waits",) + row[3:] if row[2] == "runs" else row for row in told]
    s.equal("GDB and the monitor agree on threads (id, task, state, priority, CPU)", told, shown)


def same_frames(s, shown, asked):
    """The free blocks, what frames are used for, and each of the frames that GDB was asked about."""
    total = shown["mach frames"]
    same(s, "free blocks of each order", r"(order +\d+: +\d+ free blocks of +\d+ KB|and \d+ single frames cached)",
         s.ok("frames").text, total)
    told = s.ok("memory").text
    free, used, frames = re.search(r"(\d+) free, (\d+) used, (\d+) total", told).groups()
    s.equal("GDB and the monitor agree on all frames", [(free, frames)], rows(total, r"(\d+) frames free, (\d+) total"))
    uses = [n for n in rows(total, r"  \w+ +(\d+) frames") if n != "0"]
    s.equal("GDB and the monitor agree on uses of frames", [n for n in rows(told, r"  .*?(\d+) frames") if n != "0"], uses)
    s.equal("uses add up to the frames in use", int(used), sum(map(int, uses)))
    states = set()
    for command in asked:
        found = re.search(r"frame (0x[0-9a-f]+), struct page 0x\w+: ([a-z ]+)([^!]*)", shown[command])
        s.check(found, command + " says what frame it is", "frame 0x...", shown[command])
        frame, state, rest = found.groups()
        told = s.ok("frames " + frame).text.replace("inside a free block", "free tail")
        pattern = r"(?:order|references|wired|pins) \d+"
        s.equal("GDB and the monitor agree on frame " + frame, [state] + re.findall(pattern, rest),
                re.findall(r": (free tail|[a-z]+)", told)[:1] + re.findall(pattern, told))
        states.add(state)
    s.check({"reserved", "used", "free tail"} <= states, "frames in several states", "reserved, used, free tail", states)


@test("gdb-commands", cpus=BOTH, disk=disk.graded, budget=60, points=3, stub=True)
def gdb_commands(s):
    """Tasks, threads, port names, maps and frames are what the monitor says they are."""
    monitor(s)
    settle(s)
    told = {line: s.ok(line).text for line in ("tasks", "threads", "ports init", "ports fs", "maps fs")}
    ram = KERNEL_AT[s.variant.arch] & ~0xfffffff
    places = [KERNEL_AT[s.variant.arch]] + [ram + s.random.randrange(16 << 20, 120 << 20) for _ in range(8)]
    frames = ["mach frames 0x%x" % place for place in places]
    frames.append("mach frames (long)task_list.head.next->next-0x%x" % DIRECT_MAP)          # a task, in the kernel's heap
    shown = look(s, READ_ONLY + ["mach " + line for line in told] + frames + ["mach frames", "mach run-queue", "mach help"])
    same(s, "tasks (id, name, threads, names, KB)", r" *(\d+) (\S+) +(\d+) +(\d+) +(\d+) +(\d+) ", told["tasks"],
         shown["mach tasks"], r" *(\d+) (\S+) +0x\w+ +(\d+) +(\d+) +(\d+) +(\d+) ")
    same_threads(s, told["threads"], shown["mach threads"])
    for name in ("init", "fs"):
        same(s, "port names of " + name, r" *([0-9a-f]+ [-RSOPD]{5} refs \d+)", told["ports " + name],
             shown["mach ports " + name])
    same(s, "the map of fs", r"([0-9a-f]{14}-[0-9a-f]{14} \S+ +\w+ +\w+)", told["maps fs"], shown["mach maps fs"])
    same_frames(s, shown, frames)
    s.equal("a line for each CPU", s.variant.cpus, len(rows(shown["mach run-queue"], r"CPU \d+: runs thread ")))
    s.equal("help names them all", COMMANDS, tuple(rows(shown["mach help"], r"mach (\S+)")))
    for reply in shown.values():
        s.check("!!" not in reply, "nothing looks damaged", "no `!!`", reply)
    s.keys(b"continue\r\r", "continue")     # the second one makes msh show its prompt again
    s.equal("the system goes on", "after\n", s.ok("echo after").text)


@test("gdb-run-queue", cpus=BOTH, disk=disk.graded, budget=60, points=2, stub=True, icount=None)
def gdb_run_queue(s):
    """Programs that spin, more than there are CPUs, run or stand in a queue, and both commands agree on which."""
    for _ in range(s.variant.cpus + 2):
        s.ok("/test/crash loop &")
    monitor(s)
    spinning = set(rows(s.ok("threads").text, r" *(\d+) crash "))
    s.equal("all of them are there", s.variant.cpus + 2, len(spinning))
    # Stopped in an interrupt of the clock: aarch64 reads no kernel memory in user mode.
    shown = look(s, ["tbreak trap_timer_interrupt", "continue", "mach threads", "mach run-queue"])
    states = {ident: state for ident, state in rows(shown["mach threads"], r" *(\d+) \S+ +0x\w+ +(\w+) ") if state in ("runs", "ready")}
    runs, ready = set(), set()
    for cpu in shown["mach run-queue"].split("CPU ")[1:]:
        queued = rows(cpu, r"  priority +(\d+): thread (\d+) of ")
        runs |= set(rows("CPU " + cpu, r"CPU \d+: runs thread (\d+) of (?!kernel \(task 0\), idle)"))
        ready |= {ident for _, ident in queued}
        s.equal("so many are ready as stand there", [str(len(queued))], re.findall(r"; (\d+) ready", cpu))
        s.equal("by priority", sorted(queued, key=lambda q: int(q[0])), queued)
    s.equal("who runs, by both commands", {ident for ident, state in states.items() if state == "runs"}, runs)
    s.equal("who is ready, by both commands", {ident for ident, state in states.items() if state == "ready"}, ready)
    s.check(spinning <= runs | ready, "what spins runs or is ready", spinning, runs | ready)
    s.check(len(ready & spinning) >= 2, "some of it has to wait", "2 or more", ready)
    s.check("!!" not in shown["mach run-queue"], "nothing looks damaged", "no `!!`", shown["mach run-queue"])


def addresses(s, shown):
    """Addresses of a few structures, out of what lists printed."""
    where = {"task": ("tasks", r" *\d+ fs +(0x\w+)"), "set": ("ports init", r".* set (0x\w+)"),
             "blocked": ("threads tty", r" *\d+ tty +(0x\w+) .* console input"), "port": ("ports init", r".*RS--- .*? port (0x\w+) queue"), "amap": ("maps fs", r".* amap (0x\w+)"),
             "object": ("maps blk", r".* (?:device|frames) (0x\w+)"),
             "thread": ("threads msh", r" *\d+ msh +(0x\w+)")}
    found = {what: rows(shown["mach " + command], pattern) for what, (command, pattern) in where.items()}
    s.check(all(found.values()), "lists show addresses", "one of each", found)
    return {what: values[0] for what, values in found.items()}


@test("gdb-objects", cpus=BOTH, disk=disk.graded, budget=60, points=2, stub=True)
def gdb_objects(s):
    """Single objects by number, name and address, stacks of threads that wait; and whatever is wrong is explained."""
    at = addresses(s, look(s, ["mach tasks", "mach ports init", "mach maps fs", "mach maps blk", "mach threads msh",
                              "mach threads tty"]))
    wrong = ["mach nosuch", "mach tasks x", "mach ports", "mach ports nosuch", "mach ports 999", "mach ports kernel",
             "mach port 0", "mach port 0x1234", "mach port 0x10000", "mach port &cpus", "mach port init 0x999900",
             "mach port -1", "mach msg 0", "mach msg 0xffff700000000008", "mach msg nosuch", "mach maps kernel",
             "mach maps 0x12345678", "mach maps " + at["port"], "mach object " + at["task"], "mach object 0",
             "mach frames nosuch", "mach frames -1", "mach bt", "mach bt 9999", "mach bt 0x80000000", "mach bt &cpus",
             "mach bt cpus[0].thread"]
    right = {"mach port " + at["port"]: r"port 0x\w+: alive[^!]*receive right: init \(task 1\)[^!]*names: .*init\.",
             "mach port " + at["set"]: r"port set 0x\w+: alive[^!]*receiver waits: thread \d+ of init",
             "mach port init 0x400": r"port set " + at["set"],
             "mach object " + at["object"]: r"(?:frames|device) object[^!]*physical 0x\w+[^!]*mapped by blk",
             "mach object " + at["amap"]: r"amap 0x\w+[^!]*mapped by fs[^!]*page \d+: frame 0x",
             "mach bt " + at["thread"]: r"of msh [^!]*no frames on its kernel stack[^!]*user pc 0x8\w+ ",
             "mach bt " + at["blocked"]: r"of tty [^!]*#0 .*switch[^!]* trap_\w+\+[^!]*user pc 0x8\w+ ",
             "mach threads " + at["task"]: r" *\d+ fs +0x", "mach maps 4": r"[0-9a-f]{14}-"}
    shown = look(s, READ_ONLY + list(right) + wrong + ["mach-user msh", "mach bt " + at["thread"] + " "])
    for command, pattern in right.items():
        s.check(re.search(pattern, shown[command]), command, pattern, shown[command])
    s.check("user pc 0x" in shown["mach bt " + at["thread"] + " "] and "mach_msg+" in
            shown["mach bt " + at["thread"] + " "].split("user pc")[1], "the user pc has a name", "mach_msg+0x",
            shown["mach bt " + at["thread"] + " "])
    for command in wrong:
        s.check(0 < len(shown[command].strip().splitlines()) < 3, command + " is explained", "a line", shown[command])
    s.equal("the system goes on", "after\n", s.ok("echo after").text)


def stopped(s, before, commands, line):
    """GDB does `before`, waits at its breakpoint until a command line reaches it, runs commands there."""
    ready = os.path.join(s.machine.folder, "ready")
    process = start(s, before + ["shell touch " + ready, "continue"] + commands + ["delete"])
    end = time.monotonic() + SECONDS
    while not os.path.exists(ready) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    s.send(line.encode() + b"\r")
    shown = finish(s, process)
    os.remove(ready)
    s.keys(b"", line)
    return shown


@test("gdb-stops", cpus=BOTH, disk=disk.graded, budget=60, points=2, stub=True)
def gdb_stops(s):
    """At breakpoints: a message and its port, a backtrace through the entry, user mode, a list that is damaged."""
    shown = stopped(s, ["tbreak kmsg_send_reusable"], ["mach msg message", "mach port send_right"], "ls /bin")
    s.check(re.search(r"message 0x\w+: id \d+ \(device_irq\).*\n.*\n  sender: label 0,[^!]*body: \d+ bytes",
                      shown["mach msg message"]), "a message of the kernel", "id and its name, sender, body", shown["mach msg message"])
    s.check(re.search(r"port 0x\w+: alive[^!]*receive right: blk", shown["mach port send_right"]),
            "its port is the driver's", "receive right: blk", shown["mach port send_right"])

    damage = ["set $next = task_list.head.next->next", "set var task_list.head.next->next = 0", "mach ports 1",
              "set var task_list.head.next->next = $next"]
    shown = stopped(s, ["tbreak trap_mach_msg_trap"], ["bt", "mach tasks"] + damage, "echo word")
    s.check(re.search(r"#0 +trap_mach_msg_trap [^!]*#\d+ .*trap\.S:\d+\n#\d+ +0x0*8\w{7} in ", shown["bt"]),
            "a backtrace goes through the entry to the program", "#N 0x8... in", shown["bt"][:4000])
    s.check(len(shown["bt"].splitlines()) < 20, "and ends", "a few frames", shown["bt"][:4000])
    s.check(re.search(r"(?m)^ +\d+ msh ", shown["mach tasks"]), "tasks are listed there too", "msh", shown["mach tasks"])
    s.check("NULL after 0x" in shown["mach ports 1"], "a broken list is explained", "NULL after 0x...",
            shown["mach ports 1"])

    shown = stopped(s, ["mach-user msh", "tbreak mach_msg"], ["bt", "mach tasks"], "echo word")
    s.check(re.search(r"#0 .*mach_msg", shown["bt"]), "a breakpoint in a program", "#0 mach_msg", shown["bt"])
    blind = s.variant.arch == "aarch64" and s.variant.cpus == 1
    s.check(("is in user mode" if blind else " msh ") in shown["mach tasks"],
            "user mode, where aarch64 cannot read kernel memory", "why not" if blind else "msh", shown["mach tasks"])
    s.equal("the system goes on", "after\n", s.ok("echo after").text)


@test("gdb-layer1", layers=(1,), append="kmsh", budget=60, stub=True)
def gdb_layer1(s):
    """Where there are no tasks and threads yet, the commands say that, and nothing else."""
    said = look(s, READ_ONLY + ["mach tasks", "mach threads", "mach threads 1", "mach run-queue", "mach frames"])
    for command in ("mach tasks", "mach threads", "mach threads 1", "mach run-queue"):
        s.check(re.fullmatch(r"this kernel has no task_list\w* \(another layer.*\)\n", said[command]), command + " on layer 1",
                "this kernel has no task_list ...", said[command])
    s.check("frames free" in said["mach frames"], "mach frames on layer 1", "N frames free", said["mach frames"])


@test("gdb-pager", append="kmsh", budget=60, stub=True)
def gdb_pager(s):
    """A memory object with an external pager, and a message with a descriptor, while a program uses them."""
    shown = stopped(s, ["tbreak pager_supply"],
                    ["mach object pager", "delete", "tbreak kmsg_send if message->taken > 0", "continue ",
                     "mach msg message"], "run pager")
    s.check(re.search(r"pager object 0x\w+: references \d+[^!]*pager: ready[^!]*\d+ pages, \d+ requested",
                      shown["mach object pager"]), "an external pager", "its state and pages", shown["mach object pager"])
    s.check(re.search(r"message 0x\w+: id \d+ \(memory_object_\w+\)[^!]*descriptor 0: ", shown["mach msg message"]),
            "a message with a descriptor", "id N (memory_object_...), descriptor 0: ...", shown["mach msg message"])


@test("gdb-trace", cpus=BOTH, append="kmsh", budget=60, stub=True)
def gdb_trace(s):
    """The record of events reads the same in GDB as in the monitor, names of messages and traps too."""
    s.ok("trace on")
    s.ok("run ipc_task")
    s.ok("trace off")
    told = s.ok("trace show 300").text.replace("another CPU", "ipi").replace("hand-off", "handoff") \
        .replace("waits for a slot", "waits").replace("nobody is there", "gone")
    shown = look(s, READ_ONLY + ["mach trace 300", "mach trace 5", "mach trace x"])
    same(s, "events", r"( *\d+\.\d{9} \d \S+\.\d+ .*?)\r?$", told, shown["mach trace 300"])
    s.check("notify_dead_name" in told, "messages have names", "notify_dead_name", told)
    s.check("trap mach_msg_trap" in told, "traps have names", "mach_msg_trap", told)
    s.equal("so many as asked for", 6, len(shown["mach trace 5"].splitlines()))
    s.check("no count" in shown["mach trace x"], "a wrong count is explained", "no count", shown["mach trace x"])
