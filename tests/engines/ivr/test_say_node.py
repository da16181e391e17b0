"""The node say: what it reads out, what it has made beforehand, and values that are none."""

import pytest

from appliance.engines.ivr.check import check_flow
from appliance.engines.ivr.commands import EndFlow, PlayUtterances
from appliance.engines.ivr.facts import CallFacts, RunState
from appliance.engines.ivr.nodes import node_of
from appliance.engines.ivr.run import FlowRun
from appliance.speech.wanted import utterances_wanted
from appliance.vocabulary.ids import FlowId, Instant, NodeName
from appliance.vocabulary.say import SayKind
from appliance.vocabulary.settings import Flow, Language, Site
from appliance.vocabulary.speech import Utterance

START = Instant(0.0)


def site_of(**say: object) -> Site:
    nodes: dict[NodeName, dict[str, object]] = {
        NodeName("say"): {"kind": "say", "next": "end", **say},
        NodeName("end"): {"kind": "hangup", "text": "Bye."},
        NodeName("sorry"): {"kind": "hangup", "text": "Sorry."},
    }
    flow = Flow(id=FlowId("main"), start=NodeName("say"), node=nodes, language=Language.PL)
    return Site(flow=(flow,))


def run_of(site: Site, *, variables: dict[str, str] | None = None, **more: object) -> FlowRun:
    state = RunState(
        flow=FlowId("main"),
        language=Language.PL,
        facts=CallFacts(caller="13900001111"),
        variables=variables or {},
        **more,
    )
    return FlowRun(site=site, local_time=lambda _: pytest.fail("no clock"), state=state)


def spoken(run: FlowRun) -> list[Utterance]:
    played = [one for one in run.start(START) if isinstance(one, PlayUtterances)]
    return [said for one in played for said in one.utterances]


def test_an_amount_of_the_call_is_said_behind_its_text_in_the_flows_language() -> None:
    site = site_of(value="{balance}", read_as="amount", currency="PLN", text="Do zapłaty:")
    run = run_of(site, variables={"balance": "22.05"})
    assert spoken(run) == [
        Utterance(language=Language.PL, text="Do zapłaty:"),
        Utterance(
            language=Language.PL,
            text="22.05",
            said=SayKind.AMOUNT,
            values={"currency": "PLN"},
        ),
    ]


def test_the_callers_own_number_is_said_digit_by_digit() -> None:
    (said,) = spoken(run_of(site_of(value="{caller}", read_as="digits")))
    assert (said.text, said.said) == ("13900001111", SayKind.DIGITS)


def test_a_value_that_is_private_stands_in_no_ledger() -> None:
    run = run_of(
        site_of(value="{card}", read_as="digits"), variables={"card": "4711"}, private=["card"]
    )
    (said,) = spoken(run)
    assert said.text == "4711" and said.shown == "…"


@pytest.mark.parametrize("balance", ["", "about ten", "1e9", "-3"])
def test_a_value_that_cannot_be_said_leads_on_and_never_to_silence(balance: str) -> None:
    site = site_of(value="{balance}", read_as="amount", otherwise="sorry")
    assert [one.text for one in spoken(run_of(site, variables={"balance": balance}))] == ["Sorry."]
    plain = site_of(value="{balance}", read_as="amount")
    assert [one.text for one in spoken(run_of(plain, variables={"balance": balance}))] == ["Bye."]


def test_a_key_skips_it_and_is_kept_for_the_next_menu() -> None:
    run = run_of(site_of(value="12", read_as="number"))
    run.start(START)
    commands = run.digit("5", START)
    assert run.state.typed_ahead == "5"
    assert any(isinstance(one, PlayUtterances) and one.node == "end" for one in commands)
    assert isinstance(run.play_ended(run.state.plays, START)[-1], EndFlow)


def test_what_stands_in_the_flow_is_made_beforehand_in_all_its_languages() -> None:
    site = site_of(value="2026-10-08", read_as="date", texts={"en": "Until"}, text="Do")
    wanted = [one for one in utterances_wanted(site) if one.said is not None]
    assert {(one.language, one.text) for one in wanted} == {
        (Language.PL, "2026-10-08"),
        (Language.EN, "2026-10-08"),
    }
    unknown = site_of(value="{day}", read_as="date")
    assert not [one for one in utterances_wanted(unknown) if one.said is not None]


@pytest.mark.parametrize(
    ("say", "key"),
    [
        ({"value": "2026-02-30", "read_as": "date"}, "value"),
        ({"value": "24:00", "read_as": "time"}, "value"),
        ({"value": "1.005", "read_as": "amount"}, "value"),
        ({"value": "1", "read_as": "amount", "currency": "XAU"}, "currency"),
        ({"value": "1", "read_as": "money"}, "read_as"),
    ],
)
def test_what_could_never_be_said_is_refused_with_its_key(say: dict[str, str], key: str) -> None:
    site = site_of(**say)
    keys = {fault.key for fault in check_flow(site.flow[0], site) if fault.node == "say"}
    assert key in keys


def test_its_kind_of_reading_is_named_in_the_site() -> None:
    node = node_of({"kind": "say", "value": "9:05", "read_as": "time", "next": "end"})
    assert node.targets()[0].node == "end"
