"""Stories of the page "People": who may log in, and that a browser left open is not enough."""

import pytest
from web_stage import AGENT, OWNER, PASSWORD, Stage

from appliance.store.audit import AuditLine
from appliance.vocabulary.ids import Utc

NEW = {"name": "liqiang", "who": "agent:1002", "password": PASSWORD, "again": PASSWORD}


def test_owner_adds_an_agents_login_which_then_works(full: Stage) -> None:
    browser = full.logged_in()
    browser.post("/people/add", {**NEW, "own_password": PASSWORD}, page="/people/")
    assert full.browser().logs_in("liqiang").location == "/live/"
    assert "liqiang" in browser.get("/people/").text
    assert "user_added" in full.acts()


def test_adding_people_wants_the_owners_own_password(full: Stage) -> None:
    browser = full.logged_in()
    browser.post("/people/add", {**NEW, "own_password": "wrong"}, page="/people/")
    assert full.browser().logs_in("liqiang").status_code == 401
    assert "password_wrong" in full.acts()


@pytest.mark.parametrize(
    "other",
    [
        {"name": ""},
        {"name": "a<b>"},
        {"name": "x" * 41},
        {"name": AGENT},
        {"who": "agent:9999"},
        {"who": "root"},
        {"again": "different one"},
    ],
)
def test_bad_new_logins_are_refused(full: Stage, other: dict[str, str]) -> None:
    browser = full.logged_in()
    browser.post("/people/add", {**NEW, "own_password": PASSWORD, **other}, page="/people/")
    assert len(_names(full)) == 2
    assert "alert-danger" in browser.get("/people/").text


def test_removed_user_is_out_at_once(full: Stage) -> None:
    agent, owner = full.logged_in(AGENT), full.logged_in()
    assert agent.get("/live/").status_code == 200
    owner.post("/people/remove", {"name": AGENT, "own_password": PASSWORD}, page="/people/")
    assert agent.get("/live/").status_code == 302
    assert _names(full) == [OWNER]


def test_last_owner_cannot_remove_himself(full: Stage) -> None:
    browser = full.logged_in()
    browser.post("/people/remove", {"name": OWNER, "own_password": PASSWORD}, page="/people/")
    assert OWNER in _names(full)


def test_given_password_works_and_ends_the_old_logins(full: Stage) -> None:
    agent, owner = full.logged_in(AGENT), full.logged_in()
    new = "a quite different sentence"
    owner.post(
        "/people/password",
        {"name": AGENT, "password": new, "again": new, "own_password": PASSWORD},
        page="/people/",
    )
    assert agent.get("/live/").status_code == 302
    assert full.browser().logs_in(AGENT, new).status_code == 302


@pytest.mark.parametrize("what", ["stick_awaited", "stick_adopted", "code_renewed"])
def test_what_was_done_at_the_box_itself_is_said_in_words(full: Stage, what: str) -> None:
    store = full.settings()
    store.audit.note(AuditLine(at=Utc(1.0), by="console", what=what))
    store.close()
    page = full.logged_in().get("/people/").text
    assert "console" in page and what not in page


def _names(stage: Stage) -> list[str]:
    store = stage.settings()
    names = [user.name for user in store.people.users()]
    store.close()
    return names
