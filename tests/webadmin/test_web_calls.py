"""Stories of the page "Calls": the list, one call, its recording, and who may hear it."""

import csv
import io
import re

import pytest
import shop_day
from journal_script import Journal
from msgspec.structs import replace
from web_stage import AGENT, Stage

from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.facts_customers import CallbackBegun
from appliance.vocabulary.facts_handling import Held, QualityMeasured, Retrieved
from appliance.vocabulary.facts_legs import CallDiverted, LegConnected
from appliance.vocabulary.ids import (
    CallbackId,
    CallId,
    ExtensionNumber,
    LegId,
    QueueId,
    RecordingId,
    Seconds,
    TrunkId,
    Utc,
)
from appliance.vocabulary.journal import (
    Bridged,
    CallEntered,
    CallOutcome,
    Direction,
    Entry,
    RecordingFiled,
    Side,
)
from appliance.vocabulary.lines import Diversion, DiversionReason, Party, TrunkLine
from webadmin.pages.calls.lanes import picture_of
from webadmin.pages.calls.quality import lamp_of

LIST = f"/calls/?day={shop_day.DAY}"
HEARD = f"/calls/recordings/{shop_day.RECORDING}"


def test_list_shows_a_day_newest_first_and_leads_on_to_older_ones(full: Stage) -> None:
    browser = full.logged_in()
    first = browser.get(LIST).text
    assert first.count('class="row-link"') == 50
    address = first.split('class="paging"')[1].split('href="')[1].split('"')[0]
    second = browser.get(address.replace("&amp;", "&")).text
    assert second.count('class="row-link"') == 8
    assert "58" in first and "58" in second


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("number=02164887766", 1),
        ("queue=repair&outcome=voicemail", 1),
        ("direction=outbound", 3),
        ("recorded=yes", 1),
        ("agent=1002&recorded=yes", 1),
        ("agent=1001&recorded=yes", 0),
        ("outcome=no-such-outcome&number=02164887766", 1),
        ("number=%27%20OR%201=1--", 0),
    ],
)
def test_filters_narrow_the_list(full: Stage, query: str, count: int) -> None:
    text = full.logged_in().get(f"{LIST}&{query}").text
    assert text.count('class="row-link"') == count


def test_a_callback_comes_from_its_queue_and_not_from_a_withheld_number(full: Stage) -> None:
    journal = Journal(shop_day.NINE)
    entered = CallEntered(
        direction=Direction.OUTBOUND,
        line=TrunkLine(trunk=TrunkId("carrier")),
        caller=Party(name="Orders"),
        called="13900001111",
        line_call="cb@carrier",
    )
    begun = CallbackBegun(
        callback=CallbackId("b1"),
        queue=QueueId("sales"),
        number="13900001111",
        first=CallId("c1"),
        asked=Utc(shop_day.NINE),
    )
    journal.add(100, entered, "back", "back-a")
    journal.add(100, begun, "back")
    journal.ends(120, "back", CallOutcome.NOT_ANSWERED, by=Side.BOX)
    ledger = Ledger(full.places.calls, record_of)
    ledger.append(journal.entries)
    ledger.close()
    browser = full.logged_in(language="en")
    text = browser.get(f"{LIST}&direction=outbound&number=13900001111").text
    assert text.count('class="row-link"') == 1
    assert "withheld" not in text and ">Orders</td>" in text
    page = browser.get("/calls/back").text
    assert "withheld" not in page and "Callback <span" in page


def test_what_is_no_date_is_told_in_words(full: Stage) -> None:
    answer = full.logged_in().get("/calls/?day=yesterday-ish")
    assert answer.status_code == 400
    assert "2025-11-20" in answer.text


def test_call_is_told_in_words_with_names_for_ids(full: Stage) -> None:
    browser = full.logged_in(language="en")
    text = browser.get("/calls/long-1").text
    for words in (
        "pressed 2 → 销售",
        "8001 rang 12 s, no answer",
        "8002 answered",
        "talked 3:20",
        "caller hung up",
        "13:26:40",
        shop_day.NOTICE,
        "played at 13:26:41",
    ):
        assert words in text, words


