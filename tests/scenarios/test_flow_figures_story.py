"""What a day of callers leaves in the figures of the menus: real call control, virtual time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from shop import Shop

from appliance.reports.days import day_of
from appliance.reports.flow_figures import flow_figures, flow_tables
from appliance.reports.registry import report_named
from appliance.reports.words import words_for
from appliance.vocabulary.settings import Language

ZONE = "Asia/Shanghai"


@pytest.fixture
def shop(bakery):
    """One hangs up in the menu, one presses a wrong key and talks, one leaves the queue."""
    shop = Shop(bakery)
    gives_up = shop.call_in("13900000001")
    shop.advance(3)
    shop.hang_up(gives_up)
    talks = shop.call_in("13900000002")
    shop.advance(4)
    shop.press(talks, "7")
    shop.advance(1)
    shop.press(talks, "1")
    shop.advance(2)
    shop.pick_up("8001")
    shop.advance(20)
    shop.hang_up(talks)
    waits = shop.call_in("13900000003")
    shop.advance(3)
    shop.press(waits, "1")
    shop.advance(1)
    shop.hang_up(waits)
    return shop


def figures_of(shop):
    entries = shop.entries
    day = day_of_entries(entries)
    return flow_figures(entries, shop.site, day, entries[-1].at)


def day_of_entries(entries):
    moment = datetime.fromtimestamp(entries[0].at, ZoneInfo(ZONE))
    return day_of(moment.date(), ZONE)


def test_each_node_has_its_callers_hang_ups_wrong_keys_and_way_to_a_person(shop):
    figures = figures_of(shop)
    menu = figures.of("main", "menu")
    assert (menu.kind, menu.entries, menu.hang_ups, menu.wrong_keys) == ("menu", 3, 1, 1)
    assert menu.to_person_s == pytest.approx(7, abs=3)
    orders = figures.of("main", "orders")
    assert (orders.entries, orders.hang_ups) == (2, 0), "who leaves the queue is the queue's"
    assert orders.to_person_s < menu.to_person_s
    assert figures.of("main", "closed") is None


def test_the_report_has_them_in_three_languages(shop):
    figures = figures_of(shop)
    (table,) = flow_tables(figures, words_for(Language.PL))
    assert table.headings[4] == "rozłączyli się tu"
    row = next(row for row in table.rows if row[1] == "menu")
    assert row[3:6] == (3, 1, 1)
    assert report_named("flows").title == "Flows"
