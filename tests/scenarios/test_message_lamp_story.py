"""The message lamp: lit on every phone of the box when a message is left, out when it was heard."""

import msgspec
import pytest
from shop import Shop

from appliance.daemons.control.box import LASTING
from appliance.engines.calls.message_boxes import MOST_KEPT
from appliance.vocabulary.commands import ShowMessages
from appliance.vocabulary.events import BoxRestarted, RecordingSealed
from appliance.vocabulary.journal import RecordingOpened
from appliance.vocabulary.verbs import MessageHeard

SUNDAY_10 = 1795312800.0


class LampShop(Shop):
    """A closed shop whose phones 8001 and 8002 have the box "shop"; it notes the message lamps."""

    def __init__(self, *words, **more):
        self.lamps = {}
        self.shown = []
        super().__init__(*words, **more)

    def _carry_out(self, command):
        if isinstance(command, ShowMessages):
            self.lamps[command.extension] = (command.new, command.old)
            self.shown.append(command)
        super()._carry_out(command)

    def leave_message(self, seconds=5.0):
        """Hear the greeting and the beep, speak, hang up; return the recording."""
        leg = self.call_in()
        self.advance(2.5 + seconds)
        self.hang_up(leg)
        return self.facts(RecordingOpened)[-1].recording

    def hear(self, recording):
        return self.verb(MessageHeard(ask="a1", by="anna", recording=recording)).problem

    def power_cut(self):
        """Only what is lasting is there afterwards, and no phone is."""
        self.slots = {name: one for name, one in self.slots.items() if name.startswith(LASTING)}
        self.legs = dict.fromkeys(self.legs, "over")
        self.registered = {}
        self.sealings.clear()
        self.lamps.clear()
        self.board = type(self.board)(site=self.site, prompts=self.catalogue, new_id=self._new_id)
        for name, content in self.slots.items():
            self.board.restore(name, content, self.now)
        self.tell(BoxRestarted())
        self._do(self.board.configure(self.site, self.now))
        self._do(self.board.resume(set(), self.now))


def with_boxes(site, **boxes):
    """Give phones a voicemail box: p8001="shop"."""
    phones = tuple(
        msgspec.structs.replace(one, voicemail_box=boxes.get(f"p{one.number}"))
        for one in site.extension
    )
    return msgspec.structs.replace(site, extension=phones)


@pytest.fixture
def shop(bakery):
    return LampShop(with_boxes(bakery, p8001="shop", p8002="shop"), at=SUNDAY_10)


def test_a_message_lights_both_phones_of_the_box_and_no_other(shop):
    assert shop.lamps == {"8001": (0, 0), "8002": (0, 0), "8003": (0, 0)}
    shop.leave_message()
    assert shop.lamps["8001"] == (0, 0), "its file is not made yet"
    shop.seal_all()
    assert shop.lamps == {"8001": (1, 0), "8002": (1, 0), "8003": (0, 0)}
    shop.leave_message()
    shop.seal_all()
    assert shop.lamps["8002"] == (2, 0)


def test_the_live_page_counts_what_is_new(shop):
    recording = shop.leave_message()
    shop.seal_all()
    new = {line.name: line.new_messages for line in shop.board.live().lines if line.kind == "phone"}
    assert new == {"8001": 1, "8002": 1, "8003": 0}
    shop.hear(recording)
    assert not any(line.new_messages for line in shop.board.live().lines)


def test_hearing_it_puts_the_lamps_out(shop):
    first, second = shop.leave_message(), shop.leave_message()
    shop.seal_all()
    assert shop.hear(second) == ""
    assert shop.lamps["8001"] == shop.lamps["8002"] == (1, 1)
    assert shop.hear(second) == "already"
    assert shop.hear(first) == ""
    assert shop.lamps["8001"] == shop.lamps["8002"] == (0, 2)


def test_what_is_no_message_is_not_heard_as_one(shop):
    assert shop.hear("r-of-nobody") == "recording_unknown"


