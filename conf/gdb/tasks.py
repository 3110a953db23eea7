"""mach tasks, threads, bt, run-queue."""

import gdb

import program
from kernel import (ALL_ONES, Command, Damage, address_of, at, checked, constant, each, element, flag_names,
                    follow, guarded, has_type, lock_note, number, symbol_at, text, type_of, variable)

FRAMES_MAX = 64


# --- finding ---

def tasks():
    return each(variable("task_list"), "struct task", "link")


def task_name(task):
    return "%s (task %d)" % (text(task["name"]), int(task["id"]))


def find_task(word):
    """The task of a number, a name, or an address."""
    listed = list(tasks())
    found = [t for t in listed if word == text(t["name"]) or (word.isdigit() and int(word) == int(t["id"]))]
    if len(found) > 1:
        raise gdb.GdbError("several tasks are called %s; take a number: %s" % (
            word, " ".join(str(int(t["id"])) for t in found)))
    if found:
        return found[0]
    if word.isdigit():
        raise gdb.GdbError("no task %s; `mach tasks` lists them" % word)
    try:
        address = int(gdb.parse_and_eval(word))
    except gdb.error as problem:
        raise gdb.GdbError("no task %s (%s); `mach tasks` lists them" % (word, problem)) from None
    return checked("struct task", address, "RANK_TASK", "task")


def threads_of(task):
    return each(task["threads"], "struct thread", "task_link")


def cpus():
    """Every CPU that is online."""
    found = variable("cpus")
    for i in range(found.type.range()[1] + 1):
        cpu = element(found, i)
        if cpu["online"]:
            yield cpu


def idle_threads():
    return {number(cpu["idle_thread"]): cpu for cpu in cpus()}


def find_thread(word):
    if word.isdigit():
        for task in tasks():
            for thread in threads_of(task):
                if int(thread["id"]) == int(word):
                    return thread
        for address in idle_threads():
            thread = at("struct thread", address)
            if int(thread["id"]) == int(word):
                return thread
        raise gdb.GdbError("no thread %s; `mach threads` lists them" % word)
    try:
        address = int(gdb.parse_and_eval(word))
    except gdb.error as problem:
        raise gdb.GdbError("no thread %s (%s); `mach threads` lists them" % (word, problem)) from None
    return checked("struct thread", address, "RANK_THREAD", "thread")


def thread_name(thread):
    return "thread %d of %s" % (int(thread["id"]), task_name(follow(thread["task"], "thread's task")))


# --- tasks ---

def task_line(task):
    state = "gone" if task["gone"] else "dying" if not task["alive"] else \
        "suspended" if task["suspend_count"] else ""
    names = int(follow(task["space"])["names"]["used"]) if task["space"] else 0
    mapped = int(follow(task["map"])["size"]) >> 10 if task["map"] else 0
    print("%5d %-16s 0x%x %7d %6d %8d %8d %9d %8d/%d %s" % (
        task["id"], text(task["name"]), address_of(task), task["thread_count"], names, mapped,
        int(task["used"][constant("TASK_KERNEL_MEMORY")]) >> 10, task["faults"], task["messages_sent"] + task["fast_messages"],
        task["messages_received"] + task["fast_messages"], state))


class Tasks(Command):
    name, about = "tasks", "all tasks"

    def run(self):
        print("   id name             address            threads  names mappedKB kernelKB    faults sent/received"
              + lock_note(variable("task_list_lock")))
        for task in tasks():
            guarded(task_line, task)


# --- threads ---

def running_on(thread):
    """The struct cpu that runs it, or None."""
    for cpu in cpus():
        if number(cpu["thread"]) == address_of(thread):
            return cpu
    return None


def thread_state(thread):
    if not thread["alive"]:
        return "dead"
    if int(thread["wait_state"]) & constant("WAIT_PENDING"):
        return "waits"
    if running_on(thread):
        return "runs"
    if not thread["started"]:
        return "new"
    return "ready" if thread["queued"] else "parked" if thread["parked"] else "stops"


def waits_for(thread):
    return "receive" if int(thread["wait_state"]) & constant("WAIT_IN_PLACE") else text(thread["wait_why"]) if thread["wait_why"] else ""


