"""What no program sends on purpose: told as a problem, never as a 500."""

import pytest
from api_stage import API, Program, has_token
from web_stage import Stage

DEEP = 30_000
BODIES = {
    "half a character": b'{"extension": "8001", "number": "\xff\xfe"}',
    "bytes": bytes(range(256)),
    "nothing": b"",
    "a NUL": b'{"extension": "80\x0001", "number": "1"}',
    "an escaped NUL": b'{"extension": "80\\u000001", "number": "1"}',
    "half a pair of surrogates": b'{"extension": "\\ud800", "number": "1"}',
    "lists in lists": b"[" * DEEP,
    "objects in objects": b'{"extension": ' * DEEP,
    "deep within": b'{"extension": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a number of many digits": b'{"extension": ' + b"9" * 5000 + b', "number": "1"}',
    "a number beyond all others": b'{"extension": 1e999, "number": "1"}',
    "a name twice": b'{"extension": "8001", "extension": "9", "number": "x"}',
    "a long word": b'{"extension": "' + b"8" * 60_000 + b'", "number": "1"}',
    "a formula": b'{"extension": "=1+2", "number": "1"}',
    "a line end in it": b'{"extension": "8001", "number": "9\\r\\nINVITE sip:1"}',
    "another alphabet's digits": '{"extension": "٨٠٠١", "number": "１"}'.encode(),
}


@pytest.fixture
def program(full: Stage) -> Program:
    has_token(full)
    return Program(full)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_none_is_told_as_such(name: str, program: Program) -> None:
    answer = program.client.post(
        f"{API}/calls", data=BODIES[name], headers=program.headers, content_type="application/json"
    )
    status, _ = program.problem(answer)
    assert status in (400, 413, 422), answer.text


def test_a_body_beyond_the_limit_is_refused_unread(program: Program) -> None:
    answer = program.client.post(
        f"{API}/calls",
        data=b'{"a": "' + b"x" * 1_000_000 + b'"}',
        headers=program.headers,
        content_type="application/json",
    )
    assert program.problem(answer) == (413, "too_long")


WORDS = ("%00", "%ff", "%c0%af", "%0d%0aX-Evil:%201", "..%2f..%2fsecrets.json", "%F0%9F%98%80",
         "%E2%80%AE", "=1", "'%20OR%201=1--", "*", "a" * 5000)  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "address",
    ["/calls/{}", "/calls/{}/timeline", "/recordings/{}", "/calls?number={}", "/calls?text={}",
     "/calls?before={}", "/calls?limit={}", "/events/past?after={}", "/reports/daily?date={}"],
)  # fmt: skip
def test_whatever_stands_in_an_address_is_an_answer_of_ours(
    word: str, address: str, program: Program
) -> None:
    answer = program.get(address.format(word))
    assert answer.status_code < 500, answer.text
    assert "X-Evil" not in answer.headers
    if answer.status_code >= 400:
        program.problem(answer)


@pytest.mark.parametrize(
    "told", ["x" * 5000, "Bearer", "Bearer ", "Bearer \u00ff", "Basic b=:", ""]
)
def test_whatever_is_shown_for_a_token_is_401(told: str, full: Stage) -> None:
    program = Program(full)
    program.headers = {"Authorization": told}
    assert program.get("/calls").status_code == 401
