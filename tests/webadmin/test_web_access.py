"""Stories of who gets in: the claim, the login, its cookie, the roles, and everybody else."""

import re
import sqlite3
import time

import pytest
import shop_day
from web_stage import AGENT, CODE, HERE, OWNER, PASSWORD, Browser, Stage

from appliance.store.audit import Audit, AuditLine
from appliance.store.people import Role
from appliance.vocabulary.claims import claim_code
from appliance.vocabulary.errors import EquipmentError
from webadmin import create_app, passwords
from webadmin.access import OPEN_DOORS
from webadmin.doors.language import own_path
from webadmin.pages import PAGES
from webadmin.passwords import hash_of
from webadmin.tries import Tries

CLAIM = {"code": CODE, "name": "王芳", "password": PASSWORD, "again": PASSWORD}


def _claims(stage: Stage, **other: str):
    return stage.browser().post("/claim", {**CLAIM, **other}, page="/claim")


# --- the claim --------------------------------------------------------------------------------
@pytest.mark.parametrize("address", ["/", "/login", "/today/", "/calls/", "/people/", "/nowhere"])
def test_until_somebody_owns_the_box_every_page_leads_to_the_claim(
    stage: Stage, address: str
) -> None:
    stage.offers_claim()
    answer = stage.browser().get(address)
    assert (answer.status_code, answer.location) == (302, "/claim")


def test_who_has_the_code_becomes_owner_and_is_logged_in(stage: Stage) -> None:
    stage.offers_claim()
    browser = stage.browser()
    answer = browser.post("/claim", CLAIM, page="/claim")
    assert (answer.status_code, answer.location) == (302, "/today/")
    assert browser.get("/today/").status_code == 200
    store = stage.settings()
    owner = store.people.user("王芳")
    assert owner is not None and owner.role is Role.OWNER
    assert owner.password_hash.startswith("$argon2id$")
    assert store.claim.code_hash() is None
    store.close()
    assert "claimed" in stage.acts()


def test_code_may_be_typed_as_people_type(stage: Stage) -> None:
    stage.offers_claim()
    assert _claims(stage, code=CODE.lower().replace("-", " ")).status_code == 302


def test_claim_is_closed_once_the_box_is_owned(stage: Stage) -> None:
    stage.offers_claim()
    stage.has_people()
    browser = stage.browser()
    assert browser.get("/claim").location == "/login"
    token = browser.token("/login")
    answer = browser.post("/claim", {**CLAIM, "name": "thief"}, token=token)
    assert answer.location == "/login"
    store = stage.settings()
    assert store.people.user("thief") is None
    store.close()


def test_wrong_codes_are_told_so_five_times_and_then_made_to_wait(stage: Stage) -> None:
    stage.offers_claim()
    wrong = [claim_code(bytes([n] * 10)) for n in range(1, 8)]
    codes = [_claims(stage, code=code).status_code for code in wrong]
    assert codes == [400] * 5 + [429] * 2
    assert _claims(stage).status_code == 429, "the right code has to wait as well"
    assert "claim_failed" in stage.acts()


@pytest.mark.parametrize(
    ("password", "again"),
    [
        ("short", "short"),
        ("123456789", "123456789"),
        ("1234567890", "1234567890"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa"),
        ("Password123", "Password123"),
        ("a good long one", "another long one"),
        ("x" * 257, "x" * 257),
    ],
)
def test_bad_passwords_are_refused_and_the_code_stays_good(
    stage: Stage, password: str, again: str
) -> None:
    stage.offers_claim()
    assert _claims(stage, password=password, again=again).status_code == 400
    assert _claims(stage).status_code == 302


def test_password_must_not_contain_the_name(stage: Stage) -> None:
    stage.offers_claim()
    answer = _claims(stage, name="wangfang", password="my wangfang 8", again="my wangfang 8")
    assert answer.status_code == 400


# --- login ------------------------------------------------------------------------------------
def test_owner_begins_at_today_and_agent_at_live(full: Stage) -> None:
    assert full.browser().logs_in(OWNER).location == "/today/"
    assert full.browser().logs_in(AGENT).location == "/live/"
    assert full.logged_in(AGENT).get("/").location == "/live/"


def test_after_the_login_the_page_that_was_wanted_is_shown(full: Stage) -> None:
    browser = full.browser()
    asked = browser.get("/calls/?day=2025-11-20")
    assert asked.status_code == 302
    assert asked.location.startswith("/login?next=/calls/")
    assert browser.logs_in(OWNER, next="/calls/?day=2025-11-20").location.startswith("/calls/?day")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\nhttps://x",
        "",
        "/ x",
    ],
)
def test_login_never_leads_elsewhere(wanted: str) -> None:
    assert own_path(wanted) == "/"


