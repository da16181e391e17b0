"""Every phrase has its sentence in every language, with its values in words."""

import pytest

from appliance.daemons.speech.catalogues import catalogues
from appliance.speech.defaults import default_clips
from appliance.speech.phrases import AGENT_PHRASES, agent_parts, sentence, spoken
from appliance.speech.wanted import phrases_wanted, waits_wanted
from appliance.vocabulary.settings import Language
from appliance.vocabulary.speech import PhraseKey, Utterance


def said(language: Language, phrase: PhraseKey, **values: str) -> str:
    return spoken(Utterance(language=language, phrase=phrase, values=values), catalogues())


@pytest.mark.parametrize("language", list(Language))
def test_every_phrase_has_a_sentence_in_words(language: Language) -> None:
    agents = [
        Utterance(language=language, phrase=phrase, values={"agent": "1001"})
        for phrase in AGENT_PHRASES
    ]
    waits = [
        wish
        for phrase in (PhraseKey.EXPECTED_WAIT, PhraseKey.WAITED)
        for wish in waits_wanted(phrase, language)
    ]
    wishes = phrases_wanted(language) + agents + waits
    assert {wish.phrase for wish in wishes} == set(PhraseKey)
    for wish in wishes:
        words = spoken(wish, catalogues())
        assert " " in words or language is Language.ZH, f"{wish.index_key} has no sentence: {words}"
        assert not set(words) & set("{}0123456789_"), words
        if language is Language.ZH:
            assert any("\u4e00" <= sign <= "\u9fff" for sign in words)


def test_all_sentences_of_a_language_differ() -> None:
    for language in Language:
        sentences = [spoken(wish, catalogues()) for wish in phrases_wanted(language)]
        assert len(set(sentences)) == len(sentences)


def test_agent_number_is_said_digit_by_digit() -> None:
    assert said(Language.ZH, PhraseKey.AGENT_NUMBER, agent="1001") == "工号幺零零幺为您服务。"
    assert "one zero zero one" in said(Language.EN, PhraseKey.AGENT_NUMBER, agent="1001")
    assert "jeden zero zero jeden" in said(Language.PL, PhraseKey.AGENT_NUMBER, agent="1001")


@pytest.mark.parametrize(
    ("n", "words"),
    [
        ("2", "czeka jedna osoba"),
        ("3", "czekają dwie osoby"),
        ("5", "czekają cztery osoby"),
        ("6", "czeka pięć osób"),
        ("13", "czeka dwanaście osób"),
        ("20", "czeka dziewiętnaście osób"),
    ],
)
def test_polish_position_follows_the_plural_rule(n: str, words: str) -> None:
    assert words in said(Language.PL, PhraseKey.POSITION, n=n)


def test_position_counts_those_before_and_the_first_is_next() -> None:
    assert "两位" in said(Language.ZH, PhraseKey.POSITION, n="3")
    assert "下一位" in said(Language.ZH, PhraseKey.POSITION, n="1")
    assert "one person ahead" in said(Language.EN, PhraseKey.POSITION, n="2")


def test_not_ready_names_the_reason() -> None:
    assert "用餐" in said(Language.ZH, PhraseKey.NOT_READY, reason="1")
    assert "training" in said(Language.EN, PhraseKey.NOT_READY, reason="4")
    assert "siedem" in said(Language.PL, PhraseKey.NOT_READY, reason="7")


def test_free_text_is_said_as_it_stands() -> None:
    wish = Utterance(language=Language.ZH, text="请按1。")
    assert sentence(wish, catalogues()) == "请按1。"
    assert spoken(wish, catalogues()) == "请按一。"


@pytest.mark.parametrize("language", list(Language))
def test_both_agent_sentences_share_the_clip_of_an_odd_digit(language: Language) -> None:
    last_words = {
        agent_parts(phrase, language, catalogues())[0].rpartition(" ")[2]
        for phrase in AGENT_PHRASES
    }
    assert len(last_words) == 1


def test_clips_cover_all_pairs_in_words() -> None:
    for language in Language:
        clips = default_clips(language, catalogues())
        assert len([name for name in clips if name.startswith("pair|")]) == 100
        assert not any(letter.isdigit() for text in clips.values() for letter in text)
