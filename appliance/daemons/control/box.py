"""The control process: sockets, files and clocks around the core, one turn after another.

A turn: feed what came in; write the touched slots and the turn's journal entries to the state
journal in one append; only then send. Whatever a peer has seen of us is therefore remembered by
the process that follows a kill -9.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from appliance import __version__
from appliance.daemons import notify
from appliance.daemons.control import clock
from appliance.daemons.control.alarm import Alarm
from appliance.daemons.control.alive_mark import AliveMark
from appliance.daemons.control.core import ControlCore
from appliance.daemons.control.flow_news import in_use_told, kept_flows, published
from appliance.daemons.control.lasting import is_promised
from appliance.daemons.control.ledger_thread import LedgerThread
from appliance.daemons.control.media_room import MediaRoom
from appliance.daemons.control.network import FORGET_EVERY_SECONDS
from appliance.daemons.control.pacing import AtEndOfTurn
from appliance.daemons.control.prompt_takes import PromptTakes
from appliance.daemons.control.questions import Questions, control_socket
from appliance.daemons.control.random_pool import RandomPool
from appliance.daemons.control.sealing_list import SealingList
from appliance.daemons.control.sip_room import SipRoom
from appliance.daemons.control.sip_sockets import Packet
from appliance.daemons.control.status import status_told
from appliance.daemons.control.unreadable_slots import put_aside, taken_up
from appliance.daemons.lasting_slots import LASTING, OWN
from appliance.daemons.paths import Environment
from appliance.daemons.prompts import DiskCatalogue, lay_defaults
from appliance.daemons.slots import SlotJournal
from appliance.engines.calls.switchboard import Switchboard
from appliance.lines.sip import SipLines
from appliance.lines.site_directory import SiteDirectory
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.user_agent import UserAgent
from appliance.store.calls import CallBook
from appliance.store.secrets import Secrets
from appliance.store.settings import SettingsStore
from appliance.vocabulary.audio import LegAudio
from appliance.vocabulary.commands import SealRecording
from appliance.vocabulary.events import (
    BoxRestarted,
    CallEvent,
    ClockSet,
    PromptsChanged,
    RecordingSealed,
)
from appliance.vocabulary.facts_flow_versions import FlowPublished
from appliance.vocabulary.ids import CallId, Instant, Utc
from appliance.vocabulary.journal import BoxStarted, Entry, SiteApplied
from appliance.vocabulary.live import Live
from appliance.vocabulary.verbs import Verb, VerbAnswered
from appliance.wire.control import FlowsInUse, Sealings, StatusTold

logger = logging.getLogger(__name__)

SEAL_AFTER_SECONDS = 0.5
"""The worker's last frames of a recording are in its journal within a tick or two."""
EVERY_SECONDS = 1.0
FAULT_GRACE_SECONDS = 3.0
"""What is due this moment, and done by this turn, is no fault."""

_encoder = msgspec.msgpack.Encoder()


