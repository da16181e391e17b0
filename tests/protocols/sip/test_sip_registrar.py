"""Phones that register, and who may not. RFC 3261 §10, §22; RFC 3581; RFC 8760."""

import pytest
from link import Box, Link
from sip_phone import Phone

from appliance.protocols.sip.digest import Algorithm, AuthFields, answer_challenge
from appliance.protocols.sip.events import FromAccount, InviteArrived, Registered, Unregistered
from appliance.protocols.sip.message import Response
from appliance.vocabulary.ids import Instant


@pytest.fixture
def box() -> Box:
    box = Box("127.0.0.1")
    box.directory.secrets = {"8001": "first-secret", "8002": "second-secret"}
    return box


@pytest.fixture
def link(box: Box) -> Link:
    return Link(box)


def test_phone_registers_and_is_told(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    response = phone.register(link)
    assert response.status == 200
    assert response.headers.get("Contact") == "<sip:8001@192.168.1.50:5062>;expires=120"
    assert phone.events == [
        Registered(
            user="8001",
            where="127.0.9.9:5062",
            user_agent="Phone 1.0",
            expires=120,
            transport="udp",
        )
    ]
    (binding,) = box.agent.contacts("8001")
    assert binding.where == "127.0.9.9:5062" and binding.expires_at == link.now + 120


def test_challenge_offers_both_algorithms_with_one_nonce(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    (challenge,) = phone.send(link, phone.text("REGISTER", phone.contact()).encode())
    given = [AuthFields.parse(value) for value in challenge.headers.all("WWW-Authenticate")]
    assert {fields.algorithm for fields in given} == set(Algorithm)
    assert len({fields.get("nonce") for fields in given}) == 1


def test_md5_alone_is_taken(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    (challenge,) = phone.send(link, phone.text("REGISTER", phone.contact()).encode())
    (md5,) = (v for v in challenge.headers.all("WWW-Authenticate") if "algorithm=MD5" in v)
    uri = "sip:127.0.0.1"
    credential = answer_challenge([md5], "8001", "first-secret", "REGISTER", uri, "cn", 1)
    text = phone.text("REGISTER", f"Authorization: {credential}", phone.contact(), uri=uri)
    text = text.replace(f"To: <{uri}>", "To: <sip:8001@127.0.0.1>")
    assert [m.status for m in phone.send(link, text.encode()) if isinstance(m, Response)] == [200]


def test_unknown_user_and_wrong_password_are_answered_alike(box: Box, link: Link) -> None:
    wrong = Phone(box, "8001", "wrong").register(link)
    unknown = Phone(box, "9999", "whatever").register(link)
    assert (wrong.status, unknown.status) == (401, 401)
    assert [name for name, _ in wrong.headers] == [name for name, _ in unknown.headers]
    assert box.agent.contacts("8001") == () == box.agent.contacts("9999")


def test_cracker_is_locked_out_after_ten_and_his_victim_is_not(box: Box, link: Link) -> None:
    cracker = Phone(box, "8001", "guess")
    assert [cracker.register(link).status for _ in range(12)] == [401] * 9 + [403] * 3
    cracker.secret = "first-secret"
    assert cracker.register(link).status == 403
    phone = Phone(box, "8001", "first-secret")
    phone.address = "127.0.9.10"
    assert phone.register(link).status == 200
    link.now = Instant(link.now + 61)
    assert cracker.register(link).status == 200


def test_cracker_with_many_addresses_is_locked_with_his_network(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.address = "127.0.9.200"
    assert phone.register(link).status == 200
    for number in range(100):
        cracker = Phone(box, f"7{number:03}", "guess")
        cracker.address = f"127.0.9.{number + 1}"
        cracker.register(link)
    late = Phone(box, "8002", "second-secret")
    late.address = "127.0.9.150"
    assert late.register(link).status == 403
    assert phone.register(link).status == 200, "a known address is not locked with its network"


def test_cracker_with_a_whole_ipv6_network_is_one_cracker(box: Box, link: Link) -> None:
    """2^64 addresses are his for the asking; another network's phones are none of his."""
    statuses = []
    for number in range(12):
        cracker = Phone(box, "8001", "guess")
        cracker.address = f"2001:db8::{number + 1:x}"
        statuses.append(cracker.register(link).status)
    assert statuses == [401] * 9 + [403] * 3
    phone = Phone(box, "8001", "first-secret")
    phone.address = "2001:db8:0:1::1"
    assert phone.register(link).status == 200


def test_nobody_registers_for_somebody_else(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    other = Phone(box, "8002", "second-secret")
    uri = "sip:127.0.0.1"
    response = other.ask(link, "REGISTER", phone.contact(), uri=uri, user="8002")
    assert response.status == 403  # To was the bare domain: not 8002
    assert box.agent.contacts("8001") == ()


def test_nonce_is_bound_to_its_address_and_used_once(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.register(link)
    (challenge,) = phone.send(link, phone.text("REGISTER", phone.contact()).encode())
    uri = "sip:127.0.0.1"
    answer = answer_challenge(
        challenge.headers.all("WWW-Authenticate"), "8001", "first-secret", "REGISTER", uri, "c", 1
    )

    def replay(sender: Phone) -> int:
        text = sender.text("REGISTER", f"Authorization: {answer}", phone.contact(), uri=uri)
        text = text.replace(f"To: <{uri}>", "To: <sip:8001@127.0.0.1>")
        (response,) = sender.send(link, text.encode())
        assert isinstance(response, Response)
        return response.status

    thief = Phone(box, "8001", "")
    thief.address = "127.0.9.66"
    assert replay(thief) == 401
    assert replay(phone) == 200
    assert replay(phone) == 401


def test_registration_runs_out(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.register(link)
    link.run(119)
    assert box.events == []
    link.run(2)
    assert box.events == [Unregistered(user="8001")]
    assert box.agent.contacts("8001") == ()


@pytest.mark.parametrize(
    ("asked", "granted"), [(60, 60), (20, 20), (3600, 3600), (86400, 3600), (4294967295, 3600)]
)
def test_expires_is_granted_within_limits(box: Box, link: Link, asked: int, granted: int) -> None:
    phone = Phone(box, "8001", "first-secret")
    response = phone.register(link, phone.contact(), f"Expires: {asked}")
    assert f"expires={granted}" in (response.headers.get("Contact") or "")


def test_too_short_is_423_with_the_minimum(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    response = phone.register(link, phone.contact(";expires=5"))
    assert (response.status, response.headers.get("Min-Expires")) == (423, "20")
    assert box.agent.contacts("8001") == ()


def test_without_expires_it_is_300(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    response = phone.register(link, phone.contact())
    assert "expires=300" in (response.headers.get("Contact") or "")


def test_wildcard_and_zero_take_bindings_back(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.register(link)
    assert phone.register(link, "Contact: *").status == 400
    assert phone.register(link, "Contact: *", "Expires: 0").status == 200
    phone.register(link)
    assert phone.register(link, phone.contact(";expires=0")).status == 200
    assert phone.events.count(Unregistered(user="8001")) == 2
    link.run(40)
    assert box.slots == {}


def test_query_lists_bindings_and_changes_nothing(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.register(link)
    response = phone.register(link, "Subject: query")
    assert response.headers.all("Contact") == ["<sip:8001@192.168.1.50:5062>;expires=120"]
    assert len(phone.events) == 1


def test_fourth_contact_takes_the_place_of_the_stalest(box: Box, link: Link) -> None:
    for port in (5062, 5064, 5066, 5068):
        Phone(box, "8001", "first-secret", port=port).register(link)
        link.now = Instant(link.now + 1)
    assert [binding.where[-4:] for binding in box.agent.contacts("8001")] == [
        "5068",
        "5066",
        "5064",
    ]


def test_phone_that_restarted_on_a_new_port_replaces_itself(box: Box, link: Link) -> None:
    instance = ';+sip.instance="<urn:uuid:1234>";reg-id=1'
    Phone(box, "8001", "first-secret").register(link, tail=instance)
    Phone(box, "8001", "first-secret", port=5064).register(link, tail=instance)
    assert [binding.where for binding in box.agent.contacts("8001")] == ["127.0.9.9:5064"]


def test_older_register_that_arrives_late_changes_nothing(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.register(link)
    phone.cseq = -1
    assert phone.register(link, phone.contact(";expires=0")).status == 500
    assert len(box.agent.contacts("8001")) == 1


def test_bindings_and_their_answers_survive_a_restart(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.register(link)
    before = box.agent.contacts("8001")
    box.kill(link.now)
    assert box.agent.contacts("8001") == before
    link.run(121)
    assert box.events == [Unregistered(user="8001")]


def test_account_calls_in_under_its_own_name_only(box: Box, link: Link) -> None:
    phone = Phone(box, "8001", "first-secret")
    phone.register(link)
    phone.events.clear()
    assert phone.ask(link, "INVITE", phone.contact(), uri="sip:8002@127.0.0.1").status == 100
    (arrived,) = phone.events
    assert isinstance(arrived, InviteArrived)
    assert arrived.origin == FromAccount(user="8001") and arrived.called_user == "8002"
    refused = phone.ask(link, "INVITE", phone.contact(), uri="sip:8002@127.0.0.1", user="8002")
    assert refused.status == 403


def test_registered_phone_at_a_trunk_address_is_still_a_phone(box: Box, link: Link) -> None:
    box.directory.trusted["127.0.9.9"] = "carrier"
    phone = Phone(box, "8001", "first-secret")
    phone.register(link)
    phone.events.clear()
    assert phone.ask(link, "INVITE", phone.contact(), uri="sip:8002@127.0.0.1").status == 100
    (arrived,) = phone.events
    assert isinstance(arrived, InviteArrived) and arrived.origin == FromAccount(user="8001")
