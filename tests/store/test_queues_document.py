"""docs/queues.md: its samples are taken as they stand, and it names every key and strategy."""

import re
from pathlib import Path

import pytest

from appliance.daemons import command_line
from appliance.engines.acd.strategies import STRATEGY_KEYS
from appliance.store.site_keys import AGENT, OVERFLOW, QUEUE

TEXT = (Path(__file__).parents[2] / "docs" / "queues.md").read_text()
BASE = """
[[extension]]
number = "8001"
[[extension]]
number = "8002"
[[trunk]]
id = "carrier"
host = "127.0.0.1"
[[outbound]]
prefix = "9"
strip = 1
trunks = ["carrier"]
"""


def test_its_samples_are_a_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGHE_DATA", str(tmp_path / "var"))
    samples = re.findall(r"(?m)^    (.*)$", TEXT)
    assert sum(one.startswith("[[queue]]") for one in samples) >= 5
    file = tmp_path / "site.toml"
    file.write_text(BASE + "\n".join(samples))
    assert command_line.main(("apply", "--check", str(file))) == 0


def test_it_names_every_key_and_every_strategy() -> None:
    secret = {"pin_digest"}
    for key in (QUEUE.keys | AGENT.keys | OVERFLOW.keys).keys() - secret:
        assert re.search(rf"\b{key}\b", TEXT), key
    for key in STRATEGY_KEYS:
        assert f"| `{key}` |" in TEXT
