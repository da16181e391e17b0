"""The page "Tables": rows from a file, faults with their lines, a key that is tried; who may."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Chromium, Web, needs_chromium
from msgspec.structs import replace
from waiting import wait_until
from web_stage import AGENT, Browser, Stage

from appliance.vocabulary.ids import FlowId, NodeName, TableId, Utc
from appliance.vocabulary.settings import Flow, LookupTable

ROWS = "phone,级别\n139-0000 1111,金\n".encode("gb18030")


@pytest.fixture
def owner(full: Stage) -> Browser:
    store = full.settings()
    site = store.current()
    asks = Flow(
        id=FlowId("who"),
        start=NodeName("who"),
        node={
            NodeName("who"): {"kind": "lookup", "table": "clients", "found": "end"},
            NodeName("end"): {"kind": "hangup"},
        },
    )
    table = LookupTable(id=TableId("clients"), key="phone")
    store.save(replace(site, table=(table,), flow=(*site.flow, asks)), by="test", at=Utc(1.0))
    store.close()
    return full.logged_in(language="en")


@pytest.fixture
def chromium(full: Stage, owner: Browser, tmp_path: Path) -> Iterator[tuple[Web, Chromium]]:
    needs_chromium()
    web, browser = Web(full), Chromium(tmp_path / "chromium")
    browser.logs_in(web)
    yield web, browser
    browser.close()
    web.close()


def put(browser: Browser, content: bytes, table: str = "clients", name: str = "客户.csv"):
    """Send a file in one piece and have it taken in."""
    upload = browser.uploads("/tables/", content)
    return browser.post(
        "/tables/put", {"upload": upload, "table": table, "name": name}, page="/tables/"
    )


def test_rows_are_removed_when_the_owner_is_sure(full: Stage, owner: Browser) -> None:
    assert "Remove the rows" not in owner.get("/tables/").text
    put(owner, ROWS)
    assert "Remove the rows of clients" in owner.get("/tables/").text

    def removed(**fields: str) -> int:
        return owner.post("/tables/remove", fields, page="/tables/").status_code

    assert removed(table="clients") == 400
    assert removed(table="nobodys", sure="yes") == 404
    assert "from 客户.csv" in owner.get("/tables/").text
    assert removed(table="clients", sure="yes") == 302
    text = owner.get("/tables/").text
    assert "The rows of clients are gone" in text and "no rows yet" in text
    assert full.acts()[0] == "table_removed"
    assert removed(table="clients", sure="yes") == 302
    assert "It had no rows." in owner.get("/tables/").text


def test_rows_that_cannot_be_read_can_be_removed(full: Stage, owner: Browser) -> None:
    put(owner, ROWS)
    for file in full.places.tables.iterdir():
        file.write_bytes(b"no database")
    assert "its rows cannot be read" in owner.get("/tables/").text
    owner.post("/tables/remove", {"table": "clients", "sure": "yes"}, page="/tables/")
    assert "no rows yet" in owner.get("/tables/").text


def test_agents_remove_no_rows(full: Stage, owner: Browser) -> None:
    put(owner, ROWS)
    agent = full.logged_in(AGENT)
    fields = {"table": "clients", "sure": "yes"}
    assert agent.post("/tables/remove", fields, page="/account/").status_code == 403
    assert "from 客户.csv" in owner.get("/tables/").text


def test_rows_are_taken_in_shown_and_found(full: Stage, owner: Browser) -> None:
    assert "no rows yet" in owner.get("/tables/").text
    answer = put(owner, ROWS)
    assert (answer.status_code, answer.json) == (200, {"done": True}), answer.text
    text = owner.get("/tables/?table=clients&key=13900001111").text
    assert "clients has 1 rows now" in text and "from 客户.csv" in text
    assert '<td data-label="Value" class="party">金</td>' in text
    assert 'href="/flows/?flow=who"' in text
    assert "Asked by flow" in text
    assert "No row has this key." in owner.get("/tables/?table=clients&key=0").text
    assert full.acts()[0] == "table_put"
    assert list(full.places.uploads.iterdir()) == []


def test_faults_are_told_with_their_lines_and_the_old_rows_stay(owner: Browser) -> None:
    put(owner, ROWS)
    answer = put(owner, b"phone,x\n1,a\n,b\n", name="new.csv")
    assert answer.status_code == 400
    assert answer.json["fault"].startswith("new.csv:3: phone: expected a key")
    assert "from 客户.csv" in owner.get("/tables/").text


def test_what_is_not_there_is_refused(owner: Browser) -> None:
    assert put(owner, ROWS, table="--help").json == {"fault": "The site has no such table."}
    again = owner.post(
        "/tables/put", {"upload": "0" * 32, "table": "clients", "name": "x"}, page="/tables/"
    )
    assert again.status_code == 400


def test_an_agent_may_not(full: Stage, owner: Browser) -> None:
    assert full.logged_in(AGENT).get("/tables/").status_code == 403


def test_the_dry_run_is_told_what_tables_know(owner: Browser) -> None:
    page = "/flows/?flow=who&keys=&at=2026-03-02T10:00"
    assert "by: found" in owner.get(f"{page}&found=level%3Dgold").text
    assert "by: found" not in owner.get(page).text
    assert "separated by commas" in owner.get(f"{page}&found=Level").text


def give(browser: Chromium, file: Path) -> None:
    """Choose a file and press the button."""
    field = browser.driver.find_elements("css selector", "form.put input[type=file]")[0]
    field.send_keys(str(file))
    browser.says("document.querySelector('form.put button').click()")


@pytest.mark.peer
def test_a_person_gives_a_file_in_a_browser_and_reads_what_is_wrong_in_it(
    chromium: tuple[Web, Chromium], tmp_path: Path
) -> None:
    web, browser = chromium
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("phone,x\n1,a\n,b\n", encoding="utf-8")
    good.write_text("phone,x\n" + "".join(f"{one},{'x' * 100}\n" for one in range(9000)))
    find = browser.driver.find_elements
    shown = "form.put .fault:not([hidden])"
    browser.opens(f"{web.address}/tables/")
    give(browser, bad)
    wait_until(lambda: find("css selector", shown), "the fault is told")
    assert find("css selector", shown)[0].text.startswith("bad.csv:3: phone:")
    give(browser, good)
    wait_until(lambda: find("css selector", ".alert-success"), "they are taken in")
    assert "9000 rows" in find("css selector", ".alert-success")[0].text
    browser.says("document.querySelector('form.once [name=sure]').checked = true")
    browser.sends_once("form.once button")
    for width in (390, 1280):
        browser.is_as_wide_as(width)
        wide = browser.says("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1]
