"""`linghe simulate`, as its user meets it: the file, the answer, and what is wrong in words."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.daemons import command_line

DAY = """\
date = 2026-11-23
patience_seconds = 60
talk_seconds = 120

[shop]
agents = 3
wrap_up_seconds = 10

[[arrivals]]
from = "00:00"
to = "01:00"
calls = 60
"""
BAKERY = Path(__file__).parents[1] / "data" / "bakery.toml"

Simulate = Callable[..., tuple[int, str, str]]


@pytest.fixture
def simulate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Simulate:
    """The verb with a day file of this text and more arguments."""
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path / "var"))

    def run(text: str, *arguments: str) -> tuple[int, str, str]:
        place = tmp_path / "day.toml"
        place.write_text(text)
        code = command_line.main(("simulate", str(place), *arguments))
        said = capfdbinary.readouterr()
        return code, said.out.decode(), said.err.decode()

    return run


def test_a_day_is_told_with_its_plot_and_its_figures(simulate: Simulate) -> None:
    code, said, _ = simulate(DAY)
    assert code == 0
    assert "callers in" in said and "service level #1" in said
    rows = [line for line in said.splitlines() if line.startswith(("00:00", "00:30"))]
    assert len(rows) == 2 and all("●●● 3.0" in row for row in rows)


def test_the_same_seed_tells_the_same_and_the_report_is_the_days_own(
    simulate: Simulate, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"
    first = json.loads(simulate(DAY, "--json", "--report", str(report))[1])
    assert first == json.loads(simulate(DAY, "--json")[1])
    assert first != json.loads(simulate(DAY, "--json", "--seed", "7")[1])
    offered = first["report"]["box"]["figures"]["counts"]["offered"]
    assert offered == first["callers"] > 30
    assert str(offered) in report.read_text(encoding="utf-8-sig")


def test_a_site_file_beside_the_day_is_taken(simulate: Simulate, tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(BAKERY.read_text())
    day = DAY.replace("[shop]\nagents = 3\nwrap_up_seconds = 10\n", "").replace(
        "date = 2026-11-23", 'date = "2026-11-23"\nsite = "shop.toml"\nnumber = "02188886666"'
    )
    told = json.loads(simulate(day, "--json")[1])
    assert told["report"]["site_name"] == "Bread & Co"
    assert told["report"]["box"]["counts"]["notice"] == told["callers"], "closed at midnight"


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("calls = 60", "calls = -1", "cannot be fewer"),
        ("2026-11-23", '"someday"', "someday"),
        ("agents = 3", "agents = 0", "1 to 1000 agents"),
        ("patience_seconds", "patience", "unknown field `patience`"),
        ("[shop]", "[shop", "day.toml"),
        ("[shop]\nagents = 3\nwrap_up_seconds = 10\n", "", "nobody can call"),
    ],
)
def test_what_cannot_be_is_said_in_words(simulate: Simulate, old: str, new: str, word: str) -> None:
    code, said, errors = simulate(DAY.replace(old, new))
    assert (code, said) == (1, "")
    assert word in errors


def test_waits_and_staffing_are_drawn_as_a_picture_that_needs_nothing_from_elsewhere(
    simulate: Simulate, tmp_path: Path
) -> None:
    picture = tmp_path / "day.svg"
    assert simulate(DAY, "--plot", str(picture))[0] == 0
    drawn = picture.read_text(encoding="utf-8")
    assert drawn.lstrip().startswith("<?xml") and "<svg" in drawn
    for name in ("mean wait, s", "agents at work", "callers lost"):
        assert name in drawn
    assert "<script" not in drawn and 'href="http' not in drawn
