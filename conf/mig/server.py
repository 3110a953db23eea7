"""Writes the server side: NAME_server.h and NAME_server.c."""

from .parse import REPLY_OFFSET
from .wire import (check_counts, descriptors, header, limit, message, parameters, prototype, put, put_variable, results,
                   shape, source, take_variable, wrap)


def server(r):
    variable = [a for a in r.ins if a.type.variable]
    text = message(r, False) + ("" if r.simple else message(r, True)) + shape(r, False)
    text += f"static void\n{r.name}_receive(struct mig_request *rq)\n{{\n"
    if r.ins:
        text += f"\tstruct {r.name}_request *in = (struct {r.name}_request *)rq->request;\n"
    if not r.simple:
        text += f"\tstruct {r.name}_result *out = (struct {r.name}_result *)rq->reply;\n"
    declare, passed, prepare, finish = outputs(r)
    if variable:
        text += "\tstruct mig_rest wire_rest;\n"
    text += "".join(f"\tconst {a.type.pointee} *{a.name};\n" for a in variable)
    text += declare + "\tkern_return_t kr;\n\n"
    text += f"\tif (!mig_accept(rq, &{r.name}_request_shape, {'false' if r.simple else 'true'}))\n\t\treturn;\n"
    if variable:
        take, bad = take_variable(variable, "in->", "{}")
        text += "\twire_rest = mig_rest(rq->request, sizeof(*in));\n" + take
    else:
        bad = f"!mig_ends(rq->request, sizeof(struct {r.name}_request))"
    text += f"\tif ({bad}) {{\n\t\tmig_refuse(rq, MIG_BAD_ARGUMENTS);\n\t\treturn;\n\t}}\n"
    if not r.simple:
        text += "\tmemset(out, 0, sizeof(*out));\n" + prepare
    text += wrap(f"\tkr = {r.name}_s(", ["rq"] + [p for a in r.ins for p in argument(a)] + passed, ");\n", "\t\t")
    if r.simple:
        return text + "\tif (kr != KERN_SUCCESS)\n\t\tmig_fail(rq, kr);\n}\n\n"
    text += "\tif (kr != KERN_SUCCESS) {\n\t\tmig_fail(rq, kr);\n\t\treturn;\n\t}\n"
    return text + finish + "}\n\n" + late(r)


def argument(a):
    """What the server's function is given for an in argument."""
    t, n = a.type, a.name
    if t.kind in ("scalar", "fixed"):
        return [f"in->{n}"]
    if t.kind == "struct":
        return [f"&in->{n}"]
    if t.kind == "port":
        return [f"in->{n}.name"]
    if t.kind == "string":
        return [n]
    if t.kind == "inline":
        return [n, f"in->{n}_count"]
    count = f"in->{n}.count" if t.kind == "ports" else f"in->{n}.size / sizeof({t.base})"
    return [f"({t.pointee} *)(uintptr_t)in->{n}.address", count]


