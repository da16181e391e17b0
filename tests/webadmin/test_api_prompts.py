"""Prompts by API: uploaded, listed, heard, replaced, put back, removed; what is no prompt."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from api_stage import API, Program, has_token
from sound_files import write
from speech_level import spoken
from web_stage import Stage

from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.linghe_json import OwnPrompt
from appliance.vocabulary.settings import Language
from appliance.vocabulary.tokens import Scope
from webadmin import prompt_desk

NAME = "春天 & lobby"


@pytest.fixture
def program(full: Stage) -> Program:
    has_token(full)
    return Program(full)


def sound(folder: Path, seed: int) -> str:
    return base64.b64encode(
        write(folder / f"{seed}.flac", spoken(1, seed=seed)).read_bytes()
    ).decode()


def told(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return json.loads(answer.text)


def removed(program: Program, name: str) -> Any:
    return program.client.delete(
        f"{API}/prompts", query_string={"name": name}, headers=program.headers
    )


def test_a_prompt_is_uploaded_heard_replaced_put_back_and_removed(
    full: Stage, program: Program, tmp_path: Path
) -> None:
    assert told(program.get("/prompts")) == {"prompts": []}
    first = told(program.post("/prompts", {"name": NAME, "audio": sound(tmp_path, 1)}), 201)
    (version,) = first["versions"]
    assert (first["name"], version["version"], version["by"]) == (NAME, 1, "token crm")
    heard = program.get(version["audio"].removeprefix(API))
    assert heard.status_code == 200 and heard.data.startswith(b"RIFF")
    assert len(heard.data) / 8000 == pytest.approx(version["seconds"], abs=0.1)

    again = {"name": NAME, "audio": sound(tmp_path, 2)}
    assert program.problem(program.post("/prompts", again)) == (409, "prompt_taken")
    second = told(program.post("/prompts", {**again, "replace": True}), 201)
    assert [one["version"] for one in second["versions"]] == [2, 1]
    back = told(program.post("/prompts/restore", {"name": NAME, "version": 1}))
    assert back["versions"][0]["prompt"] == version["prompt"]
    assert told(removed(program, NAME)) == {"name": NAME}
    assert program.problem(removed(program, NAME)) == (404, "prompt_unknown")
    assert program.get(version["audio"].removeprefix(API)).status_code == 200, "a call's proof"
    acts = ("prompt_removed", "prompt_restored", "prompt_added", "prompt_added")
    assert tuple(full.acts()[:4]) == acts


def prompts(stage: Stage) -> list[OwnPrompt]:
    with stage.app.app_context():
        return prompt_desk.prompts()


def test_a_text_becomes_a_prompt_by_the_boxs_own_voice(
    full: Stage, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, Language]] = []

    def speaks(text: str, language: Language, file: Path) -> None:
        said.append((text, language))
        file.write_bytes(write(tmp_path / "said.wav", spoken(1, seed=3)).read_bytes())

    monkeypatch.setattr(prompt_desk, "speak", speaks)
    body = {"name": "hello", "text": "Dzień dobry.", "language": "pl"}
    assert told(program.post("/prompts", body), 201)["name"] == "hello"
    assert said == [("Dzień dobry.", Language.PL)]
    (listed,) = prompts(full)
    assert [one.origin for one in listed.versions] == ["text"]
    assert program.problem(program.post("/prompts", body)) == (409, "prompt_taken")
    assert len(said) == 1, "a name that is taken costs the voice nothing"
    assert told(program.post("/prompts", {**body, "replace": True}), 201)["name"] == "hello"


def test_what_the_voice_refuses_is_told_in_one_plain_line(program: Program) -> None:
    body = {"name": "hello", "text": "... !", "language": "en"}
    detail = told(program.post("/prompts", body), 409)["detail"]
    assert "linghe" not in detail and "speech:" not in detail and "\n" not in detail


def test_the_voices_own_process_is_asked_and_a_text_is_no_option_of_it(
    full: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    full.places.models.mkdir(exist_ok=True)
    (full.places.models / "some").write_bytes(b"")
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(prompt_desk, "linghe_said", lambda *words: asked.append(words))
    with full.app.app_context():
        prompt_desk.speak("--out=/etc/passwd", Language.EN, tmp_path / "x")
        with pytest.raises(RefusedError):
            prompt_desk.speak(" -- ", Language.EN, tmp_path / "x")
    assert asked == [
        ("speech", "say", "--language=en", f"--out={tmp_path / 'x'}", "out=/etc/passwd")
    ]


def test_a_box_without_a_voice_says_so(program: Program) -> None:
    body = {"name": "hello", "text": "Dzień dobry.", "language": "pl"}
    assert program.problem(program.post("/prompts", body)) == (409, "prompt_refused")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"name": "x"}, (409, "prompt_refused")),
        ({"name": "x", "audio": "AAAA", "text": "a"}, (409, "prompt_refused")),
        ({"name": "x", "audio": "no base64!"}, (409, "prompt_refused")),
        ({"name": "x", "audio": "AAAA"}, (409, "prompt_refused")),
        ({"name": "x", "audio": "QUJD" * 400}, (409, "prompt_refused")),
        ({"name": "--by=root", "audio": "AAAA" * 400}, (409, "prompt_refused")),
        ({"name": "a\x00b", "audio": "AAAA" * 400}, (409, "prompt_refused")),
        ({"name": "", "audio": "AAAA"}, (422, "invalid")),
        ({"name": "x" * 33, "audio": "AAAA"}, (422, "invalid")),
        ({"name": "x", "sound": "AAAA"}, (422, "unknown_field")),
    ],
)
def test_what_is_no_prompt_is_refused(
    program: Program, body: dict[str, Any], problem: tuple[int, str]
) -> None:
    assert program.problem(program.post("/prompts", body)) == problem
    assert told(program.get("/prompts")) == {"prompts": []}


def test_what_is_not_there_is_not_found(program: Program) -> None:
    for answer in (
        program.get(f"/prompts/{'0' * 64}/audio"),
        program.get("/prompts/..%2Fsecrets/audio"),
        program.post("/prompts/restore", {"name": "nobody", "version": 1}),
        removed(program, "nobody"),
        removed(program, ""),
    ):
        assert answer.status_code in (404, 422), answer.text


def test_hearing_and_changing_are_scopes_of_their_own(full: Stage) -> None:
    reader = Program(full, has_token(full, Scope.PROMPTS_READ))
    assert reader.get("/prompts").status_code == 200
    body = {"name": "x", "audio": "AAAA"}
    assert reader.problem(reader.post("/prompts", body)) == (403, "scope_missing")
    assert reader.problem(removed(reader, "x")) == (403, "scope_missing")
