"""Feature codes within a talk, for phones that have no keys of their own for these things.

    ##  number #   hand the other party on, at once (blind)
    *2  number #   ask a third party; hanging up then hands the call on (attended)
    *0             leave the third party, back to the first one
    *3             conference of all three
    *7             park the other party; the place is told
    *1             pause the recording, and go on with it
    *4             switch the recording off, and on
    *88            hand the caller to the survey of his queue

The site may choose other codes ([talk_codes]). Only phones of ours may: a caller's keys in a talk
never count. A number may also end with four seconds of silence instead of #. The other party hears
the keys; what they do stands in the timeline.
"""

from collections.abc import Callable

from appliance.engines.calls import (
    consult,
    park,
    recording_control,
    supervision,
    surveys,
    transfer,
)
from appliance.engines.calls.exchange import Exchange
from appliance.engines.calls.state import CallState, LegRole, LegState
from appliance.vocabulary.lines import Cause

PAUSE_SECONDS = 4.0
"""So long a key waits for the next one."""
LONGEST_NUMBER = 32


def digit(exchange: Exchange, call: CallState, leg: LegState, pressed: str) -> None:
    """A key in a talk."""
    if leg.role is LegRole.SUPERVISOR:
        if leg.joined_at is not None:
            supervision.key(exchange, call, leg, pressed)
        return
    if leg.extension is None:
        return
    is_late = leg.keyed_at is not None and exchange.now - leg.keyed_at > PAUSE_SECONDS
    before = "" if is_late else leg.keyed
    leg.keyed, leg.keyed_at = "", exchange.now
    exchange.touch(call)
    keyed = _longest_begun(exchange, before + pressed)
    for code, act in plain_codes(exchange).items():
        if keyed == code:
            act(exchange, call, leg)
            return
    found = _with_number(exchange, keyed)
    if found is not None and pressed == "#" and keyed != found[0]:
        _act(exchange, call, leg, *found)
        return
    leg.keyed = keyed
    if keyed:
        exchange.set_timer(call, "code", PAUSE_SECONDS)


def time_over(exchange: Exchange, call: CallState) -> None:
    """No further key came: a whole number counts, a beginning is forgotten."""
    for leg in list(call.legs):
        if leg.keyed and leg.keyed_at is not None:
            if exchange.now - leg.keyed_at < PAUSE_SECONDS:
                exchange.set_timer(call, "code", PAUSE_SECONDS)
                continue
            keyed, leg.keyed = leg.keyed, ""
            exchange.touch(call)
            found = _with_number(exchange, keyed)
            if found is not None and found[1]:
                _act(exchange, call, leg, *found)
                return


def _act(exchange: Exchange, call: CallState, leg: LegState, code: str, number: str) -> None:
    if number:
        number_codes(exchange)[code](exchange, call, leg, number)


def _longest_begun(exchange: Exchange, keyed: str) -> str:
    """Return the end of what was keyed that is, or may become, a code; keys before are lost."""
    codes = [*plain_codes(exchange), *number_codes(exchange)]
    for start in range(len(keyed)):
        rest = keyed[start:]
        if any(code.startswith(rest) for code in codes):
            return rest
        if _with_number(exchange, rest) is not None:
            return rest
    return ""


def _with_number(exchange: Exchange, keyed: str) -> tuple[str, str] | None:
    """Return the code that takes a number, and the number so far."""
    for code in number_codes(exchange):
        if keyed.startswith(code):
            number = keyed[len(code) :].removesuffix("#")
            if len(number) <= LONGEST_NUMBER and set(number) <= set("0123456789*"):
                return code, number
    return None


Plain = Callable[[Exchange, CallState, LegState], None]
WithNumber = Callable[[Exchange, CallState, LegState, str], Cause | None]


def plain_codes(exchange: Exchange) -> dict[str, Plain]:
    """Codes that are whole by themselves."""
    codes = exchange.site.talk_codes
    return {
        codes.give_up: _give_up,
        codes.conference: _conference,
        codes.park: _park,
        codes.pause_recording: recording_control.pause_by_key,
        codes.switch_recording: recording_control.switch_by_key,
        codes.survey: surveys.by_code,
    }


def number_codes(exchange: Exchange) -> dict[str, WithNumber]:
    """Codes that a number follows."""
    codes = exchange.site.talk_codes
    return {codes.transfer: transfer.begin, codes.consult: consult.begin}


def _park(exchange: Exchange, call: CallState, leg: LegState) -> None:
    park.begin(exchange, call, leg)


def _give_up(exchange: Exchange, call: CallState, leg: LegState) -> None:
    if call.consult is not None and call.consult.by == leg.leg:
        consult.give_up(exchange, call)


def _conference(exchange: Exchange, call: CallState, leg: LegState) -> None:
    if call.consult is not None and call.consult.by == leg.leg:
        consult.join(exchange, call)
