"""Voicemail boxes: greeting by hours, lengths, listening by phone with PIN and keys, kill -9."""

import random
from datetime import datetime

import msgspec
import pytest
from msgspec.structs import replace
from shop import MONDAY_10

from appliance.engines.ivr.dry_run import dry_run
from appliance.store.site_file import read_site, write_site
from appliance.vocabulary.audio import Playlist
from appliance.vocabulary.events import FarEndQuiet
from appliance.vocabulary.facts_messages import (
    BoxPinUsed,
    MessageArrived,
    MessageDeleted,
    MessageHeardBy,
    MessageMarked,
)
from appliance.vocabulary.journal import CallEntered
from appliance.vocabulary.pins import pin_digest
from appliance.vocabulary.settings import Site
from appliance.vocabulary.verbs import (
    AskId,
    DeleteMessage,
    ListMessages,
    MarkMessage,
)

BOX = """
[[voicemail_box]]
id = "shop"
name = "The shop"
number = "70"
pin = "4711"
calendar = "main"
greeting = "You have reached our box."
closed_greeting = "We are closed, the box is open."
longest_seconds = 20
"""


@pytest.fixture
def site(bakery):
    calendar = '\n[[calendar]]\nid = "main"\n' if not bakery.calendar else ""
    box = BOX.replace('"main"', f'"{bakery.calendar[0].id}"') if bakery.calendar else BOX
    site, _ = read_site(
        write_site(bakery) + calendar + box, "site.toml", before=Site(), random_bytes=bytes
    )
    phones = tuple(
        replace(one, voicemail_box="shop" if one.number != "8003" else None)
        for one in site.extension
    )
    node = {"kind": "voicemail", "box": "shop"}
    flow = site.flow[0]
    flow = replace(flow, start="leave", node={**flow.node, "leave": node})
    return replace(site, extension=phones, flow=(flow, *site.flow[1:]))


@pytest.fixture
def shop(site, shop_at):
    shop = shop_at()
    shop.apply(site)
    return shop


def leave(shop, seconds=6.0, caller="13900001111"):
    """A caller hears the greeting and the beep, speaks and hangs up; the message's recording."""
    leg = shop.call_in(caller=caller)
    shop.advance(2.5 + seconds)
    shop.hang_up(leg)
    recording = shop.sealings[-1].recording
    shop.seal_all(seconds)
    return recording


def opened(shop, phone="8001", code="*97", pin="4711"):
    """A phone that has keyed in the PIN and heard how many messages there are."""
    leg = shop.dial(phone, code)
    shop.keys(leg, f"{pin}#")
    return leg


def boxes(shop):
    answer = shop.verb(ListMessages(ask=AskId("a"), by="owner"))
    return {one.box: one for one in answer.boxes}


def lamp(shop, phone="8001"):
    return next(one.new_messages for one in shop.board.live().lines if one.name == phone)


# --- leaving one ----------------------------------------------------------------------------------
def test_the_greeting_goes_by_the_boxs_calendar(site, shop_at):
    day, night = shop_at(), shop_at(at=MONDAY_10 + 12 * 3600)
    for shop in (day, night):
        shop.apply(site)
    assert day.hears(day.call_in()) == "You have reached our box."
    assert night.hears(night.call_in()) == "We are closed, the box is open."


def test_what_the_flow_says_wins_over_the_box(site, shop_at):
    flow = site.flow[0]
    leave = {**flow.node["leave"], "text": "Speak now."}
    flow = replace(flow, node={**flow.node, "leave": leave})
    shop = shop_at()
    shop.apply(replace(site, flow=(flow, *site.flow[1:])))
    assert shop.hears(shop.call_in()) == "Speak now."


def test_an_own_prompt_says_it_and_what_is_not_there_is_the_boxs_own_sentence(site, shop_at):
    box = replace(site.voicemail_box[0], greeting="", greeting_prompt="hello")
    shop = shop_at()
    shop.apply(replace(site, voicemail_box=(box,)))
    assert shop.hears(shop.call_in()) == "hello"
    shop.catalogue.missing.add("hello")
    assert shop.hears(shop.call_in()) == "leave_message"


def test_two_seconds_are_a_message_and_less_is_none(shop):
    leave(shop, 2.0)
    leave(shop, 1.9)
    assert lamp(shop) == 1
    (told,) = shop.facts(MessageArrived)
    assert (told.box, told.caller, told.seconds) == ("shop", "13900001111", 2.0)


