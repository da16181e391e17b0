"""TLS on SIP's connections (RFC 3261 §26.3, RFC 5922), without sockets: bytes in, bytes out.

Theory of operation. A side is *shaking hands* until both ends agree, then *open*, then *closed*.
What is to be sent before it is open waits in it. The caller feeds what the wire brought
(`received` returns what it means) and sends what `take` returns.

We listen with the box's own certificate (daemons/certificates.py) and ask phones for none: they
show a password. Where we connect, to carriers, the far end must show a certificate that the
machine's store or the one pinned in the site vouches for, and that names the domain we wanted to
reach, whatever addresses and names DNS made of it: DNS is not to be believed (RFC 5922 §4).
"""

import ipaddress
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path

from appliance.vocabulary.errors import EquipmentError, PeerError

LONGEST_WAITING = 1 << 18
"""Bytes that wait for the end of a handshake; a peer that never ends it costs no more."""
MOST_READ = 1 << 16


class TlsFailure(PeerError):
    """The far end spoke no TLS, or is not who it should be; a sentence for the log."""


class TlsSide:
    """One end of one connection."""

    def __init__(
        self, context: ssl.SSLContext, *, is_server: bool, name: str = "", pinned: bytes = b""
    ) -> None:
        """`name`: whom a server's certificate must name. `pinned` (DER): the very certificate
        that needs no name."""
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        # SNI cannot carry an address (RFC 6066 §3)
        sni = name if name and not _is_address(name) else None
        self._tls = context.wrap_bio(
            self._in, self._out, server_side=is_server, server_hostname=sni
        )
        self._name = name
        self._pinned = pinned
        self._waiting = bytearray()
        self.is_open = False
        """Both ends agree, and the far end is who it should be."""
        self.is_closed = False
        """The far end has said that it says no more."""
        if not is_server:
            self._shake_hands()

    def received(self, data: bytes) -> bytes:
        """Take bytes of the wire; return the plain ones. Raises TlsFailure; then it is over."""
        self._in.write(data)
        if not self.is_open:
            self._shake_hands()
        return self._plain() if self.is_open else b""

    def send(self, plain: bytes) -> None:
        """Have something sent, now or once the hands are shaken."""
        if self.is_open:
            self._tls.write(plain)
        elif len(self._waiting) + len(plain) <= LONGEST_WAITING:
            self._waiting += plain

    def take(self) -> bytes:
        """Return what the wire is to carry."""
        return self._out.read()

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLCertVerificationError as error:
            raise TlsFailure(f"its certificate: {error.verify_message}") from error
        except ssl.SSLError as error:
            raise TlsFailure(f"no TLS agreed on: {error.reason or error}") from error
        self._judge()
        self.is_open = True
        if self._waiting:
            self._tls.write(bytes(self._waiting))
            self._waiting.clear()

    def _judge(self) -> None:
        if not self._name:
            return
        shown = self._tls.getpeercert(binary_form=True)
        if self._pinned and shown == self._pinned:
            return
        if not is_named(self._tls.getpeercert() or {}, self._name):
            raise TlsFailure(f"its certificate does not name {self._name}")

    def _plain(self) -> bytes:
        found = bytearray()
        while True:
            try:
                piece = self._tls.read(MOST_READ)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                piece = b""
            except ssl.SSLError as error:
                raise TlsFailure(f"broken: {error.reason or error}") from error
            if not piece:
                self.is_closed = True
                break
            found += piece
        return bytes(found)


class Security:
    """The box's certificate, and whom it believes."""

    def __init__(self) -> None:
        self._server: ssl.SSLContext | None = None
        self._pins: dict[str, str] = {}
        self._clients: dict[str, tuple[ssl.SSLContext, bytes]] = {}
        self._shown: tuple[Path, Path] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is a certificate to listen with."""
        return self._server is not None

    def load(self, certificate: Path, key: Path) -> None:
        """Listen with these from now on. Raises EquipmentError; then all stays as it was."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        try:
            context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError, ValueError) as error:
            raise EquipmentError(f"{certificate} or {key.name} is no good: {error}") from error
        self._server = context
        self._shown = certificate, key
        self._clients.clear()

    def pin(self, pins: Mapping[str, str]) -> None:
        """Believe these certificates (PEM) of these names, and nobody else for them."""
        self._pins = dict(pins)
        self._clients.clear()

    def server_side(self) -> TlsSide:
        """A connection that we accepted. Raises TlsFailure without a certificate."""
        if self._server is None:
            raise TlsFailure("there is no certificate to listen with")
        return TlsSide(self._server, is_server=True)

    def client_side(self, name: str) -> TlsSide:
        """A connection of ours to somebody of this name. Raises TlsFailure for a useless pin."""
        if name not in self._clients:
            context, pinned = _client(self._pins.get(name, ""))
            if self._shown is not None:
                # a carrier that asks for a certificate (mutual TLS) is shown ours
                context.load_cert_chain(*self._shown)
            self._clients[name] = context, pinned
        context, pinned = self._clients[name]
        return TlsSide(context, is_server=False, name=name, pinned=pinned)


def _client(pin: str) -> tuple[ssl.SSLContext, bytes]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False  # is_named does it, for SIP has rules of its own
    context.verify_mode = ssl.CERT_REQUIRED
    if not pin:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return context, b""
    # The pinned one may be the carrier's own certificate as well as its authority's.
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=pin)
        return context, ssl.PEM_cert_to_DER_cert(_first(pin))
    except (ssl.SSLError, ValueError) as error:
        raise TlsFailure(f"the pinned certificate cannot be read: {error}") from error


def _first(pem: str) -> str:
    """The first of several certificates."""
    return pem.strip().partition(ssl.PEM_FOOTER)[0] + ssl.PEM_FOOTER + "\n"


def is_named(certificate: Mapping[str, object], domain: str) -> bool:
    """Say whether a verified certificate (as `getpeercert` tells it) is this SIP domain's.

    RFC 5922 §7.1: a URI `sip:domain` among its names counts before all others; then DNS names, or
    IP addresses for an address. Wildcards of one label are taken against §7.2, for large carriers
    have no others.
    """
    names = certificate.get("subjectAltName", ())
    pairs = names if isinstance(names, Sequence) else ()
    domain = domain.lower().rstrip(".")
    uris = [str(value).lower() for kind, value in pairs if kind == "URI"]
    own = [uri.partition(":")[2] for uri in uris if uri.startswith(("sip:", "sips:"))]
    if any("@" not in one for one in own):
        return domain in own
    if _is_address(domain):
        return any(kind == "IP Address" and _same(str(value), domain) for kind, value in pairs)
    return any(kind == "DNS" and _covers(str(value).lower(), domain) for kind, value in pairs)


def _covers(name: str, domain: str) -> bool:
    if name.startswith("*."):
        label, _, rest = domain.partition(".")
        return bool(label) and "." in rest and rest == name[2:]
    return name == domain


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _same(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(one.strip()) == ipaddress.ip_address(other)
    except ValueError:
        return False
