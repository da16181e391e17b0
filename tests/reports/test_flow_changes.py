"""What is different between two versions of a flow, in words of three languages."""

import re

import pytest
from msgspec.structs import replace

from appliance.reports.flow_changes import (
    SENTENCES,
    FlowChange,
    change_sentence,
    change_sentences,
    flow_changes,
)
from appliance.reports.words_flow_changes import CHANGE_WORDS
from appliance.vocabulary.ids import FlowId, NodeName
from appliance.vocabulary.settings import Flow, Language

MENU: dict[str, object] = {
    "kind": "menu",
    "text": "One for sales.",
    "keys": {"1": "sales", "2": "sales"},
    "otherwise": "sales",
}
SALES: dict[str, object] = {"kind": "queue", "queue": "sales"}


def flow(start: str = "welcome", **nodes: dict[str, object]) -> Flow:
    return Flow(
        id=FlowId("main"),
        start=NodeName(start),
        node={NodeName(name): table for name, table in nodes.items()},
    )


BEFORE = flow(welcome=MENU, sales=SALES)


def said(after: Flow | None, before: Flow | None = BEFORE) -> list[str]:
    return change_sentences(flow_changes(before, after), Language.EN)


def test_a_key_leads_elsewhere_and_a_node_is_new() -> None:
    keys = {"1": "sales", "2": "repair", "3": "sales"}
    after = flow(welcome={**MENU, "keys": keys}, sales=SALES, repair={**SALES, "queue": "repair"})
    assert said(after) == [
        "menu 'welcome': key 2 now leads to 'repair' (was 'sales')",
        "menu 'welcome': key 3 is new and leads to 'sales'",
        "queue 'repair' added",
    ]
    assert said(BEFORE, after) == [
        "queue 'repair' removed",
        "menu 'welcome': key 2 now leads to 'sales' (was 'repair')",
        "menu 'welcome': key 3 is gone (led to 'sales')",
    ]


def test_the_issues_sentence_in_all_languages() -> None:
    change = flow_changes(
        BEFORE, flow(welcome={**MENU, "keys": {"1": "sales", "2": "x"}}, sales=SALES)
    )
    assert [change_sentence(change[0], language) for language in Language] == [
        "menu“welcome”：按键 2 现在通向“x”（原为“sales”）",
        "menu 'welcome': key 2 now leads to 'x' (was 'sales')",
        "menu „welcome”: klawisz 2 prowadzi teraz do „x” (było „sales”)",
    ]


def test_texts_settings_and_their_defaults() -> None:
    after = {**MENU, "text": "One.", "texts": {"pl": "Jeden."}, "attempts": 2, "timeout_seconds": 9}
    assert said(flow(welcome=after, sales=SALES)) == [
        "menu 'welcome': text is now “One.” (was “One for sales.”)",
        "menu 'welcome': text (pl) is new: “Jeden.”",
        "menu 'welcome': timeout_seconds is now 9 (was 5)",
    ]


def test_what_is_only_written_otherwise_is_said_to_be_so() -> None:
    after = flow(welcome={**MENU, "attempts": 2, "timeout_seconds": 5.0}, sales=SALES)
    assert said(after) == ["written otherwise; callers notice nothing"]
    assert said(BEFORE) == ["nothing is different"]


def test_a_renamed_node_is_one_change_and_not_ten() -> None:
    again = {**MENU, "keys": {"1": "desk", "2": "desk"}, "otherwise": "desk"}
    assert said(flow(welcome=again, desk=SALES)) == ["'sales' is called 'desk' now"]
    also = flow("hello", hello={**again, "keys": {"1": "desk", "2": "hello"}}, desk=SALES)
    before = flow(welcome={**MENU, "keys": {"1": "sales", "2": "welcome"}}, sales=SALES)
    assert said(also, before) == ["'sales' is called 'desk' now", "'welcome' is called 'hello' now"]


def test_the_flow_itself() -> None:
    assert said(BEFORE, None) == ["the flow is new"]
    assert said(None) == ["the flow is gone"]
    assert said(None, None) == ["nothing is different"]
    after = replace(BEFORE, start=NodeName("sales"), language=Language.PL)
    assert said(after) == [
        "language of the flow is now pl (was not set)",
        "the flow begins at 'sales' now (was 'welcome')",
    ]


def test_a_node_that_becomes_another_kind_and_one_that_nobody_can_read() -> None:
    after = flow(welcome={"kind": "hangup", "text": "Bye."}, sales={"kind": "queue", "typo": 5})
    assert said(after) == [
        "'welcome' is a hangup now (was a menu)",
        "queue 'sales': typo is now 5 (was not set)",
        "queue 'sales': queue is not set any more (was sales)",
    ]


def test_a_long_text_is_cut() -> None:
    [line] = said(flow(welcome={**MENU, "text": "x" * 5000}, sales=SALES))
    assert len(line) < 400 and "…" in line


@pytest.mark.parametrize("english", CHANGE_WORDS)
def test_every_sentence_has_the_same_braces_in_every_language(english: str) -> None:
    wanted = sorted(re.findall(r"{\w+}", english))
    assert [sorted(re.findall(r"{\w+}", one)) for one in CHANGE_WORDS[english]] == [wanted] * 2


def test_every_kind_of_change_has_words() -> None:
    assert set(SENTENCES.values()) <= set(CHANGE_WORDS)
    for what in SENTENCES:
        if " " not in what:
            change = FlowChange(what=what, node="n", kind="menu", was="a", now="b")
            assert "{" not in change_sentence(change, Language.ZH)
