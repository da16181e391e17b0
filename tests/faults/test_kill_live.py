"""kill -9 of control and of the media worker in each state of a call: who notices?

A whole box, ten calls at a time: sipp is the carrier and the phones, RTP goes both ways all the
time. Every call must end by its own BYE with 200 on both sides, stand in calls.db once and whole.
"""

import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from call_load import WRAP_UP_SECONDS, box_ports, carrier, phones, register
from rtp_farm import RtpFarm, lost, lost_of_stream, worst_gap
from running_box import free_port, wait_for

from appliance.store.calls import CallBook
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import AgentState

pytestmark = [pytest.mark.alone, pytest.mark.fault, pytest.mark.peer, pytest.mark.timeout(300)]

AGENTS = 10
"""As the stage of conftest.py has."""
CALLS = AGENTS
ONCE = ("CallEntered", "CallAnswered", "CallQueued", "Bridged", "TalkEnded", "VisitEnded",
        "RecordingOpened", "RecordingClosed", "RecordingFiled", "CallEnded")  # fmt: skip
BEFORE, AFTER = 0.2, 1.0
"""Seconds around a kill in which gaps are looked for."""
PATIENCE_MS = 4000
"""A call lasts so much longer than what is done with it takes on a quiet machine."""
PACKETS_TO_MENU = 25
"""The notice of 0.3 s and 0.2 s of the menu."""


def in_menu(call):
    return call.stage == "menu"


def queued(call):
    return call.stage == "queued" and call.extension is None


def ringing(call):
    return call.stage == "queued" and call.extension is not None


def announcing(call):
    return call.stage == "talking" and call.talking_since is None


def talking(call):
    return call.talking_since is not None


@dataclass
class Round:
    """Ten calls, and the kills in them."""

    state: str
    unit: str
    numbers: list[str]
    farm: RtpFarm
    kills: int = 0
    heard_at: list[float] = field(default_factory=list)
    """When those kills were after which everybody should go on hearing what he heard."""
    pressed_at: float = float("inf")
    """A key ends what is played: gaps are looked for before it."""
    failed: list[str] = field(default_factory=list)

    @property
    def callers(self):
        return self.farm.ends[:CALLS]

    @property
    def packets_lost(self):
        return sum(max(lost(end), lost_of_stream(end)) for end in self.farm.ends)

    @property
    def worst_lost(self):
        """Of one leg."""
        return max(max(lost(end), lost_of_stream(end)) for end in self.farm.ends)

    @property
    def worst_gap_ms(self):
        gaps = [
            worst_gap(end, kill - BEFORE, min(kill + AFTER, self.pressed_at))
            for kill in self.heard_at
            for end in self.farm.ends
            if sum(kill - BEFORE <= one.at < kill for one in end.heard) > 3
        ]
        return max(gaps, default=0.0) * 1000


