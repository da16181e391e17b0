"""Documents that say what the code says: tables and pictures made from it, and a true README."""

import argparse
import re
import shlex
import subprocess
from pathlib import Path

import conformance
import machines
import pytest

from appliance.daemons.command_line import main
from appliance.daemons.command_line.arguments import VERBS, Verb
from appliance.store.site_file import read_site
from appliance.vocabulary.settings import Site

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WALK = ROOT / "docs" / "walk"
MOST_README_LINES = 350

each_verb = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.NAME)


# --- tables and pictures ------------------------------------------------------------------------
def test_every_cited_section_has_been_looked_up() -> None:
    assert conformance.unknown(conformance.citations()) == []


def test_a_mistyped_section_is_told_with_its_test() -> None:
    mistyped = conformance.Citation("3261", "17.1.1.22", "tests/test_x.py::test_y")
    (told,) = conformance.unknown([mistyped])
    assert "tests/test_x.py::test_y" in told and "17.1.1.22" in told


def test_no_section_is_listed_that_no_test_cites() -> None:
    cited = {(one.standard, one.section) for one in conformance.citations()}
    assert sorted(set(conformance.SECTIONS) - cited) == []


def test_the_conformance_table_is_that_of_the_tests() -> None:
    written = conformance.TARGET.read_text(encoding="utf-8")
    is_same = written == conformance.document(conformance.citations())
    assert is_same, f"out of date; this writes it anew: {conformance.COMMAND}"


def test_the_pictures_of_the_machines_are_those_of_their_tables() -> None:
    is_same = machines.TARGET.read_text(encoding="utf-8") == machines.document(machines.modules())
    assert is_same, f"out of date; this draws them anew: {machines.COMMAND}"


def test_every_move_of_every_table_stands_in_a_picture() -> None:
    drawn = machines.TARGET.read_text(encoding="utf-8")
    for module in machines.modules():
        for key, move in module.MOVES.items():
            assert f"    {key[-2]} --> {move.to}: " in drawn
            assert machines.label(key[-1], move.acts) in drawn


# --- the command line ---------------------------------------------------------------------------
@each_verb
def test_a_verbs_help_ends_with_examples_of_it(
    verb: Verb, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([verb.NAME, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert verb.HELP in " ".join(said.split())
    examples = said.partition("examples:\n")[2].splitlines()
    assert examples and all(f"linghe {verb.NAME}" in line for line in examples if line)


@each_verb
def test_every_example_is_understood_by_the_verbs_own_parser(verb: Verb) -> None:
    parser = argparse.ArgumentParser(prog=verb.NAME, exit_on_error=False)
    parser.add_argument("--json", action="store_true")
    verb.add_arguments(parser)
    for line in verb.EXAMPLES.splitlines():
        command = line.partition(f"linghe {verb.NAME}")[2]
        # Two spaces divide a command from the words about it; | and > are the shell's.
        words = shlex.split(re.split(r" {2,}| \| | > ", command)[0])
        parser.parse_args(words)


@each_verb
def test_readme_names_every_verb(verb: Verb) -> None:
    assert f"`linghe {verb.NAME}" in README


# --- README -------------------------------------------------------------------------------------
def test_readme_can_be_read_at_one_sitting() -> None:
    assert len(README.splitlines()) <= MOST_README_LINES


def test_every_place_that_readme_names_is_there() -> None:
    tops = "appliance|webadmin|image-build|tests|docs"
    named = set(re.findall(rf"`((?:{tops})/[A-Za-z0-9_./-]*)", README))
    named |= set(re.findall(r"\]\(([a-zA-Z][\w./-]*)\)", README))
    assert named and [place for place in sorted(named) if not (ROOT / place).exists()] == []


def test_every_registry_that_readme_names_is_in_its_file() -> None:
    rows = re.findall(r"^\|[^|]+\| `([^`]+)` \| `([A-Z]+)` in `([^`]+)` \|", README, re.MULTILINE)
    assert len(rows) >= 5
    for _, registry, file in rows:
        assert re.search(rf"^{registry}\b.*=", (ROOT / file).read_text(), re.MULTILINE), file


def test_every_variable_of_the_environment_stands_in_readme() -> None:
    read = (ROOT / "appliance" / "daemons" / "paths.py").read_text(encoding="utf-8")
    for name in set(re.findall(r"LINGHE_[A-Z_]+[A-Z]", read)):
        assert f"`{name}`" in README


def test_every_feature_code_stands_in_readme() -> None:
    desk = (ROOT / "appliance" / "engines" / "calls" / "desk.py").read_text(encoding="utf-8")
    for code in set(re.findall(r'"(\*\d\d)"', desk)):
        assert f"`{code}" in README


# --- the walk -----------------------------------------------------------------------------------
# The walks of README: on this machine, and on the image in QEMU.
HERE = ("127.0.0.1", ROOT / "tests" / "data" / "bakery.toml")
IN_QEMU = ("192.168.77.2", ROOT / "tests" / "image" / "site.toml")


@pytest.mark.parametrize(
    ("place", "phone", "number", "box"),
    [
        (HERE, "phone-8001", "8001", "127.0.0.1:5060"),
        (HERE, "phone-8002", "8002", "127.0.0.1:5060"),
        (IN_QEMU, "box-phone-8001", "8001", "192.168.77.2"),
    ],
)
def test_the_phones_of_the_walk_belong_to_its_site(
    place: tuple[str, Path], phone: str, number: str, box: str
) -> None:
    account = (WALK / phone / "accounts").read_text(encoding="utf-8")
    site = place[1].read_text(encoding="utf-8")
    secret = re.search(rf'number = "{number}"\nname = "\w+"\nsecret = "([^"]+)"', site)
    assert secret and f"auth_pass={secret[1]};" in account
    assert f"<sip:{number}@{box}>" in account
    assert f"docs/walk/{phone}" in README


@pytest.mark.parametrize("place", [HERE, IN_QEMU])
def test_the_caller_of_the_walk_calls_a_number_of_its_site_and_presses_a_key_of_its_menu(
    place: tuple[str, Path],
) -> None:
    address, file = place
    assert str(file.relative_to(ROOT)) in README
    text = file.read_text(encoding="utf-8")
    site = read_site(text, file.name, before=Site(), random_bytes=bytes)[0]
    scenario = (WALK / "caller.xml").read_text(encoding="utf-8")
    (number,) = re.findall(
        rf"sipp {re.escape(address)} -sf docs/walk/caller.xml .*-s (\d+)", README
    )
    assert number in {route.number for route in site.route}
    (key,) = re.findall(r"^Signal=(.)$", scenario, re.MULTILINE)
    assert f'"{key}" = "orders"' in text
    (sound,) = re.findall(r'rtp_stream="([^,]+),', scenario)
    assert (ROOT / sound).is_file()


def test_nothing_that_a_walk_leaves_behind_is_kept_by_git() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "docs/walk"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: which files belong to the project is unknown")
    assert not [name for name in listed.stdout.split() if name.endswith(("uuid", ".wav"))]
