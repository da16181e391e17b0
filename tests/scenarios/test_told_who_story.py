"""A call's timeline says who: whose talk and quality, who hung up, left, or has the call."""

import pytest
from ledger_checks import kept
from msgspec.structs import replace
from shop import Shop
from shop_steps import talking

from appliance.reports.names import names_of
from appliance.reports.public_events import Announcer
from appliance.reports.timeline import sentence, timeline_of
from appliance.reports.words import words_for
from appliance.vocabulary.facts_handling import QualityMeasured
from appliance.vocabulary.journal import CallEntered
from appliance.vocabulary.settings import Language, RingGroup
from appliance.vocabulary.verbs import (
    HoldCall,
    Originate,
    RecordingWish,
    SetRecording,
    TransferCall,
)


def told(shop, language=Language.EN):
    """The first call's sentences."""
    call = next(entry.call for entry in shop.entries if entry.call)
    lines = timeline_of([entry for entry in kept(shop) if entry.call == call], names_of(shop.site))
    return [sentence(line, words_for(language)) for line in lines]


def test_who_hung_up_is_the_agent_or_the_phone_where_none_sits(bakery):
    agents = tuple(replace(one, signed_in=False) for one in bakery.agent)
    shop = Shop(replace(bakery, agent=agents))
    leg = shop.dial("8001", "8002")
    other = shop.pick_up("8002")
    shop.advance(9)
    shop.hang_up(other)
    assert "the called party hung up" in told(shop)
    shop = Shop(bakery)
    leg, agent = talking(shop)
    shop.hang_up(agent)
    assert told(shop)[-1] == "agent hung up"


def test_a_phone_without_agent_that_took_the_call_over_hung_up(bakery):
    agents = tuple(one for one in bakery.agent if one.id == "1001")
    shop = Shop(replace(bakery, agent=agents))
    leg, agent = talking(shop)
    shop.keys(agent, "##8002#")
    target = shop.pick_up("8002")
    shop.advance(9)
    shop.hang_up(target)
    said = told(shop)
    assert "8002 talked 0:09" in said
    assert said[-1] == "8002 hung up"


def test_who_left_a_conference_is_told(shop):
    leg, agent = talking(shop)
    shop.keys(agent, "*28002#")
    shop.pick_up("8002")
    shop.keys(agent, "*3")
    shop.advance(20)
    shop.hang_up(agent)
    shop.advance(5)
    shop.hang_up(leg)
    said = told(shop)
    assert said.count("8001 left the conference") == 1
    assert said.index("8001 left the conference") < said.index("conference over after 0:20")
    assert not [one for one in said if one.startswith("13900001111 left")]
    assert "8001 退出会议" in told(shop, Language.ZH)
    assert "8001 opuścił konferencję" in told(shop, Language.PL)


def test_of_a_ring_group_the_phone_that_answered_has_the_call(bakery):
    group = RingGroup(id="office", number="650", members=("8002", "8003"), ring_seconds=20)
    shop = Shop(replace(bakery, ring_group=(group,)), phones=("8001", "8002", "8003"))
    leg, agent = talking(shop)
    shop.keys(agent, "##650#")
    shop.pick_up("8003")
    shop.advance(5)
    shop.hang_up(leg)
    said = told(shop)
    assert "8001 transfers to 650 (blind)" in said
    assert "8003 has the call" in said


@pytest.mark.parametrize("caller", ["13900001111", ""])
def test_quality_is_told_of_each_leg_by_its_name(shop, caller):
    leg = shop.call_in(caller=caller)
    shop.advance(2.5)
    shop.press(leg, "1")
    agent = shop.pick_up("8001")
    entries = [entry for entry in shop.entries if entry.call]
    fact = QualityMeasured(codec="PCMA", packets=500, lost=0, jitter_ms=1.0, mos=4.4)
    measured = [
        replace(entries[-1], fact=fact, leg=one, key=f"quality {one}") for one in (leg, agent)
    ]
    lines = timeline_of([*entries, *measured], names_of(shop.site))[-2:]
    quality = "telephone quality 4.4 of 4.5 (PCMA), 0.0 % lost, jitter 1 ms"
    assert [sentence(line, words_for(Language.EN)) for line in lines] == [
        f"{caller or 'the caller'}: {quality}",
        f"8001: {quality}",
    ]
    first = sentence(lines[0], words_for(Language.ZH))
    assert first.startswith(f"{caller or '来电者'}：通话质量")


