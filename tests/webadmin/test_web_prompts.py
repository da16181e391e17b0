"""The page "Prompts": a recording comes, is heard, replaced, brought back; what is used stays."""

from pathlib import Path

import pytest
from sound_files import write
from speech_level import spoken
from web_stage import AGENT, Browser, Stage

from appliance.daemons.prompts import DiskCatalogue
from appliance.vocabulary.settings import Language
from appliance.vocabulary.speech import Utterance
from webadmin import prompt_desk

NAME = 'Lobby "春天" <b>'


@pytest.fixture
def owner(full: Stage) -> Browser:
    return full.logged_in(language="en")


def sound(folder: Path, seed: int) -> bytes:
    return write(folder / f"{seed}.flac", spoken(1, seed=seed)).read_bytes()


def add(browser: Browser, upload: str, name: str, **more: str):
    return browser.post("/prompts/add", {"upload": upload, "name": name, **more}, page="/prompts/")


def heard(stage: Stage, name: str) -> str | None:
    return DiskCatalogue(stage.places).find(Utterance(language=Language.EN, prompt=name))


def test_a_recording_is_listed_heard_replaced_brought_back_and_removed(
    full: Stage, owner: Browser, tmp_path: Path
) -> None:
    assert "There are no recordings yet" in owner.get("/prompts/").text
    assert add(owner, owner.uploads("/prompts/", sound(tmp_path, 1)), NAME).status_code == 200
    first = heard(full, NAME)
    page = owner.get("/prompts/").text
    assert "Lobby &#34;春天&#34; &lt;b&gt;" in page and "<b>" not in page
    assert owner.get(f"/prompts/{first}.wav").data[:4] == b"RIFF"
    upload = owner.uploads("/prompts/", sound(tmp_path, 2))
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
    refused = add(owner, owner.uploads("/prompts/", b"<?php system('x') ?>" * 50), "x")
    assert refused.status_code == 400 and said in refused.json["fault"]
    assert list(full.places.uploads.iterdir()) == []


def speak(browser: Browser, **fields: str):
    form = {"name": "hello", "text": "Good morning.", "language": "en", **fields}
    return browser.post("/prompts/speak", form, page="/prompts/")


@pytest.fixture
def voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Language]]:
    """What the voice was given to speak."""
    said: list[tuple[str, Language]] = []

    def speaks(text: str, language: Language, file: Path) -> None:
        said.append((text, language))
        file.write_bytes(write(tmp_path / "said.wav", spoken(1, seed=len(said))).read_bytes())

    monkeypatch.setattr(prompt_desk, "speak", speaks)
    return said


def test_a_typed_text_is_spoken_listed_and_replaced_only_when_that_is_said(
    full: Stage, owner: Browser, voice: list[tuple[str, Language]]
) -> None:
    assert speak(owner, text=" Dzień dobry. ", language="pl").status_code == 200
    assert voice == [("Dzień dobry.", Language.PL)]
    first = heard(full, "hello")
    assert (
        first is not None
        and "Callers hear hello where the site names it." in owner.get("/prompts/").text
    )
    refused = speak(owner)
    assert (refused.status_code, refused.json["key"]) == (400, "prompt_taken")
    assert len(voice) == 1, "a name that is taken costs the voice nothing"
    assert speak(owner, replaces="yes").status_code == 200
    assert heard(full, "hello") not in (None, first)
    assert full.acts()[:2] == ["prompt_added", "prompt_added"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "cannot speak this text"),
        ("zh", "无法用这种语言读出"),
        ("pl", "nie potrafi wypowiedzieć"),
    ],
)
def test_what_nobody_can_say_is_refused_in_the_readers_language(
    owner: Browser, language: str, said: str
) -> None:
    owner.client.set_cookie("linghe_language", language)
    refused = speak(owner, text="-- -")
    assert refused.status_code == 400 and said in refused.json["fault"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"text": ""}, 400),
        ({"text": "a" * 1001}, 400),
        ({"name": "--by=root"}, 400),
        ({"language": "de"}, 400),
    ],
)
def test_what_the_form_cannot_have_sent_begins_no_speech(
    owner: Browser, voice: list[tuple[str, Language]], fields: dict[str, str], status: int
) -> None:
    assert speak(owner, **fields).status_code == status
    assert voice == []


def test_a_language_without_voice_says_what_to_do(owner: Browser) -> None:
    assert "linghe speech install" in speak(owner, language="pl").json["fault"]


def test_an_agent_has_no_such_page(full: Stage) -> None:
    browser = full.logged_in(AGENT)
    assert browser.get("/prompts/").status_code in (302, 403, 404)
