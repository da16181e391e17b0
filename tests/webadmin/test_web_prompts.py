"""The page "Prompts": a recording comes, is heard, replaced, brought back; what is used stays."""

import secrets
from pathlib import Path

import pytest
from sound_files import write
from speech_level import spoken
from web_stage import AGENT, HERE, Browser, Stage

from appliance.daemons.prompts import DiskCatalogue
from appliance.vocabulary.settings import Language
from appliance.vocabulary.speech import Utterance

NAME = 'Lobby "春天" <b>'


@pytest.fixture
def owner(full: Stage) -> Browser:
    browser = full.logged_in()
    browser.client.set_cookie("linghe_language", "en")
    return browser


def sound(folder: Path, seed: int) -> bytes:
    return write(folder / f"{seed}.flac", spoken(1, seed=seed)).read_bytes()


def send(browser: Browser, content: bytes) -> str:
    upload = secrets.token_hex(16)
    headers = {
        "Origin": HERE,
        "Content-Type": "application/octet-stream",
        "X-CSRFToken": browser.token("/prompts/"),
        "X-Upload": upload,
        "X-Offset": "0",
    }
    answer = browser.client.post("/prompts/piece", data=content, headers=headers)
    assert answer.json == {"there": len(content)}
    return upload


def add(browser: Browser, upload: str, name: str, **more: str):
    return browser.post("/prompts/add", {"upload": upload, "name": name, **more}, page="/prompts/")


def heard(stage: Stage, name: str) -> str | None:
    return DiskCatalogue(stage.places).find(Utterance(language=Language.EN, prompt=name))


def test_a_recording_is_listed_heard_replaced_brought_back_and_removed(
    full: Stage, owner: Browser, tmp_path: Path
) -> None:
    assert "There are no recordings yet" in owner.get("/prompts/").text
    assert add(owner, send(owner, sound(tmp_path, 1)), NAME).status_code == 200
    first = heard(full, NAME)
    page = owner.get("/prompts/").text
    assert "Lobby &#34;春天&#34; &lt;b&gt;" in page and "<b>" not in page
    assert owner.get(f"/prompts/{first}.wav").data[:4] == b"RIFF"
    upload = send(owner, sound(tmp_path, 2))
    assert add(owner, upload, NAME).json["key"] == "prompt_taken"
    assert heard(full, NAME) == first
    assert add(owner, upload, NAME, replaces="on").status_code == 200
    assert heard(full, NAME) != first
    owner.post("/prompts/restore", {"name": NAME, "version": "1"}, page="/prompts/")
    assert heard(full, NAME) == first
    owner.post("/prompts/remove", {"name": NAME}, page="/prompts/")
    assert heard(full, NAME) is None
    assert owner.get(f"/prompts/{first}.wav").data[:4] == b"RIFF", "a call's proof"
    acts = ("prompt_removed", "prompt_restored", "prompt_added", "prompt_added")
    assert tuple(full.acts()[:4]) == acts


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "can read no sound"), ("zh", "没有铃盒能读的声音"), ("pl", "nie potrafi")],
)
def test_what_is_no_sound_is_refused_in_the_readers_language(
    full: Stage, owner: Browser, language: str, said: str
) -> None:
    owner.client.set_cookie("linghe_language", language)
    refused = add(owner, send(owner, b"<?php system('x') ?>" * 50), "x")
    assert refused.status_code == 400 and said in refused.json["fault"]
    assert list(full.places.uploads.iterdir()) == []


def test_an_agent_has_no_such_page(full: Stage) -> None:
    browser = full.logged_in(AGENT)
    assert browser.get("/prompts/").status_code in (302, 403, 404)
