"""The page "Site file": taken home, checked, applied all or nothing, each click once."""

import html
import io
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from control_socket import ControlSocket
from shop_day import SITE, shop_live
from waiting import wait_until
from web_stage import AGENT, HERE, Browser, Stage

from appliance.store.site_file import write_site
from appliance.vocabulary.errors import EquipmentError, RefusedError
from appliance.vocabulary.ids import ExtensionNumber, Utc
from appliance.vocabulary.linghe_json import Applied
from appliance.vocabulary.settings import Agent, Extension, Site
from appliance.wire.control import Refused
from webadmin.command import Heard, linghe_said
from webadmin.pages.site import verb, views
from webadmin.pages.site.applying import (
    KEPT_FOR_S,
    MOST,
    UNSEEN_FOR_S,
    Applying,
    Applyings,
    Form,
    Work,
)

PHONES = tuple(
    Extension(number=ExtensionNumber(number), ha1_md5="0" * 32, ha1_sha256="0" * 64)
    for number in ("8001", "8002")
)
SHOP = Site(site=SITE.site, extension=PHONES)
NEW_PHONE = '\n[[extension]]\nnumber = "8003"\nname = "Till"\n'
SECRET = re.compile(r'<code class="secret">([^<]+)</code>')


@pytest.fixture
def owner(stage: Stage) -> Browser:
    stage.has_people()
    stage.has_site(SHOP)
    stage.has_numbers_spoken("1001", "1002", "1009")
    return stage.logged_in(language="en")


def hidden(page: str, address: str) -> dict[str, str]:
    """What a form of the page sends besides its text."""
    form = page[page.index(f'action="{address}"') :].partition("</form>")[0]
    return dict(re.findall(r'name="(version|checked|form)" value="([^"]*)"', form))


def field(page: str) -> str:
    found = re.search(
        r'<textarea class="form-control site-text"[^>]*>\n(.*?)</textarea>', page, re.S
    )
    assert found is not None
    return html.unescape(found[1])


def checked(browser: Browser, text: str, **more: str) -> str:
    sent = {**hidden(browser.get("/site/").text, "/site/check"), "text": text, **more}
    answer = browser.post("/site/check", sent, page="/site/")
    assert answer.status_code == 200
    return answer.text


def applied(browser: Browser, text: str, page: str | None = None) -> str:
    """Check a text, then apply it as the page of the check says."""
    sent = hidden(page or checked(browser, text), "/site/apply") | {"text": text}
    answer = browser.post("/site/apply", sent, page="/site/")
    assert answer.status_code == 200
    return answer.text


# --- looking and taking home ----------------------------------------------------------------------
def test_the_file_that_is_handed_out_is_that_of_linghe_export_and_the_audit_log_says_so(
    owner: Browser, stage: Stage
) -> None:
    answer = owner.get("/site/site.toml")
    assert answer.text == write_site(stage.site())
    assert answer.headers["Content-Disposition"] == 'attachment; filename="site.toml"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert stage.acts()[0] == "site_exported"


def test_what_stands_in_the_field_would_change_nothing(owner: Browser, stage: Stage) -> None:
    before = stage.site()
    page = checked(owner, field(owner.get("/site/").text))
    assert "it would change nothing" in page and 'action="/site/apply"' not in page
    assert stage.site() == before


