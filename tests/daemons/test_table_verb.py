"""`linghe table`: rows taken in, asked, listed; refusals with exit codes; advice at apply."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.daemons.command_line import main, publishing
from appliance.daemons.command_line.tables_found import forget_tables
from appliance.store.places import Paths
from appliance.store.settings import SettingsStore
from appliance.vocabulary.settings import Site
from appliance.wire.control import FlowsInUse

SITE = """
[[table]]
id = "clients"
key = "phone"

[[service]]
id = "crm"
url = "http://crm.example/api"
secret = "test-only-secret"

[[flow]]
id = "main"
start = "who"

[flow.node.who]
kind = "lookup"
table = "clients"
columns = { level = "Level" }
found = "bye"

[flow.node.bye]
kind = "hangup"
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path / "var"))
    file = tmp_path / "site.toml"
    file.write_text(SITE)
    return file


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_rows_are_taken_in_found_and_listed(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "apply", "--no-prompts", str(site))
    assert code == 0
    assert "table clients has no rows yet" in err and "linghe table put clients FILE" in err
    file = tmp_path / "c.csv"
    file.write_text("phone;Level\n139-1;gold\n")
    assert run(capsys, "table", "put", "clients", str(file))[:2] == (
        0,
        "1 row, by phone; columns: phone, Level. Calls find them now.\n",
    )
    assert "gold" in run(capsys, "table", "ask", "clients", "1391")[1]
    assert "No row has" in run(capsys, "table", "ask", "clients", "2")[1]
    code, out, _ = run(capsys, "table", "list", "--json")
    (listed,) = json.loads(out)
    assert (listed["table"], listed["has"]["rows"], listed["has"]["file"]) == (
        "clients",
        1,
        "c.csv",
    )
    assert "no rows yet" not in run(capsys, "apply", "--check", str(site))[2]


def test_what_cannot_be_is_refused_with_a_sentence(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "apply", "--no-prompts", str(site))
    assert run(capsys, "table", "put", "clients")[0] == 2
    code, _, err = run(capsys, "table", "put", "others", "x.csv")
    assert code == 1 and 'no [[table]] "others"' in err
    code, _, err = run(capsys, "table", "put", "clients", str(tmp_path / "gone.csv"))
    assert code == 1 and "cannot be read" in err
    bad = tmp_path / "bad.csv"
    bad.write_text("phone\n\n1\n1\n")
    code, _, err = run(capsys, "table", "put", "clients", str(bad))
    assert code == 1 and f"{bad}:4: phone: expected a key that no other row has" in err


def test_a_services_secret_is_kept_apart_and_exported_nowhere(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "apply", "--no-prompts", str(site))
    out = run(capsys, "export")[1]
    assert 'url = "http://crm.example/api"' in out and "test-only-secret" not in out
    assert "test-only-secret" in (tmp_path / "var" / "secrets.json").read_text()
    again = tmp_path / "again.toml"
    again.write_text(out)
    assert "The box is so already" in run(capsys, "apply", "--no-prompts", str(again))[1]
    assert "test-only-secret" in (tmp_path / "var" / "secrets.json").read_text()
    assert b"test-only-secret" not in (tmp_path / "var" / "settings.db").read_bytes()


CALLERS = "phone;Level;card\n139-1;gold;K1\n139-2;silver;K2\n"


def with_rows(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str = CALLERS
) -> None:
    run(capsys, "apply", "--no-prompts", str(site))
    file = tmp_path / "c.csv"
    file.write_text(text)
    assert run(capsys, "table", "put", "clients", str(file))[0] == 0


def test_another_key_finds_the_rows_that_are_there(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_rows(site, tmp_path, capsys)
    site.write_text(SITE.replace('key = "phone"', 'key = "card"'))
    assert run(capsys, "apply", "--check", str(site))[0] == 0
    assert "gold" in run(capsys, "table", "ask", "clients", "1391")[1], "nothing was applied"
    code, _, err = run(capsys, "apply", "--no-prompts", str(site))
    assert code == 0 and "found by phone" not in err
    assert "gold" in run(capsys, "table", "ask", "clients", "k1")[1]
    assert "No row has" in run(capsys, "table", "ask", "clients", "1391")[1]
    (listed,) = json.loads(run(capsys, "table", "list", "--json")[1])
    assert (listed["has"]["rows"], listed["has"]["key"], listed["has"]["file"]) == (
        2,
        "card",
        "c.csv",
    )


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("email", "a column of this name, as key of the table; has: phone, Level, card"),
        ("Level", "row 2: expected a key that no other row has; line 1 has gold too"),
    ],
)
def test_a_key_by_which_the_rows_cannot_be_found_is_refused_and_nothing_changes(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, says: str
) -> None:
    with_rows(site, tmp_path, capsys, CALLERS.replace("silver", "gold"))
    site.write_text(SITE.replace('key = "phone"', f'key = "{key}"'))
    code, _, err = run(capsys, "apply", "--no-prompts", str(site))
    assert code == 1
    assert f"{site}: table clients: key: " in err and says in err
    assert "linghe table remove clients" in err
    assert "gold" in run(capsys, "table", "ask", "clients", "1391")[1]
    # And that is the way out.
    assert run(capsys, "table", "remove", "clients")[:2] == (
        0,
        "Its rows are gone; flows that ask it go on without.\n",
    )
    assert run(capsys, "table", "remove", "clients")[1] == "It had none.\n"
    assert run(capsys, "apply", "--no-prompts", str(site))[0] == 0


