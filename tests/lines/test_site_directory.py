"""Who is trusted, who is asked for a password, who may ring at an empty box."""

from appliance.lines.site_directory import SiteDirectory
from appliance.protocols.sip.location import Server
from appliance.vocabulary.settings import Extension, Site, Trunk


def directory(site, hosts=None):
    """`hosts`: name to addresses."""

    def servers_of(host, port, transport):
        addresses = (host,) if host[0].isdigit() else (hosts or {}).get(host, ())
        at = port or 5060
        server = Server(name=host, addresses=addresses, port=at, transport=transport or "udp")
        return (server,) if addresses else ()

    found = SiteDirectory(
        address_toward=lambda remote: "127.0.0.1",
        local_port=5060,
        sips_port=5061,
        servers_of=servers_of,
    )
    found.configure(site, {"carrier": "password"})
    return found


PHONE = Extension(number="8001", ha1_md5="a" * 32, ha1_sha256="b" * 64)
TRUNK = Trunk(id="carrier", host="10.0.0.9", port=5090, trusted_addresses=("10.0.0.0/30",))
SITE = Site(extension=(PHONE,), trunk=(TRUNK,))


def test_a_trunk_is_known_by_its_own_address_and_by_its_trusted_networks():
    found = directory(SITE)
    assert found.trunk_of("10.0.0.9", 5090, "13900001111") == "carrier"
    assert found.trunk_of("10.0.0.2", 33333, "13900001111") == "carrier"
    assert found.trunk_of("10.0.0.77", 5090, "13900001111") is None


def test_a_carrier_over_a_connection_of_its_own_is_known_by_its_address_alone():
    over_tls = Trunk(id="secure", host="10.0.0.9", port=5061, transport="tls")
    found = directory(Site(extension=(PHONE,), trunk=(over_tls,)))
    assert found.trunk_of("10.0.0.9", 40001, "13900001111") == "secure"
    assert found.trunk_of("10.0.0.9", 40001, "8001") is None
    assert found.trunk_of("10.0.0.8", 40001, "13900001111") is None
    over_udp = Trunk(id="plain", host="10.0.0.9", port=5060)
    assert directory(Site(trunk=(over_udp,))).trunk_of("10.0.0.9", 40001, "139") is None


def test_an_extension_on_a_trusted_address_shows_its_password_all_the_same():
    found = directory(SITE)
    assert found.trunk_of("10.0.0.2", 33333, "8001") is None
    assert found.trunk_of("10.0.0.9", 5090, "8001") == "carrier"


def test_guests_only_at_an_empty_box_and_only_from_near():
    empty = directory(Site())
    assert empty.guests_allowed("127.0.0.1")
    assert empty.guests_allowed("192.168.1.7")
    assert not empty.guests_allowed("8.8.8.8")
    assert not empty.guests_allowed("garbage")
    assert not directory(SITE).guests_allowed("127.0.0.1")


def test_credentials_are_digests_and_only_of_extensions():
    found = directory(SITE)
    assert found.credentials("8001").ha1_md5 == "a" * 32
    assert found.credentials("8002") is None


def test_a_trunk_whose_name_does_not_resolve_is_no_route():
    named = Site(trunk=(Trunk(id="far", host="sip.example.net"),))
    assert directory(named).trunk("far") is None
    route = directory(named, {"sip.example.net": ("192.0.2.7",)}).trunk("far")
    assert (route.address, route.domain) == ("192.0.2.7", "sip.example.net")


def test_only_registered_or_watched_trunks_are_asked_for_life():
    site = Site(
        trunk=(
            Trunk(id="quiet", host="10.0.0.1"),
            Trunk(id="watched", host="10.0.0.2", watch=True),
            Trunk(id="registered", host="10.0.0.3", register=True),
        )
    )
    assert directory(site).trunks() == ("watched", "registered")


def test_a_carrier_calls_from_any_of_its_addresses():
    site = Site(trunk=(Trunk(id="far", host="sip.example.net", register=True),))
    found = directory(site, {"sip.example.net": ("192.0.2.1", "192.0.2.2")})
    assert found.trunk_of("192.0.2.2", 5060, "139") == "far"
    assert found.trunk_of("192.0.2.2", 9999, "139") == "far"
    assert found.trunk_of("192.0.2.3", 5060, "139") is None
