"""mach maps, object, frames."""

from kernel import (Command, Damage, address_of, address_word, at, checked, constant, each, enum_name, follow, guarded,
                    lock_note, number, offset_of, page_shift, radix, rank_at, sibling_name, symbol_at, type_of,
                    variable)
from tasks import find_task, task_name

DEPTH_MAX = 64                  # of a balanced tree
PAGES_SHOWN = 32


# --- maps ---

def in_order(node, depth=0):
    """The tree_nodes of a subtree, left to right."""
    if depth > DEPTH_MAX:
        raise Damage("tree at 0x%x: deeper than %d" % (number(node), DEPTH_MAX))
    if number(node):
        found = at("struct tree_node", node)
        yield from in_order(found["child"][0], depth + 1)
        yield found
        yield from in_order(found["child"][1], depth + 1)


def map_entries(space):
    """The struct vm_entry of a map, by address."""
    ranges = space["ranges"]
    close = address_of(ranges["close"])
    for node in in_order(ranges["tree"]["root"]):
        address = address_of(node) - offset_of("struct range", "node")
        if address != close:
            yield at("struct vm_entry", address - offset_of("struct vm_entry", "range"))


def rights(value):
    """Read, write, execute stand in the bits 0, 1, 2."""
    return "".join(letter if int(value) >> bit & 1 else "-" for bit, letter in enumerate("rwx"))


def amap_words(entry):
    amap = follow(entry["amap"], "amap")
    return "amap 0x%x+%x refs %d pages %d%s%s" % (
        address_of(amap), entry["amap_index"], amap["refs"], amap["anons"]["count"],
        " shared" if amap["shared"] else "", " needs-copy" if entry["needs_copy"] else "")


def entry_line(entry):
    words = ["%014x-%014x %s/%s %-5s %s" % (
        entry["range"]["start"], entry["range"]["end"], rights(entry["protection"]),
        rights(entry["max_protection"]), sibling_name(entry["inheritance"], "VM_INHERIT_COPY", "VM_INHERIT_"),
        "private" if entry["private"] else "shared")]
    if entry["amap"]:
        words.append(amap_words(entry))
    if entry["object"]:
        words.append("%s 0x%x+%x" % (object_kind(follow(entry["object"])), number(entry["object"]), entry["offset"]))
    if entry["wired"]:
        words.append("wired %d" % entry["wired"])
    print(" ".join(words))


class Maps(Command):
    name, usage, about, least, most = "maps", "TASK", "the entries of a task's address map", 1, 1

    def run(self, word):
        task = find_task(word)
        if not task["map"]:
            raise Damage("%s has no address map" % task_name(task))
        space = follow(task["map"])
        owner = space["lock"]["owner"]
        if owner:
            print("locked by thread %d, entries may be half changed" % follow(owner)["id"])
        for entry in map_entries(space):
            guarded(entry_line, entry)
        print("%d KB mapped" % (int(space["size"]) >> 10))


# --- objects ---

def object_kind(found):
    """`device`, `frames`, `pager`: by the functions it has."""
    return symbol_at(number(found["ops"])).replace("_ops", "") or "object"


def page_line(index, page):
    print("    page %d: frame 0x%x, references %d, flags 0x%x, wired %d, pins %d" % (
        index, frame_address(page), page["refs"], page["flags"], page["wired"], page["pins"]))


def pages_lines(pages, page_of):
    for shown, (index, pointer) in enumerate(radix(pages)):
        if shown == PAGES_SHOWN:
            print("    ... %d in all" % pages["count"])
            break
        guarded(lambda: page_line(index, page_of(pointer)))


def pager_lines(found):
    pager = at("struct pager", address_of(found) - offset_of("struct pager", "object"))
    print("  pager: %s%s%s, port 0x%x, control port 0x%x" % (
        enum_name(pager["state"], "enum pager_state", "PAGER_"), ", may be cached" if pager["may_cache"] else "",
        "" if pager["listed"] else ", not listed", number(pager["port"]), number(pager["control"])))
    print("  %d pages, %d requested" % (pager["pages"]["count"], pager["requests"]["count"]))
    pages_lines(pager["pages"], lambda pointer: at("struct page", pointer))


def users_lines(entries, member):
    for entry in each(entries, "struct vm_entry", member):
        task = follow(follow(entry["map"])["task"])
        print("    mapped by %s at 0x%x-0x%x" % (task_name(task), entry["range"]["start"], entry["range"]["end"]))


