"""Keys of one party on their way to the others of a talk, as far as they go by signalling.

Events and tones are the media worker's to pass on. Call control is told of every key, whatever
form it came in, and tells those far ends that know keys by signalling alone (FarEnd says which).
"""

from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegPhase, LegState
from appliance.vocabulary.audio import Mix, PeerAudio
from appliance.vocabulary.commands import RelayDigit, SendDigit, SoundDigit
from appliance.vocabulary.events import DigitForm, DigitHeard, DigitsUnsent


def relay(exchange: Exchange, call: CallState, speaker: LegState, event: DigitHeard) -> None:
    """A key of a talking leg: tell whoever hears the leg, and is not told by the worker."""
    if event.form is DigitForm.INFO:
        exchange.do(RelayDigit(leg=speaker.leg, digit=event.digit))
    for leg in call.legs:
        if leg.phase is not LegPhase.ANSWERED or leg.far is None or leg.hears_supervisor:
            continue
        is_told = leg.far.takes_keys_by_signalling and leg.far.receives
        if is_told and leg is not speaker and _is_heard_by(speaker, leg):
            exchange.do(SendDigit(leg=leg.leg, digit=event.digit))


def before_answer(exchange: Exchange, speaker: LegState, event: DigitHeard) -> None:
    """A key of who hears the carrier before anybody answered (early_media.py): a carrier's menu
    hears it too. Events and tones are on their way already."""
    if event.form is DigitForm.INFO and isinstance(speaker.hears, PeerAudio):
        exchange.do(RelayDigit(leg=speaker.leg, digit=event.digit))


def unsent(exchange: Exchange, event: DigitsUnsent) -> None:
    """Signalling failed: the far end hears the keys' tones."""
    for digit in event.digits:
        exchange.do(SoundDigit(leg=event.leg, digit=digit))


def _is_heard_by(speaker: LegState, leg: LegState) -> bool:
    match leg.hears:
        case PeerAudio():
            return leg.hears.leg == speaker.leg
        case Mix():
            return speaker.leg in leg.hears.legs
        case _:
            return False
