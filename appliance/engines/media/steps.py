"""Steps beside the plain relay: what some legs need besides (SRTP, RTCP, mixing, transcoding).

The plain relay handles all rows of a tick at once and knows nothing of steps. A leg that needs
more is *special*: its place stands in `Switchboard.special` and in the column `is_special`, so
first aid leaves it to the engine. A worker that has no step pays nothing for them. In a tick each
step is asked, in the order of `MediaEngine.steps` on the way in and the other way round on the
way out (what was put on last is taken off first):

    unwrap   rows of special legs as they came, before the header check
    hear     what was accepted, before the relay rewrites it in place
    wrap     what is about to be sent, relayed or played; `wrap_one`: the few that go singly
    due      packets of its own (reports)

What a leg hears on the playout clock is no step but a `players.Player`.
"""

from typing import Protocol

from appliance.engines.media.intake import Intake
from appliance.engines.media.relay import Departures
from appliance.engines.media.rtp import Batch, Places
from appliance.vocabulary.ids import Instant


class Step(Protocol):
    """One thing that is done for special legs."""

    def unwrap(self, batch: Batch, rows: Places, now: Instant) -> None:
        """Change these rows of special legs in place; `batch.size[row] = 0` drops one."""
        ...

    def hear(self, batch: Batch, taken: Intake, tick: int) -> None:
        """Look at (or take) accepted rows, of all legs; they are relayed after that."""
        ...

    def wrap(self, departures: Departures) -> Departures:
        """Return what is to be sent instead; rows of legs that are not special stay as they are.

        A packet may grow up to ROW_BYTES in its row: `departures.sizes` is what is sent of it.
        """
        ...

    def wrap_one(self, packet: bytes, place: int) -> bytes:
        """Return what is sent to this leg instead of a packet that goes singly."""
        ...

    def due(self, tick: int, now: Instant) -> list[tuple[bytes, int]]:
        """Return packets of its own, ready to be sent, each with the place that it goes to."""
        ...
