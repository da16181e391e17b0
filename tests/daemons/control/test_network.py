"""Names to addresses: a carrier with several must not flap."""

import asyncio
import socket

from appliance.daemons.control.network import Network, is_literal


def resolved(network, times, orders):
    async def story():
        loop = asyncio.get_running_loop()
        answers = iter(orders)

        async def told(*_, **__):
            addresses = next(answers)
            if not addresses:
                raise socket.gaierror(-2, "unknown")
            return [(socket.AF_INET, 1, 6, "", (one, 0)) for one in addresses]

        loop.getaddrinfo = told
        return [await network.resolve(["sip.carrier.example"]) for _ in range(times)]

    return asyncio.run(story())


def test_a_rotating_answer_keeps_the_address_in_use():
    network = Network("0.0.0.0")
    first, second = ["192.0.2.1", "192.0.2.2"], ["192.0.2.2", "192.0.2.1"]
    assert resolved(network, 4, [first, second, first, second]) == [True, False, False, False]
    assert network.host_of("sip.carrier.example") == "192.0.2.1"
    assert network.hosts_of("sip.carrier.example") == {"192.0.2.1", "192.0.2.2"}


def test_an_address_that_is_gone_is_replaced():
    network = Network("0.0.0.0")
    assert resolved(network, 2, [["192.0.2.1"], ["192.0.2.7"]]) == [True, True]
    assert network.host_of("sip.carrier.example") == "192.0.2.7"


def test_a_dead_name_server_keeps_what_is_known():
    network = Network("0.0.0.0")
    assert resolved(network, 2, [["192.0.2.1"], []]) == [True, False]
    assert network.host_of("sip.carrier.example") == "192.0.2.1"


def test_literals_need_no_look_up():
    network = Network("127.0.0.1")
    assert is_literal("192.0.2.1") and not is_literal("sip.carrier.example")
    assert network.hosts_of("192.0.2.1") == {"192.0.2.1"}
    assert network.address_toward("192.0.2.9") == "127.0.0.1"