class Stage:
    """The box, its phones' port, and the rounds that were played."""

    def __init__(self, box, folder):
        self.box, self.folder = box, folder
        self.phone_port = free_port()
        self.rounds = []
        self._sipps = []

    # --- a round, step by step ---
    def begin(self, state, unit, *, ring_ms=0, talk_ms, has_phones=True):
        farm = RtpFarm(2 * CALLS)
        number = len(self.rounds)
        names = [f"1390000{number:02d}{n:02d}" for n in range(CALLS)]
        self.rounds.append(Round(state, unit, names, farm))
        self._sipps = []
        if has_phones:
            self.answer(ring_ms)
        self._spread(talk_ms if isinstance(talk_ms, tuple) else (talk_ms,), names, farm)
        return self.rounds[-1]

    def _spread(self, talks, names, farm):
        """Calls of several lengths: one sipp for each."""
        share = CALLS // len(talks)
        for place, talk_ms in enumerate(talks):
            part = slice(place * share, (place + 1) * share)
            media = [end.port for end in farm.ends[:CALLS][part]]
            self._sipps.append(
                carrier(self.folder, self.box.sip_port, media, talk_ms=talk_ms, rate=50,
                        numbers=names[part])
            )  # fmt: skip

    def answer(self, ring_ms=0):
        """Phones that answer this round's calls."""
        media = [end.port for end in self.rounds[-1].farm.ends[CALLS:]]
        self._sipps.append(
            phones(self.folder, self.box.sip_port, self.phone_port, media, ring_ms=ring_ms)
        )

    def _learn(self):
        for one in self._sipps:
            self.rounds[-1].farm.learn(box_ports(one))

    def all_calls(self, state, count=CALLS, seconds=15):
        """Wait until so many calls are in a state; return them."""

        def found():
            self._learn()
            calls = [one for one in self.box.live().calls if state(one)]
            return len(calls) >= count and calls

        return wait_for(found, seconds, f"{count} calls {state.__name__}")

    def all_in_menu(self):
        """Wait until everybody has heard the notice and some of the menu."""
        self.all_calls(in_menu)
        callers = self.rounds[-1].callers
        wait_for(lambda: all(len(end.heard) >= PACKETS_TO_MENU for end in callers), 10, "the menu")

    def all_hear_more(self, packets):
        """Wait until every caller has heard so many packets more."""
        callers = self.rounds[-1].callers
        known = [len(end.heard) for end in callers]

        def heard():
            return all(
                len(end.heard) >= was + packets for end, was in zip(callers, known, strict=True)
            )

        wait_for(heard, 10, "the prompt to go on")

    def press(self, key):
        for end in self.rounds[-1].callers:
            self.rounds[-1].farm.press(end, key)

    def kill(self, *, and_press=""):
        """kill -9, then wait until the box answers with all its processes again."""
        now = self.rounds[-1]
        before = self.box.pid(now.unit)
        now.kills += 1
        if not and_press:
            now.heard_at.append(time.time())
        self.box.kill(now.unit)
        if and_press:
            now.pressed_at = time.time()
            self.press(and_press)
        wait_for(lambda: self._is_back(now.unit, before), 20, f"{now.unit} to be back")

    def _is_back(self, unit, before):
        try:
            return self.box.pid(unit) != before and self.box.is_answering()
        except (FileNotFoundError, ValueError, ConnectionError):
            return False

    def end(self):
        """Let every call go to its own end; note those that did not."""
        now = self.rounds[-1]
        wait_for(self._all_over, 30, "the calls to end")
        now.failed += [one.said() for one in self._sipps if one.process.returncode != 0]
        now.farm.close()
        wait_for(lambda: not self.box.live().calls, 5, "no call left in the box")

    def _all_over(self):
        self._learn()
        return all(one.process.poll() is not None for one in self._sipps)

    def rest(self):
        """Until every agent is ready again."""
        wait_for(lambda: self.states() == {AgentState.READY}, 15, "agents to be ready")

    def states(self):
        return {one.state for one in self.box.live().agents}

    def close(self):
        for one in self._sipps:
            one.stop()
        for one in self.rounds:
            one.farm.close()


def kill_while_queued(stage):
    """No phone is registered yet, so all wait; a place in the queue outlives the process."""
    stage.begin("queued", "control", talk_ms=7000 + PATIENCE_MS, has_phones=False)
    stage.all_in_menu()
    stage.press("2")
    before = {one.call: (one.position, one.queued_since) for one in stage.all_calls(queued)}
    stage.kill()
    stage.kill()
    after = {one.call: (one.position, one.queued_since) for one in stage.all_calls(queued)}
    assert {call: one[0] for call, one in after.items()} == {
        call: one[0] for call, one in before.items()
    }
    assert all(abs(after[call][1] - before[call][1]) < 0.01 for call in before)
    register(stage.folder, stage.box.sip_port, AGENTS, stage.phone_port)
    stage.answer()
    stage.all_calls(talking)
    stage.end()


def kill_in_menu(stage, unit):
    stage.begin("menu", unit, talk_ms=5500 + PATIENCE_MS)
    stage.all_in_menu()
    stage.kill()
    stage.all_hear_more(PACKETS_TO_MENU)
    stage.kill(and_press="2")
    stage.all_calls(talking)
    stage.end()


def kill_while_ringing(stage):
    stage.begin("ringing", "control", ring_ms=2500, talk_ms=6500 + PATIENCE_MS)
    stage.all_in_menu()
    stage.press("2")
    stage.all_calls(ringing)
    stage.kill()
    stage.all_calls(talking)
    stage.end()


