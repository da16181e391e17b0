"""All SIP lines as one machine: the user agent's events to call events, commands to its verbs.

Offer and answer happen here, per leg; call control only knows FarEnd and ports. A leg that the far
end offers is named after its dialog; a leg that we dial was named by call control.
"""

from collections.abc import Callable, Iterable

from appliance.lines import sip_lamps
from appliance.lines.kinds import SipLineKind
from appliance.lines.leg_table import LegTable
from appliance.lines.sip_guest import SipGuest
from appliance.lines.sip_identity import dialled_headers
from appliance.lines.sip_keys import hear_headers, wants_info
from appliance.lines.sip_leg import (
    LONGEST_NUMBER,
    SipLeg,
    far_of,
    shown,
    shown_diversion,
    unknown_far,
)
from appliance.lines.sip_offers import first_offer
from appliance.lines.sip_phone import SipPhone
from appliance.lines.sip_referral import replaced_leg
from appliance.lines.sip_srtp import is_required, make_ready, refusal_of, with_keys
from appliance.lines.sip_talk import SipTalk
from appliance.lines.sip_trunk import SipTrunk
from appliance.protocols.sip import events as sip
from appliance.protocols.sip.events import DialogId, SipEvent
from appliance.protocols.sip.user_agent import UserAgent
from appliance.vocabulary.commands import (
    DialPhone,
    DialTrunk,
    LineCommand,
    ShowLamp,
    ShowMessages,
    TellTransfer,
)
from appliance.vocabulary.events import (
    LegOffered,
    LegRefused,
    LineEvent,
    PhoneGone,
    PhoneRegistered,
    TrunkChanged,
)
from appliance.vocabulary.ids import ExtensionNumber, Instant, LegId, TrunkId
from appliance.vocabulary.lines import Cause, Line
from appliance.vocabulary.settings import Site

LINES: tuple[SipLineKind, ...] = (SipTrunk(), SipPhone(), SipGuest())


