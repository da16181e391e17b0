"""Emergency mode: a code and a PIN at any phone, and every number leads to one flow."""

import msgspec
import pytest

from appliance.store.site_file import read_site, write_site
from appliance.vocabulary.errors import SiteError
from appliance.vocabulary.facts_desk import EmergencyModeEnded, EmergencyModeStarted
from appliance.vocabulary.ids import FlowId
from appliance.vocabulary.journal import CallEntered, NodeEntered, RouteChosen
from appliance.vocabulary.settings import EmergencyMode, Site
from appliance.vocabulary.verbs import AskId, SetEmergencyMode

MODE = """
[emergency_mode]
flow = "flood"
pin = "2580"

[[flow]]
id = "flood"
start = "told"

[flow.node.told]
kind = "voicemail"
box = "flood"
text = "The shop is under water. Leave a message, or call our mobile."
"""


@pytest.fixture
def flooded(bakery, shop_at):
    """The bakery with an emergency flow and its PIN."""
    text = write_site(bakery) + MODE
    site, _ = read_site(text, "site.toml", before=Site(), random_bytes=bytes)
    shop = shop_at()
    shop.apply(site)
    return shop


def told_flow(shop):
    """Where the newest caller is."""
    return shop.facts(RouteChosen)[-1].flow


def test_the_code_and_the_pin_send_every_caller_to_the_emergency_flow_at_once(flooded):
    flooded.call_in()
    assert told_flow(flooded) == "main"
    begun = flooded.now
    leg = flooded.dial("8003", "*092580")
    assert flooded.hears(leg) == "emergency_mode_on"
    caller = flooded.call_in(caller="13900002222")
    assert told_flow(flooded) == "flood"
    assert flooded.facts(NodeEntered)[-1].node == "told"
    assert flooded.hears(caller).startswith("The shop is under water")
    assert flooded.now - begun < 5.0
    assert flooded.facts(EmergencyModeStarted) == [
        EmergencyModeStarted(extension="8003", flow=FlowId("flood"))
    ]


def test_the_same_code_ends_it_and_says_for_how_long_it_was_on(flooded):
    flooded.dial("8003", "*092580")
    flooded.advance(600)
    leg = flooded.dial("8001", "*092580")
    assert flooded.hears(leg) == "emergency_mode_off"
    flooded.call_in()
    assert told_flow(flooded) == "main"
    assert flooded.facts(EmergencyModeEnded) == [
        EmergencyModeEnded(extension="8001", agent="1001", seconds=600.0)
    ]


@pytest.mark.parametrize("keys", ["2580#", "2580"])
def test_the_code_alone_waits_for_the_pin(flooded, keys):
    leg = flooded.dial("8003", "*09")
    flooded.keys(leg, keys)
    flooded.advance(4.5)
    assert flooded.board.live().emergency_since is not None


def test_it_outlives_kill_minus_nine_and_is_shown_with_its_beginning(flooded):
    flooded.dial("8003", "*092580")
    since = flooded.board.live().emergency_since
    flooded.advance(30)
    flooded.killed()
    assert flooded.board.live().emergency_since == since == flooded.now - 30 + flooded.offset
    flooded.call_in()
    assert told_flow(flooded) == "flood"
    leg = flooded.dial("8003", "*092580")
    assert flooded.hears(leg) == "emergency_mode_off"
    flooded.killed()
    assert flooded.board.live().emergency_since is None


def test_a_wrong_pin_changes_nothing_and_five_lock_the_phone(flooded):
    for _ in range(5):
        leg = flooded.dial("8003", "*091111")
        assert flooded.hears(leg) == "wrong_pin"
        flooded.advance(3)
    leg = flooded.dial("8003", "*092580")
    assert flooded.hears(leg) == "pin_locked"
    assert flooded.board.live().emergency_since is None
    leg = flooded.dial("8001", "*092580")
    assert flooded.hears(leg) == "emergency_mode_on", "another phone is not locked"


def test_the_pin_stands_nowhere(flooded):
    flooded.dial("8003", "*092580")
    entered = flooded.facts(CallEntered)[-1]
    assert entered.called == "*09…"
    assert b"2580" not in b"".join(msgspec.json.encode(entry.fact) for entry in flooded.entries)


def test_a_box_without_the_mode_does_not_know_the_code(shop):
    leg = shop.dial("8003", "*092580")
    assert shop.hears(leg) == "code_unknown"


def test_a_site_that_has_lost_the_flow_leads_its_callers_as_always(flooded, bakery):
    flooded.dial("8003", "*092580")
    flooded.apply(bakery)
    flooded.call_in()
    assert told_flow(flooded) == "main"
    assert flooded.board.live().emergency_since is None


# --- the site file --------------------------------------------------------------------------------
def read(text: str, before: Site | None = None) -> Site:
    site, _ = read_site(text, "site.toml", before=before or Site(), random_bytes=bytes)
    return site


def test_the_file_keeps_a_digest_and_reading_it_again_gives_the_same_site(bakery):
    site = read(write_site(bakery) + MODE)
    printed = write_site(site)
    assert "2580" not in printed and "pin_digest" in printed
    assert read(printed).emergency_mode == site.emergency_mode
    assert read(write_site(bakery) + MODE, site).emergency_mode == site.emergency_mode
    assert read(write_site(bakery)).emergency_mode == EmergencyMode()


@pytest.mark.parametrize(
    ("mode", "key"),
    [
        ('[emergency_mode]\nflow = "nowhere"\npin = "2580"', "emergency_mode.flow"),
        ('[emergency_mode]\nflow = "main"', "emergency_mode.pin"),
        ('[emergency_mode]\nflow = "main"\npin = "25"', "emergency_mode.pin"),
        ('[emergency_mode]\npin = "2580"', "emergency_mode"),
    ],
)
def test_a_mode_that_could_not_be_begun_is_refused(bakery, mode, key):
    with pytest.raises(SiteError) as refused:
        read(write_site(bakery) + "\n" + mode)
    assert any(fault.key.startswith(key) for fault in refused.value.faults)


def set_on_the_page(shop, is_on, by="owner"):
    return shop.verb(SetEmergencyMode(ask=AskId("1"), by=by, is_on=is_on)).problem


def test_the_owner_does_the_same_on_the_page_and_it_outlives_a_kill(flooded):
    assert set_on_the_page(flooded, True, by="jan") == ""
    flooded.call_in()
    assert told_flow(flooded) == "flood"
    assert flooded.facts(EmergencyModeStarted)[-1].by == "jan"
    assert set_on_the_page(flooded, True) == "already"
    flooded.killed()
    live = flooded.board.live()
    assert live.emergency_by == "jan" and live.emergency_since is not None
    flooded.advance(60)
    assert set_on_the_page(flooded, False, by="anna") == ""
    (over,) = flooded.facts(EmergencyModeEnded)
    assert (over.by, over.seconds) == ("anna", 60.0)
    assert flooded.board.live().emergency_by == ""
    flooded.call_in()
    assert told_flow(flooded) == "main"


def test_who_keyed_it_in_is_shown_by_his_phone(flooded):
    flooded.dial("8003", "*092580")
    assert flooded.board.live().emergency_by == "8003"
    assert set_on_the_page(flooded, False) == ""


def test_a_site_without_the_flow_has_no_such_mode_on_the_page(shop):
    assert set_on_the_page(shop, True) == "not_allowed"


def test_a_slot_from_before_it_was_known_who_had_begun_still_holds(flooded):
    flooded.board.restore("emergency", msgspec.msgpack.encode(5.0), flooded.now)
    assert flooded.board.live().emergency_since == 5.0
