"""What the user agent must be told about phones and trunks, and whom it can be asked to call."""

from typing import Protocol

from appliance.protocols.sip.location import Hop, Server, hops_of
from appliance.vocabulary.shape import Value


class Credentials(Value, frozen=True, kw_only=True):
    """The digests of one user's secret in our realm (RFC 7616 §3.4.2: A1 hashed), lower hex."""

    ha1_md5: str
    ha1_sha256: str


class TrunkRoute(Value, frozen=True, kw_only=True):
    """How a trunk is reached."""

    address: str
    """IP literal; names are resolved by the daemon."""
    port: int = 5060
    transport: str = "udp"
    registers: bool = False
    """True: we register there; False: we watch it with OPTIONS."""
    username: str = ""
    secret: str = ""
    realm: str = ""
    """Where set, no challenge of another realm is answered."""
    domain: str = ""
    """Host part of its URIs; empty: the address."""
    expires: int = 300
    """Seconds that we ask a registration to last."""
    servers: tuple[Server, ...] = ()
    """Everything that serves it (RFC 3263); empty: the address alone."""

    @property
    def hop(self) -> Hop:
        """The address alone."""
        return Hop(address=self.address, port=self.port, transport=self.transport)

    @property
    def hops(self) -> list[Hop]:
        """Everywhere that it can be reached, the best first."""
        return hops_of(self.servers) or [self.hop]


class Directory(Protocol):
    """Answers at once, from memory; asked anew each time, so that changes hold immediately."""

    @property
    def realm(self) -> str:
        """Our digest realm."""
        ...

    @property
    def local_port(self) -> int:
        """The port our sockets are bound to, for Contact and Via where no flow says so."""
        ...

    @property
    def sips_port(self) -> int:
        """The port of our TLS socket, likewise."""
        ...

    def credentials(self, user: str) -> Credentials | None:
        """The user's digests; None for a user that does not exist."""
        ...

    def trunk_of(self, source_address: str, source_port: int, from_user: str) -> str | None:
        """The trunk that this address is trusted for, or None. `from_user` is the user part of
        From: phones may share a trusted address, and an own extension there is challenged."""
        ...

    def trunk(self, trunk_id: str) -> TrunkRoute | None:
        """How to reach this trunk; None when there is none or its name does not resolve."""
        ...

    def trunks(self) -> tuple[str, ...]:
        """All trunks to be registered at or watched."""
        ...

    def guests_allowed(self, address: str) -> bool:
        """True where an unknown caller at this address may ring without a password."""
        ...

    def local_address_toward(self, remote_address: str) -> str:
        """Our IP address as that remote address sees it (or should)."""
        ...


class PhoneTarget(Value, frozen=True, kw_only=True):
    """Every phone registered for this user, at most three."""

    user: str


class TrunkTarget(Value, frozen=True, kw_only=True):
    """A trunk of the directory."""

    trunk: str


Target = PhoneTarget | TrunkTarget


class Binding(Value, frozen=True, kw_only=True):
    """One registered contact as people see it."""

    user: str
    uri: str
    where: str
    """Address and port that it was heard from."""
    user_agent: str
    expires_at: float
    """Instant."""
    transport: str = ""
