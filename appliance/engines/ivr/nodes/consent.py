"""consent: tells of the recording and lets the caller refuse it with a key.

Silence is consent, for the call goes on only after the notice was said; a key refuses at once.
Where the notice cannot be played nobody was asked, and nothing is recorded (fail closed).
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.commands import TakeConsent
from appliance.engines.ivr.nodes.menu import PHONE_KEYS
from appliance.engines.ivr.nodes.node import Node, Target, Turn, Wrong
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import PhraseKey


class ConsentNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: text or prompt, next, refuse_key, wait_seconds."""

    kind: ClassVar[str] = "consent"
    must_speak: ClassVar[bool] = True

    next: NodeName
    refuse_key: str = "9"
    wait_seconds: Annotated[float, Meta(gt=0, le=30)] = 2
    """Silence after the text, in which the key still counts."""

    def targets(self) -> list[Target]:
        """Always on to the next."""
        return [Target(key="next", node=self.next, is_quiet=True)]

    def wrongs(self, site: Site) -> list[Wrong]:
        """A key that no phone has."""
        if len(self.refuse_key) == 1 and self.refuse_key in PHONE_KEYS:
            return []
        return [Wrong(key="refuse_key", expected="one key of a phone: 0 to 9, * or #")]

    def enter(self, turn: Turn) -> None:
        """Say the notice to the end, but for the key that refuses."""
        turn.say(
            [self.own_text(turn)],
            stop_on_digit=False,
            is_notice=True,
        )

    def digit(self, digit: str, turn: Turn) -> None:
        """The key refuses, once; others are for the next menu."""
        if digit != self.refuse_key or turn.state.tries:
            super().digit(digit, turn)
            return
        turn.state.tries = 1
        turn.stop()
        turn.use(digit, "not_recorded")
        turn.do(TakeConsent(is_granted=False, digit=digit))
        turn.say([turn.phrase(PhraseKey.NOT_RECORDED, self.language)], stop_on_digit=False)

    def play_ended(self, turn: Turn) -> None:
        """The notice was said: a moment for the key. Or the answer to it was."""
        if turn.state.tries:
            turn.go(self.next, "refused")
        else:
            turn.listen(self.wait_seconds)

    def timeout(self, turn: Turn) -> None:
        """No key: the caller stays, and may be recorded."""
        turn.do(TakeConsent(is_granted=True))
        turn.go(self.next, "granted")
