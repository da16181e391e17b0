"""One SIP leg as its line remembers it, and what descriptions and ends of dialogs mean for it."""

import msgspec

from appliance.lines.usable_codecs import if_nothing_else
from appliance.protocols.sip import events as sip
from appliance.protocols.sip.events import DialogId
from appliance.protocols.sip.negotiation import (
    OFFERED_PAYLOAD_TYPES,
    far_end,
    far_end_of_answer,
)
from appliance.protocols.sip.sdp import SessionDescription
from appliance.vocabulary.audio import Codec, FarEnd
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.ids import LegId
from appliance.vocabulary.lines import Cause, Diversion, Line, Party
from appliance.vocabulary.shape import State

LONGEST_NUMBER = 64
LONGEST_NAME = 80
"""Characters. More is no number or name but an attempt; it would be in every slot and page."""


def shown(caller: Party) -> Party:
    """Cut what a stranger calls himself to what a display can show."""
    name = "".join(char for char in caller.name[:LONGEST_NAME] if char.isprintable())
    number = "".join(char for char in caller.number[:LONGEST_NUMBER] if char.isprintable())
    return Party(number=number, name=name)


def shown_diversion(by: Diversion | None) -> Diversion | None:
    """Cut what a carrier says of who sent a call on likewise."""
    if by is None:
        return None
    number = shown(Party(number=by.number)).number
    return Diversion(number=number, reason=by.reason)


class SipLeg(State, kw_only=True):
    """What must be kept of a leg besides its dialog."""

    leg: LegId
    dialog: DialogId
    line: Line
    codecs: tuple[Codec, ...]
    source_address: str = ""
    offer: bytes = b""
    """Theirs, while it waits for our answer."""
    sdp: bytes = b""
    """What we said last: said again to check whether they live."""
    sdp_id: int = 0
    sdp_version: int = 0
    port: int = 0
    far: FarEnd | None = None
    is_answered: bool = False
    is_late_offer: bool = False
    is_referring: bool = False
    """It asked for a transfer that is not over: TellTransfer may still come, even when the leg has
    ended."""
    has_ended: bool = False
    needs_srtp: bool = False
    srtp_keys: dict[str, str] = {}
    """Ours, by suite; made when first needed."""
    is_proven: bool = True
    """Whoever signals is known to be at `source_address`."""
    may_hush: bool = False
    """It is offered comfort noise, for whom it talks with has agreed on that."""
    wants_info: bool = False
    """The site says that keys go to it by INFO (see sip_keys)."""
    speaks_info: bool = False
    """It has shown that it understands keys in INFO."""
    refuses_info: bool = False
    """It does not take them."""


def far_of(sdp: bytes, leg: SipLeg, *, is_answer: bool = False) -> FarEnd | None:
    try:
        description = SessionDescription.parse(sdp)
    except PeerError:
        return None
    if is_answer:
        found = far_end_of_answer(description, leg.codecs, leg.source_address)
    else:
        others = if_nothing_else(leg.codecs)
        found = far_end(description, leg.codecs, leg.source_address, others)
    return in_key_form(with_proof(found, leg), leg)


def with_proof(far: FarEnd | None, leg: SipLeg) -> FarEnd | None:
    """Say whether audio may be sent there at once. A datagram with a forged source could else have
    the box send its prompts to whatever address the description names."""
    if far is None:
        return None
    is_proven = leg.is_proven or far.address == far.signalling_address
    return msgspec.structs.replace(far, is_proven=is_proven)


def in_key_form(far: FarEnd | None, leg: SipLeg) -> FarEnd | None:
    """Say whether keys go to it by INFO. What the site wants is stronger than its description."""
    if far is None:
        return None
    is_wanted = leg.wants_info and not leg.refuses_info
    events = None if is_wanted else far.dtmf_payload_type
    by_info = is_wanted or (leg.speaks_info and not leg.refuses_info and events is None)
    if events == far.dtmf_payload_type and by_info == far.takes_keys_by_signalling:
        return far
    return msgspec.structs.replace(far, dtmf_payload_type=events, takes_keys_by_signalling=by_info)


def unknown_far(leg: SipLeg) -> FarEnd:
    """Late offer: their answer comes in the ACK; until then nothing is sent to them."""
    codec = leg.codecs[0]
    return FarEnd(
        address=leg.source_address,
        port=9,
        codec=codec,
        payload_type=OFFERED_PAYLOAD_TYPES[codec],
        signalling_address=leg.source_address,
        receives=False,
    )


def end_cause(event: sip.DialogEnded) -> Cause:
    if event.was_cancelled:
        return Cause.CANCELLED
    if event.status == 408 or event.reason == "no ACK":
        return Cause.AUDIO_LOST
    return Cause.NORMAL
