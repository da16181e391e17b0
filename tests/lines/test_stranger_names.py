"""What strangers call themselves is cut to what a display can show, before it goes anywhere."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from shop import FAR, Shop

from appliance.lines.sip import SipLines
from appliance.lines.sip_leg import LONGEST_NAME, LONGEST_NUMBER, shown
from appliance.lines.site_directory import SiteDirectory
from appliance.protocols.sip.events import FromTrunk, InviteArrived
from appliance.protocols.sip.grammar import quoted
from appliance.protocols.sip.uri import SipUri
from appliance.protocols.sip.user_agent import UserAgent
from appliance.store.site_file import read_site
from appliance.vocabulary.lines import Party
from appliance.vocabulary.settings import Site
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.control import FromControl, LiveTold

BAKERY = Path(__file__).parents[1] / "data" / "bakery.toml"
CALLS = 500


def lines_of(site):
    directory = SiteDirectory(
        address_toward=lambda remote: "127.0.0.1",
        local_port=5060,
        sips_port=5061,
        servers_of=lambda host, port, transport: (),
    )
    directory.configure(site, {})
    agent = UserAgent(
        key=bytes(32), directory=directory, random_text=lambda: "r" * 24, product="Test"
    )
    return SipLines(user_agent=agent, site=site, new_number=lambda: 1, random_bytes=bytes)


def invite(number, **words):
    known = InviteArrived(
        dialog=f"d{number}",
        origin=FromTrunk(trunk="carrier"),
        from_user="13900001111",
        from_name="Wang",
        called_user="02188886666",
        to_user="02188886666",
        sdp=b"",
        sip_call_id=f"c{number}",
        source_address="127.0.0.1",
    )
    return replace(known, **words)


def offered(site, arrived):
    (event,) = lines_of(site).translate([arrived], 0.0)
    return event


def test_a_name_of_seven_thousand_characters_is_cut_where_it_arrives():
    event = offered(Site(), invite(1, from_name="x" * 7000, from_user="1" * 7000))
    assert event.caller == Party(number="1" * LONGEST_NUMBER, name="x" * LONGEST_NAME)


def test_the_number_that_a_carrier_vouches_for_is_cut_as_well():
    event = offered(Site(), invite(1, asserted_user="2" * 7000, asserted_name="y" * 7000))
    assert event.caller == Party(number="2" * LONGEST_NUMBER, name="y" * LONGEST_NAME)


def test_a_dialled_number_is_cut_too():
    assert len(offered(Site(), invite(1, called_user="3" * 7000)).called) == LONGEST_NUMBER


def test_names_of_all_scripts_stay_as_they_are():
    known = Party(number="+48 22 123-45-67", name="王芳 Łucja")
    assert shown(known) == known


@given(st.text(), st.text())
def test_what_is_shown_is_short_and_has_no_line_ends(number, name):
    party = shown(Party(number=number, name=name))
    assert len(party.number) <= LONGEST_NUMBER
    assert len(party.name) <= LONGEST_NAME
    assert (party.number + party.name).isprintable()


@given(st.text())
def test_no_name_or_number_writes_a_header_of_its_own(text):
    """Even uncut: what goes into an agent's INVITE stays within its line."""
    written = quoted(text) + str(SipUri.of(text, "127.0.0.1"))
    assert "\r" not in written
    assert "\n" not in written


def test_a_page_can_read_the_live_picture_of_a_full_box_with_long_names():
    site, _ = read_site(BAKERY.read_text(), BAKERY.name, before=Site(), random_bytes=bytes)
    shop = Shop(site)
    long = {"from_name": "王" * 7000, "from_user": "1" * 7000}
    lines = lines_of(site)
    for number in range(CALLS):
        for event in lines.translate([invite(number, **long)], shop.now):
            shop.legs[event.leg] = "offered"
            shop.tell(replace(event, audio=FAR))
    line = line_of(LiveTold(live=shop.board.live()))
    decoder = LineDecoder(FromControl)
    told = [one for piece in pieces(line) for one in decoder.feed(piece)]
    assert [len(one.live.calls) for one in told] == [CALLS]


def pieces(line, size=65536):
    return [line[at : at + size] for at in range(0, len(line), size)]
