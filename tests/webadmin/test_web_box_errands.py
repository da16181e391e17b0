"""What the page "This box" does behind itself: one errand at a time, a restart that waits."""

import threading

import pytest
from msgspec.structs import replace
from shop_day import shop_live
from waiting import wait_until

from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.live import Live
from webadmin.live_feed import Picture
from webadmin.pages.box.errands import Errand, may_be_restarted

TALKING = shop_live(5.0)
NOBODY = replace(TALKING, calls=())


def test_an_errand_that_was_stopped_says_nothing_any_more() -> None:
    errand, gate = Errand(), threading.Event()

    def late(_stop: threading.Event) -> str:
        gate.wait(20.0)
        raise EquipmentError("too late")

    assert errand.begin("one", late) and not errand.begin("two", late)
    errand.stop()
    gate.set()
    assert errand.begin("three", lambda stop: "done")
    wait_until(lambda: errand.standing.is_done, "the third")
    assert (errand.standing.name, errand.standing.said) == ("three", "done")


@pytest.mark.parametrize(
    ("live", "is_away", "heard_at", "may"),
    [
        (TALKING, False, 1000.0, False),
        (NOBODY, False, 1000.0, True),
        (TALKING, True, 941.0, False),
        (TALKING, True, 940.0, True),
        (NOBODY, True, 941.0, False),
        (None, True, 0.0, False),
    ],
    ids=[
        "somebody talks",
        "nobody talks",
        "control is away for 59 seconds",
        "and for a minute",
        "who was called meanwhile is not known",
        "the pages' program is younger than a minute",
    ],
)
def test_a_box_is_restarted_when_nobody_talks_or_nobody_can_say_so_for_a_minute(
    live: Live | None, is_away: bool, heard_at: float, may: bool
) -> None:
    picture = Picture(number=1, live=live, heard_at=heard_at, is_away=is_away)
    assert may_be_restarted(picture, 950.0 if live is None else 0.0, 1000.0) is may


def test_a_control_that_was_back_in_between_is_waited_for_anew() -> None:
    away = Picture(number=9, live=TALKING, heard_at=990.0, is_away=True)
    assert not may_be_restarted(away, began=0.0, now=1000.0), "it has been away often, not long"
