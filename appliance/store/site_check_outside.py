"""Numbers outside that the site itself sends callers to: they must be ones that go out. Pure."""

from collections.abc import Iterator

from appliance.engines.calls.number_forms import dearest_class
from appliance.engines.ivr.nodes import nodes_of
from appliance.engines.ivr.nodes.outside import OutsideNode
from appliance.store.site_kinds import Wrong
from appliance.store.site_lines import Path
from appliance.vocabulary.settings import Site


def wrong_outside(site: Site, number: str, path: Path) -> Iterator[Wrong]:
    """Yield what keeps a number, written as a phone would dial it, from going out."""
    rule = next((one for one in site.outbound if number.startswith(one.prefix)), None)
    if rule is None:
        yield Wrong(path, f'expected a number that an [[outbound]] prefix begins, found "{number}"')
        return
    kind = dearest_class(number[rule.strip :], site.site.country)
    if kind == "emergency":
        yield Wrong(path, "callers cannot be sent to an emergency number")
    elif kind not in rule.allow:
        yield Wrong(path, f'the [[outbound]] prefix "{rule.prefix}" allows no {kind} numbers')


def wrong_outside_in_flows(site: Site) -> Iterator[Wrong]:
    """Yield the same for nodes; what they find wrong themselves is not said twice."""
    for place, flow in enumerate(site.flow):
        for name, node in nodes_of(flow).items():
            if isinstance(node, OutsideNode) and not node.wrongs(site):
                yield from wrong_outside(site, node.number, ("flow", place, "node", name, "number"))