def thread_line(thread, idle=False):
    state = thread_state(thread)
    more = [waits_for(thread)] if state == "waits" and waits_for(thread) else []
    if thread["suspend_count"]:
        more.append("suspended %d" % thread["suspend_count"])
    if thread["ast"]:
        more.append("ast: " + flag_names(thread["ast"], "enum thread_ast", "AST_"))
    print("%6d %-16s 0x%x %-6s %3d %3d %9d %8d %8d %s" % (
        thread["id"], text(follow(thread["task"], "thread's task")["name"]), address_of(thread),
        "idle" if idle else state, thread["priority"], thread["cpu"], int(thread["switches"]) + int(thread["fast"]["messages"]),
        int(thread["user_time"]) // 1000, int(thread["system_time"]) // 1000, ", ".join(more)))


def task_threads(task):
    for thread in sorted(threads_of(task), key=lambda t: int(t["id"])):
        guarded(thread_line, thread)


class Threads(Command):
    name, usage, about, most = "threads", "[TASK]", "threads of all tasks, or of one", 1

    def run(self, word=None):
        chosen = [find_task(word)] if word else list(tasks())
        print("    id task             address            state  pri cpu  switches  user us   sys us waits for")
        if any(address_of(task) == number(variable("kernel_task")) for task in chosen):
            for address in idle_threads():
                guarded(lambda: thread_line(at("struct thread", address), idle=True))
        for task in chosen:
            guarded(task_threads, task)


# --- stacks ---

def saved_context(thread):
    """(pc, frame pointer) where a thread that does not run stopped in the kernel: what the switch pushed."""
    if has_type("struct switch_frame"):             # aarch64
        context = at("struct switch_frame", thread["arch"]["sp"], "saved context")
        return number(context["x30"]), number(context["x29"])
    context = at("struct first_context", thread["arch"]["stack_pointer"], "saved context")
    return number(context["return_address"]), number(context["rbp"])


def trap_frame(thread):
    """Address of the trap frame, which ends the kernel stack; 0: it has none, as on a boot stack."""
    return number(thread["arch"]["frame"])


def where(pc):
    """`function+0x12 [inlined < ...] (file:line)` of the call before a return address."""
    place = gdb.find_pc_line(pc - 1)
    line = " (%s:%d)" % (place.symtab.filename, place.line) if place.symtab else ""
    block, functions = gdb.block_for_pc(pc - 1), []
    while block is not None and not block.is_static:
        if block.function is not None:
            functions.append(block.function.name)
        block = block.superblock
    inlined = " [%s]" % " < ".join(functions[:-1]) if len(functions) > 1 else ""
    return (symbol_at(pc) or "?") + inlined + line


def backtrace(thread):
    if int(thread["wait_state"]) & constant("WAIT_IN_PLACE"):
        print("(waits on the fast path of mach_msg: no frames on its kernel stack)")
        return
    pc, frame = saved_context(thread)
    bottom, top = number(thread["stack_base"]), trap_frame(thread) or ALL_ONES
    print("#0  0x%x %s" % (pc, where(pc)))
    for depth in range(1, FRAMES_MAX):
        if frame == 0:
            return
        if not bottom <= frame < top:
            raise Damage("frame at 0x%x is not on the stack, 0x%x to 0x%x" % (frame, bottom, top))
        record = at(gdb.lookup_type("unsigned long").array(1), frame, "stack frame")
        above, pc = number(record[0]), number(record[1])
        if pc == 0:
            return
        print("#%-2d 0x%x %s" % (depth, pc, where(pc)))
        if not frame < above < top:                 # the entry from user mode: its frame pointer is the user's
            return
        frame = above


def user_line(thread):
    if number(thread["task"]) == number(variable("kernel_task")):
        return
    frame = at("struct trap_frame", trap_frame(thread), "trap frame")
    members = {field.name for field in frame.type.fields()}
    pc, stack = (number(frame[x if x in members else "r" + x.replace("pc", "ip")]) for x in ("pc", "sp"))
    name = text(follow(thread["task"])["name"])
    known = symbol_at(pc) if program.loaded_name() == name else ""
    print("user pc 0x%x %s sp 0x%x" % (pc, known or "(`mach-user %s` loads its symbols)" % name, stack))


class Backtrace(Command):
    name, usage, about, least, most = "bt", "THREAD", "the stack of a thread that does not run", 1, 1

    def run(self, word):
        thread = find_thread(word)
        cpu = running_on(thread)
        if cpu or thread["on_cpu"]:
            at_cpu = int(cpu["number"] if cpu else thread["cpu"])
            raise gdb.GdbError("%s runs on CPU %d: `thread %d`, then `bt`" % (
                thread_name(thread), at_cpu, at_cpu + 1))
        why = waits_for(thread)
        state = thread_state(thread)
        print("%s, 0x%x, %s%s" % (thread_name(thread), address_of(thread), state,
                                  " for " + why if state == "waits" and why else ""))
        guarded(backtrace, thread)
        guarded(user_line, thread)


# --- run queues ---

def cpu_queue(cpu):
    thread = follow(cpu["thread"], "the running thread")
    idle = number(cpu["thread"]) == number(cpu["idle_thread"])
    queue = cpu["runq"]
    print("CPU %d: runs %s%s, priority %d; %d ready%s%s%s" % (
        cpu["number"], thread_name(thread), ", idle" if idle else "", thread["priority"], queue["count"],
        ", shall reschedule" if cpu["need_resched"] else "", ", timers set" if cpu["timers"] else "",
        lock_note(queue["lock"])))
    ready = int(queue["ready"])
    for priority in range(queue["queue"].type.range()[1] + 1):
        found = list(each(queue["queue"][priority], "struct thread", "run_link"))
        for ready_thread in found:
            print("  priority %2d: %s, 0x%x" % (priority, thread_name(ready_thread), address_of(ready_thread)))
        if bool(found) != bool(ready >> priority & 1):
            print("  !! bit %d of `ready` (0x%x) is wrong" % (priority, ready))


class RunQueue(Command):
    name, about = "run-queue", "what each CPU runs, and who is ready, by priority"

    def run(self):
        variable("task_list")           # a layer without threads says so
        for cpu in cpus():
            guarded(cpu_queue, cpu)


for command in (Tasks, Threads, Backtrace, RunQueue):
    command()
