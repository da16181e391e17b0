"""What a voicemail box says of its messages at a phone: how many, whose, and from when."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.vocabulary.messages import MessageNote
from appliance.vocabulary.say import SayKind, can_be_said
from appliance.vocabulary.settings import Language
from appliance.vocabulary.speech import PhraseKey, Utterance


def counts(language: Language, new: int, old: int) -> Iterator[Utterance]:
    """Say how many messages there are."""
    if not new and not old:
        yield Utterance(language=language, phrase=PhraseKey.MAILBOX_EMPTY)
        return
    yield Utterance(language=language, phrase=PhraseKey.MAILBOX_NEW)
    yield Utterance(language=language, said=SayKind.NUMBER, text=str(new))
    if old:
        yield Utterance(language=language, phrase=PhraseKey.MAILBOX_OLD)
        yield Utterance(language=language, said=SayKind.NUMBER, text=str(old))


def message(
    language: Language, note: MessageNote, timezone: str, *, is_new: bool
) -> Iterator[Utterance]:
    """Say whether a message is new, the caller's number, and when it was left by the site's clock;
    nothing of what is not known."""
    key = PhraseKey.MAILBOX_MESSAGE_NEW if is_new else PhraseKey.MAILBOX_MESSAGE_OLD
    yield Utterance(language=language, phrase=key)
    if can_be_said(SayKind.DIGITS, note.caller):
        yield Utterance(language=language, phrase=PhraseKey.MAILBOX_CALLER)
        yield Utterance(language=language, said=SayKind.DIGITS, text=note.caller)
    elif not note.caller and note.file:
        yield Utterance(language=language, phrase=PhraseKey.MAILBOX_WITHHELD)
    if note.left:
        at = datetime.fromtimestamp(note.left, ZoneInfo(timezone))
        yield Utterance(language=language, phrase=PhraseKey.MAILBOX_RECEIVED)
        yield Utterance(language=language, said=SayKind.DATE, text=f"{at:%Y-%m-%d}")
        yield Utterance(language=language, said=SayKind.TIME, text=f"{at:%H:%M}")
