"""Queues with real phones and a real carrier: whom each strategy rings, what the agent hears and
sees, where callers go whom nobody answers. The site is changed while the box runs."""

import pytest
from capture import Capture
from desk_box import desk_box, one_call_of, talking
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, answers, invite, pause
from team_site import TEAM, straight_to_the_team
from tone_prompts import loudest, phrase, text

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

NUMBER = "02188887777"
WHISPER, WAITED = 1850, 2100
PHONES = {"1001": "8001", "1002": "8002", "1003": "8003"}
AGENTS = 'agents = ["1001", "1002", "1003"]\n'


def with_team(settings):
    return straight_to_the_team(NUMBER) + TEAM + AGENTS + settings


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    at_work = ('pin = "4713"', 'pin = "4713"\nsigned_in = true\nskills = { bread = 3 }')
    folder = tmp_path_factory.mktemp("team") / "var"
    said = [(text("Team."), WHISPER, 1.0), (phrase("waited", n="0"), WAITED, 1.0)]
    yield from desk_box(folder, carrier_port, with_team(""), changes=[at_work], prompts=said)


@pytest.fixture
def team(box, phones):
    """Three phones, and a door to change the queue's settings while the box runs."""
    site = (box.folder.parent / f"{box.folder.name}-site.toml").read_text()

    class Team:
        made = {agent: phones(number) for agent, number in PHONES.items()}

        def apply(self, settings):
            box.apply(site.replace(with_team(""), with_team(settings)))

    yield Team()
    box.apply(site)


def ringing(box):
    return [one.agent for one in box.live().agents if one.state == "ringing"]


def all_ready(box):
    wait_for(
        lambda: {one.state for one in box.live().agents} == {"ready"}, 10, "everybody to be ready"
    )


def serve(box, team, sipp, caller="13900000700"):
    """A whole call: it rings, whoever it rings answers and hangs up. Returns the agent."""
    all_ready(box)
    rung_before = {agent: len(phone.has("CALL_INCOMING")) for agent, phone in team.made.items()}
    one = sipp(invite(NUMBER, caller=caller), ANSWERED, ACK, WAIT_BYE)
    [agent] = wait_for(lambda: ringing(box), 15, "a phone to ring")
    phone = team.made[agent]
    phone.wait("CALL_INCOMING", count=rung_before[agent] + 1)
    phone.say("accept")
    talking(box, phone.number)
    phone.say("hangup")
    one.finish()
    all_ready(box)
    return agent


def test_each_strategy_rings_whom_it_promises(box, team, sipp):
    team.apply('strategy = "fixed-order"')
    assert [serve(box, team, sipp) for _ in range(2)] == ["1001", "1001"]
    team.apply('strategy = "fewest-calls"')
    assert [serve(box, team, sipp) for _ in range(2)] == ["1002", "1003"]
    team.apply('strategy = "longest-idle"')
    assert serve(box, team, sipp) == "1001"
    team.apply('strategy = "round-robin"')
    assert [serve(box, team, sipp) for _ in range(3)] == ["1002", "1003", "1001"]
    team.apply('strategy = "skills"\nskills = { bread = 2 }')
    assert [serve(box, team, sipp) for _ in range(2)] == ["1003", "1003"]
    team.apply('strategy = "longest-idle"\npenalties = { "1001" = 1, "1002" = 1 }')
    assert serve(box, team, sipp) == "1003"


def test_who_calls_counts_where_the_strategy_goes_by_it(box, team, sipp):
    vip = 'vip_numbers = ["13900000701"]\nvip_agents = ["1003"]'
    team.apply(f'strategy = "vip"\n{vip}')
    assert serve(box, team, sipp, "13900000701") == "1003"
    assert serve(box, team, sipp, "13900000702") != "1003"
    team.apply('strategy = "last-agent"')
    first = serve(box, team, sipp, "13900000703")
    assert serve(box, team, sipp, "13900000704") != first
    assert serve(box, team, sipp, "13900000703") == first
    team.apply('strategy = "least-talk"')
    assert serve(box, team, sipp) in PHONES
    for lots in ("random", "weighted"):
        team.apply(f'strategy = "{lots}"')
        assert serve(box, team, sipp) in PHONES


