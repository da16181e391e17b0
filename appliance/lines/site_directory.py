"""What the SIP stack must know of phones and trunks, answered from the site as it is now."""

import hmac
import ipaddress
from collections.abc import Callable, Mapping
from functools import lru_cache

from appliance.protocols.sip.digest import Algorithm, ha1
from appliance.protocols.sip.directory import Credentials, TrunkRoute
from appliance.protocols.sip.location import Server
from appliance.vocabulary.ids import TrunkId
from appliance.vocabulary.lines import SELF_TEST_EXTENSION
from appliance.vocabulary.settings import Extension, Site, Trunk

REALM = "linghe"
"""Fixed, because the site keeps digests that contain it."""


def self_test_secret(box_key: bytes) -> str:
    """Return the password of the box's own test phone: whoever can read the box's key has it."""
    return hmac.new(box_key, b"self-test phone", "sha256").hexdigest()


class SiteDirectory:
    """The Directory of protocols.sip. `configure` swaps the site; answers change at once."""

    def __init__(
        self,
        *,
        address_toward: Callable[[str], str],
        local_port: int,
        sips_port: int,
        servers_of: Callable[[str, int, str], tuple[Server, ...]],
        box_key: bytes = b"",
    ) -> None:
        """`address_toward` and `servers_of` (host, port or 0, transport or "": what serves it) are
        the daemon's, from a cache.

        Without `box_key` there is no self-test account.
        """
        self.realm = REALM
        self.local_port = local_port
        self.sips_port = sips_port
        self._address_toward = address_toward
        self._servers_of = servers_of
        self._extensions: dict[str, Extension] = {}
        self._trunks: dict[str, Trunk] = {}
        self._secrets: Mapping[TrunkId, str] = {}
        self._is_empty = True
        self._self_test = _self_test_credentials(box_key) if box_key else None

    def configure(self, site: Site, trunk_secrets: Mapping[TrunkId, str]) -> None:
        """Take up a site."""
        self._extensions = {one.number: one for one in site.extension}
        self._trunks = {one.id: one for one in site.trunk if one.kind == "sip"}
        self._secrets = trunk_secrets
        self._is_empty = site.is_empty

    def credentials(self, user: str) -> Credentials | None:
        """Return the digests of an extension."""
        if user == SELF_TEST_EXTENSION:
            return self._self_test
        found = self._extensions.get(user)
        if found is None or not found.ha1_md5:
            return None
        return Credentials(ha1_md5=found.ha1_md5, ha1_sha256=found.ha1_sha256)

    def trunk_of(self, source_address: str, source_port: int, from_user: str) -> str | None:
        """Return the trunk of a source. Its own address and port first; else by trusted address.

        Where a phone shares the address (a gateway with both, or all on loopback), a From user
        that is one of our extensions is asked for his password instead.
        """
        for trunk in self._trunks.values():
            for server in self._servers(trunk):
                if source_port == server.port and source_address in server.addresses:
                    return trunk.id
        if from_user in self._extensions or from_user == SELF_TEST_EXTENSION:
            return None
        for trunk in self._trunks.values():
            if _is_trusted(trunk.trusted_addresses, source_address) or any(
                source_address in server.addresses
                for server in self._servers(trunk)
                # the port that a connection comes from says nothing of who makes it
                if trunk.register or server.transport != "udp"
            ):
                return trunk.id
        return None

    def trunk(self, trunk_id: str) -> TrunkRoute | None:
        """Return how to reach a trunk; None while its name does not resolve."""
        found = self._trunks.get(trunk_id)
        servers = self._servers(found) if found is not None else ()
        if found is None or not servers:
            return None
        first = servers[0]
        return TrunkRoute(
            address=first.addresses[0],
            port=first.port,
            transport=first.transport,
            servers=servers,
            registers=found.register,
            username=found.username,
            secret=self._secrets.get(found.id, ""),
            realm=found.realm,
            domain=found.host,
        )

    def _servers(self, trunk: Trunk) -> tuple[Server, ...]:
        transport = "" if trunk.transport == "auto" else trunk.transport
        return self._servers_of(trunk.host.strip("[]"), trunk.port, transport)

    def trunks(self) -> tuple[str, ...]:
        """Return the trunks to be registered at or watched with OPTIONS."""
        return tuple(one.id for one in self._trunks.values() if one.register or one.watch)

    def guests_allowed(self, address: str) -> bool:
        """Only an unconfigured box talks to strangers, and only to near ones."""
        if not self._is_empty:
            return False
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return parsed.is_loopback or parsed.is_private or parsed.is_link_local

    def local_address_toward(self, remote_address: str) -> str:
        """Return our address as that one sees it."""
        return self._address_toward(remote_address)


def _self_test_credentials(box_key: bytes) -> Credentials:
    secret = self_test_secret(box_key)
    return Credentials(
        ha1_md5=ha1(SELF_TEST_EXTENSION, REALM, secret, Algorithm.MD5),
        ha1_sha256=ha1(SELF_TEST_EXTENSION, REALM, secret, Algorithm.SHA256),
    )


@lru_cache(maxsize=4096)
def _is_trusted(trusted: tuple[str, ...], address: str) -> bool:
    """trusted_addresses holds addresses and networks (10.0.0.0/24).

    Remembered, since it is asked for each request; bounded, since strangers ask too.
    """
    try:
        parsed = ipaddress.ip_address(address)
        return any(parsed in ipaddress.ip_network(one, strict=False) for one in trusted)
    except ValueError:
        return False
