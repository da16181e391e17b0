"""Voicemail in the daily report: left, heard, deleted, unheard for too long; nothing twice."""

from journal_script import Journal

from appliance.reports.daily import daily_report
from appliance.reports.daily_tables import daily_tables
from appliance.reports.days import parsed_day
from appliance.reports.words import words_for
from appliance.vocabulary.facts_messages import (
    MessageArrived,
    MessageDeleted,
    MessageHeardBy,
    MessageMarked,
)
from appliance.vocabulary.ids import BoxName, RecordingId, Seconds, Utc
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.settings_messages import VoicemailBoxFacts

DAY = parsed_day("2026-11-23", "Asia/Shanghai")
BOX = VoicemailBoxFacts(id=BoxName("shop"), name="Lada", red_after_hours=2)
SITE = Site(voicemail_box=(BOX,))


def journal() -> Journal:
    """Five messages in the shop's box from 1:00 on, one in a box unknown to it."""
    told = Journal(DAY.start)
    for number in range(5):
        told.add((1 + number) * 3600, arrived(f"r{number}"), f"c{number}")
    told.add(6 * 3600, arrived("x", "other"), "c9")
    return told


def arrived(recording: str, box: str = "shop") -> MessageArrived:
    return MessageArrived(
        recording=RecordingId(recording), box=BoxName(box), caller="1", seconds=Seconds(5.0)
    )


def who(recording: str) -> dict[str, object]:
    return {"recording": RecordingId(recording), "box": BoxName("shop"), "by": "8001"}


def figures(told: Journal, hours: float, site: Site = SITE) -> list[tuple[object, ...]]:
    now = Utc(DAY.start + hours * 3600)
    report = daily_report(told.entries, site, DAY, now)
    return [
        (one.box, one.left, one.heard, one.deleted, one.unheard, one.overdue)
        for one in report.messages
    ]


def test_what_nobody_has_heard_for_longer_than_the_box_allows_is_overdue() -> None:
    told = journal()
    assert figures(told, 6.5) == [("shop", 5, 0, 0, 5, 4), ("other", 1, 0, 0, 1, 0)]
    assert figures(told, 10.5) == [("shop", 5, 0, 0, 5, 5), ("other", 1, 0, 0, 1, 1)]


def test_hearing_marking_and_deleting_count_by_the_last_word() -> None:
    told = journal()
    told.add(6.0 * 3600, MessageHeardBy(**who("r0")), "c0")
    told.add(6.1 * 3600, MessageHeardBy(**who("r1")), "c1")
    told.add(6.2 * 3600, MessageMarked(**who("r1"), is_new=True), "c1")
    told.add(6.3 * 3600, MessageMarked(**who("r2"), is_new=False), "c2")
    told.add(6.4 * 3600, MessageDeleted(**who("r2")), "c2")
    told.add(6.4 * 3600, MessageDeleted(**who("r3")), "c3")
    assert figures(told, 7)[0] == ("shop", 5, 2, 2, 2, 1)


def test_a_box_that_got_nothing_has_a_line_and_a_site_without_boxes_none() -> None:
    assert figures(Journal(DAY.start), 7) == [("shop", 0, 0, 0, 0, 0)]
    report = daily_report([], Site(), DAY, Utc(DAY.end))
    assert report.messages == ()
    titles = [table.title for table in daily_tables(report, words_for(Language.EN))]
    assert "Messages in voicemail boxes" not in titles


def test_the_report_tells_them_in_every_language() -> None:
    report = daily_report(journal().entries, SITE, DAY, Utc(DAY.end))
    for language, said in (
        (Language.EN, "unheard for too long"),
        (Language.ZH, "超时未听"),
        (Language.PL, "nieodsłuchane zbyt długo"),
    ):
        table = daily_tables(report, words_for(language))[-1]
        assert table.headings[-1] == said and table.rows[0] == ("Lada", 5, 0, 0, 5, 5)