def test_a_message_is_cut_at_the_boxs_length(shop):
    leg = shop.call_in()
    shop.advance(2.5 + 20.5)
    assert shop.hears(leg) == "message_saved"


# --- listening by phone ---------------------------------------------------------------------------
def test_the_phones_own_box_tells_counts_caller_and_time_and_plays_the_message(shop):
    recording = leave(shop)
    leg = shop.dial("8001", "*97")
    assert shop.hears(leg) == "mailbox_pin"
    shop.keys(leg, "4711#")
    assert shop.hears(leg) == "mailbox_new+1"
    shop.advance(4)
    assert shop.hears(leg) == (
        "mailbox_message_new+mailbox_caller+13900001111+mailbox_received+2026-11-23+10:00"
    )
    assert lamp(shop) == 1, "nobody has heard it yet"
    shop.advance(12)
    playlist = shop.audio[leg].hears
    assert isinstance(playlist, Playlist) and playlist.stop_on_digit
    assert playlist.prompts == (f"message:{recording}.wav",)
    assert lamp(shop) == 0
    (heard,) = shop.facts(MessageHeardBy)
    assert (heard.recording, heard.by) == (recording, "8001") and heard.waited > 6
    shop.advance(2)
    assert shop.hears(leg) == "mailbox_keys"


def test_keys_play_again_keep_delete_and_go_on(shop):
    first, second, third = (leave(shop, caller=f"1390000000{n}") for n in range(3))
    leg = opened(shop)
    shop.advance(16)
    assert shop.hears(leg) == f"message:{first}.wav"
    shop.press(leg, "1")
    assert shop.hears(leg) == f"message:{first}.wav"
    shop.press(leg, "2")
    assert shop.hears(leg) == "mailbox_kept"
    shop.advance(2 + 12)
    assert shop.hears(leg) == f"message:{second}.wav"
    shop.press(leg, "3")
    assert shop.hears(leg) == "mailbox_deleted"
    (deleted,) = shop.facts(MessageDeleted)
    assert (deleted.recording, deleted.by, deleted.file) == (second, "8001", f"{second}.wav")
    shop.advance(2)
    shop.press(leg, "#")  # within the third one's beginning: past its end
    assert shop.hears(leg) == "mailbox_last"
    told = boxes(shop)["shop"]
    assert [one.recording for one in told.old] == [first]
    assert [one.recording for one in told.new] == [third], "it was not listened to"


def test_a_key_out_of_place_is_answered_with_what_keys_do(shop):
    leave(shop)
    leg = opened(shop)
    shop.advance(4 + 12 + 2)
    shop.press(leg, "9")
    assert shop.hears(leg) == "mailbox_keys"
    shop.press(leg, "*")
    assert shop.hears(leg) == "mailbox_menu"
    shop.press(leg, "1")
    assert shop.hears(leg) == "mailbox_new+0+mailbox_old+1"


def test_who_presses_nothing_is_told_twice_more_and_then_goodbye(shop):
    leg = opened(shop)
    assert shop.hears(leg) == "mailbox_empty"
    shop.advance(120)
    assert shop.legs[leg] == "over"


def test_any_box_opens_by_its_number_at_any_phone(shop):
    leave(shop)
    leg = shop.dial("8003", "*97")
    assert shop.hears(leg) == "mailbox_closed", "that phone has no box of its own"
    leg = opened(shop, "8003", "*9870")
    assert shop.hears(leg) == "mailbox_new+1"
    leg = shop.dial("8002", "*98")
    shop.keys(leg, "70#")
    assert shop.hears(leg) == "mailbox_pin"
    leg = shop.dial("8001", "*9871")
    assert shop.hears(leg) == "mailbox_closed"


def test_a_box_without_pin_does_not_open_by_phone(site, shop_at):
    box = replace(site.voicemail_box[0], pin_digest="")
    shop = shop_at()
    shop.apply(replace(site, voicemail_box=(box,)))
    assert shop.hears(shop.dial("8001", "*97")) == "mailbox_closed"


