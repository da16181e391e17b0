"""A backup made in a talk, and the box that it makes: settings, records, passwords; real phones."""

import pytest
from desk_box import desk_box, dial, one_call_of, talking
from running_box import wait_for
from sipp import ACK, ANSWERED, WAIT_BYE, invite, play, voice
from tone_prompts import tone

from appliance.store.backup_file import checked

pytestmark = pytest.mark.peer

CALLER = "13900000777"


@pytest.fixture(scope="module")
def box(tmp_path_factory, carrier_port):
    yield from desk_box(tmp_path_factory.mktemp("backup") / "var", carrier_port)


@pytest.mark.feature("backup in a talk, restored at the next start")
def test_a_backup_in_a_talk_disturbs_nobody_and_brings_the_box_back(box, phones, sipp, tmp_path):
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

    # Afterwards somebody makes it another shop; the backup waits for the next start.
    site = box.linghe("export")
    assert f'name = "{before}"' in site
    box.apply(site.replace(f'name = "{before}"', 'name = "Another shop"', 1))
    assert box.status().site_name == "Another shop"
    assert "at its next start" in box.linghe("restore", str(file))
    assert box.status().site_name == "Another shop"
    box.stop()
    box.start()
    assert box.status().site_name == before == checked(file).site_name
    assert list(box.folder.glob("before-restore-*/settings.db"))

    # The talk of the backup is told as one that a stop of the box ended; a phone's password holds.
    told = wait_for(lambda: box.linghe_json("calls"), 20, "the list of calls")
    assert [one["call"] for one in told] == [call["call"]] and told[0]["ended"]
    ben = phones("8002")
    dial(box, ben, "*43")
    ben.wait("CALL_ESTABLISHED")
