"""Every form of the pages, sent as nobody should: twice, too late, from two tabs, full of rubbish.

The forms are found in the app itself, so that a new one is asked the same. "Kill" and "full disk"
are played where they would strike: the line of the audit log that cannot be written.
"""

import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from web_stage import CODE, OWNER, PASSWORD, Browser, Stage

from appliance.store.audit import Audit
from appliance.store.people import User
from appliance.store.places import Paths
from appliance.vocabulary.errors import EquipmentError
from appliance.vocabulary.tokens import token_digest
from webadmin import create_app
from webadmin.pages.programs.shown import MOST, SHOWN_FOR_S, ShownTokens

NEW = "another pine in the snow"
RUBBISH = {
    "nothing": "",
    "NUL": "a\0b",
    "line ends": "a\r\nSet-Cookie: x=1\r\n\r\n<html>",
    "markup": "\"'><script>alert(1)</script><img src=x onerror=alert(2)>",
    "template": "{{ 7*7 }}{% raw %}%(name)s%s{0}",
    "SQL": "' OR 1=1; DROP TABLE users; --",
    "path": "../../../../etc/passwd",
    "emoji": "😀👩\u200d👧" * 20,
    "right to left": "\u202eenwo\u202c",
    "200 characters of Chinese": "王" * 200,
    "formula": "=1+2",
    "long": "x" * 20_000,
    "backslashes": "\\" * 50,
    "escape sequence": "\x1b[2J\x9b",
}


def forms_of(app) -> list[str]:
    """Return the address of every form: what takes POST and is not the API's."""
    rules = app.url_map.iter_rules()
    found = {one.rule for one in rules if "POST" in (one.methods or ()) and "/api/" not in one.rule}
    # a name of any form stands for itself; one of a few words is the first of them
    return sorted(re.sub(r"<any\((\w+)[^>]*>", r"\1", one) for one in found)


FIELDS = ("name", "who", "password", "again", "own_password", "code", "language", "next", "scope",
          "webhook", "form", "upload", "agent", "replaces")  # fmt: skip


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return forms_of(create_app(Paths(tmp_path_factory.mktemp("empty"))))


def kept(stage: Stage) -> tuple[object, ...]:
    """What people may change by forms."""
    store = stage.settings()
    try:
        return store.people.users(), store.tokens.all(), store.webhook_wishes.after(0)
    finally:
        store.close()


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish_in_every_field_of_every_form_is_refused_and_breaks_nothing(
    what: str, full: Stage, addresses: list[str]
) -> None:
    browser = full.logged_in()
    token = browser.token("/account/")
    before = kept(full)
    for address in addresses:
        if address == "/logout":
            continue
        fields = dict.fromkeys(FIELDS, RUBBISH[what])
        for _ in range(2):
            answer = browser.post(address, fields, token=token)
            assert answer.status_code < 500, (address, answer.text)
            assert "<script>alert(1)" not in answer.text
            assert "x=1" not in answer.headers.get("Set-Cookie", "")
    assert kept(full) == before
    assert browser.get("/people/").status_code == 200, "and what was noted of it can be shown"


def test_bytes_that_are_no_text_and_thousands_of_fields_break_nothing(
    full: Stage, addresses: list[str]
) -> None:
    browser = full.logged_in()
    head = f"csrf_token={browser.token('/account/')}&".encode()
    bodies = (
        head + b"name=%ff%fe%c0%af&own_password=%ff",
        head + b"&".join(b"name=%d" % number for number in range(2000)),
        head + b"\xff\xfe\x00=\x00",
        head + b"=&&&==&%",
        b"x" * 100_000,
    )
    for address in addresses:
        if address == "/logout":
            continue
        for body in bodies:
            for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                         "multipart/form-data", "application/json", "\u00e9"):  # fmt: skip
                answer = browser.client.post(
                    address, data=body, content_type=kind, headers={"Origin": "http://localhost"}
                )
                assert answer.status_code < 500, (address, kind, body[:40])


def test_no_form_is_taken_without_its_token_or_with_one_of_before_the_login(
    full: Stage, addresses: list[str]
) -> None:
    before = full.browser()
    stale = before.token("/login")
    assert before.logs_in(OWNER).status_code == 302
    kept_before = kept(full)
    for address in addresses:
        for token in ("", "x", stale):
            answer = before.post(address, {"own_password": PASSWORD, "name": "x"}, token=token)
            assert answer.status_code == 400, (address, answer.status_code)
        answer = before.post(
            address, {"name": "x"}, token=before.token("/account/"), origin="http://evil"
        )
        assert answer.status_code == 403, address
    assert kept(full) == kept_before
    assert before.get("/today/").status_code == 200, "not even the logout"


