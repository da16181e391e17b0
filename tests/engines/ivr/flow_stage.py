"""A stage for stories about flows: a real FlowRun, a clock that is a number, a caller's ear."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from appliance.engines.ivr.commands import (
    DigitUsed,
    EnterNode,
    IvrCommand,
    PlayUtterances,
    StopPlaying,
)
from appliance.engines.ivr.run import CallFacts, FlowRun, RunState
from appliance.vocabulary.ids import (
    CalendarId,
    ExtensionNumber,
    FlowId,
    Instant,
    NodeName,
    QueueId,
)
from appliance.vocabulary.settings import (
    Calendar,
    Extension,
    Flow,
    Language,
    OpenHours,
    Queue,
    Site,
)

OFFICE = Calendar(
    id=CalendarId("office"),
    open=(OpenHours(days="mon-fri", from_="09:00", to="18:00"),),
    holidays="cn",
)

SHOP: dict[str, dict[str, object]] = {
    "hours": {"kind": "hours", "calendar": "office", "open": "notice", "closed": "closed"},
    "notice": {"kind": "play", "text": "您好，本次通话将被录音。", "next": "menu"},
    "menu": {
        "kind": "menu",
        "text": "销售请按1，重听请按星号键。",
        "keys": {"1": "sales", "*": "menu"},
        "timeout_seconds": 5,
        "attempts": 2,
        "otherwise": "sales",
    },
    "sales": {"kind": "queue", "queue": "sales"},
    "closed": {"kind": "voicemail", "box": "sales", "text": "现在是非工作时间。"},
}

MONDAY_TEN = datetime(2026, 3, 2, 10, 0)


def flow_of(nodes: Mapping[str, dict[str, object]], start: str) -> Flow:
    """A flow "main" of these nodes."""
    return Flow(
        id=FlowId("main"),
        start=NodeName(start),
        node={NodeName(name): table for name, table in nodes.items()},
    )


def site_of(nodes: Mapping[str, dict[str, object]], start: str) -> Site:
    """A site of one flow, one queue, one calendar, one phone."""
    return Site(
        flow=(flow_of(nodes, start),),
        queue=(Queue(id=QueueId("sales")),),
        calendar=(OFFICE,),
        extension=(Extension(number=ExtensionNumber("8001")),),
    )


class Caller:
    """A call in a flow: `caller.press("1")`; `heard` is what was said, `log` every command."""

    def __init__(
        self,
        nodes: Mapping[str, dict[str, object]],
        start: str,
        local: datetime = MONDAY_TEN,
        site: Site | None = None,
    ) -> None:
        self.now = Instant(0.0)
        self.log: list[IvrCommand] = []
        self.local = local
        self.site = site or site_of(nodes, start)
        self.run = self._run(
            RunState(flow=FlowId("main"), language=Language.ZH, facts=CallFacts(caller="138"))
        )
        self._note(self.run.start(self.now))

    def _run(self, state: RunState) -> FlowRun:
        return FlowRun(
            site=self.site,
            local_time=lambda now: self.local + timedelta(seconds=now),
            state=state,
        )

    def resume(self, site: Site | None = None) -> None:
        """Call control was killed and is back, from the slot alone."""
        slot = msgspec.msgpack.encode(self.run.state)
        self.site = site or self.site
        self.run = self._run(msgspec.msgpack.decode(slot, type=RunState))

    def _note(self, commands: list[IvrCommand]) -> list[IvrCommand]:
        self.log += commands
        return commands

    # --- what happens ---
    def press(self, digits: str) -> list[IvrCommand]:
        commands: list[IvrCommand] = []
        for digit in digits:
            commands += self._note(self.run.digit(digit, self.now))
        return commands

    def hears_out(self) -> list[IvrCommand]:
        """What plays is played to its end."""
        return self._note(self.run.play_ended(self.run.state.plays, self.now))

    def waits(self, seconds: float) -> list[IvrCommand]:
        """Time passes without a key."""
        end = Instant(self.now + seconds)
        commands: list[IvrCommand] = []
        while (due := self.run.wake_at()) is not None and due <= end:
            self.now = due
            commands += self._note(self.run.wake(self.now))
        self.now = end
        return commands

    def is_missed(self) -> list[IvrCommand]:
        return self._note(self.run.extension_missed(self.now))

    # --- what is seen ---
    @property
    def path(self) -> list[tuple[str, str]]:
        return [(c.node, c.why) for c in self.log if isinstance(c, EnterNode)]

    @property
    def plays(self) -> list[PlayUtterances]:
        return [c for c in self.log if isinstance(c, PlayUtterances)]

    @property
    def heard(self) -> list[list[str]]:
        return [[utterance.shown for utterance in play.utterances] for play in self.plays]

    @property
    def stops(self) -> int:
        return sum(isinstance(c, StopPlaying) for c in self.log)

    @property
    def keys(self) -> list[tuple[str, str]]:
        return [(c.digit, c.leads_to) for c in self.log if isinstance(c, DigitUsed)]
