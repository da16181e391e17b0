"""Reports written out: JSON that programs read, CSV that spreadsheets open."""

import csv
import io
import json

import pytest
from golden_day import SITE, golden_day, golden_end, golden_entries
from journal_script import Journal
from msgspec.structs import replace

from appliance.reports.daily import DailyReport, daily_report
from appliance.reports.render import report_csv, report_json
from appliance.reports.tables import shown
from appliance.reports.words import words_for
from appliance.vocabulary.settings import Language, Site


@pytest.fixture(scope="module")
def report() -> DailyReport:
    return daily_report(golden_entries(), SITE, golden_day(), golden_end())


def rows_of(report: DailyReport, language: Language) -> list[list[str]]:
    content = report_csv(report, words_for(language))
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in content.replace(b"\r\n", b"")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_has_the_figures_under_chinese_headings(report: DailyReport) -> None:
    rows = rows_of(report, Language.ZH)
    at = next(i for i, row in enumerate(rows) if row[:1] == ["技能组/队列"])
    sales = dict(zip(rows[at + 1], rows[at + 2], strict=True))
    assert sales["队列"] == "销售"
    assert (sales["人工请求量"], sales["接通量"], sales["接通率 %"]) == ("13", "7", "53.85")
    assert sales["服务水平 %"] == "63.64"
    assert sales["公式"] == "#1 (A≤20 + B≤20) / (A + B)"
    assert (sales["平均应答速度 秒"], sales["平均排队 秒"]) == ("16.71", "21.92")


def test_every_variant_stands_beside_its_formula_in_words(report: DailyReport) -> None:
    rows = rows_of(report, Language.EN)
    at = next(i for i, row in enumerate(rows) if row[:1] == ["Service level"])
    figures = {row[1]: (row[2], row[4]) for row in rows[at + 2 : at + 8]}
    assert figures["#2"] == ("57.14", "answered within 20 s, of all answered")
    assert figures["#6"] == ("30.77", "answered within 20 s, of all offered")


def test_the_reconciliation_is_printed_with_its_difference(report: DailyReport) -> None:
    rows = rows_of(report, Language.PL)
    at = next(i for i, row in enumerate(rows) if row[:1] == ["Uzgodnienie"])
    box, box_queues, sales = rows[at + 2 : at + 5]
    assert box[:2] == ["Centrala", "E 14 = I 1 + X 0 + D 0 + G 0 + O 13 + P 0; Δ 0"]
    assert box[3] == "0"
    assert sales[0] == "销售" and sales[1] == box_queues[1]


def test_head_says_whose_talk_the_averages_are_of(report: DailyReport) -> None:
    told = [row[1] for row in rows_of(report, Language.EN) if row[:1] == ["talk"]]
    assert len(told) == 2
    assert "a conference counts for each agent in it, in the call list once" in told[0]
    assert "handed on to him" in told[1]


def test_calls_that_no_queue_gave_are_other_calls_not_own_ones(report: DailyReport) -> None:
    for language, heading in (
        (Language.EN, "other calls s"),
        (Language.ZH, "其他通话 秒"),
        (Language.PL, "inne rozmowy s"),
    ):
        assert any(heading in row for row in rows_of(report, language))


def test_half_hours_without_calls_show_a_dash_not_a_zero(report: DailyReport) -> None:
    rows = rows_of(report, Language.EN)
    night = next(row for row in rows if row[:2] == ["销售", "03:00"])
    by_heading = dict(
        zip(next(row for row in rows if row[:2] == ["queue", "from"]), night, strict=True)
    )
    assert by_heading["offered"] == "0"
    assert by_heading["connect rate %"] == by_heading["service level %"] == "–"
    assert by_heading["average speed of answer s"] == by_heading["longest wait s"] == "–"


def test_json_has_every_field_also_where_there_is_nothing(report: DailyReport) -> None:
    read = json.loads(report_json(report))
    assert read["day"]["date"] == "2025-11-20"
    (sales,) = read["queues"]
    assert sales["figures"]["service_level"]["variant"] == 1
    assert sales["figures"]["service_level"]["per_cent"] == pytest.approx(63.64, abs=0.005)
    night = sales["half_hours"][6]
    assert night["figures"]["counts"]["offered"] == 0
    assert night["figures"]["rates"]["connect"] is None
    assert [line["difference"] for line in read["reconciliation"]] == [0, 0, 0]


def test_a_site_named_like_a_formula_is_text_in_a_spreadsheet() -> None:
    site = replace(SITE, site=replace(SITE.site, name='=HYPERLINK("http://x")'))
    day = golden_day()
    rows = rows_of(daily_report([], site, day, day.end), Language.EN)
    assert ["site", '\'=HYPERLINK("http://x")'] in rows


def test_an_empty_box_has_a_report_too() -> None:
    day = golden_day()
    report = daily_report(Journal(0).entries, Site(), day, day.end)
    assert report.is_reconciled and report.queues == () and report.agents == ()
    assert rows_of(report, Language.EN)


@pytest.mark.parametrize(
    ("cell", "text"), [(None, "–"), (0, "0"), (63.6363, "63.64"), ("007", "007")]
)
def test_cells(cell: str | int | float | None, text: str) -> None:
    assert shown(cell) == text
