"""mach ports, port, msg."""

import gdb

from kernel import (ALL_ONES, Command, Damage, address_of, address_word, at, checked, constant, each, enum_name,
                    flag_names, follow, guarded, has_type, lock_note, message_name, number, rank_at, sibling_name,
                    text, type_of, waiting)
from tasks import find_task, task_name, tasks, thread_name

CHUNK = 512                     # entries of a name table read at a time: below GDB's limit for one value
BODY_SHOWN = 128                # bytes
RIGHTS = (("R", "RECEIVE"), ("S", "SEND"), ("O", "SEND_ONCE"), ("P", "PORT_SET"), ("D", "DEAD_NAME"))


# --- name spaces ---

def space_of(task):
    if not task["space"]:
        raise Damage("%s has no port names" % task_name(task))
    return follow(task["space"])


def entries(space):
    """(name, entry) of all names in use: index and generation, which fills the low bits."""
    table, kind = space["names"], type_of("struct ipc_entry")
    if not table["entries"]:
        return
    shift = 8 * kind["generation"].type.sizeof
    for first in range(0, int(table["size"]), CHUNK):
        count = min(CHUNK, int(table["size"]) - first)
        part = at(kind.array(count - 1), number(table["entries"]) + first * kind.sizeof, "table of names")
        for i in range(count):
            if part[i]["type"]:
                yield (first + i) << shift | int(part[i]["generation"]), part[i]


def entry_is(entry, right):
    return bool(int(entry["type"]) >> constant("MACH_PORT_RIGHT_" + right) & 1)


def letters(entry):
    return "".join(letter if entry_is(entry, right) else "-" for letter, right in RIGHTS)


def port_word(pointer):
    value = number(pointer)
    return "dead" if value == ALL_ONES else "none" if value == 0 else "port 0x%x" % value


def port_brief(port):
    """The rest of a line about a port."""
    words = "port 0x%x" % address_of(port)
    if not port["alive"]:
        return words + " dead"
    if int(port["kobject"]) != constant("KOBJECT_NONE"):
        words += " %s 0x%x" % (kobject_name(port), number(port["object"]))
    else:
        words += " queue %d/%d seqno %d send %d once %d" % (
            port["message_count"], port["queue_limit"], port["seqno"], port["send_rights"], port["send_once_rights"])
    if port["receiver"]:
        words += " receiver %s.%x" % (text(follow(follow(port["receiver"])["task"])["name"]), port["name"])
    return words


def kobject_name(port):
    return enum_name(port["kobject"], "enum kobject_type", "KOBJECT_")


def entry_line(name, entry):
    words = "%8x %s refs %d " % (name, letters(entry), entry["urefs"])
    if entry_is(entry, "PORT_SET"):
        words += "set 0x%x" % number(entry["set"])
    elif not entry_is(entry, "DEAD_NAME"):
        words += port_brief(checked("struct ipc_port", number(entry["port"]), "RANK_PORT", "port"))
    print(words + (" dead-name request" if entry["request"] else ""))


class Ports(Command):
    name, usage, about, least, most = "ports", "TASK", "the port names of a task", 1, 1

    def run(self, word):
        space = space_of(find_task(word))
        print("%d names, table of %d%s" % (space["names"]["used"], space["names"]["size"], lock_note(space["lock"])))
        for name, entry in entries(space):
            guarded(entry_line, name, entry)


# --- one port ---

def holders(member, address):
    """`fs.301 RS---` for every name of a port or set in any task."""
    found = []
    for task in tasks():
        if task["space"]:
            found += ["%s.%x %s" % (text(task["name"]), name, letters(entry))
                      for name, entry in entries(follow(task["space"]))
                      if number(entry[member]) == address and entry_is(entry, "PORT_SET") == (member == "set")]
    return found


