"""Who calls, as a carrier vouches for it, and whom the call was meant for before it came here.

RFC 3325 (P-Asserted-Identity, P-Preferred-Identity), the draft that many gateways still speak
(Remote-Party-ID), RFC 3323 (Privacy), RFC 5806 (Diversion), RFC 7044 (History-Info). A header that
cannot be read is none: what it says is for people, and no call is refused for it.
"""

from urllib.parse import unquote

from appliance.protocols.sip.grammar import display_text, parameter, split_outside
from appliance.protocols.sip.headers import NameAddr
from appliance.protocols.sip.message import Request
from appliance.vocabulary.errors import PeerError
from appliance.vocabulary.lines import Diversion, DiversionReason

_ASSERTING = ("P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID")
"""The best first. A trusted carrier that prefers an identity has no better one (RFC 3325 §9.2)."""
_HIDING = frozenset(("id", "user", "header"))
"""Privacy values that hide the caller from the called person (RFC 3323 §4.2, RFC 3325 §9.3)."""
MAX_VALUES = 16
"""Identities or stations of one call that are looked at."""
DIVERSION_REASONS = {
    "unconditional": DiversionReason.ALWAYS,
    "user-busy": DiversionReason.BUSY,
    "no-answer": DiversionReason.NO_ANSWER,
    "unavailable": DiversionReason.UNREACHABLE,
    "out-of-service": DiversionReason.UNREACHABLE,
    "do-not-disturb": DiversionReason.DO_NOT_DISTURB,
    "time-of-day": DiversionReason.TIME_OF_DAY,
    "away": DiversionReason.ALWAYS,
    "deflection": DiversionReason.DEFLECTED,
    "follow-me": DiversionReason.FOLLOW_ME,
}
"""RFC 5806 §4.1."""
TARGET_CAUSES = {
    "302": DiversionReason.ALWAYS,
    "486": DiversionReason.BUSY,
    "408": DiversionReason.NO_ANSWER,
    "503": DiversionReason.UNREACHABLE,
    "404": DiversionReason.UNKNOWN,
    "480": DiversionReason.DEFLECTED,
    "487": DiversionReason.DEFLECTED,
}
"""The `cause` of the URI that a call was sent on to (RFC 4458 §2)."""
FAILURE_CAUSES = {
    "302": DiversionReason.ALWAYS,
    "486": DiversionReason.BUSY,
    "600": DiversionReason.BUSY,
    "408": DiversionReason.NO_ANSWER,
    "480": DiversionReason.UNREACHABLE,
    "503": DiversionReason.UNREACHABLE,
}
"""The status with which the one before had refused it (Reason in his URI, RFC 7044 §5.2)."""


def asserted(request: Request) -> tuple[str, str]:
    """Return number (user part) and name of who calls, clean; both empty where none is asserted.

    A sip and a tel URI of the same person may stand there (§9.1): the first with a number counts.
    """
    for header in _ASSERTING:
        values = _values(request, header)
        if not values:
            continue
        number = next((value.uri.user for value in values if value.uri.user), "")
        name = next((value.display for value in values if value.display), "")
        if number:
            return display_text(number), display_text(name)
    return "", ""


def is_withheld(request: Request) -> bool:
    """Say whether the caller does not want to be shown to whom he calls."""
    for value in request.headers.all("Privacy"):
        if _HIDING.intersection(word.strip().lower() for word in value.split(";")):
            return True
    hidden = ("full", "id", "user", "uri")
    return any(
        (value.param("privacy") or "off").lower() in hidden
        for value in _values(request, "Remote-Party-ID")
    )


def diversion(request: Request) -> Diversion | None:
    """Return who last sent the call on, clean, and why; None where nobody did.

    The topmost Diversion is the latest (RFC 5806 §4.4). In History-Info the last entry is where
    the call is now; its `rc`, `mp` or `np` names the entry that sent it there (RFC 7044 §5.2),
    without one it is the entry before. Who wants privacy (RFC 5806 §4.2 and Privacy: history)
    stays unnamed.
    """
    for value in _values(request, "Diversion"):
        if value.uri.user:
            is_hidden = (value.param("privacy") or "off").lower() in ("full", "uri")
            reason = (value.param("reason") or "").strip('"').lower()
            return _diversion(value, is_hidden, DIVERSION_REASONS.get(reason))
    return _from_history(_values(request, "History-Info"))


def _from_history(entries: list[NameAddr]) -> Diversion | None:
    if len(entries) < 2:
        return None
    last = entries[-1]
    named = last.param("rc") or last.param("mp") or last.param("np")
    before = next((one for one in entries if named and one.param("index") == named), entries[-2])
    if not before.uri.user or before.uri.user == last.uri.user:
        return None
    said = unquote(before.uri.headers).lower()
    cause = parameter(last.uri.parameters, "cause")
    reason = TARGET_CAUSES.get(cause or "")
    if reason is None:
        _, _, cause = said.partition("cause=")
        reason = FAILURE_CAUSES.get(cause[:3])
    return _diversion(before, "privacy=history" in said, reason)


def _diversion(by: NameAddr, is_hidden: bool, reason: DiversionReason | None) -> Diversion:
    return Diversion(
        number="" if is_hidden else display_text(by.uri.user),
        reason=reason or DiversionReason.UNKNOWN,
    )


def _values(request: Request, header: str) -> list[NameAddr]:
    """Every value of an address header that can be read, lists split."""
    found: list[NameAddr] = []
    if request.headers.get(header) is None:
        return found
    for line in request.headers.all(header):
        try:
            for value in split_outside(line, ",")[:MAX_VALUES]:
                found.append(NameAddr.parse(value))
        except PeerError:
            continue
    return found[:MAX_VALUES]
