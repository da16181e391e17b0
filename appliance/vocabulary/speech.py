"""What is said to people: free text of the site, or a phrase of ours with its values.

An Utterance is the key under which a rendered prompt is looked up. Phrases have their sentences
in gettext catalogues (speech room); engines name them by key only.
"""

from enum import StrEnum
from typing import Protocol

from appliance.vocabulary.ids import PromptHash
from appliance.vocabulary.say import SayKind
from appliance.vocabulary.settings import Language
from appliance.vocabulary.shape import Value


class PhraseKey(StrEnum):
    """Every sentence that the box itself can say. Values in braces."""

    GREETING = "greeting"
    """Unconfigured box: friendly hello, then echo."""
    AGENT_NUMBER = "agent_number"
    """{agent}: 工号1001为您服务 (digit by digit)."""
    POSITION = "position"
    """{n}: callers before you, as a cardinal; n counts the caller himself (1: you are next)."""
    EXPECTED_WAIT = "expected_wait"
    """{n}: minutes as vocabulary.waits steps them, "0" or "far"."""
    WAITED = "waited"
    """To the agent, of the caller: {n} as before."""
    ALL_BUSY = "all_busy"
    """All agents are busy, please hold."""
    OVERFLOW_GOODBYE = "overflow_goodbye"
    WRONG_KEY = "wrong_key"
    RECORDING_NOTICE = "recording_notice"
    LEAVE_MESSAGE = "leave_message"
    MESSAGE_SAVED = "message_saved"
    NUMBER_UNKNOWN = "number_unknown"
    NOT_ALLOWED = "not_allowed"
    NOT_REACHABLE = "not_reachable"
    CLOSED = "closed"
    SIGNED_IN = "signed_in"
    """{agent}"""
    SIGNED_OUT = "signed_out"
    READY = "ready"
    NOT_READY = "not_ready"
    """{reason}: 0-9; 0 none, 1 meal, 2 washroom, 3 meeting, 4 training, 5 coaching, 6-9 others."""
    WRAP_UP_ENDED = "wrap_up_ended"
    NOT_IN_WRAP_UP = "not_in_wrap_up"
    NOT_SIGNED_IN = "not_signed_in"
    WRONG_PIN = "wrong_pin"
    PIN_LOCKED = "pin_locked"
    CODE_UNKNOWN = "code_unknown"
    ENTER_AGENT_AND_PIN = "enter_agent_and_pin"
    ENTER_AGENT_PIN = "enter_agent_pin"
    SELF_TEST = "self_test"
    """The box's own test menu: press 1."""
    SELF_TEST_PASSED = "self_test_passed"
    GOODBYE = "goodbye"
    FORWARDING_ON = "forwarding_on"
    FORWARDING_OFF = "forwarding_off"
    DO_NOT_DISTURB_ON = "do_not_disturb_on"
    DO_NOT_DISTURB_OFF = "do_not_disturb_off"
    CALL_WAITING_ON = "call_waiting_on"
    CALL_WAITING_OFF = "call_waiting_off"
    NOTHING_TO_PICK_UP = "nothing_to_pick_up"
    REDIAL_SET = "redial_set"
    """You will be rung when the phone is free."""
    REDIAL_NONE = "redial_none"
    CALL_PARKED = "call_parked"
    """{slot}: digit by digit; where that cannot be said, without it."""
    NOT_RECORDED = "not_recorded"
    """To a caller who chose so."""
    EMERGENCY_MODE_ON = "emergency_mode_on"
    EMERGENCY_MODE_OFF = "emergency_mode_off"
    PROMPT_NUMBER = "prompt_number"
    """*77: the prompt's number, *, the PIN and #."""
    PROMPT_SPEAK = "prompt_speak"
    PROMPT_KEYS = "prompt_keys"
    """What was recorded is kept by 1, done over by 2, heard again by 3."""
    PROMPT_KEPT = "prompt_kept"
    PROMPT_NOT_KEPT = "prompt_not_kept"
    MISSED_CALLS = "missed_calls"
    """To an agent whose calls rang in vain: not ready, *82 makes him ready."""
    CALLBACK_OFFER = "callback_offer"
    """{key}: press it rather than wait."""
    CALLBACK_NUMBER = "callback_number"
    """We call you back at: (the number follows)."""
    CALLBACK_CONFIRM = "callback_confirm"
    """Right: 1, another number: 2, back: star."""
    CALLBACK_KEY_IN = "callback_key_in"
    CALLBACK_REFUSED = "callback_refused"
    CALLBACK_SAVED = "callback_saved"
    CALLBACK_WHISPER = "callback_whisper"
    """To the agent: a callback of (the number follows)."""
    CALLBACK_MISSED = "callback_missed"
    """To the agent: the customer did not answer."""
    SURVEY_ASK = "survey_ask"
    SURVEY_THANKS = "survey_thanks"
    SURVEY_REASON = "survey_reason"
    MAILBOX_PIN = "mailbox_pin"
    MAILBOX_WRONG_PIN = "mailbox_wrong_pin"
    MAILBOX_NUMBER = "mailbox_number"
    MAILBOX_CLOSED = "mailbox_closed"
    MAILBOX_EMPTY = "mailbox_empty"
    MAILBOX_NEW = "mailbox_new"
    MAILBOX_OLD = "mailbox_old"
    MAILBOX_MESSAGE_NEW = "mailbox_message_new"
    MAILBOX_MESSAGE_OLD = "mailbox_message_old"
    MAILBOX_CALLER = "mailbox_caller"
    MAILBOX_WITHHELD = "mailbox_withheld"
    MAILBOX_RECEIVED = "mailbox_received"
    MAILBOX_KEYS = "mailbox_keys"
    MAILBOX_KEPT = "mailbox_kept"
    MAILBOX_DELETED = "mailbox_deleted"
    MAILBOX_LAST = "mailbox_last"
    MAILBOX_MENU = "mailbox_menu"
    MAILBOX_ENTER_PIN = "mailbox_enter_pin"
    MAILBOX_REPEAT_PIN = "mailbox_repeat_pin"
    MAILBOX_PIN_CHANGED = "mailbox_pin_changed"
    MAILBOX_PIN_NOT_CHANGED = "mailbox_pin_not_changed"
    MAILBOX_CALLING = "mailbox_calling"


