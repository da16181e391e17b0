"""Two SIP user agents joined by a wire of our own, with loss, and time as a number.

After aioquic's tests: datagrams are carried by hand, so that a whole lossy call takes
milliseconds. `Box` is a user agent with the memory of the daemon around it: it writes touched
slots down before anything leaves, and can be killed and restored.
"""

import itertools
from collections.abc import Callable, Iterator

from appliance.protocols.sip.digest import Algorithm, ha1
from appliance.protocols.sip.directory import Credentials, TrunkRoute
from appliance.protocols.sip.events import SipEvent
from appliance.protocols.sip.flow import Flow, Outgoing
from appliance.protocols.sip.message import Request, Response, parse_message
from appliance.protocols.sip.user_agent import UserAgent
from appliance.vocabulary.ids import Instant

REALM = "linghe"


class FakeDirectory:
    """A directory of plain attributes."""

    def __init__(self, address: str, port: int = 5060) -> None:
        self.address = address
        self.realm = REALM
        self.local_port = port
        self.sips_port = port + 1
        self.secrets: dict[str, str] = {}
        self.trusted: dict[str, str] = {}
        """Remote address to trunk."""
        self.routes: dict[str, TrunkRoute] = {}
        self.guests = False

    def credentials(self, user: str) -> Credentials | None:
        secret = self.secrets.get(user)
        if secret is None:
            return None
        return Credentials(
            ha1_md5=ha1(user, REALM, secret, Algorithm.MD5),
            ha1_sha256=ha1(user, REALM, secret, Algorithm.SHA256),
        )

    def trunk_of(self, source_address: str, source_port: int, from_user: str) -> str | None:
        return self.trusted.get(source_address)

    def trunk(self, trunk_id: str) -> TrunkRoute | None:
        return self.routes.get(trunk_id)

    def trunks(self) -> tuple[str, ...]:
        return tuple(self.routes)

    def guests_allowed(self, address: str) -> bool:
        return self.guests

    def local_address_toward(self, remote_address: str) -> str:
        return self.address


class Box:
    """A user agent, its written-down slots, and the events it told."""

    def __init__(self, address: str, *, key: bytes = b"") -> None:
        self.address = address
        self.port = 5060
        self.directory = FakeDirectory(address)
        self.key = key or address.encode()
        self.slots: dict[str, bytes] = {}
        self.events: list[SipEvent] = []
        self.on_event: Callable[[SipEvent, Instant], None] | None = None
        self._numbers = itertools.count(1)
        self.agent = self._made()

    def _made(self) -> UserAgent:
        return UserAgent(
            key=self.key,
            directory=self.directory,
            random_text=lambda: f"{next(self._numbers)}-random@{self.address}",
            product="Linghe test",
        )

    def write_down(self) -> None:
        """What the daemon does before anything leaves."""
        for name in self.agent.take_touched():
            content = self.agent.slot(name)
            if content is None:
                self.slots.pop(name, None)
            else:
                self.slots[name] = content

    def kill(self, now: Instant) -> None:
        """kill -9 and a new process."""
        self.agent = self._made()
        for name, content in self.slots.items():
            self.agent.restore(name, content, now)

    def heard(self, events: list[SipEvent], now: Instant) -> None:
        """Remember events and give them to the test's line."""
        self.events += events
        for event in events:
            if self.on_event is not None:
                self.on_event(event, now)

    def told(self, kind: type) -> list[SipEvent]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def leaving(self) -> list[Outgoing]:
        """Write slots down, then hand out what is to be sent."""
        self.write_down()
        return self.agent.outgoing()


def udp(near: Box, far_address: str, far_port: int = 5060) -> Flow:
    """A UDP flow of a box."""
    return Flow(
        transport="udp",
        local_address=near.address,
        local_port=near.port,
        remote_address=far_address,
        remote_port=far_port,
    )


def no_loss() -> Iterator[bool]:
    """Everything arrives."""
    return itertools.repeat(False)


def every(number: int) -> Iterator[bool]:
    """Each so-many-th datagram is lost."""
    return itertools.cycle([False] * (number - 1) + [True])


def scattered(percent: int, seed: int) -> Iterator[bool]:
    """So many in a hundred are lost, in an order that a seed fixes (a linear congruence)."""
    state = seed * 2654435761 % 2**32
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield (state >> 8) % 100 < percent


class Link:
    """Carries datagrams between boxes, and time forward."""

    def __init__(self, *boxes: Box, loss: Iterator[bool] | None = None) -> None:
        self.boxes = {(box.address, box.port): box for box in boxes}
        self.loss = no_loss() if loss is None else loss
        self.now = Instant(1000.0)
        self.latency = 0.01
        self.carried: list[tuple[str, bytes]] = []
        """Everything that was sent: by whom, and the bytes; lost or not."""
        self._air: list[tuple[Instant, int, Box, bytes, Flow]] = []
        self._count = 0

    def messages(self, sender: Box) -> list[Request | Response]:
        """What a box sent, parsed."""
        return [parse_message(data) for name, data in self.carried if name == sender.address]

    def gather(self) -> None:
        """Take what the boxes want sent into the air."""
        for box in self.boxes.values():
            for out in box.leaving():
                self.carried.append((box.address, out.data))
                far = self.boxes.get((out.flow.remote_address, out.flow.remote_port))
                if next(self.loss) or far is None:
                    continue
                arriving = Flow(
                    transport="udp",
                    local_address=far.address,
                    local_port=far.port,
                    remote_address=box.address,
                    remote_port=box.port,
                )
                self._count += 1
                when = Instant(self.now + self.latency)
                self._air.append((when, self._count, far, out.data, arriving))

    def step(self, until: Instant) -> bool:
        """Do the next thing that happens before `until`; False when nothing does."""
        self.gather()
        wakes = [(box.agent.wake_at(), box) for box in self.boxes.values()]
        next_wake = min((when for when, _ in wakes if when is not None), default=None)
        next_arrival = min(self._air)[0] if self._air else None
        due = min((when for when in (next_wake, next_arrival) if when is not None), default=None)
        if due is None or due > until:
            return False
        self.now = max(self.now, due)
        for item in sorted(item for item in self._air if item[0] <= self.now):
            self._air.remove(item)
            _, _, box, data, flow = item
            box.heard(box.agent.receive(data, flow, self.now), self.now)
            self.gather()
        for when, box in wakes:
            if when is not None and when <= self.now:
                box.heard(box.agent.wake(self.now), self.now)
                self.gather()
        return True

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        until = Instant(self.now + seconds)
        while self.step(until):
            pass
        self.now = until
