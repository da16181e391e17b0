"""The page "Today": the golden day's figures, each with its formula; an empty day says so."""

import html
import json
import re
from datetime import timedelta

import pytest
import shop_day
from golden_day import DATE, SITE, golden_end, golden_entries
from journal_script import Journal
from web_stage import Browser, Stage

from appliance.reports.daily import daily_report
from appliance.reports.daily_tables import AGENT_TALK_RULE, QUEUE_TALK_RULE
from appliance.reports.days import day_of
from appliance.reports.record import record_of
from appliance.reports.words import words_for
from appliance.store.ledger import Ledger
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import VisitOutcome
from appliance.vocabulary.settings import Language
from webadmin.pages.today.half_hours import bars_of

ADDRESS = f"/today/?day={DATE.isoformat()}"


@pytest.fixture
def golden(stage: Stage) -> Browser:
    """The golden day in English, the owner logged in."""
    stage.has_people()
    store = stage.settings()
    store.save(SITE, by="test", at=Utc(0.0))
    store.close()
    ledger = Ledger(stage.places.calls, record_of)
    ledger.append(golden_entries())
    ledger.close()
    return stage.logged_in(language="en")


def test_service_level_is_printed_with_its_variant_and_formula(golden: Browser) -> None:
    text = golden.get(ADDRESS).text
    assert "63.6 %" in text
    assert "(A≤20 + B≤20) / (A + B)" in text
    assert "Service level #1" in text
    for other in ("57.1 %", "36.4 %", "50.0 %", "54.5 %", "30.8 %"):
        assert other in text, "each other formula's result stands beside its formula"


def test_golden_figures_are_on_the_page(golden: Browser) -> None:
    text = golden.get(ADDRESS).text
    for figure in ("53.8 %", "16.7 s", "1:00", "销售", "王芳"):
        assert figure in text, figure


def _spoken(text: str) -> int:
    whole = 0
    for part in text.split(":"):
        whole = whole * 60 + int(part)
    return whole


def test_row_of_an_agent_adds_up_to_the_time_he_was_signed_in(golden: Browser) -> None:
    text = golden.get(ADDRESS).text
    row = text[text.index('<th scope="row">王芳') :]
    shown = dict(re.findall(r'<td data-label="([^"]+)">([^<]*)</td>', row[: row.index("</tr>")]))
    assert shown["Other calls"] == "1:15", "an outbound call of 75 s"
    states = ("Ready", "Ringing", "Talking", "Holding", "Wrap-up", "Other calls", "Not ready")
    together = sum(_spoken(shown[state]) for state in (*states, "Phone lost"))
    assert together == pytest.approx(_spoken(shown["Signed in"]), abs=len(states))


def test_mean_talks_say_whose_talks_they_are_of(golden: Browser) -> None:
    for language in ("en", "zh", "pl"):
        golden.client.set_cookie("linghe_language", language)
        text = html.unescape(golden.get(ADDRESS).text)
        for rule in (QUEUE_TALK_RULE, AGENT_TALK_RULE):
            words = words_for(Language(language))(rule)
            assert f'<th title="{words}">' in text and f'<p class="hint">{words}</p>' in text


def test_both_reconciliation_lines_stand_with_their_differences(golden: Browser) -> None:
    text = golden.get(ADDRESS).text
    assert "<b>E 14</b>" in text and "<b>O 13</b>" in text
    assert text.count("difference 0") == 3
    assert 'class="wrong"' not in text


def test_empty_day_says_so_and_has_dashes_not_zeros_per_cent(golden: Browser) -> None:
    text = golden.get(f"/today/?day={(DATE + timedelta(days=3)).isoformat()}").text
    assert "No calls on this day." in text
    assert "–" in text
    assert "100.0 %" not in text


def test_box_without_anything_shows_the_page(stage: Stage) -> None:
    stage.has_people()
    browser = stage.logged_in(language="en")
    text = browser.get("/today/").text
    assert "No queue is set up yet." in text and "Call control does not answer" in text


def test_json_is_the_report_and_csv_has_both_lines(golden: Browser) -> None:
    told = json.loads(golden.get(f"/today/day.json?day={DATE.isoformat()}").data)
    assert told["box"]["counts"]["entered"] == 14
    sheet = golden.get(f"/today/day.csv?day={DATE.isoformat()}")
    assert sheet.data.startswith(b"\xef\xbb\xbf")
    assert "(A≤20 + B≤20) / (A + B)" in sheet.data.decode()
    assert "attachment" in sheet.headers["Content-Disposition"]


def test_bars_are_as_high_as_the_half_hours_calls() -> None:
    report = daily_report(golden_entries(), SITE, day_of(DATE, SITE.site.timezone), golden_end())
    bars = bars_of(report.half_hours)
    assert sum(bar.answered + bar.abandoned + bar.other for bar in bars.bars) == 13
    for bar in bars.bars:
        foot = bar.answered_y + bar.answered_height
        assert foot == pytest.approx(bars.height, abs=0.05)
        assert bar.other_y >= -0.05
    busy = [bar.label for bar in bars.bars if bar.answered or bar.abandoned]
    assert busy == ["09:00", "09:30"]


def test_half_hours_of_nothing_still_make_a_picture() -> None:
    report = daily_report([], SITE, day_of(DATE, SITE.site.timezone), golden_end())
    bars = bars_of(report.half_hours)
    assert len(bars.bars) == 20 and not any(bar.answered for bar in bars.bars)


def test_no_mean_wait_stands_above_the_longest(full: Stage) -> None:
    """The one caller's wait of 4.9 s is both; cut to whole seconds the longest would be less."""
    journal = Journal(shop_day.NINE + timedelta(days=1).total_seconds())
    journal.enters(0.0, "one")
    journal.queued(0.0, "one")
    journal.left(4.9, "one", VisitOutcome.ANSWERED, 4.9)
    ledger = Ledger(full.places.calls, record_of)
    ledger.append(journal.entries)
    ledger.close()
    text = full.logged_in(language="en").get("/today/?day=2025-11-21").text
    tile = text[text.index('<div class="tile-label">Mean wait') :].partition("</div></div>")[0]
    assert re.findall(r"[\d.:]+(?: s)?(?=<|$)", tile) == ["4.9 s", "4.9 s"]