def test_all_ring_at_once_and_those_who_were_slower_list_no_missed_call(box, team, sipp, tmp_path):
    team.apply('strategy = "ring-all"')
    all_ready(box)
    wire = Capture(tmp_path / "wire.pcap")
    caller = sipp(invite(NUMBER, caller="13900000710"), ANSWERED, ACK, WAIT_BYE)
    for phone in team.made.values():
        phone.wait("CALL_INCOMING")
    assert sorted(ringing(box)) == sorted(PHONES)
    team.made["1002"].say("accept")
    talking(box, "8002")
    for agent in ("1001", "1003"):
        team.made[agent].wait("CALL_CLOSED")
    team.made["1002"].say("hangup")
    caller.finish()
    call = one_call_of(box, "13900000710")
    assert [one["extension"] for one in call["talks"]] == ["8002"]
    wire.streams()  # what was said is in the file now
    assert wire.file.read_bytes().count(b"Call completed elsewhere") == 2
    all_ready(box)


def test_a_caller_who_gives_up_silences_every_phone(box, team, sipp):
    team.apply('strategy = "ring-all"')
    all_ready(box)
    caller = sipp(invite(NUMBER, caller="13900000711"), ANSWERED, ACK, pause(2500), BYE)
    for phone in team.made.values():
        phone.wait("CALL_INCOMING")
    caller.finish()
    for phone in team.made.values():
        phone.wait("CALL_CLOSED")
    assert one_call_of(box, "13900000711")["outcome"] == "abandoned"
    all_ready(box)


def test_the_agents_phone_shows_the_queue_and_he_hears_whose_call_comes(box, team, sipp, tmp_path):
    team.apply('strategy = "fixed-order"\nwhisper = "Team."')
    all_ready(box)
    wire = Capture(tmp_path / "wire.pcap")
    caller = sipp(invite(NUMBER, caller="13900000712"), ANSWERED, ACK, WAIT_BYE)
    anna = team.made["1001"]
    shown = anna.wait("CALL_INCOMING")
    assert "Team: 13900000712" in str(shown)
    anna.say("accept")
    wait_for(lambda: any(one.talking_since for one in box.live().calls), 15, "the talk")
    anna.say("hangup")
    caller.finish()
    tones = [loudest(one.audio()) for one in wire.streams().values()]
    [agents] = [one for one in tones if WHISPER in one]
    assert agents.index(WHISPER) < agents.index(WAITED), "and the caller heard neither"
    assert b'"Team: 13900000712"' in wire.file.read_bytes()
    all_ready(box)


def test_an_agent_who_is_added_is_rung_for_who_waits_and_the_first_keeps_his_place(box, team, sipp):
    team.apply('strategy = "fixed-order"\nskills = { bread = 99 }')
    all_ready(box)
    callers = []
    for turn, number in enumerate(("13900000720", "13900000721"), start=1):
        callers.append(sipp(invite(NUMBER, caller=number), ANSWERED, ACK, WAIT_BYE))
        wait_for(lambda seen=turn: waiting(box) == seen, 10, f"{number} to wait")
    assert ringing(box) == []
    team.apply('strategy = "skills"\nskills = { bread = 3 }')
    cleo = team.made["1003"]
    for turn, number in enumerate(("13900000720", "13900000721"), start=1):
        shown = cleo.wait("CALL_INCOMING", count=turn)
        assert number in str(shown)
        cleo.say("accept")
        talking(box, "8003")
        cleo.say("hangup")
        callers[turn - 1].finish()
    all_ready(box)


def waiting(box):
    return sum(one.waiting for one in box.live().queues if one.queue == "team")


def test_where_a_queue_is_full_the_outside_number_rings(box, team, sipp, carrier_port):
    team.apply(
        "max_waiting = 0\nskills = { bread = 99 }\n"
        'overflow_full = { to = "number", number = "913800138000" }'
    )
    all_ready(box)
    carrier = sipp(answers(), WAIT_BYE, extra=("-p", str(carrier_port)))
    caller = sipp(invite(NUMBER, caller="13900000730"), ANSWERED, ACK, pause(8000), BYE)
    carrier.finish()
    caller.finish()
    call = one_call_of(box, "13900000730")
    assert call["outcome"] == "answered"


def test_who_waits_too_long_leaves_a_message(box, team, sipp):
    team.apply(
        "max_wait_seconds = 2\nskills = { bread = 99 }\n"
        'overflow = { to = "voicemail", box = "team" }'
    )
    caller = sipp(invite(NUMBER, caller="13900000731"), ANSWERED, ACK, pause(9000), BYE)
    wait_for(lambda: any(one.stage == "voicemail" for one in box.live().calls), 10, "the voicemail")
    caller.finish()
    assert one_call_of(box, "13900000731")["outcome"] == "voicemail"
