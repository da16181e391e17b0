"""Stories of callers whose flow knows something of them: numbers keyed in, languages, sub-flows."""

from datetime import datetime

import msgspec
import pytest
from flow_stage import Caller, site_of
from msgspec.structs import replace

from appliance.engines.ivr.check import check_flow
from appliance.engines.ivr.commands import EndFlow, EnterQueue, RingExtension
from appliance.engines.ivr.values import matching
from appliance.vocabulary.ids import FlowId, NodeName
from appliance.vocabulary.settings import Flow, Language, Site
from appliance.vocabulary.speech import PhraseKey, Utterance

ASK: dict[str, dict[str, object]] = {
    "ask": {
        "kind": "collect",
        "text": "Your order number, please.",
        "refused_text": "There is no such order.",
        "variable": "order",
        "min_digits": 3,
        "max_digits": 5,
        "allowed": ["1*", "777"],
        "next": "which",
        "otherwise": "sales",
    },
    "which": {
        "kind": "branch",
        "on": "order",
        "cases": {"777": "gold", "12*": "silver"},
        "otherwise": "sales",
    },
    "gold": {"kind": "hangup", "text": "Gold."},
    "silver": {"kind": "hangup", "text": "Silver."},
    "sales": {"kind": "queue", "queue": "sales"},
}


@pytest.mark.parametrize(
    ("keys", "silence", "end"),
    [("777#", 0, "gold"), ("123", 5, "silver"), ("12345", 0, "silver"), ("1999#", 0, "sales")],
    ids=["terminator", "silence", "all digits", "otherwise"],
)
def test_a_number_is_whole_by_terminator_silence_or_length(
    keys: str, silence: float, end: str
) -> None:
    caller = Caller(ASK, "ask")
    caller.press(keys)
    caller.waits(silence)
    assert caller.path[-1][0] == end
    assert caller.path[-1][1] == f"order={keys.rstrip('#')}"
    assert caller.keys == [(keys.rstrip("#"), "which")]


def test_a_wrong_number_is_refused_in_the_sites_words_and_asked_for_again() -> None:
    caller = Caller(ASK, "ask")
    caller.press("555#")
    assert caller.heard[-1] == ["There is no such order.", "Your order number, please."]
    caller.press("12#")
    assert caller.path[-1] == ("sales", "wrong_number"), "too short is wrong too"
    assert caller.keys == [("555", ""), ("12", "")]


def test_silence_and_half_a_number_lead_on_in_the_end() -> None:
    caller = Caller(ASK, "ask")
    caller.hears_out()
    caller.waits(5)
    caller.press("1")
    caller.waits(5)
    assert caller.path[-1] == ("sales", "timeout")


def test_a_number_keyed_in_ahead_is_taken_and_what_follows_is_left_to_the_next_menu() -> None:
    nodes: dict[str, dict[str, object]] = {
        **ASK,
        "hello": {"kind": "play", "text": "Hello.", "next": "ask"},
        "which": {"kind": "menu", "text": "1 or 2?", "keys": {"1": "gold", "2": "silver"}},
    }
    caller = Caller(nodes, "hello")
    caller.press("123#2")
    assert [name for name, _ in caller.path] == ["hello", "ask", "which", "silver"]


def test_private_digits_are_in_no_journal_nor_is_what_is_made_of_them() -> None:
    nodes: dict[str, dict[str, object]] = {
        **ASK,
        "ask": {**ASK["ask"], "is_private": True, "next": "copy"},
        "copy": {"kind": "set", "variable": "copy", "value": "x{order}", "next": "twice"},
        "twice": {"kind": "branch", "on": "copy", "cases": {"x*": "which"}, "otherwise": "sales"},
    }
    caller = Caller(nodes, "ask")
    caller.press("777#")
    assert caller.path[-1] == ("gold", "order")
    assert caller.keys == [("•••", "copy")]
    assert "777" not in str(caller.log)


def test_a_number_half_keyed_in_survives_a_restart() -> None:
    caller = Caller(ASK, "ask")
    caller.press("77")
    caller.resume()
    caller.press("7#")
    assert caller.path[-1][0] == "gold"


