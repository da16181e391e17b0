"""Questions to control, over run/control.sock: from the command line, the web and jobs.

One question a line; every question is answered by exactly one line, in order, except
WatchLive, after which a Live follows whenever something changed (at most four a second).
"""

from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.ids import FlowId
from appliance.vocabulary.live import Live
from appliance.vocabulary.lookups import LookedUp, LookUp
from appliance.vocabulary.shape import Command, Event, Value
from appliance.vocabulary.verbs import Verb, VerbAnswered


class LiveAsked(Command, frozen=True, kw_only=True):
    """Answered by LiveTold."""


class WatchLive(Command, frozen=True, kw_only=True):
    """LiveTold now and at each change."""


class StatusAsked(Command, frozen=True, kw_only=True):
    """Answered by StatusTold."""


class ReloadSite(Command, frozen=True, kw_only=True):
    """A new version stands in settings.db: take it up, dropping no call. Answered by Done."""


class ReloadPrompts(Command, frozen=True, kw_only=True):
    """New prompts stand in the prompt index. Answered by Done."""


class SealingsAsked(Command, frozen=True, kw_only=True):
    """Which recordings wait to be sealed? Answered by Sealings. Jobs asks at its start."""


class WatchSealings(Command, frozen=True, kw_only=True):
    """Sealings now and whenever one is added."""


class Sealed(Command, frozen=True, kw_only=True):
    """Jobs sealed this one. Answered by Done."""

    sealed: RecordingSealed


class FlowsInUseAsked(Command, frozen=True, kw_only=True):
    """Which versions of flows do calls run on? Answered by FlowsInUse."""


class WatchLookups(Command, frozen=True, kw_only=True):
    """What flows wait for: Lookups with all that is open now, then with each that comes."""


class LookupAnswered(Command, frozen=True, kw_only=True):
    """Jobs found this out. Answered by Done."""

    looked_up: LookedUp


class LiveTold(Event, frozen=True, kw_only=True):
    live: Live


class WorkerStatus(Value, frozen=True, kw_only=True):
    worker: int
    is_up: bool
    legs: int = 0
    ticks_late: int = 0
    worst_tick_ms: float = 0.0
    packets_in: int = 0
    packets_refused: int = 0


class StatusTold(Event, frozen=True, kw_only=True):
    version: str
    pid: int
    up_seconds: float
    """Since this process was started."""
    restarts: int
    calls: int
    calls_today: int
    registered_phones: int
    trunks_up: int
    trunks: int
    site_version: int
    site_name: str
    sip_port: int
    workers: tuple[WorkerStatus, ...] = ()
    bad_packets: int = 0
    sips_port: int = 0
    """SIP over TLS; 0: there is no certificate to listen with."""
    clock: str = ""
    """Local time that the box goes by, ISO 8601."""


class SealingWanted(Value, frozen=True, kw_only=True):
    recording: str
    call: str


class Sealings(Event, frozen=True, kw_only=True):
    wanted: tuple[SealingWanted, ...]


class FlowInUse(Value, frozen=True, kw_only=True):
    flow: FlowId
    version: int
    calls: int


class FlowsInUse(Event, frozen=True, kw_only=True):
    flows: tuple[FlowInUse, ...]


class Lookups(Event, frozen=True, kw_only=True):
    wanted: tuple[LookUp, ...]


class Done(Event, frozen=True, kw_only=True):
    text: str = ""


class Refused(Event, frozen=True, kw_only=True):
    """The question was not understood or a rule says no."""

    key: str
    sentence: str


ToControl = (
    LiveAsked
    | WatchLive
    | StatusAsked
    | ReloadSite
    | ReloadPrompts
    | SealingsAsked
    | WatchSealings
    | Sealed
    | WatchLookups
    | LookupAnswered
    | FlowsInUseAsked
    | Verb
)
FromControl = (
    LiveTold | StatusTold | Sealings | Lookups | FlowsInUse | Done | Refused | VerbAnswered
)
