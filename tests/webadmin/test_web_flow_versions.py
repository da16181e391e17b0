"""The page "Flows" where flows are changed: text, check, draft, versions, the way back."""

import html
import re
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from chromium import Chromium, Web, needs_chromium
from msgspec.structs import replace
from shop_day import SITE
from tone_prompts import lay, text
from waiting import wait_until
from web_stage import AGENT, Browser, Stage

from appliance.vocabulary.ids import FlowId, NodeName, QueueId, Utc
from appliance.vocabulary.settings import Flow, Queue, Site

TEXT = """\
[[flow]]
id = "main"
start = "menu"

[flow.node.menu]
kind = "menu"
text = "One or two."
keys = {{ "1" = "{one}", "2" = "{two}" }}

[flow.node.sales]
kind = "queue"
queue = "sales"

[flow.node.repair]
kind = "queue"
queue = "repair"
"""
SWAPPED = TEXT.format(one="repair", two="sales")
LED = "menu 'menu': key 2 now leads to 'sales' (was 'repair')"


def site_of_flows() -> Site:
    nodes: dict[NodeName, dict[str, object]] = {
        NodeName("menu"): {
            "kind": "menu",
            "text": "One or two.",
            "keys": {"1": "sales", "2": "repair"},
        },
        NodeName("sales"): {"kind": "queue", "queue": "sales"},
        NodeName("repair"): {"kind": "queue", "queue": "repair"},
    }
    flow = Flow(id=FlowId("main"), start=NodeName("menu"), node=nodes)
    queues = (Queue(id=QueueId("sales")), Queue(id=QueueId("repair")))
    return Site(site=SITE.site, flow=(flow,), queue=queues)


@pytest.fixture
def owner(stage: Stage) -> Browser:
    """A site with one flow whose text is spoken; its owner reads English."""
    stage.has_people()
    store = stage.settings()
    store.save(site_of_flows(), by="test", at=Utc(5.0))
    store.close()
    lay(stage.places.root, [(text("One or two.", "zh"), 440, 1.0)])
    return stage.logged_in(language="en")


def shown(browser: Browser, address: str = "/flows/") -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def send(browser: Browser, act: str, words: str = SWAPPED, **more: str) -> str:
    """Press a button of the editor; return what is seen then."""
    fields = {"flow": "main", "text": words.replace("\n", "\r\n"), "act": act, **more}
    answer = browser.post("/flows/edit", fields, page="/flows/edit?flow=main")
    if answer.status_code == 302:
        return shown(browser, answer.location)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_the_text_of_a_flow_is_the_site_files(owner: Browser) -> None:
    seen = shown(owner, "/flows/edit?flow=main")
    assert f"required>\n{TEXT.format(one='sales', two='repair')}</textarea>" in seen
    assert "It cannot be published so" not in seen


def test_each_fault_has_its_line_and_nothing_is_kept_of_a_check(
    owner: Browser, stage: Stage
) -> None:
    seen = send(owner, "check", SWAPPED.replace('= "repair"\n', '= "nobody"\n'))
    assert 'Line 16</a> <code>queue = "nobody"</code>' in seen
    assert "flow[main].node.repair.queue: " in seen
    seen = send(owner, "check", SWAPPED.replace("= {", "= ["))
    assert "Line 8</a>" in seen and "this is not TOML" in seen
    assert "Nothing is wrong in it." in send(owner, "check")
    assert stage.settings().flows.draft(FlowId("main")) is None
    assert "flow_draft_saved" not in stage.acts()


def test_a_draft_is_saved_seen_tried_published_and_taken_back(owner: Browser, stage: Stage) -> None:
    seen = send(owner, "save", why="it is summer")
    assert "This is the draft. Callers do not hear it." in seen
    assert LED in seen and "it is summer" in seen
    tried = "/flows/?flow=main&version=draft&keys=1&at=2026-11-23T10:00"
    assert "ends: the queue repair" in shown(owner, tried)
    assert "ends: the queue sales" in shown(owner, tried.replace("&version=draft", ""))
    assert SWAPPED in shown(owner, "/flows/edit?flow=main")

    answer = owner.post("/flows/publish", {"flow": "main"}, page="/flows/")
    assert answer.status_code == 302
    seen = shown(owner)
    assert "Version 2 holds: new calls take it" in seen and "it is summer" in seen
    assert "ends: the queue repair" in shown(owner, tried.replace("&version=draft", ""))

    answer = owner.post("/flows/rollback", {"flow": "main", "version": "1"}, page="/flows/")
    assert answer.status_code == 302
    seen = shown(owner)
    assert "Version 3 holds" in seen and "back to version 1" in seen
    assert "This is version 2." in shown(owner, "/flows/?flow=main&version=2")
    assert stage.acts()[:3] == ["flow_rolled_back", "flow_published", "flow_draft_saved"]


