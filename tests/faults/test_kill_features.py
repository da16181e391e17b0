"""kill -9 of control and of the media worker while calls are in every state that features make.

A whole box and one call in each state, at the same time: baresips are the phones, sipp is the
carrier, and the callers' RTP goes both ways all the time. Afterwards each call goes on from where
it was (retrieved, handed on, fetched, answered …), and the ledger must add up.
"""

import shutil
import time
from dataclasses import dataclass, field

import pytest
from baresip import Baresip
from box_log import tracebacks
from call_load import LEARN_PORT, MEDIA_FROM_FIELD, box_ports, injection
from features_site import NOTICE, PHONES, site_for
from ledger_checks import (
    WrittenDown,
    gaps_of_agents,
    not_reconciled,
    talks_that_do_not_add_up,
    unpaired,
)
from rtp_farm import RtpFarm, lost_of_stream, worst_gap
from running_box import RunningBox, wait_for
from sipp import ACK, PROVISIONAL, WAIT_BYE, Sipp, invite
from tone_prompts import lay, phrase, text

from appliance.store.calls import CallBook
from appliance.vocabulary.facts_handling import QualityMeasured
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.journal import CallOutcome

pytestmark = [pytest.mark.alone, pytest.mark.fault, pytest.mark.peer, pytest.mark.timeout(180)]

GROUP, PLACE = "8100", "701"
BEFORE, AFTER = 0.2, 1.0
"""Seconds around a kill in which gaps are looked for."""
GOES_ON = 50
"""Packets that each caller hears after a kill before the next: a second."""
MOST_LOST = 1
"""Packets of one caller at one kill of the media worker: the one in its hand."""

ROUNDS = 2
KILLED = (("control",), ("media-0",), ("control", "media-0"))
"""What is killed at the same moment, in each round."""

MODULES = "module opus.so"
SECURE = "module srtp.so\nsip_cafile {authority}"


@dataclass
class Call:
    """One caller and his state."""

    state: str
    extension: str
    """What his number leads to."""
    stage: str
    """As the live picture names it."""
    heard_at: dict[str, list[float]] = field(default_factory=dict)
    """Process to the instants of its kills."""

    @property
    def caller(self):
        return f"139{self.extension}"

    @property
    def called(self):
        return f"0218{self.extension}"


CALLS = (
    Call("held", "8001", "held"),
    Call("consult", "8002", "consult"),
    Call("conference", "8004", "conference"),
    Call("whisper", "8006", "talking"),
    Call("parked", "8008", "parked"),
    Call("ring group", GROUP, "ringing"),
    Call("REFER", "8011", "transfer"),
    Call("TLS, SRTP", "8013", "talking"),
    Call("Opus", "8014", "talking"),
)


