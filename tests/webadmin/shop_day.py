"""A shop and one busy day of it, for the pages: all kinds of calls, a recording, a live picture."""

import math
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from journal_script import Journal

from appliance.engines.recording.assembly import wav_header
from appliance.vocabulary.ids import (
    AgentId,
    CallId,
    ExtensionNumber,
    FlowId,
    LegId,
    NodeName,
    PromptHash,
    QueueId,
    RecordingId,
    Seconds,
    TrunkId,
    Utc,
    VisitId,
)
from appliance.vocabulary.journal import (
    AgentOffered,
    AgentRinging,
    AgentState,
    CallOutcome,
    DigitPressed,
    Direction,
    MissReason,
    NodeEntered,
    OfferMissed,
    PromptPlayed,
    RecordingClosed,
    RecordingFailed,
    RecordingFiled,
    RecordingOpened,
    RouteChosen,
    Side,
    VisitOutcome,
)
from appliance.vocabulary.lines import Party
from appliance.vocabulary.live import (
    Live,
    LiveAgent,
    LiveCall,
    LiveLeg,
    LiveLine,
    LiveQueue,
)
from appliance.vocabulary.settings import Agent, Extension, Flow, Queue, Site, SiteFacts, Trunk

TIMEZONE = "Asia/Shanghai"
DAY = "2025-11-20"
NINE = datetime(2025, 11, 20, 9, tzinfo=ZoneInfo(TIMEZONE)).timestamp()
NOTICE = PromptHash("9f2c" * 16)
RECORDING = RecordingId("r-long-1")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"

PEOPLE = (("1001", "王芳"), ("1002", "李强"), ("1003", "赵敏"), ("1004", "Agnieszka Wójcik"))

SITE = Site(
    site=SiteFacts(name="示例商贸有限公司", timezone=TIMEZONE),
    extension=tuple(
        Extension(number=ExtensionNumber(f"8{agent[1:]}"), name=name) for agent, name in PEOPLE
    ),
    agent=tuple(
        Agent(id=AgentId(agent), name=name, extension=ExtensionNumber(f"8{agent[1:]}"))
        for agent, name in PEOPLE
    ),
    queue=(
        Queue(id=QueueId("sales"), name="销售", agents=(AgentId("1001"), AgentId("1002"))),
        Queue(id=QueueId("repair"), name="售后报修", agents=(AgentId("1003"), AgentId("1004"))),
    ),
    trunk=(Trunk(id=TrunkId("carrier"), host="127.0.0.1", port=5090),),
    flow=(
        Flow(
            id=FlowId("main"),
            start=NodeName("menu"),
            node={
                NodeName("menu"): {"kind": "menu"},
                NodeName("sales"): {"kind": "queue", "queue": "sales"},
                NodeName("repair"): {"kind": "queue", "queue": "repair"},
            },
        ),
    ),
    version=4,
)


def shop_journal() -> Journal:
    """Return the day: some sixty calls from nine to five, and the one that is looked at closely."""
    journal = Journal(NINE)
    for agent, _ in PEOPLE:
        journal.state(0, agent, AgentState.READY)
    for number in range(56):
        _ordinary(journal, number)
    _close_look(journal, 16_000)
    _message(journal, 20_000)
    journal.state(24_000, "1002", AgentState.NOT_READY, reason="1")
    journal.state(25_200, "1002", AgentState.READY)
    for agent, _ in PEOPLE:
        journal.state(29_000, agent, AgentState.SIGNED_OUT)
    return journal


