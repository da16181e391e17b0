"""Whatever a flow is, whatever its caller does and whatever is broken: no flow hangs.

Random flows over all kinds of nodes, right or wrong ones, run as call control runs them. At every
moment something is to come: a sound's end, a timer, a phone, an answer. In the end every caller is
handed on or told good-bye, within a bound, and exactly once.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.engines.ivr.commands import (
    AskCallback,
    AskSurvey,
    EndFlow,
    EnterNode,
    EnterQueue,
    GoToVoicemail,
    IvrCommand,
    RingExtension,
    RingOutside,
)
from appliance.engines.ivr.nodes import NODE_KINDS
from appliance.engines.ivr.run import MOST_NODES, FlowRun, RunState
from appliance.vocabulary.ids import (
    CalendarId,
    ExtensionNumber,
    FlowId,
    Instant,
    NodeName,
    QueueId,
)
from appliance.vocabulary.lookups import Answer, LookupResult
from appliance.vocabulary.settings import Calendar, Extension, Flow, Language, Queue, Site

ENDS = (EnterQueue, GoToVoicemail, EndFlow)
WAITING = (RingExtension, RingOutside, AskCallback, AskSurvey)
NAMES = ("a", "b", "c", "d", "e")
KINDS: dict[str, tuple[dict[str, object], str, str]] = {
    "play": ({"text": "Hello."}, "next", ""),
    "menu": ({"text": "Press."}, "", "otherwise"),
    "queue": ({"queue": "sales", "text": "One moment."}, "", ""),
    "hours": ({"calendar": "office"}, "open closed", "holiday"),
    "voicemail": ({"box": "sales"}, "", ""),
    "extension": ({"extension": "8001"}, "", "otherwise"),
    "hangup": ({}, "", ""),
    "consent": ({"text": "Recorded."}, "next", ""),
    "language": ({"language": "pl"}, "next", ""),
    "say": ({"value": "{x}", "read_as": "number"}, "next", "otherwise"),
    "set": ({"variable": "x", "value": "{x}1"}, "next", ""),
    "branch": ({"on": "x"}, "otherwise", ""),
    "collect": ({"text": "Number?", "variable": "x", "max_digits": 3}, "next", "otherwise"),
    "dial": ({"text": "Extension?"}, "", "otherwise"),
    "outside": ({"number": "9138001380000"}, "", "otherwise"),
    "subflow": ({}, "next", ""),
    "return": ({}, "", ""),
    "lookup": ({"table": "t", "text": "Wait."}, "found", "not_found otherwise"),
    "http": ({"service": "s"}, "found", "not_found otherwise"),
    "webhook": ({"webhook": "w", "what": "told"}, "next", ""),
    "directory": ({"text": "Name?"}, "", "otherwise"),
    "record": ({"text": "Speak.", "max_seconds": 5}, "next", ""),
    "callback": ({"queue": "sales"}, "", "otherwise"),
    "survey": ({"survey": "how"}, "next", ""),
}
"""Kind to its settings, the targets that it must have and those that it may have."""

MOST_STEPS = 50 * MOST_NODES
"""Every node that a silent caller comes to, and whatever it says and waits for."""

name = st.sampled_from((*NAMES, *NAMES, *NAMES, "nowhere"))


@st.composite
def tables(draw: st.DrawFn) -> dict[str, object]:
    """One node of any kind."""
    kind = draw(st.sampled_from(NODE_KINDS))
    own, must, may = KINDS[kind]
    table: dict[str, object] = {"kind": kind, **own}
    table |= {key: draw(name) for key in must.split()}
    table |= {key: draw(name) for key in may.split() if draw(st.booleans())}
    if kind == "menu":
        table["keys"] = draw(st.dictionaries(st.sampled_from("123*"), name, min_size=1))
    if kind == "branch":
        table["cases"] = draw(st.dictionaries(st.sampled_from(("1", "1*", "")), name))
    if kind == "subflow":
        table["flow"] = draw(st.sampled_from(("main", "other", "gone")))
    if kind == "record" and draw(st.booleans()):
        table["review_text"] = "1, 2 or 3?"
    if kind in ("play", "record", "lookup") and draw(st.booleans()):
        table["text"] = ""
    return table


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Two flows of a few nodes each."""
    flows = [
        Flow(
            id=FlowId(flow),
            start=NodeName(draw(name)),
            node={NodeName(one): draw(tables()) for one in NAMES[: draw(st.integers(4, 5))]},
        )
        for flow in ("main", "other")
    ]
    return Site(
        flow=tuple(flows),
        queue=(Queue(id=QueueId("sales")),),
        calendar=(Calendar(id=CalendarId("office"), closed_dates=("03-02",)),),
        extension=tuple(
            Extension(number=ExtensionNumber(number), name=who)
            for number, who in (("8001", "Anna"), ("8002", "Ann"))
        ),
    )


