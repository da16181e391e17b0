"""Which address of ours a peer sees, and whom the box can reach at all."""

from appliance.daemons.control.network import Network


def test_a_box_at_one_address_is_seen_there():
    network = Network("127.0.0.1")
    assert network.address_toward("192.0.2.9") == "127.0.0.1"
    assert network.can_reach("192.0.2.9")
    assert not network.can_reach("2001:db8::9")


def test_a_box_at_every_ipv4_address_has_no_way_to_ipv6():
    network = Network("0.0.0.0")
    assert network.address_toward("127.0.0.1") == "127.0.0.1"
    assert network.can_reach("127.0.0.1")
    assert not network.can_reach("::1")


def test_a_box_at_every_address_answers_each_family_from_its_own():
    network = Network("::")
    assert network.address_toward("127.0.0.1") == "127.0.0.1"
    assert network.address_toward("::1") == "::1"
    assert network.can_reach("::1") and network.can_reach("127.0.0.1")