# --- twice --------------------------------------------------------------------------------------
PERSON = {
    "name": "lili",
    "who": "agent:1001",
    "password": NEW,
    "again": NEW,
    "own_password": PASSWORD,
}
TOKEN = {"name": "crm", "scope": "calls:read", "own_password": PASSWORD}


def token_in(page: str) -> str:
    (found,) = set(re.findall(r"linghe_[A-Za-z0-9_-]{40,}", page))
    return str(found)


def form_number(browser: Browser) -> str:
    found = re.search(r'name="form" value="([0-9a-f]+)"', browser.get("/programs/").text)
    assert found is not None
    return found[1]


def test_a_token_form_sent_twice_makes_one_token_and_shows_it_both_times(full: Stage) -> None:
    """A browser shows the answer to the second click: the token must stand in that one too."""
    browser = full.logged_in()
    fields = {**TOKEN, "form": form_number(browser)}
    first = browser.post("/programs/token", fields, page="/programs/")
    second = browser.post("/programs/token", fields, page="/programs/")
    text = token_in(first.text)
    assert token_in(second.text) == text
    store = full.settings()
    assert [one.digest for one in store.tokens.all()] == [token_digest(text)]
    store.close()
    assert full.acts().count("token_added") == 1
    assert text not in browser.get("/programs/").text


def test_a_token_of_another_form_login_or_time_is_not_shown_again(full: Stage) -> None:
    browser, other = full.logged_in(), full.logged_in()
    fields = {**TOKEN, "form": form_number(browser)}
    text = token_in(browser.post("/programs/token", fields, page="/programs/").text)
    fresh = {**TOKEN, "form": form_number(browser)}
    for who, what in ((browser, fresh), (other, fields), (browser, {**TOKEN, "form": ""})):
        answer = who.post("/programs/token", what, page="/programs/")
        assert answer.status_code == 302 and text not in who.get("/programs/").text
    browser.post("/programs/revoke", {"name": "crm", "own_password": PASSWORD}, page="/programs/")
    other.post("/programs/token", fresh, page="/programs/")
    again = browser.post("/programs/token", fields, page="/programs/")
    assert text not in again.text, "it opens nothing any more"


def test_what_was_shown_is_forgotten_after_a_minute_and_few_are_remembered() -> None:
    now = [100.0]
    shown = ShownTokens(lambda: now[0])
    for number in range(3 * MOST):
        shown.keep(("login", f"form{number}"), f"text{number}")
    last = ("login", f"form{3 * MOST - 1}")
    assert shown.again(("login", "form0")) == "" and shown.again(last)
    assert len(shown._made) == MOST
    shown.keep(("login", ""), "text")
    assert shown.again(("login", "")) == "", "a form without a number is no form of ours"
    now[0] += SHOWN_FOR_S
    assert shown.again(last) == ""


TWICE = {
    "/people/add": (PERSON, "user_added"),
    "/people/remove": ({"name": "wangfang", "own_password": PASSWORD}, "user_removed"),
    "/programs/revoke": ({"name": "old", "own_password": PASSWORD}, "token_revoked"),
}