def test_publishing_at_once_from_the_editor(owner: Browser) -> None:
    seen = send(owner, "publish", why="at once")
    assert "Version 2 holds" in seen and "at once" in seen and LED in seen


def test_a_draft_may_be_wrong_is_not_published_and_can_be_dropped(
    owner: Browser, stage: Stage
) -> None:
    seen = send(owner, "publish", SWAPPED.replace('"1" = "repair"', '"1" = "nowhere"'))
    assert "The draft is saved. It cannot be published yet." in seen and "Line 8</a>" in seen
    answer = owner.post("/flows/publish", {"flow": "main"}, page="/flows/")
    assert answer.status_code == 200 and "node.menu.keys.1" in html.unescape(answer.text)
    assert stage.settings().current().flow_versions == {"main": 1}
    owner.post("/flows/discard", {"flow": "main"}, page="/flows/")
    assert "The draft is gone." in shown(owner)
    owner.post("/flows/publish", {"flow": "main"}, page="/flows/")
    assert "There is no draft any more." in shown(owner)


def publish_by_another(stage: Stage) -> None:
    """Version 2, by somebody else."""
    store = stage.settings()
    site = store.current()
    other = replace(site.flow[0], node={**site.flow[0].node, NodeName("x"): {"kind": "hangup"}})
    store.save(replace(site, flow=(other,)), by="li", at=Utc(9.0))
    store.close()


def test_what_somebody_published_meanwhile_is_not_lost(owner: Browser, stage: Stage) -> None:
    send(owner, "save")
    publish_by_another(stage)
    owner.post("/flows/publish", {"flow": "main"}, page="/flows/")
    assert "Somebody published another version meanwhile." in shown(owner)


def test_what_was_published_while_the_editor_was_open_is_not_lost(
    owner: Browser, stage: Stage
) -> None:
    opened = shown(owner, "/flows/edit?flow=main")
    assert 'name="based_on" value="1"' in opened
    publish_by_another(stage)
    assert "Somebody published another version meanwhile." in send(owner, "publish", based_on="1")
    again = shown(owner, "/flows/edit?flow=main")
    assert 'name="based_on" value="2"' in again, "seen now, and may be saved and published"
    assert "Version 3 holds" in send(owner, "publish", based_on="2")


def test_a_version_that_control_died_over_holds_all_the_same(owner: Browser, stage: Stage) -> None:
    path = stage.places.control_socket
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen()
        threading.Thread(target=hang_up_on_all, args=(listening,), daemon=True).start()
        assert "Version 2 holds" in send(owner, "publish")
        listening.shutdown(socket.SHUT_RDWR)


def hang_up_on_all(listening: socket.socket) -> None:
    """Control that ends before it answers."""
    with suppress(OSError):
        while True:
            listening.accept()[0].close()


def test_a_new_flow_begins_in_the_editor(owner: Browser) -> None:
    assert 'id = "night"' in shown(owner, "/flows/edit?flow=night")
    night = '[[flow]]\nid = "night"\nstart = "bye"\n[flow.node.bye]\nkind = "hangup"\n'
    seen = send(owner, "save", night, flow="night")
    assert ">night</a>" in seen and "the flow is new" in seen
    assert "ends:" in shown(owner, "/flows/?flow=night&version=draft&keys=&at=2026-11-23T10:00")
    assert "Version 1 holds" in send(owner, "publish", night, flow="night")


def test_the_picture_has_every_node_and_every_way(owner: Browser) -> None:
    seen = shown(owner)
    for name in ("menu", "sales", "repair"):
        assert 'class="name" x="' in seen and f">{name}</text>" in seen
    assert seen.count('<path class="way"') == 2
    assert ">1</text>" in seen and ">2</text>" in seen


@pytest.mark.parametrize("language", ["zh", "pl"])
def test_differences_are_in_the_readers_language(owner: Browser, language: str) -> None:
    send(owner, "save")
    owner.client.set_cookie("linghe_language", language)
    wanted = {
        "zh": "按键 2 现在通向“sales”（原为“repair”）",
        "pl": "klawisz 2 prowadzi teraz do „sales”",
    }
    assert wanted[language] in shown(owner)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/flows/edit?flow=", 404),
        ("/flows/edit?flow=a%2Fb", 404),
        ("/flows/edit?flow=main&from=9", 400),
        ("/flows/edit?flow=main&from=draft", 400),
        ("/flows/?flow=main&version=9", 400),
        ("/flows/?flow=main&version=<b>", 400),
    ],
)
def test_what_is_not_there_is_said(owner: Browser, address: str, code: int) -> None:
    assert owner.get(address).status_code == code


