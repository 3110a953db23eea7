"""How a run ended, told apart. Everything a verdict is read from is defined here, once.

The guest reports observations, never verdicts: a line that says PASS means nothing. These lines of
the kernel explain an end that the host has seen for itself (the line went dead, a check failed):

    panic: WHY                          then `  #N 0xADDR symbol+0xOFF`, one line per frame
    deadline: ...                       then where each CPU and each thread stands; power-off with status 124
    not implemented: LAB 1.3            an exercise nobody solved
"""

import re
from dataclasses import dataclass, field

OK = "ok"
WRONG = "wrong output"
PANIC = "panic"
REBOOT = "unexpected reboot"
HANG = "hang"
NO_BOOT = "no boot"
TODO = "not implemented"
GARBAGE = "garbage output"
POWER_OFF = "unexpected power-off"
NO_VERDICT = "no verdict, rerun"
BUILD = "does not build"
SKIPPED = "skipped"
GRADER = "grader error"
INTERRUPTED = "interrupted"

DEADLINE_STATUS = 124
GARBAGE_SAMPLE = 16384          # bytes at the end that decide whether it is garbage

# A report may follow a prompt or half a line of a program.
PANIC_LINE = re.compile(rb"(?<![\w/])(panic: [^\r\n]*)")
FRAME_LINE = re.compile(rb"(?m)^ *#\d+ +0x[0-9a-f]+[^\r\n]*")
DEADLINE_LINE = re.compile(rb"(?<![\w/])(deadline: [^\r\n]*)")
CPU_LINE = re.compile(rb"(?mi)^ *cpu ?\d+[^\r\n]*")
# Of the kernel's table of threads, and the stacks of those that wait.
THREAD_LINE = re.compile(rb"(?m)^ *\d+ \S* +(?:waits|ready|runs|parked|stops|new) [^\r\n]*|^thread \d+ of [^\r\n]*"
                         rb"| *#\d+ +0x[0-9a-f]+[^\r\n]*")
# The servers' words, and init's last ones when it cannot get the system up.
SERVER_LINE = re.compile(rb"(?m)^(?:init|swap|mem|blk|fs|proc|tty): [^\r\n]*")
RESCUE_LINE = re.compile(rb"(?m)^init: \S+ cannot run, \S+ is started instead")
TODO_LINE = re.compile(rb"not implemented: LAB (\d+\.\d+)")

# How the grader saw a run end.
EOF, BACKSTOP, STUCK, FLOOD, STALLED, CHECK, NO_START, RESCUED = (
    "eof", "backstop", "stuck", "flood", "stalled", "check", "no start", "rescued")


@dataclass
class Evidence:
    """What is known when a run is over, one way or the other."""
    ended: str                      # one of these
    text: bytes                     # the transcript, from the first byte
    since: int = 0                  # where in `text` the last command began
    prompts: int = 0                # true prompts seen
    status: int = None              # conf/qemu.py's outcome, None while QEMU ran
    reset: bool = False             # QMP said that the guest reset itself
    errors: str = ""                # QEMU's own words
    cpus: list = field(default_factory=list)


def is_garbage(text):
    """More than a tenth of the bytes is no text of any language a kernel prints."""
    odd = sum(1 for c in text if c >= 0x7f or (c < 0x20 and c not in b"\t\n\r\x1b\x1e\x07\x08"))
    return len(text) >= 64 and odd * 10 > len(text)


def lines_after(pattern, text, start, limit=40):
    found = pattern.findall(text, start)[:limit]
    return [line.decode(errors="replace").rstrip() for line in found]


def panic_seen(text, start=0):
    return PANIC_LINE.search(text, start) is not None


def rescued(text):
    return RESCUE_LINE.search(text) is not None


def explain(e):
    """Returns (verdict, lines that explain it) for a run that did not go as it should."""
    text, tail = e.text, e.text[e.since:]
    panic = PANIC_LINE.search(text, e.since) or (PANIC_LINE.search(text) if e.ended != CHECK else None)
    if panic:
        return PANIC, [panic.group(1).decode(errors="replace")] + lines_after(FRAME_LINE, text, panic.end())
    late = DEADLINE_LINE.search(text)
    if late or e.status == DEADLINE_STATUS:
        return HANG, ([late.group(1).decode(errors="replace")] + lines_after(CPU_LINE, text, late.end()) +
                      lines_after(THREAD_LINE, text, late.end(), 80)
                      if late else ["the kernel's deadline passed"])
    # One that was reached earlier leaves a machine that stands still: it explains what is missing now.
    todo = TODO_LINE.search(text, e.since) or TODO_LINE.search(text)
    if todo:
        return TODO, ["exercise " + todo.group(1).decode()]
    if e.reset:
        return REBOOT, ["the guest reset the machine (a triple fault or a reset call)"]
    if not text.strip(b"\x00"):
        ending = [] if e.status is None else ["QEMU ended with status %s" % e.status]
        return NO_BOOT, ["the guest printed nothing"] + ending + ([e.errors] if e.errors else []) + e.cpus
    if is_garbage((tail if len(tail) >= 64 else text)[-GARBAGE_SAMPLE:]):
        return GARBAGE, ["%d bytes, most of them no text" % len(tail)]
    return _by_end(e)


def _by_end(e):
    if e.ended == FLOOD:
        return GARBAGE, ["output without end: %d bytes and no prompt" % (len(e.text) - e.since)]
    if e.ended in (EOF, NO_START):
        return POWER_OFF, ["the machine was switched off with status %s" % e.status] + (
            [e.errors] if e.errors else [])
    if e.ended == CHECK:
        return WRONG, []
    if e.ended == RESCUED:
        return NO_BOOT, ["only the rescue shell could be started"] + list(dict.fromkeys(lines_after(SERVER_LINE, e.text, 0)))
    if e.ended == STUCK:
        return HANG, ["computes, prints nothing, and takes no interrupt (an endless loop in the kernel; at vectors+...: a fault whose",
                      "handler faults, such as after the kernel's page tables or code were overwritten)"] + e.cpus
    return NO_VERDICT, ["no prompt, and the wall-clock backstop fired"] + e.cpus
