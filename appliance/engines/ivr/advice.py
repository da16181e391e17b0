"""What callers would not like in a flow that can run: too deep, too wide, too much talk;
a variable in a text that nobody fills.

The figures are those of the trade: three levels, five choices, twenty seconds until the first key
that is of use (features.md; usability studies of telephone menus name about the same).
"""

from collections import deque
from collections.abc import Iterator

from appliance.engines.ivr.nodes import node_of
from appliance.engines.ivr.nodes.asking import AskingNode
from appliance.engines.ivr.nodes.menu import MenuNode
from appliance.engines.ivr.nodes.node import Node
from appliance.engines.ivr.values import names_in
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Flow, Language, Site
from appliance.vocabulary.shape import Value

MOST_LEVELS = 3
MOST_CHOICES = 5
MOST_SECONDS = 20.0
CHARACTERS_A_SECOND = {Language.ZH: 4.3, Language.EN: 14.0, Language.PL: 13.0}
"""Of speech at the pace of announcements: 260 Chinese characters, 150 English words a minute."""


class Advice(Value, frozen=True, kw_only=True):
    """One of them."""

    node: NodeName
    kind: str
    """deep, wide, long, braces"""
    value: int = 0
    """Levels, choices, seconds."""
    limit: int = 0
    name: str = ""
    """A variable in a text, where nobody fills it."""


def flow_advice(flow: Flow, site: Site) -> list[Advice]:
    """Return what could be better in a flow that check_flow lets pass, in the caller's order."""
    nodes = {name: node_of(table) for name, table in flow.node.items()}
    default = flow.language or site.site.language
    advice: list[Advice] = []
    for name, level, seconds in _reached(flow.start, nodes, default):
        node = nodes[name]
        advice += _of_braces(name, node)
        if isinstance(node, MenuNode):
            advice += _of_menu(name, node, level)
        if isinstance(node, (MenuNode, AskingNode)) and level == 1:
            advice += _of_length(name, seconds + _until_first_key(node, default))
    return advice


def _of_braces(name: NodeName, node: Node) -> Iterator[Advice]:
    """A text is speech that is made before anybody calls: it knows no caller's variables."""
    asked = (one for text in (node.text, *node.texts.values()) for one in names_in(text))
    for variable in dict.fromkeys(asked):
        yield Advice(node=name, kind="braces", name=variable)


def _of_menu(name: NodeName, menu: MenuNode, level: int) -> Iterator[Advice]:
    choices = [key for key, target in menu.keys.items() if key.isdigit() and target != name]
    if level > MOST_LEVELS:
        yield Advice(node=name, kind="deep", value=level, limit=MOST_LEVELS)
    if len(choices) > MOST_CHOICES:
        yield Advice(node=name, kind="wide", value=len(choices), limit=MOST_CHOICES)


def _of_length(name: NodeName, seconds: float) -> Iterator[Advice]:
    if seconds > MOST_SECONDS:
        yield Advice(node=name, kind="long", value=round(seconds), limit=int(MOST_SECONDS))


def _reached(
    start: NodeName, nodes: dict[NodeName, Node], default: Language
) -> Iterator[tuple[NodeName, int, float]]:
    """Yield every node once, by the way with the fewest menus: its level (this menu counted) and
    the seconds of talk before it."""
    waiting = deque([(start, 0, 0.0)])
    seen: set[NodeName] = set()
    while waiting:
        name, level, seconds = waiting.popleft()
        if name in seen or name not in nodes:
            continue
        seen.add(name)
        node = nodes[name]
        asks = isinstance(node, (MenuNode, AskingNode))
        level += asks
        yield name, level, seconds
        after = seconds + spoken_seconds(node.text, node.language or default)
        for target in node.targets():
            # nearest first: what needs no key comes before what does
            ahead = waiting.append if asks else waiting.appendleft
            ahead((target.node, level, after))


def _until_first_key(node: MenuNode | AskingNode, default: Language) -> float:
    text = node.text
    if isinstance(node, MenuNode):
        places = [place for place, sign in enumerate(text) if sign in node.keys]
        text = text[: places[0] + 1] if places else text
    return spoken_seconds(text, node.language or default)


def spoken_seconds(text: str, language: Language) -> float:
    """Return about how long it takes to say this."""
    return len(text) / CHARACTERS_A_SECOND[language]
