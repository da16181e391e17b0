"""What happens on one SIP leg: its dialog's events to call events, commands to its dialog's verbs.

RFC 3264 (offer and answer), 3515 (transfer by the phone's own key), 4028 (refresh).
"""

from collections.abc import Callable
from typing import assert_never

from appliance.lines import sip_keys
from appliance.lines.causes import cause_of, reason_of, status_of
from appliance.lines.leg_table import LegTable
from appliance.lines.sip_leg import SipLeg, end_cause, far_of, with_proof
from appliance.lines.sip_offers import answer_to_offer, first_offer, offered_again
from appliance.lines.sip_referral import told_status, transfer_asked
from appliance.lines.sip_srtp import make_ready, with_keys
from appliance.protocols.sip import events as sip
from appliance.protocols.sip.events import DialogId
from appliance.protocols.sip.user_agent import UserAgent
from appliance.vocabulary.commands import (
    Answer,
    CheckLeg,
    HangUp,
    MoveAudio,
    Reject,
    Ring,
    SendDigit,
    TellTransfer,
)
from appliance.vocabulary.events import (
    LegAnswered,
    LegAudioMoved,
    LegEnded,
    LegRefused,
    LegRinging,
    LineEvent,
)
from appliance.vocabulary.ids import Instant
from appliance.vocabulary.lines import Cause

OfferEvent = sip.ReofferArrived | sip.AnswerArrived | sip.ReofferRefused | sip.RefreshWanted
DialogEvent = (
    sip.AnswerProven
    | sip.InviteRinging
    | sip.InviteAnswered
    | sip.InviteRefused
    | sip.DialogEnded
    | OfferEvent
    | sip.InfoArrived
    | sip.InfoRefused
    | sip.ReferArrived
    | sip.ReferralOver
)
LegCommand = Ring | Answer | Reject | HangUp | CheckLeg | MoveAudio | SendDigit