@pytest.mark.parametrize("address", TWICE)
def test_a_form_sent_twice_is_carried_out_once(address: str, full: Stage) -> None:
    browser = full.logged_in()
    form = form_number(browser)
    browser.post("/programs/token", {**TOKEN, "name": "old", "form": form}, page="/programs/")
    fields, act = TWICE[address]
    token = browser.token("/account/")
    answers = [browser.post(address, fields, token=token) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    assert full.acts().count(act) == 1


def at_once(stage: Stage, work: list[Callable[[Browser], object]]) -> None:
    """Two tabs of one owner, sent at the same moment."""
    tabs = [stage.logged_in() for _ in work]
    gate = Barrier(len(work))

    def go(number: int) -> None:
        gate.wait(30)
        work[number](tabs[number])

    with ThreadPoolExecutor(len(work)) as threads:
        list(threads.map(go, range(len(work))))


def test_two_tabs_that_add_the_same_name_make_one_user_who_is_told_to_one(full: Stage) -> None:
    def adds(who: str) -> Callable[[Browser], object]:
        return lambda browser: browser.post("/people/add", {**PERSON, "who": who}, page="/people/")

    at_once(full, [adds("owner"), adds("agent:1001")])
    assert full.acts().count("user_added") == 1
    store = full.settings()
    added = next(one for one in store.people.users() if one.name == "lili")
    line = next(one for one in store.audit.latest() if one.what == "user_added")
    store.close()
    assert f"({added.role}" in line.detail, "what stands in the audit log is what there is"


def test_a_removed_user_does_not_come_back_by_his_open_password_form(full: Stage) -> None:
    """He sends his form; while his new password is being digested, the owner removes him."""
    store = full.settings()
    before = store.people.user("wangfang")
    assert before is not None
    changed = User(
        name=before.name, role=before.role, password_hash="x", agent=before.agent, login_stamp="new"
    )
    store.people.remove("wangfang")
    assert not store.people.change(changed, stamp=before.login_stamp)
    assert store.people.user("wangfang") is None
    store.people.put(changed)
    assert not store.people.change(before, stamp=before.login_stamp), "nor an older password"
    store.close()


def test_two_claims_with_the_same_code_make_one_owner(stage: Stage) -> None:
    stage.offers_claim()
    tabs = [stage.browser() for _ in range(2)]
    tokens = [one.token("/claim") for one in tabs]
    gate = Barrier(2)

    def claims(number: int) -> int:
        fields = {"code": CODE, "name": f"owner{number}", "password": NEW, "again": NEW}
        gate.wait(30)
        return tabs[number].post("/claim", fields, token=tokens[number]).status_code

    with ThreadPoolExecutor(2) as threads:
        assert set(threads.map(claims, range(2))) == {302}
    store = stage.settings()
    assert len(store.people.users()) == 1
    store.close()
    assert stage.acts().count("claimed") == 1
    again = tabs[0].post("/claim", {"code": CODE, "name": "third"}, token=tokens[0])
    assert again.status_code in (302, 400) and stage.acts().count("claimed") == 1


def test_a_claim_sent_twice_by_a_double_click_leads_to_the_login_and_not_to_an_error(
    stage: Stage,
) -> None:
    stage.offers_claim()
    browser = stage.browser()
    fields = {"code": CODE, "name": OWNER, "password": NEW, "again": NEW}
    token = browser.token("/claim")
    assert browser.post("/claim", fields, token=token).status_code == 302
    second = browser.post("/claim", fields, page="/account/")
    assert second.status_code == 302 and second.location == "/login"
    assert browser.get("/login").status_code == 302, "who is logged in already goes on"
    assert browser.get("/claim").location == "/login", "the back button"


# --- a disk that is full, a process that is killed -----------------------------------------------
CHANGES = {
    "/people/add": PERSON,
    "/people/password": {**PERSON, "name": "wangfang"},
    "/people/remove": {"name": "wangfang", "own_password": PASSWORD},
    "/programs/token": TOKEN,
    "/programs/revoke": {"name": "old", "own_password": PASSWORD},
    "/account/": {"password": NEW, "again": NEW, "own_password": PASSWORD},
}  # fmt: skip


@pytest.mark.parametrize("address", CHANGES)
def test_what_cannot_be_audited_is_not_changed(
    address: str, full: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, or the process is killed, between the change and its line of the log."""
    browser = full.logged_in()
    form = form_number(browser)
    browser.post("/programs/token", {**TOKEN, "name": "old", "form": form}, page="/programs/")
    before = kept(full)

    def refuse(*_: object) -> None:
        raise EquipmentError("database or disk is full")

    token = browser.token("/account/")
    with monkeypatch.context() as patched:
        patched.setattr(Audit, "note", refuse)
        answer = browser.post(address, CHANGES[address], token=token)
    assert answer.status_code == 503 and "box's files" in answer.text
    assert kept(full) == before
    assert browser.get("/today/").status_code == 200, "the login goes on"
    assert browser.post(address, CHANGES[address], token=token).status_code < 400


def test_a_claim_that_cannot_be_audited_is_none_and_its_code_stays_good(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.offers_claim()
    browser = stage.browser()
    fields = {"code": CODE, "name": OWNER, "password": NEW, "again": NEW}

    def refuse(*_: object) -> None:
        raise EquipmentError("database or disk is full")

    token = browser.token("/claim")
    with monkeypatch.context() as patched:
        patched.setattr(Audit, "note", refuse)
        assert browser.post("/claim", fields, token=token).status_code == 503
    assert kept(stage)[0] == []
    assert browser.post("/claim", fields, token=token).status_code == 302


def test_a_broken_file_is_told_as_such_and_not_as_a_fault_of_the_pages(
    full: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's own errors while reading: an image of the disk that is cut off, a bad block."""
    browser = full.logged_in()

    def broken(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr("appliance.store.settings._latest", broken)
    answer = browser.get("/people/")
    assert answer.status_code == 503 and "box's files" in answer.text