def test_agents_change_nothing(owner: Browser, stage: Stage) -> None:
    agent = stage.logged_in(AGENT)
    fields = {"flow": "main", "text": SWAPPED, "act": "publish", "version": "1"}
    for address in ("/flows/edit", "/flows/publish", "/flows/rollback", "/flows/discard"):
        assert agent.post(address, fields, page="/account/").status_code == 403
    assert stage.settings().current().flow_versions == {"main": 1}
    assert (
        owner.post("/flows/rollback", {**fields, "version": "0"}, page="/flows/").status_code == 400
    )


@pytest.mark.peer
def test_a_fault_in_the_browser_leads_to_its_line(
    owner: Browser, stage: Stage, tmp_path: Path
) -> None:
    needs_chromium()
    web = Web(stage)
    browser = Chromium(tmp_path / "chromium")
    try:
        browser.logs_in(web)
        browser.opens(f"{web.address}/flows/edit?flow=main")
        browser.says("document.querySelector('#text').value += '\\n\\n[flow.node.x]\\nkind = 5\\n'")
        browser.says("document.querySelector('button[value=check]').click()")
        wait_until(
            lambda: browser.says("document.querySelectorAll('[data-line]').length") == 1,
            "the fault is told",
        )
        browser.says("document.querySelector('[data-line]').click()")
        text = "document.querySelector('#text')"
        chosen = f"{text}.value.slice({text}.selectionStart, {text}.selectionEnd)"
        wait_until(lambda: browser.says(chosen) == "kind = 5", "the line is chosen")
        assert browser.says("document.documentElement.scrollWidth <= window.innerWidth")
        assert browser.complaints() == []
    finally:
        browser.close()
        web.close()


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_the_second_editors_draft_does_not_take_the_firsts_place_in_silence(
    owner: Browser, stage: Stage
) -> None:
    opened = seen_in(owner.get("/flows/edit?flow=main").text)
    assert opened == ""
    send(owner, "save", SWAPPED, seen=opened)
    mine = TEXT.format(one="sales", two="sales")
    answer = owner.post(
        "/flows/edit",
        {"flow": "main", "text": mine, "act": "save", "seen": opened},
        page="/flows/edit?flow=main",
    )
    assert answer.status_code == 409
    said = html.unescape(answer.text)
    assert "owner saved another draft meanwhile" in said and "Yours is not saved" in said
    assert "menu 'menu': key 1 now leads to 'sales' (was 'repair')" in said
    assert mine in said, "what he has written is not lost"
    store = stage.settings()
    draft = store.flows.draft(FlowId("main"))
    store.close()
    assert draft is not None and draft.content.node[NodeName("menu")]["keys"] == {
        "1": "repair",
        "2": "sales",
    }
    send(owner, "save", mine, seen=seen_in(answer.text))
    assert "now leads to 'sales' (was 'repair')" in html.unescape(owner.get("/flows/").text)


def test_a_check_does_not_count_as_having_seen_the_others_draft(owner: Browser) -> None:
    send(owner, "save", SWAPPED)
    checked = send(owner, "check", TEXT.format(one="sales", two="sales"), seen="")
    assert seen_in(checked) == ""


def test_a_flow_longer_than_a_form_is_checked_and_saved(owner: Browser) -> None:
    more = "".join(
        f'\n[flow.node.n{n}]\nkind = "play"\ntext = "{"好" * 100}"\nnext = "sales"\n'
        for n in range(400)
    )
    long = SWAPPED + more
    assert len(long.encode()) > 128 * 1024
    assert "The draft is saved" in send(owner, "save", long)
    assert "n399" in owner.get("/flows/edit?flow=main").text


@pytest.mark.parametrize("act", ["publish", "discard"])
def test_a_draft_that_was_not_seen_is_neither_published_nor_dropped(
    owner: Browser, stage: Stage, act: str
) -> None:
    send(owner, "save", SWAPPED)
    seen = seen_in(owner.get("/flows/").text)
    send(owner, "save", TEXT.format(one="sales", two="sales"))
    answer = owner.post(f"/flows/{act}", {"flow": "main", "seen": seen}, page="/flows/")
    assert "another draft meanwhile" in shown(owner, answer.location)
    store = stage.settings()
    assert store.flows.draft(FlowId("main")) is not None
    assert store.current().flow_versions[FlowId("main")] == 1
    store.close()