def test_call_that_is_not_there_is_404(full: Stage) -> None:
    assert full.logged_in().get("/calls/nope").status_code == 404


def test_picture_shows_who_heard_what_when() -> None:
    entries = [entry for entry in shop_day.shop_journal().entries if entry.call == "long-1"]
    picture = picture_of(entries, entries[-1].at)
    assert picture is not None
    told = {lane.label: [(p.kind, round(p.seconds)) for p in lane.pieces] for lane in picture.lanes}
    assert told == {
        "02164887766": [("menu", 10), ("waiting", 17), ("talk", 200)],
        "8001": [("ringing", 12)],
        "8002": [("ringing", 4), ("talk", 200)],
    }
    assert [(sign.kind, sign.text) for sign in picture.signs] == [("notice", ""), ("digit", "2")]
    ends = [piece.x + piece.width for lane in picture.lanes for piece in lane.pieces]
    assert max(ends) <= picture.width


def test_picture_of_a_call_that_goes_on_ends_now() -> None:
    entries = [entry for entry in shop_day.shop_journal().entries if entry.call == "long-1"][:3]
    picture = picture_of(entries, entries[0].at + 30)
    assert picture is not None
    assert [(p.kind, p.seconds) for p in picture.lanes[0].pieces] == [("menu", 30.0)]


def test_hold_is_a_piece_of_its_own_in_the_callers_lane() -> None:
    entries = [entry for entry in shop_day.shop_journal().entries if entry.call == "long-1"]
    talk = next(n for n, entry in enumerate(entries) if isinstance(entry.fact, Bridged))
    begun = entries[talk].at
    held = replace(entries[talk], at=Utc(begun + 50), fact=Held(by=Side.AGENT))
    back = replace(entries[talk], at=Utc(begun + 80), fact=Retrieved(by=Side.AGENT))
    picture = picture_of([*entries[: talk + 1], held, back, *entries[talk + 1 :]], entries[-1].at)
    assert picture is not None
    pieces = [(one.kind, round(one.seconds)) for one in picture.lanes[0].pieces]
    assert pieces[-3:] == [("talk", 50), ("hold", 30), ("talk", 120)]


# --- lists ------------------------------------------------------------------------------------
def _listed(full: Stage, query: str) -> str:
    browser = full.logged_in(language="en")
    return browser.get(f"/calls/?{query}").text


def test_range_of_days_is_listed_as_one(full: Stage) -> None:
    one = _listed(full, f"day={shop_day.DAY}")
    before = _listed(full, "day=2025-11-19")
    several = _listed(full, f"day=2025-11-19&last={shop_day.DAY}")
    assert "No calls on this day." in before
    count = re.search(r"(\d+) calls", one)
    assert count is not None and count[0] in several
    assert "2025-11-19 – 2025-11-20" in several and "11-20 " in several
    back = _listed(full, f"day={shop_day.DAY}&last=2025-11-19")
    assert count[0] in back, "an end before the beginning is that day alone"
    browser = full.logged_in()
    assert browser.get(f"/calls/?day={shop_day.DAY}&last=nonsense").status_code == 400
    csv = browser.get(f"/calls/list.csv?day=2025-11-19&last={shop_day.DAY}")
    assert 'filename="linghe-calls-2025-11-19_2025-11-20.csv"' in csv.headers["Content-Disposition"]
    assert csv.text.count("\n") > 55


def test_text_finds_numbers_names_and_ids(full: Stage) -> None:
    for text in ("64887766", "long-1"):
        listed = _listed(full, f"day={shop_day.DAY}&text={text}")
        assert "1 call<" in listed and "02164887766" in listed
    assert "No call fits" in _listed(full, f"day={shop_day.DAY}&text=nothing-like-it")


# --- quality ----------------------------------------------------------------------------------
def _measured(mos: float, lost: int = 0, leg: str | None = None) -> Entry:
    fact = QualityMeasured(
        codec="PCMA", packets=1000 - lost, lost=lost, jitter_ms=1.5, round_trip_ms=20.0, mos=mos
    )
    entry = next(one for one in shop_day.shop_journal().entries if one.call == "long-1")
    return replace(entry, fact=fact, leg=leg, key=f"quality:{leg}:{mos}")