def owner_line(port):
    if int(port["kobject"]) != constant("KOBJECT_NONE"):
        return "the kernel's: %s 0x%x" % (kobject_name(port), number(port["object"]))
    if port["receiver"]:
        return "%s, name 0x%x" % (task_name(follow(follow(port["receiver"])["task"])), port["name"])
    if port["destination"]:
        return "in a message to port 0x%x" % number(port["destination"])
    return "nobody's, or in a message"


def message_line(message):
    header = message["header"]
    ident = int(header["msgh_id"])
    print("    message 0x%x: id %d%s, %d bytes, from label %d" % (
        address_of(message), ident, message_name(ident), header["msgh_size"], message["token"]["label"]))


def waiters_lines(queue, what):
    for thread in waiting(queue):
        print("    %s waits: %s, 0x%x" % (what, thread_name(thread), address_of(thread)))


def queue_lines(port):
    print("  queue: %d of %d slots taken, %d messages, %d of them send-once notifications in front" % (
        port["slots_used"], port["queue_limit"], port["message_count"], port["notices_first"]))
    for message in each(port["messages"], "struct ipc_kmsg", "link"):
        guarded(message_line, message)
    waiters_lines(port["senders"], "sender")
    waiters_lines(port["receivers"], "receiver")


def show_port(port):
    address = address_of(port)
    print("port 0x%x: %s, references %d%s" % (
        address, "alive" if port["alive"] else "dead", port["refs"], lock_note(port["lock"])))
    if port["alive"]:
        print("  receive right: %s" % guarded(owner_line, port))
    print("  rights: send %d, send-once %d, make-send count %d; next seqno %d" % (
        port["send_rights"], port["send_once_rights"], port["make_send_count"], port["seqno"]))
    guarded(queue_lines, port)
    if port["set"]:
        print("  in set 0x%x" % number(port["set"]))
    asked = [name for name in ("no_senders", "port_destroyed") if port[name]]
    asked += ["dead-name"] * len(list(each(port["requests"], "struct ipc_request", "link")))
    asked += ["the kernel"] * len(list(each(port["watches"], "struct port_watch", "link")))
    if asked:
        print("  notifications asked for: %s" % ", ".join(asked).replace("_", "-"))
    if port["account"]:
        print("  charged to %s: %d bytes" % (task_name(follow(port["account"])), port["charged"]))
    print("  names: %s" % (", ".join(guarded(holders, "port", address) or []) or "none"))


def show_set(found):
    address = address_of(found)
    print("port set 0x%x: %s, name 0x%x, references %d%s" % (
        address, "alive" if found["alive"] else "dead", found["name"], found["refs"], lock_note(found["lock"])))
    for port in each(found["members"], "struct ipc_port", "set_link"):
        guarded(lambda: print("    " + port_brief(port)))
    print("  with messages: %d" % len(list(each(found["ready"], "struct ipc_port", "ready_link"))))
    waiters_lines(found["receivers"], "receiver")
    print("  names: %s" % (", ".join(guarded(holders, "set", address) or []) or "none"))


class Port(Command):
    name, usage, least, most = "port", "ADDR | TASK NAME", 1, 2
    about = "a port or port set: rights, queue, who waits, who has names"

    def run(self, word, name=None):
        if name is not None:
            word = self.by_name(find_task(word), address_word(name, "port"))
        address = address_word(str(word), "port")
        if rank_at("struct ipc_set", address) == constant("RANK_SET"):
            show_set(at("struct ipc_set", address))
        else:
            show_port(checked("struct ipc_port", address, "RANK_PORT", "port"))

    @staticmethod
    def by_name(task, wanted):
        for name, entry in entries(space_of(task)):
            if name == wanted and not entry_is(entry, "DEAD_NAME"):
                return number(entry["port"])
        raise gdb.GdbError("%s has no port of the name 0x%x" % (task_name(task), wanted))


# --- one message ---

def disposition(value):
    return sibling_name(value, "MACH_MSG_TYPE_MOVE_SEND", "MACH_MSG_TYPE_") if value else "-"


