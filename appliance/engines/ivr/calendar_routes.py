"""Where each number of a site leads at a moment by the clock alone: nobody presses a key."""

from datetime import datetime

from appliance.engines.ivr.dry_run import dry_run
from appliance.vocabulary.ids import FlowId, TrunkId
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value


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
    """waits (for a key), queue, voicemail, extension, outside, hangup; missing: there is no such
    flow."""
    target: str = ""
    """Which queue, box or phone; the node that waits; the reason of a hang-up."""


def route_answers(site: Site, at: datetime) -> tuple[RouteAnswer, ...]:
    """Follow every route of the site at this moment of its zone."""
    return tuple(_followed(site, route.trunk, route.number, route.flow, at) for route in site.route)


def _followed(site: Site, trunk: TrunkId, number: str, flow: FlowId, at: datetime) -> RouteAnswer:
    way = dry_run(site, flow, at)
    return RouteAnswer(
        trunk=trunk,
        number=number,
        flow=flow,
        nodes=tuple(step.node for step in way.steps),
        says=tuple(said for step in way.steps for said in step.says),
        ends=way.ends,
        target=way.target,
    )