class Stage:
    """The box, its phones and its callers."""

    def __init__(self, box, folder):
        self.box, self.folder = box, folder
        self.phones = {}
        self.farm = RtpFarm(len(CALLS))
        self.carrier = None
        self.kills = 0
        """Processes."""

    # --- people ---
    def phone(self, number, *, answer="auto", port=None, **words):
        self.phones[number] = Baresip(
            self.folder, port or self.box.sip_port, number, f"test-only-secret-of-{number}",
            answer=answer, **words,
        )  # fmt: skip

    def all_phones(self):
        authority = self.box.folder / "certificates" / "authority.pem"
        for number in PHONES[:12]:
            manual = number in ("8007", "8009", "8010", "8012")
            self.phone(number, answer="manual" if manual else "auto")
        self.phone(
            "8013", port=self.box.sips_port, transport="tls", config=SECURE.format(
                authority=authority), account=";mediaenc=srtp-mand",
        )  # fmt: skip
        self.phone("8014", codecs="opus/48000/2", config=MODULES)
        wait_for(self.all_registered, 30, "all phones to be registered")

    def all_registered(self):
        up = {line.name for line in self.box.live().lines if line.is_up}
        return up >= set(PHONES)

    def call(self):
        """All callers at once; they talk until the box hangs up."""
        rows = [
            (end.port, one.caller, one.called)
            for end, one in zip(self.farm.ends, CALLS, strict=True)
        ]
        log = self.folder / "ports.log"
        begin = invite("[field2]", caller="[field1]", body=MEDIA_FROM_FIELD)
        self.carrier = Sipp(
            self.folder, self.box.sip_port, begin,
            f'{PROVISIONAL}<recv response="200" rrs="true">{LEARN_PORT}</recv>\n',
            '<Reference variables="line"/>\n', ACK, WAIT_BYE,
            calls=len(CALLS), rate=20,
            extra=("-inf", str(injection(self.folder / "callers.csv", rows)),
                   "-trace_logs", "-log_file", str(log)),
        )  # fmt: skip
        self.carrier.ports_file = log

    def say(self, number, command, params=""):
        self.phones[number].say(command, params)

    def dial(self, number, called):
        self.say(number, "dial", f"sip:{called}@127.0.0.1:{self.box.sip_port}")

    # --- what is to be seen ---
    def stages(self):
        """Caller's number to his call's stage."""
        self.farm.learn(box_ports(self.carrier))
        calls = self.box.live().calls
        return {one.caller.number: one.stage for one in calls if one.caller.number[:3] == "139"}

    def wait_until(self, **stages):
        """Wait until the calls that were named so are in these stages."""
        wanted = {one.caller: stages[one.state] for one in CALLS if one.state in stages}

        def is_so():
            found = self.stages()
            return all(found.get(caller) == stage for caller, stage in wanted.items())

        wait_for(is_so, 15, f"{stages}, there is {self.stages()}")

    def as_arranged(self):
        found = self.stages()
        return all(found.get(one.caller) == one.stage for one in CALLS)

    # --- kills ---
    def kill(self, *units):
        """kill -9 of these at the same moment; then every call is as it was, and goes on."""
        before = {unit: self.box.pid(unit) for unit in units}
        closed = self.closed()
        self.kills += len(units)
        for one in CALLS:
            one.heard_at.setdefault(" ".join(units), []).append(time.time())
        for unit in units:
            self.box.kill(unit)
        wait_for(lambda: self.are_back(before), 20, f"{units} to be back")
        assert self.as_arranged(), self.stages()
        self.all_hear_more()
        assert self.closed() == closed, "somebody's phone was hung up"

    def closed(self):
        """How many calls of each phone are over."""
        return {number: len(one.has("CALL_CLOSED")) for number, one in self.phones.items()}

    def are_back(self, before):
        try:
            has_come = all(self.box.pid(unit) != pid for unit, pid in before.items())
            return has_come and self.box.is_answering()
        except (FileNotFoundError, ValueError, ConnectionError):
            return False

    def all_hear_more(self):
        known = [len(end.heard) for end in self.farm.ends]

        def heard():
            return all(
                len(end.heard) >= was + GOES_ON
                for end, was in zip(self.farm.ends, known, strict=True)
            )

        wait_for(heard, 10, "every caller's audio to go on")

    def close(self):
        for one in (*self.phones.values(), self.carrier):
            if one is not None:
                one.stop()
        self.farm.close()


@pytest.fixture
def stage(tmp_path):
    if shutil.which("sipp") is None or shutil.which("baresip") is None:
        pytest.skip("sipp or baresip is not installed (make test installs them)")
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    lay(folder, [(text(NOTICE), 600, 0.3), (phrase("call_parked"), 1000, 0.5)])
    box = RunningBox(folder)
    made = None
    try:
        box.start()
        box.apply(site_for({one.called: one.extension for one in CALLS}))
        made = Stage(box, tmp_path)
        yield made
    finally:
        if made is not None:
            made.close()
        box.stop()
    assert not tracebacks(box)


