"""The page "Music": pieces of a file, a second click, what is refused, who may; in Chromium."""

import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from chromium import Chromium, Web, needs_chromium
from sound_files import sine, write
from waiting import wait_until
from web_stage import AGENT, HERE, Browser, Stage
from werkzeug.test import TestResponse

from appliance.daemons.prompts import DiskCatalogue
from webadmin import command, uploads

NAME = 'Lobby "春天" <b>'


@pytest.fixture
def tune(tmp_path: Path) -> bytes:
    return write(tmp_path / "tune.flac", sine(700, 5), 44100).read_bytes()


@pytest.fixture
def owner(full: Stage) -> Browser:
    return full.logged_in(language="en")


def send(browser: Browser, content: bytes, size: int = 20_000) -> str:
    """A file in pieces; its id."""
    upload = secrets.token_hex(16)
    for offset in range(0, len(content), size):
        answer = browser.sends_piece("/music/", upload, offset, content[offset : offset + size])
        assert answer.status_code == 200, answer.text
    assert answer.json == {"there": len(content)}
    return upload


def add(browser: Browser, upload: str, name: str, **more: str):
    return browser.post("/music/add", {"upload": upload, "name": name, **more}, page="/music/")


def names_on(browser: Browser) -> str:
    return browser.get("/music/").text


def test_a_file_in_pieces_becomes_music_that_is_listed_and_heard(
    full: Stage, owner: Browser, tune: bytes
) -> None:
    answer = add(owner, send(owner, tune), NAME)
    assert answer.status_code == 200 and answer.json == {"done": True}, answer.text
    text = names_on(owner)
    assert "Lobby &#34;春天&#34; &lt;b&gt;" in text and "<b>" not in text
    (prompt,) = DiskCatalogue(full.places).music(NAME)
    sound = owner.get(f"/music/{prompt}.wav")
    assert sound.status_code == 200 and sound.data[:4] == b"RIFF" and sound.mimetype == "audio/wav"
    part = owner.get(f"/music/{prompt}.wav", Range="bytes=100-199")
    assert part.status_code == 206 and part.data == sound.data[100:200]
    assert full.acts()[0] == "music_added"
    assert list((full.places.uploads).iterdir()) == []


def test_shipped_music_is_shown_with_what_the_site_plays(owner: Browser) -> None:
    text = names_on(owner)
    for name in ("default", "calm", "bright"):
        assert f'<h2 class="party">{name}</h2>' in text
    assert text.count("<svg") >= 3 and text.count("<audio") == 3


def test_a_second_click_adds_nothing_and_harms_nothing(
    full: Stage, owner: Browser, tune: bytes
) -> None:
    upload = send(owner, tune)
    assert add(owner, upload, NAME).status_code == 200
    second = add(owner, upload, NAME)
    assert second.status_code == 400 and second.json["key"] == "again"
    assert add(owner, send(owner, tune), NAME).status_code == 200, "the very same piece again"
    assert names_on(owner).count('<h2 class="party">Lobby') == 1
    assert full.acts().count("music_added") == 1


def test_a_name_that_is_taken_can_be_replaced_without_sending_the_file_again(
    full: Stage, owner: Browser, tune: bytes, tmp_path: Path
) -> None:
    add(owner, send(owner, tune), NAME)
    other = write(tmp_path / "other.wav", sine(900, 5)).read_bytes()
    upload = send(owner, other, 100_000)
    before = DiskCatalogue(full.places).music(NAME)
    refused = add(owner, upload, NAME)
    assert refused.status_code == 400 and refused.json["key"] == "music_taken"
    assert DiskCatalogue(full.places).music(NAME) == before
    assert add(owner, upload, NAME, replaces="on").status_code == 200
    assert DiskCatalogue(full.places).music(NAME) != before


def test_what_is_no_sound_is_refused_in_the_readers_language(full: Stage, owner: Browser) -> None:
    for language, said in (
        ("en", "can read no sound"),
        ("zh", "没有铃盒能读的声音"),
        ("pl", "nie potrafi"),
    ):
        owner.client.set_cookie("linghe_language", language)
        refused = add(owner, send(owner, b"<?php system('x') ?>" * 50), "x")
        assert refused.status_code == 400 and said in refused.json["fault"]
    assert list(full.places.uploads.iterdir()) == [], "nothing of it is kept"