class SipTalk:
    """Each leg from its first ringing to its end."""

    def __init__(
        self, user_agent: UserAgent, legs: LegTable, random_bytes: Callable[[int], bytes]
    ) -> None:
        """`random_bytes` gives so many unguessable bytes, for SRTP keys."""
        self._user_agent = user_agent
        self._random_bytes = random_bytes
        self._legs = legs

    # --- from the far end ---
    def happened(self, leg: SipLeg, event: DialogEvent, now: Instant) -> list[LineEvent]:
        """Return what an event of the leg's dialog means."""
        match event:
            case sip.InviteRinging() | sip.InviteAnswered() | sip.InviteRefused():
                return self._dialled_event(leg, event, now)
            case sip.DialogEnded():
                self._legs.end(leg)
                return [LegEnded(leg=leg.leg, cause=end_cause(event))]
            case sip.InfoArrived():
                return self._kept(leg, sip_keys.arrived(leg, event))
            case sip.InfoRefused():
                return self._info_refused(leg, event, now)
            case sip.AnswerProven():
                return self._proven(leg)
            case sip.ReferArrived():
                return self._refer_arrived(leg, event, now)
            case sip.ReferralOver():
                self._legs.end_referral(leg)
                return []
            case _:
                return self._offer_event(leg, event, now)

    def _dialled_event(
        self,
        leg: SipLeg,
        event: sip.InviteRinging | sip.InviteAnswered | sip.InviteRefused,
        now: Instant,
    ) -> list[LineEvent]:
        match event:
            case sip.InviteRinging():
                # our INVITE had the offer: what is described in an 18x is its answer
                far = with_keys(far_of(event.sdp, leg, is_answer=True), leg) if event.sdp else None
                return [LegRinging(leg=leg.leg, audio=sip_keys.before_answer(far))]
            case sip.InviteAnswered():
                return self._answered(leg, event, now)
            case sip.InviteRefused():
                self._legs.drop(leg)
                return [LegRefused(leg=leg.leg, cause=cause_of(event.status), text=event.reason)]
            case _:
                assert_never(event)

    def _offer_event(self, leg: SipLeg, event: OfferEvent, now: Instant) -> list[LineEvent]:
        match event:
            case sip.ReofferArrived():
                return self._reoffered(leg, event, now)
            case sip.AnswerArrived():
                return self._answer_arrived(leg, event)
            case sip.ReofferRefused():
                return []
            case sip.RefreshWanted():
                self._user_agent.reoffer(leg.dialog, leg.sdp, now)
                return []
            case _:
                assert_never(event)

    def _answered(self, leg: SipLeg, event: sip.InviteAnswered, now: Instant) -> list[LineEvent]:
        leg.source_address = event.source_address or leg.source_address
        sip_keys.hear_headers(leg, event.keys_in_info)
        far = with_keys(far_of(event.sdp, leg, is_answer=True), leg)
        if far is None:
            self._user_agent.hang_up(leg.dialog, now)
            self._legs.drop(leg)
            return [LegRefused(leg=leg.leg, cause=Cause.INCOMPATIBLE_AUDIO, text="no audio")]
        leg.far, leg.is_answered = far, True
        self._legs.keep(leg)
        return [LegAnswered(leg=leg.leg, audio=far, transport=event.transport)]

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
        near = self._user_agent.near_address(leg.dialog, far.address)
        answer = answer_to_offer(leg, far, near)
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

    def _proven(self, leg: SipLeg) -> list[LineEvent]:
        """Its answer reached it: audio may be sent wherever it asks for it, from now on."""
        leg.is_proven = True
        before, leg.far = leg.far, with_proof(leg.far, leg)
        self._legs.keep(leg)
        if leg.far is None or leg.far == before:
            return []
        return [LegAudioMoved(leg=leg.leg, audio=leg.far)]

    def _info_refused(self, leg: SipLeg, event: sip.InfoRefused, now: Instant) -> list[LineEvent]:
        events = self._kept(leg, sip_keys.refused(leg, event))
        if event.status in sip_keys.UNSURE and leg.is_answered:
            self._user_agent.reoffer(leg.dialog, leg.sdp, now)
        return events

    def _kept(self, leg: SipLeg, events: list[LineEvent]) -> list[LineEvent]:
        self._legs.keep(leg)
        return events

    # --- transfer by the phone's own key ---
    def _refer_arrived(self, leg: SipLeg, event: sip.ReferArrived, now: Instant) -> list[LineEvent]:
        asked = transfer_asked(leg, event, self._legs)
        if asked is None:
            self._user_agent.tell_referral(leg.dialog, 403, "", now)
            return []
        leg.is_referring = True
        self._legs.keep(leg)
        return [asked]

    def tell_transfer(self, command: TellTransfer, now: Instant) -> None:
        """Tell the phone how far the transfer that it asked for has come."""
        leg = self._legs.get(command.leg)
        if leg is None or not leg.is_referring:
            return
        status, reason = told_status(command)
        self._user_agent.tell_referral(leg.dialog, status, reason, now)
        if status >= 200:
            self._legs.end_referral(leg)

    # --- from call control ---
    def carry_out(self, command: LegCommand, now: Instant) -> None:
        """Do what call control wants of a leg; nothing when it is gone."""
        leg = self._legs.get(command.leg)
        if leg is None and isinstance(command, HangUp):
            self._hang_up_stray(DialogId(command.leg), now)
        if leg is None or leg.has_ended:
            return
        match command:
            case Ring():
                self._ring(leg, command.port, now)
            case Answer():
                self._answer(leg, command.port, now)
            case Reject():
                status, reason = status_of(command.cause)
                self._user_agent.reject(leg.dialog, status, reason, now)
                self._legs.drop(leg)
            case HangUp():
                why, text = reason_of(command.cause)
                self._user_agent.hang_up(leg.dialog, now, why, text)
                self._legs.drop(leg)
            case CheckLeg() | MoveAudio() | SendDigit():
                if leg.is_answered:
                    self._in_talk(leg, command, now)
            case _:
                assert_never(command)

    def _in_talk(
        self, leg: SipLeg, command: CheckLeg | MoveAudio | SendDigit, now: Instant
    ) -> None:
        match command:
            case CheckLeg():
                self._user_agent.reoffer(leg.dialog, leg.sdp, now)
            case MoveAudio():
                self._move(leg, command.port, now)
            case SendDigit():
                body = sip_keys.body_of(command.digit)
                self._user_agent.inform(leg.dialog, sip_keys.BODY_TYPE, body, now)
            case _:
                assert_never(command)

    def _hang_up_stray(self, dialog: DialogId, now: Instant) -> None:
        """A dialog that no leg has: its far end holds the line for nothing."""
        if dialog in self._user_agent.living_dialogs() and self._legs.of_dialog(dialog) is None:
            self._user_agent.hang_up(dialog, now)

    def _move(self, leg: SipLeg, port: int, now: Instant) -> None:
        """A re-INVITE with the new port and the codec in use (RFC 3264 §8.3.1)."""
        if leg.far is not None:
            leg.port = port
            self._user_agent.reoffer(leg.dialog, self._offer_of_ours(leg), now)

    def _offer_of_ours(self, leg: SipLeg) -> bytes:
        audio = "" if leg.far is None else leg.far.address
        sdp = offered_again(leg, self._user_agent.near_address(leg.dialog, audio))
        self._legs.keep(leg)
        return sdp

    def _ring(self, leg: SipLeg, port: int | None, now: Instant) -> None:
        """180; with a port 183 and the answer to their offer, as it will stand in the 200 too."""
        sdp = None
        if port is not None and leg.far is not None and not leg.is_late_offer:
            leg.port = port
            near = self._user_agent.near_address(leg.dialog, leg.far.address)
            sdp = answer_to_offer(leg, leg.far, near)
            self._legs.keep(leg)
        self._user_agent.ring(leg.dialog, now, sdp)

    def _answer(self, leg: SipLeg, port: int, now: Instant) -> None:
        leg.port = port
        audio = "" if leg.far is None or leg.is_late_offer else leg.far.address
        near = self._user_agent.near_address(leg.dialog, audio)
        if leg.is_late_offer:
            first_offer(leg, near)
        elif leg.far is not None:
            answer_to_offer(leg, leg.far, near)
        leg.is_answered = True
        self._legs.keep(leg)
        self._user_agent.answer(leg.dialog, leg.sdp, now)
