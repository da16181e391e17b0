"""All SIP lines as one machine: the user agent's events to call events, commands to its verbs.

Offer and answer happen here, per leg; call control only knows FarEnd and ports. A leg that the far
end offers is named after its dialog; a leg that we dial was named by call control.
"""

from collections.abc import Callable, Iterable
from typing import assert_never

from appliance.lines.causes import cause_of, status_of
from appliance.lines.info_digits import digit_in
from appliance.lines.kinds import SipLineKind
from appliance.lines.leg_table import LegTable
from appliance.lines.sip_guest import SipGuest
from appliance.lines.sip_leg import LONGEST_NUMBER, SipLeg, end_cause, far_of, shown, unknown_far
from appliance.lines.sip_offers import answer_to_offer, first_offer, offered_again
from appliance.lines.sip_phone import SipPhone
from appliance.lines.sip_referral import replaced_leg, told_status, transfer_asked
from appliance.lines.sip_srtp import is_required, make_ready, with_keys
from appliance.lines.sip_trunk import SipTrunk
from appliance.protocols.sip import events as sip
from appliance.protocols.sip.events import DialogId, SipEvent
from appliance.protocols.sip.user_agent import UserAgent
from appliance.vocabulary.commands import (
    Answer,
    CheckLeg,
    DialPhone,
    DialTrunk,
    HangUp,
    LineCommand,
    MoveAudio,
    Reject,
    Ring,
    ShowLamp,
    ShowMessages,
    TellTransfer,
)
from appliance.vocabulary.events import (
    DigitForm,
    DigitHeard,
    LegAnswered,
    LegAudioMoved,
    LegEnded,
    LegOffered,
    LegRefused,
    LegRinging,
    LineEvent,
    PhoneGone,
    PhoneRegistered,
    TrunkChanged,
)
from appliance.vocabulary.ids import ExtensionNumber, Instant, LegId, TrunkId
from appliance.vocabulary.lines import Cause, Line
from appliance.vocabulary.settings import Site

LINES: tuple[SipLineKind, ...] = (SipTrunk(), SipPhone(), SipGuest())

