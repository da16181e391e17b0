"""A caller who chose his name with care, in all that the pages and the API make of the journal.

Names are cut to what is printable where they come in (lines/sip_leg.py). They stand here in the
ledger as if that had been passed by: this is the second defence.
"""

import csv
import io
import json
from html.parser import HTMLParser

import pytest
from api_stage import API, Program, has_token
from journal_script import Journal
from msgspec.structs import replace
from test_api_events import Reader
from web_stage import Stage

from appliance.reports.days import day_at
from appliance.reports.record import record_of
from appliance.store.ledger import Ledger
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import CallEntered
from appliance.vocabulary.lines import Party

NINE = 1_795_417_200.0
NAMES = {
    "quotes": "\"'`",
    "backslashes": "\\\\\\n\\u0000",
    "markup": "</td></script><script>alert(1)</script><img src=x onerror=alert(2)>",
    "an attribute": '" autofocus onfocus="alert(1)',
    "a comment": "--><!-- ]]>",
    "line ends": "Anna\r\n\r\nevent: ended\ndata: {}\n\n",
    "carriage returns alone": "Anna\rid: 99\rdata: x\r\r",
    "NUL": "a\0b",
    "escape sequence": "\x1b[2J\x9b1m",
    "right to left": "\u202e5001\u202c",
    "line separator": "a\u2028b\u2029c",
    "emoji": "👩\u200d👩\u200d👧 😀",
    "200 characters of Chinese": "王" * 200,
    "a formula": '=HYPERLINK("http://x/"&A1)',
    "a full-width formula": "＝1+1",
    "template": "{{ 7*7 }}{% raw %}%(name)s{0}%s",
    "half a pair": "\ufffe\uffff",
}


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return NAMES[request.param]


@pytest.fixture
def named(stage: Stage, name: str) -> Stage:
    """One call of today, by this name and number, to this number."""
    stage.has_people()
    stage.has_site()
    has_token(stage)
    journal = Journal(NINE)
    journal.enters(0.0, "call-1")
    ledger = Ledger(stage.places.calls, record_of)
    for entry in journal.entries:
        if isinstance(entry.fact, CallEntered):
            fact = replace(entry.fact, caller=Party(number=name, name=name), called=name)
            entry = replace(entry, fact=fact)
        ledger.append([entry])
    ledger.close()
    return stage


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, frozenset[str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, frozenset(key for key, _ in attrs)))


def test_no_name_adds_a_tag_or_an_attribute_to_a_page(named: Stage) -> None:
    browser = named.logged_in()
    day = day_at(Utc(NINE), "Asia/Shanghai").date
    for address in (f"/calls/?day={day}", "/calls/call-1"):
        answer = browser.get(address)
        assert answer.status_code == 200
        for tag, attributes in Tags(answer.text).found:
            assert not {one for one in attributes if one.startswith("on")}, (tag, attributes)
            assert "autofocus" not in attributes
        assert "alert(1)</script>" not in answer.text and ">49<" not in answer.text


def test_no_name_breaks_a_table_or_becomes_a_formula(named: Stage, name: str) -> None:
    day = day_at(Utc(NINE), "Asia/Shanghai").date
    answer = named.logged_in().get(f"/calls/list.csv?day={day}")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    wide = [row for row in rows if len(row) > 5]
    assert len(wide) == 2 and len(wide[0]) == len(wide[1]), "the headings and the call"
    cells = [cell for cell in wide[1] if name[:3] in cell]
    assert cells and not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))]


def test_every_name_is_whole_for_programs(named: Stage, name: str) -> None:
    program = Program(named)
    for address in ("/calls?since=2026-01-01T00:00:00Z", "/calls/call-1", "/events/past"):
        answer = program.get(address)
        assert answer.status_code == 200, answer.text
        assert name in texts_in(json.loads(answer.text)), address
    assert program.get("/calls/call-1/timeline").status_code in (200, 404)


def texts_in(told: object) -> set[str]:
    """Every text of a document."""
    match told:
        case str():
            return {told}
        case list():
            return {text for one in told for text in texts_in(one)}
        case dict():
            return {text for one in told.values() for text in texts_in(one)}
    return set()


def test_no_name_makes_an_event_of_the_stream(named: Stage, name: str) -> None:
    """Line ends part fields of server-sent events: in a name they are JSON's escapes."""
    reader = Reader(Program(named), "/events?after=0")
    assert reader.frame() == {"retry": "1000"}
    told = reader.event()
    reader.close()
    assert (told["event"], told["id"]) == ("offered", 1)
    assert name in texts_in(told)


def test_no_name_stands_in_a_header(named: Stage) -> None:
    program = Program(named)
    for address in (f"{API}/calls/call-1", f"{API}/events/past"):
        answer = program.client.get(address, headers=program.headers)
        for value in answer.headers.values():
            assert value.isprintable()
