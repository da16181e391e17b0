"""What a ledger must always say, whatever people did: used by stories and by random people."""

from collections import Counter

from shop import MONDAY_10

from appliance.reports.daily import daily_report
from appliance.reports.days import day_at
from appliance.reports.fold import stories_of
from appliance.reports.record import record_of_story
from appliance.store.calls import CallBook
from appliance.store.settings import SettingsStore
from appliance.vocabulary.facts_handling import (
    ConferenceBegun,
    ConferenceEnded,
    ConsultBegun,
    ConsultEnded,
)
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import (
    AgentStateChanged,
    Bridged,
    CallEnded,
    CallEntered,
    CallQueued,
    RecordingClosed,
    RecordingOpened,
    TalkEnded,
    VisitEnded,
)

PAIRS = (
    ("calls", CallEntered, CallEnded),
    ("talks", Bridged, TalkEnded),
    ("conferences", ConferenceBegun, ConferenceEnded),
    ("consultations", ConsultBegun, ConsultEnded),
)
NAMED_PAIRS = (
    ("visits", CallQueued, VisitEnded, "visit"),
    ("recordings", RecordingOpened, RecordingClosed, "recording"),
)


class WrittenDown:
    """The ledger of a running box, in the place of a shop in virtual time."""

    def __init__(self, box):
        book = CallBook(box.folder / "calls.db")
        self.entries = book.entries_between(Utc(0.0), Utc(4e9))
        book.close()
        settings = SettingsStore(box.folder / "settings.db")
        self.site = settings.current()
        settings.close()
        self.board = box

    def facts(self, kind):
        return [entry.fact for entry in self.entries if isinstance(entry.fact, kind)]


def kept(shop):
    """Every entry once, as the ledger keeps them."""
    found = {}
    for entry in shop.entries:
        found.setdefault(entry.key, entry)
    return list(found.values())


def records_of(shop):
    """The calls' records that are no feature codes, in the order of entering."""
    stories = [one for one in stories_of(kept(shop)) if str(one.direction) != "service"]
    return [record_of_story(one) for one in stories]


def record_of(shop):
    """The first call's record."""
    return records_of(shop)[0]


def wrong_in_the_ledger(shop):
    """Everything that does not add up once all calls are over."""
    return [
        *unpaired(shop),
        *talks_that_do_not_add_up(shop),
        *not_reconciled(shop),
        *gaps_of_agents(shop),
        *left_over(shop),
    ]


def unpaired(shop):
    """Beginnings without an end, and ends without a beginning, call by call."""
    wrong = []
    for what, begin, end in PAIRS:
        begun = Counter(one.call for one in shop.entries if isinstance(one.fact, begin))
        ended = Counter(one.call for one in shop.entries if isinstance(one.fact, end))
        if begun != ended:
            wrong.append(f"{what}: begun {begun - ended}, ended {ended - begun}")
    for what, begin, end, name in NAMED_PAIRS:
        begun = Counter(getattr(one, name) for one in shop.facts(begin))
        ended = Counter(getattr(one, name) for one in shop.facts(end))
        if begun != ended:
            wrong.append(f"{what}: begun {begun - ended}, ended {ended - begun}")
    once = Counter(one.call for one in shop.entries if isinstance(one.fact, CallEnded))
    return wrong + [f"{call} ended {times} times" for call, times in once.items() if times > 1]


def talks_that_do_not_add_up(shop):
    """The customer's time, seen from outside: instants with somebody to talk to.

    Each leg's talk and hold fill the time from Bridged to TalkEnded; and the call's talk is never
    more than the time with any talk open, nor less than the longest of its talks.
    """
    wrong = []
    for record in records_of(shop):
        spans = open_talks(shop, record.call)
        for span, note in zip(spans, record.talks, strict=True):
            if abs(span[1] - span[0] - (note.talk or 0.0) - note.hold) > 0.002:
                wrong.append(f"{record.call}: {span} is not {note.talk} + {note.hold}")
        most = union(spans)
        longest = max((one.talk or 0.0 for one in record.talks), default=0.0)
        if not longest - 0.01 <= record.talk <= most + 0.01:
            wrong.append(f"{record.call}: talk {record.talk}, open for {most}, longest {longest}")
    return wrong


def open_talks(shop, call):
    """From when to when each talk was open, in the order of Bridged."""
    spans, open_ = [], {}
    for entry in kept(shop):
        if entry.call != call:
            continue
        if isinstance(entry.fact, Bridged):
            open_[entry.leg] = len(spans)
            spans.append([entry.mono, entry.mono])
        elif isinstance(entry.fact, TalkEnded):
            spans[open_.pop(entry.leg)][1] = entry.mono
    return spans


def union(spans):
    """Seconds covered by any of the spans."""
    total, until = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def not_reconciled(shop):
    """Lines of the day's report whose two sides differ."""
    day = day_at(Utc(MONDAY_10 + 5), "Asia/Shanghai")
    report = daily_report(kept(shop), shop.site, day, Utc(day.end))
    return [line.text for line in report.reconciliation if line.difference]


def gaps_of_agents(shop):
    """An agent's states follow one another: told twice, or not what he is said to be now."""
    last = {}
    for entry in kept(shop):
        if isinstance(entry.fact, AgentStateChanged):
            last[entry.fact.agent] = entry.fact.state
    return [
        f"agent {one.agent} is {one.state}, the ledger says {last[one.agent]}"
        for one in shop.board.live().agents
        if last.get(one.agent, one.state) != one.state
    ]


def left_over(shop):
    """Legs, calls, audio that nobody has any more."""
    exchange = shop.board._exchange
    left = {
        "calls": list(exchange.calls),
        "legs": list(exchange.call_of_leg),
        "audio": list(shop.audio),
        "at the far end": [leg for leg, state in shop.legs.items() if state != "over"],
        "slots": [name for name in shop.slots if name.startswith(("call:", "visit:"))],
    }
    return [f"left over: {what} {names}" for what, names in left.items() if names]