def test_three_wrong_pins_end_the_call_and_five_lock_the_phone(shop):
    leg = shop.dial("8001", "*97")
    for _ in range(2):
        shop.keys(leg, "1111#")
        assert shop.hears(leg) == "mailbox_wrong_pin+mailbox_pin"
    shop.keys(leg, "1111#")
    assert shop.hears(leg) == "mailbox_wrong_pin"
    shop.advance(3)
    assert shop.legs[leg] == "over"
    leg = shop.dial("8001", "*97")
    shop.keys(leg, "1111#1111#")
    assert shop.hears(leg) == "pin_locked"
    shop.advance(3)
    assert shop.hears(shop.dial("8001", "*97")) == "pin_locked"
    assert [one.change for one in shop.facts(BoxPinUsed)] == ["wrong"] * 4 + ["locked"]
    assert shop.hears(opened(shop, "8002")) == "mailbox_empty", "another phone is not locked"


def test_the_pin_is_changed_by_phone_and_survives_kill_and_power_cut(shop, site):
    leg = opened(shop)
    shop.press(leg, "0")
    assert shop.hears(leg) == "mailbox_enter_pin"
    shop.keys(leg, "2580#")
    assert shop.hears(leg) == "mailbox_repeat_pin"
    shop.keys(leg, "2580#")
    assert shop.hears(leg) == "mailbox_pin_changed"
    shop.hang_up(leg)
    shop.killed()
    assert shop.hears(opened(shop, pin="2580")) == "mailbox_empty"
    assert shop.hears(opened(shop, "8002", pin="4711")) == "mailbox_wrong_pin+mailbox_pin"
    shop.apply(replace(site, voicemail_box=()))
    shop.apply(site)
    assert shop.hears(opened(shop, "8002", pin="2580")) == "mailbox_empty"


@pytest.mark.parametrize("keys", ["258#", "2580#2581#"])
def test_a_new_pin_too_short_or_not_repeated_changes_nothing(shop, keys):
    leg = opened(shop)
    shop.press(leg, "0")
    shop.keys(leg, keys)
    assert shop.hears(leg) == "mailbox_pin_not_changed"
    shop.hang_up(leg)
    assert shop.hears(opened(shop)) == "mailbox_empty"


def test_the_site_names_another_pin_and_that_holds(shop, site):
    leg = opened(shop)
    shop.press(leg, "0")
    shop.keys(leg, "2580#2580#")
    box = replace(site.voicemail_box[0], pin_digest=pin_digest("9999", bytes(16)))
    shop.apply(replace(site, voicemail_box=(box,)))
    assert shop.hears(opened(shop, "8002", pin="9999")) == "mailbox_empty"


# --- calling back ---------------------------------------------------------------------------------
def test_five_calls_the_caller_back_from_the_phone_that_heard_it(shop):
    leave(shop)
    leg = opened(shop)
    shop.advance(18)
    shop.press(leg, "5")
    assert shop.hears(leg) == "mailbox_calling"
    shop.hang_up(leg)
    assert shop.facts(CallEntered)[-1].called == "913900001111"
    assert shop.facts(CallEntered)[-1].asked_by == "voicemail"
    shop.pick_up("8001")
    shop.outside_answers()


def test_without_the_right_nobody_is_called_back(site, shop_at):
    phones = tuple(replace(one, may_dial=()) for one in site.extension)
    shop = shop_at()
    shop.apply(replace(site, extension=phones))
    leave(shop)
    leg = opened(shop)
    shop.advance(18)
    shop.press(leg, "5")
    assert shop.hears(leg) == "not_allowed"
    shop.hang_up(leg)
    assert shop.facts(CallEntered)[-1].called == "*97"


def test_a_withheld_number_cannot_be_called_back(shop):
    leave(shop, caller="")
    leg = opened(shop)
    shop.advance(18)
    shop.press(leg, "5")
    assert shop.hears(leg) == "mailbox_withheld"


# --- by page and program --------------------------------------------------------------------------
def test_marking_and_deleting_are_in_the_ledger_with_who_did_it(shop):
    recording = leave(shop)

    def mark(is_new):
        verb = MarkMessage(ask=AskId("m"), by="owner", recording=recording, is_new=is_new)
        return shop.verb(verb).problem

    assert mark(True) == "already"
    assert mark(False) == ""
    assert lamp(shop) == 0 and boxes(shop)["shop"].old[0].heard_by == "owner"
    assert mark(True) == ""
    assert lamp(shop) == 1 and boxes(shop)["shop"].new[0].heard_by == ""
    delete = DeleteMessage(ask=AskId("d"), by="token crm", recording=recording)
    assert shop.verb(delete).problem == ""
    assert shop.verb(delete).problem == "recording_unknown"
    assert lamp(shop) == 0
    assert [(one.by, one.is_new) for one in shop.facts(MessageMarked)] == [
        ("owner", False),
        ("owner", True),
    ]
    assert shop.facts(MessageDeleted)[0].by == "token crm"


