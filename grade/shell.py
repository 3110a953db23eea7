"""The shell on the real disk: from power-on to `msh$ `, programs, files, faults, and no leaks.

The disk is lib/disk.py's: the host knows every byte on it and compares what the guest prints.
"""

import re
import time

from lib import disk
from lib.api import WrongOutput, test

BOTH = (1, 4)
PROCESSES = ("init", "msh", "ps")


def words(s, count):
    return ["%x" % s.random.getrandbits(40) for _ in range(count)]


def file_is(s, name, path=None):
    """cat prints a file of the disk, byte for byte."""
    want = disk.content().files[name]
    reply = s.ok("cat " + (path or "/grade/" + name))
    got = reply.data.replace(b"\r\n", b"\n")
    s.check(got == want, "cat gives the file's bytes", "%d bytes, cksum %d" % (len(want), disk.cksum(want)[0]),
            "%d bytes, cksum %d; the first difference is at byte %d" % (
                len(got), disk.cksum(got)[0], first_difference(want, got)))


def first_difference(a, b):
    for at, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return at
    return min(len(a), len(b))


def still_works(s):
    """The system survived: ps, a program from disk, a file."""
    text = s.ok("ps").text
    for name in PROCESSES:
        s.check(re.search(r"\b%s\b" % name, text), "ps shows " + name, name, text)
    word = words(s, 1)[0]
    s.equal("a program runs", word + "\n", s.ok("/bin/echo " + word).text)
    s.equal("a file is read", "at the bottom\n", s.ok("cat %s/leaf" % disk.deep_path()).text)


@test("shell-boot", cpus=BOTH, disk=disk.graded, budget=60, points=5)
def shell_boot(s):
    s.equal("the user shell's prompt", "msh", s.last.shell)
    text = " ".join(words(s, 5))
    s.equal("echo", text + "\n", s.ok("echo " + text).text)
    s.check(len(s.ok("help").lines) >= 3, "help says what there is", "some lines")
    still_works(s)


@test("shell-help", disk=disk.graded, budget=60, needs="shell-boot")
def shell_help(s):
    """help names the shell's own commands, its operators, and the programs there are."""
    text = s.ok("help").text
    for name in ("cd", "pwd", "set", "export", "unset", "kill", "jobs", "wait", "exit", "poweroff", "reboot", "cat", "ls"):
        s.check(re.search(r"(?m)^ .*\b%s\b" % name, text), "help names a command", name, text)
    for operator in ("A ; B", "A && B", "A || B", "A | B", "A &", "< file", "> file", ">> file", "2> ", "2>&1", "2>&-", "$NAME", "$?", "$!", "'",
                     '"', "#", "^C", "^D"):
        s.check(operator in text, "help shows what the shell understands", operator, text)


@test("shell-poweroff", cpus=BOTH, disk=disk.graded, budget=60, needs="shell-boot")
def shell_poweroff(s):
    s.power_off("poweroff", 0)


@test("shell-poweroff-status", disk=disk.graded, budget=60, needs="shell-boot")
def shell_poweroff_status(s):
    status = s.random.randrange(1, 120)
    s.power_off("poweroff %d" % status, status)


