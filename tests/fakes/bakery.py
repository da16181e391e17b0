"""The bakery (tests/data/bakery.toml) as its peers hear it: each prompt is a tone of its own."""

from pathlib import Path

BAKERY = (Path(__file__).parents[1] / "data" / "bakery.toml").read_text()
NOTICE, MENU, AGENT_1001, AGENT_1002 = 600, 850, 1150, 1450
"""Hertz."""