class Box:
    """One control process."""

    def __init__(self, environment: Environment, loop: asyncio.AbstractEventLoop) -> None:
        self._environment = environment
        self._loop = loop
        self._paths = environment.paths
        self._slots = SlotJournal(self._paths.state / "control.slots")
        self._settings = SettingsStore(self._paths.settings)
        self._secrets = Secrets(self._paths.secrets, secrets.token_bytes)
        self._site = self._settings.current()
        self._prompts = DiskCatalogue(self._paths)
        self._sip = SipRoom(environment, loop)
        later = loop.call_soon_threadsafe
        self._ledger = LedgerThread(
            self._paths.calls,
            AliveMark(self._paths.alive),
            on_written=lambda numbers: later(self._forget_batches, numbers),
            on_left=lambda left: later(self._events, left),
        )
        self._book = CallBook(self._paths.calls)
        self._batches = 0
        self._sealing_list = SealingList()
        self._extra_slots: dict[str, bytes | None] = {}
        self._alarm = Alarm(loop, self._wake)
        self._settle_soon = AtEndOfTurn(loop, self._settle)
        self._started = clock.now()
        self._restarts = 0
        kept = clock.kept_in(self._slots.slots)
        self._clock = clock.started(environment.clock, self._site.site.timezone, kept)
        self._has_rebooted = kept is not None and kept.boot != self._clock.boot
        self._directory = SiteDirectory(
            address_toward=self._sip.network.address_toward,
            local_port=environment.sip_port,
            sips_port=environment.sips_port,
            servers_of=self._sip.names.servers_of,
            box_key=self._secrets.box_key(),
        )
        self._directory.configure(self._site, self._secrets.trunk_secrets())
        pool = RandomPool()
        user_agent = UserAgent(
            key=self._secrets.box_key(),
            directory=self._directory,
            random_text=lambda: pool.hex(12),
            product=f"Linghe/{__version__}",
        )
        self._core = ControlCore(
            user_agent=user_agent,
            lines=SipLines(
                user_agent=user_agent,
                site=self._site,
                new_number=lambda: random.getrandbits(31),
                random_bytes=secrets.token_bytes,
            ),
            switchboard=Switchboard(
                site=self._site, prompts=self._prompts, new_id=lambda: pool.hex(8)
            ),
        )
        self._questions = Questions(self)
        self._media = MediaRoom(
            sockets=[environment.paths.media_socket(one) for one in range(environment.workers)],
            loop=loop,
            wishes=self._wishes,
            on_events=self._events,
        )
        self._takes = PromptTakes(self._paths, loop, self._events)
        self._asked: asyncio.Server | None = None

    # --- start and stop ---
    async def start(self) -> None:
        """Open everything, take up what was, begin to answer."""
        lay_defaults(self._paths)
        self._prompts.reload()
        # Before they are taken up: what ends then has entries of its own.
        kept = () if self._has_rebooted else self._slots.slots
        living = {CallId(one.removeprefix("call:")) for one in kept if one.startswith("call:")}
        self._take_up()
        self._ledger.start(living)
        self._sip.open(self._core, on_packets=self._packets, on_gone=self._flow_gone)
        self._media.connect()
        control = control_socket(self._paths.control_socket)
        self._asked = await self._questions.listen(control)
        self._settle()
        self._sip.start()
        self._loop.call_later(EVERY_SECONDS, self._every_second)
        notify.ready(f"answering on port {self._sip.port}")
        self._make_ready_prompts()
        # Not waited for: with the internet dead a name takes its resolver many seconds.
        self._loop.create_task(self._look_up())

    def _take_up(self) -> None:
        """Restore the slots; on a machine that was restarted, end what was alive."""
        now = clock.now()
        slots = dict(self._slots.slots)
        self._core.event(ClockSet(utc_offset=clock.offset_of(self._clock)), now)
        self._sip.configure(self._site)
        strange = taken_up(slots, partial(self._take_up_slot, now=now))
        self._extra_slots.update(put_aside(strange, self._paths.evidence, self._utc(now)))
        self._restarts = int(slots.get("starts", b"0")) + 1 if slots else 0
        if self._has_rebooted:
            self._core.event(BoxRestarted(), now)
        self._core.user_agent.connections_died("tls")
        in_use = self._core.switchboard.versions_in_use()
        self._core.switchboard.keep_flows(kept_flows(self._settings, self._site, in_use))
        self._core.configure(self._site, now)
        self._core.resume(self._site, now)
        orderly = "first" if not slots else "clean" if "clean" in slots else "crash"
        after = "power_cut" if self._has_rebooted else orderly
        until = self._ledger.alive_before
        self._write(BoxStarted(version=__version__, after=after, alive_until=until), now)
        self._extra_slots["clean"] = None
        self._extra_slots["starts"] = str(self._restarts).encode()
        self._extra_slots["clock"] = _encoder.encode(self._clock)

    def _take_up_slot(self, name: str, content: bytes, now: Instant) -> None:
        if name == "names":
            self._sip.names.restore(content)
        elif name.startswith("ledger:"):
            number = int(name.partition(":")[2])
            self._batches = max(self._batches, number)
            self._ledger.put_again(number, content)
        elif self._has_rebooted and not name.startswith(LASTING):
            # Its calls are dead and its instants mean nothing to the new clock; the ledger
            # thread ends those calls by the times that stand in it.
            self._extra_slots[name] = None
        elif not name.startswith(OWN):
            self._core.restore(name, content, now)
        else:
            self._media.restore({name: content})

    def stop(self) -> None:
        """An orderly stop: every call is ended and told so, everything is written down."""
        notify.stopping()
        if self._asked is not None:
            self._asked.close()
        self._core.event(BoxRestarted(), clock.now())
        self._extra_slots["clean"] = b"1"
        self._settle()
        self._ledger.stop()

    # --- the turn ---
    def _packets(self, packets: list[Packet]) -> None:
        now = clock.now()
        for data, flow in packets:
            self._guarded(partial(self._core.packet, data, flow, now))
        self._do_what_is_due(now)
        self._settle_soon()

    def _flow_gone(self, tell: Callable[..., None], flow: Flow, *why: str) -> None:
        self._guarded(partial(tell, flow, clock.now(), *why))
        self._settle()

    def _events(self, events: Sequence[CallEvent]) -> None:
        now = clock.now()
        for event in events:
            self._feed(event, now)
        self._do_what_is_due(now)
        self._settle_soon()

    def _wishes(self) -> Iterator[tuple[CallId, list[LegAudio]]]:
        board = self._core.switchboard
        return ((call, board.audio_wishes(call)) for call in board.calls())

    def _feed(self, event: CallEvent, now: Instant) -> None:
        self._guarded(partial(self._core.event, event, now))

    def _guarded(self, feed: Callable[[], None]) -> None:
        """A bug of ours in one event must not end the other calls: log it, go on."""
        try:
            feed()
        except Exception:  # the last guard of the process
            logger.exception("an event could not be dealt with")

    def _settle(self) -> None:
        """End the turn: write what must be remembered, then let everything leave."""
        core = self._core
        changed = core.take_slots() | self._extra_slots | self._media.take_slots()
        self._extra_slots = {}
        entries, core.entries = core.entries, []
        if entries:
            self._batches += 1
            changed[f"ledger:{self._batches}"] = _encoder.encode(entries)
        is_changed = bool(changed)
        self._slots.append(changed, must_last=is_promised(changed, entries))
        self._media.send(core.take_media())
        for outgoing in core.user_agent.outgoing():
            self._sip.send(outgoing)
        if entries:
            self._ledger.put(self._batches, entries)
        for sealing in core.take_sealings():
            self._loop.call_later(SEAL_AFTER_SECONDS, self._seal, sealing)
        self._takes.carry_out(core.take_prompts())
        self._questions.settled(core.take_lookups(), is_changed)
        self._alarm.set(self._core.wake_at())

    def _wake(self) -> None:
        self._guarded(partial(self._core.wake, clock.now()))
        self._settle()

    def _do_what_is_due(self, now: Instant) -> None:
        if self._alarm.is_due(now):
            self._guarded(partial(self._core.wake, now))

    def _forget_batches(self, numbers: list[int]) -> None:
        # Written with the next turn: a write of its own for each commit would double them.
        self._extra_slots.update((f"ledger:{number}", None) for number in numbers)

    def _write(
        self, fact: BoxStarted | SiteApplied | FlowPublished, now: Instant, which: str = ""
    ) -> None:
        at = self._utc(now)
        name = type(fact).__name__ + which
        self._core.entries.append(Entry(at=at, mono=now, fact=fact, key=f"box:{name}:{at:.6f}"))

    def _utc(self, now: Instant) -> Utc:
        return Utc(now + clock.offset_of(self._clock))

    # --- recordings ---
    def _seal(self, sealing: SealRecording) -> None:
        self._sealing_list.add(sealing)
        self._questions.sealings_changed()

    def sealings(self) -> Sealings:
        """Return the recordings that wait for their file."""
        return self._sealing_list.told()

    def sealed(self, event: RecordingSealed) -> None:
        """Jobs has made the file."""
        if self._sealing_list.take(event.recording):
            self.happened(event)

    def happened(self, event: CallEvent) -> None:
        """Something came about outside of all calls: its own turn."""
        self._feed(event, clock.now())
        self._settle()

    # --- answers ---
    def verb(self, verb: Verb) -> VerbAnswered:
        """Carry out what a page or a program asks."""
        core = self._core
        self._feed(verb, clock.now())
        answers, core.answers = core.answers, []
        self._settle()
        failed = VerbAnswered(ask=verb.ask, problem="not_allowed", text="see the log of control")
        return next((one for one in answers if one.ask == verb.ask), failed)

    def live(self) -> Live:
        """Return the box at this moment."""
        self._core.wake(clock.now())
        self._settle()
        return self._core.switchboard.live()

    def status(self) -> StatusTold:
        """Return how this process is."""
        live = self.live()
        told = status_told(
            live,
            self._site,
            self._utc(clock.now()),
            up_seconds=clock.now() - self._started,
            restarts=self._restarts,
            book=self._book,
            ports=(self._sip.port, self._sip.sips_port),
        )
        bad_packets = self._core.user_agent.counters.bad_packets
        return msgspec.structs.replace(told, workers=self._media.status(), bad_packets=bad_packets)

    def flows_in_use(self) -> FlowsInUse:
        """Return which versions of flows calls run on."""
        return in_use_told(self._core.switchboard.versions_in_use())

    # --- changes ---
    def reload_site(self) -> str:
        """Take up the site that stands in settings.db now."""
        now = clock.now()
        before, self._site = self._site, self._settings.current()
        self._directory.configure(self._site, self._secrets.trunk_secrets())
        self._sip.configure(self._site)
        self._sip.certify()
        self._prompts.reload()
        self._core.configure(self._site, now)
        self._write(SiteApplied(site_version=self._site.version, by="apply"), now)
        for fact in published(self._settings, before, self._site):
            self._write(fact, now, f"{fact.flow}:{fact.version}")
        self._settle()
        self._make_ready_prompts()
        self._loop.create_task(self._look_up())
        return f"site version {self._site.version}"

    def _make_ready_prompts(self) -> None:
        """Put agents' announcements together now (some 2 ms each), so that no call has to wait."""
        for utterance in self._prompts.missing(self._site):
            logger.warning("cannot be said yet: %s (%s)", utterance.shown, utterance.language)

    def reload_prompts(self) -> str:
        """Look the prompts up again."""
        self._prompts.reload()
        self.happened(PromptsChanged())
        return "prompts reloaded"

    async def _look_up(self) -> None:
        """Ask DNS anew for every trunk whose answer has run out."""
        if await self._sip.names.look_up(clock.now()):
            self._extra_slots["names"] = self._sip.names.kept()
            self._core.user_agent.set_trunks(clock.now())
            self._settle()

    def _every_second(self) -> None:
        self._loop.call_later(EVERY_SECONDS, self._every_second)
        notify.watchdog()
        self._media.ask_figures()
        self._ledger.alive(self._utc(clock.now()), is_busy=bool(self._core.switchboard.calls()))
        changed = clock.stepped(self._clock)
        if changed is not None:
            logger.warning("the clock was set by %.1f s", changed.offset - self._clock.offset)
            self._clock = changed
            self._extra_slots["clock"] = _encoder.encode(changed)
            self._feed(ClockSet(utc_offset=clock.offset_of(changed)), clock.now())
        if int(clock.now()) % int(FORGET_EVERY_SECONDS) == 0:
            self._sip.forget_routes()
        if self._sip.names.is_due(clock.now()):
            self._loop.create_task(self._look_up())
        for fault in self._core.switchboard.faults(clock.now(), FAULT_GRACE_SECONDS):
            logger.error("found stuck, healing: %s", fault)
        self._settle()
