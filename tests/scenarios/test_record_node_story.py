"""A flow has its caller say something: ended by key, silence and time, heard, done over, kept."""

import pytest
from msgspec.structs import replace
from shop import Shop

from appliance.vocabulary.events import FarEndQuiet, RecordingSealed
from appliance.vocabulary.facts_flows import FlowTold
from appliance.vocabulary.facts_messages import MessageArrived
from appliance.vocabulary.ids import WebhookId
from appliance.vocabulary.journal import NodeEntered, RecordingClosed, RecordingOpened
from appliance.vocabulary.settings import Flow, Webhook

SAY = {"kind": "record", "text": "Say your name.", "next": "tell", "max_seconds": 20}
NODES = {
    "start": SAY,
    "tell": {
        "kind": "webhook",
        "webhook": "crm",
        "what": "named",
        "values": {"recording": "{recorded}"},
        "next": "end",
    },
    "end": {"kind": "hangup"},
}
REVIEWED = {**NODES, "start": {**SAY, "box": "shop", "review_text": "1 keeps, 2 plays, 3 anew."}}


def shop_with(bakery, nodes):
    flow = Flow(id="front", start="start", node=nodes)
    routes = tuple(replace(route, flow="front") for route in bakery.route)
    hook = Webhook(id=WebhookId("crm"), url="https://crm.example/calls")
    return Shop(replace(bakery, flow=(*bakery.flow, flow), route=routes, webhook=(hook,)))


def begun(bakery, nodes=NODES):
    """He hears the text and the beep, and speaks."""
    shop = shop_with(bakery, nodes)
    leg = shop.call_in()
    assert shop.hears(leg) == "Say your name."
    shop.advance(2)
    assert shop.hears(leg) == "beep"
    shop.advance(0.5)
    assert (shop.hears(leg), shop.audio[leg].track is not None) == ("Silence", True)
    return shop, leg


def sealed(shop, seconds=4.0):
    """Jobs has made the file of the last one."""
    wanted = shop.sealings[-1]
    shop.tell(
        RecordingSealed(
            recording=wanted.recording,
            call=wanted.call,
            file=f"2026-11-23/{wanted.recording}.wav",
            sha256="ab",
            seconds=seconds,
        )
    )


def messages_in(shop):
    return [one.recording for one in shop.facts(MessageArrived)]


def path_of(shop):
    return [(one.node, one.why) for one in shop.facts(NodeEntered)]


def ends_by_key(shop, leg):
    shop.press(leg, "#")


def ends_by_silence(shop, leg):
    assert shop.audio[leg].quiet_after == 5
    shop.tell(FarEndQuiet(leg=leg, silent_for=5.0))


def ends_by_time(shop, leg):
    shop.advance(20)


@pytest.mark.parametrize("ends", [ends_by_key, ends_by_silence, ends_by_time])
def test_it_ends_and_the_flow_goes_on_and_tells_its_name(bakery, ends):
    shop, leg = begun(bakery)
    shop.press(leg, "5")
    assert path_of(shop) == [("start", "start")], "no other key ends it"
    ends(shop, leg)
    assert path_of(shop)[-1] == ("end", "next")
    [opened] = shop.facts(RecordingOpened)
    assert (opened.is_message, len(shop.facts(RecordingClosed))) == (False, 1)
    assert shop.facts(FlowTold)[0].values == {"recording": opened.recording}
    assert shop.audio[leg].track is None
    sealed(shop)
    assert messages_in(shop) == []


def test_he_hears_it_does_it_over_and_only_the_kept_one_is_a_message(bakery):
    shop, leg = begun(bakery, REVIEWED)
    shop.press(leg, "#")
    assert shop.hears(leg) == "1 keeps, 2 plays, 3 anew."
    shop.press(leg, "2")
    shop.advance(1)
    sealed(shop)
    [first] = shop.facts(RecordingOpened)
    assert shop.audio[leg].hears.prompts == (f"message:2026-11-23/{first.recording}.wav",)
    shop.press(leg, "3")
    shop.advance(0.5)
    shop.press(leg, "#")
    shop.press(leg, "1")
    assert path_of(shop)[1] == ("tell", "1")
    sealed(shop)
    assert messages_in(shop) == [shop.facts(RecordingOpened)[1].recording]


def test_a_caller_who_hangs_up_while_he_speaks_or_chooses_has_left_it(bakery):
    for keys in ("", "#"):
        shop, leg = begun(bakery, REVIEWED)
        shop.keys(leg, keys)
        shop.hang_up(leg)
        sealed(shop)
        assert messages_in(shop) == [shop.facts(RecordingOpened)[0].recording]


def test_silence_and_wrong_keys_keep_it_and_what_cannot_be_heard_is_no_dead_end(bakery):
    shop, leg = begun(bakery, REVIEWED)
    shop.press(leg, "#")
    shop.press(leg, "2")
    sealed(shop, seconds=0)
    shop.advance(40)
    assert path_of(shop)[1] == ("tell", "timeout")
    shop, leg = begun(bakery, REVIEWED)
    shop.press(leg, "#")
    shop.press(leg, "7")
    shop.press(leg, "8")
    assert path_of(shop)[1] == ("tell", "wrong_key")


def test_a_kill_while_he_speaks_loses_nothing(bakery):
    shop, leg = begun(bakery, REVIEWED)
    shop.killed()
    assert shop.audio[leg].track is not None
    shop.press(leg, "#")
    shop.killed()
    shop.press(leg, "1")
    sealed(shop)
    assert path_of(shop)[-1][0] == "end"
    assert messages_in(shop) == [shop.facts(RecordingOpened)[0].recording]
