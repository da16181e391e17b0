"""Which keys a SIP leg's audio is encrypted with (SDES, RFC 4568).

A phone or trunk that the site marks `srtp` is offered SRTP and nothing else, and is refused
without; any other gets SRTP when it offers that itself.
"""

from collections.abc import Callable

import msgspec

from appliance.lines.sip_leg import SipLeg
from appliance.protocols.sip.sdes import fresh_keys
from appliance.vocabulary.audio import FarEnd
from appliance.vocabulary.lines import Line, PhoneLine, TrunkLine
from appliance.vocabulary.settings import Site


def is_required(line: Line, site: Site) -> bool:
    """Say whether the site wants this line's audio encrypted."""
    match line:
        case PhoneLine():
            return any(one.srtp for one in site.extension if one.number == line.extension)
        case TrunkLine():
            return any(one.srtp for one in site.trunk if one.id == line.trunk)
        case _:
            return False


def make_ready(leg: SipLeg, random_bytes: Callable[[int], bytes]) -> None:
    """Give the leg keys of its own before anything is offered or answered, once, if it needs any.

    They stay for the whole call: the stream's packet count goes on through every re-INVITE.
    """
    if not leg.srtp_keys and (leg.needs_srtp or b"SAVP" in leg.offer):
        leg.srtp_keys = fresh_keys(random_bytes)


def with_keys(far: FarEnd | None, leg: SipLeg) -> FarEnd | None:
    """Put our half beside theirs; None where the line needs SRTP and they gave none."""
    if far is None or far.keys is None:
        return None if leg.needs_srtp else far
    ours = leg.srtp_keys.get(far.keys.suite)
    if ours is None:
        return None
    keys = msgspec.structs.replace(far.keys, ours=ours)
    return msgspec.structs.replace(far, keys=keys)


def refusal_of(far: FarEnd | None, leg: SipLeg) -> str:
    """Say why an offer whose codecs would do is refused; empty: it is not for want of keys."""
    return "needs_srtp" if far is not None and leg.needs_srtp and leg.far is None else ""


def offered(leg: SipLeg) -> dict[str, str]:
    """Return the keys of an offer of ours; empty: plain RTP."""
    if leg.far is not None and leg.far.keys is not None:
        return {leg.far.keys.suite: leg.far.keys.ours}
    return leg.srtp_keys if leg.needs_srtp else {}
