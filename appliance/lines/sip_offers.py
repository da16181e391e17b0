"""What we say of our audio on one SIP leg: offers and answers, and how their versions count.

RFC 3264 §5 to §8. Nothing here is sent; the line says where our audio is (`near`, `leg.port`).
"""

from appliance.lines.sip_leg import SipLeg
from appliance.lines.sip_srtp import offered
from appliance.protocols.sip.negotiation import answer_bytes, offer_bytes
from appliance.protocols.sip.sdp import SessionDescription
from appliance.vocabulary.audio import FarEnd


def first_offer(leg: SipLeg, near: str) -> bytes:
    """Offer everything that the line knows: our INVITE, or the 200 of one without an offer."""
    leg.sdp = offer_bytes(
        leg.codecs, near, leg.port, leg.sdp_id, leg.sdp_version, keys=offered(leg),
        has_events=not leg.wants_info, has_comfort_noise=leg.may_hush,
    )  # fmt: skip
    return leg.sdp


def offered_again(leg: SipLeg, near: str) -> bytes:
    """Offer within a talk: the codec in use, both ways."""
    leg.sdp_version += 1
    codecs = leg.codecs if leg.far is None else (leg.far.codec,)
    ptime_ms = 20 if leg.far is None else leg.far.ptime_ms
    leg.sdp = offer_bytes(
        codecs, near, leg.port, leg.sdp_id, leg.sdp_version, ptime_ms, keys=offered(leg),
        has_events=not leg.wants_info or leg.refuses_info,
        has_comfort_noise=leg.far is not None and leg.far.comfort_noise_payload_type is not None,
    )  # fmt: skip
    return leg.sdp


def answer_to_offer(leg: SipLeg, far: FarEnd, near: str) -> bytes:
    """Answer `leg.offer`; the version counts up when we say something else than before (§8)."""
    offer = SessionDescription.parse(leg.offer)
    answer = answer_bytes(offer, far, near, leg.port, leg.sdp_id, leg.sdp_version)
    if leg.sdp and answer != leg.sdp:
        leg.sdp_version += 1
        answer = answer_bytes(offer, far, near, leg.port, leg.sdp_id, leg.sdp_version)
    leg.sdp = answer
    return answer
