"""What a site needs said, most needed first."""

from appliance.speech.wanted import languages_of, utterances_wanted
from appliance.vocabulary.ids import AgentId, ExtensionNumber, FlowId, NodeName, QueueId, TrunkId
from appliance.vocabulary.settings import (
    Agent,
    Extension,
    Flow,
    Language,
    Queue,
    Route,
    Site,
    SiteFacts,
)
from appliance.vocabulary.speech import PhraseKey


def flow(name: str, text: str, language: Language | None = None) -> Flow:
    node: dict[NodeName, dict[str, object]] = {
        NodeName("a"): {"kind": "play", "text": text, "next": "b"},
        NodeName("b"): {"kind": "queue", "queue": "sales", "text": 5},
        NodeName("c"): {"kind": "play", "text": "  ", "next": "b"},
    }
    return Flow(id=FlowId(name), start=NodeName("a"), node=node, language=language)


SHOP = Site(
    site=SiteFacts(language=Language.ZH),
    extension=(Extension(number=ExtensionNumber("8001"), language=Language.PL),),
    agent=(Agent(id=AgentId("1001")), Agent(id=AgentId("1002"))),
    flow=(flow("spare", "备用"), flow("main", "Hello.", Language.EN), flow("other", "您好。")),
    queue=(Queue(id=QueueId("sales"), announce_wait=True, whisper="销售来电"),),
    route=(Route(trunk=TrunkId("t"), number="*", flow=FlowId("main")),),
)


def test_texts_that_callers_reach_come_first() -> None:
    wanted = utterances_wanted(SHOP)
    assert [(wish.text, wish.language) for wish in wanted[:3]] == [
        ("Hello.", Language.EN),
        ("备用", Language.ZH),
        ("您好。", Language.ZH),
    ]


def test_agents_are_announced_in_every_language_of_the_site() -> None:
    numbers = [
        (wish.language, wish.values["agent"])
        for wish in utterances_wanted(SHOP)
        if wish.phrase is PhraseKey.AGENT_NUMBER
    ]
    assert sorted(numbers) == [
        (language, agent) for language in ("en", "pl", "zh") for agent in ("1001", "1002")
    ]
    assert languages_of(SHOP) == [Language.ZH, Language.EN, Language.PL]


def test_every_phrase_is_wanted_once() -> None:
    wanted = utterances_wanted(SHOP)
    keys = [wish.index_key for wish in wanted]
    assert len(set(keys)) == len(keys)
    for language in languages_of(SHOP):
        phrases = {wish.phrase for wish in wanted if wish.language is language}
        assert set(PhraseKey) <= phrases


def test_an_empty_site_wants_the_phrases_of_its_language() -> None:
    wanted = utterances_wanted(Site())
    assert {wish.language for wish in wanted} == {Language.ZH}
    assert PhraseKey.GREETING in {wish.phrase for wish in wanted}


def test_nodes_are_wanted_as_a_caller_comes_to_them() -> None:
    nodes: dict[NodeName, dict[str, object]] = {
        NodeName("closed"): {"kind": "hangup", "text": "closed"},
        NodeName("hours"): {
            "kind": "hours",
            "calendar": "office",
            "open": "notice",
            "closed": "closed",
        },
        NodeName("lost"): {"kind": "hangup", "text": "lost"},
        NodeName("menu"): {
            "kind": "menu",
            "text": "menu",
            "keys": {"1": "sales", "*": "menu"},
        },
        NodeName("notice"): {"kind": "play", "text": "notice", "next": "menu"},
        NodeName("sales"): {"kind": "queue", "queue": "sales", "text": "sales"},
    }
    shop = Site(flow=(Flow(id=FlowId("main"), start=NodeName("hours"), node=nodes),))
    texts = [wish.text for wish in utterances_wanted(shop) if wish.text]
    assert texts == ["notice", "closed", "menu", "sales", "lost"]


def test_all_that_a_node_may_say_is_wanted_in_the_language_it_will_be_said_in() -> None:
    nodes: dict[NodeName, dict[str, object]] = {
        NodeName("polski"): {
            "kind": "language",
            "language": "pl",
            "next": "ask",
            "text": "Polski.",
        },
        NodeName("ask"): {
            "kind": "collect",
            "text": "号码？",
            "texts": {"en": "Number?"},
            "refused_text": "没有",
            "next": "end",
        },
        NodeName("end"): {"kind": "hangup", "text": "Bye.", "language": "en"},
    }
    shop = Site(flow=(Flow(id=FlowId("main"), start=NodeName("polski"), node=nodes),))
    texts = [(wish.language, wish.text) for wish in utterances_wanted(shop) if wish.text]
    assert texts == [
        (Language.PL, "Polski."),
        (Language.ZH, "号码？"),
        (Language.EN, "Number?"),
        (Language.ZH, "没有"),
        (Language.EN, "Bye."),
    ]
    assert languages_of(shop) == [Language.ZH, Language.PL, Language.EN]


def test_what_queues_say_is_made_for_those_who_say_it() -> None:
    queues = (Queue(id=QueueId("q"), comfort=("Bitte warten.", " "), whisper="Sales."),)
    texts = [wish.text for wish in utterances_wanted(Site(queue=queues)) if wish.text]
    assert texts == ["Bitte warten.", "Sales."]
    phrases = [wish.phrase for wish in utterances_wanted(Site(queue=queues))]
    assert phrases.count(PhraseKey.WAITED) == phrases.count(PhraseKey.EXPECTED_WAIT) == 12
