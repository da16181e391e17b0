"""A backup made in a talk, and the box that it makes: settings, records, passwords, a message that
waits and a callback that was promised; real phones.
"""

import pytest
from desk_box import calls_of, desk_box, dial, one_call_of, talking
from running_box import wait_for
from sipp import ACK, ANSWERED, BYE, WAIT_BYE, info_digit, invite, pause, play, voice
from team_site import PROMPTS_CALLED_BACK, PROMPTS_CLOSED, called_back_later
from tone_prompts import text, tone

from appliance.store.backup_file import checked
from appliance.vocabulary.verbs import AskId, DeleteMessage, ListMessages

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]

CALLER, LEAVES, WAITS = "13900000777", "13900000778", "13900000779"
MACHINE, CLOSED = "02188886601", "02188885502"
SITE = f"""
[[voicemail_box]]
id = "shop"
pin = "4711"
greeting = "Day and night."

[[queue]]
id = "team"
name = "Team"
agents = ["1003"]
callback = {{ offer_after_seconds = 1 }}

[[flow]]
id = "machine"
start = "message"
[flow.node.message]
kind = "voicemail"
box = "shop"

[[route]]
trunk = "carrier"
number = "{MACHINE}"
flow = "machine"
"""
PROMPTS = [(text("Day and night."), 500, 0.6), *PROMPTS_CALLED_BACK, *PROMPTS_CLOSED]
"""Hertz and seconds."""


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    folder = tmp_path_factory.mktemp("backup") / "var"
    yield from desk_box(folder, carrier_port, SITE, called_back_later(CLOSED), prompts=PROMPTS)


def messages(box):
    told = box.ask(ListMessages(ask=AskId("l"), by="test")).boxes
    return [note for one in told for note in (*one.new, *one.old)]


def pending(box):
    return [one.number for one in box.live().callbacks if one.phase == "pending"]


@pytest.fixture
def message(box, sipp, tmp_path):
    """What somebody left, and somebody else is to be called back."""
    sound = play(voice(tmp_path / "message.pcap", tone(700, 6)))
    sipp(invite(MACHINE, caller=LEAVES), ANSWERED, ACK, sound, pause(5200), BYE).finish()
    keys = (pause(2500), info_digit("1", 3), WAIT_BYE)
    sipp(invite(CLOSED, caller=WAITS), ANSWERED, ACK, *keys).finish()
    wait_for(lambda: pending(box) == [WAITS], 20, "the callback to be pending")
    return wait_for(lambda: messages(box), 30, "the message")[0]


@pytest.mark.feature("backup in a talk, restored at the next start")
def test_a_backup_in_a_talk_disturbs_nobody_and_brings_the_box_back(
    box, phones, sipp, tmp_path, message
):
    anna = phones("8001", answer="auto")
    speech = voice(tmp_path / "speech.pcap", tone(700, 60), [(1.2, "3")])
    caller = sipp(invite("02188886666", caller=CALLER), ANSWERED, ACK, play(speech), WAIT_BYE)
    anna.wait("CALL_ESTABLISHED")
    talking(box, "8001")
    file = tmp_path / "shop.linghe"
    assert "read back and whole" in box.linghe("backup", str(file))
    anna.say("hangup")
    caller.finish()
    call = one_call_of(box, CALLER)
    before = box.status().site_name

    # Afterwards nothing is left of it, and it is another shop; the backup waits for the next start.
    box.ask(DeleteMessage(ask=AskId("d"), by="test", recording=message.recording))
    sound = box.folder / "recordings" / message.file
    wait_for(lambda: not sound.exists(), 20, "the sound to be removed")
    box.linghe("callbacks", "cancel", box.live().callbacks[0].callback)
    site = box.linghe("export")
    assert f'name = "{before}"' in site
    box.apply(site.replace(f'name = "{before}"', 'name = "Another shop"', 1))
    assert box.status().site_name == "Another shop"
    assert "at its next start" in box.linghe("restore", str(file))
    assert box.status().site_name == "Another shop"
    then = box.live().at
    box.stop()
    box.start()
    assert box.live().at > then, "the clock that was set for a try goes on"
    assert box.status().site_name == before == checked(file).site_name
    assert list(box.folder.glob("before-restore-*/settings.db"))

    # The talk of the backup is told as one that a stop of the box ended; a phone's password holds.
    told = wait_for(lambda: calls_of(box, CALLER), 20, "the list of calls")
    assert [one["call"] for one in told] == [call["call"]] and told[0]["ended"]
    assert not box.live().calls

    assert (messages(box), pending(box)) == ([message], [WAITS])
    assert sound.stat().st_size > 8000 * message.seconds
    ben = phones("8002")
    dial(box, ben, "*43")
    ben.wait("CALL_ESTABLISHED")
