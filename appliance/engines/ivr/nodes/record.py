"""record: takes down what the caller says, and goes on: a name, a complaint, an address.

The text is said, a beep follows, and he speaks until a key, a silence or max_seconds ends it. With
`review_text` he may hear it and do it over: 1 keeps it, 2 lets him hear it, 3 begins anew. Whoever
hangs up has left what he said so far.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.commands import BeginRecording, EndRecording, KeepRecording
from appliance.engines.ivr.nodes.menu import PHONE_KEYS
from appliance.engines.ivr.nodes.node import Node, Target, Turn, Wrong, tells_of_recording
from appliance.engines.ivr.values import NAME_EXPECTED, is_variable
from appliance.vocabulary.ids import BoxName, NodeName, Seconds
from appliance.vocabulary.settings import Language, Site
from appliance.vocabulary.speech import PhraseKey, Utterance

KEEP, HEAR, AGAIN = "123"
MOST_SILENCES = 2
REVIEW_SECONDS = 5.0


class RecordNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: next, max_seconds, end_key, quiet_seconds, box, variable, review_text, text."""

    kind: ClassVar[str] = "record"

    next: NodeName
    max_seconds: Annotated[float, Meta(ge=1, le=600)] = 60
    end_key: str = "#"
    """The key that ends it; "" for any."""
    quiet_seconds: Annotated[float, Meta(ge=0, le=60)] = 5
    """Such a silence ends it; 0: none does."""
    box: BoxName = BoxName("")
    """It becomes a message of this voicemail box; left out: a recording of the call."""
    variable: str = "recorded"
    """Its id, for programs that are told."""
    review_text: str = ""
    """Said behind it: "1 keeps it, 2 plays it, 3 begins anew." Left out: it is kept at once."""

    def targets(self) -> list[Target]:
        """On, in the end; that took its time."""
        return [Target(key="next", node=self.next, is_quiet=True)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """A key that no phone has; a name that cannot be set."""
        found = []
        if self.end_key and (len(self.end_key) != 1 or self.end_key not in PHONE_KEYS):
            found.append(Wrong(key="end_key", expected='one key of a phone, or "" for any'))
        if not is_variable(self.variable):
            found.append(Wrong(key="variable", expected=NAME_EXPECTED))
        return found

    def sayings(self, default: Language) -> list[Utterance]:
        """What is said behind it, too."""
        found = super().sayings(default)
        if self.review_text.strip():
            found.append(Utterance(language=self.language or default, text=self.review_text))
        return found

    def enter(self, turn: Turn) -> None:
        """Say what is wanted."""
        turn.state.typed_ahead = ""
        turn.state.step = "text"
        if self.speaks:
            turn.say([self.own_text(turn)], is_notice=tells_of_recording(self.text))
        else:
            self._beep(turn)

    def play_ended(self, turn: Turn) -> None:
        """The text, the beep, or what was recorded, is over."""
        match turn.state.step:
            case "text":
                self._beep(turn)
            case "beep":
                self._record(turn)
            case "hearing":
                self._review(turn, [])
            case _:
                turn.listen(REVIEW_SECONDS)

    def digit(self, digit: str, turn: Turn) -> None:
        """A key ends the text, or the recording; or says what is to become of it."""
        match turn.state.step:
            case "text":
                turn.stop()
                self._beep(turn)
            case "recording" if not self.end_key or digit == self.end_key:
                self.quiet(turn)
            case "review" | "hearing":
                turn.stop()
                self._choose(digit, turn)
            case _:
                pass

    def quiet(self, turn: Turn) -> None:
        """It is over: by key, silence or time."""
        if turn.state.step != "recording":
            return
        turn.do(EndRecording())
        if self.review_text:
            turn.state.tries = 0
            self._review(turn, [])
        else:
            self._keep("recorded", turn)

    def timeout(self, turn: Turn) -> None:
        """He spoke for long enough; or does not say what is to become of it."""
        if turn.state.step == "recording":
            self.quiet(turn)
        else:
            self._silent_or_wrong("timeout", [], turn)

    def _choose(self, digit: str, turn: Turn) -> None:
        if digit == KEEP:
            turn.use(digit, self.next)
            self._keep(digit, turn)
        elif digit == HEAR:
            turn.use(digit, turn.state.node)
            turn.state.step = "hearing"
            turn.hear_recorded(self.max_seconds)
        elif digit == AGAIN:
            turn.use(digit, turn.state.node)
            self._beep(turn)
        else:
            turn.use(digit, "")
            wrong = turn.phrase(PhraseKey.WRONG_KEY, self.language)
            self._silent_or_wrong("wrong_key", [wrong], turn)

    def _silent_or_wrong(self, why: str, before: list[Utterance], turn: Turn) -> None:
        turn.state.tries += 1
        if turn.state.tries < MOST_SILENCES:
            self._review(turn, before)
        else:
            self._keep(why, turn)

    def _beep(self, turn: Turn) -> None:
        turn.state.step = "beep"
        turn.beep()

    def _record(self, turn: Turn) -> None:
        turn.state.step = "recording"
        turn.do(
            BeginRecording(
                box=self.box, variable=self.variable, quiet_after=Seconds(self.quiet_seconds)
            )
        )
        turn.listen(self.max_seconds)

    def _review(self, turn: Turn, before: list[Utterance]) -> None:
        turn.state.step = "review"
        turn.say([*before, turn.utterance(self.review_text, self.language)])

    def _keep(self, why: str, turn: Turn) -> None:
        turn.do(KeepRecording())
        turn.go(self.next, why)
