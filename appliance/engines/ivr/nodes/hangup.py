"""hangup: says goodbye (or its text) and ends the call."""

from typing import ClassVar

from appliance.engines.ivr.commands import EndFlow
from appliance.engines.ivr.nodes.node import Node, Turn
from appliance.vocabulary.speech import PhraseKey


class HangupNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: text (left out: the box's goodbye)."""

    kind: ClassVar[str] = "hangup"

    def enter(self, turn: Turn) -> None:
        """Say it."""
        turn.say(
            [self.own_text(turn) if self.speaks else turn.phrase(PhraseKey.GOODBYE, self.language)],
            stop_on_digit=False,
        )

    def play_ended(self, turn: Turn) -> None:
        """It was said."""
        turn.leave(EndFlow(reason="closed" if turn.state.is_closed else "hangup"))
