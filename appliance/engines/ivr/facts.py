"""What a run knows and remembers: plain data, so that a call's slot can hold it."""

from collections.abc import Callable
from datetime import datetime

from appliance.vocabulary.ids import FlowId, Instant, NodeName
from appliance.vocabulary.lookups import Answer, Asked
from appliance.vocabulary.settings import Language
from appliance.vocabulary.shape import State, Value

LocalTime = Callable[[Instant], datetime]
"""The site's wall clock at an instant (call control knows the zone and the clock's offset)."""


class CallFacts(Value, frozen=True, kw_only=True):
    """What a flow may know of its call."""

    caller: str = ""
    called: str = ""


class Return(State, kw_only=True):
    """Where a sub-flow comes back to."""

    flow: FlowId
    node: NodeName


class RunState(State, kw_only=True):
    """All that a run remembers. Put it into the call's slot as it is."""

    flow: FlowId
    language: Language
    versions: dict[FlowId, int] = {}
    """Of this flow and those that it may call: the call finishes on them."""
    facts: CallFacts = CallFacts()
    node: NodeName = NodeName("")
    """Where the caller is; "" before the start."""
    plays: int = 0
    """How many PlayUtterances there were; the last one's serial."""
    is_playing: bool = False
    due: Instant | None = None
    """When the silence after a prompt is over (or a play that never ended is given up)."""
    tries: int = 0
    """Wrong keys and silences at this menu."""
    collected: str = ""
    """Keys of the number that is being keyed in at this node."""
    step: str = ""
    """How far a node of several steps has come (record)."""
    choices: list[str] = []
    """Extensions that were read out to him, by the key that rings each: from 1 on."""
    variables: dict[str, str] = {}
    """What nodes set and callers keyed in, by name."""
    private: list[str] = []
    """Names of variables whose values are in no journal."""
    keyed: list[str] = []
    """Names of variables that hold what the caller keyed in at a `collect` node, in that order."""
    returns: list[Return] = []
    """The flows that called this one, outermost first."""
    typed_ahead: str = ""
    """Keys pressed before the menu that they are for."""
    asks: int = 0
    """Questions so far; the last one's serial."""
    asked: Asked | None = None
    """What this node waits to be told."""
    answer: Answer | None = None
    """What it was told, while its text is still being said."""
    nodes_since_key: int = 0
    """Nodes entered since the caller last pressed anything."""
    is_closed: bool = False
    """The last calendar asked said so: a call that ends now ended outside the hours."""
    is_saying_goodbye: bool = False
    is_over: bool = False