def test_quality_of_each_leg_is_shown_with_its_lamp_and_the_worst_in_the_list(full: Stage) -> None:
    ledger = Ledger(full.places.calls, record_of)
    entries = ledger.story(CallId("long-1"))
    legs = [entry.leg for entry in entries if isinstance(entry.fact, Bridged)]
    filed = next(one for one in entries if isinstance(one.fact, RecordingFiled))
    again = replace(filed, key="filed-again")
    ledger.append([_measured(4.4, leg=legs[0]), _measured(3.2, lost=80), again])
    ledger.close()
    browser = full.logged_in(language="en")
    text = " ".join(re.sub(r"<[^>]+>", " ", browser.get("/calls/long-1").text).split())
    assert "8002 4.4 PCMA 0 of 1000 1.5 ms 20 ms" in text
    assert "outside party 3.2 PCMA 80 of 1000" in text
    listed = browser.get(f"/calls/?day={shop_day.DAY}&number=64887766").text
    assert re.findall(r"lamp lamp-(\w+)", listed) == ["bad"]
    recorded = re.findall(r'<td data-label="Recording">(.*?)</td>', listed)
    assert recorded and not any("lamp" in cell for cell in recorded)  # no dot that is no recording


def _connected(leg: LegId | None, phone: str | None, *, is_encrypted: bool) -> Entry:
    fact = LegConnected(
        transport="tls" if is_encrypted else "udp",
        is_encrypted=is_encrypted,
        extension=None if phone is None else ExtensionNumber(phone),
    )
    entry = next(one for one in shop_day.shop_journal().entries if one.call == "long-1")
    return replace(entry, fact=fact, leg=leg, key=f"connected:{leg}")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("caller UDP not encrypted", "8002 TLS encrypted")),
        ("zh", ("来电者 UDP 未加密", "8002 TLS 已加密")),
        ("pl", ("dzwoniący UDP nieszyfrowany", "8002 TLS szyfrowany")),
    ],
)
def test_the_connection_of_each_leg_is_told(
    full: Stage, language: str, words: tuple[str, str]
) -> None:
    ledger = Ledger(full.places.calls, record_of)
    entries = ledger.story(CallId("long-1"))
    legs = [entry.leg for entry in entries if isinstance(entry.fact, Bridged)]
    filed = next(one for one in entries if isinstance(one.fact, RecordingFiled))
    told = [
        _connected(None, None, is_encrypted=False),
        _connected(legs[0], "8002", is_encrypted=True),
    ]
    ledger.append([*told, replace(filed, key="filed-again")])
    ledger.close()
    browser = full.logged_in(language=language)
    page = browser.get("/calls/long-1").text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert all(one in text for one in words), text


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("en", "02155559999", ("sent on by 02155559999 ·", "sent on by 02155559999: busy")),
        ("zh", "02155559999", ("由 02155559999 转来 ·", "由 02155559999 转来：忙")),
        ("pl", "", ("przekierowane przez zastrzeżony ·", "przekierowane przez numer zastrzeżony:")),
    ],
)
def test_who_sent_the_call_on_is_told(
    full: Stage, language: str, number: str, words: tuple[str, str]
) -> None:
    entry = next(one for one in shop_day.shop_journal().entries if one.call == "long-1")
    by = Diversion(number=number, reason=DiversionReason.BUSY)
    ledger = Ledger(full.places.calls, record_of)
    entries = ledger.story(CallId("long-1"))
    filed = next(one for one in entries if isinstance(one.fact, RecordingFiled))
    ledger.append([replace(entry, fact=CallDiverted(by=by), key="diverted"),
                   replace(filed, key="filed-again")])  # fmt: skip
    ledger.close()
    browser = full.logged_in(language=language)
    page = browser.get("/calls/long-1").text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert all(one in text for one in words), text


@pytest.mark.parametrize(
    ("mos", "lamp"), [(4.4, "good"), (4.0, "good"), (3.9, "pause"), (3.6, "pause"), (3.5, "bad")]
)
def test_steps_of_the_lamp(mos: float, lamp: str) -> None:
    assert lamp_of(mos) == lamp