def test_a_message_deleted_meanwhile_is_passed_over_at_the_phone(shop):
    first, second = leave(shop), leave(shop)
    leg = opened(shop)
    shop.verb(DeleteMessage(ask=AskId("d"), by="owner", recording=first))
    shop.advance(16)
    assert shop.hears(leg) == f"message:{second}.wav"


# --- trouble --------------------------------------------------------------------------------------
def test_a_kill_while_somebody_listens_loses_neither_place_nor_message(shop):
    recording = leave(shop)
    leg = opened(shop)
    shop.advance(16)
    shop.killed()
    assert shop.hears(leg) == f"message:{recording}.wav"
    shop.press(leg, "3")
    assert shop.hears(leg) == "mailbox_deleted"
    shop.killed()
    assert boxes(shop)["shop"].new == boxes(shop)["shop"].old == ()


def test_a_sentence_whose_end_was_lost_does_not_leave_anybody_waiting(shop):
    leave(shop)
    leg = opened(shop)
    shop.plays_lost()
    shop.advance(30)
    assert shop.hears(leg) != "mailbox_new+1"


def test_the_pin_keyed_in_behind_the_code_stands_nowhere(shop):
    shop.dial("8001", "*974711")
    assert shop.facts(CallEntered)[-1].called == "*97…"


def test_silence_ends_a_message_where_the_box_says_so(shop, site):
    leg = shop.call_in()
    shop.advance(6)
    assert shop.audio[leg].quiet_after == 8
    shop.tell(FarEndQuiet(leg=leg, silent_for=8.2))
    assert shop.hears(leg) == "message_saved"
    assert shop.audio[leg].quiet_after is None
    shop.tell(FarEndQuiet(leg=leg, silent_for=8.2))
    box = replace(site.voicemail_box[0], silence_seconds=0)
    shop.apply(replace(site, voicemail_box=(box,)))
    leg = shop.call_in()
    shop.advance(6)
    assert shop.audio[leg].quiet_after is None


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_keyed_in_nobody_is_left_on_the_line(shop, seed):
    chance = random.Random(seed)
    for _ in range(3):
        leave(shop, caller=chance.choice(("", "13900001111", "anonymous")))
    leg = shop.dial("8001", chance.choice(("*97", "*98", "*9870", "*97*4711", "*98*")))
    if chance.random() < 0.7:
        shop.keys(leg, "4711#" if "97" in shop.facts(CallEntered)[-1].called else "70#4711#")
    for _ in range(60):
        what = chance.random()
        if what < 0.7 and shop.legs[leg] == "answered":
            shop.press(leg, chance.choice("0123456789*#"))
        elif what < 0.8:
            shop.killed()
        elif what < 0.85:
            shop.plays_lost()
        else:
            shop.advance(chance.random() * 15)
    shop.advance(240)
    assert shop.legs[leg] == "over"
    told = boxes(shop)["shop"]
    kept = [note.recording for note in (*told.new, *told.old)]
    assert len(kept) == len(set(kept)) == 3 - len(shop.facts(MessageDeleted))
    assert lamp(shop) == len(told.new)


def test_a_box_of_an_earlier_version_keeps_its_messages(shop):
    shop.board.restore("box:shop", msgspec.msgpack.encode({"name": "shop", "new": ["r7"]}), 0.0)
    assert [one.recording for one in boxes(shop)["shop"].new] == ["r7"]
    leg = opened(shop)
    shop.advance(4)
    assert shop.hears(leg) == "mailbox_message_new", "nothing else is known of it"
    shop.press(leg, "3")
    shop.advance(2)
    assert boxes(shop)["shop"].new == ()


def test_a_dry_run_tells_the_greeting_of_the_hour(site):
    for hour, said in ((10, "You have reached our box."), (22, "We are closed, the box is open.")):
        found = dry_run(site, site.flow[0].id, at=datetime(2026, 11, 23, hour))
        assert found.ends == "voicemail" and found.steps[-1].says == (said,)