class SipLines:
    """SIP's lines. Slots "line:<leg>"; the user agent keeps its own."""

    def __init__(
        self,
        *,
        user_agent: UserAgent,
        site: Site,
        new_number: Callable[[], int],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """`new_number` gives session ids for descriptions (any positive integers), `random_bytes`
        what keys are made of."""
        self._user_agent = user_agent
        self._site = site
        self._new_number = new_number
        self._random_bytes = random_bytes
        self._legs = LegTable()
        self._talk = SipTalk(user_agent, self._legs, random_bytes)

    def configure(self, site: Site) -> None:
        """Take up a site; legs go on as they are."""
        self._site = site

    # --- from the far ends ---
    def translate(self, events: Iterable[SipEvent], now: Instant) -> list[LineEvent]:
        """Return the call events that these SIP events mean."""
        found: list[LineEvent] = []
        for event in events:
            found.extend(self._translated(event, now))
        return found

    def _translated(self, event: SipEvent, now: Instant) -> list[LineEvent]:
        match event:
            case sip.InviteArrived():
                return self._arrived(event, now)
            case sip.Registered():
                return [
                    PhoneRegistered(
                        extension=ExtensionNumber(event.user),
                        where=event.where,
                        user_agent=event.user_agent,
                        transport=event.transport,
                    )
                ]
            case sip.Unregistered():
                user = ExtensionNumber(event.user)
                return [PhoneGone(extension=user, is_silent=event.is_silent)]
            case sip.TrunkChanged():
                return [
                    TrunkChanged(trunk=TrunkId(event.trunk), is_up=event.is_up, text=event.text)
                ]
            case _:
                leg = self._legs.of_dialog(event.dialog)
                return [] if leg is None else self._talk.happened(leg, event, now)

    def _arrived(self, event: sip.InviteArrived, now: Instant) -> list[LineEvent]:
        kind, line = self._kind_of(event)
        if kind is None or line is None:
            self._user_agent.reject(event.dialog, 403, "Forbidden", now)
            return []
        replaced = None
        if event.replaces is not None:
            replaced = replaced_leg(self._legs.of_dialog(event.replaces), line)
            if replaced is None:
                self._user_agent.reject(event.dialog, 403, "Forbidden", now)
                return []
        leg = SipLeg(
            leg=LegId(event.dialog),
            dialog=event.dialog,
            line=line,
            codecs=kind.codecs(line, self._site),
            source_address=event.source_address,
            offer=event.sdp,
            sdp_id=self._new_number(),
            needs_srtp=is_required(line, self._site),
            is_proven=event.is_proven,
            wants_info=wants_info(line, self._site),
        )
        hear_headers(leg, event.keys_in_info)
        make_ready(leg, self._random_bytes)
        refusal = ""
        if event.sdp:
            far = far_of(event.sdp, leg)
            leg.far = with_keys(far, leg)
            refusal = refusal_of(far, leg)
        else:
            leg.is_late_offer = True
            leg.far = unknown_far(leg)
        self._legs.keep(leg)
        diversion = shown_diversion(event.diversion)
        return [
            LegOffered(
                leg=leg.leg,
                line=line,
                caller=shown(kind.caller_of(event)),
                called=kind.called_of(event, self._site)[:LONGEST_NUMBER],
                audio=leg.far,
                line_call=event.sip_call_id,
                replaces=replaced,
                diverted_from="" if diversion is None else diversion.number,
                diversion=diversion,
                refusal=refusal,
                transport=event.transport,
            )
        ]

    def _kind_of(self, event: sip.InviteArrived) -> tuple[SipLineKind | None, Line | None]:
        for kind in LINES:
            line = kind.line_of(event)
            if line is not None:
                return kind, line
        return None, None

    # --- from call control ---
    def carry_out(self, command: LineCommand, now: Instant) -> list[LineEvent]:
        """Do it; return what is known about it at once."""
        match command:
            case DialPhone() | DialTrunk():
                return self._dial(command, now)
            case TellTransfer():
                self._talk.tell_transfer(command, now)
            case ShowLamp() | ShowMessages():
                sip_lamps.show(self._user_agent, command, now)
            case _:
                self._talk.carry_out(command, now)
        return []

    def _dial(self, command: DialPhone | DialTrunk, now: Instant) -> list[LineEvent]:
        invitation = next(
            (
                found
                for kind in LINES
                if (found := kind.invitation(command, self._site)) is not None
            ),
            None,
        )
        if invitation is None:
            return [LegRefused(leg=command.leg, cause=Cause.UNREACHABLE)]
        near = self._user_agent.near_address_toward(invitation.target, now)
        leg = SipLeg(
            leg=command.leg,
            dialog=DialogId(""),
            line=invitation.line,
            codecs=invitation.codecs,
            sdp_id=self._new_number(),
            port=command.port,
            needs_srtp=is_required(invitation.line, self._site),
            wants_info=wants_info(invitation.line, self._site),
            may_hush=command.may_hush,
        )
        make_ready(leg, self._random_bytes)
        leg.dialog = self._user_agent.invite(
            invitation.target,
            sdp=first_offer(leg, near),
            from_user=invitation.from_user,
            from_name=invitation.from_name,
            to_user=invitation.to_user,
            now=now,
            headers=dialled_headers(command, invitation, near),
            is_impatient=isinstance(command, DialTrunk) and command.has_other,
        )
        self._legs.keep(leg)
        return []

    # --- slots ---
    def legs(self) -> set[LegId]:
        """Return every leg that has a dialog."""
        alive = self._user_agent.living_dialogs()
        return {name for name, dialog in self._legs.living().items() if dialog in alive}

    def strays(self) -> set[LegId]:
        """Return what is left of dialogs that no leg has: each under its own name, for HangUp."""
        return {
            LegId(dialog)
            for dialog in self._user_agent.living_dialogs()
            if self._legs.of_dialog(dialog) is None
        }

    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call."""
        return self._legs.take_touched()

    def slot(self, name: str) -> bytes | None:
        """Return a slot's content."""
        return self._legs.slot(name)

    def restore(self, name: str, content: bytes, now: Instant) -> None:
        """Put a slot back."""
        self._legs.restore(content)