def test_who_hangs_up_at_the_beep_lights_nothing(shop):
    short, silent = shop.leave_message(), shop.leave_message()
    for recording, file, seconds in ((short, "short.wav", 0.4), (silent, "", 0.0)):
        shop.tell(
            RecordingSealed(
                recording=recording, call="c1", file=file, sha256="0" * 64, seconds=seconds
            )
        )
    assert shop.lamps["8001"] == (0, 0)
    assert shop.hear(short) == "recording_unknown"


def test_a_recorded_talk_is_no_message(bakery):
    shop = LampShop(with_boxes(bakery, p8001="shop"))
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    shop.pick_up("8001")
    shop.advance(10)
    shop.hang_up(leg)
    assert shop.sealings
    shop.seal_all()
    assert shop.lamps["8001"] == (0, 0)


def test_who_waited_too_long_leaves_a_message_too(bakery):
    shop = LampShop(with_boxes(bakery, p8003="shop"), phones=("8003",))
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    shop.advance(140)
    shop.hang_up(leg)
    shop.seal_all()
    assert shop.lamps["8003"] == (1, 0)


def test_a_kill_forgets_no_message(shop):
    heard, waiting = shop.leave_message(), shop.leave_message()
    shop.seal_all()
    shop.hear(heard)
    shop.lamps.clear()
    shop.killed()
    assert shop.lamps == {"8001": (1, 1), "8002": (1, 1), "8003": (0, 0)}
    assert shop.hear(heard) == "already"
    assert shop.hear(waiting) == ""


def test_a_message_that_is_being_left_outlives_a_kill(shop):
    leg = shop.call_in()
    shop.advance(5)
    shop.killed()
    shop.advance(5)
    shop.hang_up(leg)
    shop.seal_all()
    assert shop.lamps["8001"] == (1, 0)


def test_a_kill_before_the_file_is_made_lights_the_lamp_later(shop):
    shop.leave_message()
    shop.sealings.clear()
    shop.killed()
    assert shop.lamps["8001"] == (0, 0)
    shop.seal_all()
    assert shop.lamps["8001"] == (1, 0)


def test_a_power_cut_keeps_what_waits(shop):
    shop.leave_message()
    shop.seal_all()
    shop.power_cut()
    assert shop.lamps == {"8001": (1, 0), "8002": (1, 0), "8003": (0, 0)}


def test_a_message_cut_short_by_a_power_cut_is_a_message(shop):
    """Its call is not known any more; the frames are in the journals and are made a file."""
    shop.call_in()
    shop.advance(6)
    shop.power_cut()
    (sealing,) = shop.sealings
    assert sealing.recording == shop.facts(RecordingOpened)[-1].recording
    shop.seal_all()
    assert shop.lamps["8001"] == (1, 0)


def test_lamps_follow_a_change_of_the_site(shop, bakery):
    shop.leave_message()
    shop.seal_all()
    shop.apply(with_boxes(bakery, p8001="shop", p8003="shop", p8002="other"))
    assert shop.lamps == {"8001": (1, 0), "8002": (0, 0), "8003": (1, 0)}


def test_a_phone_that_comes_back_is_told_again_and_otherwise_nothing_twice(shop):
    shop.leave_message()
    shop.seal_all()
    shop.shown.clear()
    shop.advance(60)
    assert not shop.shown
    shop.tell_registered("8002")
    assert [(one.extension, one.new) for one in shop.shown] == [("8002", 1)]


def test_a_box_counts_the_newest_messages_only(shop):
    heard = shop.leave_message()
    shop.seal_all()
    shop.hear(heard)
    kept = [shop.leave_message(seconds=1.0) for _ in range(MOST_KEPT)]
    shop.seal_all()
    assert shop.lamps["8001"] == (MOST_KEPT, 0), "the heard one goes first"
    shop.leave_message()
    shop.seal_all()
    assert shop.lamps["8001"] == (MOST_KEPT, 0)
    assert shop.hear(kept[0]) == "recording_unknown"
    assert shop.hear(kept[1]) == ""
