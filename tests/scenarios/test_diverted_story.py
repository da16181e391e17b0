"""Who sent a call on before it came here stands with the call."""

import pytest
from shop import FAR
from shop_steps import nothing_is_left

from appliance.reports.names import names_of
from appliance.reports.record import record_of
from appliance.reports.timeline import sentence, timeline_of
from appliance.reports.words import words_for
from appliance.vocabulary.events import LegOffered
from appliance.vocabulary.facts_legs import CallDiverted
from appliance.vocabulary.lines import Diversion, DiversionReason, Party, TrunkLine
from appliance.vocabulary.settings import Language


def sent_on(shop, number, reason=DiversionReason.NO_ANSWER):
    """A call that this number sent on comes in, and its caller hangs up in the menu."""
    shop.legs["in"] = "offered"
    shop.tell(
        LegOffered(
            leg="in", line=TrunkLine(trunk="carrier"), caller=Party(number="13900001111"),
            called="02188886666", audio=FAR, diverted_from=number,
            diversion=Diversion(number=number, reason=reason),
        )
    )  # fmt: skip
    shop.advance(2)
    shop.hang_up("in")
    return [entry for entry in shop.entries if entry.call is not None]


def told(shop, entries, language=Language.EN):
    words, lines = words_for(language), timeline_of(entries, names_of(shop.site))
    return [sentence(line, words) for line in lines if line.kind == "CallDiverted"]


def test_the_ledger_the_record_and_the_timeline_name_who_sent_it_on(shop):
    entries = sent_on(shop, "02155559999")
    assert [type(one.fact) for one in entries].index(CallDiverted) == 1
    record = record_of(entries)
    assert record.diversion == Diversion(number="02155559999", reason=DiversionReason.NO_ANSWER)
    assert told(shop, entries) == ["sent on by 02155559999: nobody answered"]
    nothing_is_left(shop)


def test_his_number_has_the_one_form_that_numbers_outside_have(shop):
    entries = sent_on(shop, "+8613800138000")
    assert record_of(entries).diversion.number == "13800138000"


@pytest.mark.parametrize(
    ("reason", "language", "words"),
    [
        (DiversionReason.UNKNOWN, Language.EN, "sent on by withheld number"),
        (DiversionReason.BUSY, Language.ZH, "由 未知号码 转来：忙"),
        (DiversionReason.ALWAYS, Language.PL,
         "przekierowane przez numer zastrzeżony: wszystkie połączenia"),
    ],
)  # fmt: skip
def test_who_does_not_want_to_be_named_is_not_and_each_language_says_it(
    shop, reason, language, words
):
    assert told(shop, sent_on(shop, "", reason), language) == [words]


def test_a_call_that_came_straight_here_says_nothing_of_it(shop):
    leg = shop.call_in()
    shop.advance(2)
    shop.hang_up(leg)
    entries = [entry for entry in shop.entries if entry.call is not None]
    assert record_of(entries).diversion is None and not told(shop, entries)


@pytest.mark.parametrize("reason", DiversionReason)
def test_every_reason_has_its_words_in_every_language(shop, reason):
    entries = sent_on(shop, "02155559999", reason)
    known = {told(shop, entries, language)[0] for language in Language}
    assert len(known) == len(Language)
