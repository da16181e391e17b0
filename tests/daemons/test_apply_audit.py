"""`linghe apply` stands in the audit log: who, and what is different, counted in words."""

import getpass
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.daemons import command_line
from appliance.store.audit import AuditLine
from appliance.store.settings import SettingsStore

SITE = """\
[site]
name = "Example"
language = "en"
timezone = "Europe/London"
country = "gb"

[[extension]]
number = "201"
secret = "correct horse"

[[extension]]
number = "202"
secret = "battery staple"

[[trunk]]
id = "carrier"
host = "127.0.0.1"
secret = "trunk password"
"""

Apply = Callable[..., AuditLine | None]


@pytest.fixture
def applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Apply:
    """Apply a text; return the line of the audit log that came of it."""
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path / "var"))
    monkeypatch.delenv("LINGHE_CLOCK", raising=False)
    monkeypatch.delenv("SUDO_USER", raising=False)
    count = 0

    def apply(text: str, *words: str, code: int = 0) -> AuditLine | None:
        nonlocal count
        file = tmp_path / "site.toml"
        file.write_text(text)
        assert command_line.main(["apply", "--no-prompts", *words, str(file)]) == code
        store = SettingsStore(tmp_path / "var" / "settings.db")
        lines = store.audit.latest()
        store.close()
        fresh = lines[: len(lines) - count]
        count = len(lines)
        assert len(fresh) <= 1
        return fresh[0] if fresh else None

    return apply


def test_the_first_site_says_all_that_it_brought_and_who_brought_it(applied: Apply) -> None:
    line = applied(SITE)
    assert line is not None
    assert (line.what, line.by) == ("site_applied", f"command line ({getpass.getuser()})")
    assert line.detail == (
        "version 1: 2 phones added, 1 trunk added; [site] changed; "
        "1 password of trunks, webhooks, services or mail changed"
    )


def test_what_is_added_changed_and_removed_is_counted_by_kind(applied: Apply) -> None:
    applied(SITE)
    changed = SITE.replace('number = "201"', 'number = "201"\nname = "Anna"').replace(
        'number = "202"', 'number = "203"'
    )
    line = applied(changed + "\n[parking]\nreturn_seconds = 33\n")
    assert line is not None
    assert line.detail == (
        "version 2: 1 phone added, 1 phone changed, 1 phone removed; [parking] changed"
    )


def test_the_same_site_again_leaves_no_line(applied: Apply) -> None:
    applied(SITE)
    assert applied(SITE) is None


def test_a_password_alone_is_told_and_never_shown(applied: Apply) -> None:
    applied(SITE)
    line = applied(SITE.replace("trunk password", "another one"))
    assert line is not None
    assert line.detail == "version 1: 1 password of trunks, webhooks, services or mail changed"


def test_checking_and_mistakes_leave_none(applied: Apply) -> None:
    applied(SITE)
    assert applied(SITE.replace('"201"', '"209"'), "--check") is None
    assert applied(SITE.replace('id = "carrier"', 'id = ""'), code=1) is None


def test_who_became_root_for_it_is_named(applied: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "anna")
    line = applied(SITE, "--by", "installer")
    assert line is not None
    assert line.by == f"installer (anna as {getpass.getuser()})"


def test_another_order_is_a_change_too(applied: Apply) -> None:
    applied(SITE)
    first, second = SITE.index("[[extension]]"), SITE.rindex("[[extension]]")
    end = SITE.index("[[trunk]]")
    line = applied(SITE[:first] + SITE[second:end] + SITE[first:second] + SITE[end:])
    assert line is not None and line.detail == "version 2: order changed"