def memory_line(pointer):
    if not pointer:
        return "memory, 0 bytes"
    copy = at("struct vm_map_copy", pointer)
    return "memory, %d bytes in %d pages at offset 0x%x, amap 0x%x" % (
        copy["size"], copy["pages"], copy["offset"], number(copy["amap"]))


def ports_line(descriptor, pointer):
    count = int(descriptor["count"])
    array = at(type_of("struct ipc_port").pointer().array(count - 1), pointer, "array of ports") if count else ()
    return "%d ports, %s: %s" % (count, disposition(descriptor["disposition"]),
                                 ", ".join(port_word(array[i]) for i in range(count)))


def descriptor_line(address, taken):
    descriptor = at("union mach_msg_descriptor", address)
    kind = int(descriptor["port"]["type"])
    if not taken:
        return "not translated yet: %s" % sibling_name(kind, "MACH_MSG_PORT_DESCRIPTOR", "MACH_MSG_")
    pointer = number(at(type_of("struct ipc_port").pointer(), address))
    if kind == constant("MACH_MSG_PORT_DESCRIPTOR"):
        return "%s, %s" % (port_word(pointer), disposition(descriptor["port"]["disposition"]))
    if kind == constant("MACH_MSG_OOL_DESCRIPTOR"):
        return memory_line(pointer) if has_type("struct vm_map_copy") else "memory 0x%x" % pointer
    if kind == constant("MACH_MSG_OOL_PORTS_DESCRIPTOR"):
        return ports_line(descriptor["ool_ports"], pointer)
    raise Damage("descriptor at 0x%x: type %d" % (address, kind))


def dump(address, size):
    for row in range(0, min(size, BODY_SHOWN), 16):
        data = bytes(gdb.selected_inferior().read_memory(address + row, min(16, size - row)))
        print("    %4d  %-47s  %s" % (row, data.hex(" "), "".join(chr(c) if 32 <= c < 127 else "." for c in data)))
    if size > BODY_SHOWN:
        print("    ... %d bytes in all" % size)


def show_message(message):
    header, flags = message["header"], flag_names(message["flags"], "enum kmsg_flags", "KMSG_")
    ident, size, token = int(header["msgh_id"]), int(header["msgh_size"]), message["token"]
    print("message 0x%x: id %d%s, %d bytes (room for %d)%s" % (
        address_of(message), ident, message_name(ident), size, message["capacity"], ", " + flags if flags else ""))
    print("  to %s (%s), reply to %s (%s)" % (port_word(message["remote"]), disposition(message["remote_kind"]),
                                              port_word(message["reply"]), disposition(message["reply_kind"])))
    print("  sender: label %d, uid %d, gid %d; %d notifications after it" % (
        token["label"], token["uid"], token["gid"], message["notices_after"]))
    count, kind = int(header["msgh_descriptor_count"]), type_of("union mach_msg_descriptor")
    start = address_of(header) + header.type.sizeof
    body = start + count * kind.sizeof
    if body > address_of(header) + size:
        raise Damage("0x%x: %d descriptors do not fit into %d bytes" % (address_of(message), count, size))
    for i in range(count):
        line = guarded(descriptor_line, start + i * kind.sizeof, i < int(message["taken"]))
        print("  descriptor %d: %s" % (i, line))
    print("  body: %d bytes" % (address_of(header) + size - body))
    dump(body, address_of(header) + size - body)


class Message(Command):
    name, usage, about, least, most = "msg", "ADDR", "a message in the kernel (struct ipc_kmsg)", 1, 1

    def run(self, word):
        message = at("struct ipc_kmsg", address_word(word, "message"))
        header = message["header"]
        if not header.type.sizeof <= int(header["msgh_size"]) <= int(message["capacity"]):
            raise Damage("0x%x: no message there (size %d, room for %d)" % (
                address_of(message), header["msgh_size"], message["capacity"]))
        show_message(message)


for command in (Ports, Port, Message):
    command()
