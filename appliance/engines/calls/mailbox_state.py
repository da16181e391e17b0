"""What a call remembers that opens a voicemail box at a phone (mailbox.py); in the call's slot."""

from enum import StrEnum

from appliance.vocabulary.ids import BoxName, RecordingId
from appliance.vocabulary.shape import State


class Step(StrEnum):
    """What keys mean just now."""

    NUMBER = "number"
    PIN = "pin"
    MESSAGE = "message"
    MENU = "menu"
    NEW_PIN = "new_pin"
    REPEAT_PIN = "repeat_pin"


class Then(StrEnum):
    """What follows when a sentence is over."""

    WAIT = "wait"
    """A key is waited for."""
    SOUND = "sound"
    KEYS = "keys"
    NEXT = "next"
    MENU = "menu"


class MailboxRun(State, kw_only=True):
    """A box, open at a phone or to be opened."""

    step: Step = Step.PIN
    then: Then = Then.WAIT
    is_unsaid: bool = False
    """The present sentence could not be said: what follows it is due all the same."""
    box: BoxName = BoxName("")
    keyed: str = ""
    wrong: int = 0
    """PINs in this call."""
    order: list[RecordingId] = []
    """The messages as they stood when the box was opened: new ones, then heard ones."""
    at: int = -1
    """Which of them is being heard; -1: none yet."""
    was_new: bool = False
    """The message being heard was new when its turn came."""
    repeats: int = 0
    """How often the keys were told and none came."""
    wanted_pin: str = ""
    """Digest of the new PIN, until it was keyed in a second time."""
    call_back: str = ""
    """To be dialled from the same phone once this call is over."""
