"""What every kind of node promises. A new one in NODES is tested by being there, once an example
of it stands in EXAMPLES."""

from datetime import datetime

import msgspec
import pytest

from appliance.engines.ivr.check import check_flow
from appliance.engines.ivr.commands import (
    AskCallback,
    AskOutside,
    AskSurvey,
    EndFlow,
    EnterNode,
    EnterQueue,
    GoToVoicemail,
    IvrCommand,
    PlayUtterances,
    RingExtension,
    RingOutside,
)
from appliance.engines.ivr.nodes import NODE_KINDS, NODES, node_of
from appliance.engines.ivr.nodes.node import Node
from appliance.engines.ivr.run import FlowRun, RunState
from appliance.vocabulary.ids import (
    CalendarId,
    ExtensionNumber,
    FlowId,
    Instant,
    NodeName,
    QueueId,
    ServiceId,
    SurveyId,
    TableId,
    WebhookId,
)
from appliance.vocabulary.settings import (
    Calendar,
    Callback,
    Extension,
    Flow,
    Language,
    LookupTable,
    Outbound,
    Queue,
    Service,
    Site,
    Survey,
    Webhook,
)

EXAMPLES: dict[str, dict[str, object]] = {
    "play": {"text": "Hello.", "next": "end"},
    "menu": {"text": "Press 1.", "keys": {"1": "end"}, "otherwise": "end"},
    "queue": {"queue": "sales", "text": "One moment."},
    "hours": {"calendar": "office", "open": "end", "closed": "end"},
    "voicemail": {"box": "sales"},
    "extension": {"extension": "8001", "otherwise": "end"},
    "hangup": {"text": "Bye."},
    "consent": {"text": "This call is recorded. Press 9 if not.", "next": "end"},
    "language": {"language": "pl", "next": "end"},
    "say": {"value": "12.05", "read_as": "amount", "next": "end"},
    "set": {"variable": "from", "value": "{caller}", "next": "end"},
    "branch": {"on": "caller", "cases": {"139*": "end"}, "otherwise": "end"},
    "collect": {"text": "Your number, please.", "next": "end", "max_digits": 4},
    "dial": {"text": "The extension, please.", "otherwise": "end"},
    "outside": {"number": "9138001380000", "otherwise": "end"},
    "subflow": {"flow": "other", "next": "end"},
    "return": {},
    "lookup": {"table": "customers", "found": "end", "otherwise": "end"},
    "http": {"service": "crm", "path": "who/{caller}", "found": "end", "otherwise": "end"},
    "directory": {"text": "Key in a name.", "otherwise": "end"},
    "record": {"text": "Your name?", "next": "end"},
    "webhook": {"webhook": "crm", "what": "asked", "next": "end"},
    "callback": {"queue": "sales", "otherwise": "end"},
    "survey": {"survey": "how", "next": "end"},
}

OTHER = Flow(
    id=FlowId("other"),
    start=NodeName("back"),
    node={NodeName("back"): {"kind": "return", "text": "Back again."}},
)
ENDS = (EnterQueue, GoToVoicemail, EndFlow)
WAITING = (RingExtension, RingOutside, AskCallback, AskSurvey)
"""What call control does before the flow goes on."""

pytestmark = pytest.mark.parametrize("kind", NODES, ids=lambda kind: kind.kind)


def site_with(kind: type[Node]) -> Site:
    flow = Flow(
        id=FlowId("main"),
        start=NodeName("node"),
        node={
            NodeName("node"): {"kind": kind.kind, **EXAMPLES[kind.kind]},
            NodeName("end"): {"kind": "hangup"},
        },
    )
    return Site(
        flow=(flow, OTHER),
        queue=(Queue(id=QueueId("sales"), callback=Callback()),),
        survey=(Survey(id=SurveyId("how")),),
        calendar=(Calendar(id=CalendarId("office")),),
        extension=(Extension(number=ExtensionNumber("8001"), name="Anna"),),
        outbound=(Outbound(prefix="9", strip=1),),
        table=(LookupTable(id=TableId("customers"), key="phone"),),
        service=(Service(id=ServiceId("crm"), url="https://crm.example/"),),
        webhook=(Webhook(id=WebhookId("crm"), url="https://crm.example/calls"),),
    )


