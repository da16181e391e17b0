"""The people of a simulated day, as a file describes them: who calls, how long he waits and talks,
and who sits at the desks. Every chance comes from one function, so a seed makes a day again.
"""

from collections.abc import Callable, Iterator
from math import log

from msgspec.structs import replace

from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import (
    AgentId,
    ExtensionNumber,
    FlowId,
    NodeName,
    QueueId,
    Seconds,
    TrunkId,
)
from appliance.vocabulary.settings import (
    Agent,
    Extension,
    Flow,
    Queue,
    Route,
    Site,
    SiteFacts,
    Trunk,
)
from appliance.vocabulary.shape import Value

Uniform = Callable[[], float]
"""A number from 0 to below 1, another one at each call."""

DAY_MINUTES = 24 * 60
MOST_AGENTS = 1000


class Arrivals(Value, frozen=True, kw_only=True, rename={"from_": "from"}):
    """[[arrivals]]: callers who come by chance, evenly, between two times of the day."""

    from_: str
    to: str
    calls: float
    """How many on average (a Poisson stream)."""
    queue: QueueId | None = None
    """They stand in this queue at once; None: they call the day's number."""


class Shift(Value, frozen=True, kw_only=True, rename={"from_": "from"}):
    """[[shift]]: who is signed in from when to when, each at his own phone."""

    agents: tuple[AgentId, ...]
    from_: str
    to: str


class StaffChange(Value, frozen=True, kw_only=True, rename={"from_": "from"}):
    """[[change]]: what if there were so many agents more, or fewer, in one queue for a time?"""

    queue: QueueId
    agents: int
    """1: one more, who has the skills that the queue asks for; -1: one less."""
    from_: str
    to: str


SHOP_QUEUE = QueueId("queue")