def arrange(stage):
    """Bring each call into its state."""
    stage.all_phones()
    stage.call()
    wait_for(lambda: len(stage.stages()) == len(CALLS), 10, "all calls")
    talking = {one.state: "talking" for one in CALLS} | {"ring group": "ringing"}
    stage.wait_until(**talking)
    stage.say("8001", "hold")
    stage.say("8002", "sndcode", "*28003#")
    stage.say("8004", "sndcode", "*28005#")
    stage.dial("8007", "*851001")
    stage.say("8008", "sndcode", "*7")
    stage.say("8011", "transfer", f"sip:8012@127.0.0.1:{stage.box.sip_port}")
    stage.phones["8005"].wait("CALL_ESTABLISHED")
    stage.phones["8003"].wait("CALL_ESTABLISHED")
    stage.wait_until(conference="consult")
    stage.say("8004", "sndcode", "*3")
    stage.phones["8007"].wait("CALL_ESTABLISHED")
    stage.say("8007", "sndcode", "5")
    stage.phones["8012"].wait("CALL_INCOMING")
    wait_for(stage.as_arranged, 15, f"every call in its state, there is {stage.stages()}")


def go_on(stage):
    """Each call goes on from where it was."""
    stage.say("8001", "resume")
    stage.say("8002", "hangup")
    stage.say("8004", "hangup")
    stage.dial("8008", PLACE)
    stage.say("8010", "accept")
    stage.say("8012", "accept")
    stage.wait_until(**{one.state: "talking" for one in CALLS})
    stage.all_hear_more()


def end(stage):
    """All phones hang up; every caller is told so."""
    for number in ("8001", "8003", "8005", "8006", "8008", "8010", "8012", "8013", "8014"):
        stage.say(number, "hangup")
    stage.carrier.finish(20)
    wait_for(lambda: not stage.box.live().calls, 10, "no call left in the box")


def table(stage):
    """Worst gap in ms that each caller heard at kills of control, of media, and of both."""
    lines = ["state        control  media  both  packets lost"]
    for one, heard in zip(CALLS, stage.farm.ends, strict=True):
        gaps = [
            max(worst_gap(heard, kill - BEFORE, kill + AFTER) * 1000 for kill in kills)
            for kills in (one.heard_at.get(" ".join(units), [0.0]) for units in KILLED)
        ]
        lines.append(
            f"{one.state:12} {gaps[0]:7.0f} {gaps[1]:6.0f} {gaps[2]:5.0f} "
            f"{lost_of_stream(heard)} of {len(heard.heard)}"
        )
    return "\n".join(lines)


def check_ledger(box):
    def all_ended():
        written = WrittenDown(box)
        book = CallBook(box.folder / "calls.db")
        records = book.calls_between(Utc(0.0), Utc(4e9), limit=100)
        book.close()
        callers = [one for one in records if one.caller.number.startswith("139")]
        spoken = {fact.codec for fact in written.facts(QualityMeasured)}
        is_whole = all(one.ended for one in records) and "opus" in spoken
        return is_whole and (written, callers)

    written, callers = wait_for(all_ended, 10, "every call's end, and quality, in the ledger")
    wrong = [
        *unpaired(written),
        *talks_that_do_not_add_up(written),
        *not_reconciled(written),
        *gaps_of_agents(written),
    ]
    assert not wrong
    assert sorted(one.caller.number for one in callers) == sorted(one.caller for one in CALLS)
    assert {one.outcome for one in callers} <= {CallOutcome.ANSWERED, CallOutcome.DIRECT}


def test_calls_in_every_state_of_the_features_outlive_control_and_media(stage, measured):
    try:
        arrange(stage)
        stage.all_hear_more()
        for _ in range(ROUNDS):
            for units in KILLED:
                stage.kill(*units)
        go_on(stage)
        lost = [lost_of_stream(heard) for heard in stage.farm.ends]
        end(stage)
    finally:
        measured(f"{stage.kills} kills of {len(CALLS)} calls\n{table(stage)}")
    check_ledger(stage.box)
    assert max(lost) <= 2 * ROUNDS * MOST_LOST, "more was lost than what was in the worker's hand"
