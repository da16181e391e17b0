"""What the API says of hours: the same answer as `linghe hours`."""

import json
from collections.abc import Iterator

import pytest
import shop_day
from api_stage import Program, has_token
from control_socket import ControlSocket
from web_stage import Stage


@pytest.fixture
def program(full: Stage) -> Iterator[Program]:
    has_token(full)
    control = ControlSocket(full.places.control_socket, shop_day.shop_live(shop_day.NINE))
    yield Program(full)
    control.kill()


def test_a_program_asks_what_happens_at_a_moment(program: Program) -> None:
    answer = program.get("/hours?at=2026-10-08T09:00:00%2B08:00&language=zh")
    assert answer.status_code == 200, answer.text
    told = json.loads(answer.text)
    assert told["at"] == "2026-10-08T09:00:00+08:00"
    names = [one.id for one in shop_day.SITE.calendar]
    assert [one["calendar"] for one in told["calendars"]] == names
    numbers = [one.number for one in shop_day.SITE.route]
    assert [one["number"] for one in told["routes"]] == numbers


def test_without_a_moment_it_is_the_boxs_own_now(program: Program) -> None:
    told = json.loads(program.get("/hours").text)
    assert told["at"].startswith("2025-11-20T09:0")


def test_a_moment_beyond_all_calendars_is_refused_in_words(program: Program) -> None:
    answer = program.get("/hours?at=9999-12-31T23:59:59Z")
    # What the document allows is no wrong value: schemathesis asks for the year 1733.
    assert answer.status_code == 404
    assert json.loads(answer.text)["field"] == "at"
