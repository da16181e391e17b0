"""A media engine on a desk: packets carried by hand, time as a number."""

from collections.abc import Callable

from rtp_packet import Packet, build, parse

from appliance.engines.media.columns import Columns
from appliance.engines.media.engine import MediaEngine
from appliance.engines.media.layout import bytes_for
from appliance.engines.media.rtp import Batch
from appliance.engines.media.switchboard import Content8k
from appliance.vocabulary.audio import Codec, FarEnd, Hears, LegAudio, Silence, Track
from appliance.vocabulary.commands import ClaimAudio
from appliance.vocabulary.ids import CallId, Instant, LegId, PromptHash
from appliance.vocabulary.shape import Event

CAPACITY = 64
START_TICK = 100_000


def counting() -> Callable[[], int]:
    """Return a function whose randomness is known."""
    number = 0

    def following() -> int:
        nonlocal number
        number += 0x01010101
        return number & 0xFFFFFFFF

    return following


def far_end(host: str = "10.0.0.1", port: int = 4000, **more: object) -> FarEnd:
    """Return a far end as a phone on the LAN describes itself."""
    wanted: dict[str, object] = {
        "address": host,
        "port": port,
        "codec": Codec.PCMA,
        "dtmf_payload_type": 101,
        "signalling_address": host,
        **more,
    }
    if "payload_type" not in wanted:
        wanted["payload_type"] = 8 if wanted["codec"] is Codec.PCMA else 0
    return FarEnd(**wanted)


class Desk:
    """The engine, a batch, and everything that came out."""

    def __init__(
        self, prompts: dict[str, bytes] | None = None, *, memory: bytearray | None = None
    ) -> None:
        self.memory = bytearray(bytes_for(CAPACITY)) if memory is None else memory
        self.columns = Columns(self.memory, CAPACITY)
        self.prompts = prompts or {}
        self.engine = MediaEngine(
            self.columns, prompt=self._prompt(), tone=self._tone, random32=counting()
        )
        self.board = self.engine.board
        self.batch = Batch(256)
        self.tick = START_TICK
        self.sent: list[tuple[str, Packet]] = []
        """To which leg, and what."""
        self.reported: list[tuple[str, bytes]] = []
        """Packets of the steps' own."""
        self.targets: dict[str, tuple[str, int] | None] = {}
        self.recorded: list[tuple[str, int, int]] = []
        """Leg, sequence number, bytes of audio."""
        self.events: list[Event] = []
        self.disk_failure: str | None = None
        self._waiting: list[tuple[str, bytes, tuple[str, int]]] = []
        self.refused = 0

    def _prompt(self) -> Content8k:
        def content(prompt: PromptHash) -> bytes | None:
            return self.prompts.get(prompt)

        return content

    def _tone(self, name: str, country: str) -> bytes:
        return bytes(range(160)) if name == "ringback" else b""

    @property
    def now(self) -> Instant:
        return Instant(self.tick / 100)

    # --- what control says ------------------------------------------------------------------
    def leg(
        self,
        name: str,
        *,
        far: FarEnd | None = None,
        hears: Hears | None = None,
        track: Track | None = None,
        version: int = 1,
        hears_inband_digits: bool = False,
        watch_for_loss: bool = True,
        is_masked: bool = False,
        wants_relayed_digits: bool = True,
    ) -> None:
        """Claim the leg where it is new, and set its audio."""
        if name not in self.board.legs:
            claim = ClaimAudio(leg=LegId(name), call=CallId("call"))
            self.board.claim(claim, 4000 + len(self.board.legs), self.tick, self.now)
        audio = LegAudio(
            leg=LegId(name),
            call=CallId("call"),
            version=version,
            far=far,
            hears=hears if hears is not None else Silence(),
            track=track,
            hears_inband_digits=hears_inband_digits,
            watch_for_loss=watch_for_loss,
            is_masked=is_masked,
            wants_relayed_digits=wants_relayed_digits,
        )
        self.engine.set_audio(audio, self.tick, self.now)

    # --- what far ends send -----------------------------------------------------------------
    def arrives(
        self,
        leg: str,
        *,
        sequence: int,
        timestamp: int | None = None,
        payload: bytes = b"\x55" * 160,
        payload_type: int = 8,
        ssrc: int = 7,
        source: tuple[str, int] = ("10.0.0.1", 4000),
        is_marked: bool = False,
    ) -> None:
        """A packet that waits in the leg's socket for the next tick."""
        packet = Packet(
            payload_type=payload_type,
            is_marked=is_marked,
            sequence=sequence & 0xFFFF,
            timestamp=(sequence * 160 if timestamp is None else timestamp) & 0xFFFFFFFF,
            ssrc=ssrc,
            payload=payload,
        )
        self._waiting.append((leg, build(packet), source))

    def arrives_raw(self, leg: str, packet: bytes, source: tuple[str, int]) -> None:
        """Any bytes at all."""
        self._waiting.append((leg, packet, source))

    # --- time -------------------------------------------------------------------------------
    def turn(self, ticks: int = 1) -> None:
        """Let ticks pass; the first takes what waits."""
        for _ in range(ticks):
            self.tick += 1
            self._one()

    def _one(self) -> None:
        places, sizes = [], []
        for name, packet, source in self._waiting:
            place, row = self.board.legs[LegId(name)].place, self.batch.views[len(places)]
            row[: len(packet)] = packet
            if self.board.expected[place] == source or self.engine.admit(
                place, source, row, len(packet)
            ):
                places.append(place)
                sizes.append(len(packet))
            else:
                self.refused += 1
        self._waiting.clear()
        self.batch.filled(places, sizes)
        if places:
            self._pass_on()
        played = self.engine.play(self.tick)
        if played is not None:
            self._note(played.batch, played.rows.tolist(), played.sizes.tolist(), played.to)
        for packet, place in self.engine.reports(self.tick, self.now):
            self.reported.append((self._name(place), packet))
        self.engine.listen(self.tick, self.now)
        self.events += self.engine.take_events()

    def _pass_on(self) -> None:
        taken = self.engine.arrived(self.batch, self.now)
        tracked = self.engine.tracked(self.batch, taken)
        if tracked is not None:
            for row, place, length in zip(
                tracked.rows.tolist(),
                tracked.places.tolist(),
                tracked.lengths.tolist(),
                strict=True,
            ):
                entry = (self._name(place), int(self.batch.sequence[row]), length)
                self.recorded += [] if self.disk_failure else [entry]
            self.engine.recorded(tracked, self.disk_failure)
        departures, extra = self.engine.forward(self.batch, taken, self.tick)
        for each in departures:
            self._note(each.batch, each.rows.tolist(), each.sizes.tolist(), each.to)
        for packet, place in extra:
            self.sent.append((self._name(place), parse(packet)))

    def _note(self, batch: Batch, rows: list[int], sizes: list[int], to: object) -> None:
        for row, size, place in zip(rows, sizes, list(to), strict=True):
            self.sent.append((self._name(int(place)), parse(bytes(batch.views[row][:size]))))

    def _name(self, place: int) -> str:
        leg = self.board.by_place[place]
        assert leg is not None
        return leg.leg

    def heard(self, name: str) -> list[Packet]:
        """Return what was sent to a leg."""
        return [packet for leg, packet in self.sent if leg == name]
