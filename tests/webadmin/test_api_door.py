"""Who gets into the API: tokens, scopes, rates; what a cookie opens, and what is told of errors."""

import json
import subprocess
import sys
import time

import pytest
import shop_day
from api_stage import API, TOKEN, Program, has_token
from control_socket import ControlSocket
from web_stage import OWNER, PASSWORD, Stage

from appliance.store.settings import SettingsStore
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.tokens import PREFIX, Scope, token_digest, token_text
from webadmin.api import door
from webadmin.api.document import document
from webadmin.api.operations import OPERATIONS
from webadmin.api.rate import Rate
from webadmin.problems import KEYS
from webadmin.tries import MOST_OF_ADDRESS

AT = shop_day.NINE + 5000


@pytest.fixture
def program(full: Stage) -> Program:
    has_token(full)
    return Program(full)


def _path(path: str) -> str:
    return path.replace("{call}", "c1").replace("{agent}", "1001").replace("{recording}", "r1")


# --- tokens -----------------------------------------------------------------------------------
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_without_a_token_nothing_answers(full: Stage, operation) -> None:
    answer = full.app.test_client().open(API + _path(operation.path), method=operation.method)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="linghe"'


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_each_operation_wants_its_own_scope(full: Stage, operation) -> None:
    others = tuple(scope for scope in Scope if scope is not operation.scope)
    program = Program(full, has_token(full, *others))
    answer = program.client.open(
        API + _path(operation.path), method=operation.method, headers=program.headers
    )
    assert program.problem(answer) == (403, "scope_missing")
    assert json.loads(answer.text)["scope"] == operation.scope


def test_login_cookie_opens_nothing(full: Stage) -> None:
    browser = full.logged_in(OWNER)
    assert browser.get("/today/").status_code == 200
    assert browser.client.get(f"{API}/calls").status_code == 401
    assert browser.client.post(f"{API}/calls/c1/hangup").status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", TOKEN, f"Token {TOKEN}", "Bearer x"]
)
def test_anything_else_than_a_bearer_token_is_none(full: Stage, header: str) -> None:
    has_token(full)
    answer = full.app.test_client().get(f"{API}/calls", headers={"Authorization": header})
    assert answer.status_code == 401
    assert json.loads(answer.text)["key"] in ("token_missing", "token_unknown")


def test_addresses_that_are_not_there_look_to_strangers_like_all_others(full: Stage) -> None:
    client = full.app.test_client()
    told = {client.get(f"/api/{path}").text for path in ("v1/calls", "v1/nothing", "v2", "x")}
    assert len(told) == 1


def test_revoked_token_opens_nothing_any_more(full: Stage, program: Program) -> None:
    assert program.get("/agents").status_code == 200
    store = full.settings()
    assert store.tokens.revoke("CRM"), "the case of a name does not count"
    store.close()
    assert program.problem(program.get("/agents")) == (401, "token_unknown")


def test_only_the_digest_of_a_token_is_kept(full: Stage, program: Program) -> None:
    assert program.get("/agents").status_code == 200
    content = b"".join(
        file.read_bytes() for file in full.places.root.glob("settings.db*") if file.is_file()
    )
    assert TOKEN.encode() not in content and TOKEN.removeprefix(PREFIX).encode() not in content
    assert token_digest(TOKEN).encode() in content


def test_tokens_are_of_256_random_bits() -> None:
    text = token_text(bytes(range(32)))
    assert text == PREFIX + bytes(range(32)).hex() and len(text) == 7 + 64


def test_last_use_is_known_to_the_minute(full: Stage, program: Program) -> None:
    def last_used() -> float | None:
        store = full.settings()
        (token,) = store.tokens.all()
        store.close()
        return token.last_used

    assert last_used() is None
    program.get("/agents")
    first = last_used()
    assert first == pytest.approx(time.time(), abs=30)
    program.get("/agents")
    assert last_used() == first


def test_scope_that_a_newer_version_gave_is_nothing_here(full: Stage, program: Program) -> None:
    store = full.settings()
    store._connection.execute("UPDATE tokens SET scopes = 'calls:read moon:shoot'")
    (token,) = store.tokens.all()
    store.close()
    assert token.scopes == (Scope.CALLS_READ,)


# --- how often --------------------------------------------------------------------------------
def test_wrong_tokens_are_told_to_wait_and_the_right_one_goes_on(
    full: Stage, program: Program
) -> None:
    stranger = Program(full, "linghe_wrong")
    told = [stranger.problem(stranger.get("/calls")) for _ in range(MOST_OF_ADDRESS + 3)]
    assert told == [(401, "token_unknown")] * 5 + [(429, "rate_limited")] * (len(told) - 5)
    assert int(stranger.get("/calls").headers["Retry-After"]) >= 1
    assert program.get("/agents").status_code == 200, "nobody locks it out"
    assert full.acts().count("token_wrong") == 1


