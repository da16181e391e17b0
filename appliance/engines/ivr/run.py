"""One running flow of one call: a pure machine over plain, snapshottable state."""

from collections.abc import Callable
from datetime import datetime

from appliance.engines.ivr.commands import IvrCommand
from appliance.vocabulary.ids import FlowId, Instant, NodeName
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.shape import State, Value

LocalTime = Callable[[Instant], datetime]
"""The site's wall clock at an instant (call control knows zone and offset)."""


class CallFacts(Value, frozen=True, kw_only=True):
    """What a flow may know of its call."""

    caller: str = ""
    called: str = ""


class RunState(State, kw_only=True):
    """All that a run remembers. Put it into the call's slot as it is."""

    flow: FlowId
    language: Language
    facts: CallFacts
    node: NodeName = NodeName("")
    is_over: bool = False


class FlowRun:
    """A flow at work. Keep `state` in the call's slot; make the run anew from it after a restart.

    FlowRun(site=…, local_time=…, state=RunState(flow=…, language=…, facts=…)).start(now)
    A run keeps the site it was made with: it finishes on its version.
    """

    def __init__(self, *, site: Site, local_time: LocalTime, state: RunState) -> None:
        self.state = state

    def start(self, now: Instant) -> list[IvrCommand]:
        """Enter the flow's first node."""
        raise NotImplementedError

    def digit(self, digit: str, now: Instant) -> list[IvrCommand]:
        """The caller pressed a key."""
        raise NotImplementedError

    def play_ended(self, play: int, now: Instant) -> list[IvrCommand]:
        """What PlayUtterances(play) asked for is over (or could not be played)."""
        raise NotImplementedError

    def extension_missed(self, now: Instant) -> list[IvrCommand]:
        """The phone of RingExtension was not answered."""
        raise NotImplementedError

    def wake_at(self) -> Instant | None:
        """When `wake` wants to be called next."""
        raise NotImplementedError

    def wake(self, now: Instant) -> list[IvrCommand]:
        """Do what is due: the silence of a menu."""
        raise NotImplementedError

    @property
    def is_over(self) -> bool:
        """True after EnterQueue, GoToVoicemail or EndFlow."""
        return self.state.is_over
