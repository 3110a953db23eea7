"""Exercise 2.8: notifications."""

from lab2_base import INVALID_ARGUMENT, INVALID_RIGHT, RCV_TIMED_OUT, SEND_INVALID_RIGHT, SUCCESS, code, compare, lab2, program
from lib.observed import Sequence, together


NO_SENDERS, SEND_ONCE, DEAD_NAME, DELETED = 70, 71, 72, 65
NOTE = {NO_SENDERS: "no-senders", SEND_ONCE: "send-once (a registration that was replaced)", DEAD_NAME: "dead-name", DELETED: "port-deleted"}


def news_text(news):
    return "; ".join("%s, %s" % (NOTE.get(n[0], "id %d" % n[0]), n[1]) for n in news) or "no notification"


def check_news(s, what, want, lines):
    got = [(line[0], None if line[0] == SEND_ONCE else line[1]) for line in lines]
    s.check(want == got, what, news_text(want), news_text(got))
    for line in lines:
        s.equal("%s: the sender's label, the kernel's" % what, 0, line[2])


SENDERS = ("make a send right", "make a send right", "deallocate", "deallocate", "deallocate", "move one into a message", "receive and drop one",
           "register", "register")


class SendersStep:
    """What one step of `senders` must come to."""

    def __init__(self, kind, before, made, registered):
        self.kind, self.before, self.made, self.registered = kind, before, made, registered
        self.result, self.sync, self.news = SUCCESS, None, []


def senders_expected(seed):
    """The 120 steps of this seed."""
    draw, refs, queued, made, registered, steps = Sequence(seed), 0, 0, 0, False, []
    for _ in range(120):
        step = SendersStep(draw.below(9), refs + queued, made, registered)
        if step.kind < 2:
            refs, made = refs + 1, made + 1
        elif step.kind < 5:
            step.result, refs = (SUCCESS, refs - 1) if refs else (INVALID_RIGHT, 0)
        elif step.kind == 5:
            step.result, refs, queued = (SUCCESS, refs - 1, queued + 1) if refs else (SEND_INVALID_RIGHT, 0, queued)
        elif step.kind == 6:
            step.result, queued = (SUCCESS, queued - 1) if queued else (RCV_TIMED_OUT, 0)
        else:
            step.sync = draw.below(3)
            fires = step.before == 0 and step.sync == 0
            step.news = ([(NO_SENDERS, made)] if fires else []) + ([(SEND_ONCE, None)] if registered else [])
            registered = not fires
        if step.kind < 7 and step.before and refs + queued == 0 and registered:
            step.news, registered = [(NO_SENDERS, made)], False
        step.made = made
        steps.append(step)
    return steps


def senders_seed(s):
    """A seed in which everything that can happen does, twice at least."""
    while True:
        seed = s.random.getrandbits(48) | 1
        steps = senders_expected(seed)
        asked = [step for step in steps if step.kind >= 7]
        if min(sum(step.before == 0 and step.sync == 0 for step in asked), sum(step.before == 0 and step.sync > 0 for step in asked),
               sum(step.registered for step in asked), sum(step.kind < 7 and step.news != [] for step in steps)) >= 2:
            return seed


@lab2("lab2-notify-senders", exercise="2.8",
      look="no_senders_fire, register_no_senders: once per registration, when the last right goes, with the make-send count")
def notify_senders(s):
    """120 steps with the send rights of one port: when no-senders comes, and what it says."""
    seed, found = program(s, "notify", "senders", senders_seed(s))
    at = 0
    for n, step in enumerate(senders_expected(seed)):
        what = "step %d (%s; %d rights before)" % (n + 1, SENDERS[step.kind], step.before)
        if step.kind >= 7:
            line = found[at]
            at += 1
            s.equal(what + ": observation", "registered", line.word)
            s.equal(what + ": sync beyond the make-send count, and was something registered before", [step.sync, int(step.registered)], line.numbers)
        line = found[at]
        s.equal(what + ": observation", "step", line.word)
        s.equal(what + ": kind", step.kind, line[0])
        s.check(line[1] == step.result, what + ": result", code(step.result), code(line[1]))
        s.equal(what + ": make-send count", step.made, line[2])
        at += 1
        news = []
        while found[at].word == "news":
            news.append(found[at])
            at += 1
        check_news(s, what, step.news, news)


@lab2("lab2-notify-dead", exercise="2.8", look="register_dead_name, requests_fire; each dead-name notification brings a reference (bury, dead_already)")
def notify_dead(s):
    """Dead-name requests: registered once, twice, on a name that goes first, on one that is dead already."""
    seed, found = program(s, "notify", "dead")
    draw, at = Sequence(seed), 0

    def news():
        nonlocal at
        lines = []
        while found[at].word == "news":
            lines.append(found[at])
            at += 1
        return lines

    def line(word):
        nonlocal at
        at += 1
        s.equal("observation", word, found[at - 1].word)
        return found[at - 1]

    kinds = ("one request", "two requests, one after the other", "a request, then the name is destroyed", "no request until the port is dead")
    for n in range(12):
        kind, refs = n % 4, 1 + draw.below(5)
        what = "%s (%d references)" % (kinds[kind], refs)
        head = line("case")
        s.equal("case of this seed", [kind, refs], head.numbers[:2])
        name = head[2]
        compare(s, what, ("result", "something was registered", "something was registered at the second request"), [(0, 0, int(kind == 1))],
                [line("registered")])
        want = {0: [(DEAD_NAME, name)], 1: [(SEND_ONCE, None), (DEAD_NAME, name)], 2: [(DELETED, name)], 3: []}[kind]
        check_news(s, what + ": when the port has died", want, news())
        dead = {0: refs + 1, 1: refs + 1, 2: 0, 3: refs}[kind]
        compare(s, what, ("a dead name", "references"), [(int(kind != 2), dead)], [line("dead")])
        if kind == 3:
            compare(s, what + ", then requests with sync 0 and 1", ("result", "result", "references"), [(INVALID_ARGUMENT, SUCCESS, refs + 1)],
                    [line("late")])
            check_news(s, what + ", with sync 1", [(DEAD_NAME, name)], news())


@lab2("lab2-notify-together", exercise="2.8", look="the tests above pass alone: which request or reference stays behind?",
      needs=("lab2-notify-senders", "lab2-notify-dead"))
def notify_together(s):
    """The tests above one after the other on one machine, other seeds: what one leaves behind, the next one meets."""
    together(s, notify_senders, notify_dead)
