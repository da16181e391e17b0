"""Whether keys go to a SIP leg by INFO, and what becomes of those that it refuses.

Where both sides agreed on telephone events (RFC 4733) keys are events, and nothing here counts. A
far end that has not agreed gets INFO (application/dtmf-relay) when it is known to understand it:
it sent a key that way itself in this dialog, its Accept or Recv-Info names keys, or the site says
`keys = "info"` of the line and its Allow does not say otherwise. An INFO in Allow alone is no such
sign, for phones list it for other uses. Whoever is not known to, or refuses, gets tones.
"""

import msgspec

from appliance.lines.info_digits import digit_in
from appliance.lines.sip_leg import SipLeg, in_key_form
from appliance.protocols.sip import events as sip
from appliance.protocols.sip.events import KeysInInfo
from appliance.vocabulary.audio import FarEnd
from appliance.vocabulary.events import (
    DigitForm,
    DigitHeard,
    DigitsUnsent,
    LegAudioMoved,
    LineEvent,
)
from appliance.vocabulary.lines import Line, PhoneLine, TrunkLine
from appliance.vocabulary.settings import Site

BODY_TYPE = "application/dtmf-relay"
PRESS_MS = 160
"""How long a key is said to have been pressed: gateways that make a tone of it make one so long."""
NOT_NOW = frozenset((480, 486, 491, 500, 503, 504))
"""Refusals that say nothing of the next key."""
UNSURE = frozenset((408, 481))
"""Whether the dialog lives at all has to be found out."""


def wants_info(line: Line, site: Site) -> bool:
    """Say whether the site has `keys = "info"` for this line."""
    match line:
        case PhoneLine():
            return any(one.keys == "info" for one in site.extension if one.number == line.extension)
        case TrunkLine():
            return any(one.keys == "info" for one in site.trunk if one.id == line.trunk)
        case _:
            return False


def hear_headers(leg: SipLeg, said: KeysInInfo) -> None:
    """Take what its INVITE, or its 2xx, says of keys in INFO."""
    leg.refuses_info = said is KeysInInfo.REFUSED
    leg.speaks_info = leg.speaks_info or said is KeysInInfo.WANTED


def before_answer(far: FarEnd | None) -> FarEnd | None:
    """Early media: INFO of ours waits for a dialog, until then keys are tones."""
    if far is None or not far.takes_keys_by_signalling:
        return far
    return msgspec.structs.replace(far, takes_keys_by_signalling=False)


def body_of(digit: str) -> bytes:
    """Return a key as application/dtmf-relay says it."""
    return f"Signal={digit}\r\nDuration={PRESS_MS}\r\n".encode("ascii")


def arrived(leg: SipLeg, event: sip.InfoArrived) -> list[LineEvent]:
    """An INFO of theirs: perhaps a key, which also shows how they want theirs."""
    digit = digit_in(event.content_type, event.body)
    if digit is None:
        return []
    leg.speaks_info = True
    heard = DigitHeard(leg=leg.leg, digit=digit, form=DigitForm.INFO)
    if not leg.is_answered:
        return [heard]  # early media: it is told keys by INFO from the answer on
    return [*_in_new_form(leg), heard]


def refused(leg: SipLeg, event: sip.InfoRefused) -> list[LineEvent]:
    """Keys that did not arrive become tones, unless they waited for too long already."""
    if event.status not in NOT_NOW:
        leg.refuses_info = True
    moved = _in_new_form(leg)
    if event.status == 408:
        return moved
    digits = "".join(digit_in(BODY_TYPE, body) or "" for body in event.bodies)
    return [*moved, DigitsUnsent(leg=leg.leg, digits=digits)]


def _in_new_form(leg: SipLeg) -> list[LineEvent]:
    before, leg.far = leg.far, in_key_form(leg.far, leg)
    if leg.far is None or leg.far == before:
        return []
    return [LegAudioMoved(leg=leg.leg, audio=leg.far)]