def _ordinary(journal: Journal, number: int) -> None:
    """One of the many; what becomes of it goes by its number."""
    at = 300 + number * 480 + 170 * math.sin(number)
    call, queue = f"call-{number:03}", ("sales", "repair")[number % 3 == 0]
    agent = PEOPLE[number % 2 + (2 if queue == "repair" else 0)][0]
    wait = 3.0 + (number * 7) % 38
    if number % 17 == 5:
        journal.dials_out(at, call, agent, f"0138{number:07}")
        over = journal.talks(at + 9, call, agent, talk=64, queue=None, talking=AgentState.BUSY)
        journal.ends(over, call, CallOutcome.ANSWERED, by=Side.AGENT)
        return
    journal.enters(at, call, caller=f"138{number * 7919 % 100000000:08}")
    if number % 19 == 7:
        journal.ends(at + 12, call, CallOutcome.IVR)
        return
    journal.queued(at + 8, call, queue=queue)
    if number % 8 == 3:
        journal.left(at + 8 + wait, call, VisitOutcome.ABANDONED, wait, queue=queue)
        journal.ends(at + 8 + wait, call, CallOutcome.ABANDONED)
        return
    talk = 40.0 + (number * 53) % 240
    over = journal.talks(
        at + 8 + wait, call, agent, talk=talk, wrap_up=15, rang=3, queue=queue, hold=number % 5
    )
    journal.left(at + 8 + wait, call, VisitOutcome.ANSWERED, wait, queue=queue)
    journal.ends(over, call, CallOutcome.ANSWERED)


def _close_look(journal: Journal, at: float) -> None:
    """long-1: notice, key 2, one phone rings in vain, the second talks; recorded."""
    call = "long-1"
    journal.enters(at, call, caller="02164887766")
    journal.add(
        at,
        RouteChosen(number="02188886666", flow=FlowId("main"), why="route"),
        call,
    )
    text = "您好，欢迎致电示例商贸。为保证服务质量，本次通话将被录音。"
    journal.add(at + 1, PromptPlayed(prompt=NOTICE, text=text, language="zh", is_notice=True), call)
    journal.add(
        at + 9,
        DigitPressed(digit="2", node=NodeName("menu"), leads_to="sales", form="rfc4733"),
        call,
    )
    journal.add(
        at + 9, NodeEntered(flow=FlowId("main"), node=NodeName("sales"), node_kind="queue"), call
    )
    visit = journal.queued(at + 10, call)
    first = {"agent": AgentId("1001"), "extension": ExtensionNumber("8001")}
    journal.add(at + 11, AgentOffered(**first, visit=VisitId(visit)), call, "long-1-x")
    journal.add(at + 11.2, AgentRinging(**first), call, "long-1-x")
    journal.add(
        at + 23,
        OfferMissed(**first, reason=MissReason.NO_ANSWER, visit=VisitId(visit), rang=Seconds(12.0)),
        call,
        "long-1-x",
    )
    journal.add(
        at + 27,
        RecordingOpened(recording=RECORDING, notice=NOTICE, notice_at=Utc(NINE + at + 1)),
        call,
    )
    over = journal.talks(at + 27, call, "1002", talk=200, wrap_up=15, rang=4)
    journal.left(at + 27, call, VisitOutcome.ANSWERED, 17)
    journal.add(over, RecordingClosed(recording=RECORDING), call)
    journal.ends(over, call, CallOutcome.ANSWERED)
    journal.add(
        over + 2,
        RecordingFiled(
            recording=RECORDING,
            file=f"{DAY}/{RECORDING}.wav",
            sha256="ab" * 32,
            seconds=Seconds(6.0),
        ),
        call,
    )


def _message(journal: Journal, at: float) -> None:
    """message-1: nobody answers, a message is left; its store was full."""
    call = "message-1"
    journal.enters(at, call, caller=HOSTILE)
    journal.queued(at + 5, call, queue="repair")
    journal.left(at + 65, call, VisitOutcome.VOICEMAIL, 60, queue="repair")
    journal.add(
        at + 66, RecordingOpened(recording=RecordingId("r-m"), is_message=True, box="repair"), call
    )
    journal.add(at + 90, RecordingFailed(recording=RecordingId("r-m"), text="disk full"), call)
    journal.ends(at + 90, call, CallOutcome.VOICEMAIL)


