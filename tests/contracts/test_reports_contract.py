"""What every report in REPORTS keeps: a new one is tried as soon as it stands there."""

import csv
import io
import json

import pytest
from golden_day import SITE, golden_day, golden_end, golden_entries

from appliance.reports.registry import REPORTS, report_named
from appliance.reports.words import WORDS, words_for
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.settings import Language, Site

each = pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)


def test_names_are_told_apart() -> None:
    names = [report.name for report in REPORTS]
    assert len(set(names)) == len(names)
    with pytest.raises(RefusedError, match=names[0]):
        report_named("no such report")


@each
def test_it_is_found_by_its_name_and_titled_in_three_languages(report) -> None:
    assert report_named(report.name) is report
    assert report.title in WORDS


@each
def test_the_same_entries_give_the_same_report_in_any_order_of_calls(report) -> None:
    entries = golden_entries()
    by_call = sorted(entries, key=lambda entry: (entry.call or "", entry.at))
    made = [report.as_json(one, SITE, golden_day(), golden_end()) for one in (entries, by_call)]
    assert made[0] == made[1]
    assert json.loads(made[0])


@each
@pytest.mark.parametrize("language", Language)
def test_its_tables_are_rectangular_and_their_words_translated(report, language: Language) -> None:
    missing: list[str] = []

    def gettext(text: str) -> str:
        if text not in WORDS:
            missing.append(text)
        return words_for(language)(text)

    tables = report.as_tables(golden_entries(), SITE, golden_day(), golden_end(), gettext)
    assert tables and not missing
    for table in tables:
        widths = {len(row) for row in table.rows}
        assert len(widths) <= 1
        if table.headings:
            assert widths <= {len(table.headings)}
            assert len(set(table.headings)) == len(table.headings)


@each
def test_its_csv_opens_in_a_spreadsheet(report) -> None:
    content = report.as_csv(
        golden_entries(), SITE, golden_day(), golden_end(), words_for(Language.ZH)
    )
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    tables = report.as_tables(
        golden_entries(), SITE, golden_day(), golden_end(), words_for(Language.ZH)
    )
    titles, headings = len(tables), sum(bool(table.headings) for table in tables)
    figures = sum(len(table.rows) for table in tables)
    assert figures > 0
    assert len(rows) == titles + headings + figures + len(tables) - 1, "a blank line between two"


@each
def test_it_can_be_made_of_nothing(report) -> None:
    day = golden_day()
    assert json.loads(report.as_json([], Site(), day, day.end))
    assert report.as_csv([], Site(), day, day.end, words_for(Language.EN))


@each
def test_it_can_be_made_while_the_day_goes_on(report) -> None:
    entries = golden_entries()
    for count in range(0, len(entries), 7):
        now = entries[count].at
        assert json.loads(report.as_json(entries[:count], SITE, golden_day(), now))
