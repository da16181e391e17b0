"""Ten people talk while a stranger throws mutated SIP and noise at the box: nobody notices.

Ten seconds in CI; `LINGHE_BURST_SECONDS=600 .venv/bin/pytest -s tests/faults/test_strange_burst.py`
takes ten minutes. With RFC 4475's torture messages beside this checkout it throws those too.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from call_load import register
from running_box import wait_for
from test_kill_live import AGENTS, Stage, check_ledger, talking

SECONDS = float(os.environ.get("LINGHE_BURST_SECONDS", "10"))
RATE = 400
"""Of SIP and of noise each, a second: every source is over what it is allowed."""
BEFORE_AND_AFTER_MS = 6000
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "rfc4475"
STRANGER = Path(__file__).parents[1] / "fakes" / "strange_sip.py"

pytestmark = [
    pytest.mark.alone,
    pytest.mark.fault,
    pytest.mark.peer,
    pytest.mark.timeout(180 + 2 * int(SECONDS)),
]


def resident_kb(box, unit):
    status = Path(f"/proc/{box.pid(unit)}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def test_ten_talks_lose_no_packet_while_a_stranger_throws_all_he_has(running, tmp_path, measured):
    stage = Stage(running, tmp_path)
    thrown, bad, grown = {}, 0, 0
    try:
        register(tmp_path, running.sip_port, AGENTS, stage.phone_port)
        now = stage.begin("talking", "", talk_ms=int(SECONDS * 1000) + BEFORE_AND_AFTER_MS)
        stage.all_in_menu()
        stage.press("2")
        stage.all_calls(talking)
        pids = {unit: running.pid(unit) for unit in ("control", "media-0", "jobs", "web")}
        before = resident_kb(running, "control")
        order = {
            "sip_port": running.sip_port,
            "media_ports": [end.box_port for end in now.farm.ends if end.box_port],
            "seconds": SECONDS, "rate": RATE, "seed": 4475, "corpus": str(CORPUS),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, str(STRANGER), json.dumps(order)],
            capture_output=True, text=True, check=True, timeout=60 + 2 * SECONDS,
        )  # fmt: skip
        thrown = json.loads(done.stdout)
        grown = resident_kb(running, "control") - before
        assert len(stage.all_calls(talking)) == AGENTS, "not one call more, not one less"
        assert {unit: running.pid(unit) for unit in pids} == pids, "nothing was restarted"
        bad = running.status().bad_packets
        stage.end()
    finally:
        stage.close()
        measured(
            f"{SECONDS:.0f} s beside {AGENTS} talks: {thrown}, unreadable {bad}, control"
            f" +{grown} kB, calls lost {len(now.failed)}, packets lost {now.packets_lost}"
        )
    assert not now.failed
    assert now.packets_lost == 0
    assert thrown["udp"] > 20 * SECONDS and thrown["rtp"] > 20 * SECONDS and thrown["answers"]
    assert thrown["tcp"] and bad > 20
    assert grown < 32 * 1024, "tables of fixed size"
    stage.rest()
    check_ledger(stage)
    wait_for(lambda: all(line.is_up for line in running.live().lines if line.kind == "phone"), 5)