class Utterance(Value, frozen=True, kw_only=True):
    """Either `text` (free text of the site) or `phrase` with `values`; in one language.

    With `said`, `text` is a value that is read out so; an amount has `values["currency"]`.
    """

    language: Language
    text: str = ""
    phrase: PhraseKey | None = None
    values: dict[str, str] = {}
    said: SayKind | None = None
    is_private: bool = False
    """What it says stands in no ledger: keyed in by the caller, and nobody else's."""
    prompt: str = ""
    """Name of an own prompt of the box that says it; where that is missing, `text` is spoken."""

    @property
    def index_key(self) -> str:
        """The key in the prompt index: stable over versions."""
        if self.said is not None:
            currency = self.values.get("currency", "")
            return f"{self.language}|say|{self.said}|{currency}|{self.text}"
        if self.phrase is None:
            return f"{self.language}|text|{self.text}"
        values = ",".join(f"{name}={self.values[name]}" for name in sorted(self.values))
        return f"{self.language}|{self.phrase}|{values}"

    @property
    def shown(self) -> str:
        """For timelines: the text, or the phrase with its values; a private one as "…"."""
        if self.is_private:
            return "…"
        if self.phrase is None:
            return self.text or self.prompt
        return " ".join([str(self.phrase), *self.values.values()])


class PromptCatalogue(Protocol):
    """What can be said at this moment."""

    def find(self, utterance: Utterance) -> PromptHash | None:
        """Return the prompt's hash, or None when it was not rendered."""
        ...

    def parts(self, utterance: Utterance) -> tuple[PromptHash, ...]:
        """Return what says it, in order: one prompt, or the pieces of a value; empty for none."""
        ...

    def seconds(self, prompt: PromptHash) -> float:
        """How long it lasts; 0.0 when unknown."""
        ...

    def music(self, name: str = "default") -> tuple[PromptHash, ...]:
        """Music on hold; empty when there is none."""
        ...
