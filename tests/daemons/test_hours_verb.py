"""`linghe hours` and doctor's look at the calendars, as a program's user meets them."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from linghe_run import Linghe

from appliance.daemons.command_line import doctor
from appliance.vocabulary.ids import Utc

SITE = """\
[site]
name = "Tea"
language = "zh"
timezone = "Asia/Shanghai"

[[queue]]
id = "sales"

[[trunk]]
id = "carrier"
host = "127.0.0.1"

[[calendar]]
id = "office"
open = [{ days = "mon-fri", from = "09:00", to = "18:00" }]
holidays = "cn"

[[calendar]]
id = "repair"
open = [{ days = "mon-sun", from = "20:00", to = "02:00" }]

[[flow]]
id = "main"
start = "hours"

[flow.node.hours]
kind = "hours"
calendar = "office"
open = "sales"
closed = "box"

[flow.node.sales]
kind = "queue"
queue = "sales"

[flow.node.box]
kind = "voicemail"
box = "night"

[[route]]
trunk = "carrier"
number = "*"
flow = "main"
"""


@pytest.fixture
def linghe(linghe: Linghe, tmp_path: Path) -> Linghe:
    """The command with a site applied."""
    place = tmp_path / "site.toml"
    place.write_text(SITE)
    assert linghe("apply", "--no-prompts", str(place))[0] == 0
    return linghe


def test_what_happens_on_2026_10_08_at_nine_in_the_sites_own_language(linghe: Linghe) -> None:
    code, said, _ = linghe("hours", "--at", "2026-10-08 09:00")
    assert code == 0
    assert said.splitlines() == [
        "2026-10-08 (星期四) 09:00",
        "office：营业，按每周营业时间；2026-10-08 (星期四) 营业时间 09:00-18:00；"
        "营业至 2026-10-08 (星期四) 18:00",
        "repair：不营业，在营业时间之外；2026-10-08 (星期四) 营业时间 20:00-02:00；"
        "2026-10-08 (星期四) 20:00 开始营业",
        "carrier, 任意号码: hours → sales → 进入队列 sales",
    ]


def test_a_program_gets_the_same_as_json(linghe: Linghe) -> None:
    code, said, _ = linghe("hours", "--at", "2026-10-07T09:00", "--json")
    told = json.loads(said)
    office = told["calendars"][0]
    assert code == 0 and told["at"] == "2026-10-07T09:00:00+08:00"
    assert (office["is_open"], office["why"], office["occasion"]) == (
        False,
        "holiday",
        "national_day",
    )
    assert office["changes_at"] == "2026-10-08T09:00:00+08:00"
    assert told["routes"][0]["ends"] == "voicemail"


def test_a_moment_of_another_zone_is_told_in_the_sites_own(linghe: Linghe) -> None:
    said = linghe("hours", "--at", "2026-10-08T01:00+00:00", "--language", "en")[1]
    assert said.startswith("2026-10-08 (Thursday) 09:00")


def test_a_moment_that_is_none_is_not_understood(linghe: Linghe) -> None:
    code, said, errors = linghe("hours", "--at", "tomorrow")
    assert (code, said) == (2, "")
    assert '"tomorrow" is no moment' in errors


@pytest.mark.parametrize(
    ("day", "lamps"),
    [
        ("2026-11-30", [("office", "green", "")]),
        ("2026-12-01", [("office", "yellow", "2027")]),
        ("2027-01-01", [("office", "red", "2027")]),
    ],
)
def test_doctor_warns_in_december_of_the_year_that_is_missing(
    linghe: Linghe,
    monkeypatch: pytest.MonkeyPatch,
    day: str,
    lamps: list[tuple[str, str, str]],
) -> None:
    moment = datetime.fromisoformat(day).replace(hour=9, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr(doctor, "box_now", lambda _: Utc(moment.timestamp()))
    findings = json.loads(linghe("doctor", "--json")[1])["findings"]
    found = {one["check"]: one for one in findings if one["check"].startswith("calendar ")}
    assert found["calendar repair"]["lamp"] == "green", "it follows nobody's holidays"
    for calendar, lamp, year in lamps:
        one = found[f"calendar {calendar}"]
        assert one["lamp"] == lamp
        assert year in one["sentence"]
