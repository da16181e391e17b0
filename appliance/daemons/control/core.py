"""The machines of control as one: SIP, lines and call control, fed and drained turn by turn.

Pure wiring, no sockets: the daemon (box.py) feeds bytes and events, and takes what is to be sent
and written. A turn may hold many inputs; its slots are then written in one go.
"""

from collections import deque
from collections.abc import Iterable
from typing import TypeGuard, get_args

from appliance.daemons.control.call_log import tell
from appliance.engines.calls.switchboard import Switchboard
from appliance.lines.sip import SipLines
from appliance.protocols.sip.events import SipEvent
from appliance.protocols.sip.flow import Flow
from appliance.protocols.sip.user_agent import UserAgent
from appliance.vocabulary.commands import (
    CallCommand,
    ClaimAudio,
    LineCommand,
    MediaCommand,
    RelayDigit,
    ReleaseAudio,
    SealRecording,
    SetAudio,
    SoundDigit,
    Write,
)
from appliance.vocabulary.events import CallEvent, PhoneRegistered
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.journal import Entry
from appliance.vocabulary.lookups import LookUp
from appliance.vocabulary.prompt_takes import KeepPrompt
from appliance.vocabulary.settings import Site
from appliance.vocabulary.verbs import VerbAnswered

_OF_LINES = frozenset(get_args(LineCommand))


def _is_for_lines(command: CallCommand) -> TypeGuard[LineCommand]:
    """Say so by the type itself: `isinstance` asks each of a union's members in turn."""
    return type(command) in _OF_LINES


class ControlCore:
    """User agent, lines and switchboard with their outputs of the turn."""

    def __init__(self, *, user_agent: UserAgent, lines: SipLines, switchboard: Switchboard) -> None:
        self.user_agent = user_agent
        self.lines = lines
        self.switchboard = switchboard
        switchboard.living_legs = lines.legs
        switchboard.stray_ends = lines.strays
        self.media: list[MediaCommand] = []
        self.entries: list[Entry] = []
        self.sealings: list[SealRecording] = []
        self.lookups: list[LookUp] = []
        self.prompts: list[KeepPrompt] = []
        self.answers: list[VerbAnswered] = []

    # --- inputs ---
    def packet(self, data: bytes, flow: Flow, now: Instant) -> None:
        """Take one datagram, or one chunk of a TCP connection."""
        self._sip(self.user_agent.receive(data, flow, now), now)

    def unreachable(self, flow: Flow, now: Instant, why: str = "") -> None:
        """No TCP connection could be made."""
        self._sip(self.user_agent.unreachable(flow, now, why), now)

    def event(self, event: CallEvent, now: Instant) -> None:
        """Take one event for call control."""
        self._run(self.switchboard.handle(event, now), now)

    def configure(self, site: Site, now: Instant) -> None:
        """Take up a site; the directory has it already."""
        self.lines.configure(site)
        self._run(self.switchboard.configure(site, now), now)
        self.user_agent.watch_phones(site.site.watch_phones)
        self.user_agent.set_trunks(now)

    def resume(self, site: Site, now: Instant) -> None:
        """After all slots are back: go on with the calls that live."""
        for extension in site.extension:
            for binding in self.user_agent.contacts(extension.number)[:1]:
                self.event(
                    PhoneRegistered(
                        extension=extension.number,
                        where=binding.where,
                        user_agent=binding.user_agent,
                        transport=binding.transport,
                    ),
                    now,
                )
        self._run(self.switchboard.resume(self.lines.legs(), now), now)

    def wake_at(self) -> Instant | None:
        """Return when `wake` wants to be called."""
        due, other = self.user_agent.wake_at(), self.switchboard.wake_at()
        if due is None or other is None:
            return other if due is None else due
        return min(due, other)

    def wake(self, now: Instant) -> None:
        """Do what is due."""
        self._sip(self.user_agent.wake(now), now)
        self._run(self.switchboard.wake(now), now)

    # --- the turn ---
    def _sip(self, events: Iterable[SipEvent], now: Instant) -> None:
        for event in self.lines.translate(events, now):
            self.event(event, now)

    def _run(self, commands: Iterable[CallCommand], now: Instant) -> None:
        todo = deque(commands)
        while todo:
            command = todo.popleft()
            if _is_for_lines(command):
                for event in self.lines.carry_out(command, now):
                    todo.extend(self.switchboard.handle(event, now))
                continue
            match command:
                case Write():
                    self.entries.append(command.entry)
                    tell(command.entry)
                case SetAudio() | ClaimAudio() | ReleaseAudio() | RelayDigit() | SoundDigit():
                    self.media.append(command)
                case SealRecording():
                    self.sealings.append(command)
                case LookUp():
                    self.lookups.append(command)
                case KeepPrompt():
                    self.prompts.append(command)
                case VerbAnswered():
                    self.answers.append(command)

    def take_media(self) -> list[MediaCommand]:
        """Return the turn's commands to media, in order."""
        media, self.media = self.media, []
        return media

    def take_sealings(self) -> list[SealRecording]:
        """Return the recordings that the turn has ended."""
        sealings, self.sealings = self.sealings, []
        return sealings

    def take_prompts(self) -> list[KeepPrompt]:
        """Return the recordings of the turn that are to become prompts."""
        prompts, self.prompts = self.prompts, []
        return prompts

    def take_lookups(self) -> list[LookUp]:
        """Return what the turn wants to have found out."""
        lookups, self.lookups = self.lookups, []
        return lookups

    # --- slots ---
    def take_slots(self) -> dict[str, bytes | None]:
        """Return every slot that the turn touched."""
        changed: dict[str, bytes | None] = {}
        for machine in (self.user_agent, self.lines, self.switchboard):
            for name in machine.take_touched():
                changed[name] = machine.slot(name)
        return changed

    def restore(self, name: str, content: bytes, now: Instant) -> None:
        """Put one slot back where it belongs."""
        if name.startswith("line:"):
            self.lines.restore(name, content, now)
        elif Switchboard.owns(name):
            self.switchboard.restore(name, content, now)
        else:
            self.user_agent.restore(name, content, now)
