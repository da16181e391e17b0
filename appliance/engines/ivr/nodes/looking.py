"""What asks a table or a service for the caller's sake: while it is asked, its text is said.

It leads to `found`, to `not_found` (left out: `otherwise`), or to `otherwise` where there is no
answer in time or none that can be read. Nobody waits for longer than timeout_seconds behind the
text; what comes later comes too late.
"""

from typing import ClassVar

from appliance.engines.ivr.nodes.node import Node, Target, Turn, Wrong, tells_of_recording
from appliance.engines.ivr.values import NAME_EXPECTED, is_variable
from appliance.vocabulary.ids import NodeName
from appliance.vocabulary.lookups import Answer, LookupResult, Question


class LookingNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node that asks. What it asks, its kind says."""

    kind: ClassVar[str]

    found: NodeName
    not_found: NodeName | None = None
    """Left out: otherwise."""
    otherwise: NodeName | None = None
    """Left out: the flow's default."""
    is_private: bool = False
    """What it finds stands in no journal."""

    @property
    def patience(self) -> float:
        """Seconds that the caller may wait for the answer."""
        raise NotImplementedError

    def question(self, turn: Turn) -> Question:
        """What is to be found out."""
        raise NotImplementedError

    def targets(self) -> list[Target]:
        """By what is found; nobody presses anything."""
        return [
            Target(key=key, node=node, is_quiet=True)
            for key, node in (
                ("found", self.found),
                ("not_found", self.not_found),
                ("otherwise", self.otherwise),
            )
            if node is not None
        ]

    def wrong_variables(self, key: str, names: dict[str, str]) -> list[Wrong]:
        """Names that cannot be set."""
        return [
            Wrong(key=f"{key}.{name}", expected=NAME_EXPECTED)
            for name in names
            if not is_variable(name)
        ]

    def enter(self, turn: Turn) -> None:
        """Ask, and say meanwhile what there is to say."""
        turn.ask(self.question(turn), self.patience)
        if self.speaks:
            turn.say(
                [self.own_text(turn)],
                stop_on_digit=False,
                is_notice=tells_of_recording(self.text),
            )
        else:
            turn.listen(self.patience)

    def play_ended(self, turn: Turn) -> None:
        """The text was said."""
        asked = turn.state.asked
        if asked is None:
            self._lead_on(turn)
        else:
            turn.listen(max(0.0, asked.until - turn.now))

    def looked_up(self, turn: Turn) -> None:
        """It is known: now, or as soon as the text is said."""
        if not turn.state.is_playing:
            self._lead_on(turn)

    def timeout(self, turn: Turn) -> None:
        """Nobody answered."""
        turn.conclude(Answer(result=LookupResult.FAILED, text="no answer in time"))
        self._lead_on(turn)

    def _lead_on(self, turn: Turn) -> None:
        answer = turn.state.answer or Answer(result=LookupResult.FAILED)
        for name, value in answer.values.items():
            if is_variable(name):
                turn.keep(name, value, is_private=self.is_private)
        missing = self.not_found or self.otherwise
        targets = {
            LookupResult.FOUND: self.found,
            LookupResult.NOT_FOUND: missing,
            LookupResult.FAILED: self.otherwise,
        }
        target = targets[answer.result]
        if target is not None:
            turn.go(target, answer.result)
        else:
            turn.fall_back(answer.result)