def announced(shop):
    """Which program asked for what strangers are told."""
    announcer = Announcer(lambda call, row: ())
    events = [announcer.event(row, entry) for row, entry in enumerate(kept(shop), 1)]
    return {
        type(one).__name__: one.asked_by
        for one in events
        if one is not None and "asked_by" in dir(one)
    }


def test_what_a_program_asks_for_is_told_as_the_programs(shop):
    leg, agent = talking(shop)
    call = shop.board.calls()[-1]
    who = "token crm"
    for wish in RecordingWish.PAUSE, RecordingWish.RESUME, RecordingWish.OFF, RecordingWish.ON:
        assert not shop.verb(SetRecording(ask="1", by=who, call=call, wish=wish)).problem
    for is_held in True, False:
        assert not shop.verb(HoldCall(ask="1", by=who, call=call, is_held=is_held)).problem
    assert not shop.verb(TransferCall(ask="1", by=who, call=call, to="8002")).problem
    shop.pick_up("8002")
    shop.hang_up(leg)
    said = told(shop)
    assert [line for line in said if line.startswith(who) or who in line] == [
        "token crm paused the recording: silence in the file",
        "token crm let the recording go on after 0:00",
        "token crm switched the recording off",
        "token crm switched the recording on",
        "put on hold by token crm",
        "taken off hold by token crm",
        "token crm transfers the call of 8001 to 8002",
    ]
    assert announced(shop) == {
        "OfferedEvent": None,
        "HeldEvent": "crm",
        "RetrievedEvent": "crm",
        "TransferredEvent": "crm",
    }


def test_click_to_dial_is_told_as_the_programs(shop):
    shop.verb(Originate(ask="1", by="token crm", extension="8001", number="8002"))
    shop.pick_up("8001")
    shop.hang_up(shop.pick_up("8002"))
    assert told(shop)[0] == "token crm had 8001 rung and 8002 dialled"
    assert announced(shop) == {"OfferedEvent": "crm"}


def test_a_redial_of_a_busy_phone_is_told_as_such(shop):
    busy = shop.dial("8002", "*60")
    shop.hang_up(shop.dial("8001", "8002"))
    shop.hang_up(shop.dial("8001", "*66"))
    shop.hang_up(busy)
    shop.advance(1)
    entered = shop.facts(CallEntered)[-1]
    assert (entered.extension, entered.called, entered.asked_by) == ("8001", "8002", "redial")
    shop.hang_up(shop.pick_up("8001"))
    last = [entry for entry in kept(shop) if isinstance(entry.fact, CallEntered)][-1]
    (line,) = timeline_of([last], names_of(shop.site))
    assert sentence(line, words_for(Language.EN)) == (
        "8002 is free now, 8001 is rung to call it back"
    )


def test_keys_at_a_phone_that_control_the_recording_are_told_as_that_phones(shop):
    leg, agent = talking(shop)
    for code in "*1", "*1", "*4", "*4":
        shop.keys(agent, code)
        shop.advance(1)
    shop.hang_up(leg)
    said = told(shop)
    assert [line for line in said if "recording" in line][-5:] == [
        "8001 paused the recording: silence in the file",
        "8001 let the recording go on after 0:01",
        "8001 switched the recording off",
        "8001 switched the recording on",
        "recording ends",
    ]


@pytest.mark.parametrize(
    ("number", "why"), [("5555", "number unknown"), ("90044123456", "not allowed")]
)
def test_a_transfer_to_nowhere_leaves_its_trace(shop, number, why):
    leg, agent = talking(shop)
    shop.keys(agent, f"##{number}#")
    shop.advance(5)
    assert shop.hears(leg) == f"peer {agent}"
    shop.hang_up(leg)
    assert f"8001 wanted to transfer to {number}: {why}" in told(shop)