class PlainShop(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[shop]: one queue (SHOP_QUEUE) and so many agents who are there all day, for the bare sums:
    no menu, no notice, no limit of the wait. A whole site says more."""

    agents: int
    strategy: str = "longest-idle"
    wrap_up_seconds: float = 0
    timezone: str = "Asia/Shanghai"


class SimulatedDay(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole day file."""

    date: str
    site: str = ""
    """Another site file, found from where this one lies; empty: [shop], or the box's own."""
    shop: PlainShop | None = None
    seed: int = 1
    number: str = "4000000000"
    """Which number they call."""
    trunk: str = ""
    """By which trunk; empty: the site's first."""
    keys: str = ""
    """Keys that each caller presses, one at each menu."""
    patience_seconds: float = 0
    """How long a caller waits in a queue before he gives up, on average (exponential); 0: for
    ever."""
    talk_seconds: float = 180
    """On average (exponential). Wrap-up is the queue's."""
    answer_seconds: float = 3
    """How long a ringing agent takes to pick up."""
    message_seconds: float = 20
    """How long a message is."""
    arrivals: tuple[Arrivals, ...] = ()
    shift: tuple[Shift, ...] = ()
    """Who is on none of them is not there. No shift at all: those whom the site signs in, all
    day."""
    change: tuple[StaffChange, ...] = ()
    strategies: dict[QueueId, str] = {}
    """What if these queues had another strategy?"""
    wrap_up_seconds: float | None = None
    """What if each queue's wrap-up were so long? None: as the site says."""


class Caller(Value, frozen=True, kw_only=True):
    """One who will call, with what chance has given him."""

    at: Seconds
    """Since midnight."""
    number: str
    patience: float
    """Seconds; infinity for who never gives up."""
    talk: float
    queue: QueueId | None = None
    """In which he stands at once; None: he calls the day's number."""


def plain_site(shop: PlainShop) -> Site:
    """Return the site of a [shop]. RefusedError for a shop without agents, or too many."""
    if not 1 <= shop.agents <= MOST_AGENTS:
        raise RefusedError("agents", f"A shop has 1 to {MOST_AGENTS} agents.")
    numbers = range(1000, 1000 + shop.agents)
    queue = Queue(
        id=SHOP_QUEUE,
        agents=tuple(AgentId(str(number)) for number in numbers),
        strategy=shop.strategy,
        wrap_up_seconds=shop.wrap_up_seconds,
        max_wait_seconds=86400,
        max_waiting=10000,
        announce_position_seconds=0,
        record=False,
        announce_agent=False,
    )
    node: dict[NodeName, dict[str, object]] = {
        NodeName("queue"): {"kind": "queue", "queue": SHOP_QUEUE}
    }
    trunk = TrunkId("carrier")
    return Site(
        site=SiteFacts(name="simulated", timezone=shop.timezone),
        extension=tuple(Extension(number=ExtensionNumber(str(number))) for number in numbers),
        agent=tuple(
            Agent(id=AgentId(str(number)), extension=ExtensionNumber(str(number)), signed_in=True)
            for number in numbers
        ),
        queue=(queue,),
        trunk=(Trunk(id=trunk, host="127.0.0.1", channels=10000),),
        flow=(Flow(id=FlowId("main"), start=NodeName("queue"), node=node),),
        route=(Route(trunk=trunk, number="*", flow=FlowId("main")),),
    )


def with_shifts(site: Site, day: SimulatedDay) -> Site:
    """Return the site as the day begins: where there are shifts, nobody is signed in yet.

    RefusedError for a shift of somebody whom the site does not have, or who has no phone.
    """
    on_shift = {agent for shift in day.shift for agent in shift.agents}
    seated = {one.id for one in site.agent if one.extension is not None}
    unknown = sorted(on_shift - seated)
    if unknown:
        raise RefusedError(
            "agent_unknown", f"{', '.join(unknown)}: no agent of the site with a phone."
        )
    if not day.shift:
        return site
    return replace(site, agent=tuple(replace(one, signed_in=False) for one in site.agent))


def callers_of(day: SimulatedDay, uniform: Uniform) -> list[Caller]:
    """Draw the day's callers, in the order in which they call. RefusedError for a wrong time.

    Each caller's patience and talk are drawn with him: another number of agents meets the very
    same callers, so that two days differ by nothing else.
    """
    found = [one for stream in day.arrivals for one in _stream(day, stream, uniform)]
    return sorted(found, key=lambda one: one.at)


def seconds_of(clock: str) -> float:
    """Return seconds since midnight of "HH:MM"; "24:00" is the day's end. Raises RefusedError."""
    hours, _, minutes = clock.partition(":")
    if hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(minutes) < 60:
        minute = int(hours) * 60 + int(minutes)
        if minute <= DAY_MINUTES:
            return minute * 60.0
    raise RefusedError("time_unknown", f"{clock!r} is no time of day.", "Write it like 09:30.")


def clock_of(seconds: float) -> str:
    """Return "HH:MM" of whole minutes since midnight."""
    minutes = round(seconds / 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def exponential(mean: float, uniform: Uniform) -> float:
    """Return an exponential chance of this mean."""
    return -mean * log(1.0 - uniform())


def _stream(day: SimulatedDay, stream: Arrivals, uniform: Uniform) -> Iterator[Caller]:
    first, last = seconds_of(stream.from_), seconds_of(stream.to)
    if last <= first or stream.calls < 0:
        raise RefusedError(
            "arrivals", "Arrivals end after they begin, and cannot be fewer than none."
        )
    if not stream.calls:
        return
    between = (last - first) / stream.calls
    at = first + exponential(between, uniform)
    while at < last:
        endless = float("inf")
        yield Caller(
            at=Seconds(at),
            number=f"139{int(uniform() * 10**8):08}",
            patience=exponential(day.patience_seconds, uniform)
            if day.patience_seconds
            else endless,
            talk=exponential(day.talk_seconds, uniform),
            queue=stream.queue,
        )
        at += exponential(between, uniform)
