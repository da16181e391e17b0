"""Keys pressed around the moments at which control is killed: each counts once.

A whole box, ten callers in a menu that leads back to itself, RTP both ways. Their keys are spread
over the time around each kill, so that some are heard before it and some while no control is there.
Every other time control hangs before it is killed, so that keys lie unread in the socket that dies
with it.
"""

import os
import random
import signal
import time

import pytest
from box_log import tracebacks
from call_load import carrier, site
from rtp_farm import RtpFarm
from running_box import RunningBox, free_port, wait_for
from tone_prompts import lay, text

from appliance.store.calls import CallBook
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import DigitPressed

pytestmark = [pytest.mark.alone, pytest.mark.fault, pytest.mark.peer, pytest.mark.timeout(120)]

CALLS, KILLS = 10, 15
SPREAD = 0.12
"""Seconds before and after a kill over which the callers press."""
KEY_SECONDS = 0.3
"""A key of RtpFarm's takes 0.2 s; so long after it the next one may be pressed."""
TALK_MS = 100_000
"""Longer than all kills take on a busy machine."""
KEYS = "123"

FLOW = """
[[flow]]
id = "load"
start = "menu"

[flow.node.menu]
kind = "menu"
text = "Press any key."
keys = { "1" = "menu", "2" = "menu", "3" = "menu" }
timeout_seconds = 60
"""


@pytest.fixture
def box(tmp_path):
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    lay(folder, [(text("Press any key."), 850, 5.0)])
    running = RunningBox(folder)
    try:
        running.start()
        running.apply(site(free_port(), 1, flow=FLOW))
        yield running
    finally:
        running.stop()
    assert not tracebacks(running)


def pressed_in_ledger(box):
    """Caller to the keys that the ledger has of him, in order."""
    book = CallBook(box.folder / "calls.db")
    try:
        return {
            record.caller.number: "".join(
                entry.fact.digit
                for entry in book.timeline(record.call)
                if isinstance(entry.fact, DigitPressed)
            )
            for record in book.calls_between(Utc(0.0), Utc(4e9), limit=100)
        }
    finally:
        book.close()


def press_around_a_kill(box, farm, chance, wanted, *, hangs):
    """Everybody presses a key, and control is killed in the middle of it."""
    moments = sorted(
        (chance.uniform(-SPREAD, SPREAD), place, chance.choice(KEYS)) for place in range(CALLS)
    )
    kill_at = time.monotonic() + SPREAD
    before, is_killed = box.pid("control"), False
    if hangs:
        os.kill(before, signal.SIGSTOP)
    for moment, place, key in [*moments, (SPREAD + KEY_SECONDS, None, "")]:
        if moment >= 0 and not is_killed:
            time.sleep(max(0.0, kill_at - time.monotonic()))
            box.kill("control")
            is_killed = True
        time.sleep(max(0.0, kill_at + moment - time.monotonic()))
        if place is not None:
            farm.press(farm.ends[place], key)
            wanted[place] += key
    wait_for(lambda: box.pid("control") != before and box.is_answering(), 10, "control to be back")


def test_keys_at_the_moment_of_a_kill_are_neither_lost_nor_doubled(box, tmp_path, measured):
    chance = random.Random(20261122)
    farm = RtpFarm(CALLS)
    names = [f"139000000{n:02d}" for n in range(CALLS)]
    wanted = [""] * CALLS
    calls = carrier(
        tmp_path, box.sip_port, [end.port for end in farm.ends], talk_ms=TALK_MS, rate=50,
        numbers=names,
    )  # fmt: skip
    try:
        wait_for(lambda: all(len(end.heard) > 10 for end in farm.ends), 15, "all in the menu")
        for number in range(KILLS):
            press_around_a_kill(box, farm, chance, wanted, hangs=number % 2 == 1)
        hoped = dict(zip(names, wanted, strict=True))
        deadline = time.monotonic() + 5
        while (found := pressed_in_ledger(box)) != hoped and time.monotonic() < deadline:
            time.sleep(0.05)
        wrong = {name: (hoped[name], found.get(name)) for name in names
                 if hoped[name] != found.get(name)}  # fmt: skip
        measured(
            f"{KILLS} kills of control, {sum(map(len, wanted))} keys within "
            f"{SPREAD * 1000:.0f} ms of one: {sum(map(len, found.values()))} counted, "
            f"{len(wrong)} callers whose keys are wrong"
        )
        assert not wrong
    finally:
        calls.stop()
        farm.close()
