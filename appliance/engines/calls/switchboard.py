"""The machine that owns every call: its doors, its slots, and who gets which event.

Theory of operation. A call is opened by LegOffered and closed by talk.end; between them its Stage
says what it is doing, and each event is handed to the file of that stage: flows (menu), queueing
(waiting), dialling (direct, internal, outbound), talk (bridge), voicemail, desk (feature codes).
Events of legs that no call has any more are late and are ignored. Every answer leaves only after
the daemon has written the touched slots, so a killed process resumes with the same calls.
"""

from collections.abc import Callable, Collection

import msgspec

from appliance.engines.acd.floor import Floor
from appliance.engines.calls import (
    arrival,
    box_events,
    callbacks,
    clocks,
    customer_books,
    emergency_mode,
    flows,
    lamps,
    leg_events,
    lookups,
    messages,
    missed_calls,
    prompt_recording,
    queueing,
    reconcile,
    transfer,
    verbs,
    wishes,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.flow_runs import versions_in_use
from appliance.engines.calls.live_view import live_of
from appliance.engines.calls.state import CallState, Known
from appliance.engines.ivr.versions import KeptFlows
from appliance.vocabulary.audio import LegAudio
from appliance.vocabulary.commands import CallCommand, SealRecording
from appliance.vocabulary.events import (
    AudioClaimed,
    AudioLost,
    AudioRefused,
    BoxRestarted,
    CallEvent,
    ClockSet,
    DigitHeard,
    DigitsUnsent,
    FarEndQuiet,
    LegAnswered,
    LegAudioMoved,
    LegEnded,
    LegMeasured,
    LegOffered,
    LegRefused,
    LegRinging,
    PhoneGone,
    PhoneRegistered,
    PlayEnded,
    PromptsChanged,
    RecordingLeft,
    RecordingRefused,
    RecordingSealed,
    RecordingStarted,
    TransferAsked,
    TrunkChanged,
)
from appliance.vocabulary.ids import (
    BoxName,
    CallId,
    ExtensionNumber,
    FlowId,
    Instant,
    LegId,
    RecordingId,
)
from appliance.vocabulary.journal import (
    CallResumed,
)
from appliance.vocabulary.live import Live
from appliance.vocabulary.lookups import LookedUp
from appliance.vocabulary.prompt_takes import PromptKept
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import PromptCatalogue

_call_decoder = msgspec.msgpack.Decoder(CallState)
_known_decoder = msgspec.msgpack.Decoder(Known)
_encoder = msgspec.msgpack.Encoder()

RECONCILE_SECONDS = 5.0
"""Stuck agents or callers are found and healed within ten seconds: so look every five."""


class Switchboard:
    """Call control. One for a box."""

    def __init__(self, *, site: Site, prompts: PromptCatalogue, new_id: Callable[[], str]) -> None:
        self._exchange = Exchange(site=site, prompts=prompts, new_id=new_id, floor=Floor())
        self._reconcile_at: Instant | None = None
        self._suspects: set[str] = set()
        self.living_legs: Callable[[], Collection[LegId]] | None = None
        """Which legs have a far end, as the lines know; set by who wires them together."""
        self.stray_ends: Callable[[], Collection[LegId]] | None = None
        """Far ends for which the lines have no leg, by names that HangUp knows; set likewise."""

    # --- doors ------------------------------------------------------------------------------------
    def configure(self, site: Site, now: Instant) -> list[CallCommand]:
        """Take up a site; calls and places in queues go on."""
        self._exchange.now = now
        self._exchange.configure(site)
        queueing.carry_out(self._exchange, self._exchange.floor.configure(site, now))
        wishes.tell_floor(self._exchange)
        if self._reconcile_at is None:
            self._reconcile_at = Instant(now + RECONCILE_SECONDS)
        lamps.all_stale(self._exchange)
        messages.all_stale(self._exchange)
        return self._turned()

    def handle(self, event: CallEvent, now: Instant) -> list[CallCommand]:
        """Take one event; return what is to be done."""
        self._exchange.now = now
        self._happened(event)
        return self._turned()

    def _turned(self) -> list[CallCommand]:
        missed_calls.tell(self._exchange)
        lamps.show(self._exchange)
        messages.show(self._exchange)
        return self._exchange.take_commands()

    def _happened(self, event: CallEvent) -> None:
        # What each call has comes first: a case that is passed over costs as much as ten others.
        match event:
            case LegOffered():
                arrival.leg_offered(self._exchange, event)
            case (
                AudioClaimed()
                | LegRinging()
                | LegAnswered()
                | LegEnded()
                | LegRefused()
                | LegAudioMoved()
                | AudioRefused()
                | DigitHeard()
                | DigitsUnsent()
                | PlayEnded()
                | AudioLost()
                | FarEndQuiet()
            ):
                leg_events.leg_event(self._exchange, event)
            case PhoneRegistered() | PhoneGone() | TrunkChanged():
                box_events.reachability(self._exchange, event)
            case TransferAsked():
                transfer.asked(self._exchange, event)
            case LegMeasured():
                box_events.leg_measured(self._exchange, event)
            case RecordingRefused() | RecordingSealed():
                box_events.recording(self._exchange, event)
                flows.recording_sealed(self._exchange, event)
            case RecordingLeft():
                box_events.recording_left(self._exchange, event)
            case LookedUp():
                flows.looked_up(self._exchange, event)
            case ClockSet() | RecordingStarted() | PromptsChanged() | PromptKept() | BoxRestarted():
                self._of_box(event)
            case _:
                verbs.carry_out(self._exchange, event)

    def _of_box(
        self, event: ClockSet | RecordingStarted | PromptsChanged | PromptKept | BoxRestarted
    ) -> None:
        if isinstance(event, ClockSet):
            self._exchange.utc_offset = event.utc_offset
            self._exchange.floor.clock_set(event.utc_offset)
        elif isinstance(event, PromptKept):
            prompt_recording.kept(self._exchange, event)
        elif isinstance(event, BoxRestarted):
            box_events.box_restarted(self._exchange)

    def wake_at(self) -> Instant | None:
        """Return when `wake` wants to be called."""
        earliest = self._reconcile_at
        for due in (self._exchange.next_due(), self._exchange.floor.wake_at()):
            if due is not None and (earliest is None or due < earliest):
                earliest = due
        return earliest

    def wake(self, now: Instant) -> list[CallCommand]:
        """Do what is due."""
        exchange = self._exchange
        exchange.now = now
        queueing.carry_out(exchange, exchange.floor.wake(now))
        due = exchange.take_due()[::-1]  # taken from its end: whose time came first, goes first
        try:
            while due:
                leg_events.wake_call(exchange, due[-1])
                due.pop()
        finally:
            for call in due:  # one call's bug must not cost the others their timers
                exchange.schedule(call)
        if self._reconcile_at is not None and self._reconcile_at <= now:
            self._reconcile_at = Instant(now + RECONCILE_SECONDS)
            callbacks.look(exchange)
            living = None if self.living_legs is None else self.living_legs()
            self._suspects = reconcile.look(exchange, self._suspects, living, self._strays())
            queueing.carry_out(
                exchange, exchange.floor.reconcile(callbacks.known_calls(exchange), now)
            )
        return self._turned()

    # --- slots ------------------------------------------------------------------------------------
    @staticmethod
    def owns(name: str) -> bool:
        """Whether a slot of this name is call control's or the floor's."""
        kinds = ("call:", "seal:", "own:", "box:", "beside:", *customer_books.SLOT_KINDS)
        return name in ("known", emergency_mode.SLOT) or name.startswith(kinds) or Floor.owns(name)

    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call."""
        exchange = self._exchange
        touched, exchange.touched = exchange.touched, set()
        parts = (exchange.left_beside, exchange.customers, exchange.floor)
        return touched.union(*(part.take_touched() for part in parts))

    def slot(self, name: str) -> bytes | None:
        """Return a slot's content."""
        kind, _, key = name.partition(":")
        if kind == "call":
            call = self._exchange.calls.get(CallId(key))
            return None if call is None else _encoder.encode(call)
        if kind == "seal":
            call_id = self._exchange.sealings.get(RecordingId(key))
            return None if call_id is None else call_id.encode()
        if kind == "beside":
            return self._exchange.left_beside.slot(LegId(key))
        if kind == "known":
            return _encoder.encode(self._exchange.known)
        if kind == emergency_mode.SLOT:
            return emergency_mode.slot(self._exchange)
        if name.startswith(customer_books.SLOT_KINDS):
            return self._exchange.customers.slot(name)
        if kind == "own":
            return self._exchange.desk.slot(ExtensionNumber(key))
        if kind == "box":
            return self._exchange.messages.slot(BoxName(key))
        return self._exchange.floor.slot(name)

    def restore(self, name: str, content: bytes, now: Instant) -> None:
        """Put a slot back."""
        self._exchange.now = now
        kind, _, key = name.partition(":")
        if kind == "call":
            call = _call_decoder.decode(content)
            clocks.take_old(call)
            self._exchange.calls[call.call] = call
            self._exchange.desk.changed.add(call.call)
            for leg in call.legs:
                self._exchange.call_of_leg[leg.leg] = call.call
        elif kind == "seal":
            self._exchange.sealings[RecordingId(key)] = CallId(content.decode())
        elif kind == "beside":
            self._exchange.left_beside.restore(LegId(key), content)
        elif kind == "known":
            self._exchange.known = _known_decoder.decode(content)
        elif kind == emergency_mode.SLOT:
            emergency_mode.restore(self._exchange, content)
        elif name.startswith(customer_books.SLOT_KINDS):
            self._exchange.customers.restore(name, content)
        elif kind == "own":
            self._exchange.desk.restore(content)
        elif kind == "box":
            self._exchange.messages.restore(content)
        else:
            self._exchange.floor.restore(name, content, now)

    def resume(self, living_legs: set[LegId], now: Instant) -> list[CallCommand]:
        """After all slots: go on. Legs that the lines lost meanwhile are over."""
        exchange = self._exchange
        exchange.now = now
        for call in list(exchange.calls.values()):
            exchange.write(call, CallResumed())
            flows.run_of(exchange, call)
            lookups.ask_again(exchange, call)
            exchange.schedule(call)
        self._suspects = reconcile.after_restart(exchange, living_legs, self._strays())
        for recording, call_id in exchange.sealings.items():
            exchange.do(SealRecording(recording=recording, call=call_id))
        queueing.carry_out(exchange, exchange.floor.reconcile(callbacks.known_calls(exchange), now))
        return self._turned()

    def keep_flows(self, kept: KeptFlows) -> None:
        """Have the versions that are published no more and calls run on; before `resume`."""
        self._exchange.runs.kept = kept

    def _strays(self) -> Collection[LegId]:
        return () if self.stray_ends is None else self.stray_ends()

    # --- views ------------------------------------------------------------------------------------
    def legs(self) -> dict[LegId, CallId]:
        """Return every leg and its call."""
        return dict(self._exchange.call_of_leg)

    def audio_wishes(self, call: CallId) -> list[LegAudio]:
        """Return the wished-for audio of every leg of a call."""
        found = self._exchange.calls.get(call)
        if found is None:
            return []
        return [self._exchange.audio_of(found, leg) for leg in found.legs]

    def calls(self) -> tuple[CallId, ...]:
        """Return the calls in progress."""
        return tuple(self._exchange.calls)

    def versions_in_use(self) -> dict[tuple[FlowId, int], int]:
        """Return how many calls run on each version of a flow."""
        return versions_in_use(self._exchange.calls.values())

    def live(self) -> Live:
        """Return the box at this moment."""
        return live_of(self._exchange)

    def faults(self, now: Instant, grace: float = 0.0) -> list[str]:
        """Return what must never be; empty when all is well."""
        return self._exchange.floor.faults(now, grace)