@pytest.mark.parametrize("name", ["", " ", "-f", "x" * 33, "a\nb"])
def test_a_name_that_is_none_is_refused_before_the_file_is_touched(
    full: Stage, owner: Browser, tune: bytes, name: str
) -> None:
    upload = send(owner, tune)
    assert add(owner, upload, name).json["key"] == "music_name"
    assert add(owner, upload, "better").status_code == 200


def test_removing_twice_removes_once(full: Stage, owner: Browser, tune: bytes) -> None:
    add(owner, send(owner, tune), NAME)
    for _ in range(2):
        answer = owner.post("/music/remove", {"name": NAME}, page="/music/")
        assert answer.status_code == 302 and answer.location == "/music/"
        assert "alert-success" in names_on(owner)
    assert full.acts().count("music_removed") == 1
    assert DiskCatalogue(full.places).music(NAME) == ()


def test_what_is_in_use_or_shipped_has_no_button_and_is_not_removed(
    full: Stage, owner: Browser, tune: bytes
) -> None:
    assert 'action="/music/remove"' not in names_on(owner)
    owner.post("/music/remove", {"name": "calm"}, page="/music/")
    assert "alert-danger" in (text := names_on(owner)) and ">calm<" in text


def test_an_agent_and_a_stranger_may_do_nothing_here(
    full: Stage, owner: Browser, tune: bytes
) -> None:
    agent, stranger = full.logged_in(AGENT), full.browser()
    assert agent.get("/music/").status_code == 403
    assert stranger.get("/music/").status_code == 302
    headers = {"Origin": HERE, "X-CSRFToken": agent.token("/account/"), "X-Upload": "0" * 32}
    for browser, code in ((agent, 403), (stranger, 401)):
        for address in ("/music/piece", "/music/add", "/music/remove"):
            answer = browser.client.post(address, data=b"x" * 1000, headers=headers)
            assert answer.status_code in (code, 400), address
    assert not full.places.uploads.exists()


def test_pieces_come_whole_in_order_and_no_longer_than_they_may(
    full: Stage, owner: Browser
) -> None:
    upload, most = secrets.token_hex(16), uploads.LONGEST_PIECE

    def piece(offset: int, content: bytes, upload: str = upload, **headers: str) -> TestResponse:
        return owner.sends_piece("/music/", upload, offset, content, **headers)

    assert piece(0, b"a" * 100).json == {"there": 100}
    assert piece(0, b"a" * 100).json == {"there": 100}, "the same piece again"
    assert piece(50, b"b" * 100).json == {"there": 150}
    assert piece(200, b"c").status_code == 400, "a piece got lost"
    assert piece(-1, b"c").status_code == 400
    assert piece(150, b"c" * most).status_code == 200
    assert piece(150, b"c" * (most + 1)).status_code == 413
    assert piece(0, b"c", upload="../../etc/passwd").status_code == 400
    assert piece(0, b"c", **{"X-Offset": "zero"}).status_code == 400
    assert piece(0, b"c", **{"X-CSRFToken": ""}).status_code == 400
    assert piece(0, b"c", Origin="http://evil.example").status_code == 403
    (file,) = full.places.uploads.iterdir()
    assert file.read_bytes()[:150] == b"a" * 50 + b"b" * 100


def test_a_file_that_grows_too_large_is_given_up(
    full: Stage, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = uploads.LONGEST_PIECE
    monkeypatch.setattr(uploads, "LONGEST_FILE", 2 * half)
    upload = secrets.token_hex(16)
    for offset in (0, half):
        assert owner.sends_piece("/music/", upload, offset, b"a" * half).status_code == 200
    assert "1 MB" in owner.sends_piece("/music/", upload, 2 * half, b"a").json["fault"]
    assert list(full.places.uploads.iterdir()) == []


class Usage(NamedTuple):
    free: int


def test_the_disks_last_room_is_for_calls(
    full: Stage, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = secrets.token_hex(16)
    owner.sends_piece("/music/", upload, 0, b"a" * 900)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free=uploads.LEAST_FREE - 1))
    assert "disk is full" in owner.sends_piece("/music/", upload, 900, b"a").json["fault"]
    assert list(full.places.uploads.iterdir()) == []


