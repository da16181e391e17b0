"""Stories of flows as documents: versions, drafts, and what is thrown away."""

import sqlite3
from pathlib import Path

import pytest
from golden_day import SITE
from msgspec.structs import replace

from appliance.store.settings import SettingsStore
from appliance.vocabulary.flow_versions import KEPT_VERSIONS, FlowDraft
from appliance.vocabulary.ids import FlowId, NodeName, Utc
from appliance.vocabulary.settings import Flow, Site

NOW = Utc(1_763_600_400.0)
MAIN = FlowId("main")


def flow_saying(text: str, name: str = "main") -> Flow:
    node: dict[str, object] = {"kind": "hangup", "text": text}
    return Flow(id=FlowId(name), start=NodeName("bye"), node={NodeName("bye"): node})


def site_saying(*texts: str) -> Site:
    """A site whose first flow says the first of them, and so on."""
    names = ("main", "second")
    flows = tuple(flow_saying(text, name) for text, name in zip(texts, names, strict=False))
    return replace(SITE, flow=flows, route=())


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.db")


def test_a_flow_that_changes_has_a_new_version_with_who_when_and_why(store: SettingsStore) -> None:
    store.save(site_saying("one"), by="command line", at=NOW)
    store.save(site_saying("two"), by="owner", at=Utc(NOW + 9), why="the shop moved")
    newest, first = store.flows.versions(MAIN)
    assert (newest.version, newest.by, newest.at, newest.why) == (
        *(2, "owner", NOW + 9, "the shop moved"),
    )
    assert newest.content == flow_saying("two") and first.content == flow_saying("one")
    assert store.current().flow_versions == {"main": 2}


def test_a_flow_that_stays_as_it_is_keeps_its_version(store: SettingsStore) -> None:
    store.save(site_saying("one", "other"), by="owner", at=NOW)
    saved = store.save(site_saying("two", "other"), by="owner", at=NOW)
    assert saved.flow_versions == {"main": 2, "second": 1}
    renamed = replace(saved, site=replace(saved.site, name="新名"))
    assert store.save(renamed, by="owner", at=NOW).flow_versions == saved.flow_versions
    assert store.current() == store.save(store.current(), by="owner", at=NOW)


def test_a_flow_that_was_gone_counts_on_when_it_comes_back(store: SettingsStore) -> None:
    store.save(site_saying("one", "other"), by="owner", at=NOW)
    store.save(site_saying("one"), by="owner", at=NOW)
    assert store.current().flow_versions == {"main": 1}
    assert store.flows.known() == ["main", "second"]
    store.save(site_saying("one", "another"), by="owner", at=NOW)
    assert store.current().flow_versions == {"main": 1, "second": 2}


def test_a_box_that_had_flows_before_there_were_versions_has_their_first(tmp_path: Path) -> None:
    path = tmp_path / "settings.db"
    old = SettingsStore(path)
    old.save(site_saying("one"), by="owner", at=NOW)
    old.save(site_saying("two"), by="owner", at=Utc(NOW + 5))
    old.close()
    with sqlite3.connect(path) as file:
        file.execute("DROP TABLE flow_versions")
        file.execute("DROP TABLE flow_drafts")
        file.execute("DELETE FROM _sqlite_migrations WHERE name = 'flow_versions_and_drafts'")
    file.close()
    store = SettingsStore(path)
    [first] = store.flows.versions(MAIN)
    assert (first.version, first.by, first.at) == (1, "owner", NOW + 5)
    assert first.content == flow_saying("two") == store.current().flow[0]
    assert store.current().flow_versions == {"main": 1}


def test_a_draft_is_kept_and_replaced_and_changes_nothing(store: SettingsStore) -> None:
    saved = store.save(site_saying("one"), by="owner", at=NOW)
    draft = FlowDraft(flow=MAIN, at=NOW, by="wang", based_on=1, content=flow_saying("draft"))
    store.flows.keep_draft(draft)
    assert store.flows.draft(MAIN) == draft and store.current() == saved
    again = replace(draft, why="shorter", content=flow_saying("second draft"))
    store.flows.keep_draft(again)
    assert store.flows.draft(MAIN) == again
    assert store.flows.drop_draft(MAIN) and store.flows.draft(MAIN) is None
    assert not store.flows.drop_draft(MAIN)


def test_the_last_hundred_versions_are_kept_and_those_that_calls_run_on(
    store: SettingsStore,
) -> None:
    for number in range(KEPT_VERSIONS + 5):
        store.save(site_saying(str(number)), by="owner", at=NOW)
    gone = store.flows.forget_old({(MAIN, 2), (FlowId("second"), 1)})
    assert gone == [("main", 1), ("main", 3), ("main", 4), ("main", 5)]
    kept = [one.version for one in store.flows.versions(MAIN)]
    assert kept == [*range(KEPT_VERSIONS + 5, 5, -1), 2]
    assert store.flows.forget_old(set()) == [("main", 2)]
    assert store.flows.forget_old(set()) == []
    saved = store.save(site_saying("one more"), by="owner", at=NOW)
    assert saved.flow_versions == {"main": KEPT_VERSIONS + 6}


def test_a_version_and_its_site_are_there_together_or_not_at_all(store: SettingsStore) -> None:
    store.save(site_saying("one"), by="owner", at=NOW)
    with pytest.raises(ZeroDivisionError), store.together():
        store.save(site_saying("two"), by="owner", at=NOW)
        raise ZeroDivisionError
    assert store.current().flow_versions == {"main": 1} and store.current().version == 1
    assert len(store.flows.versions(MAIN)) == 1
