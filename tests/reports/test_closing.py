"""A power cut at any moment: what was cut off is ended on paper, and the day reconciles."""

from random import Random

import pytest
from golden_day import SITE, golden_day, golden_end, golden_entries
from journal_script import Journal
from random_calls import RandomCalls

from appliance.reports.closing import closing_entries
from appliance.reports.daily import daily_report
from appliance.reports.fold import story_of
from appliance.vocabulary.facts_handling import (
    ConferenceBegun,
    ConferenceEnded,
    ConsultBegun,
    ConsultEnded,
    Held,
    Retrieved,
)
from appliance.vocabulary.ids import CallId, ExtensionNumber, Instant, LegId, Seconds, Utc
from appliance.vocabulary.journal import (
    AgentOffered,
    Bridged,
    CallOutcome,
    Entry,
    MissReason,
    OfferMissed,
    Side,
    TalkEnded,
    VisitOutcome,
)
from appliance.vocabulary.lines import Cause


def closed(entries: list[Entry], at: Utc) -> list[Entry]:
    by_call: dict[CallId, list[Entry]] = {}
    for entry in entries:
        if entry.call is not None:
            by_call.setdefault(entry.call, []).append(entry)
    return [*entries, *(new for own in by_call.values() for new in closing_entries(own, at))]


def test_a_caller_cut_off_while_waiting_is_an_abandon_with_its_reason() -> None:
    entries = [e for e in golden_entries() if e.call == "c06"][:4]
    cut = Utc(entries[-1].at + 7)
    story = story_of([*entries, *closing_entries(entries, cut)])
    assert story is not None
    assert (story.outcome, story.cause) == (CallOutcome.ABANDONED, Cause.BOX_RESTARTED)
    (visit,) = story.visits
    assert (visit.outcome, visit.wait, visit.reason) == (
        VisitOutcome.ABANDONED,
        7.0,
        "box_restarted",
    )


def test_a_talk_that_was_cut_keeps_what_was_talked() -> None:
    own = [entry for entry in golden_entries() if entry.call == "c10"]
    entries = [entry for entry in own if entry.at < own[-1].at]
    story = story_of([*entries, *closing_entries(entries, Utc(own[-1].at - 150))])
    assert story is not None and story.outcome is CallOutcome.ANSWERED
    assert story.legs[0].talk == 50.0


def test_the_clock_stands_still_while_a_cut_talk_was_on_hold() -> None:
    """Held for 20 s, retrieved, held again when the power went 12 s later."""
    own = [entry for entry in golden_entries() if entry.call == "c10"]
    entries = [entry for entry in own if entry.at < own[-1].at]
    began = next(one for one in entries if isinstance(one.fact, Bridged))
    facts = [(10, Held(by=Side.AGENT)), (30, Retrieved(by=Side.AGENT)), (50, Held(by=Side.CALLER))]
    entries = [one for one in entries if one.at <= began.at] + [
        Entry(
            at=Utc(began.at + after), mono=Instant(began.mono + after),
            call=began.call, fact=fact, key=f"c10:hold:{after}",
        )
        for after, fact in facts
    ]  # fmt: skip
    story = story_of([*entries, *closing_entries(entries, Utc(began.at + 62))])
    assert story is not None
    assert (story.legs[0].talk, story.legs[0].hold) == (30.0, 32.0)


def test_a_phone_that_rang_at_the_cut_rang_until_then_and_it_is_no_fault_of_its_agent() -> None:
    own = [entry for entry in golden_entries() if entry.call == "c10"]
    offered = next(one for one in own if isinstance(one.fact, AgentOffered))
    entries = [one for one in own if one.at <= offered.at]
    cut = closing_entries(entries, Utc(offered.at + 6))
    (missed,) = [one.fact for one in cut if isinstance(one.fact, OfferMissed)]
    assert (missed.agent, missed.reason, missed.rang) == ("1002", MissReason.CALLER_GONE, 6.0)
    story = story_of([*entries, *cut])
    assert story is not None
    assert [offer.is_ringing for offer in story.offers] == [False]
    assert [visit.was_ringing for visit in story.visits] == [True]


def test_consultation_and_conference_that_were_cut_end_too() -> None:
    """Two of our side talked for 8 s in the conference: the customer's time is counted once."""
    journal = Journal(golden_day().start)
    journal.enters(0, "c1")
    first, second = LegId("l1"), LegId("l2")
    journal.add(5, _bridged("201"), "c1", leg=first)
    journal.add(10, ConsultBegun(to="202", extension=ExtensionNumber("201")), "c1")
    asked = journal.entries
    journal.add(20, ConsultEnded(to="202", seconds=Seconds(4.0)), "c1")
    journal.add(20, ConferenceBegun(parties=("201", "202")), "c1")
    journal.add(20, _bridged("202"), "c1", leg=second)

    cut = closing_entries(asked, Utc(golden_day().start + 15))
    assert [one.fact for one in cut if isinstance(one.fact, ConsultEnded)] == [
        ConsultEnded(to="202", seconds=Seconds(0.0))
    ]
    (talk,) = [one.fact for one in cut if isinstance(one.fact, TalkEnded)]
    assert (talk.talk, talk.hold) == (5.0, 5.0)

    cut = closing_entries(journal.entries, Utc(golden_day().start + 28))
    assert [one.fact for one in cut if isinstance(one.fact, ConferenceEnded)] == [
        ConferenceEnded(seconds=Seconds(8.0), overlap=Seconds(8.0))
    ]
    talks = [one.fact for one in cut if isinstance(one.fact, TalkEnded)]
    assert [(one.talk, one.hold) for one in talks] == [(13.0, 10.0), (8.0, 0.0)]


def _bridged(extension: str) -> Bridged:
    return Bridged(agent=None, extension=ExtensionNumber(extension))


def test_ended_calls_and_halves_of_calls_are_left_alone() -> None:
    own = [entry for entry in golden_entries() if entry.call == "c03"]
    assert closing_entries(own, Utc(own[-1].at)) == []
    assert closing_entries(own[1:5], Utc(own[-1].at)) == []
    assert closing_entries([], Utc(0.0)) == []


def test_closing_twice_makes_the_same_keys() -> None:
    journal = Journal(golden_day().start)
    journal.enters(5, "c1")
    journal.queued(9, "c1")
    first = closing_entries(journal.entries, Utc(golden_day().start + 20))
    again = closing_entries(journal.entries, Utc(golden_day().start + 90))
    assert [entry.key for entry in first] == [entry.key for entry in again]
    assert len({entry.key for entry in first}) == len(first) == 2


@pytest.mark.parametrize("seed", range(20))
def test_after_a_cut_at_any_moment_the_day_reconciles_with_nothing_in_progress(seed: int) -> None:
    rng = Random(seed)
    day = golden_day()
    calls = RandomCalls(rng, day.start)
    calls.write(150)
    entries = calls.entries
    kept = entries[: rng.randrange(len(entries))]
    at = kept[-1].at if kept else day.start
    report = daily_report(closed(kept, at), SITE, day, golden_end())
    assert [line.text for line in report.reconciliation if line.difference] == []
    assert report.box.counts.in_progress == 0
    assert all(queue.figures.counts.waiting == 0 for queue in report.queues)
