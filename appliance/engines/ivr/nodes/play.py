"""play: says a text and goes on. A key skips it, unless it is the recording notice."""

from typing import ClassVar

from appliance.engines.ivr.nodes.node import Node, Target, Turn, tells_of_recording
from appliance.vocabulary.ids import NodeName


class PlayNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: text or prompt, next, is_notice."""

    kind: ClassVar[str] = "play"
    must_speak: ClassVar[bool] = True

    next: NodeName
    is_notice: bool | None = None
    """Whether this tells of the recording; None: its words decide."""

    @property
    def tells_of_recording(self) -> bool:
        """Said to the end, and keys pressed meanwhile do not count: it must have been heard."""
        return tells_of_recording(self.text) if self.is_notice is None else self.is_notice

    def targets(self) -> list[Target]:
        """Always on to the next."""
        return [Target(key="next", node=self.next, is_quiet=True)]

    def enter(self, turn: Turn) -> None:
        """Say it; keys waiting already skip it, but not a notice."""
        if turn.state.typed_ahead and not self.tells_of_recording:
            turn.go(self.next, "next")
            return
        turn.say(
            [self.own_text(turn)],
            stop_on_digit=not self.tells_of_recording,
            is_notice=self.tells_of_recording,
        )

    def digit(self, digit: str, turn: Turn) -> None:
        """Whoever knows the menu need not hear this."""
        if self.tells_of_recording:
            return
        turn.state.typed_ahead += digit
        turn.stop()
        turn.go(self.next, "next")

    def play_ended(self, turn: Turn) -> None:
        """Go on."""
        turn.go(self.next, "next")
