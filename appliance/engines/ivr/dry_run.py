"""What a caller would meet in a flow, without a call: the very machine that callers go through.

Prompts are heard out, and take no time; at each wait the caller presses the next of his keys, or
is silent; a phone is answered, or is not, as told. It ends where the flow hands the caller on, or
where he has nothing more to press and the flow would only wait for him again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from appliance.engines.ivr.box_greeting import box_greeting
from appliance.engines.ivr.commands import (
    AskCallback,
    AskSurvey,
    DigitUsed,
    EndFlow,
    EnterNode,
    EnterQueue,
    GoToVoicemail,
    IvrCommand,
    PlayUtterances,
    RingExtension,
    RingOutside,
)
from appliance.engines.ivr.facts import CallFacts, RunState
from appliance.engines.ivr.nodes.menu import PHONE_KEYS
from appliance.engines.ivr.run import FlowRun
from appliance.engines.ivr.values import is_variable
from appliance.vocabulary.ids import FlowId, Instant
from appliance.vocabulary.lookups import Answer, LookupResult, Question, TableQuestion
from appliance.vocabulary.settings import Site
from appliance.vocabulary.shape import Value

SILENCE = "."
"""Among the keys: he says nothing, until the flow's patience is over."""

MOST_TURNS = 200
"""More than any flow takes: a round that nothing ends is shown so far."""


class Step(Value, frozen=True, kw_only=True):
    """One node that the caller came to."""

    flow: FlowId
    node: str
    kind: str
    why: str
    """What led here: start, next, a key, timeout, open, closed, holiday, order=777…"""
    says: tuple[str, ...] = ()
    """Texts of the site, and keys of the box's own sentences."""
    keys: tuple[tuple[str, str], ...] = ()
    """What the caller keyed in here, and the node that it leads to; "" for a wrong one."""


class DryRun(Value, frozen=True, kw_only=True):
    """The whole way."""

    steps: tuple[Step, ...] = ()
    ends: str = "missing"
    """queue, voicemail, extension, outside, hangup; waits: for a key at the last node; missing:
    there is no such flow."""
    target: str = ""
    """Which queue, box or phone; the node that waits; the reason of a hang-up."""
    keys_left: str = ""
    """Keys that nobody took."""


def keys_meant(text: str) -> str:
    """Return keys as people type them, without spaces. ValueError for what no phone has."""
    keys = "".join(text.split()).upper()
    wrong = sorted(set(keys) - set(PHONE_KEYS + SILENCE))
    if wrong:
        raise ValueError(f"no keys of a phone: {' '.join(wrong)} (0-9, *, #, A-D; . is a silence)")
    return keys


def found_meant(words: Iterable[str]) -> dict[str, str]:
    """Return what tables and services know, of NAME=VALUE each. ValueError for what is not so."""
    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not is_variable(name.strip()):
            raise ValueError(f'"{word}" is not NAME=VALUE')
        found[name.strip()] = value.strip()
    return found


def dry_run(
    site: Site,
    flow: FlowId,
    at: datetime,
    *,
    keys: str = "",
    facts: CallFacts | None = None,
    is_answered: bool = True,
    found: Mapping[str, str] | None = None,
) -> DryRun:
    """Follow a flow from its start at this moment of the site's zone.

    `keys`: 0-9, *, #, A-D in the order in which they are pressed, "." for a silence.
    `is_answered`: phones that the flow rings are. `found`: what tables and services know, by the
    variables that it is kept in; of the others they know nothing.
    """
    meant = next((one for one in site.flow if one.id == flow), None)
    if meant is None:
        return DryRun(keys_left=keys)
    state = RunState(
        flow=flow, language=meant.language or site.site.language, facts=facts or CallFacts()
    )
    run = FlowRun(site=site, local_time=lambda now: at + timedelta(seconds=now), state=state)
    log, left = _driven(run, keys, is_answered=is_answered, found=found or {})
    ends, target = _end_of(log, run)
    log = [_as_said(command, site, at) for command in log]
    return DryRun(steps=_steps(log), ends=ends, target=target, keys_left=left)


def _driven(
    run: FlowRun, keys: str, *, is_answered: bool, found: Mapping[str, str]
) -> tuple[list[IvrCommand], str]:
    now = Instant(0.0)
    log = run.start(now)
    for _ in range(MOST_TURNS):
        if run.is_over:
            break
        if (asked := run.state.asked) is not None:
            log += run.looked_up(asked.number, _answer(asked.question, found), now)
        elif run.state.is_playing:
            log += run.play_ended(run.state.plays, now)
        elif isinstance(log[-1], (RingExtension, RingOutside, AskCallback, AskSurvey)):
            if is_answered and not isinstance(log[-1], AskSurvey):
                break
            log += run.extension_missed(now)
        elif keys and keys[0] != SILENCE:
            log += run.digit(keys[0], now)
            keys = keys[1:]
        elif (due := run.wake_at()) is not None and (keys or _is_half_way(run)):
            keys = keys[1:]
            now = due
            log += run.wake(now)
        else:
            break
    return log, keys


def _answer(question: Question, found: Mapping[str, str]) -> Answer:
    """Of what is known, that which it asks for."""
    is_table = isinstance(question, TableQuestion)
    names = question.columns if isinstance(question, TableQuestion) else question.fields
    values = {name: value for name, value in found.items() if name in names or not names}
    is_found = bool(values) or not (names or is_table)
    result = LookupResult.FOUND if is_found else LookupResult.NOT_FOUND
    return Answer(result=result, values=values)


def _as_said(command: IvrCommand, site: Site, at: datetime) -> IvrCommand:
    """A box has greetings of its own, which whoever takes the message knows."""
    if not isinstance(command, GoToVoicemail):
        return command
    greeting = box_greeting(site, command.box, command.greeting, at)
    return GoToVoicemail(box=command.box, greeting=greeting)


def _is_half_way(run: FlowRun) -> bool:
    """A number was keyed in that only a silence makes whole; or something is being said."""
    return bool(run.state.collected) or run.state.step == "recording"


def _steps(log: list[IvrCommand]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for command in log:
        match command:
            case EnterNode(flow=flow, node=node, kind=kind, why=why):
                steps.append(Step(flow=flow, node=node, kind=kind, why=why))
            case PlayUtterances(utterances=utterances) if steps:
                said = tuple(one.shown for one in utterances)
                steps[-1] = _with(steps[-1], says=(*steps[-1].says, *said))
            case DigitUsed(digit=digit, leads_to=leads_to) if steps:
                steps[-1] = _with(steps[-1], keys=(*steps[-1].keys, (digit, leads_to)))
            case GoToVoicemail(greeting=greeting) if steps:
                steps[-1] = _with(steps[-1], says=(*steps[-1].says, greeting.shown))
    return tuple(steps)


def _with(
    step: Step,
    says: tuple[str, ...] | None = None,
    keys: tuple[tuple[str, str], ...] | None = None,
) -> Step:
    return Step(
        flow=step.flow,
        node=step.node,
        kind=step.kind,
        why=step.why,
        says=step.says if says is None else says,
        keys=step.keys if keys is None else keys,
    )


def _end_of(log: list[IvrCommand], run: FlowRun) -> tuple[str, str]:
    match log[-1]:
        case EnterQueue(queue=queue):
            return "queue", queue
        case GoToVoicemail(box=box):
            return "voicemail", box
        case RingExtension(extension=extension):
            return "extension", extension
        case RingOutside(number=number):
            return "outside", number
        case AskCallback(queue=queue):
            return "callback", queue
        case EndFlow(reason=reason):
            return "hangup", reason
        case _:
            return "waits", run.state.node
