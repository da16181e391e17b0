"""What the calendars answer, in words, and where each number leads at that moment."""

import string
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.engines.ivr.holidays import Occasion
from appliance.reports.hours import (
    calendar_sentence,
    hours_at,
    missing_sentence,
    route_sentence,
)
from appliance.reports.words_hours import HOURS_WORDS, OCCASIONS
from appliance.vocabulary.ids import CalendarId, FlowId, NodeName, QueueId, TrunkId
from appliance.vocabulary.settings import (
    Calendar,
    Flow,
    Language,
    OpenHours,
    Queue,
    Route,
    Site,
    Trunk,
)

SHOP = Site(
    queue=(Queue(id=QueueId("sales")),),
    trunk=(Trunk(id=TrunkId("carrier"), host="127.0.0.1"),),
    calendar=(
        Calendar(
            id=CalendarId("office"),
            open=(OpenHours(days="mon-fri", from_="09:00", to="18:00"),),
            holidays="cn",
        ),
    ),
    flow=(
        Flow(
            id=FlowId("main"),
            start=NodeName("hours"),
            node={
                NodeName("hours"): {
                    "kind": "hours",
                    "calendar": "office",
                    "open": "hello",
                    "closed": "box",
                },
                NodeName("hello"): {"kind": "play", "text": "您好。", "next": "menu"},
                NodeName("menu"): {
                    "kind": "menu",
                    "text": "销售请按1。",
                    "keys": {"1": "sales"},
                },
                NodeName("sales"): {"kind": "queue", "queue": "sales"},
                NodeName("box"): {"kind": "voicemail", "box": "night"},
            },
        ),
    ),
    route=(Route(trunk=TrunkId("carrier"), number="*", flow=FlowId("main")),),
)


def asked(text: str, site: Site = SHOP) -> list[str]:
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    told = hours_at(site, at)
    return [calendar_sentence(told.calendars[0], Language.EN)] + [
        route_sentence(one, Language.EN) for one in told.routes
    ]


def test_what_happens_on_2026_10_08_at_nine() -> None:
    assert asked("2026-10-08 09:00") == [
        "office: open, by the week's hours; hours of 2026-10-08 (Thursday): 09:00-18:00; "
        "open until 2026-10-08 (Thursday) 18:00",
        "carrier, any number: hours → hello → menu → menu waits for a key",
    ]


def test_a_holiday_names_itself_its_notice_and_its_end() -> None:
    assert asked("2026-10-07 09:00") == [
        "office: closed, a holiday (National Day, 国办发明电〔2025〕7号 (2025-11-04)); "
        "opens 2026-10-08 (Thursday) 09:00",
        "carrier, any number: hours → box → a message into the box night",
    ]


def test_the_same_in_chinese_and_polish() -> None:
    at = datetime(2026, 2, 14, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    told = hours_at(SHOP, at).calendars[0]
    assert calendar_sentence(told, Language.ZH).startswith(
        "office：营业，调休上班（春节，国办发明电"
    )
    assert "Święto Wiosny" in calendar_sentence(told, Language.PL)


def test_a_year_that_is_not_built_in_is_said_with_the_answer() -> None:
    at = datetime(2027, 2, 8, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    told = hours_at(SHOP, at)
    assert told.missing_years == (2027,)
    sentence = calendar_sentence(told.calendars[0], Language.ZH)
    assert sentence.endswith("；2027 年的放假安排尚未内置")
    assert "2027" in missing_sentence(2027, Language.PL)


@pytest.mark.parametrize("english", sorted(HOURS_WORDS))
def test_every_word_has_its_chinese_and_its_polish_with_the_same_values(english: str) -> None:
    values = {name for _, name, _, _ in string.Formatter().parse(english) if name}
    for translated in HOURS_WORDS[english]:
        assert translated
        assert {name for _, name, _, _ in string.Formatter().parse(translated) if name} == values


def test_every_occasion_has_a_name() -> None:
    assert set(OCCASIONS) == set(Occasion)
    assert set(OCCASIONS.values()) <= set(HOURS_WORDS)
