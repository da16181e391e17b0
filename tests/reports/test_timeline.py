"""A call's timeline in people's words, in three languages."""

import string

import pytest
from golden_day import SITE, TIMEZONE, golden_entries
from journal_script import Journal

from appliance.reports.names import names_of
from appliance.reports.timeline import duration, sentence, summary, timeline_of
from appliance.reports.words import WORDS, words_for
from appliance.reports.words_phrases import HEARD_PHRASES, PHRASE_WORDS
from appliance.reports.words_report import REPORT_WORDS
from appliance.reports.words_timeline import TIMELINE_WORDS
from appliance.vocabulary.ids import AgentId, ExtensionNumber, FlowId, NodeName, PromptHash, Utc
from appliance.vocabulary.journal import (
    AgentOffered,
    CallEnded,
    CallOutcome,
    DigitPressed,
    Entry,
    MissReason,
    OfferMissed,
    PromptPlayed,
    RecordingFailed,
    Side,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause
from appliance.vocabulary.settings import Flow, Language, Site
from appliance.vocabulary.speech import PhraseKey

# 13:02:00 in Shanghai
START = 1_763_600_400.0 + 4 * 3600 + 120
FLOW = Flow(
    id=FlowId("main"),
    start=NodeName("menu"),
    node={
        NodeName("menu"): {"kind": "menu"},
        NodeName("to_sales"): {"kind": "queue", "queue": "sales"},
    },
)
NAMES = names_of(Site(queue=SITE.queue, agent=SITE.agent, flow=(FLOW,)))


def the_issues_call() -> list[Entry]:
    """Pressed 2, 8001 did not answer, 8002 did, talked 3:20, the caller hung up."""
    journal = Journal(START)
    journal.enters(0, "c1")
    journal.add(
        5,
        PromptPlayed(
            prompt=PromptHash("00"), text="本次通话将被录音。", language="zh", is_notice=True
        ),
        "c1",
    )
    journal.add(11, DigitPressed(digit="2", leads_to="to_sales"), "c1")
    journal.queued(11.1, "c1")
    first = {"agent": AgentId("1001"), "extension": ExtensionNumber("8001")}
    journal.add(12, AgentOffered(**first), "c1", "c1-b")
    journal.add(24.2, OfferMissed(**first, reason=MissReason.NO_ANSWER), "c1", "c1-b")
    over = journal.talks(30, "c1", "1002", talk=200.9, rang=3)
    journal.left(30, "c1", VisitOutcome.ANSWERED, 18.9)
    journal.ends(over, "c1", CallOutcome.ANSWERED)
    return journal.entries


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            Language.EN,
            "13:02:11 pressed 2 → 销售; 8001 rang 12 s, no answer; 8002 answered;"
            " 8002 talked 3:20; caller hung up",
        ),
        (
            Language.ZH,
            "13:02:11 按 2 → 销售; 8001 振铃 12 秒未接; 8002 接听; 8002 通话 3:20; 来电者挂机",
        ),
        (
            Language.PL,
            "13:02:11 wybrał 2 → 销售; 8001 dzwonił 12 s, nikt nie odebrał; 8002 odebrał;"
            " 8002: rozmowa 3:20; dzwoniący się rozłączył",
        ),
    ],
)
def test_the_whole_call_in_one_line(language: Language, expected: str) -> None:
    lines = timeline_of(the_issues_call(), NAMES)
    assert summary(lines, words_for(language), "Asia/Shanghai") == expected


def test_details_stand_in_the_timeline_and_not_in_the_line() -> None:
    lines = timeline_of(the_issues_call(), NAMES)
    said = [sentence(line, words_for(Language.EN)) for line in lines]
    assert said[0] == "call from 13800138000 to 02188886666"
    assert "recording notice played: 本次通话将被录音。" in said
    assert "waited 0:18" in said
    assert "waits in 销售, position 1" in said
    assert [line.at for line in lines] == sorted(line.at for line in lines)


def test_a_transfer_says_who_took_over() -> None:
    entries = [entry for entry in golden_entries() if entry.call == "c03"]
    line = summary(timeline_of(entries, names_of(SITE)), words_for(Language.EN), TIMEZONE)
    assert line == (
        "09:05:20 waits in 销售, position 1; 8001 answered; 8001 talked 3:00, on hold 0:20;"
        " 8002 took over; 8002 talked 1:30; survey: 2, so-so; agent hung up"
    )


def test_our_words_within_a_sentence_are_translated_and_peoples_are_not() -> None:
    journal = Journal(START)
    journal.enters(0, "c1", caller="")
    journal.add(1, RecordingFailed(recording="r", text="busy"), "c1")
    journal.add(
        2, CallEnded(by=Side.BOX, cause=Cause.AUDIO_LOST, outcome=CallOutcome.ANSWERED), "c1"
    )
    lines = timeline_of(journal.entries, NAMES)
    said = [sentence(line, words_for(Language.ZH)) for line in lines]
    assert said[0] == "未知号码 呼入 02188886666"
    assert said[-2:] == ["未录音：busy", "结束：无语音"]


def test_braces_in_a_sites_text_are_only_text() -> None:
    journal = Journal(START)
    journal.add(
        0, PromptPlayed(prompt=PromptHash("0"), text="{0} {x.__class__} }{", language="en"), "c1"
    )
    (line,) = timeline_of(journal.entries, NAMES)
    assert sentence(line, words_for(Language.EN)) == "heard: {0} {x.__class__} }{"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.99, "0:59"), (200, "3:20"), (3599, "59:59"), (3725, "1:02:05")],
)
def test_durations_as_people_write_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize("english", sorted(WORDS))
def test_every_word_is_there_in_three_languages_with_the_same_values(english: str) -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for translated in WORDS[english]:
        assert translated
        assert names(translated) == names(english)


def test_no_word_is_told_twice_with_two_meanings() -> None:
    assert not set(TIMELINE_WORDS) & set(REPORT_WORDS)


def test_every_fact_of_every_kind_says_something_known_or_nothing(
    every_fact: list[Entry],
) -> None:
    for line in timeline_of(every_fact, NAMES):
        assert line.text_key in WORDS, line.kind
        for name in line.words:
            assert line.values[name] in WORDS
        for language in Language:
            assert "{" not in sentence(line, words_for(language))


def test_the_time_is_the_sites() -> None:
    lines = timeline_of(the_issues_call(), NAMES)
    assert summary(lines, words_for(Language.EN), "Europe/Warsaw").startswith("06:02:11 ")
    assert summary([], words_for(Language.EN), "Europe/Warsaw") == ""
    assert lines[0].at == Utc(START)


def test_every_phrase_of_the_box_has_words_in_a_timeline():
    # An agent's number has a fact of its own (NumberTold).
    assert set(HEARD_PHRASES) == {str(key) for key in PhraseKey} - {"agent_number"}
    assert len(HEARD_PHRASES) == len(PHRASE_WORDS), "two phrases with one sentence"