def write_recording(recordings: Path, seconds: float = 6.0) -> Path:
    """Write a stereo A-law WAV: two tones, caller left, agent right."""
    frames = int(seconds * 8000)
    rows = np.empty((frames, 2), dtype=np.uint8)
    rows[:, 0] = np.where(np.arange(frames) // 9 % 2, 0x95, 0x15)
    rows[:, 1] = np.where(np.arange(frames) // 5 % 2, 0x95, 0x15)
    folder = recordings / DAY
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{RECORDING}.wav"
    file.write_bytes(wav_header(frames, 2) + rows.tobytes())
    return file


def shop_live(at: float, name: str = "", number: str = "13800138000") -> Live:
    """Return the box at a moment: one talks, two wait (one as `name`), one is in the menu."""
    states = (AgentState.TALKING, AgentState.RINGING, AgentState.WRAP_UP, AgentState.NOT_READY)
    return Live(
        at=Utc(at),
        site_name=SITE.site.name,
        site_version=SITE.version,
        lines=(
            LiveLine(
                kind="trunk",
                name="carrier",
                label="127.0.0.1:5090",
                is_up=True,
                text="OPTIONS 200",
                busy=4,
                channels=30,
            ),
            *(
                LiveLine(
                    kind="phone",
                    name=f"8{agent[1:]}",
                    label=person,
                    is_up=agent != "1004",
                    text="192.168.1.21:5060" if agent != "1004" else "",
                    busy=1 if agent == "1001" else 0,
                    new_messages=2 if agent == "1002" else 0,
                    is_quiet=agent == "1002",
                    forwarded_to="8001" if agent == "1003" else "",
                    transport="tls" if agent == "1001" else "udp" if agent != "1004" else "",
                )
                for agent, person in PEOPLE
            ),
        ),
        calls=(
            _live_call("c1", "talking", at - 190, agent="1001", talking=at - 170),
            _live_call("c2", "queued", at - 75, number=number, name=name, place=1),
            _live_call("c3", "queued", at - 31, number="+48221234567", place=2),
            _live_call("c4", "menu", at - 6, number=""),
        ),
        agents=tuple(
            LiveAgent(
                agent=AgentId(agent),
                name=person,
                extension=ExtensionNumber(f"8{agent[1:]}"),
                state=state,
                since=Utc(at - 20 * (index + 1)),
                reason="1" if state is AgentState.NOT_READY else "",
                is_quiet=agent == "1002",
                forwarded_to="8001" if agent == "1003" else "",
            )
            for index, ((agent, person), state) in enumerate(zip(PEOPLE, states, strict=True))
        ),
        queues=(
            LiveQueue(
                queue=QueueId("sales"),
                name="销售",
                waiting=2,
                longest_wait=70.0,
                ready_agents=0,
                signed_in_agents=2,
            ),
            LiveQueue(
                queue=QueueId("repair"),
                name="售后报修",
                waiting=0,
                longest_wait=0.0,
                ready_agents=1,
                signed_in_agents=2,
            ),
        ),
    )


def _live_call(
    call: str,
    stage: str,
    since: float,
    *,
    number: str = "02164887766",
    name: str = "",
    agent: str | None = None,
    talking: float | None = None,
    place: int | None = None,
) -> LiveCall:
    return LiveCall(
        call=CallId(call),
        direction=Direction.INBOUND,
        caller=Party(number=number, name=name),
        called="02188886666",
        since=Utc(since),
        stage=stage,
        queue=QueueId("sales") if place or agent else None,
        position=place,
        queued_since=Utc(since + 5) if place else None,
        agent=AgentId(agent) if agent else None,
        extension=ExtensionNumber(f"8{agent[1:]}") if agent else None,
        talking_since=Utc(talking) if talking else None,
        is_recorded=talking is not None,
        legs=_live_legs(number, agent) if talking else (),
    )


def _live_legs(number: str, agent: str | None) -> tuple[LiveLeg, ...]:
    """The caller in the clear, the agent's phone encrypted."""
    phone = ExtensionNumber(f"8{agent[1:]}") if agent else None
    return (
        LiveLeg(leg=LegId("in"), number=number, transport="udp"),
        LiveLeg(leg=LegId("out"), extension=phone, transport="tls", is_encrypted=True),
    )