DialogEvent = (
    sip.InviteRinging
    | sip.InviteAnswered
    | sip.InviteRefused
    | sip.DialogEnded
    | sip.ReofferArrived
    | sip.AnswerArrived
    | sip.ReofferRefused
    | sip.RefreshWanted
    | sip.InfoArrived
    | sip.ReferArrived
    | sip.ReferralOver
)
LegCommand = Ring | Answer | Reject | HangUp | CheckLeg | MoveAudio


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
                    )
                ]
            case sip.Unregistered():
                return [PhoneGone(extension=ExtensionNumber(event.user))]
            case sip.TrunkChanged():
                return [
                    TrunkChanged(trunk=TrunkId(event.trunk), is_up=event.is_up, text=event.text)
                ]
            case _:
                leg = self._legs.of_dialog(event.dialog)
                return [] if leg is None else self._dialog_event(leg, event, now)

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
        )
        make_ready(leg, self._random_bytes)
        if event.sdp:
            leg.far = with_keys(far_of(event.sdp, leg), leg)
        else:
            leg.is_late_offer = True
            leg.far = unknown_far(leg)
        self._legs.keep(leg)
        return [
            LegOffered(
                leg=leg.leg,
                line=line,
                caller=shown(kind.caller_of(event)),
                called=kind.called_of(event, self._site)[:LONGEST_NUMBER],
                audio=leg.far,
                line_call=event.sip_call_id,
                replaces=replaced,
            )
        ]

    def _kind_of(self, event: sip.InviteArrived) -> tuple[SipLineKind | None, Line | None]:
        for kind in LINES:
            line = kind.line_of(event)
            if line is not None:
                return kind, line
        return None, None

    def _dialog_event(self, leg: SipLeg, event: DialogEvent, now: Instant) -> list[LineEvent]:
        match event:
            case sip.InviteRinging() | sip.InviteAnswered() | sip.InviteRefused():
                return self._dialled_event(leg, event, now)
            case sip.DialogEnded():
                self._legs.end(leg)
                return [LegEnded(leg=leg.leg, cause=end_cause(event))]
            case sip.ReofferArrived():
                return self._reoffered(leg, event, now)
            case sip.AnswerArrived():
                return self._answer_arrived(leg, event)
            case sip.ReofferRefused():
                return []
            case sip.RefreshWanted():
                self._user_agent.reoffer(leg.dialog, leg.sdp, now)
                return []
            case sip.InfoArrived():
                digit = digit_in(event.content_type, event.body)
                if digit is None:
                    return []
                return [DigitHeard(leg=leg.leg, digit=digit, form=DigitForm.INFO)]
            case sip.ReferArrived():
                return self._refer_arrived(leg, event, now)
            case sip.ReferralOver():
                self._legs.end_referral(leg)
                return []
            case _:
                assert_never(event)

    def _dialled_event(
        self,
        leg: SipLeg,
        event: sip.InviteRinging | sip.InviteAnswered | sip.InviteRefused,
        now: Instant,
    ) -> list[LineEvent]:
        match event:
            case sip.InviteRinging():
                return [LegRinging(leg=leg.leg)]
            case sip.InviteAnswered():
                return self._answered(leg, event, now)
            case sip.InviteRefused():
                self._legs.drop(leg)
                return [LegRefused(leg=leg.leg, cause=cause_of(event.status), text=event.reason)]
            case _:
                assert_never(event)

    def _answered(self, leg: SipLeg, event: sip.InviteAnswered, now: Instant) -> list[LineEvent]:
        leg.source_address = event.source_address or leg.source_address
        far = with_keys(far_of(event.sdp, leg, is_answer=True), leg)
        if far is None:
            self._user_agent.hang_up(leg.dialog, now)
            self._legs.drop(leg)
            return [LegRefused(leg=leg.leg, cause=Cause.INCOMPATIBLE_AUDIO, text="no audio")]
        leg.far, leg.is_answered = far, True
        self._legs.keep(leg)
        return [LegAnswered(leg=leg.leg, audio=far)]

    def _reoffered(self, leg: SipLeg, event: sip.ReofferArrived, now: Instant) -> list[LineEvent]:
        """Hold, resume, a moved phone, or a mere session refresh (RFC 3264 §8)."""
        if not event.sdp:
            # They want our offer: a whole one, for many end a hold this way (RFC 6337 §5.3).
            self._user_agent.answer_reoffer(leg.dialog, self._offer_of_ours(leg), now)
            return []
        offered_before, leg.offer = leg.offer, event.sdp
        make_ready(leg, self._random_bytes)
        far = with_keys(far_of(event.sdp, leg), leg)
        if far is None:
            leg.offer = offered_before
            self._user_agent.answer_reoffer(leg.dialog, None, now)
            return []
        answer = answer_to_offer(leg, far, self._user_agent.near_address(leg.dialog))
        self._user_agent.answer_reoffer(leg.dialog, answer, now)
        has_moved = far != leg.far
        leg.far = far
        self._legs.keep(leg)
        return [LegAudioMoved(leg=leg.leg, audio=far)] if has_moved else []

    def _answer_arrived(self, leg: SipLeg, event: sip.AnswerArrived) -> list[LineEvent]:
        far = with_keys(far_of(event.sdp, leg, is_answer=True), leg)
        if far is None or far == leg.far:
            return []
        leg.far = far
        self._legs.keep(leg)
        return [LegAudioMoved(leg=leg.leg, audio=far)]

    # --- transfer by the phone's own key ---
    def _refer_arrived(self, leg: SipLeg, event: sip.ReferArrived, now: Instant) -> list[LineEvent]:
        asked = transfer_asked(leg, event, self._legs)
        if asked is None:
            self._user_agent.tell_referral(leg.dialog, 403, "", now)
            return []
        leg.is_referring = True
        self._legs.keep(leg)
        return [asked]

    def _tell_transfer(self, command: TellTransfer, now: Instant) -> None:
        leg = self._legs.get(command.leg)
        if leg is None or not leg.is_referring:
            return
        status, reason = told_status(command)
        self._user_agent.tell_referral(leg.dialog, status, reason, now)
        if status >= 200:
            self._legs.end_referral(leg)

    # --- from call control ---
    def carry_out(self, command: LineCommand, now: Instant) -> list[LineEvent]:
        """Do it; return what is known about it at once."""
        match command:
            case DialPhone() | DialTrunk():
                return self._dial(command, now)
            case TellTransfer():
                self._tell_transfer(command, now)
            case ShowLamp() | ShowMessages():
                return []
            case _:
                self._on_leg(command, now)
        return []

    def _on_leg(self, command: LegCommand, now: Instant) -> None:
        leg = self._legs.get(command.leg)
        if leg is None or leg.has_ended:
            return
        match command:
            case Ring():
                self._user_agent.ring(leg.dialog, now)
            case Answer():
                self._answer(leg, command.port, now)
            case Reject():
                status, reason = status_of(command.cause)
                self._user_agent.reject(leg.dialog, status, reason, now)
                self._legs.drop(leg)
            case HangUp():
                status, reason = status_of(command.cause)
                self._user_agent.hang_up(leg.dialog, now, status, reason)
                self._legs.drop(leg)
            case CheckLeg():
                if leg.is_answered:
                    self._user_agent.reoffer(leg.dialog, leg.sdp, now)
            case MoveAudio():
                self._move(leg, command.port, now)
            case _:
                assert_never(command)

    def _move(self, leg: SipLeg, port: int, now: Instant) -> None:
        """A re-INVITE with the new port and the codec in use (RFC 3264 §8.3.1)."""
        if leg.is_answered and leg.far is not None:
            leg.port = port
            self._user_agent.reoffer(leg.dialog, self._offer_of_ours(leg), now)

    def _offer_of_ours(self, leg: SipLeg) -> bytes:
        sdp = offered_again(leg, self._user_agent.near_address(leg.dialog))
        self._legs.keep(leg)
        return sdp

    def _answer(self, leg: SipLeg, port: int, now: Instant) -> None:
        leg.port = port
        near = self._user_agent.near_address(leg.dialog)
        if leg.is_late_offer:
            first_offer(leg, near)
        elif leg.far is not None:
            answer_to_offer(leg, leg.far, near)
        leg.is_answered = True
        self._legs.keep(leg)
        self._user_agent.answer(leg.dialog, leg.sdp, now)

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
        )
        make_ready(leg, self._random_bytes)
        leg.dialog = self._user_agent.invite(
            invitation.target,
            sdp=first_offer(leg, near),
            from_user=invitation.from_user,
            from_name=invitation.from_name,
            to_user=invitation.to_user,
            now=now,
        )
        self._legs.keep(leg)
        return []

    # --- slots ---
    def legs(self) -> set[LegId]:
        """Return every leg that has a dialog."""
        return self._legs.living()

    def take_touched(self) -> set[str]:
        """Return the names of the slots changed since the last call."""
        return self._legs.take_touched()

    def slot(self, name: str) -> bytes | None:
        """Return a slot's content."""
        return self._legs.slot(name)

    def restore(self, name: str, content: bytes, now: Instant) -> None:
        """Put a slot back."""
        self._legs.restore(content)
