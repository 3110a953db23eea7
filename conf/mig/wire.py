"""What both sides of a protocol have in common: the layout of messages and the parameters of functions.

On the wire, after the header: the descriptors, in the order of their arguments; one C struct with all scalars, structs, fixed arrays
and counts (a result's first member is ret_code); the variable parts, each padded to 8 bytes.
"""

import os


def parameters(args, server):
    """The C parameters of ARGS as a client (or, with SERVER, the server's function) sees them."""
    list = []
    for a in args:
        t, n, star = a.type, a.name, "*" if a.out else ""
        const = "" if a.out else "const "
        if t.kind == "scalar":
            list.append(f"{t.base} {star}{n}")
        elif t.kind == "port":
            list.append(f"mach_port_t {star}{n}")
            if a.out and server and t.port[2] is None:
                list.append(f"uint32_t *{n}_type")
        elif t.kind in ("struct", "string", "fixed"):
            list.append(f"{const}{t.base} *{n}")
        elif t.kind == "inline" or not server and not a.out:
            list.append(f"{const}{t.pointee} *{n}")
        else:
            list.append(f"{t.pointee} {star}*{n}")
        if t.counted:
            list.append(f"uint32_t {star}{n}_count")
    return list


def results(args):
    """The C parameters of NAME_reply(): by value what the server's function would have stored."""
    list = []
    for a in args:
        t, n = a.type, a.name
        if t.kind == "scalar":
            list.append(f"{t.base} {n}")
        elif t.kind == "port":
            list.append(f"mach_port_t {n}")
            if t.port[2] is None:
                list.append(f"uint32_t {n}_type")
        elif t.kind in ("ool", "ports"):
            list.append(f"{t.pointee} *{n}")
        else:
            list.append(f"const {t.pointee if t.kind == 'inline' else t.base} *{n}")
        if t.counted:
            list.append(f"uint32_t {n}_count")
    return list


def wrap(head, items, end, indent="\t"):
    """HEAD, ITEMS with commas, END in lines of at most 98 columns."""
    text, line = "", head
    for i, item in enumerate(items):
        piece = item + (", " if i + 1 < len(items) else end)
        if len(line.expandtabs()) + len(piece) > 98:
            text, line = text + line.rstrip() + "\n", indent
        line += piece
    return text + line


def prototype(name, params):
    return "kern_return_t\n" + wrap(f"{name}(", params or ["void"], ")")


def message(r, reply):
    """The struct of a message without its variable parts, and its largest size."""
    args = r.outs if reply else r.ins
    kinds = {"port": "port", "ool": "ool", "ports": "ool_ports"}
    lines = ["\tmach_msg_header_t head;"]
    lines += [f"\tmach_msg_{kinds[a.type.kind]}_descriptor_t {a.name};" for a in args if a.type.descriptor]
    if reply:
        lines.append("\tkern_return_t ret_code;")
    for a in args:
        if a.type.kind in ("scalar", "struct"):
            lines.append(f"\t{a.type.base} {a.name};")
        elif a.type.kind == "fixed":
            lines.append(f"\t{a.type.base} {a.name}[{a.type.max}];")
        elif a.type.variable:
            lines.append(f"\tuint32_t {a.name}_count;")
    tag = f"{r.name}_{'result' if reply else 'request'}"
    text = f"struct {tag} {{\n" + "\n".join(lines) + "\n} __attribute__((aligned(8)));\n\n"
    text += f"#define {tag.upper()}_MAX (sizeof(struct {tag})"
    text += "".join(f" + mig_pad({a.type.max} * sizeof({a.type.base}))" for a in args if a.type.variable) + ")\n"
    return text + (f"_Static_assert({tag.upper()}_MAX - {24 + 16 * descriptors(args)} <= MACH_MSG_BODY_MAX, "
                   f"\"{r.name}: the message can get too large\");\n\n")