def run_of(kind: type[Node], state: RunState | None = None) -> FlowRun:
    return FlowRun(
        site=site_with(kind),
        local_time=lambda now: datetime(2026, 3, 2, 10, 0),
        state=state or RunState(flow=FlowId("main"), language=Language.EN),
    )


def carried_on(run: FlowRun, commands: list[IvrCommand], digit: str) -> list[IvrCommand]:
    """What a call control does that hears prompts out, lets phones ring in vain, and a caller
    who presses `digit` (or nothing) while something plays."""
    now = Instant(0.0)
    log = list(commands)
    for _ in range(30):
        last = log[-1]
        if digit:
            log += run.digit(digit, now)
        if run.is_over:
            break
        if isinstance(last, WAITING):
            log += run.extension_missed(now)
        elif run.state.is_playing:
            log += run.play_ended(run.state.plays, now)
        elif (due := run.wake_at()) is not None:
            now = due
            log += run.wake(now)
    return log


def test_there_is_an_example_of_it(kind: type[Node]) -> None:
    assert kind.kind in EXAMPLES
    assert NODE_KINDS.count(kind.kind) == 1
    assert isinstance(node_of({"kind": kind.kind, **EXAMPLES[kind.kind]}), kind)


def test_its_example_passes_the_check(kind: type[Node]) -> None:
    site = site_with(kind)
    leads_on = bool(node_of(site.flow[0].node[NodeName("node")]).targets())
    faults = [fault.node for fault in check_flow(site.flow[0], site)]
    assert faults == ([] if leads_on else ["end"]), "only the end that nothing leads to"


def test_it_refuses_a_key_it_does_not_know(kind: type[Node]) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `colour`"):
        node_of({"kind": kind.kind, **EXAMPLES[kind.kind], "colour": "red"})


def test_it_takes_the_common_keys(kind: type[Node]) -> None:
    node = node_of({"kind": kind.kind, **EXAMPLES[kind.kind], "text": "Witamy.", "language": "pl"})
    assert (node.text, node.language) == ("Witamy.", Language.PL)


def test_entering_it_is_told_first_and_does_something(kind: type[Node]) -> None:
    commands = run_of(kind).start(Instant(0.0))
    assert commands[0] == EnterNode(
        flow=FlowId("main"), node=NodeName("node"), kind=kind.kind, why="start"
    )
    assert isinstance(commands[-1], (PlayUtterances, AskOutside, *WAITING, *ENDS))


@pytest.mark.parametrize("digit", ["", "1", "9"])
def test_whatever_the_caller_does_he_is_handed_on_or_told_goodbye(
    kind: type[Node], digit: str
) -> None:
    run = run_of(kind)
    log = carried_on(run, run.start(Instant(0.0)), digit)
    assert run.is_over
    assert isinstance(log[-1], ENDS)
    assert sum(isinstance(command, ENDS) for command in log) == 1


def test_a_run_in_it_survives_a_restart(kind: type[Node]) -> None:
    run = run_of(kind)
    log = run.start(Instant(0.0))
    slot = msgspec.msgpack.encode(run.state)
    again = run_of(kind, msgspec.msgpack.decode(slot, type=RunState))
    assert carried_on(again, log, "") == carried_on(run, log, "")


def test_its_file_says_what_it_is_for(kind: type[Node]) -> None:
    module = __import__(kind.__module__, fromlist=["__doc__"])
    assert (module.__doc__ or "").startswith(f"{kind.kind}: ")
    assert (kind.__doc__ or "").startswith("Keys: ")
