"""Typed views of a message's headers: parsed when asked for, with PeerError where malformed.

The four that every part of the user agent asks for again (Via, From, To, CSeq) are parsed once a
message and stay with its headers until those change.
"""

from appliance.protocols.sip.grammar import integer
from appliance.protocols.sip.header_list import Headers
from appliance.protocols.sip.headers import CSeq, NameAddr, Via
from appliance.vocabulary.errors import PeerError


class Viewed:
    """Something with headers, and the typed views of them."""

    __slots__ = ("headers",)

    headers: Headers

    def _required(self, name: str) -> str:
        value = self.headers.get(name)
        if value is None:
            raise PeerError(f"no {name}")
        return value

    @property
    def via(self) -> Via:
        """The topmost Via. Raises PeerError, as all views do, when missing or malformed."""
        views = self.headers.views
        if "via" not in views:
            views["via"] = Via.parse(self._required("Via"))
        return views["via"]

    @property
    def vias(self) -> tuple[Via, ...]:
        """Every Via, nearest hop first."""
        return tuple([Via.parse(value) for value in self.headers.all("Via")])

    @property
    def branch(self) -> str:
        """The branch of the topmost Via; "" from an RFC 2543 peer."""
        return self.via.branch or ""

    @property
    def from_(self) -> NameAddr:
        """From."""
        views = self.headers.views
        if "from_" not in views:
            views["from_"] = NameAddr.parse(self._required("From"))
        return views["from_"]

    @property
    def to(self) -> NameAddr:
        """To."""
        views = self.headers.views
        if "to" not in views:
            views["to"] = NameAddr.parse(self._required("To"))
        return views["to"]

    @property
    def call_id(self) -> str:
        """Call-ID, compared byte for byte (§8.1.1.4)."""
        return self._required("Call-ID")

    @property
    def cseq(self) -> CSeq:
        """CSeq."""
        views = self.headers.views
        if "cseq" not in views:
            views["cseq"] = CSeq.parse(self._required("CSeq"))
        return views["cseq"]

    @property
    def contact(self) -> NameAddr | None:
        """The first Contact; None when there is none, or when it is `*`."""
        value = self.headers.get("Contact")
        return None if value is None or value == "*" else NameAddr.parse(value)

    @property
    def contacts(self) -> tuple[NameAddr, ...]:
        """Every Contact but `*`."""
        values = self.headers.all("Contact")
        return tuple([NameAddr.parse(value) for value in values if value != "*"])

    @property
    def has_wildcard_contact(self) -> bool:
        """Whether `Contact: *` is there: remove every binding (§10.2.2)."""
        return "*" in self.headers.all("Contact")

    @property
    def routes(self) -> tuple[NameAddr, ...]:
        """Every Route, next hop first."""
        return tuple([NameAddr.parse(value) for value in self.headers.all("Route")])

    @property
    def max_forwards(self) -> int | None:
        """Hops left, 0..255 (§20.22); None when absent."""
        value = self.headers.get("Max-Forwards")
        return None if value is None else integer(value, 255)
