"""Where each number of a site leads at a moment, without a call: the flow itself is run.

The run is the very machine that callers go through (run.py). Its prompts are heard out at once,
and nobody presses a key: it goes as far as it goes by the clock alone.
"""

from datetime import datetime

from appliance.engines.ivr.commands import (
    EndFlow,
    EnterNode,
    EnterQueue,
    GoToVoicemail,
    IvrCommand,
    PlayUtterances,
    RingExtension,
)
from appliance.engines.ivr.facts import RunState
from appliance.engines.ivr.run import FlowRun
from appliance.vocabulary.ids import FlowId, Instant, TrunkId
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value

MOST_TURNS = 60
"""More prompts than a flow plays before it waits for a key; a round ends here."""


class RouteAnswer(Value, frozen=True, kw_only=True):
    """What callers of one number come to."""

    trunk: TrunkId
    number: str
    flow: FlowId
    nodes: tuple[str, ...] = ()
    """In the order in which the caller comes through them."""
    says: tuple[str, ...] = ()
    """Texts of the site that he hears, and keys of the box's own sentences."""
    ends: str = "missing"
    """menu, queue, voicemail, extension, hangup; missing: the flow is not there."""
    target: str = ""
    """Which queue, box or phone; the node of a menu; the reason of a hang-up."""


def route_answers(site: Site, at: datetime) -> tuple[RouteAnswer, ...]:
    """Follow every route of the site at this moment of its zone."""
    return tuple(_followed(site, route.trunk, route.number, route.flow, at) for route in site.route)


def _followed(site: Site, trunk: TrunkId, number: str, flow: FlowId, at: datetime) -> RouteAnswer:
    found = next((one for one in site.flow if one.id == flow), None)
    if found is None:
        return RouteAnswer(trunk=trunk, number=number, flow=flow)
    state = RunState(flow=flow, language=found.language or site.site.language)
    run = FlowRun(site=site, local_time=lambda _: at, state=state)
    now = Instant(0.0)
    heard = run.start(now)
    for _ in range(MOST_TURNS):
        if run.is_over or not run.state.is_playing:
            break
        heard += run.play_ended(run.state.plays, now)
    ends, target = _end_of(heard, run)
    return RouteAnswer(
        trunk=trunk,
        number=number,
        flow=flow,
        nodes=tuple(one.node for one in heard if isinstance(one, EnterNode)),
        says=tuple(
            said.text or str(said.phrase)
            for one in heard
            if isinstance(one, PlayUtterances)
            for said in one.utterances
        ),
        ends=ends,
        target=target,
    )


def _end_of(heard: list[IvrCommand], run: FlowRun) -> tuple[str, str]:
    match heard[-1]:
        case EnterQueue(queue=queue):
            return "queue", queue
        case GoToVoicemail(box=box):
            return "voicemail", box
        case RingExtension(extension=extension):
            return "extension", extension
        case EndFlow(reason=reason):
            return "hangup", reason
        case _:
            return "menu", run.state.node