def shape(r, reply):
    """What a receiver demands of the message."""
    args = [a for a in (r.outs if reply else r.ins) if a.type.descriptor]
    tag = f"{r.name}_{'result' if reply else 'request'}"
    text = ""
    for a in args:
        t = a.type
        type = {"port": "PORT", "ool": "OOL", "ports": "OOL_PORTS"}[t.kind]
        right = f"MACH_MSG_TYPE_{t.port[0]}" if t.port else "0"
        unit = "1" if t.kind == "port" else f"sizeof({t.base})"
        text += f"\t{{ MACH_MSG_{type}_DESCRIPTOR, {right}, {unit}, {limit(t)} }},\n"
    if args:
        text = f"static const struct mig_descriptor {tag}_descriptors[] = {{\n{text}}};\n\n"
    return text + (f"static const struct mig_shape {tag}_shape = {{ sizeof(struct {tag}), {len(args)}, "
                   f"{tag + '_descriptors' if args else 'NULL'} }};\n\n")


def limit(type):
    return type.max if type.max is not None else f"UINT32_MAX / sizeof({type.base})"


def descriptors(args):
    return sum(a.type.descriptor for a in args)


def put(args, m, reply):
    """Statements that store ARGS (C variables of these names) into the struct M of a message."""
    text = ""
    for a in args:
        t, n = a.type, a.name
        if t.kind == "scalar":
            text += f"\t{m}.{n} = {n};\n"
        elif t.kind == "struct":
            text += f"\t{m}.{n} = *{n};\n"
        elif t.kind == "fixed":
            text += f"\tmemcpy({m}.{n}, {n}, sizeof({m}.{n}));\n"
        elif t.kind == "port":
            right = f"MACH_MSG_TYPE_{t.port[1]}" if not reply else (
                f"MACH_MSG_TYPE_{t.port[2]}" if t.port[2] else f"{n}_type")
            text += f"\tmig_put_port(&{m}.{n}, {n}, {right});\n"
        elif t.kind == "ool":
            text += f"\tmig_put_ool(&{m}.{n}, {n}, {n}_count * sizeof({t.base}), {int(reply or t.dealloc)});\n"
        elif t.kind == "ports":
            right = t.port[1] if not reply else t.port[2] or "MOVE_SEND"
            text += f"\tmig_put_ports(&{m}.{n}, {n}, {n}_count, MACH_MSG_TYPE_{right}, {int(reply)});\n"
        else:
            text += f"\t{m}.{n}_count = {n}_count;\n"
    return text


def put_variable(args):
    """Statements that append the variable parts of ARGS to the message; `wire_size` grows."""
    return "".join(f"\twire_size = mig_put(&msg, wire_size, {a.name}, {a.name}_count * sizeof({a.type.base}));\n"
                   for a in args if a.type.variable)


def check_counts(args, fail):
    """Checks of the counts of ARGS against the protocol's limits."""
    return "".join(f"\tif ({a.name}_count > {limit(a.type)})\n{fail}" for a in args
                   if a.type.variable or a.type.counted and (a.type.max or a.type.base != "uint8_t"))


def take_variable(args, base, target):
    """Statements that find the variable parts of a received message, and the condition that one is bad."""
    text, bad = "", []
    for a in args:
        string = a.type.kind == "string"
        text += (f"\t{target.format(a.name)} = {'mig_take_string' if string else 'mig_take'}(&wire_rest, "
                 f"{base}{a.name}_count, {a.type.max}{'' if string else f', sizeof({a.type.base})'});\n")
        bad.append(f"{target.format(a.name)} == NULL")
    return text, " || ".join(bad + ["!mig_done(&wire_rest)"])


def header(p, suffix, what, text):
    guard = f"GEN_{p.name.upper()}{suffix}_H"
    return (f"/* {what} of {os.path.basename(p.path)}, made by conf/mig.py. */\n#ifndef {guard}\n#define {guard}\n\n"
            f"#include \"mach/mig.h\"\n" + "".join(f"#include {i}\n" for i in p.imports) + f"\n{text}#endif\n")


def source(p, include, what, text):
    return (f"/* {what} of {os.path.basename(p.path)}, made by conf/mig.py. */\n#include \"{include}\"\n"
            f"#include <string.h>\n\n{text}")
