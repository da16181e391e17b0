"""What subscribers are told, package by package: lamps, presence, waiting messages.

dialog: RFC 4235 · message-summary: RFC 3842 · presence: RFC 3856 with PIDF (RFC 3863)
"""

from collections.abc import Callable
from enum import StrEnum
from html import escape  # XML's too; that of xml.sax.saxutils brings an HTTP client along

from appliance.protocols.sip.uri import SipUri
from appliance.vocabulary.shape import Value


class Activity(StrEnum):
    """What a phone, a person or a park place is doing."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    PAUSED = "paused"
    """Takes no calls just now."""
    AWAY = "away"
    """Cannot be reached."""


class Shown(Value, frozen=True, kw_only=True):
    """All that is told of one resource."""

    activity: Activity = Activity.AWAY
    other: str = ""
    """The other party's number."""
    new: int = 0
    """Messages not yet heard …"""
    old: int = 0
    """… and those that were."""


class Package(Value, frozen=True, kw_only=True):
    """One event package."""

    name: str
    content_type: str
    is_own_only: bool = False
    """Nobody may ask for somebody else's."""


DIALOG = Package(name="dialog", content_type="application/dialog-info+xml")
PRESENCE = Package(name="presence", content_type="application/pidf+xml")
MESSAGES = Package(
    name="message-summary", content_type="application/simple-message-summary", is_own_only=True
)
PACKAGES = {package.name: package for package in (DIALOG, PRESENCE, MESSAGES)}
ALLOW_EVENTS = ", ".join(PACKAGES)

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\r\n'
_LIT = (Activity.TALKING, Activity.HELD, Activity.PAUSED)
"""A lamp key knows three states: out, blinking, lit. A pause is lit: leave him alone."""
_NOTES = {
    Activity.RINGING: "ringing",
    Activity.TALKING: "on the phone",
    Activity.HELD: "on the phone",
    Activity.PAUSED: "paused",
}


def body_of(package: Package, entity: str, shown: Shown, version: int) -> bytes:
    """Return the whole state; `entity` is the resource's URI, `version` counts this
    subscription's notifications from 0 (RFC 4235 §4.1)."""
    return _BODIES[package.name](entity, shown, version).encode()


def _dialog_info(entity: str, shown: Shown, version: int) -> str:
    dialog = ""
    if shown.activity is Activity.RINGING or shown.activity in _LIT:
        state = "early" if shown.activity is Activity.RINGING else "confirmed"
        dialog = f'<dialog id="1" direction="recipient"><state>{state}</state>'
        if shown.activity is Activity.HELD:
            # RFC 4235 §4.1.6.2: how a held dialog is told from one that talks
            dialog += (
                f'<local><target uri="{escape(entity)}">'
                '<param pname="+sip.rendering" pval="no"/></target></local>'
            )
        if shown.other:
            host = entity.rpartition("@")[2]
            # who calls chooses the number: escaped, it is one user at our host and good XML
            other = escape(str(SipUri.of(shown.other, host)), quote=False)
            dialog += f"<remote><identity>{other}</identity></remote>"
        dialog += "</dialog>"
    return (
        f'{_HEAD}<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="{version}" '
        f'state="full" entity="{escape(entity)}">{dialog}</dialog-info>\r\n'
    )


def _presence(entity: str, shown: Shown, version: int) -> str:
    is_closed = shown.activity in (Activity.AWAY, Activity.PAUSED)
    note = _NOTES.get(shown.activity, "")
    told = f"<note>{note}</note>" if note else ""
    return (
        f'{_HEAD}<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="{escape(entity)}">'
        f'<tuple id="1"><status><basic>{"closed" if is_closed else "open"}</basic></status>'
        f"{told}</tuple></presence>\r\n"
    )


def _message_summary(entity: str, shown: Shown, version: int) -> str:
    waiting = "yes" if shown.new else "no"
    return (
        f"Messages-Waiting: {waiting}\r\nMessage-Account: {entity}\r\n"
        f"Voice-Message: {shown.new}/{shown.old} (0/0)\r\n"
    )


_BODIES: dict[str, Callable[[str, Shown, int], str]] = {
    DIALOG.name: _dialog_info,
    PRESENCE.name: _presence,
    MESSAGES.name: _message_summary,
}
