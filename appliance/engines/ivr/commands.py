"""What a running flow asks of call control."""

from appliance.vocabulary.ids import (
    BoxName,
    ExtensionNumber,
    FlowId,
    NodeName,
    QueueId,
    Seconds,
    SurveyId,
    WebhookId,
)
from appliance.vocabulary.lookups import LookupResult, Question
from appliance.vocabulary.shape import Command
from appliance.vocabulary.speech import Utterance


class EnterNode(Command, frozen=True, kw_only=True):
    """The caller is at this node now (journal)."""

    flow: FlowId
    """The sub-flow's id within one."""
    node: NodeName
    kind: str
    why: str
    """What led here, in one word: start, next, a key, timeout, wrong_key, open, closed…"""


class DigitUsed(Command, frozen=True, kw_only=True):
    """A key was taken by a node (journal); leads_to "" is a wrong key."""

    node: NodeName
    digit: str
    leads_to: str


class PlayUtterances(Command, frozen=True, kw_only=True):
    """Play these in order to the caller, then call play_ended(play). Replaces what plays now.

    When nothing of it can be played, call play_ended at once (after noting PromptMissing).
    """

    play: int
    """Serial number in this run; hand it back to play_ended."""
    node: NodeName
    utterances: tuple[Utterance, ...]
    stop_on_digit: bool
    is_notice: bool


class StopPlaying(Command, frozen=True, kw_only=True):
    """Stop what plays, at once; no play_ended is expected for it."""


class EnterQueue(Command, frozen=True, kw_only=True):
    """The flow is over: put the caller in this queue."""

    queue: QueueId


class GoToVoicemail(Command, frozen=True, kw_only=True):
    """The flow is over: say `greeting`, beep, record a message into this box."""

    box: BoxName
    greeting: Utterance


class RingExtension(Command, frozen=True, kw_only=True):
    """Ring this phone. The flow waits: call extension_missed when nobody answers.

    When it is answered, drop the run.
    """

    extension: ExtensionNumber
    ring_for: Seconds


class RingOutside(Command, frozen=True, kw_only=True):
    """Ring this number outside, as a phone would dial it; the flow waits as for RingExtension."""

    number: str
    ring_for: Seconds


class TakeConsent(Command, frozen=True, kw_only=True):
    """The caller was told of the recording and chose; digit: with which key, "" without any."""

    is_granted: bool
    digit: str = ""


class AskOutside(Command, frozen=True, kw_only=True):
    """Find this out, then call looked_up(number). The flow waits no longer than `within`."""

    number: int
    question: Question
    within: Seconds


class LookupOver(Command, frozen=True, kw_only=True):
    """What came of a question (journal)."""

    node: NodeName
    question: Question
    result: LookupResult
    text: str
    seconds: Seconds


class TellWebhook(Command, frozen=True, kw_only=True):
    """Other people's programs are to be told of this call; nobody waits for it."""

    node: NodeName
    webhook: WebhookId
    what: str
    values: dict[str, str]


class AskCallback(Command, frozen=True, kw_only=True):
    """Ask the caller where this queue is to call him back. The flow waits: call extension_missed
    when he is not to be called back; else he says goodbye there."""

    queue: QueueId


class AskSurvey(Command, frozen=True, kw_only=True):
    """Ask the caller how it was. The flow waits: call extension_missed when that is over."""

    survey: SurveyId


class PlayTone(Command, frozen=True, kw_only=True):
    """Play a beep to the caller, then call play_ended(play), as for PlayUtterances."""

    play: int
    milliseconds: int


class BeginRecording(Command, frozen=True, kw_only=True):
    """Record what the caller says from now on; its id goes into this variable of the run."""

    box: BoxName
    """Of which it becomes a message when it is kept; "" for none."""
    variable: str
    quiet_after: Seconds
    """Call quiet() when he has said nothing for so long; 0: never."""


class EndRecording(Command, frozen=True, kw_only=True):
    """He has spoken: have its file made."""


class PlayRecorded(Command, frozen=True, kw_only=True):
    """Let him hear it, as PlayUtterances does."""

    play: int


class KeepRecording(Command, frozen=True, kw_only=True):
    """It is as he wants it."""


class EndFlow(Command, frozen=True, kw_only=True):
    """The flow is over: hang up. `reason`: hangup, default (no way on), closed (out of hours)."""

    reason: str


IvrCommand = (
    EnterNode
    | DigitUsed
    | PlayUtterances
    | StopPlaying
    | EnterQueue
    | GoToVoicemail
    | RingExtension
    | RingOutside
    | TakeConsent
    | AskOutside
    | LookupOver
    | TellWebhook
    | PlayTone
    | BeginRecording
    | EndRecording
    | PlayRecorded
    | KeepRecording
    | AskCallback
    | AskSurvey
    | EndFlow
)
