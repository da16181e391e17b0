"""A person's command on the image sees the box as the units do; elsewhere nothing changes."""

import os
from pathlib import Path

import pytest

from appliance.daemons import paths
from appliance.daemons.command_line import main

THEIRS = "# of the units\nLINGHE_DATA={data}\nLINGHE_SHARED=1\nLINGHE_HTTP_PORT=80\nPATH=/evil\n"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o2770)
    of_the_units = tmp_path / "environment"
    of_the_units.write_text(THEIRS.format(data=folder))
    monkeypatch.setattr(paths, "OF_THE_UNITS", of_the_units)
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"]})
    return folder


def test_a_command_without_variables_finds_the_box_of_the_units(data: Path) -> None:
    paths.as_the_units_see_it()
    here = paths.environment()
    assert here.data == data and here.http_port == 80 and os.environ["LINGHE_SHARED"] == "1"
    assert os.environ["PATH"] != "/evil"


def test_what_a_person_sets_goes_before_it(data: Path) -> None:
    os.environ["LINGHE_HTTP_PORT"] = "8080"
    paths.as_the_units_see_it()
    assert paths.environment().http_port == 8080


def test_another_box_on_the_machine_is_left_as_it_is(data: Path, tmp_path: Path) -> None:
    os.environ["LINGHE_DATA"] = str(tmp_path / "other")
    paths.as_the_units_see_it()
    assert "LINGHE_SHARED" not in os.environ and paths.environment().http_port == 8080


def test_elsewhere_than_on_the_image_nothing_is_read(data: Path, tmp_path: Path) -> None:
    (tmp_path / "environment").unlink()
    before = dict(os.environ)
    paths.as_the_units_see_it()
    assert os.environ == before


def test_what_root_makes_by_a_command_is_the_groups(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = os.umask(0o022)
    try:
        (tmp_path / "site.toml").write_text("")
        os.environ["LINGHE_DATA"] = str(data)
        assert main(["apply", "--no-prompts", str(tmp_path / "site.toml")]) == 0
    finally:
        os.umask(before)
    made = [one for one in data.rglob("*") if one.is_file()]
    assert (data / "settings.db") in made
    assert {one.stat().st_mode & 0o777 for one in made} == {0o660}
