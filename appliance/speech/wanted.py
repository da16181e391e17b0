"""Which prompts a site needs, most needed first."""

from collections.abc import Iterator

from appliance.engines.ivr.names import people_of
from appliance.engines.ivr.nodes import nodes_of
from appliance.engines.ivr.nodes.directory import DirectoryNode
from appliance.engines.ivr.nodes.node import Node
from appliance.engines.ivr.order import callers_order
from appliance.speech.phrases import FARTHEST_POSITION, POSITION_FAR
from appliance.vocabulary.settings import Callback, Language, Parking, Site
from appliance.vocabulary.speech import PhraseKey, Utterance
from appliance.vocabulary.waits import FAR, MINUTES, SHORT

_WITH_VALUES = (
    PhraseKey.POSITION,
    PhraseKey.EXPECTED_WAIT,
    PhraseKey.WAITED,
    PhraseKey.AGENT_NUMBER,
    PhraseKey.SIGNED_IN,
    PhraseKey.NOT_READY,
    PhraseKey.CALLBACK_OFFER,
)
REASONS = "0123456789"


def utterances_wanted(site: Site) -> list[Utterance]:
    """Return all that this site may say, without repetition.

    First the texts that its callers hear (flows that a number reaches before others), then its
    agents' numbers, then our own phrases in every language that the site uses.
    """
    wanted = [*_flow_texts(site), *_agent_numbers(site), *_park_places(site)]
    wanted += [*_queue_texts(site), *_box_texts(site)]
    for language in languages_of(site):
        wanted += phrases_wanted(language)
    wanted += _names(site)
    wanted += _customer_texts(site)
    return list({utterance.index_key: utterance for utterance in wanted}.values())


def languages_of(site: Site) -> list[Language]:
    """Return the languages in use, the site's own first."""
    used = [site.site.language]
    used += [flow.language for flow in site.flow if flow.language is not None]
    used += [node.language for node in _nodes(site) if node.language is not None]
    used += [language for node in _nodes(site) for language in node.texts]
    used += [phone.language for phone in site.extension if phone.language is not None]
    return list(dict.fromkeys(used))


def phrases_wanted(language: Language) -> list[Utterance]:
    """Return our own phrases with all their values, agents' numbers excepted."""
    plain = [
        Utterance(language=language, phrase=phrase)
        for phrase in PhraseKey
        if phrase not in _WITH_VALUES
    ]
    places = [*(str(n) for n in range(1, FARTHEST_POSITION + 1)), POSITION_FAR]
    positions = [
        Utterance(language=language, phrase=PhraseKey.POSITION, values={"n": n}) for n in places
    ]
    reasons = [
        Utterance(language=language, phrase=PhraseKey.NOT_READY, values={"reason": reason})
        for reason in REASONS
    ]
    told = (PhraseKey.EXPECTED_WAIT, PhraseKey.WAITED)
    waits = [wish for phrase in told for wish in waits_wanted(phrase, language)]
    offer = callback_offer(Callback().key, language)
    return [*plain, *positions, *reasons, *waits, *_parked_at(Parking(), language), offer]


def _flow_texts(site: Site) -> Iterator[Utterance]:
    routed = {route.flow for route in site.route}
    for flow in sorted(site.flow, key=lambda flow: flow.id not in routed):
        language = flow.language or site.site.language
        nodes = nodes_of(flow)
        for name in callers_order(flow.start, nodes):
            yield from nodes[name].sayings(language)


def _nodes(site: Site) -> Iterator[Node]:
    for flow in site.flow:
        yield from nodes_of(flow).values()


def _park_places(site: Site) -> list[Utterance]:
    """Where a call was parked, told to who parked it, for places of the site's own choice."""
    return [] if site.parking == Parking() else _parked_at(site.parking, site.site.language)


def _parked_at(parking: Parking, language: Language) -> list[Utterance]:
    first, _, last = parking.slots.partition("-")
    places = (f"{one:0{len(first)}}" for one in range(int(first), int(last) + 1))
    return [
        Utterance(language=language, phrase=PhraseKey.CALL_PARKED, values={"slot": place})
        for place in places
    ]


def _queue_texts(site: Site) -> Iterator[Utterance]:
    for queue in site.queue:
        for text in (*queue.comfort, queue.whisper):
            if text.strip():
                yield Utterance(language=site.site.language, text=text)


def _names(site: Site) -> Iterator[Utterance]:
    """Who is read out where callers dial by name."""
    if any(isinstance(node, DirectoryNode) for node in _nodes(site)):
        for phone in people_of(site):
            for language in dict.fromkeys([site.site.language, *_flow_languages(site)]):
                yield Utterance(language=language, text=phone.name)


def _flow_languages(site: Site) -> Iterator[Language]:
    """Of the flows in which they are."""
    for flow in site.flow:
        if flow.language and any(isinstance(one, DirectoryNode) for one in nodes_of(flow).values()):
            yield flow.language


def _box_texts(site: Site) -> Iterator[Utterance]:
    for box in site.voicemail_box:
        for text in (box.greeting, box.closed_greeting):
            if text.strip():
                yield Utterance(language=site.site.language, text=text)


def _customer_texts(site: Site) -> Iterator[Utterance]:
    """What is said around a call: surveys, and where a queue calls back by another key."""
    for survey in site.survey:
        for text in (survey.text, survey.thanks, survey.reason_text):
            if text.strip():
                yield Utterance(language=site.site.language, text=text)
    keys = {one.callback.key for one in site.queue if one.callback is not None}
    for key in sorted(keys - {Callback().key}):
        for language in languages_of(site):
            yield callback_offer(key, language)


def callback_offer(key: str, language: Language) -> Utterance:
    """Return the sentence that tells who waits by which key he is called back."""
    return Utterance(language=language, phrase=PhraseKey.CALLBACK_OFFER, values={"key": key})


def waits_wanted(phrase: PhraseKey, language: Language) -> Iterator[Utterance]:
    """Return the sentences of such a phrase, one for each step of waits."""
    for n in (SHORT, *map(str, MINUTES), FAR):
        yield Utterance(language=language, phrase=phrase, values={"n": n})


def _agent_numbers(site: Site) -> Iterator[Utterance]:
    for phrase in (PhraseKey.AGENT_NUMBER, PhraseKey.SIGNED_IN):
        for language in languages_of(site):
            for agent in site.agent:
                yield Utterance(language=language, phrase=phrase, values={"agent": agent.id})
