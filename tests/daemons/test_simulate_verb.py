"""`linghe simulate`, as its user meets it: the file, the answer, and what is wrong in words."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from linghe_run import Linghe

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
    ("old", "new", "code", "word"),
    [
        ("calls = 60", "calls = -1", 1, "cannot be fewer"),
        ("2026-11-23", '"someday"', 1, "someday"),
        ("agents = 3", "agents = 0", 1, "1 to 1000 agents"),
        ("agents = 3", 'agents = 3\nstrategy = "speed"', 1, 'no strategy "speed". Strategies: '),
        ("calls = 60", 'calls = 60\nqueue = "sales"', 1, 'no queue "sales". Queues of this day: '),
        ("patience_seconds", "patience", 2, "unknown field `patience`"),
        ("[shop]", "[shop", 2, "day.toml"),
        ("patience_seconds = 60", 'site = "gone.toml"', 2, "gone.toml cannot be read: No such"),
        ("[shop]\nagents = 3\nwrap_up_seconds = 10\n", "", 3, "has no [shop] and no site"),
    ],
)
def test_what_cannot_be_is_said_in_words(
    simulate: Simulate, old: str, new: str, code: int, word: str
) -> None:
    got, said, errors = simulate(DAY.replace(old, new))
    assert (got, said) == (code, "")
    assert word in errors and "Errno" not in errors


def test_a_file_that_is_not_there_is_named(linghe: Linghe, tmp_path: Path) -> None:
    missing = tmp_path / "gone.toml"
    code, _, errors = linghe("simulate", str(missing))
    assert (code, errors) == (2, f"{missing} cannot be read: No such file or directory.\n")


def test_the_file_of_the_documents_is_a_whole_day(simulate: Simulate) -> None:
    """Both of docs/simulate.md's pieces together: the queue of a [shop] can be changed."""
    text = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line or line.startswith("    ")]
    told = json.loads(simulate("\n".join(line[4:] for line in lines), "--json")[1])
    assert told["callers"] > 400


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
