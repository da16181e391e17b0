"""`linghe table`: rows taken in, asked, listed; refusals with exit codes; advice at apply."""

import json
from pathlib import Path

import pytest

from appliance.daemons.command_line import main

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