def outputs(r):
    """For the results: declarations, what the function is given, what stands before its call and what follows its success."""
    declare, passed, prepare, store, pack = "", [], "", "", ""
    offset = "sizeof(*out)"
    for a in r.outs:
        t, n = a.type, a.name
        if t.kind in ("scalar", "struct", "fixed"):
            passed.append(f"out->{n}" if t.kind == "fixed" else f"&out->{n}")
        elif t.variable:
            declare += f"\t{t.base} *{n} = ({t.base} *)((uint8_t *)out + {offset});\n"
            offset += f" + mig_pad({t.max} * sizeof({t.base}))"
            passed.append(n)
            if t.kind == "inline":
                declare += f"\tuint32_t {n}_count = {t.max};\n"
                passed.append(f"&{n}_count")
            else:
                declare += f"\tuint32_t {n}_count;\n"
                prepare += f"\t{n}[0] = 0;\n"
                store += f"\t{n}_count = mig_string_size({n}, {t.max});\n"
            pack += f"\tout->{n}_count = {n}_count;\n"
            pack += f"\twire_size = mig_put(out, wire_size, {n}, {n}_count * sizeof({t.base}));\n"
        elif t.kind == "port":
            declare += f"\tmach_port_t {n} = MACH_PORT_NULL;\n"
            passed.append(f"&{n}")
            right = f"MACH_MSG_TYPE_{t.port[2]}"
            if t.port[2] is None:
                declare += f"\tuint32_t {n}_type = MACH_MSG_TYPE_MOVE_SEND;\n"
                passed.append(f"&{n}_type")
                right = f"{n}_type"
            store += f"\tmig_put_port(&out->{n}, {n}, {right});\n"
        else:
            declare += f"\t{t.pointee} *{n} = NULL;\n\tuint32_t {n}_count = 0;\n"
            passed += [f"&{n}", f"&{n}_count"]
            store += (f"\tmig_put_ool(&out->{n}, {n}, {n}_count * sizeof({t.base}), 1);\n" if t.kind == "ool" else
                      f"\tmig_put_ports(&out->{n}, {n}, {n}_count, MACH_MSG_TYPE_{t.port[2] or 'MOVE_SEND'}, 1);\n")
    count, size = descriptors(r.outs), "sizeof(*out)"
    if pack:
        declare += "\tuint32_t wire_size = sizeof(*out);\n"
        size = "wire_size"
    checks = [f"{a.name}_count > {limit(a.type)}" for a in r.outs
              if a.type.variable or a.type.counted and (a.type.max or a.type.base != "uint8_t")]
    if checks:
        store += f"\tif ({' || '.join(checks)}) {{\n\t\tmig_overflow(rq, {count});\n\t\treturn;\n\t}}\n"
    return declare, passed, prepare, store + pack + f"\tmig_succeed(rq, {count}, {size});\n"


def late(r):
    """NAME_reply(): the reply of a request that the server's function answered with MIG_NO_REPLY."""
    count, reply = descriptors(r.outs), r.id + REPLY_OFFSET
    strings = [a for a in r.outs if a.type.kind == "string"]
    text = prototype(f"{r.name}_reply", ["mach_port_t reply_port", "kern_return_t result"] + results(r.outs))
    text += f"\n{{\n\tunion {{\n\t\tmach_msg_header_t head;\n\t\tstruct {r.name}_result out;\n"
    text += f"\t\tuint8_t room[{r.name.upper()}_RESULT_MAX];\n\t}} msg;\n"
    text += "\tuint32_t wire_size = sizeof(msg.out);\n"
    text += "".join(f"\tuint32_t {a.name}_count;\n" for a in strings)
    text += f"\n\tif (result != KERN_SUCCESS)\n\t\treturn mig_reply_error(reply_port, {reply}, result);\n"
    text += "".join(f"\t{a.name}_count = mig_string_size({a.name}, {a.type.max});\n" for a in strings)
    text += "\tmemset(&msg.out, 0, sizeof(msg.out));\n" + put(r.outs, "msg.out", True)
    text += check_counts(r.outs, f"\t\treturn mig_reply_overflow(&msg.head, reply_port, {reply}, {count});\n")
    return text + put_variable(r.outs) + f"\treturn mig_reply(&msg.head, reply_port, {reply}, {count}, wire_size);\n}}\n\n"


def server_files(p):
    routines = [r for r in p.routines if r]
    head = "/* Handles a request of this protocol; false: the message is not one. */\n"
    head += f"bool\n{p.name}_server(struct mig_request *rq);\n\n"
    head += "/* NAME_s is what the server defines; NAME_reply answers late, after NAME_s returned MIG_NO_REPLY. */\n\n"
    for r in routines:
        head += prototype(f"{r.name}_s", ["struct mig_request *rq"] + parameters(r.args, True)) + ";\n\n"
        if not r.simple:
            head += prototype(f"{r.name}_reply", ["mach_port_t reply_port", "kern_return_t result"] + results(r.outs)) + ";\n\n"
    text = "".join(map(server, routines))
    text += f"bool\n{p.name}_server(struct mig_request *rq)\n{{\n\tswitch (rq->request->msgh_id) {{\n"
    for r in routines:
        text += f"\tcase {r.id}:\n\t\t{r.name}_receive(rq);\n\t\treturn true;\n"
    text += "\tdefault:\n\t\treturn false;\n\t}\n}\n"
    return [(f"{p.name}_server.h", header(p, "_SERVER", "The server side", head)),
            (f"{p.name}_server.c", source(p, f"{p.name}_server.h", "The server side", text))]
