"""What a call's timeline tells of handing on, asking, conferring, supervising; and the figures of
the day that come of it."""

import pytest
from ledger_checks import kept, record_of
from msgspec.structs import replace
from shop import MONDAY_10, Shop
from shop_steps import hold, supervised, talking

from appliance.reports.daily import daily_report
from appliance.reports.days import day_at
from appliance.reports.names import names_of
from appliance.reports.timeline import sentence, timeline_of
from appliance.reports.words import words_for
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Language


@pytest.fixture
def shop(bakery):
    return supervised(bakery, signed_in=True)


def told(shop, language=Language.EN):
    call = next(entry.call for entry in shop.entries if entry.call)
    entries = [entry for entry in kept(shop) if entry.call == call]
    lines = timeline_of(entries, names_of(shop.site))
    text = [sentence(line, words_for(language)) for line in lines]
    begin = next(place for place, line in enumerate(lines) if line.kind == "Bridged")
    return text[begin:]


def report_of(shop):
    day = day_at(Utc(MONDAY_10 + 5), "Asia/Shanghai")
    return daily_report(kept(shop), shop.site, day, Utc(day.end))


def agent_of(shop, agent):
    return next(one for one in report_of(shop).agents if one.agent == agent)


def test_an_attended_transfer_reads_well_in_three_languages(shop):
    leg, agent = talking(shop)
    shop.advance(10)
    hold(shop, agent)
    second = shop.dial("8001", "8002")
    shop.pick_up("8002")
    shop.advance(15)
    shop.refer(agent, "8002", replaces=second)
    shop.advance(60)
    shop.hang_up(leg)
    assert [line for line in told(shop) if not line.startswith("agent ")] == [
        "talk with 8001 begins",
        "waited 0:02",
        "on hold by our side",
        "8001 transferred to 8002 (attended)",
        "8001 talked 0:10, on hold 0:15",
        "8002 took over",
        "8002 has the call",
        "8002 talked 1:00",
        "recording ends",
        "caller hung up",
    ]
    assert "8001 已转接到 8002（询问转接）" in told(shop, Language.ZH)
    assert "8001 przekazał do 8002 (po rozmowie)" in told(shop, Language.PL)


def test_a_conference_and_a_supervisor_read_well(shop):
    leg, agent = talking(shop)
    shop.keys(agent, "*28002#")
    shop.pick_up("8002")
    shop.keys(agent, "*3")
    boss = shop.dial("8003", "*851001")
    shop.advance(20)
    shop.keys(boss, "5")
    shop.hang_up(boss)
    shop.hang_up(agent)
    shop.hang_up(leg)
    said = [line for line in told(shop) if not line.startswith(("agent ", "waited"))]
    assert said[1:5] == [
        "8001 asks 8002, the other waits with music",
        "8002 is being called",
        "8002 rings",
        "8002 answered",
    ]
    assert said[5:11] == [
        "spoke 0:00 with 8002 meanwhile",
        "conference of 13900001111, 8001, 8002",
        "8002 joined",
        "supervisor 1003 listens to 1001",
        "supervisor 1003 whispers to 1001",
        "supervisor 1003 left after 0:20",
    ]
    assert "conference over after 0:20" in said


def test_talk_of_each_agent_adds_up_to_the_talk_of_the_call(shop):
    """Rivals credit the first agent with all of it, or nobody."""
    leg, agent = talking(shop)
    shop.advance(180)
    shop.refer(agent, "8002")
    shop.advance(8)
    shop.pick_up("8002")
    shop.advance(90)
    shop.hang_up(leg)
    shop.advance(30)
    first, second = agent_of(shop, "1001"), agent_of(shop, "1002")
    assert (first.sums.talk, second.sums.talk) == (180.0, 90.0)
    assert first.counts.transferred_away == 1
    assert record_of(shop).talk == 270.0
    figures = report_of(shop).box.figures
    assert figures.times.talk_total == 270.0
    assert (figures.counts.answered, figures.counts.transferred) == (1, 1)


def test_a_conference_and_a_try_in_vain_are_no_transfers_in_the_figures(shop):
    leg, agent = talking(shop)
    shop.advance(20)
    shop.keys(agent, "##8002#")
    shop.refuse("8002")
    again = shop.pick_up("8001")
    shop.advance(20)
    shop.keys(again, "*28002#")
    shop.pick_up("8002")
    shop.keys(again, "*3")
    shop.advance(20)
    shop.hang_up(leg)
    assert agent_of(shop, "1001").counts.transferred_away == 0
    assert report_of(shop).box.figures.counts.transferred == 0
    assert len(record_of(shop).talks) == 3


def test_the_wrap_up_after_a_transfer_belongs_to_the_talk_before_it(shop):
    leg, agent = talking(shop)
    shop.advance(60)
    shop.refer(agent, "8002")
    shop.advance(12)  # the phone keeps its leg until the target answers
    shop.pick_up("8002")
    shop.advance(40)
    shop.hang_up(leg)
    shop.advance(30)
    assert agent_of(shop, "1001").sums.wrap_up == pytest.approx(10.0)


def test_a_target_that_rings_does_not_count_as_the_queues_ring(shop):
    leg, agent = talking(shop)
    shop.advance(30)
    shop.refer(agent, "8002")
    shop.advance(20)
    shop.pick_up("8002")
    shop.advance(10)
    shop.hang_up(leg)
    visit = report_of(shop).queues[0].figures
    assert visit.times.average_ring == pytest.approx(0.0, abs=0.01)
    assert agent_of(shop, "1002").counts.missed == 0


def test_music_on_hold_is_the_queues_else_the_sites(bakery):
    orders, office = bakery.queue
    site = replace(
        bakery,
        site=replace(bakery.site, music="waltz"),
        queue=(replace(orders, music="tango"), office),
    )
    shop = Shop(site)
    shop.catalogue.music = lambda name="default": {"tango": ("tango",), "waltz": ("waltz",)}.get(
        name, ("music",)
    )
    leg, agent = talking(shop)
    hold(shop, agent)
    assert shop.hears(leg) == "tango"
    mine = shop.dial("8002", "913800138000")
    out = shop.outside_answers()
    hold(shop, mine)
    assert shop.hears(out) == "waltz"
