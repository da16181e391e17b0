"""`linghe flow`, and what `linghe apply` says of menus that callers would not like."""

import json
from pathlib import Path

from linghe_run import Linghe

BAKERY = Path(__file__).parents[1] / "data" / "bakery.toml"


def test_a_caller_who_presses_1_in_office_hours(linghe: Linghe) -> None:
    linghe("apply", "--no-prompts", str(BAKERY))
    code, said, _ = linghe("flow", "02188886666", "--keys", "71", "--at", "2026-11-23 10:00")
    assert code == 0
    assert said.splitlines() == [
        "main on 2026-11-23 (Monday) 10:00, keys: 71",
        "hours (hours), by: start",
        "notice (play), by: open",
        "    says: Welcome to Bread and Co. This call is recorded.",
        "menu (menu), by: next",
        "    says: For orders press 1, for the office press 2, for Anna press 3.",
        "    heard that the key is not a choice",
        "    says: For orders press 1, for the office press 2, for Anna press 3.",
        "    keyed in 7: wrong",
        "    keyed in 1 → orders",
        "orders (queue), by: 1",
        "ends: the queue orders",
    ]


def test_a_phone_that_is_not_answered_and_a_program_that_asks(linghe: Linghe) -> None:
    linghe("apply", "--no-prompts", str(BAKERY))
    asked = ("flow", "main", "--keys", "3", "--at", "2026-11-23 10:00", "--json")
    assert json.loads(linghe(*asked)[1])["ends"] == "extension"
    told = json.loads(linghe(*asked, "--no-answer")[1])
    assert [step["node"] for step in told["steps"]] == [
        *("hours", "notice", "menu"),
        *("anna", "orders"),
    ]
    assert (told["ends"], told["target"]) == ("queue", "orders")


def test_what_is_not_there_and_what_is_no_key(linghe: Linghe) -> None:
    linghe("apply", "--no-prompts", str(BAKERY))
    code, _, errors = linghe("flow", "mian")
    assert code == 1 and 'There is no flow, and no number, "mian". Flows: main.' in errors
    code, _, errors = linghe("flow", "main", "--keys", "1x")
    assert code == 2 and "no keys of a phone: X" in errors


WIDE = """
[[flow]]
id = "wide"
start = "hello"

[flow.node.hello]
kind = "play"
text = "{text}"
next = "menu"

[flow.node.menu]
kind = "menu"
text = "Press 1 to 6."
keys = {{ "1" = "end", "2" = "end", "3" = "end", "4" = "end", "5" = "end", "6" = "end" }}

[flow.node.end]
kind = "hangup"
"""


def test_apply_advises_and_applies_all_the_same(linghe: Linghe, tmp_path: Path) -> None:
    place = tmp_path / "site.toml"
    place.write_text(BAKERY.read_text() + WIDE.format(text="We bake bread. " * 25))
    code, _, said = linghe("apply", "--no-prompts", str(place))
    assert code == 0
    advice = [line for line in said.splitlines() if line.startswith("advice: ")]
    assert advice == [
        "advice: wide: menu: 6 choices; nobody keeps more than 5 in mind",
        "advice: wide: menu: about 27 s of talk until the first key that is of use; "
        "20 s are plenty",
    ]
    code, listed, _ = linghe("flow")
    assert code == 0
    assert listed.splitlines()[1].split() == ["main", "hours", "7", "02188886666"]
    assert "wide: menu: 6 choices; nobody keeps more than 5 in mind" in listed