def test_what_was_begun_and_left_goes_after_an_hour(
    full: Stage, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.sends_piece("/music/", secrets.token_hex(16), 0, b"left")
    now = time.time()
    monkeypatch.setattr(uploads.time, "time", lambda: now + 3700)
    owner.sends_piece("/music/", second := secrets.token_hex(16), 0, b"new")
    assert [one.name for one in full.places.uploads.iterdir()] == [f"{second}.part"]


def test_only_music_is_given_to_the_player(full: Stage, owner: Browser) -> None:
    names_on(owner)
    for address in ("0" * 64, "index.json", "..%2f..%2fsecrets.json", "x"):
        assert owner.get(f"/music/{address}.wav").status_code == 404


def test_a_command_line_that_breaks_is_a_box_that_cannot_be_read(
    owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command.sys, "executable", "/bin/false")
    assert owner.get("/music/").status_code == 503


# --- in Chromium ----------------------------------------------------------------------------------
@pytest.fixture
def web(full: Stage) -> Iterator[Web]:
    needs_chromium()
    web = Web(full)
    yield web
    web.close()


@pytest.fixture
def browser(web: Web, tmp_path: Path) -> Iterator[Chromium]:
    browser = Chromium(tmp_path / "chromium")
    browser.logs_in(web)
    yield browser
    browser.close()


def choose(browser: Chromium, file: Path, name: str = "") -> None:
    browser.driver.find_element("id", "file").send_keys(str(file))
    if name:
        browser.driver.find_element("id", "name").clear()
        browser.types("name", name)


def press(browser: Chromium, selector: str, times: int = 1) -> None:
    click = 'one.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true})); '
    browser.says(
        f"(() => {{ const one = document.querySelector({selector!r}); {click * times} }})()"
    )


@pytest.mark.peer
def test_a_person_adds_music_in_a_browser_with_a_double_click_and_hears_it(
    full: Stage, web: Web, browser: Chromium, tmp_path: Path
) -> None:
    file = write(tmp_path / "Spring Waltz.wav", sine(700, 20))
    assert file.stat().st_size > 2 * uploads.LONGEST_PIECE, "so that it comes in pieces"
    browser.opens(f"{web.address}/music/")
    choose(browser, file)
    assert browser.says("document.getElementById('name').value") == "Spring Waltz"
    browser.driver.find_element("id", "name").clear()
    browser.types("name", NAME)
    press(browser, "#add .btn", times=2)
    wait_until(
        lambda: browser.driver.find_elements("css selector", ".alert-success"), "it is added"
    )
    heads = "Array.from(document.querySelectorAll('.piece h2'), (one) => one.textContent)"
    assert browser.says(heads) == [NAME, "default", "bright", "calm"]
    assert full.acts().count("music_added") == 1
    press(browser, ".piece .wave")
    wait_until(
        lambda: browser.says("document.querySelector('audio').currentTime > 0.3"), "it plays"
    )
    wait_until(lambda: browser.says("document.querySelectorAll('rect.heard').length"), "it shows")
    for width in (390, 1280):
        browser.is_as_wide_as(width)
        wide = browser.says("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1]
    assert browser.complaints() == []
    browser.sends_once(".piece form.once .btn")
    browser.opens(f"{web.address}/music/")
    press(browser, ".piece form.once .btn", times=2)
    find = browser.driver.find_elements
    wait_until(lambda: len(find("css selector", ".piece")) == 3, "it is removed")
    assert browser.says(heads) == ["default", "bright", "calm"]


@pytest.mark.peer
def test_a_person_is_told_in_place_what_is_wrong_with_the_file(
    web: Web, browser: Chromium, tmp_path: Path
) -> None:
    browser.opens(f"{web.address}/music/")
    text = tmp_path / "letter.mp3"
    text.write_text("Dear Sir")
    choose(browser, text, "letter")
    press(browser, "#add .btn")
    wait_until(lambda: "can read no sound" in browser.text("#add .fault"), "the fault is shown")
    choose(browser, write(tmp_path / "tune.flac", sine(700, 5)), "calm")
    press(browser, "#add .btn")
    wait_until(lambda: "of this name already" in browser.text("#add .fault"), "the name is taken")
    press(browser, "#replaces-step")
    press(browser, "#add .btn")
    wait_until(lambda: browser.driver.find_elements("css selector", ".alert-success"), "replaced")
