"""After the talk the caller says how it was: with a real caller and a real agent's phone."""

import pytest
from desk_box import desk_box, filed, one_call_of, talking
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, info_digit, invite, pause, play, voice
from team_site import TEAM, straight_to_the_team
from tone_prompts import phrase, text, tone

CALLERS = (f"139000056{number:02}" for number in range(100))
pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]

NUMBER, FLOW = "02188885511", "02188885512"
VOICE = 700
SURVEY = f"""
[[survey]]
id = "how"
min_talk_seconds = 0
reason_seconds = 10

[[flow]]
id = "asking"
start = "ask"
[flow.node.ask]
kind = "survey"
survey = "how"
next = "bye"
[flow.node.bye]
kind = "hangup"
text = "Bye."

[[route]]
trunk = "carrier"
number = "{FLOW}"
flow = "asking"
"""
ASKED = 'agents = ["1001"]\nsurvey = "how"\n'
SITE = "".join([TEAM, ASKED, straight_to_the_team(NUMBER), SURVEY])
PROMPTS = [
    (phrase("survey_ask"), 700, 1.0),
    (phrase("survey_thanks"), 800, 0.5),
    (phrase("survey_reason"), 900, 0.5),
    (text("Bye."), 1100, 0.5),
]


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("how") / "var"
    yield from desk_box(folder, carrier_port, SITE, prompts=PROMPTS)


@pytest.fixture
def phone(phones):
    return phones("8001", answer="auto")


@pytest.fixture
def number():
    """Another caller for each test, and each try of it."""
    return next(CALLERS)


def asked(box):
    """Wait until the caller is asked; by then the agent is free."""
    wait_for(lambda: [one for one in box.live().calls if one.stage == "survey"], 10, "the survey")


@pytest.mark.feature("survey: the agent hangs up first, the caller is asked")
def test_the_agent_hangs_up_and_the_callers_key_is_the_agents_score(box, phone, sipp, number):
    caller = sipp(
        invite(NUMBER, caller=number), ANSWERED, ACK,
        pause(7000), info_digit("2", 2), WAIT_BYE,
    )  # fmt: skip
    talking(box, "8001")
    phone.say("hangup")
    asked(box)
    assert [str(one.state) for one in box.live().agents if one.agent == "1001"] == ["ready"]
    caller.finish()
    call = one_call_of(box, number)
    assert (call["survey"]["score"], call["survey"]["agent"]) == (2, "1001")
    assert call["outcome"] == "answered"


@pytest.mark.feature("survey: by code, a low score says why, over kill -9")
def test_the_agent_hands_the_caller_over_and_a_kill_loses_neither_call_nor_score(
    box, phone, sipp, number, tmp_path
):
    speech = voice(tmp_path / "why.pcap", tone(VOICE, 18.0))
    caller = sipp(
        invite(NUMBER, caller=number), ANSWERED, ACK, play(speech),
        pause(8000), info_digit("3", 2), pause(4000), info_digit("#", 3), WAIT_BYE,
    )  # fmt: skip
    talking(box, "8001")
    phone.say("sndcode", "*88")
    phone.wait("CALL_CLOSED")
    asked(box)
    box.kill("control")
    wait_for(box.is_answering, 20, "control to be back")
    asked(box)
    caller.finish()
    call = filed(box, number, 1)
    assert call["survey"]["score"] == 3
    [reason] = call["recordings"]
    assert call["survey"]["reason"] == reason["recording"] and reason["seconds"] > 1
    lines = box.linghe("calls", call["call"], "--language", "en")
    assert "survey: 3, not content" in lines and "says why he is not content" in lines


@pytest.mark.feature("flow node: survey")
def test_a_flow_asks_and_goes_on_whatever_the_caller_presses(box, sipp, number):
    sipp(
        invite(FLOW, caller=number), ANSWERED, ACK, pause(700), info_digit("1", 2), WAIT_BYE,
    ).finish()  # fmt: skip
    assert one_call_of(box, number)["survey"]["score"] == 1
    silent = next(CALLERS)
    sipp(invite(FLOW, caller=silent), ANSWERED, ACK, pause(500), BYE).finish()
    assert one_call_of(box, silent)["survey"].get("score") is None