def kill_while_announcing(stage, unit):
    stage.begin("announcing", unit, talk_ms=7000 + PATIENCE_MS)
    stage.all_in_menu()
    stage.press("1")
    stage.all_calls(announcing)
    stage.kill()
    stage.all_calls(talking)
    stage.end()


def kill_while_talking(stage, unit):
    stage.begin("talking", unit, talk_ms=7000 + PATIENCE_MS)
    stage.all_in_menu()
    stage.press("2")
    stage.all_calls(talking)
    for _ in range(3):
        stage.kill()
    stage.end()


def kill_in_wrap_up(stage):
    """Half of the calls are over, their agents in wrap-up; the other half talks on."""
    stage.begin("wrap-up", "control", talk_ms=(2500 + PATIENCE_MS, 6500 + 2 * PATIENCE_MS))
    stage.all_in_menu()
    stage.press("2")
    stage.all_calls(talking)

    def in_wrap_up():
        stage._learn()
        live = stage.box.live()
        found = [one for one in live.agents if one.state is AgentState.WRAP_UP]
        return len(found) == CALLS // 2 and {one.agent: one.since for one in found}

    before = wait_for(in_wrap_up, 10, "half of the agents in wrap-up")
    stage.kill()
    after = stage.box.live()
    for one in after.agents:
        if one.agent in before and one.state is AgentState.WRAP_UP:
            assert abs(one.since - before[one.agent]) < 0.01
        elif one.agent in before:  # on a busy machine it is over by now
            assert after.at - before[one.agent] >= WRAP_UP_SECONDS
    stage.end()


def check_ledger(stage):
    """Each call once, answered, talked, recorded; its entries each once."""
    book = CallBook(stage.box.folder / "calls.db")
    try:
        wanted = {number for one in stage.rounds for number in one.numbers}

        def all_filed():
            records = book.calls_between(Utc(0.0), Utc(float("inf")), limit=1000)
            filed = [one for one in records if one.recordings and one.recordings[0].file]
            return len(filed) >= len(wanted) and records

        records = wait_for(all_filed, 20, "every recording to be filed")
        assert Counter(one.caller.number for one in records) == Counter(wanted)
        for one in records:
            assert one.outcome == "answered" and one.ended is not None and one.agent is not None
            assert one.talk > 0 and len(one.talks) == 1 and len(one.recordings) == 1
            kinds = Counter(type(entry.fact).__name__ for entry in book.timeline(one.call))
            assert {kind: kinds[kind] for kind in ONCE} == dict.fromkeys(ONCE, 1), one.call
    finally:
        book.close()
    listed = stage.box.linghe_json("calls", "--day", "2026-11-23", "--limit", "1000")
    assert Counter(one["outcome"] for one in listed) == {"answered": len(wanted)}


def table(rounds):
    lines = ["state       process  kills  calls  calls lost  packets lost  worst gap ms"]
    for one in rounds:
        lines.append(
            f"{one.state:11} {one.unit:8} {one.kills:5} {CALLS:6} {len(one.failed):11} "
            f"{one.packets_lost:13} {one.worst_gap_ms:13.0f}"
        )
    return "\n".join(lines)


def test_no_call_is_lost_when_control_or_media_is_killed_in_any_state(running, tmp_path, measured):
    stage = Stage(running, tmp_path)
    try:
        kill_while_queued(stage)
        stage.rest()
        kill_in_menu(stage, "control")
        stage.rest()
        kill_while_ringing(stage)
        stage.rest()
        kill_while_announcing(stage, "control")
        stage.rest()
        kill_while_talking(stage, "control")
        stage.rest()
        kill_in_wrap_up(stage)
        stage.rest()
        kill_in_menu(stage, "media-0")
        stage.rest()
        kill_while_announcing(stage, "media-0")
        stage.rest()
        kill_while_talking(stage, "media-0")
    finally:
        stage.close()
        measured(table(stage.rounds))
    assert not [text for one in stage.rounds for text in one.failed]
    check_ledger(stage)
    for one in stage.rounds:
        if one.unit == "control":
            assert one.packets_lost == 0, f"{one.state}: control is not in the way of any packet"
        else:
            # A kill may come when the worker has one packet of each leg in its hand.
            assert one.worst_lost <= one.kills, one.state