def test_who_calls_decides_and_the_longest_beginning_wins() -> None:
    cases = {"139*": "a", "1390*": "b", "13900001111": "c", "": "hidden"}
    found = [matching(cases, one) for one in ("13900001111", "1390999", "1391", "", "02188")]
    assert found == ["c", "b", "a", "hidden", None]


def test_a_caller_chooses_his_language_and_hears_it_from_then_on() -> None:
    nodes: dict[str, dict[str, object]] = {
        "menu": {"kind": "menu", "text": "中文请按1", "keys": {"2": "english"}},
        "english": {"kind": "language", "language": "en", "next": "ask"},
        "ask": {
            "kind": "menu",
            "text": "请按1",
            "texts": {"en": "Press 1."},
            "keys": {"1": "sales"},
        },
        "sales": {"kind": "queue", "queue": "sales", "text": "请稍候"},
    }
    caller = Caller(nodes, "menu")
    caller.press("2")
    said = caller.plays[-1].utterances
    assert said == (Utterance(language=Language.EN, text="Press 1."),)
    caller.press("7")
    wrong = caller.plays[-1].utterances[0]
    assert (wrong.phrase, wrong.language) == (PhraseKey.WRONG_KEY, Language.EN)
    caller.press("1")
    assert caller.plays[-1].utterances == (Utterance(language=Language.ZH, text="请稍候"),), (
        "a text that exists in one language only is better than silence"
    )


def test_a_value_is_put_together_and_cannot_grow_for_ever() -> None:
    nodes: dict[str, dict[str, object]] = {
        "set": {
            "kind": "set",
            "variable": "who",
            "value": "{caller}{who}-{nobody}",
            "next": "menu",
        },
        "menu": {"kind": "menu", "text": "1", "keys": {"1": "set", "2": "end"}},
        "end": {"kind": "hangup"},
    }
    caller = Caller(nodes, "set")
    assert caller.run.state.variables == {"who": "138-"}
    caller.press("1" * 100)
    assert len(caller.run.state.variables["who"]) <= 256


# --- dial ---
DIAL: dict[str, dict[str, object]] = {
    "dial": {"kind": "dial", "text": "The extension?", "max_digits": 4, "otherwise": "sales"},
    "sales": {"kind": "queue", "queue": "sales"},
}


def test_a_caller_dials_the_phone_that_he_wants() -> None:
    caller = Caller(DIAL, "dial")
    assert caller.press("8001")[-1] == RingExtension(extension="8001", ring_for=25)
    assert caller.run.wake_at() is None, "the phone's ring time counts, no silence of ours"


def test_a_phone_that_is_not_there_or_not_answered_is_told_and_then_he_is_led_on() -> None:
    caller = Caller(DIAL, "dial")
    caller.press("8009")
    assert caller.heard[-1] == ["wrong_key", "The extension?"]
    caller.press("8001")
    caller.is_missed()
    assert caller.path[-1] == ("sales", "no_answer")


# --- sub-flows ---
def with_subflow(
    main: dict[str, dict[str, object]], **others: dict[str, dict[str, object]]
) -> Site:
    flows = [
        Flow(
            id=FlowId(name),
            start=NodeName(next(iter(nodes))),
            node={NodeName(node): table for node, table in nodes.items()},
        )
        for name, nodes in others.items()
    ]
    site = site_of(main, next(iter(main)))
    return msgspec.structs.replace(site, flow=(*site.flow, *flows))


MAIN: dict[str, dict[str, object]] = {
    "ask": {"kind": "subflow", "flow": "who", "next": "which"},
    "which": {"kind": "branch", "on": "number", "cases": {"5": "end"}, "otherwise": "sales"},
    "sales": {"kind": "queue", "queue": "sales"},
    "end": {"kind": "hangup", "text": "Five."},
}
WHO: dict[str, dict[str, object]] = {
    "number": {
        "kind": "collect",
        "text": "A number?",
        "variable": "number",
        "max_digits": 1,
        "next": "back",
    },
    "back": {"kind": "return"},
}


