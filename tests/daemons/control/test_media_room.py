"""Control's side of the wire to a worker that is played by the test, and what it writes down."""

import asyncio

import pytest
from box_environment import box_environment

from appliance.daemons.control.box import Box
from appliance.daemons.control.media_room import SLOT, SYNC_EVERY, MediaRoom
from appliance.daemons.slots import SlotJournal
from appliance.store.settings import SettingsStore
from appliance.vocabulary.audio import Channel, LegAudio, PeerAudio, Track
from appliance.vocabulary.commands import SetAudio
from appliance.vocabulary.events import DigitForm, DigitHeard
from appliance.vocabulary.settings import Site
from appliance.wire.codec import LineDecoder, line_of
from appliance.wire.media import FiguresAsked, Heard, NumberingBegan, Sync, ToMedia, TrackClosed

BEGAN = NumberingBegan(epoch="run1", number=1)


def key(digit):
    return DigitHeard(leg="l1", digit=digit, form=DigitForm.RFC4733)


def wish(version, **wanted):
    return LegAudio(leg="l1", call="c1", version=version, **wanted)


class Worker:
    """Takes connections as a worker does, and says what the test says."""

    def __init__(self, path):
        self._path = path
        self.heard = []
        self._connected = asyncio.Event()

    async def open(self):
        self._server = await asyncio.start_unix_server(self._talk, str(self._path))
        return self

    async def _talk(self, reader, writer):
        self._writer = writer
        self._connected.set()
        decoder = LineDecoder(ToMedia)
        while data := await reader.read(1 << 16):
            self.heard += decoder.feed(data)

    async def say(self, *events):
        await asyncio.wait_for(self._connected.wait(), 5)
        self._writer.write(b"".join(map(line_of, events)))

    async def hears(self, wanted):
        async with asyncio.timeout(5):
            while wanted not in self.heard:
                await asyncio.sleep(0)

    def hang_up(self):
        self._connected.clear()
        self._writer.close()

    def close(self):
        self._server.close()


class Turns:
    """Whoever owns the room: notes what is done in each turn, then writes, then sends."""

    def __init__(self, path):
        self.done, self.slots = [], {}
        self.room = MediaRoom(
            sockets=[path], loop=asyncio.get_running_loop(), wishes=lambda: (), on_events=self.turn
        )

    def turn(self, events):
        self.done += [one.digit for one in events]
        self.slots.update(self.room.take_slots())
        self.room.send([])


def run(story, tmp_path):
    async def told():
        worker = await Worker(tmp_path / "media.sock").open()
        turns = Turns(tmp_path / "media.sock")
        turns.room.connect()
        await story(worker, turns)
        worker.close()

    asyncio.run(told())


def test_what_a_turn_did_is_acknowledged_with_one_message(tmp_path):
    async def story(worker, turns):
        await worker.say(BEGAN, key("1"), key("2"), key("3"))
        await worker.hears(Heard(epoch="run1", number=3))
        assert turns.done == ["1", "2", "3"]
        assert list(turns.slots) == [f"{SLOT}0"]
        assert len([one for one in worker.heard if isinstance(one, Heard)]) == 1

    run(story, tmp_path)


def test_what_control_has_nothing_to_do_with_is_counted_too(tmp_path):
    async def story(worker, turns):
        await worker.say(BEGAN, TrackClosed(leg="l1", recording="r1"), key("1"))
        await worker.hears(Heard(epoch="run1", number=2))
        assert turns.done == ["1"]

    run(story, tmp_path)


def test_a_worker_that_lost_the_connection_tells_again_and_is_not_obeyed_twice(tmp_path):
    async def story(worker, turns):
        await worker.say(BEGAN, key("1"))
        await worker.hears(Heard(epoch="run1", number=1))
        worker.hang_up()
        await worker.say(BEGAN, key("1"), key("2"))
        await worker.hears(Heard(epoch="run1", number=2))
        assert turns.done == ["1", "2"]

    run(story, tmp_path)


def test_what_is_wished_for_is_named_every_few_seconds(tmp_path):
    """Whatever else the worker has, it then ends."""

    async def story(worker, turns):
        await worker.say(BEGAN)
        await worker.hears(Sync(legs=()))
        worker.heard.clear()
        for _ in range(SYNC_EVERY):
            turns.room.ask_figures()
        await worker.hears(Sync(legs=()))

    run(story, tmp_path)


def test_who_follows_a_killed_control_knows_what_was_done(tmp_path):
    async def story(worker, turns):
        await worker.say(BEGAN, key("1"))
        await worker.hears(Heard(epoch="run1", number=1))
        after = Turns(tmp_path / "media.sock")
        after.room.restore(turns.slots)
        after.room.connect()
        await asyncio.sleep(0)
        worker.heard.clear()
        await worker.hears(Sync(legs=()))
        await worker.say(BEGAN, key("1"), key("2"))
        await worker.hears(Heard(epoch="run1", number=2))
        assert after.done == ["2"]

    run(story, tmp_path)


@pytest.fixture
def environment(tmp_path):
    made = box_environment(tmp_path)
    settings = SettingsStore(made.paths.settings)
    settings.save(Site(), by="test", at=0.0)
    settings.close()
    return made


def test_a_control_process_has_written_down_what_it_acknowledges(environment):
    """When the worker hears of it, it stands in the state journal."""

    async def life():
        worker = await Worker(environment.paths.media_socket(0)).open()
        box = Box(environment, asyncio.get_running_loop())
        await box.start()
        await worker.say(BEGAN, key("1"))
        await worker.hears(Heard(epoch="run1", number=1))
        copy = environment.paths.state / "copy.slots"
        copy.write_bytes((environment.paths.state / "control.slots").read_bytes())
        box.stop()
        worker.close()
        journal = SlotJournal(copy)
        slots = journal.slots
        journal.close()
        return slots

    assert f"{SLOT}0" in asyncio.run(life())


def test_what_a_leg_hears_first_is_said_once_and_not_a_silence_before_it(tmp_path):
    async def story(worker, turns):
        await worker.say(BEGAN)
        await worker.hears(FiguresAsked())
        worker.heard.clear()
        track = Track(recording="r1", channel=Channel.CALLER)
        silent, music = wish(1), wish(2, hears=PeerAudio(leg="l2"))
        opened, closed = wish(3, track=track), wish(4)
        turns.room.send([SetAudio(audio=one) for one in (silent, music)])
        turns.room.send([SetAudio(audio=one) for one in (opened, closed)])
        turns.room.send([SetAudio(audio=silent)])
        turns.room.ask_figures()
        await worker.hears(FiguresAsked())
        told = [one.audio for one in worker.heard if isinstance(one, SetAudio)]
        assert told == [music, opened, closed, silent]

    run(story, tmp_path)