@test("shell-status", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot")
def shell_status(s):
    """Errors are told by a message and a nonzero status; the next command starts afresh."""
    s.equal("an unknown command", 127, s.fails("no-such-command-%s a b" % words(s, 1)[0]).rc)
    for line in ("cat /grade/missing", "ls /grade/missing", "cat /grade/small/x", "cat /grade", "/grade/small",
                 "/grade", "cat " + "/grade" + "/x" * 2000, "cat /grade/" + "n" * 300):
        s.fails(line)
        s.ok("echo fine")
    for line, said in (("no-such-command", "not found"), ("cd /grade/missing", "No such file"), ("/grade", "/grade")):
        reply = s.run(line + " 2> /tmp/said")
        s.check(reply.rc != 0 and reply.text == "", "what the shell says of a command goes where the command's errors go", "a status", reply.text)
        s.check(said in s.ok("cat /tmp/said").text, "it is there", said)
    s.must(s.run(""))


@test("shell-pipelines", cpus=BOTH, disk=disk.graded, budget=120, points=3, needs="shell-boot", icount=None)
def shell_pipelines(s):
    """a | b: bytes go through, the status is the last one's, a writer without a reader ends, commands of the shell itself take part."""
    text = " ".join(words(s, 6))
    s.equal("through two", text + "\n", s.ok("echo %s | cat | cat" % text).text)
    lines = s.ok("cat /grade/small | cksum").text.split()
    s.equal("all bytes", s.ok("cksum < /grade/small").text.split()[:2], lines[:2])
    s.equal("into a file", text + "\n", s.ok("echo %s | cat > /tmp/piped; cat /tmp/piped" % text).text)
    s.equal("the last one's status", 127, s.run("echo a | no-such-command").rc)
    s.equal("the first one's does not count", 0, s.run("no-such-command | cat").rc)
    s.check("poweroff" in s.ok("help | cat").text, "a command of the shell", "help's text")
    before = s.ok("pwd").text
    s.ok("cd /tmp | cat")
    s.equal("it changed a shell of its own", before, s.ok("pwd").text)
    s.equal("in a list", "yes\n", s.ok("cat /no/such/file 2> /tmp/errors | cat && echo yes || echo no").text)
    s.ok("cat /dev/zero | echo done")
    s.ok("echo behind | cat > /tmp/behind &")
    s.run("wait")
    s.equal("in the background", "behind\n", s.ok("cat /tmp/behind").text)
    s.equal("sh -c", text + "\n", s.ok("sh -c 'echo %s | cat | cat'" % text).text)
    still_works(s)


@test("shell-texts", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot")
def shell_texts(s):
    """What is typed may go on in the next line: a here-document, a quote, an operator. ^C gives all of it up, ^D ends it."""
    one, two = words(s, 2)
    s.ok("WORD=" + one)
    for keys, want in (("cat <<END\r$WORD '\r\r\\$WORD\rEND\r", one + " '\n\n$WORD\n"), ("cat <<'END'\r$WORD\rEND\r", "$WORD\n"),
                       ("echo 'x\r%s'\r" % two, "x\n%s\n" % two), ("echo x &&\r\recho %s\r" % two, "x\n%s\n" % two),
                       ("echo %s \\\rx\r" % two, two + " x\n")):
        got = s.must(s.keys(keys.encode(), keys)).text
        s.check(got.endswith("\n" + want) and "> " in got, "what was typed is run at its end", want, got)
    reply = s.keys(b"cat <<END\rx\r\x03", "^C in a here-document")
    s.equal("given up", 130, reply.rc)
    reply = s.keys(b"cat <<END\rx\r\x04", "^D in a here-document")
    s.equal("it does not end", 2, reply.rc)
    s.check("does not end with `END'" in reply.text, "the message", "... does not end with `END'", reply.text)
    s.equal("the next line is one of its own", "END\n", s.ok("echo END").text)


@test("shell-list", disk=disk.graded, budget=60, points=2, needs="shell-boot")
def shell_list(s):
    """ls -l: type, size and target of what stands on the disk."""
    top = s.ok("ls -l /").text
    for name in ("bin", "grade", "test", "tmp"):
        s.check(re.search(r"(?m)^drwx.* %s/?$" % name, top), "ls -l / shows the directory", "drwx... " + name, top)
    text = s.ok("ls -l /grade").text
    known = disk.content()
    for name, data in known.files.items():
        s.check(re.search(r"(?m)^-rw-r--r--.*\b%d\b.* %s$" % (len(data), name), text), "a file and its size",
                "-rw-r--r-- ... %d ... %s" % (len(data), name), text)
    for name, target in known.links.items():
        s.check(re.search(r"(?m)^l.* %s -> %s$" % (name, re.escape(target)), text), "a link and its target",
                "l... %s -> %s" % (name, target), text)


@test("shell-names", cpus=BOTH, disk=disk.graded, budget=90, points=2, needs="shell-boot")
def shell_names(s):
    """Patterns are the names that fit, in order; variables for one command; lists in the background."""
    for name in ("b.c", "a.c", "c.h", ".hid.c"):
        s.ok("echo %s > /tmp/%s" % (name, name))
    s.equal("one part", "/tmp/a.c /tmp/b.c\n", s.ok("echo /tmp/*.c").text)
    s.equal("two parts", "/tmp/c.h\n", s.ok("echo /t*p/[!ab].?").text)
    s.equal("quoted, or no file fits", "*.c /tmp/*.none\n", s.ok("echo '*.c' /tmp/*.none").text)
    s.ok("cd /tmp")
    s.equal("in the working directory", "a.c b.c c.h\n", s.ok("echo *.?").text)
    begin = s.random.choice(disk.content().names)[:-1]
    s.equal("some of 5000 names", sorted("/grade/many/" + n for n in disk.content().names if n.startswith(begin) and len(n) > len(begin)),
            s.ok("echo /grade/many/%s?*" % begin).text.split())
    s.check("longer than" in s.run("echo /grade/many/*").text, "too many for a command", "... words are longer than ...")
    s.equal("for one command", "VALUE=5\n", s.ok("VALUE=5 /bin/msh -c 'echo VALUE=$VALUE'").text)
    s.equal("and no longer", "VALUE=\n", s.ok("/bin/msh -c 'echo VALUE=$VALUE'").text)
    s.ok("THERE=here")
    s.ok("/test/false-is-missing || echo $THERE > /tmp/beside && echo end >> /tmp/beside &")
    s.run("wait")
    s.equal("what ran beside", "here\nend\n", "".join(s.ok("cat /tmp/beside").text.splitlines(True)[-2:]))


@test("shell-tools", cpus=BOTH, disk=disk.graded, budget=90, points=2, needs="shell-names")
def shell_tools(s):
    """mkdir, cp, mv and rm, with names by pattern."""
    s.ok("mkdir -p /tmp/work/deep/down && cd /tmp/work")
    s.fails("mkdir deep")
    s.ok("mkdir -p deep/down")
    s.ok("cp /grade/double copy && cp copy /grade/small deep")
    file_is(s, "double", "/tmp/work/copy")
    file_is(s, "double", "/tmp/work/deep/copy")
    for words in ("cp deep x", "cp copy copy", "cp copy small none", "mv none x", "rm deep", "rm none", "rm -r .", "mv copy small none"):
        s.fails(words)
    s.ok("mv copy moved && mv moved deep/*ll deep/down")
    s.equal("what is where", "deep deep/copy deep/down deep/down/moved deep/down/small\n", s.ok("echo * */* */*/*").text)
    s.ok("rm -f none deep/copy && rm -r deep")
    s.equal("all of it is gone", "*\n", s.ok("echo *").text)


@test("shell-many-entries", cpus=BOTH, disk=disk.graded, budget=90, points=2, needs="shell-boot")
def shell_many(s):
    """A directory of 5000 entries."""
    names = s.ok("ls /grade/many").text.split()
    s.check(sorted(names) == disk.content().names, "every name once", "5000 names",
            "%d names, %d of them right" % (len(names), len(set(names) & set(disk.content().names))))
    chosen = s.random.choice(disk.content().names)
    s.equal("one of them is found", "/grade/many/%s\n" % chosen, s.ok("ls /grade/many/" + chosen).text)


@test("shell-paths", cpus=BOTH, disk=disk.graded, budget=60, points=3, needs="shell-boot")
def shell_paths(s):
    deep = disk.deep_path()
    for path in (deep + "/leaf", "/grade/here/" + "/".join("d%d" % n for n in range(2, disk.DEEP)) + "/leaf",
                 deep.replace("/d5", "/d5/../d5/.") + "//leaf"):
        s.equal(path, "at the bottom\n", s.ok("cat " + path).text)
    for link in ("abs", "chain5"):
        file_is(s, "small", "/grade/" + link)
    for link in ("loop", "self", "dangling", "loop/x", "self/"):
        s.fails("cat /grade/" + link)
    s.check("loop -> pool" in s.ok("ls -l /grade").text, "ls -l does not follow a loop", "loop -> pool")
    for link in ("loop", "dangling"):
        s.equal("a link that leads nowhere", "/grade/%s\n" % link, s.ok("ls /grade/" + link).text)


@test("shell-files", disk=disk.graded, budget=90, points=3, needs="shell-boot")
def shell_files(s):
    """Direct, indirect and double-indirect blocks, byte for byte."""
    for name in ("empty", "small", "direct", "single", "double"):
        file_is(s, name)


@test("shell-sparse", disk=disk.graded, budget=120, points=2, needs="shell-boot", long=14)
def shell_sparse(s):
    """A file that reaches into the triple-indirect range; holes read as zeros."""
    data = bytearray(disk.triple_size())
    for at in disk.MARKS:
        data[at:at + len(disk.mark(at))] = disk.mark(at)
    crc, size = disk.cksum(bytes(data))
    s.equal("cksum", [str(crc), str(size)], s.ok("cksum /grade/triple").text.split()[:2])


@test("shell-sum", cpus=BOTH, disk=disk.graded, budget=120, points=2, needs="shell-boot")
def shell_sum(s):
    """20 MB read by a program of the guest, the sum compared with the host's."""
    crc, size = disk.sum_of("big")
    s.equal("cksum", [str(crc), str(size)], s.ok("cksum /grade/big").text.split()[:2])


@test("shell-cat-20mb", cpus=(4,), disk=disk.graded, budget=600, points=3, needs="shell-boot", icount=None, long=32)
def shell_cat_20mb(s):
    """20 MB over the console."""
    want = disk.lines("big", disk.BIG)
    got = s.ok("cat /grade/big", limit=40 << 20).data.replace(b"\r\n", b"\n")
    s.check(got == want, "20 MB arrive unchanged", "%d bytes, cksum %d" % (len(want), disk.cksum(want)[0]),
            "%d bytes, cksum %d; the first difference is at byte %d" % (
                len(got), disk.cksum(got)[0], first_difference(want, got)))


@test("shell-crash-null", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot")
def shell_crash_null(s):
    s.fails("/test/crash null")
    still_works(s)


@test("shell-crash-kernel", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot")
def shell_crash_kernel(s):
    s.fails("/test/crash kernel")
    still_works(s)


@test("shell-crash-loop", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot",
      icount=None)
def shell_crash_loop(s):
    """A program that loops takes no more than its share: the shell goes on, and it can be killed."""
    s.ok("/test/crash loop &")
    still_works(s)
    found = re.search(r"(?m)^\s*(\d+)\b.*\bcrash\b", s.ok("ps").text)
    s.check(found, "ps shows the program", "crash")
    s.ok("kill %s" % found.group(1))
    s.run("wait")
    s.check("crash" not in s.ok("ps").text, "it is gone", "no crash")
    still_works(s)


@test("shell-crash-memory", cpus=BOTH, disk=disk.graded, budget=120, points=2, needs="shell-boot")
def shell_crash_memory(s):
    """A program that takes all the memory it can get."""
    s.run("/test/crash memory")
    still_works(s)
    s.run("/test/crash memory")
    still_works(s)


BOMBS = ("ports", "names", "messages", "threads", "tasks", "memory", "regions", "processes")


@test("shell-bombs", cpus=BOTH, disk=disk.graded, budget=300, points=2, needs="shell-boot", icount=None, long=6)
def shell_bombs(s):
    """Programs that take as much of one thing as they get are refused in the end, and everybody else goes on: one by one, then all at once."""
    for kind in BOMBS:
        reply = s.run("/test/bomb " + kind)
        found = re.search(kind + r": refused after (\d+)", reply.text)
        # Memory that is touched is refused by a signal.
        s.check(int(found.group(1)) > 0 if found else kind == "memory" and reply.rc > 128, "there is an end of " + kind,
                "refused after some", reply.text)
        still_works(s)
    pids = []
    for kind in BOMBS:          # those that come late may find nothing left to start with
        pids += re.findall(r"\[(\d+)\]", s.run("/test/bomb %s hold &" % kind).text)
    s.check("bomb" in s.ok("jobs").text, "the shell answers", "jobs lists them")
    s.run("kill " + " ".join(pids))
    s.run("wait")
    still_works(s)


TOOLS = (                       # command, status, output
    ("true", 0, ""), ("false", 1, ""), ("sleep 0.01 0s", 0, ""), ("sleep soon", 1, "sleep: soon: not a time\n"),
    ("printf '%5d|%-3s|%c|%x\\n' 42 a xyz 255", 0, "   42|a  |x|ff\n"), ("printf '%s-' a b c", 0, "a-b-c-"),
    ("printf '%b\\n' 'a\\tb\\c' z", 0, "a\tb"), ("printf '%d %d\\n' \\'A", 0, "65 0\n"),
    ("printf '%.2f %5.1e\\n' 3.14159 1000", 0, "3.14 1.0e+03\n"), ("printf '%d\\n' 12x", 1, "printf: 12x: not a number\n12\n"),
    ("test 3 -lt 4 -a '(' -f /etc/passwd -o a = b ')'", 0, ""), ("test ! -d /etc", 1, ""), ("test", 1, ""), ("test -z", 0, ""),
    ("test -n ''", 1, ""), ("test ! a = b", 0, ""), ("test -x /bin/test -a -L /etc", 1, ""), ("test 1 -eq x", 2, "test: x: not a number\n"),
    ("test a b", 2, "test: a: not an operator\n"),
    ("echo hi 1<&-", 1, "echo: output: Bad file descriptor\n"), ("pwd 1<&-", 1, "msh: pwd: output: Bad file descriptor\n"),
    ("pwd > /dev/full", 1, "msh: pwd: output: No space left on device\n"), ("ls / > /dev/full", 1, "ls: output: No space left on device\n"),
    ("printf '%4096d' 1 > /dev/full", 1, "printf: output: No space left on device\n"), ("printf '%.*d|%-*d|\\n' -3 7 -2 1", 0, "7|1 |\n"),
)


@test("shell-small-programs", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot")
def shell_small_programs(s):
    """The small programs of /bin, and commands whose output cannot be written."""
    for command, status, text in TOOLS:
        reply = s.run(command)
        s.equal("status of " + command, status, reply.rc)
        s.equal("output of " + command, text, reply.text)


@test("shell-paste", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot")
def shell_paste(s):
    """A pasted line of 4 KB arrives whole, and so do many short ones."""
    length = 4096 - len("echo ") - 1
    text = "".join(s.random.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length))
    reply = s.must(s.keys(("echo " + text + "\r").encode(), "echo and %d letters, pasted" % length))
    got = reply.text.rstrip("\n").split("\n")[-1]
    s.check(got.endswith(text), "the line comes back whole", "%d letters" % length,
            "%d letters; the first difference is at letter %d" % (len(got), first_difference(text, got)))
    statuses = s.batch(["echo %s" % w if n % 5 else "cat /missing" for n, w in enumerate(words(s, 60))])
    s.equal("60 pasted lines, each run once", [0 if n % 5 else 1 for n in range(60)], [min(1, r) for r in statuses])


@test("shell-break", cpus=BOTH, disk=disk.graded, budget=120, points=2, needs="shell-boot")
def shell_break(s):
    """A BREAK leads to the monitor, again and again; no key is lost when the console changes hands."""
    for _ in range(100):
        s.check(s.machine.send_break(), "QEMU sends a BREAK")
        s.equal("a BREAK leads to the monitor", "kmsh", s.keys(b"", "BREAK").shell)
        s.check("init" in s.ok("tasks").text, "the monitor hears its keys", "a line of init")
        s.keys(b"continue\r\r", "continue")     # the second one makes msh show its prompt again
        s.equal("the shell hears its keys", "after\n", s.ok("echo after").text)


# The serial port's flags (PL011: FR, RXFE) and line status (16550: LSR, DR). Reading the latter forgets a BREAK: look before one is sent.
RECEIVED = {"aarch64": ("xp /1wx 0x9000018", lambda flags: not flags & 0x10), "x86_64": ("i /1xb 0x3fd", lambda status: status & 1)}


def received(s):
    """Whether the serial port has a key that the guest has not taken: its register of flags, of line status."""
    command, has_key = RECEIVED[s.machine.boot.arch]
    return has_key(int(re.search(r"(0x[0-9a-f]+)\s*$", s.machine.qmp.human(command)).group(1), 16))


@test("shell-break-between-keys", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot", icount=None)
def shell_break_between_keys(s):
    """Of keys that come at once with a BREAK between them, those in front are the shell's and those behind it the monitor's, and none is lost."""
    for n in range(20):
        s.send(b"echo a")
        s.wait_for("echo a", "the echo")
        s.machine.qmp.command("stop")
        s.send(b"b")            # one: a BREAK overtakes what QEMU has not given to the port yet
        end = time.monotonic() + 10
        while not received(s):
            s.check(time.monotonic() < end, "keys arrive at the serial port")
        s.check(s.machine.send_break(), "QEMU sends a BREAK")
        s.send(b"tasks\r")
        s.machine.qmp.command("cont")
        reply = s.prompt("BREAK")
        s.equal("the BREAK leads to the monitor", "kmsh", reply.shell)
        reply = s.prompt("tasks")
        s.check(" init " in reply.text, "what is typed behind the BREAK is the monitor's", "a line of init", reply.text)
        s.send(b"continue\r")
        s.heard(r"continue[^a-z]*\n")
        reply = s.keys(b"c%d\r" % n, "echo")
        s.equal("what is typed in front of it is the shell's", "abc%d" % n, reply.text.rstrip().split("\n")[-1].strip())


@test("shell-break-in-output", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot", icount=None)
def shell_break_in_output(s):
    """A BREAK leads to the monitor while a program prints all the time, and the program prints on behind it."""
    for n in range(10):
        s.send(b"cat" + b" /etc/passwd" * 300 + b"; echo end%d\r" % n)
        s.wait_for("echo end%d[^0-9]*\nroot:" % n, "the first line")
        s.check(s.machine.send_break(), "QEMU sends a BREAK")
        # A slow host may hand it over when the program has ended.
        seen = s.wait_for("kernel monitor", "the monitor")
        s.equal("the monitor has the console", "kmsh", s.prompt("BREAK", seen).shell)
        s.send(b"continue\r")
        if re.search(rb"[\r\n]end%d[\r\n]" % n, seen):
            s.heard(r"continue[^a-z]*\n")
            s.keys(b"\r", "continue")
        else:
            s.prompt("cat", s.wait_for(r"[\r\n]end%d[\r\n]" % n, "the program's end"))


@test("shell-typed-ahead", cpus=BOTH, disk=disk.graded, budget=60, points=2, needs="shell-boot",
      typed=b"# typed before the machine was on, and longer than the FIFO")
def shell_typed_ahead(s):
    """Keys that came before the machine was on do not make it deaf (the line may lack the key at which the FIFO came on)."""
    s.keys(b"\r", "typed")
    s.equal("typing goes on", "seven\n", s.ok("echo seven").text)


@test("shell-line-editing", disk=disk.graded, budget=60, points=2, needs="shell-boot")
def shell_line_editing(s):
    one, two = words(s, 2)
    for keys, label in ((b"echo xx\x7f\x7f" + one.encode() + b"\r", "backspace"),
                        (b"eco \x1b[D\x1b[Dh\x1b[C\x1b[C" + one.encode() + b"\r", "arrows"),
                        (b"nonsense\x15echo " + one.encode() + b"\r", "^U"),
                        (one.encode() + b"\x01echo \r", "^A")):
        reply = s.must(s.keys(keys, label))
        s.equal(label, one, reply.text.split("\n")[-2] if "\n" in reply.text else reply.text)
    s.ok("echo " + two)
    reply = s.must(s.keys(b"\x1b[A\x1b[A\r", "up, up: the line before last"))
    s.check(one in reply.text, "history", one)


def reads(s, line, word, label):
    """Starts programs that copy what is typed, and waits until they have: the terminal itself shows ^A for what they write as it is."""
    s.send((line + "\r\x01" + word + "\r").encode())
    s.wait_for("\\u0001" + word, label)


def until(s, line, pattern):
    """What a command prints once it prints that."""
    text = ""
    while not re.search(pattern, text):
        text = s.ok(line).text
    return text


@test("shell-jobs", cpus=BOTH, disk=disk.graded, budget=90, points=4, needs="shell-boot")
def shell_jobs(s):
    """^Z stops what runs in front; it goes on in front or in the background, and what is typed meanwhile is the shell's."""
    one, two, three, four = words(s, 4)
    reads(s, "cat | cat", one, "both run in front")
    reply = s.keys(b"\x1a", "^Z")
    s.equal("status of what was stopped", 128 + 20, reply.rc)
    s.check(re.search(r"(?m)^\[\d+\] cat: stopped$", reply.text), "it is told", "[PID] cat: stopped", reply.text)
    s.equal("programs that are stopped", 2, s.ok("jobs").text.count("] cat: stopped\n"))
    s.equal("a line for the shell", two, s.ok("echo " + two).text.strip())
    s.check(re.search(r"(?m)^\[\d+\] cat \| cat$", s.ok("bg").text), "bg tells what goes on", "[PID] cat | cat", s.last.text)
    until(s, "jobs", r"cat: stopped(?s:.*)cat: stopped")         # they read the terminal, which is not theirs now
    reads(s, "fg", three, "both run in front again")
    s.equal("status of the pipeline", 0, s.keys(b"\x04", "end of file").rc)
    s.equal("programs in the background", "", s.ok("jobs").text)
    s.fails("fg")
    s.fails("bg")
    reads(s, "cat", four, "cat runs in front")
    s.keys(b"\x1a", "^Z")
    s.equal("leaving with stopped programs", 1, s.run("exit").rc)
    reads(s, "fg", one, "it does again")
    s.keys(b"\x1aecho " + two.encode() + b"\r", "^Z and a line for the shell at once")
    s.equal("what it printed", two, s.prompt("the line runs").text.split("\n")[-2])
    reads(s, "fg", three, "and again")
    s.equal("status of a program that ^C ended", 128 + 2, s.keys(b"\x03", "^C").rc)
    pid = s.ok("echo $$").text
    s.ok("kill -2 $$; kill -3 $$")          # as the keys do when no program is in front
    s.equal("pid", pid, s.ok("echo $$").text)


@test("shell-in-shell", cpus=BOTH, disk=disk.graded, budget=90, points=4, needs="shell-boot")
def shell_in_shell(s):
    """A shell runs in this one, and gets the terminal back from what it started; so does one with job control of its own."""
    one, two = words(s, 2)
    outer = s.ok("echo $$").text
    s.must(s.keys(b"sh\r", "a shell in the shell"))
    s.check(s.ok("echo $$").text != outer, "it is another", "another pid than " + outer.strip(), s.last.text)
    s.ok("ls /")
    s.ok("true | false | true")
    reads(s, "cat", one, "cat runs in front")
    s.keys(b"\x1a", "^Z in the inner shell")
    s.equal("leaving with stopped programs", 1, s.run("exit").rc)
    s.run("exit")
    s.equal("pid", outer, s.ok("echo $$").text)
    s.check(not re.search(r"(?m)\bcat$", s.ok("ps").text), "what it had stopped has ended", "no cat", s.last.text)
    s.must(s.keys(b"sh; cat\r", "a shell, and then a program"))
    reads(s, "exit", one, "the program has the terminal as programs expect it")
    s.equal("status of cat", 0, s.keys(b"\x04", "end of file").rc)
    s.ok("sh < /dev/tty &")
    until(s, "jobs", "sh: stopped")
    s.must(s.keys(b"fg\r", "a shell that was started in the background"))
    reads(s, "cat", two, "so do its programs")
    s.equal("status of cat", 0, s.keys(b"\x04", "end of file").rc)
    s.run("exit")
    s.equal("pid", outer, s.ok("echo $$").text)
    s.send(b"/test/posix_session shell\r")
    s.wait_for("in front")
    s.send(b"\x1a")
    s.wait_for("suspended")
    s.send(b"k\n")
    s.equal("status of a shell with job control", 9, s.prompt("it ends").rc)
    s.equal("a line for the shell", two, s.ok("echo " + two).text.strip())


SAMPLES = 4


def figures(s):
    """{name: (least, most)} of what must not grow: frames in use, heap bytes, ports. Some samples, because
    frames vary a little with the thread of a server that happens to serve."""
    found = {}
    for _ in range(SAMPLES):
        text = s.ok("memory -q").text
        now = {n: int(v) for n, v in re.findall(r"(?m)^(\w+) (\d+)$", text)}
        if not {"frames", "heap", "ports"} <= set(now):
            raise WrongOutput("memory -q gives the figures", "memory -q", "frames, heap, ports", text)
        for n, v in now.items():
            least, most = found.get(n, (v, v))
            found[n] = (min(least, v), max(most, v))
    return found


def growth(before, after):
    """What has grown beyond the most there was before."""
    return {n: "%d to %d" % (before[n][1], after[n][0]) for n in before if after[n][0] > before[n][1]}


@test("shell-thousand-programs", cpus=BOTH, disk=disk.graded, budget=600, points=4, needs="shell-boot",
      icount=None, long=8)
def shell_thousand(s):
    """1000 programs one after another leave frames, heap and ports as before."""
    def programs(count):
        for _ in range(count // 50):
            s.equal("each ends well", [0] * 50, s.batch(["/bin/echo x"] * 50))

    # Tables and thread pools grow to what this load needs; a leak never stops growing.
    before = figures(s)
    for _ in range(10):
        programs(100)
        last, before = before, figures(s)
        if not growth(last, before):
            break
    # What a rare coincidence makes grow once (another thread of a pool serves for the first time) does not come again;
    # what each program leaves behind, or every tenth, grows in every round.
    rounds = []
    for _ in range(3):
        programs(1000)
        last, before = before, figures(s)
        rounds.append(growth(last, before))
        if not rounds[-1]:
            break
    s.check(not rounds[-1], "1000 programs leave frames, heap and ports as before", "no growth", rounds)


def sends(s):
    """(messages sent on the fast path of mach_msg, those that were not), from the monitor."""
    s.machine.send_break()
    s.keys(b"", "BREAK")
    text = s.ok("ports").text
    s.keys(b"continue\r\r", "continue")
    fast = re.search(r"fast path: (\d+); not, and why:(.*)", text)
    return int(fast.group(1)), sum(map(int, re.findall(r" (\d+)", fast.group(2)))), fast.group(0)


@test("shell-fast-path", cpus=BOTH, disk=disk.graded, budget=240, points=2, needs="shell-boot")
def shell_fast_path(s):
    """Nine of ten messages go the short way from sender to receiver while programs ask the file server about files."""
    s.ok("ls -l /grade/many")
    before = sends(s)
    s.ok("ls -l /grade/many")
    fast, slow, text = sends(s)
    fast, slow = fast - before[0], slow - before[1]
    s.check(fast > 9 * slow, "messages on the fast path", "more than 90 %", "%d of %d; before: %s; after: %s" % (
        fast, fast + slow, before[2], text))