def test_failed_and_missing_recordings_are_said_to_be_so(full: Stage) -> None:
    browser = full.logged_in(language="en")
    assert "Not recorded: disk full" in browser.get("/calls/message-1").text
    (full.places.recordings / shop_day.DAY / f"{shop_day.RECORDING}.wav").unlink()
    assert "The file is not there any more." in browser.get("/calls/long-1").text
    assert browser.get(HEARD).status_code == 404


# --- recordings -------------------------------------------------------------------------------
def test_player_gets_the_part_it_asks_for(full: Stage) -> None:
    browser = full.logged_in()
    file = full.places.recordings / shop_day.DAY / f"{shop_day.RECORDING}.wav"
    whole = browser.get(HEARD)
    assert (whole.status_code, whole.data) == (200, file.read_bytes())
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.mimetype == "audio/wav"
    part = browser.get(HEARD, Range="bytes=100-199")
    assert (part.status_code, part.data) == (206, file.read_bytes()[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{file.stat().st_size}"
    assert browser.get(HEARD, Range="bytes=999999999-").status_code == 416


def test_hearing_and_downloading_are_noted_once_each(full: Stage) -> None:
    browser = full.logged_in()
    browser.get(HEARD, Range="bytes=0-")
    browser.get(HEARD, Range="bytes=5000-")
    answer = browser.get(f"{HEARD}/file")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert full.acts()[:2] == ["recording_downloaded", "recording_heard"]
    assert full.acts().count("recording_heard") == 1


@pytest.mark.parametrize(
    "wanted",
    [
        "../settings.db",
        "..%2f..%2fsettings.db",
        "%2e%2e%2fsecrets.json",
        "2025-11-20/r-long-1.wav",
        "r-long-1.wav",
        "nope",
        "r-long-1%00",
    ],
)
def test_no_path_from_outside_opens_a_file(full: Stage, wanted: str) -> None:
    answer = full.logged_in().get(f"/calls/recordings/{wanted}")
    assert answer.status_code == 404


def test_file_outside_of_the_recordings_is_not_opened_even_if_the_journal_names_it(
    full: Stage,
) -> None:
    (full.places.root / "secret.wav").write_bytes(b"RIFF")
    journal = shop_day.shop_journal()
    journal.add(
        25_000,
        RecordingFiled(
            recording=RecordingId("r-m"), file="../secret.wav", sha256="", seconds=Seconds(1.0)
        ),
        "message-1",
    )
    ledger = Ledger(full.places.calls, record_of)
    ledger.append(journal.entries)
    ledger.close()
    assert full.logged_in().get("/calls/recordings/r-m").status_code == 404


# --- agents -----------------------------------------------------------------------------------
def test_agent_sees_and_hears_his_own_calls_only(full: Stage) -> None:
    agent = full.logged_in(AGENT)  # 1001; long-1 was 1002's
    assert agent.get("/calls/long-1").status_code == 404
    assert agent.get(HEARD).status_code == 404
    assert agent.get(f"{HEARD}/file").status_code == 404
    text = agent.get(f"{LIST}&agent=1002").text
    assert 0 < text.count('class="row-link"') < 50
    assert "李强" not in text
    row = text.split('class="row-link" href="')[1].split('"')[0]
    assert agent.get(row).status_code == 200


# --- as a spreadsheet -------------------------------------------------------------------------
def test_list_as_csv_keeps_filters_zeros_and_defuses_formulae(full: Stage) -> None:
    browser = full.logged_in()
    answer = browser.get(f"/calls/list.csv?day={shop_day.DAY}&queue=repair")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) > 10
    assert any("02188886666" in row for row in rows)
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert "calls_exported" in full.acts()


def test_hostile_caller_is_only_text(full: Stage) -> None:
    browser = full.logged_in()
    for address in (LIST, "/calls/message-1"):
        text = browser.get(address).text
        assert shop_day.HOSTILE not in text
        assert "<script>alert" not in text and "<img src=x" not in text
        assert "&lt;script&gt;alert(1)" in text