def show_object(found):
    kind, size = object_kind(found), int(found["size"])
    print("%s object 0x%x: references %d, %s%s" % (
        kind, address_of(found), found["refs"], "0x%x bytes" % size if size < 1 << 63 else "any size",
        lock_note(found["lock"])))
    if kind == "pager":
        guarded(pager_lines, found)
    else:
        whole = at("struct physical_object", address_of(found) - offset_of("struct physical_object", "object"))
        print("  physical 0x%x" % whole["base"])
    guarded(users_lines, found["entries"], "object_link")


def anon_line(index, anon):
    slot = int(anon["slot"])
    if anon["page"]:
        page_line(index, follow(anon["page"]))
    else:
        print("    %d: in swap, slot %d" % (index, slot))


def anons_lines(anons):
    for shown, (index, pointer) in enumerate(radix(anons)):
        if shown == PAGES_SHOWN:
            print("    ... %d in all" % anons["count"])
            break
        guarded(anon_line, index, at("struct anon", pointer))


def show_amap(amap):
    print("amap 0x%x: references %d, %d pages%s%s%s" % (
        address_of(amap), amap["refs"], amap["anons"]["count"], ", shared" if amap["shared"] else "",
        ", windows may overlap" if amap["overlap"] else "", lock_note(amap["lock"])))
    if amap["task"]:
        print("  charged to %s" % task_name(follow(amap["task"])))
    guarded(users_lines, amap["entries"], "amap_link")
    anons_lines(amap["anons"])


class Object(Command):
    name, usage, about, least, most = "object", "ADDR", "a memory object or amap: users, pages, pager", 1, 1

    def run(self, word):
        address = address_word(word, "memory object")
        if rank_at("struct amap", address) == constant("RANK_AMAP"):
            show_amap(at("struct amap", address))
        else:
            show_object(checked("struct vm_object", address, "RANK_OBJECT", "memory object"))


# --- frames ---

def frame_address(page):
    """Physical."""
    frames, kind = variable("frames", "struct buddy"), type_of("struct page")
    index = (address_of(page) - number(frames["pages"])) // kind.sizeof
    return (int(frames["first"]) + index) << page_shift()


def find_page(address):
    """The struct page of a physical address, or at an address inside the page array."""
    frames, kind = variable("frames", "struct buddy"), type_of("struct page")
    index = (address >> page_shift()) - int(frames["first"])
    inside = address - number(frames["pages"])
    if 0 <= inside < int(frames["count"]) * kind.sizeof:
        index = inside // kind.sizeof
    if not 0 <= index < int(frames["count"]):
        raise Damage("0x%x: no RAM there" % address)
    return at("struct page", number(frames["pages"]) + index * kind.sizeof)


def show_page(page):
    state = int(page["state"])
    print("frame 0x%x, struct page 0x%x: %s%s" % (
        frame_address(page), address_of(page), enum_name(state, "enum page_state", "PAGE_"),
        ", block of order %d" % page["order"] if state == constant("PAGE_FREE") else ""))
    if state == constant("PAGE_USED"):
        print("  for %s, order %d, references %d, flags 0x%x, owner 0x%x, offset 0x%x, wired %d, pins %d" % (
            enum_name(page["use"], "enum page_use", "PAGE_USE_"), page["order"], page["refs"], page["flags"],
            number(page["owner"]), page["offset"], page["wired"], page["pins"]))


def show_frames():
    frames = variable("frames", "struct buddy")
    caches = variable("caches", "struct frame_cache")
    cached = sum(int(caches[i]["count"]) for i in range(caches.type.range()[1] + 1))
    for order in range(frames["blocks"].type.range()[1] + 1):
        print("order %2d: %6d free blocks of %4d KB" % (
            order, frames["blocks"][order], (1 << page_shift() << order) >> 10))
    print("and %d single frames cached by CPUs" % cached)
    print("%d frames free, %d total" % (int(frames["free"]) + cached, variable("frames_total")))
    used = variable("frames_used")
    for use in range(constant("PAGE_USES")):
        count = sum(int(used[cpu][use]) for cpu in range(used.type.range()[1] + 1))
        print("  %-8s %8d frames" % (enum_name(use, "enum page_use", "PAGE_USE_"), count))


class Frames(Command):
    name, usage, most = "frames", "[ADDR]", 1
    about = "free blocks by order, or one frame (physical address, or of its struct page)"

    def run(self, word=None):
        if word:
            show_page(find_page(address_word(word, "frame")))
        else:
            show_frames()


for command in (Maps, Object, Frames):
    command()
