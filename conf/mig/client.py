"""Writes the client side: NAME.h and NAME_client.c."""

from .wire import (check_counts, descriptors, header, message, parameters, prototype, put, put_variable, shape, source,
                   take_variable)


def client(r):
    variable = [a for a in r.outs if a.type.variable]
    text = message(r, False) + ("" if r.simple else message(r, True) + shape(r, True))
    text += prototype(r.name, [f"mach_port_t {r.request}"] + parameters(r.args, False)) + "\n{\n"
    text += declarations(r, variable) + "\n"
    text += check_counts(r.ins, "\t\treturn MIG_ARRAY_TOO_LARGE;\n")
    text += "\tmemset(&msg.in, 0, sizeof(msg.in));\n" + put(r.ins, "msg.in", False) + put_variable(r.ins)
    call = f"&msg.head, {r.request}, {r.id}, {descriptors(r.ins)}, wire_size"
    if r.simple:
        return text + f"\treturn mig_post({call});\n}}\n\n"
    text += f"\tkr = mig_call({call}, sizeof(msg), &{r.name}_result_shape);\n"
    text += "\tif (kr != KERN_SUCCESS)\n\t\treturn kr;\n"
    if not r.outs:
        return text + "\treturn mig_reply_end(&msg.head, sizeof(msg.out));\n}\n\n"
    if variable:
        take, bad = take_variable(variable, "msg.out.", "{}_part")
        text += "\twire_rest = mig_rest(&msg.head, sizeof(msg.out));\n" + take
        text += f"\tif ({bad})\n\t\treturn mig_reject(&msg.head, MIG_TYPE_ERROR);\n"
    else:
        text += "\tkr = mig_reply_end(&msg.head, sizeof(msg.out));\n\tif (kr != KERN_SUCCESS)\n\t\treturn kr;\n"
    for a in variable:
        if a.type.kind == "inline":
            text += f"\tif (msg.out.{a.name}_count > *{a.name}_count)\n"
            text += "\t\treturn mig_reject(&msg.head, MIG_ARRAY_TOO_LARGE);\n"
    return text + "".join(fetch(a) for a in r.outs) + "\treturn KERN_SUCCESS;\n}\n\n"


def declarations(r, variable):
    text = f"\tunion {{\n\t\tmach_msg_header_t head;\n\t\tstruct {r.name}_request in;\n"
    text += f"\t\tuint8_t room_in[{r.name.upper()}_REQUEST_MAX];\n"
    if not r.simple:
        text += f"\t\tstruct {r.name}_result out;\n"
        text += f"\t\tuint8_t room_out[{r.name.upper()}_RESULT_MAX + MACH_MSG_TRAILER_SIZE];\n"
    text += "\t} msg;\n\tuint32_t wire_size = sizeof(msg.in);\n"
    text += "".join(f"\tuint32_t {a.name}_count = mig_string_size({a.name}, {a.type.max});\n"
                    for a in r.ins if a.type.kind == "string")
    if not r.simple:
        text += "\tkern_return_t kr;\n"
    if variable:
        text += "\tstruct mig_rest wire_rest;\n"
    return text + "".join(f"\tconst {a.type.pointee} *{a.name}_part;\n" for a in variable)


def fetch(a):
    """Hands one checked result to the client's variable."""
    t, n = a.type, a.name
    if t.kind in ("scalar", "struct"):
        return f"\t*{n} = msg.out.{n};\n"
    if t.kind == "fixed":
        return f"\tmemcpy({n}, msg.out.{n}, sizeof(msg.out.{n}));\n"
    if t.kind == "port":
        return f"\t*{n} = msg.out.{n}.name;\n"
    if t.kind == "ool":
        return (f"\t*{n} = ({t.pointee} *)(uintptr_t)msg.out.{n}.address;\n"
                f"\t*{n}_count = msg.out.{n}.size / sizeof({t.base});\n")
    if t.kind == "ports":
        return f"\t*{n} = (mach_port_t *)(uintptr_t)msg.out.{n}.address;\n\t*{n}_count = msg.out.{n}.count;\n"
    text = f"\tmemcpy({n}, {n}_part, msg.out.{n}_count * sizeof({t.base}));\n"
    return text if t.kind == "string" else text + f"\t*{n}_count = msg.out.{n}_count;\n"


def client_files(p):
    routines = [r for r in p.routines if r]
    text = ""
    for r in routines:
        text += r.comment + "\n" if r.comment else ""
        text += prototype(r.name, [f"mach_port_t {r.request}"] + parameters(r.args, False)) + ";\n\n"
    return [(f"{p.name}.h", header(p, "", "The client side", text)),
            (f"{p.name}_client.c", source(p, f"{p.name}.h", "The client side", "".join(map(client, routines))))]