# --- checking -------------------------------------------------------------------------------------
def test_every_fault_is_told_with_line_key_and_what_is_expected(
    owner: Browser, stage: Stage
) -> None:
    text = (
        write_site(SHOP)
        + '\n[[extension]]\nnumber = "12x"\n\n[[queue]]\nid = "q"\nring_seconds = 1\n'
    )
    line = text.split("\n").index('number = "12x"') + 1
    page = checked(owner, text)
    assert "Nothing was changed: something is wrong in it." in page
    assert f'<td data-label="Line">{line}</td>' in page and "number</code>" in page
    assert "expected" in page and "ring_seconds" in page
    assert "number = &#34;12x&#34;" in page, "the line itself stands beside it"
    assert 'action="/site/apply"' not in page and field(page) == text
    assert stage.site().version == 1 and "site_applied" not in stage.acts()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("this is = = no TOML", "this is not TOML"),
        ("", "There is nothing in it"),
        ("a = " + "[" * 5000, "this is not TOML"),
        ("[site]\nname = 7\n", "site.name"),
        ('[[extension]]\nnumber = "<script>alert(1)</script>"\n', "&lt;script&gt;alert(1)"),
        ('"</textarea><script>alert(1)</script>" = 1\n', "&lt;/textarea&gt;"),
    ],
)
def test_what_is_no_site_is_told_and_stays_in_the_field(
    owner: Browser, stage: Stage, text: str, said: str
) -> None:
    page = checked(owner, text)
    assert said in page and "<script>alert" not in page
    assert field(page) == text and stage.site().version == 1


def test_a_check_says_in_words_what_would_change_and_changes_nothing(
    owner: Browser, stage: Stage
) -> None:
    text = write_site(SHOP).replace('number = "8002"', 'number = "8002"\nname = "<b>Yard</b>"')
    text += NEW_PHONE + '\n[[agent]]\nid = "1001"\nname = "Wang"\n'
    page = checked(owner, text)
    row = page[page.index("<th>Phones</th>") :].partition("</tr>")[0]
    assert "8003" in row and "8002 <small>name</small>" in row
    assert "<th>Agents</th>" in page and "1001" in page
    assert "shows them once: 8003" in page
    assert "<b>Yard" not in page
    assert stage.site().version == 1 and "site_applied" not in stage.acts()
    gone = checked(owner, write_site(Site(site=SHOP.site, extension=PHONES[:1])))
    assert "8002" in gone[gone.index('data-label="Removed"') :].partition("</td>")[0]


def test_a_file_goes_before_the_field_and_may_come_from_windows(
    owner: Browser, stage: Stage
) -> None:
    content = b"\xef\xbb\xbf" + (write_site(SHOP) + NEW_PHONE).replace("\n", "\r\n").encode()
    for name, body, said in (
        ("site.toml", content, "8003"),
        ("site.toml", "[site]\nname = '铃'".encode("gbk"), "no text in UTF-8"),
        ("site.toml", b"#" * (512 * 1024 + 1), "half a megabyte"),
    ):
        answer = owner.client.post(
            "/site/check",
            data={
                "csrf_token": owner.token("/site/"),
                "text": "[site]",
                "version": "1",
                "file": (io.BytesIO(body), name),
            },
            headers={"Accept": "text/html", "Origin": HERE},
        )
        assert answer.status_code == 200 and said in answer.text
    assert owner.post("/site/check", {"text": "#" * 2_000_000}, page="/site/").status_code == 413


# --- applying -------------------------------------------------------------------------------------
def test_what_was_checked_is_applied_and_the_audit_log_has_the_users_name(
    owner: Browser, stage: Stage
) -> None:
    page = applied(owner, write_site(SHOP) + NEW_PHONE)
    assert "Applied: version 2" in page
    (secret,) = SECRET.findall(page)
    assert [one.number for one in stage.site().extension] == ["8001", "8002", "8003"]
    assert field(page) == write_site(stage.site())
    store = stage.settings()
    line = store.audit.latest()[0]
    store.close()
    assert (line.by, line.what) == ("owner", "site_applied") and "1 phone added" in line.detail
    assert secret not in line.detail and secret not in owner.get("/site/").text


def test_a_second_click_is_answered_as_the_first_and_makes_no_other_password(
    owner: Browser, stage: Stage
) -> None:
    text = write_site(SHOP) + NEW_PHONE
    sent = hidden(checked(owner, text), "/site/apply") | {"text": text}
    first = owner.post("/site/apply", sent, page="/site/").text
    second = owner.post("/site/apply", sent, page="/site/").text
    assert SECRET.findall(first) == SECRET.findall(second) and len(SECRET.findall(first)) == 1
    assert stage.site().version == 2


