"""A control process takes up what stands in its state folder: after a kill, and after a power cut.

The state is that of a shop in virtual time, laid into the folder as a process would have left it.
"""

import asyncio
import dataclasses
from pathlib import Path

import msgspec
import pytest
from box_environment import box_environment
from shop import Shop

from appliance.daemons.control import clock
from appliance.daemons.control.alive_mark import AliveMark
from appliance.daemons.control.box import LASTING, Box
from appliance.daemons.control.names import Known, Place
from appliance.daemons.slots import SlotJournal
from appliance.protocols.sip.location import Server
from appliance.reports.record import record_of
from appliance.store.calls import CallBook
from appliance.store.ledger import Ledger
from appliance.store.settings import SettingsStore
from appliance.store.site_file import read_site
from appliance.vocabulary.journal import (
    AgentState,
    BoxStarted,
    CallEnded,
    CallOutcome,
    CallQueued,
    TalkEnded,
    VisitEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Site, Trunk

BAKERY = Path(__file__).parents[2] / "data" / "bakery.toml"
LONG_AGO = 1578276000.0
"""2020-01-06 10:00 in Shanghai, a Monday, as Utc: the box was without power since."""
FAR_OFF = 4e9
TALK_SECONDS = 600.0


@pytest.fixture(scope="module")
def bakery():
    site, _ = read_site(BAKERY.read_text(), BAKERY.name, before=Site(), random_bytes=bytes)
    return site


@pytest.fixture
def shop(bakery):
    """One caller talks to Anna for ten minutes, one waits; then nothing is heard of the box."""
    shop = Shop(bakery, phones=("8001",), at=LONG_AGO)
    leg = shop.call_in()
    shop.advance(2.5)
    shop.press(leg, "1")
    shop.pick_up("8001")
    shop.advance(2.0)
    assert shop.hears(leg).startswith("peer")
    shop.advance(TALK_SECONDS - 2.5)
    waiting = shop.call_in(caller="13900002222")
    shop.advance(2.5)
    shop.press(waiting, "1")
    return shop


class Folder:
    """A data folder as a control process left it, and one life of the next."""

    def __init__(self, root, site):
        self.environment = box_environment(root)
        self.paths = self.environment.paths
        settings = SettingsStore(self.paths.settings)
        settings.save(site, by="test", at=LONG_AGO)
        settings.close()

    def leave(self, shop, *, boot, uncommitted=0):
        """Lay down a shop's state; of its journal the last entries wait in the state journal."""
        kept = clock.ClockState(boot=boot, offset=shop.offset)
        committed = len(shop.entries) - uncommitted
        ledger = Ledger(self.paths.calls, record_of)
        ledger.append(shop.entries[:committed])
        ledger.close()
        journal = SlotJournal(self.paths.state / "control.slots")
        journal.append(
            {
                **shop.slots,
                "clock": msgspec.msgpack.encode(kept),
                "starts": b"0",
                "ledger:7": msgspec.msgpack.encode(shop.entries[committed:]),
            }
        )
        journal.close()

    def live_once(self):
        """Start a box and stop it; return how it saw itself at first, and its slots then."""

        async def life():
            box = Box(self.environment, asyncio.get_running_loop())
            await box.start()
            live, slots = box.live(), self.slots()
            box.stop()
            return live, slots

        return asyncio.run(life())

    def slots(self):
        """What a process that follows now would find; read from a copy, as the box writes on."""
        copy = self.paths.state / "copy.slots"
        copy.write_bytes((self.paths.state / "control.slots").read_bytes())
        journal = SlotJournal(copy)
        slots = journal.slots
        journal.close()
        return slots

    def entries(self):
        """The whole ledger, by time."""
        return CallBook(self.paths.calls).entries_between(0.0, FAR_OFF)

    def facts(self, kind):
        return [one.fact for one in self.entries() if isinstance(one.fact, kind)]


@pytest.fixture
def folder(tmp_path, bakery):
    return Folder(tmp_path, bakery)


def state_of(live, agent):
    return next(one.state for one in live.agents if one.agent == agent)


def test_after_a_power_cut_no_call_is_taken_up_and_agents_stay_signed_in(folder, shop):
    folder.leave(shop, boot="another start of the machine")
    live, slots = folder.live_once()
    assert live.calls == ()
    assert [name for name in slots if not name.startswith(LASTING)] == []
    assert state_of(live, "1001") is AgentState.UNREACHABLE  # until his phone registers
    assert state_of(live, "1003") is AgentState.SIGNED_OUT


def test_where_carriers_are_is_known_after_a_power_cut_with_the_internet_dead(shop, tmp_path):
    host = Place(host="sip.carrier.invalid", port=5060, transport="udp")
    server = Server(name=host.host, addresses=("192.0.2.7",), port=5060, transport="udp")
    trunk = Trunk(id="far", host=host.host, port=5060)
    folder = Folder(tmp_path, Site(trunk=(trunk,)))
    folder.environment = dataclasses.replace(folder.environment, dns=(("127.0.0.1", 9),))
    folder.leave(shop, boot="the start before")
    journal = SlotJournal(folder.paths.state / "control.slots")
    known = msgspec.msgpack.encode([Known(place=host, servers=(server,))])
    journal.append({"names": known})
    journal.close()
    _, slots = folder.live_once()
    assert slots["names"] == known


def test_calls_of_a_power_cut_end_once_at_the_boxs_last_sign_of_life(folder, shop):
    folder.leave(shop, boot="another start of the machine")
    folder.live_once()
    folder.live_once()
    ends = [one for one in folder.entries() if isinstance(one.fact, CallEnded)]
    assert {one.fact.cause for one in ends} == {Cause.BOX_RESTARTED}
    assert {one.at for one in ends} == {shop.entries[-1].at}
    assert {one.fact.outcome for one in ends} == {CallOutcome.ANSWERED, CallOutcome.ABANDONED}
    assert len(ends) == 2
    assert [one.talk for one in folder.facts(TalkEnded)] == [TALK_SECONDS]
    assert {one.outcome for one in folder.facts(VisitEnded)} == {
        VisitOutcome.ANSWERED,
        VisitOutcome.ABANDONED,
    }
    assert [one.after for one in folder.facts(BoxStarted)] == ["power_cut", "clean"]


def test_calls_that_a_power_cut_ended_ended_at_the_mark_of_life(folder, shop):
    """Nothing was written for the last 17 s of the talk, and the power was away for years."""
    alive = shop.entries[-1].at + 17.0
    AliveMark(folder.paths.alive).write(alive)
    folder.leave(shop, boot="another start of the machine")
    folder.live_once()
    (talk,) = folder.facts(TalkEnded)
    assert talk.talk == pytest.approx(TALK_SECONDS + 17.0, abs=0.002)
    ends = [one for one in folder.entries() if isinstance(one.fact, CallEnded)]
    assert [one.at for one in ends] == pytest.approx([alive, alive], abs=0.002)
    (waited,) = [one for one in folder.facts(VisitEnded) if one.outcome is VisitOutcome.ABANDONED]
    (queued,) = [
        one for one in folder.entries()
        if isinstance(one.fact, CallQueued) and one.fact.visit == waited.visit
    ]  # fmt: skip
    assert waited.wait == pytest.approx(alive - queued.at, abs=0.002)
    (started,) = folder.facts(BoxStarted)
    assert started.alive_until == pytest.approx(alive, abs=0.002)


def test_a_running_box_marks_that_it_lives(folder, shop):
    folder.leave(shop, boot=clock.boot_name())

    async def life():
        box = Box(folder.environment, asyncio.get_running_loop())
        await box.start()
        begun = clock.now() + clock.offset_of(box._clock)
        while not folder.paths.alive.exists() or not folder.paths.alive.read_bytes():
            await asyncio.sleep(0.05)
        box.stop()
        return begun

    async def in_time():
        return await asyncio.wait_for(life(), 20)

    begun = asyncio.run(in_time())
    mark = AliveMark(folder.paths.alive).before
    assert begun - 0.001 <= mark <= begun + 20


def test_what_was_not_committed_before_the_power_cut_is_committed_before_calls_are_closed(
    folder, shop
):
    folder.leave(shop, boot="another start of the machine", uncommitted=5)
    _, slots = folder.live_once()
    kept = {one.key for one in folder.entries()}
    assert {one.key for one in shop.entries} <= kept
    assert {one.at for one in folder.entries() if isinstance(one.fact, CallEnded)} == {
        shop.entries[-1].at
    }
    assert folder.slots().keys() >= {"clean", "clock"}


def test_calls_whose_lines_are_lost_by_a_kill_end_by_their_own_entries_and_once(folder, shop):
    folder.leave(shop, boot=clock.boot_name())
    live, _ = folder.live_once()
    assert live.calls == ()
    ends = folder.facts(CallEnded)
    assert [one.cause for one in ends] == [Cause.FAILURE] * 2
    assert len(folder.facts(TalkEnded)) == 1
    assert [one.after for one in folder.facts(BoxStarted)] == ["crash"]