def test_requests_and_verbs_of_a_token_are_counted_apart(
    full: Stage, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = ControlSocket(full.places.control_socket, shop_day.shop_live(AT))
    limits = full.app.extensions[door.EXTENSION]
    limits.verbs.most, limits.requests.most = 2, 5
    codes = [program.post("/calls/c1/hangup").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert len(control.verbs) == 2
    assert [program.get("/agents").status_code for _ in range(3)] == [200, 200, 429]
    control.kill()


def test_rate_is_of_any_minute() -> None:
    now = 0.0
    rate = Rate(2, lambda: now)
    assert [rate.take("a"), rate.take("a"), rate.take("b")] == [0, 0, 0]
    assert rate.take("a") == 61
    now = 59.5
    assert rate.take("a") == 1
    now = 60.0
    assert rate.take("a") == 0


# --- errors -----------------------------------------------------------------------------------
def test_errors_of_the_web_server_have_the_same_form(program: Program) -> None:
    assert program.problem(program.get("/nothing")) == (404, "not_found")
    answer = program.client.delete(f"{API}/calls", headers=program.headers)
    assert program.problem(answer) == (405, "method_unknown")
    assert "GET" in answer.headers["Allow"]
    long = program.post("/calls", {"extension": "8001", "number": "1" * 70_000})
    assert program.problem(long) == (413, "too_long")


def test_files_that_cannot_be_read_are_told_as_such(
    full: Stage, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    (full.places.calls).write_bytes(b"nothing that SQLite knows" * 1000)
    answer = program.get("/calls")
    assert program.problem(answer) == (503, "unreadable")
    assert answer.headers["Retry-After"] == "5"


def test_every_problem_that_may_come_stands_in_the_document() -> None:
    told = json.dumps(document()["paths"])
    missing = [key for key in KEYS if f"`{key}`" not in told]
    assert missing == ["not_found", "method_unknown"], "these are of no operation"


# --- the command line -------------------------------------------------------------------------
def test_token_of_the_command_line_opens_the_api(full: Stage) -> None:
    def linghe(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "appliance.daemons.command_line", "token", *words],
            env={"LINGHE_DATA": str(full.places.root), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )

    made = linghe("add", "wall", "--scope", "calls:read")
    program = Program(full, made.stdout.strip())
    assert program.get("/calls/live").status_code == 200
    assert program.problem(program.get("/events/past")) == (403, "scope_missing")
    assert "wall" in linghe("list").stdout
    assert linghe("add", "wall", "--scope", "calls:read").returncode == 1, "its name is taken"
    assert linghe("add", "other").returncode == 2, "it may do nothing: not understood"
    assert linghe("add", "a b", "--scope", "calls:read").returncode == 1
    assert linghe("revoke").returncode == 2
    assert linghe("revoke", "wall").returncode == 0
    assert linghe("revoke", "wall").returncode == 1
    assert program.get("/calls/live").status_code == 401
    assert full.acts()[:2] == ["token_revoked", "token_added"]


def test_page_makes_and_revokes_tokens_for_the_owner_only(full: Stage) -> None:
    browser = full.logged_in(OWNER)
    page = "/programs/"
    fields = {"name": "crm", "scope": "calls:read", "own_password": PASSWORD}
    wrong = browser.post("/programs/token", {**fields, "own_password": "no"}, page=page)
    assert wrong.status_code == 302
    shown = browser.post("/programs/token", fields, page=page).text
    text = shown[shown.index(PREFIX + "") :]
    token = next(
        word for word in shown.replace("<", " ").replace(">", " ").split() if len(word) == 71
    )
    assert text and Program(full, token).get("/queues").status_code == 200
    assert token not in browser.get(page).text, "shown once"
    revoke = {"name": "crm", "own_password": PASSWORD}
    browser.post("/programs/revoke", revoke, page=page)
    assert Program(full, token).get("/queues").status_code == 401
    assert full.logged_in("wangfang").get(page).status_code == 403
    store = SettingsStore(full.places.settings)
    acts = {line.what: line.by for line in store.audit.latest()}
    store.close()
    assert acts["token_added"] == acts["token_revoked"] == OWNER


def test_hundred_tokens_are_enough(full: Stage) -> None:
    store = full.settings()
    for number in range(100):
        has_token(full, name=f"t{number}", text=f"linghe_{number}", made=Utc(number))
    with pytest.raises(Exception, match="Revoke one first"):
        has_token(full, name="t100", text="linghe_100")
    store.close()