def test_another_query_is_told_until_the_rows_are_taken_in_anew(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.db"
    made = sqlite3.connect(own)
    made.execute("CREATE TABLE c (phone TEXT, name TEXT, gone INTEGER)")
    made.execute("INSERT INTO c VALUES ('1', 'Ann', 0), ('2', 'Bob', 1)")
    made.commit()
    made.close()
    run(capsys, "apply", "--no-prompts", str(site))
    assert run(capsys, "table", "put", "clients", str(own))[1].startswith("2 rows")
    query = 'key = "phone"\nquery = "SELECT * FROM c WHERE NOT gone"'
    site.write_text(SITE.replace('key = "phone"', query))
    code, _, err = run(capsys, "apply", "--no-prompts", str(site))
    assert code == 0 and "has the rows of another query" in err
    told = json.loads(run(capsys, "doctor", "--json")[1])
    assert [one["sentence"] for one in told["findings"] if one["check"] == "tables"] == [
        "table clients has the rows of another query than the site has now."
    ]
    assert run(capsys, "table", "put", "clients", str(own))[1].startswith("1 row,")
    assert "another query" not in run(capsys, "apply", "--no-prompts", str(site))[2]


def test_rows_of_a_table_that_the_site_has_no_more_go_with_the_last_call_that_may_ask_them(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_rows(site, tmp_path, capsys)
    paths = Paths(tmp_path / "var")
    store = SettingsStore(paths.settings)
    running = store.current().flow
    store.close()
    assert forget_tables(paths, Site(), running) == []
    assert (paths.tables / "clients.db").exists(), "a call on the former flow may ask it yet"
    (rows,) = forget_tables(paths, Site(), [])
    assert rows.startswith("clients: 2 rows of ")
    assert list(paths.tables.iterdir()) == []


@pytest.mark.parametrize("is_damaged", [False, True])
def test_a_table_that_a_site_file_forgot_is_told_before_and_its_end_stands_in_the_audit_log(
    site: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    is_damaged: bool,
) -> None:
    with_rows(site, tmp_path, capsys)
    paths = Paths(tmp_path / "var")
    said = "clients: 2 rows of c.csv"
    if is_damaged:
        (paths.tables / "clients.db").write_bytes(b"no database" * 100)
        said = "clients"
    site.write_text("")
    told = f"the site has this table no more, and its rows would go: {said}\n"
    code, _, err = run(capsys, "apply", "--check", str(site))
    assert code == 0 and told in err and (paths.tables / "clients.db").exists()
    # Nobody knows which flows calls are on while the box does not run: they stay, and so it is.
    assert "gone" not in run(capsys, "apply", "--no-prompts", str(site))[2]
    assert (paths.tables / "clients.db").exists()
    monkeypatch.setattr(publishing, "asked", lambda place, question: FlowsInUse(flows=()))
    words = ("apply", "--no-prompts", "--by", "Ann", "--where", "192.0.2.7", str(site))
    assert f"its rows are gone: {said}\n" in run(capsys, *words)[2]
    assert list(paths.tables.iterdir()) == []
    assert "gone" not in run(capsys, *words)[2]
    store = SettingsStore(paths.settings)
    lines = [one for one in store.audit.latest() if one.what == "table_removed"]
    store.close()
    assert [(one.by, one.where, one.detail) for one in lines] == [("Ann", "192.0.2.7", said)]


@pytest.mark.slow
def test_the_longest_list_is_taken_in_without_being_in_memory(site: Path, tmp_path: Path) -> None:
    """A box has a gigabyte or two for everything; callers are talking meanwhile."""
    long = tmp_path / "long.csv"
    with long.open("w") as out:
        out.write("phone,name,note\n")
        out.writelines(f"1{n:010},客户{n},{'x' * 60}\n" for n in range(200_000))
    program = """
import resource, sys
from appliance.daemons.command_line import main, publishing
assert main(["apply", "--no-prompts", sys.argv[1]]) == 0
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert main(["table", "put", "clients", sys.argv[2]]) == 0
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(site), str(long)],
        env={**os.environ, "LINGHE_DATA": str(tmp_path / "var")},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert "200000 rows" in done.stdout
    assert int(done.stdout.splitlines()[-1]) < 100, "MB; the file has 16"
