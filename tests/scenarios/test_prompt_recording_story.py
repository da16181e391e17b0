"""*77 at a desk phone: a prompt is spoken, heard, kept or done over, and nothing is lost."""

import logging

import msgspec
import pytest

from appliance.store.site_file import read_site, write_site
from appliance.vocabulary.events import RecordingSealed
from appliance.vocabulary.facts_desk import PromptRecorded
from appliance.vocabulary.journal import CallEntered, RecordingOpened
from appliance.vocabulary.prompt_takes import PromptKept
from appliance.vocabulary.settings import Site

TABLE = '\n[prompt_recording]\npin = "2580"\nnumbers = { "1" = "welcome" }\n'


@pytest.fixture
def studio(bakery, shop_at):
    """The bakery where prompts are recorded by phone."""
    site, _ = read_site(write_site(bakery) + TABLE, "site.toml", before=Site(), random_bytes=bytes)
    shop = shop_at()
    shop.apply(site)
    return shop


def begun(shop, code="*771*2580"):
    """Somebody at 8003 has been told to speak; the tone is over and he speaks."""
    leg = shop.dial("8003", code)
    assert shop.hears(leg) == "prompt_speak"
    shop.advance(3)
    assert shop.audio[leg].track is not None
    return leg


def spoken(shop, leg):
    """He has spoken and hears it, and then the keys."""
    shop.press(leg, "#")
    recording = shop.sealings[-1].recording
    shop.seal_all()
    assert shop.audio[leg].hears.prompts[0] == f"message:{recording}.wav"
    return recording


def answered(shop, is_kept=True):
    shop.tell(PromptKept(call=shop.prompts[-1].call, is_kept=is_kept))


def test_what_was_spoken_is_heard_kept_and_stands_in_the_ledger(studio):
    leg = begun(studio)
    recording = spoken(studio, leg)
    studio.press(leg, "1")
    (wanted,) = studio.prompts
    assert (wanted.name, wanted.file, wanted.extension) == (
        "welcome",
        f"{recording}.wav",
        "8003",
    )
    answered(studio)
    assert studio.hears(leg) == "prompt_kept"
    (fact,) = studio.facts(PromptRecorded)
    assert (fact.name, fact.extension, fact.recording) == ("welcome", "8003", recording)
    studio.advance(3)
    assert studio.ended[leg]


def test_a_number_without_a_name_is_its_own(studio):
    leg = begun(studio, "*7742*2580")
    spoken(studio, leg)
    studio.press(leg, "1")
    assert studio.prompts[0].name == "42"


def test_number_and_pin_may_be_keyed_in_when_they_are_asked_for(studio):
    leg = studio.dial("8003", "*77")
    assert studio.hears(leg) == "prompt_number"
    studio.keys(leg, "1*2580#")
    assert studio.hears(leg) == "prompt_speak"


@pytest.mark.parametrize("code", ["*771*2581", "*771", "*77x*2580"])
def test_without_the_pin_nothing_is_recorded(studio, code):
    leg = studio.dial("8003", code)
    if code == "*771":
        studio.keys(leg, "1*9#")
    assert studio.hears(leg) == "wrong_pin"
    studio.advance(3)
    assert not studio.facts(RecordingOpened)


def test_five_wrong_pins_rest_the_phone(studio):
    for _ in range(5):
        studio.dial("8003", "*771*0")
        studio.advance(3)
    leg = studio.dial("8003", "*771*2580")
    assert studio.hears(leg) == "pin_locked"


def test_a_site_without_the_pin_has_no_such_code(bakery, shop_at):
    shop = shop_at()
    leg = shop.dial("8003", "*771*2580")
    assert shop.hears(leg) == "code_unknown"


def test_the_pin_stands_in_no_fact_and_no_log(studio, caplog):
    caplog.set_level(logging.DEBUG)
    leg = begun(studio)
    live = msgspec.json.encode(studio.board.live())
    studio.hang_up(leg)
    written = b"".join(msgspec.json.encode(entry) for entry in studio.entries)
    assert studio.facts(CallEntered)[-1].called == "*77…"
    for text in (written, live, caplog.text.encode()):
        assert b"2580" not in text


def test_a_take_that_nothing_came_of_is_asked_for_again(studio):
    leg = begun(studio)
    studio.press(leg, "#")
    wanted = studio.sealings.pop()
    studio.tell(
        RecordingSealed(
            recording=wanted.recording, call=wanted.call, file="", sha256="", seconds=0.0
        )
    )
    assert studio.hears(leg) == "prompt_speak"
    studio.press(leg, "1")
    assert studio.prompts == [], "there is nothing to keep"
    studio.advance(3)
    second = spoken(studio, leg)
    studio.press(leg, "1")
    assert studio.prompts[0].file == f"{second}.wav"


def test_again_records_anew_and_keeps_the_last_one(studio):
    leg = begun(studio)
    first = spoken(studio, leg)
    studio.press(leg, "2")
    assert studio.hears(leg) == "prompt_speak"
    studio.advance(3)
    second = spoken(studio, leg)
    studio.press(leg, "3")
    assert studio.audio[leg].hears.prompts[0] == f"message:{second}.wav"
    studio.press(leg, "1")
    assert second != first and studio.prompts[0].file == f"{second}.wav"


def test_who_hangs_up_changes_nothing(studio):
    leg = begun(studio)
    spoken(studio, leg)
    studio.hang_up(leg)
    assert studio.prompts == [] and not studio.facts(PromptRecorded)


def test_who_says_nothing_of_it_is_asked_again_and_then_let_go(studio):
    leg = begun(studio)
    spoken(studio, leg)
    studio.advance(400)
    assert studio.ended[leg] and studio.prompts == []


def test_a_box_that_cannot_keep_it_says_so(studio):
    leg = begun(studio)
    spoken(studio, leg)
    studio.press(leg, "1")
    answered(studio, is_kept=False)
    assert studio.hears(leg) == "prompt_not_kept"
    assert not studio.facts(PromptRecorded)


def test_a_file_that_is_never_made_leaves_nobody_waiting(studio):
    leg = begun(studio)
    studio.press(leg, "#")
    studio.advance(21)
    assert studio.hears(leg) == "prompt_not_kept"


def test_a_kill_while_he_speaks_or_while_it_is_kept_is_not_noticed(studio):
    leg = begun(studio)
    studio.killed()
    spoken(studio, leg)
    studio.killed()
    studio.press(leg, "1")
    studio.killed()
    studio.advance(21)
    assert len(studio.prompts) == 2, "asked again"
    answered(studio)
    assert studio.hears(leg) == "prompt_kept"
    assert len(studio.facts(PromptRecorded)) == 1


def test_the_site_file_says_it_and_keeps_no_pin(bakery):
    site, _ = read_site(write_site(bakery) + TABLE, "site.toml", before=Site(), random_bytes=bytes)
    written = write_site(site)
    assert "2580" not in written and site.prompt_recording.numbers == {"1": "welcome"}
    again, _ = read_site(written, "site.toml", before=Site(), random_bytes=bytes)
    assert msgspec.structs.replace(again, version=0) == msgspec.structs.replace(site, version=0)
