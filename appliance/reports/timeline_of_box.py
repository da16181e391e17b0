"""What the facts of agents and of the box itself say in a timeline."""

from collections.abc import Callable

from appliance.reports.timeline_line import Said
from appliance.reports.timeline_of_call import Known
from appliance.vocabulary.facts_flow_versions import FlowPublished
from appliance.vocabulary.facts_queues import BreakOverran
from appliance.vocabulary.journal import (
    AgentState,
    AgentStateChanged,
    BoxStarted,
    Entry,
    PhoneSeen,
    SiteApplied,
    TrunkSeen,
)

STATE_WORDS = {
    AgentState.SIGNED_OUT: "signed out",
    AgentState.READY: "ready",
    AgentState.RINGING: "ringing",
    AgentState.TALKING: "talking",
    AgentState.HOLDING: "holding",
    AgentState.WRAP_UP: "wrap-up",
    AgentState.NOT_READY: "not ready",
    AgentState.UNREACHABLE: "unreachable",
    AgentState.BUSY: "on another call",
}


def _state(fact: AgentStateChanged, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="agent {agent}: {state}",
        values={"agent": fact.agent, "state": STATE_WORDS[fact.state]},
        words=("state",),
    )


def _started(fact: BoxStarted, entry: Entry, known: Known) -> Said:
    return Said(text_key="the box started ({after})", values={"after": fact.after})


def _applied(fact: SiteApplied, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="settings version {version} applied by {by}",
        values={"version": str(fact.site_version), "by": fact.by},
    )


def _published(fact: FlowPublished, entry: Entry, known: Known) -> Said:
    key = "flow {flow}: version {version} published by {by}"
    if fact.back_to:
        key = "flow {flow}: back to version {back_to}, as version {version}, by {by}"
    values = {"flow": str(fact.flow), "version": str(fact.version), "by": fact.by}
    return Said(text_key=key, values={**values, "back_to": str(fact.back_to)})


def _phone(fact: PhoneSeen, entry: Entry, known: Known) -> Said:
    key = "phone {phone} registered" if fact.is_registered else "phone {phone} is gone"
    if fact.is_silent:
        key = "phone {phone} answers no more"
    return Said(text_key=key, values={"phone": fact.extension})


def _trunk(fact: TrunkSeen, entry: Entry, known: Known) -> Said:
    key = "trunk {trunk} is up" if fact.is_up else "trunk {trunk} is down"
    return Said(text_key=key, values={"trunk": fact.trunk})


def _break(fact: BreakOverran, entry: Entry, known: Known) -> Said:
    return Said(
        text_key="agent {agent}: break {reason} is longer than {minutes} min",
        values={
            "agent": fact.agent,
            "reason": fact.reason,
            "minutes": f"{fact.budget / 60:g}",
        },
    )


BOX_SAYS: dict[type, Callable[..., Said | None]] = {
    AgentStateChanged: _state,
    BreakOverran: _break,
    BoxStarted: _started,
    SiteApplied: _applied,
    FlowPublished: _published,
    PhoneSeen: _phone,
    TrunkSeen: _trunk,
}