def test_a_sub_flow_comes_back_with_what_it_asked_for_even_after_a_restart() -> None:
    site = with_subflow(MAIN, who=WHO)
    caller = Caller(MAIN, "ask", site=site)
    assert caller.run.state.flow == "who"
    caller.resume(site)
    caller.press("5")
    assert caller.path[-3:] == [("back", "digits"), ("which", "return"), ("end", "number=5")]
    assert caller.run.state.flow == "main"
    assert caller.run.state.returns == []


def test_a_sub_flow_without_a_way_on_falls_back_to_the_queue_of_its_caller() -> None:
    caller = Caller(MAIN, "ask", site=with_subflow(MAIN, who=WHO))
    for _ in range(2):
        caller.hears_out()
        caller.waits(5)
    assert caller.log[-1] == EnterQueue(queue="sales")


def test_a_sub_flow_that_is_no_more_is_no_dead_end() -> None:
    caller = Caller(MAIN, "ask")
    assert caller.log[-1] == EnterQueue(queue="sales")


def test_a_return_without_a_caller_is_no_dead_end() -> None:
    caller = Caller({"back": {"kind": "return"}}, "back")
    assert isinstance(caller.hears_out()[-1], EndFlow)


def test_a_flow_that_would_call_itself_is_refused() -> None:
    other: dict[str, dict[str, object]] = {
        "again": {"kind": "subflow", "flow": "main", "next": "back"},
        "back": {"kind": "return"},
    }
    site = with_subflow(MAIN, who=other)
    (fault,) = check_flow(site.flow[0], site)
    assert (fault.node, fault.key) == ("ask", "flow")
    assert fault.expected == "a flow that does not come round to this one"
    caller = Caller(MAIN, "ask", site=site)
    assert caller.run.is_over, "applied by force, it ends all the same"


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"kind": "set", "variable": "caller", "value": "1", "next": "end"}, "variable"),
        ({"kind": "branch", "on": "Wer?", "cases": {"1": "end"}, "otherwise": "end"}, "on"),
        ({"kind": "branch", "on": "vip", "cases": {"1": "end"}, "otherwise": "end"}, "cases.1"),
        ({"kind": "branch", "on": "caller", "cases": {}, "otherwise": "end"}, "cases"),
        ({"kind": "collect", "text": "?", "next": "end", "terminator": "##"}, "terminator"),
        ({"kind": "collect", "text": "?", "next": "end", "min_digits": 30}, "min_digits"),
        ({"kind": "subflow", "flow": "nothing", "next": "end"}, "flow"),
    ],
)
def test_what_cannot_be_is_refused_before_it_is_applied(table: dict[str, object], key: str) -> None:
    site = site_of({"node": table, "end": {"kind": "hangup"}}, "node")
    assert [(fault.node, fault.key) for fault in check_flow(site.flow[0], site)] == [("node", key)]


HOLIDAY = {
    "hours": {
        "kind": "hours",
        "calendar": "office",
        "open": "end",
        "closed": "night",
        "holiday": "feast",
    },
    "end": {"kind": "hangup"},
    "night": {"kind": "hangup"},
    "feast": {"kind": "branch", "on": "holiday", "cases": {"yes": "end"}, "otherwise": "night"},
}


@pytest.mark.parametrize(
    ("moment", "path"),
    [
        (datetime(2026, 10, 1, 10), ["hours", "feast", "end"]),
        (datetime(2026, 10, 8, 19), ["hours", "night"]),
        (datetime(2026, 10, 10, 10), ["hours", "end"]),  # a make-up workday
    ],
)
def test_a_holiday_leads_to_a_place_of_its_own_and_a_branch_knows_it(moment, path):
    caller = Caller(HOLIDAY, "hours", moment)
    assert [node for node, _ in caller.path] == path


def test_a_branch_on_holidays_knows_yes_and_no_and_needs_a_calendar():
    nodes = {
        "start": {"kind": "branch", "on": "holiday", "cases": {"maybe": "end"}, "otherwise": "end"},
        "end": {"kind": "hangup"},
    }
    site = site_of(nodes, "start")
    faults = [(one.key, one.expected) for one in check_flow(site.flow[0], site)]
    assert faults == [("cases.maybe", '"yes" or "no"')]
    without = replace(site, calendar=())
    assert [one.key for one in check_flow(site.flow[0], without)] == ["on", "cases.maybe"]
