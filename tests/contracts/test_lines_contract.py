"""What every line type must keep to. A newcomer's line type is done when this is green."""

import pytest

from appliance.lines.sip import LINES
from appliance.protocols.sip.events import FromAccount, FromGuest, FromTrunk, InviteArrived
from appliance.vocabulary.audio import Codec
from appliance.vocabulary.commands import DialPhone, DialTrunk
from appliance.vocabulary.lines import Party
from appliance.vocabulary.settings import Extension, Site, Trunk

SITE = Site(extension=(Extension(number="8001"),), trunk=(Trunk(id="carrier", host="192.0.2.1"),))
ORIGINS = (FromTrunk(trunk="carrier"), FromAccount(user="8001"), FromGuest(address="127.0.0.1"))
DIALS = (
    DialPhone(leg="a", extension="8001", port=2, caller=Party(number="1")),
    DialTrunk(leg="a", trunk="carrier", number="1", port=2, caller=Party(number="2")),
)


def arrived(origin):
    return InviteArrived(
        dialog="d", origin=origin, from_user="1", from_name="n", called_user="2", to_user="3",
        sdp=b"", sip_call_id="c", source_address="127.0.0.1",
    )  # fmt: skip


def test_names_are_unique():
    assert len({kind.name for kind in LINES}) == len(LINES)


@pytest.mark.parametrize("origin", ORIGINS, ids=lambda one: type(one).__name__)
def test_every_origin_is_exactly_one_line_type(origin):
    assert sum(kind.line_of(arrived(origin)) is not None for kind in LINES) == 1


@pytest.mark.parametrize("command", DIALS, ids=lambda one: type(one).__name__)
def test_every_dial_command_is_exactly_one_line_types(command):
    assert sum(kind.invitation(command, SITE) is not None for kind in LINES) == 1


@pytest.mark.parametrize("kind", LINES, ids=lambda one: one.name)
def test_a_line_knows_caller_called_and_codecs(kind):
    for origin in ORIGINS:
        line = kind.line_of(arrived(origin))
        if line is None:
            continue
        assert kind.caller_of(arrived(origin)).number
        assert kind.called_of(arrived(origin), SITE)
        codecs = kind.codecs(line, SITE)
        assert codecs and set(codecs) <= set(Codec)


def test_a_withheld_number_is_unknown_never_a_word():
    trunk = next(kind for kind in LINES if kind.name == "trunk")
    for word in ("anonymous", "Unavailable", "unknown"):
        event = InviteArrived(
            dialog="d", origin=ORIGINS[0], from_user=word, from_name="", called_user="2",
            to_user="3", sdp=b"", sip_call_id="c", source_address="127.0.0.1",
        )  # fmt: skip
        assert trunk.caller_of(event) == Party()
