"""What stands on the box's own screen: addresses, state, the code and its picture. Pure."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno

from appliance.daemons.box_words import WORDS
from appliance.daemons.console.menu import FIELDS, NAMES, WARNINGS
from appliance.daemons.console.ownership import Ownership
from appliance.daemons.console.places import mdns_name, pages
from appliance.daemons.console.qr import MARGIN, qr_lines
from appliance.daemons.console.screen import (
    FAULT_WORDS,
    SIGN_WORDS,
    Seen,
    _width,
    drawable,
    screen,
)
from appliance.daemons.signs import Sign
from appliance.daemons.standing import Fault, Standing
from appliance.vocabulary.settings import Language

CODE = "7Q2MK-X9R4T"
PAGES = ("http://192.168.100.100/", "http://linghe.local/")
UNCLAIMED = Seen(
    pages=PAGES,
    standing=Standing(is_up=True, calls=2, calls_today=14, phones=3, trunks_up=1, trunks=1),
    ownership=Ownership(code=CODE),
)


def shown(seen: Seen, language: Language = Language.EN, **words: object) -> str:
    size = {"columns": 80, "rows": 25, "terminal": "linux"} | words
    return "\n".join(screen(seen, [], language, **size))


def modules_of(lines: list[str]) -> list[list[bool]]:
    """The picture read back: dark modules, margin and all."""
    rows: list[list[bool]] = []
    for line in lines:
        rows.append([char not in "█▀" for char in line])
        rows.append([char not in "█▄" for char in line])
    return rows


def test_the_picture_is_the_code_of_the_page_and_its_one_time_code() -> None:
    text = shown(UNCLAIMED)
    picture = [line[-33:] for line in text.splitlines() if line.endswith(("█", "▀"))]
    code = segno.make(f"{PAGES[0]}claim#{CODE}", error="l", micro=False, boost_error=False)
    wanted = [[bool(dark) for dark in row] for row in code.matrix_iter(border=MARGIN)]
    assert modules_of(picture)[: len(wanted)] == wanted


def test_a_margin_of_light_is_all_around() -> None:
    lines = qr_lines("http://linghe.local/claim#AAAAA-AAAAA")
    assert {len(line) for line in lines} == {len(lines[0])}
    assert set(lines[0]) == {"█"} and all(line[:2] == line[-2:] == "██" for line in lines[:-1])


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("terminal", ["linux", "xterm"])
def test_no_screen_is_larger_than_its_terminal(language: Language, terminal: str) -> None:
    trouble = Seen(
        pages=PAGES * 4,
        standing=Standing(is_up=True, site_name="很长的店名" * 20, faults=tuple(Fault)),
        ownership=Ownership(code=CODE),
        trouble="x" * 300,
    )
    for seen in (UNCLAIMED, trouble):
        for columns, rows in ((80, 25), (80, 24), (40, 12), (200, 60)):
            lines = screen(seen, [], language, columns=columns, rows=rows, terminal=terminal)
            assert len(lines) == rows
            assert all(_width(line) <= columns for line in lines)


def test_a_terminal_too_small_for_the_picture_has_the_code_in_letters() -> None:
    text = shown(UNCLAIMED, columns=60, rows=15)
    assert CODE in text and "█" not in text


def test_an_owned_box_shows_no_code() -> None:
    text = shown(Seen(pages=PAGES, ownership=Ownership(owners=("wang",))))
    assert "█" not in text and "code" not in text and "192.168.100.100" in text


def test_a_bare_screen_draws_no_chinese_and_says_the_same_in_english() -> None:
    assert drawable(Language.ZH, "linux") is Language.EN
    assert drawable(Language.ZH, "xterm") is Language.ZH
    assert drawable(Language.PL, "linux") is Language.PL
    named = Seen(pages=PAGES, standing=Standing(is_up=True, site_name="王芳茶铺 Łódź"))
    text = shown(named)
    assert "Lodz" in text and "王" not in text
    assert "王芳茶铺" in shown(named, Language.ZH, terminal="xterm")


def test_a_name_cannot_move_the_screen() -> None:
    seen = Seen(pages=PAGES, standing=Standing(is_up=True, site_name="x\x1b[2J\ny"))
    assert "\x1b" not in shown(seen) and len(shown(seen).splitlines()) == 25


def test_faults_and_signs_are_said() -> None:
    standing = Standing(faults=(Fault.DISK_FULL,), signs={Sign.STICK: "x"})
    text = shown(Seen(pages=PAGES, standing=standing))
    assert "The disk is full." in text and "leave it in" in text and "starting" in text


def test_addresses_are_those_that_others_reach_and_a_self_given_one_is_last() -> None:
    found = pages(80, ["169.254.3.4", "192.168.1.7", "127.0.0.1"], "linghe.local")
    assert found == ("http://192.168.1.7/", "http://169.254.3.4/", "http://linghe.local/")
    assert pages(8080, ["10.0.0.1"], "") == ("http://10.0.0.1:8080/",)
    assert pages(80, ["127.0.0.1"], "linghe.local") == ()
    assert "plug the cable in" in shown(Seen())


def test_where_there_is_ipv6_only_the_page_and_its_picture_have_an_address_of_it() -> None:
    found = pages(80, ["169.254.3.4", "127.0.0.1", "2001:db8::7", "fd00::7", "::1"], "")
    assert found == ("http://[fd00::7]/", "http://[2001:db8::7]/", "http://169.254.3.4/")
    assert pages(8080, ["fd00::7"], "") == ("http://[fd00::7]:8080/",)
    text = shown(Seen(pages=found, ownership=Ownership(code=CODE)))
    assert "http://[fd00::7]/" in text and "█▀" in text and "plug the cable in" not in text
    assert pages(80, ["192.168.1.7", "fd00::7"], "") == ("http://192.168.1.7/",), "short to type"


def test_the_name_is_the_one_that_avahi_won(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text("77\n")
    (tmp_path / "77").mkdir()
    (tmp_path / "77" / "cmdline").write_bytes(b"avahi-daemon: running [linghe-2.local]\0")
    assert mdns_name(tmp_path / "pid", tmp_path) == "linghe-2.local"
    (tmp_path / "77" / "cmdline").write_bytes(b"avahi-daemon: starting\0")
    assert mdns_name(tmp_path / "pid", tmp_path) == ""
    assert mdns_name(tmp_path / "nobody", tmp_path) == ""


def _sentences(tree: ast.AST) -> Iterator[str]:
    """Yield what `said(language, "…")` and `self.say("…")` are given."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        at = {"said": 1, "say": 0}.get(name)
        if at is not None and len(node.args) > at and isinstance(node.args[at], ast.Constant):
            yield str(node.args[at].value)


def test_every_sentence_of_screen_and_menu_has_all_languages() -> None:
    said = {*FAULT_WORDS.values(), *SIGN_WORDS.values(), *NAMES.values(), *WARNINGS.values()}
    said.update(FIELDS)
    assert said <= WORDS.keys()
    folder = Path(__file__).parents[3] / "appliance" / "daemons"
    for place in (*folder.glob("console/*.py"), *folder.glob("hooks/*.py")):
        for found in _sentences(ast.parse(place.read_text(encoding="utf-8"))):
            assert found in WORDS, (place.name, found)
    assert not [text for text, other in WORDS.items() if len(other) != 2 or not all(other)]