def done(version: int = 2) -> Applied:
    return Applied(
        site_version=version,
        changed=True,
        running=True,
        all_prompts_made=None,
        made_secrets={},
        made_webhook_secrets={},
    )


def test_clicks_at_once_are_carried_out_once() -> None:
    clock, begun = [0.0], []
    known = Applyings(lambda: clock[0])

    def work(heard: Heard) -> Applied:
        begun.append(heard)
        return done(len(begun))

    with ThreadPoolExecutor(8) as threads:
        ones = list(threads.map(lambda _: known.begin(("login", "1"), "text", work), range(8)))
    assert all(one is ones[0] for one in ones)
    assert ones[0].over.wait(10) and ones[0].done == done(1) and len(begun) == 1
    one = known.begin(("other login", "1"), "text", work)
    assert one.over.wait(10) and one.done == done(2)


def test_what_fails_in_a_way_that_nobody_thought_of_is_over_too() -> None:
    def work(_heard: Heard) -> Applied:
        raise ValueError("odd")

    one = Applyings(lambda: 0.0).begin(("a", "1"), "text", work)
    assert one.over.wait(10) and str(one.error) == "linghe apply: odd"


@pytest.mark.parametrize("number", ["", "a/b", "..", "\"'<b>茶\r\n", "0" * 5000])
def test_a_form_with_a_number_that_is_none_is_applied_and_shown_all_the_same(
    owner: Browser, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(views, "AT_ONCE_S", 0.0)
    text = write_site(SHOP) + NEW_PHONE
    sent = hidden(checked(owner, text), "/site/apply") | {"text": text, "form": number}
    answer = owner.post("/site/apply", sent, page="/site/")
    if answer.status_code == 303:
        wait_until(lambda: "Applied: " in owner.get(answer.location).text, "it is done")


def test_a_command_that_takes_too_long_is_told_in_words(owner: Browser, stage: Stage) -> None:
    with stage.app.app_context(), pytest.raises(EquipmentError, match="not through after 0 sec"):
        linghe_said("apply", "--check", "-", said=b"", patience=0.01)


def test_what_came_of_it_is_forgotten_after_its_time_and_what_was_refused_is_tried_again() -> None:
    clock = [0.0]
    known = Applyings(lambda: clock[0])

    def refused(_heard: Heard) -> Applied:
        raise RefusedError("site_changed", "no")

    def begun(form: Form, work: Work = lambda _heard: done()) -> Applying:
        one = known.begin(form, "text", work)
        assert one.over.wait(10)
        return one

    assert begun(("a", "1"), refused).error is not None
    good = begun(("a", "1"))
    assert good.done == done() and known.of(("a", "1")) is good
    clock[0] += KEPT_FOR_S
    assert known.of(("a", "1")) is good, "nobody has seen it yet"
    known.show(good)
    clock[0] += KEPT_FOR_S
    assert known.of(("a", "1")) is None
    unseen = begun(("a", "2"))
    clock[0] += UNSEEN_FOR_S
    assert known.of(("a", "2")) is None and begun(("a", "2")) is not unseen
    for number in range(MOST + 1):
        begun(("b", str(number)))
    assert known.of(("a", "2")) is None, "the oldest go first"


def test_long_work_shows_how_far_it_is_and_then_what_came_of_it(
    owner: Browser, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaks, may_end = Event(), Event()
    real = verb.linghe_said

    def slow(*words: str, heard: Heard | None = None, **more: Any) -> bytes:
        if heard is not None:
            heard("3 left; 1.2 s of speech in 4.0 s: en Hello.\n")
            speaks.set()
            assert may_end.wait(30)
        return real(*words, heard=heard, **more)

    monkeypatch.setattr(verb, "linghe_said", slow)
    monkeypatch.setattr(views, "AT_ONCE_S", 0.0)
    text = write_site(SHOP) + NEW_PHONE
    sent = hidden(checked(owner, text), "/site/apply") | {"text": text}
    answer = owner.post("/site/apply", sent, page="/site/")
    assert answer.status_code == 303 and answer.location == f"/site/applying/{sent['form']}"
    assert speaks.wait(30)
    waiting = owner.get(answer.location).text
    assert "still to be made speech: 3" in waiting and 'data-look-again="3"' in waiting
    assert "<textarea" not in waiting, "nothing to be typed into meanwhile"
    assert owner.post("/site/apply", sent, page="/site/").location == answer.location
    stranger = stage.logged_in(language="en")
    assert "not kept here any longer" in stranger.get(answer.location).text, "another login's"
    may_end.set()
    wait_until(lambda: "Applied: version 2" in owner.get(answer.location).text, "it is done")
    shown = owner.get(answer.location).text
    assert len(SECRET.findall(shown)) == 1 and "data-look-again" not in shown
    assert "not kept here any longer" in owner.get("/site/applying/none").text


def test_nobody_overwrites_what_somebody_else_changed(owner: Browser, stage: Stage) -> None:
    text = write_site(SHOP) + '\n[[agent]]\nid = "1001"\n'
    page = checked(owner, text)
    store = stage.settings()
    theirs = Site(site=SHOP.site, extension=PHONES, agent=(Agent(id="1009"),), version=1)
    store.save(theirs, by="somebody", at=Utc(6.0))
    store.close()
    seen = applied(owner, text, page)
    assert "Somebody changed the settings meanwhile" in seen
    assert [one.id for one in stage.site().agent] == ["1009"]
    row = seen[seen.index("<th>Agents</th>") :].partition("</tr>")[0]
    assert "1001" in row and "1009" in row, "what it would undo is told"
    assert "Applied: version 3" in applied(owner, text, seen)
    assert [one.id for one in stage.site().agent] == ["1001"]


def test_an_old_form_is_told_that_somebody_was_quicker(owner: Browser) -> None:
    applied(owner, write_site(SHOP) + '\n[[agent]]\nid = "1001"\n')
    page = checked(owner, write_site(SHOP), version="1")
    assert "Somebody changed the settings since you opened this page" in page


def test_a_text_that_was_not_checked_is_checked_first(owner: Browser, stage: Stage) -> None:
    text = write_site(SHOP)
    sent = hidden(checked(owner, text + NEW_PHONE), "/site/apply") | {
        "text": text + "\n[[agent]]\nid = '1002'"
    }
    answer = owner.post("/site/apply", sent, page="/site/")
    assert "not what was checked" in answer.text and stage.site().version == 1
    assert "Applied: version 2" in applied(owner, sent["text"], answer.text)


def test_the_page_says_whether_call_control_took_it_up(owner: Browser, stage: Stage) -> None:
    assert "does not run now" in applied(owner, write_site(SHOP) + NEW_PHONE)
    control = ControlSocket(stage.places.control_socket, shop_live(5.0))
    try:
        page = applied(owner, write_site(stage.site()) + '\n[[agent]]\nid = "1001"\n')
        assert "Applied: version 3" in page and "alert-warning" not in page
        control.reloaded = Refused(key="k", sentence="<i>Not now.</i>")
        page = applied(owner, write_site(stage.site()).replace("1001", "1002"))
    finally:
        control.kill()
    assert "Applied: version 4" in page and "&lt;i&gt;Not now." in page


# --- who may --------------------------------------------------------------------------------------
def test_agents_strangers_and_other_sites_may_not(owner: Browser, stage: Stage) -> None:
    agent = stage.logged_in(AGENT)
    for address in ("/site/", "/site/site.toml"):
        assert agent.get(address).status_code == 403
        assert stage.browser().get(address).status_code == 302
    for address in ("/site/check", "/site/apply"):
        assert agent.post(address, {"text": ""}, page="/account/").status_code == 403
        assert owner.post(address, {"text": ""}, token="wrong").status_code == 400
        assert (
            owner.post(address, {"text": ""}, origin="http://x", page="/site/").status_code == 403
        )
        assert owner.get(address).status_code == 405
    assert stage.site().version == 1
