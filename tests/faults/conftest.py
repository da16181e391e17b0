"""Faults in a whole box: one running box with a menu, queues and real phones."""

import shutil

import pytest
from box_log import tracebacks
from call_load import WRAP_UP_SECONDS, queue, site
from running_box import RunningBox, free_port
from tone_prompts import lay, phrase, text

AGENTS = 10
MENU_TEXT = "This call is recorded. Press 1 or 2."
MENU_SECONDS = 8.0
TOLD_SECONDS = 3.0

FLOW = f"""
[[flow]]
id = "load"
start = "notice"

[flow.node.notice]
kind = "play"
text = "This call is recorded."
next = "menu"

[flow.node.menu]
kind = "menu"
text = "{MENU_TEXT}"
keys = {{ "1" = "told", "2" = "plain" }}
timeout_seconds = 10
attempts = 2
otherwise = "plain"

[flow.node.told]
kind = "queue"
queue = "told"

[flow.node.plain]
kind = "queue"
queue = "plain"
"""


@pytest.fixture
def running(tmp_path):
    """Return a running box whose ten agents are signed in and whose phones are not there yet."""
    if shutil.which("sipp") is None:
        pytest.skip("sipp is not installed (make test installs it)")
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    numbers = [(phrase("agent_number", agent=str(1001 + n)), 1150, TOLD_SECONDS)
               for n in range(AGENTS)]  # fmt: skip
    lay(
        folder,
        [
            (text("This call is recorded."), 600, 0.3),
            (text(MENU_TEXT), 850, MENU_SECONDS),
            *numbers,
        ],
    )
    box = RunningBox(folder)
    try:
        box.start()
        queues = (
            queue("told", AGENTS, wrap_up=1, announces=True),
            queue("plain", AGENTS, wrap_up=WRAP_UP_SECONDS),
        )
        box.apply(site(free_port(), AGENTS, *queues, flow=FLOW))
        yield box
    finally:
        box.stop()
    assert not tracebacks(box)