def test_unknown_name_and_wrong_password_get_the_same_answer(full: Stage) -> None:
    def told(name: str) -> str:
        answer = full.browser().logs_in(name, "not the password")
        assert answer.status_code == 401
        return re.sub(r'value="[^"]*"', "", answer.text)

    assert told(OWNER) == told("nobody-here")
    assert full.acts()[:2] == ["login_failed", "login_failed"]


def test_unknown_name_costs_the_same_work_as_a_wrong_password(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One argon2 check each: counted, because time on a shared machine tells nothing."""
    stage.has_people(hash_of(PASSWORD))
    checked: list[str] = []
    real = passwords._hasher

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            checked.append(kept)
            return real.verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for name in (OWNER, "nobody"):
        stage.browser().logs_in(name, "not the password")
    assert len(checked) == 2
    assert len({kept.rsplit("$", 2)[0] for kept in checked}) == 1  # the same cost parameters


def test_sixth_try_of_a_minute_is_locked_even_with_the_right_password(full: Stage) -> None:
    browser = full.browser()
    assert [browser.logs_in(OWNER, "wrong").status_code for _ in range(5)] == [401] * 5
    assert browser.logs_in(OWNER).status_code == 429
    assert full.browser().logs_in(AGENT).status_code == 302, "another name is not locked"
    assert "login_locked" in full.acts()


def test_lock_opens_after_a_minute_and_holds_for_the_address_alone_too() -> None:
    now = [100.0]
    tries = Tries(lambda: now[0])
    for _ in range(5):
        assert tries.take("10.0.0.1", "owner") == 0
    assert tries.take("10.0.0.1", "OWNER") == pytest.approx(60.0)
    assert tries.take("10.0.0.2", "owner") == 0, "the owner himself is not locked out"
    now[0] += 60.1
    assert tries.take("10.0.0.1", "owner") == 0
    for number in range(40):
        tries.take("10.0.0.3", f"name-{number}")
    assert tries.take("10.0.0.3", "yet another") > 0


def test_locked_strangers_do_not_fill_the_audit_log(full: Stage) -> None:
    browser = full.browser()
    token = browser.token()
    for _ in range(100):
        browser.post("/login", {"name": "x" * 100, "password": "y"}, token=token)
    assert full.acts().count("login_locked") == 1
    assert len(full.acts()) == 6, "five tries were looked at, and that there were more"


def test_lock_is_told_again_after_a_minute_and_of_each_address() -> None:
    now = [0.0]
    tries = Tries(lambda: now[0])
    assert tries.is_news("10.0.0.1") and not tries.is_news("10.0.0.1")
    assert tries.is_news("10.0.0.2")
    now[0] += 60.0
    assert tries.is_news("10.0.0.1")
    for number in range(10_000):
        tries.is_news(f"10.1.{number >> 8}.{number & 255}")
    assert len(tries._locked) <= 4096


def test_flood_of_names_does_not_fill_the_memory() -> None:
    tries = Tries(lambda: 0.0)
    for number in range(10_000):
        tries.take(f"10.0.{number >> 8}.{number & 255}", "x")
    assert len(tries._made) <= 4096


def test_login_has_a_cookie_of_its_own_that_scripts_and_strangers_do_not_get(full: Stage) -> None:
    browser = full.browser()
    before = browser.get("/login").headers["Set-Cookie"].split(";")[0]
    set_cookie = browser.logs_in(OWNER).headers["Set-Cookie"]
    assert set_cookie.split(";")[0] != before
    assert set_cookie.startswith("linghe=")
    assert "HttpOnly" in set_cookie and "SameSite=Strict" in set_cookie and "Path=/" in set_cookie


def test_over_https_the_cookie_is_bound_to_the_host(full: Stage) -> None:
    answer = full.app.test_client().get("/login", base_url="https://box.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-linghe=")
    assert "Secure" in cookie and "Domain" not in cookie and "Path=/" in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_token_from_before_the_login_is_void_after_it(full: Stage) -> None:
    browser = full.browser()
    old = browser.token()
    browser.logs_in(OWNER)
    assert browser.post("/logout", {}, token=old).status_code == 400
    assert browser.get("/today/").status_code == 200


def test_copied_cookie_is_worth_nothing_after_the_logout(full: Stage) -> None:
    browser = full.logged_in()
    copied = browser.client.get_cookie("linghe").value
    assert browser.post("/logout", {}, page="/account/").location == "/login"
    thief = full.browser()
    thief.client.set_cookie("linghe", copied)
    assert thief.get("/today/").status_code == 302
    assert "logout" in full.acts()
    restarted = Browser(create_app(full.places))
    restarted.client.set_cookie("linghe", copied)
    assert restarted.get("/today/").status_code == 302, "a new web server knows it as well"


def test_copied_cookie_stays_void_however_much_is_audited_after_the_logout(full: Stage) -> None:
    browser = full.logged_in()
    copied = browser.client.get_cookie("linghe").value
    browser.post("/logout", {}, page="/account/")
    with sqlite3.connect(full.places.settings) as connection:
        connection.executemany(
            "INSERT INTO audit (at, by, what, detail, place)"
            " VALUES (?, '', 'login_failed', '', '')",
            [(time.time(),)] * 10_001,
        )
    connection.close()
    restarted = Browser(create_app(full.places))
    restarted.client.set_cookie("linghe", copied)
    assert restarted.get("/today/").status_code == 302


def test_who_cannot_be_audited_on_a_full_disk_logs_in_and_out_and_changes_nothing(
    full: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_audit: Audit, _line: AuditLine) -> None:
        raise EquipmentError("database or disk is full")

    monkeypatch.setattr(Audit, "note", refuse)
    browser = full.browser()
    assert browser.logs_in(OWNER, "wrong").status_code == 401
    assert browser.logs_in(OWNER).status_code == 302
    assert browser.get(f"/calls/recordings/{shop_day.RECORDING}").status_code == 200
    assert "recording_heard by owner is not in the audit log" in caplog.text
    for address in (f"/calls/recordings/{shop_day.RECORDING}/file", "/today/day.csv"):
        assert browser.get(address).status_code == 503, "nothing is taken away untold"
    copied = browser.client.get_cookie("linghe").value
    assert browser.post("/logout", {}, page="/account/").status_code == 302
    browser.client.set_cookie("linghe", copied)
    assert browser.get("/today/").status_code == 302


def test_login_outlives_the_web_server(full: Stage) -> None:
    cookie = full.logged_in().client.get_cookie("linghe").value
    restarted = Browser(create_app(full.places))
    restarted.client.set_cookie("linghe", cookie)
    assert restarted.get("/today/").status_code == 200


def test_login_is_over_after_twelve_hours(full: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = full.logged_in()
    now = time.time()
    monkeypatch.setattr("webadmin.access.time.time", lambda: now + 12 * 3600 - 5)
    assert browser.get("/today/").status_code == 200
    monkeypatch.setattr("webadmin.access.time.time", lambda: now + 12 * 3600 + 5)
    assert browser.get("/today/").status_code == 302


def test_new_password_ends_the_other_logins(full: Stage) -> None:
    here, elsewhere = full.logged_in(), full.logged_in()
    new = "another pine in the snow"
    answer = here.post(
        "/account/",
        {"own_password": PASSWORD, "password": new, "again": new},
        page="/account/",
    )
    assert answer.status_code == 302
    assert here.get("/today/").status_code == 200
    assert elsewhere.get("/today/").status_code == 302
    assert full.browser().logs_in(OWNER).status_code == 401
    assert full.browser().logs_in(OWNER, new).status_code == 302
    assert "password_changed" in full.acts()


# --- everybody else ---------------------------------------------------------------------------
def _addresses(stage: Stage) -> list[tuple[str, str, str]]:
    """Every method of every route there is, with some value for its parts."""
    found = []
    for rule in stage.app.url_map.iter_rules():
        address = re.sub(r"<[^>]+>", "long-1", rule.rule)
        found += [(method, address, rule.endpoint) for method in sorted(rule.methods or ())]
    return found


def test_every_route_without_a_login_answers_302_or_401(full: Stage) -> None:
    addresses = _addresses(full)
    assert len(addresses) > 40
    for method, address, endpoint in addresses:
        is_open = endpoint.endswith("static") or endpoint.split(".")[0] in OPEN_DOORS
        if is_open:
            continue
        for accept in ("text/html", "*/*", "application/json", "text/event-stream"):
            answer = full.app.test_client().open(
                address, method=method, headers={"Accept": accept, "Origin": HERE}
            )
            assert answer.status_code in (302, 401), (method, address, accept)
            if answer.status_code == 302:
                assert answer.location.startswith("/login")


def test_addresses_that_are_not_there_say_nothing_to_strangers(full: Stage) -> None:
    answer = full.browser().get("/admin.php")
    assert (answer.status_code, answer.location) == (302, "/login?next=/admin.php")


def test_agent_reaches_live_calls_and_his_login_only(full: Stage) -> None:
    browser = full.logged_in(AGENT)
    allowed = {page.name for page in PAGES if Role.AGENT in page.roles}
    assert allowed == {"live", "calls", "messages", "help", "account"}
    for page in PAGES:
        wanted = 200 if page.name in allowed else 403
        assert browser.get(f"/{page.name}/").status_code == wanted, page.name
    for address in ("/today/day.csv", "/today/day.json"):
        assert browser.get(address).status_code == 403
    fields = {"name": "x", "who": "owner", "password": PASSWORD, "again": PASSWORD}
    answer = browser.post("/people/add", {**fields, "own_password": PASSWORD}, page="/account/")
    assert answer.status_code == 403


def test_change_from_elsewhere_is_refused(full: Stage) -> None:
    browser = full.logged_in()
    for origin in ("https://evil.example", "null", "http://localhost:81", None):
        assert browser.post("/logout", {}, page="/account/", origin=origin).status_code == 403
    assert browser.post("/logout", {}, page="/account/", token="forged").status_code == 400
    assert browser.get("/today/").status_code == 200, "still logged in"


def test_no_get_changes_anything(full: Stage) -> None:
    browser = full.logged_in()
    before = full.settings()
    users, version = before.people.users(), before.current().version
    before.close()
    for method, address, _ in _addresses(full):
        if method == "GET" and address != "/live/stream":
            browser.get(address).close()
    assert browser.get("/logout").status_code == 405
    after = full.settings()
    assert (after.people.users(), after.current().version) == (users, version)
    after.close()
    assert browser.get("/today/").status_code == 200


def test_every_answer_forbids_foreign_and_inline_scripts(full: Stage) -> None:
    browser = full.logged_in()
    for address in ("/login", "/today/", "/calls/", "/live/", "/nowhere", "/health"):
        headers = browser.get(address).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"


def test_a_script_of_before_an_update_is_never_used_after_it(full: Stage) -> None:
    browser = full.logged_in()
    first = browser.get("/static/once.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again = browser.get("/static/once.js", **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_no_page_has_inline_script_or_style_or_a_foreign_address(full: Stage) -> None:
    browser = full.logged_in()
    pages = ["/today/?day=2025-11-20", "/calls/?day=2025-11-20", "/calls/long-1", "/live/"]
    for address in (*pages, "/people/", "/account/"):
        text = browser.get(address).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"", text), address
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)


def test_health_says_ok_and_nothing_else(stage: Stage) -> None:
    answer = stage.browser().get("/health")
    assert answer.get_json() == {"ok": True}


def test_too_long_a_form_is_refused(full: Stage) -> None:
    browser = full.browser()
    answer = browser.post("/login", {"name": "x" * 100_000, "password": "y"})
    assert answer.status_code == 413
