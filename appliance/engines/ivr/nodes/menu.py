"""menu: says what the keys are for and waits for one. A key interrupts at once.

Wrong keys and silences count together: after `attempts` of them the caller goes to `otherwise`
(left out: the flow's first queue, or goodbye). A caller is never left in silence.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from appliance.engines.ivr.nodes.node import Node, Target, Turn, Wrong, tells_of_recording
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import PhraseKey, Utterance

PHONE_KEYS = "0123456789*#ABCD"


class MenuNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: text or prompt, keys, timeout_seconds, attempts, otherwise, is_notice."""

    kind: ClassVar[str] = "menu"
    must_speak: ClassVar[bool] = True

    keys: dict[str, NodeName]
    timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 5
    """Silence after the end of the prompt."""
    attempts: Annotated[int, Meta(ge=1, le=10)] = 2
    otherwise: NodeName | None = None
    is_notice: bool | None = None
    """Whether the text tells of the recording too; None: its words decide."""

    def targets(self) -> list[Target]:
        """Where the keys lead, and where no key leads."""
        found = [
            Target(key=f"keys.{key}", node=node, is_quiet=False) for key, node in self.keys.items()
        ]
        if self.otherwise is not None:
            found.append(Target(key="otherwise", node=self.otherwise, is_quiet=False))
        return found

    def wrongs(self, site: Site) -> list[Wrong]:
        """Keys that no phone has; a menu of nothing."""
        expected = "one key of a phone: 0 to 9, * or # (A to D where phones have them)"
        found = [
            Wrong(key=f"keys.{key}", expected=expected)
            for key in self.keys
            if len(key) != 1 or key not in PHONE_KEYS
        ]
        if not self.keys:
            found.append(Wrong(key="keys", expected="at least one key and the node it leads to"))
        return found

    def enter(self, turn: Turn) -> None:
        """A key pressed ahead is taken at once; else say the menu."""
        turn.state.tries = 0
        if turn.state.typed_ahead:
            digit, turn.state.typed_ahead = turn.state.typed_ahead[0], turn.state.typed_ahead[1:]
            self.digit(digit, turn)
        else:
            self._say(turn, [])

    def digit(self, digit: str, turn: Turn) -> None:
        """A key: go where it leads, or say that it leads nowhere."""
        turn.stop()
        target = self.keys.get(digit)
        turn.use(digit, target or "")
        if target is not None:
            turn.go(target, digit)
            return
        # what was typed behind a wrong key was meant for some other menu
        turn.state.typed_ahead = ""
        self._try_again(turn, "wrong_key", [turn.phrase(PhraseKey.WRONG_KEY, self.language)])

    def play_ended(self, turn: Turn) -> None:
        """The silence counts from here."""
        turn.listen(self.timeout_seconds)

    def unsayable(self, turn: Turn) -> None:
        """Nobody presses a key that he was not told of: as if he had pressed none, at once."""
        if self.otherwise is not None:
            turn.go(self.otherwise, "prompt_missing")
        else:
            turn.fall_back("prompt_missing")

    def timeout(self, turn: Turn) -> None:
        """No key."""
        self._try_again(turn, "timeout", [])

    def _try_again(self, turn: Turn, why: str, before: list[Utterance]) -> None:
        turn.state.tries += 1
        if turn.state.tries < self.attempts:
            self._say(turn, before)
        elif self.otherwise is not None:
            turn.go(self.otherwise, why)
        else:
            turn.fall_back(why)

    def _say(self, turn: Turn, before: list[Utterance]) -> None:
        is_notice = tells_of_recording(self.text) if self.is_notice is None else self.is_notice
        turn.say(
            [*before, self.own_text(turn)],
            stop_on_digit=True,
            is_notice=is_notice,
        )
