"""voicemail: hands the caller to a box that takes a message."""

from typing import ClassVar

from appliance.engines.ivr.commands import GoToVoicemail
from appliance.engines.ivr.nodes.node import Node, Turn, Wrong
from appliance.vocabulary.ids import BoxName
from appliance.vocabulary.settings import Site
from appliance.vocabulary.speech import PhraseKey


class VoicemailNode(Node, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys: box, text (the greeting; left out: the box's own sentence)."""

    kind: ClassVar[str] = "voicemail"

    box: BoxName

    def wrongs(self, site: Site) -> list[Wrong]:
        """A box is made by being named."""
        return [] if self.box else [Wrong(key="box", expected="a name for the box")]

    def enter(self, turn: Turn) -> None:
        """The greeting is said by who records the message: the beep belongs right behind it."""
        greeting = (
            self.own_text(turn)
            if self.speaks
            else turn.phrase(PhraseKey.LEAVE_MESSAGE, self.language)
        )
        turn.leave(GoToVoicemail(box=self.box, greeting=greeting))
