"""`linghe flow FLOW` as a document that grows: drafts, publishing, differences, the way back."""

import json
from pathlib import Path

import pytest
from linghe_run import Linghe

BAKERY = Path(__file__).parents[1] / "data" / "bakery.toml"
OFFICE = '"2" = "office"'
MOVED = '"2" = "orders", "4" = "office"'
DIFFERENCE = [
    "menu 'menu': key 2 now leads to 'orders' (was 'office')",
    "menu 'menu': key 4 is new and leads to 'office'",
]


@pytest.fixture
def main(linghe: Linghe, tmp_path: Path) -> Path:
    """The flow's text in a file, after the bakery was applied."""
    assert linghe("apply", "--no-prompts", str(BAKERY))[0] == 0
    place = tmp_path / "main.toml"
    place.write_text(linghe("flow", "main", "--text")[1])
    return place


def changed(place: Path, *change: str) -> str:
    text = place.read_text()
    assert change[0] in text
    place.write_text(text.replace(*change))
    return str(place)


def test_a_draft_is_tried_published_and_taken_back(linghe: Linghe, main: Path) -> None:
    file = changed(main, OFFICE, MOVED)
    code, said, _ = linghe("flow", "main", "--draft", file, "--why", "the office moved")
    assert (code, said) == (0, 'The draft of "main" is saved. It can be published.\n')
    tried = ("--keys", "2", "--at", "2026-11-23 10:00")
    assert "ends: the queue office" in linghe("flow", "main", *tried)[1]
    assert "ends: the queue orders" in linghe("flow", "main", "--version", "draft", *tried)[1]
    assert linghe("flow", "main", "--diff")[1].splitlines() == DIFFERENCE
    assert linghe("flow", "main", "--publish", "--no-prompts")[0] == 0
    assert "ends: the queue orders" in linghe("flow", "main", *tried)[1]
    assert "ends: the queue office" in linghe("flow", "main", "--version", "1", *tried)[1]
    code, said, _ = linghe("flow", "main", "--rollback", "--no-prompts", "--by", "li")
    assert (code, said) == (
        0,
        'Flow "main": version 3 holds as soon as the box runs.\n',
    )
    assert "ends: the queue office" in linghe("flow", "main", *tried)[1]
    shown = json.loads(linghe("flow", "main", "--versions", "--json")[1])
    assert [
        (one["version"], one["by"], one.get("why"), one.get("back_to")) for one in shown["versions"]
    ] == [
        (3, "li", "", 1),
        (2, "command line", "the office moved", 0),
        (1, "command line", "", 0),
    ]
    assert shown["draft"] is None
    listed = linghe("flow", "main", "--versions")[1].splitlines()
    assert listed[1].startswith("3 ") and listed[1].endswith("back to 1.")


def test_differences_in_the_language_of_the_reader(linghe: Linghe, main: Path) -> None:
    linghe("flow", "main", "--draft", changed(main, OFFICE, MOVED))
    linghe("flow", "main", "--publish", "--no-prompts")
    asked = ("flow", "main", "--diff", "1", "2", "--language")
    told = linghe(*asked, "zh")[1].splitlines()
    assert told[0] == "menu“menu”：按键 2 现在通向“orders”（原为“office”）"
    one, _ = json.loads(linghe(*asked, "pl", "--json")[1])
    assert one["text"] == "menu „menu”: klawisz 2 prowadzi teraz do „orders” (było „office”)"
    assert one["change"]["key"] == "keys.2"
    assert linghe("flow", "main", "--diff", "2")[1] == "nothing is different\n"
    assert linghe("flow", "main", "--diff")[1] == linghe(*asked, "en")[1]


def test_a_draft_may_be_wrong_and_is_not_published_then(linghe: Linghe, main: Path) -> None:
    file = changed(main, OFFICE, '"2" = "nowhere"')
    code, said, errors = linghe("flow", "main", "--draft", file)
    assert code == 0 and "It cannot be published yet." in said
    line = main.read_text()[: main.read_text().index('"2" =')].count("\n") + 1
    assert f"{file}:{line}: flow[main].node.menu.keys.2: expected a node of this flow: " in errors
    code, _, errors = linghe("flow", "main", "--publish", "--no-prompts")
    assert code == 1 and "flow[main].node.menu.keys.2: " in errors
    versions = json.loads(linghe("flow", "main", "--versions", "--json")[1])
    assert len(versions["versions"]) == 1 and versions["draft"]["based_on"] == 1
    assert linghe("flow", "main", "--discard")[0] == 0
    assert linghe("flow", "main", "--discard")[0] == 1


def test_what_somebody_published_meanwhile_is_not_lost(linghe: Linghe, main: Path) -> None:
    linghe("flow", "main", "--draft", changed(main, OFFICE, MOVED))
    site = BAKERY.read_text().replace(OFFICE, '"2" = "anna", "5" = "office"')
    other = main.with_name("site.toml")
    other.write_text(site)
    assert linghe("apply", "--no-prompts", str(other), "--why", "Anna helps")[0] == 0
    code, _, errors = linghe("flow", "main", "--publish", "--no-prompts")
    assert code == 1 and "The draft was made of version 1, and version 2 holds now." in errors
    assert "Anna helps" in linghe("flow", "main", "--versions")[1]
    linghe("flow", "main", "--draft", str(main))
    assert linghe("flow", "main", "--publish", "--no-prompts")[0] == 0


def test_apply_and_export_are_the_same_again_whatever_was_published(
    linghe: Linghe, main: Path
) -> None:
    linghe("flow", "main", "--draft", changed(main, OFFICE, MOVED))
    linghe("flow", "main", "--publish", "--no-prompts")
    exported = main.with_name("export.toml")
    exported.write_text(linghe("export")[1])
    code, said, _ = linghe("apply", "--no-prompts", str(exported))
    assert (code, said) == (0, "The box is so already (version 2).\n")
    assert linghe("apply", "--no-prompts", str(BAKERY))[0] == 0
    versions = json.loads(linghe("flow", "main", "--versions", "--json")[1])["versions"]
    assert [one["version"] for one in versions] == [3, 2, 1]
    assert "keys" not in json.loads(linghe("export", "--json")[1])["flow_versions"]


def test_a_flow_that_the_site_does_not_have_yet(linghe: Linghe, main: Path) -> None:
    main.write_text('[[flow]]\nid = "night"\nstart = "bye"\n[flow.node.bye]\nkind = "hangup"\n')
    assert linghe("flow", "night", "--draft", str(main))[0] == 0
    assert "bye (hangup)" in linghe("flow", "night", "--version", "draft")[1]
    assert linghe("flow", "night", "--diff")[1] == "the flow is new\n"
    assert linghe("flow", "night", "--publish", "--no-prompts")[0] == 0
    assert linghe("flow")[1].splitlines()[-1].split()[0] == "night"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody", "--versions"), 'There is no flow "nobody". Flows: main.'),
        (("main", "--rollback"), 'Flow "main" has no version before.'),
        (("main", "--rollback", "7"), 'Flow "main" has no version 7.'),
        (("main", "--publish"), 'Flow "main" has no draft.'),
        (("main", "--text", "9"), 'Flow "main" has no version 9. Versions: 1.'),
        (("main", "--version", "draft"), 'Flow "main" has no draft.'),
        (("main", "--draft", "/nowhere/at.all"), "/nowhere/at.all cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    linghe: Linghe, main: Path, words: tuple[str, ...], said: str
) -> None:
    code, _, errors = linghe("flow", *words)
    assert code == 1 and said in errors
