"""The golden day of the formulae: 14 calls, 2 agents, every figure known beforehand.

T = 20 s, S = 5 s. Agent A (1001) is logged in for an hour and paused for 600 s of it, agent B
(1002) for an hour. The queue is "sales"; the day is 2025-11-20 in Shanghai, from 09:00.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from journal_script import Journal

from appliance.reports.days import Day, day_of
from appliance.vocabulary.facts_customers import SurveyAsked, SurveyScored
from appliance.vocabulary.ids import AgentId, ExtensionNumber, QueueId, SurveyId, Utc
from appliance.vocabulary.journal import (
    AgentState,
    CallAnswered,
    CallOutcome,
    Entry,
    Side,
    VisitOutcome,
)
from appliance.vocabulary.settings import Agent, Extension, Queue, ServiceLevel, Site, SiteFacts

TIMEZONE = "Asia/Shanghai"
DATE = date(2025, 11, 20)
NINE = datetime(2025, 11, 20, 9, tzinfo=ZoneInfo(TIMEZONE)).timestamp()
A, B = "1001", "1002"

SITE = Site(
    site=SiteFacts(name="金日商贸", timezone=TIMEZONE),
    extension=(
        Extension(number=ExtensionNumber("8001"), name="王芳"),
        Extension(number=ExtensionNumber("8002"), name="李强"),
    ),
    agent=(
        Agent(id=AgentId(A), name="王芳", extension=ExtensionNumber("8001")),
        Agent(id=AgentId(B), name="李强", extension=ExtensionNumber("8002")),
    ),
    queue=(
        Queue(
            id=QueueId("sales"),
            name="销售",
            agents=(AgentId(A), AgentId(B)),
            service_level=ServiceLevel(seconds=20, target=80, variant=1, short_abandon_seconds=5),
        ),
    ),
    version=3,
)


def golden_day() -> Day:
    """Return the day."""
    return day_of(DATE, TIMEZONE)


def golden_entries() -> list[Entry]:
    """Return the day's journal."""
    journal = Journal(NINE)
    for agent in (A, B):
        journal.state(0, agent, AgentState.READY)
    _answered(journal, "c01", 60, 4, A, talk=120, wrap_up=10, rating=1)
    _answered(journal, "c02", 200, 20, A, talk=60, hold=10, wrap_up=15)
    _answered(journal, "c07", 250, 0, B, talk=30, wrap_up=5)
    _transferred(journal)
    _abandoned(journal, "c04", 700, 3)
    _abandoned(journal, "c05", 710, 18)
    _abandoned(journal, "c06", 720, 45)
    _answered(journal, "c10", 800, 12, B, talk=200, wrap_up=20)
    _overflowed(journal, "c08", 900, 60)
    _answered(journal, "c11", 1000, 35, A, talk=90, wrap_up=15, rating=3)
    _called_back(journal, "c09", 1200, 40)
    journal.enters(1700, "c12")
    journal.ends(1710, "c12", CallOutcome.IVR)
    _answered(journal, "c13", 1800, 25, B, talk=60, wrap_up=10)
    _abandoned(journal, "c14", 1900, 2)
    journal.state(2000, A, AgentState.NOT_READY, reason="1")
    journal.state(2600, A, AgentState.READY)
    for agent in (A, B):
        journal.state(3600, agent, AgentState.SIGNED_OUT)
    return journal.entries


def golden_end() -> Utc:
    """Return a moment after the day."""
    return Utc(golden_day().end + 60)


def _answered(
    journal: Journal,
    call: str,
    at: float,
    wait: float,
    agent: str,
    *,
    talk: float,
    hold: float = 0.0,
    wrap_up: float,
    rating: int = 0,
) -> None:
    journal.enters(at - 10, call)
    journal.queued(at, call)
    over = journal.talks(
        at + wait, call, agent, talk=talk, hold=hold, wrap_up=wrap_up, rang=min(wait, 3)
    )
    journal.left(at + wait, call, VisitOutcome.ANSWERED, wait)
    _asked(journal, over, call, agent, rating)
    journal.ends(over, call, CallOutcome.ANSWERED)


def _asked(journal: Journal, at: float, call: str, agent: str, rating: int) -> None:
    """Who talked with him last is rated; 0: nobody was."""
    if rating:
        survey, who = SurveyId("how"), AgentId(agent)
        journal.add(at, SurveyAsked(survey=survey, agent=who, queue=QueueId("sales")), call)
        journal.add(at, SurveyScored(survey=survey, score=rating, agent=who), call)


def _transferred(journal: Journal) -> None:
    """c03: A talks 180 s and holds 20 s, then B takes over for 90 s."""
    journal.enters(310, "c03")
    journal.queued(320, "c03")
    over = journal.talks(341, "c03", A, talk=180, hold=20, wrap_up=30, rang=3)
    journal.left(341, "c03", VisitOutcome.ANSWERED, 21)
    over = journal.talks(over, "c03", B, talk=90, wrap_up=10, first=False)
    _asked(journal, over, "c03", B, 2)
    journal.ends(over, "c03", CallOutcome.ANSWERED, by=Side.AGENT)


def _abandoned(journal: Journal, call: str, at: float, wait: float) -> None:
    journal.enters(at - 10, call)
    journal.queued(at, call)
    journal.left(at + wait, call, VisitOutcome.ABANDONED, wait)
    journal.ends(at + wait, call, CallOutcome.ABANDONED)


def _overflowed(journal: Journal, call: str, at: float, wait: float) -> None:
    journal.enters(at - 10, call)
    journal.queued(at, call)
    journal.left(at + wait, call, VisitOutcome.OVERFLOW, wait, reason="wait")
    journal.ends(at + wait, call, CallOutcome.OVERFLOW, by=Side.BOX)


def _called_back(journal: Journal, call: str, at: float, wait: float) -> None:
    """c09 chose to be called back; later A dials out and talks 75 s."""
    journal.enters(at - 10, call)
    journal.queued(at, call)
    journal.left(at + wait, call, VisitOutcome.CALLBACK, wait)
    journal.ends(at + wait, call, CallOutcome.CALLBACK)
    journal.dials_out(1490, "c09-back", A, "13800138000")
    journal.add(1500, CallAnswered(), "c09-back")
    over = journal.talks(
        1500,
        "c09-back",
        A,
        talk=75,
        wrap_up=10,
        queue=None,
        leg="c09-back-b",
        talking=AgentState.BUSY,
    )
    journal.ends(over, "c09-back", CallOutcome.ANSWERED)