DOINGS = st.lists(
    st.sampled_from((*"0123456789*#", "silent", "deaf", "lost", "killed")), max_size=25
)
"""A key; nothing; what plays cannot be played; its end gets lost; control is killed."""
ANSWERS = st.lists(st.sampled_from((*LookupResult, None)), min_size=1, max_size=4)
"""None: nobody answers."""


class Call:
    """A caller in a flow, driven as call control does."""

    def __init__(self, site: Site, answers: list[LookupResult | None]) -> None:
        self.site, self.answers = site, answers
        self.now = Instant(0.0)
        self.run = self.made(RunState(flow=FlowId("main"), language=Language.EN))
        self.log: list[IvrCommand] = self.run.start(self.now)

    def made(self, state: RunState) -> FlowRun:
        def local(now: Instant) -> datetime:
            return datetime(2026, 3, 2, 10, 0) + timedelta(seconds=now)

        return FlowRun(site=self.site, local_time=local, state=state)

    def goes_on(self, doing: str) -> None:
        """One thing happens: what he does, else what is to come anyhow."""
        state = self.run.state
        if isinstance(self.log[-1], WAITING):
            self.log += self.run.extension_missed(self.now)
        elif doing == "killed":
            slot = msgspec.msgpack.encode(state)
            self.run = self.made(msgspec.msgpack.decode(slot, type=RunState))
        elif state.asked is not None and self.answers and doing != "lost":
            self._looks_up()
        elif len(doing) == 1:
            self.log += self.run.digit(doing, self.now)
        elif state.is_playing and doing == "deaf":
            self.log += self.run.unplayable(state.plays, self.now)
        elif state.is_playing and doing != "lost":
            self.log += self.run.play_ended(state.plays, self.now)
        else:
            due = self.run.wake_at()
            assert due is not None, f"nothing is to come any more: {self.log[-3:]}"
            self.now = due
            self.log += self.run.quiet(self.now) if doing == "deaf" else []
            self.log += self.run.wake(self.now)

    def _looks_up(self) -> None:
        asked, result = self.run.state.asked, self.answers.pop(0)
        if asked is not None and result is not None:
            answer = Answer(result=result, values={"x": "1"})
            self.log += self.run.looked_up(asked.number, answer, self.now)


def test_every_kind_is_among_them() -> None:
    assert set(KINDS) == set(NODE_KINDS)


@settings(max_examples=400)
@given(site=sites(), doings=DOINGS, answers=ANSWERS)
def test_no_flow_hangs(site: Site, doings: list[str], answers: list[Any]) -> None:
    call = Call(site, answers)
    for doing in doings:
        if call.run.is_over:
            break
        call.goes_on(doing)
    entered = sum(isinstance(one, EnterNode) for one in call.log)
    for _ in range(MOST_STEPS):
        if call.run.is_over:
            break
        call.goes_on("silent")
    assert call.run.is_over, f"it goes on for ever: {[one for one in call.log[-20:]]}"
    assert [isinstance(one, ENDS) for one in call.log].count(True) == 1
    assert isinstance(call.log[-1], ENDS)
    silent = sum(isinstance(one, EnterNode) for one in call.log) - entered
    assert silent <= MOST_NODES + 1 + len(NAMES), "who presses nothing is sent round and round"
    assert call.run.wake_at() is None
